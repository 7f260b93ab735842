//! Random rules on random networks: as the oracle says where both know the form, and sound for any text at all.

use adit_profile::ondemand::{
    Action, ConnectionRule, DomainAction, DomainLists, Entries, Interface, Mode, Network, ProbeResult,
    RequiredDns, Rule, Rules, Tunnel, decide,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::combinations::{check, consistent};

const URLS: [&str; 3] = ["https://a.example.com/", "https://b.example.com/", "http://c.example.com/x"];
const NAMES: [&str; 7] = [
    "com",
    "example.com",
    "corp.example.com",
    "a.corp.example.com",
    "my-example.com",
    "example.org",
    "EXAMPLE.org",
];
const PATTERNS: [&str; 6] =
    ["*", "*.example.com", "example.com", "*.corp.example.com", "org", "*.example.org"];
const SERVERS: [&str; 5] = ["17.1.1.1", "17.2.1.1", "170.1.1.1", "192.0.2.53", "8.8.8.8"];
const SERVER_PATTERNS: [&str; 6] = ["17.*", "17.1.*", "*", "192.0.2.53", "8.8.8.*", "170.1.1.1"];
const SSIDS: [&str; 4] = ["Office", "office", "Cafe", "Büro ☕"];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    (0..from.len()).prop_map(move |at| from[at].to_owned())
}

fn entries(from: &'static [&'static str]) -> impl Strategy<Value = Entries> {
    vec(pick(from), 0..4).prop_map(Entries::from)
}

fn interface() -> impl Strategy<Value = Interface> {
    (0..4_usize).prop_map(|at| match at {
        0 => Interface::Ethernet,
        1 => Interface::WiFi,
        2 => Interface::Cellular,
        _ => Interface::Other,
    })
}

fn element() -> impl Strategy<Value = ConnectionRule> {
    (entries(&PATTERNS), any::<bool>(), entries(&SERVERS), option::of(pick(&URLS))).prop_map(
        |(domains, never, dns_servers, probe_url)| ConnectionRule {
            domains,
            action: if never { DomainAction::NeverConnect } else { DomainAction::ConnectIfNeeded },
            dns_servers,
            probe_url,
            place: None,
        },
    )
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Allow),
        Just(Action::Connect),
        Just(Action::Disconnect),
        Just(Action::Ignore),
        vec(element(), 0..4).prop_map(Action::EvaluateConnection),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        action(),
        option::weighted(0.3, interface()),
        option::weighted(0.3, entries(&SSIDS)),
        option::weighted(0.3, entries(&PATTERNS)),
        option::weighted(0.3, entries(&SERVER_PATTERNS)),
        option::weighted(0.3, pick(&URLS)),
    )
        .prop_map(|(action, interface, ssids, search_domains, dns_servers, probe_url)| Rule {
            action,
            interface,
            ssids,
            search_domains,
            dns_servers,
            probe_url,
            place: None,
        })
}

fn rules() -> impl Strategy<Value = Rules> {
    let lists = (entries(&PATTERNS), entries(&PATTERNS), entries(&PATTERNS));
    (prop::bool::weighted(0.95), any::<bool>(), vec(rule(), 0..6), lists).prop_map(
        |(enabled, user_override_disabled, rules, (always, never, on_retry))| Rules {
            enabled,
            user_override_disabled,
            rules,
            lists: DomainLists { always, never, on_retry },
        },
    )
}

fn network() -> impl Strategy<Value = Network> {
    let probe = prop_oneof![Just(ProbeResult::Ok), Just(ProbeResult::Failed)];
    let dns = prop_oneof![Just(RequiredDns::Answer), Just(RequiredDns::Silent)];
    let names = (option::of(pick(&SSIDS)), vec(pick(&NAMES), 0..3), vec(pick(&SERVERS), 0..3));
    let facts = (
        btree_map(pick(&URLS), probe, 0..3),
        option::of(pick(&NAMES)),
        option::of(any::<bool>()),
        option::of(dns),
    );
    (interface(), names, facts, any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |(
            interface,
            (ssid, search_domains, dns_servers),
            (probes, host, host_resolves, required_dns),
            up,
            user_override,
        )| {
            Network {
                interface,
                ssid,
                search_domains,
                dns_servers,
                probes: probes.into_iter().collect(),
                host,
                host_resolves,
                required_dns,
                tunnel: if up { Tunnel::Up } else { Tunnel::Down },
                user_override,
            }
        },
    )
}

/// Anything a profile or a network may hold.
fn wild() -> impl Strategy<Value = Entries> {
    let text = prop_oneof![".{0,12}", "[*.a-c]{0,8}", "[0-9a-f:*.%]{0,12}"];
    vec(text, 0..5).prop_map(Entries::from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn decisions_agree_with_the_oracle(rules in rules(), network in network(), personal in any::<bool>()) {
        check(&rules, &network, if personal { Mode::PersonalVpn } else { Mode::Profile });
    }

    #[test]
    fn what_comes_after_the_deciding_rule_changes_nothing(rules in rules(), more in vec(rule(), 0..3), network in network()) {
        let before = decide(&rules, &network, Mode::Profile);
        if let Some(index) = before.rule {
            let mut longer = rules.clone();
            longer.rules.truncate(index + 1);
            longer.rules.extend(more);
            let after = decide(&longer, &network, Mode::Profile);
            prop_assert_eq!(after.outcome, before.outcome);
            prop_assert_eq!(after.rule, before.rule);
        }
    }

    #[test]
    fn a_fact_that_is_needed_ends_the_need(rules in rules(), network in network()) {
        // Whatever is asked for is answered; a decision comes after as many answers as there are facts.
        use adit_profile::ondemand::Need;
        let mut network = network;
        for _ in 0..URLS.len() + 2 {
            match decide(&rules, &network, Mode::Profile).need().cloned() {
                None => break,
                Some(Need::Probe { url }) => drop(network.probes.insert(url, ProbeResult::Ok)),
                Some(Need::RequiredDns { .. }) => network.required_dns = Some(RequiredDns::Answer),
                Some(Need::Resolution { .. }) => network.host_resolves = Some(true),
            }
        }
        let decided = decide(&rules, &network, Mode::Profile);
        prop_assert_eq!(decided.need(), None);
    }

    #[test]
    fn any_text_is_taken(a in wild(), b in wild(), c in wild(), host in ".{0,10}", personal in any::<bool>()) {
        let element = ConnectionRule { domains: b.clone(), ..ConnectionRule::new(["x"], DomainAction::ConnectIfNeeded) };
        let rules = Rules::new([
            Rule { ssids: Some(a.clone()), ..Rule::new(Action::Connect) },
            Rule { search_domains: Some(b.clone()), ..Rule::new(Action::Disconnect) },
            Rule { dns_servers: Some(c.clone()), ..Rule::new(Action::Ignore) },
            Rule::new(Action::EvaluateConnection(vec![element])),
        ]);
        let network = Network {
            interface: Interface::WiFi,
            ssid: a.values.first().map(|ssid| format!("{ssid}x")),
            search_domains: c.values,
            dns_servers: b.values,
            host: Some(host),
            ..Network::default()
        };
        let mode = if personal { Mode::PersonalVpn } else { Mode::Profile };
        let decision = decide(&rules, &network, mode);
        consistent(&rules, &network, &decision);
        let text = serde_json::to_string(&decision).unwrap();
        prop_assert!(!text.is_empty());
    }
}
