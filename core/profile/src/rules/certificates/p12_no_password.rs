//! `cert.p12-no-password`.

use super::Contents;
use crate::certificate::payload::{PASSWORD, Password};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.p12-no-password"),
    level: Level::Notice,
    title: "The user is asked for the password of a PKCS#12 file",
    what: prose("A com.apple.security.pkcs12 payload has no Password, or an empty one."),
    why: prose(
        "The device asks for the password during the installation, so a management server cannot install the profile \
          silently. In return the password does not stand in the profile.",
    ),
    mend: prose(
        "Nothing, if a person installs the profile and knows the password. Otherwise add Password, or get the identity \
           through SCEP or ACME.",
    ),
    source: "Apple device-management schema: com.apple.security.pkcs12, Password",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for found in cx.certificates() {
        if let Contents::Pkcs12 { password: Password::Missing, protection: Ok(_), .. } = &found.contents {
            let message = "the PKCS#12 payload does not hold its password: the user is asked for it";
            out.say(
                Finding::value(found.section, PASSWORD, message)
                    .help("add Password where nobody is there to type it"),
            );
        }
    }
}
