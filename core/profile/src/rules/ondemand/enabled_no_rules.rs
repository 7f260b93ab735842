//! `ondemand.enabled-no-rules`.

use super::legacy_lists;
use super::lists::{Home, Switch};
use crate::rules::prelude::*;

const KEY: &str = "OnDemandRules";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.enabled-no-rules"),
    level: Level::Warning,
    title: "On demand is on, but nothing triggers it",
    what: prose(
        "OnDemandEnabled is 1, while OnDemandRules is missing or empty and none of the older OnDemandMatchDomains lists \
           is there. Per-app payloads are left out, since their apps trigger them; there only an \
           OnDemandMatchAppEnabled of false beside OnDemandEnabled 1 is told.",
    ),
    why: prose(
        "The device never starts the tunnel by itself. Settings shows Connect On Demand as on, which hides that.",
    ),
    mend: prose(
        "Add OnDemandRules; one rule with the Action Connect and no match key starts the tunnel on every network. Or \
           set OnDemandEnabled to 0.",
    ),
    source: "Apple device-management schema: OnDemandEnabled, OnDemandRules; applayer payload, OnDemandMatchAppEnabled \
             (without it OnDemandEnabled decides for the apps)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for list in cx.on_demand.iter().filter(|list| list.is_vpn() && !list.has_rules()) {
        let section = &list.section;
        let triggered_by_apps =
            matches!(list.home, Home::Vpn { per_app: true, .. }) && list.switch() != Switch::Off;
        if !section.is_on("OnDemandEnabled") || triggered_by_apps || legacy_lists::are_used(list) {
            continue;
        }
        let connect = || crate::build::Value::dict([("Action", "Connect".into())]);
        let value = crate::build::Value::Array(vec![connect()]);
        let change = Change::set(section, KEY, value);
        let empty = if section.has(KEY) { "OnDemandRules is empty" } else { "there are no OnDemandRules" };
        out.say(
            Finding::value(section, "OnDemandEnabled", format!("OnDemandEnabled is 1, but {empty}"))
                .help("add rules, or set OnDemandEnabled to 0")
                .fix(Fix::not_safe("add a rule that connects on every network", change)),
        );
    }
}
