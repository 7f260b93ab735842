//! A client that connects, stays connected and leaves the host as it was.
//!
//! Owns [`run`]: name resolution, an attempt for each address, the tunnel's life, and what happens after a loss.
//! Where inner packets go is the host's affair ([`TunnelHost`]): a Linux TUN with routes and DNS ([`linux`]), or a
//! device in memory.
//!
//! A first connection that fails ends the run. A later loss is followed by new attempts with back-off, until the
//! server refuses for good (`Failure::is_permanent`). Meanwhile the host keeps the tunnel's routes, so that
//! nothing leaves in clear.

mod attempt;
#[cfg(target_os = "linux")]
pub mod linux;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use adit_crypto::CryptoProvider;
use adit_ike::{CloseReason, Command, Failure};
use adit_tunnel::{Event, NetworkSettings, Stats, Tunnel, TunnelConfig};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::pump::{Losses, Pump};
use crate::resolve::{ResolveError, resolve};
use crate::tun::Tun;

pub use attempt::ClientPorts;

/// All addresses of the server together get so long at the first connection.
const FIRST_PATIENCE: Duration = Duration::from_secs(30);

/// Pause before the first new attempt after a loss; it doubles up to [`BACKOFF_MAX`].
const BACKOFF: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// What is said of a server that could not even be asked.
const NOT_REACHED: Failure = Failure::NoAnswer { tries: 0, waited: Duration::ZERO };

/// How long names may take to resolve.
const RESOLVE_PATIENCE: Duration = Duration::from_secs(10);

/// What a run is told.
#[derive(Clone)]
pub struct ClientOptions {
    /// Host name or address of the server (Apple key RemoteAddress).
    pub server: String,
    /// The server's IKE port and NAT traversal port, 500 and 4500.
    pub server_ports: (u16, u16),
    /// Our ports; zeros let the system choose.
    pub local_ports: (u16, u16),
    /// The mark of our own packets, by which routes let them pass; `None` without routes.
    pub mark: Option<u32>,
    /// The tunnel. Its NAT traversal ports are filled in.
    pub tunnel: TunnelConfig,
    /// Algorithms.
    pub provider: CryptoProvider,
    /// Connect again after a loss.
    pub reconnect: bool,
}

/// What the caller may ask of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Control {
    /// Passed on to the tunnel.
    Tunnel(Command),
    /// Report [`ClientEvent::Stats`].
    Stats,
    /// End: the tunnel is deleted and the host put back.
    Stop,
}

/// What a run tells its caller.
#[derive(Debug)]
pub enum ClientEvent {
    /// The server's addresses, in the order of attempts.
    Resolved(Vec<SocketAddr>),
    /// An attempt begins.
    Connecting(SocketAddr),
    /// An attempt ended without a tunnel.
    AttemptFailed(SocketAddr, CloseReason),
    /// The tunnel's own event.
    Tunnel(Event),
    /// The host is set up for the tunnel.
    HostReady {
        /// The interface, if it has a name.
        interface: Option<String>,
        /// What the host has to say about it.
        notes: Vec<String>,
    },
    /// The tunnel was lost; a new attempt follows after the pause.
    Lost {
        /// Why.
        reason: CloseReason,
        /// When the next attempt begins.
        retry_in: Duration,
    },
    /// Counters.
    Stats(Box<Stats>, Losses),
}

/// Why a run ended.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server's name does not resolve.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The tunnel failed.
    #[error("{0}")]
    Failed(Failure),
    /// The server ended the first tunnel at once.
    #[error("the server deleted the tunnel")]
    Deleted,
    /// This host failed: sockets, TUN device, routes.
    #[error("{doing}: {cause}")]
    Host {
        /// What was attempted.
        doing: &'static str,
        /// The system's explanation.
        cause: io::Error,
    },
}

impl ClientError {
    /// What to do about it, and who; perhaps empty.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Failed(failure) => failure.advice(),
            Self::Deleted => "The server's log says why.".into(),
            Self::Host { cause, .. } if is_unreachable(cause) => {
                "Check that this host is connected to a network that leads to RemoteAddress.".into()
            }
            Self::Resolve(_) | Self::Host { .. } => String::new(),
        }
    }

    fn host(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Host { doing, cause }
    }
}

/// Where a tunnel's inner packets go.
pub trait TunnelHost {
    /// Sets the host up for a tunnel with these settings and gives its device, with notes for the user. Called
    /// again after a reconnection, perhaps with other settings.
    fn up(&mut self, settings: &NetworkSettings) -> impl Future<Output = io::Result<(Tun, Vec<String>)>>;

    /// Takes the device of a tunnel that was lost, and keeps it open until the next [`Self::up`] or the end: what
    /// its routes lead to it is lost, and does not leave in clear.
    fn keep(&mut self, tun: Tun);

    /// Puts the host back as it was. Called once at the end, whatever happened.
    fn down(&mut self) -> impl Future<Output = io::Result<()>>;
}

/// Connects and stays connected until it is told to stop, or for good reasons cannot.
///
/// # Errors
/// [`ClientError`]. The host was put back as it was; an error of that is reported only if nothing else failed.
pub async fn run<H: TunnelHost>(
    options: &ClientOptions,
    host: &mut H,
    control: &mut mpsc::Receiver<Control>,
    on_event: &mut impl FnMut(ClientEvent),
) -> Result<(), ClientError> {
    let result = connect_and_stay(options, host, control, on_event).await;
    let restored = host.down().await;
    result?;
    restored.map_err(ClientError::host("cannot put the host's network settings back"))
}

/// How an attempt or a tunnel ended.
pub(crate) enum End {
    Stopped,
    /// This host has no way to the address: no route, no address of its family, no right to a socket.
    NoWay(io::Error),
    Closed {
        reason: CloseReason,
        was_up: bool,
    },
}

async fn connect_and_stay<H: TunnelHost>(
    options: &ClientOptions,
    host: &mut H,
    control: &mut mpsc::Receiver<Control>,
    on_event: &mut impl FnMut(ClientEvent),
) -> Result<(), ClientError> {
    let clock = Clock::new();
    // Resolved before any route leads into the tunnel; a reconnection uses the same list.
    let addresses = resolve(&options.server, options.server_ports.0, RESOLVE_PATIENCE).await?;
    on_event(ClientEvent::Resolved(addresses.clone()));
    let mut connected_once = false;
    let mut backoff = Backoff::default();
    loop {
        let patience = FIRST_PATIENCE / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
        let mut last = None;
        let mut no_way = None;
        for address in &addresses {
            on_event(ClientEvent::Connecting(*address));
            let limit = (!connected_once).then_some(patience);
            let end = attempt::run(options, *address, limit, clock, host, control, on_event).await?;
            match end {
                End::Stopped => return Ok(()),
                End::NoWay(cause) => {
                    on_event(ClientEvent::Tunnel(Event::Ike(adit_ike::Event::Warning(format!(
                        "no way to {address}: {cause}"
                    )))));
                    no_way = Some(cause);
                }
                End::Closed { reason, was_up } => {
                    if was_up {
                        connected_once = true;
                        backoff = Backoff::default();
                    } else {
                        on_event(ClientEvent::AttemptFailed(*address, reason.clone()));
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
        let reason = match (last, no_way) {
            (Some(reason), _) => reason,
            // The network may come back; at the first connection nobody waits for it.
            (None, Some(_)) if connected_once && options.reconnect => CloseReason::Failed(NOT_REACHED),
            (None, Some(cause)) => {
                return Err(ClientError::Host { doing: "this host has no way to the server", cause });
            }
            (None, None) => CloseReason::Failed(NOT_REACHED),
        };
        if !options.reconnect || !connected_once || permanent(&reason) {
            return Err(match reason {
                CloseReason::Failed(failure) => ClientError::Failed(failure),
                CloseReason::DeletedByPeer | CloseReason::Requested => ClientError::Deleted,
            });
        }
        let pause = backoff.next();
        on_event(ClientEvent::Lost { reason, retry_in: pause });
        if wait(clock, pause, control, on_event).await? {
            return Ok(());
        }
    }
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

fn is_unreachable(cause: &io::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable};
    matches!(cause.kind(), NetworkUnreachable | HostUnreachable | NetworkDown | AddrNotAvailable)
}

fn permanent(reason: &CloseReason) -> bool {
    matches!(reason, CloseReason::Failed(failure) if failure.is_permanent())
}

/// Waits before the next attempt. True if told to stop.
async fn wait(
    clock: Clock,
    pause: Duration,
    control: &mut mpsc::Receiver<Control>,
    on_event: &mut impl FnMut(ClientEvent),
) -> Result<bool, ClientError> {
    let until = clock.now() + pause;
    loop {
        tokio::select! {
            result = clock.sleep_until(until) => {
                result.map_err(ClientError::host("cannot wait"))?;
                return Ok(false);
            }
            told = control.recv() => match told {
                None | Some(Control::Stop) => return Ok(true),
                Some(Control::Stats) => on_event(ClientEvent::Stats(Box::default(), Losses::default())),
                Some(Control::Tunnel(_)) => {}
            },
        }
    }
}

/// Counters as an event.
pub(crate) fn stats(tunnel: &Tunnel, pump: &Pump) -> ClientEvent {
    ClientEvent::Stats(Box::new(tunnel.stats()), pump.losses())
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

    #[test]
    fn only_refusals_that_stay_are_permanent() {
        let silent = Failure::NoAnswer { tries: 5, waited: Duration::from_secs(30) };
        for passing in [CloseReason::DeletedByPeer, CloseReason::Requested, CloseReason::Failed(silent)] {
            assert!(!permanent(&passing), "{passing:?}");
        }
    }
}
