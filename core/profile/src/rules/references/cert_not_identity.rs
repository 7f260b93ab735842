//! `ref.cert-not-identity`.

use super::index::{CERTIFICATES, Holder, IDENTITIES, describe};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.cert-not-identity"),
    level: Level::Error,
    title: "A certificate reference names a payload without a private key",
    what: prose(
        "PayloadCertificateUUID names a payload that brings no identity: a certificate alone (root, pkcs1, pem), or \
           something else altogether. Identities come from pkcs12, scep and acme payloads, on macOS from ADCertificate \
           too. A certificate preference may name a certificate without a key.",
    ),
    why: prose(
        "To authenticate, the device must sign with the private key. Without one the payload is not installed, or every \
          connection fails.",
    ),
    mend: prose(
        "Name the payload of type com.apple.security.pkcs12, .scep or .acme. A CA certificate needs no reference: its \
           payload is trusted by being installed.",
    ),
    source: "Apple device-management schema: PayloadCertificateUUID (identity certificate payload)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    for (holder, reference) in &references.certificates {
        let Some((payload, _)) = references.payload(reference.uuid.value) else { continue };
        // What a payload of an unknown or missing type brings cannot be said.
        let Some(kind) = payload.section.str("PayloadType").map(|kind| kind.value) else { continue };
        let fits = IDENTITIES.contains(&kind)
            || (*holder == Holder::CertificatePreference && CERTIFICATES.contains(&kind));
        if fits || schema::payload_type(kind).is_none() {
            continue;
        }
        let message = if CERTIFICATES.contains(&kind) {
            format!("{} names a certificate without a private key: {}", reference.key, describe(payload))
        } else {
            format!("{} names a payload that is no certificate: {}", reference.key, describe(payload))
        };
        let mut finding = Finding::value(&reference.section, reference.key, message)
            .help("name the pkcs12, scep or acme payload that holds the client's identity")
            .related(payload.section.span_of("PayloadUUID"), "the payload it names");
        if let Some(only) = references.only_identity
            && let Some(uuid) = only.section.str("PayloadUUID")
        {
            finding = finding.unsafe_replace(format!("name {}", describe(only)), uuid.value.trim());
        }
        out.say(finding);
    }
}
