//! `applayer.watch`.

use super::per_app;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.watch"),
    level: Level::Target,
    title: "An Apple Watch takes a per-app VPN only when it is supervised",
    what: prose(
        "A target is watchOS that is not supervised or older than 10, and the profile has a com.apple.vpn.managed.applayer \
           payload. Nothing is said without a watchOS target; that a watch takes IKEv2 only is said by vpn.type-platform.",
    ),
    why: prose(
        "watchOS takes this payload from a management server on supervised watches only. It rejects the payload.",
    ),
    mend: prose(
        "Make a profile of its own for watches, with VPNType IKEv2, and install it by MDM on supervised watches.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, supportedOS.watchOS and its description",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !cx.options.targets.iter().any(|target| target.platform == Platform::Watchos) {
        return;
    }
    for vpn in per_app(cx) {
        let watch = |target: &Target| {
            let fits = target.supervised && target.version.major >= 10;
            (target.platform == Platform::Watchos && !fits).then_some(Effect::Refused)
        };
        let Some(affected) = cx.affected(watch) else { return };
        let message = format!("{} takes no per-app VPN", affected.who);
        let help = "only supervised watches with watchOS 10 or later do, from a management server";
        out.say(Finding::value(vpn.section(), "PayloadType", message).severity(Severity::Error).help(help));
    }
}
