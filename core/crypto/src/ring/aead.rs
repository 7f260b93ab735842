//! AES-GCM (RFC 4106, RFC 5282) and ChaCha20-Poly1305 (RFC 7634) on *ring*.
//!
//! This is the packet path: one virtual call, one split of the buffer, then *ring*.

use std::fmt;
use std::hint::black_box;

use ::ring::aead::{self, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::cipher::{AEAD_ICV_LEN, AEAD_IV_LEN, AEAD_SALT_LEN, aead_nonce, split_aead_body, split_aead_key};
use crate::{Aad, Cipher, CipherSpec, CryptoError, OpeningKey, SealingKey};

/// AES-GCM with a 16-octet ICV, 128-bit key.
pub(crate) const AES_128_GCM: &dyn Cipher =
    &AeadCipher { spec: CipherSpec::aes_gcm(128), algorithm: &aead::AES_128_GCM, key_len: 16 };
/// AES-GCM with a 16-octet ICV, 256-bit key.
pub(crate) const AES_256_GCM: &dyn Cipher =
    &AeadCipher { spec: CipherSpec::aes_gcm(256), algorithm: &aead::AES_256_GCM, key_len: 32 };
/// ChaCha20-Poly1305.
pub(crate) const CHACHA20_POLY1305: &dyn Cipher =
    &AeadCipher { spec: CipherSpec::chacha20_poly1305(), algorithm: &aead::CHACHA20_POLY1305, key_len: 32 };

struct AeadCipher {
    spec: CipherSpec,
    algorithm: &'static aead::Algorithm,
    key_len: usize,
}

impl AeadCipher {
    fn key(&self, encr: &[u8], integ: &[u8]) -> Result<AeadKey, CryptoError> {
        let (key, salt) = split_aead_key(encr, integ, self.key_len)?;
        let key = UnboundKey::new(self.algorithm, key).map_err(|_| CryptoError::BadKey("wrong length"))?;
        Ok(AeadKey { key: LessSafeKey::new(key), salt, key_len: self.key_len })
    }
}

impl fmt::Debug for AeadCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ring {}", self.spec)
    }
}

impl Cipher for AeadCipher {
    fn spec(&self) -> CipherSpec {
        self.spec
    }

    fn encr_key_len(&self) -> usize {
        self.key_len + AEAD_SALT_LEN
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
        Ok(Box::new(self.key(encr, integ)?))
    }

    fn opening_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn OpeningKey>, CryptoError> {
        Ok(Box::new(self.key(encr, integ)?))
    }
}

struct AeadKey {
    key: LessSafeKey,
    salt: [u8; AEAD_SALT_LEN],
    key_len: usize,
}

impl Drop for AeadKey {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl AeadKey {
    fn wipe(&mut self) {
        self.salt.zeroize();
        // ring's key schedule has no wiping of its own: the schedule of an all-zero key takes its place,
        // and `black_box` keeps the compiler from leaving that write out.
        let zeros = [0; 32];
        if let Some(Ok(key)) =
            zeros.get(..self.key_len).map(|zeros| UnboundKey::new(self.key.algorithm(), zeros))
        {
            self.key = LessSafeKey::new(key);
            black_box(&mut self.key);
        }
    }

    #[inline]
    fn nonce(&self, iv: [u8; AEAD_IV_LEN]) -> Nonce {
        Nonce::assume_unique_for_key(aead_nonce(self.salt, iv))
    }
}

impl SealingKey for AeadKey {
    #[inline]
    fn write_iv(&self, counter: u64, iv: &mut [u8]) {
        if let Some(iv) = iv.first_chunk_mut() {
            *iv = counter.to_be_bytes();
        }
    }

    #[inline]
    fn seal(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let (iv, text, icv) = split_aead_body(&aad, body)?;
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(*iv), aead::Aad::from(aad.head), text)
            .map_err(|_| CryptoError::BadLength)?;
        icv.copy_from_slice(tag.as_ref());
        Ok(())
    }
}

impl OpeningKey for AeadKey {
    #[inline]
    fn open(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let (iv, text, icv) = split_aead_body(&aad, body)?;
        self.key
            .open_in_place_separate_tag(self.nonce(*iv), aead::Aad::from(aad.head), (*icv).into(), text, 0..)
            .map_err(|_| CryptoError::BadIntegrity)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{AEAD_IV_LEN, AeadCipher, aead};
    use crate::{Aad, CipherSpec, SealingKey};

    #[test]
    fn wiping_leaves_the_key_of_all_zeros() {
        for (algorithm, key_len) in
            [(&aead::AES_128_GCM, 16), (&aead::AES_256_GCM, 32), (&aead::CHACHA20_POLY1305, 32)]
        {
            let cipher = AeadCipher { spec: CipherSpec::aes_gcm(128), algorithm, key_len };
            let sealed = |key: &dyn SealingKey| {
                let mut body = [0; AEAD_IV_LEN + 32 + 16];
                key.seal(Aad::default(), &mut body).unwrap();
                body
            };
            let mut key = cipher.key(&vec![0x42; key_len + 4], &[]).unwrap();
            let zero = cipher.key(&vec![0; key_len + 4], &[]).unwrap();
            assert_ne!(sealed(&key), sealed(&zero));
            key.wipe();
            assert_eq!(sealed(&key), sealed(&zero));
        }
    }
}
