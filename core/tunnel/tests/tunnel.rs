//! What a tunnel does with packets: before it is up, through a rekey, at its limits.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::net::IpAddr;
use std::time::Duration;

use adit_esp::{Discard, SegmentBuf};
use adit_ike::{CloseReason, Command, Event as IkeEvent, NetworkChange, Path, Wake};
use adit_tunnel::{Engine, Event, Input, IpPrefix, NetworkSettings, NotSent};
use support::{CLIENT, HOST, MTU, Pair, open, packet, path, reverse, seal, seal_into};

fn settings(events: &[Event]) -> &NetworkSettings {
    let up = events.iter().find_map(|event| match event {
        Event::Up { settings, .. } => Some(&**settings),
        _ => None,
    });
    up.unwrap()
}

fn rekeyed(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Child { rekeyed: true, .. })).count()
}

#[test]
fn up_comes_with_what_the_host_has_to_set() {
    let pair = Pair::up();
    let settings = settings(&pair.client_events);
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let networks = |list: &[IpPrefix]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(settings.addresses, [IpPrefix::host(ip(CLIENT))]);
    let resolver = format!("{HOST}/32");
    assert_eq!(
        networks(&settings.routes),
        ["10.98.0.0/16", &resolver],
        "what the server narrowed everything to, and its resolver"
    );
    assert_eq!((&settings.dns[..], &settings.domains[..]), (&[ip(HOST)][..], &["rig.test".to_owned()][..]));
    assert_eq!(settings.mtu, MTU);
    let mut with_subnets = Pair::new(true);
    with_subnets.settle();
    let routes = &self::settings(&with_subnets.client_events).routes;
    assert_eq!(networks(routes), ["10.98.7.0/24", &resolver], "the resolver is asked through the tunnel");
    let own = vec![ip("10.98.0.53"), ip("192.168.7.53"), ip("203.0.113.53")];
    let mut with_resolvers = Pair::with_resolvers(own.clone());
    with_resolvers.settle();
    let settings = self::settings(&with_resolvers.client_events);
    assert_eq!(settings.dns, own, "the profile's own take the place of the server's");
    assert_eq!(
        networks(&settings.routes),
        ["10.98.0.0/16", "10.98.0.53/32", "192.168.7.53/32"],
        "one with a private address is never asked in the clear"
    );
    let first = pair.client_events.iter().find(|event| matches!(event, Event::Child { .. })).unwrap();
    assert!(matches!(first, Event::Child { suite, rekeyed: false, spis: (a, b) }
        if suite.contains("AES-GCM") && a != b));
}

#[test]
fn resolvers_of_the_profile_that_nobody_can_ask_leave_the_servers_in_place_and_are_told_of() {
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let (six, four) = (ip("2001:db8::53"), ip("10.98.0.53"));
    for (own, asked) in [(vec![six], ip(HOST)), (vec![six, four], four)] {
        let mut pair = Pair::with_resolvers(own);
        pair.settle();
        let settings = settings(&pair.client_events);
        assert_eq!((&settings.dns[..], &settings.dns_left_out[..]), (&[asked][..], &[six][..]));
        let notes = settings.notes();
        assert!(notes.len() == 1 && notes[0].contains("2001:db8::53"), "{notes:?}");
        assert!(!notes[0].contains("assigned the resolver"), "the profile named it: {notes:?}");
    }
}

#[test]
fn before_it_is_up_and_after_its_end_nothing_is_sealed() {
    let mut pair = Pair::new(false);
    let inner = packet(CLIENT, HOST, 100);
    let now = pair.now;
    assert_eq!(seal(&mut pair.client, now, &inner), Err(NotSent::NoTunnel));
    pair.settle();
    assert!(seal(&mut pair.client, now, &inner).is_ok());
    pair.client.request(now, Command::Close);
    assert_eq!(seal(&mut pair.client, now, &inner), Err(NotSent::NoTunnel));
    pair.settle();
    assert!(pair.client.is_closed() && pair.server().is_closed());
    assert!(matches!(pair.client_events.last(), Some(Event::Closed(CloseReason::Requested))));
    assert!(matches!(pair.server_events.last(), Some(Event::Closed(CloseReason::DeletedByPeer))));
    assert_eq!(pair.client.stats().not_sent, 2);
}

#[test]
fn what_is_not_sealed_leaves_the_output_as_it_was() {
    let mut pair = Pair::up();
    let now = pair.now;
    let mut out = SegmentBuf::new(2, 4_096);
    let fine = packet(CLIENT, HOST, usize::from(MTU));
    assert_eq!(seal_into(&mut pair.client, now, &fine, &mut out), Ok(path(4500)));
    let before = out.payload().to_vec();
    let mut refuse = |inner: &[u8], why| {
        assert_eq!(seal_into(&mut pair.client, now, inner, &mut out), Err(why));
        assert_eq!(out.payload(), before);
    };
    refuse(&packet(CLIENT, HOST, usize::from(MTU) + 1), NotSent::TooBig);
    refuse(&packet("10.0.0.6", HOST, 100), NotSent::Refused);
    refuse(&packet(CLIENT, "10.97.0.1", 100), NotSent::Refused);
    refuse(b"no packet at all", NotSent::Refused);
    refuse(&[], NotSent::Refused);
    let gave_up = pair.client.encapsulate(now, &fine, fine.len(), |_| false, &mut out);
    assert_eq!((gave_up, out.payload()), (Err(NotSent::Refused), &before[..]));
    // A shorter packet ends the bundle, and one more does not fit.
    assert!(seal_into(&mut pair.client, now, &packet(CLIENT, HOST, 100), &mut out).is_ok());
    assert_eq!(seal_into(&mut pair.client, now, &fine, &mut out), Err(NotSent::Full));
    out.clear();
    assert!(seal_into(&mut pair.client, now, &fine, &mut out).is_ok());
    let stats = pair.client.stats();
    assert_eq!((stats.sent.packets, stats.not_sent), (3, 6), "a full output is no loss");
}

#[test]
fn noise_is_counted_by_its_cause() {
    let mut pair = Pair::up();
    let now = pair.now;
    let inner = packet(CLIENT, HOST, 100);
    let good = seal(&mut pair.client, now, &inner).unwrap();
    let to_server = reverse(path(4500));
    assert_eq!(open(pair.server(), now, to_server, &mut good.clone()), Some(inner));
    let mut give =
        |mut bytes: Vec<u8>| pair.server.as_mut().unwrap().handle_datagram(now, to_server, &mut bytes);
    assert_eq!(give(good.clone()), Input::Discarded);
    let mut unknown = good.clone();
    unknown[0] ^= 1;
    assert_eq!(give(unknown), Input::Discarded);
    let mut forged = good;
    forged[4..8].copy_from_slice(&9_u32.to_be_bytes());
    assert_eq!(give(forged), Input::Discarded);
    assert_eq!(give(vec![0, 0, 0, 0, 1, 2, 3]), Input::Discarded, "no IKE message");
    assert_eq!(give(vec![0xff]), Input::Handled, "a keepalive");
    let stats = pair.server().stats();
    let counted = |cause| stats.esp_discards.get(cause);
    assert_eq!(
        [Discard::Replayed, Discard::UnknownSpi, Discard::BadIntegrity].map(counted),
        [1, 1, 1],
        "{stats:?}"
    );
    assert_eq!((stats.received.packets, stats.received.bytes, stats.ike_discards), (1, 100, 1));
}

#[test]
fn packets_under_way_during_a_rekey_still_arrive() {
    let mut pair = Pair::up();
    let now = pair.now;
    let inner = packet(CLIENT, HOST, 100);
    let old: Vec<Vec<u8>> = (0..3).map(|_| seal(&mut pair.client, now, &inner).unwrap()).collect();
    pair.client.request(now, Command::RekeyChild);
    pair.settle();
    assert_eq!((rekeyed(&pair.client_events), rekeyed(&pair.server_events)), (1, 1));
    let new = seal(&mut pair.client, now, &inner).unwrap();
    assert_ne!(new[..4], old[0][..4]);
    let to_server = reverse(path(4500));
    for datagram in [&new, &old[0]] {
        assert_eq!(open(pair.server(), now, to_server, &mut datagram.clone()), Some(inner.clone()));
    }
    pair.pass(Duration::from_secs(4));
    let now = pair.now;
    assert!(open(pair.server(), now, to_server, &mut old[1].clone()).is_some());
    pair.pass(Duration::from_secs(2));
    let now = pair.now;
    assert!(open(pair.server(), now, to_server, &mut old[2].clone()).is_none(), "the old SA is gone");
    assert_eq!(pair.server().stats().received.packets, 3, "also those of the SA that is gone");
}

#[test]
fn while_two_pairs_seal_the_head_of_a_larger_frame_is_enough() {
    let mut pair = Pair::up();
    let now = pair.now;
    pair.client.request(now, Command::RekeyChild);
    // Until the Delete of the old pair both seal.
    let inner = packet(CLIENT, HOST, 1_000);
    // What a frame of 64 KiB starts with before it is cut into segments (virtio): its length is the frame's.
    let mut head = inner[..28].to_vec();
    head[2..4].copy_from_slice(&60_000_u16.to_be_bytes());
    let mut out = SegmentBuf::new(64, 65_507);
    let mut sealed = 0;
    loop {
        let fill = |room: &mut [u8]| {
            room.copy_from_slice(&inner);
            true
        };
        let path = pair.client.encapsulate(now, &head, inner.len(), fill, &mut out);
        assert_eq!(path, Ok(support::path(4500)), "after {sealed} packets");
        sealed += 1;
        if !pair.deliver_one() {
            break;
        }
    }
    assert!(sealed >= 4);
    let to_server = reverse(path(4500));
    let segments: Vec<Vec<u8>> = out.segments().map(<[u8]>::to_vec).collect();
    for mut segment in segments {
        assert!(open(pair.server(), now, to_server, &mut segment).is_some());
    }
}

#[test]
fn d13_a_late_packet_of_the_pair_before_moves_nobody_back() {
    let mut pair = Pair::up();
    let now = pair.now;
    let inner = packet(CLIENT, HOST, 100);
    let late = seal(&mut pair.client, now, &inner).unwrap();
    pair.client.request(now, Command::RekeyChild);
    pair.settle();
    let mut moved = reverse(path(4500));
    moved.remote = "203.0.113.9:40000".parse().unwrap();
    let mut fresh = seal(&mut pair.client, now, &inner).unwrap();
    assert!(open(pair.server(), now, moved, &mut fresh).is_some());
    assert_eq!(pair.server().path(), moved, "the newest packet shows where the client is");
    assert!(open(pair.server(), now, reverse(path(4500)), &mut late.clone()).is_some(), "late, but good");
    assert_eq!(pair.server().path(), moved);
    let told = |event: &Event| matches!(event, Event::Ike(IkeEvent::PathChanged(to)) if *to == moved);
    pair.collect();
    assert_eq!(pair.server_events.iter().filter(|event| told(event)).count(), 1);
}

#[test]
fn the_responder_seals_with_a_new_pair_once_it_is_used() {
    let mut pair = Pair::up();
    let now = pair.now;
    pair.client.request(now, Command::RekeyChild);
    // Request and response of CREATE_CHILD_SA, nothing more.
    assert!(pair.deliver_one() && pair.deliver_one());
    pair.collect();
    let (up, down) = (packet(CLIENT, HOST, 100), packet(HOST, CLIENT, 100));
    let before = seal(pair.server(), now, &down).unwrap();
    let mut first = seal(&mut pair.client, now, &up).unwrap();
    assert!(open(pair.server(), now, reverse(path(4500)), &mut first).is_some());
    let after = seal(pair.server(), now, &down).unwrap();
    assert_ne!(before[..4], after[..4]);
    for mut datagram in [before, after] {
        assert!(open(&mut pair.client, now, path(4500), &mut datagram).is_some());
    }
}

#[test]
fn output_that_waits_is_due_at_once_and_deadlines_lie_ahead() {
    let mut pair = Pair::new(false);
    assert_eq!(pair.client.poll_timeout(), Some((pair.now, Wake::QueuedOutput)));
    pair.settle();
    assert!(pair.client.poll_timeout().unwrap().0 > pair.now);
    pair.pass(Duration::from_secs(3 * 3_600));
    assert!(pair.client.is_up() && pair.server().is_up());
    assert!(rekeyed(&pair.client_events) >= 2);
    let now = pair.now;
    let mut datagram = seal(&mut pair.client, now, &packet(CLIENT, HOST, 100)).unwrap();
    assert!(open(pair.server(), now, reverse(path(4500)), &mut datagram).is_some());
}

#[test]
fn when_the_server_closes_both_hosts_hear_that_no_child_sa_is_left() {
    let mut pair = Pair::up();
    let lost = |events: &[Event]| events.iter().any(|event| matches!(event, Event::ChildLost));
    assert!(!lost(&pair.client_events));
    let now = pair.now;
    pair.server().request(now, Command::Close);
    pair.settle();
    assert!(lost(&pair.client_events) && lost(&pair.server_events));
    assert!(!pair.client.is_up());
}

/// What the server seals for the client, and by which path.
fn from_server(pair: &mut Pair) -> (Path, Vec<u8>) {
    let (now, inner) = (pair.now, packet(HOST, CLIENT, 200));
    let mut out = SegmentBuf::new(1, 2_048);
    let path = seal_into(pair.server(), now, &inner, &mut out).unwrap();
    (path, out.payload().to_vec())
}

#[test]
fn packets_move_with_the_client_at_once_and_with_the_server_once_it_has_checked() {
    let mut pair = Pair::up();
    let now = pair.now;
    let inner = packet(CLIENT, HOST, 100);
    let old = path(4500);
    let new = Path { local: "198.51.100.7:4500".parse().unwrap(), ..old };
    // On its way when the network changes; the server's, too.
    let late = seal(&mut pair.client, now, &inner).unwrap();
    let (towards, late_back) = from_server(&mut pair);
    assert_eq!(towards, reverse(old));
    assert_eq!(pair.client.network_changed(now, Some(new)), NetworkChange::Moving);
    let mut out = SegmentBuf::new(1, 2_048);
    assert_eq!(seal_into(&mut pair.client, now, &inner, &mut out), Ok(new), "packets go the new way");
    // The server has heard, and has not checked yet.
    assert!(pair.deliver_one());
    assert_eq!(from_server(&mut pair).0, reverse(old));
    assert_eq!(open(pair.server(), now, reverse(old), &mut late.clone()), Some(inner.clone()));
    pair.settle();
    assert_eq!(from_server(&mut pair).0, reverse(new));
    // What comes late by the old way is a packet like others, and moves nobody back.
    let (_, fresh) = from_server(&mut pair);
    assert!(open(&mut pair.client, now, old, &mut late_back.clone()).is_some());
    assert!(open(&mut pair.client, now, new, &mut fresh.clone()).is_some());
    assert_eq!((pair.client.path(), pair.server().path()), (new, reverse(new)));
    let told = |events: &[Event]| {
        events.iter().any(
            |event| matches!(event, Event::Ike(IkeEvent::PathChanged(path)) if path.local.port() == 4500),
        )
    };
    assert!(told(&pair.client_events) && told(&pair.server_events));
    assert!(pair.client.peer_addresses().is_empty());
    // Without a network nothing is lost but what is sealed meanwhile.
    assert_eq!(pair.client.network_changed(now, None), NetworkChange::Waiting);
    assert!(pair.client.is_up());
    assert_eq!(pair.client.network_changed(now, Some(old)), NetworkChange::Moving);
    pair.settle();
    assert_eq!(from_server(&mut pair).0, reverse(old));
}

#[test]
fn a_fresh_packet_from_the_new_address_moves_the_server_before_the_client_has_told() {
    let mut pair = Pair::up();
    let now = pair.now;
    let (old, inner) = (path(4500), packet(CLIENT, HOST, 100));
    let new = Path { local: "198.51.100.7:4500".parse().unwrap(), ..old };
    let late = seal(&mut pair.client, now, &inner).unwrap();
    pair.client.network_changed(now, Some(new));
    let first = seal(&mut pair.client, now, &inner).unwrap();
    assert!(open(pair.server(), now, reverse(new), &mut first.clone()).is_some());
    assert_eq!(from_server(&mut pair).0, reverse(new));
    // An older one from the old address, and a replay from elsewhere, change nothing.
    assert!(open(pair.server(), now, reverse(old), &mut late.clone()).is_some());
    let elsewhere = Path { local: "203.0.113.66:7".parse().unwrap(), ..old };
    assert!(open(pair.server(), now, reverse(elsewhere), &mut first.clone()).is_none());
    assert_eq!(from_server(&mut pair).0, reverse(new));
    pair.settle();
    assert_eq!(pair.server().path(), reverse(new));
    assert!(!pair.client.is_closed() && !pair.server().is_closed());
}
