//! `route.override-primary-type`.

use crate::rules::prelude::*;

const KEY: &str = "OverridePrimary";

pub(super) static RULE: Rule = Rule {
    code: Code::new("route.override-primary-type"),
    level: Level::Warning,
    title: "OverridePrimary is for IPSec and L2TP",
    what: prose("IPv4.OverridePrimary is 1 and VPNType is neither IPSec nor L2TP."),
    why: prose(
        "The key makes a Cisco IPSec or L2TP connection the default route. Other types do not read it: an IKEv2 tunnel \
          routes what the server assigns, an app's VPN what the app asks for. The profile looks as if all traffic were \
          tunnelled.",
    ),
    mend: prose(
        "Remove the IPv4 dictionary; for VPN and IKEv2 set IncludeAllNetworks to 1 when everything is to go through the \
           tunnel.",
    ),
    source: "Apple device-management schema: IPv4.OverridePrimary (only for Cisco IPsec and L2TP)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some(kind) = vpn.kind.filter(|kind| !matches!(*kind, "IPSec" | "L2TP" | "PPTP")) else {
            continue;
        };
        let Some(section) = vpn.section().sub("IPv4") else { continue };
        if section.is_on(KEY) {
            out.say(
                Finding::key(&section, KEY, format!("OverridePrimary has no effect with VPNType {kind}"))
                    .help(match kind {
                        "VPN" | "IKEv2" => "IncludeAllNetworks 1 is what sends everything through the tunnel",
                        _ => "remove it",
                    })
                    .safe_remove("remove OverridePrimary"),
            );
        }
    }
}
