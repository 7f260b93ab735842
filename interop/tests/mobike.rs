//! MOBIKE (RFC 4555) with strongSwan at the other end: our client moves, strongSwan's client moves.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::mover::Mover;
use adit_interop::net::{self, Between, CLIENT_V4, PRIVATE_V4, Rig, SERVER_NAME, SERVER_V4};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, PSK, PSK_ID, StrongSwan};
use adit_interop::{traffic, wait_for};

/// Where the client goes: another address of its network.
const ELSEWHERE: &str = "10.99.0.77";
const LIMIT: Duration = Duration::from_secs(20);

fn rig(test: &str) -> Option<Rig> {
    if let Some(reason) = net::unavailable() {
        println!("LEFT OUT: interop {test}: {reason}");
        return None;
    }
    Some(Rig::new(test, Between::Cable).unwrap().undisturbed())
}

/// The client's interface gets `to` and loses `from`.
fn readdress(rig: &Rig, from: &str, to: &str) {
    let client = rig.client();
    // In this order: with the first address of a network its others go too.
    client.ip(&["address", "delete", &format!("{from}/24"), "dev", "eth0"]).unwrap();
    client.ip(&["address", "add", &format!("{to}/24"), "dev", "eth0"]).unwrap();
}

fn echo_comes_back(mover: &mut Mover) {
    let back = || mover.echo(PRIVATE_V4).unwrap().then_some(());
    wait_for("echo through the tunnel", LIMIT, back).unwrap();
}

#[test]
fn our_client_moves_and_strongswan_follows() {
    let Some(rig) = rig("mobike-client") else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "mobike").unwrap();
    let server = StrongSwan::start(rig.server(), &strongswan::psk_gateway()).unwrap();
    let mut mover = Mover::connect(rig.client(), &profile, CLIENT_V4, SERVER_V4).unwrap();
    assert_eq!(mover.called("up")[0]["mobike"], true);
    echo_comes_back(&mut mover);
    let spi = server.sa().unwrap().get("initiator-spi").unwrap().to_owned();
    for (round, (from, to)) in [(CLIENT_V4, ELSEWHERE), (ELSEWHERE, CLIENT_V4)].into_iter().enumerate() {
        readdress(&rig, from, to);
        assert_eq!(mover.go(to).unwrap(), "Moving");
        echo_comes_back(&mut mover);
        let followed = || (server.sa().ok()?.get("remote-host") == Some(to)).then_some(());
        wait_for("the server to follow", LIMIT, followed).unwrap();
        assert_eq!(mover.exchanges("move to another address"), round + 1);
    }
    assert_eq!(server.sa().unwrap().get("initiator-spi"), Some(&*spi), "the same IKE SA");
    assert!(server.logged("N(UPD_SA_ADDR)") >= 2, "{}", server.log());
    // A network that is away for a while, in the middle of a rekey.
    mover.tell("rekey-child").unwrap();
    mover.tell("gone").unwrap();
    readdress(&rig, CLIENT_V4, ELSEWHERE);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(mover.go(ELSEWHERE).unwrap(), "Moving");
    mover.wait_event("child-rekeyed", 1, LIMIT).unwrap();
    echo_comes_back(&mut mover);
    // Both sides rekey the IKE SA from there, and the server comes through to the client.
    mover.tell("rekey-ike").unwrap();
    mover.wait_event("ike-rekeyed", 1, LIMIT).unwrap();
    server.rekey_ike("gw").unwrap();
    mover.wait_event("ike-rekeyed", 2, LIMIT).unwrap();
    echo_comes_back(&mut mover);
    readdress(&rig, ELSEWHERE, CLIENT_V4);
    assert_eq!(mover.go(CLIENT_V4).unwrap(), "Moving");
    echo_comes_back(&mut mover);
    assert_eq!(mover.called("up").len(), 1);
    assert!(mover.called("closed").is_empty() && mover.called("warning").is_empty(), "{:?}", mover.events());
}

#[test]
fn a_server_without_mobike_is_told_apart() {
    let Some(rig) = rig("mobike-off") else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "mobike").unwrap();
    let gateway = strongswan::psk_gateway().set("connections.gw.mobike", "no");
    let server = StrongSwan::start(rig.server(), &gateway).unwrap();
    let mut mover = Mover::connect(rig.client(), &profile, CLIENT_V4, SERVER_V4).unwrap();
    assert_eq!(mover.called("up")[0]["mobike"], false);
    readdress(&rig, CLIENT_V4, ELSEWHERE);
    assert_eq!(mover.go(ELSEWHERE).unwrap(), "MustReconnect");
    drop(mover);
    // A profile that turns it off announces nothing.
    let off = Profile::psk(SERVER_V4).key("DisableMOBIKE", 1).write(&rig, "off").unwrap();
    server.configure(&strongswan::psk_gateway()).unwrap();
    let before = server.logged("N(MOBIKE_SUP)");
    let mover = Mover::connect(rig.client(), &off, ELSEWHERE, SERVER_V4).unwrap();
    assert_eq!(mover.called("up")[0]["mobike"], false);
    assert_eq!(server.logged("N(MOBIKE_SUP)"), before, "{}", server.log());
}

#[test]
fn strongswans_client_moves_and_our_gateway_follows_once_it_has_checked() {
    let Some(rig) = rig("mobike-gateway") else { return };
    let file = rig.folder().join("gateway.toml");
    let text = format!(
        "[server]\nidentity = \"{SERVER_NAME}\"\n[[clients.psk]]\nidentity = \"{PSK_ID}\"\nsecret = \"{PSK}\"\n\
         [network]\npools = [\"10.97.0.0/24\", \"fd97::/120\"]\ndns = [\"10.98.0.1\"]\nmode = \"tun\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let client = StrongSwan::start(rig.client(), &strongswan::psk_client(SERVER_V4)).unwrap();
    client.initiate("net").unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
    let spi = client.sa().unwrap().get("initiator-spi").unwrap().to_owned();
    for (round, (from, to)) in [(CLIENT_V4, ELSEWHERE), (ELSEWHERE, CLIENT_V4)].into_iter().enumerate() {
        readdress(&rig, from, to);
        wait_for("the gateway to follow", LIMIT, || (gateway.count("path") > round).then_some(())).unwrap();
        let back = || (traffic::echo(rig.client(), PRIVATE_V4, 1).ok()? == 1).then_some(());
        wait_for("echo after the move", LIMIT, back).unwrap();
    }
    assert!(client.logged("N(UPD_SA_ADDR)") >= 2, "{}", client.log());
    assert!(client.logged("N(COOKIE2)") >= 2, "the gateway checks: {}", client.log());
    assert_eq!(client.sa().unwrap().get("initiator-spi"), Some(&*spi), "the same IKE SA");
    assert_eq!(gateway.count("client_up"), 1);
    client.rekey_ike("home").unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
}
