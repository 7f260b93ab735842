//! Certificates, PKCS#12 files, and requests for certificates (SCEP, ACME).
//!
//! What stands in the payloads is opened once for all rules ([`Context::certificates`]).

mod acme_attest;
mod acme_hardware_bound;
mod acme_keysize;
mod der_pem_mixup;
mod eku;
mod not_ca;
mod p12_modern_encryption;
mod p12_no_key;
mod p12_no_password;
mod p12_password;
mod p12_unreadable;
mod scep_keysize;
mod scep_san_type;
mod unreadable;
mod validity;
mod weak_key;

use crate::certificate::payload::{CertificatePayload, Complaint, Contents};
use crate::gather::Gather as _;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &unreadable::RULE,
    &der_pem_mixup::RULE,
    &p12_unreadable::RULE,
    &p12_password::RULE,
    &p12_no_password::RULE,
    &p12_no_key::RULE,
    &p12_modern_encryption::RULE,
    &validity::EXPIRED,
    &validity::NOT_YET_VALID,
    &not_ca::RULE,
    &weak_key::RULE,
    &eku::RULE,
    &scep_keysize::RULE,
    &scep_san_type::RULE,
    &acme_hardware_bound::RULE,
    &acme_keysize::RULE,
    &acme_attest::RULE,
];

/// What is said of a payload that does not open, as this rule's finding.
fn complain(section: &Section<'_>, complaint: Complaint) -> Finding {
    Finding::value(section, complaint.key, complaint.message)
        .severity(complaint.severity)
        .help(complaint.help)
}

/// What is found of the certificates of one payload, in one sentence: they stand on the same bytes.
fn joined(found: Vec<String>) -> Option<String> {
    const SHOWN: usize = 3;
    let count = found.len();
    let mut text = found.into_iter().take(SHOWN).gather().join("; ");
    if count > SHOWN {
        text.push_str(&format!("; and {} more", count - SHOWN));
    }
    (count > 0).then_some(text)
}

/// A certificate's name for a message.
fn name(certificate: &crate::certificate::CertificateInfo) -> &str {
    if certificate.subject_text.is_empty() { "without a name" } else { &certificate.subject_text }
}

/// The certificate payload that a dictionary's `PayloadCertificateUUID` names.
fn named<'c>(cx: &'c Context<'_>, settings: &Section<'_>) -> Option<CertificatePayload<'c>> {
    let uuid = settings.str("PayloadCertificateUUID")?;
    cx.certificate(cx.payload_named(uuid.value)?)
}

/// The dictionaries of VPN payloads that may name an identity; an Always On tunnel counts as one.
fn users<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Section<'a>> {
    let others = cx.vpns.iter().filter(|vpn| !matches!(vpn.kind, Some("IKEv2" | "AlwaysOn")));
    let others = others.filter_map(|vpn| vpn.settings.as_ref());
    others.chain(cx.tunnels.iter().map(|tunnel| &tunnel.settings))
}

/// The settings of a SCEP payload.
fn scep<'a>(cx: &Context<'a>) -> impl Iterator<Item = Section<'a>> {
    cx.payloads("com.apple.security.scep").filter_map(|payload| payload.section.sub("PayloadContent"))
}
