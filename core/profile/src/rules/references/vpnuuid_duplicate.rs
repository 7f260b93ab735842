//! `ref.vpnuuid-duplicate`.

use super::index::VPN_KEY;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.vpnuuid-duplicate"),
    level: Level::Error,
    title: "Two per-app VPNs share a VPNUUID",
    what: prose("Two com.apple.vpn.managed.applayer payloads of the profile have the same VPNUUID."),
    why: prose(
        "Apps and accounts name their VPN by this UUID. With two of the same it is open which tunnel an app gets, if \
          any.",
    ),
    mend: prose("Give each per-app VPN a VPNUUID of its own and bind each app to the one that is meant."),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, VPNUUID (globally unique)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for same in cx.references().shared_per_app() {
        let Some((first, rest)) = same.split_first() else { continue };
        for payload in rest {
            out.say(
                Finding::value(&payload.section, VPN_KEY, "another per-app VPN has the same VPNUUID")
                    .help("give it a new UUID, and bind its apps to that")
                    .related(first.section.span_of(VPN_KEY), "the first one"),
            );
        }
    }
}
