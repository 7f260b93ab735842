//! `applayer.associated-version`.

use super::{lists, per_app};
use crate::rules::prelude::*;
use crate::schema::Support;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.associated-version"),
    level: Level::Target,
    title: "Associated and excluded domains need iOS 14 or macOS 11",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has AssociatedDomains or ExcludedDomains, and a target is older than \
           iOS 14 or macOS 11. Nothing is said without a target: every system in support knows both.",
    ),
    why: prose(
        "The older system ignores the key: associated domains do not start the VPN, and excluded ones are not left out.",
    ),
    mend: prose(
        "Leave it, if older devices may do without. Otherwise use SafariDomains, or leave those devices out.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, AssociatedDomains and ExcludedDomains \
             (introduced)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    let schema = schema::payload(crate::model::VPN_APPLAYER);
    for vpn in per_app(cx) {
        for name in ["AssociatedDomains", "ExcludedDomains"] {
            let Some(key) = schema.and_then(|schema| schema.key(name)) else { continue };
            let old = |target: &Target| match key.on(target.platform) {
                Support::Since { introduced, .. } => (target.version < introduced).then_some(Effect::Ignored),
                _ => None,
            };
            if let Some(affected) = cx.affected(old).filter(|_| lists(vpn.section(), name)) {
                let message = format!("{name} is ignored by {}", affected.who);
                out.say(
                    Finding::key(vpn.section(), name, message)
                        .severity(affected.severity)
                        .help("it needs iOS 14, macOS 11, watchOS 10 or visionOS 1.1"),
                );
            }
        }
    }
}
