//! `sa.dh-32`.

use crate::ikev2::Origin;
use crate::rules::prelude::*;

const KEY: &str = "DiffieHellmanGroup";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.dh-32"),
    level: Level::Target,
    title: "Group 32 needs the systems of 2023",
    what: prose(
        "DiffieHellmanGroup of a security association is 32 (Curve448). An error for a target before iOS 17, macOS 14, tvOS 17 \
           or watchOS 10.",
    ),
    why: prose(
        "The group came with the 17.0 release of the schema; systems before it do not have it in their list and reject the \
          payload.",
    ),
    mend: prose("Use group 31 or 19 for older systems, on the server too."),
    source: "Apple device-management schema: DiffieHellmanGroup (32 since the 17.0 release); RFC 8031",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for (section, association) in tunnel.dictionaries() {
            if association.origins.group != Origin::Given || association.suite.group != 32 {
                continue;
            }
            let lacks = |target: &Target| {
                let first = match target.platform {
                    Platform::Ios | Platform::Tvos => Version::new(17, 0),
                    Platform::Macos => Version::new(14, 0),
                    Platform::Watchos => Version::new(10, 0),
                    Platform::Visionos => Version::new(1, 0),
                };
                (target.version < first).then_some(Effect::Refused)
            };
            let Some(affected) = cx.affected(lacks) else { continue };
            let message = if affected.who.is_empty() {
                "group 32 is known since iOS 17, macOS 14, tvOS 17 and watchOS 10".to_owned()
            } else {
                format!("group 32 is not known to {}", affected.who)
            };
            out.say(
                Finding::value(section, KEY, message)
                    .severity(affected.severity)
                    .help("use group 31 or 19 for older systems; the server must take it too")
                    .unsafe_replace("use group 31", 31),
            );
        }
    }
}
