//! Whole sessions, message by message: establishment, rekeys, deletes, liveness.

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

use adit_ike::{CloseReason, Command, Event, Failure};
use support::{Pair, initiator, lease, responder};

fn ike_rekeys(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::IkeRekeyed { .. })).count()
}

fn closed(events: &[Event]) -> Option<&CloseReason> {
    events.iter().find_map(|event| match event {
        Event::Closed(reason) => Some(reason),
        _ => None,
    })
}

#[test]
fn psk_session_comes_up_with_configuration_and_one_child() {
    let pair = Pair::established(initiator(), responder());
    pair.assert_one_child();
    let established = pair
        .client_events
        .iter()
        .find_map(|event| match event {
            Event::Established(established) => Some(established),
            _ => None,
        })
        .unwrap();
    assert_eq!(established.assigned, lease());
    assert_eq!(established.peer.to_string(), "vpn.rig.test");
    assert!(established.remote_nat, "both sides force encapsulation");
    assert!(pair.client.path().encapsulated);
}

#[test]
fn child_sa_is_rekeyed_by_either_side() {
    let mut pair = Pair::established(initiator(), responder());
    let before = Pair::children(&pair.client_events);
    pair.client.request(pair.now, Command::RekeyChild);
    pair.settle();
    pair.assert_one_child();
    let middle = Pair::children(&pair.client_events);
    assert_ne!(before, middle);
    let now = pair.now;
    pair.gateway().request(now, Command::RekeyChild);
    pair.settle();
    pair.assert_one_child();
    assert_ne!(middle, Pair::children(&pair.client_events));
}

#[test]
fn ike_sa_is_rekeyed_by_either_side_and_children_stay() {
    let mut pair = Pair::established(initiator(), responder());
    let children = Pair::children(&pair.client_events);
    let first = pair.client.spis();
    pair.client.request(pair.now, Command::RekeyIke);
    pair.settle();
    let second = pair.client.spis();
    assert_ne!(first, second);
    let now = pair.now;
    pair.gateway().request(now, Command::RekeyIke);
    pair.settle();
    assert_ne!(second, pair.client.spis());
    assert_eq!(pair.client.spis(), pair.gateway().spis());
    assert_eq!((ike_rekeys(&pair.client_events), ike_rekeys(&pair.gateway_events)), (2, 2));
    assert_eq!(children, Pair::children(&pair.client_events));
    pair.client.request(pair.now, Command::RekeyChild);
    pair.settle();
    pair.assert_one_child();
}

#[test]
fn d04_child_rekeys_that_cross_leave_one_pair() {
    for _ in 0..20 {
        let mut pair = Pair::established(initiator(), responder());
        let now = pair.now;
        pair.client.request(now, Command::RekeyChild);
        pair.gateway().request(now, Command::RekeyChild);
        pair.settle();
        pair.assert_one_child();
    }
}

#[test]
fn d04_ike_rekeys_that_cross_leave_one_sa() {
    for _ in 0..20 {
        let mut pair = Pair::established(initiator(), responder());
        let now = pair.now;
        pair.client.request(now, Command::RekeyIke);
        pair.gateway().request(now, Command::RekeyIke);
        pair.settle();
        assert_eq!(pair.client.spis(), pair.gateway().spis());
        pair.client.request(pair.now, Command::RekeyChild);
        pair.settle();
        pair.assert_one_child();
    }
}

#[test]
fn d04_ike_rekey_that_crosses_a_child_rekey_leaves_one_of_each() {
    for client_first in [true, false] {
        let mut pair = Pair::established(initiator(), responder());
        let now = pair.now;
        let (client, gateway) = if client_first {
            (Command::RekeyIke, Command::RekeyChild)
        } else {
            (Command::RekeyChild, Command::RekeyIke)
        };
        pair.client.request(now, client);
        pair.gateway().request(now, gateway);
        pair.run_for(Duration::from_secs(40));
        assert_eq!(pair.client.spis(), pair.gateway().spis());
        pair.assert_one_child();
    }
}

#[test]
fn close_is_answered_and_ends_both_sides() {
    let mut pair = Pair::established(initiator(), responder());
    pair.client.request(pair.now, Command::Close);
    pair.settle();
    assert_eq!(closed(&pair.client_events), Some(&CloseReason::Requested));
    assert_eq!(closed(&pair.gateway_events), Some(&CloseReason::DeletedByPeer));
    assert!(Pair::children(&pair.client_events).is_empty());
    assert!(Pair::children(&pair.gateway_events).is_empty());
}

#[test]
fn a_close_in_the_middle_of_ike_auth_leaves_no_client_on_the_server() {
    // The server's answer, which makes the client a client, is still on its way.
    let mut pair = Pair::new(initiator(), responder());
    for _ in 0..3 {
        pair.collect();
        let (side, transmit) = pair.queue.pop_front().unwrap();
        pair.deliver(side, &transmit);
    }
    pair.collect();
    assert!(pair.gateway_is_up() && !pair.client_is_up());
    let answer = pair.queue.pop_front().unwrap();
    pair.client.request(pair.now, Command::Close);
    assert_eq!(pair.client.poll_timeout().map(|(_, wake)| wake), Some(adit_ike::Wake::QueuedOutput));
    pair.settle();
    assert_eq!(closed(&pair.client_events), Some(&CloseReason::Requested));
    assert_eq!(closed(&pair.gateway_events), Some(&CloseReason::DeletedByPeer), "and not after a while");
    pair.deliver(answer.0, &answer.1);
    pair.settle();
    assert!(!pair.client_is_up() && pair.client.poll_timeout().is_none());
}

#[test]
fn a_dead_peer_is_found_by_liveness() {
    let mut pair = Pair::established(initiator(), responder());
    pair.gateway = None;
    let mut config = support::responder();
    config.shared_keys.clear();
    for _ in 0..400 {
        let Some((at, _)) = pair.client.poll_timeout() else { break };
        pair.now = pair.now.max(at);
        pair.client.handle_timeout(pair.now);
        pair.drop_queue();
    }
    assert!(
        matches!(closed(&pair.client_events), Some(CloseReason::Failed(Failure::PeerGone { .. }))),
        "{:?}",
        closed(&pair.client_events)
    );
}

#[test]
fn lifetimes_rekey_both_sas_over_a_day() {
    let mut pair = Pair::established(initiator(), responder());
    pair.run_for(Duration::from_secs(24 * 3600));
    pair.assert_one_child();
    assert!(ike_rekeys(&pair.client_events) >= 5);
}

#[test]
fn wrong_shared_key_fails_on_both_sides_with_advice() {
    let mut wrong = initiator();
    wrong.local_auth =
        adit_ike::config::LocalAuth::SharedKey(adit_crypto::Secret::from(b"another".as_slice()));
    let mut pair = Pair::new(wrong, responder());
    pair.settle();
    let Some(CloseReason::Failed(failure)) = closed(&pair.client_events) else {
        panic!("{:?}", pair.client_events)
    };
    assert!(matches!(failure, Failure::RefusedByPeer { .. }), "{failure:?}");
    assert!(failure.advice().contains("LocalIdentifier"));
    assert!(matches!(closed(&pair.gateway_events), Some(CloseReason::Failed(Failure::Authentication(_)))));
}

#[test]
fn a_lost_datagram_of_each_kind_is_made_up_for() {
    for lost in 0..8 {
        let mut pair = Pair::new(initiator(), responder());
        let mut seen = 0;
        for _ in 0..200 {
            pair.collect();
            while let Some((side, transmit)) = pair.queue.pop_front() {
                if seen != lost {
                    pair.deliver(side, &transmit);
                }
                seen += 1;
                pair.collect();
            }
            if pair.client_is_up() && pair.gateway_is_up() {
                break;
            }
            let next = [
                pair.client.poll_timeout(),
                pair.gateway.as_ref().and_then(|gateway| gateway.poll_timeout()),
            ];
            pair.now = pair.now.max(next.into_iter().flatten().map(|(at, _)| at).min().unwrap());
            pair.client.handle_timeout(pair.now);
            let now = pair.now;
            if let Some(gateway) = &mut pair.gateway {
                gateway.handle_timeout(now);
            }
        }
        pair.settle();
        pair.assert_one_child();
    }
}
