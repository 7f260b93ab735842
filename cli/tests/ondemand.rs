//! `adit ondemand` from the outside: answers, their reasons, the choice of a payload, and wrong input.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use adit_profile::build::{Value, to_xml};

const PROBE: &str = "https://probe.example.com/";

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("adit-ondemand-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn array<const N: usize>(values: [&str; N]) -> Value {
    Value::Array(values.into_iter().map(Value::from).collect())
}

fn payload(name: &str, uuid: &str, kind: &str, keys: Vec<(&str, Value)>) -> Value {
    Value::dict([
        ("PayloadType", Value::from("com.apple.vpn.managed")),
        ("PayloadUUID", uuid.into()),
        ("UserDefinedName", name.into()),
        ("VPNType", kind.into()),
        (kind, Value::dict(keys)),
    ])
}

fn profile(payloads: Vec<Value>) -> String {
    let root = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(payloads)),
    ]);
    to_xml(&root).unwrap().to_string()
}

const FIRST: &str = "9A3C1E50-0000-4000-8000-000000000001";
const SECOND: &str = "9A3C1E50-0000-4000-8000-000000000002";

/// Trusted networks, mobile data, a probe, two resolvers, and everything else host by host.
fn office() -> Value {
    let rules = vec![
        Value::dict([("Action", "Disconnect".into()), ("SSIDMatch", array(["Office", "Office 5G"]))]),
        Value::dict([("Action", "Connect".into()), ("InterfaceTypeMatch", "Cellular".into())]),
        Value::dict([
            ("Action", Value::from("Ignore")),
            ("InterfaceTypeMatch", "WiFi".into()),
            ("URLStringProbe", PROBE.into()),
        ]),
        Value::dict([
            ("Action", Value::from("Disconnect")),
            ("DNSDomainMatch", array(["corp.example.com"])),
            ("DNSServerAddressMatch", array(["10.*"])),
        ]),
        Value::dict([
            ("Action", Value::from("EvaluateConnection")),
            (
                "ActionParameters",
                Value::Array(vec![
                    Value::dict([
                        ("Domains", array(["www.example.com"])),
                        ("DomainAction", "NeverConnect".into()),
                    ]),
                    Value::dict([
                        ("Domains", array(["example.com"])),
                        ("DomainAction", "ConnectIfNeeded".into()),
                        ("RequiredDNSServers", array(["10.0.0.53"])),
                    ]),
                ]),
            ),
        ]),
    ];
    payload(
        "Office",
        FIRST,
        "IKEv2",
        vec![("OnDemandEnabled", 1.into()), ("OnDemandRules", Value::Array(rules))],
    )
}

fn adit(file: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).arg("ondemand").arg(file).args(args).output().unwrap()
}

fn text(file: &Path, args: &[&str]) -> String {
    let output = adit(file, args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(file: &Path, args: &[&str]) -> serde_json::Value {
    let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
    let shown = text(file, &args);
    assert_eq!(shown.lines().count(), 1, "one object in one line: {shown}");
    serde_json::from_str(&shown).unwrap()
}

#[test]
fn each_outcome_with_its_rule() {
    let folder = Folder::new("outcomes");
    let file = folder.file("office.mobileconfig", profile(vec![office()]).as_bytes());
    let (ok, failed) = (format!("{PROBE}=ok"), format!("{PROBE}=fail"));
    let (ok, failed) = (["--ssid", "Cafe", "--probe", &ok], ["--ssid", "Cafe", "--probe", &failed]);
    let rows: Vec<(&[&str], &str, &str, Option<u64>)> = vec![
        (&["--ssid", "Office", "--tunnel", "up"], "disconnect", "stop", Some(0)),
        (&["--interface", "wifi", "--ssid", "Office 5G"], "disconnect", "none", Some(0)),
        (&["--interface", "cellular"], "connect", "start", Some(1)),
        (&["--interface", "cellular", "--tunnel", "up"], "connect", "none", Some(1)),
        (&["--ssid", "office"], "needs", "unknown", Some(2)),
        (&ok, "ignore", "none", Some(2)),
        (
            &["--interface", "ethernet", "--dns-domain", "x.corp.example.com", "--dns-server", "10.1.1.1"],
            "disconnect",
            "none",
            Some(3),
        ),
        (&failed, "evaluate", "none", Some(4)),
        (&["--interface", "other", "--user-override"], "off", "none", None),
    ];
    for (args, kind, change, rule) in rows {
        let said = json(&file, args);
        assert_eq!(said["version"], 1);
        assert_eq!(said["payload"]["uuid"], FIRST);
        let decision = &said["decision"];
        assert_eq!(decision["outcome"]["kind"], kind, "{args:?}: {decision}");
        assert_eq!(decision["change"], change, "{args:?}");
        assert_eq!(decision["rule"].as_u64(), rule, "{args:?}");
    }
}

#[test]
fn each_connection_is_looked_at() {
    let folder = Folder::new("hosts");
    let file = folder.file("office.mobileconfig", profile(vec![office()]).as_bytes());
    let rows: [(&[&str], &str); 7] = [
        (&[], "no-host"),
        (&["--host", "www.example.com"], "never-connect"),
        (&["--host", "example.org"], "no-domain-matched"),
        (&["--host", "intranet.example.com"], "needs"),
        (&["--host", "intranet.example.com", "--required-dns", "silent"], "connect"),
        (&["--host", "intranet.example.com", "--required-dns", "answer", "--resolves", "no"], "connect"),
        (&["--host", "intranet.example.com", "--required-dns", "answer", "--resolves", "yes"], "not-needed"),
    ];
    for (args, verdict) in rows {
        let args: Vec<&str> = ["--interface", "ethernet"].into_iter().chain(args.iter().copied()).collect();
        let said = json(&file, &args);
        assert_eq!(said["decision"]["outcome"]["verdict"]["kind"], verdict, "{args:?}");
    }
}

#[test]
fn the_text_says_which_rule_decides_and_why_the_others_do_not() {
    let folder = Folder::new("text");
    let file = folder.file("office.mobileconfig", profile(vec![office()]).as_bytes());
    let shown = text(&file, &["--interface", "cellular"]);
    assert_eq!(
        shown,
        "Connect: rule 2 decides, the next connection starts the tunnel.\n\n\
         Office (IKEv2, PayloadContent[0]), 5 rules, of which the first that matches decides\n    \
         1  Disconnect          does not match\n         \
         SSIDMatch              no   the interface is cellular, which has no SSID; the rule asks for \"Office\" or \
         \"Office 5G\"\n    \
         2  Connect             matches and decides\n         \
         InterfaceTypeMatch     yes  the interface is cellular\n    \
         3  Ignore              is not reached\n    \
         4  Disconnect          is not reached\n    \
         5  EvaluateConnection  is not reached\n"
    );
    let missing = text(&file, &["--ssid", "Cafe"]);
    assert!(missing.starts_with("Not decided: rule 3 decides, if https://probe.example.com/"), "{missing}");
    assert!(missing.contains("--probe 'https://probe.example.com/=ok'"), "{missing}");
    let host = text(&file, &["--interface", "other", "--host", "a.example.com", "--required-dns", "silent"]);
    assert!(host.contains("the required DNS servers do not answer: the tunnel is started"), "{host}");
    assert!(host.contains("ActionParameters[1] ConnectIfNeeded: listed as \"example.com\""), "{host}");
    assert!(!host.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn the_api_asks_more_of_servers_and_search_domains() {
    let folder = Folder::new("api");
    let file = folder.file("office.mobileconfig", profile(vec![office()]).as_bytes());
    let kind = |args: &[&str]| {
        let all: Vec<&str> = ["--interface", "ethernet"].into_iter().chain(args.iter().copied()).collect();
        json(&file, &all)["decision"]["outcome"]["kind"].as_str().unwrap().to_owned()
    };
    let mixed = ["--dns-domain", "corp.example.com", "--dns-server", "10.1.1.1", "--dns-server", "8.8.8.8"];
    assert_eq!(kind(&mixed), "disconnect");
    assert_eq!(kind(&[&mixed[..], &["--api"]].concat()), "evaluate");
    let below = ["--dns-domain", "x.corp.example.com", "--dns-server", "10.1.1.1"];
    assert_eq!(kind(&below), "disconnect");
    assert_eq!(kind(&[&below[..], &["--api"]].concat()), "evaluate");
    let all =
        ["--dns-domain", "corp.example.com", "--dns-server", "10.1.1.1", "--dns-server", "10.2.2.2", "--api"];
    assert_eq!(kind(&all), "disconnect");
}

#[test]
fn the_user_cannot_override_where_the_profile_says_so() {
    let folder = Folder::new("override");
    let rule = || ("OnDemandRules", Value::Array(vec![Value::dict([("Action", Value::from("Connect"))])]));
    let keys = |disabled: i64| {
        vec![("OnDemandEnabled", 1.into()), ("OnDemandUserOverrideDisabled", disabled.into()), rule()]
    };
    for (disabled, kind) in [(0, "off"), (1, "connect")] {
        let bytes = profile(vec![payload("Office", FIRST, "IKEv2", keys(disabled))]);
        let file = folder.file("x.mobileconfig", bytes.as_bytes());
        let said = json(&file, &["--interface", "cellular", "--user-override"]);
        assert_eq!(said["decision"]["outcome"]["kind"], kind);
    }
    let file =
        folder.file("x.mobileconfig", profile(vec![payload("Off", FIRST, "VPN", vec![rule()])]).as_bytes());
    let said = json(&file, &["--interface", "cellular"]);
    assert_eq!(said["decision"]["outcome"]["reason"], "not-enabled");
}

#[test]
fn a_payload_is_chosen_by_place_or_uuid() {
    let folder = Folder::new("payload");
    let connect = Value::Array(vec![Value::dict([("Action", Value::from("Connect"))])]);
    let lab = payload("Lab", SECOND, "VPN", vec![("OnDemandEnabled", 1.into()), ("OnDemandRules", connect)]);
    let wifi = Value::dict([("PayloadType", Value::from("com.apple.wifi.managed"))]);
    let file = folder.file("two.mobileconfig", profile(vec![office(), wifi, lab]).as_bytes());
    for choice in ["2", SECOND, &SECOND.to_lowercase()] {
        let said = json(&file, &["--ssid", "Office", "--payload", choice]);
        assert_eq!(said["payload"]["name"], "Lab");
        assert_eq!(said["decision"]["outcome"]["kind"], "connect");
    }
    let several = adit(&file, &["--ssid", "Office"]);
    let message = String::from_utf8(several.stderr).unwrap();
    assert_eq!(several.status.code(), Some(2), "{message}");
    for part in ["--payload", FIRST, SECOND, "Lab (VPN, PayloadContent[2])"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for (choice, part) in [
        ("1", "is no VPN but com.apple.wifi.managed"),
        ("7", "no such payload"),
        ("nonsense", "no such payload"),
        ("-1", "counted from 0"),
        ("", "PayloadUUID"),
    ] {
        let output = adit(&file, &["--ssid", "Office", &format!("--payload={choice}")]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{choice}: {message}");
        assert!(message.contains(part), "{choice}: {message}");
    }
}

#[test]
fn connect_takes_the_same_choice() {
    let folder = Folder::new("connect");
    let lab = payload("Lab", SECOND, "VPN", Vec::new());
    let file = folder.file("two.mobileconfig", profile(vec![office(), lab]).as_bytes());
    let connect = |choice: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_adit"))
            .args(["connect", "--payload", choice])
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    // Neither makes a tunnel, each for a reason of its own.
    assert!(connect("0").contains("RemoteAddress"), "{}", connect("0"));
    assert!(!connect("0").contains("VPNs of type VPN"), "{}", connect("0"));
    assert!(connect(SECOND).contains("VPNs of type VPN"), "{}", connect(SECOND));
    assert!(connect("5").contains("no such VPN payload"), "{}", connect("5"));
}

#[test]
fn wrong_usage_ends_with_two() {
    let folder = Folder::new("usage");
    let file = folder.file("office.mobileconfig", profile(vec![office()]).as_bytes());
    let rows: [(&[&str], &str); 19] = [
        (&[], "--interface"),
        (&["--interface", "bluetooth"], "wifi"),
        (&["--interface", "cellular", "--ssid", "x"], "--ssid goes with"),
        (&["--ssid", "x", "--resolves", "no"], "--host"),
        (&["--ssid", "x", "--required-dns", "silent"], "--host"),
        (&["--ssid", "x", "--host", "a.example", "--resolves", "perhaps"], "yes"),
        (&["--ssid", "x", "--host", "https://a.example/"], "host name"),
        (&["--ssid", "x", "--host", "a.example:443"], "host name"),
        (&["--ssid", "x", "--host", ""], "host name"),
        (&["--ssid", "x", "--dns-server", "17.*"], "IP address"),
        (&["--ssid", "x", "--dns-server", "dns.example"], "IP address"),
        (&["--ssid", "x", "--dns-domain", "*.example.com"], "wildcard"),
        (&["--ssid", "x", "--dns-domain", "a b"], "domain name"),
        (&["--ssid", "x", "--probe", "https://a.example/"], "=ok"),
        (&["--ssid", "x", "--probe", "=ok"], "URL"),
        (&["--ssid", "x", "--probe", "https://a/=ok", "--probe", "https://a/=fail"], "two answers"),
        (&["--ssid", "x", "--tunnel", "sideways"], "up"),
        (&["--ssid", "x", "--ssid", "y"], "--ssid"),
        (&["--ssid", "x", "another-file"], "another-file"),
    ];
    for (args, part) in rows {
        let output = adit(&file, args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(part), "{args:?}: {message}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    for unreadable in [folder.0.join("missing.mobileconfig"), folder.0.clone()] {
        let output = adit(&unreadable, &["--ssid", "x"]);
        assert_eq!(output.status.code(), Some(2), "{unreadable:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read"));
    }
}

#[test]
fn errors_in_the_profile_end_with_one() {
    let folder = Folder::new("errors");
    let rules = |rule: Value| {
        let keys = vec![("OnDemandEnabled", 1.into()), ("OnDemandRules", Value::Array(vec![rule]))];
        profile(vec![payload("Office", FIRST, "IKEv2", keys)])
    };
    let rows = [
        (rules(Value::dict([("Action", Value::from("connect"))])), "value.case"),
        (
            rules(Value::dict([("Action", Value::from("EvaluateConnection"))])),
            "ondemand.evaluate-needs-params",
        ),
        (rules("Connect".into()), "OnDemandRules[0]"),
        (profile(vec![payload("Old", FIRST, "L2TP", Vec::new())]), "L2TP has no on-demand rules"),
        (profile(Vec::new()), "holds no VPN"),
        ("<plist><dict><key>a</key></dict>".to_owned(), "container."),
        ("no profile at all".to_owned(), "container.unknown-format"),
        (String::new(), "empty"),
    ];
    for (bytes, part) in rows {
        let file = folder.file("x.mobileconfig", bytes.as_bytes());
        let output = adit(&file, &["--ssid", "Cafe"]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{part}: {message}");
        assert!(message.contains(part), "{part}: {message}");
        let output = adit(&file, &["--ssid", "Cafe", "--json"]);
        assert_eq!(output.status.code(), Some(1), "{part}");
    }
    let file = folder.file("x.mobileconfig", rules("Connect".into()).as_bytes());
    let output = adit(&file, &["--ssid", "Cafe", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["decision"], serde_json::Value::Null);
    assert_eq!(said["errors"][0]["code"], "type.mismatch");
    assert!(said["errors"][0]["byte_start"].as_u64().unwrap() > 0);
}

#[test]
fn what_looks_like_a_mistake_is_told() {
    let folder = Folder::new("warnings");
    let file = folder.file("office.mobileconfig", profile(vec![office()]).as_bytes());
    let output = adit(&file, &["--ssid", "Cafe", "--probe", "https://prob.example.com/=ok"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no rule probes https://prob.example.com/"));
    let misspelt = Value::dict([("Action", Value::from("Connect")), ("SSIDmatch", array(["Office"]))]);
    let keys = vec![("OnDemandEnabled", 1.into()), ("OnDemandRules", Value::Array(vec![misspelt]))];
    let file =
        folder.file("x.mobileconfig", profile(vec![payload("Office", FIRST, "IKEv2", keys)]).as_bytes());
    assert!(text(&file, &["--ssid", "Cafe"]).contains("SSIDmatch"));
    assert_eq!(json(&file, &["--ssid", "Cafe"])["warnings"][0]["code"], "key.unknown");
}

#[test]
fn hostile_names_do_no_harm_to_a_terminal() {
    let folder = Folder::new("names");
    // XML cannot hold an escape character, but it can hold one that turns the text around, and very long names.
    let evil = format!("Of\u{202e}fice{}", "x".repeat(5000));
    let rule = Value::dict([
        ("Action", Value::from("Connect")),
        ("SSIDMatch", Value::Array(vec![evil.as_str().into()])),
    ]);
    let keys = vec![("OnDemandEnabled", 1.into()), ("OnDemandRules", Value::Array(vec![rule]))];
    let file = folder.file("x.mobileconfig", profile(vec![payload(&evil, FIRST, "IKEv2", keys)]).as_bytes());
    let shown = text(&file, &["--ssid", "\u{1b}[31mCafe"]);
    assert!(!shown.contains(['\u{1b}', '\u{202e}']) && shown.len() < 2000, "{shown:?}");
}

#[test]
fn standard_input_is_read() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["ondemand", "-", "--interface", "cellular"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(profile(vec![office()]).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("Connect: rule 2 decides"));
}
