//! `vpn.personal-vs-managed`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.personal-vs-managed"),
    level: Level::Explain,
    title: "A managed VPN goes before a personal one",
    what: prose("The profile brings a VPN for the whole device. That is explained, not judged."),
    why: prose(
        "A VPN from a profile is a managed one. When it and a Personal VPN that an app has set up are both connected and \
          both want to be the default route, the managed one wins. Personal VPN speaks IPSec and IKEv2 only, so apps of \
          other kinds install managed-style configurations of their own.",
    ),
    mend: prose(
        "Nothing needs mending. To keep personal VPNs away altogether, an MDM restriction can forbid them.",
    ),
    source: "Apple: documentation of Personal VPN and of VPN configurations from profiles",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| !vpn.per_app && vpn.kind.is_some_and(|kind| kind != "PPTP")) {
        out.say(
            Finding::value(
                vpn.section(),
                "VPNType",
                "as a managed VPN it goes before a Personal VPN that also wants to be the default route",
            )
            .help("a Personal VPN stays connected beside it, and routes only what the managed one does not take"),
        );
    }
}
