//! `applayer.smb-platform`.

use super::{lists, per_app};
use crate::rules::prelude::*;

const KEY: &str = "SMBDomains";

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.smb-platform"),
    level: Level::Target,
    title: "SMB domains are for iOS and visionOS",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has SMBDomains, and a target is macOS or watchOS, or older than iOS \
           13 or visionOS 1.1. Nothing is said without a target.",
    ),
    why: prose("The system ignores the key: file shares in those domains are not reached through the VPN."),
    mend: prose(
        "Leave it for iOS. On macOS bind the Finder's connections by an app mapping, or use a VPN for the whole device.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, SMBDomains (supportedOS)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    let ignores = |target: &Target| {
        let knows = target.is_at_least(Platform::Ios, Version::new(13, 0))
            || target.is_at_least(Platform::Visionos, Version::new(1, 1));
        (!knows).then_some(Effect::Ignored)
    };
    for vpn in per_app(cx).filter(|vpn| lists(vpn.section(), KEY)) {
        if let Some(affected) = cx.affected(ignores) {
            let message = format!("SMBDomains is ignored by {}", affected.who);
            out.say(
                Finding::key(vpn.section(), KEY, message)
                    .severity(affected.severity)
                    .help("only iOS 13, visionOS 1.1 and later use it"),
            );
        }
    }
}
