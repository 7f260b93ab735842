//! What the suites of `adit new` work with: a folder with the files of the examples, and the manual.

#![allow(dead_code, reason = "each suite uses a part")]

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
    let custom = |more: &[&'static str]| [CUSTOM, ACCOUNT, more].concat();
    let ipsec = |more: &[&'static str]| [IPSEC, CERTIFICATE, more].concat();
    let app = |more: &[&'static str]| [CUSTOM, CERTIFICATE, more].concat();
    let always = |more: &[&'static str]| [&["new", "always-on", "--name", "x"], more].concat();
    vec![
        // IKEv2: who proves what.
        (
            "ikev2.psk-weak",
            [IKEV2, &["--psk-file", "short-psk.txt", "--local-identifier", "a@example.com"]].concat(),
        ),
        ("ikev2.psk-with-eap", eap(&["--authentication-method", "SharedSecret"])),
        ("ikev2.psk-missing", eap(&["--authentication-method", "SharedSecret"])),
        (
            "ikev2.cert-missing",
            [IKEV2, &["--auth", "certificate", "--local-identifier", "a@example.com"]].concat(),
        ),
        ("ikev2.certtype-needs-issuer", eap(&["--certificate-type", "ECDSA256"])),
        (
            "ikev2.certtype-needs-issuer",
            [IKEV2, CERTIFICATE, &["--local-identifier", "a@example.com"]].concat(),
        ),
        ("ikev2.local-id-missing", [IKEV2, &["--psk-file", "psk.txt"]].concat()),
        ("ikev2.remote-id-missing", eap(&["--remote-identifier", ""])),
        ("ikev2.id-form", eap(&["--local-identifier", " alice"])),
        (
            "ikev2.tls-version-order",
            [
                IKEV2,
                CERTIFICATE,
                &[
                    "--auth",
                    "eap-tls",
                    "--username",
                    "a",
                    "--tls-minimum",
                    "1.2",
                    "--tls-maximum",
                    "1.0",
                    "--server-certificate-issuer",
                    "CA",
                ],
            ]
            .concat(),
        ),
        (
            "vpn.remote-syntax",
            [&["new", "ikev2", "--name", "x", "--server", "https://vpn.example.com/"], PSK].concat(),
        ),
        // IKEv2: the rest.
        ("ikev2.mtu-range", eap(&["--mtu", "9000"])),
        ("ikev2.nat-interval", eap(&["--nat-keepalive-interval", "5"])),
        (
            "ikev2.nat-needs-offload",
            eap(&["--nat-keepalive-interval", "60", "--nat-keepalive-offload", "false"]),
        ),
        ("vpn.idle-timer-alone", eap(&["--idle-timer", "60"])),
        ("vpn.idle-negative", eap(&["--disconnect-on-idle", "--idle-timer", "-1"])),
        ("route.enforce-ignored", eap(&["--enforce-routes", "--include-all-networks"])),
        ("route.exclude-ignored", eap(&["--exclude-apns"])),
        ("route.exclude-local-ignored", eap(&["--exclude-local-networks"])),
        // Proposals.
        ("value.not-allowed", psk(&["--ike-dh-group", "7"])),
        ("sa.lifetime-range", psk(&["--ike-lifetime", "5"])),
        ("sa.strict-cipher", psk(&["--strict-algorithms", "--ike-encryption", "3DES"])),
        ("sa.strict-dh", psk(&["--strict-algorithms", "--ike-dh-group", "2"])),
        (
            "sa.strict-order",
            psk(&["--strict-algorithms", "--ike-encryption", "AES-128", "--child-encryption", "AES-256"]),
        ),
        ("sa.ike-weaker-than-child", psk(&["--ike-encryption", "AES-128", "--child-encryption", "AES-256"])),
        ("sa.child-dh-needs-pfs", psk(&["--child-dh-group", "20"])),
        ("ppk.pair", psk(&["--ppk-file", "ppk.bin"])),
        ("ppk.pair", psk(&["--ppk-identifier", "x"])),
        ("ppk.short", psk(&["--ppk-file", "short-psk.txt", "--ppk-identifier", "x"])),
        ("ppk.mandatory-ignored", psk(&["--ppk-mandatory"])),
        ("pq.fallback-ignored", psk(&["--post-quantum-fallback"])),
        ("pq.repeat", psk(&["--ike-post-quantum", "ML-KEM-768,ML-KEM-768"])),
        ("pq.first-none", psk(&["--ike-post-quantum", "none"])),
        ("pq.too-many", psk(&["--ike-post-quantum", "none,none,none,none,none,none,none,ML-KEM-768"])),
        // Always On.
        ("alwayson.no-tunnels", always(&[])),
        (
            "alwayson.interface-uncovered",
            always(&[
                "--wifi-server",
                "vpn.example.com",
                "--wifi-psk-file",
                "psk.txt",
                "--wifi-local-identifier",
                "a@example.com",
            ]),
        ),
        (
            "alwayson.interface-overlap",
            always(&[
                "--server",
                "vpn.example.com",
                "--psk-file",
                "psk.txt",
                "--local-identifier",
                "a@example.com",
                "--wifi-server",
                "vpn.example.com",
                "--wifi-psk-file",
                "psk.txt",
                "--wifi-local-identifier",
                "a@example.com",
            ]),
        ),
        (
            "alwayson.scope",
            always(&[
                "--server",
                "vpn.example.com",
                "--psk-file",
                "psk.txt",
                "--local-identifier",
                "a@example.com",
                "--scope",
                "User",
            ]),
        ),
        (
            "alwayson.plugins-ignored",
            always(&[
                "--server",
                "vpn.example.com",
                "--psk-file",
                "psk.txt",
                "--local-identifier",
                "a@example.com",
                "--all-captive-plugins",
                "--captive-plugins",
                "com.example.x",
            ]),
        ),
        // IPsec (Cisco).
        ("ipsec.ondemand-needs-cert", [IPSEC, &["--psk-file", "psk.txt", "--rule", "connect"]].concat()),
        ("ipsec.cert-missing", [IPSEC, &["--auth", "certificate"]].concat()),
        ("ipsec.xauth-name-off", ipsec(&["--account", "alice", "--xauth", "false"])),
        // Apps.
        ("vpn.auth-needs-cert", [CUSTOM, &["--auth", "certificate"]].concat()),
        ("applayer.domain-syntax", app(&["--safari-domains", "https://intranet.example.com/"])),
        // On demand.
        ("ondemand.evaluate-needs-params", custom(&["--rule", "evaluate"])),
        ("ondemand.params-ignored", custom(&["--rule", "connect connect-if-needed=a.example.com"])),
        (
            "ondemand.never-with-probe",
            custom(&["--rule", "evaluate never-connect=a.example.com required-dns=10.0.0.1"]),
        ),
        (
            "ondemand.dns-server-syntax",
            custom(&["--rule", "evaluate connect-if-needed=a.example.com required-dns=ns.example.com"]),
        ),
        ("ondemand.probe-url", custom(&["--rule", "connect probe=ftp://example.com/"])),
        ("ondemand.ssid-with-other-interface", custom(&["--rule", "connect interface=Cellular ssid=x"])),
        ("ondemand.unreachable", custom(&["--rule", "connect", "--rule", "disconnect ssid=x"])),
        ("ondemand.wildcard", custom(&["--rule", "evaluate connect-if-needed=*.example.com"])),
        ("ondemand.rules-not-enabled", custom(&["--on-demand", "false", "--rule", "connect"])),
        ("ondemand.enabled-no-rules", custom(&["--on-demand"])),
        ("ondemand.needs-noninteractive", [IKEV2, &["--username", "alice", "--rule", "connect"]].concat()),
        // DNS and proxies.
        ("dns.https-needs-url", eap(&["--dns-protocol", "HTTPS", "--dns-servers", "10.0.0.53"])),
        ("dns.tls-needs-name", eap(&["--dns-protocol", "TLS", "--dns-servers", "10.0.0.53"])),
        ("dns.url-scheme", eap(&["--dns-protocol", "HTTPS", "--dns-server-url", "http://dns.example.com/"])),
        ("dns.unused-field", eap(&["--dns-servers", "10.0.0.53", "--dns-server-name", "dns.example.com"])),
        ("dns.addresses-missing", eap(&["--dns-domain", "example.com"])),
        ("dns.address-syntax", eap(&["--dns-servers", "ns.example.com"])),
        ("dns.nosearch-alone", eap(&["--dns-servers", "10.0.0.53", "--dns-match-domains-no-search"])),
        ("proxy.port-missing", eap(&["--proxy-server", "proxy.example.com"])),
        ("proxy.port-range", eap(&["--proxy-server", "proxy.example.com", "--proxy-port", "70000"])),
        (
            "proxy.both",
            eap(&[
                "--proxy-server",
                "proxy.example.com",
                "--proxy-port",
                "8080",
                "--proxy-auto-config-url",
                "https://proxy.example.com/proxy.pac",
            ]),
        ),
        // The profile, certificates and keys.
        ("payload.uuid-format", app(&["--uuid", "one"])),
        ("payload.uuid-duplicate", app(&["--uuid", ONE_UUID, "--vpn-payload-uuid", ONE_UUID])),
        ("profile.removal-date-past", app(&["--removal-date", "2020-01-31"])),
        (
            "cert.p12-password",
            [CUSTOM, &["--identity", "alice.p12", "--identity-password-file", "psk.txt"]].concat(),
        ),
        (
            "cert.p12-unreadable",
            [CUSTOM, &["--identity", "ca.pem", "--identity-password-file", "psk.txt"]].concat(),
        ),
        (
            "scep.keysize",
            [CUSTOM, &["--scep-url", "https://scep.example.com/scep", "--scep-key-size", "1000"]].concat(),
        ),
        (
            "acme.attest",
            [CUSTOM, ACME, &["--acme-key-type", "RSA", "--acme-hardware-bound", "false", "--acme-attest"]]
                .concat(),
        ),
        (
            "acme.keysize",
            [CUSTOM, ACME, &["--acme-key-type", "ECSECPrimeRandom", "--acme-hardware-bound", "false"]]
                .concat(),
        ),
        ("payload.uuid-nil", app(&["--uuid", "00000000-0000-0000-0000-000000000000"])),
        ("profile.expiration-past", app(&["--expiration-date", "2020-01-31"])),
        ("profile.target-device-type", app(&["--target-device-type", "9"])),
        ("applayer.slice-syntax", app(&["--slice-dnn", ""])),
        (
            "vpn.requirement-syntax",
            app(&["--provider-bundle-identifier", "a.b", "--provider-requirement", "(("]),
        ),
        (
            "vpn.vendorconfig-wrong-vendor",
            [
                &[
                    "new",
                    "custom-ssl",
                    "--name",
                    "x",
                    "--server",
                    "s.example.com",
                    "--app-identifier",
                    "com.arubanetworks.aruba-via.vpnplugin",
                    "--custom-data",
                    "Realm=Users",
                ],
                CERTIFICATE,
            ]
            .concat(),
        ),
        (
            "vpn.subtype-missing",
            [
                &["new", "custom-ssl", "--name", "x", "--server", "s.example.com", "--app-identifier", ""],
                CERTIFICATE,
            ]
            .concat(),
        ),
        (
            "vpn.name-missing",
            [&["new", "netmotion", "--name", "", "--server", "s.example.com"], CERTIFICATE].concat(),
        ),
        ("vpn.remote-missing", [&["new", "netmotion", "--name", "x", "--server", ""], CERTIFICATE].concat()),
        (
            "ikev2.certtype-mismatch",
            [
                IKEV2,
                CERTIFICATE,
                &[
                    "--local-identifier",
                    "a@example.com",
                    "--certificate-type",
                    "RSA",
                    "--server-certificate-issuer",
                    "CA",
                ],
            ]
            .concat(),
        ),
        (
            "ondemand.probe-captive",
            app(&["--rule", "connect probe=http://captive.apple.com/hotspot-detect.html"]),
        ),
        ("ondemand.interface", app(&["--target", "ios-26.1", "--rule", "connect interface=Ethernet"])),
        (
            "alwayson.supervised",
            always(&[
                "--target",
                "ios-26.1",
                "--server",
                "vpn.example.com",
                "--psk-file",
                "psk.txt",
                "--local-identifier",
                "a@example.com",
            ]),
        ),
        (
            "acme.hardware-bound",
            [CUSTOM, ACME, &["--acme-key-type", "RSA", "--acme-hardware-bound"]].concat(),
        ),
    ]
}

const ONE_UUID: &str = "C1D2E3F4-0516-4728-9A3B-4C5D6E7F8091";

const ACME: &[&str] = &[
    "--acme-directory-url",
    "https://acme.example.com/directory",
    "--acme-client-identifier",
    "1",
    "--acme-key-size",
    "2048",
    "--acme-subject",
    "CN=alice",
];

const ACCOUNT: &[&str] = &["--account", "alice", "--password-file", "password.txt"];
