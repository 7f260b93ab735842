//! `ikev2.psk-unused`.

use crate::model::AuthenticationMethod;
use crate::rules::prelude::*;

const KEY: &str = "SharedSecret";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.psk-unused"),
    level: Level::Warning,
    title: "A shared secret that the method does not use",
    what: prose(
        "SharedSecret stands beside AuthenticationMethod Certificate, or beside None with ExtendedAuthEnabled 1.",
    ),
    why: prose(
        "The system ignores it. A secret that does nothing only travels with the profile to be read by others, and hides \
          which method was meant.",
    ),
    mend: prose("Remove SharedSecret, or write AuthenticationMethod SharedSecret."),
    source: "Apple device-management schema: IKEv2.SharedSecret (only with AuthenticationMethod SharedSecret)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.holds(KEY)) {
        let why = match tunnel.method() {
            Some(AuthenticationMethod::Certificate) => "AuthenticationMethod Certificate",
            Some(AuthenticationMethod::None) if tunnel.uses_eap() => "EAP (AuthenticationMethod None)",
            _ => continue,
        };
        out.say(
            Finding::value(&tunnel.settings, KEY, format!("SharedSecret is not used with {why}"))
                .help("remove it, or write AuthenticationMethod SharedSecret if the secret is meant")
                .safe_remove("remove the unused SharedSecret"),
        );
    }
}
