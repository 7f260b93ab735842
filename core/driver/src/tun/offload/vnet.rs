//! `struct virtio_net_hdr`, which lies in front of each packet of a TUN opened with IFF_VNET_HDR.
//!
//! Owns its layout. A TUN uses the legacy form: 10 bytes, native byte order (virtio specification 5.1.6.1).

/// Bytes of the header.
pub(crate) const LEN: usize = 10;

/// `flags`: the checksum field holds a partial sum; complete it from `checksum_start` on.
pub(crate) const NEEDS_CHECKSUM: u8 = 1;

/// `gso_type`: not a super-packet.
pub(crate) const GSO_NONE: u8 = 0;
/// `gso_type`: TCP over IPv4.
pub(crate) const GSO_TCP4: u8 = 1;
/// `gso_type`: TCP over IPv6.
pub(crate) const GSO_TCP6: u8 = 4;
/// `gso_type`: UDP datagrams of one flow, over either.
pub(crate) const GSO_UDP: u8 = 5;
/// Bit beside the `gso_type` of TCP: the first segment carries CWR.
pub(crate) const GSO_ECN: u8 = 0x80;

/// The header's fields.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct VnetHeader {
    /// [`NEEDS_CHECKSUM`] and bits we do not use.
    pub(crate) flags: u8,
    /// `GSO_*`.
    pub(crate) gso_type: u8,
    /// Length of all headers; a hint.
    pub(crate) header_len: u16,
    /// Payload bytes of each segment but the last.
    pub(crate) gso_size: u16,
    /// Where the checksummed part starts.
    pub(crate) checksum_start: u16,
    /// Where the checksum field lies, from `checksum_start`.
    pub(crate) checksum_offset: u16,
}

impl VnetHeader {
    /// Splits the header off `frame`. `None` if it is too short.
    pub(crate) fn split(frame: &[u8]) -> Option<(Self, &[u8])> {
        let (header, packet) = frame.split_first_chunk::<LEN>()?;
        let [flags, gso_type, h0, h1, g0, g1, s0, s1, o0, o1] = *header;
        let header = Self {
            flags,
            gso_type,
            header_len: u16::from_ne_bytes([h0, h1]),
            gso_size: u16::from_ne_bytes([g0, g1]),
            checksum_start: u16::from_ne_bytes([s0, s1]),
            checksum_offset: u16::from_ne_bytes([o0, o1]),
        };
        Some((header, packet))
    }

    /// The header as bytes.
    pub(crate) fn encode(&self) -> [u8; LEN] {
        let [h0, h1] = self.header_len.to_ne_bytes();
        let [g0, g1] = self.gso_size.to_ne_bytes();
        let [s0, s1] = self.checksum_start.to_ne_bytes();
        let [o0, o1] = self.checksum_offset.to_ne_bytes();
        [self.flags, self.gso_type, h0, h1, g0, g1, s0, s1, o0, o1]
    }
}
