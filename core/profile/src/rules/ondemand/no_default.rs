//! `ondemand.no-default`.

use super::interface;
use super::lists::{OnDemand, Switch};
use super::reach::Criteria;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.no-default"),
    level: Level::Notice,
    title: "No rule for the networks that none of the rules matches",
    what: prose(
        "No on-demand rule is without match keys, and there is not one for each kind of interface either.",
    ),
    why: prose(
        "What a system does on a network that no rule matches is not documented in full: the tunnel is left as it is, so \
          one that was started on the last network may stay up or stay down.",
    ),
    mend: prose(
        "End the list with a rule that has an Action and nothing else: Connect, Disconnect or Ignore.",
    ),
    source: "own judgement; Apple's Configuration Profile Reference does not guarantee the default",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for list in &cx.on_demand {
        if list.rules.is_empty() || !list.complete || list.switch() != Switch::On || has_default(list, cx) {
            continue;
        }
        out.say(
            Finding::key(&list.section, "OnDemandRules", "no rule says what happens on other networks")
                .help("end the list with a rule that has an Action and no match key"),
        );
    }
}

/// Whether each network is matched, or nobody can tell.
fn has_default(list: &OnDemand<'_>, cx: &Context<'_>) -> bool {
    let mut interfaces = Vec::new();
    for rule in &list.rules {
        let criteria = Criteria::of(rule, list.home);
        match criteria.only_interface() {
            _ if !criteria.is_clear() => return true,
            Some(None) => return true,
            Some(Some(word)) => interfaces.push(word),
            None => {}
        }
    }
    let targets = &cx.options.targets;
    ["WiFi", "Cellular", "Ethernet"].into_iter().all(|word| {
        let there =
            targets.is_empty() || targets.iter().any(|target| interface::exists(word, target.platform));
        !there || interfaces.contains(&word)
    })
}
