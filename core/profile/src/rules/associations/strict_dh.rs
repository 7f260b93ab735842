//! `sa.strict-dh`.

use crate::ikev2::Origin;
use crate::rules::prelude::*;

use super::weak;

const KEY: &str = "DiffieHellmanGroup";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.strict-dh"),
    level: Level::Error,
    title: "Strict algorithm selection with a group below 14",
    what: prose(
        "EnforceStrictAlgorithmSelection is 1, and DiffieHellmanGroup of a security association is 1, 2 or 5.",
    ),
    why: prose(
        "The switch makes the system reject a payload with these groups, also where the child's group would never be \
          proposed.",
    ),
    mend: prose("Use group 19 or 14, on the server too."),
    source: "Apple device-management schema: IKEv2.EnforceStrictAlgorithmSelection (iOS 18.5, macOS 15.5 and later)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| weak::is_strict(tunnel)) {
        for (section, association) in tunnel.dictionaries() {
            let group = association.suite.group;
            if association.origins.group == Origin::Given && group < 14 {
                let message = format!("EnforceStrictAlgorithmSelection forbids group {group}");
                let strict = tunnel.settings.span_of("EnforceStrictAlgorithmSelection");
                out.say(
                    Finding::value(section, KEY, message)
                        .help("use group 19 or 14; the server must take it too")
                        .related(strict, "strict selection is switched on here")
                        .unsafe_replace("use group 19", 19),
                );
            }
        }
    }
}
