//! `cert.expired` and `cert.not-yet-valid`.

use super::{joined, name};
use crate::certificate::payload::CONTENT;
use crate::gather::Gather as _;
use crate::rules::prelude::*;

pub(super) static EXPIRED: Rule = Rule {
    code: Code::new("cert.expired"),
    level: Level::Warning,
    title: "A certificate has expired",
    what: prose(
        "A certificate in a certificate payload or in a PKCS#12 file that opens was valid until a day before the time of \
           checking. Nothing is said when no time of checking is given.",
    ),
    why: prose(
        "The profile installs, but the server refuses the client's certificate, or the device refuses the server's.",
    ),
    mend: prose("Issue the certificate again and put the new one into the profile."),
    source: "RFC 5280 section 4.1.2.5; own judgement",
    check: Check::Profile(expired),
};

pub(super) static NOT_YET_VALID: Rule = Rule {
    code: Code::new("cert.not-yet-valid"),
    level: Level::Warning,
    title: "A certificate is not valid yet",
    what: prose(
        "A certificate in a certificate payload or in a PKCS#12 file that opens becomes valid only after the time of \
           checking. Nothing is said when no time of checking is given.",
    ),
    why: prose("Until that day the other side refuses it. A CA whose clock runs ahead is the usual reason."),
    mend: prose("Wait, mend the clock of the CA, or issue the certificate again."),
    source: "RFC 5280 section 4.1.2.5; own judgement",
    check: Check::Profile(not_yet_valid),
};

fn expired(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(at) = cx.options.at else { return };
    for payload in cx.certificates() {
        let found = payload.certificates().iter().filter_map(|certificate| {
            let until = certificate.validity?.not_after;
            (until < at).then(|| format!("the certificate {} expired on {until}", name(certificate)))
        });
        if let Some(message) = joined(found.gather()) {
            let finding = Finding::value(payload.section, CONTENT, message);
            out.say(finding.help("put a certificate that is valid into the profile"));
        }
    }
}

fn not_yet_valid(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(at) = cx.options.at else { return };
    for payload in cx.certificates() {
        let found = payload.certificates().iter().filter_map(|certificate| {
            let from = certificate.validity?.not_before;
            (from > at).then(|| format!("the certificate {} is valid from {from} only", name(certificate)))
        });
        if let Some(message) = joined(found.gather()) {
            let finding = Finding::value(payload.section, CONTENT, message);
            out.say(finding.help("wait until then, or issue it again with an earlier start"));
        }
    }
}
