//! Signature verification on *ring*: RSA with 2,048 to 8,192 bits, ECDSA on P-256 and P-384 with the hashes
//! *ring* pairs with them, Ed25519 (keys of small order are refused before *ring* sees them). SHA-1 is here for IKE authentication method 1 only.

use ::ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use crate::spki::{PublicKey, RSA_MAX_BITS, RSA_MIN_BITS};
use crate::{CryptoError, EcdsaEncoding, HashId, KeyKind, SignatureScheme, SignatureVerifier};

/// Checks what *ring* implements.
pub(crate) const VERIFIER: &dyn SignatureVerifier = &Verifier { algorithm };

/// The same without the curves and their tables.
pub(crate) const RSA_VERIFIER: &dyn SignatureVerifier = &Verifier { algorithm: rsa_algorithm };

/// *ring*'s algorithm for a key and a scheme, if it has one.
type Choose = fn(KeyKind, SignatureScheme) -> Option<&'static dyn VerificationAlgorithm>;

#[derive(Debug)]
struct Verifier {
    algorithm: Choose,
}

impl SignatureVerifier for Verifier {
    fn supports(&self, key: KeyKind, scheme: SignatureScheme) -> bool {
        (self.algorithm)(key, scheme).is_some()
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
        let algorithm = (self.algorithm)(key.kind(), scheme).ok_or(CryptoError::UnsupportedSignature)?;
        let bytes = match &key {
            PublicKey::Rsa(key) => key.pkcs1,
            PublicKey::Ec { point, .. } => point,
            PublicKey::Ed25519(key) => key.as_slice(),
        };
        UnparsedPublicKey::new(algorithm, bytes)
            .verify(message, signature)
            .map_err(|_| CryptoError::BadIntegrity)
    }
}

fn algorithm(key: KeyKind, scheme: SignatureScheme) -> Option<&'static dyn VerificationAlgorithm> {
    use EcdsaEncoding::{Der, Fixed};
    use KeyKind::{EcdsaP256, EcdsaP384};
    use SignatureScheme::Ecdsa;

    Some(match (key, scheme) {
        (EcdsaP256, Ecdsa(HashId::SHA2_256, Der)) => &signature::ECDSA_P256_SHA256_ASN1,
        (EcdsaP256, Ecdsa(HashId::SHA2_384, Der)) => &signature::ECDSA_P256_SHA384_ASN1,
        (EcdsaP256, Ecdsa(HashId::SHA2_256, Fixed)) => &signature::ECDSA_P256_SHA256_FIXED,
        (EcdsaP384, Ecdsa(HashId::SHA2_256, Der)) => &signature::ECDSA_P384_SHA256_ASN1,
        (EcdsaP384, Ecdsa(HashId::SHA2_384, Der)) => &signature::ECDSA_P384_SHA384_ASN1,
        (EcdsaP384, Ecdsa(HashId::SHA2_384, Fixed)) => &signature::ECDSA_P384_SHA384_FIXED,
        (KeyKind::Ed25519, SignatureScheme::Ed25519) => &signature::ED25519,
        _ => return rsa_algorithm(key, scheme),
    })
}

fn rsa_algorithm(key: KeyKind, scheme: SignatureScheme) -> Option<&'static dyn VerificationAlgorithm> {
    use SignatureScheme::{RsaPkcs1, RsaPss};

    Some(match (key, scheme) {
        (KeyKind::Rsa { bits }, _) if !(RSA_MIN_BITS..=RSA_MAX_BITS).contains(&bits) => return None,
        (KeyKind::Rsa { .. }, RsaPkcs1(HashId::SHA1)) => {
            &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        (KeyKind::Rsa { .. }, RsaPkcs1(HashId::SHA2_256)) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (KeyKind::Rsa { .. }, RsaPkcs1(HashId::SHA2_384)) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (KeyKind::Rsa { .. }, RsaPkcs1(HashId::SHA2_512)) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (KeyKind::Rsa { .. }, RsaPss(HashId::SHA2_256)) => &signature::RSA_PSS_2048_8192_SHA256,
        (KeyKind::Rsa { .. }, RsaPss(HashId::SHA2_384)) => &signature::RSA_PSS_2048_8192_SHA384,
        (KeyKind::Rsa { .. }, RsaPss(HashId::SHA2_512)) => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
