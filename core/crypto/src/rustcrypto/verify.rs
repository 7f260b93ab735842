//! Signature verification on `rsa`, `p256`, `p384`, `p521` and `ed25519-dalek`.
//!
//! RSASSA-PKCS1-v1_5 rebuilds the padded digest and compares all of it, so trailing bytes, short padding
//! and wrong digest identifiers never pass (RFC 8017 8.2.2). RSASSA-PSS takes a salt as long as the hash
//! and nothing else. ECDSA follows RFC 4754 and RFC 5480 with any of the three SHA-2 hashes on any of the
//! three curves; DER must be minimal. Ed25519 refuses keys and signatures of small order (`verify_strict`).
//! SHA-1 is here for IKE authentication method 1 only.

use ed25519_dalek::VerifyingKey as Ed25519Key;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::hash::message_digest;
use crate::spki::{PublicKey, RSA_MAX_BITS, RSA_MIN_BITS, RsaPublicKey, coordinate_len};
use crate::{CryptoError, EcdsaEncoding, HashId, KeyKind, SignatureScheme, SignatureVerifier};

/// Checks every scheme of this crate.
pub(crate) const VERIFIER: &dyn SignatureVerifier = &Verifier;

/// Checks ECDSA and Ed25519: *ring* has all of RSA, and a library need not have it twice.
#[cfg(feature = "ring")]
pub(crate) const CURVE_VERIFIER: &dyn SignatureVerifier = &CurveVerifier;

#[derive(Debug)]
struct Verifier;

impl SignatureVerifier for Verifier {
    fn supports(&self, key: KeyKind, scheme: SignatureScheme) -> bool {
        match (key, scheme) {
            (KeyKind::Rsa { bits }, SignatureScheme::RsaPkcs1(hash)) => {
                rsa_size(bits) && (is_sha2(hash) || hash == HashId::SHA1)
            }
            (KeyKind::Rsa { bits }, SignatureScheme::RsaPss(hash)) => rsa_size(bits) && is_sha2(hash),
            (
                KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521,
                SignatureScheme::Ecdsa(hash, _),
            ) => is_sha2(hash),
            (KeyKind::Ed25519, SignatureScheme::Ed25519) => true,
            _ => false,
        }
    }

    fn verify(
        &self,
        spki: &[u8],
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let key = PublicKey::parse(spki)?;
        key.check(scheme)?;
        if !self.supports(key.kind(), scheme) {
            return Err(CryptoError::UnsupportedSignature);
        }
        match (key, scheme) {
            (PublicKey::Rsa(key), SignatureScheme::RsaPkcs1(hash)) => {
                rsa_pkcs1(&key, hash, message, signature)
            }
            (PublicKey::Rsa(key), SignatureScheme::RsaPss(hash)) => rsa_pss(&key, hash, message, signature),
            (key, _) => on_curve(key, scheme, message, signature),
        }
    }
}

#[cfg(feature = "ring")]
#[derive(Debug)]
struct CurveVerifier;

#[cfg(feature = "ring")]
impl SignatureVerifier for CurveVerifier {
    fn supports(&self, key: KeyKind, scheme: SignatureScheme) -> bool {
        !matches!(key, KeyKind::Rsa { .. }) && Verifier.supports(key, scheme)
    }

    fn verify(
        &self,
        spki: &[u8],
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let key = PublicKey::parse(spki)?;
        key.check(scheme)?;
        if !self.supports(key.kind(), scheme) {
            return Err(CryptoError::UnsupportedSignature);
        }
        on_curve(key, scheme, message, signature)
    }
}

/// Everything but RSA.
fn on_curve(
    key: PublicKey<'_>,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    match (key, scheme) {
        (PublicKey::Ec { kind, point }, SignatureScheme::Ecdsa(hash, encoding)) => {
            ecdsa(kind, point, encoding, &message_digest(hash, message)?, signature)
        }
        (PublicKey::Ed25519(key), SignatureScheme::Ed25519) => ed25519(key, message, signature),
        _ => Err(CryptoError::UnsupportedSignature),
    }
}

fn rsa_size(bits: usize) -> bool {
    (RSA_MIN_BITS..=RSA_MAX_BITS).contains(&bits)
}

pub(super) fn is_sha2(hash: HashId) -> bool {
    matches!(hash, HashId::SHA2_256 | HashId::SHA2_384 | HashId::SHA2_512)
}

fn rsa_key(key: &RsaPublicKey<'_>) -> Result<rsa::RsaPublicKey, CryptoError> {
    let modulus = BoxedUint::from_be_slice_vartime(key.modulus);
    let exponent = BoxedUint::from_be_slice_vartime(key.exponent);
    rsa::RsaPublicKey::new_with_size_limits(modulus, exponent, RSA_MIN_BITS..=RSA_MAX_BITS)
        .map_err(|_| CryptoError::BadKey("RSA numbers out of range"))
}

fn rsa_pkcs1(
    key: &RsaPublicKey<'_>,
    hash: HashId,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    rsa_key(key)?
        .verify(pkcs1_padding(hash)?, &message_digest(hash, message)?, signature)
        .map_err(|_| CryptoError::BadIntegrity)
}

/// RSASSA-PKCS1-v1_5 with this hash.
pub(super) fn pkcs1_padding(hash: HashId) -> Result<Pkcs1v15Sign, CryptoError> {
    Ok(match hash {
        HashId::SHA1 => Pkcs1v15Sign::new::<Sha1>(),
        HashId::SHA2_256 => Pkcs1v15Sign::new::<Sha256>(),
        HashId::SHA2_384 => Pkcs1v15Sign::new::<Sha384>(),
        HashId::SHA2_512 => Pkcs1v15Sign::new::<Sha512>(),
        _ => return Err(CryptoError::UnsupportedSignature),
    })
}

fn rsa_pss(
    key: &RsaPublicKey<'_>,
    hash: HashId,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let digest = message_digest(hash, message)?;
    let key = rsa_key(key)?;
    match hash {
        HashId::SHA2_256 => key.verify(Pss::<Sha256>::new(), &digest, signature),
        HashId::SHA2_384 => key.verify(Pss::<Sha384>::new(), &digest, signature),
        HashId::SHA2_512 => key.verify(Pss::<Sha512>::new(), &digest, signature),
        _ => return Err(CryptoError::UnsupportedSignature),
    }
    .map_err(|_| CryptoError::BadIntegrity)
}

/// ECDSA over a digest. `point` is as SEC 1 section 2.3.3 writes it.
pub(super) fn ecdsa(
    kind: KeyKind,
    point: &[u8],
    encoding: EcdsaEncoding,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    if encoding == EcdsaEncoding::Fixed && Some(signature.len()) != coordinate_len(kind).map(|len| 2 * len) {
        return Err(CryptoError::BadIntegrity);
    }
    macro_rules! on {
        ($curve:ident) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map_err(|_| CryptoError::BadKey("the point is not on its curve"))?;
            let signature = match encoding {
                EcdsaEncoding::Der => $curve::ecdsa::Signature::from_der(signature),
                EcdsaEncoding::Fixed => $curve::ecdsa::Signature::from_slice(signature),
            };
            signature.and_then(|signature| key.verify_prehash(digest, &signature))
        }};
    }
    match kind {
        KeyKind::EcdsaP256 => on!(p256),
        KeyKind::EcdsaP384 => on!(p384),
        KeyKind::EcdsaP521 => on!(p521),
        KeyKind::Rsa { .. } | KeyKind::Ed25519 => return Err(CryptoError::UnsupportedSignature),
    }
    .map_err(|_| CryptoError::BadIntegrity)
}

pub(super) fn ed25519(key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let key = Ed25519Key::from_bytes(key)
        .map_err(|_| CryptoError::BadKey("an Ed25519 key is not a point on its curve"))?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| CryptoError::BadIntegrity)?;
    key.verify_strict(message, &signature).map_err(|_| CryptoError::BadIntegrity)
}
