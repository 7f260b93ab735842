//! Packets that a host hands to the tunnel from threads of its own, a batch at a time.
//!
//! Owns [`Inbox`]: the host fills one area while the tunnel empties another, and the tunnel exchanges the two when its own is
//! empty. A batch costs the host one lock, one copy and at most one wake-up; the tunnel holds the lock for the exchange alone,
//! so that a host never waits for packets to be read, sealed or sent. Packets lie back to back, so that a trickle of them
//! touches the same few pages again and again. Leaves out the way back, and who may hand packets in.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A bounded queue from any number of threads to one task.
#[derive(Debug)]
pub(super) struct Inbox {
    filling: Mutex<Area>,
    /// Locked by the tunnel alone.
    emptying: Mutex<Reading>,
    /// Packets in `emptying` that were not read yet. Raised with `filling` locked, so that a host which holds the lock may
    /// find too many, never too few.
    unread: AtomicUsize,
    filled: Notify,
    closed: AtomicBool,
    mtu: usize,
    slots: usize,
}

impl Inbox {
    /// Room for `slots` packets of up to `mtu` bytes. Memory is `2 * slots * mtu` bytes, touched only as far as it is used.
    pub(super) fn new(mtu: usize, slots: usize) -> Self {
        Self {
            filling: Mutex::new(Area::new(mtu, slots)),
            emptying: Mutex::new(Reading { area: Area::new(mtu, slots), next: 0 }),
            unread: AtomicUsize::new(0),
            filled: Notify::new(),
            closed: AtomicBool::new(false),
            mtu,
            slots,
        }
    }

    /// Takes packets, in order, and gives how many. Those for which there is no room, that are empty or longer than the MTU,
    /// are dropped. Wakes the tunnel if it waits, and only then.
    ///
    /// # Errors
    /// `BrokenPipe` if the tunnel has closed the device.
    pub(super) fn put_all<'a>(&self, packets: impl Iterator<Item = &'a [u8]>) -> io::Result<usize> {
        if self.closed.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the tunnel has closed the device"));
        }
        let mut area = lock(&self.filling);
        let room = self.slots.saturating_sub(area.ends.len() + self.unread.load(Ordering::Relaxed));
        let right = |packet: &&[u8]| !packet.is_empty() && packet.len() <= self.mtu;
        let taken = packets.filter(right).take(room).filter(|packet| area.push(packet)).count();
        drop(area);
        if taken > 0 {
            // Leaves a permit if nobody waits, which costs no system call and is found before the next wait.
            self.filled.notify_one();
        }
        Ok(taken)
    }

    /// Waits until there is a packet; for ever if the host's side is gone.
    pub(super) async fn readable(&self) {
        // A permit that is left over costs one more look. One that is missing would cost a packet: it is left after the
        // packets are in, so either the look sees them or the wait finds it.
        while self.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Takes the next packet to the front of `out` and gives its length; cut off if `out` is shorter.
    ///
    /// # Errors
    /// `WouldBlock` if there is none.
    pub(super) fn try_take(&self, out: &mut [u8]) -> io::Result<usize> {
        let mut reading = lock(&self.emptying);
        if reading.is_empty() {
            reading.area.clear();
            reading.next = 0;
            let mut filling = lock(&self.filling);
            std::mem::swap(&mut *filling, &mut reading.area);
            self.unread.store(reading.area.ends.len(), Ordering::Relaxed);
        }
        let packet = reading.area.packet(reading.next).ok_or(io::ErrorKind::WouldBlock)?;
        let len = packet.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..len), packet.get(..len)) {
            to.copy_from_slice(from);
        }
        reading.next += 1;
        self.unread.fetch_sub(1, Ordering::Relaxed);
        Ok(len)
    }

    /// Nothing is taken any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    fn is_empty(&self) -> bool {
        lock(&self.emptying).is_empty() && lock(&self.filling).ends.is_empty()
    }
}

/// An area is consistent between calls, so a panic of another holder does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Packets back to back.
#[derive(Debug)]
struct Area {
    bytes: Box<[u8]>,
    /// Where each packet ends, and the next begins.
    ends: Vec<usize>,
}

impl Area {
    fn new(mtu: usize, slots: usize) -> Self {
        Self { bytes: vec![0; mtu.saturating_mul(slots)].into_boxed_slice(), ends: Vec::with_capacity(slots) }
    }

    fn push(&mut self, packet: &[u8]) -> bool {
        let start = self.ends.last().copied().unwrap_or_default();
        let end = start + packet.len();
        let Some(place) = self.bytes.get_mut(start..end) else { return false };
        place.copy_from_slice(packet);
        self.ends.push(end);
        true
    }

    fn packet(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..end)
    }

    fn clear(&mut self) {
        self.ends.clear();
    }
}

/// An area, and how far it was read.
#[derive(Debug)]
struct Reading {
    area: Area,
    next: usize,
}

impl Reading {
    fn is_empty(&self) -> bool {
        self.next >= self.area.ends.len()
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake, Waker};
    use std::time::Duration;

    use super::Inbox;

    fn put(inbox: &Inbox, packets: &[&[u8]]) -> usize {
        inbox.put_all(packets.iter().copied()).unwrap()
    }

    fn take(inbox: &Inbox) -> Option<Vec<u8>> {
        let mut out = [0; 100];
        match inbox.try_take(&mut out) {
            Ok(len) => Some(out[..len].to_vec()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                None
            }
        }
    }

    #[test]
    fn order_is_kept_and_the_bound_counts_both_areas() {
        let inbox = Inbox::new(10, 4);
        assert_eq!(take(&inbox), None);
        for _ in 0..3 {
            assert_eq!(put(&inbox, &[b"a", b"", b"longer than 10", b"bb", b"ccc"]), 3);
            assert_eq!(take(&inbox).unwrap(), b"a");
            // Two are unread in the one area: there is room for two in the other.
            assert_eq!(put(&inbox, &[b"0123456789", b"e", b"f"]), 2);
            assert_eq!(put(&inbox, &[b"g"]), 0);
            assert_eq!(take(&inbox).unwrap(), b"bb");
            assert_eq!(put(&inbox, &[b"h", b"i"]), 1);
            for expected in [b"ccc".as_slice(), b"0123456789", b"e", b"h"] {
                assert_eq!(take(&inbox).unwrap(), expected);
            }
            assert_eq!(take(&inbox), None);
        }
        let mut short = [0; 2];
        assert_eq!(put(&inbox, &[b"ccc"]), 1);
        assert_eq!((inbox.try_take(&mut short).unwrap(), &short), (2, b"cc"));
        inbox.close();
        let refused = inbox.put_all([b"x".as_slice()].into_iter());
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::BrokenPipe);
    }

    /// Counts how often a task would be woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_batch_wakes_a_tunnel_that_waits_once_and_one_at_work_not_at_all() {
        let inbox = Inbox::new(100, 256);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let count = || woken.0.load(Ordering::SeqCst);
        let batch = [b"packet".as_slice(); 32];
        for round in 1..=3 {
            let mut waiting = pin!(inbox.readable());
            assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
            assert_eq!(count(), round - 1, "nothing came");
            assert_eq!(put(&inbox, &batch), 32);
            assert_eq!(count(), round, "32 packets, one wake-up");
            assert_eq!(put(&inbox, &batch), 32);
            assert_eq!(count(), round, "awake already");
            assert_eq!(waiting.as_mut().poll(&mut context), Poll::Ready(()));
            // At work.
            assert!(take(&inbox).is_some());
            assert_eq!(put(&inbox, &batch), 32);
            assert_eq!(count(), round);
            while take(&inbox).is_some() {}
        }
        // What was left while nobody waited does not end the next wait, and costs no wake-up.
        let mut waiting = pin!(inbox.readable());
        assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(count(), 3);
        assert_eq!(put(&inbox, &[b""]), 0);
        assert_eq!(count(), 3, "nothing was taken, nobody is woken");
    }

    /// Each of four threads hands over its numbers in batches of all sizes, as fast as there is room; a wake-up that got lost
    /// would leave the reader waiting while all of them have ended or wait for room.
    #[test]
    fn no_wake_up_is_lost_and_every_packet_arrives_in_order() {
        const THREADS: u32 = 4;
        const EACH: u32 = 100_000;
        let inbox = Arc::new(Inbox::new(8, 64));
        let hosts: Vec<_> = (0..THREADS)
            .map(|thread| {
                let inbox = Arc::clone(&inbox);
                std::thread::spawn(move || {
                    let mut next = 0;
                    while next < EACH {
                        let batch: Vec<[u8; 8]> = (next..EACH.min(next + 1 + next % 40))
                            .map(|number| (u64::from(thread) << 32 | u64::from(number)).to_be_bytes())
                            .collect();
                        let taken = inbox.put_all(batch.iter().map(<[u8; 8]>::as_slice)).unwrap();
                        next += u32::try_from(taken).unwrap();
                        if taken < batch.len() {
                            std::thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut next = [0_u32; THREADS as usize];
        runtime.block_on(async {
            let mut out = [0; 8];
            while next != [EACH; THREADS as usize] {
                let waited = tokio::time::timeout(Duration::from_secs(20), inbox.readable()).await;
                waited.unwrap_or_else(|_| panic!("a wake-up was lost at {next:?}"));
                while inbox.try_take(&mut out).is_ok() {
                    let (thread, number) =
                        (usize::from(out[3]), u32::from_be_bytes(out[4..].try_into().unwrap()));
                    assert_eq!(number, next[thread]);
                    next[thread] += 1;
                }
            }
        });
        hosts.into_iter().for_each(|host| host.join().unwrap());
    }
}
