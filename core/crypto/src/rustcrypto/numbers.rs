//! Signatures with keys given as numbers, over digests: what signed files need beyond IKE.
//!
//! Owns RSA of any size (bounded by the caller), RSASSA-PSS with any salt, SHA-1, and compressed points, none of which
//! a peer of IKE may use: [`crate::SignatureVerifier`] refuses them. Leaves out the policy: which of these a file may
//! carry is for its reader.

use rsa::{BoxedUint, Pss, RsaPublicKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::verify::{ecdsa, ed25519, pkcs1_padding};
use crate::{CryptoError, EcdsaEncoding, HashId, KeyKind};

/// A public key and how it was used, as numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyNumbers<'a> {
    /// RSA (RFC 8017 section 8).
    Rsa {
        /// Big-endian, without leading zero bytes. Its length bounds the time of a verification: the caller limits it.
        modulus: &'a [u8],
        /// Big-endian, without leading zero bytes; limited by the caller, too.
        exponent: &'a [u8],
        /// How the digest was padded.
        padding: RsaPadding,
    },
    /// ECDSA (FIPS 186-5) with a DER `ECDSA-Sig-Value`.
    Ec {
        /// One of the three NIST curves.
        curve: KeyKind,
        /// The point as SEC 1 section 2.3.3 writes it, compressed or not.
        point: &'a [u8],
    },
    /// Ed25519 (RFC 8032), over the message and not a digest of it.
    Ed25519(&'a [u8; 32]),
}

/// A padding of RSA signatures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS; MGF1 has the message's hash.
    Pss {
        /// The length of the salt in bytes. One that the key has no room for verifies nothing.
        salt: usize,
    },
}

/// What was signed.
#[derive(Clone, Copy)]
pub struct SignedDigest<'a> {
    /// The message. Only Ed25519 reads it.
    pub message: &'a [u8],
    /// The hash: SHA-1 or one of SHA-2. Without meaning for Ed25519.
    pub hash: HashId,
    /// The message's digest under that hash.
    pub digest: &'a [u8],
}

/// Checks a signature of a file.
///
/// # Errors
/// [`CryptoError::BadIntegrity`] if it does not verify, [`CryptoError::BadKey`] if the key is none (a point off its
/// curve, RSA numbers that no key has), [`CryptoError::UnsupportedSignature`] for another hash or curve.
pub fn verify_with_numbers(
    key: KeyNumbers<'_>,
    signed: SignedDigest<'_>,
    signature: &[u8],
) -> Result<(), CryptoError> {
    match key {
        KeyNumbers::Rsa { modulus, exponent, padding } => rsa(modulus, exponent, padding, signed, signature),
        KeyNumbers::Ec { curve, point } => ecdsa(curve, point, EcdsaEncoding::Der, signed.digest, signature),
        KeyNumbers::Ed25519(key) => ed25519(key, signed.message, signature),
    }
}

fn rsa(
    modulus: &[u8],
    exponent: &[u8],
    padding: RsaPadding,
    signed: SignedDigest<'_>,
    signature: &[u8],
) -> Result<(), CryptoError> {
    // The salt lies inside the padded message, which is as long as the modulus (RFC 8017 9.1.1); a length from a file that is
    // longer must not reach the library's sums.
    if matches!(padding, RsaPadding::Pss { salt } if salt > modulus.len()) {
        return Err(CryptoError::BadIntegrity);
    }
    let number = BoxedUint::from_be_slice_vartime;
    let limits = 1..=modulus.len().saturating_mul(8);
    let key = RsaPublicKey::new_with_size_limits(number(modulus), number(exponent), limits)
        .map_err(|_| CryptoError::BadKey("RSA numbers out of range"))?;
    macro_rules! pss {
        ($hash:ident, $salt:ident) => {
            key.verify(Pss::<$hash>::new_with_salt($salt), signed.digest, signature)
        };
    }
    match (padding, signed.hash) {
        (RsaPadding::Pkcs1, hash) => key.verify(pkcs1_padding(hash)?, signed.digest, signature),
        (RsaPadding::Pss { salt }, HashId::SHA1) => pss!(Sha1, salt),
        (RsaPadding::Pss { salt }, HashId::SHA2_256) => pss!(Sha256, salt),
        (RsaPadding::Pss { salt }, HashId::SHA2_384) => pss!(Sha384, salt),
        (RsaPadding::Pss { salt }, HashId::SHA2_512) => pss!(Sha512, salt),
        _ => return Err(CryptoError::UnsupportedSignature),
    }
    .map_err(|_| CryptoError::BadIntegrity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_longer_than_the_key_verifies_nothing_and_overflows_nothing() {
        let modulus = [0xff; 256];
        for hash in [HashId::SHA1, HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512] {
            for salt in [usize::MAX, usize::MAX - 21, usize::MAX / 2, 257, 256, 255, 0] {
                let padding = RsaPadding::Pss { salt };
                let key = KeyNumbers::Rsa { modulus: &modulus, exponent: &[1, 0, 1], padding };
                let signed = SignedDigest { message: &[], hash, digest: &vec![7; digest_len(hash)] };
                let found = verify_with_numbers(key, signed, &[1; 256]);
                assert!(matches!(found, Err(CryptoError::BadIntegrity)), "{salt}: {found:?}");
            }
        }
    }

    fn digest_len(hash: HashId) -> usize {
        match hash {
            HashId::SHA1 => 20,
            HashId::SHA2_256 => 32,
            HashId::SHA2_384 => 48,
            _ => 64,
        }
    }
}
