//! One super-packet from the kernel into MTU-sized inner packets.
//!
//! Owns [`Segments`]. Each segment is written straight to where the caller wants it, usually between the
//! ESP header and trailer of an outgoing datagram, with lengths, sequence numbers, flags and checksums
//! completed. Leaves out IPv4 options beyond copying them and IPv6 extension headers, which the kernel does
//! not offload.

use super::checksum::{Sum, pseudo_header};
use super::headers::{Layout, TCP, UDP, long, set_long, set_word, tcp_flag, word};
use super::vnet::{GSO_ECN, GSO_NONE, GSO_TCP4, GSO_TCP6, GSO_UDP, NEEDS_CHECKSUM, VnetHeader};

/// The inner packets of one frame read from a TUN. All have the same length except that the last may be
/// shorter, so they can be sealed into equal datagrams and sent with one system call.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    packet: &'a [u8],
    kind: Kind,
    /// Segments not yet taken.
    remaining: usize,
    /// Segments taken.
    taken: usize,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// One packet, complete as it is.
    Whole,
    /// One packet whose checksum is to be completed: where the sum starts and where it goes.
    Checksum { start: usize, field: usize },
    /// A super-packet to be cut every `size` bytes of payload.
    Cut { layout: Layout, size: usize },
}

/// The frame contradicts itself: header and packet do not fit together. The kernel sends none such.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("malformed frame from the TUN: {0}")]
pub(crate) struct BadFrame(&'static str);

impl<'a> Segments<'a> {
    /// No packet at all.
    pub(crate) fn none() -> Self {
        Self { packet: &[], kind: Kind::Whole, remaining: 0, taken: 0 }
    }

    /// One complete packet.
    #[must_use]
    pub fn whole(packet: &'a [u8]) -> Self {
        Self { packet, kind: Kind::Whole, remaining: usize::from(!packet.is_empty()), taken: 0 }
    }

    /// What `header` says `packet` consists of.
    pub(crate) fn of(header: &VnetHeader, packet: &'a [u8]) -> Result<Self, BadFrame> {
        let wanted = match header.gso_type & !GSO_ECN {
            GSO_NONE => return Self::single(header, packet),
            GSO_TCP4 => (false, TCP),
            GSO_TCP6 => (true, TCP),
            GSO_UDP => (packet.first().is_some_and(|first| first >> 4 == 6), UDP),
            _ => return Err(BadFrame("a kind of segmentation that was not asked for")),
        };
        let layout = Layout::of(packet).ok_or(BadFrame("a super-packet that is neither TCP nor UDP"))?;
        if (layout.v6, layout.protocol) != wanted {
            return Err(BadFrame("a super-packet of another protocol than announced"));
        }
        let size = usize::from(header.gso_size);
        if size == 0 {
            return Err(BadFrame("a super-packet with segments of no bytes"));
        }
        let payload = layout.end - layout.payload;
        let remaining = payload.div_ceil(size).max(1);
        Ok(Self { packet, kind: Kind::Cut { layout, size }, remaining, taken: 0 })
    }

    fn single(header: &VnetHeader, packet: &'a [u8]) -> Result<Self, BadFrame> {
        if header.flags & NEEDS_CHECKSUM == 0 {
            return Ok(Self::whole(packet));
        }
        let start = usize::from(header.checksum_start);
        let field = start + usize::from(header.checksum_offset);
        if field + 2 > packet.len() {
            return Err(BadFrame("a checksum beyond the packet"));
        }
        Ok(Self { packet, kind: Kind::Checksum { start, field }, remaining: 1, taken: 0 })
    }

    /// The same with so many more taken, for a frame that is gone on with.
    pub(crate) fn after(mut self, taken: usize) -> Self {
        self.taken += taken;
        self.remaining = self.remaining.saturating_sub(taken);
        self
    }

    /// Segments taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// Segments not yet taken.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.remaining
    }

    /// The headers of the frame, valid for every segment in addresses, protocol and ports (lengths,
    /// sequence numbers and checksums are those of the whole).
    #[must_use]
    pub fn head(&self) -> &'a [u8] {
        match self.kind {
            Kind::Cut { layout, .. } => self.packet.get(..layout.payload).unwrap_or_default(),
            Kind::Whole | Kind::Checksum { .. } => self.packet,
        }
    }

    /// Length in bytes of the segment [`Self::next_into`] would write, `None` when all have been taken.
    #[must_use]
    pub fn next_len(&self) -> Option<usize> {
        if self.remaining == 0 {
            return None;
        }
        Some(match self.kind {
            Kind::Cut { layout, size } => {
                let left = layout.end.saturating_sub(layout.payload + self.taken * size);
                layout.payload + left.min(size)
            }
            Kind::Whole | Kind::Checksum { .. } => self.packet.len(),
        })
    }

    /// Writes the next segment to the front of `out` and gives its length. `None` when all have been taken
    /// or when `out` is shorter than [`Self::next_len`]; then nothing is taken.
    pub fn next_into(&mut self, out: &mut [u8]) -> Option<usize> {
        let len = self.next_len()?;
        let out = out.get_mut(..len)?;
        match self.kind {
            Kind::Whole => out.copy_from_slice(self.packet),
            Kind::Checksum { start, field } => {
                out.copy_from_slice(self.packet);
                let sum = Sum::default().bytes(out.get(start..).unwrap_or_default()).checksum();
                // Zero means "no checksum" in UDP (RFC 768); all ones is the same number, and as good
                // for every other protocol.
                set_word(out, field, if sum == 0 { 0xffff } else { sum });
            }
            Kind::Cut { layout, size } => {
                let from = layout.payload + self.taken * size;
                let data = self.packet.get(from..from + (len - layout.payload))?;
                let (head, body) = out.split_at_mut_checked(layout.payload)?;
                head.copy_from_slice(self.packet.get(..layout.payload)?);
                body.copy_from_slice(data);
                self.complete(&layout, size, out);
            }
        }
        self.taken += 1;
        self.remaining -= 1;
        Some(len)
    }

    /// Turns the copied headers of the whole into those of the segment in `out`.
    fn complete(&self, layout: &Layout, size: usize, out: &mut [u8]) {
        let len = out.len();
        if layout.v6 {
            set_word(out, 4, truncate(len - 40));
        } else {
            set_word(out, 2, truncate(len));
            set_word(out, 4, word(self.packet, 4).wrapping_add(truncate(self.taken)));
            set_word(out, 10, 0);
            let sum = Sum::default().bytes(out.get(..layout.transport).unwrap_or_default()).checksum();
            set_word(out, 10, sum);
        }
        if layout.protocol == TCP {
            let sequence = layout.transport + 4;
            let offset = u32::try_from(self.taken * size).unwrap_or(0);
            set_long(out, sequence, long(self.packet, sequence).wrapping_add(offset));
            let mut keep = 0xff;
            if self.remaining > 1 {
                keep &= !(tcp_flag::FIN | tcp_flag::PSH);
            }
            if self.taken > 0 {
                keep &= !tcp_flag::CWR;
            }
            if let Some(flags) = out.get_mut(layout.transport + 13) {
                *flags &= keep;
            }
        } else {
            set_word(out, layout.transport + 4, truncate(len - layout.transport));
        }
        let field = layout.checksum_field();
        set_word(out, field, 0);
        let addresses = out.get(layout.addresses()).unwrap_or_default();
        let transport = out.get(layout.transport..).unwrap_or_default();
        let sum = pseudo_header(addresses, layout.protocol, transport.len()).bytes(transport).checksum();
        set_word(out, field, if sum == 0 && layout.protocol == UDP { 0xffff } else { sum });
    }
}

/// Packets are shorter than 64 KiB: nothing is lost.
fn truncate(n: usize) -> u16 {
    (n & 0xffff) as u16
}
