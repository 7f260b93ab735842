//! What the suite of `adit new` works with: a folder with the files of the examples, and the manual.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value as Json;

/// A folder of its own, removed at the end.
pub struct Bench {
    folder: PathBuf,
    flags: RefCell<BTreeMap<String, BTreeSet<String>>>,
}

impl Bench {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("adit-new-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/new");
        for file in ["alice.p12", "ca.pem"] {
            std::fs::copy(Path::new(fixtures).join(file), folder.join(file)).unwrap();
        }
        let bench = Self { folder, flags: RefCell::default() };
        bench.write("password.txt", "correct horse battery\n");
        bench.write("psk.txt", "k7Qm2vX9tR4wZ8pL3nB6\n");
        bench.write("short-psk.txt", "k7Qm2vX9\n");
        bench.write("p12-password.txt", "secret\n");
        bench.write("ppk.bin", "mT5xW8qK2vN7bJ4hR9cZ3dF6gL0pS1yA");
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    pub fn adit(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_adit")).args(args).output().unwrap()
    }

    pub fn with_input(&self, args: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_adit"));
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs a command line of the manual.
    pub fn shell(&self, line: &str) -> Output {
        let bin = Path::new(env!("CARGO_BIN_EXE_adit")).parent().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", bin.display());
        self.command("sh").args(["-c", line]).env("PATH", path).output().unwrap()
    }

    /// The flags of a type's fields, as the list has them.
    pub fn flags(&self, kind: &str) -> BTreeSet<String> {
        let mut known = self.flags.borrow_mut();
        let flags = known.entry(kind.to_owned()).or_insert_with(|| {
            let list: Json =
                serde_json::from_slice(&self.adit(&["new", "--list", kind, "--json"]).stdout).unwrap();
            let mut flags = BTreeSet::new();
            for field in list["types"][0]["fields"].as_array().unwrap() {
                let flag = field["flag"].as_str().unwrap();
                if field["kind"] == "secret" {
                    flags.extend([format!("{flag}-file"), format!("{flag}-ask")]);
                } else {
                    flags.insert(flag.to_owned());
                }
            }
            flags
        });
        flags.clone()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The names of all types.
pub fn kinds(bench: &Bench) -> Vec<String> {
    let list: Json = serde_json::from_slice(&bench.adit(&["new", "--list", "--json"]).stdout).unwrap();
    list["types"].as_array().unwrap().iter().map(|entry| entry["type"].as_str().unwrap().to_owned()).collect()
}

/// A page of the manual.
pub fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)).unwrap()
}

/// Each command of the manual with the description behind it that says the same.
pub fn shell_blocks(page: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut command = None;
    for (index, block) in page.split("```").enumerate().filter(|(index, _)| index % 2 == 1) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "sh" => assert!(
                command.replace(text.to_owned()).is_none(),
                "block {index}: no TOML behind the last command"
            ),
            "toml" => pairs.extend(command.take().map(|command| (command, text.to_owned()))),
            _ => {}
        }
    }
    assert!(command.is_none() && !pairs.is_empty());
    pairs
}

/// Input that the checker refuses: the code, and the command line.
pub fn refused() -> Vec<(&'static str, Vec<&'static str>)> {
    const IKEV2: &[&str] = &["new", "ikev2", "--name", "x", "--server", "vpn.example.com"];
    const EAP: &[&str] = &["--username", "alice", "--password-file", "password.txt"];
    const PSK: &[&str] = &["--psk-file", "psk.txt", "--local-identifier", "a@example.com"];
    const CERTIFICATE: &[&str] = &["--identity", "alice.p12", "--identity-password-file", "p12-password.txt"];
    const IPSEC: &[&str] = &["new", "ipsec", "--name", "x", "--server", "vpn.example.com"];
    const CUSTOM: &[&str] = &[
        "new",
        "custom-ssl",
        "--name",
        "x",
        "--server",
        "vpn.example.com",
        "--app-identifier",
        "com.example.vpn",
    ];
    let eap = |more: &[&'static str]| [IKEV2, EAP, more].concat();
    let psk = |more: &[&'static str]| [IKEV2, PSK, more].concat();
    vec![
        ("ikev2.mtu-range", eap(&["--mtu", "9000"])),
        ("ikev2.nat-interval", eap(&["--nat-keepalive-interval", "5"])),
        (
            "ikev2.psk-weak",
            [IKEV2, &["--psk-file", "short-psk.txt", "--local-identifier", "a@example.com"]].concat(),
        ),
        (
            "ikev2.cert-missing",
            [IKEV2, &["--auth", "certificate", "--local-identifier", "a@example.com"]].concat(),
        ),
        ("ikev2.certtype-needs-issuer", eap(&["--certificate-type", "ECDSA256"])),
        ("ppk.pair", psk(&["--ppk-file", "ppk.bin"])),
        ("sa.lifetime-range", psk(&["--ike-lifetime", "5"])),
        ("value.not-allowed", psk(&["--ike-dh-group", "7"])),
        ("proxy.port-missing", [CUSTOM, EAP_FOR_APPS, &["--proxy-server", "proxy.example.com"]].concat()),
        ("vpn.idle-timer-alone", eap(&["--idle-timer", "60"])),
        ("route.enforce-ignored", eap(&["--enforce-routes", "--include-all-networks"])),
        ("ondemand.evaluate-needs-params", [CUSTOM, EAP_FOR_APPS, &["--rule", "evaluate"]].concat()),
        ("ipsec.ondemand-needs-cert", [IPSEC, &["--psk-file", "psk.txt", "--rule", "connect"]].concat()),
        ("payload.uuid-format", [CUSTOM, CERTIFICATE, &["--uuid", "one"]].concat()),
    ]
}

const EAP_FOR_APPS: &[&str] = &["--account", "alice", "--password-file", "password.txt"];
