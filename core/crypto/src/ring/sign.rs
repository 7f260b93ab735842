//! Private keys on *ring*: RSA with SHA-2, ECDSA on P-256 with SHA-256 and P-384 with SHA-384, Ed25519.
//!
//! *ring* draws blinding, salts and nonces from the operating system: its random trait is sealed, so the
//! provider's own source cannot be handed down. Its RSA keys have primes of a multiple of 512 bits.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use ::ring::rand::SystemRandom;
use ::ring::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair,
};

use crate::private_key::PrivateKey;
use crate::rustcrypto::sign::{check_claim, ec_public_point};
use crate::spki::{ec_spki, ed25519_spki};
use crate::{
    CryptoError, EcdsaEncoding, HashId, KeyKind, PrivateKeyLoader, SecureRandom, SignatureScheme, SigningKey,
};

/// Reads every kind of key but P-521.
pub(crate) const KEY_LOADER: &dyn PrivateKeyLoader = &Loader;

/// Reads RSA keys and leaves the curves to others.
pub(crate) const RSA_KEY_LOADER: &dyn PrivateKeyLoader = &RsaLoader;

#[derive(Debug)]
struct RsaLoader;

impl PrivateKeyLoader for RsaLoader {
    fn load(&self, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match PrivateKey::parse(der)? {
            PrivateKey::Rsa { pkcs1, kind, spki, .. } => load_rsa(pkcs1, kind, spki),
            PrivateKey::Ec { .. } | PrivateKey::Ed25519 { .. } => Err(CryptoError::UnsupportedSignature),
        }
    }
}

fn load_rsa(pkcs1: &[u8], kind: KeyKind, spki: Vec<u8>) -> Result<Arc<dyn SigningKey>, CryptoError> {
    if !matches!(kind, KeyKind::Rsa { bits: 2048 | 3072 | 4096 }) {
        return Err(CryptoError::BadKey("RSA keys sign with 2,048, 3,072 or 4,096 bits only"));
    }
    let pair = RsaKeyPair::from_der(pkcs1)
        .map_err(|_| CryptoError::BadKey("the numbers of the RSA key do not fit together"))?;
    let key = RsaKey { kind, spki, pair };
    // ring does not check dP, dQ and qInv against the rest, but each signature before it gives it out: a trial finds here
    // what would otherwise fail in the middle of a handshake.
    key.sign_with(&signature::RSA_PKCS1_SHA256, &[])
        .map_err(|_| CryptoError::BadKey("the numbers of the RSA key do not fit together"))?;
    Ok(Arc::new(key))
}

#[derive(Debug)]
struct Loader;

impl PrivateKeyLoader for Loader {
    fn load(&self, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match PrivateKey::parse(der)? {
            PrivateKey::Rsa { pkcs1, kind, spki, .. } => load_rsa(pkcs1, kind, spki),
            PrivateKey::Ec { kind, scalar, point } => {
                let (hash, algorithms) = ecdsa_algorithms(kind).ok_or(CryptoError::UnsupportedSignature)?;
                let (scalar, own) = ec_public_point(kind, scalar)?;
                check_claim(point, &own)?;
                let [der, fixed] = algorithms.map(|algorithm| ecdsa_pair(algorithm, &scalar, &own));
                let (der, fixed) = (der?, fixed?);
                Ok(Arc::new(EcKey { kind, hash, spki: ec_spki(kind, &own)?, der, fixed }))
            }
            PrivateKey::Ed25519 { seed, public } => {
                let pair = Ed25519KeyPair::from_seed_unchecked(seed)
                    .map_err(|_| CryptoError::BadKey("Ed25519 seed refused"))?;
                let own: [u8; 32] = pair
                    .public_key()
                    .as_ref()
                    .try_into()
                    .map_err(|_| CryptoError::BadKey("Ed25519 seed refused"))?;
                check_claim(public, &own)?;
                Ok(Arc::new(Ed25519Key { spki: ed25519_spki(&own)?, pair }))
            }
        }
    }
}

/// The hash *ring* signs with on this curve, and its algorithms for both encodings.
fn ecdsa_algorithms(kind: KeyKind) -> Option<(HashId, [&'static EcdsaSigningAlgorithm; 2])> {
    match kind {
        KeyKind::EcdsaP256 => Some((
            HashId::SHA2_256,
            [&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &signature::ECDSA_P256_SHA256_FIXED_SIGNING],
        )),
        KeyKind::EcdsaP384 => Some((
            HashId::SHA2_384,
            [&signature::ECDSA_P384_SHA384_ASN1_SIGNING, &signature::ECDSA_P384_SHA384_FIXED_SIGNING],
        )),
        _ => None,
    }
}

fn ecdsa_pair(
    algorithm: &'static EcdsaSigningAlgorithm,
    scalar: &[u8],
    point: &[u8],
) -> Result<EcdsaKeyPair, CryptoError> {
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point, &SystemRandom::new())
        .map_err(|_| CryptoError::BadKey("the EC key was refused"))
}

fn write_redacted(f: &mut fmt::Formatter<'_>, kind: KeyKind) -> fmt::Result {
    write!(f, "SigningKey({kind}, redacted)")
}

struct RsaKey {
    kind: KeyKind,
    spki: Vec<u8>,
    pair: RsaKeyPair,
}

impl RsaKey {
    fn encoding(scheme: SignatureScheme) -> Option<&'static dyn RsaEncoding> {
        Some(match scheme {
            SignatureScheme::RsaPkcs1(HashId::SHA2_256) => &signature::RSA_PKCS1_SHA256,
            SignatureScheme::RsaPkcs1(HashId::SHA2_384) => &signature::RSA_PKCS1_SHA384,
            SignatureScheme::RsaPkcs1(HashId::SHA2_512) => &signature::RSA_PKCS1_SHA512,
            SignatureScheme::RsaPss(HashId::SHA2_256) => &signature::RSA_PSS_SHA256,
            SignatureScheme::RsaPss(HashId::SHA2_384) => &signature::RSA_PSS_SHA384,
            SignatureScheme::RsaPss(HashId::SHA2_512) => &signature::RSA_PSS_SHA512,
            _ => return None,
        })
    }

    fn sign_with(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| CryptoError::Random)?;
        Ok(signature)
    }
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_redacted(f, self.kind)
    }
}

impl SigningKey for RsaKey {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        Self::encoding(scheme).is_some()
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        let encoding = Self::encoding(scheme).ok_or(CryptoError::UnsupportedSignature)?;
        self.sign_with(encoding, message)
    }
}

struct EcKey {
    kind: KeyKind,
    hash: HashId,
    spki: Vec<u8>,
    der: EcdsaKeyPair,
    fixed: EcdsaKeyPair,
}

impl fmt::Debug for EcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_redacted(f, self.kind)
    }
}

impl Drop for EcKey {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl EcKey {
    fn wipe(&mut self) {
        // ring does not wipe; the key of scalar 1 takes the place of ours. See `ring::aead`.
        let Some((_, [der, fixed])) = ecdsa_algorithms(self.kind) else { return };
        let Ok((one, generator)) = ec_public_point(self.kind, &[1]) else { return };
        if let (Ok(der), Ok(fixed)) = (ecdsa_pair(der, &one, &generator), ecdsa_pair(fixed, &one, &generator))
        {
            self.der = der;
            self.fixed = fixed;
            black_box((&mut self.der, &mut self.fixed));
        }
    }
}

impl SigningKey for EcKey {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        matches!(scheme, SignatureScheme::Ecdsa(hash, _) if hash == self.hash)
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        let pair = match scheme {
            SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der) if hash == self.hash => &self.der,
            SignatureScheme::Ecdsa(hash, EcdsaEncoding::Fixed) if hash == self.hash => &self.fixed,
            _ => return Err(CryptoError::UnsupportedSignature),
        };
        let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| CryptoError::Random)?;
        Ok(signature.as_ref().to_vec())
    }
}

struct Ed25519Key {
    spki: Vec<u8>,
    pair: Ed25519KeyPair,
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_redacted(f, KeyKind::Ed25519)
    }
}

impl Drop for Ed25519Key {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Ed25519Key {
    fn wipe(&mut self) {
        // As with `EcKey`.
        if let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&[0; 32]) {
            self.pair = pair;
            black_box(&mut self.pair);
        }
    }
}

impl SigningKey for Ed25519Key {
    fn kind(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        match scheme {
            SignatureScheme::Ed25519 => Ok(self.pair.sign(message).as_ref().to_vec()),
            _ => Err(CryptoError::UnsupportedSignature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EcKey, Ed25519Key, Ed25519KeyPair, KeyPair, ec_public_point, ecdsa_algorithms, ecdsa_pair};
    use crate::KeyKind;

    #[test]
    fn wiping_leaves_fixed_keys() {
        for kind in [KeyKind::EcdsaP256, KeyKind::EcdsaP384] {
            let (hash, algorithms) = ecdsa_algorithms(kind).unwrap();
            let (scalar, point) = ec_public_point(kind, &[7; 32]).unwrap();
            let [der, fixed] = algorithms.map(|algorithm| ecdsa_pair(algorithm, &scalar, &point).unwrap());
            let mut key = EcKey { kind, hash, spki: Vec::new(), der, fixed };
            let (_, generator) = ec_public_point(kind, &[1]).unwrap();
            assert_ne!(key.der.public_key().as_ref(), generator);
            key.wipe();
            assert_eq!(key.der.public_key().as_ref(), generator);
            assert_eq!(key.fixed.public_key().as_ref(), generator);
        }
        let pair = |seed| Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
        let mut key = Ed25519Key { spki: Vec::new(), pair: pair(&[9; 32]) };
        key.wipe();
        assert_eq!(key.pair.public_key().as_ref(), pair(&[0; 32]).public_key().as_ref());
    }
}
