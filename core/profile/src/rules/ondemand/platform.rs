//! `ondemand.watch` and `ondemand.override-platform`.

use super::lists::Home;
use crate::rules::prelude::*;

const OVERRIDE: &str = "OnDemandUserOverrideDisabled";

pub(super) static WATCH_RULE: Rule = Rule {
    code: Code::new("ondemand.watch"),
    level: Level::Target,
    title: "On-demand rules that watchOS does not know",
    what: prose(
        "watchOS is a target, and a rule of an IKEv2 dictionary has another Action than Disconnect, or \
           URLStringProbe. Without watchOS among the targets nothing is said, since nearly every profile would be told.",
    ),
    why: prose(
        "watchOS knows only the action Disconnect and takes neither probes nor ActionParameters: such a rule has no \
          effect on the watch, and a rule with a probe may match more than it says.",
    ),
    mend: prose(
        "Keep rules with Disconnect only in a profile for the watch, or send the watch a profile of its own.",
    ),
    source: "Apple device-management schema: OnDemandRules, Action, ActionParameters, URLStringProbe (watchOS)",
    check: Check::Profile(check_watch),
};

pub(super) static OVERRIDE_RULE: Rule = Rule {
    code: Code::new("ondemand.override-platform"),
    level: Level::Target,
    title: "OnDemandUserOverrideDisabled on macOS",
    what: prose("OnDemandUserOverrideDisabled is 1, which macOS does not know."),
    why: prose("macOS ignores the key: its users can turn Connect On Demand off."),
    mend: prose(
        "Do not count on it on macOS; there the user's rights are a matter of the management of the Mac.",
    ),
    source: "Apple device-management schema: OnDemandUserOverrideDisabled (macOS: not available)",
    check: Check::Profile(check_override),
};

fn check_watch(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    let effect = |target: &Target| (target.platform == Platform::Watchos).then_some(Effect::Ignored);
    let Some(affected) = cx.affected(effect) else { return };
    for (list, rule) in cx.on_demand_rules() {
        if !matches!(list.home, Home::Vpn { kind: "IKEv2", .. }) {
            continue;
        }
        if let Some(action) = rule.meant(list.home).filter(|action| *action != "Disconnect") {
            let message = format!("{} knows only the action Disconnect, not {action}", affected.who);
            out.say(
                Finding::value(&rule.section, "Action", message)
                    .severity(affected.severity)
                    .help("write Disconnect, or leave the rule out of a profile for the watch"),
            );
        }
        if rule.section.has("URLStringProbe") {
            out.say(
                Finding::key(
                    &rule.section,
                    "URLStringProbe",
                    format!("{} does not probe URLs", affected.who),
                )
                .severity(affected.severity)
                .help("leave the rule out of a profile for the watch"),
            );
        }
    }
}

fn check_override(cx: &Context<'_>, out: &mut Sink<'_>) {
    let effect = |target: &Target| (target.platform == Platform::Macos).then_some(Effect::Ignored);
    let Some(affected) = cx.affected(effect) else { return };
    for list in &cx.on_demand {
        if !matches!(list.home, Home::Vpn { kind: "IKEv2" | "VPN", .. }) || !list.section.is_on(OVERRIDE) {
            continue;
        }
        let who = if affected.who.is_empty() { "macOS" } else { affected.who.as_str() };
        out.say(
            Finding::key(&list.section, OVERRIDE, format!("{who} ignores {OVERRIDE}"))
                .severity(affected.severity)
                .help("users of a Mac can turn Connect On Demand off all the same"),
        );
    }
}
