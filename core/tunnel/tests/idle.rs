//! An idle tunnel wakes its process for the NAT mapping, for signs of life and for lifetimes, and for nothing else: wake-ups
//! are counted by their reason over simulated hours.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use adit_esp::SegmentBuf;
use adit_ike::{CloseReason, Command, Wake};
use adit_tunnel::Engine;
use adit_tunnel::{Event, Input, Tunnel};
use support::{CLIENT, HOST, Pair, client_config, packet, reverse, seal_into, server_config};

const HOURS: u64 = 6;

/// The client's wake-ups by reason. What the server does by itself counts for nothing: here it is silent.
fn wakes(nat: bool, liveness: Option<u64>, keepalive: Option<u64>) -> BTreeMap<String, u64> {
    let (mut client, mut server) = (client_config(), server_config());
    client.common.liveness = liveness.map(Duration::from_secs);
    client.common.nat_keepalive = keepalive.map(Duration::from_secs);
    server.common.liveness = None;
    server.common.nat_keepalive = None;
    // The client renews; a server's own renewals would be its wake-ups, not ours.
    server.common.child.lifetime = Duration::from_secs(10 * HOURS * 3_600);
    server.common.ike_lifetime = Duration::from_secs(10 * HOURS * 3_600);
    let mut pair = Pair::of(client, server, false);
    pair.nat = nat;
    pair.settle();
    assert!(pair.client.is_up());
    let end = pair.now + Duration::from_secs(HOURS * 3_600);
    let mut counts = BTreeMap::new();
    loop {
        pair.settle();
        let ours = pair.client.poll_timeout().map(|(at, wake)| (at, Some(wake)));
        let theirs = pair.server().poll_timeout().map(|(at, _)| (at, None));
        let next = [ours, theirs].into_iter().flatten().min_by_key(|(at, _)| *at);
        let Some((at, wake)) = next.filter(|(at, _)| *at <= end) else { break };
        pair.now = pair.now.max(at);
        let now = pair.now;
        match wake {
            Some(wake) => {
                assert_ne!(wake, Wake::QueuedOutput, "all output was taken");
                *counts.entry(format!("{wake:?}")).or_insert(0) += 1;
                pair.client.handle_timeout(now);
            }
            None => pair.server().handle_timeout(now),
        }
    }
    assert!(pair.client.is_up(), "still up after {HOURS} hours");
    counts
}

#[test]
fn only_what_the_profile_asks_for_wakes_an_idle_tunnel() {
    let counts = wakes(true, Some(600), Some(60));
    println!("{HOURS} hours, liveness 600 s, keepalive 60 s: {counts:?}");
    let reasons: Vec<&str> = counts.keys().map(String::as_str).collect();
    for reason in &reasons {
        assert!(["Expiry", "Keepalive", "Liveness", "Rekey"].contains(reason), "{counts:?}");
    }
    let of = |reason: &str| counts.get(reason).copied().unwrap_or(0);
    let seconds = HOURS * 3_600;
    assert!(of("Keepalive") <= seconds / 60 && of("Keepalive") >= seconds / 60 / 2, "{counts:?}");
    assert!(of("Liveness") <= seconds / 600 && of("Liveness") > 0, "{counts:?}");
    // Child SAs live an hour and the IKE SA four; each is renewed once and lingers once.
    assert!(of("Rekey") <= HOURS + 3 + HOURS / 4 && of("Rekey") >= HOURS - 1, "{counts:?}");
    assert!(of("Expiry") <= 2 * (HOURS + 3), "{counts:?}");
}

#[test]
fn what_the_profile_switched_off_wakes_nobody() {
    let counts = wakes(true, None, None);
    println!("{HOURS} hours, neither liveness nor keepalive: {counts:?}");
    assert!(!counts.contains_key("Keepalive") && !counts.contains_key("Liveness"), "{counts:?}");
    let all: u64 = counts.values().sum();
    assert!(all <= 4 * (HOURS + 3), "{counts:?}");
    let without_liveness = wakes(true, None, Some(60));
    assert!(!without_liveness.contains_key("Liveness") && without_liveness.contains_key("Keepalive"));
    let without_nat = wakes(false, None, Some(60));
    assert!(!without_nat.contains_key("Keepalive"), "no mapping to keep: {without_nat:?}");
}

/// A pair whose client ends after 60 s without a packet. Neither side does anything else meanwhile.
fn idle_pair() -> Pair {
    let (mut client, mut server) = (client_config(), server_config());
    client.common.liveness = None;
    server.common.liveness = None;
    let mut pair = Pair::with_idle(client, server, false, Some(Duration::from_secs(60)));
    pair.settle();
    assert!(pair.client.is_up());
    pair
}

fn is_idle(pair: &Pair) -> bool {
    pair.client_events.iter().any(|event| matches!(event, Event::Idle { after } if after.as_secs() == 60))
}

/// A packet from one side to the other.
fn send(pair: &mut Pair, from_client: bool) {
    let now = pair.now;
    let mut out = SegmentBuf::new(1, 2_048);
    let (from, to) = if from_client { (CLIENT, HOST) } else { (HOST, CLIENT) };
    let inner = packet(from, to, 64);
    let sender: &mut Tunnel = if from_client { &mut pair.client } else { pair.server.as_mut().unwrap() };
    let path = seal_into(sender, now, &inner, &mut out).unwrap();
    let mut datagram = out.payload().to_vec();
    let receiver: &mut Tunnel = if from_client { pair.server.as_mut().unwrap() } else { &mut pair.client };
    assert!(matches!(receiver.handle_datagram(now, reverse(path), &mut datagram), Input::Packet(_)));
}

#[test]
fn a_tunnel_without_packets_ends_after_its_idle_time_and_tells_the_server() {
    let mut pair = idle_pair();
    pair.pass(Duration::from_secs(60));
    assert!(pair.client.is_up() && !is_idle(&pair), "not before its time");
    pair.pass(Duration::from_secs(2));
    assert!(is_idle(&pair));
    assert!(matches!(pair.client_events.last(), Some(Event::Closed(CloseReason::Requested))));
    assert!(matches!(pair.server_events.last(), Some(Event::Closed(CloseReason::DeletedByPeer))));
    assert!(pair.client.poll_timeout().is_none_or(|(_, wake)| wake != Wake::Idle), "once");
}

#[test]
fn packets_in_either_direction_put_the_end_off() {
    for from_client in [true, false] {
        let mut pair = idle_pair();
        for _ in 0..10 {
            pair.pass(Duration::from_secs(50));
            send(&mut pair, from_client);
        }
        pair.pass(Duration::from_secs(59));
        assert!(pair.client.is_up() && !is_idle(&pair));
        pair.pass(Duration::from_secs(3));
        assert!(is_idle(&pair) && pair.client.is_closed());
    }
}

#[test]
fn a_tunnel_that_its_user_ends_does_not_become_idle_meanwhile() {
    let mut pair = idle_pair();
    pair.pass(Duration::from_secs(60));
    // The server does not answer.
    let now = pair.now;
    pair.client.request(now, Command::Close);
    pair.client.handle_timeout(now + Duration::from_secs(2));
    while let Some(event) = pair.client.poll_event() {
        assert!(!matches!(event, Event::Idle { .. }), "{event:?}");
    }
}

#[test]
fn without_an_idle_time_nothing_wakes_for_one() {
    assert!(!wakes(true, None, None).contains_key("Idle"));
    let mut pair = idle_pair();
    let mut reasons = Vec::new();
    while let Some((at, wake)) =
        pair.client.poll_timeout().filter(|(at, _)| *at <= pair.now + Duration::from_secs(61))
    {
        pair.now = pair.now.max(at);
        reasons.push(wake);
        pair.client.handle_timeout(pair.now);
        pair.settle();
        if pair.client.is_closed() {
            break;
        }
    }
    assert_eq!(reasons.iter().filter(|wake| **wake == Wake::Idle).count(), 1, "{reasons:?}");
}
