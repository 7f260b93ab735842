//! Both sides do something at the same time: every order of nonces, and replies that are lost, late or out of
//! order. One pair survives, and the sides agree which.

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

use adit_crypto::DhGroup;
use adit_ike::{Command, Event, Session, Transmit};
use support::{Nonces, Pair, Side, header, initiator, responder};

/// Nonces of the client's request, of the gateway's answer to it, of the gateway's request, of the client's
/// answer to that: each can be the lowest.
const ORDERS: [[u8; 4]; 4] = [[0, 200, 201, 202], [200, 0, 201, 202], [200, 201, 0, 202], [200, 201, 202, 0]];

/// A pair with chosen nonces, in which both sides have just sent `command`.
fn colliding(order: [u8; 4], command: Command) -> Pair {
    let (of_client, client_nonces) = Nonces::provider();
    let (of_gateway, gateway_nonces) = Nonces::provider();
    let mut pair = Pair::with_providers(initiator(), responder(), of_client, of_gateway);
    pair.settle();
    let [client_request, gateway_answer, gateway_request, client_answer] = order;
    client_nonces.start_with(client_request, client_answer);
    gateway_nonces.start_with(gateway_request, gateway_answer);
    let now = pair.now;
    pair.client.request(now, command);
    pair.gateway().request(now, command);
    pair.collect();
    assert_eq!(pair.queue.len(), 2, "the requests cross");
    pair
}

fn is_response(transmit: &Transmit) -> bool {
    header(transmit).flags.response
}

fn check(pair: &mut Pair, what: &str) {
    assert!(pair.client_closed().is_none() && pair.gateway_closed().is_none(), "{what}");
    assert_eq!(pair.client.spis(), pair.gateway.as_ref().and_then(Session::spis), "{what}");
    pair.assert_one_child();
    // Nothing is stuck.
    for command in [Command::RekeyChild, Command::RekeyIke] {
        let before = (Pair::children(&pair.client_events), pair.client.spis());
        let now = pair.now;
        pair.client.request(now, command);
        pair.run_for(Duration::from_secs(30));
        assert_ne!((Pair::children(&pair.client_events), pair.client.spis()), before, "{what}: {command:?}");
        pair.assert_one_child();
    }
}

/// Runs a collision in which `meddle` sees each datagram with its number and says whether it is delivered now
/// (true), or lost (false).
fn run(order: [u8; 4], command: Command, meddle: impl Fn(usize, Side, &Transmit) -> bool) -> Pair {
    let mut pair = colliding(order, command);
    for number in 0..2 {
        let (side, transmit) = pair.queue.pop_front().unwrap();
        if meddle(number, side, &transmit) {
            pair.deliver(side, &transmit);
        }
    }
    let mut number = 2;
    let end = pair.now + Duration::from_secs(200);
    while pair.now < end {
        pair.collect();
        if let Some((side, transmit)) = pair.queue.pop_front() {
            if meddle(number, side, &transmit) {
                pair.deliver(side, &transmit);
            }
            number += 1;
            continue;
        }
        let deadlines = [pair.client.poll_timeout(), pair.gateway.as_ref().and_then(Session::poll_timeout)];
        let Some((at, _)) = deadlines.into_iter().flatten().min_by_key(|(at, _)| *at) else { break };
        pair.now = pair.now.max(at);
        pair.client.handle_timeout(pair.now);
        let now = pair.now;
        pair.gateway().handle_timeout(now);
    }
    pair
}

#[test]
fn d04_the_lowest_nonce_decides_a_child_collision_on_both_sides() {
    for (index, order) in ORDERS.into_iter().enumerate() {
        let mut pair = run(order, Command::RekeyChild, |_, _, _| true);
        pair.assert_one_child();
        // Who asked for the Child SA that stayed: the first two orders make the client's redundant.
        let survivor = Pair::children(&pair.client_events)[0].0;
        let client_made = pair.client_events.iter().rev().find_map(|event| match event {
            Event::Child(adit_ike::ChildEvent::Install { inbound, .. }) if inbound.spi == survivor => {
                Some(())
            }
            _ => None,
        });
        assert!(client_made.is_some());
        let made: Vec<_> = installs(&pair.client_events);
        // The client installs the gateway's first (it answers before it is answered), then its own.
        let expected = if index < 2 { made[1] } else { made[2] };
        assert_eq!(survivor, expected, "order {index}");
        check(&mut pair, &format!("order {index}"));
    }
}

fn installs(events: &[Event]) -> Vec<u32> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Child(adit_ike::ChildEvent::Install { inbound, .. }) => Some(inbound.spi),
            _ => None,
        })
        .collect()
}

#[test]
fn d04_the_lowest_nonce_decides_an_ike_collision_on_both_sides() {
    for (index, order) in ORDERS.into_iter().enumerate() {
        let mut pair = run(order, Command::RekeyIke, |_, _, _| true);
        let by_client = pair.client_events.iter().rev().find_map(|event| match event {
            Event::IkeRekeyed { by_us, .. } => Some(*by_us),
            _ => None,
        });
        assert_eq!(by_client, Some(index >= 2), "order {index}: the lowest nonce's SA is redundant");
        check(&mut pair, &format!("order {index}"));
    }
}

#[test]
fn d04_any_one_datagram_of_a_collision_may_be_lost() {
    for command in [Command::RekeyChild, Command::RekeyIke] {
        for order in ORDERS {
            for lost in 0..10 {
                let mut pair = run(order, command, |number, _, _| number != lost);
                check(&mut pair, &format!("{command:?}, {order:?}, datagram {lost} lost"));
            }
        }
    }
}

#[test]
fn d04_all_of_one_side_may_be_lost_for_a_while() {
    for command in [Command::RekeyChild, Command::RekeyIke] {
        for order in ORDERS {
            for silent in [Side::Initiator, Side::Responder] {
                for count in [2, 4, 6] {
                    let mut pair = run(order, command, |number, side, _| side != silent || number > count);
                    check(&mut pair, &format!("{command:?}, {order:?}, {silent:?} until {count}"));
                }
            }
        }
    }
}

#[test]
fn d04_a_delayed_reply_after_the_others_delete_changes_nothing() {
    for command in [Command::RekeyChild, Command::RekeyIke] {
        for order in ORDERS {
            for held in [Side::Initiator, Side::Responder] {
                // The first response to one side is held back until everything else is done with.
                let mut pair = colliding(order, command);
                let mut late = Vec::new();
                for _ in 0..200 {
                    pair.collect();
                    let Some((side, transmit)) = pair.queue.pop_front() else { break };
                    if side == held && is_response(&transmit) && late.is_empty() {
                        late.push((side, transmit));
                    } else {
                        pair.deliver(side, &transmit);
                    }
                }
                for (side, transmit) in late {
                    pair.deliver(side, &transmit);
                }
                pair.run_for(Duration::from_secs(200));
                check(&mut pair, &format!("{command:?}, {order:?}, {held:?}"));
            }
        }
    }
}

#[test]
fn d04_datagrams_in_reverse_order_and_twice() {
    for command in [Command::RekeyChild, Command::RekeyIke] {
        for order in ORDERS {
            let mut pair = colliding(order, command);
            for _ in 0..400 {
                pair.collect();
                let Some((side, transmit)) = pair.queue.pop_back() else { break };
                pair.deliver(side, &transmit);
                pair.deliver(side, &transmit);
            }
            pair.run_for(Duration::from_secs(200));
            check(&mut pair, &format!("{command:?}, {order:?} backwards"));
        }
    }
}

#[test]
fn d04_delete_crosses_rekey_and_both_delete() {
    let mut short = initiator();
    short.common.child.lifetime = Duration::from_secs(3);
    let mut gateway = responder();
    gateway.common.child.lifetime = Duration::from_secs(3);
    let mut pair = Pair::established(short, gateway);
    // Hundreds of rekeys from both sides at nearly the same times.
    pair.run_for(Duration::from_secs(1000));
    pair.client.request(pair.now, Command::RekeyChild);
    pair.run_for(Duration::from_millis(1500));
    let sealing = (Pair::sealing(&pair.client_events), Pair::sealing(&pair.gateway_events));
    assert!(sealing.0.is_some() && sealing.1.is_some());

    // The IKE SA is deleted by both at once.
    let mut pair = Pair::established(initiator(), responder());
    let now = pair.now;
    pair.client.request(now, Command::Close);
    pair.gateway().request(now, Command::Close);
    pair.settle();
    assert!(pair.client_closed().is_some() && pair.gateway_closed().is_some());
    assert!(pair.client.poll_timeout().is_none() && pair.gateway().poll_timeout().is_none());
}

#[test]
fn d05_a_loser_whose_request_gets_invalid_ke_leaves_the_others_pair() {
    for client_prefers in [true, false] {
        let (mut client, mut gateway) = (initiator(), responder());
        let both = vec![DhGroup::ECP_256, DhGroup::CURVE25519];
        if client_prefers {
            client.common.child.proposals[0].groups = both;
        } else {
            gateway.common.child.proposals[0].groups = both;
        }
        for hold in [None, Some(Side::Initiator), Some(Side::Responder)] {
            let mut pair = Pair::established(client.clone(), support::responder_from(&gateway));
            let now = pair.now;
            pair.client.request(now, Command::RekeyChild);
            pair.gateway().request(now, Command::RekeyChild);
            let mut late = Vec::new();
            for _ in 0..200 {
                pair.collect();
                let Some((side, transmit)) = pair.queue.pop_front() else { break };
                if hold == Some(side) && is_response(&transmit) && late.is_empty() {
                    late.push((side, transmit));
                } else {
                    pair.deliver(side, &transmit);
                }
            }
            for (side, transmit) in late {
                pair.deliver(side, &transmit);
            }
            pair.run_for(Duration::from_secs(200));
            check(&mut pair, &format!("client prefers another group: {client_prefers}, {hold:?}"));
        }
    }
}

#[test]
fn d04_an_ike_rekey_crosses_a_child_rekey_in_any_order_of_arrival() {
    for client_rekeys_ike in [true, false] {
        for backwards in [true, false] {
            for lost in 0..8 {
                let mut pair = Pair::established(initiator(), responder());
                let (client, gateway) = if client_rekeys_ike {
                    (Command::RekeyIke, Command::RekeyChild)
                } else {
                    (Command::RekeyChild, Command::RekeyIke)
                };
                let now = pair.now;
                pair.client.request(now, client);
                pair.gateway().request(now, gateway);
                for number in 0..200 {
                    pair.collect();
                    let next = if backwards { pair.queue.pop_back() } else { pair.queue.pop_front() };
                    let Some((side, transmit)) = next else { break };
                    if number != lost {
                        pair.deliver(side, &transmit);
                    }
                }
                pair.run_for(Duration::from_secs(200));
                check(&mut pair, &format!("{client_rekeys_ike} {backwards} {lost}"));
            }
        }
    }
}

#[test]
fn d09_a_response_crosses_the_delete_of_the_child_sa_it_makes() {
    // The gateway rekeys; the client's Delete of the old one is what confirms the new one, or its packets do.
    let mut pair = Pair::established(initiator(), responder());
    pair.client.request(pair.now, Command::RekeyChild);
    pair.collect();
    // Request and response, but not the client's Delete.
    for _ in 0..2 {
        pair.collect();
        let (side, transmit) = pair.queue.pop_front().unwrap();
        pair.deliver(side, &transmit);
    }
    pair.collect();
    let delete = pair.drop_queue();
    assert_eq!(delete, 1);
    let new = Pair::children(&pair.gateway_events)[1];
    assert_ne!(Pair::sealing(&pair.gateway_events), Some(new.1), "it is not sure that the client has it");
    let id = pair.gateway_events.iter().rev().find_map(|event| match event {
        Event::Child(adit_ike::ChildEvent::Install { id, .. }) => Some(*id),
        _ => None,
    });
    let (now, path) = (pair.now, pair.gateway().path());
    pair.gateway().note_received(now, path, id.unwrap());
    pair.collect();
    assert_eq!(Pair::sealing(&pair.gateway_events), Some(new.1), "the client uses it");
    pair.run_for(Duration::from_secs(10));
    pair.assert_one_child();
}

#[test]
fn d19_the_log_of_a_whole_session_played_again_changes_nothing() {
    let mut pair = Pair::established(initiator(), responder());
    for command in [Command::RekeyChild, Command::RekeyIke, Command::RekeyChild] {
        let now = pair.now;
        pair.client.request(now, command);
        pair.gateway().request(now, command);
        pair.run_for(Duration::from_secs(20));
    }
    let (children, spis) = (Pair::children(&pair.client_events), pair.client.spis());
    let log = pair.log.clone();
    for (side, transmit) in &log {
        pair.deliver(*side, transmit);
    }
    pair.queue.clear();
    pair.settle();
    assert_eq!((Pair::children(&pair.client_events), pair.client.spis()), (children, spis));
    // With the initiator flag turned round, or as a response, too.
    for (side, transmit) in &log {
        for mask in [0x08, 0x20, 0x28] {
            let mut changed = transmit.clone();
            let flags = if changed.path.encapsulated { 4 + 19 } else { 19 };
            if changed.payload.len() > flags {
                changed.payload[flags] ^= mask;
                pair.deliver(*side, &changed);
            }
        }
    }
    pair.settle();
    check(&mut pair, "after the replay");
}
