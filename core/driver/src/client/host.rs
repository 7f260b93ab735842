//! What a client asks of the system around it.
//!
//! Owns [`TunnelHost`]. Leaves out every platform: a Linux host is [`super::linux`], phones' are the bindings'.

use std::future::{Future, ready};
use std::io;
use std::net::IpAddr;
use std::os::fd::BorrowedFd;

use adit_ike::Established;
use adit_tunnel::NetworkSettings;

use crate::tun::Tun;

/// Where a tunnel's inner packets go, and how its own datagrams stay outside of it.
///
/// What the caller says is heeded while the host takes its time, and a tunnel whose device is being set up goes on; each of
/// the futures may be dropped when the run ends.
pub trait TunnelHost {
    /// Sets the host up for a tunnel with these settings and gives its device, with notes for the user. Called
    /// again after a reconnection, perhaps with other settings.
    fn up(
        &mut self,
        settings: &NetworkSettings,
        established: &Established,
    ) -> impl Future<Output = io::Result<(Tun, Vec<String>)>>;

    /// Takes the device of a tunnel that was lost, and keeps it open until the next [`Self::up`] or the end: what
    /// its routes lead to it is lost, and does not leave in clear.
    fn keep(&mut self, tun: Tun);

    /// Another device for the tunnel that is up, if the host has one since: asked for on
    /// [`super::Control::DeviceChanged`]. The one in use is closed after this one is.
    fn replacement(&mut self) -> Option<Tun> {
        None
    }

    /// Puts the host back as it was. Called once at the end, whatever happened.
    fn down(&mut self) -> impl Future<Output = io::Result<()>>;

    /// Keeps the tunnel's own sockets out of the tunnel, and on the physical network of the moment
    /// (`VpnService.protect`, `Network.bindSocket`). Called before the first datagram of each pair of sockets.
    ///
    /// # Errors
    /// Why the system refused. The run ends with [`super::ClientError::Unprotected`], and nothing was sent.
    fn protect(&mut self, sockets: &[BorrowedFd<'_>]) -> impl Future<Output = Result<(), String>> {
        let _ = sockets;
        ready(Ok(()))
    }

    /// The addresses of the server's name on the physical network, best first. `None` leaves it to the system's
    /// resolver, which is then asked once, before any route leads into the tunnel.
    fn resolve(&mut self, name: &str) -> impl Future<Output = Option<Result<Vec<IpAddr>, String>>> {
        let _ = name;
        ready(None)
    }
}
