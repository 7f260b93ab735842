//! A tunnel from its first datagram to its last: what it asks, what it is told, the device it gets.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use adit_ike::time::Instant;
use adit_ike::{CloseReason, Command, Established, Event as IkeEvent, Failure, NetworkChange, Path};
use adit_tunnel::{Event, NetworkSettings, Tunnel};

use super::control::Known;
use super::later::Later;
use super::ports::source_address;
use super::stay::{Run, Told};
use super::{AskId, ClientError, ClientEvent, ClientPorts, Control, End, Link, TunnelHost, stats};
use crate::clock::Clock;
use crate::pump::Pump;
use crate::tun::Tun;

/// How long an end on request may take. The session itself gives the server a second for its answer to the Delete; an
/// exchange that was open before counts too.
const FAREWELL: Duration = Duration::from_millis(900);

/// What the server gets at least after the host has answered.
const AFTER_ANSWER: Duration = Duration::from_secs(10);

/// A server has forgotten a client that it does not know yet and that slept for so long: many wait for 30 s only.
const FORGOTTEN: Duration = Duration::from_secs(20);

/// A tunnel and what moves its packets.
pub(super) struct Life {
    pump: Pump,
    tunnel: Tunnel,
    server: SocketAddr,
    /// When it must be up, and how long that is.
    deadline: Option<(Instant, Duration)>,
    was_up: bool,
    /// Told to end, and to have ended by then.
    stopping: Option<Instant>,
    /// The system sleeps, and deadlines are held.
    asleep: bool,
    /// The system slept since this number of packets was sent; the next one asks for a sign of life.
    slept_at: Option<u64>,
    /// Until when the host may answer a question of the engine.
    asked_until: Option<Instant>,
    /// The host has had another device since somebody looked.
    device_changed: bool,
    /// Events that came while the host set up the device.
    later: Later,
}

/// What must be done at once after a word of the caller's.
enum Turn {
    GoOn,
    NetworkChanged(Option<Link>),
}

/// How the wait for the host to protect sockets ended.
enum Guarded {
    Done(Result<(), String>),
    Stopped,
    /// The network changed once more.
    Moved(Option<Link>),
}

/// How the wait for the host's device ended.
enum Raised {
    Device(Tun, Vec<String>),
    /// The tunnel ended first, or begins to; the loop sees to it.
    Over,
    Moved,
}

impl Life {
    pub(super) fn new(
        pump: Pump,
        tunnel: Tunnel,
        server: SocketAddr,
        deadline: Option<(Instant, Duration)>,
    ) -> Self {
        Self {
            pump,
            tunnel,
            server,
            deadline,
            was_up: false,
            stopping: None,
            asleep: false,
            slept_at: None,
            asked_until: None,
            device_changed: false,
            later: Later::default(),
        }
    }

    /// Lives until the end.
    pub(super) async fn live<H: TunnelHost, F: FnMut(ClientEvent)>(
        mut self,
        run: &mut Run<'_, H, F>,
    ) -> Result<End, ClientError> {
        let attempt = run.attempts;
        loop {
            if self.follow_sleep(&mut run.told) {
                return Ok(End::Moved { was_up: false });
            }
            // Before the tunnel is up the device waits with the host, which is asked for it then.
            if std::mem::take(&mut self.device_changed)
                && self.was_up
                && let Some(tun) = run.host.replacement()
            {
                // The old one closes here, after the new one stands.
                drop(self.pump.attach(tun));
            }
            while let Some(event) = self.later.pop().or_else(|| self.tunnel.poll_event()) {
                match event {
                    Event::Closed(reason) => {
                        // What IKE still has to say goes out before the sockets close.
                        self.pump.flush(&mut self.tunnel);
                        self.leave(run);
                        return Ok(match reason {
                            CloseReason::Requested => End::Stopped,
                            _ if self.stopping.is_some() => End::Stopped,
                            reason => End::Closed { reason, was_up: self.was_up },
                        });
                    }
                    Event::Up { settings, established } => {
                        self.was_up = true;
                        match self.raise(&settings, &established, run).await? {
                            Raised::Device(tun, mut notes) => {
                                notes.extend(settings.notes());
                                let interface = tun.name().map(str::to_owned);
                                self.pump.attach(tun);
                                (run.told.on_event)(ClientEvent::Tunnel(Event::Up { settings, established }));
                                (run.told.on_event)(ClientEvent::HostReady { interface, notes });
                            }
                            Raised::Over => {}
                            Raised::Moved => return Ok(End::Moved { was_up: true }),
                        }
                    }
                    Event::Ike(IkeEvent::Ask { token, deadline, question }) => {
                        let patience = deadline.saturating_since(self.pump.now());
                        let id = AskId { attempt, token };
                        self.asked_until = Some(deadline);
                        // A user who types must not cost the attempt.
                        if let Some((at, _)) = &mut self.deadline {
                            *at = (*at).max(deadline + AFTER_ANSWER);
                        }
                        (run.told.on_event)(ClientEvent::Ask { id, patience, question });
                    }
                    event @ Event::Idle { .. } => {
                        (run.told.on_event)(ClientEvent::Tunnel(event));
                        // An end as any other: neither a sleep nor another network puts it off.
                        self.stop();
                    }
                    event => (run.told.on_event)(ClientEvent::Tunnel(event)),
                }
            }
            let now = self.pump.now();
            if self.stopping.is_some_and(|until| now >= until) {
                self.pump.flush(&mut self.tunnel);
                self.leave(run);
                return Ok(End::Stopped);
            }
            if let Some((at, limit)) = self.deadline.filter(|_| !self.was_up && !self.asleep)
                && now >= at
            {
                let failure = Failure::NoAnswer { tries: 0, waited: limit };
                return Ok(End::Closed { reason: CloseReason::Failed(failure), was_up: false });
            }
            self.probe(now);
            let told = tokio::select! {
                // Words first: after a suspension a deadline is over that a word of sleep, told before it, holds up.
                biased;
                told = run.told.control.recv(), if self.stopping.is_none() => told,
                () = patience(run.clock, self.patience()) => continue,
                result = self.pump.turn(&mut self.tunnel) => {
                    result.map_err(ClientError::host("the tunnel device failed"))?;
                    continue;
                }
            };
            if let Turn::NetworkChanged(link) = self.obey(told, attempt, &mut run.told)
                && self.network_changed(link, run).await?
            {
                self.leave(run);
                return Ok(End::Moved { was_up: self.was_up });
            }
        }
    }

    /// Waits for the host's device; the tunnel goes on meanwhile.
    async fn raise<H: TunnelHost, F: FnMut(ClientEvent)>(
        &mut self,
        settings: &NetworkSettings,
        established: &Established,
        run: &mut Run<'_, H, F>,
    ) -> Result<Raised, ClientError> {
        let attempt = run.attempts;
        let raising = run.host.up(settings, established);
        tokio::pin!(raising);
        loop {
            // It is up: nothing is begun anew.
            self.follow_sleep(&mut run.told);
            let stopping = self.stopping;
            let told = tokio::select! {
                biased;
                told = run.told.control.recv(), if stopping.is_none() => told,
                done = &mut raising => {
                    let (tun, notes) = done.map_err(ClientError::host("cannot set up the tunnel device"))?;
                    return Ok(Raised::Device(tun, notes));
                }
                () = patience(run.clock, stopping) => return Ok(Raised::Over),
                result = self.pump.turn(&mut self.tunnel) => {
                    result.map_err(ClientError::host("the tunnel device failed"))?;
                    while let Some(event) = self.tunnel.poll_event() {
                        let over = matches!(event, Event::Closed(_) | Event::Idle { .. });
                        self.later.push(event);
                        if over {
                            return Ok(Raised::Over);
                        }
                    }
                    continue;
                }
            };
            if let Turn::NetworkChanged(link) = self.obey(told, attempt, &mut run.told) {
                // The host is busy with the device, and is not asked to protect sockets as well: a change that counts
                // means to connect anew.
                let same = link.as_ref().is_some_and(|link| run.told.known.same_network(link));
                let gone = link.is_none();
                run.told.note_network(link);
                if !(gone || same && self.way_is_the_same(run.options.mark)) {
                    return Ok(Raised::Moved);
                }
            }
        }
    }

    /// Does what the caller says, as far as it needs no host.
    fn obey<F: FnMut(ClientEvent)>(
        &mut self,
        control: Option<Control>,
        attempt: u32,
        told: &mut Told<'_, F>,
    ) -> Turn {
        let now = self.pump.now();
        match control {
            None | Some(Control::Stop) => self.stop(),
            Some(Control::Tunnel(command)) => self.tunnel.request(now, command),
            Some(Control::Answer(id, answer)) => {
                if id.attempt == attempt {
                    self.asked_until = None;
                    self.tunnel.answer(now, id.token, answer);
                }
            }
            Some(Control::Stats) => (told.on_event)(stats(&self.tunnel, &self.pump)),
            Some(Control::DeviceChanged) => self.device_changed = true,
            Some(Control::Sleep(since)) => told.sleeps(since),
            Some(Control::Wake) => told.wakes(),
            Some(Control::NetworkChanged(link)) => return Turn::NetworkChanged(link),
        }
        Turn::GoOn
    }

    /// Does what the caller said last of sleep, perhaps while something else was waited for. True if the tunnel must be
    /// connected anew.
    fn follow_sleep<F: FnMut(ClientEvent)>(&mut self, told: &mut Told<'_, F>) -> bool {
        if self.stopping.is_some() {
            return false;
        }
        let anew = told.take_woke().is_some_and(|slept| self.wake(slept));
        if self.asleep != told.is_asleep() {
            self.asleep = told.is_asleep();
            self.pump.hold_deadlines(self.asleep);
        }
        anew
    }

    /// What was asked before the sleep is asked anew; a tunnel that was about to come up gets the time that was slept; true
    /// if it must be begun anew, because the server will have forgotten it, or the time for an answer of the host's was slept
    /// away.
    fn wake(&mut self, slept: Duration) -> bool {
        let now = self.pump.now();
        self.tunnel.woke(now);
        self.slept_at = Some(self.tunnel.stats().sent.packets);
        if let Some((at, _)) = &mut self.deadline {
            *at = *at + slept;
        }
        !self.was_up && must_begin_anew(self.asked_until.map(|until| until > now), slept)
    }

    /// Follows the physical network. True if the tunnel must be connected anew: it is not up yet, the server cannot follow
    /// (RFC 4555), or there is no way to it any more.
    async fn network_changed<H: TunnelHost, F: FnMut(ClientEvent)>(
        &mut self,
        mut link: Option<Link>,
        run: &mut Run<'_, H, F>,
    ) -> Result<bool, ClientError> {
        // True once sockets were made for a network that was left before they were used.
        let mut again = false;
        loop {
            let known = if again { &Known::NoNetwork } else { &run.told.known };
            let same = link.as_ref().is_some_and(|link| known.same_network(link));
            let gone = link.is_none();
            run.told.note_network(link);
            let now = self.pump.now();
            let path = self.tunnel.path();
            if gone || (same && self.way_is_the_same(run.options.mark)) {
                // Without a network the tunnel keeps still and may outlast the gap.
                let change = self.tunnel.network_changed(now, (!gone).then_some(path));
                return Ok(!gone && change == NetworkChange::MustReconnect && !self.is_coming_up());
            }
            if self.is_coming_up() || !path.encapsulated {
                return Ok(true);
            }
            let options = run.options;
            let ports = match ClientPorts::bind(path.remote, options.local_ports, options.mark) {
                Ok(ports) => ports,
                Err(error) => {
                    tracing::debug!(%error, "no socket on the new network");
                    return Ok(true);
                }
            };
            match self.guard(&ports, run).await {
                Guarded::Done(Ok(())) => {}
                Guarded::Done(Err(reason)) => return Err(ClientError::Unprotected { reason }),
                Guarded::Stopped => return Ok(false),
                // These sockets are of no use.
                Guarded::Moved(another) => {
                    link = another;
                    again = true;
                    continue;
                }
            }
            let path = Path { local: ports.natt.local_addr(), ..path };
            self.pump
                .replace_ports(ports.into_ports())
                .map_err(ClientError::host("cannot use the sockets of the new network"))?;
            let change = self.tunnel.network_changed(self.pump.now(), Some(path));
            return Ok(change == NetworkChange::MustReconnect);
        }
    }

    /// Waits until the host has protected sockets; the caller is heeded meanwhile, as far as it needs no host.
    async fn guard<H: TunnelHost, F: FnMut(ClientEvent)>(
        &mut self,
        ports: &ClientPorts,
        run: &mut Run<'_, H, F>,
    ) -> Guarded {
        let attempt = run.attempts;
        let sockets = ports.descriptors();
        let protecting = run.host.protect(&sockets);
        tokio::pin!(protecting);
        loop {
            let told = tokio::select! {
                biased;
                told = run.told.control.recv() => told,
                done = &mut protecting => return Guarded::Done(done),
            };
            match self.obey(told, attempt, &mut run.told) {
                Turn::GoOn if self.stopping.is_some() => return Guarded::Stopped,
                Turn::GoOn => {}
                Turn::NetworkChanged(Some(link)) if !run.told.known.is_another_chance(&link) => {
                    run.told.note_network(Some(link));
                }
                Turn::NetworkChanged(link) => return Guarded::Moved(link),
            }
        }
    }

    /// True until the first tunnel stands.
    fn is_coming_up(&self) -> bool {
        !self.was_up
    }

    /// Ends the tunnel, with a word to the server.
    fn stop(&mut self) {
        let now = self.pump.now();
        self.stopping = Some(now + FAREWELL);
        self.asleep = false;
        self.pump.hold_deadlines(false);
        self.tunnel.request(now, Command::Close);
    }

    /// True if the system would still send to the server from the address this tunnel uses.
    fn way_is_the_same(&self, mark: Option<u32>) -> bool {
        source_address(self.server, mark).is_ok_and(|address| address == self.tunnel.path().local.ip())
    }

    /// After a sleep the first packet that is sent asks whether the server still answers.
    fn probe(&mut self, now: Instant) {
        if let Some(before) = self.slept_at
            && self.tunnel.stats().sent.packets != before
        {
            self.slept_at = None;
            self.tunnel.request(now, Command::CheckLiveness);
        }
    }

    /// When to look again at what only the clock changes.
    fn patience(&self) -> Option<Instant> {
        let coming_up = self.deadline.filter(|_| !self.was_up && !self.asleep).map(|(at, _)| at);
        [coming_up, self.stopping].into_iter().flatten().min()
    }

    /// Last counters, and the device back to the host.
    fn leave<H: TunnelHost, F: FnMut(ClientEvent)>(&mut self, run: &mut Run<'_, H, F>) {
        (run.told.on_event)(stats(&self.tunnel, &self.pump));
        if let Some(tun) = self.pump.detach() {
            run.host.keep(tun);
        }
    }
}

/// Whether a tunnel that was coming up must be begun anew after a sleep. `in_time`: the host is asked something, and may still
/// answer. Its time goes on in a sleep: a user typed, perhaps, before the screen went dark.
fn must_begin_anew(in_time: Option<bool>, slept: Duration) -> bool {
    match in_time {
        Some(in_time) => !in_time,
        None => slept >= FORGOTTEN,
    }
}

/// Waits until `at`, for ever if there is no such time: the session's own patience ends an attempt then.
async fn patience(clock: Clock, at: Option<Instant>) {
    match at {
        Some(at) => {
            let waited: io::Result<()> = clock.sleep_until(at.since_epoch()).await;
            drop(waited);
        }
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_that_was_coming_up_is_begun_anew_when_server_or_question_gave_up_in_the_sleep() {
        let (short, long) = (FORGOTTEN / 2, FORGOTTEN);
        assert!(!must_begin_anew(None, short) && must_begin_anew(None, long));
        assert!(
            must_begin_anew(Some(false), short),
            "the time for an answer ran out in a sleep of ten seconds"
        );
        assert!(!must_begin_anew(Some(true), long), "an answer in time still counts");
    }
}
