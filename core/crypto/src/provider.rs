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

    /// Checks `signature` over `message` with the first verifier that supports this kind of key and
    /// scheme. `spki` is a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// Those of [`SignatureVerifier::verify`]; [`CryptoError::BadKey`] if the key's kind is unknown.
    pub fn verify(
        &self,
        spki: &[u8],
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let kind = KeyKind::from_spki(spki)?;
        match self.verifiers.iter().find(|verifier| verifier.supports(kind, scheme)) {
            Some(verifier) => verifier.verify(spki, scheme, message, signature),
            None => Err(CryptoError::UnsupportedSignature),
        }
    }

    /// Reads a private key in DER with every loader that knows its kind. Each signature is then made by
    /// the first of them that supports its scheme.
    ///
    /// A key that one of them finds unsound is refused, even if another would take it: no library checks
    /// every equation between the numbers of an RSA key.
    ///
    /// # Errors
    /// Those of [`PrivateKeyLoader::load`]; [`CryptoError::UnsupportedSignature`] if no loader knows the kind.
    pub fn load_private_key(&self, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let mut layers: Vec<Arc<dyn SigningKey>> = Vec::new();
        for loader in self.key_loaders {
            match loader.load(der) {
                Ok(key) => layers.push(key),
                Err(CryptoError::UnsupportedSignature) => {}
                Err(error) => return Err(error),
            }
        }
        let mut layers = layers.into_iter();
        let first = layers.next().ok_or(CryptoError::UnsupportedSignature)?;
        let rest: Vec<_> = layers.collect();
        if rest.is_empty() { Ok(first) } else { Ok(Arc::new(LayeredKey { first, rest })) }
    }

    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.random.fill(out)
    }
}

/// One private key in several implementations: *ring* signs with SHA-2, the `rsa` crate with SHA-1.
#[derive(Debug)]
struct LayeredKey {
    first: Arc<dyn SigningKey>,
    rest: Vec<Arc<dyn SigningKey>>,
}

impl LayeredKey {
    fn layer_for(&self, scheme: SignatureScheme) -> Option<&dyn SigningKey> {
        std::iter::once(&self.first).chain(&self.rest).map(Arc::as_ref).find(|key| key.supports(scheme))
    }
}

impl SigningKey for LayeredKey {
    fn kind(&self) -> KeyKind {
        self.first.kind()
    }

    fn public_key(&self) -> &[u8] {
        self.first.public_key()
    }

    fn supports(&self, scheme: SignatureScheme) -> bool {
        self.layer_for(scheme).is_some()
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        match self.layer_for(scheme) {
            Some(key) => key.sign(scheme, message, random),
            None => Err(CryptoError::UnsupportedSignature),
        }
    }
}
