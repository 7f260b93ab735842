//! Measured transfers over a [`ClientStack`] whose data is proved by a digest.
//!
//! Owns the test pattern, the upload to a [`super::Service::Digest`] and the download from a
//! [`super::Service::Source`]. Leaves out the clock: throughput is the caller's division.

use std::net::SocketAddr;

use sha2::{Digest as _, Sha256};

use super::StackError;
use super::client::{ClientStack, ConnectionId, ConnectionState};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Bytes after which the pattern repeats: a prime, so that no packet or buffer size divides it.
const PERIOD: usize = 65_521;

static PATTERN: [u8; PERIOD] = pattern();

/// A stretch of numbers without short repetitions (a 64-bit linear congruential generator's high bytes).
const fn pattern() -> [u8; PERIOD] {
    let mut bytes = [0; PERIOD];
    let mut state = 0x243f_6a88_85a3_08d3_u64;
    let mut rest: &mut [u8] = &mut bytes;
    while let Some((byte, tail)) = rest.split_first_mut() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
        rest = tail;
    }
    bytes
}

/// Writes the test pattern from `offset` on.
pub fn write_pattern(offset: u64, mut out: &mut [u8]) {
    // The remainder is below PERIOD.
    let mut at = (offset % PERIOD as u64) as usize;
    while !out.is_empty() {
        let source = PATTERN.get(at..).unwrap_or_default();
        let len = source.len().min(out.len());
        let Some((head, rest)) = out.split_at_mut_checked(len) else { return };
        head.copy_from_slice(source.get(..len).unwrap_or_default());
        out = rest;
        at = 0;
    }
}

/// The digest of the first `bytes` bytes of the pattern.
#[must_use]
pub fn pattern_digest(bytes: u64) -> Digest {
    let mut digest = Sha256::new();
    let mut left = bytes;
    while left > 0 {
        let len = usize::try_from(left).unwrap_or(PERIOD).min(PERIOD);
        digest.update(PATTERN.get(..len).unwrap_or_default());
        left = left.saturating_sub(len as u64);
    }
    digest.finalize().into()
}

/// Why a transfer ended without success.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TransferError {
    /// The connection could not be opened or was lost.
    #[error("the connection to {remote} was refused or lost after {bytes} bytes")]
    Lost {
        /// The other end.
        remote: SocketAddr,
        /// Bytes that had been handed over or received.
        bytes: u64,
    },
    /// The data arrived changed.
    #[error("the data that arrived has another digest than the data sent")]
    Changed,
}

/// A transfer of a fixed number of bytes in one direction.
#[derive(Debug)]
pub struct Transfer {
    connection: ConnectionId,
    remote: SocketAddr,
    total: u64,
    done: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Sends the pattern, then waits for the digest.
    Upload { answer: Vec<u8> },
    /// Receives the pattern.
    Download { digest: Box<Sha256> },
}

impl Transfer {
    /// Opens a connection and will send `bytes` of the pattern to the digest service at `remote`.
    ///
    /// # Errors
    /// As [`ClientStack::connect`].
    pub fn upload(stack: &mut ClientStack, remote: SocketAddr, bytes: u64) -> Result<Self, StackError> {
        let connection = stack.connect(remote)?;
        let kind = Kind::Upload { answer: Vec::with_capacity(32) };
        Ok(Self { connection, remote, total: bytes, done: 0, kind })
    }

    /// Opens a connection and will receive `bytes` from the source service at `remote`.
    ///
    /// # Errors
    /// As [`ClientStack::connect`].
    pub fn download(stack: &mut ClientStack, remote: SocketAddr, bytes: u64) -> Result<Self, StackError> {
        let connection = stack.connect(remote)?;
        let kind = Kind::Download { digest: Box::default() };
        Ok(Self { connection, remote, total: bytes, done: 0, kind })
    }

    /// Bytes handed to TCP or received so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.done
    }

    /// Moves what can be moved; call it after each [`ClientStack::poll`], and poll again if
    /// [`ClientStack::wants_poll`] says so. `Some` with the digest when all bytes have arrived at the other
    /// end and are proved to be as sent.
    ///
    /// # Errors
    /// [`TransferError`]; the transfer is over.
    pub fn step(&mut self, stack: &mut ClientStack) -> Result<Option<Digest>, TransferError> {
        if stack.state(self.connection) == ConnectionState::Connecting {
            return Ok(None);
        }
        match self.kind {
            Kind::Upload { .. } => self.step_upload(stack),
            Kind::Download { .. } => self.step_download(stack),
        }
    }

    fn step_upload(&mut self, stack: &mut ClientStack) -> Result<Option<Digest>, TransferError> {
        let (connection, total) = (self.connection, self.total);
        while self.done < total {
            let left = total.saturating_sub(self.done);
            let offset = self.done;
            let sent = stack.send_with(connection, left, |room| write_pattern(offset, room));
            if sent == 0 {
                break;
            }
            self.done = self.done.saturating_add(sent as u64);
        }
        if self.done == total {
            stack.close(connection);
        }
        let Kind::Upload { answer } = &mut self.kind else { return Ok(None) };
        let received = stack.recv_with(connection, |bytes| {
            let room = 32_usize.saturating_sub(answer.len()).min(bytes.len());
            answer.extend_from_slice(bytes.get(..room).unwrap_or_default());
        });
        if let Ok(arrived) = Digest::try_from(answer.as_slice()) {
            stack.close(connection);
            let sent_all = self.done == total;
            return match sent_all && arrived == pattern_digest(total) {
                true => Ok(Some(arrived)),
                false => Err(TransferError::Changed),
            };
        }
        self.lost_if(received.ended)
    }

    fn step_download(&mut self, stack: &mut ClientStack) -> Result<Option<Digest>, TransferError> {
        let Kind::Download { digest } = &mut self.kind else { return Ok(None) };
        let (total, done) = (self.total, &mut self.done);
        let received = stack.recv_with(self.connection, |bytes| {
            let left = usize::try_from(total.saturating_sub(*done)).unwrap_or(usize::MAX);
            let counted = bytes.get(..left.min(bytes.len())).unwrap_or_default();
            digest.update(counted);
            *done = done.saturating_add(counted.len() as u64);
        });
        if self.done == total {
            // The source never ends by itself.
            stack.abort(self.connection);
            let arrived: Digest = std::mem::take(&mut **digest).finalize().into();
            return if arrived == pattern_digest(total) {
                Ok(Some(arrived))
            } else {
                Err(TransferError::Changed)
            };
        }
        self.lost_if(received.ended)
    }

    fn lost_if(&self, ended: bool) -> Result<Option<Digest>, TransferError> {
        if ended { Err(TransferError::Lost { remote: self.remote, bytes: self.done }) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_the_same_in_whatever_pieces_it_is_written() {
        let mut whole = vec![0; 200_000];
        write_pattern(0, &mut whole);
        let mut pieces = Vec::new();
        let mut sizes = [1_usize, 1_360, 7, 65_521, 0, 40_000].iter().cycle();
        while pieces.len() < whole.len() {
            let len = (*sizes.next().unwrap()).min(whole.len() - pieces.len());
            let mut piece = vec![0; len];
            write_pattern(pieces.len() as u64, &mut piece);
            pieces.extend(piece);
        }
        assert!(whole == pieces);
        for bytes in [0, 1, PERIOD, PERIOD + 1, 200_000] {
            assert_eq!(pattern_digest(bytes as u64), <Digest>::from(Sha256::digest(&whole[..bytes])));
        }
        assert_ne!(whole[..100], whole[100..200]);
    }
}
