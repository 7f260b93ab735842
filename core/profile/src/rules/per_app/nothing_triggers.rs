//! `applayer.nothing-triggers`.

use super::{TRIGGERS, lists, per_app, pointed_at};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.nothing-triggers"),
    level: Level::Notice,
    title: "Nothing in the profile sends traffic to the per-app VPN",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has no SafariDomains, MailDomains, CalendarDomains, ContactsDomains, \
           AssociatedDomains or SMBDomains, and no app mapping or account of the profile names its VPNUUID.",
    ),
    why: prose("The VPN is installed and stays idle until a management server binds apps to it."),
    mend: prose(
        "Nothing, if the management server names the VPNUUID in the attributes of managed apps. Otherwise add the \
           domains, or an app mapping for macOS.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    // What names a VPN that is not there was meant for one of these: ref.vpnuuid-missing tells.
    let references = cx.references();
    if references.vpns.iter().any(|reference| references.per_app(reference.uuid.value).is_none()) {
        return;
    }
    let mut pointed = None;
    for vpn in per_app(cx) {
        let section = vpn.section();
        let Some(uuid) = section.str("VPNUUID") else { continue };
        // A list that is no array, or a placeholder, may become one.
        let triggers = |key: &str| lists(section, key) || section.is_placeholder(key);
        if TRIGGERS.iter().any(|key| triggers(key)) {
            continue;
        }
        if pointed.get_or_insert_with(|| pointed_at(cx)).contains(&uuid.value.to_ascii_uppercase()) {
            continue;
        }
        out.say(
            Finding::value(
                section,
                "VPNUUID",
                "no domain, app or account of this profile uses the per-app VPN",
            )
            .help("bind managed apps to this VPNUUID, or add SafariDomains or an app mapping"),
        );
    }
}
