//! `route.kill-switch-hint`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("route.kill-switch-hint"),
    level: Level::Notice,
    title: "Traffic may leave before the tunnel is up",
    what: prose(
        "A VPN or IKEv2 connection for the whole device has OnDemandEnabled 1 and a rule with the action Connect, while \
           IncludeAllNetworks is not 1. App proxies and per-app VPNs are left out.",
    ),
    why: prose(
        "On demand starts the tunnel at the first traffic and again after an interruption. Until it stands, and on routes \
          that it does not take, traffic goes out without it.",
    ),
    mend: prose(
        "When nothing may leave outside the tunnel, set IncludeAllNetworks to 1. When on demand is for convenience, leave \
           it as it is.",
    ),
    source: "Own judgement; Apple: IncludeAllNetworks",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| !vpn.per_app && matches!(vpn.kind, Some("VPN" | "IKEv2"))) {
        let Some(settings) = &vpn.settings else { continue };
        let proxy = settings.str("ProviderType").is_some_and(|kind| kind.value == "app-proxy");
        if proxy || !settings.is_on("OnDemandEnabled") || !settings.is_off("IncludeAllNetworks") {
            continue;
        }
        let rules = settings.sections("OnDemandRules");
        let connect =
            rules.iter().find(|rule| rule.str("Action").is_some_and(|word| word.value == "Connect"));
        if let Some(rule) = connect {
            let message = "on demand connects, but traffic may leave before the tunnel is up";
            out.say(
                Finding::value(settings, "OnDemandEnabled", message)
                    .help("set IncludeAllNetworks to 1 where nothing may leave outside the tunnel")
                    .related(rule.span_of("Action"), "this rule connects"),
            );
        }
    }
}
