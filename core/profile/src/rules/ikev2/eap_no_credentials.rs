//! `ikev2.eap-no-credentials`.

use crate::rules::prelude::*;

const KEY: &str = "ExtendedAuthEnabled";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.eap-no-credentials"),
    level: Level::Notice,
    title: "EAP without credentials: the user is asked",
    what: prose(
        "ExtendedAuthEnabled is 1, and there is no AuthName, no AuthPassword and no PayloadCertificateUUID.",
    ),
    why: prose(
        "The user is asked for name and password, when the profile is installed or on connecting. That may be wanted; a \
          connection that is to come up by itself waits for an answer nobody gives.",
    ),
    mend: prose(
        "Nothing, if the user is to be asked. Else add AuthName (the user is asked for the password only) or both, or an \
           identity for EAP-TLS.",
    ),
    source: "Apple device-management schema: IKEv2.AuthName, IKEv2.AuthPassword",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.uses_eap()) {
        let given = ["AuthName", "AuthPassword", "PayloadCertificateUUID"];
        if !given.into_iter().any(|key| tunnel.holds(key)) {
            let message = "EAP without AuthName and AuthPassword: the user is asked for both";
            out.say(
                Finding::value(&tunnel.settings, KEY, message)
                    .help("add AuthName to ask for the password only"),
            );
        }
    }
}
