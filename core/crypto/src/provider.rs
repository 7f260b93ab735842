//! The set of algorithms a tunnel runs on.

use std::sync::Arc;

use crate::{
    Cipher, CipherSpec, CryptoError, DhGroup, Hash, HashId, KeyExchange, KeyKind, Prf, PrfId,
    PrivateKeyLoader, SecureRandom, SignatureScheme, SignatureVerifier, SigningKey,
};

/// A set of algorithm implementations. Where two implement the same algorithm the first one is used.
#[derive(Clone, Copy, Debug)]
pub struct CryptoProvider {
    /// Name for reports and test output.
    pub name: &'static str,
    /// AEADs and block ciphers with their MAC.
    pub ciphers: &'static [&'static dyn Cipher],
    /// Pseudorandom functions.
    pub prfs: &'static [&'static dyn Prf],
    /// Hash functions.
    pub hashes: &'static [&'static dyn Hash],
    /// Key exchange methods.
    pub key_exchanges: &'static [&'static dyn KeyExchange],
    /// Checks peers' signatures.
    pub verifiers: &'static [&'static dyn SignatureVerifier],
    /// Reads our private keys.
    pub key_loaders: &'static [&'static dyn PrivateKeyLoader],
    /// Random numbers.
    pub random: &'static dyn SecureRandom,
}

impl CryptoProvider {
    /// The cipher for `spec`, if there is one.
    #[must_use]
    pub fn cipher(&self, spec: CipherSpec) -> Option<&'static dyn Cipher> {
        self.ciphers.iter().copied().find(|cipher| cipher.spec() == spec)
    }

    /// The PRF `id`, if there is one.
    #[must_use]
    pub fn prf(&self, id: PrfId) -> Option<&'static dyn Prf> {
        self.prfs.iter().copied().find(|prf| prf.id() == id)
    }

    /// The hash `id`, if there is one.
    #[must_use]
    pub fn hash(&self, id: HashId) -> Option<&'static dyn Hash> {
        self.hashes.iter().copied().find(|hash| hash.id() == id)
    }

    /// The key exchange method for `group`, if there is one.
    #[must_use]
    pub fn key_exchange(&self, group: DhGroup) -> Option<&'static dyn KeyExchange> {
        self.key_exchanges.iter().copied().find(|kex| kex.group() == group)
    }

    /// True if some verifier checks `scheme` with a key of this kind.
    #[must_use]
    pub fn can_verify(&self, key: KeyKind, scheme: SignatureScheme) -> bool {
        self.verifiers.iter().any(|verifier| verifier.supports(key, scheme))
    }
}
