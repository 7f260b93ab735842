//! Clients of each kind against one gateway: how they get in, why they do not, how they leave.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::net::IpAddr;
use std::time::Duration;

use adit_crypto::{DhGroup, Secret};
use adit_gateway::peers::{DownReason, Event};
use adit_ike::config::{InitiatorConfig, LocalAuth};
use adit_ike::{CloseReason, Command};
use adit_testkit::{Conditions, Seed, Star};
use support::{
    CANARY, ClientNode, INNER_V4, OUTER, Rig, client_config, config, initial, inner, mixed_gateway,
    psk_client, psk_gateway, seconds,
};

const MS: Duration = Duration::from_millis(1);

fn psk_rig(name: &str, more: &str, clients: Vec<InitiatorConfig>) -> Rig {
    let seed = Seed::from_name(name);
    let gateway = psk_gateway(config(more), adit_crypto::testing::seeded(seed.0));
    Rig::new(seed, Conditions::default(), gateway, clients)
}

fn failures(rig: &Rig) -> Vec<String> {
    let failed = |event: &Event| match event {
        Event::HandshakeFailed { reason, advice, .. } => Some(format!("{reason} | {advice}")),
        _ => None,
    };
    rig.events().iter().filter_map(failed).collect()
}

fn downs(rig: &Rig) -> Vec<&DownReason> {
    fn down(event: &Event) -> Option<&DownReason> {
        match event {
            Event::ClientDown { reason, .. } => Some(reason),
            _ => None,
        }
    }
    rig.events().iter().filter_map(down).collect()
}

/// The only ending of client `index`.
fn ending(rig: &Rig, index: usize) -> &str {
    let endings = &rig.simulation.clients[index].endings;
    assert_eq!(endings.len(), 1, "{endings:?}");
    &endings[0]
}

fn run_until_ended(rig: &mut Rig, index: usize) {
    rig.simulation.run_until(seconds(120), |star| !star.clients[index].endings.is_empty());
}

fn assert_nobody_is_left(rig: &mut Rig) {
    rig.simulation.run_until(seconds(60), |star| star.gateway.gateway.is_idle());
    let stats = rig.simulation.gateway.gateway.stats();
    assert_eq!((stats.clients, stats.half_open), (0, 0));
    assert_eq!(adit_tunnel::Engine::poll_timeout(&rig.simulation.gateway.gateway), None, "nothing is due");
}

#[test]
fn a_hundred_clients_with_a_shared_key_each_reach_the_host_behind() {
    let clients = (0..100).map(|number| psk_client(&format!("client{number}@rig.test"))).collect();
    let mut rig = psk_rig("hundred", "[clients]\nmax = 100\n", clients);
    rig.connect(seconds(20));
    for index in 0..100 {
        rig.round_trip(index, seconds(2));
    }
    rig.simulation.run_for(seconds(1));
    assert_eq!(rig.books.borrow().missing(), 0);
    let stats = rig.simulation.gateway.gateway.stats();
    assert_eq!((stats.clients, stats.connected, stats.half_open, stats.noise), (100, 100, 0, 0));
    assert_eq!((stats.unrouted, stats.discarded), (0, 0));
}

#[test]
fn key_certificate_and_password_get_in_side_by_side() {
    let mut rig = mixed_rig("side by side", "rig-password");
    rig.connect(seconds(20));
    for index in 0..3 {
        rig.round_trip(index, seconds(2));
    }
    let mut seen: Vec<(String, &str)> = rig
        .simulation
        .gateway
        .up
        .values()
        .map(|info| (info.identity.to_string(), info.authentication.as_str()))
        .collect();
    seen.sort();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().any(|(name, how)| name.contains("laptop") && how.contains("pre-shared")), "{seen:?}");
    assert!(
        seen.iter().any(|(name, how)| name.contains("host.rig.test") && how.contains("certificate")),
        "{seen:?}"
    );
    assert!(seen.iter().any(|(_, how)| how.contains("EAP-MSCHAPv2")), "{seen:?}");
    let settings = rig.simulation.clients[2].settings.clone().unwrap();
    assert_eq!(settings.dns, ["10.99.0.1".parse::<IpAddr>().unwrap()]);
    assert_eq!(settings.domains, ["rig.test"]);
}

fn mixed_rig(name: &str, password: &str) -> Rig {
    let seed = Seed::from_name(name);
    let provider = adit_crypto::testing::seeded(seed.0);
    let (server, client) = (initial("vpn.rig.test", &provider), initial("host.rig.test", &provider));
    let gateway = mixed_gateway(&server, &client, "", provider);
    let anchor = Some(server.ca.certificate.as_slice());
    let eap = LocalAuth::Eap { username: "alice".into(), password: Secret::from(password.as_bytes()) };
    let clients = vec![
        psk_client("laptop@rig.test"),
        client_config(
            "host.rig.test",
            LocalAuth::Certificate(support::certified(&client.server, &provider)),
            anchor,
        ),
        client_config("phone.rig.test", eap, anchor),
    ];
    Rig::new(seed, Conditions::default(), gateway, clients)
}

#[test]
fn b19_a_wrong_key_is_refused_and_leaves_nothing() {
    let mut wrong = psk_client("laptop@rig.test");
    wrong.local_auth = LocalAuth::SharedKey(Secret::from(b"another key".as_slice()));
    let mut rig = psk_rig("b19", "", vec![wrong]);
    run_until_ended(&mut rig, 0);
    assert!(ending(&rig, 0).contains("AUTHENTICATION_FAILED"), "{}", ending(&rig, 0));
    assert_nobody_is_left(&mut rig);
    let failures = failures(&rig);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(!format!("{failures:?}").contains("another key"));
}

#[test]
fn b19_a_refusal_that_is_lost_is_said_again_to_the_same_request() {
    let mut wrong = psk_client("laptop@rig.test");
    wrong.local_auth = LocalAuth::SharedKey(Secret::from(b"another key".as_slice()));
    let mut rig = psk_rig("b19 lost", "", vec![wrong]);
    rig.simulation.run_until(seconds(5), |star| star.gateway.gateway.stats().half_open == 1);
    // IKE_SA_INIT got through; the next two answers are refusals.
    rig.simulation.run_for(15 * MS);
    let to_client = adit_testkit::Direction::new(Star::GATEWAY, Star::client(0));
    rig.simulation.network.drop_next(to_client);
    rig.simulation.network.drop_next(to_client);
    run_until_ended(&mut rig, 0);
    assert!(ending(&rig, 0).contains("AUTHENTICATION_FAILED"), "{}", ending(&rig, 0));
    assert_eq!(rig.simulation.network.counts().of(adit_testkit::network::Fate::DroppedOnRequest), 2);
    assert_eq!(failures(&rig).len(), 1);
}

#[test]
fn b19_identities_without_credentials_are_refused_with_advice() {
    let mut rig = mixed_rig("unknown", "not the password");
    run_until_ended(&mut rig, 2);
    assert!(ending(&rig, 2).contains("password"), "{}", ending(&rig, 2));
    let seed = Seed::from_name("unknown identity");
    let text = "[[clients.psk]]\nidentity = \"somebody@rig.test\"\nsecret = \"some other secret\"\n";
    let mut only = config(text);
    only.psks.retain(|psk| psk.identity.is_some());
    let gateway = psk_gateway(only, adit_crypto::testing::seeded(seed.0));
    let mut rig = Rig::new(seed, Conditions::default(), gateway, vec![psk_client("stranger@rig.test")]);
    run_until_ended(&mut rig, 0);
    assert!(ending(&rig, 0).contains("AUTHENTICATION_FAILED"), "{}", ending(&rig, 0));
    let failures = failures(&rig);
    assert!(
        failures[0].contains("stranger@rig.test") && failures[0].contains("Add this identity"),
        "{failures:?}"
    );
    assert_nobody_is_left(&mut rig);
}

#[test]
fn no_proposal_in_common_is_told_on_both_sides() {
    let mut rig =
        psk_rig("proposals", "[ike]\nproposals = [\"aes128-sha256-modp2048\"]\n", vec![psk_client("a@b.c")]);
    run_until_ended(&mut rig, 0);
    assert!(ending(&rig, 0).contains("none of the algorithms"), "{}", ending(&rig, 0));
    let failures = failures(&rig);
    assert!(failures[0].contains("AES-GCM") && failures[0].contains("MODP-2048"), "{failures:?}");
    assert!(failures[0].ends_with("Change the proposals on one of the two sides."));
}

#[test]
fn another_group_is_asked_for_without_a_failure() {
    let mut client = psk_client("a@rig.test");
    client.common.ike_proposals[0].groups = vec![DhGroup::ECP_256, DhGroup::CURVE25519];
    let text = "[ike]\nproposals = [\"aes256gcm16-prfsha256-curve25519\"]\n";
    let mut rig = psk_rig("group", text, vec![client]);
    rig.connect(seconds(5));
    assert!(failures(&rig).is_empty());
    let stats = rig.simulation.gateway.gateway.stats();
    assert_eq!((stats.refused, stats.handshakes), (1, 1));
}

#[test]
fn perfect_forward_secrecy_is_the_clients_choice_whoever_rekeys() {
    let with = psk_client("with@rig.test");
    let mut without = psk_client("without@rig.test");
    without.common.child.proposals[0].groups.clear();
    let mut rig = psk_rig("pfs", "", vec![with, without]);
    rig.connect(seconds(5));
    for index in 0..2 {
        rig.simulation.clients[index].request(Command::RekeyChild);
        rig.simulation.run_until(seconds(5), |star| star.clients[index].rekeys.1 == 1);
    }
    rig.simulation.gateway.request_all(Command::RekeyChild);
    rig.simulation.run_until(seconds(5), |star| star.clients.iter().all(|client| client.rekeys.1 == 2));
    for index in 0..2 {
        rig.round_trip(index, seconds(2));
    }
    assert!(rig.simulation.clients.iter().all(|client| client.endings.is_empty()));
}

#[test]
fn initial_contact_ends_the_older_session_and_frees_its_addresses() {
    let mut rig = psk_rig("initial contact", "", vec![psk_client("laptop@rig.test")]);
    rig.connect(seconds(5));
    let before = rig.simulation.clients[0].settings.clone().unwrap().addresses;
    let now = rig.simulation.now();
    rig.simulation.clients[0].restart(now + seconds(1));
    rig.simulation.run_for(MS);
    rig.connect(seconds(10));
    assert_eq!(rig.simulation.clients[0].settings.clone().unwrap().addresses, before);
    assert!(matches!(downs(&rig)[..], [DownReason::Replaced { .. }]), "{:?}", downs(&rig));
    rig.round_trip(0, seconds(2));
    rig.simulation.run_for(seconds(5));
    assert_eq!(rig.simulation.gateway.gateway.stats().clients, 1);
    assert!(
        rig.simulation.clients[0].endings.is_empty(),
        "the Delete for the old SA means nothing to the new one"
    );
}

#[test]
fn without_initial_contact_two_sessions_of_one_identity_live_side_by_side() {
    let mut one = psk_client("family@rig.test");
    one.initial_contact = false;
    let mut rig = psk_rig("side by side", "", vec![one.clone(), one]);
    rig.connect(seconds(5));
    rig.round_trip(0, seconds(2));
    rig.round_trip(1, seconds(2));
}

#[test]
fn initial_contact_of_another_identity_ends_nobody() {
    let mut rig = psk_rig("others", "", vec![psk_client("a@rig.test"), psk_client("b@rig.test")]);
    rig.connect(seconds(5));
    let now = rig.simulation.now();
    rig.simulation.clients[1].restart(now);
    rig.simulation.run_for(seconds(5));
    assert_eq!(downs(&rig).len(), 1);
    assert!(rig.simulation.clients[0].endings.is_empty());
    rig.round_trip(0, seconds(2));
}

#[test]
fn a_dead_client_is_found_and_its_address_freed() {
    let mut rig = psk_rig("dead", "[ike]\nliveness = 10\n", vec![psk_client("laptop@rig.test")]);
    rig.connect(seconds(5));
    rig.simulation.clients[0].tunnel = None;
    rig.simulation.clients[0].stay_down();
    let dead = rig.simulation.now();
    rig.simulation.run_until(seconds(120), |star| star.gateway.clients() == 0);
    assert!(rig.simulation.now() - dead < seconds(60), "after {:?}", rig.simulation.now() - dead);
    let text = downs(&rig)[0].to_string();
    assert!(text.contains("stopped answering"), "{text}");
    assert_nobody_is_left(&mut rig);
}

#[test]
fn b15_a_handshake_that_is_never_finished_is_forgotten() {
    let mut rig = psk_rig("b15", "[ike]\nhalf-open-timeout = 7\n", vec![psk_client("laptop@rig.test")]);
    rig.simulation.run_until(seconds(5), |star| star.gateway.gateway.stats().half_open == 1);
    rig.simulation.clients[0].tunnel = None;
    rig.simulation.clients[0].stay_down();
    rig.simulation.run_for(seconds(6));
    assert_eq!(rig.simulation.gateway.gateway.stats().half_open, 1);
    assert_nobody_is_left(&mut rig);
    assert_eq!(failures(&rig).len(), 1);
}

#[test]
fn one_client_more_than_allowed_waits_until_another_leaves() {
    let mut clients = vec![psk_client("a@rig.test"), psk_client("b@rig.test")];
    clients.push(psk_client("c@rig.test"));
    let mut rig = psk_rig("max", "[clients]\nmax = 2\n", clients);
    rig.simulation.clients[2].restart(seconds(5));
    run_until_ended(&mut rig, 2);
    assert!(ending(&rig, 2).contains("no inner address"), "{}", ending(&rig, 2));
    let failed = failures(&rig);
    assert!(failed[0].contains("2 clients are connected") && failed[0].contains("clients.max"), "{failed:?}");
    rig.simulation.clients[0].request(Command::Close);
    let now = rig.simulation.now();
    rig.simulation.clients[2].restart(now + seconds(1));
    rig.simulation.run_until(seconds(10), |star| star.clients[2].is_up());
    rig.round_trip(2, seconds(2));
}

#[test]
fn an_exhausted_pool_is_told_and_a_freed_address_is_given_again() {
    let seed = Seed::from_name("pool");
    let mut small = config("");
    small.pools = vec!["10.99.0.2-10.99.0.2".parse().unwrap()];
    let gateway = psk_gateway(small, adit_crypto::testing::seeded(seed.0));
    let clients = vec![psk_client("a@rig.test"), psk_client("b@rig.test")];
    let mut rig = Rig::new(seed, Conditions::default(), gateway, clients);
    rig.simulation.clients[1].restart(seconds(5));
    run_until_ended(&mut rig, 1);
    assert!(failures(&rig)[0].contains("exhausted"), "{:?}", failures(&rig));
    rig.simulation.clients[0].request(Command::Close);
    let now = rig.simulation.now();
    rig.simulation.clients[1].restart(now + seconds(1));
    rig.simulation.run_until(seconds(10), |star| star.clients[1].is_up());
    assert_eq!(rig.simulation.clients[1].inner(true), Some("10.99.0.2".parse().unwrap()));
}

#[test]
fn either_side_closes_and_the_operator_reads_who() {
    let mut rig = psk_rig("closing", "", vec![psk_client("a@rig.test"), psk_client("b@rig.test")]);
    rig.connect(seconds(5));
    rig.round_trip(0, seconds(2));
    rig.simulation.clients[0].request(Command::Close);
    rig.simulation.run_until(seconds(5), |star| star.gateway.clients() == 1);
    assert_eq!(downs(&rig)[..], [&DownReason::Closed(CloseReason::DeletedByPeer)]);
    let Some(Event::ClientDown { client, stats, .. }) =
        rig.events().iter().find(|event| matches!(event, Event::ClientDown { .. }))
    else {
        panic!()
    };
    assert_eq!((client.identity.to_string().contains("a@rig.test"), stats.received.packets), (true, 1));
    rig.simulation.gateway.close_all();
    rig.simulation.run_until(seconds(5), |star| star.gateway.gateway.is_idle());
    assert_eq!(*downs(&rig)[1], DownReason::Closed(CloseReason::Requested));
    rig.simulation.run_for(seconds(1));
    assert_eq!(ending(&rig, 1), "DeletedByPeer");
    assert_nobody_is_left(&mut rig);
}

fn send_from(rig: &mut Rig, from: &str, to: &str) {
    let packet = inner(from.parse().unwrap(), to.parse().unwrap(), true, 1 << 40, 100);
    rig.simulation.clients[0].send(&packet).unwrap();
    rig.simulation.run_for(seconds(1));
}

#[test]
fn e08_an_inner_packet_for_the_gateways_outer_address_goes_nowhere() {
    let mut rig = psk_rig("e08", "", vec![psk_client("a@rig.test")]);
    rig.connect(seconds(5));
    let own = rig.simulation.clients[0].inner(true).unwrap().to_string();
    send_from(&mut rig, &own, OUTER);
    assert_eq!(rig.simulation.gateway.gateway.stats().into_itself, 1);
    let into = inner(INNER_V4.parse().unwrap(), OUTER.parse().unwrap(), false, 0, 100);
    assert!(!rig.simulation.gateway.send(&into), "nor into a tunnel");
    assert_eq!(rig.simulation.gateway.gateway.stats().unrouted, 1);
}

#[test]
fn e10_a_plain_packet_from_the_network_for_an_inner_address_is_dropped() {
    let mut rig = psk_rig("e10", "", vec![psk_client("a@rig.test")]);
    rig.connect(seconds(5));
    let own = rig.simulation.clients[0].inner(true).unwrap();
    let mut plain = inner(own, INNER_V4.parse().unwrap(), true, 1 << 40, 100);
    // The canary would be found on the wire, which is another check.
    let at = plain.windows(CANARY.len()).position(|window| window == CANARY).unwrap();
    plain[at] ^= 1;
    let before = rig.simulation.gateway.gateway.stats();
    rig.simulation.clients[0].send_raw(plain);
    rig.simulation.run_for(seconds(1));
    let after = rig.simulation.gateway.gateway.stats();
    assert_eq!(after.noise + after.discarded, before.noise + before.discarded + 1);
    assert_eq!(rig.simulation.gateway.answered, 0);
}

#[test]
fn a_client_cannot_send_from_an_address_of_another() {
    let mut rig = psk_rig("spoof", "", vec![psk_client("a@rig.test"), psk_client("b@rig.test")]);
    rig.connect(seconds(5));
    let other = rig.simulation.clients[1].inner(true).unwrap();
    let packet = inner(other, INNER_V4.parse().unwrap(), true, 1 << 40, 100);
    assert!(rig.simulation.clients[0].send(&packet).is_err(), "our own client does not even seal it");
}

#[test]
fn an_address_that_nobody_holds_has_no_tunnel() {
    let mut rig = psk_rig("nobody", "", vec![psk_client("a@rig.test")]);
    rig.connect(seconds(5));
    let own = rig.simulation.clients[0].inner(true).unwrap();
    let to = |to: &str| inner(INNER_V4.parse().unwrap(), to.parse().unwrap(), false, 0, 100);
    assert!(!rig.simulation.gateway.send(&to("10.99.0.77")));
    assert!(!rig.simulation.gateway.send(b"no packet"));
    rig.simulation.clients[0].request(Command::Close);
    rig.simulation.run_until(seconds(5), |star| star.gateway.clients() == 0);
    assert!(!rig.simulation.gateway.send(&to(&own.to_string())));
    assert!(!ClientNode::is_up(&rig.simulation.clients[0]));
}
