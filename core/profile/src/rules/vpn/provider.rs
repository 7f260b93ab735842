//! `vpn.provider-sysext` and `vpn.provider-type-in-ikev2`.

use super::frame::app_settings;
use crate::rules::prelude::*;

const BUNDLE: &str = "ProviderBundleIdentifier";
const REQUIREMENT: &str = "ProviderDesignatedRequirement";

pub(super) static SYSTEM_EXTENSION: Rule = Rule {
    code: Code::new("vpn.provider-sysext"),
    level: Level::Target,
    title: "A system extension needs both its identifier and its requirement",
    what: prose(
        "VPN or TransparentProxy has one of ProviderBundleIdentifier and ProviderDesignatedRequirement without the other. \
           Judged for macOS targets; a notice without a target.",
    ),
    why: prose(
        "On macOS a provider that is a system extension is found by its bundle identifier and let in only when its code \
          signature meets the designated requirement. With one of the two the extension is not started. A provider inside \
          an app (an app extension, and everything on iOS) needs no requirement.",
    ),
    mend: prose(
        "Add the missing one: `codesign -d -r - /path/to/the.systemextension` prints the requirement.",
    ),
    source: "Apple device-management schema: VPN.ProviderBundleIdentifier and ProviderDesignatedRequirement",
    check: Check::Profile(system_extension),
};

fn system_extension(cx: &Context<'_>, out: &mut Sink<'_>) {
    let effect = |target: &Target| {
        target.is_at_least(Platform::Macos, Version::with_patch(10, 15, 0)).then_some(Effect::Ignored)
    };
    for vpn in &cx.vpns {
        let Some(settings) = app_settings(vpn) else { continue };
        let (there, missing) = match (settings.is_filled(BUNDLE), settings.is_filled(REQUIREMENT)) {
            (true, false) => (BUNDLE, REQUIREMENT),
            (false, true) => (REQUIREMENT, BUNDLE),
            _ => continue,
        };
        let Some(affected) = cx.affected(effect) else { continue };
        out.say(
            Finding::key(
                settings,
                there,
                format!("{there} without {missing}: a system extension needs both"),
            )
            .severity(affected.severity)
            .help(format!("on macOS add {missing}; a provider that is an app extension does without")),
        );
    }
}

pub(super) static IN_IKEV2: Rule = Rule {
    code: Code::new("vpn.provider-type-in-ikev2"),
    level: Level::Notice,
    title: "Keys of an app's provider in IKEv2",
    what: prose(
        "The IKEv2 dictionary, or a tunnel of Always On, has ProviderType, ProviderBundleIdentifier or \
           ProviderDesignatedRequirement.",
    ),
    why: prose(
        "IKEv2 is spoken by the system's own client. There is no provider to choose, so the keys have no effect.",
    ),
    mend: prose("Remove them. When an app is to make the tunnel, VPNType is VPN."),
    source: "Own judgement; Apple lists the keys without saying what they would do for IKEv2",
    check: Check::Profile(in_ikev2),
};

fn in_ikev2(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for key in ["ProviderType", BUNDLE, REQUIREMENT] {
            if tunnel.settings.has(key) {
                out.say(
                    Finding::key(
                        &tunnel.settings,
                        key,
                        format!("{key} has no effect on the built-in IKEv2 client"),
                    )
                    .help("remove it")
                    .unsafe_remove(format!("remove {key}")),
                );
            }
        }
    }
}
