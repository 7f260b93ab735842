//! `ddm.can-convert`.

use super::{declaration, is_asked};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ddm.can-convert"),
    level: Level::Notice,
    title: "The VPN can be managed by a declaration",
    what: prose(
        "A com.apple.vpn.managed payload of type IKEv2, IPSec, VPN or AlwaysOn has a counterpart among the declarations \
           of 27.0, com.apple.configuration.network.vpn.*. It is said only when the rule is selected by name, or for \
           a target of 27.0 or later (not watchOS).",
    ),
    why: prose(
        "Declarations are applied by the device itself and report their state, and secrets stand apart as assets. The \
          profile keeps working all the same.",
    ),
    mend: prose("Convert it with adit convert when your management server sends declarations."),
    source: "Apple device-management schema, 27.0: declarations network.vpn.ikev2, ipsec, vpn-plugin, always-on",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !is_asked(cx) {
        return;
    }
    for vpn in &cx.vpns {
        if let Some(declaration) = declaration(vpn) {
            let message = format!("27.0 has a declaration for this VPN: {}", declaration.declaration_type());
            out.say(
                Finding::value(vpn.section(), "VPNType", message)
                    .help("adit convert makes it, and lists what cannot be carried over"),
            );
        }
    }
}
