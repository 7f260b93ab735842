//! RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 sections 8.1 and 8.2): checking signatures.

use super::number::{Modulus, bits, compare, from_bytes, to_bytes};
use crate::cms::algorithm::DigestAlgorithm;
use crate::cms::verify::digest;
use std::cmp::Ordering;

/// Moduli that are computed with, in bits. The upper end bounds the time of one verification.
pub const MODULUS_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// Longest exponent that is computed with, in bits: the same bound.
pub const EXPONENT_BITS: usize = 33;

/// A public key.
pub struct RsaKey {
    modulus: Modulus,
    exponent: Vec<u32>,
    bits: usize,
}

impl RsaKey {
    /// A key from modulus and exponent, the highest byte first; `None` for one that is unsound (even numbers, an exponent
    /// below 3 or not below the modulus) or beyond the sizes above.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = Modulus::new(modulus)?;
        let exponent = from_bytes(exponent, 2)?;
        let bits = bits(modulus.limbs());
        let odd = exponent.first().is_some_and(|lowest| lowest % 2 == 1);
        let sound = odd && exponent != [1, 0] && MODULUS_BITS.contains(&bits);
        sound.then_some(Self { modulus, exponent, bits })
    }

    /// `signature ^ exponent`, in as many bytes as the modulus; `None` when it is no number below the modulus, or not of
    /// its length.
    fn open(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let length = self.bits.div_ceil(8);
        let limbs = self.modulus.limbs();
        let number = from_bytes(signature, limbs.len()).filter(|_| signature.len() == length)?;
        if compare(&number, limbs) != Ordering::Less {
            return None;
        }
        let opened = self.modulus.power(&self.modulus.enter(&number), &self.exponent);
        Some(to_bytes(&self.modulus.leave(&opened), length))
    }

    /// Whether a signature with PKCS#1 v1.5 padding is that of a digest.
    pub fn verify_pkcs1(&self, hash: &DigestAlgorithm, digest: &[u8], signature: &[u8]) -> bool {
        // DigestInfo (RFC 8017 section 9.2, notes): the algorithm with NULL, and the digest.
        let prefix: &[u8] = match hash {
            DigestAlgorithm::Sha1 => {
                &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14]
            }
            DigestAlgorithm::Sha256 => &SHA2_256,
            DigestAlgorithm::Sha384 => &SHA2_384,
            DigestAlgorithm::Sha512 => &SHA2_512,
            DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => return false,
        };
        let Some(opened) = self.open(signature) else { return false };
        let Some(filled) = opened.len().checked_sub(3 + prefix.len() + digest.len()) else { return false };
        let mut expected = vec![0, 1];
        expected.resize(2 + filled, 0xff);
        expected.push(0);
        expected.extend_from_slice(prefix);
        expected.extend_from_slice(digest);
        opened == expected
    }

    /// Whether a signature with PSS padding, MGF1 over the same hash and a salt of `salt` bytes is that of a digest
    /// (RFC 8017 section 9.1.2).
    pub fn verify_pss(&self, hash: &DigestAlgorithm, salt: usize, signed: &[u8], signature: &[u8]) -> bool {
        self.pss(hash, salt, signed, signature).unwrap_or(false)
    }

    fn pss(&self, hash: &DigestAlgorithm, salt: usize, signed: &[u8], signature: &[u8]) -> Option<bool> {
        let opened = self.open(signature)?;
        // One bit less than the modulus: of a modulus of 8n + 1 bits a byte less.
        let unused = (8 - (self.bits - 1) % 8) % 8;
        let encoded = if unused == 0 { opened.strip_prefix(&[0])? } else { &opened };
        let encoded = encoded.strip_suffix(&[0xbc])?;
        let (masked, digest_of_salted) =
            encoded.split_at_checked(encoded.len().checked_sub(signed.len())?)?;
        let mut block = masked.to_vec();
        let mask = mgf1(hash, digest_of_salted, block.len())?;
        block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        let highest = block.first_mut()?;
        let mut clear = 0xff >> unused;
        if masked.first()? & !clear != 0 {
            return Some(false);
        }
        clear &= *highest;
        *highest = clear;
        let (padding, salt) = block.split_at_checked(block.len().checked_sub(salt)?)?;
        let (mark, zeros) = padding.split_last()?;
        if *mark != 1 || zeros.iter().any(|byte| *byte != 0) {
            return Some(false);
        }
        let mut message = vec![0; 8];
        message.extend_from_slice(signed);
        message.extend_from_slice(salt);
        Some(digest(hash, &message)? == digest_of_salted)
    }
}

const SHA2_256: [u8; 19] = sha2_prefix(0x01, 32);
const SHA2_384: [u8; 19] = sha2_prefix(0x02, 48);
const SHA2_512: [u8; 19] = sha2_prefix(0x03, 64);

const fn sha2_prefix(id: u8, length: u8) -> [u8; 19] {
    [
        0x30,
        0x11 + length,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        id,
        0x05,
        0x00,
        0x04,
        length,
    ]
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mgf1(hash: &DigestAlgorithm, seed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut mask = Vec::with_capacity(length + 64);
    let mut message = seed.to_vec();
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        message.truncate(seed.len());
        message.extend(counter.to_be_bytes());
        mask.extend(digest(hash, &message)?);
    }
    mask.truncate(length);
    Some(mask)
}
