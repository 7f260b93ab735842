//! What lies between: NAT, small packets, IPv6, and the memory it takes.

use std::fs;
use std::time::Duration;

use adit_interop::net::{Between, CLIENT_V4, PRIVATE_V4, PRIVATE_V6, SERVER_NAME, SERVER_V4, SERVER_V6};
use adit_interop::pki::KeyKind;
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, EAP_PASSWORD, EAP_USER};
use adit_interop::{traffic, wait_for};

use crate::support::{Tunnel, rig, server_identity};

#[test]
fn a_real_nat() {
    let Some(rig) = rig("path-nat", Between::Nat) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "nat").unwrap();
    let tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    tunnel.prove();
    assert_eq!(tunnel.server.sa().unwrap().get("remote-host"), Some(CLIENT_V4));
}

#[test]
fn a_nat_that_forgets_is_survived() {
    let Some(rig) = rig("path-rebind", Between::Nat) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "nat").unwrap();
    // The server's userspace ESP follows no packets, so a liveness check has to come soon: it shows the client that it is
    // seen elsewhere, and the client says that it moved (MOBIKE).
    let tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &["--liveness", "2"]);
    rig.rebind(20_000).unwrap();
    let followed = || {
        let _ = traffic::echo(rig.client(), PRIVATE_V4, 1);
        (tunnel.server.sa().ok()?.get("remote-port") != Some("4500")).then_some(())
    };
    wait_for("the server to follow", Duration::from_secs(30), followed).unwrap();
    assert!(tunnel.server.logged("N(UPD_SA_ADDR)") > 0, "{}", tunnel.server.log());
    // This server cannot move ESP SAs: it rekeys them, which takes a moment.
    let back = || (traffic::echo(rig.client(), PRIVATE_V4, 1).ok()? == 1).then_some(());
    wait_for("echo by the new SAs", Duration::from_secs(20), back).unwrap();
    tunnel.prove();
    assert_eq!(tunnel.client.count("up"), 1);
}

#[test]
fn nat_keepalives_are_sent_at_the_profile_s_interval() {
    let Some(rig) = rig("path-keepalive", Between::Nat) else { return };
    let profile = Profile::psk(SERVER_V4).key("NATKeepAliveInterval", 20).write(&rig, "nat").unwrap();
    // strongSwan takes them without a word, so the packet filter counts: a UDP header of 8 bytes and 1 byte more.
    let server = rig.server();
    server.run("nft", &["add", "table", "ip", "seen"]).unwrap();
    server
        .run("nft", &["add", "chain", "ip", "seen", "in", "{ type filter hook input priority 0; }"])
        .unwrap();
    let rule = ["add", "rule", "ip", "seen", "in", "udp", "dport", "4500", "udp", "length", "9", "counter"];
    server.run("nft", &rule).unwrap();
    let _tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    let seen = || {
        let rules = server.run("nft", &["list", "table", "ip", "seen"]).ok()?;
        rules.contains("counter packets").then_some(())?;
        (!rules.contains("counter packets 0 ")).then_some(())
    };
    assert!(seen().is_none(), "not before the interval has passed");
    wait_for("a keepalive", Duration::from_secs(30), seen).unwrap();
}

#[test]
fn fragments_both_ways() {
    let Some(rig) = rig("path-fragments", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Rsa(4096));
    let client = authority.client("client", KeyKind::Rsa(2048), "client@rig.test").unwrap();
    let gateway = strongswan::certificate_gateway(&server, &authority)
        .set("connections.gw.fragmentation", "force")
        .set("connections.gw.send_cert", "always")
        .daemon("fragment_size", 576);
    let profile = Profile::certificate(SERVER_V4, &client, "RSA").unwrap().root(&authority);
    let profile = profile.write(&rig, "fragments").unwrap();
    let tunnel = Tunnel::new(&rig, &gateway, &profile, &["--fragment-size", "576"]);
    tunnel.prove();
    assert!(tunnel.server.logged("received fragment #2 of") > 0, "{}", tunnel.server.log());
    assert!(tunnel.server.logged("splitting IKE message") > 0, "{}", tunnel.server.log());
}

#[test]
fn ipv6_inside_and_outside() {
    let Some(rig) = rig("path-ipv6", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V6).write(&rig, "ipv6").unwrap();
    let tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    let (_, v6) = tunnel.inner();
    traffic::prove(rig.client(), rig.server(), PRIVATE_V6, &v6, || Ok(())).unwrap();
    assert_eq!(tunnel.server.sa().unwrap().get("local-host"), Some(SERVER_V6));
}

#[test]
fn a_server_s_name_is_resolved_and_a_family_that_is_not_answered_is_given_up() {
    let Some(rig) = rig("path-name", Between::Cable) else { return };
    // The name has an A and an AAAA record; the server answers on one.
    let gateway = strongswan::psk_gateway().set("connections.gw.local_addrs", SERVER_V4);
    rig.server().run("nft", &["add", "table", "ip6", "deaf"]).unwrap();
    rig.server()
        .run("nft", &["add", "chain", "ip6", "deaf", "in", "{ type filter hook input priority 0; }"])
        .unwrap();
    rig.server().run("nft", &["add", "rule", "ip6", "deaf", "in", "meta", "l4proto", "udp", "drop"]).unwrap();
    let profile = Profile::psk(SERVER_NAME).write(&rig, "name").unwrap();
    let tunnel = Tunnel::new(&rig, &gateway, &profile, &[]);
    // In the tunnel IPv6 is not deaf: the rule is for what arrives on the outside.
    rig.server().run("nft", &["delete", "table", "ip6", "deaf"]).unwrap();
    tunnel.prove();
    assert_eq!(tunnel.server.sa().unwrap().get("local-host"), Some(SERVER_V4));
}

#[test]
fn the_assigned_dns_server_and_mtu_are_set() {
    let Some(rig) = rig("path-settings", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).key("MTU", 1300).write(&rig, "settings").unwrap();
    let tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    let state = rig.client().network_state().unwrap();
    assert!(state.contains(&format!("nameserver {}", strongswan::DNS)), "{state}");
    let (v4, v6) = tunnel.inner();
    assert!(state.contains(&v4) && state.contains(&v6), "{state}");
    assert!(rig.client().ip(&["link", "show"]).unwrap().contains("mtu 1300"));
    tunnel.prove();
}

#[test]
fn memory_after_the_transfer_stays_under_15_mib() {
    let Some(rig) = rig("path-memory", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Rsa(2048));
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(&authority);
    let profile = profile.write(&rig, "memory").unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::eap_gateway(&server, &authority), &profile, &[]);
    tunnel.prove();
    std::thread::sleep(Duration::from_secs(10));
    let bytes = tunnel.client.process().resident_bytes().unwrap();
    let text = format!("adit connect: {:.1} MiB resident after 16 MiB each way and 10 s of rest", mib(bytes));
    println!("MEASURED: {text}");
    let _ = fs::write(rig.folder().join("memory"), &text);
    assert!(bytes < 15 << 20, "{text}");
}

#[expect(clippy::cast_precision_loss, reason = "for printing")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
