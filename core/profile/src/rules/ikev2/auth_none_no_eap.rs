//! `ikev2.auth-none-no-eap`.

use crate::model::AuthenticationMethod;
use crate::rules::prelude::*;

const KEY: &str = "AuthenticationMethod";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.auth-none-no-eap"),
    level: Level::Warning,
    title: "AuthenticationMethod None without EAP means the shared secret",
    what: prose(
        "AuthenticationMethod is None and ExtendedAuthEnabled is not 1, while the dictionary holds a SharedSecret.",
    ),
    why: prose(
        "None is meant for EAP alone. Without EAP the system falls back to the shared secret, so the profile does something \
          else than it says, and changes its meaning the day somebody sets ExtendedAuthEnabled.",
    ),
    mend: prose(
        "Write SharedSecret where the shared secret is meant. Where EAP is meant, set ExtendedAuthEnabled to 1 and remove \
           the secret.",
    ),
    source: "Apple device-management schema: IKEv2.AuthenticationMethod (None without ExtendedAuthEnabled defaults to \
             SharedSecret)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        // Without a secret to fall back to, ikev2.psk-missing says all there is to say.
        let falls_back = tunnel.method() == Some(AuthenticationMethod::None)
            && tunnel.is_without_eap()
            && tunnel.holds("SharedSecret");
        if falls_back {
            let message =
                "AuthenticationMethod None without ExtendedAuthEnabled falls back to the shared secret";
            out.say(
                Finding::value(&tunnel.settings, KEY, message)
                    .help("write SharedSecret; for EAP set ExtendedAuthEnabled to 1 and remove the secret")
                    .safe_replace("say what it does: AuthenticationMethod SharedSecret", "SharedSecret"),
            );
        }
    }
}
