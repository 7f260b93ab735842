//! A client that connects, stays connected and leaves the host as it was.
//!
//! Owns [`run`]: name resolution, an attempt for each address, the tunnel's life, and what happens after a loss.
//! Where inner packets go is the host's affair ([`TunnelHost`]): a Linux TUN with routes and DNS ([`linux`]), a
//! descriptor or a device in memory that an application brings. It also keeps the client's sockets out of the tunnel
//! and may resolve the server's name.
//!
//! A first connection that fails ends the run. A later loss is followed by new attempts with back-off, until the
//! server refuses for good (`Failure::is_permanent`). Meanwhile the host keeps the tunnel's routes, so that
//! nothing leaves in clear. The caller tells of changes of the physical network and of sleep ([`Control`]).

mod attempt;
mod control;
#[cfg(target_os = "linux")]
mod follow;
mod host;
pub mod json;
mod later;
mod life;
#[cfg(target_os = "linux")]
pub mod linux;
mod ports;
mod stay;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use adit_crypto::CryptoProvider;
use adit_ike::{CloseReason, Failure, Question};
use adit_tunnel::{Event, Stats, Tunnel, TunnelConfig};
use tokio::sync::mpsc;

use crate::pump::{Losses, Pump};
use crate::resolve::ResolveError;

pub use control::{AskId, Control, Link};
#[cfg(target_os = "linux")]
pub use follow::follow_network;
pub use host::TunnelHost;
pub use ports::ClientPorts;

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
    /// Only the host can answer this; see [`Control::Answer`].
    Ask {
        /// To answer with.
        id: AskId,
        /// How long the engine waits.
        patience: Duration,
        /// The question.
        question: Question,
    },
    /// The physical network changed under the tunnel: it is connected anew at once.
    Moving,
    /// There is no physical network any more ([`Control::NetworkChanged`]): a tunnel keeps still and may outlast the gap.
    Offline,
    /// There is a physical network again.
    Online,
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
    /// There is no physical network to connect over.
    #[error("this device is connected to no network")]
    NoNetwork,
    /// The system did not keep the tunnel's own sockets out of the tunnel.
    #[error(
        "the system did not keep the tunnel's own sockets out of the tunnel: {reason}; no datagram was sent"
    )]
    Unprotected {
        /// The host's words.
        reason: String,
    },
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
            Self::NoNetwork => "Connect this device to a network and start the tunnel again.".into(),
            Self::Unprotected { .. } => {
                "Without it the tunnel's datagrams would be led into the tunnel itself. On Android the permission for \
                 VPNs was withdrawn, or given to another app: ask for it again (VpnService.prepare)."
                    .into()
            }
            Self::Resolve(_) | Self::Host { .. } => String::new(),
        }
    }

    /// True if this host has no way to the server: no network, no route.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NoNetwork => true,
            Self::Host { cause, .. } => is_unreachable(cause),
            _ => false,
        }
    }

    fn host(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Host { doing, cause }
    }
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
    let result = stay::Run::new(options, host, control, on_event).run().await;
    let restored = host.down().await;
    result?;
    restored.map_err(ClientError::host("cannot put the host's network settings back"))
}

/// How an attempt or a tunnel ended.
pub(crate) enum End {
    Stopped,
    /// The physical network changed: at once again.
    Moved {
        was_up: bool,
    },
    /// This host has no way to the address: no route, no address of its family, no right to a socket.
    NoWay(io::Error),
    Closed {
        reason: CloseReason,
        was_up: bool,
    },
}

fn is_unreachable(cause: &io::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable};
    matches!(cause.kind(), NetworkUnreachable | HostUnreachable | NetworkDown | AddrNotAvailable)
}

fn permanent(reason: &CloseReason) -> bool {
    matches!(reason, CloseReason::Failed(failure) if failure.is_permanent())
}

/// Counters as an event.
pub(crate) fn stats(tunnel: &Tunnel, pump: &Pump) -> ClientEvent {
    ClientEvent::Stats(Box::new(tunnel.stats()), pump.losses())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_that_stay_are_permanent() {
        let silent = Failure::NoAnswer { tries: 5, waited: Duration::from_secs(30) };
        for passing in [CloseReason::DeletedByPeer, CloseReason::Requested, CloseReason::Failed(silent)] {
            assert!(!permanent(&passing), "{passing:?}");
        }
    }
}
