//! Reading just enough of an inner packet to segment or coalesce it.
//!
//! Owns [`Layout`]: where a TCP or UDP packet's headers and payload lie. Leaves out IPv6 extension headers
//! and fragments: such packets are carried as they are, neither split nor merged.

use std::ops::Range;

/// IP protocol number of TCP.
pub(crate) const TCP: u8 = 6;
/// IP protocol number of UDP.
pub(crate) const UDP: u8 = 17;

/// Flags in byte 13 of the TCP header (RFC 9293 3.1).
pub(crate) mod tcp_flag {
    /// Last data of the sender.
    pub(crate) const FIN: u8 = 0x01;
    /// Push: deliver without waiting for more.
    pub(crate) const PSH: u8 = 0x08;
    /// The acknowledgement number counts.
    pub(crate) const ACK: u8 = 0x10;
    /// Congestion window reduced (RFC 3168 6.1): concerns the first segment of a burst only.
    pub(crate) const CWR: u8 = 0x80;
}

/// Where the parts of an unfragmented TCP or UDP packet lie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Layout {
    /// True for IPv6.
    pub(crate) v6: bool,
    /// [`TCP`] or [`UDP`].
    pub(crate) protocol: u8,
    /// Offset of the transport header: length of the IP header.
    pub(crate) transport: usize,
    /// Offset of the payload: length of all headers.
    pub(crate) payload: usize,
    /// Offset behind the payload, from the IP header's length field.
    pub(crate) end: usize,
}

impl Layout {
    /// Reads the headers of `packet`. `None` if it is not plain TCP or UDP, is a fragment, or is cut short.
    pub(crate) fn of(packet: &[u8]) -> Option<Self> {
        let (v6, protocol, transport, end) = match packet.first()? >> 4 {
            4 => {
                let header = packet.first_chunk::<20>()?;
                let [first, _, l0, l1, _, _, f0, f1, _, protocol, ..] = *header;
                // More fragments, or a fragment offset: the transport header is not all there.
                if u16::from_be_bytes([f0, f1]) & 0x3fff != 0 {
                    return None;
                }
                let len = usize::from(first & 0x0f) * 4;
                (false, protocol, len, usize::from(u16::from_be_bytes([l0, l1])))
            }
            6 => {
                let header = packet.first_chunk::<40>()?;
                let [_, _, _, _, l0, l1, protocol, ..] = *header;
                (true, protocol, 40, 40 + usize::from(u16::from_be_bytes([l0, l1])))
            }
            _ => return None,
        };
        if transport < 20 || end > packet.len() {
            return None;
        }
        let header = packet.get(transport..end)?;
        let payload = transport
            + match protocol {
                TCP => {
                    let len = usize::from(header.get(12)? >> 4) * 4;
                    if len < 20 {
                        return None;
                    }
                    len
                }
                UDP => 8,
                _ => return None,
            };
        if payload > end {
            return None;
        }
        Some(Self { v6, protocol, transport, payload, end })
    }

    /// Where source and destination address lie, side by side.
    pub(crate) fn addresses(&self) -> Range<usize> {
        if self.v6 { 8..40 } else { 12..20 }
    }

    /// Where the transport checksum lies.
    pub(crate) fn checksum_field(&self) -> usize {
        self.transport + if self.protocol == TCP { 16 } else { 6 }
    }
}

/// The 16-bit number at `at`; 0 beyond the end.
pub(crate) fn word(packet: &[u8], at: usize) -> u16 {
    match packet.get(at..).and_then(<[u8]>::first_chunk::<2>) {
        Some(bytes) => u16::from_be_bytes(*bytes),
        None => 0,
    }
}

/// The 32-bit number at `at`; 0 beyond the end.
pub(crate) fn long(packet: &[u8], at: usize) -> u32 {
    match packet.get(at..).and_then(<[u8]>::first_chunk::<4>) {
        Some(bytes) => u32::from_be_bytes(*bytes),
        None => 0,
    }
}

/// Writes a 16-bit number at `at`; nothing beyond the end.
pub(crate) fn set_word(packet: &mut [u8], at: usize, value: u16) {
    if let Some(field) = packet.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<2>) {
        *field = value.to_be_bytes();
    }
}

/// Writes a 32-bit number at `at`; nothing beyond the end.
pub(crate) fn set_long(packet: &mut [u8], at: usize, value: u32) {
    if let Some(field) = packet.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) {
        *field = value.to_be_bytes();
    }
}
