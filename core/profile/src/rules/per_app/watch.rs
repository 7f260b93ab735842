//! `applayer.watch`.

use super::per_app;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.watch"),
    level: Level::Target,
    title: "An Apple Watch takes a per-app VPN only when it is IKEv2 and the watch is supervised",
    what: "A target is watchOS, and a com.apple.vpn.managed.applayer payload is of another VPNType than IKEv2, or the \
           target is not supervised or older than watchOS 10. Nothing is said without a watchOS target.",
    why: "watchOS has no providers of apps and no IKEv1, and takes this payload from a management server on supervised \
          watches only. It rejects the payload.",
    mend: "Make a profile of its own for watches, with VPNType IKEv2, and install it by MDM on supervised watches.",
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, supportedOS.watchOS and its description",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !cx.options.targets.iter().any(|target| target.platform == Platform::Watchos) {
        return;
    }
    for vpn in per_app(cx) {
        let Some(kind) = vpn.kind else { continue };
        let (message, help) = if kind != "IKEv2" {
            let watch = |target: &Target| (target.platform == Platform::Watchos).then_some(Effect::Refused);
            let Some(affected) = cx.affected(watch) else { continue };
            (
                format!("{} takes only IKEv2 per-app VPNs, this one is {kind}", affected.who),
                "use VPNType IKEv2",
            )
        } else {
            let watch = |target: &Target| {
                let fits = target.supervised && target.version.major >= 10;
                (target.platform == Platform::Watchos && !fits).then_some(Effect::Refused)
            };
            let Some(affected) = cx.affected(watch) else { continue };
            let message = format!("{} takes no per-app VPN", affected.who);
            (message, "only supervised watches with watchOS 10 or later do, from a management server")
        };
        out.say(Finding::value(vpn.section(), "VPNType", message).severity(Severity::Error).help(help));
    }
}
