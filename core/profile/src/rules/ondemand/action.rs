//! `ondemand.action` and `ondemand.dnssettings-actions`.

use super::lists::{Home, OnDemandRule};
use crate::rules::prelude::*;
use crate::rules::words::{self, Word};
use crate::syntax::shorten;

const KEY: &str = "Action";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.action"),
    level: Level::Error,
    title: "An on-demand rule has no Action that exists",
    what: prose(
        "The Action of a rule is missing or is none of Connect, Disconnect, EvaluateConnection, Ignore and Allow, \
           spelled exactly so. The rules of DNS settings know the first three.",
    ),
    why: prose(
        "Action is required: a system refuses the payload, or drops the rule and lets a later one decide.",
    ),
    mend: prose("Write one of the actions, with its capital letters."),
    source: "Apple device-management schema: OnDemandRules, Action (required; its list of values)",
    check: Check::Profile(check),
};

pub(super) static DNS_SETTINGS_RULE: Rule = Rule {
    code: Code::new("ondemand.dnssettings-actions"),
    level: Level::Error,
    title: "A rule of DNS settings has an action only a VPN has",
    what: prose("A rule in a com.apple.dnsSettings.managed payload has the Action Ignore or Allow."),
    why: prose(
        "DNS settings are either applied or not; their rules take Connect (apply), Disconnect (do not) and \
          EvaluateConnection (apply but for some domains). A system refuses the payload or drops the rule.",
    ),
    mend: prose("Write Disconnect where the settings are not to be used, else Connect."),
    source: "Apple device-management schema: com.apple.dnsSettings.managed, OnDemandRules, Action",
    check: Check::Profile(check_dns_settings),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules() {
        if !rule.section.has(KEY) {
            out.say(
                Finding::value(&rule.section, KEY, format!("{} has no Action", rule.name()))
                    .help(format!("add Action: {}", words::any_of(list.home.actions()))),
            );
        } else if foreign(list.home, rule).is_none() {
            words::expect(&rule.section, KEY, list.home.actions(), out);
        }
    }
}

fn check_dns_settings(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules() {
        let Some(action) = foreign(list.home, rule) else { continue };
        let message = format!("DNS settings have no action {}", shorten(action));
        out.say(
            Finding::value(&rule.section, KEY, message)
                .help("write Disconnect where the settings are not to be used, else Connect"),
        );
    }
}

/// An action that rules of a VPN have and these have not.
fn foreign<'a>(home: Home, rule: &OnDemandRule<'a>) -> Option<&'a str> {
    let action = rule.action.filter(|_| home == Home::DnsSettings)?.value;
    Word::of(action, &["Ignore", "Allow"]).meant().map(|_| action)
}
