//! VPN On Demand with Apple's semantics, each test named after one.

mod host;

use std::time::Duration;

use adit_ike::Failure;
use adit_manager::on_demand::{
    EvaluateConnectionRule, EvaluateConnectionRuleAction, OnDemandRule, OnDemandRuleAction,
    OnDemandRuleInterfaceType,
};
use adit_manager::{Configuration, Demand, EndReason, Event, ManagerId, Status, TunnelEvent, VpnErrorCode};
use adit_profile::ondemand::{Interface, Network};
use host::{Host, at, configuration, managed};

fn with_rules(rules: Vec<OnDemandRule>) -> Configuration {
    Configuration { is_on_demand_enabled: true, on_demand_rules: Some(rules), ..configuration() }
}

fn armed(rules: Vec<OnDemandRule>) -> (Host, ManagerId) {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.install(manager, with_rules(rules));
    host.asked.clear();
    host.events.clear();
    (host, manager)
}

fn wifi(ssid: &str) -> Network {
    Network { interface: Interface::WiFi, ssid: Some(ssid.into()), ..Network::default() }
}

fn cellular() -> Network {
    Network { interface: Interface::Cellular, ..Network::default() }
}

fn network(host: &mut Host, network: Network) {
    host.system.network_changed(host.now, Some(network));
    host.run();
}

#[test]
fn the_first_rule_that_matches_decides_on_each_network_change() {
    let home = OnDemandRule { ssid_match: Some(vec!["Home".into()]), ..OnDemandRule::disconnect() };
    let (mut host, manager) = armed(vec![home, OnDemandRule::connect()]);
    assert_eq!(host.system.status(manager), Status::Disconnected, "no network is known yet");
    network(&mut host, cellular());
    assert_eq!(host.system.status(manager), Status::Connecting);
    assert!(host.started[0].on_demand);
    host.tunnel(TunnelEvent::Up { default_route: true });
    network(&mut host, wifi("Home"));
    assert_eq!(host.system.status(manager), Status::Disconnected);
    assert_eq!(host.system.last_disconnect(manager).unwrap().error, None);
    network(&mut host, wifi("Café"));
    assert_eq!(host.system.status(manager), Status::Connecting);
    assert!(host.events.iter().any(|event| matches!(event, Event::OnDemand { .. })));
}

#[test]
fn rules_count_only_when_enabled_and_armed() {
    for (enabled, on_demand) in [(false, true), (true, false)] {
        let mut host = Host::new();
        let manager = host.system.shared();
        let mut rules = with_rules(vec![OnDemandRule::connect()]);
        (rules.is_enabled, rules.is_on_demand_enabled) = (enabled, on_demand);
        host.install(manager, rules);
        network(&mut host, cellular());
        assert!(host.started.is_empty());
    }
}

#[test]
fn a_save_arms_the_rules_on_the_network_that_is_there() {
    let mut host = Host::new();
    network(&mut host, cellular());
    let manager = host.system.shared();
    host.install(manager, with_rules(vec![OnDemandRule::connect()]));
    assert_eq!(host.system.status(manager), Status::Connecting);
}

#[test]
fn ignore_leaves_the_tunnel_as_it_is() {
    let (mut host, manager) = armed(vec![OnDemandRule::ignore()]);
    network(&mut host, cellular());
    assert_eq!(host.system.status(manager), Status::Disconnected);
    host.connect(manager);
    network(&mut host, wifi("x"));
    assert_eq!(host.system.status(manager), Status::Connected);
}

#[test]
fn every_dns_server_must_be_listed_here_and_one_in_a_profile() {
    let rule =
        OnDemandRule { dns_server_address_match: Some(vec!["10.0.0.1".into()]), ..OnDemandRule::connect() };
    let two = Network { dns_servers: vec!["10.0.0.1".into(), "8.8.8.8".into()], ..cellular() };
    let (mut host, _) = armed(vec![rule.clone()]);
    network(&mut host, two.clone());
    assert!(host.started.is_empty(), "NEOnDemandRule wants all of them listed");
    network(&mut host, Network { dns_servers: vec!["10.0.0.1".into()], ..cellular() });
    assert_eq!(host.started.len(), 1);
    let mut host = Host::new();
    let manager = host.system.manager(managed("A"));
    let mut of_profile = with_rules(vec![rule]);
    of_profile.managed.profile_matching = true;
    host.install(manager, of_profile);
    network(&mut host, two);
    assert_eq!(host.started.len(), 1, "in a profile one is enough");
}

#[test]
fn the_interface_type_must_match() {
    let rule =
        OnDemandRule { interface_type_match: OnDemandRuleInterfaceType::Cellular, ..OnDemandRule::connect() };
    assert_eq!(rule.action(), OnDemandRuleAction::Connect);
    let (mut host, _) = armed(vec![rule]);
    network(&mut host, wifi("x"));
    assert!(host.started.is_empty());
    network(&mut host, cellular());
    assert_eq!(host.started.len(), 1);
}

#[test]
fn a_probe_is_asked_of_the_host_once_a_network_and_decides() {
    let probe = "https://intranet.example.com/";
    let rule = OnDemandRule { probe_url: Some(probe.into()), ..OnDemandRule::disconnect() };
    let (mut host, manager) = armed(vec![rule, OnDemandRule::connect()]);
    network(&mut host, cellular());
    assert_eq!(host.asked, [Demand::ProbeUrl { url: probe.into() }]);
    assert_eq!(host.system.status(manager), Status::Disconnected, "it answers: the first rule holds");
    host.system.connection_opened(host.now, "a.example");
    host.run();
    assert_eq!(host.asked.len(), 1, "known on this network");
    host.urls_answer = false;
    network(&mut host, wifi("x"));
    assert_eq!(host.system.status(manager), Status::Connecting);
}

#[test]
fn a_probe_without_an_answer_in_time_has_failed() {
    let rule = OnDemandRule { probe_url: Some("https://a.example/".into()), ..OnDemandRule::disconnect() };
    let (mut host, manager) = armed(vec![rule, OnDemandRule::connect()]);
    host.system.network_changed(host.now, Some(cellular()));
    let request = host.system.poll_request().unwrap();
    while host.system.poll_event().is_some() {}
    assert_eq!(request.deadline, Some(at(10)));
    assert_eq!(host.system.poll_timeout(), Some(at(10)));
    host.advance(10);
    assert_eq!(host.system.status(manager), Status::Connecting);
    let late = host.system.answer(host.now, request.token, adit_manager::Answer::Reachable(true));
    assert!(late.is_err());
}

#[test]
fn a_network_change_takes_old_probes_back() {
    let rule = OnDemandRule { probe_url: Some("https://a.example/".into()), ..OnDemandRule::connect() };
    let (mut host, _) = armed(vec![rule]);
    host.system.network_changed(host.now, Some(cellular()));
    let first = host.system.poll_request().unwrap();
    host.system.network_changed(host.now, Some(wifi("x")));
    let late = host.system.answer(host.now, first.token, adit_manager::Answer::Reachable(true));
    assert!(late.is_err(), "the answer is about another network");
    host.run();
    assert_eq!(host.started.len(), 1, "the probe is made again");
}

#[test]
fn connect_if_needed_starts_for_a_host_that_does_not_resolve() {
    let needed = EvaluateConnectionRule::new(
        vec!["corp.example".into()],
        EvaluateConnectionRuleAction::ConnectIfNeeded,
    );
    let never = EvaluateConnectionRule::new(
        vec!["public.corp.example".into()],
        EvaluateConnectionRuleAction::NeverConnect,
    );
    let (mut host, manager) = armed(vec![OnDemandRule::evaluate_connection(vec![never, needed])]);
    network(&mut host, cellular());
    assert_eq!(host.system.status(manager), Status::Disconnected, "nothing is opened yet");
    for (name, resolves, status) in [
        ("www.example.org", false, Status::Disconnected),
        ("www.public.corp.example", false, Status::Disconnected),
        ("www.corp.example", true, Status::Disconnected),
        ("wiki.corp.example", false, Status::Connecting),
    ] {
        host.dns_answers = resolves;
        host.system.connection_opened(host.now, name);
        host.run();
        assert_eq!(host.system.status(manager), status, "{name}");
    }
    let names = |demand: &Demand| matches!(demand, Demand::ProbeName { .. });
    assert_eq!(host.asked.iter().filter(|demand| names(demand)).count(), 2);
}

#[test]
fn required_dns_servers_and_probe_start_the_tunnel_when_they_fail() {
    let rule = EvaluateConnectionRule {
        use_dns_servers: Some(vec!["10.0.0.1".into()]),
        probe_url: Some("https://intranet.corp.example/".into()),
        ..EvaluateConnectionRule::new(
            vec!["corp.example".into()],
            EvaluateConnectionRuleAction::ConnectIfNeeded,
        )
    };
    for (dns, url, started) in [(true, true, 0), (false, true, 1), (true, false, 1)] {
        let (mut host, _) = armed(vec![OnDemandRule::evaluate_connection(vec![rule.clone()])]);
        (host.dns_answers, host.urls_answer) = (dns, url);
        network(&mut host, cellular());
        host.system.connection_opened(host.now, "wiki.corp.example");
        host.run();
        assert_eq!(host.started.len(), started, "{dns} {url}");
        let probes =
            |demand: &Demand| matches!(demand, Demand::ProbeDns { servers } if servers == &["10.0.0.1"]);
        assert!(host.asked.iter().any(probes));
    }
}

#[test]
fn an_apps_stop_holds_until_the_network_changes_or_a_connection_is_opened() {
    let (mut host, manager) = armed(vec![OnDemandRule::connect()]);
    network(&mut host, cellular());
    host.tunnel(TunnelEvent::Up { default_route: true });
    host.stop(manager);
    host.advance(1000);
    assert_eq!(host.system.status(manager), Status::Disconnected);
    host.system.connection_opened(host.now, "a.example");
    host.run();
    assert_eq!(host.system.status(manager), Status::Connecting);
    host.stop(manager);
    network(&mut host, wifi("x"));
    assert_eq!(host.system.status(manager), Status::Connecting);
}

#[test]
fn the_users_switch_turns_on_demand_off_until_it_is_turned_back_and_is_stored() {
    let (mut host, manager) = armed(vec![OnDemandRule::connect()]);
    network(&mut host, cellular());
    host.tunnel(TunnelEvent::Up { default_route: true });
    host.system.set_user_override(host.now, manager, true).unwrap();
    host.run();
    assert_eq!(host.system.status(manager), Status::Disconnected);
    network(&mut host, wifi("x"));
    assert_eq!(host.system.status(manager), Status::Disconnected);
    // It is still off after the app was started anew.
    let mut again = Host::new();
    again.store = host.store.clone();
    again.secrets = host.secrets.clone();
    network(&mut again, cellular());
    let restarted = again.system.shared();
    again.load(restarted).unwrap();
    assert_eq!(again.system.status(restarted), Status::Disconnected);
    host.start(manager).unwrap();
    assert_eq!(host.system.status(manager), Status::Connecting, "a start by hand is always possible");
    host.stop(manager);
    host.system.set_user_override(host.now, manager, false).unwrap();
    host.run();
    assert_eq!(host.system.status(manager), Status::Connecting);
}

#[test]
fn a_managed_vpn_may_forbid_the_users_switch() {
    let mut host = Host::new();
    let manager = host.system.manager(managed("A"));
    let mut forbidden = with_rules(vec![OnDemandRule::connect()]);
    forbidden.managed.on_demand_user_override_disabled = true;
    host.install(manager, forbidden);
    let refused = host.system.set_user_override(host.now, manager, true).unwrap_err();
    assert_eq!(refused.code, VpnErrorCode::ConfigurationReadWriteFailed);
    assert!(refused.message.contains("OnDemandUserOverrideDisabled"));
    host.system.set_user_override(host.now, manager, false).unwrap();
}

#[test]
fn a_failure_is_followed_by_attempts_with_growing_pauses() {
    let (mut host, manager) = armed(vec![OnDemandRule::connect()]);
    network(&mut host, cellular());
    let failed = || {
        let failure = Failure::NoAnswer { tries: 5, waited: Duration::from_secs(30) };
        TunnelEvent::Closed(EndReason::Failed(failure))
    };
    for pause in [5, 10, 20, 40, 80, 160, 300, 300] {
        host.tunnel(failed());
        assert_eq!(host.system.status(manager), Status::Disconnected);
        host.advance(pause - 1);
        assert_eq!(host.system.status(manager), Status::Disconnected, "{pause}");
        host.advance(1);
        assert_eq!(host.system.status(manager), Status::Connecting, "{pause}");
    }
    host.tunnel(TunnelEvent::Up { default_route: true });
    host.tunnel(failed());
    host.advance(5);
    assert_eq!(host.system.status(manager), Status::Connecting, "a tunnel that was up starts over");
}

#[test]
fn on_demand_waits_while_the_device_sleeps() {
    let (mut host, manager) = armed(vec![OnDemandRule::connect()]);
    host.system.sleep(host.now);
    network(&mut host, cellular());
    assert_eq!(host.system.status(manager), Status::Disconnected);
    host.system.wake(at(60));
    host.run();
    assert_eq!(host.system.status(manager), Status::Connecting);
}

#[test]
fn a_removed_configuration_asks_nothing_more() {
    let rule = OnDemandRule { probe_url: Some("https://a.example/".into()), ..OnDemandRule::connect() };
    let (mut host, manager) = armed(vec![rule]);
    host.system.network_changed(host.now, Some(cellular()));
    let probe = host.system.poll_request().unwrap();
    host.remove(manager).unwrap();
    let late = host.system.answer(host.now, probe.token, adit_manager::Answer::Reachable(true));
    assert!(late.is_err());
    network(&mut host, wifi("x"));
    assert!(host.started.is_empty());
    assert_eq!(host.system.poll_timeout(), None);
}

#[test]
fn rules_that_cannot_work_are_not_saved() {
    let empty = OnDemandRule::evaluate_connection(Vec::new());
    let probe = OnDemandRule { probe_url: Some("ftp://a.example".into()), ..OnDemandRule::connect() };
    let domains = OnDemandRule::evaluate_connection(vec![EvaluateConnectionRule::new(
        Vec::new(),
        EvaluateConnectionRuleAction::NeverConnect,
    )]);
    for rule in [empty, probe, domains] {
        let mut host = Host::new();
        let manager = host.system.shared();
        host.load(manager).unwrap();
        host.system.set_configuration(manager, with_rules(vec![rule]));
        assert_eq!(host::code(host.save(manager)), VpnErrorCode::ConfigurationInvalid);
    }
}

#[test]
fn a_failure_that_stays_is_not_tried_again_before_something_changes() {
    let (mut host, manager) = armed(vec![OnDemandRule::connect()]);
    network(&mut host, cellular());
    let refused = || {
        let failure = Failure::RefusedByPeer { identity: "me".into(), method: "pre-shared key" };
        TunnelEvent::Closed(EndReason::Failed(failure))
    };
    host.tunnel(refused());
    assert_eq!(host.system.poll_timeout(), None, "nobody is woken for it");
    host.advance(100_000);
    host.system.connection_opened(host.now, "a.example");
    host.run();
    assert_eq!(host.system.status(manager), Status::Disconnected);
    network(&mut host, wifi("x"));
    assert_eq!(host.system.status(manager), Status::Connecting, "another network, another chance");
    host.tunnel(refused());
    host.load(manager).unwrap();
    assert_eq!(host.system.status(manager), Status::Disconnected);
    host.save(manager).unwrap();
    assert_eq!(host.system.status(manager), Status::Connecting, "a saved configuration may be mended");
}

#[test]
fn a_network_change_while_disconnecting_is_looked_at_afterwards() {
    let home = OnDemandRule { ssid_match: Some(vec!["Home".into()]), ..OnDemandRule::disconnect() };
    let (mut host, manager) = armed(vec![home, OnDemandRule::connect()]);
    network(&mut host, cellular());
    host.tunnel(TunnelEvent::Up { default_route: true });
    host.system.network_changed(host.now, Some(wifi("Home")));
    assert_eq!(host.system.status(manager), Status::Disconnecting);
    host.system.network_changed(host.now, Some(wifi("Café")));
    assert_eq!(host.system.status(manager), Status::Disconnecting);
    host.run();
    assert_eq!(host.system.status(manager), Status::Connecting);
}
