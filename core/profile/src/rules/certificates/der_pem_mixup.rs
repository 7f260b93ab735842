//! `cert.der-pem-mixup`.

use super::{Contents, complain};
use crate::certificate::payload;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.der-pem-mixup"),
    level: Level::Warning,
    title: "A certificate does not stand in the form its payload type names",
    what: prose(
        "A com.apple.security.root or com.apple.security.pkcs1 payload holds PEM text, a com.apple.security.pem payload \
           holds DER, or a payload of any of the three holds several certificates.",
    ),
    why: prose(
        "Recent systems look at the bytes and take either form; older ones and other tools go by the type and refuse \
          the file. Of several certificates only the first is certain to be installed.",
    ),
    mend: prose("Use DER with root and pkcs1, PEM with pem, and one payload for each certificate."),
    source: "Apple device-management schema: com.apple.security.pem and com.apple.security.root, PayloadContent; own \
             judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.certificates() {
        let Contents::Certificates { found: Ok(found), was_pem, .. } = &payload.contents else { continue };
        if let Some(complaint) = payload::mixup(payload.kind, *was_pem) {
            out.say(complain(payload.section, complaint));
        } else if found.len() > 1 {
            let message = format!("the payload holds {} certificates, it is for one", found.len());
            let finding = Finding::value(payload.section, payload::CONTENT, message);
            out.say(finding.help("give each certificate a payload of its own"));
        }
    }
}
