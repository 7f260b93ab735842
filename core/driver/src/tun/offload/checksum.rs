//! The Internet checksum (RFC 1071) and the pseudo-headers of TCP and UDP.
//!
//! Owns [`Sum`]. Values are in network byte order once folded.

use crate::sys::wide_sum;

/// A running ones' complement sum. Only the last piece added may have an odd length.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum(u64);

impl Sum {
    /// Adds `data`.
    #[must_use]
    pub(crate) fn bytes(self, data: &[u8]) -> Self {
        Self(fold(self.0) + wide_sum::sum(data))
    }

    /// Adds a 16-bit number.
    #[must_use]
    pub(crate) fn word(self, value: u16) -> Self {
        Self(self.0 + u64::from(value.to_be()))
    }

    /// The sum, not complemented: what goes into the checksum field of a packet whose checksum the next
    /// hand is to complete.
    #[must_use]
    pub(crate) fn partial(self) -> u16 {
        u16::from_be(fold(fold(self.0)) as u16)
    }

    /// The checksum of what was added.
    #[must_use]
    pub(crate) fn checksum(self) -> u16 {
        !self.partial()
    }
}

/// The pseudo-header of TCP or UDP over IPv4 (RFC 9293 3.1) or IPv6 (RFC 8200 8.1): `addresses` are source
/// and destination side by side as in the IP header, `len` the length of the transport header and data.
pub(crate) fn pseudo_header(addresses: &[u8], protocol: u8, len: usize) -> Sum {
    let len = len as u64;
    Sum::default()
        .bytes(addresses)
        .word(u16::from(protocol))
        .word((len >> 16) as u16)
        .word((len & 0xffff) as u16)
}

/// Folds the carries of four 16-bit columns into at most 18 bits, so that two folds give 16.
fn fold(sum: u64) -> u64 {
    let sum = (sum >> 32) + (sum & 0xffff_ffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    (sum >> 16) + (sum & 0xffff)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::{Sum, pseudo_header};

    /// RFC 1071 word by word, as slow and plain as can be.
    pub(crate) fn naive(data: &[u8]) -> u16 {
        let mut sum = 0_u32;
        for pair in data.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }

    #[test]
    fn rfc_1071_example() {
        let data = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::default().bytes(&data).partial(), 0xddf2);
    }

    #[test]
    fn extremes() {
        assert_eq!(Sum::default().bytes(&[]).partial(), 0);
        for len in [1, 2, 3, 63, 64, 65, 65_535, 200_000] {
            let data = vec![0xff; len];
            assert_eq!(Sum::default().bytes(&data).checksum(), naive(&data), "{len}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_naive_sum(data in proptest::collection::vec(any::<u8>(), 0..3000), cut in 0_usize..3000) {
            let expected = naive(&data);
            prop_assert_eq!(Sum::default().bytes(&data).checksum(), expected);
            let cut = cut.min(data.len()) & !1;
            let (a, b) = data.split_at(cut);
            prop_assert_eq!(Sum::default().bytes(a).bytes(b).checksum(), expected);
        }

        #[test]
        fn pseudo_header_agrees_with_spelling_it_out(addresses in proptest::collection::vec(any::<u8>(), 32..=32), len in 0_usize..70_000) {
            let mut long = addresses.clone();
            long.extend_from_slice(&(len as u32).to_be_bytes());
            long.extend_from_slice(&[0, 0, 0, 17]);
            prop_assert_eq!(pseudo_header(&addresses, 17, len).checksum(), naive(&long));
        }
    }
}
