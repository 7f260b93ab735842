//! `cert.weak-key`.

use super::{joined, name};
use crate::certificate::KeyKind;
use crate::certificate::payload::CONTENT;
use crate::rules::prelude::*;

/// The least size of an RSA key, in bits.
const LEAST_BITS: u32 = 2048;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.weak-key"),
    level: Level::Warning,
    title: "A certificate has a weak key or a weak signature",
    what: prose(
        "A certificate in a certificate payload or in a PKCS#12 file that opens has an RSA key below 2048 bits, or its \
           issuer signed it over SHA-1, MD5 or older. The signature of a root does not count: nobody checks it.",
    ),
    why: prose(
        "Such keys can be broken and such signatures be forged. Apple's systems have refused SHA-1 and short RSA keys in \
          TLS since iOS 13 and macOS 10.15, and in other places since iOS 11 and macOS 10.13.",
    ),
    mend: prose(
        "Issue the certificate again with an RSA key of 2048 bits or more, or an elliptic curve key, and a SHA-2 \
           signature.",
    ),
    source: "Public issue: lionheart/openradar-mirror 17958; NIST SP 800-131A; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.certificates() {
        let mut found = Vec::new();
        for certificate in payload.certificates() {
            if let KeyKind::Rsa(bits) = certificate.key_kind
                && bits < LEAST_BITS
            {
                found.push(format!("the certificate {} has an RSA key of {bits} bits", name(certificate)));
            }
            if let Some(hash) = certificate.weak_signature_hash().filter(|_| !certificate.is_self_issued()) {
                found.push(format!("the certificate {} is signed over {hash}", name(certificate)));
            }
        }
        if let Some(message) = joined(found) {
            let finding = Finding::value(payload.section, CONTENT, message);
            out.say(finding.help("issue it again with a key of 2048 bits or more and a SHA-2 signature"));
        }
    }
}
