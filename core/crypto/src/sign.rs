//! Signatures: making them with our key, checking them with the peer's.

use std::fmt;
use std::sync::Arc;

use crate::{CryptoError, HashId, SecureRandom};

/// How r and s of an ECDSA signature are written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EcdsaEncoding {
    /// DER `ECDSA-Sig-Value`: certificates and IKE method 14 (RFC 7427).
    Der,
    /// r and s side by side, each as long as the curve's order: IKE methods 9 to 11 (RFC 4754 7).
    Fixed,
}

/// How to sign, apart from the key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5 with this hash.
    RsaPkcs1(HashId),
    /// RSASSA-PSS with this hash, MGF1 with the same hash and a salt as long as the hash (RFC 7427 A.4).
    RsaPss(HashId),
    /// ECDSA on the key's curve with this hash.
    Ecdsa(HashId, EcdsaEncoding),
    /// Ed25519 (RFC 8420).
    Ed25519,
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(hash) => write!(f, "RSA PKCS#1 v1.5 with {hash}"),
            Self::RsaPss(hash) => write!(f, "RSA-PSS with {hash}"),
            Self::Ecdsa(hash, _) => write!(f, "ECDSA with {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// The kind of a public key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa {
        /// Modulus length in bits.
        bits: usize,
    },
    /// NIST P-256.
    EcdsaP256,
    /// NIST P-384.
    EcdsaP384,
    /// NIST P-521.
    EcdsaP521,
    /// Ed25519.
    Ed25519,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::EcdsaP256 => f.write_str("ECDSA P-256"),
            Self::EcdsaP384 => f.write_str("ECDSA P-384"),
            Self::EcdsaP521 => f.write_str("ECDSA P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

impl SignatureScheme {
    /// True if a key of this kind makes and checks signatures of this scheme. Says nothing about what a
    /// provider implements.
    #[must_use]
    pub const fn fits(self, key: KeyKind) -> bool {
        match self {
            Self::RsaPkcs1(_) | Self::RsaPss(_) => matches!(key, KeyKind::Rsa { .. }),
            Self::Ecdsa(..) => {
                matches!(key, KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521)
            }
            Self::Ed25519 => matches!(key, KeyKind::Ed25519),
        }
    }
}

/// Our private key. Prints nothing secret; wiped on drop as far as the provider can (see its module).
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// The kind of the key.
    fn kind(&self) -> KeyKind;

    /// The public half as a DER `SubjectPublicKeyInfo`, to compare with a certificate's.
    fn public_key(&self) -> &[u8];

    /// True if [`Self::sign`] makes this kind of signature. Says yes to all that fit the key unless an
    /// implementation knows better.
    fn supports(&self, scheme: SignatureScheme) -> bool {
        scheme.fits(self.kind())
    }

    /// Signs `message` (the scheme hashes it).
    ///
    /// `random` feeds nonces, salts and blinding where the implementation lets it; *ring* uses the
    /// operating system's source instead.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedSignature`] if the key cannot make such a signature,
    /// [`CryptoError::Random`] if there is no randomness.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// Reads private keys.
pub trait PrivateKeyLoader: fmt::Debug + Send + Sync {
    /// Reads a DER private key: PKCS#8, PKCS#1 (`RSAPrivateKey`) or SEC1 (`ECPrivateKey` with its curve).
    ///
    /// # Errors
    /// [`CryptoError::BadKey`] if it is none of these or the key is unsound (RSA below 2,048 or above
    /// 4,096 bits too), [`CryptoError::UnsupportedSignature`] if this loader leaves the kind to others.
    fn load(&self, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError>;
}

/// Checks signatures.
pub trait SignatureVerifier: fmt::Debug + Send + Sync {
    /// True if [`Self::verify`] knows this combination.
    fn supports(&self, key: KeyKind, scheme: SignatureScheme) -> bool;

    /// Checks `signature` over `message` with the key in `spki`, a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`CryptoError::BadIntegrity`] if it does not verify, [`CryptoError::BadKey`] if the key is unsound
    /// (RSA below 2,048 bits or with a bad exponent, a point off its curve, explicit curve parameters),
    /// [`CryptoError::UnsupportedSignature`] if [`Self::supports`] is false.
    fn verify(
        &self,
        spki: &[u8],
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError>;
}
