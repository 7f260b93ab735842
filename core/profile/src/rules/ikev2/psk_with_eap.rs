//! `ikev2.psk-with-eap`.

use crate::model::AuthenticationMethod;
use crate::rules::prelude::*;

const KEY: &str = "AuthenticationMethod";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.psk-with-eap"),
    level: Level::Warning,
    title: "A shared secret together with EAP",
    what: prose("AuthenticationMethod is SharedSecret and ExtendedAuthEnabled is 1."),
    why: prose(
        "The server would prove itself by the shared secret and the user by EAP. RFC 7296 section 2.16 asks the server to use \
          a public key signature with EAP, and few servers can be set up otherwise: most refuse the connection.",
    ),
    mend: prose(
        "For EAP write AuthenticationMethod None (or Certificate) and remove SharedSecret; for the secret set \
           ExtendedAuthEnabled to 0.",
    ),
    source: "own judgement; RFC 7296 section 2.16",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        if tunnel.method() == Some(AuthenticationMethod::SharedSecret) && tunnel.uses_eap() {
            out.say(
                Finding::value(
                    &tunnel.settings,
                    KEY,
                    "a shared secret together with EAP (ExtendedAuthEnabled)",
                )
                .help("few servers take it: use AuthenticationMethod None with EAP, or the secret without it")
                .related(tunnel.settings.span_of("ExtendedAuthEnabled"), "EAP is switched on here"),
            );
        }
    }
}
