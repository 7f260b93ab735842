//! Checking the peer's signature.

use adit_crypto::{CryptoProvider, EcdsaEncoding, HashId, KeyKind, SignatureScheme};

use super::{AuthMethod, AuthRefusal, split_digital_signature};
use crate::certificate::{KeyType, PublicKey};

/// What the peer's signature must keep to.
#[derive(Clone, Copy, Debug)]
pub struct SignaturePolicy<'a> {
    /// Kinds of key and padding allowed: [`KeyType::ALL`] without a CertificateType in the profile.
    pub key_types: &'a [KeyType],
    /// The hashes of our SIGNATURE_HASH_ALGORITHMS, empty if we sent none.
    pub announced: &'a [HashId],
    /// True if the peer sent SIGNATURE_HASH_ALGORITHMS. It then has no excuse for method 1, which means
    /// SHA-1.
    pub peer_announced: bool,
}

/// Checks a signature over the peer's signed octets with the key of its (already trusted) certificate.
///
/// Accepts methods 1, 9, 10, 11 and 14. The answer is the scheme used, for reports.
///
/// # Errors
/// [`AuthRefusal`]: another method (shared key and NULL too, so that a peer cannot step down from a
/// certificate), an algorithm outside the policy or not of the key's kind, a hash that was not announced,
/// or a signature that does not verify.
pub fn verify_signature(
    provider: &CryptoProvider,
    policy: SignaturePolicy<'_>,
    method: AuthMethod,
    auth_data: &[u8],
    key: &PublicKey,
    octets: &[u8],
) -> Result<SignatureScheme, AuthRefusal> {
    let (scheme, signature) = match method {
        AuthMethod::RSA_SIGNATURE if policy.peer_announced => return Err(AuthRefusal::Sha1Refused),
        AuthMethod::RSA_SIGNATURE => (SignatureScheme::RsaPkcs1(HashId::SHA1), auth_data),
        AuthMethod::ECDSA_P256 => (fixed(HashId::SHA2_256), auth_data),
        AuthMethod::ECDSA_P384 => (fixed(HashId::SHA2_384), auth_data),
        AuthMethod::ECDSA_P521 => (fixed(HashId::SHA2_512), auth_data),
        AuthMethod::DIGITAL_SIGNATURE => {
            let (scheme, signature) = split_digital_signature(auth_data)?;
            check_announced(scheme, policy.announced)?;
            (scheme, signature)
        }
        _ => return Err(AuthRefusal::WrongMethod { wanted: "a certificate", received: method }),
    };
    check_key(method, scheme, key)?;
    if !policy.key_types.iter().any(|wanted| wanted.admits_signature(key.kind(), scheme)) {
        let wanted = policy.key_types.to_vec();
        return Err(AuthRefusal::WrongKeyType { wanted, key: key.kind(), scheme });
    }
    provider
        .verify(key.spki(), scheme, octets, signature)
        .map_err(|_| AuthRefusal::BadSignature { scheme })?;
    Ok(scheme)
}

fn fixed(hash: HashId) -> SignatureScheme {
    SignatureScheme::Ecdsa(hash, EcdsaEncoding::Fixed)
}

fn check_announced(scheme: SignatureScheme, announced: &[HashId]) -> Result<(), AuthRefusal> {
    let hash = match scheme {
        SignatureScheme::RsaPkcs1(hash) | SignatureScheme::RsaPss(hash) | SignatureScheme::Ecdsa(hash, _) => {
            hash
        }
        SignatureScheme::Ed25519 => HashId::IDENTITY,
    };
    // Whatever was announced: RFC 8247 4 forbids it with method 14.
    if hash == HashId::SHA1 {
        return Err(AuthRefusal::Sha1Refused);
    }
    if announced.contains(&hash) {
        Ok(())
    } else {
        Err(AuthRefusal::HashNotAnnounced { hash, announced: announced.to_vec() })
    }
}

/// The scheme must be one for this kind of key; methods 9 to 11 also fix the curve (RFC 4754 3).
fn check_key(method: AuthMethod, scheme: SignatureScheme, key: &PublicKey) -> Result<(), AuthRefusal> {
    let kind = key.kind();
    let fits = match scheme {
        SignatureScheme::RsaPkcs1(_) => matches!(kind, KeyKind::Rsa { .. }) && !key.is_pss_only(),
        SignatureScheme::RsaPss(_) => matches!(kind, KeyKind::Rsa { .. }),
        SignatureScheme::Ed25519 => kind == KeyKind::Ed25519,
        SignatureScheme::Ecdsa(..) => match method {
            AuthMethod::ECDSA_P256 => kind == KeyKind::EcdsaP256,
            AuthMethod::ECDSA_P384 => kind == KeyKind::EcdsaP384,
            AuthMethod::ECDSA_P521 => kind == KeyKind::EcdsaP521,
            _ => matches!(kind, KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521),
        },
    };
    if fits { Ok(()) } else { Err(AuthRefusal::SchemeNotForKey { scheme, key: kind }) }
}
