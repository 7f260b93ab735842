//! Rows written by hand: what each action and each match key does, and what Apple's documents leave open.

use adit_profile::ondemand::{
    Action, Change, ConnectReason, ConnectionRule, DomainAction, DomainLists, EvaluatedBy, Held, HostVerdict,
    Interface, MAX_TRACE, Mode, Need, Network, Off, Outcome, Part, ProbeResult, RequiredDns, Rule,
    RuleVerdict, Rules, Tunnel, decide,
};

fn wifi(ssid: &str) -> Network {
    Network { interface: Interface::WiFi, ssid: Some(ssid.to_owned()), ..Network::default() }
}

fn host(host: &str, resolves: Option<bool>) -> Network {
    Network { host: Some(host.to_owned()), host_resolves: resolves, ..Network::default() }
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// Whether a rule with these keys matches a network.
fn matches(rule: Rule, network: &Network, mode: Mode) -> bool {
    match decide(&Rules::new([rule]), network, mode).outcome {
        Outcome::NothingMatched => false,
        Outcome::Needs { .. } => panic!("a probe is needed"),
        _ => true,
    }
}

fn any(action: Action) -> Rules {
    Rules::new([Rule::new(action)])
}

#[test]
fn actions_by_the_state_of_the_tunnel() {
    let rows = [
        (Action::Connect, Tunnel::Down, Outcome::Connect, Change::Start),
        (Action::Connect, Tunnel::Up, Outcome::Connect, Change::None),
        (Action::Disconnect, Tunnel::Down, Outcome::Disconnect, Change::None),
        (Action::Disconnect, Tunnel::Up, Outcome::Disconnect, Change::Stop),
        (Action::Ignore, Tunnel::Down, Outcome::Ignore, Change::None),
        (Action::Ignore, Tunnel::Up, Outcome::Ignore, Change::None),
    ];
    for (action, tunnel, outcome, change) in rows {
        let decision = decide(&any(action), &Network { tunnel, ..Network::default() }, Mode::Profile);
        assert_eq!((decision.outcome, decision.change), (outcome, change));
        assert_eq!(decision.rule, Some(0));
    }
}

#[test]
fn the_switches_come_before_the_rules() {
    let network = Network { user_override: true, ..Network::default() };
    let mut rules = any(Action::Connect);
    let off = |rules: &Rules, network: &Network| match decide(rules, network, Mode::Profile).outcome {
        Outcome::Off { reason } => Some(reason),
        _ => None,
    };
    assert_eq!(off(&rules, &Network::default()), None);
    assert_eq!(off(&rules, &network), Some(Off::UserOverride));
    rules.user_override_disabled = true;
    assert_eq!(off(&rules, &network), None, "the user cannot turn it off");
    rules.enabled = false;
    assert_eq!(off(&rules, &network), Some(Off::NotEnabled));
    assert_eq!(off(&Rules::new([]), &Network::default()), Some(Off::NoRules));
}

#[test]
fn nothing_matched_leaves_the_tunnel_as_it_is() {
    let rules = Rules::new([Rule::new(Action::Connect).on_interface(Interface::Ethernet)]);
    for tunnel in [Tunnel::Up, Tunnel::Down] {
        let decision = decide(&rules, &Network { tunnel, ..wifi("Cafe") }, Mode::Profile);
        assert_eq!(
            (decision.outcome, decision.change, decision.rule),
            (Outcome::NothingMatched, Change::None, None)
        );
    }
}

#[test]
fn ssids_are_compared_exactly_and_on_wifi_only() {
    let rule = || Rule::new(Action::Connect).on_ssids(["Office", "Home"]);
    assert!(matches(rule(), &wifi("Home"), Mode::Profile));
    for other in ["home", "Home ", "Hom", ""] {
        assert!(!matches(rule(), &wifi(other), Mode::Profile), "{other}");
    }
    for interface in [Interface::Ethernet, Interface::Cellular, Interface::Other] {
        assert!(!matches(rule(), &Network { interface, ..wifi("Home") }, Mode::Profile));
    }
    assert!(!matches(rule(), &Network { ssid: None, ..wifi("Home") }, Mode::Profile));
    let any_ssid = Rule::new(Action::Connect).on_interface(Interface::WiFi);
    assert!(matches(any_ssid, &wifi("Cafe"), Mode::Profile));
}

#[test]
fn dns_servers_any_for_profiles_and_every_for_the_api() {
    let rows: [(&[&str], &[&str], bool, bool); 9] = [
        (&["17.*"], &["17.1.2.3"], true, true),
        (&["17.*"], &["17.1.2.3", "8.8.8.8"], true, false),
        (&["17.*"], &["8.8.8.8", "17.1.2.3"], true, false),
        (&["17.*", "8.8.8.8"], &["8.8.8.8", "17.1.2.3"], true, true),
        (&["17.*"], &["170.1.2.3"], false, false),
        (&["17.*"], &[], false, false),
        (&[], &["17.1.2.3"], false, false),
        (&["2001:db8:*"], &["2001:db8::53", "2001:DB8:1::53"], true, true),
        (&["2001:db8::53"], &["2001:db8:0:0:0:0:0:53"], true, true),
    ];
    for (wanted, actual, profile, api) in rows {
        let rule = || Rule::new(Action::Connect).on_dns_servers(wanted.iter().copied());
        let network = Network { dns_servers: strings(actual), ..Network::default() };
        assert_eq!(matches(rule(), &network, Mode::Profile), profile, "{wanted:?} {actual:?}");
        assert_eq!(matches(rule(), &network, Mode::PersonalVpn), api, "{wanted:?} {actual:?}");
    }
}

#[test]
fn search_domains_below_for_profiles_and_equal_for_the_api() {
    let rows: [(&str, &[&str], bool, bool); 10] = [
        ("example.com", &["example.com"], true, true),
        ("example.com", &["other.net", "EXAMPLE.com."], true, true),
        ("example.com", &["corp.example.com"], true, false),
        ("*.example.com", &["corp.example.com"], true, true),
        ("*.example.com", &["a.b.example.com"], true, true),
        ("*.example.com", &["example.com"], true, true),
        ("*.example.com", &["my-example.com"], false, false),
        ("example.com", &["my-example.com"], false, false),
        ("*", &["anything"], true, true),
        ("*", &[], false, false),
    ];
    for (wanted, actual, profile, api) in rows {
        let rule = || Rule::new(Action::Connect).on_search_domains([wanted]);
        let network = Network { search_domains: strings(actual), ..Network::default() };
        assert_eq!(matches(rule(), &network, Mode::Profile), profile, "{wanted} {actual:?}");
        assert_eq!(matches(rule(), &network, Mode::PersonalVpn), api, "{wanted} {actual:?}");
    }
}

#[test]
fn a_probe_is_asked_for_last_and_only_where_it_counts() {
    const URL: &str = "https://probe.example.com/";
    let rules = Rules::new([
        Rule::new(Action::Disconnect).on_ssids(["Office"]).if_answers(URL),
        Rule::new(Action::Connect),
    ]);
    let elsewhere = decide(&rules, &wifi("Cafe"), Mode::Profile);
    assert_eq!(elsewhere.outcome, Outcome::Connect, "the rule is out, whatever the URL answers");
    assert_eq!(elsewhere.trace[0].keys[1].held, Held::NotAsked);
    let mut network = wifi("Office");
    let unknown = decide(&rules, &network, Mode::Profile);
    assert_eq!(unknown.outcome, Outcome::Needs { need: Need::Probe { url: URL.to_owned() } });
    assert_eq!(unknown.need(), Some(&Need::Probe { url: URL.to_owned() }));
    assert_eq!((unknown.change, unknown.rule), (Change::Unknown, Some(0)));
    assert_eq!(unknown.trace[0].verdict, RuleVerdict::NeedsProbe);
    assert_eq!(unknown.trace[1].verdict, RuleVerdict::NotReached);
    network.probes.insert(URL.to_owned(), ProbeResult::Failed);
    assert_eq!(decide(&rules, &network, Mode::Profile).outcome, Outcome::Connect);
    network.probes.insert(URL.to_owned(), ProbeResult::Ok);
    assert_eq!(decide(&rules, &network, Mode::Profile).outcome, Outcome::Disconnect);
    assert_eq!(rules.probe_urls(), [URL]);
}

fn verdict(rules: &Rules, network: &Network) -> HostVerdict {
    match decide(rules, network, Mode::Profile).outcome {
        Outcome::Evaluate { verdict, .. } => verdict,
        other => panic!("{other:?}"),
    }
}

fn evaluate<const N: usize>(elements: [ConnectionRule; N]) -> Rules {
    any(Action::EvaluateConnection(elements.into()))
}

#[test]
fn connect_if_needed_hangs_on_the_name_the_servers_and_the_probe() {
    const URL: &str = "https://inside.example.com/";
    let plain = ConnectionRule::new(["example.com"], DomainAction::ConnectIfNeeded);
    let domain = || "example.com".to_owned();
    let connect = |reason| HostVerdict::Connect { domain: domain(), reason };
    let rules = evaluate([plain.clone()]);
    assert_eq!(verdict(&rules, &Network::default()), HostVerdict::NoHost);
    assert_eq!(verdict(&rules, &host("example.org", Some(false))), HostVerdict::NoDomainMatched);
    assert_eq!(verdict(&rules, &host("my-example.com", Some(false))), HostVerdict::NoDomainMatched);
    let www = "www.example.com";
    assert_eq!(verdict(&rules, &host(www, Some(false))), connect(ConnectReason::NameNotResolved));
    assert_eq!(verdict(&rules, &host(www, Some(true))), HostVerdict::NotNeeded { domain: domain() });
    let need = Need::Resolution { host: www.to_owned() };
    assert_eq!(verdict(&rules, &host(www, None)), HostVerdict::Needs { need });

    let servers = evaluate([plain.clone().with_dns_servers(["10.0.0.53"])]);
    let dns = |answer, resolves| Network { required_dns: answer, ..host(www, resolves) };
    let silent = Some(RequiredDns::Silent);
    let answer = Some(RequiredDns::Answer);
    assert_eq!(verdict(&servers, &dns(silent, Some(true))), connect(ConnectReason::DnsServersSilent));
    assert_eq!(verdict(&servers, &dns(silent, None)), connect(ConnectReason::DnsServersSilent));
    assert_eq!(verdict(&servers, &dns(answer, Some(false))), connect(ConnectReason::NameNotResolved));
    assert_eq!(verdict(&servers, &dns(answer, Some(true))), HostVerdict::NotNeeded { domain: domain() });
    let need = Need::RequiredDns { servers: vec!["10.0.0.53".to_owned()] };
    assert_eq!(verdict(&servers, &dns(None, Some(true))), HostVerdict::Needs { need });

    let probed = evaluate([plain.with_probe(URL)]);
    let mut network = host(www, Some(true));
    assert_eq!(verdict(&probed, &network), HostVerdict::Needs { need: Need::Probe { url: URL.to_owned() } });
    network.probes.insert(URL.to_owned(), ProbeResult::Failed);
    assert_eq!(verdict(&probed, &network), connect(ConnectReason::ProbeFailed));
    network.host_resolves = None;
    assert_eq!(verdict(&probed, &network), connect(ConnectReason::ProbeFailed), "one reason is enough");
    network.probes.insert(URL.to_owned(), ProbeResult::Ok);
    network.host_resolves = Some(true);
    assert_eq!(verdict(&probed, &network), HostVerdict::NotNeeded { domain: domain() });
}

#[test]
fn never_connect_counts_where_its_element_comes_first() {
    let never = ConnectionRule::new(["public.example.com"], DomainAction::NeverConnect);
    let needed = ConnectionRule::new(["example.com"], DomainAction::ConnectIfNeeded);
    let network = host("public.example.com", Some(false));
    let domain = "public.example.com".to_owned();
    assert_eq!(
        verdict(&evaluate([never.clone(), needed.clone()]), &network),
        HostVerdict::NeverConnect { domain }
    );
    let reason = ConnectReason::NameNotResolved;
    let other_way = HostVerdict::Connect { domain: "example.com".to_owned(), reason };
    assert_eq!(verdict(&evaluate([needed, never]), &network), other_way);
}

#[test]
fn an_evaluating_rule_never_takes_a_tunnel_down() {
    let never = ConnectionRule::new(["*"], DomainAction::NeverConnect);
    let needed = ConnectionRule::new(["*"], DomainAction::ConnectIfNeeded);
    for element in [never, needed] {
        for resolves in [None, Some(true), Some(false)] {
            let network = Network { tunnel: Tunnel::Up, ..host("www.example.com", resolves) };
            let decision = decide(&evaluate([element.clone()]), &network, Mode::Profile);
            assert_eq!(decision.change, Change::None, "{decision:?}");
        }
    }
}

#[test]
fn lists_decide_without_rules_and_for_allow_and_nowhere_else() {
    let lists = DomainLists {
        always: ["always.example.com"].into_iter().collect(),
        never: ["never.example.com", "both.example.com"].into_iter().collect(),
        on_retry: ["retry.example.com", "both.example.com"].into_iter().collect(),
    };
    let without = Rules { lists: lists.clone(), ..Rules::new([]) };
    let allow = Rules { lists: lists.clone(), ..any(Action::Allow) };
    for rules in [&without, &allow] {
        for listed in ["always.example.com", "www.retry.example.com"] {
            let domain = listed.trim_start_matches("www.").to_owned();
            let reason = ConnectReason::NameNotResolved;
            assert_eq!(
                verdict(rules, &host(listed, Some(false))),
                HostVerdict::Connect { domain: domain.clone(), reason }
            );
            assert_eq!(verdict(rules, &host(listed, Some(true))), HostVerdict::NotNeeded { domain });
        }
        for never in ["never.example.com", "both.example.com"] {
            let domain = never.to_owned();
            assert_eq!(verdict(rules, &host(never, Some(false))), HostVerdict::NeverConnect { domain });
        }
        assert_eq!(verdict(rules, &host("example.com", Some(false))), HostVerdict::NoDomainMatched);
    }
    let decision = decide(&without, &host("always.example.com", Some(false)), Mode::Profile);
    assert_eq!(decision.rule, None);
    assert!(matches!(decision.outcome, Outcome::Evaluate { by: EvaluatedBy::DomainLists, .. }));
    assert_eq!(decision.hosts.iter().map(|said| said.part).collect::<Vec<_>>(), [Part::Never, Part::Always]);
    let unmatched = Rules {
        lists: lists.clone(),
        ..Rules::new([Rule::new(Action::Allow).on_interface(Interface::Cellular)])
    };
    let network = host("always.example.com", Some(false));
    assert_eq!(decide(&unmatched, &network, Mode::Profile).outcome, Outcome::NothingMatched);
    assert_eq!(verdict(&any(Action::Allow), &network), HostVerdict::NoDomainMatched, "Allow without lists");
}

#[test]
fn every_key_says_why_it_does_not_hold() {
    let rules = Rules::new([
        Rule::new(Action::Disconnect)
            .on_interface(Interface::WiFi)
            .on_ssids(["office", "Home"])
            .on_search_domains(["corp.example.com"])
            .on_dns_servers(["10.*"]),
        Rule::new(Action::Connect),
    ]);
    let network = Network {
        search_domains: strings(&["guest.example.net"]),
        dns_servers: strings(&["8.8.8.8", "2001:DB8::1"]),
        ..wifi("Office")
    };
    let decision = decide(&rules, &network, Mode::Profile);
    let said: Vec<(&str, &str)> =
        decision.trace[0].keys.iter().map(|key| (key.key.word(), key.why.as_str())).collect();
    assert_eq!(
        said,
        [
            ("InterfaceTypeMatch", "the interface is Wi-Fi"),
            (
                "SSIDMatch",
                "the SSID is \"Office\", the rule asks for \"office\" or \"Home\", and case counts"
            ),
            (
                "DNSDomainMatch",
                "the network's search domains are \"guest.example.net\", the rule asks for \"corp.example.com\""
            ),
            (
                "DNSServerAddressMatch",
                "the network's DNS servers are \"8.8.8.8\" and \"2001:db8::1\", the rule asks for \"10.*\""
            ),
        ]
    );
    assert_eq!(decision.summary, "Connect: rule 2 decides, the next connection starts the tunnel.");
}

#[test]
fn decisions_and_inputs_serialise() {
    let rules = Rules::new([
        Rule::new(Action::Disconnect).on_ssids(["Office"]).if_answers("https://probe.example.com/"),
        Rule::new(Action::EvaluateConnection(vec![ConnectionRule::new(
            ["example.com"],
            DomainAction::ConnectIfNeeded,
        )])),
    ]);
    let text = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<Rules>(&text).unwrap(), rules, "{text}");
    let network = Network { dns_servers: strings(&["192.0.2.1"]), ..host("www.example.com", Some(false)) };
    let text = serde_json::to_string(&network).unwrap();
    assert_eq!(serde_json::from_str::<Network>(&text).unwrap(), network, "{text}");
    let decision = serde_json::to_value(decide(&rules, &network, Mode::Profile)).unwrap();
    assert_eq!(decision["outcome"]["kind"], "evaluate");
    assert_eq!(decision["outcome"]["verdict"]["kind"], "connect");
    assert_eq!(decision["outcome"]["verdict"]["reason"], "name-not-resolved");
    assert_eq!(decision["change"], "start");
    assert_eq!(decision["trace"][0]["keys"][0]["key"], "SSIDMatch");
    assert_eq!(decision["hosts"][0]["part"]["kind"], "action-parameter");
    assert!(serde_json::from_str::<Network>("{\"ssids\": \"x\"}").is_err(), "a misspelt fact is told");
}

#[test]
fn a_long_list_of_rules_is_decided_and_its_trace_is_short() {
    let mut all: Vec<Rule> =
        (0..5000).map(|at| Rule::new(Action::Ignore).on_ssids([format!("net {at}")])).collect();
    all.push(Rule::new(Action::Connect));
    all.push(Rule::new(Action::Disconnect));
    let rules = Rules::new(all);
    let decision = decide(&rules, &wifi("Cafe"), Mode::Profile);
    assert_eq!((decision.outcome, decision.rule), (Outcome::Connect, Some(5000)));
    assert_eq!(decision.trace.len(), MAX_TRACE + 1);
    assert_eq!(decision.trace.last().map(|said| said.index), Some(5000), "the deciding rule is always there");
    assert_eq!(decision.untraced + decision.trace.len(), 5002);
}

#[test]
fn texts_are_short_and_show_no_credentials_and_no_control_characters() {
    let long = "x".repeat(100_000);
    let rules = Rules::new([
        Rule::new(Action::Connect).on_ssids([long.clone(), "\u{1b}[31m".to_owned()]),
        Rule::new(Action::Connect).if_answers("https://user:hunter2@probe.example.com/"),
    ]);
    let network =
        Network { search_domains: vec![long.clone(); 1000], host: Some(long.clone()), ..wifi(&long[1..]) };
    let decision = decide(&rules, &network, Mode::Profile);
    let mut texts: Vec<&str> = vec![&decision.summary];
    texts.extend(decision.trace.iter().flat_map(|said| &said.keys).map(|key| key.why.as_str()));
    for text in texts {
        assert!(
            text.len() < 1000 && !text.contains("hunter2") && !text.chars().any(char::is_control),
            "{text}"
        );
    }
    assert!(
        matches!(decision.need(), Some(Need::Probe { url }) if url.contains("hunter2")),
        "the need is for programs"
    );
}
