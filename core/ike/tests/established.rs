//! An established session against strangers, replays, strange Deletes, moved peers, and time.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::time::Duration;

use adit_ike::time::Instant;
use adit_ike::wire::*;
use adit_ike::{ChildEvent, ChildId, CloseReason, Command, Discard, Event, Failure, Path, Stage};
use support::raw::{CLIENT, Raw, is_only, notify};
use support::{Pair, initiator, responder};

const INFO: ExchangeType = ExchangeType::INFORMATIONAL;

fn children(raw: &Raw) -> Vec<(u32, u32)> {
    Pair::children(&raw.events)
}

fn newest_child(events: &[Event]) -> ChildId {
    let id = events.iter().rev().find_map(|event| match event {
        Event::Child(ChildEvent::Install { id, .. }) => Some(*id),
        _ => None,
    });
    id.unwrap()
}

/// A copy of a message with another message ID.
fn renumbered(datagram: &[u8], id: u32) -> Vec<u8> {
    let mut copy = datagram.to_vec();
    copy[20..24].copy_from_slice(&id.to_be_bytes());
    copy
}

#[test]
fn d02_message_ids_outside_the_window_change_nothing() {
    let mut raw = Raw::established_client(responder());
    let datagram = raw.channel.request(raw.now, INFO, &[]).unwrap()[0].clone();
    let next = Header::parse(&datagram).unwrap().message_id;
    for id in [0, next - 1, next + 1, next + 1000, u32::MAX - 1, u32::MAX] {
        assert!(raw.inject(&renumbered(&datagram, id)).is_err(), "{id}");
    }
    assert!(raw.inbox.is_empty() && raw.closed().is_none());
    raw.inject(&datagram).unwrap();
    assert_eq!(raw.inbox.len(), 1, "the right one is answered");
}

#[test]
fn d01_the_same_request_is_answered_again_and_another_under_its_id_is_not() {
    let mut raw = Raw::established_client(responder());
    let request = raw.child_request(None, 0xc0de_0002);
    let datagram = raw.channel.request(raw.now, ExchangeType::CREATE_CHILD_SA, &request).unwrap()[0].clone();
    raw.inject(&datagram).unwrap();
    let count = children(&raw).len();
    for _ in 0..10 {
        assert_eq!(raw.inject(&datagram), Err(Discard::Retransmitted));
    }
    assert_eq!(raw.unread.len(), 10, "each was answered");
    assert!(raw.unread.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(children(&raw).len(), count, "and done once");
    let mut other = datagram.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(raw.inject(&other), Err(Discard::ChangedRequest));
}

#[test]
fn d03_a_bad_icv_is_dropped_silently_and_uses_up_no_id() {
    let mut raw = Raw::established_client(responder());
    let datagram =
        raw.channel.request(raw.now, INFO, &[Payload::Delete(Delete::ike_sa())]).unwrap()[0].clone();
    for position in 28..datagram.len() {
        let mut broken = datagram.clone();
        broken[position] ^= 0x80;
        assert!(raw.inject(&broken).is_err());
        assert!(raw.unread.is_empty() && raw.inbox.is_empty() && raw.closed().is_none());
    }
    raw.inject(&datagram).unwrap();
    assert_eq!(raw.closed(), Some(&CloseReason::DeletedByPeer));
}

#[test]
fn d10_unprotected_messages_never_close_anything() {
    for client in [true, false] {
        let mut raw =
            if client { Raw::established_server(initiator()) } else { Raw::established_client(responder()) };
        let sent = raw.channel.window().next_request_id().unwrap();
        let role = raw.role;
        let payloads = [
            vec![notify(NotifyType::INVALID_SPI)],
            vec![notify(NotifyType::INVALID_IKE_SPI)],
            vec![notify(NotifyType::AUTHENTICATION_FAILED)],
            vec![notify(NotifyType::INVALID_SYNTAX)],
            vec![Payload::Delete(Delete::ike_sa())],
            vec![Payload::Delete(Delete::esp([raw.child.0, raw.child.1]))],
            vec![],
        ];
        for payloads in payloads {
            for exchange in
                [INFO, ExchangeType::CREATE_CHILD_SA, ExchangeType::IKE_AUTH, ExchangeType::IKE_SA_INIT]
            {
                for flags in [Flags::request(role), Flags::response(role)] {
                    for id in [0, sent, sent + 1] {
                        let datagram = raw.in_clear(exchange, flags, id, payloads.clone());
                        let _ = raw.inject(&datagram);
                    }
                }
            }
        }
        assert!(raw.closed().is_none());
        assert_eq!(children(&raw).len(), 1);
        assert!(raw.ask(INFO, &[]).is_empty(), "still there");
    }
}

#[test]
fn d19_responses_to_nothing_are_dropped() {
    let mut raw = Raw::established_server(initiator());
    raw.session.request(raw.now, Command::CheckLiveness);
    raw.pump();
    raw.request().unwrap();
    raw.respond(&[]);
    let former = raw.channel.window().stored_reply()[0].clone();
    assert_eq!(raw.inject(&former), Err(Discard::Unsolicited));
    assert!(raw.inject(&renumbered(&former, 77)).is_err());
    assert!(raw.closed().is_none());
}

#[test]
fn a17_deletes_with_strange_spis_are_passed_over() {
    let mut raw = Raw::established_client(responder());
    let (ours, theirs) = raw.child;
    let odd = [vec![0], vec![u32::MAX; 100], (0..200).collect(), vec![theirs], vec![theirs, theirs, 1, 2]];
    for spis in odd {
        assert!(raw.ask(INFO, &[Payload::Delete(Delete::esp(spis))]).is_empty());
        assert_eq!(children(&raw).len(), 1);
    }
    // AH, and protocols that do not exist.
    for protocol in [0, 2, 9, 255] {
        let mut raw = Raw::established_client(responder());
        let delete = Delete { protocol: ProtocolId(protocol), ..Delete::esp([raw.child.0]) };
        let answer = raw.ask(INFO, &[Payload::Delete(delete)]);
        if is_only(&answer, NotifyType::INVALID_SYNTAX) {
            assert!(raw.closed().is_some(), "{protocol}");
        } else {
            assert_eq!((answer.len(), children(&raw).len()), (0, 1), "{protocol}");
        }
    }
    // The right one, twice in one payload and in two: one answer, one removal.
    let twice = [Payload::Delete(Delete::esp([ours, ours])), Payload::Delete(Delete::esp([ours]))];
    let answer = raw.ask(INFO, &twice);
    let Payload::Delete(delete) = &answer[0] else { panic!("{answer:?}") };
    assert_eq!((answer.len(), delete.spis.clone()), (1, vec![theirs]));
    assert!(children(&raw).is_empty());
    assert!(raw.closed().is_none());
}

#[test]
fn d09_deletes_cross_and_each_answer_leaves_out_what_the_other_says() {
    // Both delete the same Child SA: theirs while ours is open.
    let mut client = initiator();
    client.common.child.lifetime = Duration::from_secs(100);
    let mut raw = Raw::established_server(client);
    raw.session.request(raw.now, Command::RekeyChild);
    raw.pump();
    let (_, asked) = raw.request().unwrap();
    let answer = raw.child_response(&asked, 0xc0de_0002);
    raw.respond(&answer);
    let (exchange, delete) = raw.request().expect("the Delete of the old one");
    assert!(
        exchange == INFO && matches!(&delete[0], Payload::Delete(delete) if delete.spis == [raw.child.1])
    );
    assert!(raw.ask(INFO, &[Payload::Delete(Delete::esp([raw.child.0]))]).is_empty(), "RFC 7296 1.4.1");
    raw.respond(&[]);
    assert_eq!(children(&raw).len(), 1);
    assert_eq!(Pair::sealing(&raw.events), Some(0xc0de_0002));
    assert!(raw.closed().is_none());
}

#[test]
fn d09_delete_of_ike_sa_while_a_child_request_is_open() {
    let mut raw = Raw::established_server(initiator());
    raw.session.request(raw.now, Command::RekeyChild);
    raw.pump();
    raw.request().unwrap();
    assert!(raw.ask(INFO, &[Payload::Delete(Delete::ike_sa())]).is_empty());
    assert_eq!(raw.closed(), Some(&CloseReason::DeletedByPeer));
    assert!(children(&raw).is_empty());
    assert!(raw.session.poll_timeout().is_none() && raw.session.is_closed());
    // A late answer finds nothing.
    assert_eq!(raw.inject(&[0; 28]), Err(Discard::NotIke(Header::parse(&[0; 28]).unwrap_err())));
}

#[test]
fn a_child_sa_the_peer_deletes_is_made_again_by_the_client_only() {
    let mut raw = Raw::established_server(initiator());
    raw.inbox.clear();
    let answer = raw.ask(INFO, &[Payload::Delete(Delete::esp([raw.child.0]))]);
    assert!(matches!(&answer[0], Payload::Delete(delete) if delete.spis == [raw.child.1]));
    let (exchange, asked) = raw.request().expect("a new one is asked for");
    assert_eq!(exchange, ExchangeType::CREATE_CHILD_SA);
    let answer = raw.child_response(&asked, 0xc0de_0002);
    raw.respond(&answer);
    assert_eq!(Pair::sealing(&raw.events), Some(0xc0de_0002));

    let mut raw = Raw::established_client(responder());
    raw.ask(INFO, &[Payload::Delete(Delete::esp([raw.child.0]))]);
    assert!(raw.request().is_none() && children(&raw).is_empty() && raw.closed().is_none());
}

#[test]
fn an_unknown_exchange_or_a_broken_message_ends_the_session_on_both_sides() {
    for exchange in [ExchangeType::IKE_AUTH, ExchangeType::IKE_INTERMEDIATE, ExchangeType(200)] {
        let mut raw = Raw::established_client(responder());
        assert!(is_only(&raw.ask(exchange, &[]), NotifyType::INVALID_SYNTAX));
        assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::Protocol { .. }))));
    }
    let mut raw = Raw::established_client(responder());
    let nonce = Payload::Nonce(Nonce(vec![1; 3]));
    let answer = raw.ask(ExchangeType::CREATE_CHILD_SA, &[nonce]);
    assert!(is_only(&answer, NotifyType::INVALID_SYNTAX));
}

fn moved(port: u16) -> Path {
    Path {
        remote: format!("192.0.2.77:{port}").parse().unwrap(),
        ..support::raw::path("192.0.2.1", CLIENT, 4500)
    }
}

#[test]
fn d13_the_gateway_follows_a_client_whose_nat_rebinds_by_fresh_packets_only() {
    let mut raw = Raw::established_client(responder());
    let first = raw.session.path();
    let old = raw.channel.request(raw.now, INFO, &[]).unwrap()[0].clone();
    raw.inject(&old).unwrap();
    // A replayed request from elsewhere: answered there, but nobody moves.
    raw.path = moved(1000);
    assert_eq!(raw.inject(&old), Err(Discard::Retransmitted));
    assert_eq!(raw.session.path(), first);
    // Garbage, and an unprotected message, from elsewhere.
    let clear = raw.in_clear(INFO, Flags::request(Role::Initiator), 9, vec![]);
    assert!(raw.inject(&clear).is_err());
    let mut broken = old.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert!(raw.inject(&broken).is_err());
    assert_eq!(raw.session.path(), first);
    // A fresh one.
    raw.path = moved(2000);
    raw.ask(INFO, &[]);
    assert_eq!(raw.session.path(), moved(2000));
    assert!(raw.events.iter().any(|event| matches!(event, Event::PathChanged(path) if *path == moved(2000))));
    // Fresh ESP too.
    let child = newest_child(&raw.events);
    raw.session.note_received(raw.now, moved(3000), child);
    assert_eq!(raw.session.path(), moved(3000));
    // Nobody moves back to where ESP cannot follow.
    raw.path = Path { encapsulated: false, ..moved(500) };
    raw.ask(INFO, &[]);
    assert_eq!(raw.session.path(), moved(3000));
}

#[test]
fn d13_the_client_follows_nobody() {
    let mut raw = Raw::established_server(initiator());
    let first = raw.session.path();
    raw.path = Path { remote: "192.0.2.99:4500".parse().unwrap(), ..first };
    raw.ask(INFO, &[]);
    let child = newest_child(&raw.events);
    raw.session.note_received(raw.now, raw.path, child);
    assert_eq!(raw.session.path(), first);
}

#[test]
fn d13_a_gateway_follows_no_client_that_is_not_behind_a_nat() {
    let provider = adit_crypto::default_provider();
    let spi = IkeSpi([5; 8]);
    let hash = nat_detection_hash(&provider, spi, IkeSpi::ZERO, CLIENT.parse().unwrap(), 500).unwrap();
    let mut raw = Raw::client_with_spi(responder(), spi, |payloads| {
        for payload in payloads {
            if let Payload::Notify(notify) = payload
                && notify.notify_type == NotifyType::NAT_DETECTION_SOURCE_IP
            {
                notify.data = hash.to_vec();
            }
        }
    });
    raw.authenticate_client();
    assert!(!support::established(&raw.events).remote_nat);
    let first = raw.session.path();
    raw.path = moved(2000);
    raw.ask(INFO, &[]);
    let child = newest_child(&raw.events);
    raw.session.note_received(raw.now, moved(2000), child);
    assert_eq!(raw.session.path(), first);
}

#[test]
fn d11_fresh_esp_counts_as_life_and_silence_does_not() {
    // Nothing at all: the peer is asked after a minute, and given up.
    let mut raw = Raw::established_client(responder());
    raw.wait(Duration::from_secs(61));
    let (exchange, payloads) = raw.request().expect("a liveness check");
    assert!(exchange == INFO && payloads.is_empty());
    raw.wait(Duration::from_secs(100));
    assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::PeerGone { .. }))));

    // ESP comes in: nobody asks.
    let mut raw = Raw::established_client(responder());
    let child = newest_child(&raw.events);
    for _ in 0..600 {
        raw.wait(Duration::from_secs(1));
        raw.session.note_received(raw.now, raw.path, child);
    }
    assert!(raw.request().is_none() && raw.closed().is_none());
    // It stops, we ask; it comes again, and the question that stays open is asked anew, not taken for death.
    raw.wait(Duration::from_secs(61));
    assert!(raw.request().is_some());
    for _ in 0..300 {
        raw.wait(Duration::from_secs(1));
        raw.session.note_received(raw.now, raw.path, child);
    }
    assert!(raw.closed().is_none());
    raw.wait(Duration::from_secs(160));
    assert!(raw.closed().is_some(), "now it is silent");
}

#[test]
fn d11_a_replayed_message_is_no_sign_of_life() {
    let mut raw = Raw::established_client(responder());
    let old = raw.channel.request(raw.now, INFO, &[]).unwrap()[0].clone();
    raw.inject(&old).unwrap();
    for _ in 0..59 {
        raw.wait(Duration::from_secs(1));
        assert_eq!(raw.inject(&old), Err(Discard::Retransmitted));
    }
    raw.inbox.clear();
    raw.wait(Duration::from_secs(2));
    assert!(raw.request().is_some(), "asked after a minute all the same");
}

#[test]
fn liveness_none_never_asks() {
    let mut gateway = responder();
    gateway.common.liveness = None;
    let mut raw = Raw::established_client(gateway);
    raw.wait(Duration::from_secs(3000));
    assert!(raw.request().is_none() && raw.closed().is_none());
}

#[test]
fn keepalives_are_sent_behind_a_nat_and_only_when_nothing_else_is() {
    // The server's destination hash does not match what we think of ourselves.
    let mut client = initiator();
    client.common.liveness = None;
    let mut raw = Raw::established_server(client);
    let mut keepalives = 0;
    let end = raw.now + Duration::from_secs(59);
    while let Some((at, _)) = raw.session.poll_timeout().filter(|(at, _)| *at <= end) {
        raw.now = raw.now.max(at);
        raw.session.handle_timeout(raw.now);
        while let Some(transmit) = raw.session.poll_transmit() {
            keepalives += usize::from(transmit.payload == [0xff]);
        }
        while raw.session.poll_event().is_some() {}
    }
    assert_eq!(keepalives, 2, "one each 20 s");
    let (next, _) = raw.session.poll_timeout().unwrap();
    raw.session.note_sent(end);
    assert!(raw.session.poll_timeout().unwrap().0 > next, "traffic keeps the mapping open");
}

#[test]
fn d18_clock_jumps_fire_each_timer_once() {
    let mut raw = Raw::established_client(responder());
    // Backwards.
    raw.session.handle_timeout(Instant::EPOCH);
    assert!(raw.session.poll_timeout().unwrap().0 >= raw.now);
    // An hour of sleep: one question, not sixty.
    raw.now = raw.now + Duration::from_secs(3000);
    raw.session.handle_timeout(raw.now);
    raw.pump();
    assert_eq!(raw.inbox.len(), 1);
    assert!(raw.session.poll_timeout().unwrap().0 > raw.now);
    raw.inbox.clear();
    // A day: the IKE SA's lifetime is over.
    raw.now = raw.now + Duration::from_secs(86_400);
    raw.session.handle_timeout(raw.now);
    raw.pump();
    assert_eq!(raw.closed(), Some(&CloseReason::Failed(Failure::LifetimeOver(Stage::Ike))));
    assert!(children(&raw).is_empty());
}

#[test]
fn lifetimes_start_rekeys_before_they_end() {
    let mut client = initiator();
    client.common.child.lifetime = Duration::from_secs(100);
    client.common.ike_lifetime = Duration::from_secs(300);
    let mut pair = Pair::established(client, responder());
    let first = Pair::children(&pair.client_events);
    pair.run_for(Duration::from_secs(89));
    assert_eq!(Pair::children(&pair.client_events), first, "not before nine tenths");
    pair.run_for(Duration::from_secs(12));
    assert_ne!(Pair::children(&pair.client_events), first, "and not after the end");
    let spis = pair.client.spis();
    pair.run_for(Duration::from_secs(200));
    assert_ne!(pair.client.spis(), spis);
    pair.assert_one_child();
}

#[test]
fn e18_a_child_sa_that_cannot_be_rekeyed_is_deleted_at_its_end() {
    let mut gateway = responder();
    gateway.common.child.lifetime = Duration::from_secs(100);
    gateway.common.liveness = None;
    let mut raw = Raw::established_client(gateway);
    let mut tries = 0;
    let deleted = loop {
        raw.wait(Duration::from_secs(1));
        match raw.request() {
            Some((ExchangeType::CREATE_CHILD_SA, _)) => {
                tries += 1;
                raw.respond(&[notify(NotifyType::TEMPORARY_FAILURE)]);
            }
            Some((_, payloads)) => break payloads,
            None => {}
        }
        assert!(raw.now < support::raw::start() + Duration::from_secs(400));
    };
    assert!((3..=20).contains(&tries), "{tries}");
    assert!(matches!(&deleted[0], Payload::Delete(delete) if delete.spis == [raw.child.1]));
    raw.respond(&[Payload::Delete(Delete::esp([raw.child.0]))]);
    assert!(children(&raw).is_empty());
    let until = raw.events.iter().find_map(|event| match event {
        Event::Child(ChildEvent::Remove { until, .. }) => Some(*until),
        _ => None,
    });
    assert_eq!(until, Some(raw.now + Duration::from_secs(5)), "late packets are opened for a while");
}

#[test]
fn rekey_child_replaces_the_one_whose_numbers_run_out() {
    let mut pair = Pair::established(initiator(), responder());
    let before = Pair::children(&pair.client_events);
    let id = newest_child(&pair.client_events);
    pair.client.rekey_child(pair.now, id);
    pair.client.rekey_child(pair.now, id);
    pair.client.rekey_child(pair.now, ChildId(999));
    pair.settle();
    pair.assert_one_child();
    assert_ne!(Pair::children(&pair.client_events), before);
    assert_eq!(Pair::children(&pair.client_events)[0].0, pair_inbound(&pair));
}

fn pair_inbound(pair: &Pair) -> u32 {
    Pair::children(&pair.gateway_events)[0].1
}

#[test]
fn the_server_may_refuse_our_proof_after_it_gave_its_own() {
    let mut raw = Raw::established_client(responder());
    assert!(raw.ask(INFO, &[notify(NotifyType::AUTHENTICATION_FAILED)]).is_empty());
    assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::RefusedByPeer { .. }))));
}
