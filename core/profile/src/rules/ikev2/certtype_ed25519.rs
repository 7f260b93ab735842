//! `ikev2.certtype-ed25519`.

use crate::rules::prelude::*;

const KEY: &str = "CertificateType";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.certtype-ed25519"),
    level: Level::Error,
    title: "CertificateType Ed25519 was never supported",
    what: prose("CertificateType is Ed25519."),
    why: prose(
        "Apple's documentation once listed the value, no system ever took it, and the schema dropped it with the 17.0 \
          release. The system rejects the payload.",
    ),
    mend: prose(
        "Use an identity with an ECDSA key (ECDSA256, ECDSA384, ECDSA521) or an RSA key, and name its type.",
    ),
    source: "Apple's schema errata; schema releases before and after 17.0",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        if tunnel.settings.str(KEY).is_some_and(|kind| kind.value.eq_ignore_ascii_case("Ed25519")) {
            let message = "CertificateType Ed25519 was documented once and never worked";
            out.say(
                Finding::value(&tunnel.settings, KEY, message)
                    .help("use an ECDSA or RSA identity, and its type"),
            );
        }
    }
}
