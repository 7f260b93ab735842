//! The public key of a certificate.

use std::fmt;

use adit_crypto::{KeyKind, SignatureScheme};
use der::Tag;

use super::{Certificate, CertificateRefusal, asn1};

/// Contents of the object identifier id-RSASSA-PSS (RFC 4055 1.2).
const ID_RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

/// Shortest RSA modulus we sign or verify with, in bits (RFC 8247 4).
const MIN_RSA_BITS: usize = 2048;

/// A public key of a kind Adit can verify with.
#[derive(Clone, Eq, PartialEq)]
pub struct PublicKey {
    spki: Vec<u8>,
    kind: KeyKind,
    pss_only: bool,
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// The reason, if the key is malformed, of a kind that Adit does not know (explicit curve parameters
    /// too), or an RSA key below 2,048 bits.
    pub fn from_spki(spki: &[u8]) -> Result<Self, String> {
        let kind = KeyKind::from_spki(spki).map_err(|error| error.to_string())?;
        if let KeyKind::Rsa { bits } = kind
            && bits < MIN_RSA_BITS
        {
            return Err(format!("an RSA key of {bits} bits is too weak, at least {MIN_RSA_BITS} are needed"));
        }
        Ok(Self { spki: spki.to_vec(), kind, pss_only: is_pss(spki) })
    }

    /// The DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// True for a key marked id-RSASSA-PSS, which makes no PKCS#1 v1.5 signatures (RFC 4055 1.2).
    #[must_use]
    pub fn is_pss_only(&self) -> bool {
        self.pss_only
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind, if self.pss_only { " for PSS only" } else { "" })
    }
}

/// A type of key that a configuration asks for: Apple's CertificateType, and Ed25519.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyType {
    /// RSA, with either padding.
    Rsa,
    /// RSA, with PSS signatures only.
    RsaPss,
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
    /// ECDSA on P-521.
    EcdsaP521,
    /// Ed25519.
    Ed25519,
}

impl KeyType {
    /// Every type.
    pub const ALL: &'static [Self] =
        &[Self::Rsa, Self::RsaPss, Self::EcdsaP256, Self::EcdsaP384, Self::EcdsaP521, Self::Ed25519];

    /// True if a key of this kind is meant.
    #[must_use]
    pub fn admits(self, kind: KeyKind) -> bool {
        match self {
            Self::Rsa | Self::RsaPss => matches!(kind, KeyKind::Rsa { .. }),
            Self::EcdsaP256 => kind == KeyKind::EcdsaP256,
            Self::EcdsaP384 => kind == KeyKind::EcdsaP384,
            Self::EcdsaP521 => kind == KeyKind::EcdsaP521,
            Self::Ed25519 => kind == KeyKind::Ed25519,
        }
    }

    /// True if a signature of this scheme by such a key is meant.
    #[must_use]
    pub fn admits_signature(self, kind: KeyKind, scheme: SignatureScheme) -> bool {
        self.admits(kind) && (self != Self::RsaPss || matches!(scheme, SignatureScheme::RsaPss(_)))
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
            Self::EcdsaP256 => "ECDSA P-256",
            Self::EcdsaP384 => "ECDSA P-384",
            Self::EcdsaP521 => "ECDSA P-521",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// Refuses a certificate whose key is of none of the `allowed` types.
///
/// # Errors
/// [`CertificateRefusal::WrongKeyType`], or [`CertificateRefusal::UnsupportedKey`].
pub fn require_key_type(certificate: &Certificate, allowed: &[KeyType]) -> Result<(), CertificateRefusal> {
    let kind = certificate.public_key()?.kind();
    if allowed.iter().any(|wanted| wanted.admits(kind)) {
        Ok(())
    } else {
        Err(CertificateRefusal::WrongKeyType { wanted: allowed.to_vec(), found: kind })
    }
}

fn is_pss(spki: &[u8]) -> bool {
    let oid = || {
        let mut info = asn1::only_sequence(spki)?;
        let algorithm = info.expect(Tag::Sequence)?;
        asn1::Elements::new(algorithm.value)?.expect(Tag::ObjectIdentifier)
    };
    oid().is_ok_and(|oid: asn1::Element<'_>| oid.value == ID_RSASSA_PSS)
}
