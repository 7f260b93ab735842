//! `ikev2.nat-alwayson-only`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.nat-alwayson-only"),
    level: Level::Notice,
    title: "NAT keepalive keys outside an Always On VPN",
    what: prose(
        "NATKeepAliveInterval or NATKeepAliveOffloadEnable stands in the IKEv2 dictionary of a VPN that is not Always On.",
    ),
    why: prose(
        "Apple describes both for Always On VPNs, where the hardware keeps the mapping alive while the device sleeps. For \
          other VPNs no effect is documented.",
    ),
    mend: prose("Nothing, or leave them out."),
    source: "Apple documentation of the VPN payload: IKEv2.NATKeepAliveOffloadEnable, IKEv2.NATKeepAliveInterval",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.always_on) {
        let settings = &tunnel.settings;
        let mut found =
            ["NATKeepAliveInterval", "NATKeepAliveOffloadEnable"].into_iter().filter(|key| settings.has(key));
        let Some(key) = found.next() else { continue };
        let mut finding = Finding::key(settings, key, format!("{key} is documented for Always On VPNs only"))
            .help("it may have no effect here");
        if let Some(other) = found.next() {
            finding = finding.related(settings.key_span(other), "this one too");
        }
        out.say(finding);
    }
}
