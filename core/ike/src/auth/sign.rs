//! Which signature our key makes, and making it.

use adit_crypto::{
    CryptoError, CryptoProvider, EcdsaEncoding, HashId, KeyKind, SecureRandom, SignatureScheme, SigningKey,
};
use der::Tag;

use super::{AuthMethod, AuthRefusal, encode_algorithm};
use crate::certificate::{PublicKey, asn1};

/// How an RSA key signs with method 14.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RsaPadding {
    /// PKCS#1 v1.5: what every peer understands.
    #[default]
    Pkcs1,
    /// PSS: what RFC 8247 4 prefers, and a key marked id-RSASSA-PSS (Apple's CertificateType RSA-PSS) needs.
    Pss,
}

impl RsaPadding {
    /// The padding for a certificate's key: PSS if the key is marked for it, else as configured.
    #[must_use]
    pub fn suiting(self, key: &PublicKey) -> Self {
        if key.is_pss_only() { Self::Pss } else { self }
    }
}

/// A method and scheme that go together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignatureChoice {
    /// What the AUTH payload says.
    pub method: AuthMethod,
    /// How to sign.
    pub scheme: SignatureScheme,
}

impl SignatureChoice {
    /// Chooses for a key of ours. `peer_hashes` is what the peer's SIGNATURE_HASH_ALGORITHMS lists, `None` if
    /// it sent none.
    ///
    /// With it: method 14 and the hash that fits the key's strength, else a stronger one, else a weaker one;
    /// never SHA-1. ECDSA keys fall back to methods 9 to 11 when no hash is in common. Without it: methods 1
    /// (which means SHA-1), 9, 10 and 11.
    ///
    /// # Errors
    /// [`AuthRefusal::NoCommonHash`], or [`AuthRefusal::NeedsHashNegotiation`] for Ed25519 and PSS with a peer
    /// that does not negotiate.
    pub fn new(
        key: KeyKind,
        padding: RsaPadding,
        peer_hashes: Option<&[HashId]>,
    ) -> Result<Self, AuthRefusal> {
        match peer_hashes {
            Some(peer) => Self::negotiated(key, padding, peer),
            None => Self::classic(key, padding),
        }
    }

    /// Makes the AUTH data over `octets`, with the algorithm identifier in front for method 14.
    ///
    /// # Errors
    /// [`CryptoError`] if the key cannot sign so.
    pub fn sign(
        &self,
        key: &dyn SigningKey,
        octets: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, CryptoError> {
        self.auth_data(key.sign(self.scheme, octets, random)?)
    }

    /// How a key store is asked to sign: ECDSA always in DER, which is what such stores give.
    #[must_use]
    pub fn for_host(&self) -> SignatureScheme {
        match self.scheme {
            SignatureScheme::Ecdsa(hash, _) => SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der),
            scheme => scheme,
        }
    }

    /// Makes the AUTH data of a signature that a key store made by [`Self::for_host`] over `octets`. It is
    /// checked with `key` first: what the store got wrong must not look like a refusal of the peer.
    ///
    /// # Errors
    /// [`CryptoError::BadIntegrity`] if it does not verify, [`CryptoError::UnsupportedSignature`] if the provider
    /// cannot check such a signature.
    pub fn adopt(
        &self,
        provider: &CryptoProvider,
        key: &PublicKey,
        octets: &[u8],
        signature: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        provider.verify(key.spki(), self.for_host(), octets, signature)?;
        if self.scheme == self.for_host() {
            return self.auth_data(signature.to_vec());
        }
        let fixed = fixed_width(key.kind(), signature).ok_or(CryptoError::BadIntegrity)?;
        self.auth_data(fixed)
    }

    /// A signature as AUTH carries it (RFC 7427 3).
    fn auth_data(&self, signature: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        if self.method != AuthMethod::DIGITAL_SIGNATURE {
            return Ok(signature);
        }
        let algorithm = encode_algorithm(self.scheme).ok_or(CryptoError::UnsupportedSignature)?;
        let length = u8::try_from(algorithm.len()).map_err(|_| CryptoError::UnsupportedSignature)?;
        let mut data = Vec::with_capacity(1 + algorithm.len() + signature.len());
        data.push(length);
        data.extend_from_slice(&algorithm);
        data.extend_from_slice(&signature);
        Ok(data)
    }

    fn negotiated(key: KeyKind, padding: RsaPadding, peer: &[HashId]) -> Result<Self, AuthRefusal> {
        let best = preferred_hashes(key).iter().copied().find(|hash| peer.contains(hash));
        let scheme = match (key, best) {
            (KeyKind::Rsa { .. }, Some(hash)) => match padding {
                RsaPadding::Pkcs1 => SignatureScheme::RsaPkcs1(hash),
                RsaPadding::Pss => SignatureScheme::RsaPss(hash),
            },
            (KeyKind::Ed25519, Some(_)) => SignatureScheme::Ed25519,
            (_, Some(hash)) => SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der),
            (KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521, None) => {
                return Self::classic(key, padding);
            }
            (_, None) => return Err(AuthRefusal::NoCommonHash { key, peer: peer.to_vec() }),
        };
        Ok(Self { method: AuthMethod::DIGITAL_SIGNATURE, scheme })
    }

    fn classic(key: KeyKind, padding: RsaPadding) -> Result<Self, AuthRefusal> {
        let ecdsa =
            |method, hash| Self { method, scheme: SignatureScheme::Ecdsa(hash, EcdsaEncoding::Fixed) };
        match (key, padding) {
            (KeyKind::Rsa { .. }, RsaPadding::Pkcs1) => Ok(Self {
                method: AuthMethod::RSA_SIGNATURE,
                scheme: SignatureScheme::RsaPkcs1(HashId::SHA1),
            }),
            (KeyKind::Rsa { .. }, RsaPadding::Pss) => {
                Err(AuthRefusal::NeedsHashNegotiation { needed: "RSA-PSS" })
            }
            (KeyKind::EcdsaP256, _) => Ok(ecdsa(AuthMethod::ECDSA_P256, HashId::SHA2_256)),
            (KeyKind::EcdsaP384, _) => Ok(ecdsa(AuthMethod::ECDSA_P384, HashId::SHA2_384)),
            (KeyKind::EcdsaP521, _) => Ok(ecdsa(AuthMethod::ECDSA_P521, HashId::SHA2_512)),
            (KeyKind::Ed25519, _) => Err(AuthRefusal::NeedsHashNegotiation { needed: "Ed25519" }),
        }
    }
}

/// An ECDSA signature in DER as r and s of the curve's width (RFC 4754 3).
fn fixed_width(key: KeyKind, signature: &[u8]) -> Option<Vec<u8>> {
    let width = match key {
        KeyKind::EcdsaP256 => 32,
        KeyKind::EcdsaP384 => 48,
        KeyKind::EcdsaP521 => 66,
        KeyKind::Rsa { .. } | KeyKind::Ed25519 => return None,
    };
    let mut numbers = asn1::only_sequence(signature).ok()?;
    let mut fixed = Vec::with_capacity(2 * width);
    for _ in 0..2 {
        let number = numbers.expect(Tag::Integer).ok()?.value;
        let digits = number.iter().position(|octet| *octet != 0).and_then(|at| number.get(at..))?;
        fixed.resize(fixed.len() + width.checked_sub(digits.len())?, 0);
        fixed.extend_from_slice(digits);
    }
    numbers.finish().ok()?;
    Some(fixed)
}

/// Hashes for a key, best first: of its strength (RFC 7427 5, NIST SP 800-57), then stronger, then weaker.
fn preferred_hashes(key: KeyKind) -> &'static [HashId] {
    const FROM_256: &[HashId] = &[HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512];
    const FROM_384: &[HashId] = &[HashId::SHA2_384, HashId::SHA2_512, HashId::SHA2_256];
    const FROM_512: &[HashId] = &[HashId::SHA2_512, HashId::SHA2_384, HashId::SHA2_256];
    match key {
        KeyKind::Rsa { bits } if bits > 3072 => FROM_384,
        KeyKind::Rsa { .. } | KeyKind::EcdsaP256 => FROM_256,
        KeyKind::EcdsaP384 => FROM_384,
        KeyKind::EcdsaP521 => FROM_512,
        KeyKind::Ed25519 => &[HashId::IDENTITY],
    }
}
