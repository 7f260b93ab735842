//! On-demand rules between a profile and the API's classes.

use adit_profile::build::Value;
use adit_profile::ondemand::{self, Interface};

use crate::on_demand::{
    EvaluateConnectionRule, EvaluateConnectionRuleAction, OnDemandRule, OnDemandRuleInterfaceType,
    OnDemandRuleKind,
};

use super::Note;

/// The rules of a profile. `Allow`, and lists without rules, become a rule that evaluates connections and decides the
/// same: `OnDemandMatchDomainsNever` first, since it wins.
pub(super) fn of_profile(
    rules: &ondemand::Rules,
    base: &str,
    notes: &mut Vec<Note>,
) -> Option<Vec<OnDemandRule>> {
    if rules.rules.is_empty() {
        if rules.lists.is_empty() {
            return None;
        }
        notes.push(Note {
            path: format!("{base}.OnDemandMatchDomainsAlways"),
            reason: "the lists of before iOS 7 became one rule that decides the same".to_owned(),
        });
        return Some(vec![lists(&rules.lists)]);
    }
    let one = |(at, rule): (usize, &ondemand::Rule)| {
        let entries = |list: &Option<ondemand::Entries>| list.clone().map(Vec::from);
        let kind = match &rule.action {
            ondemand::Action::Connect => OnDemandRuleKind::Connect,
            ondemand::Action::Disconnect => OnDemandRuleKind::Disconnect,
            ondemand::Action::Ignore => OnDemandRuleKind::Ignore,
            ondemand::Action::EvaluateConnection(parameters) => {
                OnDemandRuleKind::EvaluateConnection(parameters.iter().map(connection).collect())
            }
            ondemand::Action::Allow => {
                notes.push(Note {
                    path: format!("{base}.OnDemandRules[{at}].Action"),
                    reason: "the API has no Allow; this rule decides the same".to_owned(),
                });
                if rules.lists.is_empty() { OnDemandRuleKind::Ignore } else { lists(&rules.lists).kind }
            }
        };
        OnDemandRule {
            kind,
            dns_search_domain_match: entries(&rule.search_domains),
            dns_server_address_match: entries(&rule.dns_servers),
            interface_type_match: match rule.interface {
                None | Some(Interface::Other) => OnDemandRuleInterfaceType::Any,
                Some(Interface::Ethernet) => OnDemandRuleInterfaceType::Ethernet,
                Some(Interface::WiFi) => OnDemandRuleInterfaceType::WiFi,
                Some(Interface::Cellular) => OnDemandRuleInterfaceType::Cellular,
            },
            ssid_match: entries(&rule.ssids),
            probe_url: rule.probe_url.clone(),
        }
    };
    Some(rules.rules.iter().enumerate().map(one).collect())
}

fn connection(rule: &ondemand::ConnectionRule) -> EvaluateConnectionRule {
    let servers = rule.dns_servers.values.clone();
    EvaluateConnectionRule {
        match_domains: rule.domains.values.clone(),
        action: match rule.action {
            ondemand::DomainAction::ConnectIfNeeded => EvaluateConnectionRuleAction::ConnectIfNeeded,
            ondemand::DomainAction::NeverConnect => EvaluateConnectionRuleAction::NeverConnect,
        },
        use_dns_servers: (!servers.is_empty()).then_some(servers),
        probe_url: rule.probe_url.clone(),
    }
}

fn lists(lists: &ondemand::DomainLists) -> OnDemandRule {
    let mut rules = Vec::new();
    if !lists.never.values.is_empty() {
        let domains = lists.never.values.clone();
        rules.push(EvaluateConnectionRule::new(domains, EvaluateConnectionRuleAction::NeverConnect));
    }
    let wanted: Vec<String> = lists.always.values.iter().chain(&lists.on_retry.values).cloned().collect();
    if !wanted.is_empty() {
        rules.push(EvaluateConnectionRule::new(wanted, EvaluateConnectionRuleAction::ConnectIfNeeded));
    }
    OnDemandRule::evaluate_connection(rules)
}

/// The rules as a profile has them.
pub(super) fn to_profile(rules: &[OnDemandRule]) -> Value {
    Value::Array(rules.iter().map(rule).collect())
}

fn rule(rule: &OnDemandRule) -> Value {
    let action = match &rule.kind {
        OnDemandRuleKind::Connect => "Connect",
        OnDemandRuleKind::Disconnect => "Disconnect",
        OnDemandRuleKind::Ignore => "Ignore",
        OnDemandRuleKind::EvaluateConnection(_) => "EvaluateConnection",
    };
    let mut entries: Vec<(String, Value)> = vec![("Action".into(), action.into())];
    let mut list = |key: &str, values: &Option<Vec<String>>| {
        if let Some(values) = values {
            entries.push((key.into(), texts(values)));
        }
    };
    list("DNSDomainMatch", &rule.dns_search_domain_match);
    list("DNSServerAddressMatch", &rule.dns_server_address_match);
    list("SSIDMatch", &rule.ssid_match);
    let interface = match rule.interface_type_match {
        OnDemandRuleInterfaceType::Any => None,
        OnDemandRuleInterfaceType::Ethernet => Some("Ethernet"),
        OnDemandRuleInterfaceType::WiFi => Some("WiFi"),
        OnDemandRuleInterfaceType::Cellular => Some("Cellular"),
    };
    entries.extend(interface.map(|word| ("InterfaceTypeMatch".to_owned(), word.into())));
    entries.extend(rule.probe_url.as_deref().map(|url| ("URLStringProbe".to_owned(), url.into())));
    if let Some(parameters) = rule.connection_rules() {
        let parameters = parameters.iter().map(parameter).collect();
        entries.push(("ActionParameters".into(), Value::Array(parameters)));
    }
    Value::Dict(entries)
}

fn parameter(rule: &EvaluateConnectionRule) -> Value {
    let action = match rule.action {
        EvaluateConnectionRuleAction::ConnectIfNeeded => "ConnectIfNeeded",
        EvaluateConnectionRuleAction::NeverConnect => "NeverConnect",
    };
    let mut entries: Vec<(String, Value)> =
        vec![("Domains".into(), texts(&rule.match_domains)), ("DomainAction".into(), action.into())];
    entries.extend(
        rule.use_dns_servers.as_ref().map(|servers| ("RequiredDNSServers".to_owned(), texts(servers))),
    );
    entries.extend(rule.probe_url.as_deref().map(|url| ("RequiredURLStringProbe".to_owned(), url.into())));
    Value::Dict(entries)
}

pub(super) fn texts(values: &[String]) -> Value {
    Value::Array(values.iter().map(|value| value.as_str().into()).collect())
}
