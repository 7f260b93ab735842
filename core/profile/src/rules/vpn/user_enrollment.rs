//! `vpn.user-enrollment`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.user-enrollment"),
    level: Level::Target,
    title: "A whole-device VPN under user enrollment",
    what: prose(
        "A com.apple.vpn.managed payload, and a target that is under user enrollment. Nothing is said without such a \
           target.",
    ),
    why: prose(
        "Under user enrollment the device is the user's own, and the organization may tunnel the traffic of its apps but \
          not that of the device. The payload is refused.",
    ),
    mend: prose("Use com.apple.vpn.managed.applayer (per-app VPN) and bind the managed apps to it."),
    source: "Apple device-management schema: com.apple.vpn.managed, userenrollment forbidden",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    for vpn in cx.vpns.iter().filter(|vpn| !vpn.per_app) {
        let effect = |target: &Target| target.user_enrollment.then_some(Effect::Refused);
        let Some(affected) = cx.affected(effect) else { continue };
        let message = format!("{} refuses a VPN for the whole device", affected.who);
        out.say(
            Finding::value(vpn.section(), "PayloadType", message)
                .severity(affected.severity)
                .help("use com.apple.vpn.managed.applayer, which tunnels managed apps"),
        );
    }
}
