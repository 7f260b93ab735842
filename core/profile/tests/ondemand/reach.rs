//! A rule that `ondemand.unreachable` flags never decides: the rule's claim against the engine, on random lists of rules
//! and on networks made to reach them.

use std::cell::Cell;
use std::collections::BTreeSet;

use adit_profile::build::{Value, to_xml};
use adit_profile::ondemand::{Interface, Mode, Network, ProbeResult, Rules, decide};
use adit_profile::report::Problems;
use adit_profile::rules::Options;
use adit_profile::{Document, Limits, Profile, check_with};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const URLS: [&str; 2] = ["https://a.example.com/x", "https://b.example.com/x"];
const PATTERNS: [&str; 10] = [
    "*",
    "*.example.com",
    "example.com",
    "EXAMPLE.com",
    "*.lab.example.com",
    "lab.example.com",
    "b.lab.example.com",
    "*.b.lab.example.com",
    "example.com.",
    "l*b.example.com",
];
const NAMES: [&str; 6] = [
    "com",
    "example.com",
    "lab.example.com",
    "b.lab.example.com",
    "x.b.lab.example.com",
    "collab.example.com",
];
const SERVER_PATTERNS: [&str; 8] =
    ["*", "10.*", "10.1.*", "10.1.2.*", "10.1.2.3", "1*", "2001:db8:*", "2001:db8::1"];
const SERVERS: [&str; 6] = ["10.1.2.3", "10.1.9.9", "10.9.9.9", "100.1.2.3", "2001:db8::1", "2001:DB8:0::1"];
const SSIDS: [&str; 3] = ["Office", "office", "Cafe"];
const INTERFACES: [&str; 3] = ["WiFi", "Cellular", "Ethernet"];

/// The match keys of a rule as a profile has them.
#[derive(Clone, Debug, Default)]
struct Spec {
    interface: Option<&'static str>,
    ssids: Option<Vec<&'static str>>,
    domains: Option<Vec<&'static str>>,
    servers: Option<Vec<&'static str>>,
    probe: Option<&'static str>,
}

impl Spec {
    fn to_value(&self, action: &str) -> Value {
        let mut keys = vec![("Action", Value::from(action))];
        let lists = [
            ("SSIDMatch", &self.ssids),
            ("DNSDomainMatch", &self.domains),
            ("DNSServerAddressMatch", &self.servers),
        ];
        keys.extend(self.interface.map(|word| ("InterfaceTypeMatch", word.into())));
        for (key, list) in lists {
            let entries = |list: &Vec<&str>| Value::Array(list.iter().map(|entry| (*entry).into()).collect());
            keys.extend(list.as_ref().map(|list| (key, entries(list))));
        }
        keys.extend(self.probe.map(|url| ("URLStringProbe", url.into())));
        Value::dict(keys)
    }
}

fn profile(payload: Vec<(&str, Value)>) -> String {
    let root = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(vec![Value::dict(payload)])),
    ]);
    to_xml(&root).unwrap().to_string()
}

fn vpn(rules: &[Spec]) -> String {
    let rules = rules.iter().map(|rule| rule.to_value("Connect")).collect();
    let ikev2 = Value::dict([("OnDemandEnabled", 1.into()), ("OnDemandRules", Value::Array(rules))]);
    profile(vec![
        ("PayloadType", "com.apple.vpn.managed".into()),
        ("VPNType", "IKEv2".into()),
        ("IKEv2", ikev2),
    ])
}

fn dns(rules: &[Spec]) -> String {
    let rules = rules.iter().map(|rule| rule.to_value("Disconnect")).collect();
    profile(vec![
        ("PayloadType", "com.apple.dnsSettings.managed".into()),
        ("OnDemandRules", Value::Array(rules)),
    ])
}

/// The places of the rules that are said never to be reached.
fn flagged(file: &str) -> BTreeSet<usize> {
    let options = Options { select: vec!["ondemand.unreachable".to_owned()], ..Options::default() };
    let found = check_with(file.as_bytes(), &Limits::default(), &options).diagnostics;
    let place = |path: &str| path.rsplit_once('[').unwrap().1.trim_end_matches(']').parse().unwrap();
    found.iter().map(|one| place(&one.path)).collect()
}

fn engine(rules: &[Spec]) -> Rules {
    let document = Document::read(vpn(rules).as_bytes());
    let profile = Profile::of(&document).unwrap();
    Rules::of_payload(&profile.payloads()[0], &mut Problems::default()).unwrap()
}

fn some<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![
        6 => vec((0..from.len()).prop_map(move |at| from[at].clone()), 1..3),
        1 => Just(Vec::new()),
    ]
}

fn one<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> {
    (0..from.len()).prop_map(move |at| from[at].clone())
}

fn spec() -> impl Strategy<Value = Spec> {
    (
        option::weighted(0.3, one(&INTERFACES)),
        option::weighted(0.3, some(&SSIDS)),
        option::weighted(0.4, some(&PATTERNS)),
        option::weighted(0.4, some(&SERVER_PATTERNS)),
        option::weighted(0.2, one(&URLS)),
    )
        .prop_map(|(interface, ssids, domains, servers, probe)| Spec {
            interface,
            ssids,
            domains,
            servers,
            probe,
        })
}

fn network() -> impl Strategy<Value = Network> {
    let interface = (0..4_usize)
        .prop_map(|at| [Interface::WiFi, Interface::Cellular, Interface::Ethernet, Interface::Other][at]);
    (interface, option::of(one(&SSIDS)), some(&NAMES), some(&SERVERS), any::<(bool, bool)>()).prop_map(
        |(interface, ssid, domains, servers, (first, second))| Network {
            interface,
            ssid: ssid.map(str::to_owned),
            search_domains: domains.into_iter().map(str::to_owned).collect(),
            dns_servers: servers.into_iter().map(str::to_owned).collect(),
            probes: probes(first, second),
            ..Network::default()
        },
    )
}

fn probes(first: bool, second: bool) -> adit_profile::Named<ProbeResult> {
    let result = |good| if good { ProbeResult::Ok } else { ProbeResult::Failed };
    [(URLS[0].to_owned(), result(first)), (URLS[1].to_owned(), result(second))].into_iter().collect()
}

/// Networks on which a rule matches, or nearly so: one for each choice among its entries, all other rules' probes failing.
fn networks_for(rule: &Spec) -> Vec<Network> {
    let interfaces = match rule.interface {
        Some("WiFi") => vec![Interface::WiFi],
        Some("Cellular") => vec![Interface::Cellular],
        Some(_) => vec![Interface::Ethernet],
        None => vec![Interface::WiFi, Interface::Other],
    };
    let ssids: Vec<Option<&str>> = match &rule.ssids {
        Some(ssids) => ssids.iter().copied().map(Some).collect(),
        None => vec![None, Some("Elsewhere")],
    };
    let domains: Vec<Vec<String>> = match &rule.domains {
        Some(entries) => entries
            .iter()
            .flat_map(|entry| {
                let name = entry.trim_start_matches("*.");
                [
                    vec![name.to_owned()],
                    vec![format!("y.z.{name}")],
                    vec![format!("y.{name}"), "else.org".to_owned()],
                ]
            })
            .collect(),
        None => vec![Vec::new(), vec!["else.org".to_owned()]],
    };
    let servers: Vec<Vec<String>> = match &rule.servers {
        Some(entries) => entries
            .iter()
            .flat_map(|entry| {
                let front = entry.trim_end_matches('*');
                let rest = ["9.9.9", "9.9", "9", "", ":1"].map(|rest| format!("{front}{rest}"));
                rest.into_iter()
                    .filter(|text| text.parse::<std::net::IpAddr>().is_ok())
                    .map(|text| vec![text])
            })
            .collect(),
        None => vec![Vec::new(), vec!["9.9.9.9".to_owned()]],
    };
    let mut networks = Vec::new();
    for interface in &interfaces {
        for ssid in &ssids {
            for domains in &domains {
                for servers in &servers {
                    networks.push(Network {
                        interface: *interface,
                        ssid: ssid.map(str::to_owned),
                        search_domains: domains.clone(),
                        dns_servers: servers.clone(),
                        probes: probes(rule.probe == Some(URLS[0]), rule.probe == Some(URLS[1])),
                        ..Network::default()
                    });
                }
            }
        }
    }
    networks
}

#[test]
fn a_flagged_rule_never_decides() {
    let (lists, flags, decided) = (Cell::new(0_usize), Cell::new(0_usize), Cell::new(0_usize));
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let input = (vec(spec(), 2..7), vec(network(), 20));
    let result = runner.run(&input, |(rules, random)| {
        let (of_vpn, of_dns) = (flagged(&vpn(&rules)), flagged(&dns(&rules)));
        prop_assert!(of_vpn.is_subset(&of_dns), "{of_vpn:?} {of_dns:?}");
        lists.set(lists.get() + 1);
        flags.set(flags.get() + of_vpn.len());
        let engine = engine(&rules);
        let aimed = of_dns.iter().flat_map(|place| networks_for(&rules[*place]));
        for network in random.iter().cloned().chain(aimed) {
            // DNS settings compare as profiles do; a VPN's rules must hold in either reading.
            for (mode, flagged) in
                [(Mode::Profile, &of_dns), (Mode::Profile, &of_vpn), (Mode::PersonalVpn, &of_vpn)]
            {
                let decision = decide(&engine, &network, mode);
                let Some(rule) = decision.rule else { continue };
                decided.set(decided.get() + 1);
                prop_assert!(!flagged.contains(&rule), "rule {rule} decides in {mode:?} on {network:?}");
            }
        }
        Ok(())
    });
    result.unwrap();
    // The claim is not empty: rules are flagged, and rules decide.
    assert!(flags.get() > lists.get() / 4, "{} of {} lists", flags.get(), lists.get());
    assert!(decided.get() > 1000, "{}", decided.get());
}

fn wifi(ssids: &[&'static str]) -> Spec {
    Spec { interface: Some("WiFi"), ssids: Some(ssids.to_vec()), ..Spec::default() }
}

fn ssids(ssids: &[&'static str]) -> Spec {
    Spec { ssids: Some(ssids.to_vec()), ..Spec::default() }
}

fn on(interface: &'static str) -> Spec {
    Spec { interface: Some(interface), ..Spec::default() }
}

fn domains(domains: &[&'static str]) -> Spec {
    Spec { domains: Some(domains.to_vec()), ..Spec::default() }
}

fn servers(servers: &[&'static str]) -> Spec {
    Spec { servers: Some(servers.to_vec()), ..Spec::default() }
}

fn probe(url: &'static str) -> Spec {
    Spec { probe: Some(url), ..Spec::default() }
}

#[test]
fn what_is_flagged() {
    let any = Spec::default;
    let rows: Vec<(Vec<Spec>, &[usize])> = vec![
        (vec![any(), on("WiFi"), any()], &[1, 2]),
        (vec![on("WiFi"), any(), ssids(&["a"])], &[2]),
        (vec![on("WiFi"), wifi(&["a"])], &[1]),
        (vec![on("WiFi"), ssids(&["a"])], &[1]),
        (vec![ssids(&["a"]), wifi(&["a"])], &[1]),
        (vec![ssids(&["a", "b"]), ssids(&["b"])], &[1]),
        (vec![ssids(&["a"]), ssids(&["a", "b"])], &[]),
        (vec![ssids(&["A"]), ssids(&["a"])], &[]),
        (vec![on("Cellular"), ssids(&["a"])], &[]),
        (vec![on("WiFi"), on("Cellular"), on("Ethernet"), any()], &[]),
        (vec![domains(&["*.example.com"]), domains(&["a.example.com", "*.b.example.com"])], &[1]),
        (vec![domains(&["*.example.com"]), domains(&["a.example.com", "example.org"])], &[]),
        (vec![domains(&["example.com"]), domains(&["a.example.com"])], &[]),
        (vec![domains(&["*"]), domains(&["a.example.com"])], &[]),
        (vec![servers(&["10.*"]), servers(&["10.1.*", "10.2.3.4"])], &[1]),
        (vec![servers(&["10.1.*"]), servers(&["10.*"])], &[]),
        (vec![probe(URLS[0]), probe(URLS[0])], &[1]),
        (vec![probe(URLS[0]), probe(URLS[1])], &[]),
        (vec![probe(URLS[0]), any()], &[]),
        (vec![ssids(&[]), ssids(&["a"]), any()], &[]),
        (vec![ssids(&["a"]), ssids(&[])], &[]),
        (vec![ssids(&["{{ssid}}"]), ssids(&["{{ssid}}"])], &[]),
    ];
    for (rules, expected) in rows {
        let found: Vec<usize> = flagged(&vpn(&rules)).into_iter().collect();
        assert_eq!(found, expected, "{rules:#?}");
    }
    // For DNS settings it is documented that a name stands for the names below it.
    let below = [domains(&["example.com"]), domains(&["a.example.com"])];
    assert_eq!(flagged(&dns(&below)).into_iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_key_nobody_knows_keeps_a_rule_from_hiding_others() {
    let mut first = Spec::default().to_value("Connect");
    let Value::Dict(keys) = &mut first else { panic!("a dictionary") };
    keys.push(("SSIDmatch".to_owned(), "Office".into()));
    let rules = Value::Array(vec![first, Spec::default().to_value("Ignore")]);
    let ikev2 = Value::dict([("OnDemandEnabled", 1.into()), ("OnDemandRules", rules)]);
    let file = profile(vec![
        ("PayloadType", "com.apple.vpn.managed".into()),
        ("VPNType", "IKEv2".into()),
        ("IKEv2", ikev2),
    ]);
    assert!(flagged(&file).is_empty());
}

#[test]
fn hostile_lists_cost_bounded_time() {
    let names: Vec<&'static str> = vec!["a"; 2000];
    let rules = vec![ssids(&names); 60];
    // The comparisons stop long before all pairs; what is said before that stays sound.
    assert!(flagged(&vpn(&rules)).len() < 60);
    let many = vec![on("WiFi"); 20_000];
    assert_eq!(flagged(&vpn(&many)).len().min(100), 100);
}
