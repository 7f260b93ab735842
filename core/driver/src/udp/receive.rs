//! Where datagrams are received to.
//!
//! Owns [`RecvBatch`]: one buffer, reused for each system call, and what lies in it. Datagrams are named by
//! [`Span`]s of the buffer, so that they can be opened in place and handed on to the TUN without a copy.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};

use crate::Span;

/// Bytes of one bundle at most: the longest UDP payload.
const CHUNK: usize = 65_536;

/// A buffer for received datagrams. Allocates once; keep it for the life of the loop.
#[derive(Debug)]
pub struct RecvBatch {
    area: Box<[u8]>,
    bundles: Vec<Bundle>,
}

/// Datagrams of equal length (the last may be shorter) that came from one address to one address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bundle {
    /// Who sent them.
    pub remote: SocketAddr,
    /// The local address they came to, where the system says so.
    pub local: Option<IpAddr>,
    start: usize,
    len: usize,
    stride: usize,
}

impl Bundle {
    /// The datagrams, in order, as spans of the batch's buffer.
    pub fn datagrams(&self) -> impl ExactSizeIterator<Item = Span> + use<> {
        let Self { start, len, stride, .. } = *self;
        (0..len.div_ceil(stride.max(1))).map(move |index| {
            let from = index * stride;
            Span::new(start + from..start + len.min(from + stride))
        })
    }
}

/// Errors in a row before a socket counts as one without datagrams.
const ERRORS_PASSED: usize = 16;

/// Receives past the errors that earlier sends left on the socket, each of which one call takes away. A socket with nothing but
/// errors, as one that the system has taken back, has no datagrams: whoever waits for some must not go round in circles.
pub(super) fn past_errors(mut receive: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    for _ in 0..ERRORS_PASSED {
        match receive() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                tracing::debug!(%error, "an error instead of a datagram");
            }
            result => return result,
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

impl RecvBatch {
    /// A batch of up to `bundles` bundles (1 to 32) of 64 KiB each. Memory is touched only as far as
    /// datagrams fill it. Four suit a fast peer: what one call brings in then still is in the cache when it
    /// is opened.
    #[must_use]
    pub fn new(bundles: usize) -> Self {
        let bundles = bundles.clamp(1, BATCH_SIZE);
        Self { area: vec![0; bundles * CHUNK].into_boxed_slice(), bundles: Vec::with_capacity(bundles) }
    }

    /// What the last receive brought.
    #[must_use]
    pub fn bundles(&self) -> &[Bundle] {
        &self.bundles
    }

    /// What the last receive brought, and the buffer its spans point into.
    pub fn parts(&mut self) -> (&[Bundle], &mut [u8]) {
        (&self.bundles, &mut self.area)
    }

    /// The buffer.
    #[must_use]
    pub fn area(&self) -> &[u8] {
        &self.area
    }

    pub(super) fn clear(&mut self) {
        self.bundles.clear();
    }

    /// One receive call.
    pub(super) fn fill(&mut self, state: &UdpSocketState, socket: UdpSockRef<'_>) -> io::Result<usize> {
        self.bundles.clear();
        let mut chunks = self.area.chunks_exact_mut(CHUNK);
        let count = chunks.len();
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let (Some(slices), Some(meta)) = (slices.get_mut(..count), meta.get_mut(..count)) else {
            return Ok(0);
        };
        let received = state.recv(socket, slices, meta)?;
        // An empty datagram is neither IKE nor ESP nor a keepalive, and has no stride.
        let filled = (0..).step_by(CHUNK).zip(meta.iter().take(received)).filter(|(_, meta)| meta.len > 0);
        self.bundles.extend(filled.map(|(start, meta)| Bundle {
            remote: meta.addr,
            local: meta.dst_ip,
            start,
            len: meta.len.min(CHUNK),
            stride: if meta.stride == 0 { meta.len } else { meta.stride },
        }));
        Ok(self.bundles.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{ERRORS_PASSED, past_errors};

    #[test]
    fn errors_before_a_datagram_are_passed_over_and_nothing_else_is_waited_for_in_circles() {
        let mut errors = 3;
        let after_some = past_errors(|| {
            errors -= 1;
            if errors > 0 { Err(ErrorKind::ConnectionRefused.into()) } else { Ok(2) }
        });
        assert_eq!(after_some.unwrap(), 2);
        let mut calls = 0;
        let none = past_errors(|| {
            calls += 1;
            Err(if calls == 2 { ErrorKind::WouldBlock } else { ErrorKind::HostUnreachable }.into())
        });
        assert_eq!((none.unwrap_err().kind(), calls), (ErrorKind::WouldBlock, 2));
        let mut calls = 0;
        let broken = past_errors(|| {
            calls += 1;
            Err(ErrorKind::NotConnected.into())
        });
        assert_eq!((broken.unwrap_err().kind(), calls), (ErrorKind::WouldBlock, ERRORS_PASSED));
    }
}
