//! `vpn.vendorconfig-ignored` and `vpn.vendorconfig-wrong-vendor`.

use super::frame::{SUBTYPE, known_app};
use crate::rules::prelude::*;

const KEY: &str = "VendorConfig";

pub(super) static IGNORED: Rule = Rule {
    code: Code::new("vpn.vendorconfig-ignored"),
    level: Level::Warning,
    title: "VendorConfig without VPNSubType",
    what: prose(
        "The payload has a VendorConfig dictionary that is not empty, but no VPNSubType, and its VPNType is one that \
           needs none (IKEv2, IPSec, L2TP, AlwaysOn).",
    ),
    why: prose(
        "The dictionary is for the app that VPNSubType names. The system's own clients do not read it.",
    ),
    mend: prose("Remove VendorConfig, or choose VPNType VPN with the VPNSubType of the app it is meant for."),
    source: "Apple device-management schema: VendorConfig (read only when VPNSubType has a value)",
    check: Check::Profile(ignored),
};

fn ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        // Where a VPNSubType is needed, that it is missing is told already.
        let own = matches!(vpn.kind, Some("IKEv2" | "IPSec" | "L2TP" | "AlwaysOn"));
        let section = vpn.section();
        if !own || section.is_filled(SUBTYPE) {
            continue;
        }
        if section.sub(KEY).is_some_and(|config| !config.dict().entries.is_empty()) {
            out.say(
                Finding::key(section, KEY, "VendorConfig is read only with a VPNSubType, and there is none")
                    .help("remove it: the system's own VPN clients do not read it")
                    .safe_remove("remove VendorConfig"),
            );
        }
    }
}

pub(super) static WRONG_VENDOR: Rule = Rule {
    code: Code::new("vpn.vendorconfig-wrong-vendor"),
    level: Level::Warning,
    title: "A VendorConfig key of another vendor",
    what: prose(
        "VendorConfig holds Realm or Role and VPNSubType is another known app than Juniper's or Pulse Secure's, Group \
           without Cisco AnyConnect, or LoginGroupOrDomain without SonicWALL. Apps that Adit does not know, and those \
           whose settings are free, may use any key.",
    ),
    why: prose(
        "The app that VPNSubType names does not know the key. Most often the profile was copied from one for another \
          vendor, and a setting that the new one needs is missing.",
    ),
    mend: prose("Remove the key, and look up in the vendor's documentation where the setting goes."),
    source: "Apple device-management schema: VendorConfig.Realm, Role, Group, LoginGroupOrDomain",
    check: Check::Profile(wrong_vendor),
};

/// The documented keys, and how to name their vendor.
const VENDOR_KEYS: [(&str, &str); 4] = [
    ("Realm", "Juniper SSL and Pulse Secure"),
    ("Role", "Juniper SSL and Pulse Secure"),
    ("Group", "Cisco AnyConnect"),
    ("LoginGroupOrDomain", "SonicWALL Mobile Connect"),
];

/// Known apps that take settings of any name.
const FREE: [&str; 8] = [
    "com.f5.",
    "com.paloaltonetworks.",
    "com.checkpoint.",
    "net.openvpn.",
    "com.citrix.",
    "com.netmotionwireless.",
    "com.wireguard.",
    "com.fortinet.",
];

fn wrong_vendor(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some(config) = vpn.section().sub(KEY) else { continue };
        let Some(subtype) = vpn.section().str(SUBTYPE) else { continue };
        let Some(app) = known_app(subtype.value) else { continue };
        if FREE.iter().any(|start| subtype.value.starts_with(start)) {
            continue;
        }
        for (key, vendor) in VENDOR_KEYS {
            if config.is_filled(key) && !app.vendor_keys.contains(&key) {
                let message = format!("VendorConfig.{key} is for {vendor}, not for {}", app.connection);
                out.say(
                    Finding::key(&config, key, message)
                        .help("remove it, or correct VPNSubType")
                        .unsafe_remove(format!("remove {key}")),
                );
            }
        }
    }
}
