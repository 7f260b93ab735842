//! `applayer.vpnuuid-missing`.

use super::per_app;
use crate::rules::prelude::*;

const KEY: &str = "VPNUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.vpnuuid-missing"),
    level: Level::Error,
    title: "A per-app VPN has no VPNUUID",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has no VPNUUID, or an empty one. It is not the PayloadUUID.",
    ),
    why: prose(
        "The VPNUUID is what managed apps, the app mapping, and mail, calendar and contacts accounts point at. A system \
          rejects the payload without it.",
    ),
    mend: prose("Add VPNUUID with a UUID of its own (uuidgen), and name it in the app attributes."),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, VPNUUID (required)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in per_app(cx) {
        let section = vpn.section();
        let empty = section.str(KEY).is_some_and(|uuid| uuid.value.trim().is_empty());
        if empty || !section.has(KEY) {
            let message = if empty { "VPNUUID is empty" } else { "the per-app VPN has no VPNUUID" };
            let finding = Finding::value(section, KEY, message);
            out.say(finding.help("add a UUID of its own, by which apps and accounts name this VPN"));
        }
    }
}
