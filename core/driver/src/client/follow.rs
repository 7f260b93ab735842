//! A Linux host's networks, followed for a client.
//!
//! Owns [`follow_network`]: which of this host's addresses leads to the server is looked up again whenever addresses or routes
//! have changed, and the run is told when the answer is another. Leaves out what follows from it (`life`, `stay`).

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::sync::{mpsc, watch};

use super::ports::source_address;
use super::{Control, Link};
use crate::net::NetworkWatch;

/// Tells a run of each change of this host's way to the server, until the run is over. `servers` are the server's addresses,
/// the one in use first ([`super::ClientEvent::Connecting`], [`super::ClientEvent::Resolved`]); `mark` is
/// [`super::ClientOptions::mark`].
///
/// Without a way to any of them there is no network ([`Control::NetworkChanged`] with `None`).
///
/// # Errors
/// The kernel does not tell of changes (any more).
pub async fn follow_network(
    mut changes: NetworkWatch,
    servers: watch::Receiver<Vec<SocketAddr>>,
    mark: Option<u32>,
    control: mpsc::Sender<Control>,
) -> io::Result<()> {
    let mut told: Option<Option<IpAddr>> = None;
    loop {
        tokio::select! {
            changed = changes.changed() => changed?,
            () = control.closed() => return Ok(()),
        }
        // Before the server's name is resolved there is no way to look for.
        let Some(way) = way(&servers.borrow(), mark) else { continue };
        if told.replace(way) == Some(way) {
            continue;
        }
        let link = way.map(|address| Link { addresses: vec![address], ..Link::default() });
        if control.send(Control::NetworkChanged(link)).await.is_err() {
            return Ok(());
        }
    }
}

/// The address of this host that leads to the first server there is a way to, if there is one. `None` without servers.
fn way(servers: &[SocketAddr], mark: Option<u32>) -> Option<Option<IpAddr>> {
    let way = servers.iter().find_map(|server| source_address(*server, mark).ok());
    (!servers.is_empty()).then_some(way)
}
