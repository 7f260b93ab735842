//! Rules out of profiles: what is read, with its place, and what stops it.

use adit_profile::build::{Value, to_xml};
use adit_profile::ondemand::{Action, DomainAction, Interface, Mode, Network, Off, Outcome, Rules, decide};
use adit_profile::report::Problems;
use adit_profile::{Diagnostic, Document, Profile, Severity};

fn array<const N: usize>(values: [&str; N]) -> Value {
    Value::Array(values.into_iter().map(Value::from).collect())
}

fn rule<const N: usize>(keys: [(&str, Value); N]) -> Value {
    Value::dict(keys)
}

/// A profile with one VPN payload; `keys` are those of the dictionary named after its type.
fn profile(kind: &str, payload_type: &str, keys: Vec<(&str, Value)>, outer: Vec<(&str, Value)>) -> String {
    let mut payload =
        vec![("PayloadType", Value::from(payload_type)), ("VPNType", kind.into()), (kind, Value::dict(keys))];
    payload.extend(outer);
    let root = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(vec![Value::dict(payload)])),
    ]);
    to_xml(&root).unwrap().to_string()
}

fn read_file(file: &str) -> (Option<Rules>, Vec<Diagnostic>) {
    let document = Document::read(file.as_bytes());
    assert!(!document.problems().has_errors());
    let profile = Profile::of(&document).unwrap();
    let mut problems = Problems::default();
    let rules = Rules::of_payload(&profile.payloads()[0], &mut problems);
    (rules, problems.into_vec())
}

fn read(keys: Vec<(&str, Value)>) -> (Option<Rules>, Vec<Diagnostic>) {
    read_file(&profile("IKEv2", "com.apple.vpn.managed", keys, Vec::new()))
}

fn with_rules(rules: Vec<Value>) -> (Option<Rules>, Vec<Diagnostic>) {
    read(vec![("OnDemandEnabled", 1.into()), ("OnDemandRules", Value::Array(rules))])
}

fn errors(found: &[Diagnostic]) -> Vec<(&str, &str)> {
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| (one.code.as_str(), one.path.as_str())).collect()
}

#[test]
fn every_key_is_read_with_its_place() {
    let file = profile(
        "IKEv2",
        "com.apple.vpn.managed",
        vec![
            ("OnDemandEnabled", 1.into()),
            ("OnDemandUserOverrideDisabled", 1.into()),
            (
                "OnDemandRules",
                Value::Array(vec![
                    rule([
                        ("Action", "Disconnect".into()),
                        ("InterfaceTypeMatch", "WiFi".into()),
                        ("SSIDMatch", array(["Office", "Büro"])),
                        ("DNSDomainMatch", array(["*.example.com"])),
                        ("DNSServerAddressMatch", array(["17.*"])),
                        ("URLStringProbe", "https://probe.example.com/".into()),
                    ]),
                    rule([
                        ("Action", "EvaluateConnection".into()),
                        (
                            "ActionParameters",
                            Value::Array(vec![rule([
                                ("Domains", array(["example.com"])),
                                ("DomainAction", "ConnectIfNeeded".into()),
                                ("RequiredDNSServers", array(["10.0.0.53"])),
                                ("RequiredURLStringProbe", "https://inside.example.com/".into()),
                            ])]),
                        ),
                    ]),
                    rule([("Action", "Ignore".into())]),
                ]),
            ),
        ],
        Vec::new(),
    );
    let (rules, problems) = read_file(&file);
    assert!(problems.is_empty(), "{problems:?}");
    let rules = rules.unwrap();
    assert!(rules.enabled && rules.user_override_disabled);
    let first = &rules.rules[0];
    assert_eq!(first.action, Action::Disconnect);
    assert_eq!(first.interface, Some(Interface::WiFi));
    assert_eq!(first.ssids.as_ref().unwrap().values, ["Office", "Büro"]);
    assert_eq!(first.search_domains.as_ref().unwrap().values, ["*.example.com"]);
    assert_eq!(first.dns_servers.as_ref().unwrap().values, ["17.*"]);
    assert_eq!(first.probe_url.as_deref(), Some("https://probe.example.com/"));
    let place = first.place.as_ref().unwrap();
    assert_eq!(place.path, "PayloadContent[0].IKEv2.OnDemandRules[0]");
    assert!(file[place.span.range()].starts_with("<dict>") && file[place.span.range()].ends_with("</dict>"));
    let span = first.ssids.as_ref().unwrap().span.unwrap();
    assert!(file[span.range()].starts_with("<array>") && file[span.range()].contains("Büro"));
    let Action::EvaluateConnection(elements) = &rules.rules[1].action else { panic!() };
    assert_eq!(elements[0].domains.values, ["example.com"]);
    assert_eq!(elements[0].action, DomainAction::ConnectIfNeeded);
    assert_eq!(elements[0].dns_servers.values, ["10.0.0.53"]);
    assert_eq!(elements[0].probe_url.as_deref(), Some("https://inside.example.com/"));
    assert_eq!(
        elements[0].place.as_ref().unwrap().path,
        "PayloadContent[0].IKEv2.OnDemandRules[1].ActionParameters[0]"
    );
    assert!(rules.rules[2].holds_everywhere());
    let decision = decide(&rules, &Network::default(), Mode::Profile);
    assert_eq!(decision.trace[1].path, "PayloadContent[0].IKEv2.OnDemandRules[1]");
    assert!(decision.trace[0].keys[1].span.is_some());
    assert!(decision.hosts.is_empty());
}

#[test]
fn what_cannot_be_read_stops_it_with_its_place() {
    const AT: &str = "PayloadContent[0].IKEv2.OnDemandRules[0]";
    let evaluate =
        |parameters: Value| rule([("Action", "EvaluateConnection".into()), ("ActionParameters", parameters)]);
    let element = |element: Value| evaluate(Value::Array(vec![element]));
    let rows: Vec<(Value, &str, &str)> = vec![
        (rule([]), "ondemand.action", ".Action"),
        (rule([("Action", "Reconnect".into())]), "ondemand.action", ".Action"),
        (rule([("Action", "connect".into())]), "value.case", ".Action"),
        (rule([("Action", 1.into())]), "type.mismatch", ".Action"),
        (rule([("Action", "{{action}}".into())]), "value.not-allowed", ".Action"),
        ("Connect".into(), "type.mismatch", ""),
        (
            rule([("Action", "Connect".into()), ("InterfaceTypeMatch", "Wifi".into())]),
            "value.case",
            ".InterfaceTypeMatch",
        ),
        (
            rule([("Action", "Connect".into()), ("InterfaceTypeMatch", "Bluetooth".into())]),
            "ondemand.interface",
            ".InterfaceTypeMatch",
        ),
        (rule([("Action", "Connect".into()), ("SSIDMatch", "Office".into())]), "type.mismatch", ".SSIDMatch"),
        (
            rule([("Action", "Connect".into()), ("SSIDMatch", Value::Array(vec!["a".into(), 7.into()]))]),
            "type.mismatch",
            ".SSIDMatch[1]",
        ),
        (
            rule([("Action", "Connect".into()), ("URLStringProbe", array(["https://x/"]))]),
            "type.mismatch",
            ".URLStringProbe",
        ),
        (
            rule([("Action", "Connect".into()), ("URLStringProbe", "{{probe}}".into())]),
            "value.not-allowed",
            ".URLStringProbe",
        ),
        (
            rule([("Action", "EvaluateConnection".into())]),
            "ondemand.evaluate-needs-params",
            ".ActionParameters",
        ),
        (evaluate(Value::Array(vec![])), "ondemand.evaluate-needs-params", ".ActionParameters"),
        (evaluate(rule([("Domains", array(["x"]))])), "ondemand.params-shape", ".ActionParameters"),
        (element("x".into()), "type.mismatch", ".ActionParameters[0]"),
        (
            element(rule([("DomainAction", "NeverConnect".into())])),
            "ondemand.domains-missing",
            ".ActionParameters[0].Domains",
        ),
        (
            element(rule([("Domains", array(["x"]))])),
            "ondemand.domains-missing",
            ".ActionParameters[0].DomainAction",
        ),
        (
            element(rule([("Domains", array(["x"])), ("DomainAction", "Connect".into())])),
            "ondemand.domain-action",
            ".ActionParameters[0].DomainAction",
        ),
        (
            element(rule([("Domains", "x".into()), ("DomainAction", "NeverConnect".into())])),
            "type.mismatch",
            ".ActionParameters[0].Domains",
        ),
    ];
    for (value, code, path) in rows {
        // A sound rule behind it does not save it.
        let (rules, problems) = with_rules(vec![value.clone(), rule([("Action", "Connect".into())])]);
        assert_eq!(rules, None, "{value:?}");
        assert_eq!(errors(&problems), [(code, format!("{AT}{path}").as_str())], "{value:?}: {problems:?}");
    }
    let (rules, problems) = read(vec![("OnDemandRules", "Connect".into())]);
    assert_eq!(rules, None);
    assert_eq!(errors(&problems), [("type.mismatch", "PayloadContent[0].IKEv2.OnDemandRules")]);
}

#[test]
fn a_misspelt_match_key_is_told() {
    let misspelt = rule([("Action", "Connect".into()), ("SSIDmatch", array(["Office"]))]);
    let (rules, problems) = with_rules(vec![misspelt]);
    assert!(rules.is_some());
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].code.as_str(), problems[0].severity), ("key.unknown", Severity::Warning));
}

#[test]
fn switches_default_to_off() {
    let (rules, _) = read(vec![("OnDemandRules", Value::Array(vec![rule([("Action", "Connect".into())])]))]);
    let rules = rules.unwrap();
    assert!(!rules.enabled && !rules.user_override_disabled);
    let decision = decide(&rules, &Network::default(), Mode::Profile);
    assert_eq!(decision.outcome, Outcome::Off { reason: Off::NotEnabled });
    let (rules, problems) = read(vec![("OnDemandEnabled", true.into())]);
    assert!(rules.unwrap().enabled, "a boolean works on devices");
    assert_eq!(problems[0].code.as_str(), "type.bool-for-int");
}

#[test]
fn lists_are_read_where_they_are_defined() {
    let keys = || {
        vec![
            ("OnDemandEnabled", Value::from(1)),
            ("OnDemandMatchDomainsAlways", array(["a.example.com"])),
            ("OnDemandMatchDomainsNever", array(["b.example.com"])),
            ("OnDemandMatchDomainsOnRetry", array(["c.example.com"])),
        ]
    };
    for kind in ["VPN", "IPSec"] {
        let (rules, _) = read_file(&profile(kind, "com.apple.vpn.managed", keys(), Vec::new()));
        let lists = rules.unwrap().lists;
        assert_eq!(lists.always.values, ["a.example.com"]);
        assert_eq!(lists.never.values, ["b.example.com"]);
        assert_eq!(lists.on_retry.values, ["c.example.com"]);
        assert!(lists.never.span.is_some());
    }
    for kind in ["IKEv2", "TransparentProxy"] {
        let (rules, _) = read_file(&profile(kind, "com.apple.vpn.managed", keys(), Vec::new()));
        assert!(rules.unwrap().lists.is_empty());
    }
}

#[test]
fn a_per_app_payload_has_a_switch_of_its_own() {
    let applayer = "com.apple.vpn.managed.applayer";
    let enabled = |inner: i64, outer: Option<bool>, kind: &str| {
        let outer = outer.map(|value| ("OnDemandMatchAppEnabled", Value::from(value)));
        let keys = vec![("OnDemandEnabled", Value::from(inner))];
        read_file(&profile("VPN", kind, keys, outer.into_iter().collect())).0.unwrap().enabled
    };
    assert!(enabled(0, Some(true), applayer));
    assert!(!enabled(1, Some(false), applayer));
    assert!(enabled(1, None, applayer));
    assert!(!enabled(0, None, applayer));
    assert!(!enabled(0, Some(true), "com.apple.vpn.managed"), "only per-app payloads have the key");
}

#[test]
fn payloads_without_on_demand_rules_are_refused_by_name() {
    for (kind, code) in
        [("L2TP", "plan.unsupported"), ("AlwaysOn", "plan.unsupported"), ("PPTP", "value.not-allowed")]
    {
        let (rules, problems) = read_file(&profile(kind, "com.apple.vpn.managed", Vec::new(), Vec::new()));
        assert_eq!(rules, None);
        assert_eq!(errors(&problems), [(code, "PayloadContent[0].VPNType")]);
    }
    let (rules, problems) = read_file(&profile("IKEv2", "com.apple.wifi.managed", Vec::new(), Vec::new()));
    assert_eq!(rules, None);
    assert_eq!(errors(&problems), [("plan.choice", "PayloadContent[0].PayloadType")]);
    let missing = to_xml(&Value::dict([(
        "PayloadContent",
        Value::Array(vec![rule([
            ("PayloadType", "com.apple.vpn.managed".into()),
            ("VPNType", "IPSec".into()),
        ])]),
    )]));
    let (rules, problems) = read_file(&missing.unwrap());
    assert_eq!(rules, None);
    assert_eq!(errors(&problems), [("vpn.section-missing", "PayloadContent[0].IPSec")]);
}

#[test]
fn hostile_rules_cost_bounded_time() {
    // Near the limit of values in a file, each rule in the worst form for its reader, on a network at its own limit.
    let bad = || rule([("Action", "x".into()), ("SSIDMatch", 1.into())]);
    let (rules, problems) = with_rules((0..40_000).map(|_| bad()).collect());
    assert_eq!(rules, None);
    assert!(problems.len() <= adit_profile::report::MAX_DIAGNOSTICS);
    let names: Vec<String> = (0..1000).map(|at| format!("x{at}.{}", "a.".repeat(40))).collect();
    let entries = || Value::Array(names.iter().map(|name| Value::from(name.as_str())).collect());
    let many = (0..30).map(|_| rule([("Action", "Connect".into()), ("DNSDomainMatch", entries())]));
    let (rules, _) = with_rules(many.collect());
    let network = Network {
        search_domains: (0..10_000).map(|at| format!("y{at}.{}", "a.".repeat(40))).collect(),
        ..Network::default()
    };
    let started = crate::busy::Busy::start();
    let decision = decide(&rules.unwrap(), &network, Mode::Profile);
    assert_eq!(decision.outcome, Outcome::NothingMatched);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
