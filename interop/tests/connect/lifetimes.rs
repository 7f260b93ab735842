//! Rekeys from either side while packets flow, deletes, and a server that dies.

use std::time::Duration;

use adit_interop::net::{Between, PRIVATE_V4, SERVER_V4};
use adit_interop::pki::KeyKind;
use adit_interop::profile::Profile;
use adit_interop::strongswan;
use adit_interop::traffic;

use crate::support::{Tunnel, UP, rig, server_identity};

/// Long enough for several rekeys of each kind.
const SEVERAL_REKEYS: Duration = Duration::from_secs(14);

#[test]
fn our_side_rekeys_every_few_seconds_and_loses_nothing() {
    let Some(rig) = rig("rekey-ours", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).key("EnablePFS", 1).write(&rig, "rekey").unwrap();
    let more = ["--child-lifetime", "4", "--ike-lifetime", "7"];
    let tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &more);
    let before = tunnel.server.sa().unwrap().get("uniqueid").unwrap().to_owned();
    tunnel.prove_for(SEVERAL_REKEYS);
    let children = tunnel.server.logged("inbound CHILD_SA net{");
    assert!(children >= 3, "{children} Child SAs in {} s", SEVERAL_REKEYS.as_secs());
    assert!(tunnel.server.logged("rekeyed between") >= 1, "{}", tunnel.server.log());
    assert_eq!(tunnel.client.count("up"), 1, "a rekey is not a reconnect");
    assert_ne!(tunnel.server.sa().unwrap().get("uniqueid"), Some(before.as_str()));
}

#[test]
fn their_side_rekeys_every_few_seconds_and_loses_nothing() {
    let Some(rig) = rig("rekey-theirs", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway()
        .set("connections.gw.rekey_time", "7s")
        .set("connections.gw.over_time", "60s")
        .set("connections.gw.rand_time", "0s")
        .set("connections.gw.children.net.rekey_time", "4s")
        .set("connections.gw.children.net.rand_time", "0s")
        .set("connections.gw.children.net.life_time", "60s");
    let profile = Profile::psk(SERVER_V4).key("EnablePFS", 1).write(&rig, "rekey").unwrap();
    let tunnel = Tunnel::new(&rig, &gateway, &profile, &[]);
    tunnel.prove_for(SEVERAL_REKEYS);
    assert!(tunnel.server.logged("rekeyed between") >= 1, "{}", tunnel.server.log());
    assert!(tunnel.server.logged("inbound CHILD_SA net{") >= 3, "{}", tunnel.server.log());
    assert_eq!(tunnel.client.count("up"), 1, "a rekey is not a reconnect");
}

#[test]
fn both_sides_rekey_at_once_and_one_child_is_left() {
    let Some(rig) = rig("rekey-collision", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway()
        .set("connections.gw.children.net.rekey_time", "3s")
        .set("connections.gw.children.net.rand_time", "0s")
        .set("connections.gw.children.net.life_time", "60s");
    let profile = Profile::psk(SERVER_V4).write(&rig, "rekey").unwrap();
    let tunnel = Tunnel::new(&rig, &gateway, &profile, &["--child-lifetime", "3"]);
    tunnel.prove_for(SEVERAL_REKEYS);
    tunnel.server.child_sa().unwrap();
    assert_eq!(tunnel.client.count("up"), 1);
}

#[test]
fn a_delete_of_the_ike_sa_reconnects_and_one_of_the_child_makes_a_new_child() {
    let Some(rig) = rig("server-delete", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "delete").unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    let first = tunnel.server.sa().unwrap().get("uniqueid").unwrap().to_owned();
    tunnel.server.terminate_child("net").unwrap();
    tunnel.client.wait_event("child", 2, UP).unwrap();
    tunnel.server.child_sa().unwrap();
    assert_eq!(tunnel.server.sa().unwrap().get("uniqueid"), Some(first.as_str()), "the IKE SA stays");
    tunnel.prove();
    tunnel.server.terminate_ike("gw").unwrap();
    tunnel.client.wait_event("ready", 2, UP).unwrap();
    tunnel.prove();
}

#[test]
fn a_server_that_was_killed_is_noticed_and_found_again() {
    let Some(rig) = rig("server-killed", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "killed").unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &["--liveness", "2"]);
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
    tunnel.server.kill();
    std::thread::sleep(Duration::from_secs(3));
    tunnel.server.restart().unwrap();
    tunnel.client.wait_event("ready", 2, Duration::from_secs(90)).unwrap();
    tunnel.prove();
}

#[test]
fn a_long_idle_eap_session_survives_an_ike_rekey() {
    let Some(rig) = rig("rekey-eap", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Ecdsa(256));
    let profile =
        Profile::eap(SERVER_V4, strongswan::EAP_USER, Some(strongswan::EAP_PASSWORD)).root(&authority);
    let profile = profile.write(&rig, "eap").unwrap();
    let tunnel =
        Tunnel::new(&rig, &strongswan::eap_gateway(&server, &authority), &profile, &["--ike-lifetime", "5"]);
    tunnel.server.wait_logged("rekeyed between", UP).unwrap();
    tunnel.prove();
}
