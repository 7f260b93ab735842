//! `ondemand.empty-match`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.empty-match"),
    level: Level::Warning,
    title: "An empty list to match against",
    what: prose(
        "SSIDMatch, DNSDomainMatch, DNSServerAddressMatch or the Domains of an element of ActionParameters is an empty \
           array.",
    ),
    why: prose(
        "A match succeeds when one entry of the list matches, and an empty list has none: the rule never matches. A \
          console may have written the list empty where it should have left the key out, which means the opposite.",
    ),
    mend: prose(
        "Take the key out to match everything, or fill the list. Domains must name at least one domain.",
    ),
    source: "own judgement, from the keys' descriptions in Apple's device-management schema",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, rule) in cx.on_demand_rules() {
        for key in ["SSIDMatch", "DNSDomainMatch", "DNSServerAddressMatch"] {
            if is_empty(&rule.section, key) {
                out.say(
                    Finding::value(
                        &rule.section,
                        key,
                        format!("{key} is empty: {} never matches", rule.name()),
                    )
                    .help("take the key out to match everything, or fill the list")
                    .unsafe_remove(format!("take {key} out")),
                );
            }
        }
    }
    for element in cx.on_demand_parameters() {
        if is_empty(element, "Domains") {
            out.say(
                Finding::value(element, "Domains", "Domains is empty: the element applies to no host")
                    .help("name the domains it is for, or take the element out"),
            );
        }
    }
}

fn is_empty(section: &Section<'_>, key: &str) -> bool {
    section.node(key).is_some_and(|node| node.as_array() == Some(&[]))
}
