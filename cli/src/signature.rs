//! Who signed a profile, in words.

use std::time::{SystemTime, UNIX_EPOCH};

use adit_profile::certificate::CertificateInfo;
use adit_profile::cms::Signed;
use adit_profile::json::signer_name;

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
        let by = signer_name(signed, signer);
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
