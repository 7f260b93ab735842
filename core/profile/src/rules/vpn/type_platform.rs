//! `vpn.type-platform`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.type-platform"),
    level: Level::Target,
    title: "A system does not know this type of VPN",
    what: prose(
        "VPNType is one that a named target lacks: AlwaysOn is for iOS and iPadOS, TransparentProxy for macOS 14 and \
           later, L2TP and IPSec are not for tvOS and watchOS, and watchOS takes IKEv2 alone. Nothing is said without a \
           target.",
    ),
    why: prose("The system refuses the payload, and with it the profile."),
    mend: prose("Write a profile of its own for that system, with a type it knows; IKEv2 is known to all."),
    source: "Apple device-management schema: com.apple.vpn.managed, VPNType",
    check: Check::Profile(check),
};

/// The first macOS with transparent proxies from profiles.
const TRANSPARENT_PROXY: Version = Version::new(14, 0);

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    // Without a target, that a type is not for all is told by the rules of IPSec, Always On and transparent proxies.
    if cx.options.targets.is_empty() {
        return;
    }
    for vpn in &cx.vpns {
        let Some(kind) = vpn.kind.filter(|kind| *kind != "PPTP") else { continue };
        let effect = |target: &Target| (!takes(target, kind)).then_some(Effect::Refused);
        let Some(affected) = cx.affected(effect) else { continue };
        let only = match kind {
            "AlwaysOn" => "iOS and iPadOS",
            "TransparentProxy" => "macOS 14 and later",
            "L2TP" | "IPSec" => "iOS, macOS and visionOS",
            _ => "all systems but watchOS",
        };
        let message = format!("{} does not know VPNType {kind}, which is for {only}", affected.who);
        out.say(
            Finding::value(vpn.section(), "VPNType", message)
                .severity(affected.severity)
                .help("give other systems a profile of their own; all know IKEv2"),
        );
    }
}

fn takes(target: &Target, kind: &str) -> bool {
    match kind {
        "AlwaysOn" => target.platform == Platform::Ios,
        "TransparentProxy" => target.is_at_least(Platform::Macos, TRANSPARENT_PROXY),
        "L2TP" | "IPSec" => !matches!(target.platform, Platform::Tvos | Platform::Watchos),
        "VPN" => target.platform != Platform::Watchos,
        _ => true,
    }
}
