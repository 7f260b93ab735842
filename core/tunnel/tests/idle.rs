//! An idle tunnel wakes its process for the NAT mapping, for signs of life and for lifetimes, and for nothing else: wake-ups
//! are counted by their reason over simulated hours.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use adit_ike::Wake;
use adit_tunnel::Engine;
use support::{Pair, client_config, server_config};

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
