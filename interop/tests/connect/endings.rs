//! However it ends, the network is as it was.

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, SERVER_V4};
use adit_interop::process::Signal;
use adit_interop::profile::Profile;
use adit_interop::{strongswan, wait_for};

use crate::support::{Tunnel, UP, rig};

#[test]
fn ctrl_c_and_sigterm_put_the_network_back_and_exit_with_0() {
    let Some(rig) = rig("end-stop", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "end").unwrap();
    let before = rig.client().network_state().unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    assert_ne!(rig.client().network_state().unwrap(), before);
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
    assert_eq!(rig.client().network_state().unwrap(), before);
    // The server was told.
    wait_for("the server's SAs to go", UP, || tunnel.server.sas().ok()?.is_empty().then_some(())).unwrap();

    let mut again = Adit::connect(rig.client(), &profile, &[]).unwrap();
    again.wait_event("ready", 1, UP).unwrap();
    again.process().signal(Signal::Terminate);
    assert_eq!(again.wait_exit(Duration::from_secs(15)).unwrap().code(), Some(0));
    assert_eq!(rig.client().network_state().unwrap(), before);
}

#[test]
fn after_sigkill_the_next_start_puts_the_network_back() {
    let Some(rig) = rig("end-kill", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "end").unwrap();
    let before = rig.client().network_state().unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &[]);
    tunnel.client.process().kill();
    assert_ne!(rig.client().network_state().unwrap(), before, "there is something to put back");
    let mut next = Adit::connect(rig.client(), &profile, &[]).unwrap();
    next.wait_event("ready", 1, UP).unwrap();
    assert_eq!(next.interrupt().unwrap(), 0);
    assert_eq!(rig.client().network_state().unwrap(), before);
}

#[test]
fn a_server_that_is_gone_for_good_leaves_the_network_as_it_was_when_stopped() {
    let Some(rig) = rig("end-peer-gone", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "end").unwrap();
    let before = rig.client().network_state().unwrap();
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &["--liveness", "2"]);
    tunnel.server.kill();
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
    assert_eq!(rig.client().network_state().unwrap(), before);
}
