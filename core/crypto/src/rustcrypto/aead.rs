//! AES-GCM (RFC 4106, RFC 5282) and ChaCha20-Poly1305 (RFC 7634) on RustCrypto's `aes-gcm` and
//! `chacha20poly1305`, whose key schedules wipe themselves.

use std::fmt;
use std::marker::PhantomData;

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes128Gcm, Aes256Gcm, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;
use zeroize::Zeroize;

use crate::cipher::{AEAD_ICV_LEN, AEAD_IV_LEN, AEAD_SALT_LEN, aead_nonce, split_aead_body, split_aead_key};
use crate::{Aad, Cipher, CipherSpec, CryptoError, OpeningKey, SealingKey};

/// AES-GCM with a 16-octet ICV, 128-bit key.
pub(crate) const AES_128_GCM: &dyn Cipher =
    &AeadCipher::<Aes128Gcm> { spec: CipherSpec::aes_gcm(128), algorithm: PhantomData };
/// AES-GCM with a 16-octet ICV, 256-bit key.
pub(crate) const AES_256_GCM: &dyn Cipher =
    &AeadCipher::<Aes256Gcm> { spec: CipherSpec::aes_gcm(256), algorithm: PhantomData };
/// ChaCha20-Poly1305.
pub(crate) const CHACHA20_POLY1305: &dyn Cipher =
    &AeadCipher::<ChaCha20Poly1305> { spec: CipherSpec::chacha20_poly1305(), algorithm: PhantomData };

/// The AEAD traits a cipher of this module needs.
trait Aead: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit + Send + Sync + 'static {}
impl<A: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit + Send + Sync + 'static> Aead for A {}

struct AeadCipher<A> {
    spec: CipherSpec,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Aead> AeadCipher<A> {
    fn key(encr: &[u8], integ: &[u8]) -> Result<AeadKey<A>, CryptoError> {
        let (key, salt) = split_aead_key(encr, integ, A::key_size())?;
        let aead = A::new_from_slice(key).map_err(|_| CryptoError::BadKey("wrong length"))?;
        Ok(AeadKey { aead, salt })
    }
}

impl<A> fmt::Debug for AeadCipher<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustCrypto {}", self.spec)
    }
}

impl<A: Aead> Cipher for AeadCipher<A> {
    fn spec(&self) -> CipherSpec {
        self.spec
    }

    fn encr_key_len(&self) -> usize {
        A::key_size() + AEAD_SALT_LEN
    }

    fn integ_key_len(&self) -> usize {
        0
    }

    fn iv_len(&self) -> usize {
        AEAD_IV_LEN
    }

    fn icv_len(&self) -> usize {
        AEAD_ICV_LEN
    }

    fn block_len(&self) -> usize {
        1
    }

    fn sealing_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn SealingKey>, CryptoError> {
        Ok(Box::new(Self::key(encr, integ)?))
    }

    fn opening_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn OpeningKey>, CryptoError> {
        Ok(Box::new(Self::key(encr, integ)?))
    }
}

struct AeadKey<A> {
    /// Wipes itself.
    aead: A,
    salt: [u8; AEAD_SALT_LEN],
}

impl<A> Drop for AeadKey<A> {
    fn drop(&mut self) {
        self.salt.zeroize();
    }
}

impl<A: Aead> SealingKey for AeadKey<A> {
    fn write_iv(&self, counter: u64, iv: &mut [u8]) {
        for (out, byte) in iv.iter_mut().zip(counter.to_be_bytes()) {
            *out = byte;
        }
    }

    fn seal(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let (iv, text, icv) = split_aead_body(&aad, body)?;
        let nonce = aead_nonce(self.salt, *iv);
        let tag = self
            .aead
            .encrypt_inout_detached(&nonce.into(), aad.head, InOutBuf::from(text))
            .map_err(|_| CryptoError::BadLength)?;
        *icv = tag.into();
        Ok(())
    }
}

impl<A: Aead> OpeningKey for AeadKey<A> {
    fn open(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let (iv, text, icv) = split_aead_body(&aad, body)?;
        let nonce = aead_nonce(self.salt, *iv);
        self.aead
            .decrypt_inout_detached(&nonce.into(), aad.head, InOutBuf::from(text), &(*icv).into())
            .map_err(|_| CryptoError::BadIntegrity)
    }
}
