//! Networks that change under a tunnel: this host's address, its link, and servers that cannot follow.

use std::time::Duration;

use adit_interop::net::{Between, CLIENT_V4, Host, PRIVATE_V4, SERVER_V4};
use adit_interop::profile::Profile;
use adit_interop::{strongswan, traffic, wait_for};

use crate::support::{Tunnel, UP, rig};

/// Where the client goes: another address of its network.
const ELSEWHERE: &str = "10.99.0.77";
const LIMIT: Duration = Duration::from_secs(20);

/// The client's interface gets `to` and loses `from`.
fn readdress(client: &Host, from: &str, to: &str) {
    // In this order: with the first address of a network its others go too.
    client.ip(&["address", "delete", &format!("{from}/24"), "dev", "eth0"]).unwrap();
    client.ip(&["address", "add", &format!("{to}/24"), "dev", "eth0"]).unwrap();
}

fn echo_comes_back(tunnel: &Tunnel<'_>) {
    let back = || (traffic::echo(tunnel.rig.client(), PRIVATE_V4, 1).ok()? == 1).then_some(());
    wait_for("echo through the tunnel", LIMIT, back).unwrap();
}

fn spi(tunnel: &Tunnel<'_>) -> String {
    tunnel.server.sa().unwrap().get("initiator-spi").unwrap().to_owned()
}

/// The newest outer address that the client told of.
fn told(tunnel: &Tunnel<'_>) -> String {
    let events = tunnel.client.events();
    let path = events.iter().rfind(|event| event["event"] == "path").unwrap();
    path["local"].as_str().unwrap().split(':').next().unwrap().to_owned()
}

#[test]
fn an_address_that_changes_moves_the_tunnel_without_a_new_ike_sa_init() {
    let Some(rig) = rig("network-mobike", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "mobike").unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    let client = rig.client();
    echo_comes_back(&tunnel);
    let first = spi(&tunnel);
    let paths = tunnel.client.count("path");
    readdress(client, CLIENT_V4, ELSEWHERE);
    tunnel.client.wait_event("path", paths + 1, LIMIT).unwrap();
    echo_comes_back(&tunnel);
    assert_eq!(told(&tunnel), ELSEWHERE);
    let followed = || (tunnel.server.sa().ok()?.get("remote-host") == Some(ELSEWHERE)).then_some(());
    wait_for("the server to follow", LIMIT, followed).unwrap();

    // The link goes down, and comes up with the first address.
    client.ip(&["link", "set", "eth0", "down"]).unwrap();
    tunnel.client.wait_event("offline", 1, LIMIT).unwrap();
    readdress(client, ELSEWHERE, CLIENT_V4);
    client.ip(&["link", "set", "eth0", "up"]).unwrap();
    tunnel.client.wait_event("online", 1, LIMIT).unwrap();
    echo_comes_back(&tunnel);
    assert_eq!(told(&tunnel), CLIENT_V4);

    // Down and up again with the same address: the same sockets go on.
    let paths = tunnel.client.count("path");
    client.ip(&["link", "set", "eth0", "down"]).unwrap();
    tunnel.client.wait_event("offline", 2, LIMIT).unwrap();
    client.ip(&["link", "set", "eth0", "up"]).unwrap();
    tunnel.client.wait_event("online", 2, LIMIT).unwrap();
    echo_comes_back(&tunnel);
    assert_eq!(tunnel.client.count("path"), paths, "nothing moved");

    assert_eq!(spi(&tunnel), first, "the same IKE SA");
    assert_eq!((tunnel.client.count("connecting"), tunnel.client.count("up")), (1, 1));
    assert_eq!(tunnel.client.count("warning"), 0);
    assert!(tunnel.server.logged("N(UPD_SA_ADDR)") >= 2, "{}", tunnel.server.log());
    tunnel.prove();
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
}

#[test]
fn where_the_server_cannot_follow_the_tunnel_is_connected_anew_at_once() {
    let Some(rig) = rig("network-reconnect", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "reconnect").unwrap();
    let gateway = strongswan::psk_gateway().set("connections.gw.mobike", "no");
    // Without a liveness check nothing else would notice.
    let mut tunnel = Tunnel::new(&rig, &gateway, &profile, &["--liveness", "0"]);
    echo_comes_back(&tunnel);
    let first = spi(&tunnel);
    let before = std::time::Instant::now();
    readdress(rig.client(), CLIENT_V4, ELSEWHERE);
    tunnel.client.wait_event("moving", 1, LIMIT).unwrap();
    tunnel.client.wait_event("ready", 2, UP).unwrap();
    assert!(before.elapsed() < Duration::from_secs(10), "{:?}", before.elapsed());
    echo_comes_back(&tunnel);
    assert_ne!(spi(&tunnel), first);
    assert_eq!((tunnel.client.count("lost"), tunnel.client.count("up")), (0, 2));
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
}

#[test]
fn a_gap_is_outlasted_in_silence_and_another_address_after_it_connects_anew() {
    let Some(rig) = rig("network-back", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "back").unwrap();
    let gateway = strongswan::psk_gateway().set("connections.gw.mobike", "no");
    let mut tunnel = Tunnel::new(&rig, &gateway, &profile, &["--liveness", "0"]);
    let client = rig.client();
    client.ip(&["link", "set", "eth0", "down"]).unwrap();
    tunnel.client.wait_event("offline", 1, LIMIT).unwrap();
    // The tunnel outlasts the gap in silence; then it is elsewhere, which this server cannot follow.
    std::thread::sleep(Duration::from_secs(3));
    readdress(client, CLIENT_V4, ELSEWHERE);
    client.ip(&["link", "set", "eth0", "up"]).unwrap();
    tunnel.client.wait_event("online", 1, LIMIT).unwrap();
    tunnel.client.wait_event("ready", 2, UP).unwrap();
    echo_comes_back(&tunnel);
    assert_eq!(tunnel.client.count("lost"), 0);
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
}
