//! One packet and the room around it.
//!
//! Owns [`PacketBuf`]: an owned buffer in which an IP packet lies behind [`HEADROOM`] and in front of
//! [`TAILROOM`], so that ESP header, trailer and ICV are written around it and nothing is copied. Leaves
//! out where buffers come from ([`crate::PacketPool`]).

use std::fmt;

/// Free bytes in front of a fresh payload: ESP header (8), the longest IV (16), a TUN prefix (virtio 12,
/// utun 4), rounded up so that the payload starts on a cache line of the allocation.
pub const HEADROOM: usize = 64;

/// Free bytes kept behind the payload: padding (at most 15 with AES-CBC), pad length and next header (2),
/// the longest ICV (32), with room to spare.
pub const TAILROOM: usize = 96;

/// The buffer is too small for what was asked. Nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("packet buffer has no room for {wanted} more bytes (free: {free})")]
pub struct NoRoom {
    /// Bytes asked for.
    pub wanted: usize,
    /// Bytes that were free at that end.
    pub free: usize,
}

/// An owned packet with room in front and behind.
///
/// The payload is whatever the current owner works on: an IP packet before [`crate::OutboundSa::seal`],
/// an ESP packet after it. `Debug` prints sizes only, never contents.
pub struct PacketBuf {
    bytes: Box<[u8]>,
    // Invariant: start <= end <= bytes.len().
    start: usize,
    end: usize,
}

impl PacketBuf {
    /// A buffer for payloads of up to `capacity` bytes, between [`HEADROOM`] and [`TAILROOM`]. Allocates
    /// once; nothing else in this type does.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let bytes = vec![0; HEADROOM.saturating_add(capacity).saturating_add(TAILROOM)].into_boxed_slice();
        Self { bytes, start: HEADROOM, end: HEADROOM }
    }

    /// A buffer that holds a copy of `payload` and no spare capacity beyond the two rooms.
    #[must_use]
    pub fn from_payload(payload: &[u8]) -> Self {
        let mut buf = Self::with_capacity(payload.len());
        if let Some(room) = buf.bytes.get_mut(HEADROOM..HEADROOM + payload.len()) {
            room.copy_from_slice(payload);
            buf.end += payload.len();
        }
        buf
    }

    /// The longest payload that still leaves both rooms.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.len().saturating_sub(HEADROOM + TAILROOM)
    }

    /// Empties the buffer and restores the headroom.
    pub fn clear(&mut self) {
        self.start = HEADROOM;
        self.end = HEADROOM;
    }

    /// Empties the buffer and starts `prefix` bytes (at most [`HEADROOM`]) early, so that after a read of
    /// prefix and packet in one go, `advance(prefix)` leaves the packet with its full headroom.
    pub fn clear_for_prefix(&mut self, prefix: usize) {
        self.start = HEADROOM.saturating_sub(prefix);
        self.end = self.start;
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The payload.
    pub fn payload_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// Bytes of payload.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// True if there is no payload.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Free bytes in front of the payload.
    #[must_use]
    pub fn headroom(&self) -> usize {
        self.start
    }

    /// Free bytes behind the payload, [`TAILROOM`] included.
    #[must_use]
    pub fn tailroom(&self) -> usize {
        self.bytes.len() - self.end
    }

    /// The free bytes behind the payload without [`TAILROOM`]: where to read a packet to. Follow with
    /// [`Self::set_len`]. They hold what an earlier packet left there.
    pub fn spare_mut(&mut self) -> &mut [u8] {
        let limit = self.bytes.len().saturating_sub(TAILROOM);
        self.bytes.get_mut(self.end..limit).unwrap_or_default()
    }

    /// Makes the payload `len` bytes long, from where it starts now. Bytes that come into view keep what
    /// [`Self::spare_mut`] was given.
    ///
    /// # Errors
    /// [`NoRoom`] if [`TAILROOM`] would be touched.
    pub fn set_len(&mut self, len: usize) -> Result<(), NoRoom> {
        let limit = self.bytes.len().saturating_sub(TAILROOM);
        match self.start.checked_add(len) {
            Some(end) if end <= limit => {
                self.end = end;
                Ok(())
            }
            _ => Err(NoRoom { wanted: len, free: limit.saturating_sub(self.start) }),
        }
    }

    /// Copies `data` behind the payload.
    ///
    /// # Errors
    /// [`NoRoom`] if [`TAILROOM`] would be touched.
    pub fn extend_from_slice(&mut self, data: &[u8]) -> Result<(), NoRoom> {
        let spare = self.spare_mut();
        let free = spare.len();
        let target = spare.get_mut(..data.len()).ok_or(NoRoom { wanted: data.len(), free })?;
        target.copy_from_slice(data);
        self.end += data.len();
        Ok(())
    }

    /// Grows the payload by `n` bytes at the front and gives them to be written.
    ///
    /// # Errors
    /// [`NoRoom`] if the headroom is shorter.
    pub fn prepend(&mut self, n: usize) -> Result<&mut [u8], NoRoom> {
        let start = self.start.checked_sub(n).ok_or(NoRoom { wanted: n, free: self.start })?;
        let old = std::mem::replace(&mut self.start, start);
        Ok(self.bytes.get_mut(start..old).unwrap_or_default())
    }

    /// Grows the payload by `n` bytes at the back, into [`TAILROOM`] too, and gives them to be written.
    ///
    /// # Errors
    /// [`NoRoom`] if the buffer ends before.
    pub fn append(&mut self, n: usize) -> Result<&mut [u8], NoRoom> {
        let free = self.tailroom();
        if n > free {
            return Err(NoRoom { wanted: n, free });
        }
        let old = self.end;
        self.end = old + n;
        Ok(self.bytes.get_mut(old..self.end).unwrap_or_default())
    }

    /// Cuts the payload to `len` bytes; does nothing if it is shorter.
    pub fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start.saturating_add(len));
    }

    /// Drops the first `n` bytes of the payload; all of it if it is shorter.
    pub fn advance(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.end);
    }

    /// Grows the payload at both ends and gives all of it. Changes nothing if either room is too short.
    #[inline]
    pub(crate) fn widen(&mut self, front: usize, back: usize) -> Result<&mut [u8], NoRoom> {
        let Some(start) = self.start.checked_sub(front) else {
            return Err(NoRoom { wanted: front, free: self.start });
        };
        let end = self.end.saturating_add(back);
        let free = self.tailroom();
        let whole = self.bytes.get_mut(start..end).ok_or(NoRoom { wanted: back, free })?;
        self.start = start;
        self.end = end;
        Ok(whole)
    }
}

impl fmt::Debug for PacketBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketBuf")
            .field("len", &self.len())
            .field("headroom", &self.headroom())
            .field("tailroom", &self.tailroom())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADROOM, NoRoom, PacketBuf, TAILROOM};

    #[test]
    fn payload_lies_between_both_rooms() {
        let mut buf = PacketBuf::with_capacity(100);
        assert_eq!((buf.capacity(), buf.len(), buf.headroom()), (100, 0, HEADROOM));
        assert!(buf.is_empty());
        assert_eq!(buf.spare_mut().len(), 100);
        buf.spare_mut()[..3].copy_from_slice(b"abc");
        buf.set_len(3).unwrap();
        assert_eq!(buf.payload(), b"abc");
        assert_eq!(buf.tailroom(), 97 + TAILROOM);
    }

    #[test]
    fn grows_at_both_ends_until_the_rooms_are_used_up() {
        let mut buf = PacketBuf::from_payload(b"payload");
        buf.prepend(2).unwrap().copy_from_slice(b"<<");
        buf.append(2).unwrap().copy_from_slice(b">>");
        assert_eq!(buf.payload(), b"<<payload>>");
        assert_eq!(buf.prepend(HEADROOM), Err(NoRoom { wanted: HEADROOM, free: HEADROOM - 2 }));
        assert_eq!(buf.append(TAILROOM), Err(NoRoom { wanted: TAILROOM, free: TAILROOM - 2 }));
        assert_eq!(buf.payload(), b"<<payload>>");
        assert!(buf.prepend(usize::MAX).is_err());
        assert!(buf.append(usize::MAX).is_err());
    }

    #[test]
    fn tailroom_is_kept_from_readers() {
        let mut buf = PacketBuf::with_capacity(10);
        assert!(buf.set_len(10).is_ok());
        assert!(buf.set_len(11).is_err());
        assert!(buf.set_len(usize::MAX).is_err());
        assert_eq!(buf.len(), 10);
        assert!(buf.extend_from_slice(b"x").is_err());
        buf.truncate(9);
        buf.extend_from_slice(b"x").unwrap();
        assert_eq!(buf.payload(), b"\0\0\0\0\0\0\0\0\0x");
    }

    #[test]
    fn prefix_read_in_front_of_the_packet_leaves_the_full_headroom() {
        let mut buf = PacketBuf::with_capacity(10);
        buf.clear_for_prefix(12);
        assert_eq!(buf.spare_mut().len(), 22);
        buf.extend_from_slice(b"virtio-net-hpacket").unwrap();
        buf.advance(12);
        assert_eq!((buf.payload(), buf.headroom()), (b"packet".as_slice(), HEADROOM));
        buf.clear_for_prefix(usize::MAX);
        assert_eq!(buf.headroom(), 0);
        buf.clear();
        assert_eq!(buf.headroom(), HEADROOM);
    }

    #[test]
    fn cutting_more_than_there_is_leaves_nothing() {
        let mut buf = PacketBuf::from_payload(b"abcdef");
        buf.truncate(100);
        assert_eq!(buf.payload(), b"abcdef");
        buf.advance(2);
        buf.truncate(3);
        assert_eq!(buf.payload(), b"cde");
        buf.advance(usize::MAX);
        assert!(buf.is_empty());
        buf.truncate(usize::MAX);
        assert!(buf.is_empty());
    }

    #[test]
    fn widening_changes_nothing_when_one_room_is_too_short() {
        let mut buf = PacketBuf::from_payload(b"abc");
        assert!(buf.widen(HEADROOM + 1, 1).is_err());
        assert!(buf.widen(1, TAILROOM + 1).is_err());
        assert!(buf.widen(1, usize::MAX).is_err());
        assert_eq!(buf.payload(), b"abc");
        assert_eq!(buf.widen(HEADROOM, TAILROOM).unwrap().len(), HEADROOM + 3 + TAILROOM);
    }

    #[test]
    fn debug_shows_no_contents() {
        let text = format!("{:?}", PacketBuf::from_payload(b"secret traffic"));
        assert_eq!(text, "PacketBuf { len: 14, headroom: 64, tailroom: 96 }");
    }
}
