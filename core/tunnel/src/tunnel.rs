//! The tunnel: IKE and ESP of one peer.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::CryptoProvider;
use adit_esp::{Demux, SealError, SegmentBuf, TrafficSelector, demux};
use adit_ike::config::ResponderConfig;
use adit_ike::time::Instant;
use adit_ike::{
    Answer, ChildEvent, Command, Established, Event as IkeEvent, Failure, NetworkChange, Path, Refused,
    Session, Token, Transmit, Wake,
};

use crate::child_sas::ChildSas;
use crate::{Engine, Event, Input, NetworkSettings, NotSent, RouteOptions, Stats, TunnelConfig};

/// How often a steady stream of packets is reported to the session as a sign of life.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// One peer, as initiator or as responder.
#[derive(Debug)]
pub struct Tunnel {
    session: Session,
    sas: ChildSas,
    events: VecDeque<Event>,
    mtu: u16,
    routes: RouteOptions,
    /// The profile's own name servers.
    resolvers: Vec<IpAddr>,
    /// Established, and waiting for the first Child SA to say which networks it carries.
    pending: Option<Box<Established>>,
    /// When the session last heard of received and of sent packets.
    noted_received: Option<Instant>,
    noted_sent: Option<Instant>,
    /// How long nothing may go through, and since when it counts: from the first Child SA until the end begins.
    idle: Option<Duration>,
    idle_from: Option<Instant>,
    not_sent: u64,
    ike_discards: u64,
    now: Instant,
}

impl Tunnel {
    /// Connects to the server at `path.remote`: the first message is queued.
    ///
    /// # Errors
    /// [`Failure::Crypto`] if the provider cannot do what the configuration asks for first.
    pub fn connect(
        config: &TunnelConfig,
        provider: CryptoProvider,
        now: Instant,
        path: Path,
    ) -> Result<Self, Failure> {
        let session = Session::connect(Arc::clone(&config.ike), provider, now, path)?;
        let mut tunnel = Self::new(session, now, config.mtu, config.routes);
        tunnel.idle = config.idle;
        tunnel.resolvers.clone_from(&config.resolvers);
        // With messages logged there is an event already.
        tunnel.drain();
        Ok(tunnel)
    }

    /// Serves the client that sent `datagram`, an IKE_SA_INIT request without non-ESP marker; see
    /// [`Session::respond`]. `mtu` is the longest inner packet to be sealed.
    ///
    /// # Errors
    /// [`Refused`], with what to send back, if anything.
    pub fn respond(
        config: Arc<ResponderConfig>,
        provider: CryptoProvider,
        now: Instant,
        path: Path,
        spi_tag: u16,
        mtu: u16,
        datagram: &[u8],
    ) -> Result<Self, Refused> {
        let session = Session::respond(config, provider, now, path, spi_tag, datagram)?;
        let mut tunnel = Self::new(session, now, mtu, RouteOptions::default());
        tunnel.drain();
        Ok(tunnel)
    }

    fn new(session: Session, now: Instant, mtu: u16, routes: RouteOptions) -> Self {
        Self {
            session,
            sas: ChildSas::default(),
            events: VecDeque::new(),
            mtu,
            routes,
            resolvers: Vec::new(),
            pending: None,
            noted_received: None,
            noted_sent: None,
            idle: None,
            idle_from: None,
            not_sent: 0,
            ike_discards: 0,
            now,
        }
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Takes a wish of the host.
    pub fn request(&mut self, now: Instant, command: Command) {
        self.now = self.now.max(now);
        if command == Command::Close {
            self.idle_from = None;
        }
        self.session.request(now, command);
        self.drain();
    }

    /// Takes the host's answer to a question.
    pub fn answer(&mut self, now: Instant, token: Token, answer: Answer) {
        self.now = self.now.max(now);
        self.session.answer(now, token, answer);
        self.drain();
    }

    /// The host's network changed; see [`Session::network_changed`]. Packets go by the new path at once.
    pub fn network_changed(&mut self, now: Instant, path: Option<Path>) -> NetworkChange {
        self.now = self.now.max(now);
        let change = self.session.network_changed(now, path);
        self.drain();
        change
    }

    /// The host slept until now; see [`Session::woke`].
    pub fn woke(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.session.woke(now);
    }

    /// Further addresses of the server that it told us; see [`Session::peer_addresses`].
    #[must_use]
    pub fn peer_addresses(&self) -> &[std::net::IpAddr] {
        self.session.peer_addresses()
    }

    /// Where the peer is reached now.
    #[must_use]
    pub fn path(&self) -> Path {
        self.session.path()
    }

    /// True while packets can be sealed.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.sas.is_up()
    }

    /// True once [`Event::Closed`] was queued.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.session.is_closed()
    }

    /// True while a client is not authenticated.
    #[must_use]
    pub fn is_half_open(&self) -> bool {
        self.session.is_half_open()
    }

    /// Counters since the tunnel was made.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            sent: self.sas.sent(),
            received: self.sas.received(),
            not_sent: self.not_sent,
            esp_discards: self.sas.discards(),
            ike_discards: self.ike_discards,
        }
    }

    fn on_ike(&mut self, now: Instant, path: Path, message: &mut [u8]) -> Input {
        let result = self.session.handle_message(now, path, message);
        // Noise can have output too: a stored reply sent again.
        self.drain();
        match result {
            Ok(()) => Input::Handled,
            Err(_) => {
                self.ike_discards = self.ike_discards.saturating_add(1);
                Input::Discarded
            }
        }
    }

    #[inline]
    fn on_esp(&mut self, now: Instant, path: Path, datagram: &mut [u8]) -> Input {
        let opened = match self.sas.open(datagram) {
            Ok(opened) => opened,
            Err(_) => return Input::Discarded,
        };
        let due = self.noted_received.is_none_or(|noted| now >= noted + NOTE_EVERY);
        let moved = opened.newest && path != self.session.path();
        if due || moved || opened.unconfirmed {
            self.noted_received = Some(now);
            let path = if opened.newest { path } else { self.session.path() };
            self.session.note_received(now, path, opened.child);
            self.drain();
        }
        Input::Packet(opened.range)
    }

    /// When the tunnel counts as idle. What went through is noted at most [`NOTE_EVERY`], so it is later by that much rather than
    /// too early.
    fn idle_deadline(&self) -> Option<Instant> {
        let (idle, from) = (self.idle?, self.idle_from?);
        let last = [Some(from), self.noted_received, self.noted_sent].into_iter().flatten().max()?;
        Some(last + idle + NOTE_EVERY)
    }

    fn end_if_idle(&mut self, now: Instant) {
        if let Some(after) = self.idle
            && self.idle_deadline().is_some_and(|at| at <= now)
        {
            self.events.push_back(Event::Idle { after });
            self.request(now, Command::Close);
        }
    }

    /// Takes the session's events: SAs are put in place, the rest goes to the host.
    fn drain(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                IkeEvent::Established(established) => self.pending = Some(established),
                IkeEvent::Child(event) => self.on_child(event),
                IkeEvent::Closed(reason) => self.events.push_back(Event::Closed(reason)),
                event => self.events.push_back(Event::Ike(event)),
            }
        }
    }

    fn on_child(&mut self, event: ChildEvent) {
        match event {
            ChildEvent::Install { id, inbound, outbound, suite, replaces } => {
                if let Err(error) = self.sas.install(id, &inbound, &outbound) {
                    let warning = format!("a Child SA cannot be used: {error}");
                    self.events.push_back(Event::Ike(IkeEvent::Warning(warning)));
                    return;
                }
                if let Some(established) = self.pending.take() {
                    self.idle_from = Some(self.now);
                    let remote: &[TrafficSelector] = inbound.selectors.remote();
                    let mut assigned = established.assigned.clone();
                    let has = |server: &IpAddr| match server {
                        IpAddr::V4(_) => assigned.ipv4.is_some(),
                        IpAddr::V6(_) => assigned.ipv6.is_some(),
                    };
                    // Where none of them can be asked, the server's are better than none, and the settings tell of it.
                    if self.resolvers.iter().any(has) {
                        assigned.dns.clear();
                    }
                    assigned.dns.extend(&self.resolvers);
                    let settings = NetworkSettings::new(&assigned, remote, self.mtu, self.routes);
                    self.events.push_back(Event::Up { settings: Box::new(settings), established });
                }
                self.events.push_back(Event::Child {
                    suite: suite.to_string(),
                    spis: (inbound.spi, outbound.spi),
                    rekeyed: replaces.is_some(),
                });
            }
            ChildEvent::UseOutbound(id) => self.sas.use_outbound(id),
            ChildEvent::Remove { id, until } => {
                if self.sas.remove(id, until) {
                    self.events.push_back(Event::ChildLost);
                }
            }
        }
    }
}

impl Engine for Tunnel {
    #[inline]
    fn handle_datagram(&mut self, now: Instant, path: Path, datagram: &mut [u8]) -> Input {
        self.now = self.now.max(now);
        if !path.encapsulated {
            return self.on_ike(now, path, datagram);
        }
        match demux(datagram) {
            Demux::Esp { .. } => self.on_esp(now, path, datagram),
            Demux::Ike { offset } => match datagram.get_mut(offset..) {
                Some(message) => self.on_ike(now, path, message),
                None => Input::Discarded,
            },
            Demux::Keepalive => Input::Handled,
            Demux::Discard(_) => Input::Discarded,
        }
    }

    #[inline]
    fn encapsulate<F: FnOnce(&mut [u8]) -> bool>(
        &mut self,
        now: Instant,
        head: &[u8],
        len: usize,
        fill: F,
        out: &mut SegmentBuf,
    ) -> Result<Path, NotSent> {
        let result = if len > usize::from(self.mtu) {
            Err(NotSent::TooBig)
        } else {
            match self.sas.seal(head, len, fill, out) {
                Ok(None) => Ok(()),
                Ok(Some(child)) => {
                    self.session.rekey_child(now, child);
                    self.drain();
                    Ok(())
                }
                Err(Some(SealError::SegmentsFull)) => return Err(NotSent::Full),
                Err(Some(SealError::OutsideSelectors | SealError::MalformedInner)) => Err(NotSent::Refused),
                Err(_) => Err(NotSent::NoTunnel),
            }
        };
        match result {
            Ok(()) => {
                if self.noted_sent.is_none_or(|noted| now >= noted + NOTE_EVERY) {
                    self.noted_sent = Some(now);
                    self.session.note_sent(now);
                }
                Ok(self.session.path())
            }
            Err(not_sent) => {
                self.not_sent = self.not_sent.saturating_add(1);
                Err(not_sent)
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.sas.expire(now);
        self.session.handle_timeout(now);
        self.end_if_idle(now);
        self.drain();
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.session.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<(Instant, Wake)> {
        if !self.events.is_empty() {
            return Some((self.now, Wake::QueuedOutput));
        }
        let lingering = self.sas.deadline().map(|at| (at, Wake::Expiry));
        let idle = self.idle_deadline().map(|at| (at, Wake::Idle));
        [self.session.poll_timeout(), lingering, idle].into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}
