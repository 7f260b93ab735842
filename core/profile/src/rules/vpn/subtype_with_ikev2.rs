//! `vpn.subtype-with-ikev2`.

use super::frame::SUBTYPE;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.subtype-with-ikev2"),
    level: Level::Error,
    title: "IKEv2 takes no VPNSubType",
    what: prose("VPNType is IKEv2 and VPNSubType holds something."),
    why: prose(
        "For IKEv2 the key is reserved: it must be absent or an empty string. A system that finds an app's identifier \
          there may look for that app instead of its own client, or refuse the payload.",
    ),
    mend: prose("Remove VPNSubType. When the VPN is an app's, VPNType is VPN."),
    source: "Apple device-management schema: com.apple.vpn.managed, VPNSubType",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| vpn.kind == Some("IKEv2")) {
        let section = vpn.section();
        if section.str(SUBTYPE).is_some_and(|subtype| !subtype.value.trim().is_empty()) {
            out.say(
                Finding::value(section, SUBTYPE, "VPNSubType must be absent or empty with VPNType IKEv2")
                    .help("remove it, or write VPNType VPN when an app makes the tunnel")
                    .unsafe_remove("remove VPNSubType"),
            );
        }
    }
}
