//! `ondemand.unreachable`.

use super::lists::OnDemand;
use super::reach::{Budget, Criteria};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.unreachable"),
    level: Level::Warning,
    title: "An on-demand rule that never decides",
    what: prose(
        "A rule stands after one that matches wherever it does: after a rule without any match key, or after one whose \
           match keys are the same or wider (an SSID list that holds all of its SSIDs, *.example.com before \
           *.lab.example.com, 10.* before 10.1.*, WiFi before a list of SSIDs). Said only where no network exists that \
           reaches the rule.",
    ),
    why: prose(
        "Rules are tried in order and the first that matches decides, so this one has no effect on any network.",
    ),
    mend: prose("Put the special rules first and the general ones last, or take the rule out."),
    source: "Apple device-management schema: OnDemandRules (the first rule that matches decides)",
    check: Check::Profile(check),
};

/// How many rules of a list are compared with later ones; what matches everywhere counts wherever it stands.
const COMPARED: usize = 128;

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let watch = cx.options.targets.iter().any(|target| target.platform == Platform::Watchos);
    for list in cx.on_demand.iter().filter(|list| list.rules.len() > 1) {
        check_list(list, watch, out);
    }
}

fn check_list(list: &OnDemand<'_>, watch: bool, out: &mut Sink<'_>) {
    let mut budget = Budget::new();
    let mut earlier: Vec<(usize, Criteria<'_>)> = Vec::new();
    let mut catch_all: Option<usize> = None;
    for (place, rule) in list.rules.iter().enumerate() {
        let criteria = Criteria::of(rule, list.home);
        let by = catch_all.or_else(|| {
            let covers =
                |(_, earlier): &&(usize, Criteria<'_>)| earlier.covers(&criteria, list.home, &mut budget);
            earlier.iter().find(covers).map(|(place, _)| *place)
        });
        if let Some(by) = by.and_then(|by| list.rules.get(by)) {
            let everywhere = catch_all.is_some_and(|catch_all| {
                list.rules.get(catch_all).is_some_and(|rule| rule.index == by.index)
            });
            let reason = if everywhere { "matches on every network" } else { "matches wherever it does" };
            let message =
                format!("{} is never reached: {} {reason} and decides first", rule.name(), by.name());
            out.say(
                Finding::section(&rule.section, message)
                    .help(format!("move {} before {}, or take it out", rule.name(), by.name()))
                    .related(by.head(), format!("{} {reason}", by.name()))
                    .unsafe_remove(format!("take {} out", rule.name())),
            );
            continue;
        }
        // A watch passes over every rule that does not disconnect.
        if watch && rule.meant(list.home) != Some("Disconnect") {
            continue;
        }
        if catch_all.is_none() && criteria.is_catch_all() {
            catch_all = Some(place);
        } else if earlier.len() < COMPARED {
            earlier.push((place, criteria));
        }
    }
}
