//! What happens between the loss of a tunnel and the next one.

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, Host, PRIVATE_V4, PRIVATE_V6, SERVER_V4, SERVER_V6};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, StrongSwan};
use adit_interop::traffic::{self, Partner};

use crate::support::{Tunnel, UP, rig};

/// Counts packets for the private network that come over the cable without a tunnel.
struct InClear<'r>(&'r Host);

impl<'r> InClear<'r> {
    fn watch(server: &'r Host) -> Self {
        let rules = "table inet clear { chain seen { type filter hook input priority 0; \
                     iifname eth0 ip daddr 10.98.0.0/16 counter; iifname eth0 ip6 daddr fd98::/64 counter; }; }";
        server.run("nft", &[rules]).unwrap();
        Self(server)
    }

    /// IPv4, IPv6.
    fn packets(&self) -> (u64, u64) {
        let text = self.0.run("nft", &["list", "table", "inet", "clear"]).unwrap();
        let mut counts = text
            .lines()
            .filter_map(|line| line.split("counter packets ").nth(1)?.split(' ').next()?.parse::<u64>().ok());
        (counts.next().unwrap(), counts.next().unwrap())
    }
}

#[test]
fn while_it_reconnects_with_other_addresses_nothing_leaves_in_clear() {
    let Some(rig) = rig("reconnect-clear", Between::Cable) else { return };
    let (client, server) = (rig.client(), rig.server());
    // A way for packets to leave in clear, and the proof that one would be seen.
    client.ip(&["route", "add", "default", "via", SERVER_V4]).unwrap();
    client.ip(&["-6", "route", "add", "default", "via", SERVER_V6]).unwrap();
    let clear = InClear::watch(server);
    assert_eq!(clear.packets(), (0, 0));
    traffic::expect_echo(client, PRIVATE_V4).unwrap();
    traffic::expect_echo(client, PRIVATE_V6).unwrap();
    let before = clear.packets();
    assert!(before.0 >= 5 && before.1 >= 5, "{before:?}");

    // No traffic selectors are narrowed: the whole world is the tunnel's, before and after.
    let gateway = strongswan::psk_gateway();
    let profile = Profile::psk(SERVER_V4).write(&rig, "clear").unwrap();
    let mut tunnel = Tunnel::new(&rig, &gateway, &profile, &[]);
    traffic::expect_echo(client, PRIVATE_V4).unwrap();
    let before = clear.packets();
    let first = tunnel.inner();
    let partners = [PRIVATE_V4, PRIVATE_V6].map(|address| Partner::start(server, address).unwrap());
    let pings = partners.each_ref().map(|partner| partner.ping(client).unwrap());
    let other = gateway
        .set("connections.gw.pools", "w4, w6")
        .set("pools.w4.addrs", "10.95.0.0/24")
        .set("pools.w4.dns", "10.98.0.2")
        .set("pools.w6.addrs", "fd95::/120");
    tunnel.server.configure(&other).unwrap();
    tunnel.server.reload().unwrap();
    tunnel.server.terminate_ike("gw").unwrap();
    tunnel.client.wait_event("ready", 2, UP).unwrap();
    let second = tunnel.inner();
    std::thread::sleep(Duration::from_millis(500));
    let state = client.network_state().unwrap();
    for ping in pings {
        let report = ping.finish().unwrap();
        assert!(report.lost > 0 && report.received > 0, "there was a gap to watch: {}", report.text);
    }
    assert_eq!(clear.packets(), before, "packets left in clear");
    assert!(first.0.starts_with("10.97.") && second.0.starts_with("10.95."), "{first:?} {second:?}");
    assert!(state.contains(&second.0) && state.contains(&second.1), "{state}");
    assert!(!state.contains(&first.0) && !state.contains(&first.1), "{state}");
    assert!(state.contains("nameserver 10.98.0.2"), "{state}");
    drop(partners);
    tunnel.prove();
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
}

#[test]
fn a_lost_tunnel_is_tried_again_until_the_server_refuses_for_good() {
    let Some(rig) = rig("reconnect-refused", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "refused").unwrap();
    let before = rig.client().network_state().unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &["--liveness", "2"]);
    tunnel.server.kill();
    let lost = tunnel.client.wait_event("lost", 1, Duration::from_secs(90)).unwrap();
    assert_eq!((&lost["reason"], &lost["permanent"]), (&"failed".into(), &false.into()), "{lost}");
    assert!(lost["retry_in_seconds"].as_f64().unwrap() >= 1.0, "{lost}");
    assert_ne!(
        rig.client().network_state().unwrap(),
        before,
        "what was routed into it does not leave in clear"
    );
    let other = strongswan::psk_gateway().set("secrets.ike-1.secret", "\"another-secret\"");
    tunnel.server.configure(&other).unwrap();
    tunnel.server.restart().unwrap();
    let status = tunnel.client.wait_exit(Duration::from_secs(90)).unwrap();
    assert_eq!(status.code(), Some(1), "{}", tunnel.client.stderr());
    let events = tunnel.client.events();
    let error = events.last().unwrap();
    assert_eq!(error["event"], "error", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("AUTHENTICATION_FAILED"), "{error}");
    assert!(error["advice"].as_str().unwrap().contains("pre-shared key"), "{error}");
    assert_eq!(tunnel.client.count("up"), 1);
    assert_eq!(rig.client().network_state().unwrap(), before);
}

#[test]
fn without_reconnecting_the_loss_is_the_end() {
    let Some(rig) = rig("reconnect-never", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "never").unwrap();
    let before = rig.client().network_state().unwrap();
    let server = StrongSwan::start(rig.server(), &strongswan::psk_gateway()).unwrap();
    let mut client = Adit::connect(rig.client(), &profile, &["--no-reconnect"]).unwrap();
    client.wait_event("ready", 1, UP).unwrap();
    server.terminate_ike("gw").unwrap();
    assert_eq!(client.wait_exit(UP).unwrap().code(), Some(1));
    assert_eq!((client.count("lost"), client.count("error")), (0, 1));
    assert_eq!(rig.client().network_state().unwrap(), before);
}
