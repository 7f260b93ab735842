//! `ddm.lost-on-convert`.

use super::{declaration, is_asked, is_wanted_by_name, settings};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ddm.lost-on-convert"),
    level: Level::Warning,
    title: "A value has no counterpart in the declarations of 27.0",
    what: prose(
        "A VPN payload has what no declaration can carry: a type without one (L2TP, TransparentProxy, any per-app VPN), \
           DES, 3DES, SHA1 or a Diffie-Hellman group below 14, the old on-demand domain lists, OnDemandUserOverrideDisabled \
           for IPSec, credentials of an HTTPS proxy, or vendor settings \
           other than Realm, Role, Group and LoginGroupOrDomain. It is said only when the rule is selected by name, \
           and as a notice for a target of 27.0 or later.",
    ),
    why: prose(
        "A conversion leaves the value out, and the VPN behaves differently or does not connect. The profile itself is \
          as good as before.",
    ),
    mend: prose(
        "Before converting move to AES and SHA-2 with group 14 or above, and to OnDemandRules. Keep the profile where \
           there is no declaration.",
    ),
    source: "Apple device-management schema, 27.0: declarations network.vpn.*, compared with com.apple.vpn.managed",
    check: Check::Profile(check),
};

/// What the vendor's dictionary may have.
const VENDOR: [&str; 4] = ["Realm", "Role", "Group", "LoginGroupOrDomain"];

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !is_asked(cx) {
        return;
    }
    let severity = if is_wanted_by_name(cx) { Severity::Warning } else { Severity::Notice };
    let mut lost = |finding: Finding| {
        out.say(finding.severity(severity).help("change it before converting, or keep the profile"));
    };
    for vpn in &cx.vpns {
        if declaration(vpn).is_none() {
            let message = match vpn.kind {
                _ if vpn.per_app => "there is no declaration for per-app VPNs".to_owned(),
                Some(kind) => format!("there is no declaration for VPNType {kind}"),
                None => continue,
            };
            lost(Finding::value(vpn.section(), if vpn.per_app { "PayloadType" } else { "VPNType" }, message));
            continue;
        }
        for section in settings(vpn) {
            on_demand(vpn, &section, &mut lost);
        }
        if let Some(vendor) = vpn.section().sub("VendorConfig") {
            for key in vendor.dict().entries.iter().map(|entry| entry.key.text.as_str()) {
                if !VENDOR.contains(&key) {
                    lost(Finding::key(&vendor, key, "a declaration has no place for this vendor setting"));
                }
            }
        }
        if let Some(proxies) = vpn.section().sub("Proxies") {
            for key in ["HTTPSProxyUsername", "HTTPSProxyPassword"].into_iter().filter(|key| proxies.has(key))
            {
                lost(Finding::key(&proxies, key, format!("a declaration has no place for {key}")));
            }
        }
    }
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.per_app) {
        for (section, _) in tunnel.dictionaries() {
            algorithms(section, &mut lost);
        }
    }
}

fn on_demand(vpn: &Vpn<'_>, section: &Section<'_>, lost: &mut impl FnMut(Finding)) {
    for key in ["OnDemandMatchDomainsAlways", "OnDemandMatchDomainsOnRetry", "OnDemandMatchDomainsNever"] {
        if section.has(key) {
            lost(Finding::key(section, key, format!("a declaration has OnDemandRules only, not {key}")));
        }
    }
    const OVERRIDE: &str = "OnDemandUserOverrideDisabled";
    if vpn.kind == Some("IPSec") && section.has(OVERRIDE) {
        lost(Finding::key(section, OVERRIDE, format!("the IPSec declaration has no {OVERRIDE}")));
    }
}

fn algorithms(section: &Section<'_>, lost: &mut impl FnMut(Finding)) {
    for (key, old) in
        [("EncryptionAlgorithm", &["DES", "3DES"]), ("IntegrityAlgorithm", &["SHA1-96", "SHA1-160"])]
    {
        if let Some(word) = section.str(key).filter(|word| old.contains(&word.value)) {
            lost(Finding::value(section, key, format!("declarations have no {}", word.value)));
        }
    }
    let key = "DiffieHellmanGroup";
    if let Some(group) = section.int(key).filter(|group| matches!(group.value, 1 | 2 | 5)) {
        lost(Finding::value(section, key, format!("declarations have no group {}", group.value)));
    }
}
