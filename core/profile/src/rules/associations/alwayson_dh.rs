//! `sa.alwayson-dh`.

use crate::ikev2::Origin;
use crate::rules::prelude::*;

use super::weak;

const KEY: &str = "DiffieHellmanGroup";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.alwayson-dh"),
    level: Level::Target,
    title: "An Always On VPN with a group below 14",
    what: prose(
        "DiffieHellmanGroup in an Always On tunnel is 1, 2 or 5. An error for a target of iOS 14.2 or later, a warning \
           otherwise.",
    ),
    why: prose(
        "Since iOS 14.2 an Always On VPN must use at least group 14, and the payload is rejected otherwise. A device whose \
          only way to the network is this VPN is then without one.",
    ),
    mend: prose("Use group 19 or 14, on the server too."),
    source: "Apple device-management schema: DiffieHellmanGroup (Always On since iOS 14.2: at least 14)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.always_on && !weak::is_strict(tunnel)) {
        for (section, association) in tunnel.dictionaries() {
            let group = association.suite.group;
            if association.origins.group != Origin::Given || group >= 14 {
                continue;
            }
            let effect = |target: &Target| {
                let refused = target.is_at_least(Platform::Ios, Version::new(14, 2));
                (target.platform == Platform::Ios).then_some(if refused {
                    Effect::Refused
                } else {
                    Effect::Ignored
                })
            };
            let Some(affected) = cx.affected(effect) else { continue };
            let who = if affected.who.is_empty() { "iOS since 14.2" } else { affected.who.as_str() };
            let message = if affected.severity == Severity::Warning {
                format!("group {group} is too weak for an Always On VPN ({who})")
            } else {
                format!("an Always On VPN takes no group below 14 ({who}), this is group {group}")
            };
            out.say(
                Finding::value(section, KEY, message)
                    .severity(affected.severity.max(Severity::Warning))
                    .help("use group 19 or 14; the server must take it too")
                    .unsafe_replace("use group 19", 19),
            );
        }
    }
}
