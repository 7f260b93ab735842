//! Signed profiles: CMS signed data (RFC 5652 section 5).
//!
//! Owns reading ([`read`]): the embedded content, the certificates, and for each signer whether its signature holds.
//! DER, BER (indefinite lengths, strings in pieces) and PEM are taken. Checked are the digest over the content, the
//! content type and message digest attributes (sections 5.4, 5.6, 11.1, 11.2) and the signature itself with RSA PKCS#1
//! v1.5 and PSS (RFC 8017, RFC 4056), ECDSA on P-256, P-384 and P-521 (RFC 5753) and Ed25519 (RFC 8419), with SHA-1 and
//! SHA-2. An algorithm beyond these gives "not verified" and its name, never "verified". Who computes with public keys is
//! the caller's choice ([`Signatures`]). [`build`] makes signed data.
//!
//! Leaves out trust: whether a signer's certificate is one to believe, valid now and made for signing is for others, who
//! find its fields in [`Signed::certificates`]. Enveloped data (an encrypted profile) is refused by name; attribute
//! certificates, CRLs, countersignatures and timestamps are passed over.

mod algorithm;
mod asked;
mod attributes;
pub mod build;
#[cfg(any(feature = "engine-signatures", test))]
mod engine;
mod read;
#[cfg(feature = "signatures")]
mod rust_crypto;
mod signatures;
mod verify;

pub use algorithm::{DigestAlgorithm, SignatureAlgorithm};
pub use asked::{Asked, Question};
#[cfg(feature = "engine-signatures")]
pub use engine::Engine;
pub use read::{MAX_CERTIFICATES, MAX_SIGNERS, read, read_with};
#[cfg(feature = "signatures")]
pub use rust_crypto::RustCrypto;
pub use signatures::{Answer, Claim, Curve, PublicKey, RsaKey, Scheme, Signatures, Unavailable};

/// Who checks signatures where nobody is named: `Engine` if this build has it.
#[cfg(feature = "engine-signatures")]
pub(crate) use engine::Engine as InThisBuild;
/// Who checks signatures where nobody is named: `RustCrypto` if this build has it, and no `Engine`.
#[cfg(all(feature = "signatures", not(feature = "engine-signatures")))]
pub(crate) use rust_crypto::RustCrypto as InThisBuild;
/// Who checks signatures where nobody is named: nobody, in a build with neither feature.
#[cfg(not(any(feature = "signatures", feature = "engine-signatures")))]
pub(crate) use signatures::Unavailable as InThisBuild;

use zeroize::Zeroizing;

use crate::certificate::{CertificateError, CertificateInfo, Malformed};
use crate::gather::Gather as _;
use crate::source::CmsWrapping;
use crate::syntax::Date;

/// Why CMS cannot be opened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CmsError {
    /// Not CMS, or damaged.
    #[error("the CMS signature is damaged: {0}")]
    Malformed(#[from] Malformed),
    /// The Base64 between the PEM lines is broken, or a line is missing.
    #[error("the PEM text of the CMS signature is broken")]
    BadPem,
    /// Enveloped data: encrypted for some device.
    #[error("the profile is encrypted (CMS enveloped data)")]
    Enveloped,
    /// CMS of another kind.
    #[error("this is CMS of the kind {0}, not signed data")]
    OtherKind(
        /// The dotted object identifier of its content type.
        String,
    ),
    /// More of something than is read.
    #[error("more than {limit} {what} in one CMS signature")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

/// Opened signed data: what was signed, and by whom.
pub struct Signed {
    /// How the file is written down.
    pub wrapping: CmsWrapping,
    /// What was signed; `None` in a detached signature, whose content is elsewhere. Wiped when dropped.
    pub content: Option<Zeroizing<Vec<u8>>>,
    /// The dotted object identifier of the content's type; of a profile 1.2.840.113549.1.7.1, plain data.
    pub content_type: String,
    /// Who signed, in the order of the file. None at all in a CMS that only carries certificates.
    pub signers: Vec<Signer>,
    /// The X.509 certificates that come along, in the order of the file.
    pub certificates: Vec<EmbeddedCertificate>,
    /// How many bytes of the file follow the CMS; readers pass over them.
    pub trailing: usize,
}

/// A certificate that comes along with a signature.
#[derive(Clone, Debug)]
pub struct EmbeddedCertificate {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// What is in it, or why that cannot be read.
    pub info: Result<CertificateInfo, CertificateError>,
}

/// One signer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signer {
    /// Which certificate the signer names.
    pub identifier: SignerIdentifier,
    /// Its place in [`Signed::certificates`]; `None` when it is not there.
    pub certificate: Option<usize>,
    /// The hash over the content.
    pub digest: DigestAlgorithm,
    /// How the signature was made.
    pub signature: SignatureAlgorithm,
    /// When the signer says that it signed. Nobody vouches for it.
    pub signing_time: Option<Date>,
    /// Whether the signature covers attributes, among them the content's digest, rather than the content itself.
    pub has_signed_attributes: bool,
    /// Whether the signature holds.
    pub verification: Verification,
}

/// How a signer names its certificate (RFC 5652 section 5.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignerIdentifier {
    /// By the name of its issuer and its serial number.
    IssuerAndSerial {
        /// The issuer's name as text.
        issuer: String,
        /// The serial number, big-endian, as it stands in the file.
        serial: Vec<u8>,
    },
    /// By its subject key identifier.
    SubjectKeyId(Vec<u8>),
}

/// Whether a signature holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verification {
    /// The content is what was signed with the key of the signer's certificate. Whether to trust that certificate is
    /// another question.
    Verified,
    /// The content is not what was signed: its digest is not the one in the signature.
    DigestMismatch,
    /// The signature was not made with the key of the signer's certificate, or was changed.
    SignatureMismatch,
    /// The signed attributes break RFC 5652, so that the signature says nothing about the content.
    AttributesInvalid {
        /// What is wrong.
        why: &'static str,
    },
    /// It was not checked.
    NotVerified {
        /// Why not.
        why: String,
    },
    /// The signer's certificate is not in the file.
    CertificateMissing,
}

impl Verification {
    /// Whether the signature holds.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified)
    }

    /// Whether the signature was checked and does not hold: what was signed was changed, or was never signed so.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::DigestMismatch | Self::SignatureMismatch | Self::AttributesInvalid { .. })
    }
}

impl std::fmt::Display for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Verified => f.write_str("the signature is valid"),
            Self::DigestMismatch => f.write_str("the content was changed after it was signed"),
            Self::SignatureMismatch => f.write_str("the signature does not fit the signer's certificate"),
            Self::AttributesInvalid { why } => write!(f, "the signed attributes are invalid: {why}"),
            Self::NotVerified { why } => write!(f, "the signature was not checked: {why}"),
            Self::CertificateMissing => f.write_str("the signer's certificate is not in the file"),
        }
    }
}

/// The way from a signer's certificate up, as far as the file goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chain {
    /// Places in [`Signed::certificates`]: the signer's own first, then its issuer, and so on.
    pub certificates: Vec<usize>,
    /// The issuer's name, as text, of the last of them, when that issuer is not in the file. `None` when the chain ends
    /// in a certificate that names itself as issuer. That only the root is missing is usual: devices have it.
    pub missing_issuer: Option<String>,
}

impl Signed {
    /// Whether the content is elsewhere.
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.content.is_none()
    }

    /// Whether there is a signer, and the signature of each holds.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        !self.signers.is_empty() && self.signers.iter().all(|signer| signer.verification.is_verified())
    }

    /// What is in the certificate of a signer; `None` when it is not in the file or cannot be read.
    #[must_use]
    pub fn signer_certificate(&self, signer: &Signer) -> Option<&CertificateInfo> {
        self.certificates.get(signer.certificate?)?.info.as_ref().ok()
    }

    /// The certificates from a signer's own up, found by their names; `None` when the signer's own is missing.
    ///
    /// Their signatures are not checked: that is part of trust.
    #[must_use]
    pub fn chain(&self, signer: &Signer) -> Option<Chain> {
        let mut info = self.signer_certificate(signer)?;
        let mut certificates: Vec<usize> = signer.certificate.into_iter().gather();
        while !info.is_self_issued() {
            let issuer = self.certificates.iter().enumerate().find_map(|(index, candidate)| {
                let candidate = candidate.info.as_ref().ok()?;
                (candidate.subject == info.issuer && !certificates.contains(&index))
                    .then_some((index, candidate))
            });
            let Some((index, next)) = issuer else {
                return Some(Chain { certificates, missing_issuer: Some(info.issuer_text.clone()) });
            };
            certificates.push(index);
            info = next;
        }
        Some(Chain { certificates, missing_issuer: None })
    }
}

impl std::fmt::Debug for Signed {
    /// The content is a profile, with its secrets: only its length is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed")
            .field("wrapping", &self.wrapping)
            .field("content_bytes", &self.content.as_ref().map(|content| content.len()))
            .field("content_type", &self.content_type)
            .field("signers", &self.signers)
            .field("certificates", &self.certificates.len())
            .field("trailing", &self.trailing)
            .finish()
    }
}
