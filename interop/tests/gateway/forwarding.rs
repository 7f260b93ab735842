//! A host in a network behind the gateway.

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{BEHIND_NETWORKS, BEHIND_V4, BEHIND_V6, Between, SERVER_NAME, SERVER_V4};
use adit_interop::pki::{Authority, KeyKind, Validity};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, Config, EAP_PASSWORD, EAP_USER};
use adit_interop::traffic::{self, Direction, Partner, TRANSFER_BYTES};

use crate::support::{Client, expect_state, rig, settings, state};

/// A client that asks for the network behind the gateway.
fn client() -> Config {
    strongswan::psk_client(SERVER_V4).set("connections.home.children.net.remote_ts", BEHIND_NETWORKS)
}

#[test]
fn a_host_behind_the_gateway_is_reached_in_both_families_and_both_ways() {
    let Some(rig) = rig("gateway-forward", Between::Cable) else { return };
    let behind = rig.behind().unwrap();
    let before = state(rig.server());
    let file = settings(&rig, None, "");
    let mut gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let listening = gateway.wait_event("listening", 1, Duration::from_secs(5)).unwrap();
    let set: Vec<&str> =
        listening["settings"].as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    assert!(set.contains(&"net/ipv4/conf/lan0/forwarding=1"), "{listening}");
    assert!(set.iter().any(|name| name.starts_with("net/ipv6/conf/")), "{listening}");
    let client = Client::of(&rig, gateway, &client());
    for (address, inner) in [(BEHIND_V4, &client.v4), (BEHIND_V6, &client.v6)] {
        traffic::prove(rig.client(), &behind, address, inner, || Ok(())).unwrap();
        // Connections from the host behind to the client.
        let partner = Partner::start(rig.client(), inner).unwrap();
        for direction in [Direction::Up, Direction::Down] {
            partner.transfer(&behind, direction, TRANSFER_BYTES / 4).unwrap();
        }
    }
    let mut client = client;
    assert_eq!(client.gateway.interrupt().unwrap(), 0);
    expect_state(rig.server(), &before, "after Ctrl-C");
}

#[test]
fn our_own_client_with_everything_in_the_tunnel_reaches_a_host_behind_too() {
    let Some(rig) = rig("gateway-forward-own", Between::Cable) else { return };
    let behind = rig.behind().unwrap();
    let mut gateway = Adit::gateway(rig.server(), &settings(&rig, None, ""), &["--json"]).unwrap();
    let profile = Profile::psk(SERVER_V4).write(&rig, "own").unwrap();
    let mut client = Adit::connect(rig.client(), &profile, &[]).unwrap();
    client.wait_event("ready", 1, Duration::from_secs(20)).unwrap();
    let up = gateway.wait_event("client_up", 1, Duration::from_secs(5)).unwrap();
    let inner = |index: usize| up["addresses"][index].as_str().unwrap().to_owned();
    traffic::prove(rig.client(), &behind, BEHIND_V4, &inner(0), || Ok(())).unwrap();
    traffic::prove(rig.client(), &behind, BEHIND_V6, &inner(1), || Ok(())).unwrap();
    assert_eq!(client.interrupt().unwrap(), 0);
}

#[test]
fn two_clients_at_once_reach_each_other() {
    let Some(rig) = rig("gateway-two", Between::Cable) else { return };
    let second = rig.behind().unwrap();
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let file = settings(&rig, Some((&identity, &authority)), "");
    let gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let pools = "10.97.0.0/24,fd97::/120";
    let config = strongswan::psk_client(SERVER_V4).set("connections.home.children.net.remote_ts", pools);
    let mut first = Client::of(&rig, gateway, &config);
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(&authority);
    let mut own = Adit::connect(&second, &profile.write(&rig, "second").unwrap(), &[]).unwrap();
    own.wait_event("ready", 1, Duration::from_secs(20)).unwrap();
    let up = first.gateway.wait_event("client_up", 2, Duration::from_secs(5)).unwrap();
    let inner = |index: usize| up["addresses"][index].as_str().unwrap().to_owned();
    for (address, other) in [(inner(0), &first.v4), (inner(1), &first.v6)] {
        traffic::prove(rig.client(), &second, &address, other, || Ok(())).unwrap();
    }
    assert_eq!(first.gateway.count("client_down"), 0);
    assert_eq!(own.interrupt().unwrap(), 0);
}

#[test]
fn forwarding_is_left_alone_if_the_operator_wants_it_so() {
    let Some(rig) = rig("gateway-leave", Between::Cable) else { return };
    let behind = rig.behind().unwrap();
    let kernel = || {
        let settings = rig.server().kernel_settings().unwrap();
        settings
            .lines()
            .filter(|line| !line.contains("/adit-gateway/"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = kernel();
    let file = settings(&rig, None, "forwarding = \"leave\"\n");
    let gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let client = Client::of(&rig, gateway, &client());
    assert_eq!(kernel(), before);
    for address in [BEHIND_V4, BEHIND_V6] {
        assert_eq!(traffic::echo(rig.client(), address, 1).unwrap(), 0, "{address}");
    }
    // The operator's own switch is enough.
    rig.server().run("sh", &["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]).unwrap();
    traffic::expect_echo(rig.client(), BEHIND_V4).unwrap();
    traffic::expect_echo(&behind, &client.v4).unwrap();
}
