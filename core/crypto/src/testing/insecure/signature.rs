//! **TESTS ONLY.** A verifier that believes everything, and keys that sign with well-formed nonsense.

use std::sync::Arc;

use crate::spki::coordinate_len;
use crate::{
    CryptoError, EcdsaEncoding, KeyKind, PrivateKeyLoader, SecureRandom, SignatureScheme, SignatureVerifier,
    SigningKey, default_provider,
};

/// Believes every signature of a scheme that fits its key.
pub(in crate::testing) const VERIFIERS: &[&dyn SignatureVerifier] = &[&Believer];

/// Reads the keys the default provider reads.
pub(in crate::testing) const KEY_LOADERS: &[&dyn PrivateKeyLoader] = &[&Loader];

/// A DER `ECDSA-Sig-Value` with r = s = 1.
const TINY_ECDSA: [u8; 8] = [0x30, 6, 2, 1, 1, 2, 1, 1];

#[derive(Debug)]
struct Believer;

impl SignatureVerifier for Believer {
    fn supports(&self, key: KeyKind, scheme: SignatureScheme) -> bool {
        default_provider().can_verify(key, scheme)
    }

    fn verify(
        &self,
        _spki: &[u8],
        _scheme: SignatureScheme,
        _message: &[u8],
        _signature: &[u8],
    ) -> Result<(), CryptoError> {
        Ok(())
    }
}

#[derive(Debug)]
struct Loader;

impl PrivateKeyLoader for Loader {
    fn load(&self, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
        Ok(Arc::new(FakeKey(default_provider().load_private_key(der)?)))
    }
}

/// The kind and public half of a real key.
#[derive(Debug)]
struct FakeKey(Arc<dyn SigningKey>);

impl SigningKey for FakeKey {
    fn kind(&self) -> KeyKind {
        self.0.kind()
    }

    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        default_provider().can_verify(self.kind(), scheme)
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        _message: &[u8],
        _random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        if !self.supports(scheme) {
            return Err(CryptoError::UnsupportedSignature);
        }
        let len = match (self.kind(), scheme) {
            (_, SignatureScheme::Ecdsa(_, EcdsaEncoding::Der)) => return Ok(TINY_ECDSA.to_vec()),
            (KeyKind::Rsa { bits }, _) => bits.div_ceil(8),
            (kind, _) => coordinate_len(kind).map_or(64, |len| 2 * len),
        };
        Ok(vec![1; len])
    }
}
