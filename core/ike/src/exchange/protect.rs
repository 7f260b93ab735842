//! Encrypted payloads: sealing and opening SK (RFC 7296 3.14, RFC 5282) and SKF (RFC 7383 2.5).
//!
//! The ICV covers the message from the IKE header to the end of the ciphertext. An AEAD gets everything
//! before the IV as associated data; encrypt-then-MAC runs the MAC over the same octets, IV and ciphertext.

use std::fmt;

use adit_crypto::{Aad, Cipher, CryptoError, OpeningKey, SealingKey};
use zeroize::Zeroizing;

use crate::keys::CipherKeys;
use crate::wire::{
    EncodeError, EncryptedFragment, GENERIC_HEADER_LEN, Header, Malformed, ParseError, Payload, PayloadChain,
    PayloadType, RawPayload, Reader, Writer, encode_inner, limits,
};

/// Protects what one end of an IKE SA sends. Wiped on drop.
pub struct Sealer {
    cipher: &'static dyn Cipher,
    key: Box<dyn SealingKey>,
    /// How often the key was used; the next IV comes from it. Never goes back, not even after a failure.
    uses: u64,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("cipher", &self.cipher.spec()).field("uses", &self.uses).finish()
    }
}

impl Sealer {
    /// A sealer under `keys`, which no other sealer may use.
    ///
    /// # Errors
    /// [`CryptoError::BadKey`] if the keys are not of the cipher's lengths.
    pub fn new(cipher: &'static dyn Cipher, keys: &CipherKeys) -> Result<Self, CryptoError> {
        let key = cipher.sealing_key(keys.encr.expose(), keys.integ.expose())?;
        Ok(Self { cipher, key, uses: 0 })
    }

    /// The datagrams that carry `payloads`: one with SK, or several with SKF if one would be longer than
    /// `max_datagram` octets (IKE header included, UDP header and non-ESP marker not). `None` means that
    /// fragmentation was not negotiated.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(
        &mut self,
        header: &Header,
        payloads: &[Payload],
        max_datagram: Option<usize>,
    ) -> Result<Vec<Vec<u8>>, SealError> {
        let (first, plaintext) = encode_inner(payloads)?;
        let plaintext = Zeroizing::new(plaintext);
        let whole = self.message_len(0, plaintext.len());
        match max_datagram {
            Some(limit) if whole > limit => self.seal_fragments(header, first, &plaintext, limit),
            _ if whole > limits::MAX_MESSAGE => Err(SealError::TooLong { length: whole }),
            _ => Ok(vec![self.seal_one(header, PayloadType::SK, first, &[], &plaintext)?]),
        }
    }

    /// Continues as if the key had been used so often.
    #[cfg(test)]
    pub(super) const fn set_uses(&mut self, uses: u64) {
        self.uses = uses;
    }

    fn seal_fragments(
        &mut self,
        header: &Header,
        first: PayloadType,
        plaintext: &[u8],
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, SealError> {
        let room = self.fragment_room(limit).ok_or(SealError::NoRoom { limit })?;
        let parts = plaintext.chunks(room);
        let total = parts.len();
        if total > super::reassembly::MAX_FRAGMENTS {
            return Err(SealError::TooManyFragments { fragments: total });
        }
        let total = u16::try_from(total).map_err(|_| SealError::TooManyFragments { fragments: total })?;
        let mut datagrams = Vec::with_capacity(total.into());
        for (number, part) in (1..=total).zip(parts) {
            let [n0, n1] = number.to_be_bytes();
            let [t0, t1] = total.to_be_bytes();
            // RFC 7383 2.5: only the first fragment says which payload comes first.
            let next = if number == 1 { first } else { PayloadType::NONE };
            datagrams.push(self.seal_one(header, PayloadType::SKF, next, &[n0, n1, t0, t1], part)?);
        }
        Ok(datagrams)
    }

    /// Writes one message whose only payload is `kind`, with `numbers` before the IV.
    fn seal_one(
        &mut self,
        header: &Header,
        kind: PayloadType,
        first: PayloadType,
        numbers: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let length = self.message_len(numbers.len(), plaintext.len());
        let too_long = || SealError::TooLong { length };
        let payload_len = u16::try_from(length.saturating_sub(Header::LEN)).map_err(|_| too_long())?;
        let header =
            Header { next_payload: kind, length: u32::try_from(length).map_err(|_| too_long())?, ..*header };
        let mut writer = Writer::new();
        header.write(&mut writer);
        writer.u8(first.0);
        writer.u8(0);
        writer.u16(payload_len);
        writer.bytes(numbers);
        let aad_len = writer.len();
        let mut message = writer.finish()?;
        let padding = self.padding(plaintext.len());
        let iv_end = aad_len + self.cipher.iv_len();
        message.reserve_exact(length.saturating_sub(aad_len));
        message.resize(iv_end, 0);
        message.extend_from_slice(plaintext);
        message.resize(message.len() + usize::from(padding), 0);
        message.push(padding);
        message.resize(message.len() + self.cipher.icv_len(), 0);

        let counter = self.uses;
        self.uses = counter.checked_add(1).ok_or(SealError::KeyExhausted)?;
        let no_room = SealError::Cipher(CryptoError::BadLength);
        let (aad, body) = message.split_at_mut_checked(aad_len).ok_or(no_room.clone())?;
        let iv = body.get_mut(..self.cipher.iv_len()).ok_or(no_room)?;
        self.key.write_iv(counter, iv);
        self.key.seal(Aad::new(aad), body)?;
        Ok(message)
    }

    /// Pad Length for so many octets of payloads. Pads to the block and no further (RFC 7296 3.14).
    fn padding(&self, plaintext_len: usize) -> u8 {
        let block = self.cipher.block_len().max(1);
        let used = (plaintext_len + 1) % block;
        u8::try_from((block - used) % block).unwrap_or(0)
    }

    /// Octets of the whole message.
    fn message_len(&self, numbers_len: usize, plaintext_len: usize) -> usize {
        Header::LEN
            + GENERIC_HEADER_LEN
            + numbers_len
            + self.cipher.iv_len()
            + plaintext_len
            + usize::from(self.padding(plaintext_len))
            + 1
            + self.cipher.icv_len()
    }

    /// How many octets of payloads fit a fragment of `limit` octets; `None` if none does.
    fn fragment_room(&self, limit: usize) -> Option<usize> {
        let fixed = Header::LEN
            + GENERIC_HEADER_LEN
            + EncryptedFragment::NUMBERS_LEN
            + self.cipher.iv_len()
            + self.cipher.icv_len();
        let ciphertext = limit.min(limits::MAX_MESSAGE).checked_sub(fixed)?;
        let blocks = ciphertext - ciphertext % self.cipher.block_len().max(1);
        blocks.checked_sub(1).filter(|room| *room > 0)
    }
}

/// A message could not be sealed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// A payload does not fit its length field.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The message does not fit a datagram, and the peer takes no fragments.
    #[error("message of {length} octets does not fit one datagram and the peer takes no fragments")]
    TooLong {
        /// Octets of the message.
        length: usize,
    },
    /// The size asked for does not hold a fragment.
    #[error("fragment size of {limit} octets is too small")]
    NoRoom {
        /// The size asked for.
        limit: usize,
    },
    /// More fragments would be needed than a peer can be expected to take.
    #[error("message would need {fragments} fragments; use a larger fragment size")]
    TooManyFragments {
        /// How many.
        fragments: usize,
    },
    /// 2^64 messages were sealed with this key.
    #[error("encryption key is used up")]
    KeyExhausted,
    /// The cipher refused.
    #[error(transparent)]
    Cipher(#[from] CryptoError),
}

/// Checks and opens what the other end of an IKE SA sends. Wiped on drop.
pub struct Opener {
    cipher: &'static dyn Cipher,
    key: Box<dyn OpeningKey>,
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("cipher", &self.cipher.spec()).finish()
    }
}

/// An authentic message or fragment, decrypted. `Debug` shows no content.
#[derive(Clone, Eq, PartialEq)]
pub struct Opened {
    /// Type of the first payload; [`PayloadType::NONE`] for an empty message and in fragments behind the
    /// first.
    pub first: PayloadType,
    /// The payloads, padding removed. Read them with [`crate::wire::parse_inner`].
    pub payloads: Zeroizing<Vec<u8>>,
    /// Fragment Number and Total Fragments if it came in SKF.
    pub fragment: Option<FragmentNumber>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("first", &self.first)
            .field("octets", &self.payloads.len())
            .field("fragment", &self.fragment)
            .finish()
    }
}

/// Which fragment of how many; `1 <= number <= total`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FragmentNumber {
    /// Fragment Number, from 1.
    pub number: u16,
    /// Total Fragments.
    pub total: u16,
}

/// A message could not be opened. It is dropped and the IKE SA is unharmed (RFC 7296 2.21.4), whatever the
/// cause: nothing of it is authentic.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The outer part cannot be read.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// There is no Encrypted payload.
    #[error("message is not encrypted")]
    NotEncrypted,
    /// The ICV is wrong: forged, damaged, or under other keys.
    #[error("integrity check failed")]
    BadIntegrity,
    /// The ICV is right but the Pad Length is longer than the data.
    #[error("padding is longer than the message")]
    BadPadding,
}

impl Opener {
    /// An opener under `keys`.
    ///
    /// # Errors
    /// [`CryptoError::BadKey`] if the keys are not of the cipher's lengths.
    pub fn new(cipher: &'static dyn Cipher, keys: &CipherKeys) -> Result<Self, CryptoError> {
        Ok(Self { cipher, key: cipher.opening_key(keys.encr.expose(), keys.integ.expose())? })
    }

    /// Checks and decrypts `datagram` (without a non-ESP marker). Changes nothing.
    ///
    /// Payloads before the Encrypted one are walked and left alone, as RFC 7296 defines none.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, datagram: &[u8]) -> Result<Opened, OpenError> {
        let header = Header::parse(datagram)?;
        header.check_version()?;
        let encrypted = find_encrypted(&header, datagram)?;
        let mut reader = encrypted.body;
        let fragment = if encrypted.payload_type == PayloadType::SKF {
            let (number, total) = crate::wire::read_fragment_numbers(encrypted.next, &mut reader)?;
            Some(FragmentNumber { number, total })
        } else {
            None
        };
        let (aad, body) = datagram.split_at_checked(reader.offset()).ok_or(OpenError::NotEncrypted)?;
        let mut body = Zeroizing::new(body.to_vec());
        self.key.open(Aad::new(aad), &mut body).map_err(|error| match error {
            CryptoError::BadLength => OpenError::Malformed(
                reader.error(Malformed::Length { what: "ciphertext", length: reader.remaining() }),
            ),
            _ => OpenError::BadIntegrity,
        })?;
        let end = body.len().saturating_sub(self.cipher.icv_len());
        body.truncate(end);
        let padding = usize::from(*body.last().ok_or(OpenError::BadPadding)?);
        let iv_len = self.cipher.iv_len();
        let end = body.len().checked_sub(padding + 1).filter(|end| *end >= iv_len);
        body.truncate(end.ok_or(OpenError::BadPadding)?);
        body.drain(..iv_len);
        Ok(Opened { first: encrypted.next, payloads: body, fragment })
    }
}

/// Walks the outer chain to the Encrypted payload, storing nothing.
fn find_encrypted<'a>(header: &Header, datagram: &'a [u8]) -> Result<RawPayload<'a>, OpenError> {
    let mut reader = Reader::new(datagram);
    reader.take(Header::LEN)?;
    for raw in PayloadChain::new(header.next_payload, reader) {
        let raw = raw?;
        if matches!(raw.payload_type, PayloadType::SK | PayloadType::SKF) {
            return Ok(raw);
        }
    }
    Err(OpenError::NotEncrypted)
}
