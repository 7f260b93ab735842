//! Who signed a profile, in words and as JSON.

use std::time::{SystemTime, UNIX_EPOCH};

use adit_profile::certificate::{CertificateInfo, KeyKind};
use adit_profile::cms::{Signed, Signer, SignerIdentifier, Verification};
use serde_json::{Value, json};

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}

/// A line for each thing to say about the signature of a profile; `None` for an unsigned one. `now` is in seconds since
/// 1970.
pub fn lines(signed: Option<&Signed>, now: i64) -> Vec<String> {
    let Some(signed) = signed else { return vec!["not signed".to_owned()] };
    if signed.signers.is_empty() {
        return vec!["in a CMS envelope without any signature".to_owned()];
    }
    let mut lines = Vec::new();
    for signer in &signed.signers {
        let by = name(signed, signer);
        let at = signer.signing_time.map(|time| format!(" at {time}")).unwrap_or_default();
        let how = match signer.signature {
            adit_profile::cms::SignatureAlgorithm::Ed25519 => signer.signature.to_string(),
            _ => format!("{} with {}", signer.signature, signer.digest),
        };
        lines.push(format!("signed by {by}{at}, {how}: {}", signer.verification));
        if let Some(info) = signed.signer_certificate(signer) {
            lines.extend(validity(info, now).map(|text| format!("  its certificate {text}")));
        }
        if signer.digest.is_weak() {
            lines.push(format!("  {} is too weak for signatures", signer.digest));
        }
        if let Some(chain) = signed.chain(signer)
            && let (1, Some(issuer)) = (chain.certificates.len(), chain.missing_issuer)
        {
            lines.push(format!("  the certificate of its issuer ({issuer}) is not in the file"));
        }
    }
    if signed.is_verified() {
        lines.push("whether a device trusts the signer was not checked".to_owned());
    }
    lines
}

fn name(signed: &Signed, signer: &Signer) -> String {
    match (signed.signer_certificate(signer), &signer.identifier) {
        (Some(info), _) => info.subject_text.clone(),
        (None, SignerIdentifier::IssuerAndSerial { issuer, serial }) => {
            format!("the holder of certificate {} of {issuer}", hex(serial))
        }
        (None, SignerIdentifier::SubjectKeyId(id)) => format!("the holder of key {}", hex(id)),
    }
}

/// What is wrong with the certificate's time, if anything.
fn validity(info: &CertificateInfo, now: i64) -> Option<String> {
    let Some(validity) = info.validity else { return Some("has no readable validity".to_owned()) };
    if validity.not_after.unix_seconds().is_some_and(|end| end < now) {
        Some(format!("expired at {}", validity.not_after))
    } else if validity.not_before.unix_seconds().is_some_and(|start| start > now) {
        Some(format!("is not valid before {}", validity.not_before))
    } else {
        None
    }
}

/// The signature as an object: a public interface, whose fields are added to and never renamed.
pub fn json(signed: Option<&Signed>) -> Value {
    let Some(signed) = signed else { return Value::Null };
    let signers: Vec<Value> = signed
        .signers
        .iter()
        .map(|signer| {
            json!({
                "name": name(signed, signer),
                "certificate": signer.certificate,
                "verification": match &signer.verification {
                    Verification::Verified => "verified",
                    Verification::DigestMismatch => "digest-mismatch",
                    Verification::SignatureMismatch => "signature-mismatch",
                    Verification::AttributesInvalid { .. } => "attributes-invalid",
                    Verification::NotVerified { .. } => "not-verified",
                    Verification::CertificateMissing => "certificate-missing",
                },
                "reason": signer.verification.to_string(),
                "digest": signer.digest.to_string(),
                "algorithm": signer.signature.to_string(),
                "signing_time": signer.signing_time.map(|time| time.to_string()),
            })
        })
        .collect();
    let certificates: Vec<Value> = signed
        .certificates
        .iter()
        .map(|certificate| match &certificate.info {
            Ok(info) => json!({
                "subject": info.subject_text,
                "issuer": info.issuer_text,
                "serial": hex(&info.serial),
                "not_before": info.validity.map(|validity| validity.not_before.to_string()),
                "not_after": info.validity.map(|validity| validity.not_after.to_string()),
                "key": key_kind(&info.key_kind),
                "ca": info.is_ca,
            }),
            Err(error) => json!({"error": error.to_string()}),
        })
        .collect();
    json!({
        "verified": signed.is_verified(),
        "wrapping": signed.wrapping,
        "signers": signers,
        "certificates": certificates,
    })
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
