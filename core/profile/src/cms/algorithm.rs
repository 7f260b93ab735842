//! The algorithms that a signer names.

use std::fmt;

use crate::certificate::asn1::{Element, Malformed, Reader, SEQUENCE};
use crate::certificate::oid;

/// A hash function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DigestAlgorithm {
    /// MD5: recognised, never taken.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA2-256.
    Sha256,
    /// SHA2-384.
    Sha384,
    /// SHA2-512.
    Sha512,
    /// Another one, by its dotted object identifier.
    Other(String),
}

impl DigestAlgorithm {
    /// Whether collisions can be made, so that a signature over it proves little: MD5 and SHA-1.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    pub(super) fn from_oid(id: &[u8]) -> Self {
        match id {
            id if id == oid::MD5 => Self::Md5,
            id if id == oid::SHA1 => Self::Sha1,
            id if id == oid::SHA256 => Self::Sha256,
            id if id == oid::SHA384 => Self::Sha384,
            id if id == oid::SHA512 => Self::Sha512,
            id => Self::Other(oid::dotted(id)),
        }
    }

    /// Reads an `AlgorithmIdentifier`, whose parameters say nothing for a hash.
    pub(super) fn read(identifier: Element<'_>) -> Result<Self, Malformed> {
        Ok(Self::from_oid(identifier.reader().oid("the identifier of a digest algorithm")?))
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Md5 => f.write_str("MD5"),
            Self::Sha1 => f.write_str("SHA-1"),
            Self::Sha256 => f.write_str("SHA2-256"),
            Self::Sha384 => f.write_str("SHA2-384"),
            Self::Sha512 => f.write_str("SHA2-512"),
            Self::Other(id) => f.write_str(id),
        }
    }
}

/// How a signature is made, apart from the hash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaPkcs1,
    /// RSASSA-PSS (RFC 8017 section 8.1).
    RsaPss,
    /// ECDSA (FIPS 186-5).
    Ecdsa,
    /// Ed25519 (RFC 8032), without a hash of its own choice.
    Ed25519,
    /// Another one, by its dotted object identifier.
    Other(String),
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1 => f.write_str("RSA PKCS#1 v1.5"),
            Self::RsaPss => f.write_str("RSA-PSS"),
            Self::Ecdsa => f.write_str("ECDSA"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(id) => f.write_str(id),
        }
    }
}

/// What the parameters of RSASSA-PSS say (RFC 4055 section 3.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct PssParameters {
    pub hash: DigestAlgorithm,
    /// The hash of the mask; `None` for another mask than MGF1.
    pub mask: Option<DigestAlgorithm>,
    /// Bytes.
    pub salt: usize,
    /// 1 is the only one there is.
    pub trailer: u32,
}

impl PssParameters {
    /// Reads them; what is left out has its default.
    pub fn read(parameters: Option<Element<'_>>) -> Result<Self, Malformed> {
        let mut found =
            Self { hash: DigestAlgorithm::Sha1, mask: Some(DigestAlgorithm::Sha1), salt: 20, trailer: 1 };
        let Some(parameters) = parameters else { return Ok(found) };
        if parameters.tag != SEQUENCE {
            return Err(Malformed { offset: parameters.offset, expected: "the parameters of RSA-PSS" });
        }
        let mut fields = parameters.reader();
        if let Some(hash) = fields.optional(0xa0, "the hash of RSA-PSS")? {
            let hash = hash.reader().take(SEQUENCE, "the hash of RSA-PSS")?;
            found.hash = DigestAlgorithm::read(hash)?;
        }
        if let Some(mask) = fields.optional(0xa1, "the mask of RSA-PSS")? {
            let mut mask = mask.reader().sequence("the mask of RSA-PSS")?;
            found.mask = if mask.oid("the mask of RSA-PSS")? == oid::MGF1 {
                Some(DigestAlgorithm::read(mask.take(SEQUENCE, "the hash of the mask")?)?)
            } else {
                None
            };
        }
        if let Some(salt) = fields.optional(0xa2, "the salt length of RSA-PSS")? {
            let salt = salt.reader().number("the salt length of RSA-PSS")?;
            found.salt = usize::try_from(salt).unwrap_or(usize::MAX);
        }
        if let Some(trailer) = fields.optional(0xa3, "the trailer of RSA-PSS")? {
            found.trailer = trailer.reader().number("the trailer of RSA-PSS")?;
        }
        Ok(found)
    }
}

/// A `SignatureAlgorithmIdentifier`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SignatureIdentifier {
    pub algorithm: SignatureAlgorithm,
    /// The hash, where the identifier names one.
    pub hash: Option<DigestAlgorithm>,
    pub pss: Option<PssParameters>,
}

impl SignatureIdentifier {
    pub fn read(identifier: Element<'_>) -> Result<Self, Malformed> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let mut fields: Reader<'_> = identifier.reader();
        let id = fields.oid("the identifier of a signature algorithm")?;
        let (algorithm, hash) = match id {
            id if id == oid::RSA => (SignatureAlgorithm::RsaPkcs1, None),
            id if id == oid::RSA_SHA1 => (SignatureAlgorithm::RsaPkcs1, Some(Sha1)),
            id if id == oid::RSA_SHA256 => (SignatureAlgorithm::RsaPkcs1, Some(Sha256)),
            id if id == oid::RSA_SHA384 => (SignatureAlgorithm::RsaPkcs1, Some(Sha384)),
            id if id == oid::RSA_SHA512 => (SignatureAlgorithm::RsaPkcs1, Some(Sha512)),
            id if id == oid::RSA_PSS => {
                let parameters =
                    if fields.is_empty() { None } else { Some(fields.any("the parameters of RSA-PSS")?) };
                let pss = PssParameters::read(parameters)?;
                let hash = Some(pss.hash.clone());
                return Ok(Self { algorithm: SignatureAlgorithm::RsaPss, hash, pss: Some(pss) });
            }
            // The kind of the key instead of the algorithm, as some signers write.
            id if id == oid::EC => (SignatureAlgorithm::Ecdsa, None),
            id if id == oid::ECDSA_SHA1 => (SignatureAlgorithm::Ecdsa, Some(Sha1)),
            id if id == oid::ECDSA_SHA256 => (SignatureAlgorithm::Ecdsa, Some(Sha256)),
            id if id == oid::ECDSA_SHA384 => (SignatureAlgorithm::Ecdsa, Some(Sha384)),
            id if id == oid::ECDSA_SHA512 => (SignatureAlgorithm::Ecdsa, Some(Sha512)),
            id if id == oid::ED25519 => (SignatureAlgorithm::Ed25519, None),
            id => (SignatureAlgorithm::Other(oid::dotted(id)), None),
        };
        Ok(Self { algorithm, hash, pss: None })
    }
}
