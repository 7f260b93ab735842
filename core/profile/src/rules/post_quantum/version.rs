//! `pq.version`.

use super::{METHODS, lists};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.version"),
    level: Level::Target,
    title: "Post-quantum key exchanges need version 26",
    what: prose(
        "PostQuantumKeyExchangeMethods is used, and a target is older than 26.0: iOS, macOS, tvOS, watchOS and visionOS \
           know it since then. (Apple's schema says 16.0 for tvOS, which its neighbours show to be a slip.) Without a \
           target it is a notice.",
    ),
    why: prose(
        "Older systems ignore the key and make a tunnel without the additional key exchange, or none when the server \
          insists on it.",
    ),
    mend: prose(
        "Leave it, if older devices may connect without. Otherwise give them a profile of their own.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, PostQuantumKeyExchangeMethods (introduced 26.0); own \
             judgement for tvOS",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !cx.tunnels.iter().any(|tunnel| lists(tunnel).next().is_some()) {
        return;
    }
    let old = |target: &Target| (target.version.major < 26).then_some(Effect::Ignored);
    let Some(affected) = cx.affected(old) else { return };
    let message = |key: &str| {
        if affected.who.is_empty() {
            format!("{key} is ignored before iOS, macOS, tvOS, watchOS and visionOS 26")
        } else {
            format!("{key} is ignored by {}", affected.who)
        }
    };
    let help = "older systems connect without the additional key exchange, or not at all";
    for tunnel in &cx.tunnels {
        for section in lists(tunnel) {
            let finding = Finding::key(section, METHODS, message(METHODS));
            out.say(finding.severity(affected.severity).help(help));
        }
    }
}
