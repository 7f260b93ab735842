//! A session against a gateway in this process, over loopback: connected, packets both ways, stopped.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use adit_bindings::{Session, SessionEvent, TunFraming};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::{first, inner_v4, is_closed, is_up, mirrored, options, packet, until, up};

const FAR: [u8; 4] = [10, 98, 0, 7];

/// Sends packets until they come back: the tunnel takes the descriptor a moment after it was attached.
fn round_trip(tun: &UnixDatagram, packet: &[u8], family: &[u8]) {
    let framed = [family, packet].concat();
    let expected = [family, &mirrored(packet)[..]].concat();
    let mut got = [0; 2048];
    tun.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    for _ in 0..50 {
        tun.send(&framed).unwrap();
        if let Ok(len) = tun.recv(&mut got) {
            assert_eq!(&got[..len], expected);
            return;
        }
    }
    panic!("no packet came back");
}

#[test]
fn connects_moves_packets_through_a_descriptor_and_stops_within_a_second() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let (session, tun, seen) = up(options(&gateway));
    let address = gateway.address().unwrap();
    assert!(
        seen.iter().any(|event| matches!(event, SessionEvent::Connecting { address: to } if *to == address))
    );
    first(&seen, |event| match event {
        SessionEvent::Up { settings, connection } => {
            assert_eq!(settings.remote_address, "127.0.0.1");
            assert_eq!(settings.mtu, 1280);
            assert!(settings.included_routes.contains(&"0.0.0.0/0".to_owned()), "{settings:?}");
            assert_eq!(connection.server, "gateway.adit.test");
            assert!(connection.ike_suite.contains("AES"), "{connection:?}");
            Some(())
        }
        _ => None,
    });
    let inner = inner_v4(&seen);
    for (number, len) in [(1, 60), (2, 700), (3, 1280)] {
        round_trip(&tun, &packet(inner, FAR, number, len), &[]);
    }
    let stats = session.stats().unwrap();
    assert!(stats.connected && stats.packets_sent >= 3 && stats.packets_received >= 3, "{stats:?}");
    assert_eq!(gateway.clients().unwrap(), 1);

    let begun = Instant::now();
    session.stop().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(session.is_closed().unwrap());
    let last = until(&session, is_closed);
    assert_eq!(last.last(), Some(&SessionEvent::Closed { error: None }));
    assert_eq!(session.wait_event(0).unwrap(), None);
    assert_eq!(gateway.clients().unwrap(), 0, "the server was told");
    assert!(session.stats().unwrap().packets_sent >= 3, "the last counters stay");
}

#[test]
fn packets_pass_with_the_framing_of_utun_and_the_descriptor_is_replaced_while_up() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    let (first_host, first_tun) = UnixDatagram::pair().unwrap();
    // Before the tunnel is up.
    session.attach_tun(first_tun.as_raw_fd(), TunFraming::Utun).unwrap();
    drop(first_tun);
    let inner = inner_v4(&until(&session, is_up));
    round_trip(&first_host, &packet(inner, FAR, 1, 100), &[0, 0, 0, 2]);

    let (second_host, second_tun) = UnixDatagram::pair().unwrap();
    session.attach_tun(second_tun.as_raw_fd(), TunFraming::RawIp).unwrap();
    drop(second_tun);
    round_trip(&second_host, &packet(inner, FAR, 2, 100), &[]);
    // The first one was closed: nobody is at the other end.
    assert!(first_host.send(&[0]).is_err());
    session.stop().unwrap();
    assert!(second_host.send(&[0]).is_err());
}

#[test]
fn a_silent_server_does_not_hold_up_a_stop() {
    let gateway = TestGateway::new(TestGatewayKind::Silent).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    until(&session, |event| matches!(event, SessionEvent::Connecting { .. }));
    let begun = Instant::now();
    session.stop().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(until(&session, is_closed).last(), Some(&SessionEvent::Closed { error: None }));
}

#[test]
fn the_profiles_own_resolvers_take_the_place_of_the_servers_and_go_into_the_tunnel() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let settings = |dns: &str| {
        let profile = String::from_utf8(gateway.profile().unwrap()).unwrap();
        let edited = profile.replace("<key>IKEv2</key>", &format!("{dns}<key>IKEv2</key>"));
        let session =
            Session::new(adit_bindings::SessionOptions { profile: edited.into_bytes(), ..options(&gateway) })
                .unwrap();
        let seen = until(&session, is_up);
        session.stop().unwrap();
        first(&seen, |event| match event {
            SessionEvent::Up { settings, .. } => Some(settings.clone()),
            _ => None,
        })
    };
    let servers = "<key>ServerAddresses</key><array><string>10.98.0.53</string></array>\
                   <key>SearchDomains</key><array><string>corp.example</string></array>";
    let own = settings(&format!("<key>DNS</key><dict>{servers}</dict>"));
    assert_eq!(own.dns, ["10.98.0.53"]);
    assert_eq!(own.search_domains, ["corp.example"]);
    assert_eq!((own.match_domains.len(), own.encrypted_dns), (0, None));
    let matched = |domains: &str| {
        let domains = format!("<key>SupplementalMatchDomains</key><array>{domains}</array>");
        let settings = settings(&format!("<key>DNS</key><dict>{servers}{domains}</dict>"));
        assert_eq!(settings.search_domains, ["corp.example", "lab.example"]);
        settings.match_domains
    };
    assert_eq!(matched("<string>lab.example</string>"), ["lab.example"]);
    let all = matched("<string/><string>lab.example</string>");
    assert_eq!(all, [""; 0], "an empty one asks for all names");
    let assigned = settings("");
    let over = settings(&format!(
        "<key>DNS</key><dict>{servers}<key>DNSProtocol</key><string>HTTPS</string>\
         <key>ServerURL</key><string>https://dns.example/q</string></dict>"
    ));
    assert_eq!(over.dns, assigned.dns, "no resolver of the profile is asked in the clear");
    assert_eq!(over.encrypted_dns.as_deref(), Some("HTTPS"));
}
