//! The gateway as a user without rights: a TCP/IP stack of its own behind it, or an error that says what to do.

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, SERVER_V4};
use adit_interop::profile::Profile;
use adit_interop::traffic;

use crate::support::{expect_state, rig, settings, state};

const UP: Duration = Duration::from_secs(20);

#[test]
fn without_root_a_stack_answers_behind_the_gateway() {
    let Some(rig) = rig("gateway-nobody", Between::Cable) else { return };
    let before = state(rig.server());
    let file = settings(&rig, None, "mode = \"auto\"\n[listen]\nport = 5500\nnat-port = 5501\n");
    let gateway = Adit::gateway_as_nobody(rig.server(), &file, &["--json"]).unwrap();
    let mut gateway = gateway.listening(rig.server(), 5501).unwrap();
    let listening = gateway.wait_event("listening", 1, UP).unwrap();
    assert!(listening["interface"].is_null(), "{listening}");
    assert!(listening["notes"].to_string().contains("needs root, or CAP_NET_ADMIN"), "{listening}");
    expect_state(rig.server(), &before, "nothing is changed on the host");
    let profile = Profile::psk(SERVER_V4).write(&rig, "nobody").unwrap();
    let ports = ["--port", "5500", "--natt-port", "5501"];
    let mut client = Adit::connect(rig.client(), &profile, &ports).unwrap();
    client.wait_event("ready", 1, UP).unwrap();
    for address in ["10.97.0.1", "fd97::1"] {
        traffic::expect_echo(rig.client(), address).unwrap();
        // The echo service (RFC 862).
        let script = format!("exec 3<>/dev/tcp/{address}/7; echo hello >&3; head -n 1 <&3");
        assert_eq!(rig.client().run("bash", &["-c", &script]).unwrap(), "hello\n");
    }
    assert_eq!(gateway.interrupt().unwrap(), 0);
    let lost = client.wait_event("lost", 1, Duration::from_secs(2)).unwrap();
    assert_eq!(lost["reason"], "deleted_by_peer", "{lost}");
    assert_eq!(client.interrupt().unwrap(), 0);
}

#[test]
fn what_needs_root_says_so_and_what_to_do_without() {
    let Some(rig) = rig("gateway-refused", Between::Cable) else { return };
    let before = state(rig.server());
    for (more, said) in [
        ("mode = \"stack\"\n", ["0.0.0.0:500", "ports below 1024 need root, or set listen.port"]),
        (
            "mode = \"tun\"\n[listen]\nport = 5500\n",
            ["needs root, or CAP_NET_ADMIN", "network.mode = \"stack\""],
        ),
    ] {
        let file = settings(&rig, None, more);
        let mut gateway = Adit::gateway_as_nobody(rig.server(), &file, &[]).unwrap();
        assert_eq!(gateway.wait_exit(UP).unwrap().code(), Some(1));
        let error = gateway.stderr();
        assert!(said.iter().all(|said| error.contains(said)), "{error}");
    }
    expect_state(rig.server(), &before, "afterwards");
}
