//! The TCP services of a gateway's stack, one connection at a time.

use sha2::{Digest as _, Sha256};
use smoltcp::socket::tcp;

use super::transfer::write_pattern;

/// What a service does with a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Service {
    /// Returns what it receives (RFC 862).
    Echo,
    /// Reads and drops (RFC 863).
    Discard,
    /// Reads until the peer has sent all, then answers with the SHA-256 of it, 32 bytes, and closes. Proves
    /// a measurement's data.
    Digest,
    /// Sends [`write_pattern`] without end until the peer closes; drops what it receives.
    Source,
}

/// A service and its port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ServicePort {
    /// TCP port, not 0.
    pub port: u16,
    /// What is served there.
    pub service: Service,
}

/// A connection's state beyond TCP's.
#[derive(Debug)]
pub(super) enum Job {
    Echo,
    Discard,
    Digest(Box<Sha256>),
    Source { offset: u64 },
}

/// Bytes moved at once by the echo service.
pub(super) const SCRATCH: usize = 16 * 1_024;

impl Job {
    pub fn new(service: Service) -> Self {
        match service {
            Service::Echo => Self::Echo,
            Service::Discard => Self::Discard,
            Service::Digest => Self::Digest(Box::default()),
            Service::Source => Self::Source { offset: 0 },
        }
    }

    /// Moves what can be moved. True if anything was.
    pub fn step(&mut self, socket: &mut tcp::Socket<'_>, scratch: &mut [u8]) -> bool {
        let moved = match self {
            Self::Echo => echo(socket, scratch),
            Self::Discard => drain(socket, |_| ()),
            Self::Digest(digest) => {
                let moved = drain(socket, |bytes| digest.update(bytes));
                // The 32 bytes fit, because nothing was sent before.
                if ended(socket) && socket.may_send() && socket.send_queue() == 0 {
                    let _ = socket.send_slice(&std::mem::take(&mut **digest).finalize());
                    socket.close();
                    return true;
                }
                moved
            }
            Self::Source { offset } => {
                let dropped = drain(socket, |_| ());
                if ended(socket) {
                    socket.close();
                    return dropped;
                }
                let sent = fill(socket, offset);
                dropped || sent
            }
        };
        let finished = ended(socket) && socket.recv_queue() == 0;
        if finished && matches!(self, Self::Echo | Self::Discard) {
            socket.close();
        }
        moved
    }
}

/// True if the peer will send no more.
fn ended(socket: &tcp::Socket<'_>) -> bool {
    !socket.may_recv() && !matches!(socket.state(), tcp::State::Listen | tcp::State::SynReceived)
}

/// Hands everything received to `read`.
pub(super) fn drain(socket: &mut tcp::Socket<'_>, mut read: impl FnMut(&[u8])) -> bool {
    let mut any = false;
    while socket.can_recv() {
        let got = socket.recv(|bytes| {
            read(bytes);
            (bytes.len(), bytes.len())
        });
        match got {
            Ok(len) if len > 0 => any = true,
            _ => break,
        }
    }
    any
}

/// Fills the send buffer with the pattern from `offset` on.
pub(super) fn fill(socket: &mut tcp::Socket<'_>, offset: &mut u64) -> bool {
    let mut any = false;
    while socket.can_send() {
        let sent = socket.send(|room| {
            write_pattern(*offset, room);
            (room.len(), room.len())
        });
        match sent {
            Ok(len) if len > 0 => {
                *offset = offset.wrapping_add(len as u64);
                any = true;
            }
            _ => break,
        }
    }
    any
}

fn echo(socket: &mut tcp::Socket<'_>, scratch: &mut [u8]) -> bool {
    let mut any = false;
    loop {
        let room = socket.send_capacity().saturating_sub(socket.send_queue()).min(scratch.len());
        let Some(chunk) = scratch.get_mut(..room).filter(|chunk| !chunk.is_empty()) else { break };
        if !socket.can_recv() || !socket.may_send() {
            break;
        }
        let Ok(len) = socket.recv_slice(chunk) else { break };
        // As much as there is room for was read, so all of it is taken.
        if len == 0 || socket.send_slice(chunk.get(..len).unwrap_or_default()).is_err() {
            break;
        }
        any = true;
    }
    any
}
