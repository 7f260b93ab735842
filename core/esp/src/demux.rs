//! What a datagram on port 4500 is (RFC 3948 2).
//!
//! Owns [`demux`]. Leaves out port 500, where every datagram is IKE without a marker.

use crate::Discard;

/// What IKE messages on port 4500 start with (RFC 3948 2.2). No SA has SPI 0, so ESP never does.
pub const NON_ESP_MARKER: [u8; 4] = [0; 4];

/// The whole of a NAT-keepalive datagram (RFC 3948 2.3).
pub const NAT_KEEPALIVE: [u8; 1] = [0xff];

/// The kind of a datagram received on port 4500.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Demux {
    /// A NAT keepalive; needs nothing done.
    Keepalive,
    /// An IKE message.
    Ike {
        /// Where it starts in the datagram: behind the non-ESP marker.
        offset: usize,
    },
    /// ESP for the inbound SA with this SPI.
    Esp {
        /// The SPI; never 0, but perhaps reserved (1..=255) or unknown.
        spi: u32,
    },
    /// None of these.
    Discard(Discard),
}

/// Tells keepalive, IKE and ESP apart. Looks at no more than the first four bytes and the length.
#[inline]
#[must_use]
pub fn demux(datagram: &[u8]) -> Demux {
    match datagram.split_first_chunk::<4>() {
        Some((&NON_ESP_MARKER, [])) => Demux::Discard(Discard::TooShort),
        Some((&NON_ESP_MARKER, _)) => Demux::Ike { offset: NON_ESP_MARKER.len() },
        Some((spi, _)) => Demux::Esp { spi: u32::from_be_bytes(*spi) },
        None if datagram == NAT_KEEPALIVE => Demux::Keepalive,
        None => Demux::Discard(Discard::TooShort),
    }
}

#[cfg(test)]
mod tests {
    use super::{Demux, demux};
    use crate::Discard;

    #[test]
    fn a22_short_datagrams_on_port_4500() {
        assert_eq!(demux(&[0xff]), Demux::Keepalive);
        let too_short = Demux::Discard(Discard::TooShort);
        for datagram in [&[][..], &[0], &[0xfe], &[0xff, 0xff], &[0xff; 3], &[0; 2], &[0; 3], &[0; 4]] {
            assert_eq!(demux(datagram), too_short, "{datagram:?}");
        }
        assert_eq!(demux(&[0, 0, 0, 0, 7]), Demux::Ike { offset: 4 });
        assert_eq!(demux(&[0, 0, 0, 1]), Demux::Esp { spi: 1 });
        assert_eq!(demux(&[0xff; 4]), Demux::Esp { spi: u32::MAX });
        assert_eq!(demux(&[0xc0, 1, 2, 3, 0]), Demux::Esp { spi: 0xc001_0203 });
    }
}
