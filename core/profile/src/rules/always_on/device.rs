//! Which devices take Always On: `alwayson.supervised`, `alwayson.scope`, `alwayson.watch-pairing`.

use super::always_on;
use crate::rules::prelude::*;

const SCOPE: &str = "PayloadScope";

pub(super) static SUPERVISED_RULE: Rule = Rule {
    code: Code::new("alwayson.supervised"),
    level: Level::Target,
    title: "Always On needs a supervised device",
    what: prose(
        "A payload has the VPNType AlwaysOn, and a target is iOS that is not supervised. Without a target: any such \
           payload.",
    ),
    why: prose(
        "iOS takes Always On only on supervised iPhones and iPads and only for the whole device. Others refuse the \
          profile.",
    ),
    mend: prose("Supervise the devices, or use IKEv2 with on-demand rules and IncludeAllNetworks."),
    source: "Apple device-management documentation and 27.0 schema text; help.ivanti.com: Always-on VPN (supervised only)",
    check: Check::Profile(check_supervised),
};

pub(super) static SCOPE_RULE: Rule = Rule {
    code: Code::new("alwayson.scope"),
    level: Level::Error,
    title: "Always On for one user",
    what: prose("A profile with a payload of VPNType AlwaysOn has the PayloadScope User."),
    why: prose("Always On is the tunnel of the whole device and is installed on the device channel only."),
    mend: prose("Set PayloadScope to System, or take it out."),
    source: "own judgement, from Apple's description of Always On VPN",
    check: Check::Profile(check_scope),
};

pub(super) static WATCH_RULE: Rule = Rule {
    code: Code::new("alwayson.watch-pairing"),
    level: Level::Notice,
    title: "Always On cuts off a paired Apple Watch",
    what: prose("A payload has the VPNType AlwaysOn."),
    why: prose(
        "All traffic of the phone goes into the tunnel, also what it exchanges with its watch: a paired Apple Watch loses \
          contact with the phone.",
    ),
    mend: prose("Leave phones with a watch out, or use IKEv2 with on-demand rules for them."),
    source: "Apple device-management schema: VPNType, AlwaysOn",
    check: Check::Profile(check_watch),
};

fn check_supervised(cx: &Context<'_>, out: &mut Sink<'_>) {
    let refuses =
        |target: &Target| (target.platform == Platform::Ios && !target.supervised).then_some(Effect::Refused);
    let Some(affected) = cx.affected(refuses) else { return };
    for (vpn, _) in always_on(cx) {
        let message = if affected.who.is_empty() {
            "only supervised iPhones and iPads take Always On".to_owned()
        } else {
            format!("{} takes Always On only when it is supervised", affected.who)
        };
        out.say(
            Finding::value(vpn.section(), "VPNType", message)
                .severity(affected.severity)
                .help("supervise the devices, or use IKEv2 with on-demand rules"),
        );
    }
}

fn check_scope(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let user = root.str(SCOPE).is_some_and(|scope| scope.value.eq_ignore_ascii_case("User"));
    let Some((vpn, _)) = always_on(cx).next().filter(|_| user) else { return };
    out.say(
        Finding::value(root, SCOPE, "PayloadScope is User, but Always On is the tunnel of the whole device")
            .help("write System")
            .related(vpn.section().span_of("VPNType"), "this VPN is Always On")
            .unsafe_replace("write System", "System"),
    );
}

fn check_watch(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (vpn, _) in always_on(cx) {
        out.say(
            Finding::value(
                vpn.section(),
                "VPNType",
                "with Always On a paired Apple Watch loses contact with the phone",
            )
            .help("leave phones with a paired watch out, or use IKEv2 with on-demand rules for them"),
        );
    }
}
