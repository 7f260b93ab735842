//! `secret.plaintext`.

use super::{placeholder, search};
use crate::certificate::payload::{CONTENT, Contents};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("secret.plaintext"),
    level: Level::Warning,
    title: "A secret stands readable in the profile",
    what: prose(
        "A password, shared secret, pre-shared post-quantum key or SCEP challenge is written out, or a private key is: as \
           PEM text, or in a PKCS#12 file without encryption. In a signed profile it is a notice: a signature hides \
           nothing, but such a file comes from a server that made it for one device or user. Placeholders of templates \
           do not count. The value is never shown.",
    ),
    why: prose(
        "Whoever gets the file, from a mail, a share or a repository, gets the secret with it. A shared secret lets him \
          stand in for the server too.",
    ),
    mend: prose(
        "Leave the secret out, so that the user is asked; use certificates from SCEP or ACME; let the management server \
           fill it in (a variable); or encrypt the profile for the device.",
    ),
    source: "Own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let signed = cx.document.signed().is_some();
    let severity = if signed { Severity::Notice } else { Severity::Warning };
    search::each(cx, &mut |secret| {
        if placeholder::is_sample(secret) {
            return;
        }
        let (message, help) = if secret.is_private_key {
            (
                format!("{} holds a private key in clear text", secret.key),
                "use a PKCS#12 payload with a password",
            )
        } else {
            let help = "leave it out, let the management server fill it in, or encrypt the profile";
            (format!("{} stands in clear text", secret.key), help)
        };
        out.say(Finding::at(secret.node.span, secret.path(), message).severity(severity).help(help));
    });
    for payload in cx.certificates() {
        if let Contents::Pkcs12 { protection: Ok(protection), opened: Some(Ok(_)), .. } = &payload.contents
            && protection.encryption.is_empty()
        {
            let message = "the PKCS#12 file holds a private key without encryption";
            let finding = Finding::value(payload.section, CONTENT, message);
            out.say(finding.severity(severity).help("export it again with a password"));
        }
    }
}
