//! MOBIKE (RFC 4555), both roles: who may move whom, when ESP follows, and what a move meets under way.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use adit_ike::config::{InitiatorConfig, ResponderConfig};
use adit_ike::wire::*;
use adit_ike::{
    ChildEvent, ChildId, CloseReason, Command, Event, ExchangeRecord, Failure, NetworkChange, Path, Stage,
};
use support::raw::{CLIENT, GATEWAY, Raw, find, is_only, notify, path};
use support::{Pair, Side, established, initiator, responder};

const INFO: ExchangeType = ExchangeType::INFORMATIONAL;
const UPDATE: NotifyType = NotifyType::UPDATE_SA_ADDRESSES;
const COOKIE2: NotifyType = NotifyType::COOKIE2;

/// Where the client goes.
const ELSEWHERE: &str = "198.51.100.7";
const FURTHER: &str = "203.0.113.9";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The client's path from an address.
fn from(local: &str) -> Path {
    path(local, GATEWAY, 4500)
}

fn pair() -> Pair {
    let pair = Pair::established(initiator(), responder());
    assert!(established(&pair.client_events).mobike && established(&pair.gateway_events).mobike);
    pair
}

fn moves(events: &[Event]) -> Vec<Path> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::PathChanged(path) => Some(*path),
            _ => None,
        })
        .collect()
}

fn exchanges(events: &[Event], purpose: &str) -> Vec<ExchangeRecord> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Exchange(record) if record.purpose == purpose => Some(record.clone()),
            _ => None,
        })
        .collect()
}

fn failure(reason: Option<&CloseReason>) -> &Failure {
    match reason {
        Some(CloseReason::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

/// The client moves; where it was, nobody is any more.
fn go(pair: &mut Pair, to: &str) -> NetworkChange {
    pair.gone = vec![pair.client.path().local.ip()];
    pair.gone.retain(|gone| *gone != ip(to));
    pair.client.network_changed(pair.now, Some(from(to)))
}

fn assert_moved(pair: &mut Pair, to: &str) {
    assert_eq!(pair.client.path(), from(to));
    let seen = pair.gateway().path();
    assert_eq!((seen.remote, seen.local), (from(to).local, from(to).remote));
    assert!(pair.client_closed().is_none() && pair.gateway_closed().is_none());
}

fn newest_child(events: &[Event]) -> ChildId {
    let id = events.iter().rev().find_map(|event| match event {
        Event::Child(ChildEvent::Install { id, .. }) => Some(*id),
        _ => None,
    });
    id.unwrap()
}

// ---- Both roles ----------------------------------------------------------------------------------------------------

#[test]
fn a_client_that_moves_keeps_its_sas() {
    let mut pair = pair();
    let children = Pair::children(&pair.client_events);
    for to in [ELSEWHERE, FURTHER, CLIENT, "2001:db8::7"] {
        assert_eq!(go(&mut pair, to), NetworkChange::Moving);
        assert_eq!(pair.client.path(), from(to), "packets go the new way at once");
        pair.settle();
        assert_moved(&mut pair, to);
        assert_eq!(Pair::children(&pair.client_events), children, "the same SAs");
    }
    assert_eq!(exchanges(&pair.client_events, "move to another address").len(), 4);
    assert_eq!(exchanges(&pair.client_events, "return routability check").len(), 4);
    assert_eq!(exchanges(&pair.gateway_events, "return routability check").len(), 4);
    // And everything still works from there.
    for command in [Command::RekeyChild, Command::RekeyIke, Command::CheckLiveness] {
        pair.client.request(pair.now, command);
        pair.settle();
        let now = pair.now;
        pair.gateway().request(now, command);
        pair.settle();
        pair.assert_one_child();
    }
    assert_eq!(go(&mut pair, ELSEWHERE), NetworkChange::Moving);
    pair.settle();
    assert_moved(&mut pair, ELSEWHERE);
}

#[test]
fn mobike_is_used_only_where_both_sides_announce_it() {
    for (client, gateway) in [(true, true), (true, false), (false, true), (false, false)] {
        let (mut one, mut other) = (initiator(), responder());
        (one.common.mobike, other.common.mobike) = (client, gateway);
        let mut pair = Pair::established(one, other);
        let both = client && gateway;
        assert_eq!(established(&pair.client_events).mobike, both);
        assert_eq!(established(&pair.gateway_events).mobike, both);
        let announced = pair.client_events.iter().any(|event| {
            matches!(event, Event::Message(message) if message.sent && message.text.contains("MOBIKE"))
        });
        assert_eq!(announced, client, "DisableMOBIKE announces nothing");
        let change = pair.client.network_changed(pair.now, Some(from(ELSEWHERE)));
        assert_eq!(change, if both { NetworkChange::Moving } else { NetworkChange::MustReconnect });
        pair.settle();
        let at = if both { ELSEWHERE } else { CLIENT };
        assert_eq!(pair.client.path(), from(at), "client {client}, gateway {gateway}");
        assert_eq!(exchanges(&pair.client_events, "move to another address").len(), usize::from(both));
        // A gateway does not move by itself.
        let now = pair.now;
        let other = path("192.0.2.99", CLIENT, 4500);
        assert_eq!(pair.gateway().network_changed(now, Some(other)), NetworkChange::MustReconnect);
    }
}

#[test]
fn the_same_network_is_no_change() {
    let mut pair = pair();
    let count = pair.log.len();
    for _ in 0..3 {
        let same = pair.client.path();
        assert_eq!(pair.client.network_changed(pair.now, Some(same)), NetworkChange::Unchanged);
        // A host need not know about the non-ESP marker.
        let plain = Path { encapsulated: false, ..same };
        assert_eq!(pair.client.network_changed(pair.now, Some(plain)), NetworkChange::Unchanged);
    }
    pair.settle();
    assert_eq!(pair.log.len(), count, "nothing is sent");
    // Another port is another path: the host made a new socket.
    let mut rebound = pair.client.path();
    rebound.local.set_port(4501);
    assert_eq!(pair.client.network_changed(pair.now, Some(rebound)), NetworkChange::Moving);
    pair.settle();
    assert_eq!(pair.gateway().path().remote.port(), 4501);
}

#[test]
fn during_the_handshake_nothing_moves() {
    let mut pair = Pair::new(initiator(), responder());
    let elsewhere = Some(from(ELSEWHERE));
    for _ in 0..4 {
        assert_eq!(pair.client.network_changed(pair.now, elsewhere), NetworkChange::MustReconnect);
        assert_eq!(pair.client.network_changed(pair.now, Some(from(CLIENT))), NetworkChange::Unchanged);
        assert_eq!(pair.client.network_changed(pair.now, None), NetworkChange::Waiting);
        pair.collect();
        let Some((side, transmit)) = pair.queue.pop_front() else { break };
        pair.deliver(side, &transmit);
        if pair.client_is_up() {
            break;
        }
    }
    pair.settle();
    assert!(pair.client_is_up() || pair.client_closed().is_none());
}

#[test]
fn an_exchange_under_way_goes_on_by_the_new_path() {
    let commands = [Command::RekeyChild, Command::RekeyIke, Command::CheckLiveness];
    for command in commands {
        for by_client in [true, false] {
            // Nothing of it arrived; the request arrived and its answer did not.
            for delivered in [0, 1] {
                let mut pair = pair();
                let now = pair.now;
                if by_client {
                    pair.client.request(now, command);
                } else {
                    pair.gateway().request(now, command);
                }
                pair.collect();
                for _ in 0..delivered {
                    let (side, transmit) = pair.queue.pop_front().unwrap();
                    pair.deliver(side, &transmit);
                }
                assert_eq!(go(&mut pair, ELSEWHERE), NetworkChange::Moving);
                pair.run_for(seconds(30));
                assert_moved(&mut pair, ELSEWHERE);
                pair.assert_one_child();
                let purpose = match command {
                    Command::RekeyChild => "rekey Child SA",
                    Command::RekeyIke => "rekey IKE SA",
                    _ => "liveness check",
                };
                let events = if by_client { &pair.client_events } else { &pair.gateway_events };
                assert!(!exchanges(events, purpose).is_empty(), "{command:?} by client: {by_client}");
                let spis = pair.gateway().spis();
                assert_eq!(pair.client.spis(), spis);
            }
        }
    }
}

#[test]
fn the_open_exchange_is_sent_again_at_once_and_the_update_waits_for_it() {
    let mut pair = pair();
    pair.client.request(pair.now, Command::RekeyChild);
    pair.drop_queue();
    assert_eq!(go(&mut pair, ELSEWHERE), NetworkChange::Moving);
    pair.collect();
    let sent: Vec<_> = pair.queue.iter().map(|(_, transmit)| support::header(transmit).exchange).collect();
    assert_eq!(sent, [ExchangeType::CREATE_CHILD_SA], "a window of one");
    assert!(pair.queue.iter().all(|(_, transmit)| transmit.path == from(ELSEWHERE)));
    pair.settle();
    assert_moved(&mut pair, ELSEWHERE);
}

#[test]
fn d12_ten_moves_at_once_are_told_in_two_exchanges() {
    let mut pair = pair();
    for number in 0..10 {
        let to = format!("198.51.100.{}", 10 + number);
        assert_eq!(go(&mut pair, &to), NetworkChange::Moving);
        pair.collect();
    }
    pair.run_for(seconds(10));
    assert_moved(&mut pair, "198.51.100.19");
    assert!(exchanges(&pair.client_events, "move to another address").len() <= 2);
    assert!(exchanges(&pair.gateway_events, "return routability check").len() <= 2);
}

#[test]
fn an_ike_rekey_of_the_gateway_in_the_middle_of_a_move_does_not_swallow_it() {
    let mut pair = pair();
    assert_eq!(go(&mut pair, ELSEWHERE), NetworkChange::Moving);
    pair.collect();
    let update = pair.queue.pop_front().expect("the update");
    // It is late; the gateway rekeys, which still reaches the client: the networks overlap.
    pair.gone.clear();
    let now = pair.now;
    pair.gateway().request(now, Command::RekeyIke);
    pair.settle();
    pair.run_for(seconds(5));
    assert_moved(&mut pair, ELSEWHERE);
    // And the old one, when it comes at last, moves nothing.
    pair.deliver(update.0, &update.1);
    pair.settle();
    assert_moved(&mut pair, ELSEWHERE);
    assert_eq!(pair.client.spis(), pair.gateway.as_ref().unwrap().spis());
}

#[test]
fn without_a_network_nothing_is_sent_and_nothing_is_lost() {
    for back_at in [CLIENT, ELSEWHERE] {
        let mut pair = pair();
        pair.client.request(pair.now, Command::RekeyChild);
        pair.drop_queue();
        assert_eq!(pair.client.network_changed(pair.now, None), NetworkChange::Waiting);
        assert_eq!(pair.client.network_changed(pair.now, None), NetworkChange::Waiting);
        let count = pair.log.len();
        // The gateway would find out by its own liveness check: it is patient here.
        let gateway = pair.gateway.take();
        pair.run_for(seconds(1800));
        assert_eq!(pair.log.len(), count, "nothing is sent");
        assert!(pair.client_closed().is_none());
        pair.gateway = gateway;
        let change = pair.client.network_changed(pair.now, Some(from(back_at)));
        let moved = back_at != CLIENT;
        assert_eq!(change, if moved { NetworkChange::Moving } else { NetworkChange::Unchanged });
        pair.collect();
        assert!(!pair.queue.is_empty(), "the peer is asked at once");
        pair.settle();
        pair.run_for(seconds(3));
        assert_moved(&mut pair, back_at);
        pair.assert_one_child();
    }
}

#[test]
fn a_lifetime_ends_without_a_network_too_and_so_does_a_close() {
    let mut pair = pair();
    pair.client.network_changed(pair.now, None);
    pair.gateway = None;
    pair.run_for(seconds(6 * 3600));
    assert_eq!(failure(pair.client_closed()), &Failure::LifetimeOver(Stage::Ike));
    let mut pair = self::pair();
    pair.client.network_changed(pair.now, None);
    pair.client.request(pair.now, Command::Close);
    pair.drop_queue();
    pair.gateway = None;
    pair.run_for(seconds(3));
    assert_eq!(pair.client_closed(), Some(&CloseReason::Requested));
}

#[test]
fn a_move_into_nowhere_ends_as_a_peer_that_is_gone() {
    let mut pair = pair();
    assert_eq!(go(&mut pair, ELSEWHERE), NetworkChange::Moving);
    pair.gone.push(ip(ELSEWHERE));
    pair.run_for(seconds(600));
    let failure = failure(pair.client_closed());
    assert!(
        matches!(failure, Failure::PeerGone { exchange: ExchangeType::INFORMATIONAL, .. }),
        "{failure:?}"
    );
    assert!(!failure.is_permanent(), "the driver connects anew");
}

// ---- The client, against a server that keeps to no rule ------------------------------------------------------------

fn raw_server() -> Raw {
    Raw::established_server_with(initiator(), vec![notify(NotifyType::MOBIKE_SUPPORTED)])
}

fn moved_server() -> (Raw, Vec<Payload>) {
    let mut raw = raw_server();
    assert_eq!(raw.session.network_changed(raw.now, Some(from(ELSEWHERE))), NetworkChange::Moving);
    raw.pump();
    let (exchange, request) = raw.request().expect("an update");
    assert_eq!(exchange, INFO);
    assert!(find(&request, UPDATE).is_some());
    (raw, request)
}

fn hash(raw: &Raw, at: SocketAddr) -> Vec<u8> {
    let (spi_i, spi_r) = raw.session.spis().unwrap();
    nat_detection_hash(&raw.provider, spi_i, spi_r, at.ip(), at.port()).unwrap().to_vec()
}

/// NAT detection as a server sends it that sees the client at `seen`.
fn nat_detection(raw: &Raw, seen: SocketAddr) -> Vec<Payload> {
    let server = format!("{GATEWAY}:4500").parse().unwrap();
    [
        (NotifyType::NAT_DETECTION_SOURCE_IP, hash(raw, server)),
        (NotifyType::NAT_DETECTION_DESTINATION_IP, hash(raw, seen)),
    ]
    .map(|(notify_type, data)| Payload::Notify(Notify::new(notify_type, data)))
    .to_vec()
}

#[test]
fn an_update_has_nat_detection_of_the_new_path_and_a_cookie_only_for_a_new_server_address() {
    let (raw, request) = moved_server();
    let destination = find(&request, NotifyType::NAT_DETECTION_DESTINATION_IP).unwrap();
    assert_eq!(destination.data, hash(&raw, format!("{GATEWAY}:4500").parse().unwrap()));
    assert!(find(&request, NotifyType::NAT_DETECTION_SOURCE_IP).is_some());
    assert!(find(&request, UPDATE).unwrap().data.is_empty());
    assert!(find(&request, COOKIE2).is_none());
    assert_eq!(raw.sent.last(), Some(&from(ELSEWHERE)));

    let mut raw = raw_server();
    let other = path(ELSEWHERE, "192.0.2.77", 4500);
    assert_eq!(raw.session.network_changed(raw.now, Some(other)), NetworkChange::Moving);
    raw.pump();
    let (_, request) = raw.request().unwrap();
    let cookie = find(&request, COOKIE2).expect("another address of the server").data.clone();
    assert!((8..=64).contains(&cookie.len()));
    raw.respond(&[Payload::Notify(Notify::new(COOKIE2, cookie.clone()))]);
    assert!(raw.closed().is_none());
    // It has shown that it is there: no cookie for the next move.
    let again = path(FURTHER, "192.0.2.77", 4500);
    raw.session.network_changed(raw.now, Some(again));
    raw.pump();
    assert!(find(&raw.request().unwrap().1, COOKIE2).is_none());
}

#[test]
fn d12_a_cookie_that_is_missing_or_changed_ends_the_ike_sa() {
    for change in [None, Some(0), Some(1)] {
        let mut raw = raw_server();
        raw.session.network_changed(raw.now, Some(path(ELSEWHERE, "192.0.2.77", 4500)));
        raw.pump();
        let (_, request) = raw.request().unwrap();
        let cookie = find(&request, COOKIE2).unwrap().data.clone();
        let answer = match change {
            None => vec![],
            Some(0) => vec![Payload::Notify(Notify::new(COOKIE2, vec![0; cookie.len()]))],
            Some(_) => vec![Payload::Notify(Notify::new(COOKIE2, cookie[1..].to_vec()))],
        };
        raw.respond(&answer);
        let failure = failure(raw.closed());
        assert!(matches!(failure, Failure::Protocol { .. }), "{failure:?}");
        let text = failure.to_string();
        assert!(text.contains("COOKIE2") && !text.contains(&format!("{cookie:?}")), "{text}");
    }
}

#[test]
fn d12_a_server_that_refuses_the_address_is_asked_twice_again_and_then_is_gone() {
    for refusal in [NotifyType::UNACCEPTABLE_ADDRESSES, NotifyType::UNEXPECTED_NAT_DETECTED] {
        let (mut raw, _) = moved_server();
        for round in 0..3 {
            if round > 0 {
                assert!(raw.request().is_none());
                raw.wait(seconds(2));
                assert!(find(&raw.request().expect("once more").1, UPDATE).is_some());
            }
            assert!(raw.closed().is_none());
            raw.respond(&[notify(refusal)]);
        }
        assert!(matches!(failure(raw.closed()), Failure::PeerGone { .. }), "{:?}", raw.closed());
        let warned = raw
            .events
            .iter()
            .any(|event| matches!(event, Event::Warning(text) if text.contains(&refusal.to_string())));
        assert!(warned);
    }
    // Another network in between begins anew.
    let (mut raw, _) = moved_server();
    for to in [FURTHER, CLIENT, FURTHER, ELSEWHERE] {
        raw.respond(&[notify(NotifyType::UNACCEPTABLE_ADDRESSES)]);
        raw.session.network_changed(raw.now, Some(from(to)));
        raw.pump();
        assert!(find(&raw.request().expect("an update").1, UPDATE).is_some());
    }
    raw.respond(&[]);
    raw.wait(seconds(5));
    assert!(raw.closed().is_none() && raw.session.path() == from(ELSEWHERE));
}

#[test]
fn an_answer_to_an_update_that_is_overtaken_means_nothing() {
    for answer in [vec![], vec![notify(NotifyType::UNACCEPTABLE_ADDRESSES)]] {
        let (mut raw, _) = moved_server();
        raw.session.network_changed(raw.now, Some(from(FURTHER)));
        raw.pump();
        assert_eq!(raw.sent.last(), Some(&from(FURTHER)), "the open one is sent again by the new path");
        raw.unread.clear();
        raw.respond(&answer);
        let (_, request) = raw.request().expect("a new update");
        assert!(find(&request, UPDATE).is_some());
        raw.respond(&[]);
        assert!(raw.request().is_none() && raw.closed().is_none());
        assert_eq!(raw.session.path(), from(FURTHER));
    }
}

#[test]
fn nat_keepalives_follow_what_the_new_network_needs() {
    for (seen, nat) in [(ELSEWHERE, false), ("192.0.2.200", true)] {
        let (mut raw, _) = moved_server();
        let answer = nat_detection(&raw, format!("{seen}:4500").parse().unwrap());
        raw.respond(&answer);
        let keepalives = |raw: &Raw| raw.session.poll_timeout().map(|(_, wake)| wake);
        let wake = keepalives(&raw);
        assert_eq!(wake == Some(adit_ike::Wake::Keepalive), nat, "{wake:?}");
    }
}

#[test]
fn a_client_behind_a_nat_finds_out_by_liveness_that_its_mapping_changed() {
    let (mut raw, _) = moved_server();
    let first: SocketAddr = "192.0.2.200:1024".parse().unwrap();
    let answer = nat_detection(&raw, first);
    raw.respond(&answer);
    let check = |raw: &mut Raw, seen: SocketAddr| {
        raw.session.request(raw.now, Command::CheckLiveness);
        raw.pump();
        let (_, request) = raw.request().expect("a liveness check");
        assert!(find(&request, NotifyType::NAT_DETECTION_DESTINATION_IP).is_some());
        let answer = nat_detection(raw, seen);
        raw.respond(&answer);
    };
    check(&mut raw, first);
    assert!(raw.request().is_none(), "nothing changed");
    check(&mut raw, "192.0.2.200:1025".parse().unwrap());
    let (_, request) = raw.request().expect("an update");
    assert!(find(&request, UPDATE).is_some());
    let answer = nat_detection(&raw, "192.0.2.200:1025".parse().unwrap());
    raw.respond(&answer);
    // After a rekey nobody knows: the server is told once.
    raw.rekey_ike().unwrap();
    raw.inbox.clear();
    for told in [1, 0, 0] {
        check(&mut raw, "192.0.2.200:1025".parse().unwrap());
        assert_eq!(raw.inbox.len(), told, "{:#?}", raw.events.iter().rev().take(6).collect::<Vec<_>>());
        if raw.request().is_some() {
            let answer = nat_detection(&raw, "192.0.2.200:1025".parse().unwrap());
            raw.respond(&answer);
        }
    }
}

#[test]
fn d12_a_server_can_check_us_but_not_move_us() {
    let mut raw = raw_server();
    for length in [8, 16, 64] {
        let cookie = Payload::Notify(Notify::new(COOKIE2, vec![7; length]));
        let answer = raw.ask(INFO, std::slice::from_ref(&cookie));
        assert_eq!(answer, [cookie]);
    }
    assert!(raw.ask(INFO, &[Payload::Notify(Notify::new(COOKIE2, vec![7; 65]))]).is_empty());
    let at = raw.session.path();
    raw.path = path(CLIENT, "192.0.2.99", 4500);
    let answer = raw.ask(INFO, &[notify(UPDATE)]);
    assert!(answer.is_empty());
    assert_eq!((raw.session.path(), moves(&raw.events).len()), (at, 1));
    // Asked for NAT detection, it tells.
    raw.path = at;
    let request = nat_detection(&raw, at.local);
    let answer = raw.ask(INFO, &request);
    let destination = find(&answer, NotifyType::NAT_DETECTION_DESTINATION_IP).unwrap();
    assert_eq!(destination.data, hash(&raw, at.remote));
}

#[test]
fn d12_further_addresses_of_a_server_are_kept_in_bounds() {
    let address = |number: u16| {
        let [high, low] = number.to_be_bytes();
        Payload::Notify(Notify::new(NotifyType::ADDITIONAL_IP4_ADDRESS, [198, 51, high, low]))
    };
    let v6 = Payload::Notify(Notify::new(
        NotifyType::ADDITIONAL_IP6_ADDRESS,
        "2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets(),
    ));
    let mut raw = Raw::established_server_with(
        initiator(),
        vec![notify(NotifyType::MOBIKE_SUPPORTED), address(1), v6, address(1)],
    );
    assert_eq!(raw.session.peer_addresses(), [ip("198.51.0.1"), ip("2001:db8::1")]);
    let many: Vec<_> = (0..500).map(address).collect();
    for chunk in many.chunks(100) {
        raw.ask(INFO, chunk);
        assert_eq!(raw.session.peer_addresses().len(), 16);
    }
    // What is no address does not count.
    let odd = [
        Notify::new(NotifyType::ADDITIONAL_IP4_ADDRESS, vec![1; 3]),
        Notify::new(NotifyType::ADDITIONAL_IP6_ADDRESS, vec![1; 4]),
        Notify::new(NotifyType::ADDITIONAL_IP4_ADDRESS, vec![0; 4]),
        Notify::new(NotifyType::ADDITIONAL_IP4_ADDRESS, vec![224, 0, 0, 1]),
    ];
    raw.ask(INFO, &odd.map(Payload::Notify));
    assert!(raw.session.peer_addresses().is_empty());
    raw.ask(INFO, &[address(9)]);
    raw.ask(INFO, &[]);
    assert_eq!(raw.session.peer_addresses(), [ip("198.51.0.9")], "no news");
    raw.ask(INFO, &[notify(NotifyType::NO_ADDITIONAL_ADDRESSES)]);
    assert!(raw.session.peer_addresses().is_empty());
    // Without MOBIKE nothing of it counts.
    let mut raw = Raw::established_server(initiator());
    raw.ask(INFO, &[address(1)]);
    assert!(raw.session.peer_addresses().is_empty());
}

// ---- The gateway, against a client that keeps to no rule -----------------------------------------------------------

fn seen(remote: &str, port: u16) -> Path {
    path(GATEWAY, remote, port)
}

/// An UPDATE_SA_ADDRESSES from `remote`, answered; gives the answer.
fn update_from(raw: &mut Raw, at: Path, more: Vec<Payload>) -> Vec<Payload> {
    raw.path = at;
    let mut request = vec![notify(UPDATE)];
    request.extend(more);
    raw.ask(INFO, &request)
}

#[test]
fn esp_follows_only_once_the_client_has_answered_from_there() {
    let mut raw = Raw::mobike_client(responder());
    let before = raw.session.path();
    let answer = update_from(&mut raw, seen(ELSEWHERE, 4500), vec![]);
    assert!(answer.is_empty(), "{answer:?}");
    assert_eq!(raw.session.path(), before, "not yet");
    let (_, request) = raw.request().expect("a check");
    assert_eq!(raw.sent.last(), Some(&seen(ELSEWHERE, 4500)));
    let cookie = find(&request, COOKIE2).unwrap().clone();
    assert!((8..=64).contains(&cookie.data.len()));
    raw.respond(&[Payload::Notify(cookie)]);
    assert_eq!(raw.session.path(), seen(ELSEWHERE, 4500));
    assert_eq!(moves(&raw.events), [seen(ELSEWHERE, 4500)]);
    // The same again is no move.
    assert!(update_from(&mut raw, seen(ELSEWHERE, 4500), vec![]).is_empty());
    assert!(raw.request().is_none());
}

#[test]
fn d12_a_check_that_is_answered_wrongly_or_never_ends_the_ike_sa() {
    for wrong in [vec![], vec![Payload::Notify(Notify::new(COOKIE2, vec![1; 16]))]] {
        let mut raw = Raw::mobike_client(responder());
        update_from(&mut raw, seen(ELSEWHERE, 4500), vec![]);
        raw.request().expect("a check");
        raw.respond(&wrong);
        assert!(matches!(failure(raw.closed()), Failure::Protocol { .. }));
    }
    let mut raw = Raw::mobike_client(responder());
    update_from(&mut raw, seen(ELSEWHERE, 4500), vec![]);
    raw.wait(seconds(600));
    assert!(matches!(failure(raw.closed()), Failure::PeerGone { .. }));
    assert_eq!(moves(&raw.events), [], "ESP never went there");
}

#[test]
fn a_check_that_went_to_two_addresses_is_made_again() {
    let mut raw = Raw::mobike_client(responder());
    update_from(&mut raw, seen(ELSEWHERE, 4500), vec![]);
    let (_, first) = raw.request().expect("a check");
    update_from(&mut raw, seen(FURTHER, 4500), vec![]);
    assert_eq!(raw.sent.iter().filter(|path| path.remote.ip() == ip(FURTHER)).count(), 2, "answer and check");
    raw.respond(&[Payload::Notify(find(&first, COOKIE2).unwrap().clone())]);
    assert_eq!(moves(&raw.events), [], "it does not tell which address works");
    let (_, second) = raw.request().expect("another check");
    raw.respond(&[Payload::Notify(find(&second, COOKIE2).unwrap().clone())]);
    assert_eq!(moves(&raw.events), [seen(FURTHER, 4500)]);
    // There and back again before the check: ESP never left.
    let mut raw = Raw::mobike_client(responder());
    let home = raw.session.path();
    update_from(&mut raw, seen(ELSEWHERE, 4500), vec![]);
    let (_, first) = raw.request().unwrap();
    update_from(&mut raw, home, vec![]);
    assert_eq!(raw.session.path(), home);
    raw.respond(&[Payload::Notify(find(&first, COOKIE2).unwrap().clone())]);
    assert!(raw.request().is_none() && moves(&raw.events).is_empty());
}

#[test]
fn d12_a_nat_where_none_is_allowed_is_refused() {
    let data = |source: &str, port: u16| {
        let octets = |text: &str| match ip(text) {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let (source, target) = (octets(source), octets(GATEWAY));
        [source, target, port.to_be_bytes().to_vec(), 4500_u16.to_be_bytes().to_vec()].concat()
    };
    let no_nats = |data: Vec<u8>| vec![Payload::Notify(Notify::new(NotifyType::NO_NATS_ALLOWED, data))];
    for wrong in [data(FURTHER, 4500), data(ELSEWHERE, 4499), vec![], data(ELSEWHERE, 4500)[1..].to_vec()] {
        let mut raw = Raw::mobike_client(responder());
        let before = raw.session.path();
        let mut more = no_nats(wrong);
        more.push(Payload::Notify(Notify::new(COOKIE2, vec![3; 8])));
        let answer = update_from(&mut raw, seen(ELSEWHERE, 4500), more);
        assert_eq!(answer.len(), 2, "{answer:?}");
        assert!(find(&answer, NotifyType::UNEXPECTED_NAT_DETECTED).is_some());
        assert_eq!(find(&answer, COOKIE2).unwrap().data, [3; 8]);
        raw.path = before;
        raw.session.request(raw.now, Command::CheckLiveness);
        raw.pump();
        assert_eq!((raw.session.path(), raw.sent.last()), (before, Some(&before)), "nothing moved");
    }
    let mut raw = Raw::mobike_client(responder());
    let answer = update_from(&mut raw, seen(ELSEWHERE, 4500), no_nats(data(ELSEWHERE, 4500)));
    assert!(answer.is_empty());
    assert!(raw.request().is_some(), "it moves");
}

#[test]
fn d12_addresses_where_esp_cannot_go_are_unacceptable() {
    let plain = seen(ELSEWHERE, 500);
    let mut port_zero = seen(ELSEWHERE, 4500);
    port_zero.remote.set_port(0);
    for at in [plain, port_zero, seen("224.0.0.1", 4500), seen("0.0.0.0", 4500), seen("ff02::1", 4500)] {
        let mut raw = Raw::mobike_client(responder());
        let before = raw.session.path();
        let answer = update_from(&mut raw, at, vec![]);
        assert!(is_only(&answer, NotifyType::UNACCEPTABLE_ADDRESSES), "{at:?}: {answer:?}");
        assert_eq!(raw.session.path(), before);
        assert!(raw.request().is_none() && raw.closed().is_none());
    }
}

#[test]
fn d12_without_mobike_an_update_moves_nothing() {
    // The client did not announce it, or the gateway has it turned off.
    let off = ResponderConfig {
        common: adit_ike::config::Config { mobike: false, ..responder().common },
        ..responder()
    };
    let mut other = Raw::client(off, |_| {});
    let answer = other.authenticate_client_with(vec![notify(NotifyType::MOBIKE_SUPPORTED)]);
    assert!(find(&answer, NotifyType::MOBIKE_SUPPORTED).is_none());
    for mut raw in [Raw::established_client(responder()), other] {
        assert!(!established(&raw.events).mobike);
        // As one that is not behind a NAT, so that the rule of RFC 7296 2.23 does not move it either.
        let cookie = Payload::Notify(Notify::new(COOKIE2, vec![3; 8]));
        let answer = raw.ask(INFO, &[notify(UPDATE), cookie]);
        assert!(answer.is_empty());
        assert!(raw.request().is_none());
    }
}

#[test]
fn d12_before_authentication_nothing_moves() {
    let mut raw = Raw::client(responder(), |_| {});
    let before = raw.session.path();
    raw.path = seen(ELSEWHERE, 4500);
    raw.send(INFO, &[notify(UPDATE)]);
    assert!(raw.inbox.is_empty() && raw.session.path() == before);
}

#[test]
fn d13_with_mobike_ike_messages_move_nothing_and_fresh_esp_does() {
    let mut raw = Raw::mobike_client(responder());
    let child = newest_child(&raw.events);
    let home = raw.session.path();
    raw.path = seen(ELSEWHERE, 1024);
    assert!(raw.ask(INFO, &[]).is_empty());
    assert_eq!(raw.sent.last(), Some(&seen(ELSEWHERE, 1024)), "the answer goes where the question came from");
    assert_eq!(raw.session.path(), home);
    // Its NAT gave it another port: packets show it.
    raw.session.note_received(raw.now, seen(CLIENT, 1025), child);
    raw.pump();
    assert_eq!(raw.session.path(), seen(CLIENT, 1025));
}

#[test]
fn d13_a_late_packet_from_the_address_that_was_left_moves_nothing_back() {
    let mut raw = Raw::mobike_client(responder());
    let child = newest_child(&raw.events);
    let home = raw.session.path();
    for round in 0..7_u16 {
        let at = seen(ELSEWHERE, 2000 + round);
        update_from(&mut raw, at, vec![]);
        raw.session.note_received(raw.now, home, child);
        let (_, request) = raw.request().expect("a check");
        raw.respond(&[Payload::Notify(find(&request, COOKIE2).unwrap().clone())]);
        assert_eq!(raw.session.path(), at);
        let previous = seen(ELSEWHERE, 2000 + round.saturating_sub(1));
        if round > 0 {
            raw.session.note_received(raw.now, previous, child);
        }
        assert_eq!(raw.session.path(), at);
    }
    // It may come home by saying so.
    update_from(&mut raw, home, vec![]);
    let (_, request) = raw.request().expect("a check");
    raw.respond(&[Payload::Notify(find(&request, COOKIE2).unwrap().clone())]);
    assert_eq!(raw.session.path(), home);
}

#[test]
fn nat_detection_in_a_request_is_answered_in_kind() {
    let mut raw = Raw::mobike_client(responder());
    let detection: Vec<_> = support::raw::hello(&raw.provider).into_iter().take(2).collect();
    for more in [vec![], vec![notify(UPDATE)]] {
        let at = seen(ELSEWHERE, 4500);
        raw.path = at;
        let request: Vec<_> = detection.iter().cloned().chain(more).collect();
        let answer = raw.ask(INFO, &request);
        let destination = find(&answer, NotifyType::NAT_DETECTION_DESTINATION_IP).unwrap();
        assert_eq!(destination.data, hash(&raw, at.remote));
        assert!(find(&answer, NotifyType::NAT_DETECTION_SOURCE_IP).is_some());
    }
}

#[test]
fn an_update_on_an_ike_sa_that_was_just_replaced_counts_unless_its_successor_said_more() {
    for told in [false, true] {
        let mut raw = Raw::mobike_client(responder());
        raw.rekey_ike().unwrap();
        raw.inbox.clear();
        if told {
            update_from(&mut raw, seen(FURTHER, 4500), vec![]);
            let (_, request) = raw.request().unwrap();
            raw.respond(&[Payload::Notify(find(&request, COOKIE2).unwrap().clone())]);
        }
        // The old IKE SA is still there until the client deletes it.
        let mut old = raw.former.pop().unwrap();
        let datagrams = old.request(raw.now, INFO, &[notify(UPDATE)]).unwrap().to_vec();
        raw.path = seen(ELSEWHERE, 4500);
        for datagram in &datagrams {
            raw.inject(datagram).unwrap();
        }
        let check = raw.request();
        assert_eq!(check.is_some(), !told);
        if let Some((_, request)) = check {
            raw.respond(&[Payload::Notify(find(&request, COOKIE2).unwrap().clone())]);
            assert_eq!(raw.session.path(), seen(ELSEWHERE, 4500));
        }
    }
}

#[test]
fn a_host_can_leave_everything_to_the_default_configuration() {
    let config: InitiatorConfig = initiator();
    assert!(config.common.mobike);
    let mut pair = pair();
    assert_eq!(pair.client.peer_addresses(), [] as [IpAddr; 0]);
    let count = pair.log.iter().filter(|(side, _)| *side == Side::Responder).count();
    assert!(count > 0);
    let now = pair.now;
    assert_eq!(pair.gateway().peer_addresses(), [] as [IpAddr; 0]);
    assert_eq!(pair.gateway().network_changed(now, None), NetworkChange::Waiting);
}
