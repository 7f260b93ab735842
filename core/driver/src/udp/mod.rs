//! UDP sockets that move datagrams in batches.
//!
//! Owns [`UdpPort`]: one bound socket for IKE and UDP-encapsulated ESP (RFC 3948), with the kernel's
//! segmentation offload in both directions where it has it. One system call takes up to 64 KiB of equal
//! datagrams to one peer, or brings several such bundles in. Leaves out what the datagrams mean.
//!
//! A port reports for each bundle which local address it came to, and can send from a given local address,
//! so a gateway bound to the wildcard answers from the address it was asked on.

mod options;
mod receive;

use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quinn_udp::{Transmit, UdpSocketState};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::sys;

pub use options::UdpOptions;
pub use receive::{Bundle, RecvBatch};

/// Payload bytes one send may carry: the smaller of what UDP over IPv4 and IPv6 can say.
const MAX_PAYLOAD: usize = 65_507;

/// How long room is waited for where no descriptor is left to watch it with.
const MOMENT: Duration = Duration::from_millis(1);

/// A bound UDP socket. Methods take `&self`: one task may receive while another sends.
#[derive(Debug)]
pub struct UdpPort {
    socket: UdpSocket,
    /// A duplicate, watched for datagrams alone. A socket watched for room as well wakes the program after each datagram it
    /// has sent, when that has left the machine.
    arrivals: AsyncFd<File>,
    /// Another one, watched for room from the first wait for it ([`Self::writable`]) until something was sent again.
    room: Mutex<Option<Arc<AsyncFd<File>>>>,
    state: UdpSocketState,
    local: SocketAddr,
}

impl UdpPort {
    /// Binds a socket as `options` say. Needs a tokio runtime with I/O.
    ///
    /// # Errors
    /// The system's, with what was attempted: `AddrInUse`, `PermissionDenied` for ports below 1024 or for a
    /// mark without CAP_NET_ADMIN.
    pub fn bind(options: &UdpOptions) -> io::Result<Self> {
        let (socket, state) = options::open(options)?;
        let local = socket.local_addr()?;
        let arrivals = sys::descriptor::watch(duplicate(&socket)?)?;
        Ok(Self { socket, arrivals, room: Mutex::new(None), state, local })
    }

    /// The address bound to, with the port the system chose if 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The socket, for what only the host application can do to it (`VpnService.protect`).
    #[must_use]
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Datagrams one send system call can carry; 1 without segmentation offload. May fall to 1 while
    /// running, when a network card turns out not to be able to.
    #[must_use]
    pub fn max_segments(&self) -> usize {
        self.state.max_gso_segments().max(1)
    }

    /// Waits until there may be datagrams. May be dropped and called again.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        // Whether it is still so, [`Self::try_recv`] finds out.
        self.arrivals.readable().await.map(|mut ready| ready.retain_ready())
    }

    /// Waits until there may be room to send; then send. May be dropped and called again.
    ///
    /// Takes a descriptor, which it gives back when something was sent. With none to be had it waits a moment instead: a tunnel
    /// must not end because its app has opened too many files.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub async fn writable(&self) -> io::Result<()> {
        match self.watch_room() {
            // Whether it is still so, [`Self::try_send`] finds out.
            Ok(room) => room.writable().await.map(|mut ready| ready.retain_ready()),
            Err(error) => {
                tracing::debug!(%error, "no descriptor to wait for room with");
                tokio::time::sleep(MOMENT).await;
                Ok(())
            }
        }
    }

    fn watch_room(&self) -> io::Result<Arc<AsyncFd<File>>> {
        let mut room = self.room();
        if let Some(room) = &*room {
            return Ok(Arc::clone(room));
        }
        let watched = sys::descriptor::watch_for(duplicate(&self.socket)?, Interest::WRITABLE)?;
        Ok(Arc::clone(room.insert(Arc::new(watched))))
    }

    /// Nothing that holds the lock can leave it half changed.
    fn room(&self) -> MutexGuard<'_, Option<Arc<AsyncFd<File>>>> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Receives what is waiting, up to the size of `batch`, and gives the number of bundles now in it. Errors of earlier sends
    /// (ICMP) are passed over: they prove nothing (RFC 7296 2.4).
    ///
    /// # Errors
    /// `WouldBlock` if nothing is waiting (the batch is then empty), or nothing but errors.
    pub fn try_recv(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        batch.clear();
        let receive = || batch.fill(&self.state, (&self.socket).into());
        self.arrivals.try_io(Interest::READABLE, |_| receive::past_errors(receive))
    }

    /// Sends `contents` to `remote` as datagrams of `segment` bytes, the last of which may be shorter, from
    /// `source` if given (else the system chooses). Gives how many bytes were taken: all, or a multiple of
    /// `segment` if the socket filled up in between; call again with the rest when [`Self::writable`].
    ///
    /// A bundle some segments of which are too long for the path in one piece is sent datagram by datagram,
    /// so that the IP layer may fragment it ([`UdpOptions::fragment`]).
    ///
    /// # Errors
    /// `WouldBlock` if nothing was taken because the socket is full; the system's for the first datagram
    /// (unreachable, refused by a firewall): that datagram is lost as if on the network, the caller goes on.
    /// `InvalidInput` if `segment` is 0 or longer than a datagram can be.
    pub fn try_send(
        &self,
        remote: SocketAddr,
        source: Option<IpAddr>,
        contents: &[u8],
        segment: usize,
    ) -> io::Result<usize> {
        if segment == 0 || segment > MAX_PAYLOAD {
            let text = format!("datagrams are 1 to {MAX_PAYLOAD} bytes long, not {segment}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut taken = 0;
        while let Some(rest) = contents.get(taken..).filter(|rest| !rest.is_empty()) {
            let most = (MAX_PAYLOAD / segment).min(self.max_segments()) * segment;
            let piece = rest.get(..most).unwrap_or(rest);
            let result = match self.send_piece(remote, source, piece, Some(segment)) {
                Err(error) if piece.len() > segment && not_in_one_piece(&error) => {
                    self.send_singly(remote, source, piece, segment)
                }
                Err(error) => Err(error),
                Ok(()) => Ok(piece.len()),
            };
            match result {
                Ok(sent) => taken += sent,
                Err(error) if taken == 0 => return Err(error),
                // What was taken is reported now; the next call meets the error again if it lasts.
                Err(_) => break,
            }
        }
        Ok(taken)
    }

    /// Sends one datagram, waiting for room.
    ///
    /// # Errors
    /// The system's, see [`Self::try_send`].
    pub async fn send(&self, remote: SocketAddr, source: Option<IpAddr>, datagram: &[u8]) -> io::Result<()> {
        loop {
            match self.try_send(remote, source, datagram, datagram.len()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable().await?,
                result => return result.map(drop),
            }
        }
    }

    fn send_singly(
        &self,
        remote: SocketAddr,
        source: Option<IpAddr>,
        piece: &[u8],
        segment: usize,
    ) -> io::Result<usize> {
        let mut taken = 0;
        for datagram in piece.chunks(segment) {
            match self.send_piece(remote, source, datagram, None) {
                Ok(()) => taken += datagram.len(),
                Err(error) if taken == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(taken)
    }

    /// One system call.
    fn send_piece(
        &self,
        destination: SocketAddr,
        src_ip: Option<IpAddr>,
        contents: &[u8],
        segment_size: Option<usize>,
    ) -> io::Result<()> {
        let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip };
        let send = || self.state.try_send((&self.socket).into(), &transmit);
        let mut room = self.room();
        let Some(watched) = &*room else { return send() };
        // Not tried before there is news of room, and no news is forgotten but by a send that found none.
        let sent = watched.try_io(Interest::WRITABLE, |_| send());
        if !matches!(&sent, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            *room = None;
        }
        sent
    }
}

fn duplicate(socket: &UdpSocket) -> io::Result<File> {
    Ok(File::from(OwnedFd::from(socket.try_clone()?)))
}

/// True for what the kernel says to a bundle it cannot cut: longer than the path's MTU (EMSGSIZE, on older
/// kernels EINVAL), or a network card without checksum offload (EIO).
fn not_in_one_piece(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMSGSIZE | libc::EINVAL | libc::EIO))
}

#[cfg(test)]
mod tests;
