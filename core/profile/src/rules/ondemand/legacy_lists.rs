//! `ondemand.legacy-lists`.

use super::lists::{Home, OnDemand};
use crate::rules::prelude::*;

const KEYS: [&str; 3] =
    ["OnDemandMatchDomainsAlways", "OnDemandMatchDomainsNever", "OnDemandMatchDomainsOnRetry"];

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.legacy-lists"),
    level: Level::Notice,
    title: "Domain lists of before iOS 7",
    what: prose(
        "A VPN or IPSec dictionary has OnDemandMatchDomainsAlways, OnDemandMatchDomainsNever or \
           OnDemandMatchDomainsOnRetry; or another dictionary has them, where they are not defined (a warning).",
    ),
    why: prose(
        "The lists are deprecated since iOS 7, where Always already means the same as OnRetry. Where OnDemandRules \
          stand beside them they count only for rules with the Action Allow. IKEv2 and TransparentProxy ignore them.",
    ),
    mend: prose(
        "Write OnDemandRules with one EvaluateConnection rule: the domains of Never first with NeverConnect, those of \
           the other two with ConnectIfNeeded.",
    ),
    source: "Apple device-management schema: OnDemandMatchDomainsAlways, -Never, -OnRetry (deprecated in iOS 7)",
    check: Check::Profile(check),
};

/// Whether the lists decide something: they are defined there, and one has something in it.
pub(super) fn are_used(list: &OnDemand<'_>) -> bool {
    let filled = |key: &&str| list.section.node(key).is_some_and(|node| node.as_array() != Some(&[]));
    defines(list.home) && KEYS.iter().any(filled)
}

fn defines(home: Home) -> bool {
    matches!(home, Home::Vpn { kind: "VPN" | "IPSec", .. })
}

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for list in cx.on_demand.iter().filter(|list| list.is_vpn()) {
        let Home::Vpn { kind, .. } = list.home else { continue };
        let section = &list.section;
        for key in KEYS.into_iter().filter(|key| section.has(key)) {
            let allows =
                list.rules.iter().any(|rule| rule.meant(list.home).is_none_or(|action| action == "Allow"));
            let finding = if !defines(list.home) {
                Finding::key(section, key, format!("the {kind} dictionary has no key {key}: it is ignored"))
                    .severity(Severity::Warning)
            } else if list.has_rules() && !allows {
                Finding::key(section, key, format!("{key} is ignored, since there are OnDemandRules"))
                    .related(section.key_span("OnDemandRules"), "these decide")
            } else {
                Finding::key(section, key, format!("{key} is deprecated since iOS 7"))
            };
            out.say(finding.help("write a rule with EvaluateConnection and ActionParameters instead"));
        }
    }
}
