//! Private keys on `p256`, `p384`, `p521`, `ed25519-dalek` and, for one purpose, `rsa`.
//!
//! ECDSA nonces are those of RFC 6979 hedged with fresh randomness (RFC 6979 3.6), so neither a bad random
//! source nor a fault alone gives the key away. RSA signs with SHA-1 and PKCS#1 v1.5 only, for IKE
//! authentication method 1, with blinding: that crate's private-key operation is not trusted with more
//! (RUSTSEC-2023-0071), and no other implementation here offers SHA-1. Other RSA signatures need *ring*.

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::Signer;
use p256::ecdsa::signature::hazmat::RandomizedPrehashSigner;
use rsa::Pkcs1v15Sign;
use rsa::traits::SignatureScheme as _;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::hash::message_digest;
use super::random::Bridge;
use super::verify::is_sha2;
use crate::private_key::PrivateKey;
use crate::spki::{coordinate_len, ec_spki, ed25519_spki};
use crate::{
    CryptoError, EcdsaEncoding, HashId, KeyKind, PrivateKeyLoader, SecureRandom, SignatureScheme, SigningKey,
};

/// Reads every kind of key.
pub(crate) const KEY_LOADER: &dyn PrivateKeyLoader = &Loader;

#[derive(Debug)]
struct Loader;

impl PrivateKeyLoader for Loader {
    fn load(&self, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match PrivateKey::parse(der)? {
            PrivateKey::Rsa { parts, kind, spki, .. } => {
                let key = rsa::RsaPrivateKey::try_from(*parts)
                    .map_err(|_| CryptoError::BadKey("the numbers of the RSA key do not fit together"))?;
                Ok(Arc::new(Key { kind, spki, secret: RsaSha1(key) }))
            }
            PrivateKey::Ec { kind, scalar, point } => load_ec(kind, scalar, point),
            PrivateKey::Ed25519 { seed, public } => {
                let secret = ed25519_dalek::SigningKey::from_bytes(seed);
                let own = secret.verifying_key().to_bytes();
                check_claim(public, &own)?;
                Ok(Arc::new(Key { kind: KeyKind::Ed25519, spki: ed25519_spki(&own)?, secret }))
            }
        }
    }
}

fn load_ec(kind: KeyKind, scalar: &[u8], point: Option<&[u8]>) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let scalar = padded_scalar(kind, scalar)?;
    macro_rules! on {
        ($curve:ident) => {{
            let secret = $curve::ecdsa::SigningKey::from_slice(&scalar)
                .map_err(|_| CryptoError::BadKey("the scalar is out of the curve's range"))?;
            let own = secret.verifying_key().to_sec1_point(false);
            check_claim(point, own.as_bytes())?;
            Ok(Arc::new(Key { kind, spki: ec_spki(kind, own.as_bytes())?, secret }))
        }};
    }
    match kind {
        KeyKind::EcdsaP256 => on!(p256),
        KeyKind::EcdsaP384 => on!(p384),
        KeyKind::EcdsaP521 => on!(p521),
        KeyKind::Rsa { .. } | KeyKind::Ed25519 => Err(CryptoError::UnsupportedSignature),
    }
}

/// The scalar at the curve's length. RFC 5915 3 asks for exactly that; some writers drop leading zeros.
fn padded_scalar(kind: KeyKind, scalar: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let wanted = coordinate_len(kind).ok_or(CryptoError::UnsupportedSignature)?;
    let missing = wanted
        .checked_sub(scalar.len())
        .ok_or(CryptoError::BadKey("the scalar is longer than the curve's order"))?;
    let mut padded = Zeroizing::new(Vec::with_capacity(wanted));
    padded.resize(missing, 0);
    padded.extend_from_slice(scalar);
    Ok(padded)
}

/// The uncompressed public point of a scalar.
#[cfg(feature = "ring")]
pub(crate) fn ec_public_point(
    kind: KeyKind,
    scalar: &[u8],
) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), CryptoError> {
    let padded = padded_scalar(kind, scalar)?;
    let out_of_range = |_| CryptoError::BadKey("the scalar is out of the curve's range");
    let point = match kind {
        KeyKind::EcdsaP256 => {
            let key = p256::ecdsa::SigningKey::from_slice(&padded).map_err(out_of_range)?;
            key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
        }
        KeyKind::EcdsaP384 => {
            let key = p384::ecdsa::SigningKey::from_slice(&padded).map_err(out_of_range)?;
            key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
        }
        _ => return Err(CryptoError::UnsupportedSignature),
    };
    Ok((padded, point))
}

/// Refuses a key file whose public half belongs to another key.
pub(crate) fn check_claim(claimed: Option<&[u8]>, own: &[u8]) -> Result<(), CryptoError> {
    match claimed {
        Some(claimed) if claimed != own => {
            Err(CryptoError::BadKey("its public half does not belong to its private half"))
        }
        _ => Ok(()),
    }
}

/// A private key. Every `S` wipes itself on drop.
struct Key<S> {
    kind: KeyKind,
    spki: Vec<u8>,
    secret: S,
}

/// An RSA key that makes the signatures of IKE method 1 and no others.
struct RsaSha1(rsa::RsaPrivateKey);

/// What a secret of this module can do.
trait Secret: Send + Sync {
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError>;

    fn supports(&self, scheme: SignatureScheme) -> bool;
}

impl<S> fmt::Debug for Key<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, redacted)", self.kind)
    }
}

impl<S: Secret> SigningKey for Key<S> {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        self.secret.supports(scheme)
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        self.secret.sign(scheme, message, random)
    }
}

impl Secret for RsaSha1 {
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        if !self.supports(scheme) {
            return Err(CryptoError::UnsupportedSignature);
        }
        let digest = message_digest(HashId::SHA1, message)?;
        // Passing a generator switches the blinding on.
        Pkcs1v15Sign::new::<Sha1>()
            .sign(Some(&mut Bridge(random)), &self.0, &digest)
            .map_err(|_| CryptoError::Random)
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        scheme == SignatureScheme::RsaPkcs1(HashId::SHA1)
    }
}

macro_rules! ecdsa_secret {
    ($curve:ident) => {
        impl Secret for $curve::ecdsa::SigningKey {
            fn sign(
                &self,
                scheme: SignatureScheme,
                message: &[u8],
                random: &dyn SecureRandom,
            ) -> Result<Vec<u8>, CryptoError> {
                let SignatureScheme::Ecdsa(hash, encoding) = scheme else {
                    return Err(CryptoError::UnsupportedSignature);
                };
                if !is_sha2(hash) {
                    return Err(CryptoError::UnsupportedSignature);
                }
                let digest = message_digest(hash, message)?;
                let signature: $curve::ecdsa::Signature = self
                    .sign_prehash_with_rng(&mut Bridge(random), &digest)
                    .map_err(|_| CryptoError::Random)?;
                Ok(match encoding {
                    EcdsaEncoding::Der => signature.to_der().as_bytes().to_vec(),
                    EcdsaEncoding::Fixed => signature.to_bytes().to_vec(),
                })
            }

            fn supports(&self, scheme: SignatureScheme) -> bool {
                matches!(scheme, SignatureScheme::Ecdsa(hash, _) if is_sha2(hash))
            }
        }
    };
}

ecdsa_secret!(p256);
ecdsa_secret!(p384);
ecdsa_secret!(p521);

impl Secret for ed25519_dalek::SigningKey {
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        match scheme {
            SignatureScheme::Ed25519 => Ok(Signer::sign(self, message).to_bytes().to_vec()),
            _ => Err(CryptoError::UnsupportedSignature),
        }
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        scheme == SignatureScheme::Ed25519
    }
}
