//! Which signature our key makes, and making it.

use adit_crypto::{CryptoError, EcdsaEncoding, HashId, KeyKind, SecureRandom, SignatureScheme, SigningKey};

use super::{AuthMethod, AuthRefusal, encode_algorithm};
use crate::certificate::PublicKey;

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
        let signature = key.sign(self.scheme, octets, random)?;
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
