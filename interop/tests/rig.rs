//! The rig proves itself: strongSwan against strongSwan. A failure here is the rig's or the machine's, not ours.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that does not work")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use adit_interop::net::{self, Between, PRIVATE_V4, PRIVATE_V6, Rig, SERVER_NAME, SERVER_V4, SERVER_V6};
use adit_interop::pki::{Authority, KeyKind, Validity};
use adit_interop::strongswan::{self, Config, StrongSwan};
use adit_interop::traffic::{self, Direction, Partner};

/// A rig, or `None` after a line that says why there can be none.
fn rig(test: &str, between: Between) -> Option<Rig> {
    if let Some(reason) = net::unavailable() {
        println!("LEFT OUT: interop {test}: {reason}");
        return None;
    }
    Some(Rig::new(test, between).unwrap().undisturbed())
}

/// Brings a tunnel up between two strongSwans and proves it; `more` is asked for while the traffic flows.
fn tunnel(rig: &Rig, gateway: &Config, client: &Config, more: impl FnOnce(&StrongSwan, &StrongSwan)) {
    let server = StrongSwan::start(rig.server(), gateway).unwrap();
    let client = StrongSwan::start(rig.client(), client).unwrap();
    client.initiate("net").unwrap();
    let vips = server.sa().unwrap().get("remote-vips").unwrap().to_owned();
    let (v4, v6) = vips.split_once(',').unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V6).unwrap();
    traffic::expect_echo(rig.server(), v6).unwrap();
    let during = || {
        more(&client, &server);
        Ok(())
    };
    let report = traffic::prove(rig.client(), rig.server(), PRIVATE_V4, v4, during).unwrap();
    println!("{}", report.text);
}

#[test]
fn a_shared_secret() {
    let Some(rig) = rig("rig-psk", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway();
    tunnel(&rig, &gateway, &strongswan::psk_client(SERVER_V4), |client, server| {
        let child = server.child_sa().unwrap();
        assert_eq!(child.get("encr-alg"), Some("AES_GCM_16"));
        assert_eq!(child.get("encap"), Some("yes"));
        assert!(client.logged("established CHILD_SA net") > 0 || client.logged("CHILD_SA net{") > 0);
    });
}

#[test]
fn certificates_behind_a_real_nat() {
    let Some(rig) = rig("rig-rsa", Between::Nat) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let server = authority.server("server", KeyKind::Rsa(2048), &[SERVER_NAME], Validity::Now).unwrap();
    let client = authority.client("client", KeyKind::Rsa(2048), "client@rig.test").unwrap();
    let gateway = strongswan::certificate_gateway(&server, &authority);
    tunnel(&rig, &gateway, &strongswan::certificate_client(SERVER_V4, &client, &authority), |_, server| {
        assert!(server.logged("remote host is behind NAT") > 0);
        assert_eq!(server.sa().unwrap().get("remote-id"), Some("client@rig.test"));
    });
}

#[test]
fn user_and_password_over_ipv6() {
    let Some(rig) = rig("rig-eap", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let server = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let gateway = strongswan::eap_gateway(&server, &authority);
    tunnel(&rig, &gateway, &strongswan::eap_client(SERVER_V6, &authority), |_, server| {
        assert_eq!(server.sa().unwrap().get("remote-eap-id"), Some(strongswan::EAP_USER));
    });
}

#[test]
fn rekeys_deletes_and_a_restart_are_done_when_asked_for() {
    let Some(rig) = rig("rig-rekey", Between::Cable) else { return };
    let mut server = StrongSwan::start(rig.server(), &strongswan::psk_gateway()).unwrap();
    let client = StrongSwan::start(rig.client(), &strongswan::psk_client(SERVER_V4)).unwrap();
    client.initiate("net").unwrap();
    let before = server.child_sa().unwrap().get("spi-in").unwrap().to_owned();
    server.rekey_child("net").unwrap();
    client.rekey_ike("home").unwrap();
    let rekeyed = || {
        let child = server.child_sa().ok()?;
        (child.get("spi-in") != Some(before.as_str()) && server.logged("rekeyed between") > 0).then_some(())
    };
    adit_interop::wait_for("both rekeys", Duration::from_secs(10), rekeyed).unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
    server.terminate_child("net").unwrap();
    assert!(server.child_sa_now().is_err());
    server.terminate_ike("gw").unwrap();
    assert!(server.sas().unwrap().is_empty());
    server.kill();
    server.restart().unwrap();
    client.initiate("net").unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
}

#[test]
fn the_refusal_of_a_wrong_secret_is_told() {
    let Some(rig) = rig("rig-wrong-psk", Between::Cable) else { return };
    let _server = StrongSwan::start(rig.server(), &strongswan::psk_gateway()).unwrap();
    let wrong = strongswan::psk_client(SERVER_V4).set("secrets.ike-1.secret", "\"another\"");
    let client = StrongSwan::start(rig.client(), &wrong).unwrap();
    let error = client.initiate("net").unwrap_err().to_string();
    assert!(error.contains("AUTHENTICATION_FAILED"), "{error}");
}

#[test]
fn lost_packets_and_a_dead_partner_are_noticed() {
    let Some(rig) = rig("rig-loss", Between::Cable) else { return };
    let partner = Partner::start(rig.server(), PRIVATE_V4).unwrap();
    rig.client().ip(&["route", "add", "10.98.0.0/24", "via", SERVER_V4]).unwrap();
    let ping = partner.ping(rig.client()).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    // However busy the machine is: until some have been lost.
    let server = rig.server();
    let rules = "table ip loss { chain in { type filter hook input priority 0; iifname eth0 udp dport 4711 counter drop; }; }";
    server.run("nft", &[rules]).unwrap();
    let lost = || {
        let text = server.run("nft", &["list", "table", "ip", "loss"]).ok()?;
        let packets = text.split("counter packets ").nth(1)?.split(' ').next()?.parse::<u64>().ok()?;
        (packets >= 10).then_some(())
    };
    adit_interop::wait_for("ten lost packets", Duration::from_secs(10), lost).unwrap();
    server.run("nft", &["delete", "table", "ip", "loss"]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let report = ping.finish().unwrap();
    assert!(report.lost > 0 && report.received > 0, "{}", report.text);
    assert_eq!(report.sent, report.received + report.lost);
    drop(partner);
    assert!(Partner::start(rig.server(), "192.0.2.1").is_err());
    assert!(traffic::expect_echo(rig.client(), "10.98.0.77").is_err());
}

#[test]
fn a_nat_that_forgets_gives_the_client_other_ports() {
    let Some(rig) = rig("rig-rebind", Between::Nat) else { return };
    let server = StrongSwan::start(rig.server(), &strongswan::psk_gateway()).unwrap();
    // With MOBIKE strongSwan waits for the client to announce its new address; without, it follows IKE messages.
    let config = strongswan::psk_client(SERVER_V4).set("connections.home.mobike", "no");
    let client = StrongSwan::start(rig.client(), &config).unwrap();
    client.initiate("net").unwrap();
    rig.rebind(20_000).unwrap();
    client.rekey_child("net").unwrap();
    let moved = || (server.sa().ok()?.get("remote-port") != Some("4500")).then_some(());
    adit_interop::wait_for("the server to follow", Duration::from_secs(10), moved).unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
    let port: u16 = server.sa().unwrap().get("remote-port").unwrap().parse().unwrap();
    assert!((20_000..21_000).contains(&port), "the server sees port {port}");
}

#[test]
fn nothing_is_left_when_a_rig_is_dropped_even_in_a_panic() {
    let Some(first) = rig("rig-gone", Between::Nat) else { return };
    let before = first.client().network_state().unwrap();
    assert!(before.contains("192.168.77.2") && before.contains("nameserver"));
    let folder = first.folder().to_owned();
    let name = namespaces(&first);
    let panicked = std::thread::Builder::new()
        .spawn(move || {
            let _daemon = StrongSwan::start(first.client(), &strongswan::psk_client(SERVER_V4)).unwrap();
            let _partner = Partner::start(first.server(), PRIVATE_V4).unwrap();
            panic!("as a failing test does");
        })
        .unwrap()
        .join();
    assert!(panicked.is_err());
    let list = output("ip", &["netns", "list"]);
    assert!(!list.contains(&name), "{list}");
    assert!(!Path::new("/etc/netns").join(format!("{name}-client")).exists());
    assert!(folder.exists(), "the logs of a failed test are kept");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let Some(_first) = rig("rig-stale", Between::Cable) else { return };
    // As a killed process leaves it: a namespace with a program in it, and a lock that nobody holds.
    let name = format!("adit-killed-{}", std::process::id());
    let namespace = format!("{name}-server");
    output("ip", &["netns", "add", &namespace]);
    let mut left = Command::new("ip").args(["netns", "exec", &namespace, "sleep", "600"]).spawn().unwrap();
    let lock = Path::new("/run/adit-interop").join(format!("{name}.lock"));
    fs::write(&lock, "").unwrap();
    let _second = Rig::new("rig-stale-second", Between::Cable).unwrap();
    assert!(!left.wait().unwrap().success());
    assert!(!output("ip", &["netns", "list"]).contains(&name));
    assert!(!lock.exists());
}

fn namespaces(rig: &Rig) -> String {
    // The name up to the role.
    let socket = rig.client().socket().file_stem().unwrap().to_str().unwrap().to_owned();
    socket.trim_end_matches("-client").to_owned()
}

fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The transfer's own check, without a tunnel: both ways, and more than one chunk.
#[test]
fn a_transfer_moves_every_byte_both_ways() {
    let Some(rig) = rig("rig-transfer", Between::Cable) else { return };
    let partner = Partner::start(rig.server(), SERVER_V4).unwrap();
    for direction in [Direction::Up, Direction::Down] {
        assert!(partner.transfer(rig.client(), direction, 100_001).unwrap() < 20.0);
    }
}
