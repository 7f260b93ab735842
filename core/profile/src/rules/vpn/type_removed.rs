//! `vpn.type-removed`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.type-removed"),
    level: Level::Error,
    title: "PPTP is gone",
    what: prose("VPNType is PPTP."),
    why: prose(
        "iOS 10 and macOS 10.12 removed PPTP, and no later platform ever had it. The payload is refused.",
    ),
    mend: prose(
        "Move the server to IKEv2 and write an IKEv2 payload. Where the server speaks L2TP over IPsec, VPNType L2TP still \
           works on iOS, macOS and visionOS.",
    ),
    source: "Apple device-management: errata of the VPN payload (PPTP unsupported since iOS 10 and macOS 10.12)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| vpn.kind == Some("PPTP")) {
        out.say(
            Finding::value(
                vpn.section(),
                "VPNType",
                "PPTP is supported by no system since iOS 10 and macOS 10.12",
            )
            .help("use IKEv2; L2TP where the server knows nothing else"),
        );
    }
}
