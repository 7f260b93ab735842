//! `ppk.version`.

use crate::rules::prelude::*;
use crate::schema::Support;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ppk.version"),
    level: Level::Target,
    title: "Pre-shared post-quantum keys need iOS 18, macOS 15 or their contemporaries",
    what: prose(
        "PPK and PPKIdentifier are used, and a target is older than iOS 18, macOS 15, tvOS 18, visionOS 2 or watchOS 11. \
           Without a target it is a notice.",
    ),
    why: prose(
        "Older systems ignore the keys and connect without, even where PPKMandatory is 1, unless the server insists.",
    ),
    mend: prose(
        "Leave it, if older devices may connect without. Otherwise give them a profile of their own.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.PPK (introduced)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.settings.has("PPK")) {
        let key = schema::payload(crate::model::VPN_MANAGED).and_then(|schema| schema.at("IKEv2.PPK"));
        let old = |target: &Target| match key.map(|key| key.on(target.platform)) {
            Some(Support::Since { introduced, .. }) => {
                (target.version < introduced).then_some(Effect::Ignored)
            }
            _ => None,
        };
        let Some(affected) = cx.affected(old) else { return };
        let message = if affected.who.is_empty() {
            "PPK is ignored before iOS 18, macOS 15, tvOS 18, watchOS 11 and visionOS 2".to_owned()
        } else {
            format!("PPK is ignored by {}", affected.who)
        };
        out.say(
            Finding::key(&tunnel.settings, "PPK", message)
                .severity(affected.severity)
                .help("older systems connect without it, unless the server insists"),
        );
    }
}
