//! A bounded stock of packet buffers.
//!
//! Owns [`PacketPool`]. A phone's extension has a hard memory limit, so the bound covers the buffers that
//! are out as well as those at rest. Leaves out sharing between threads: whoever owns the packet path owns
//! its pool.

use crate::PacketBuf;

/// Hands out [`PacketBuf`]s of one size and takes them back; allocates each at most once.
#[derive(Debug)]
pub struct PacketPool {
    free: Vec<PacketBuf>,
    payload_capacity: usize,
    limit: usize,
    allocated: usize,
}

impl PacketPool {
    /// A pool of at most `limit` buffers for payloads of up to `payload_capacity` bytes. Buffers are
    /// allocated when first taken; see [`Self::warm`].
    #[must_use]
    pub fn new(payload_capacity: usize, limit: usize) -> Self {
        Self { free: Vec::with_capacity(limit), payload_capacity, limit, allocated: 0 }
    }

    /// Allocates up to `count` buffers now, so that taking them later does not.
    pub fn warm(&mut self, count: usize) {
        while self.free.len() < count && self.allocated < self.limit {
            self.allocated += 1;
            self.free.push(PacketBuf::with_capacity(self.payload_capacity));
        }
    }

    /// An empty buffer, or `None` when all `limit` buffers are out: then drop the packet or wait.
    pub fn take(&mut self) -> Option<PacketBuf> {
        if let Some(buf) = self.free.pop() {
            return Some(buf);
        }
        if self.allocated >= self.limit {
            return None;
        }
        self.allocated += 1;
        Some(PacketBuf::with_capacity(self.payload_capacity))
    }

    /// Takes a buffer back and empties it. One of another size is dropped: it is not from here.
    pub fn put(&mut self, mut buf: PacketBuf) {
        if buf.capacity() == self.payload_capacity && self.free.len() < self.allocated {
            buf.clear();
            self.free.push(buf);
        }
    }

    /// Tells the pool that `count` buffers it handed out will not come back, so that it may make others.
    pub fn forget(&mut self, count: usize) {
        self.allocated = self.allocated.saturating_sub(count).max(self.free.len());
    }

    /// Buffers that can be taken before [`Self::take`] gives `None`.
    #[must_use]
    pub fn available(&self) -> usize {
        self.free.len() + (self.limit - self.allocated)
    }

    /// Bytes of buffers this pool may hold or have handed out at most.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        let each = size_of::<PacketBuf>() + crate::HEADROOM + crate::TAILROOM;
        self.limit.saturating_mul(each.saturating_add(self.payload_capacity))
    }
}

#[cfg(test)]
mod tests {
    use super::PacketPool;
    use crate::PacketBuf;

    #[test]
    fn never_hands_out_more_than_its_limit() {
        let mut pool = PacketPool::new(1500, 3);
        assert_eq!(pool.available(), 3);
        let taken: Vec<_> = std::iter::from_fn(|| pool.take()).collect();
        assert_eq!(taken.len(), 3);
        assert_eq!(pool.available(), 0);
        for buf in taken {
            pool.put(buf);
        }
        assert_eq!(pool.available(), 3);
        assert_eq!(pool.max_bytes(), 3 * (size_of::<PacketBuf>() + 64 + 1500 + 96));
    }

    #[test]
    fn a_returned_buffer_comes_back_empty_and_is_the_same_allocation() {
        let mut pool = PacketPool::new(10, 1);
        let mut buf = pool.take().unwrap();
        buf.extend_from_slice(b"secret").unwrap();
        let place = buf.payload().as_ptr();
        pool.put(buf);
        let buf = pool.take().unwrap();
        assert!(buf.is_empty());
        assert_eq!(buf.payload().as_ptr(), place);
    }

    #[test]
    fn strangers_do_not_grow_the_pool() {
        let mut pool = PacketPool::new(10, 2);
        pool.put(PacketBuf::with_capacity(10));
        pool.put(PacketBuf::with_capacity(11));
        assert_eq!(pool.available(), 2);
        pool.warm(100);
        assert_eq!(pool.available(), 2);
        pool.put(PacketBuf::with_capacity(10));
        assert_eq!(pool.available(), 2);
    }

    #[test]
    fn forgotten_buffers_are_replaced() {
        let mut pool = PacketPool::new(10, 1);
        drop(pool.take());
        assert!(pool.take().is_none());
        pool.forget(1);
        assert!(pool.take().is_some());
        pool.forget(100);
        assert_eq!(pool.available(), 1);
    }
}
