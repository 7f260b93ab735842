//! `ipsec.ikev1`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ipsec.ikev1"),
    level: Level::Notice,
    title: "IKEv1 is the protocol of old",
    what: prose("VPNType is IPSec (Cisco IPsec) or L2TP, both of which speak IKEv1."),
    why: prose(
        "IKEv1 was made historic by RFC 9395 in 2023. It knows no modern key exchange, its aggressive mode gives away a \
          hash of the shared secret, and tvOS and watchOS do not have it at all.",
    ),
    mend: prose("Use VPNType IKEv2 when the server can. Every server software of the last ten years does."),
    source: "RFC 9395; Apple device-management schema: VPNType (not on tvOS and watchOS)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        if let Some(kind @ ("IPSec" | "L2TP")) = vpn.kind {
            let message = format!("VPNType {kind} speaks IKEv1, which tvOS and watchOS do not have");
            out.say(Finding::value(vpn.section(), "VPNType", message).help("use IKEv2 when the server can"));
        }
    }
}
