//! What an SA is made from, and what it counts.
//!
//! Owns [`SaParams`] and [`SaError`]. Leaves out where the keys come from: `adit-ike` derives them.

use adit_crypto::{Cipher, CryptoError, Secret};

use crate::Selectors;

/// Numbers in the anti-replay window unless asked otherwise. Large, because a batching sender and a
/// multi-queue network reorder over far more than the 64 of RFC 4303 3.4.3.
pub const DEFAULT_REPLAY_WINDOW: u32 = 4096;

/// The largest anti-replay window: 8 KiB of bits.
pub const MAX_REPLAY_WINDOW: u32 = 65_536;

/// One direction of a Child SA, as IKE negotiated it. Tunnel mode, in UDP.
///
/// `Debug` shows no key.
#[derive(Clone, Debug)]
pub struct SaParams {
    /// The SPI on the wire: for an inbound SA the one we chose, for an outbound SA the peer's.
    pub spi: u32,
    /// The cipher, with its integrity algorithm if it is no AEAD.
    pub cipher: &'static dyn Cipher,
    /// [`Cipher::encr_key_len`] bytes: the encryption key, salt behind it with AES-GCM and ChaCha20.
    pub encr_key: Secret,
    /// [`Cipher::integ_key_len`] bytes; empty with an AEAD.
    pub integ_key: Secret,
    /// Extended sequence numbers (RFC 4303 2.2.1).
    pub esn: bool,
    /// Size of the anti-replay window in packets: a multiple of 64 up to [`MAX_REPLAY_WINDOW`]. Not used
    /// by an outbound SA.
    pub replay_window: u32,
    /// The traffic selectors, local and remote as seen from this host, the same for both directions.
    pub selectors: Selectors,
}

/// Why no SA can be made from these parameters.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SaError {
    /// SPIs up to 255 are reserved (RFC 4303 2.1).
    #[error("SPI {0} is reserved: choose one above 255")]
    ReservedSpi(u32),
    /// The anti-replay window has an impossible size.
    #[error(
        "anti-replay window of {0} packets: it must be a multiple of 64 between 64 and {MAX_REPLAY_WINDOW}"
    )]
    ReplayWindow(u32),
    /// The cipher's IV, ICV or block does not fit a packet buffer; a mistake in the crypto provider.
    #[error("cipher {0} has an IV, ICV or block length that ESP cannot carry")]
    UnfitCipher(adit_crypto::CipherSpec),
    /// The cipher refused its keys.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// What passed through an SA.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Traffic {
    /// Packets sealed, or opened and delivered.
    pub packets: u64,
    /// Bytes of inner packets, without ESP and padding.
    pub bytes: u64,
}

impl Traffic {
    #[inline]
    pub(crate) fn add(&mut self, bytes: usize) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }
}

impl SaParams {
    /// The SPI, if it is not reserved.
    pub(crate) fn checked_spi(&self) -> Result<u32, SaError> {
        if self.spi > LAST_RESERVED_SPI { Ok(self.spi) } else { Err(SaError::ReservedSpi(self.spi)) }
    }
}

/// SPIs 0 to 255 are reserved (RFC 4303 2.1).
pub(crate) const LAST_RESERVED_SPI: u32 = 255;

/// Bytes of SPI and sequence number in front of the IV (RFC 4303 2).
pub(crate) const HEADER_LEN: usize = 8;

/// Lengths a cipher puts on the wire, checked once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) iv_len: usize,
    pub(crate) icv_len: usize,
    /// Ciphertext is a multiple of this many bytes, a power of two: the cipher's block, and at least the
    /// four bytes of RFC 4303 2.4.
    pub(crate) align: usize,
    /// The high half of the sequence number goes behind the ciphertext, as a MAC wants it, and not into
    /// the middle of the header, as an AEAD does; see [`adit_crypto::Aad`].
    pub(crate) esn_tail: bool,
    pub(crate) esn: bool,
}

impl Layout {
    pub(crate) fn new(cipher: &dyn Cipher, esn: bool) -> Result<Self, SaError> {
        let spec = cipher.spec();
        let layout = Self {
            iv_len: cipher.iv_len(),
            icv_len: cipher.icv_len(),
            align: cipher.block_len().max(4),
            esn_tail: !spec.is_aead(),
            esn,
        };
        let fits = layout.align.is_power_of_two()
            && layout.iv_len <= 16
            && layout.align <= 16
            && (8..=32).contains(&layout.icv_len);
        if fits { Ok(layout) } else { Err(SaError::UnfitCipher(spec)) }
    }

    /// Bytes in front of the inner packet: header and IV.
    #[inline]
    pub(crate) const fn front(&self) -> usize {
        HEADER_LEN + self.iv_len
    }

    /// Padding bytes for `inner` bytes, which makes inner, padding and the two trailer bytes aligned.
    #[inline]
    pub(crate) const fn padding(&self, inner: usize) -> usize {
        inner.wrapping_add(2).wrapping_neg() & (self.align - 1)
    }
}

/// The associated data's bytes: two or three 32-bit words (see [`adit_crypto::Aad`]).
#[derive(Clone, Copy)]
pub(crate) struct AadBytes {
    bytes: [u8; 12],
}

impl AadBytes {
    /// `SPI | low`, with the high half in the place [`Layout::esn_tail`] says.
    #[inline]
    pub(crate) fn new(layout: &Layout, spi: u32, sequence: u64) -> Self {
        let (high, low) = crate::sequence::halves(sequence);
        let (second, third) = if layout.esn && !layout.esn_tail { (high, low) } else { (low, high) };
        let mut bytes = [0; 12];
        if let Some((start, end)) = bytes.split_first_chunk_mut::<8>() {
            // One store for both words: the cipher reads them as one.
            *start = (u64::from(spi) << 32 | u64::from(second)).to_be_bytes();
            end.copy_from_slice(&third.to_be_bytes());
        }
        Self { bytes }
    }

    #[inline]
    pub(crate) fn aad(&self, layout: &Layout) -> adit_crypto::Aad<'_> {
        let short =
            self.bytes.split_first_chunk::<8>().map_or((&[][..], &[][..]), |(a, b)| (a.as_slice(), b));
        match (layout.esn, layout.esn_tail) {
            (false, _) => adit_crypto::Aad::new(short.0),
            (true, false) => adit_crypto::Aad::new(&self.bytes),
            (true, true) => adit_crypto::Aad { head: short.0, tail: short.1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AadBytes, Layout};

    fn layout(align: usize, esn: bool, esn_tail: bool) -> Layout {
        Layout { iv_len: 8, icv_len: 16, align, esn_tail, esn }
    }

    #[test]
    fn padding_aligns_and_is_as_short_as_possible() {
        for align in [4, 8, 16] {
            for inner in 0..200 {
                let padding = layout(align, false, false).padding(inner);
                assert!(padding < align);
                assert_eq!((inner + padding + 2) % align, 0);
            }
        }
    }

    #[test]
    fn high_half_stands_where_the_cipher_wants_it() {
        let bytes = |layout: Layout| {
            let aad = AadBytes::new(&layout, 0x0102_0304, 0x0506_0708_090a_0b0c);
            let aad = aad.aad(&layout);
            (aad.head.to_vec(), aad.tail.to_vec())
        };
        let short = vec![1, 2, 3, 4, 9, 10, 11, 12];
        assert_eq!(bytes(layout(4, false, false)), (short.clone(), vec![]));
        assert_eq!(bytes(layout(4, false, true)), (short.clone(), vec![]));
        assert_eq!(bytes(layout(4, true, true)), (short, vec![5, 6, 7, 8]));
        assert_eq!(bytes(layout(4, true, false)), (vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], vec![]));
    }
}
