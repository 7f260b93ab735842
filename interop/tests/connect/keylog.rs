//! The keys that `--keylog` writes: Wireshark reads with them what went over the wire.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use adit_interop::net::{Between, PRIVATE_V4, SERVER_V4};
use adit_interop::process::{self, Process, Signal};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, PSK, PSK_ID};
use adit_interop::{traffic, wait_for};

use crate::support::{Tunnel, UP, rig};

#[test]
fn wireshark_decrypts_a_session_with_the_keys_written_for_it() {
    let Some(rig) = rig("keylog", Between::Cable) else { return };
    let host = rig.client();
    let capture = host.folder().join("session.pcapng");
    let mut dumpcap = host.command("dumpcap");
    dumpcap.args(["-q", "-i", "eth0", "-f", "udp", "-w"]).arg(&capture);
    let mut dumpcap = Process::start(dumpcap, host.folder(), "dumpcap").unwrap();
    wait_for("the capture to begin", UP, || {
        (dumpcap.stderr().contains("File:") || dumpcap.exited().is_some()).then_some(())
    })
    .unwrap();
    assert!(dumpcap.exited().is_none(), "{}", dumpcap.stderr());

    let keys = host.folder().join("keys");
    let profile = Profile::psk(SERVER_V4).ike("AES-256-GCM", "SHA2-384", 20).child("AES-256", "SHA2-256", 14);
    let profile = profile.key("EnablePFS", 1).write(&rig, "keylog").unwrap();
    let more = ["--keylog", keys.to_str().unwrap()];
    let mut tunnel = Tunnel::new(&rig, &strongswan::psk_gateway(), &profile, &more);
    traffic::expect_echo(host, PRIVATE_V4).unwrap();
    // Both sides' new keys are in the tables too.
    tunnel.server.rekey_child("net").unwrap();
    tunnel.client.wait_event("child", 2, UP).unwrap();
    tunnel.server.rekey_ike("gw").unwrap();
    tunnel.client.wait_event("ike_rekeyed", 1, UP).unwrap();
    traffic::expect_echo(host, PRIVATE_V4).unwrap();
    assert_eq!(tunnel.client.interrupt().unwrap(), 0);
    // Packets reach it in blocks, the last of them after a quarter of a second.
    std::thread::sleep(Duration::from_secs(1));
    dumpcap.signal(Signal::Interrupt);
    dumpcap.wait(UP).unwrap();

    assert!(tunnel.client.stderr().contains("can read its traffic"), "{}", tunnel.client.stderr());
    assert!(!tunnel.client.stderr().contains(PSK));
    for table in ["ikev2_decryption_table", "esp_sa"] {
        assert_eq!(fs::metadata(keys.join(table)).unwrap().permissions().mode() & 0o777, 0o600, "{table}");
    }
    let no_keys = host.folder().join("no-keys");
    fs::create_dir_all(&no_keys).unwrap();
    let (pings, identity) = ("icmp.type == 8", "isakmp.id.data.user_fqdn");
    assert_eq!(fields(&no_keys, &capture, pings, "ip.dst"), "");
    let seen = fields(&keys, &capture, pings, "ip.dst");
    assert_eq!(seen.matches(PRIVATE_V4).count(), 10, "{seen}");
    let who = fields(&keys, &capture, "isakmp.exchangetype == 35", identity);
    assert!(who.contains(PSK_ID), "{who}");
    // The Delete that ends the session is under the keys of the second IKE SA.
    let deletes = fields(&keys, &capture, "isakmp.exchangetype == 37", "isakmp.delete.protoid");
    assert!(deletes.lines().any(|line| line.trim() == "1"), "{deletes}");
}

/// A field of every packet that passes `filter`, with the keys in `config`.
fn fields(config: &Path, capture: &Path, filter: &str, field: &str) -> String {
    let mut tshark = Command::new("tshark");
    tshark.env("WIRESHARK_CONFIG_DIR", config).env("HOME", config).arg("-r").arg(capture);
    tshark.args(["-o", "esp.enable_encryption_decode:TRUE", "-Y", filter, "-T", "fields", "-e", field]);
    process::output(&mut tshark).unwrap()
}
