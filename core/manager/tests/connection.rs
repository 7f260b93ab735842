//! Start, stop, status and the reasons of an end, each test named after what Apple documents or the table maps.

mod host;

use std::time::Duration;

use adit_crypto::{SignatureScheme, default_provider};
use adit_ike::wire::ExchangeType;
use adit_ike::{CloseReason, Failure};
use adit_manager::protocol::Ikev2Protocol;
use adit_manager::routing::{IpPrefix, Platform, TunnelRoutes};
use adit_manager::{
    Answer, AnswerError, Ask, Configuration, ConnectionError, Demand, EndReason, Event, ManagerId, NewSecret,
    SecretSlot, StartOptions, Status, SystemOptions, Token, TunnelEvent, TunnelId, Tunnels, VpnErrorCode,
};
use adit_profile::SecretText;
use adit_profile::ikev2::Authentication;
use adit_tunnel::plan::{PlanInputs, plan};
use host::{Host, SECRET, at, code, configuration, ikev2, managed, options, personal};

fn gone() -> EndReason {
    EndReason::Failed(Failure::PeerGone {
        exchange: ExchangeType::INFORMATIONAL,
        waited: Duration::from_secs(30),
    })
}

fn last(host: &Host, manager: ManagerId) -> Option<ConnectionError> {
    host.system.last_disconnect(manager).and_then(|told| told.error)
}

#[test]
fn a_start_goes_through_connecting_to_connected_and_a_stop_back() {
    let (mut host, manager) = Host::installed();
    host.now = at(100);
    host.connect(manager);
    assert_eq!(host.system.connected_date(manager), Some(1_700_000_100));
    host.stop(manager);
    assert_eq!(
        host.statuses(),
        [Status::Connecting, Status::Connected, Status::Disconnecting, Status::Disconnected]
    );
    assert_eq!(host.system.connected_date(manager), None);
    assert_eq!(last(&host, manager), None, "it was asked for");
}

#[test]
fn a_start_hands_over_a_profile_that_the_engine_takes() {
    let (mut host, manager) = Host::installed();
    host.start(manager).unwrap();
    let start = host.started[0].clone();
    assert_eq!(start.addresses, ["192.0.2.1"]);
    assert!(!start.on_demand);
    let settings = start.profile.settings().unwrap();
    assert_eq!(settings.remote_address, "vpn.example.com");
    assert_eq!(settings.ike_lifetime_minutes, 60, "the API's default, not the profile's 1440");
    assert_eq!(settings.child_lifetime_minutes, 30);
    assert_eq!(settings.dead_peer_detection_seconds, Some(600));
    let planned = plan(&settings, &PlanInputs::default(), &default_provider()).unwrap();
    assert_eq!(planned.ike.common.ike_lifetime, Duration::from_secs(3600));
    assert_eq!(planned.ike.common.child.lifetime, Duration::from_secs(1800));
    let Authentication::SharedSecret(secret) = settings.authentication else { panic!("another method") };
    assert_eq!(secret.expose(), SECRET.as_bytes());
}

#[test]
fn a_start_needs_a_stored_enabled_configuration() {
    let mut host = Host::new();
    let manager = host.system.shared();
    assert_eq!(code(host.start(manager)), VpnErrorCode::ConfigurationInvalid);
    host.install(manager, Configuration { is_enabled: false, ..configuration() });
    assert_eq!(code(host.start(manager)), VpnErrorCode::ConfigurationDisabled);
    // What was changed and not saved does not count.
    let mut copy = host.system.configuration(manager).unwrap().clone();
    copy.is_enabled = true;
    host.system.set_configuration(manager, copy);
    assert_eq!(code(host.start(manager)), VpnErrorCode::ConfigurationDisabled);
    host.save(manager).unwrap();
    host.start(manager).unwrap();
}

#[test]
fn a_second_start_changes_nothing_and_one_while_disconnecting_fails() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    host.start(manager).unwrap();
    assert_eq!(host.started.len(), 1);
    host.system.stop(host.now, manager);
    let start = host.system.start(host.now, manager, StartOptions::default());
    assert_eq!(code(start), VpnErrorCode::ConnectionFailed);
}

#[test]
fn start_options_replace_the_stored_name_and_password_for_one_time() {
    let mut host = Host::new();
    let manager = host.system.shared();
    let mut eap = configuration();
    ikev2(&mut eap).ipsec.authentication_method = adit_manager::protocol::AuthenticationMethod::None;
    ikev2(&mut eap).ipsec.use_extended_authentication = true;
    ikev2(&mut eap).ipsec.base.username = Some("stored".into());
    eap.new_secrets = vec![NewSecret::new(SecretSlot::Password, b"stored password".to_vec())];
    host.install(manager, eap);
    host.asked.clear();
    let options =
        StartOptions { username: Some("guest".into()), password: Some(SecretText::new("once".into())) };
    host.system.start(host.now, manager, options).unwrap();
    host.run();
    assert!(!host.asked.iter().any(|demand| matches!(demand, Demand::ReadSecret { .. })), "not read at all");
    let start = host.started[0].clone();
    assert_eq!(start.username.as_deref(), Some("guest"));
    assert_eq!(start.password.as_ref().map(SecretText::expose), Some("once"));
    // The tunnel's own question is answered with it, the second one goes to the user.
    let ask = |attempt| TunnelEvent::Asks {
        question: u64::from(attempt) + 40,
        deadline: at(60),
        ask: Ask::Password { username: None, attempt },
    };
    host.tunnel(ask(0));
    assert!(host.events.contains(&Event::TunnelAnswer {
        tunnel: start.tunnel,
        question: 40,
        answer: Answer::Password { username: Some("guest".into()), password: SecretText::new("once".into()) },
    }));
    host.tunnel(ask(1));
    assert!(matches!(host.asked.last(), Some(Demand::Tunnel { ask: Ask::Password { attempt: 1, .. }, .. })));
    host.stop(manager);
    host.connect(manager);
    let settings = host.started[1].profile.settings().unwrap();
    let Authentication::Eap(credentials) = settings.authentication else { panic!("another method") };
    assert_eq!(credentials.name.as_deref(), Some("stored"));
    assert_eq!(credentials.password.unwrap().expose(), "stored password");
    assert_eq!(host.started[1].password, None);
}

#[test]
fn a_loss_is_reasserting_until_the_tunnel_is_back() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    host.events.clear();
    host.tunnel(TunnelEvent::Reasserting);
    assert_eq!(host.system.connected_date(manager), None);
    host.now = at(50);
    host.tunnel(TunnelEvent::Up { default_route: true });
    host.tunnel(TunnelEvent::Reasserting);
    host.tunnel(TunnelEvent::PathChanged);
    host.tunnel(TunnelEvent::PathChanged);
    assert_eq!(
        host.statuses(),
        [Status::Reasserting, Status::Connected, Status::Reasserting, Status::Connected]
    );
    assert_eq!(host.system.connected_date(manager), Some(1_700_000_050));
}

#[test]
fn what_goes_wrong_before_the_tunnel_runs_is_a_disconnect_with_its_reason() {
    let (mut host, manager) = Host::installed();
    host.addresses = None;
    host.start(manager).unwrap();
    assert_eq!(host.statuses(), [Status::Connecting, Status::Disconnected]);
    assert_eq!(last(&host, manager), Some(ConnectionError::ServerAddressResolutionFailed));
    host.addresses = Some(Vec::new());
    host.start(manager).unwrap();
    assert_eq!(last(&host, manager), Some(ConnectionError::ServerAddressResolutionFailed));
    host.addresses = Some(vec!["192.0.2.1".into()]);
    host.secrets.clear();
    host.start(manager).unwrap();
    assert_eq!(last(&host, manager), Some(ConnectionError::ConfigurationFailed));
    let disconnect = host.system.last_disconnect(manager).unwrap();
    assert!(disconnect.message.contains("shared secret") && !disconnect.advice.is_empty(), "{disconnect:?}");
    assert!(host.started.is_empty());
}

#[test]
fn a_configuration_that_the_rules_refuse_fails_at_the_start() {
    let mut host = Host::new();
    let manager = host.system.shared();
    let mut old = configuration();
    ikev2(&mut old).ike_security_association_parameters.encryption_algorithm =
        adit_manager::protocol::EncryptionAlgorithm::TripleDes;
    host.install(manager, old);
    host.start(manager).unwrap();
    assert_eq!(last(&host, manager), Some(ConnectionError::ConfigurationFailed));
    let message = host.system.last_disconnect(manager).unwrap().message.clone();
    assert!(message.contains("3DES") && !message.contains(SECRET), "{message}");
}

#[test]
fn a_name_that_nobody_resolves_in_time_is_a_resolution_failure() {
    let (mut host, manager) = Host::installed();
    host.start_without_answers(manager);
    let deadline = host.system.poll_timeout().unwrap();
    host.now = deadline;
    host.system.handle_timeout(deadline);
    host.run();
    assert_eq!(last(&host, manager), Some(ConnectionError::ServerAddressResolutionFailed));
}

#[test]
fn an_address_needs_no_resolution() {
    for (server, address) in [("192.0.2.7", "192.0.2.7"), ("[2001:db8::1]", "2001:db8::1")] {
        let mut host = Host::new();
        let manager = host.system.shared();
        let mut literal = configuration();
        ikev2(&mut literal).ipsec.base.server_address = Some(server.into());
        host.install(manager, literal);
        host.start(manager).unwrap();
        assert!(!host.asked.iter().any(|demand| matches!(demand, Demand::ResolveName { .. })));
        assert_eq!(host.started.first().map(|start| start.addresses.clone()), Some(vec![address.to_owned()]));
    }
}

#[test]
fn a_stop_while_preparing_takes_the_request_back() {
    let (mut host, manager) = Host::installed();
    let token = host.start_without_answers(manager);
    host.stop(manager);
    assert_eq!(host.system.status(manager), Status::Disconnected);
    let late = host.system.answer(host.now, token, Answer::Addresses(vec!["192.0.2.1".into()]));
    assert_eq!(late, Err(AnswerError::UnknownToken));
    assert!(host.started.is_empty());
}

#[test]
fn a_platform_that_does_not_run_the_tunnel_says_why() {
    for (answer, error) in [
        (Answer::Refused { reason: "no consent".into() }, ConnectionError::PluginDisabled),
        (Answer::Failed { reason: "no memory".into() }, ConnectionError::PluginFailed),
    ] {
        let (mut host, manager) = Host::installed();
        host.system.start(host.now, manager, StartOptions::default()).unwrap();
        loop {
            let request = host.system.poll_request().unwrap();
            if matches!(request.demand, Demand::StartTunnel(_)) {
                host.system.answer(host.now, request.token, answer).unwrap();
                break;
            }
            let answer = host.reply(&request).unwrap();
            host.system.answer(host.now, request.token, answer).unwrap();
        }
        assert_eq!(last(&host, manager), Some(error));
        assert_eq!(host.system.status(manager), Status::Disconnected);
    }
}

#[test]
fn an_end_that_the_server_makes_is_told_and_late_reports_are_ignored() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    let tunnel = host.last_tunnel();
    host.tunnel(TunnelEvent::Closed(CloseReason::DeletedByPeer.into()));
    assert_eq!(last(&host, manager), Some(ConnectionError::ServerDisconnected));
    host.system.tunnel_event(host.now, tunnel, TunnelEvent::Up { default_route: true });
    host.system.tunnel_event(host.now, TunnelId(999), TunnelEvent::Reasserting);
    host.run();
    assert_eq!(host.system.status(manager), Status::Disconnected);
}

#[test]
fn the_reason_of_a_stop_outlives_what_the_tunnel_says_of_it() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    host.system.stop(host.now, manager);
    let tunnel = host.last_tunnel();
    host.system.tunnel_event(host.now, tunnel, TunnelEvent::Closed(gone()));
    assert_eq!(last(&host, manager), None);
    let stop = host.system.poll_request();
    assert_eq!(stop, None, "the tunnel is gone before the host saw that it should end it");
}

#[test]
fn disconnect_on_sleep_ends_the_tunnel_and_others_stay() {
    for (switch, status) in [(true, Status::Disconnected), (false, Status::Connected)] {
        let mut host = Host::new();
        let manager = host.system.shared();
        let mut sleepy = configuration();
        ikev2(&mut sleepy).ipsec.base.disconnect_on_sleep = switch;
        host.install(manager, sleepy);
        host.connect(manager);
        host.system.sleep(host.now);
        host.run();
        assert_eq!(host.system.status(manager), status);
        if switch {
            assert_eq!(last(&host, manager), None);
        }
    }
}

#[test]
fn overslept_is_a_tunnel_whose_lifetime_passed_in_sleep() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    host.system.sleep(at(10));
    host.now = at(10 + 3600);
    host.system.wake(host.now);
    host.run();
    assert_eq!(last(&host, manager), Some(ConnectionError::Overslept));
}

#[test]
fn overslept_is_a_tunnel_that_is_dead_shortly_after_waking() {
    for (slept, awake, error) in [
        (600, 20, ConnectionError::Overslept),
        (600, 61, ConnectionError::ServerDead),
        (30, 20, ConnectionError::ServerDead),
    ] {
        let (mut host, manager) = Host::installed();
        host.connect(manager);
        host.system.sleep(at(0));
        host.system.wake(at(slept));
        host.now = at(slept + awake);
        host.tunnel(TunnelEvent::Closed(gone()));
        assert_eq!(last(&host, manager), Some(error), "{slept} {awake}");
    }
}

#[test]
fn disconnect_on_idle_is_the_tunnels_to_do_and_no_error() {
    let mut host = Host::new();
    let manager = host.system.manager(managed("A"));
    let mut idle = configuration();
    idle.managed.disconnect_on_idle_seconds = Some(120);
    host.install(manager, idle);
    host.connect(manager);
    let settings = host.started[0].profile.settings().unwrap();
    assert_eq!(settings.flags.disconnect_on_idle_seconds, Some(120));
    assert_eq!(host.system.poll_timeout(), None, "an idle device is not woken for it here");
    host.tunnel(TunnelEvent::Closed(EndReason::idle()));
    assert_eq!(host.system.status(manager), Status::Disconnected);
    let told = host.system.last_disconnect(manager).unwrap();
    assert_eq!(told.error, None);
    assert!(told.message.contains("DisconnectOnIdle"), "{}", told.message);
}

#[test]
fn a_managed_one_wins_the_default_route_when_both_want_it() {
    let (mut host, own) = Host::installed();
    host.connect(own);
    assert_eq!(host.system.default_route(), Some(&personal("com.example.app")));
    let company = host.system.manager(managed("A"));
    host.install(company, configuration());
    host.connect(company);
    assert_eq!(host.system.default_route(), Some(&managed("A")));
    assert_eq!(host.system.status(own), Status::Connected, "both are up where the platform runs several");
    host.stop(company);
    assert_eq!(host.system.default_route(), Some(&personal("com.example.app")));
    assert!(host.events.contains(&Event::DefaultRoute { holder: Some(managed("A")) }));
}

#[test]
fn a_managed_one_without_the_default_route_leaves_it() {
    let (mut host, own) = Host::installed();
    host.connect(own);
    let company = host.system.manager(managed("A"));
    host.install(company, configuration());
    host.start(company).unwrap();
    host.tunnel(TunnelEvent::Up { default_route: false });
    assert_eq!(host.system.default_route(), Some(&personal("com.example.app")));
}

#[test]
fn where_one_tunnel_runs_at_a_time_the_managed_one_has_it() {
    let mut host = Host::with(SystemOptions {
        platform: Platform::Android { api_level: 35, lockdown: false },
        ..options(Tunnels::One)
    });
    let own = host.system.shared();
    host.install(own, configuration());
    host.connect(own);
    let company = host.system.manager(managed("A"));
    host.install(company, configuration());
    host.connect(company);
    assert_eq!(host.system.status(own), Status::Disconnected);
    assert_eq!(last(&host, own), Some(ConnectionError::UnrecoverableNetworkChange));
    assert_eq!(code(host.start(own)), VpnErrorCode::ConnectionFailed);
    host.stop(company);
    host.connect(own);
}

#[test]
fn include_all_networks_is_refused_where_it_cannot_be_kept() {
    for (accepts, started) in [(false, false), (true, true)] {
        let mut host = Host::with(SystemOptions {
            platform: Platform::Linux,
            accepts_traffic_outside: accepts,
            ..options(Tunnels::Several)
        });
        let manager = host.system.shared();
        let mut all = configuration();
        ikev2(&mut all).ipsec.base.include_all_networks = true;
        host.install(manager, all);
        let result = host.start(manager);
        assert_eq!(result.is_ok(), started, "{result:?}");
        assert_eq!(host.started.len(), usize::from(started));
        if let Err(error) = result {
            assert!(error.message.contains("includeAllNetworks"), "{error}");
        }
    }
}

#[test]
fn a_tunnels_questions_reach_the_host_and_the_answers_the_tunnel() {
    let (mut host, manager) = Host::installed();
    host.start(manager).unwrap();
    let tunnel = host.last_tunnel();
    let questions = [
        (Ask::ProtectSocket { descriptor: 7 }, Answer::Done),
        (Ask::ResolveName { host: "a.example".into() }, Answer::Addresses(vec!["192.0.2.2".into()])),
        (
            Ask::Sign { key: "alias".into(), scheme: SignatureScheme::Ed25519, message: vec![1] },
            Answer::Signature(vec![2]),
        ),
        (
            Ask::JudgeChain { certificates: vec![vec![3]], identity: "vpn.example.com".into() },
            Answer::Refused { reason: "unknown issuer".into() },
        ),
        (
            Ask::Password { username: None, attempt: 0 },
            Answer::Password { username: None, password: SecretText::new("typed".into()) },
        ),
    ];
    for (number, (ask, answer)) in questions.into_iter().enumerate() {
        let question = u64::try_from(number).unwrap();
        let event = TunnelEvent::Asks { question, deadline: at(30), ask: ask.clone() };
        host.system.tunnel_event(host.now, tunnel, event);
        let request = host.system.poll_request().unwrap();
        assert_eq!(request.demand, Demand::Tunnel { tunnel, ask });
        assert_eq!(request.deadline, Some(at(30)));
        let wrong = host.system.answer(host.now, request.token, Answer::Record(None));
        assert_eq!(wrong, Err(AnswerError::WrongKind));
        host.system.answer(host.now, request.token, answer.clone()).unwrap();
        assert_eq!(
            host.system.answer(host.now, request.token, answer.clone()),
            Err(AnswerError::UnknownToken)
        );
        host.run();
        assert_eq!(host.events.last(), Some(&Event::TunnelAnswer { tunnel, question, answer }));
    }
    assert_eq!(host.system.answer(host.now, Token(99_999), Answer::Done), Err(AnswerError::UnknownToken));
}

#[test]
fn questions_of_a_tunnel_are_bounded_and_end_with_it() {
    let (mut host, manager) = Host::installed();
    host.start(manager).unwrap();
    let tunnel = host.last_tunnel();
    for question in 0..20 {
        let ask = Ask::ProtectSocket { descriptor: 3 };
        host.tunnel(TunnelEvent::Asks { question, deadline: at(30), ask });
    }
    let refused =
        |event: &&Event| matches!(event, Event::TunnelAnswer { answer: Answer::Refused { .. }, .. });
    assert_eq!(host.events.iter().filter(refused).count(), 4);
    host.events.clear();
    host.system.handle_timeout(at(30));
    host.run();
    let failed = |event: &&Event| matches!(event, Event::TunnelAnswer { tunnel: of, answer: Answer::Failed { .. }, .. } if *of == tunnel);
    assert_eq!(host.events.iter().filter(failed).count(), 16, "no answer in time is an answer too");
}

#[test]
fn an_identity_that_only_the_host_has_goes_by_reference() {
    let mut host = Host::new();
    let manager = host.system.shared();
    let mut certificate = configuration();
    let settings: &mut Ikev2Protocol = ikev2(&mut certificate);
    settings.ipsec.authentication_method = adit_manager::protocol::AuthenticationMethod::Certificate;
    let identity = adit_manager::SecretReference(b"alias".to_vec());
    settings.ipsec.base.identity_reference = Some(identity.clone());
    certificate.new_secrets.clear();
    host.install(manager, certificate);
    host.start(manager).unwrap();
    assert_eq!(host.started[0].profile.identity_reference, Some(identity));
    let settings = host.started[0].profile.settings().unwrap();
    assert!(matches!(settings.authentication, Authentication::CertificateAtHost), "{settings:?}");
}

#[test]
fn a_start_without_a_network_is_no_network_available() {
    let (mut host, manager) = Host::installed();
    host.system.network_changed(host.now, None);
    host.start(manager).unwrap();
    assert_eq!(host.statuses(), [Status::Connecting, Status::Disconnected]);
    assert_eq!(last(&host, manager), Some(ConnectionError::NoNetworkAvailable));
    host.system.network_changed(host.now, Some(adit_profile::ondemand::Network::default()));
    host.connect(manager);
}

#[test]
fn the_routes_of_a_tunnel_follow_its_configuration_and_platform() {
    let mut host = Host::with(SystemOptions {
        platform: Platform::Android { api_level: 32, lockdown: false },
        ..options(Tunnels::One)
    });
    let manager = host.system.shared();
    let key = personal("com.example.app");
    let routes = TunnelRoutes {
        routes: vec![IpPrefix::ALL_IPV4],
        has_ipv4: true,
        local_networks: vec!["192.168.1.0/24".parse().unwrap()],
        ..TunnelRoutes::default()
    };
    assert_eq!(host.system.routing_plan(&key, &routes), None);
    let mut all = configuration();
    ikev2(&mut all).ipsec.base.include_all_networks = true;
    ikev2(&mut all).ipsec.base.exclude_local_networks = false;
    host.install(manager, all);
    host.connect(manager);
    let plan = host.system.routing_plan(&key, &routes).unwrap();
    assert_eq!(plan.included, [IpPrefix::ALL_IPV4, IpPrefix::ALL_IPV6]);
    assert!(plan.block_ipv6 && plan.block_while_connecting && plan.excluded.is_empty());
}

#[test]
fn a_host_that_does_not_end_a_tunnel_is_not_waited_for_for_ever() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    host.system.stop(host.now, manager);
    assert_eq!(host.system.status(manager), Status::Disconnecting);
    let stop = host.system.poll_request().unwrap();
    assert_eq!((stop.deadline, matches!(stop.demand, Demand::StopTunnel { .. })), (Some(at(5)), true));
    host.advance(5);
    assert_eq!(host.system.status(manager), Status::Disconnected);
}
