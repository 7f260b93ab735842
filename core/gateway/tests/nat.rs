//! Whose packets move a client to another address, and whose do not (RFC 7296 2.23).

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::net::SocketAddr;

use adit_ike::Path;
use adit_testkit::network::NatSettings;
use adit_testkit::wire::{Kind, classify};
use adit_testkit::{Conditions, Seed};
use adit_tunnel::{Engine, Input};
use support::{OUTER, Rig, at, client_address, config, psk_client, psk_gateway, seconds};

fn rig(name: &str) -> Rig {
    let seed = Seed::from_name(name);
    let gateway = psk_gateway(config(""), adit_crypto::testing::seeded(seed.0));
    let mut rig = Rig::new(seed, Conditions::default(), gateway, vec![psk_client("a@rig.test")]);
    rig.simulation.network.capture(1_000);
    rig.connect(seconds(5));
    rig.round_trip(0, seconds(2));
    rig
}

/// The client's path at the gateway.
fn path(rig: &Rig) -> Path {
    rig.simulation.gateway.gateway.clients().next().unwrap().path
}

/// Datagrams of a kind that came to the gateway, oldest first.
fn captured(rig: &Rig, wanted: fn(Kind) -> bool) -> Vec<Vec<u8>> {
    let outer = OUTER.parse().unwrap();
    let to_gateway =
        rig.simulation.network.captured().filter(|(_, datagram)| datagram.to == SocketAddr::new(outer, 4500));
    to_gateway.map(|(_, datagram)| datagram.bytes.clone()).filter(|bytes| wanted(classify(bytes))).collect()
}

/// Gives the gateway a datagram as if it came from `from`.
fn inject(rig: &mut Rig, from: &str, mut bytes: Vec<u8>) -> Input {
    let path = Path {
        local: SocketAddr::new(OUTER.parse().unwrap(), 4500),
        remote: from.parse().unwrap(),
        encapsulated: true,
    };
    let now = at(rig.simulation.now());
    rig.simulation.gateway.gateway.handle_datagram(now, path, &mut bytes)
}

#[test]
fn d13_replayed_packets_and_messages_from_elsewhere_move_nobody() {
    let mut rig = rig("d13");
    let before = path(&rig);
    let esp = captured(&rig, |kind| kind == Kind::Esp);
    let ike = captured(&rig, |kind| matches!(kind, Kind::Ike(_)));
    assert!(!esp.is_empty() && !ike.is_empty());
    for bytes in esp {
        assert_eq!(inject(&mut rig, "203.0.113.66:7777", bytes), Input::Discarded);
    }
    for bytes in ike {
        inject(&mut rig, "203.0.113.66:7777", bytes);
    }
    assert_eq!(path(&rig), before);
    rig.round_trip(0, seconds(2));
}

#[test]
fn d13_a_forged_packet_from_elsewhere_moves_nobody() {
    let mut rig = rig("d13 forged");
    let before = path(&rig);
    let mut forged = captured(&rig, |kind| kind == Kind::Esp).pop().unwrap();
    // A sequence number ahead of all, and so an ICV that cannot be right.
    forged[4..8].copy_from_slice(&1_000_u32.to_be_bytes());
    assert_eq!(inject(&mut rig, "203.0.113.66:7777", forged), Input::Discarded);
    assert_eq!(path(&rig), before);
}

#[test]
fn e15_a_late_packet_from_an_old_address_does_not_move_the_client_back() {
    let seed = Seed::from_name("e15");
    let gateway = psk_gateway(config(""), adit_crypto::testing::seeded(seed.0));
    let mut rig = Rig::new(seed, Conditions::default(), gateway, vec![psk_client("a@rig.test")]);
    let settings =
        NatSettings { public: "203.0.113.1".parse().unwrap(), timeout: seconds(60), preserve_port: true };
    let nat = rig.simulation.network.add_nat(settings);
    rig.simulation.network.put_behind(client_address(0), nat);
    rig.connect(seconds(5));
    let first = path(&rig);
    // One packet is held back on the old path while the NAT changes.
    rig.simulation
        .network
        .drop_next(adit_testkit::Direction::new(adit_testkit::Star::client(0), adit_testkit::Star::GATEWAY));
    let held = rig.simulation.clients[0].seal_next();
    rig.simulation.run_for(seconds(1));
    rig.simulation.network.rebind(nat, None);
    rig.round_trip(0, seconds(2));
    let second = path(&rig);
    assert_ne!(first.remote, second.remote);
    assert!(matches!(inject(&mut rig, &first.remote.to_string(), held), Input::Packet(_)), "late, but fresh");
    assert_eq!(path(&rig), second);
}

#[test]
fn keepalives_keep_an_idle_mapping_and_its_client_reachable() {
    let seed = Seed::from_name("keepalive");
    let gateway = psk_gateway(config("[ike]\nliveness = 0\n"), adit_crypto::testing::seeded(seed.0));
    let mut client = psk_client("a@rig.test");
    client.common.liveness = None;
    let mut rig = Rig::new(seed, Conditions::default(), gateway, vec![client]);
    let settings =
        NatSettings { public: "203.0.113.1".parse().unwrap(), timeout: seconds(30), preserve_port: true };
    let nat = rig.simulation.network.add_nat(settings);
    rig.simulation.network.put_behind(client_address(0), nat);
    rig.connect(seconds(5));
    let before = path(&rig);
    rig.simulation.run_for(seconds(600));
    // The gateway's host speaks first, into the mapping that was kept open.
    let answers = rig.simulation.clients[0].answers;
    let to = rig.simulation.clients[0].inner(true).unwrap();
    rig.simulation.gateway.send_unasked(to);
    rig.simulation.run_until(seconds(1), |star| star.clients[0].answers > answers);
    assert_eq!(path(&rig), before);
}
