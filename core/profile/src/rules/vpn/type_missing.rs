//! `vpn.type-missing`.

use crate::rules::prelude::*;

const KEY: &str = "VPNType";

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.type-missing"),
    level: Level::Error,
    title: "The VPN has no type",
    what: prose("A VPN payload has no VPNType."),
    why: prose(
        "VPNType says which of the dictionaries VPN, IPSec, IKEv2, PPP, AlwaysOn and TransparentProxy counts. Without it \
          the payload is refused.",
    ),
    mend: prose("Add VPNType: IKEv2, IPSec, L2TP, AlwaysOn, TransparentProxy, or VPN for the VPN of an app."),
    source: "Apple device-management schema: com.apple.vpn.managed, VPNType (required)",
    check: Check::Profile(check),
};

/// The types by the dictionary that only they need.
const DICTIONARIES: [(&str, &str); 6] = [
    ("VPN", "VPN"),
    ("IKEv2", "IKEv2"),
    ("AlwaysOn", "AlwaysOn"),
    ("TransparentProxy", "TransparentProxy"),
    ("PPP", "L2TP"),
    ("IPSec", "IPSec"),
];

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| !vpn.section().has(KEY)) {
        let section = vpn.section();
        let finding = Finding::value(section, KEY, "the VPN payload has no VPNType");
        let mut there = DICTIONARIES.iter().filter(|(name, _)| section.sub(name).is_some());
        // An IPSec dictionary beside PPP belongs to L2TP.
        let meant = match (there.next(), there.next(), there.next()) {
            (Some((_, kind)), None, None) | (Some((_, kind @ "L2TP")), Some(("IPSec", _)), None) => {
                Some(*kind)
            }
            _ => None,
        };
        out.say(match meant {
            Some(kind) => {
                let fix =
                    Change::Insert { path: section.path().steps(), key: KEY.into(), value: kind.into() };
                finding
                    .help(format!("its dictionary is that of VPNType {kind}"))
                    .fix(Fix::not_safe(format!("add VPNType {kind}"), fix))
            }
            None => finding.help("add the type that its settings are for"),
        });
    }
}
