//! Ciphers as IKE and ESP use them: an AEAD, or a block cipher with encrypt-then-MAC.
//!
//! One trait serves both, because both protocols put the same three parts on the wire: explicit IV,
//! ciphertext, integrity check value (ICV). What differs is the associated data; see [`Aad`].

use std::fmt;

use crate::{CryptoError, EncrId, IntegId};

/// A cipher as negotiated: encryption algorithm, key length and integrity algorithm.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CipherSpec {
    /// Encryption algorithm (Transform Type 1).
    pub encr: EncrId,
    /// The Key Length attribute in bits, without salt; 0 where the algorithm has one length only
    /// (ChaCha20-Poly1305 takes no such attribute, RFC 7634 4).
    pub key_bits: u16,
    /// Integrity algorithm (Transform Type 3); [`IntegId::NONE`] with an AEAD.
    pub integ: IntegId,
}

impl CipherSpec {
    /// AES-GCM with a 16-octet ICV and a key of `key_bits` bits.
    #[must_use]
    pub const fn aes_gcm(key_bits: u16) -> Self {
        Self { encr: EncrId::AES_GCM_16, key_bits, integ: IntegId::NONE }
    }

    /// ChaCha20-Poly1305.
    #[must_use]
    pub const fn chacha20_poly1305() -> Self {
        Self { encr: EncrId::CHACHA20_POLY1305, key_bits: 0, integ: IntegId::NONE }
    }

    /// AES-CBC with a key of `key_bits` bits and `integ` over the ciphertext.
    #[must_use]
    pub const fn aes_cbc(key_bits: u16, integ: IntegId) -> Self {
        Self { encr: EncrId::AES_CBC, key_bits, integ }
    }

    /// True if the encryption algorithm protects integrity by itself (RFC 5282 8).
    #[must_use]
    pub const fn is_aead(self) -> bool {
        matches!(
            self.encr,
            EncrId::AES_GCM_8
                | EncrId::AES_GCM_12
                | EncrId::AES_GCM_16
                | EncrId::AES_CCM_16
                | EncrId::CHACHA20_POLY1305
        )
    }
}

impl fmt::Display for CipherSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.encr, self.key_bits) {
            (encr, 0) => write!(f, "{encr}")?,
            (EncrId::AES_GCM_16, bits) => write!(f, "AES-GCM-16-{bits}")?,
            (EncrId::AES_CBC, bits) => write!(f, "AES-CBC-{bits}")?,
            (encr, bits) => write!(f, "{encr}-{bits}")?,
        }
        if self.integ != IntegId::NONE {
            write!(f, "/{}", self.integ)?;
        }
        Ok(())
    }
}

/// What the ICV covers besides the IV and ciphertext.
///
/// An AEAD authenticates `head` only and refuses a non-empty `tail`. Encrypt-then-MAC computes the MAC over
/// `head | IV | ciphertext | tail`. So ESP with extended sequence numbers passes `SPI | high | low` as `head`
/// to an AEAD (RFC 4106 5), and `SPI | low` as `head` with `high` as `tail` to a MAC (RFC 4303 2.2.1).
#[derive(Clone, Copy, Debug, Default)]
pub struct Aad<'a> {
    /// Authenticated before the IV.
    pub head: &'a [u8],
    /// Authenticated after the ciphertext; empty with an AEAD.
    pub tail: &'a [u8],
}

impl<'a> Aad<'a> {
    /// Associated data that stands before the IV.
    #[must_use]
    pub const fn new(head: &'a [u8]) -> Self {
        Self { head, tail: &[] }
    }
}

/// An implementation of one [`CipherSpec`].
pub trait Cipher: fmt::Debug + Send + Sync {
    /// What it implements.
    fn spec(&self) -> CipherSpec;

    /// Bytes of encryption key to derive, salt included (RFC 4106 8.1: 4 octets behind the AES key).
    fn encr_key_len(&self) -> usize;

    /// Bytes of integrity key to derive; 0 with an AEAD.
    fn integ_key_len(&self) -> usize;

    /// Bytes of the explicit IV on the wire.
    fn iv_len(&self) -> usize;

    /// Bytes of the ICV on the wire.
    fn icv_len(&self) -> usize;

    /// The plaintext must be a multiple of this: 1 for stream ciphers, 16 for AES-CBC.
    fn block_len(&self) -> usize;

    /// A key that protects outgoing data.
    ///
    /// # Errors
    /// [`CryptoError::BadKey`] if a key has another length than this cipher asks for.
    fn sealing_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn SealingKey>, CryptoError>;

    /// A key that checks and decrypts incoming data.
    ///
    /// # Errors
    /// [`CryptoError::BadKey`] if a key has another length than this cipher asks for.
    fn opening_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn OpeningKey>, CryptoError>;
}

/// Protects outgoing data under one key. Wiped on drop.
pub trait SealingKey: Send + Sync {
    /// Writes the IV for the `counter`-th use of this key to `iv`, which has [`Cipher::iv_len`] bytes.
    ///
    /// Different counters give different IVs. An AEAD uses the counter itself; AES-CBC encrypts it under
    /// the data key, which makes it unpredictable (NIST SP 800-38A, appendix C). The caller never passes
    /// a counter twice.
    fn write_iv(&self, counter: u64, iv: &mut [u8]);

    /// Encrypts in place. `body` is `IV | plaintext | room for the ICV`; the IV is already written.
    ///
    /// # Errors
    /// [`CryptoError::BadLength`] if `body` is shorter than IV and ICV, the plaintext is no multiple of
    /// [`Cipher::block_len`], or an AEAD is given a tail.
    fn seal(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError>;
}

/// Checks and decrypts incoming data under one key. Wiped on drop.
pub trait OpeningKey: Send + Sync {
    /// Checks the ICV in constant time, then decrypts in place. `body` is `IV | ciphertext | ICV`; on
    /// success the plaintext stands at `iv_len..body.len() - icv_len`.
    ///
    /// # Errors
    /// [`CryptoError::BadLength`] as in [`SealingKey::seal`], [`CryptoError::BadIntegrity`] if the ICV is
    /// wrong; `body` then holds no plaintext a caller may use.
    fn open(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError>;
}

/// The parts of an AEAD's body: IV, text, ICV.
pub(crate) type AeadParts<'b> = (&'b mut [u8; AEAD_IV_LEN], &'b mut [u8], &'b mut [u8; AEAD_ICV_LEN]);

/// Explicit IV of every AEAD here (RFC 4106 3.1, RFC 7634 2).
pub(crate) const AEAD_IV_LEN: usize = 8;
/// ICV of every AEAD here.
pub(crate) const AEAD_ICV_LEN: usize = 16;
/// Salt at the end of an AEAD's keying material (RFC 4106 8.1, RFC 7634 2).
pub(crate) const AEAD_SALT_LEN: usize = 4;

/// Checks that `aad` suits an AEAD and takes `body` apart.
#[inline]
pub(crate) fn split_aead_body<'b>(aad: &Aad<'_>, body: &'b mut [u8]) -> Result<AeadParts<'b>, CryptoError> {
    if !aad.tail.is_empty() {
        return Err(CryptoError::BadLength);
    }
    let (iv, rest) = body.split_first_chunk_mut().ok_or(CryptoError::BadLength)?;
    let (text, icv) = rest.split_last_chunk_mut().ok_or(CryptoError::BadLength)?;
    Ok((iv, text, icv))
}

/// Checks the lengths of an AEAD's keying material and takes key and salt apart.
pub(crate) fn split_aead_key<'k>(
    encr: &'k [u8],
    integ: &[u8],
    key_len: usize,
) -> Result<(&'k [u8], [u8; AEAD_SALT_LEN]), CryptoError> {
    if !integ.is_empty() {
        return Err(CryptoError::BadKey("an AEAD takes no integrity key"));
    }
    match encr.split_last_chunk::<AEAD_SALT_LEN>() {
        Some((key, salt)) if key.len() == key_len => Ok((key, *salt)),
        _ => Err(CryptoError::BadKey("wrong length for this cipher and its salt")),
    }
}

/// The nonce of RFC 4106 4 and RFC 7634 2: `salt | IV`.
#[inline]
pub(crate) fn aead_nonce(salt: [u8; AEAD_SALT_LEN], iv: [u8; AEAD_IV_LEN]) -> [u8; 12] {
    let [s0, s1, s2, s3] = salt;
    let [i0, i1, i2, i3, i4, i5, i6, i7] = iv;
    [s0, s1, s2, s3, i0, i1, i2, i3, i4, i5, i6, i7]
}
