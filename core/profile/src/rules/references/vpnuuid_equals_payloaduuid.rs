//! `ref.vpnuuid-equals-payloaduuid`.

use super::index::VPN_KEY;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.vpnuuid-equals-payloaduuid"),
    level: Level::Notice,
    title: "VPNUUID is the payload's own UUID",
    what: prose("VPNUUID of a per-app VPN payload equals its PayloadUUID."),
    why: prose(
        "Systems take it. But the two are different things: PayloadUUID may change with each edition of the profile, \
          while apps stay bound to VPNUUID.",
    ),
    mend: prose("Give the connection a VPNUUID of its own, and keep it when the profile is written anew."),
    source: "Own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| vpn.per_app) {
        let section = vpn.section();
        let (Some(vpn), Some(payload)) = (section.str(VPN_KEY), section.str("PayloadUUID")) else { continue };
        if !vpn.value.trim().is_empty() && vpn.value.trim().eq_ignore_ascii_case(payload.value.trim()) {
            out.say(
                Finding::value(section, VPN_KEY, "VPNUUID equals the PayloadUUID of its payload")
                    .help("give the connection a UUID of its own, unless apps are bound to this one already")
                    .related(payload.span, "the PayloadUUID"),
            );
        }
    }
}
