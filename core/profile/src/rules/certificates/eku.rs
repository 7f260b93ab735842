//! `cert.eku`.

use super::{name, named, users};
use crate::certificate::payload::CONTENT;
use crate::rules::prelude::*;

/// clientAuth, any use, IKE (RFC 4945), and the three that IPsec had before.
const FITTING: [&str; 6] = [
    "1.3.6.1.5.5.7.3.2",
    "2.5.29.37.0",
    "1.3.6.1.5.5.7.3.17",
    "1.3.6.1.5.5.7.3.5",
    "1.3.6.1.5.5.7.3.6",
    "1.3.6.1.5.5.7.3.7",
];

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.eku"),
    level: Level::Notice,
    title: "A VPN's client certificate is not made for authenticating clients",
    what: prose(
        "The identity that a VPN payload names by PayloadCertificateUUID has an extended key usage without clientAuth, \
           without IKE and without anyExtendedKeyUsage. A certificate without that extension may be used for anything.",
    ),
    why: prose(
        "Many servers check the usage and refuse the client; so does EAP-TLS. What the server's own certificate has to \
          say (serverAuth, its name) does not stand in the profile.",
    ),
    mend: prose("Issue the certificate with extendedKeyUsage = clientAuth."),
    source: "RFC 5280 section 4.2.1.12; RFC 4945 section 5.1.3.12; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut told: Vec<usize> = Vec::new();
    for settings in users(cx) {
        let Some(payload) = named(cx, settings) else { continue };
        let Some(certificate) = payload.identity().and_then(|identity| identity.chain.first()) else {
            continue;
        };
        let Some(usages) = &certificate.extended_key_usage else { continue };
        if usages.iter().any(|usage| FITTING.contains(&usage.as_str())) || told.contains(&payload.index) {
            continue;
        }
        told.push(payload.index);
        let message = format!("the certificate {} is not for client authentication", name(certificate));
        out.say(
            Finding::value(payload.section, CONTENT, message)
                .help("issue it with extendedKeyUsage clientAuth")
                .related(settings.span_of("PayloadCertificateUUID"), "the VPN that uses it"),
        );
    }
}
