//! `vpn.subtype-missing`.

use super::frame::SUBTYPE;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.subtype-missing"),
    level: Level::Error,
    title: "The app that provides the VPN is not named",
    what: prose("VPNType is VPN or TransparentProxy, and VPNSubType is missing or empty."),
    why: prose(
        "VPNSubType holds the bundle identifier of the app whose extension makes the tunnel. Without it the system does \
          not know what to start, and refuses the payload.",
    ),
    mend: prose(
        "Add VPNSubType with the identifier that the vendor documents, such as com.cisco.anyconnect.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, VPNSubType (required with VPN and TransparentProxy)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some(kind @ ("VPN" | "TransparentProxy")) = vpn.kind else { continue };
        let section = vpn.section();
        if section.is_filled(SUBTYPE) {
            continue;
        }
        let what = if section.has(SUBTYPE) { "is empty" } else { "is missing" };
        let message = format!("VPNType {kind} needs a VPNSubType, which {what}");
        out.say(
            Finding::value(section, SUBTYPE, message)
                .help("write the bundle identifier of the VPN app, as its vendor documents it"),
        );
    }
}
