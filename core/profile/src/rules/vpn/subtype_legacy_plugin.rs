//! `vpn.subtype-legacy-plugin`.

use super::frame::SUBTYPE;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.subtype-legacy-plugin"),
    level: Level::Target,
    title: "VPNSubType names a VPN plug-in that was replaced by an app",
    what: prose(
        "VPNSubType is the identifier of a plug-in of old (Cisco AnyConnect, Juniper SSL, F5 Edge Client, Palo Alto \
           GlobalProtect, Check Point), while the vendor's app of today is a network extension with another identifier.",
    ),
    why: prose(
        "Plug-ins of that kind no longer run. The profile installs, but Settings shows a VPN whose app is missing, even \
          with the vendor's new app on the device.",
    ),
    mend: prose(
        "Write the identifier of the vendor's present app, and take the other keys from its documentation.",
    ),
    source: "Apple device-management schema: VPNSubType (identifiers of plug-ins and apps); vendors' documentation",
    check: Check::Profile(check),
};

/// The plug-ins, and the apps that took their place: on iOS, on macOS.
const REPLACED: [(&str, &str, &[&str]); 5] = [
    ("com.cisco.anyconnect.applevpn.plugin", "Cisco Secure Client", &["com.cisco.anyconnect"]),
    ("net.juniper.sslvpn", "Ivanti Secure Access", &["net.pulsesecure.PulseSecure.vpnplugin"]),
    ("com.f5.F5-Edge-Client.vpnplugin", "F5 Access", &["com.f5.access.ios", "com.f5.access.macos"]),
    (
        "com.paloaltonetworks.GlobalProtect.vpnplugin",
        "GlobalProtect",
        &["com.paloaltonetworks.globalprotect.vpn"],
    ),
    ("com.checkpoint.CheckPoint-VPN.vpnplugin", "Check Point", &[]),
];

/// Since when each platform has network extensions, which took the plug-ins' place.
fn has_extensions(target: &Target) -> bool {
    match target.platform {
        Platform::Ios => target.version >= Version::new(9, 0),
        Platform::Macos => target.version >= Version::new(10, 11),
        Platform::Tvos | Platform::Visionos => true,
        Platform::Watchos => false,
    }
}

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| vpn.kind == Some("VPN")) {
        let section = vpn.section();
        let Some(subtype) = section.str(SUBTYPE) else { continue };
        let Some((_, app, now)) = REPLACED.iter().find(|(old, ..)| *old == subtype.value.trim()) else {
            continue;
        };
        let effect = |target: &Target| has_extensions(target).then_some(Effect::Ignored);
        let Some(affected) = cx.affected(effect) else { continue };
        let message = format!("VPNSubType is a plug-in of old; {app} of today goes by another identifier");
        let mut finding = Finding::value(section, SUBTYPE, message).severity(affected.severity);
        finding = match now {
            [] => finding.help("ask the vendor for the identifier of its present app"),
            names => finding.help(format!("the present app is {}", names.join(" or "))),
        };
        for name in *now {
            finding = finding.unsafe_replace(format!("write {name}"), *name);
        }
        out.say(finding);
    }
}
