//! Word of changes to this host's networks.
//!
//! Owns [`NetworkWatch`]: a socket on which the kernel tells of links, addresses and routes that come and go (rtnetlink(7)). What it
//! tells is not read: whoever is woken looks for itself, at what it cares about. Nothing is polled; while nothing changes
//! nobody is woken.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::time::Duration;

use rtnetlink::MulticastGroup;
use rtnetlink::sys::protocols::NETLINK_ROUTE;
use rtnetlink::sys::{Socket, SocketAddr};
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, timeout_at};

use crate::sys;

/// A change comes in pieces: an address goes, another comes, then its route. So long nothing may come before it counts as
/// whole.
const QUIET: Duration = Duration::from_millis(250);

/// Where it never becomes quiet, somebody looks all the same after this time.
const UNQUIET: Duration = Duration::from_secs(2);

/// What is told of. A link that goes down says so itself: the IPv6 routes that go with it are told of, those of IPv4 are not,
/// and its IPv4 addresses stay.
const GROUPS: [MulticastGroup; 5] = [
    MulticastGroup::Link,
    MulticastGroup::Ipv4Ifaddr,
    MulticastGroup::Ipv6Ifaddr,
    MulticastGroup::Ipv4Route,
    MulticastGroup::Ipv6Route,
];

/// Tells when links, addresses or routes of this host have changed, in the network namespace of the thread that made it.
#[derive(Debug)]
pub struct NetworkWatch {
    socket: AsyncFd<File>,
}

impl NetworkWatch {
    /// Listens from now on. Call inside a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// The kernel gives no such socket; outside a runtime.
    pub fn new() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.set_non_blocking(true)?;
        let groups = GROUPS.iter().fold(0, |groups, group| groups | 1 << (*group as u32 - 1));
        socket.bind(&SocketAddr::new(0, groups))?;
        let socket = File::from(socket.as_fd().try_clone_to_owned()?);
        Ok(Self { socket: sys::descriptor::watch(socket)? })
    }

    /// Waits until something has changed, and then until it has been quiet for a quarter of a second (or two seconds are over).
    /// May be dropped while it waits: a change that came is not lost, unless it had begun to become quiet.
    ///
    /// # Errors
    /// The socket is broken.
    pub async fn changed(&mut self) -> io::Result<()> {
        self.take().await?;
        let latest = Instant::now() + UNQUIET;
        loop {
            let until = latest.min(Instant::now() + QUIET);
            match timeout_at(until, self.take()).await {
                Ok(more) => more?,
                Err(_) => return Ok(()),
            }
        }
    }

    /// Waits for notifications and drops all there are.
    async fn take(&mut self) -> io::Result<()> {
        let mut area = [0_u8; 4096];
        loop {
            let mut ready = self.socket.readable().await?;
            let mut any = false;
            loop {
                // A message longer than the area is cut off, which is as good.
                match ready.get_inner().read(&mut area) {
                    Ok(_) => any = true,
                    // More came than the kernel kept: something did change.
                    Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => any = true,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            ready.clear_ready();
            if any {
                return Ok(());
            }
        }
    }
}
