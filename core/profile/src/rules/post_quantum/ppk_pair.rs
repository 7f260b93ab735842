//! `ppk.pair`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ppk.pair"),
    level: Level::Error,
    title: "PPK and PPKIdentifier need each other",
    what: prose("Only one of PPK and PPKIdentifier is there, or PPKIdentifier is empty."),
    why: prose(
        "The identifier tells the server which of its pre-shared post-quantum keys is meant; a key without a name, or a \
          name without a key, cannot be used. A system rejects the payload.",
    ),
    mend: prose("Write both, with the identifier that the server knows the key by."),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.PPK and IKEv2.PPKIdentifier; RFC 8784 section 3",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        for (key, other) in [("PPK", "PPKIdentifier"), ("PPKIdentifier", "PPK")] {
            if settings.has(key) && !settings.has(other) {
                let message = format!("{key} without {other}");
                out.say(Finding::value(settings, key, message).help("both are needed"));
            }
        }
        if settings.str("PPKIdentifier").is_some_and(|name| name.value.is_empty()) {
            let finding = Finding::value(settings, "PPKIdentifier", "PPKIdentifier is empty");
            out.say(finding.help("give the key's name"));
        }
    }
}
