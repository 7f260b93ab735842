//! `applayer.appmapping-platform`.

use super::MAPPING;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.appmapping-platform"),
    level: Level::Target,
    title: "App mappings are for macOS",
    what: prose(
        "The profile has a com.apple.vpn.managed.appmapping payload, and a target is not macOS, or older than macOS \
           10.9. Nothing is said without a target.",
    ),
    why: prose(
        "Other systems do not know the payload, so it binds no app there: a management server binds apps to the VPN when \
          it installs them.",
    ),
    mend: prose(
        "Put the mapping into a profile for Macs. For iOS name the VPNUUID in the attributes of each managed app.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.appmapping (supportedOS)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    let ignores = |target: &Target| {
        (!target.is_at_least(Platform::Macos, Version::new(10, 9))).then_some(Effect::Ignored)
    };
    for payload in cx.payloads(MAPPING) {
        if let Some(affected) = cx.affected(ignores) {
            let message = format!("{} does not know app mappings", affected.who);
            out.say(
                Finding::value(&payload.section, "PayloadType", message)
                    .severity(affected.severity)
                    .help("put it into a profile for macOS"),
            );
        }
    }
}
