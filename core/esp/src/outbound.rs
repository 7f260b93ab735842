//! Sealing: IP packets become ESP packets (RFC 4303 3.3).
//!
//! Owns [`OutboundSa`]. Leaves out MTU checks and ICMP answers, choice of the SA for a packet, and when to
//! rekey: `adit-tunnel` asks [`OutboundSa::should_rekey`].

use std::fmt;

use adit_crypto::{CryptoError, SealingKey};

use crate::inner::Inner;
use crate::params::{AadBytes, HEADER_LEN, Layout};
use crate::sequence::{OutboundSequence, halves};
use crate::trailer::{self, TRAILER_LEN};
use crate::{NoRoom, PacketBuf, SaError, SaParams, SegmentBuf, Selectors, Traffic};

/// Why a packet was not sealed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// What was given is no IPv4 or IPv6 packet, or shorter than it says.
    #[error("not a whole IP packet")]
    MalformedInner,
    /// The SA was not negotiated for this packet.
    #[error("packet is outside the SA's traffic selectors")]
    OutsideSelectors,
    /// The packet buffer lacks headroom or tailroom.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The segment buffer takes no packet of this size any more: send what it holds, clear it, seal again.
    #[error("segment buffer takes no further packet of this size")]
    SegmentsFull,
    /// All sequence numbers are used. The SA sends nothing any more; it should have been rekeyed.
    #[error("sequence numbers of the SA are used up")]
    SequenceExhausted,
    /// The cipher failed. The sequence number is spent and the packet is gone.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The sending half of a Child SA.
///
/// It can be neither cloned nor saved, and sealing takes `&mut self`: each sequence number, and with it
/// each nonce, is used once.
///
/// ```compile_fail
/// fn two_senders_under_one_key(sa: &adit_esp::OutboundSa) -> adit_esp::OutboundSa {
///     sa.clone()
/// }
/// ```
pub struct OutboundSa {
    spi: u32,
    layout: Layout,
    sequence: OutboundSequence,
    key: Box<dyn SealingKey>,
    selectors: Selectors,
    traffic: Traffic,
}

impl OutboundSa {
    /// An SA that has sent nothing yet. `params.replay_window` is not looked at.
    ///
    /// # Errors
    /// [`SaError`] if the SPI is reserved or the cipher refuses its keys.
    pub fn new(params: &SaParams) -> Result<Self, SaError> {
        let spi = params.checked_spi()?;
        let layout = Layout::new(params.cipher, params.esn)?;
        let key = params.cipher.sealing_key(params.encr_key.expose(), params.integ_key.expose())?;
        let sequence = OutboundSequence::new(params.esn);
        let selectors = params.selectors.clone();
        Ok(Self { spi, layout, sequence, key, selectors, traffic: Traffic::default() })
    }

    /// The SPI written into each packet: the peer's.
    #[must_use]
    pub fn spi(&self) -> u32 {
        self.spi
    }

    /// What it may carry.
    #[must_use]
    pub fn selectors(&self) -> &Selectors {
        &self.selectors
    }

    /// What it has sealed.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Sequence numbers left: packets it can still send.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.sequence.remaining()
    }

    /// True if no more than `threshold` packets can be sent: time to negotiate a successor.
    #[must_use]
    pub fn should_rekey(&self, threshold: u64) -> bool {
        self.remaining() <= threshold
    }

    /// Bytes of the ESP packet that an inner packet of `inner` bytes becomes, UDP and IP not counted.
    #[inline]
    #[must_use]
    pub fn sealed_len(&self, inner: usize) -> usize {
        self.layout
            .front()
            .saturating_add(inner)
            .saturating_add(self.layout.padding(inner) + TRAILER_LEN + self.layout.icv_len)
    }

    /// The longest inner packet whose ESP packet has at most `limit` bytes; `None` if not even an empty
    /// one has. For the MTU of the tunnel.
    #[must_use]
    pub fn max_inner_len(&self, limit: usize) -> Option<usize> {
        let ciphertext = limit.checked_sub(self.layout.front() + self.layout.icv_len)?;
        (ciphertext & !(self.layout.align - 1)).checked_sub(TRAILER_LEN)
    }

    /// Turns the IP packet in `packet` into an ESP packet, in place: the payload grows at both ends.
    ///
    /// # Errors
    /// [`SealError`]. The packet is as it was, but emptied if the cipher failed.
    #[inline]
    pub fn seal(&mut self, packet: &mut PacketBuf) -> Result<(), SealError> {
        let inner_len = packet.len();
        let next_header = self.admit(packet.payload())?;
        // Room is asked for before the sequence number, so that a full buffer costs none.
        let back = self.layout.padding(inner_len) + TRAILER_LEN + self.layout.icv_len;
        let whole = packet.widen(self.layout.front(), back)?;
        let Some(sequence) = self.sequence.take() else {
            packet.advance(self.layout.front());
            packet.truncate(inner_len);
            return Err(SealError::SequenceExhausted);
        };
        match self.protect(sequence, whole, inner_len, next_header, None) {
            Ok(()) => {
                self.traffic.add(inner_len);
                Ok(())
            }
            Err(error) => {
                // Half encrypted, or plain: it must not get out.
                packet.clear();
                Err(error.into())
            }
        }
    }

    /// Seals each packet as [`Self::seal`] does and gives the number sealed. A refused one is shown to
    /// `refused` and then emptied, so that sending the whole batch sends nothing in clear.
    pub fn seal_batch<'a>(
        &mut self,
        packets: impl IntoIterator<Item = &'a mut PacketBuf>,
        mut refused: impl FnMut(&PacketBuf, SealError),
    ) -> usize {
        let mut sealed = 0;
        for packet in packets {
            match self.seal(packet) {
                Ok(()) => sealed += 1,
                Err(error) => {
                    refused(packet, error);
                    packet.clear();
                }
            }
        }
        sealed
    }

    /// Copies the IP packet in `inner` to the end of `out` and seals it there, as the next segment of one
    /// large send.
    ///
    /// # Errors
    /// [`SealError`], in particular [`SealError::SegmentsFull`]. `out` holds what it held before.
    #[inline]
    pub fn seal_into(&mut self, inner: &[u8], out: &mut SegmentBuf) -> Result<(), SealError> {
        self.seal_parts_into(inner, &[], out)
    }

    /// [`Self::seal_into`] for a packet in two parts: the headers just written for a segment, and its
    /// slice of a longer payload.
    ///
    /// # Errors
    /// As [`Self::seal_into`].
    #[inline]
    pub fn seal_parts_into(
        &mut self,
        head: &[u8],
        rest: &[u8],
        out: &mut SegmentBuf,
    ) -> Result<(), SealError> {
        self.seal_filled_into(head.len().saturating_add(rest.len()), out, |inner| {
            let Some((to_head, to_rest)) = inner.split_at_mut_checked(head.len()) else { return false };
            to_head.copy_from_slice(head);
            to_rest.copy_from_slice(rest);
            true
        })
    }

    /// [`Self::seal_into`] for a packet of `inner_len` bytes that `fill` writes to where it is sealed, so
    /// that nothing is copied. `fill` says whether it wrote it all; if not, nothing is sealed.
    ///
    /// # Errors
    /// As [`Self::seal_into`]; [`SealError::MalformedInner`] if `fill` gave up.
    #[inline]
    pub fn seal_filled_into(
        &mut self,
        inner_len: usize,
        out: &mut SegmentBuf,
        fill: impl FnOnce(&mut [u8]) -> bool,
    ) -> Result<(), SealError> {
        let sealed_len = self.sealed_len(inner_len);
        let whole = out.reserve(sealed_len).ok_or(SealError::SegmentsFull)?;
        let inner = whole.get_mut(self.layout.front()..).and_then(|inner| inner.get_mut(..inner_len));
        let inner = inner.ok_or(SealError::SegmentsFull)?;
        if !fill(inner) {
            return Err(SealError::MalformedInner);
        }
        let next_header = self.admit(inner)?;
        let sequence = self.sequence.take().ok_or(SealError::SequenceExhausted)?;
        self.protect(sequence, whole, inner_len, next_header, None)?;
        out.commit(sealed_len);
        self.traffic.add(inner_len);
        Ok(())
    }

    /// Checks that `packet` is an IP packet that this SA carries; gives its next header.
    #[inline]
    fn admit(&self, packet: &[u8]) -> Result<u8, SealError> {
        let inner = Inner::parse(packet).ok_or(SealError::MalformedInner)?;
        if !self.selectors.permits_outbound(&inner) {
            return Err(SealError::OutsideSelectors);
        }
        Ok(inner.next_header())
    }

    /// Writes everything around the inner packet in `whole` and encrypts. `iv` is for vectors; otherwise
    /// the key makes one from the sequence number.
    #[inline]
    fn protect(
        &self,
        sequence: u64,
        whole: &mut [u8],
        inner_len: usize,
        next_header: u8,
        given_iv: Option<&[u8]>,
    ) -> Result<(), CryptoError> {
        let (header, body) = whole.split_first_chunk_mut::<HEADER_LEN>().ok_or(CryptoError::BadLength)?;
        let (_, low) = halves(sequence);
        *header = (u64::from(self.spi) << 32 | u64::from(low)).to_be_bytes();
        let (iv, rest) = body.split_at_mut_checked(self.layout.iv_len).ok_or(CryptoError::BadLength)?;
        match given_iv {
            None => self.key.write_iv(sequence, iv),
            Some(given) if given.len() == iv.len() => iv.copy_from_slice(given),
            Some(_) => return Err(CryptoError::BadLength),
        }
        let behind = rest.len().checked_sub(self.layout.icv_len).ok_or(CryptoError::BadLength)?;
        trailer::write(rest.get_mut(inner_len..behind).ok_or(CryptoError::BadLength)?, next_header);
        self.key.seal(AadBytes::new(&self.layout, self.spi, sequence).aad(&self.layout), body)
    }

    /// Seals with a sequence number and IV from a vector.
    #[cfg(test)]
    pub(crate) fn seal_with(
        &mut self,
        sequence: u64,
        iv: &[u8],
        packet: &mut PacketBuf,
    ) -> Result<(), SealError> {
        let inner_len = packet.len();
        let next_header = self.admit(packet.payload())?;
        let back = self.layout.padding(inner_len) + TRAILER_LEN + self.layout.icv_len;
        let whole = packet.widen(self.layout.front(), back)?;
        self.protect(sequence, whole, inner_len, next_header, Some(iv))?;
        Ok(())
    }

    /// Continues behind `last_used`, for tests at the end of the sequence space.
    #[cfg(test)]
    pub(crate) fn jump_to(&mut self, last_used: u64) {
        self.sequence.jump_to(last_used);
    }
}

impl fmt::Debug for OutboundSa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundSa")
            .field("spi", &format_args!("{:08x}", self.spi))
            .field("esn", &self.layout.esn)
            .field("remaining", &self.remaining())
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}
