//! `adit probe` and `adit explain --server` from the outside: silence, wrong input, and the offline comparison. What they
//! say of real servers is tested in `interop/tests/probe`.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use adit_profile::build::{Value, to_xml};
use serde_json::Value as Json;

const SECRET: &str = "kT9-vRz4QmLw2XyPs7bN";

struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("adit-probe-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn adit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}

fn vpn(kind: &str, keys: Vec<(&str, Value)>) -> Value {
    Value::dict([
        ("PayloadType", Value::from("com.apple.vpn.managed")),
        ("PayloadIdentifier", "com.example.vpn".into()),
        ("PayloadUUID", "9A3C1E50-0000-4000-8000-000000000001".into()),
        ("PayloadVersion", 1.into()),
        ("UserDefinedName", "Office".into()),
        ("VPNType", kind.into()),
        (kind, Value::dict(keys)),
    ])
}

fn profile(payloads: Vec<Value>) -> String {
    let root = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        ("PayloadIdentifier", "com.example".into()),
        ("PayloadUUID", "9A3C1E50-0000-4000-8000-000000000009".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadContent", Value::Array(payloads)),
    ]);
    to_xml(&root).unwrap().to_string()
}

fn ikev2(more: Vec<(&str, Value)>) -> String {
    let suite = Value::dict([
        ("EncryptionAlgorithm", Value::from("AES-256-GCM")),
        ("IntegrityAlgorithm", "SHA2-256".into()),
        ("DiffieHellmanGroup", 19.into()),
    ]);
    let mut keys = vec![
        ("RemoteAddress", Value::from("127.0.0.1")),
        ("RemoteIdentifier", "vpn.example.com".into()),
        ("LocalIdentifier", "alice@example.com".into()),
        ("AuthenticationMethod", "SharedSecret".into()),
        ("SharedSecret", SECRET.into()),
        ("IKESecurityAssociationParameters", suite),
    ];
    for (key, value) in more {
        keys.retain(|(known, _)| *known != key);
        keys.push((key, value));
    }
    profile(vec![vpn("IKEv2", keys)])
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_silent_server_is_told_with_advice_and_exit_code_1() {
    let folder = Folder::new("silent");
    let file = folder.file("office.mobileconfig", &ikev2(Vec::new()));
    // It takes the datagrams and never answers.
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let output = adit(&["probe", path(&file), "--port", &port, "--timeout", "2", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let report = json(&output);
    assert_eq!((&report["agree"], &report["answered"]), (&Json::from(false), &Json::from(false)));
    assert_eq!(report["ike"][0]["verdict"], "no-answer");
    assert_eq!(report["child"][0]["verdict"], "not-observed");
    assert_eq!(report["mobike"], "not-observed");
    assert!(report["advice"][0].as_str().unwrap().contains("firewall"), "{report}");
    let mut buffer = [0; 2000];
    let length = silent.recv(&mut buffer).unwrap();
    // RFC 7296 3.1: version 2.0, IKE_SA_INIT, initiator.
    assert_eq!((buffer[17], buffer[18], buffer[19]), (0x20, 34, 0x08));
    assert_eq!(
        usize::try_from(u32::from_be_bytes([buffer[24], buffer[25], buffer[26], buffer[27]])).unwrap(),
        length
    );
    let said = text(&adit(&["probe", path(&file), "--port", &port, "--timeout", "1"]));
    assert!(said.contains("nothing answered") && said.contains("no answer:"), "{said}");
    assert!(!said.contains(SECRET) && !report.to_string().contains(SECRET));
}

#[test]
fn a_template_is_probed_when_it_is_filled_in() {
    let folder = Folder::new("template");
    let file = folder.file("office.j2", &ikev2(vec![("RemoteAddress", "{{ server }}".into())]));
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    for more in [&[][..], &["--template"], &["--set", "sevrer=127.0.0.1"]] {
        let output = adit(&[&["probe", path(&file), "--port", &port, "--timeout", "1"], more].concat());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains("fill it in with --set"), "{}", text(&output));
    }
    assert!(silent.recv(&mut [0; 2000]).is_err(), "nothing was sent");
    let output = adit(&[
        "probe",
        path(&file),
        "--set",
        "server=127.0.0.1",
        "--port",
        &port,
        "--timeout",
        "1",
        "--json",
    ]);
    assert_eq!(json(&output)["server"], "127.0.0.1", "{}", text(&output));
    assert!(silent.recv(&mut [0; 2000]).is_ok());
}

#[test]
fn what_the_engine_lacks_is_not_tested_and_nothing_is_sent_for_it() {
    let folder = Folder::new("lacks");
    let weak = Value::dict([("EncryptionAlgorithm", Value::from("3DES")), ("DiffieHellmanGroup", 14.into())]);
    let file = folder.file("weak.mobileconfig", &ikev2(vec![("IKESecurityAssociationParameters", weak)]));
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let output = adit(&["probe", path(&file), "--port", &port, "--timeout", "1", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let report = json(&output);
    assert_eq!(report["ike"][0]["verdict"], "not-tested");
    assert!(report["not_tested"][0].as_str().unwrap().contains("3DES"), "{report}");
    assert!(silent.recv(&mut [0; 2000]).is_err(), "nothing was sent");
}

#[test]
fn wrong_input_is_exit_code_2() {
    let folder = Folder::new("wrong");
    let good = folder.file("good.mobileconfig", &ikev2(Vec::new()));
    let l2tp = folder.file("l2tp.mobileconfig", &profile(vec![vpn("L2TP", vec![])]));
    let none = folder.file("none.mobileconfig", &profile(vec![]));
    let nowhere = folder.file("nowhere.mobileconfig", &ikev2(vec![("RemoteAddress", "".into())]));
    let junk = folder.file("junk.mobileconfig", "this is no profile");
    let missing = folder.0.join("missing.mobileconfig");
    let cases: [(&[&str], &str); 9] = [
        (&["probe"], "required"),
        (&["probe", path(&missing)], "cannot read"),
        (&["probe", path(&junk)], "validate"),
        (&["probe", path(&none)], "no VPN"),
        (&["probe", path(&l2tp)], "no IKEv2 VPN"),
        (&["probe", path(&nowhere)], "RemoteAddress"),
        (&["probe", path(&good), "--payload", "7"], "no such payload"),
        (&["probe", path(&good), "--timeout", "0"], "timeout"),
        (&["probe", path(&good), "--port", "0"], "port"),
    ];
    for (args, word) in cases {
        let output = adit(args);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(word), "{args:?}: {word} is not in {said}");
    }
}

const SERVER: &str = "connections {
  rw {
    version = 2
    proposals = aes256gcm16-prfsha256-ecp256
    pools = v4
    local { auth = psk
            id = vpn.example.com }
    remote { auth = psk
             id = *@example.com }
    children { net { local_ts = 0.0.0.0/0,::/0
                     esp_proposals = aes256gcm16 } }
  }
}
pools { v4 { addrs = 10.10.0.0/24 } }
secrets { ike-1 { secret = \"kT9-vRz4QmLw2XyPs7bN\" } }
";

#[test]
fn a_server_that_fits_and_one_that_does_not() {
    let folder = Folder::new("server");
    let file = folder.file("office.mobileconfig", &ikev2(Vec::new()));
    let server = folder.file("swanctl.conf", SERVER);
    let output = adit(&["explain", path(&file), "--server", path(&server)]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "agree",
        "Connection rw (line 2)",
        "`aes256gcm16-prfsha256-ecp256` of the server",
        "shared secret is the same",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains(SECRET));
    let cases = [
        ("ecp256", "modp2048", "IKEv2.IKESecurityAssociationParameters", 4, "DiffieHellmanGroup 14"),
        (
            "esp_proposals = aes256gcm16",
            "esp_proposals = aes128-sha1",
            "IKEv2.ChildSecurityAssociationParameters",
            11,
            "EncryptionAlgorithm AES-128, IntegrityAlgorithm SHA1-96",
        ),
        ("id = vpn.example.com", "id = gw.example.com", "IKEv2.RemoteIdentifier", 6, "gw.example.com"),
        ("id = *@example.com", "id = bob@example.com", "IKEv2.LocalIdentifier", 8, "bob@example.com"),
        ("kT9-vRz4QmLw2XyPs7bN", "another", "IKEv2.SharedSecret", 15, "the server's"),
    ];
    for (from, to, key, line, fix) in cases {
        let other = folder.file("other.conf", &SERVER.replace(from, to));
        let output = adit(&["explain", path(&file), "--server", path(&other), "--json"]);
        assert_eq!(output.status.code(), Some(1), "{to}: {}", text(&output));
        let report = json(&output);
        let found = &report["connections"][0]["differences"][0];
        assert_eq!(found["weight"], "fails", "{to}: {report}");
        assert_eq!(found["profile_key"], key, "{to}: {report}");
        assert_eq!(found["server_line"], line, "{to}: {report}");
        assert!(found["profile_fix"].as_str().unwrap().contains(fix), "{to}: {found}");
        assert!(found["server_fix"].is_string());
        assert!(!report.to_string().contains(SECRET) && !report.to_string().contains("another"), "{report}");
    }
    let pfs = folder.file("pfs.mobileconfig", &ikev2(vec![("EnablePFS", 1.into())]));
    let report = json(&adit(&["explain", path(&pfs), "--server", path(&server), "--json"]));
    assert_eq!(
        (&report["agree"], &report["connections"][0]["connects"]),
        (&Json::from(false), &Json::from(true))
    );
    assert_eq!(report["connections"][0]["differences"][0]["weight"], "rekey-fails");
}

#[test]
fn a_server_file_that_cannot_be_used_is_exit_code_2() {
    let folder = Folder::new("unusable");
    let file = folder.file("office.mobileconfig", &ikev2(Vec::new()));
    let l2tp = folder.file("l2tp.mobileconfig", &profile(vec![vpn("L2TP", vec![])]));
    let server = folder.file("swanctl.conf", SERVER);
    let include = folder.file("include.conf", &format!("{SERVER}include conf.d/*.conf\n"));
    let broken = folder.file("broken.conf", "connections { rw {");
    let empty = folder.file("empty.conf", "pools { }\n");
    let binary = folder.0.join("binary.conf");
    std::fs::write(&binary, [0xff, 0xfe, 0]).unwrap();
    let missing = folder.0.join("missing.conf");
    let cases: [(&[&str], &str); 9] = [
        (&[path(&file), "--server", path(&include)], "line 16: `include`"),
        (&[path(&file), "--server", path(&broken)], "line 1"),
        (&[path(&file), "--server", path(&empty)], "no connection"),
        (&[path(&file), "--server", path(&binary)], "UTF-8"),
        (&[path(&file), "--server", path(&missing)], "cannot read"),
        (&[path(&file), "--server", path(&server), "--connection", "other"], "`rw`"),
        (&[path(&file), "--connection", "rw"], "--server"),
        (&["--rule", "sa.weak-dh", "--server", path(&server)], "--server"),
        (&[path(&l2tp), "--server", path(&server)], "no IKEv2 VPN"),
    ];
    for (args, word) in cases {
        let mut all = vec!["explain"];
        all.extend_from_slice(args);
        let output = adit(&all);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(word), "{args:?}: {word} is not in {said}");
    }
}
