//! `sa.weak-dh`.

use crate::ikev2::Origin;
use crate::rules::prelude::*;

use super::weak;

const KEY: &str = "DiffieHellmanGroup";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.weak-dh"),
    level: Level::Target,
    title: "Diffie-Hellman group 1, 2 or 5",
    what: prose(
        "DiffieHellmanGroup of a security association is 1, 2 or 5. An error for a target that has none of them: iOS, macOS \
           and visionOS since version 26, tvOS and watchOS always. A warning otherwise. Always On VPNs have \
           sa.alwayson-dh.",
    ),
    why: prose(
        "Groups of 768, 1024 and 1536 bits can be broken for all their users at once by who computes long enough; RFC 8247 \
          forbids group 1 and advises against the others. Systems without them reject the payload.",
    ),
    mend: prose("Use group 19, or 14 where the server has no elliptic curves."),
    source: "Apple device-management schema: DiffieHellmanGroup (1, 2 and 5 not since 26.0, never on tvOS and watchOS); RFC \
             8247 section 2.4",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.always_on && !weak::is_strict(tunnel)) {
        for (section, association) in tunnel.dictionaries() {
            let group = association.suite.group;
            if association.origins.group != Origin::Given || group >= 14 {
                continue;
            }
            let Some(affected) = weak::affected(cx) else { continue };
            out.say(
                weak::finding(section, KEY, &format!("Diffie-Hellman group {group}"), &affected)
                    .help("use group 19 or 14; the server must take it too")
                    .unsafe_replace("use group 19", 19),
            );
        }
    }
}
