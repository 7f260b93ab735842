//! A TUN in memory: two ends, packets written to one are read from the other.
//!
//! Owns [`MemTun`], for tests and for the demo, which puts a TCP stack at the far end. Bounded: each
//! direction has a ring of slots made once. Leaves out super-packets.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A pair of connected ends. Each direction holds up to `slots` packets of up to `mtu` bytes; memory is
/// `2 * slots * mtu` bytes, touched only as far as it is used.
#[must_use]
pub fn mem_pair(mtu: usize, slots: usize) -> (MemTun, MemTun) {
    let a = Arc::new(Direction::new(mtu, slots));
    let b = Arc::new(Direction::new(mtu, slots));
    let left = MemTun { incoming: Arc::clone(&a), outgoing: Arc::clone(&b) };
    (left, MemTun { incoming: b, outgoing: a })
}

/// One end of a pair. Dropping it closes both directions; the other end can still read what is queued.
#[derive(Debug)]
pub struct MemTun {
    incoming: Arc<Direction>,
    outgoing: Arc<Direction>,
}

impl MemTun {
    /// Waits until there is a packet to read or the other end is gone.
    pub async fn readable(&self) {
        self.incoming.wait(&self.incoming.filled, |ring| ring.queued > 0).await;
    }

    /// Waits until there is room to write a packet or the other end is gone.
    pub async fn writable(&self) {
        self.outgoing.wait(&self.outgoing.drained, |ring| ring.queued < ring.slots).await;
    }

    /// Takes the next packet into `out` and gives its length; cut off if `out` is shorter.
    ///
    /// # Errors
    /// `WouldBlock` if there is none; `UnexpectedEof` if there is none and the other end is gone.
    pub fn try_recv(&self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.incoming.lock().pop(out);
        match len {
            Some(len) => {
                self.incoming.drained.notify_one();
                Ok(len)
            }
            None if self.incoming.closed.load(Ordering::Acquire) => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other end of the TUN is gone"))
            }
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Gives `packet` to the other end. `Ok(false)` if there is no room or the packet is longer than the
    /// MTU: it is dropped.
    ///
    /// # Errors
    /// `BrokenPipe` if the other end is gone.
    pub fn try_send(&self, packet: &[u8]) -> io::Result<bool> {
        if self.outgoing.closed.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the other end of the TUN is gone"));
        }
        let taken = self.outgoing.lock().push(packet);
        if taken {
            self.outgoing.filled.notify_one();
        }
        Ok(taken)
    }

    /// Packets [`Self::try_send`] would take now.
    #[must_use]
    pub fn room(&self) -> usize {
        let ring = self.outgoing.lock();
        ring.slots - ring.queued
    }

    /// Packets waiting to be read here.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.incoming.lock().queued
    }
}

impl Drop for MemTun {
    fn drop(&mut self) {
        for direction in [&self.incoming, &self.outgoing] {
            direction.closed.store(true, Ordering::Release);
            direction.filled.notify_one();
            direction.drained.notify_one();
        }
    }
}

/// One direction: a ring, and who waits for it.
#[derive(Debug)]
struct Direction {
    ring: Mutex<Ring>,
    filled: Notify,
    drained: Notify,
    closed: AtomicBool,
}

impl Direction {
    fn new(mtu: usize, slots: usize) -> Self {
        let bytes = vec![0; mtu.saturating_mul(slots)].into_boxed_slice();
        let ring = Ring { bytes, lens: vec![0; slots].into_boxed_slice(), mtu, slots, head: 0, queued: 0 };
        Self {
            ring: Mutex::new(ring),
            filled: Notify::new(),
            drained: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// The ring stays consistent between calls, so a panic of another holder does not matter.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, notify: &Notify, ready: impl Fn(&Ring) -> bool) {
        // `notify_one` leaves a permit when nobody waits, so a change between check and wait is not lost.
        while !self.closed.load(Ordering::Acquire) && !ready(&self.lock()) {
            notify.notified().await;
        }
    }
}

#[derive(Debug)]
struct Ring {
    bytes: Box<[u8]>,
    lens: Box<[usize]>,
    mtu: usize,
    slots: usize,
    head: usize,
    queued: usize,
}

impl Ring {
    fn push(&mut self, packet: &[u8]) -> bool {
        if self.queued == self.slots || packet.len() > self.mtu || packet.is_empty() {
            return false;
        }
        let slot = (self.head + self.queued) % self.slots;
        let start = slot * self.mtu;
        let (Some(place), Some(len)) =
            (self.bytes.get_mut(start..start + packet.len()), self.lens.get_mut(slot))
        else {
            return false;
        };
        place.copy_from_slice(packet);
        *len = packet.len();
        self.queued += 1;
        true
    }

    fn pop(&mut self, out: &mut [u8]) -> Option<usize> {
        if self.queued == 0 {
            return None;
        }
        let len = (*self.lens.get(self.head)?).min(out.len());
        let start = self.head * self.mtu;
        out.get_mut(..len)?.copy_from_slice(self.bytes.get(start..start + len)?);
        self.head = (self.head + 1) % self.slots;
        self.queued -= 1;
        Some(len)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use super::mem_pair;

    #[test]
    fn packets_arrive_in_order_and_a_full_ring_drops() {
        let (a, b) = mem_pair(100, 3);
        let mut out = [0; 200];
        for round in 0..5_u8 {
            for n in 0..3 {
                assert!(a.try_send(&[round, n]).unwrap());
            }
            assert!(!a.try_send(&[round, 3]).unwrap());
            assert_eq!((a.room(), b.queued()), (0, 3));
            for n in 0..3 {
                assert_eq!(b.try_recv(&mut out).unwrap(), 2);
                assert_eq!(&out[..2], &[round, n]);
            }
            assert_eq!(b.try_recv(&mut out).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
        assert!(!a.try_send(&[0; 101]).unwrap());
    }

    #[test]
    fn waiting_ends_when_a_packet_comes_and_when_the_other_end_goes() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (a, b) = mem_pair(100, 1);
            let second = Duration::from_secs(5);
            assert!(tokio::time::timeout(Duration::from_millis(10), b.readable()).await.is_err());
            a.try_send(b"x").unwrap();
            tokio::time::timeout(second, b.readable()).await.unwrap();
            assert!(tokio::time::timeout(Duration::from_millis(10), a.writable()).await.is_err());
            let (_, ()) = tokio::join!(tokio::time::timeout(second, a.writable()), async {
                b.try_recv(&mut [0; 1]).unwrap();
            });
            a.try_send(b"last").unwrap();
            drop(a);
            let mut out = [0; 10];
            assert_eq!(b.try_recv(&mut out).unwrap(), 4);
            tokio::time::timeout(second, b.readable()).await.unwrap();
            assert_eq!(b.try_recv(&mut out).unwrap_err().kind(), ErrorKind::UnexpectedEof);
            assert_eq!(b.try_send(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
    }
}
