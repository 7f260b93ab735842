//! `cert.unreadable`.

use super::{Contents, complain};
use crate::certificate::payload;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.unreadable"),
    level: Level::Error,
    title: "A certificate payload cannot be read",
    what: prose(
        "The PayloadContent of a com.apple.security.root, pkcs1 or pem payload is missing, is no X.509 certificate, is \
           cut short, holds PEM text without a certificate, or holds an RSA key that no mathematics can use.",
    ),
    why: prose(
        "The installation stops at this payload, and with it the whole profile. A broken key would install and then \
          fail every handshake.",
    ),
    mend: prose(
        "Export the certificate again as DER, or as PEM for com.apple.security.pem, and put the whole file into \
           PayloadContent as Base64.",
    ),
    source: "Apple device-management schema: com.apple.security.root, PayloadContent; RFC 5280 section 4.1; RFC 7468 \
             section 5; own judgement for the RSA numbers",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for found in cx.certificates() {
        match &found.contents {
            Contents::Missing if found.kind != payload::PKCS12 => {
                out.say(complain(found.section, payload::missing(found.kind)));
            }
            Contents::Certificates { found: Err(error), .. } => {
                out.say(complain(found.section, payload::about_certificates(error)));
            }
            _ => {}
        }
    }
}
