//! **TESTS ONLY.** Ciphers that encrypt nothing and take every ICV, with the lengths of the real ones.

use crate::{Aad, Cipher, CipherSpec, CryptoError, IntegId, OpeningKey, SealingKey};

/// Every suite of the default provider.
pub(in crate::testing) const CIPHERS: &[&dyn Cipher] = &[
    &Fake { spec: CipherSpec::aes_gcm(256), encr: 36, integ: 0, iv: 8, icv: 16, block: 1 },
    &Fake { spec: CipherSpec::aes_gcm(128), encr: 20, integ: 0, iv: 8, icv: 16, block: 1 },
    &Fake { spec: CipherSpec::chacha20_poly1305(), encr: 36, integ: 0, iv: 8, icv: 16, block: 1 },
    &cbc(256, IntegId::HMAC_SHA2_512_256, 64, 32),
    &cbc(256, IntegId::HMAC_SHA2_384_192, 48, 24),
    &cbc(256, IntegId::HMAC_SHA2_256_128, 32, 16),
    &cbc(256, IntegId::HMAC_SHA1_160, 20, 20),
    &cbc(256, IntegId::HMAC_SHA1_96, 20, 12),
    &cbc(128, IntegId::HMAC_SHA2_512_256, 64, 32),
    &cbc(128, IntegId::HMAC_SHA2_384_192, 48, 24),
    &cbc(128, IntegId::HMAC_SHA2_256_128, 32, 16),
    &cbc(128, IntegId::HMAC_SHA1_160, 20, 20),
    &cbc(128, IntegId::HMAC_SHA1_96, 20, 12),
];

/// What stands where an ICV would.
const ICV_FILL: u8 = 0xac;

#[derive(Clone, Copy, Debug)]
struct Fake {
    spec: CipherSpec,
    encr: usize,
    integ: usize,
    iv: usize,
    icv: usize,
    block: usize,
}

const fn cbc(bits: u16, integ: IntegId, integ_len: usize, icv: usize) -> Fake {
    let encr = if bits == 256 { 32 } else { 16 };
    Fake { spec: CipherSpec::aes_cbc(bits, integ), encr, integ: integ_len, iv: 16, icv, block: 16 }
}

impl Fake {
    fn check_keys(&self, encr: &[u8], integ: &[u8]) -> Result<(), CryptoError> {
        if encr.len() == self.encr && integ.len() == self.integ {
            Ok(())
        } else {
            Err(CryptoError::BadKey("wrong length"))
        }
    }

    /// The ICV's place, if the lengths are right.
    fn icv_of<'b>(&self, aad: Aad<'_>, body: &'b mut [u8]) -> Result<&'b mut [u8], CryptoError> {
        let text = body.len().checked_sub(self.iv + self.icv).ok_or(CryptoError::BadLength)?;
        if text % self.block != 0 || (self.spec.is_aead() && !aad.tail.is_empty()) {
            return Err(CryptoError::BadLength);
        }
        body.get_mut(self.iv + text..).ok_or(CryptoError::BadLength)
    }
}

impl Cipher for Fake {
    fn spec(&self) -> CipherSpec {
        self.spec
    }

    fn encr_key_len(&self) -> usize {
        self.encr
    }

    fn integ_key_len(&self) -> usize {
        self.integ
    }

    fn iv_len(&self) -> usize {
        self.iv
    }

    fn icv_len(&self) -> usize {
        self.icv
    }

    fn block_len(&self) -> usize {
        self.block
    }

    fn sealing_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn SealingKey>, CryptoError> {
        self.check_keys(encr, integ)?;
        Ok(Box::new(*self))
    }

    fn opening_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn OpeningKey>, CryptoError> {
        self.check_keys(encr, integ)?;
        Ok(Box::new(*self))
    }
}

impl SealingKey for Fake {
    fn write_iv(&self, counter: u64, iv: &mut [u8]) {
        iv.fill(0);
        if let Some(low) = iv.last_chunk_mut() {
            *low = counter.to_be_bytes();
        }
    }

    fn seal(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        self.icv_of(aad, body)?.fill(ICV_FILL);
        Ok(())
    }
}

impl OpeningKey for Fake {
    fn open(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        self.icv_of(aad, body).map(|_| ())
    }
}
