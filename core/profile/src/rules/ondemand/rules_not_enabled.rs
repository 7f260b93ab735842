//! `ondemand.rules-not-enabled`.

use super::lists::Switch;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.rules-not-enabled"),
    level: Level::Warning,
    title: "On-demand rules are there, but on demand is off",
    what: prose(
        "OnDemandRules has rules, while OnDemandEnabled is missing or 0. In a per-app payload \
           OnDemandMatchAppEnabled decides where it is there.",
    ),
    why: prose(
        "No rule is looked at: the tunnel is neither started nor stopped by itself, unless the user turns on Connect On \
          Demand in Settings.",
    ),
    mend: prose("Set OnDemandEnabled to 1 in the same dictionary, or take the rules out."),
    source: "Apple device-management schema: OnDemandEnabled (default 0), OnDemandMatchAppEnabled",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for list in cx.on_demand.iter().filter(|list| list.has_rules() && list.switch() == Switch::Off) {
        let (section, key) = list.switched_by();
        let on: crate::build::Value = if key == "OnDemandEnabled" { 1_i64.into() } else { true.into() };
        let finding = if section.has(key) {
            let message = format!("{key} is off, so OnDemandRules has no effect");
            Finding::value(section, key, message).unsafe_replace(format!("turn {key} on"), on)
        } else {
            let change = Change::Insert { path: section.path().steps(), key: key.to_owned(), value: on };
            let message = format!("OnDemandRules has no effect without {key}");
            Finding::key(section, "OnDemandRules", message).fix(Fix::not_safe(format!("add {key}"), change))
        };
        out.say(
            finding.help(format!("set {key} to {}", if key == "OnDemandEnabled" { "1" } else { "true" })),
        );
    }
}
