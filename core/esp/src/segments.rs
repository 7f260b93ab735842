//! Many ESP packets in one buffer, for a single send with segmentation offload.
//!
//! Owns [`SegmentBuf`]: the layout that UDP segmentation (Linux UDP_SEGMENT, Windows USO) asks for, which
//! is equal segments back to back, the last one perhaps shorter. Leaves out the system call.

use std::fmt;

/// The longest send that fits one IPv4 datagram before segmentation: 65,535 less IP and UDP headers.
const MAX_LEN: usize = 65_507;

/// A fixed buffer of back-to-back datagram payloads of one length.
pub struct SegmentBuf {
    bytes: Box<[u8]>,
    len: usize,
    segment_len: usize,
    count: usize,
    max_segments: usize,
    // Set by a segment shorter than the first: nothing may follow it.
    closed: bool,
}

impl SegmentBuf {
    /// Room for up to `max_segments` datagrams and `capacity` bytes in all; more than 65,507 bytes are not
    /// used, because no send may be longer. Linux takes 64 segments (newer kernels 128).
    #[must_use]
    pub fn new(max_segments: usize, capacity: usize) -> Self {
        let bytes = vec![0; capacity.min(MAX_LEN)].into_boxed_slice();
        Self { bytes, len: 0, segment_len: 0, count: 0, max_segments, closed: false }
    }

    /// All segments, back to back.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Bytes of each segment but the last, which may be shorter; 0 when empty.
    #[must_use]
    pub fn segment_len(&self) -> usize {
        self.segment_len
    }

    /// Segments held.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// True if it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The segments one by one, for a socket without segmentation offload.
    pub fn segments(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.payload().chunks(self.segment_len.max(1))
    }

    /// Forgets all segments; the next one sets the length anew.
    pub fn clear(&mut self) {
        self.len = 0;
        self.segment_len = 0;
        self.count = 0;
        self.closed = false;
    }

    /// True if a segment of `len` bytes can be added.
    #[must_use]
    pub fn accepts(&self, len: usize) -> bool {
        let right_length = self.count == 0 || len <= self.segment_len;
        len > 0
            && right_length
            && !self.closed
            && self.count < self.max_segments
            && len <= self.bytes.len() - self.len
    }

    /// Where the next segment of `len` bytes goes. Added only by [`Self::commit`].
    #[inline]
    pub(crate) fn reserve(&mut self, len: usize) -> Option<&mut [u8]> {
        if !self.accepts(len) {
            return None;
        }
        self.bytes.get_mut(self.len..self.len + len)
    }

    /// Adds the segment of `len` bytes written to what [`Self::reserve`] gave.
    #[inline]
    pub(crate) fn commit(&mut self, len: usize) {
        if self.count == 0 {
            self.segment_len = len;
        }
        self.closed = len < self.segment_len;
        self.len += len;
        self.count += 1;
    }
}

impl fmt::Debug for SegmentBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentBuf")
            .field("count", &self.count)
            .field("segment_len", &self.segment_len)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::SegmentBuf;

    fn add(buf: &mut SegmentBuf, bytes: &[u8]) -> bool {
        let Some(room) = buf.reserve(bytes.len()) else { return false };
        room.copy_from_slice(bytes);
        buf.commit(bytes.len());
        true
    }

    #[test]
    fn segments_are_equal_and_only_the_last_may_be_shorter() {
        let mut buf = SegmentBuf::new(10, 100);
        assert!(buf.is_empty());
        assert!(!add(&mut buf, b""));
        assert!(add(&mut buf, b"aaaa"));
        assert!(!add(&mut buf, b"longer"));
        assert!(add(&mut buf, b"bbbb"));
        assert!(add(&mut buf, b"cc"));
        assert!(!add(&mut buf, b"dd"));
        assert_eq!((buf.payload(), buf.segment_len(), buf.count()), (b"aaaabbbbcc".as_slice(), 4, 3));
        assert_eq!(buf.segments().collect::<Vec<_>>(), [b"aaaa".as_slice(), b"bbbb", b"cc"]);
        buf.clear();
        assert_eq!((buf.payload(), buf.segments().count()), (b"".as_slice(), 0));
        assert!(add(&mut buf, b"another length"));
    }

    #[test]
    fn count_and_bytes_are_bounded() {
        let mut buf = SegmentBuf::new(2, 1_000_000);
        assert!(buf.accepts(65_507) && !buf.accepts(65_508) && !buf.accepts(usize::MAX));
        assert!(add(&mut buf, b"a") && add(&mut buf, b"b") && !add(&mut buf, b"c"));
        let mut buf = SegmentBuf::new(64, 10);
        assert!(add(&mut buf, b"12345") && add(&mut buf, b"12345") && !add(&mut buf, b"1"));
    }
}
