//! `cert.p12-no-key`.

use super::{Contents, complain};
use crate::certificate::payload;
use crate::certificate::pkcs12::Pkcs12Error;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.p12-no-key"),
    level: Level::Error,
    title: "A PKCS#12 file has no private key",
    what: prose("The PKCS#12 file in PayloadContent opens, but only certificates stand in it."),
    why: prose(
        "There is no identity to authenticate with: what refers to the payload by PayloadCertificateUUID fails, and the \
          VPN service is not created.",
    ),
    mend: prose(
        "Export the certificate together with its key: openssl pkcs12 -export -inkey KEY -in CERTIFICATE. For a \
           certificate without a key use com.apple.security.pkcs1 or com.apple.security.root.",
    ),
    source: "RFC 7292 section 4.2; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for found in cx.certificates() {
        if let Contents::Pkcs12 { opened: Some(Err(error @ Pkcs12Error::NoPrivateKey)), password, .. } =
            &found.contents
        {
            out.say(complain(found.section, payload::about_pkcs12(error, *password)));
        }
    }
}
