//! Public keys in DER `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7): what kind they are, whether they are
//! sound, which signatures they may check.
//!
//! Takes RSA with `rsaEncryption` (RFC 3279 2.3.1) or `id-RSASSA-PSS` (RFC 4055 3.1), uncompressed points
//! on named curves (RFC 5480) and Ed25519 (RFC 8410). Everything else is refused with its reason. Every
//! verifier reads keys through here, so that all of them agree on what a sound key is.

use der::asn1::{Any, AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Encode};
use rsa::pkcs1::{RsaPssParams, TrailerField};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::{CryptoError, HashId, KeyKind, SignatureScheme};

pub(crate) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Shortest RSA modulus taken, in bits (RFC 8247 4.1.1 asks for no less).
pub(crate) const RSA_MIN_BITS: usize = 2048;
/// Longest RSA modulus taken, in bits: bounds the time one signature costs.
pub(crate) const RSA_MAX_BITS: usize = 8192;
/// Longest RSA public exponent taken, in bits: the same bound.
const RSA_MAX_EXPONENT_BITS: usize = 33;

/// A parsed public key.
#[derive(Debug)]
pub(crate) enum PublicKey<'a> {
    /// RSA.
    Rsa(RsaPublicKey<'a>),
    /// A point on a NIST curve.
    Ec {
        /// The curve.
        kind: KeyKind,
        /// The uncompressed point, `04 | x | y`, of the curve's length. Not checked to be on the curve.
        point: &'a [u8],
    },
    /// Ed25519.
    Ed25519(&'a [u8; 32]),
}

/// An RSA public key.
#[derive(Debug)]
pub(crate) struct RsaPublicKey<'a> {
    /// DER `RSAPublicKey` (RFC 8017 A.1.1).
    #[cfg_attr(not(feature = "ring"), expect(dead_code, reason = "ring reads the DER itself"))]
    pub(crate) pkcs1: &'a [u8],
    /// Big-endian, no leading zeros.
    pub(crate) modulus: &'a [u8],
    /// Big-endian, no leading zeros.
    pub(crate) exponent: &'a [u8],
    /// What an `id-RSASSA-PSS` key may be used for.
    usage: RsaUsage,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum RsaUsage {
    /// `rsaEncryption`: PKCS#1 v1.5 and PSS.
    Any,
    /// `id-RSASSA-PSS` without parameters: PSS with any hash.
    Pss,
    /// `id-RSASSA-PSS` with parameters: PSS with this hash and a salt as long.
    PssWith(HashId),
}

impl KeyKind {
    /// The kind of the key in `spki`, a DER `SubjectPublicKeyInfo`.
    ///
    /// Says nothing about strength: an RSA key of 512 bits has a kind, and no verifier supports it.
    ///
    /// # Errors
    /// [`CryptoError::BadKey`] if it is malformed or of a kind that Adit does not know.
    pub fn from_spki(spki: &[u8]) -> Result<Self, CryptoError> {
        Ok(PublicKey::parse(spki)?.kind())
    }
}

impl<'a> PublicKey<'a> {
    pub(crate) fn parse(spki: &'a [u8]) -> Result<Self, CryptoError> {
        let info = SubjectPublicKeyInfoRef::from_der(spki)
            .map_err(|_| CryptoError::BadKey("it is no DER SubjectPublicKeyInfo"))?;
        let key =
            info.subject_public_key.as_bytes().ok_or(CryptoError::BadKey("it does not end on an octet"))?;
        match info.algorithm.oid {
            RSA_ENCRYPTION => {
                if info.algorithm.parameters != Some(AnyRef::NULL) {
                    return Err(CryptoError::BadKey("RSA key parameters are not NULL"));
                }
                RsaPublicKey::parse(key, RsaUsage::Any).map(Self::Rsa)
            }
            RSASSA_PSS => RsaPublicKey::parse(key, pss_usage(info.algorithm)?).map(Self::Rsa),
            EC_PUBLIC_KEY => {
                let kind = curve(info.algorithm.parameters)?;
                check_point_form(kind, key)?;
                Ok(Self::Ec { kind, point: key })
            }
            ED25519 => {
                if info.algorithm.parameters.is_some() {
                    return Err(CryptoError::BadKey("an Ed25519 key has parameters"));
                }
                let key = key
                    .try_into()
                    .map_err(|_| CryptoError::BadKey("an Ed25519 key does not have 32 octets"))?;
                Ok(Self::Ed25519(key))
            }
            _ => Err(CryptoError::BadKey("it is none of RSA, ECDSA P-256, P-384, P-521, Ed25519")),
        }
    }

    pub(crate) fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa(key) => KeyKind::Rsa { bits: bit_length(key.modulus) },
            Self::Ec { kind, .. } => *kind,
            Self::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// Refuses unsound RSA keys, Ed25519 keys of small order, and schemes the key was not made for. Points
    /// on NIST curves are left to the verifiers.
    pub(crate) fn check(&self, scheme: SignatureScheme) -> Result<(), CryptoError> {
        match self {
            Self::Rsa(key) => key.check(scheme),
            Self::Ec { .. } => Ok(()),
            Self::Ed25519(key) => match ed25519_dalek::VerifyingKey::from_bytes(key) {
                Ok(key) if !key.is_weak() => Ok(()),
                Ok(_) => Err(CryptoError::BadKey("an Ed25519 key is of small order")),
                Err(_) => Err(CryptoError::BadKey("an Ed25519 key is not a point on its curve")),
            },
        }
    }
}

impl<'a> RsaPublicKey<'a> {
    fn parse(pkcs1: &'a [u8], usage: RsaUsage) -> Result<Self, CryptoError> {
        let key = rsa::pkcs1::RsaPublicKeyRef::from_der(pkcs1)
            .map_err(|_| CryptoError::BadKey("it is no DER RSAPublicKey"))?;
        Ok(Self { pkcs1, modulus: key.modulus.as_bytes(), exponent: key.public_exponent.as_bytes(), usage })
    }

    fn check(&self, scheme: SignatureScheme) -> Result<(), CryptoError> {
        check_rsa_numbers(self.modulus, self.exponent, RSA_MAX_BITS)?;
        match (self.usage, scheme) {
            (RsaUsage::Any, _) | (RsaUsage::Pss, SignatureScheme::RsaPss(_)) => Ok(()),
            (RsaUsage::PssWith(wanted), SignatureScheme::RsaPss(hash)) if wanted == hash => Ok(()),
            _ => Err(CryptoError::BadKey("an RSASSA-PSS key restricts itself to another scheme")),
        }
    }
}

/// Refuses RSA numbers that are too small, too large to be cheap, or plainly no RSA key.
pub(crate) fn check_rsa_numbers(modulus: &[u8], exponent: &[u8], max_bits: usize) -> Result<(), CryptoError> {
    let bits = bit_length(modulus);
    if bits < RSA_MIN_BITS {
        return Err(CryptoError::BadKey("RSA modulus below 2,048 bits"));
    }
    if bits > max_bits {
        return Err(CryptoError::BadKey("RSA modulus too long"));
    }
    if is_even(modulus) {
        return Err(CryptoError::BadKey("RSA modulus is even"));
    }
    let exponent_bits = bit_length(exponent);
    if exponent_bits < 2 || is_even(exponent) {
        return Err(CryptoError::BadKey("RSA public exponent is even or below 3"));
    }
    if exponent_bits > RSA_MAX_EXPONENT_BITS {
        return Err(CryptoError::BadKey("RSA public exponent above 33 bits"));
    }
    Ok(())
}

/// The named curve in an `id-ecPublicKey` algorithm identifier (RFC 5480 2.1.1).
pub(crate) fn curve(parameters: Option<AnyRef<'_>>) -> Result<KeyKind, CryptoError> {
    let named = parameters
        .and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok())
        .ok_or(CryptoError::BadKey("the curve is not given by name"))?;
    curve_named(named)
}

/// The curve with this name.
pub(crate) fn curve_named(name: ObjectIdentifier) -> Result<KeyKind, CryptoError> {
    match name {
        SECP256R1 => Ok(KeyKind::EcdsaP256),
        SECP384R1 => Ok(KeyKind::EcdsaP384),
        SECP521R1 => Ok(KeyKind::EcdsaP521),
        _ => Err(CryptoError::BadKey("the curve is none of P-256, P-384, P-521")),
    }
}

/// Bytes of a coordinate, and of r and s in [`crate::EcdsaEncoding::Fixed`]; `None` if it is no curve.
pub(crate) const fn coordinate_len(kind: KeyKind) -> Option<usize> {
    match kind {
        KeyKind::EcdsaP256 => Some(32),
        KeyKind::EcdsaP384 => Some(48),
        KeyKind::EcdsaP521 => Some(66),
        KeyKind::Rsa { .. } | KeyKind::Ed25519 => None,
    }
}

/// The length in bits of a big-endian number.
pub(crate) fn bit_length(number: &[u8]) -> usize {
    let leading = number.iter().take_while(|byte| **byte == 0).count();
    match number.get(leading) {
        Some(first) => (number.len() - leading) * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}

/// DER `SubjectPublicKeyInfo` of an RSA key given as DER `RSAPublicKey`.
pub(crate) fn rsa_spki(pkcs1_public: &[u8]) -> Result<Vec<u8>, CryptoError> {
    encode(RSA_ENCRYPTION, Some(AnyRef::NULL), pkcs1_public)
}

/// DER `SubjectPublicKeyInfo` of an uncompressed point.
pub(crate) fn ec_spki(kind: KeyKind, point: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let curve = match kind {
        KeyKind::EcdsaP256 => SECP256R1,
        KeyKind::EcdsaP384 => SECP384R1,
        KeyKind::EcdsaP521 => SECP521R1,
        KeyKind::Rsa { .. } | KeyKind::Ed25519 => return Err(CryptoError::BadKey("it is no curve")),
    };
    encode(EC_PUBLIC_KEY, Some(AnyRef::from(&curve)), point)
}

/// DER `SubjectPublicKeyInfo` of an Ed25519 key.
pub(crate) fn ed25519_spki(key: &[u8; 32]) -> Result<Vec<u8>, CryptoError> {
    encode(ED25519, None, key)
}

fn encode(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let unencodable = |_| CryptoError::BadKey("its public half cannot be encoded");
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key).map_err(unencodable)?,
    }
    .to_der()
    .map_err(unencodable)
}

fn check_point_form(kind: KeyKind, point: &[u8]) -> Result<(), CryptoError> {
    let wanted = coordinate_len(kind).map(|len| 2 * len);
    match point.split_first() {
        Some((0x04, coordinates)) if Some(coordinates.len()) == wanted => Ok(()),
        Some((0x02 | 0x03, _)) => Err(CryptoError::BadKey("the point is compressed")),
        _ => Err(CryptoError::BadKey("the point has a wrong form or length")),
    }
}

/// What RFC 4055 3.1 parameters allow. The hash must also drive MGF1 and be as long as the salt, because
/// that is the only PSS that IKE uses (RFC 7427 A.4).
fn pss_usage(algorithm: AlgorithmIdentifierRef<'_>) -> Result<RsaUsage, CryptoError> {
    let Some(parameters) = algorithm.parameters else {
        return Ok(RsaUsage::Pss);
    };
    let parameters: RsaPssParams<Any> =
        parameters.decode_as().map_err(|_| CryptoError::BadKey("RSASSA-PSS key parameters are malformed"))?;
    let (hash, salt_len) = match parameters.hash.oid {
        SHA256 => (HashId::SHA2_256, 32),
        SHA384 => (HashId::SHA2_384, 48),
        SHA512 => (HashId::SHA2_512, 64),
        SHA1 => return Err(CryptoError::BadKey("RSASSA-PSS key for SHA-1 only")),
        _ => return Err(CryptoError::BadKey("RSASSA-PSS key for an unknown hash")),
    };
    let mask_hash = parameters.mask_gen.parameters.as_ref().map(|hash| hash.oid);
    if parameters.mask_gen.oid != MGF1 || mask_hash != Some(parameters.hash.oid) {
        return Err(CryptoError::BadKey("RSASSA-PSS key for another mask than MGF1 with its hash"));
    }
    // The parameter is the least salt the signer may use.
    if parameters.salt_len > salt_len {
        return Err(CryptoError::BadKey("RSASSA-PSS key for a salt longer than its hash"));
    }
    if parameters.trailer_field != TrailerField::BC {
        return Err(CryptoError::BadKey("RSASSA-PSS key for an unknown trailer"));
    }
    Ok(RsaUsage::PssWith(hash))
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|last| last % 2 == 0)
}
