//! Who signed a profile (docs/show-json.md).

use serde::Serialize;

use crate::certificate::{CertificateInfo, KeyKind};
use crate::cms::{Signed, Signer, SignerIdentifier, Verification};
use crate::gather::Gather as _;
use crate::source::CmsWrapping;

/// The signature of a profile.
#[derive(Debug, Serialize)]
pub struct SignatureForm<'a> {
    /// Whether there is a signer and every signature holds; nothing about trust.
    pub verified: bool,
    /// How the CMS is written.
    pub wrapping: CmsWrapping,
    /// Who signed.
    pub signers: Vec<SignerForm>,
    /// The certificates in the file.
    pub certificates: Vec<CertificateForm<'a>>,
}

/// One signer.
#[derive(Debug, Serialize)]
pub struct SignerForm {
    /// Its name.
    pub name: String,
    /// The place of its certificate, if it is there.
    pub certificate: Option<usize>,
    /// Whether its signature holds, in one word.
    pub verification: &'static str,
    /// The same in words.
    pub reason: String,
    /// The digest.
    pub digest: String,
    /// The signature's algorithm.
    pub algorithm: String,
    /// When it says it signed.
    pub signing_time: Option<String>,
}

/// One certificate.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum CertificateForm<'a> {
    /// One that was read.
    Read {
        /// Whose it is.
        subject: &'a str,
        /// Who issued it.
        issuer: &'a str,
        /// Its serial number in hexadecimal.
        serial: String,
        /// The first moment it is valid.
        not_before: Option<String>,
        /// The last.
        not_after: Option<String>,
        /// The kind of its key.
        key: String,
        /// Whether it is an authority's.
        ca: bool,
    },
    /// One that cannot be read.
    Unreadable {
        /// Why.
        error: String,
    },
}

impl<'a> From<&'a Signed> for SignatureForm<'a> {
    fn from(signed: &'a Signed) -> Self {
        Self {
            verified: signed.is_verified(),
            wrapping: signed.wrapping,
            signers: signed.signers.iter().map(|signer| SignerForm::of(signed, signer)).gather(),
            certificates: signed
                .certificates
                .iter()
                .map(|certificate| match &certificate.info {
                    Ok(info) => CertificateForm::of(info),
                    Err(error) => CertificateForm::Unreadable { error: error.to_string() },
                })
                .gather(),
        }
    }
}

impl SignerForm {
    fn of(signed: &Signed, signer: &Signer) -> Self {
        Self {
            name: signer_name(signed, signer),
            certificate: signer.certificate,
            verification: verification_word(&signer.verification),
            reason: signer.verification.to_string(),
            digest: signer.digest.to_string(),
            algorithm: signer.signature.to_string(),
            signing_time: signer.signing_time.map(|time| time.to_string()),
        }
    }
}

impl<'a> CertificateForm<'a> {
    fn of(info: &'a CertificateInfo) -> Self {
        Self::Read {
            subject: &info.subject_text,
            issuer: &info.issuer_text,
            serial: hex(&info.serial),
            not_before: info.validity.map(|validity| validity.not_before.to_string()),
            not_after: info.validity.map(|validity| validity.not_after.to_string()),
            key: key_kind(&info.key_kind),
            ca: info.is_ca,
        }
    }
}

/// The word of the JSON for a verification.
fn verification_word(verification: &Verification) -> &'static str {
    match verification {
        Verification::Verified => "verified",
        Verification::DigestMismatch => "digest-mismatch",
        Verification::SignatureMismatch => "signature-mismatch",
        Verification::AttributesInvalid { .. } => "attributes-invalid",
        Verification::NotVerified { .. } => "not-verified",
        Verification::CertificateMissing => "certificate-missing",
    }
}

/// Who signed: the subject of the certificate, or what the signer is known by where there is none.
#[must_use]
pub fn signer_name(signed: &Signed, signer: &Signer) -> String {
    match (signed.signer_certificate(signer), &signer.identifier) {
        (Some(info), _) => info.subject_text.clone(),
        (None, SignerIdentifier::IssuerAndSerial { issuer, serial }) => {
            format!("the holder of certificate {} of {issuer}", hex(serial))
        }
        (None, SignerIdentifier::SubjectKeyId(id)) => format!("the holder of key {}", hex(id)),
    }
}

fn key_kind(kind: &KeyKind) -> String {
    match kind {
        KeyKind::Rsa(bits) => format!("RSA-{bits}"),
        KeyKind::P256 => "P-256".to_owned(),
        KeyKind::P384 => "P-384".to_owned(),
        KeyKind::P521 => "P-521".to_owned(),
        KeyKind::Ed25519 => "Ed25519".to_owned(),
        KeyKind::Other(id) => id.clone(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
