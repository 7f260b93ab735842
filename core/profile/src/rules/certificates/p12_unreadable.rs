//! `cert.p12-unreadable`.

use super::{Contents, complain};
use crate::certificate::payload;
use crate::certificate::pkcs12::{MAX_ITERATIONS, Pkcs12Error};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.p12-unreadable"),
    level: Level::Error,
    title: "A PKCS#12 file cannot be read",
    what: prose(
        "The PayloadContent of a com.apple.security.pkcs12 payload is missing, is no PKCS#12 file (PEM text, a bare \
           certificate), is damaged, or has no certificate for its private key. A file in an encryption that is not \
           looked into here is told as a notice, one with an extreme iteration count as a warning: a device may take \
           both.",
    ),
    why: prose("The installation stops at this payload, and with it the whole profile."),
    mend: prose(
        "Export the identity again: openssl pkcs12 -export -inkey KEY -in CERTIFICATE, and put the whole file into \
           PayloadContent as Base64.",
    ),
    source: "Apple device-management schema: com.apple.security.pkcs12, PayloadContent; RFC 7292; own judgement for the \
             bound on iterations",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for found in cx.certificates() {
        let section = &found.section;
        match &found.contents {
            Contents::Missing if found.kind == payload::PKCS12 => {
                out.say(complain(section, payload::missing(found.kind)));
            }
            // The password may be unknown, the outer form is not.
            Contents::Pkcs12 {
                protection: Err(error @ Pkcs12Error::Malformed(_)),
                password,
                opened: None,
            } => {
                out.say(complain(section, payload::about_pkcs12(error, *password)));
            }
            Contents::Pkcs12 { opened: Some(Err(error)), password, .. } => {
                if let Pkcs12Error::TooMuchWork { asked, .. } = error
                    && *asked <= MAX_ITERATIONS
                {
                    let message =
                        "not opened: the PKCS#12 files of this profile ask for too much work together";
                    let finding = Finding::value(section, payload::CONTENT, message);
                    out.say(
                        finding.severity(Severity::Notice).help("check the profile's payloads one by one"),
                    );
                    continue;
                }
                let complaint = payload::about_pkcs12(error, *password);
                if complaint.code == RULE.code {
                    out.say(complain(section, complaint));
                }
            }
            _ => {}
        }
    }
}
