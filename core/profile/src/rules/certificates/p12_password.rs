//! `cert.p12-password`.

use super::{Contents, complain};
use crate::certificate::payload::{self, Password};
use crate::certificate::pkcs12::Pkcs12Error;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.p12-password"),
    level: Level::Error,
    title: "The password does not open the PKCS#12 file",
    what: prose(
        "The MAC of the PKCS#12 file in PayloadContent does not agree with the payload's Password. A damaged file gives \
           the same picture: the two cannot be told apart.",
    ),
    why: prose("The device says that the password is incorrect and does not install the profile."),
    mend: prose("Write the password that the file was exported with, or export it again with this one."),
    source: "Apple device-management schema: com.apple.security.pkcs12, Password; RFC 7292 section 4; public issue: \
             trailofbits/algo 14558",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for found in cx.certificates() {
        if let Contents::Pkcs12 {
            opened: Some(Err(error @ Pkcs12Error::WrongPassword)),
            password: Password::Given,
            ..
        } = &found.contents
        {
            out.say(complain(found.section, payload::about_pkcs12(error, Password::Given)));
        }
    }
}
