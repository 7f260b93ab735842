//! Looking into an X.509 certificate (RFC 5280), without judging it.

use serde::Serialize;

use super::asn1::{BIT_STRING, BOOLEAN, Element, INTEGER, Malformed, OCTET_STRING, Reader, SEQUENCE, SET};
use super::oid;

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
    /// The kind of its key.
    pub key_kind: KeyKind,
    /// `SubjectPublicKeyInfo`, DER.
    pub public_key_info: Vec<u8>,
    /// Whether basic constraints say that it is a CA.
    pub is_ca: bool,
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

/// 2.5.29.19 basic constraints.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// Looks into one DER certificate; anything behind it is an error.
pub fn inspect(der: &[u8]) -> Result<CertificateInfo, CertificateError> {
    let mut outer = Reader::new(der);
    let mut certificate = outer.sequence("a certificate")?;
    if !outer.is_empty() {
        outer.take(0, "the end of the certificate")?;
    }
    let mut tbs = certificate.sequence("the signed part of the certificate")?;
    certificate.take(SEQUENCE, "the signature algorithm")?;
    certificate.take(BIT_STRING, "the signature")?;
    tbs.optional(0xa0, "the version")?;
    tbs.take(INTEGER, "the serial number")?;
    tbs.take(SEQUENCE, "the signature algorithm")?;
    let issuer = tbs.take(SEQUENCE, "the issuer's name")?;
    tbs.take(SEQUENCE, "the validity")?;
    let subject = tbs.take(SEQUENCE, "the subject's name")?;
    let public_key = tbs.take(SEQUENCE, "the public key")?;
    let mut is_ca = false;
    while !tbs.is_empty() {
        let more = tbs.any("the extensions")?;
        if more.tag == 0xa3 {
            is_ca = read_extensions(more)?;
        }
    }
    Ok(CertificateInfo {
        subject_common_name: common_name(subject)?,
        issuer_common_name: common_name(issuer)?,
        subject: subject.raw.to_vec(),
        issuer: issuer.raw.to_vec(),
        key_kind: public_key_kind(public_key)?,
        public_key_info: public_key.raw.to_vec(),
        is_ca,
    })
}

/// Whether the extensions say that it is a CA.
fn read_extensions(extensions: Element<'_>) -> Result<bool, Malformed> {
    let mut list = extensions.reader().sequence("the extensions")?;
    let mut is_ca = false;
    while !list.is_empty() {
        let mut extension = list.sequence("an extension")?;
        let id = extension.oid("the identifier of an extension")?;
        extension.optional(BOOLEAN, "the critical flag")?;
        let value = extension.take(OCTET_STRING, "the value of an extension")?;
        if id == BASIC_CONSTRAINTS {
            let mut constraints = value.reader().sequence("basic constraints")?;
            is_ca = constraints.optional(BOOLEAN, "the CA flag")?.is_some_and(|flag| flag.content != [0]);
        }
    }
    Ok(is_ca)
}

/// The last common name of a name, when it is UTF-8 or ASCII text.
fn common_name(name: Element<'_>) -> Result<Option<String>, Malformed> {
    let mut found = None;
    let mut parts = name.reader();
    while !parts.is_empty() {
        let mut set = parts.take(SET, "a part of a name")?.reader();
        while !set.is_empty() {
            let mut attribute = set.sequence("an attribute of a name")?;
            let id = attribute.oid("the type of an attribute")?;
            let value = attribute.any("the value of an attribute")?;
            if id == oid::COMMON_NAME {
                found = text(value).or(found);
            }
        }
    }
    Ok(found)
}

/// The text of a directory string.
fn text(value: Element<'_>) -> Option<String> {
    match value.tag {
        // UTF8String, PrintableString, IA5String
        0x0c | 0x13 | 0x16 => std::str::from_utf8(value.content).ok().map(str::to_owned),
        // TeletexString, in practice ISO 8859-1
        0x14 => Some(value.content.iter().map(|byte| char::from(*byte)).collect()),
        // BMPString
        0x1e => {
            let pairs = value.content.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).unwrap_or_default());
            String::from_utf16(&pairs.map(u16::from_be_bytes).collect::<Vec<_>>()).ok()
        }
        _ => None,
    }
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
