//! `ppk.mandatory-ignored`.

use crate::rules::prelude::*;

const KEY: &str = "PPKMandatory";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ppk.mandatory-ignored"),
    level: Level::Warning,
    title: "PPKMandatory without a key that could be mandatory",
    what: prose("PPKMandatory is given, and neither PPK nor PPKIdentifier is."),
    why: prose(
        "The key has no effect: the tunnel uses no pre-shared post-quantum key, whatever the flag says.",
    ),
    mend: prose("Add PPK and PPKIdentifier, or remove PPKMandatory."),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.PPKMandatory",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        // With one of the two, ppk.pair says what is missing.
        if settings.has(KEY) && !settings.has("PPK") && !settings.has("PPKIdentifier") {
            out.say(
                Finding::key(settings, KEY, "PPKMandatory has no effect without PPK and PPKIdentifier")
                    .help("add both, or remove PPKMandatory")
                    .safe_remove("remove PPKMandatory"),
            );
        }
    }
}
