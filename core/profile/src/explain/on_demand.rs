//! What happens on each network.

use crate::gather::Gather as _;
use crate::ondemand::{Action, DomainAction, Rule, Rules, url_without_credentials};
use crate::report::{Problems, Severity};
use crate::rules::Vpn;

use super::{Part, capital, list, quote};

/// How many rules are told one by one.
const MAX_RULES: usize = 50;

/// The on-demand rules as data, for a drawing: URLs show no credentials.
pub(super) fn rules(vpn: &Vpn<'_>) -> Option<Rules> {
    let mut rules = Rules::of_payload(vpn.payload, &mut Problems::default())?;
    let plain = |found: &mut Option<String>| {
        if let Some(url) = found {
            *url = url_without_credentials(url);
        }
    };
    for rule in &mut rules.rules {
        plain(&mut rule.probe_url);
        if let Action::EvaluateConnection(parameters) = &mut rule.action {
            parameters.iter_mut().for_each(|one| plain(&mut one.probe_url));
        }
    }
    Some(rules)
}

/// The on-demand rules in words.
pub(super) fn explain(vpn: &Vpn<'_>) -> Part {
    Part { title: "When it connects", lines: lines(vpn) }
}

fn lines(vpn: &Vpn<'_>) -> Vec<String> {
    if vpn.kind == Some("AlwaysOn") {
        return vec!["Always; there is nothing to switch on.".into()];
    }
    if matches!(vpn.kind, Some("L2TP" | "PPTP")) {
        return vec!["When the user starts it: L2TP has no on-demand rules.".into()];
    }
    let mut problems = Problems::default();
    let Some(rules) = Rules::of_payload(vpn.payload, &mut problems) else {
        let problems = problems.into_vec();
        let why = problems.iter().find(|found| found.severity == Severity::Error);
        let why = why.map_or_else(String::new, |found| format!(": {}", found.message));
        return vec![format!("The on-demand rules cannot be read{why}.")];
    };
    if !rules.enabled {
        return vec!["When the user (or an app) starts it; it never connects by itself.".into()];
    }
    let mut lines = Vec::new();
    for (place, rule) in rules.rules.iter().take(MAX_RULES).enumerate() {
        lines.push(format!("{}. {}: {}.", place + 1, when(rule), what(&rule.action)));
    }
    if rules.rules.len() > MAX_RULES {
        lines.push(format!("And {} more rules.", rules.rules.len() - MAX_RULES));
    }
    if rules.rules.is_empty() {
        lines.push(
            "On demand is on, without rules: the lists of before iOS 7 decide, if there are any.".into(),
        );
    } else if !rules.rules.iter().any(Rule::holds_everywhere) {
        lines.push("On any other network the tunnel stays as it is.".into());
    }
    if rules.user_override_disabled {
        lines.push("The user cannot switch on demand off.".into());
    }
    lines
}

fn when(rule: &Rule) -> String {
    let mut conditions = Vec::new();
    if let Some(interface) = rule.interface {
        conditions.push(format!("on {}", interface.name()));
    }
    let entries = |entries: &Option<crate::ondemand::Entries>, what: &str| {
        entries.as_ref().map(|entries| {
            let names: Vec<String> = entries.values.iter().take(8).map(|name| quote(name)).gather();
            let more = entries.values.len().saturating_sub(8);
            let more = if more > 0 { format!(" or {more} more") } else { String::new() };
            format!("{what} {}{more}", names.join(" or "))
        })
    };
    conditions.extend(entries(&rule.ssids, "in the Wi-Fi network"));
    conditions.extend(entries(&rule.search_domains, "with the search domain"));
    conditions.extend(entries(&rule.dns_servers, "with a DNS server"));
    if rule.probe_url.is_some() {
        conditions.push("where the probe URL answers with 200".into());
    }
    if conditions.is_empty() { "Everywhere".to_owned() } else { capital(&list(&conditions)) }
}

fn what(action: &Action) -> String {
    match action {
        Action::Allow => "the lists of before iOS 7 decide (Allow, deprecated)".into(),
        Action::Connect => "it connects as soon as something wants the network".into(),
        Action::Disconnect => "it disconnects and stays down".into(),
        Action::Ignore => "it is left as it is".into(),
        Action::EvaluateConnection(parameters) => {
            let mut parts = Vec::new();
            for one in parameters.iter().take(12) {
                let domains: Vec<String> = one.domains.values.iter().take(8).map(|name| quote(name)).gather();
                let domains = if domains.is_empty() { "no domain".into() } else { list(&domains) };
                parts.push(match one.action {
                    DomainAction::NeverConnect => format!("never for {domains}"),
                    DomainAction::ConnectIfNeeded => {
                        let mut need = vec!["does not resolve".to_owned()];
                        if !one.dns_servers.values.is_empty() {
                            need.push("its DNS servers do not answer".into());
                        }
                        if one.probe_url.is_some() {
                            need.push("its probe fails".into());
                        }
                        format!("for a host in {domains} when it {}", need.join(" or "))
                    }
                });
            }
            format!("it looks at each connection and connects {}", parts.join("; "))
        }
    }
}
