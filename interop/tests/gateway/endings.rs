//! However the gateway ends, its clients are told if it can, and its host is as it was.

use std::time::{Duration, Instant};

use adit_interop::adit::Adit;
use adit_interop::net::{Between, PRIVATE_V4, SERVER_V4};
use adit_interop::process::Signal;
use adit_interop::profile::Profile;
use adit_interop::{strongswan, traffic, wait_for};

use crate::support::{Client, expect_state, rig, settings, state};

const UP: Duration = Duration::from_secs(20);
/// How long an orderly end may take; the machine is busy.
const END: Duration = Duration::from_secs(3);

#[test]
fn signals_tell_clients_and_put_the_host_back_at_once() {
    let Some(rig) = rig("gateway-signals", Between::Cable) else { return };
    let _behind = rig.behind().unwrap();
    let before = state(rig.server());
    let file = settings(&rig, None, "");
    for (signal, name) in
        [(Signal::Interrupt, "SIGINT"), (Signal::Terminate, "SIGTERM"), (Signal::Hangup, "SIGHUP")]
    {
        let mut client = Client::new(&rig, &file, &strongswan::psk_client(SERVER_V4));
        assert_ne!(state(rig.server()), before);
        let asked = Instant::now();
        client.gateway.process().signal(signal);
        let status = client.gateway.wait_exit(Duration::from_secs(15)).unwrap();
        let took = asked.elapsed();
        assert_eq!(status.code(), Some(0), "{name}");
        assert!(took < END, "{name}: {took:?}");
        expect_state(rig.server(), &before, name);
        // Told, not found out: nothing here asks whether the gateway lives.
        client.swan.wait_logged("received DELETE for IKE_SA home", Duration::from_secs(2)).unwrap();
        assert!(client.swan.sas().unwrap().is_empty());
        assert_eq!(client.gateway.count("client_down"), 1);
        assert_eq!(client.gateway.count("stopped"), 1);
        println!("{name}: the gateway ended within {took:?}");
    }
}

#[test]
fn our_own_client_is_told_too_and_connects_again_to_the_next_gateway() {
    let Some(rig) = rig("gateway-own", Between::Cable) else { return };
    let file = settings(&rig, None, "");
    let profile = Profile::psk(SERVER_V4).write(&rig, "own").unwrap();
    let mut gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let mut client = Adit::connect(rig.client(), &profile, &[]).unwrap();
    client.wait_event("ready", 1, UP).unwrap();
    assert_eq!(gateway.interrupt().unwrap(), 0);
    let lost = client.wait_event("lost", 1, Duration::from_secs(2)).unwrap();
    assert_eq!(lost["reason"], "deleted_by_peer", "{lost}");
    let _next = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    client.wait_event("ready", 2, Duration::from_secs(60)).unwrap();
    assert_eq!(client.interrupt().unwrap(), 0);
}

#[test]
fn a_client_that_was_killed_comes_back_to_the_same_addresses() {
    let Some(rig) = rig("gateway-back", Between::Cable) else { return };
    // One address of each family for clients: nobody else's could be given.
    let one = "pools = [\"10.97.0.0/30\", \"fd97::2\"]\naddresses = [\"10.97.0.1\"]\n";
    let file = settings(&rig, None, "");
    let text = std::fs::read_to_string(&file).unwrap();
    let pools = text.lines().find(|line| line.starts_with("pools")).unwrap();
    std::fs::write(&file, text.replace(pools, one)).unwrap();
    let mut gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let profile = Profile::psk(SERVER_V4).write(&rig, "back").unwrap();
    for time in 1..=2 {
        let mut client = Adit::connect(rig.client(), &profile, &[]).unwrap();
        client.wait_event("ready", 1, UP).unwrap();
        let up = gateway.wait_event("client_up", time, UP).unwrap();
        assert_eq!(up["addresses"], serde_json::json!(["10.97.0.2", "fd97::2"]));
        traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
        client.process().kill();
    }
    let down = gateway.wait_event("client_down", 1, UP).unwrap();
    assert!(down["reason"].as_str().unwrap().contains("connected anew"), "{down}");
}

#[test]
fn after_sigkill_the_next_start_puts_the_host_back() {
    let Some(rig) = rig("gateway-kill", Between::Cable) else { return };
    let _behind = rig.behind().unwrap();
    let before = state(rig.server());
    let file = settings(&rig, None, "");
    let mut client = Client::new(&rig, &file, &strongswan::psk_client(SERVER_V4));
    client.gateway.process().kill();
    let left = state(rig.server());
    assert!(left.contains("/lan0/forwarding:1") && left != before, "there is something to put back");
    let mut next = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let listening = next.wait_event("listening", 1, UP).unwrap();
    assert!(
        listening["notes"].to_string().contains("put back what an earlier run left behind"),
        "{listening}"
    );
    assert_eq!(next.interrupt().unwrap(), 0);
    expect_state(rig.server(), &before, "after the next gateway");

    // A next start that needs nothing of the host puts it back at once.
    let mut killed = Adit::gateway(rig.server(), &file, &[]).unwrap();
    killed.process().kill();
    let stack = settings(&rig, None, "mode = \"stack\"\n");
    let _next = Adit::gateway(rig.server(), &stack, &[]).unwrap();
    let gone = || rig.server().ip(&["link", "show", "adit-gateway"]).is_err().then_some(());
    wait_for("the TUN to go", UP, gone).unwrap();
    expect_state(rig.server(), &before, "while a gateway without a TUN runs");
}

#[test]
fn a_tun_that_somebody_deletes_ends_the_gateway_with_an_error() {
    let Some(rig) = rig("gateway-deleted", Between::Cable) else { return };
    let _behind = rig.behind().unwrap();
    let before = state(rig.server());
    let file = settings(&rig, None, "");
    let mut client = Client::new(&rig, &file, &strongswan::psk_client(SERVER_V4));
    rig.server().ip(&["link", "del", "adit-gateway"]).unwrap();
    assert_eq!(client.gateway.wait_exit(Duration::from_secs(15)).unwrap().code(), Some(1));
    assert!(client.gateway.stderr().contains("error: "), "{}", client.gateway.stderr());
    expect_state(rig.server(), &before, "afterwards");
    client.swan.wait_logged("received DELETE for IKE_SA home", Duration::from_secs(2)).unwrap();
}
