//! What a newcomer does: `init`, start, connect with the profile it wrote.

use std::fs;
use std::process::Command;
use std::time::Duration;

use adit_interop::adit::{self, Adit};
use adit_interop::net::{Between, PRIVATE_V4, SERVER_NAME};
use adit_interop::{process, traffic};

use crate::support::rig;

fn first_start(test: &str, more: &[&str], proof: &str) {
    let Some(rig) = rig(test, Between::Nat) else { return };
    let folder = rig.folder().join("gw");
    let mut init = Command::new(adit::program().unwrap());
    init.args(["gateway", "init"]).arg(&folder).args(["--host", SERVER_NAME, "--user", "alice"]).args(more);
    process::output(&mut init).unwrap();
    // The rig's own network has the addresses of the pool that is written.
    let file = folder.join("gateway.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"10.99.0.0/24\""), "{text}");
    fs::write(&file, text.replace("\"10.99.0.0/24\"", "\"10.97.0.0/24\"")).unwrap();

    let mut gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let profile = folder.join(format!("{SERVER_NAME}.mobileconfig"));
    let mut client = Adit::connect(rig.client(), &profile, &[]).unwrap();
    client.wait_event("ready", 1, Duration::from_secs(20)).unwrap();
    let up = gateway.wait_event("client_up", 1, Duration::from_secs(5)).unwrap();
    assert_eq!((&up["identity"], &up["authentication"]), (&"alice".into(), &"EAP-MSCHAPv2".into()));
    let server = client.wait_event("up", 1, Duration::from_secs(1)).unwrap();
    assert!(server["peer_authentication"].as_str().unwrap().contains(proof), "{server}");
    traffic::prove(rig.client(), rig.server(), PRIVATE_V4, up["addresses"][0].as_str().unwrap(), || Ok(()))
        .unwrap();
    assert_eq!(client.interrupt().unwrap(), 0);
    gateway.wait_event("client_down", 1, Duration::from_secs(5)).unwrap();
    assert_eq!(gateway.interrupt().unwrap(), 0);
}

#[test]
fn the_files_of_init_make_a_tunnel() {
    first_start("gateway-init", &[], "ECDSA");
}

#[test]
fn the_files_of_init_with_rsa_make_a_tunnel() {
    first_start("gateway-init-rsa", &["--key", "rsa"], "RSA");
}
