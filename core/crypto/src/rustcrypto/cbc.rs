//! AES-CBC (RFC 3602) with an HMAC over the ciphertext: RFC 2404 (HMAC-SHA1-96), RFC 4868 (HMAC-SHA2),
//! RFC 4595 (HMAC-SHA1-160).
//!
//! The MAC covers `head | IV | ciphertext | tail` and is compared in constant time before anything is
//! decrypted. Padding is the caller's: ESP and IKE pad differently.

use std::fmt;
use std::marker::PhantomData;

use aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser,
    InnerIvInit, KeyInit, consts::U16,
};
use aes::{Aes128, Aes256};
use hmac::EagerHash;
use hmac::Hmac;
use hmac::Mac as _;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::{Aad, Cipher, CipherSpec, CryptoError, IntegId, OpeningKey, SealingKey};

macro_rules! suites {
    ($($name:ident: $cipher:ty, $bits:literal, $hash:ty, $integ:ident, $icv:literal;)*) => {
        $(
            #[doc = concat!("AES-CBC with a ", $bits, "-bit key and ", stringify!($integ), ".")]
            pub(crate) const $name: &dyn Cipher = &CbcHmac::<$cipher, $hash> {
                spec: CipherSpec::aes_cbc($bits, IntegId::$integ),
                icv_len: $icv,
                algorithms: PhantomData,
            };
        )*
    };
}

suites! {
    AES_128_CBC_HMAC_SHA1_96: Aes128, 128, Sha1, HMAC_SHA1_96, 12;
    AES_128_CBC_HMAC_SHA1_160: Aes128, 128, Sha1, HMAC_SHA1_160, 20;
    AES_128_CBC_HMAC_SHA2_256_128: Aes128, 128, Sha256, HMAC_SHA2_256_128, 16;
    AES_128_CBC_HMAC_SHA2_384_192: Aes128, 128, Sha384, HMAC_SHA2_384_192, 24;
    AES_128_CBC_HMAC_SHA2_512_256: Aes128, 128, Sha512, HMAC_SHA2_512_256, 32;
    AES_256_CBC_HMAC_SHA1_96: Aes256, 256, Sha1, HMAC_SHA1_96, 12;
    AES_256_CBC_HMAC_SHA1_160: Aes256, 256, Sha1, HMAC_SHA1_160, 20;
    AES_256_CBC_HMAC_SHA2_256_128: Aes256, 256, Sha256, HMAC_SHA2_256_128, 16;
    AES_256_CBC_HMAC_SHA2_384_192: Aes256, 256, Sha384, HMAC_SHA2_384_192, 24;
    AES_256_CBC_HMAC_SHA2_512_256: Aes256, 256, Sha512, HMAC_SHA2_512_256, 32;
}

const BLOCK: usize = 16;

/// The block cipher traits this module needs.
trait Aes:
    BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Send + Sync + 'static
{
}
impl Aes for Aes128 {}
impl Aes for Aes256 {}

/// The hash traits this module needs.
trait MacHash: EagerHash<Core: Send + Sync> + 'static {}
impl<D: EagerHash<Core: Send + Sync> + 'static> MacHash for D {}

struct CbcHmac<C, D> {
    spec: CipherSpec,
    icv_len: usize,
    algorithms: PhantomData<fn() -> (C, D)>,
}

impl<C: Aes, D: MacHash> CbcHmac<C, D> {
    fn key(&self, encr: &[u8], integ: &[u8]) -> Result<CbcHmacKey<C, D>, CryptoError> {
        if integ.len() != self.integ_key_len() {
            return Err(CryptoError::BadKey("wrong length for this integrity algorithm"));
        }
        let aes = C::new_from_slice(encr).map_err(|_| CryptoError::BadKey("wrong length for this cipher"))?;
        let mac = <Hmac<D> as KeyInit>::new_from_slice(integ)
            .map_err(|_| CryptoError::BadKey("wrong length for this integrity algorithm"))?;
        Ok(CbcHmacKey { aes, mac, icv_len: self.icv_len })
    }
}

impl<C, D> fmt::Debug for CbcHmac<C, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustCrypto {}", self.spec)
    }
}

impl<C: Aes, D: MacHash> Cipher for CbcHmac<C, D> {
    fn spec(&self) -> CipherSpec {
        self.spec
    }

    fn encr_key_len(&self) -> usize {
        C::key_size()
    }

    /// As long as the hash's output (RFC 2404 3, RFC 4868 2.1.1).
    fn integ_key_len(&self) -> usize {
        <Hmac<D> as hmac::digest::OutputSizeUser>::output_size()
    }

    fn iv_len(&self) -> usize {
        BLOCK
    }

    fn icv_len(&self) -> usize {
        self.icv_len
    }

    fn block_len(&self) -> usize {
        BLOCK
    }

    fn sealing_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn SealingKey>, CryptoError> {
        Ok(Box::new(self.key(encr, integ)?))
    }

    fn opening_key(&self, encr: &[u8], integ: &[u8]) -> Result<Box<dyn OpeningKey>, CryptoError> {
        Ok(Box::new(self.key(encr, integ)?))
    }
}

/// Both parts wipe themselves. The MAC is keyed once and cloned for each packet, which saves two
/// compressions a packet.
struct CbcHmacKey<C, D: EagerHash> {
    aes: C,
    mac: Hmac<D>,
    icv_len: usize,
}

impl<C: Aes, D: MacHash> CbcHmacKey<C, D> {
    /// Takes `IV | text | ICV` apart as (IV and text, ICV), with the text in whole blocks.
    fn split<'b>(&self, body: &'b mut [u8]) -> Result<(&'b mut [u8], &'b mut [u8]), CryptoError> {
        let at = body.len().checked_sub(self.icv_len).ok_or(CryptoError::BadLength)?;
        if at < BLOCK || at % BLOCK != 0 {
            return Err(CryptoError::BadLength);
        }
        body.split_at_mut_checked(at).ok_or(CryptoError::BadLength)
    }

    fn mac(&self, aad: Aad<'_>, iv_and_text: &[u8]) -> Hmac<D> {
        let mut mac = self.mac.clone();
        mac.update(aad.head);
        mac.update(iv_and_text);
        mac.update(aad.tail);
        mac
    }
}

/// 16 octets of IV or text.
type AesBlock = Array<u8, U16>;

/// The IV and the blocks after it.
fn iv_and_blocks(body: &mut [u8]) -> Result<(&AesBlock, &mut [AesBlock]), CryptoError> {
    let (blocks, _) = AesBlock::slice_as_chunks_mut(body);
    let (iv, blocks) = blocks.split_first_mut().ok_or(CryptoError::BadLength)?;
    Ok((iv, blocks))
}

impl<C: Aes, D: MacHash> SealingKey for CbcHmacKey<C, D> {
    fn write_iv(&self, counter: u64, iv: &mut [u8]) {
        let mut block = AesBlock::from(u128::from(counter).to_be_bytes());
        self.aes.encrypt_block(&mut block);
        for (out, byte) in iv.iter_mut().zip(block) {
            *out = byte;
        }
    }

    fn seal(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let (iv_and_text, icv) = self.split(body)?;
        let (iv, blocks) = iv_and_blocks(iv_and_text)?;
        cbc::Encryptor::inner_iv_init(&self.aes, iv).encrypt_blocks(blocks);
        let mac = self.mac(aad, iv_and_text).finalize().into_bytes();
        for (out, byte) in icv.iter_mut().zip(&mac) {
            *out = *byte;
        }
        Ok(())
    }
}

impl<C: Aes, D: MacHash> OpeningKey for CbcHmacKey<C, D> {
    fn open(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let (iv_and_text, icv) = self.split(body)?;
        self.mac(aad, iv_and_text).verify_truncated_left(icv).map_err(|_| CryptoError::BadIntegrity)?;
        let (iv, blocks) = iv_and_blocks(iv_and_text)?;
        cbc::Decryptor::inner_iv_init(&self.aes, iv).decrypt_blocks(blocks);
        Ok(())
    }
}
