//! Every combination of match keys, actions, networks and modes against the oracle.

use std::collections::BTreeSet;

use adit_profile::ondemand::{
    Action, Change, ConnectionRule, Decision, DomainAction, DomainLists, Held, HostVerdict, Interface,
    MatchKey, Mode, Network, Outcome, ProbeResult, RequiredDns, Rule, RuleVerdict, Rules, Tunnel, decide,
};

use super::oracle;

const URL: &str = "https://probe.example.com/";
const REQUIRED: &str = "https://inside.example.com/";

fn list(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

/// Every rule that can be made of these values, without an action of its own.
fn match_keys() -> Vec<Rule> {
    let mut rules = Vec::new();
    let interfaces = [None, Some(Interface::Ethernet), Some(Interface::WiFi), Some(Interface::Cellular)];
    for interface in interfaces {
        for ssids in [None, list(&[]), list(&["Office"]), list(&["Home", "Office"])] {
            for domains in [None, list(&[]), list(&["corp.example.com"]), list(&["x.org", "*.example.com"])] {
                for servers in [None, list(&[]), list(&["192.0.2.53"]), list(&["10.1.1.1", "17.*"])] {
                    for probe in [None, Some(URL.to_owned())] {
                        rules.push(Rule {
                            interface,
                            ssids: ssids.clone().map(Into::into),
                            search_domains: domains.clone().map(Into::into),
                            dns_servers: servers.clone().map(Into::into),
                            probe_url: probe,
                            ..Rule::new(Action::Connect)
                        });
                    }
                }
            }
        }
    }
    rules
}

fn networks() -> Vec<Network> {
    let mut networks = Vec::new();
    for interface in [Interface::Ethernet, Interface::WiFi, Interface::Cellular, Interface::Other] {
        for ssid in [None, Some("Office"), Some("office")] {
            for domains in
                [&[][..], &["corp.example.com"], &["other.net", "a.Example.com"], &["my-example.com"]]
            {
                for servers in [&[][..], &["192.0.2.53"], &["17.9.9.9", "8.8.8.8"], &["17.9.9.9", "17.0.0.1"]]
                {
                    for probe in [None, Some(ProbeResult::Ok), Some(ProbeResult::Failed)] {
                        networks.push(Network {
                            interface,
                            ssid: ssid.map(str::to_owned),
                            search_domains: domains.iter().map(|name| (*name).to_owned()).collect(),
                            dns_servers: servers.iter().map(|name| (*name).to_owned()).collect(),
                            probes: probe.into_iter().map(|result| (URL.to_owned(), result)).collect(),
                            ..Network::default()
                        });
                    }
                }
            }
        }
    }
    networks
}

/// What must hold of every decision.
pub fn check(rules: &Rules, network: &Network, mode: Mode) -> Decision {
    let decision = decide(rules, network, mode);
    let (outcome, rule) = oracle::outcome(rules, network, mode);
    assert_eq!(decision.outcome, outcome, "{rules:#?}\n{network:#?}\n{mode:?}");
    assert_eq!(decision.rule, rule, "{rules:#?}\n{network:#?}\n{mode:?}");
    consistent(rules, network, &decision);
    decision
}

/// The parts of a decision agree with one another.
pub fn consistent(rules: &Rules, network: &Network, decision: &Decision) {
    let up = network.tunnel == Tunnel::Up;
    let starts = matches!(
        decision.outcome,
        Outcome::Connect | Outcome::Evaluate { verdict: HostVerdict::Connect { .. }, .. }
    );
    let expected = match (&decision.outcome, up) {
        (Outcome::Disconnect, true) => Change::Stop,
        (Outcome::Needs { .. }, _) => Change::Unknown,
        (Outcome::Evaluate { verdict: HostVerdict::Needs { .. }, .. }, false) => Change::Unknown,
        _ if starts && !up => Change::Start,
        _ => Change::None,
    };
    assert_eq!(decision.change, expected);
    assert!(decision.summary.ends_with('.'), "{}", decision.summary);
    if matches!(decision.outcome, Outcome::Off { .. }) || rules.rules.is_empty() {
        assert!(decision.trace.is_empty());
        return;
    }
    assert_eq!(decision.trace.len() + decision.untraced, rules.rules.len());
    for said in &decision.trace {
        let rule = &rules.rules[said.index];
        assert_eq!(said.action, rule.action.word());
        let place = Some(said.index).cmp(&decision.rule.or(Some(usize::MAX)));
        match said.verdict {
            RuleVerdict::NotMatched => assert_eq!(place, std::cmp::Ordering::Less),
            RuleVerdict::Matched | RuleVerdict::NeedsProbe => assert_eq!(place, std::cmp::Ordering::Equal),
            RuleVerdict::NotReached => assert_eq!(place, std::cmp::Ordering::Greater),
        }
        let named: Vec<MatchKey> = said.keys.iter().map(|key| key.key).collect();
        let has = [
            rule.interface.is_some(),
            rule.ssids.is_some(),
            rule.search_domains.is_some(),
            rule.dns_servers.is_some(),
            rule.probe_url.is_some(),
        ];
        let wanted: Vec<MatchKey> =
            MatchKey::ALL.into_iter().zip(has).filter(|(_, has)| *has).map(|(key, _)| key).collect();
        let reached = said.verdict != RuleVerdict::NotReached;
        assert_eq!(named, if reached { wanted } else { Vec::new() });
        let held: BTreeSet<bool> = said.keys.iter().map(|key| key.held == Held::Yes).collect();
        match said.verdict {
            RuleVerdict::Matched => assert!(!held.contains(&false)),
            RuleVerdict::NotMatched => assert!(said.keys.iter().any(|key| key.held == Held::No), "{said:?}"),
            RuleVerdict::NeedsProbe => assert_eq!(said.keys.last().unwrap().held, Held::Unknown),
            RuleVerdict::NotReached => {}
        }
        assert!(said.keys.iter().all(|key| !key.why.is_empty()));
    }
}

/// Each combination of match keys on each network in both modes: whether the rule matches, and what decides if not.
#[test]
fn every_combination_of_match_keys_on_every_network() {
    let rules: Vec<Rules> = match_keys()
        .into_iter()
        .map(|rule| Rules::new([rule, Rule::new(Action::Disconnect).on_interface(Interface::WiFi)]))
        .collect();
    let networks = networks();
    let mut seen = [0_usize; 4];
    let mut differ = 0_usize;
    for rules in &rules {
        for network in &networks {
            let profile = check(rules, network, Mode::Profile);
            let personal = check(rules, network, Mode::PersonalVpn);
            differ += usize::from(profile.outcome != personal.outcome);
            seen[match profile.outcome {
                Outcome::Connect => 0,
                Outcome::Disconnect => 1,
                Outcome::NothingMatched => 2,
                Outcome::Needs { .. } => 3,
                other => panic!("{other:?}"),
            }] += 1;
        }
    }
    // None of the outcomes is there by accident only.
    assert!(seen.iter().all(|count| *count > 300), "{seen:?}");
    assert!(differ > 500, "{differ}");
    println!("{} rules, {} networks: {seen:?}, modes differ in {differ}", rules.len(), networks.len());
}

/// Each action with each state of the tunnel and of the user's override.
#[test]
fn every_action_in_every_state() {
    let lists = DomainLists { always: ["example.com"].into_iter().collect(), ..DomainLists::default() };
    let element = ConnectionRule::new(["example.com"], DomainAction::ConnectIfNeeded);
    let actions = [
        Action::Allow,
        Action::Connect,
        Action::Disconnect,
        Action::EvaluateConnection(vec![element]),
        Action::Ignore,
    ];
    let mut outcomes = BTreeSet::new();
    for action in actions {
        for enabled in [true, false] {
            for user_override_disabled in [true, false] {
                for user_override in [true, false] {
                    for tunnel in [Tunnel::Up, Tunnel::Down] {
                        for host in [None, Some("www.example.com"), Some("example.org")] {
                            for host_resolves in [None, Some(true), Some(false)] {
                                let rules = Rules {
                                    enabled,
                                    user_override_disabled,
                                    rules: vec![Rule::new(action.clone())],
                                    lists: lists.clone(),
                                };
                                let network = Network {
                                    tunnel,
                                    user_override,
                                    host: host.map(str::to_owned),
                                    host_resolves,
                                    ..Network::default()
                                };
                                let decision = check(&rules, &network, Mode::Profile);
                                outcomes.insert(format!("{:?} {:?}", decision.outcome, decision.change));
                            }
                        }
                    }
                }
            }
        }
    }
    // Off for two reasons, three plain actions with two states where the state counts, and seven for each of two lists.
    assert!(outcomes.len() >= 20, "{outcomes:#?}");
}

/// Each combination of what a connection is looked at for.
#[test]
fn every_combination_of_connection_rules() {
    let mut elements = Vec::new();
    for domains in [&[][..], &["example.com"], &["x.org", "*.example.com"], &["www.example.com"]] {
        for action in [DomainAction::ConnectIfNeeded, DomainAction::NeverConnect] {
            for servers in [&[][..], &["10.0.0.53"]] {
                for probe in [None, Some(REQUIRED.to_owned())] {
                    elements.push(ConnectionRule {
                        probe_url: probe,
                        ..ConnectionRule::new(domains.iter().copied(), action)
                            .with_dns_servers(servers.iter().copied())
                    });
                }
            }
        }
    }
    let mut networks = Vec::new();
    for host in [None, Some("www.example.com"), Some("example.com"), Some("my-example.com"), Some("x.org.")] {
        for host_resolves in [None, Some(true), Some(false)] {
            for required_dns in [None, Some(RequiredDns::Answer), Some(RequiredDns::Silent)] {
                for probe in [None, Some(ProbeResult::Ok), Some(ProbeResult::Failed)] {
                    for tunnel in [Tunnel::Down, Tunnel::Up] {
                        networks.push(Network {
                            host: host.map(str::to_owned),
                            host_resolves,
                            required_dns,
                            probes: probe.into_iter().map(|result| (REQUIRED.to_owned(), result)).collect(),
                            tunnel,
                            ..Network::default()
                        });
                    }
                }
            }
        }
    }
    let mut outcomes = BTreeSet::new();
    for first in &elements {
        for second in &elements {
            let both = Action::EvaluateConnection(vec![first.clone(), second.clone()]);
            let rules = Rules::new([Rule::new(both)]);
            for network in &networks {
                let decision = check(&rules, network, Mode::Profile);
                if let Outcome::Evaluate { verdict, .. } = decision.outcome {
                    outcomes.insert(match verdict {
                        HostVerdict::Connect { reason, .. } => format!("{reason:?}"),
                        HostVerdict::Needs { need } => format!("{need:?}"),
                        other => format!("{other:?}"),
                    });
                }
            }
        }
    }
    assert!(outcomes.len() >= 12, "{outcomes:#?}");
}

/// Each pair of rules: the first that matches decides.
#[test]
fn the_first_rule_that_matches_decides() {
    let firsts: Vec<Rule> = match_keys().into_iter().step_by(7).collect();
    let networks: Vec<Network> = networks().into_iter().step_by(11).collect();
    for first in &firsts {
        for second in firsts.iter().step_by(5) {
            let second = Rule { action: Action::Ignore, ..second.clone() };
            let rules = Rules::new([first.clone(), second, Rule::new(Action::Disconnect)]);
            for network in networks.iter().step_by(3) {
                let decision = check(&rules, network, Mode::Profile);
                assert_ne!(decision.outcome, Outcome::NothingMatched);
            }
        }
    }
}
