//! Looking into an X.509 certificate (RFC 5280), without judging it.

use serde::Serialize;

use super::alternative::AlternativeName;
use super::asn1::{BIT_STRING, BOOLEAN, Element, INTEGER, Malformed, OCTET_STRING, Reader, SEQUENCE};
use super::{alternative, name, oid, time};
use crate::syntax::Date;

/// The kind of a public or private key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// RSA, with the size of its modulus in bits.
    Rsa(u32),
    /// The curve P-256.
    P256,
    /// The curve P-384.
    P384,
    /// The curve P-521.
    P521,
    /// Ed25519.
    Ed25519,
    /// Something else, by its dotted object identifier.
    Other(String),
}

/// What is in a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateInfo {
    /// The subject's last common name, if it is readable text.
    pub subject_common_name: Option<String>,
    /// The issuer's last common name, if it is readable text.
    pub issuer_common_name: Option<String>,
    /// The subject's name, DER.
    pub subject: Vec<u8>,
    /// The issuer's name, DER.
    pub issuer: Vec<u8>,
    /// The subject's name as text: `CN=Profile Signing, O=Example`. No control characters, at most some 200 characters.
    pub subject_text: String,
    /// The issuer's name as text.
    pub issuer_text: String,
    /// The serial number as it stands in the file: big-endian, in two's complement.
    pub serial: Vec<u8>,
    /// From when until when it is valid; `None` when that is not readable as two times in UTC.
    pub validity: Option<Validity>,
    /// The subject key identifier (RFC 5280 section 4.2.1.2), if it has one.
    pub subject_key_id: Option<Vec<u8>>,
    /// The kind of its key.
    pub key_kind: KeyKind,
    /// `SubjectPublicKeyInfo`, DER.
    pub public_key_info: Vec<u8>,
    /// Whether basic constraints say that it is a CA.
    pub is_ca: bool,
    /// The version as it is counted in speech: 1 or 3 (2 does not occur). A certificate of version 1 has no extensions,
    /// so it cannot say whether it is a CA.
    pub version: u32,
    /// The algorithm of the issuer's signature, as a dotted object identifier.
    pub signature_algorithm: String,
    /// The subject's other names (RFC 5280 section 4.2.1.6); what cannot be read is left out.
    pub alternative_names: Vec<AlternativeName>,
    /// What the key may be used for (RFC 5280 section 4.2.1.12), as dotted object identifiers; `None` without that
    /// extension, when it may be used for anything.
    pub extended_key_usage: Option<Vec<String>>,
}

impl CertificateInfo {
    /// The hash under the issuer's signature, when it is one that no longer protects: MD2, MD4, MD5 or SHA-1.
    #[must_use]
    pub fn weak_signature_hash(&self) -> Option<&'static str> {
        match self.signature_algorithm.as_str() {
            // RSA with each hash; 1.3.14.3.2.* are older names of the same; then DSA and ECDSA with SHA-1.
            "1.2.840.113549.1.1.2" => Some("MD2"),
            "1.2.840.113549.1.1.3" => Some("MD4"),
            "1.2.840.113549.1.1.4" | "1.3.14.3.2.25" => Some("MD5"),
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10040.4.3" | "1.2.840.10045.4.1" => {
                Some("SHA-1")
            }
            _ => None,
        }
    }

    /// Whether it names itself as its issuer, as a root does. Its signature is not looked at.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

/// When a certificate is valid; both ends belong to it (RFC 5280 section 4.1.2.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    /// The first second.
    pub not_before: Date,
    /// The last second.
    pub not_after: Date,
}

/// Why certificates cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The ASN.1 is broken.
    #[error("broken certificate: {0}")]
    Malformed(#[from] Malformed),
    /// An RSA key that no mathematics can use (an exponent of 0, an even modulus).
    #[error("the certificate's RSA key is broken: {0}")]
    BrokenRsaKey(&'static str),
    /// The Base64 between the PEM lines is broken, or a line is missing.
    #[error("broken PEM text")]
    BadPem,
    /// PEM text without a certificate.
    #[error("no certificate inside")]
    NoCertificate,
}

/// Largest RSA modulus that is taken, in bits.
const LARGEST_RSA_BITS: u32 = 16_384;

/// The tag of the extensions in `TBSCertificate`.
const EXTENSIONS: u8 = 0xa3;

/// 2.5.29.19 basic constraints.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// 2.5.29.17 subject alternative name.
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// 2.5.29.37 extended key usage.
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];

/// How many names or usages of one certificate are kept.
const MAX_LISTED: usize = 100;

/// 2.5.29.14 subject key identifier.
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];

/// Looks into one DER certificate; anything behind it is an error.
pub fn inspect(der: &[u8]) -> Result<CertificateInfo, CertificateError> {
    let mut outer = Reader::new(der);
    let mut certificate = outer.sequence("a certificate")?;
    if !outer.is_empty() {
        outer.take(0, "the end of the certificate")?;
    }
    let mut tbs = certificate.sequence("the signed part of the certificate")?;
    let signature = certificate.take(SEQUENCE, "the signature algorithm")?;
    let signature = signature.reader().oid("the identifier of the signature algorithm")?;
    certificate.take(BIT_STRING, "the signature")?;
    let version = match tbs.optional(0xa0, "the version")? {
        Some(version) => version.reader().number("the version")?.saturating_add(1),
        None => 1,
    };
    let serial = tbs.take(INTEGER, "the serial number")?;
    tbs.take(SEQUENCE, "the signature algorithm")?;
    let issuer = tbs.take(SEQUENCE, "the issuer's name")?;
    let validity = tbs.take(SEQUENCE, "the validity")?;
    let subject = tbs.take(SEQUENCE, "the subject's name")?;
    let public_key = tbs.take(SEQUENCE, "the public key")?;
    let mut extensions = Extensions::default();
    while !tbs.is_empty() {
        let more = tbs.any("the extensions")?;
        if more.tag == EXTENSIONS {
            extensions = Extensions::read(more)?;
        }
    }
    Ok(CertificateInfo {
        subject_common_name: name::common_name(subject)?,
        issuer_common_name: name::common_name(issuer)?,
        subject: subject.raw.to_vec(),
        issuer: issuer.raw.to_vec(),
        subject_text: name::to_text(subject)?,
        issuer_text: name::to_text(issuer)?,
        serial: serial.content.to_vec(),
        validity: read_validity(validity),
        subject_key_id: extensions.subject_key_id,
        key_kind: public_key_kind(public_key)?,
        public_key_info: public_key.raw.to_vec(),
        is_ca: extensions.is_ca,
        version,
        signature_algorithm: oid::dotted(signature),
        alternative_names: extensions.alternative_names,
        extended_key_usage: extensions.extended_key_usage,
    })
}

/// The issuer's name, DER, and the serial number of a certificate that need not be readable in its other parts.
pub(crate) fn issuer_and_serial(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut tbs = Reader::new(der).sequence("").ok()?.sequence("").ok()?;
    tbs.optional(0xa0, "").ok()?;
    let serial = tbs.take(INTEGER, "").ok()?;
    tbs.take(SEQUENCE, "").ok()?;
    Some((tbs.take(SEQUENCE, "").ok()?.raw, serial.content))
}

/// The subject key identifier of a certificate that need not be readable in its other parts.
pub(crate) fn subject_key_id(der: &[u8]) -> Option<&[u8]> {
    let mut tbs = Reader::new(der).sequence("").ok()?.sequence("").ok()?;
    let extensions = std::iter::from_fn(|| tbs.any("").ok()).find(|field| field.tag == EXTENSIONS)?;
    let mut list = extensions.reader().sequence("").ok()?;
    let mut values = std::iter::from_fn(|| extension(&mut list).ok());
    let (_, value) = values.find(|(id, _)| *id == SUBJECT_KEY_IDENTIFIER)?;
    key_identifier(value)
}

fn read_validity(validity: Element<'_>) -> Option<Validity> {
    let mut times = validity.reader();
    let mut next = || time::read(times.any("a time").ok()?);
    Some(Validity { not_before: next()?, not_after: next()? })
}

/// What is read of the extensions.
#[derive(Default)]
struct Extensions {
    is_ca: bool,
    subject_key_id: Option<Vec<u8>>,
    alternative_names: Vec<AlternativeName>,
    extended_key_usage: Option<Vec<String>>,
}

impl Extensions {
    fn read(extensions: Element<'_>) -> Result<Self, Malformed> {
        let mut list = extensions.reader().sequence("the extensions")?;
        let mut found = Self::default();
        while !list.is_empty() {
            let (id, value) = extension(&mut list)?;
            if id == BASIC_CONSTRAINTS {
                let mut constraints = value.reader().sequence("basic constraints")?;
                found.is_ca =
                    constraints.optional(BOOLEAN, "the CA flag")?.is_some_and(|flag| flag.content != [0]);
            } else if id == SUBJECT_KEY_IDENTIFIER {
                // Only used to find a signer's certificate: a broken one makes nothing else unreadable.
                found.subject_key_id = key_identifier(value).map(<[u8]>::to_vec);
            } else if id == SUBJECT_ALTERNATIVE_NAME {
                found.alternative_names = alternative::read(value.reader(), MAX_LISTED);
            } else if id == EXTENDED_KEY_USAGE {
                found.extended_key_usage = read_usages(value.reader()).ok();
            }
        }
        Ok(found)
    }
}

/// The next extension: its identifier and its value.
fn extension<'a>(list: &mut Reader<'a>) -> Result<(&'a [u8], Element<'a>), Malformed> {
    let mut extension = list.sequence("an extension")?;
    let id = extension.oid("the identifier of an extension")?;
    extension.optional(BOOLEAN, "the critical flag")?;
    Ok((id, extension.take(OCTET_STRING, "the value of an extension")?))
}

/// The identifier in the value of the extension for it.
fn key_identifier(value: Element<'_>) -> Option<&[u8]> {
    Some(value.reader().take(OCTET_STRING, "a key identifier").ok()?.content)
}

/// The identifiers in an extended key usage.
fn read_usages(mut value: Reader<'_>) -> Result<Vec<String>, Malformed> {
    let mut list = value.sequence("extended key usage")?;
    let mut found = Vec::new();
    while !list.is_empty() && found.len() < MAX_LISTED {
        found.push(oid::dotted(list.oid("a key usage")?));
    }
    Ok(found)
}

/// The kind of a `SubjectPublicKeyInfo`, with a look at RSA numbers.
fn public_key_kind(info: Element<'_>) -> Result<KeyKind, CertificateError> {
    let mut info = info.reader();
    let kind = algorithm(&mut info)?;
    let key = info.take(BIT_STRING, "the bits of the public key")?;
    if kind == KeyKind::Rsa(0) {
        let mut numbers = Reader::new(key.bits()?).sequence("an RSA public key")?;
        return Ok(KeyKind::Rsa(rsa_bits(&mut numbers)?));
    }
    Ok(kind)
}

/// Reads modulus and exponent, checks them, and gives the size of the modulus.
fn rsa_bits(numbers: &mut Reader<'_>) -> Result<u32, CertificateError> {
    let modulus = strip_zeros(numbers.take(INTEGER, "an RSA modulus")?.content);
    let exponent = strip_zeros(numbers.take(INTEGER, "an RSA exponent")?.content);
    let bits = bit_length(modulus);
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    if !odd(exponent) || exponent == [1] {
        return Err(CertificateError::BrokenRsaKey("its exponent is even or below 3"));
    }
    if bit_length(exponent) > 64 {
        return Err(CertificateError::BrokenRsaKey("its exponent is larger than 64 bits"));
    }
    if !odd(modulus) {
        return Err(CertificateError::BrokenRsaKey("its modulus is even"));
    }
    if !(512..=LARGEST_RSA_BITS).contains(&bits) {
        return Err(CertificateError::BrokenRsaKey("its modulus is below 512 or above 16384 bits"));
    }
    Ok(bits)
}

fn strip_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bit_length(number: &[u8]) -> u32 {
    let Some((first, rest)) = number.split_first() else { return 0 };
    u32::try_from(rest.len())
        .unwrap_or(u32::MAX / 8)
        .saturating_mul(8)
        .saturating_add(8 - first.leading_zeros())
}

/// Reads an `AlgorithmIdentifier` of a key; RSA comes without its size.
fn algorithm(reader: &mut Reader<'_>) -> Result<KeyKind, Malformed> {
    let mut algorithm = reader.sequence("the algorithm of a key")?;
    let id = algorithm.oid("the identifier of a key's algorithm")?;
    Ok(if id == oid::RSA || id == oid::RSA_PSS {
        KeyKind::Rsa(0)
    } else if id == oid::EC {
        match algorithm.oid("a named curve")? {
            curve if curve == oid::P256 => KeyKind::P256,
            curve if curve == oid::P384 => KeyKind::P384,
            curve if curve == oid::P521 => KeyKind::P521,
            curve => KeyKind::Other(oid::dotted(curve)),
        }
    } else if id == oid::ED25519 {
        KeyKind::Ed25519
    } else {
        KeyKind::Other(oid::dotted(id))
    })
}

/// What a PKCS#8 private key tells of itself: its kind, and its public half where it carries it.
#[derive(Debug)]
pub(super) struct PrivateKeyInfo<'a> {
    pub kind: KeyKind,
    /// RSA: modulus and exponent without leading zeros; a curve: the public point.
    public: Option<PublicHalf<'a>>,
}

#[derive(Debug)]
enum PublicHalf<'a> {
    Rsa { modulus: &'a [u8], exponent: &'a [u8] },
    Point(&'a [u8]),
}

impl<'a> PrivateKeyInfo<'a> {
    /// Reads `PrivateKeyInfo` (RFC 5208) or `OneAsymmetricKey` (RFC 5958).
    pub fn read(pkcs8: &'a [u8]) -> Result<Self, CertificateError> {
        let mut info = Reader::new(pkcs8).sequence("a private key")?;
        info.number("the version of a private key")?;
        let kind = algorithm(&mut info)?;
        let key = info.take(OCTET_STRING, "the private key itself")?;
        match kind {
            KeyKind::Rsa(_) => {
                let mut numbers = key.reader().sequence("an RSA private key")?;
                numbers.number("the version of an RSA private key")?;
                let bits = rsa_bits(&mut numbers.clone())?;
                let modulus = strip_zeros(numbers.take(INTEGER, "an RSA modulus")?.content);
                let exponent = strip_zeros(numbers.take(INTEGER, "an RSA exponent")?.content);
                Ok(Self { kind: KeyKind::Rsa(bits), public: Some(PublicHalf::Rsa { modulus, exponent }) })
            }
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => {
                let mut parts = key.reader().sequence("an elliptic curve private key")?;
                parts.number("the version of an elliptic curve key")?;
                parts.take(OCTET_STRING, "the number of an elliptic curve key")?;
                parts.optional(0xa0, "the curve")?;
                let point = parts.optional(0xa1, "the public point")?;
                let point = match point {
                    Some(point) => Some(point.reader().take(BIT_STRING, "the public point")?.bits()?),
                    None => None,
                };
                Ok(Self { kind, public: point.map(PublicHalf::Point) })
            }
            _ => Ok(Self { kind, public: None }),
        }
    }

    /// Whether a `SubjectPublicKeyInfo` is this key's; `None` when the key does not carry its public half.
    pub fn matches(&self, public_key_info: &[u8]) -> Option<bool> {
        let public = self.public.as_ref()?;
        let compare = || -> Result<bool, Malformed> {
            let mut info = Reader::new(public_key_info).sequence("a public key")?;
            info.take(SEQUENCE, "the algorithm of a key")?;
            let bits = info.take(BIT_STRING, "the bits of the public key")?.bits()?;
            Ok(match public {
                PublicHalf::Point(point) => bits == *point,
                PublicHalf::Rsa { modulus, exponent } => {
                    let mut numbers = Reader::new(bits).sequence("an RSA public key")?;
                    strip_zeros(numbers.take(INTEGER, "a modulus")?.content) == *modulus
                        && strip_zeros(numbers.take(INTEGER, "an exponent")?.content) == *exponent
                }
            })
        };
        Some(compare().unwrap_or(false))
    }
}
