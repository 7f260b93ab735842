//! Every event and every kind of error, reached by a session; questions, refusals, loss and return.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use adit_bindings::{
    AditError, Answer, Credentials, HostAbilities, NetworkInfo, Question, Session, SessionEvent, TunFraming,
    profile,
};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::relay::Relay;
use support::{first, is_closed, is_up, options, until, up, with};

fn closed(events: &[SessionEvent]) -> Option<AditError> {
    first(events, |event| match event {
        SessionEvent::Closed { error } => Some(error.clone()),
        _ => None,
    })
}

/// The kind of an event, by an exhaustive match: a new one does not compile until it stands here.
fn kind(event: &SessionEvent) -> &'static str {
    match event {
        SessionEvent::Connecting { .. } => "connecting",
        SessionEvent::Ask { .. } => "ask",
        SessionEvent::Up { .. } => "up",
        SessionEvent::Warning { .. } => "warning",
        SessionEvent::Rekeyed { .. } => "rekeyed",
        SessionEvent::PathChanged { .. } => "path_changed",
        SessionEvent::Reasserting { .. } => "reasserting",
        SessionEvent::Detail { .. } => "detail",
        SessionEvent::Idle { .. } => "idle",
        SessionEvent::Closed { .. } => "closed",
    }
}

#[test]
fn events_of_a_life_with_rekeys_a_loss_and_a_return() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    given.overrides_json = with(&gateway, r#""child_lifetime":2,"ike_lifetime":4"#);
    let (session, _tun, mut seen) = up(given);
    seen.extend(until(&session, |event| matches!(event, SessionEvent::Rekeyed { .. })));
    gateway.drop_clients().unwrap();
    seen.extend(until(&session, |event| matches!(event, SessionEvent::Reasserting { .. })));
    assert!(!session.stats().unwrap().connected);
    first(&seen, |event| match event {
        SessionEvent::Reasserting { error: Some(AditError::ServerDisconnected { code, .. }), retry_ms } => {
            assert_eq!(code, "serverDisconnected");
            assert!(*retry_ms >= 1000);
            Some(())
        }
        _ => None,
    });
    session.stop().unwrap();
    seen.extend(until(&session, is_closed));
    let kinds: BTreeSet<&str> = seen.iter().map(kind).collect();
    for wanted in ["connecting", "up", "rekeyed", "reasserting", "detail", "closed"] {
        assert!(kinds.contains(wanted), "no {wanted} among {kinds:?}");
    }
    for event in &seen {
        let text = serde_json::to_value(event).unwrap();
        assert_eq!(text["event"], kind(event), "its name in JSON");
    }
}

#[test]
fn a_change_of_the_network_moves_the_tunnel_and_the_same_network_again_does_not() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let (session, _tun, _) = up(options(&gateway));
    let wifi = NetworkInfo { handle: Some(1), interface: Some("wlan0".into()), ..NetworkInfo::default() };
    session.network_changed(Some(wifi.clone())).unwrap();
    session.network_changed(Some(NetworkInfo { metered: true, ..wifi.clone() })).unwrap();
    let quiet = Instant::now();
    while quiet.elapsed() < Duration::from_millis(400) {
        if let Some(event) = session.wait_event(50).unwrap() {
            let moved = matches!(event, SessionEvent::PathChanged { .. } | SessionEvent::Reasserting { .. });
            assert!(!moved, "{event:?}");
        }
    }
    // Away for a moment, then another one.
    session.network_changed(None).unwrap();
    session.network_changed(Some(NetworkInfo { handle: Some(2), ..wifi })).unwrap();
    let seen = until(&session, |event| {
        matches!(event, SessionEvent::PathChanged { .. } | SessionEvent::Reasserting { .. })
    });
    match seen.last().unwrap() {
        SessionEvent::PathChanged { remote, .. } => assert!(remote.starts_with("127.0.0.1:")),
        // A server without MOBIKE: connected anew, the descriptor stays.
        _ => drop(until(&session, is_up)),
    }
    session.stop().unwrap();
}

/// This device on a network, with an address and its prefix length there.
fn at(handle: u64, address: &str) -> Option<NetworkInfo> {
    Some(NetworkInfo { handle: Some(handle), addresses: vec![address.to_owned()], ..NetworkInfo::default() })
}

/// What the last `Up` among these said stays outside, without the links' own.
fn outside(events: &[SessionEvent]) -> Vec<String> {
    let links = ["169.254.0.0/16", "224.0.0.0/24", "fe80::/10", "ff02::/16"];
    let excluded = events.iter().rev().find_map(|event| match event {
        SessionEvent::Up { settings, .. } => Some(settings.excluded_routes.clone()),
        _ => None,
    });
    excluded.unwrap().into_iter().filter(|network| !links.contains(&network.as_str())).collect()
}

#[test]
#[cfg(not(target_vendor = "apple"))]
fn up_comes_again_in_a_network_in_which_others_stay_outside() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    session.network_changed(at(1, "192.168.1.17/24")).unwrap();
    let seen = until(&session, is_up);
    assert_eq!(outside(&seen), ["192.168.1.0/24"]);
    let (_ours, theirs) = UnixDatagram::pair().unwrap();
    session.attach_tun(theirs.as_raw_fd(), TunFraming::RawIp).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Detail { json } if json.contains("child")));
    // The same again, and nowhere.
    session.network_changed(at(1, "192.168.1.23/24")).unwrap();
    session.network_changed(None).unwrap();
    session.network_changed(at(2, "10.7.0.9/24")).unwrap();
    let mut seen = until(&session, |event| {
        matches!(event, SessionEvent::PathChanged { .. } | SessionEvent::Reasserting { .. })
    });
    assert!(matches!(seen.last(), Some(SessionEvent::PathChanged { .. })), "moved: {seen:?}");
    session.network_changed(Some(NetworkInfo { handle: Some(2), ..NetworkInfo::default() })).unwrap();
    session.stop().unwrap();
    let rest = until(&session, is_closed);
    assert_eq!(seen.iter().filter(|event| is_up(event)).count(), 1, "{seen:?}");
    assert_eq!(outside(&seen), ["10.7.0.0/24"]);
    assert_eq!(rest.iter().filter(|event| is_up(event)).count(), 1, "{rest:?}");
    seen.extend(rest);
    assert_eq!(outside(&seen), [""; 0], "without a prefix no network is told to be local");
}

#[test]
#[cfg(not(target_vendor = "apple"))]
fn a_network_that_is_gone_leaves_nothing_outside() {
    let gateway = TestGateway::new(TestGatewayKind::WithoutPassword).unwrap();
    let mut given = options(&gateway);
    given.host = HostAbilities { asks_password: true, ..HostAbilities::default() };
    let session = Session::new(given).unwrap();
    session.network_changed(at(1, "192.168.1.17/24")).unwrap();
    let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    let Some(SessionEvent::Ask { token, .. }) = seen.last() else { panic!() };
    session.network_changed(None).unwrap();
    let password = gateway.password().unwrap();
    session.answer(*token, Answer::Password { username: None, password }).unwrap();
    assert_eq!(outside(&until(&session, is_up)), [""; 0]);
    session.stop().unwrap();
}

#[test]
fn a_network_without_a_name_is_another_by_its_addresses_with_their_prefix_too() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    given.host.protects_sockets = true;
    let session = Session::new(given).unwrap();
    // While the question is open there is no tunnel yet that could move.
    until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    let nameless = |address| at(1, address).map(|network| NetworkInfo { handle: None, ..network });
    session.network_changed(nameless("192.168.1.17/24")).unwrap();
    session.network_changed(nameless("192.168.2.17/24")).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    session.stop().unwrap();
}

#[test]
fn nothing_puts_off_the_end_of_an_idle_tunnel() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let another_network = |session: &Session| session.network_changed(at(7, "192.0.2.1/24")).unwrap();
    let sleep = |session: &Session| session.sleep().unwrap();
    for meanwhile in [&another_network as &dyn Fn(&Session), &sleep] {
        let relay = Relay::new(&gateway);
        let mut given = options(&gateway);
        given.overrides_json = relay.overrides(r#""idle":1,"liveness":0"#);
        let (session, _tun, _) = up(given);
        // The server does not answer, so that the end takes its time.
        relay.mute(true);
        until(&session, |event| serde_json::to_string(event).unwrap().to_lowercase().contains("idle"));
        let begun = Instant::now();
        meanwhile(&session);
        let seen = until(&session, |event| {
            matches!(event, SessionEvent::Reasserting { .. } | SessionEvent::Closed { .. })
        });
        assert_eq!(seen.last(), Some(&SessionEvent::Closed { error: None }));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}

#[test]
fn an_early_change_of_the_network_begins_anew_and_none_is_an_error_in_the_end() {
    let gateway = TestGateway::new(TestGatewayKind::Silent).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    session.network_changed(None).unwrap();
    session.network_changed(Some(NetworkInfo { handle: Some(7), ..NetworkInfo::default() })).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    session.stop().unwrap();
}

#[test]
fn sockets_are_protected_before_anything_is_sent_and_a_refusal_is_an_error() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    given.host.protects_sockets = true;
    let session = Session::new(given.clone()).unwrap();
    let mut sockets = 0;
    loop {
        let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }) || is_up(event));
        match seen.last().unwrap() {
            SessionEvent::Ask { token, question: Question::ProtectSocket { fd }, .. } => {
                assert!(*fd > 2);
                assert!(!seen.iter().any(
                    |event| matches!(event, SessionEvent::Detail { json } if json.contains("exchange"))
                ));
                assert_eq!(gateway.clients().unwrap(), 0);
                assert!(
                    session.answer(*token, Answer::Addresses { list: vec![] }).is_err(),
                    "no such answer"
                );
                session.answer(*token, Answer::Done).unwrap();
                sockets += 1;
            }
            _ => break,
        }
    }
    assert_eq!(sockets, 2);
    session.stop().unwrap();

    let silent = TestGateway::new(TestGatewayKind::Silent).unwrap();
    let mut given = options(&silent);
    given.host.protects_sockets = true;
    let session = Session::new(given).unwrap();
    let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    let Some(SessionEvent::Ask { token, .. }) = seen.last() else { panic!() };
    session.answer(*token, Answer::Refused { reason: "not prepared".into() }).unwrap();
    match closed(&until(&session, is_closed)) {
        Some(AditError::System { message, advice, .. }) => {
            assert!(
                message.contains("not prepared") && message.contains("no datagram was sent"),
                "{message}"
            );
            assert!(!advice.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_app_resolves_the_servers_name_and_its_refusal_is_told() {
    let gateway = TestGateway::new(TestGatewayKind::Named).unwrap();
    let mut given = options(&gateway);
    given.host.resolves_names = true;
    let ask = |answer: Answer| {
        let session = Session::new(given.clone()).unwrap();
        let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
        match seen.last() {
            Some(SessionEvent::Ask { token, question: Question::ResolveName { host }, deadline_ms }) => {
                assert_eq!(host, "gateway.adit.test");
                assert!(*deadline_ms > 1000);
                session.answer(*token, answer).unwrap();
            }
            other => panic!("{other:?}"),
        }
        session
    };
    let session = ask(Answer::Addresses { list: vec!["127.0.0.1".into()] });
    until(&session, is_up);
    session.stop().unwrap();
    let session = ask(Answer::Refused { reason: "NXDOMAIN on wlan0".into() });
    match closed(&until(&session, is_closed)) {
        Some(AditError::Network { message, code, .. }) => {
            assert!(message.contains("NXDOMAIN on wlan0"), "{message}");
            assert_eq!(code, "serverAddressResolutionFailed");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn passwords_are_asked_for_remembered_and_stand_in_no_log() {
    let gateway = TestGateway::new(TestGatewayKind::WithoutPassword).unwrap();
    let refused = Session::new(options(&gateway)).unwrap();
    assert!(matches!(closed(&until(&refused, is_closed)), Some(AditError::Credentials { .. })));

    let mut given = options(&gateway);
    given.host = HostAbilities { asks_password: true, ..HostAbilities::default() };
    let session = Session::new(given.clone()).unwrap();
    let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    let Some(SessionEvent::Ask { token, question, .. }) = seen.last() else { panic!() };
    let Question::Password { username, attempt: 0, refusal: None } = question else { panic!("{question:?}") };
    assert_eq!(username.as_deref(), Some("tester"));
    let password = gateway.password().unwrap();
    session.answer(*token, Answer::Password { username: None, password: password.clone() }).unwrap();
    until(&session, is_up);
    assert!(!session.log_tail().unwrap().contains(&password));
    session.stop().unwrap();

    let session = Session::new(given).unwrap();
    let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    let Some(SessionEvent::Ask { token, .. }) = seen.last() else { panic!() };
    session.answer(*token, Answer::Refused { reason: "cancelled".into() }).unwrap();
    assert!(matches!(closed(&until(&session, is_closed)), Some(AditError::Credentials { .. })));

    // By the credentials, without a question.
    let mut given = options(&gateway);
    given.credentials = Credentials { password: Some(password), ..Credentials::default() };
    let session = Session::new(given).unwrap();
    until(&session, is_up);
    session.stop().unwrap();
}

#[test]
fn chains_are_judged_by_the_app_where_the_profile_brings_no_anchor() {
    let gateway = TestGateway::new(TestGatewayKind::WithoutAnchor).unwrap();
    let mut given = options(&gateway);
    given.host.judges_chains = true;
    for trusted in [true, false] {
        let session = Session::new(given.clone()).unwrap();
        let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
        let Some(SessionEvent::Ask { token, question, .. }) = seen.last() else { panic!() };
        let Question::JudgeChain { certificates, identity } = question else { panic!("{question:?}") };
        assert!(!certificates.is_empty() && identity == "gateway.adit.test");
        if trusted {
            session.answer(*token, Answer::Done).unwrap();
            until(&session, is_up);
            session.stop().unwrap();
        } else {
            session.answer(*token, Answer::Refused { reason: "not on this device".into() }).unwrap();
            match closed(&until(&session, is_closed)) {
                Some(AditError::ServerIdentity { message, .. }) => {
                    assert!(message.contains("not on this device"), "{message}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn errors_say_who_must_act() {
    let wrong = TestGateway::new(TestGatewayKind::WrongPassword).unwrap();
    let session = Session::new(options(&wrong)).unwrap();
    match closed(&until(&session, is_closed)) {
        Some(AditError::Credentials { code, .. }) => assert_eq!(code, "authenticationFailed"),
        other => panic!("{other:?}"),
    }
    let other = TestGateway::new(TestGatewayKind::OtherAnchor).unwrap();
    let session = Session::new(options(&other)).unwrap();
    match closed(&until(&session, is_closed)) {
        Some(AditError::ServerIdentity { code, .. }) => {
            assert!(code.starts_with("serverCertificate"), "{code}")
        }
        other => panic!("{other:?}"),
    }
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut broken = options(&gateway);
    broken.profile = b"no profile".to_vec();
    assert!(matches!(Session::new(broken), Err(AditError::Profile { .. })));
    let mut broken = options(&gateway);
    broken.overrides_json = Some(r#"{"prot":1}"#.into());
    match Session::new(broken).map(drop) {
        Err(AditError::Usage { message, .. }) => assert!(message.contains("prot"), "{message}"),
        other => panic!("{other:?}"),
    }
    let (session, _tun, _) = up(options(&gateway));
    assert!(matches!(
        session.attach_tun(-1, adit_bindings::TunFraming::RawIp),
        Err(AditError::System { .. })
    ));
    assert!(matches!(session.answer(99, Answer::Done), Err(AditError::Usage { .. })));
    session.stop().unwrap();
    session.stop().unwrap();
    assert!(matches!(session.wake(), Err(AditError::Usage { .. })));
    assert!(matches!(session.network_changed(None), Err(AditError::Usage { .. })));
}

#[test]
fn sleep_and_wake_leave_a_tunnel_that_works() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    // The server would be asked each second for a sign of life; asleep it is not.
    given.overrides_json = with(&gateway, r#""liveness":1"#);
    let (session, tun, seen) = up(given);
    session.sleep().unwrap();
    std::thread::sleep(Duration::from_millis(2_500));
    while let Some(event) = session.wait_event(0).unwrap() {
        if let SessionEvent::Detail { json } = &event {
            assert!(!json.contains("INFORMATIONAL"), "{json}");
        }
    }
    session.wake().unwrap();
    tun.send(&support::packet(support::inner_v4(&seen), [10, 98, 0, 7], 1, 60)).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Detail { json } if json.contains("INFORMATIONAL")));
    session.stop().unwrap();
}

#[test]
fn a_wake_in_the_middle_of_a_change_of_the_network_is_heard() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    given.host.protects_sockets = true;
    given.overrides_json = with(&gateway, r#""liveness":1"#);
    let session = Session::new(given).unwrap();
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    session.attach_tun(theirs.as_raw_fd(), adit_bindings::TunFraming::RawIp).unwrap();
    // Answers that the sockets are protected, until an event of the other kind comes.
    let protect_until = |wanted: fn(&SessionEvent) -> bool| loop {
        let seen = until(&session, |event| matches!(event, SessionEvent::Ask { .. }) || wanted(event));
        match seen.last().unwrap() {
            SessionEvent::Ask { token, .. } => session.answer(*token, Answer::Done).unwrap(),
            _ => break,
        }
    };
    protect_until(is_up);
    session.network_changed(Some(NetworkInfo { handle: Some(1), ..NetworkInfo::default() })).unwrap();
    session.sleep().unwrap();
    session.network_changed(Some(NetworkInfo { handle: Some(2), ..NetworkInfo::default() })).unwrap();
    let asked = until(&session, |event| matches!(event, SessionEvent::Ask { .. }));
    session.wake().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    match asked.last().unwrap() {
        SessionEvent::Ask { token, .. } => session.answer(*token, Answer::Done).unwrap(),
        other => panic!("{other:?}"),
    }
    // Deadlines count again: without a packet of ours the server is asked each second for a sign of life.
    for _ in 0..2 {
        protect_until(
            |event| matches!(event, SessionEvent::Detail { json } if json.contains("liveness check")),
        );
    }
    drop(ours);
    session.stop().unwrap();
}

/// A session that protects its sockets and is up on network 1, with one end of its TUN; asked to protect those for network 2.
fn asked_on_another_network(gateway: &TestGateway) -> (std::sync::Arc<Session>, UnixDatagram, [u8; 4], u64) {
    let mut given = options(gateway);
    given.host.protects_sockets = true;
    given.overrides_json = with(gateway, r#""liveness":0"#);
    let session = Session::new(given).unwrap();
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    session.attach_tun(theirs.as_raw_fd(), adit_bindings::TunFraming::RawIp).unwrap();
    let from = support::inner_v4(&protected_until(&session, is_up));
    exchange(&ours, from, 1);
    session.network_changed(Some(network(1))).unwrap();
    session.network_changed(Some(network(2))).unwrap();
    let token = asked(&until(&session, |event| matches!(event, SessionEvent::Ask { .. })));
    (session, ours, from, token)
}

fn network(handle: u64) -> NetworkInfo {
    NetworkInfo { handle: Some(handle), ..NetworkInfo::default() }
}

/// The token of the question that came last.
fn asked(events: &[SessionEvent]) -> u64 {
    match events.last().unwrap() {
        SessionEvent::Ask { token, .. } => *token,
        other => panic!("{other:?}"),
    }
}

/// Answers that the sockets are protected, until an event of the other kind comes.
fn protected_until(session: &Session, wanted: fn(&SessionEvent) -> bool) -> Vec<SessionEvent> {
    let mut all = Vec::new();
    loop {
        let seen = until(session, |event| matches!(event, SessionEvent::Ask { .. }) || wanted(event));
        let over = wanted(seen.last().unwrap());
        if !over {
            session.answer(asked(&seen), Answer::Done).unwrap();
        }
        all.extend(seen);
        if over {
            return all;
        }
    }
}

/// Sends a packet into the tunnel until it comes back: the server may still answer on the path before.
fn exchange(tun: &UnixDatagram, from: [u8; 4], number: u32) {
    let packet = support::packet(from, [10, 98, 0, 7], number, 60);
    let mut back = [0; 2048];
    tun.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    for _ in 0..100 {
        tun.send(&packet).unwrap();
        if let Ok(len) = tun.recv(&mut back) {
            assert_eq!(back[..len], support::mirrored(&packet));
            return;
        }
    }
    panic!("packet {number} did not come back");
}

#[test]
fn a_device_and_a_question_for_counters_in_the_middle_of_a_change_of_the_network_are_heard() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let (session, before, from, token) = asked_on_another_network(&gateway);
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    session.attach_tun(theirs.as_raw_fd(), adit_bindings::TunFraming::RawIp).unwrap();
    drop(theirs);
    assert!(session.stats().unwrap().packets_sent >= 1, "the tunnel's own, not those of none");
    session.answer(token, Answer::Done).unwrap();
    protected_until(&session, |event| matches!(event, SessionEvent::PathChanged { .. }));
    exchange(&ours, from, 2);
    before.set_nonblocking(true).unwrap();
    let closed = before.send(&[0x45]).unwrap_err().kind();
    assert_eq!(closed, std::io::ErrorKind::ConnectionRefused, "the one before is closed");
    session.stop().unwrap();
}

#[test]
fn another_network_while_sockets_are_protected_is_no_return_from_none() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let (session, _tun, _, _) = asked_on_another_network(&gateway);
    session.network_changed(Some(network(3))).unwrap();
    let seen = protected_until(&session, |event| matches!(event, SessionEvent::PathChanged { .. }));
    for event in &seen {
        let SessionEvent::Detail { json } = event else { continue };
        assert!(!json.contains(r#""event":"online""#) && !json.contains(r#""event":"offline""#), "{json}");
    }
    // With words for a return it is one.
    session.network_changed(None).unwrap();
    session.network_changed(Some(network(4))).unwrap();
    for wanted in [r#""event":"offline""#, r#""event":"online""#] {
        until(&session, |event| matches!(event, SessionEvent::Detail { json } if json.contains(wanted)));
    }
    session.stop().unwrap();
}

#[test]
fn a_wake_without_a_word_of_the_sleep_asks_the_server_for_a_sign_of_life() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut given = options(&gateway);
    given.overrides_json = with(&gateway, r#""liveness":0"#);
    let (session, tun, seen) = up(given);
    let alive = |event: &SessionEvent| matches!(event, SessionEvent::Detail { json } if json.contains("INFORMATIONAL"));
    exchange(&tun, support::inner_v4(&seen), 1);
    while let Some(event) = session.wait_event(100).unwrap() {
        assert!(!alive(&event), "without a reason nobody asks: {event:?}");
    }
    session.wake().unwrap();
    // The word is read before the packet after it.
    session.stats().unwrap();
    exchange(&tun, support::inner_v4(&seen), 2);
    until(&session, alive);
    session.stop().unwrap();
}

#[test]
fn what_was_asked_before_the_network_changed_is_asked_anew_and_the_old_question_is_over() {
    let gateway = TestGateway::new(TestGatewayKind::WithoutPassword).unwrap();
    let mut given = options(&gateway);
    given.host.asks_password = true;
    let session = Session::new(given).unwrap();
    let is_ask = |event: &SessionEvent| matches!(event, SessionEvent::Ask { .. });
    let old = asked(&until(&session, is_ask));
    let wrong = Answer::Addresses { list: Vec::new() };
    assert!(session.answer(old, wrong.clone()).is_err(), "it is open, and cannot be answered so");
    session.network_changed(Some(network(1))).unwrap();
    session.network_changed(Some(network(2))).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    let new = asked(&until(&session, is_ask));
    assert!(new != old && session.answer(old, wrong).is_ok(), "late, and dropped");
    let password = Answer::Password { username: None, password: gateway.password().unwrap() };
    session.answer(new, password).unwrap();
    until(&session, is_up);
    session.stop().unwrap();
}

#[test]
fn a_device_that_comes_while_the_server_is_asked_is_used_when_the_tunnel_is_up() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let relay = Relay::new(&gateway);
    relay.mute(true);
    let mut given = options(&gateway);
    given.overrides_json = relay.overrides(r#""liveness":0"#);
    let session = Session::new(given).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    // The first message is on its way, and lost.
    std::thread::sleep(Duration::from_millis(300));
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    session.attach_tun(theirs.as_raw_fd(), adit_bindings::TunFraming::RawIp).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    relay.mute(false);
    until(&session, is_up);
    // What comes behind `Up` waits until the device stands.
    until(
        &session,
        |event| matches!(event, SessionEvent::Detail { json } if json.contains(r#""event":"child""#)),
    );
    drop(ours);
    session.stop().unwrap();
}

#[test]
fn a_connection_that_falls_asleep_while_it_is_made_is_begun_anew_and_does_not_fail() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let relay = Relay::new(&gateway);
    relay.mute(true);
    let mut given = options(&gateway);
    given.overrides_json = relay.overrides(r#""liveness":0"#);
    let session = Session::new(given).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    // Until the first message has been sent and lost.
    std::thread::sleep(Duration::from_millis(500));
    session.sleep().unwrap();
    // Longer than a server waits for somebody it does not know; asleep nothing is given up.
    std::thread::sleep(Duration::from_millis(20_500));
    assert_eq!(
        session.wait_event(0).unwrap().filter(|event| !matches!(event, SessionEvent::Detail { .. })),
        None
    );
    relay.mute(false);
    session.wake().unwrap();
    let seen = until(&session, is_up);
    assert!(matches!(seen[0], SessionEvent::Connecting { .. }), "{seen:?}");
    session.stop().unwrap();
}

#[test]
fn a_request_on_its_last_try_goes_on_after_a_sleep() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let relay = Relay::new(&gateway);
    let mut given = options(&gateway);
    given.overrides_json = relay.overrides(r#""liveness":1"#);
    let (session, _tun, _) = up(given);
    relay.mute(true);
    // Five times the same message, within 12 s; ten seconds later the server would be given up.
    let tries = |relay: &Relay| {
        let messages = relay.messages();
        let last = messages.last().cloned().unwrap_or_default();
        (messages.iter().filter(|message| **message == last).count(), last)
    };
    let begun = Instant::now();
    while tries(&relay).0 < 5 {
        assert!(begun.elapsed() < Duration::from_secs(30), "five tries");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (_, request) = tries(&relay);
    session.sleep().unwrap();
    std::thread::sleep(Duration::from_secs(11));
    assert_eq!(tries(&relay), (5, request.clone()), "asleep nothing is sent");
    relay.mute(false);
    session.wake().unwrap();
    let answered = |event: &SessionEvent| match event {
        SessionEvent::Detail { json } => json.contains("INFORMATIONAL") && json.contains("\"by_us\":true"),
        _ => false,
    };
    let seen = until(&session, answered);
    assert!(!seen.iter().any(|event| matches!(event, SessionEvent::Reasserting { .. })));
    assert_eq!(relay.messages().iter().filter(|message| **message == request).count(), 6, "the same octets");
    session.stop().unwrap();
}

#[test]
fn profile_functions_give_the_forms_of_the_command_line_and_no_secret() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let file = gateway.profile().unwrap();
    let password = gateway.password().unwrap();
    let read = |text: String| {
        assert!(!text.contains(&password), "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let report = read(profile::validate(file.clone(), String::new()).unwrap());
    assert!(report["diagnostics"].is_array());
    let plan = read(profile::plan_summary(file.clone(), String::new()).unwrap());
    assert_eq!(
        (&plan["plan"]["server"], &plan["plan"]["needs"]["password"]),
        (&"127.0.0.1".into(), &false.into())
    );
    let asks = TestGateway::new(TestGatewayKind::WithoutPassword).unwrap().profile().unwrap();
    assert_eq!(read(profile::plan_summary(asks, String::new()).unwrap())["plan"]["needs"]["password"], true);
    assert!(
        !read(profile::plan_summary(b"x".to_vec(), String::new()).unwrap())["problems"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(read(profile::explain(file.clone(), String::new()).unwrap())["vpns"].is_array());
    assert_eq!(read(profile::show(file.clone(), String::new()).unwrap())["masked"], true);
    assert!(profile::show(file.clone(), r#"{"unmask":true}"#.into()).unwrap().contains(&password));
    assert_eq!(read(profile::diff(file.clone(), file.clone(), String::new()).unwrap())["same"], true);
    assert!(read(profile::convert(file.clone(), r#"{"to":"api"}"#.into()).unwrap())["vpns"].is_array());
    let network = r#"{"network":{"interface":"WiFi"}}"#;
    read(profile::evaluate_on_demand(file.clone(), network.into()).unwrap());
    assert!(matches!(profile::validate(file.clone(), "{".into()), Err(AditError::Usage { .. })));
    let built = profile::build("{}".into(), String::new()).unwrap();
    assert!(built.file.is_empty() && built.report.contains("errors"));
    let fixed = profile::fix(file, String::new()).unwrap();
    assert!(!fixed.file.is_empty());
    assert_eq!(profile::version().unwrap(), env!("CARGO_PKG_VERSION"));
}
