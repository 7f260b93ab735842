//! `ref.ca-missing`.

use super::index::CERTIFICATES;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.ca-missing"),
    level: Level::Explain,
    title: "The profile brings no CA for the server's certificate",
    what: prose(
        "An IKEv2 server that proves itself with a certificate (AuthenticationMethod Certificate, or EAP), and no \
           payload of type root, pkcs1 or pem in the profile. Whether one is needed cannot be seen in the file.",
    ),
    why: prose(
        "The server's certificate must lead to a CA that the device trusts: one of the public ones it came with, or one \
          that a profile installed. With a private CA and no payload for it, authentication fails.",
    ),
    mend: prose(
        "When the server's certificate is of a private CA, add that CA as a com.apple.security.root payload.",
    ),
    source: "Own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if CERTIFICATES.iter().any(|kind| cx.payloads(kind).next().is_some()) {
        return;
    }
    for tunnel in &cx.tunnels {
        let section = &tunnel.settings;
        let by_certificate = section.is_on("ExtendedAuthEnabled")
            || section.str("AuthenticationMethod").is_some_and(|method| method.value == "Certificate");
        if !by_certificate {
            continue;
        }
        let message = match section.str("ServerCertificateIssuerCommonName") {
            Some(issuer) if !issuer.value.trim().is_empty() => {
                let issuer = crate::syntax::shorten(issuer.value.trim());
                format!("the profile brings no CA: `{issuer}` must be one that the device trusts already")
            }
            _ => {
                "the profile brings no CA: the server's must be one that the device trusts already".to_owned()
            }
        };
        out.say(
            Finding::value(section, "RemoteAddress", message)
                .help("for a private CA add its certificate as a com.apple.security.root payload"),
        );
    }
}
