//! `cert.not-ca`.

use super::name;
use crate::certificate::payload::{CONTENT, ROOT};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.not-ca"),
    level: Level::Warning,
    title: "A root payload holds no root certificate",
    what: prose(
        "The certificate of a com.apple.security.root payload is no CA by its basic constraints. That it is a CA which \
           another one issued, an intermediate, is told as a notice. A certificate of version 1 that names itself as its \
           issuer counts as a root, since it cannot say more.",
    ),
    why: prose(
        "It becomes no anchor of trust: what it issued is not trusted because of it. A server's own certificate in its \
          place works only until that certificate is renewed.",
    ),
    mend: prose(
        "Put the root certificate of the issuing CA into the payload. Intermediates and servers' certificates belong \
           into com.apple.security.pkcs1 or com.apple.security.pem payloads.",
    ),
    source: "RFC 5280 section 4.2.1.9; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.certificates().filter(|payload| payload.kind == ROOT) {
        let Some(certificate) = payload.certificates().first() else { continue };
        let own_issuer = certificate.is_self_issued();
        let (severity, message) = if !(certificate.is_ca || certificate.version == 1 && own_issuer) {
            (Severity::Warning, format!("the certificate {} in a root payload is no CA", name(certificate)))
        } else if !own_issuer {
            let what = format!("the certificate {} in a root payload is an intermediate", name(certificate));
            (Severity::Notice, format!("{what}: {} issued it", certificate.issuer_text))
        } else {
            continue;
        };
        out.say(
            Finding::value(payload.section, CONTENT, message)
                .severity(severity)
                .help("use the root of the CA here, and com.apple.security.pkcs1 for other certificates"),
        );
    }
}
