//! A host that sleeps: what was asked before is asked anew after it, and no silence of a sleep is taken for the peer's
//! (RFC 7296 2.1, 2.4).

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

use adit_ike::config::{InitiatorConfig, ResponderConfig};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::time::Instant;
use adit_ike::{CloseReason, Command, Failure, Wake};
use adit_testkit::{Prng, for_each_seed};
use support::{Pair, Side, header, initiator, responder};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A gateway that waits for a client however long it sleeps.
fn patient() -> (InitiatorConfig, ResponderConfig) {
    let (mut client, mut gateway) = (initiator(), responder());
    client.common.nat_keepalive = None;
    client.common.liveness = None;
    gateway.common.liveness = None;
    gateway.half_open_timeout = seconds(100_000);
    for config in [&mut client.common, &mut gateway.common] {
        config.child.lifetime = seconds(10_000_000);
        config.ike_lifetime = seconds(20_000_000);
    }
    (client, gateway)
}

/// The client's own deadlines come to pass, and what it sends is lost, until its request was sent so often; gives its
/// octets. Nothing reaches it.
fn lose_all_tries(pair: &mut Pair, tries: u32) -> Vec<u8> {
    let mut sent = Vec::new();
    for _ in 0..tries {
        if !sent.is_empty() {
            let (at, wake) = pair.client.poll_timeout().unwrap();
            assert_eq!(wake, Wake::Retransmit);
            pair.now = pair.now.max(at);
            pair.client.handle_timeout(pair.now);
        }
        pair.collect();
        let to_gateway = |side: &Side| *side == Side::Responder;
        sent = pair.queue.drain(..).find(|(side, _)| to_gateway(side)).expect("a try").1.payload;
    }
    sent
}

/// What the client sends when it is woken at this time and told so.
fn wake_at(pair: &mut Pair, now: Instant) -> Option<Vec<u8>> {
    pair.now = now;
    pair.client.woke(now);
    if pair.client.poll_timeout().is_some_and(|(at, _)| at <= now) {
        pair.client.handle_timeout(now);
    }
    pair.collect();
    pair.queue.iter().find(|(side, _)| *side == Side::Responder).map(|(_, transmit)| transmit.payload.clone())
}

fn gone(reason: Option<&CloseReason>) -> Duration {
    match reason {
        Some(CloseReason::Failed(Failure::PeerGone { waited, .. })) => *waited,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_on_its_last_try_goes_on_after_a_sleep_with_the_same_octets() {
    for command in [Command::CheckLiveness, Command::RekeyIke, Command::RekeyChild] {
        for slept in [seconds(31), seconds(3_600), seconds(86_400)] {
            let (client, gateway) = patient();
            let mut pair = Pair::established(client, gateway);
            let policy = RetransmitPolicy::default();
            pair.client.request(pair.now, command);
            let first = lose_all_tries(&mut pair, policy.transmissions);
            let id = header(&pair.log.last().unwrap().1).message_id;
            let now = pair.now + slept;
            let again = wake_at(&mut pair, now).expect("it is due");
            assert_eq!(again, first, "{command:?} after {slept:?}");
            pair.settle();
            assert!(pair.client_closed().is_none() && pair.gateway_closed().is_none());
            pair.assert_one_child();
            pair.client.request(pair.now, Command::CheckLiveness);
            pair.settle();
            let last = pair.log.iter().rev().find(|(side, _)| *side == Side::Responder).unwrap();
            assert!(header(&last.1).message_id > id || command == Command::RekeyIke, "nothing is stuck");
        }
    }
}

#[test]
fn after_a_short_sleep_all_tries_are_left_and_none_comes_early() {
    let (client, gateway) = patient();
    let mut pair = Pair::established(client, gateway);
    let policy = RetransmitPolicy::default();
    pair.client.request(pair.now, Command::CheckLiveness);
    lose_all_tries(&mut pair, policy.transmissions);
    let woken = pair.now + Duration::from_millis(200);
    assert_eq!(wake_at(&mut pair, woken), None, "the answer may be on its way");
    assert_eq!(pair.client.poll_timeout(), Some((woken + policy.initial, Wake::Retransmit)));
    lose_all_tries_from_deadline(&mut pair, policy.transmissions);
    assert!(pair.client_closed().is_none(), "as many tries as ever");
    let (at, _) = pair.client.poll_timeout().unwrap();
    pair.now = at;
    pair.client.handle_timeout(at);
    pair.collect();
    assert_eq!(gone(pair.client_closed()), at.saturating_since(woken), "counted from the sleep's end");
}

fn lose_all_tries_from_deadline(pair: &mut Pair, tries: u32) {
    for _ in 0..tries {
        let (at, _) = pair.client.poll_timeout().unwrap();
        pair.now = at;
        pair.client.handle_timeout(at);
        pair.collect();
        assert_eq!(pair.queue.drain(..).count(), 1);
    }
}

#[test]
fn a_dead_peer_is_found_after_a_sleep_as_ever() {
    let (client, gateway) = patient();
    let policy = RetransmitPolicy::default();
    let mut pair = Pair::established(client, gateway);
    pair.client.request(pair.now, Command::CheckLiveness);
    lose_all_tries(&mut pair, policy.transmissions);
    let woken = pair.now + seconds(3_600);
    assert!(wake_at(&mut pair, woken).is_some());
    pair.queue.clear();
    lose_all_tries_from_deadline(&mut pair, policy.transmissions - 1);
    let (at, _) = pair.client.poll_timeout().unwrap();
    assert_eq!(at, woken + policy.total());
    pair.client.handle_timeout(at);
    pair.collect();
    assert_eq!(gone(pair.client_closed()), policy.total());
}

#[test]
fn a_handshake_that_sleeps_goes_on() {
    let policy = RetransmitPolicy::default();
    // Before IKE_SA_INIT is answered, and before IKE_AUTH is.
    for answered in [0, 1] {
        let (client, gateway) = patient();
        let mut pair = Pair::new(client, gateway);
        for _ in 0..2 * answered {
            pair.collect();
            let (side, transmit) = pair.queue.pop_front().unwrap();
            pair.deliver(side, &transmit);
        }
        let first = lose_all_tries(&mut pair, policy.transmissions);
        let now = pair.now + seconds(31);
        assert_eq!(wake_at(&mut pair, now).as_ref(), Some(&first));
        pair.settle();
        assert!(pair.client_is_up() && pair.gateway_is_up(), "{answered}: {:?}", pair.client_closed());
    }
}

#[test]
fn a_sleep_that_nobody_told_of_is_seen_by_the_deadline_it_missed() {
    let policy = RetransmitPolicy::default();
    for (late, survives) in [(0, false), (5, false), (10, true), (3_600, true)] {
        let (client, gateway) = patient();
        let mut pair = Pair::established(client, gateway);
        pair.client.request(pair.now, Command::CheckLiveness);
        lose_all_tries(&mut pair, policy.transmissions);
        let (at, _) = pair.client.poll_timeout().unwrap();
        pair.now = at + seconds(late);
        pair.client.handle_timeout(pair.now);
        pair.settle();
        assert_eq!(pair.client_closed().is_none(), survives, "late by {late} s");
    }
}

#[test]
fn sleeps_at_any_moment_on_a_lossy_network_cost_no_tunnel() {
    let (mut sleeps, mut on_last_try) = (0, 0);
    for_each_seed("ike sleeps", |seed| {
        let mut prng = Prng::new(seed).fork("sleep");
        let (mut client, mut gateway) = patient();
        let policy = RetransmitPolicy {
            initial: Duration::from_millis(500),
            factor_tenths: 15,
            max_interval: seconds(4),
            transmissions: 12,
        };
        (client.common.retransmit, gateway.common.retransmit) = (policy, policy);
        let mut pair = Pair::established(client, gateway);
        for _ in 0..3 {
            let command = *prng.pick(&[Command::CheckLiveness, Command::RekeyChild, Command::RekeyIke]);
            pair.client.request(pair.now, command);
            // The signal is gone some time before the device sleeps.
            let tries = 1 + u32::try_from(prng.below(u64::from(policy.transmissions))).unwrap();
            lose_all_tries(&mut pair, tries);
            on_last_try += u32::from(tries == policy.transmissions);
            let slept = prng.duration_up_to(seconds(7_200));
            let now = pair.now + slept;
            wake_at(&mut pair, now);
            sleeps += 1;
            run_lossy(&mut pair, &mut prng, seconds(60));
            assert!(pair.client_closed().is_none(), "{:?} after {slept:?}", pair.client_closed());
            assert!(pair.gateway_closed().is_none(), "{:?} after {slept:?}", pair.gateway_closed());
            // And now nothing is lost: it all ends well.
            pair.run_for(seconds(60));
            pair.assert_one_child();
        }
    });
    assert!(on_last_try > 0);
    println!("{sleeps} sleeps, {on_last_try} of them on the last try");
}

/// Runs for a time in which each eighth datagram is lost.
fn run_lossy(pair: &mut Pair, prng: &mut Prng, time: Duration) {
    let end = pair.now + time;
    loop {
        pair.collect();
        while let Some((side, transmit)) = pair.queue.pop_front() {
            pair.now = pair.now + Duration::from_millis(5);
            if !prng.chance(0.125) {
                pair.deliver(side, &transmit);
            }
            pair.collect();
        }
        let deadlines = [pair.client.poll_timeout(), pair.gateway().poll_timeout()];
        let next = deadlines.into_iter().flatten().map(|(at, _)| at).min();
        let Some(at) = next.filter(|at| *at <= end) else { break };
        pair.now = pair.now.max(at);
        let now = pair.now;
        pair.client.handle_timeout(now);
        pair.gateway().handle_timeout(now);
    }
    pair.now = pair.now.max(end);
}
