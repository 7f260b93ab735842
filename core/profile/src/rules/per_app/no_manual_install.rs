//! `applayer.no-manual-install`.

use super::{TRIGGERS, lists, per_app, pointed_at};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.no-manual-install"),
    level: Level::Notice,
    title: "Installed by hand, the per-app VPN is never used on iOS",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has domains for mail, calendars, contacts, associated apps or file \
           shares, but none for Safari, and no account or app mapping of the profile names its VPNUUID. With targets it \
           is said only when one of them is iOS or visionOS.",
    ),
    why: prose(
        "These domains count only for apps and accounts that a management server binds to the VPN. A profile that a \
          person installs serves the SafariDomains and nothing else.",
    ),
    mend: prose(
        "Install the profile by MDM and name the VPNUUID in the attributes of managed apps, or add SafariDomains.",
    ),
    source: "Own judgement, from the app attributes and domains of the per-app VPN payload",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let phone = |target: &Target| {
        matches!(target.platform, Platform::Ios | Platform::Visionos).then_some(Effect::Ignored)
    };
    let mut pointed = None;
    for vpn in per_app(cx) {
        let section = vpn.section();
        let Some(uuid) = section.str("VPNUUID") else { continue };
        let Some(key) = TRIGGERS.into_iter().find(|key| lists(section, key)) else { continue };
        let by_hand = lists(section, "SafariDomains") || section.is_placeholder("SafariDomains");
        if by_hand || cx.affected(phone).is_none() {
            continue;
        }
        if pointed.get_or_insert_with(|| pointed_at(cx)).contains(&uuid.value.to_ascii_uppercase()) {
            continue;
        }
        let message = "without SafariDomains a profile installed by hand never uses this VPN on iOS";
        out.say(Finding::key(section, key, message).help("install it by MDM and bind managed apps to it"));
    }
}
