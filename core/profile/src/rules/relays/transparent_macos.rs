//! `transparent.macos`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("transparent.macos"),
    level: Level::Target,
    title: "Transparent proxies need macOS 14",
    what: "VPNType is TransparentProxy, and a target is macOS before 14. That other platforms have no such type is said by \
           vpn.type-platform. Nothing is said without a target.",
    why: "Older macOS does not know the type and rejects the payload, although apps could bring transparent proxies \
          themselves since 11.",
    mend: "Install the profile on macOS 14 or later only. On older systems the app that brings the proxy must configure \
           it.",
    source: "Apple device-management schema: com.apple.vpn.managed, TransparentProxy (introduced macOS 14.0)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    let refuses =
        |target: &Target| target.is_before(Platform::Macos, Version::new(14, 0)).then_some(Effect::Refused);
    for vpn in cx.vpns.iter().filter(|vpn| vpn.kind == Some("TransparentProxy")) {
        if let Some(affected) = cx.affected(refuses) {
            let message = format!("{} does not know VPNType TransparentProxy", affected.who);
            out.say(
                Finding::value(vpn.section(), "VPNType", message)
                    .severity(affected.severity)
                    .help("transparent proxies in profiles need macOS 14"),
            );
        }
    }
}
