//! `ikev2.psk-missing`.

use crate::model::AuthenticationMethod;
use crate::rules::prelude::*;

const KEY: &str = "SharedSecret";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.psk-missing"),
    level: Level::Error,
    title: "The shared secret is missing",
    what: prose(
        "AuthenticationMethod is SharedSecret, or None without ExtendedAuthEnabled 1 (which means the same), and there is no \
           SharedSecret, or an empty one.",
    ),
    why: prose(
        "Both sides compute their proof from the secret (RFC 7296 section 2.15). Without it the system cannot authenticate, \
          and rejects the payload or fails on each connect.",
    ),
    mend: prose(
        "Add SharedSecret as a string, or choose another AuthenticationMethod; for EAP alone set ExtendedAuthEnabled to 1.",
    ),
    source: "Apple device-management schema: IKEv2.SharedSecret; RFC 7296 section 2.15",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.is_by_shared_secret()) {
        if tunnel.holds(KEY) {
            continue;
        }
        let fallback = tunnel.method() == Some(AuthenticationMethod::None);
        let missing =
            if tunnel.settings.has(KEY) { "SharedSecret is empty" } else { "there is no SharedSecret" };
        let (message, help) = if fallback {
            (
                format!("{missing}, and AuthenticationMethod None without ExtendedAuthEnabled needs it"),
                "for EAP set ExtendedAuthEnabled to 1; else give the secret",
            )
        } else {
            (missing.to_owned(), "add SharedSecret, or choose another AuthenticationMethod")
        };
        let mut finding = Finding::value(&tunnel.settings, KEY, message).help(help);
        if fallback && tunnel.holds("AuthName") {
            let change = Change::set(&tunnel.settings, "ExtendedAuthEnabled", 1);
            finding = finding.fix(Fix::not_safe("use EAP: ExtendedAuthEnabled 1", change));
        }
        out.say(finding);
    }
}
