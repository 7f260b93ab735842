//! `applayer.type`.

use super::per_app;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.type"),
    level: Level::Error,
    title: "A per-app VPN of a type that cannot be one",
    what: prose("VPNType of a com.apple.vpn.managed.applayer payload is L2TP, AlwaysOn or TransparentProxy."),
    why: prose("Only VPN, IPSec and IKEv2 can be bound to apps. A system rejects the payload."),
    mend: prose(
        "Use VPN (an app's own provider), IKEv2 or IPSec, or make it a com.apple.vpn.managed payload for the whole \
           device.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, note on VPNType",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in per_app(cx) {
        // Of PPTP, which no system has any more, vpn.type-removed tells.
        let Some(kind @ ("L2TP" | "AlwaysOn" | "TransparentProxy")) = vpn.kind else { continue };
        let message = format!("a per-app VPN cannot be of type {kind}");
        out.say(Finding::value(vpn.section(), "VPNType", message).help("one of VPN, IPSec, IKEv2"));
    }
}
