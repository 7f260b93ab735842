//! Attempt after attempt, until a tunnel stands, and again when it is lost.

use std::net::SocketAddr;
use std::time::Duration;

use adit_ike::{CloseReason, Failure};
use adit_tunnel::Event;
use tokio::sync::mpsc;

use super::control::Known;
use super::{ClientError, ClientEvent, ClientOptions, Control, End, Link, TunnelHost, attempt, permanent};
use crate::clock::Clock;
use crate::pump::Losses;
use crate::resolve::{self, resolve};

/// All addresses of the server together get so long at the first connection; so does a network that is not there yet.
const FIRST_PATIENCE: Duration = Duration::from_secs(30);

/// Pause before the first new attempt after a loss; it doubles up to [`BACKOFF_MAX`].
const BACKOFF: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// What is said of a server that could not even be asked.
const NOT_REACHED: Failure = Failure::NoAnswer { tries: 0, waited: Duration::ZERO };

/// How long names may take to resolve.
const RESOLVE_PATIENCE: Duration = Duration::from_secs(10);

/// What ends a wait before its time.
pub(super) enum Interrupt {
    /// The caller wants the end.
    Stop,
    /// The physical network is another, or is gone.
    Moved,
}

/// A run.
pub(super) struct Run<'a, H, F> {
    pub(super) options: &'a ClientOptions,
    pub(super) host: &'a mut H,
    pub(super) told: Told<'a, F>,
    pub(super) clock: Clock,
    /// Attempts so far.
    pub(super) attempts: u32,
}

/// What the caller says, and what is said to it.
pub(super) struct Told<'a, F> {
    pub(super) control: &'a mut mpsc::Receiver<Control>,
    pub(super) on_event: &'a mut F,
    /// The network as it was last told of.
    pub(super) known: Known,
    clock: Clock,
    /// Since when the system sleeps, on the run's clock.
    asleep: Option<Duration>,
    /// It woke and nobody heeded that yet: how long it slept.
    woke: Option<Duration>,
}

impl<F: FnMut(ClientEvent)> Told<'_, F> {
    /// Waits for `work` without a tunnel, and heeds the caller.
    pub(super) async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Interrupt> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                // Words first: after a suspension a time is over that a word of sleep, told before it, holds up.
                biased;
                told = self.control.recv() => self.heed(told)?,
                done = &mut work => return Ok(done),
            }
        }
    }

    /// Waits until a time, and on while the system sleeps.
    async fn pause(&mut self, until: Duration) -> Result<std::io::Result<()>, Interrupt> {
        let clock = self.clock;
        let waited = self.meanwhile(clock.sleep_until(until)).await?;
        while self.is_asleep() {
            let told = self.control.recv().await;
            self.heed(told)?;
        }
        Ok(waited)
    }

    /// Waits until there is a network, and without `patience` for as long as that takes. What the system sleeps meanwhile does
    /// not count. False if told to stop.
    async fn network(&mut self, patience: Option<Duration>) -> Result<bool, ClientError> {
        let mut until = patience.map(|patience| self.clock.now() + patience);
        self.woke = None;
        while self.known == Known::NoNetwork {
            let waited = match until {
                None => self.meanwhile(std::future::pending()).await,
                Some(until) => self.pause(until).await.map(drop),
            };
            match waited {
                Ok(()) => {
                    let slept = self.take_woke().ok_or(ClientError::NoNetwork)?;
                    let latest = patience.map(|patience| self.clock.now() + patience);
                    until = until.map(|until| until + slept).min(latest);
                }
                Err(Interrupt::Stop) => return Ok(false),
                Err(Interrupt::Moved) => {}
            }
        }
        Ok(true)
    }

    /// The system sleeps, from the moment on when it said so.
    pub(super) fn sleeps(&mut self, since: Clock) {
        let since = self.clock.now().saturating_sub(since.now());
        self.asleep.get_or_insert(since);
    }

    /// The system is awake.
    pub(super) fn wakes(&mut self) {
        let slept = self.asleep.take().map_or(Duration::ZERO, |since| self.clock.now().saturating_sub(since));
        *self.woke.get_or_insert_default() += slept;
    }

    /// True between the word of a sleep and that of its end.
    pub(super) fn is_asleep(&self) -> bool {
        self.asleep.is_some()
    }

    /// How long the system slept, if it woke since this was asked last; zero if nobody had told of the sleep.
    pub(super) fn take_woke(&mut self) -> Option<Duration> {
        self.woke.take()
    }

    /// Remembers the network, and says so when it has gone or come back.
    pub(super) fn note_network(&mut self, link: Option<Link>) {
        match (&self.known, &link) {
            (Known::NoNetwork, Some(_)) => (self.on_event)(ClientEvent::Online),
            (Known::Nothing | Known::Link(_), None) => (self.on_event)(ClientEvent::Offline),
            (Known::NoNetwork, None) | (Known::Nothing | Known::Link(_), Some(_)) => {}
        }
        self.known = Known::of(link);
    }

    /// Takes a word of the caller's while there is no tunnel.
    fn heed(&mut self, told: Option<Control>) -> Result<(), Interrupt> {
        match told {
            None | Some(Control::Stop) => return Err(Interrupt::Stop),
            Some(Control::Stats) => (self.on_event)(ClientEvent::Stats(Box::default(), Losses::default())),
            Some(Control::NetworkChanged(link)) => {
                let stays = link.as_ref().is_some_and(|link| !self.known.is_another_chance(link));
                self.note_network(link);
                if !stays {
                    return Err(Interrupt::Moved);
                }
            }
            Some(Control::Sleep(since)) => self.sleeps(since),
            Some(Control::Wake) => self.wakes(),
            // A new device is taken when the tunnel stands; what a tunnel asked is forgotten with it.
            Some(Control::Tunnel(_) | Control::Answer(..) | Control::DeviceChanged) => {}
        }
        Ok(())
    }
}

impl<'a, H: TunnelHost, F: FnMut(ClientEvent)> Run<'a, H, F> {
    pub(super) fn new(
        options: &'a ClientOptions,
        host: &'a mut H,
        control: &'a mut mpsc::Receiver<Control>,
        on_event: &'a mut F,
    ) -> Self {
        let clock = Clock::new();
        let told = Told { control, on_event, known: Known::Nothing, clock, asleep: None, woke: None };
        Self { options, host, told, clock, attempts: 0 }
    }

    /// Connects and stays connected.
    pub(super) async fn run(&mut self) -> Result<(), ClientError> {
        let mut addresses = Vec::new();
        let mut connected_once = false;
        let mut backoff = Backoff::default();
        loop {
            if self.told.known == Known::NoNetwork
                && !self.told.network((!connected_once).then_some(FIRST_PATIENCE)).await?
            {
                return Ok(());
            }
            match self.resolve(&mut addresses, connected_once).await {
                Ok(resolved) => resolved?,
                Err(Interrupt::Stop) => return Ok(()),
                Err(Interrupt::Moved) => continue,
            }
            let reason = match self.attempt_all(&addresses, &mut connected_once, &mut backoff).await? {
                Round::Stopped => return Ok(()),
                Round::Moved => continue,
                Round::Failed(reason) => reason,
            };
            if !self.options.reconnect || !connected_once || permanent(&reason) {
                return Err(match reason {
                    CloseReason::Failed(failure) => ClientError::Failed(failure),
                    CloseReason::DeletedByPeer | CloseReason::Requested => ClientError::Deleted,
                });
            }
            let pause = backoff.next();
            (self.told.on_event)(ClientEvent::Lost { reason, retry_in: pause });
            let until = self.clock.now() + pause;
            match self.told.pause(until).await {
                Ok(waited) => waited.map_err(ClientError::host("cannot wait"))?,
                Err(Interrupt::Stop) => return Ok(()),
                // A new network is a new chance, at once.
                Err(Interrupt::Moved) => backoff = Backoff::default(),
            }
        }
    }

    /// Finds the server's addresses: by the host each time, by the system's resolver once. What was found before
    /// serves again when a name does not resolve after a loss.
    async fn resolve(
        &mut self,
        addresses: &mut Vec<SocketAddr>,
        connected_once: bool,
    ) -> Result<Result<(), ClientError>, Interrupt> {
        let (server, port) = (&self.options.server, self.options.server_ports.0);
        let found = match resolve::literal(server, port) {
            Some(address) => Ok(vec![address]),
            None => match self.told.meanwhile(self.host.resolve(server)).await? {
                Some(answer) => resolve::by_host(server, port, answer),
                None if !addresses.is_empty() => return Ok(Ok(())),
                None => self.told.meanwhile(resolve(server, port, RESOLVE_PATIENCE)).await?,
            },
        };
        Ok(match found {
            Ok(found) => {
                if *addresses != found {
                    (self.told.on_event)(ClientEvent::Resolved(found.clone()));
                    *addresses = found;
                }
                Ok(())
            }
            Err(error) if connected_once && self.options.reconnect && !addresses.is_empty() => {
                self.warn(format!("{error}; the addresses found before are tried again"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        })
    }

    /// Tries one address after another.
    async fn attempt_all(
        &mut self,
        addresses: &[SocketAddr],
        connected_once: &mut bool,
        backoff: &mut Backoff,
    ) -> Result<Round, ClientError> {
        let patience = FIRST_PATIENCE / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
        let mut last = None;
        let mut no_way = None;
        for address in addresses {
            (self.told.on_event)(ClientEvent::Connecting(*address));
            let limit = (!*connected_once).then_some(patience);
            match attempt::run(self, *address, limit).await? {
                End::Stopped => return Ok(Round::Stopped),
                End::Moved { was_up } => {
                    *connected_once |= was_up;
                    if was_up {
                        *backoff = Backoff::default();
                        (self.told.on_event)(ClientEvent::Moving);
                    }
                    return Ok(Round::Moved);
                }
                End::NoWay(cause) => {
                    self.warn(format!("no way to {address}: {cause}"));
                    no_way = Some(cause);
                }
                End::Closed { reason, was_up } => {
                    if was_up {
                        *connected_once = true;
                        *backoff = Backoff::default();
                    } else {
                        (self.told.on_event)(ClientEvent::AttemptFailed(*address, reason.clone()));
                    }
                    let over = was_up || permanent(&reason);
                    last = Some(reason);
                    // Another address of the same server would refuse the same way.
                    if over {
                        break;
                    }
                }
            }
        }
        match (last, no_way) {
            (Some(reason), _) => Ok(Round::Failed(reason)),
            // The network may come back; at the first connection nobody waits for it.
            (None, Some(_)) if *connected_once && self.options.reconnect => {
                Ok(Round::Failed(CloseReason::Failed(NOT_REACHED)))
            }
            (None, Some(cause)) => {
                Err(ClientError::Host { doing: "this host has no way to the server", cause })
            }
            (None, None) => Ok(Round::Failed(CloseReason::Failed(NOT_REACHED))),
        }
    }

    fn warn(&mut self, text: String) {
        (self.told.on_event)(ClientEvent::Tunnel(Event::Ike(adit_ike::Event::Warning(text))));
    }
}

/// How a round over all addresses ended.
enum Round {
    Stopped,
    Moved,
    Failed(CloseReason),
}

/// The pauses between attempts.
struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(BACKOFF)
    }
}

impl Backoff {
    /// The pause before the next attempt.
    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(BACKOFF_MAX);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_begin_anew_after_a_tunnel() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..9).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(Backoff::default().next(), Duration::from_secs(1));
    }

    /// What is heeded without a tunnel, with these words before it.
    async fn with_words<T>(
        words: Vec<Control>,
        work: impl AsyncFnOnce(&mut Told<'_, fn(ClientEvent)>, mpsc::Sender<Control>) -> T,
    ) -> T {
        let (sender, mut control) = mpsc::channel(8);
        for word in words {
            sender.try_send(word).unwrap();
        }
        let mut on_event: fn(ClientEvent) = |_| {};
        let known = Known::NoNetwork;
        let (control, on_event) = (&mut control, &mut on_event);
        let mut told = Told { control, on_event, known, clock: Clock::new(), asleep: None, woke: None };
        work(&mut told, sender).await
    }

    fn here<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    const SHORT: Duration = Duration::from_millis(60);

    #[test]
    fn a_sleep_counts_from_the_moment_when_the_system_said_so() {
        here(async {
            let said = Clock::new();
            // As if the process had been suspended before the word was read.
            std::thread::sleep(SHORT);
            let slept = with_words(vec![Control::Sleep(said), Control::Wake], async |told, _| {
                assert_eq!(told.take_woke(), None);
                assert!(told.meanwhile(std::future::ready(())).await.is_ok());
                assert!(!told.is_asleep());
                told.take_woke()
            });
            // Before the run's own clock began nothing was slept.
            assert!(slept.await.is_some());
            let slept = with_words(Vec::new(), async |told, sender| {
                std::thread::sleep(SHORT);
                sender.try_send(Control::Sleep(said)).unwrap();
                sender.try_send(Control::Wake).unwrap();
                assert!(told.meanwhile(std::future::ready(())).await.is_ok());
                told.take_woke()
            });
            assert!(slept.await.unwrap() >= SHORT);
            let woke = with_words(vec![Control::Wake], async |told, _| {
                assert!(told.meanwhile(std::future::ready(())).await.is_ok());
                (told.take_woke(), told.take_woke())
            });
            assert_eq!(woke.await, (Some(Duration::ZERO), None), "of a sleep that nobody told of");
        });
    }

    #[test]
    fn without_a_network_the_patience_of_a_first_connection_does_not_run_out_in_a_sleep() {
        here(async {
            let ended = with_words(Vec::new(), async |told, _| told.network(Some(SHORT)).await);
            assert!(matches!(ended.await, Err(ClientError::NoNetwork)));
            // Asleep for longer than the patience, then awake, then a network.
            let ended = with_words(vec![Control::Sleep(Clock::new())], async |told, sender| {
                let words = async {
                    tokio::time::sleep(3 * SHORT).await;
                    sender.try_send(Control::Wake).unwrap();
                    tokio::time::sleep(SHORT / 3).await;
                    sender.try_send(Control::NetworkChanged(Some(Link::default()))).unwrap();
                };
                tokio::join!(told.network(Some(SHORT)), words).0
            });
            assert!(matches!(ended.await, Ok(true)));
            // Suspended before the word of the sleep was read: it is read before the time counts as over.
            let said = Clock::new();
            let ended = with_words(Vec::new(), async |told, sender| {
                let words = async {
                    sender.try_send(Control::Sleep(said)).unwrap();
                    std::thread::sleep(2 * SHORT);
                    sender.try_send(Control::Wake).unwrap();
                    sender.try_send(Control::NetworkChanged(Some(Link::default()))).unwrap();
                };
                tokio::join!(told.network(Some(SHORT)), words).0
            });
            assert!(matches!(ended.await, Ok(true)));
            let ended = with_words(vec![Control::Wake], async |told, _| told.network(Some(SHORT)).await);
            assert!(matches!(ended.await, Err(ClientError::NoNetwork)), "awake the patience ends");
        });
    }
}
