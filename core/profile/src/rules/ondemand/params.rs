//! `ondemand.evaluate-needs-params`, `ondemand.params-ignored`, `ondemand.params-shape`.

use crate::rules::prelude::*;

const KEY: &str = "ActionParameters";

pub(super) static MISSING_RULE: Rule = Rule {
    code: Code::new("ondemand.evaluate-needs-params"),
    level: Level::Error,
    title: "EvaluateConnection without ActionParameters",
    what: prose("A rule has the Action EvaluateConnection, and ActionParameters is missing or empty."),
    why: prose(
        "There is nothing to evaluate: the rule decides on its networks that no host ever needs the tunnel, and a system \
          may refuse the payload.",
    ),
    mend: prose(
        "Add ActionParameters: an array of dictionaries with Domains and DomainAction. To start the tunnel for every host \
           write Connect instead.",
    ),
    source: "Apple device-management schema: OnDemandRules, Action and ActionParameters",
    check: Check::Profile(check_missing),
};

pub(super) static IGNORED_RULE: Rule = Rule {
    code: Code::new("ondemand.params-ignored"),
    level: Level::Warning,
    title: "ActionParameters beside another action than EvaluateConnection",
    what: prose("A rule has ActionParameters, but its Action is not EvaluateConnection."),
    why: prose(
        "The parameters are ignored: a rule that connects does so for every host, one that disconnects for none.",
    ),
    mend: prose("Write EvaluateConnection if the domains matter, else take ActionParameters out."),
    source: "Apple device-management schema: OnDemandRules, ActionParameters (only with EvaluateConnection)",
    check: Check::Profile(check_ignored),
};

pub(super) static SHAPE_RULE: Rule = Rule {
    code: Code::new("ondemand.params-shape"),
    level: Level::Error,
    title: "ActionParameters is a dictionary",
    what: prose("ActionParameters holds a dictionary where an array of dictionaries must stand."),
    why: prose(
        "Systems read an array. Apple's own schema said dictionary until its 17.4 release, and profiles were written by it; \
          the errata say that it always was an array.",
    ),
    mend: prose("Put the dictionary into an array."),
    source: "Apple device-management schema: errata for iOS 17 / macOS 14, ActionParameters",
    check: Check::Profile(check_shape),
};

fn check_missing(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules() {
        let section = &rule.section;
        let empty = section.node(KEY).is_some_and(|node| node.as_array() == Some(&[]));
        if rule.meant(list.home) != Some("EvaluateConnection") || (section.has(KEY) && !empty) {
            continue;
        }
        let finding = if empty {
            let message = "ActionParameters is empty, so EvaluateConnection has nothing to evaluate";
            Finding::value(section, KEY, message)
        } else {
            let parameter = crate::build::Value::dict([
                ("Domains", crate::build::Value::Array(vec!["example.com".into()])),
                ("DomainAction", "ConnectIfNeeded".into()),
            ]);
            let value = crate::build::Value::Array(vec![parameter]);
            let change = Change::Insert { path: section.path().steps(), key: KEY.into(), value };
            Finding::value(section, "Action", "EvaluateConnection needs ActionParameters")
                .fix(Fix::display_only("add ActionParameters with your domains", change))
        };
        out.say(finding.help("list the domains and what to do for them, or write Connect"));
    }
}

fn check_ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules() {
        let Some(action) = rule.meant(list.home).filter(|action| *action != "EvaluateConnection") else {
            continue;
        };
        let section = &rule.section;
        if !section.has(KEY) {
            continue;
        }
        let evaluate =
            Change::Replace { path: section.path_of("Action").steps(), value: "EvaluateConnection".into() };
        out.say(
            Finding::key(section, KEY, format!("ActionParameters is ignored, since the action is {action}"))
                .help("write EvaluateConnection, or take ActionParameters out")
                .related(section.span_of("Action"), format!("the action is {action}"))
                .fix(Fix::not_safe("write EvaluateConnection", evaluate))
                .unsafe_remove("take ActionParameters out"),
        );
    }
}

fn check_shape(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules().filter(|(list, rule)| rule.evaluates(list.home)) {
        let section = &rule.section;
        if section.sub(KEY).is_none() {
            continue;
        }
        let change = Change::Wrap { path: section.path_of(KEY).steps() };
        let noun = if list.is_vpn() { "the VPN's" } else { "the DNS settings'" };
        out.say(
            Finding::value(
                section,
                KEY,
                "ActionParameters is a dictionary, it must be an array of dictionaries",
            )
            .help(format!("put {noun} parameters into an <array>"))
            .fix(Fix::safe("put the dictionary into an array", change)),
        );
    }
}
