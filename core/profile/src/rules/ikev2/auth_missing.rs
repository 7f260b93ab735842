//! `ikev2.auth-missing`.

use crate::rules::prelude::*;

const KEY: &str = "AuthenticationMethod";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.auth-missing"),
    level: Level::Error,
    title: "There is no AuthenticationMethod",
    what: prose("An IKEv2 dictionary, or an Always On tunnel, has no AuthenticationMethod."),
    why: prose(
        "The key is required: without it the system does not know how the two sides prove who they are, and rejects the \
          payload.",
    ),
    mend: prose(
        "Add AuthenticationMethod: SharedSecret, Certificate, or None together with ExtendedAuthEnabled 1 for EAP alone.",
    ),
    source: "Apple device-management schema: IKEv2.AuthenticationMethod (required)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.settings.has(KEY)) {
        let finding = Finding::value(&tunnel.settings, KEY, "there is no AuthenticationMethod")
            .help("one of None (for EAP), SharedSecret, Certificate");
        // What else the dictionary holds most often leaves one answer.
        let evident =
            match (tunnel.uses_eap(), tunnel.holds("SharedSecret"), tunnel.holds("PayloadCertificateUUID")) {
                (true, false, false) => "None",
                (false, true, false) => "SharedSecret",
                (false, false, true) => "Certificate",
                _ => {
                    out.say(finding);
                    continue;
                }
            };
        let title = format!("add AuthenticationMethod {evident}");
        out.say(finding.fix(Fix::not_safe(title, Change::set(&tunnel.settings, KEY, evident))));
    }
}
