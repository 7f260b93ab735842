//! `adit explain`: profiles in plain words, the pages of rules, wrong input.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn adit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).arg("explain").args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn file(name: &str, text: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("explain");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const PSK: &str = include_str!("../../core/profile/tests/rules/bases/ikev2-psk.mobileconfig");

#[test]
fn a_profile_is_told_in_words_without_its_secrets() {
    let path = file("psk.mobileconfig", PSK);
    let output = adit(&[&path]);
    let text = out(&output);
    assert!(output.status.success(), "{text}");
    for part in [
        "\"Example VPN\" is an IKEv2 VPN",
        "one shared secret",
        "ENCR_AES_GCM_16 with 256 bits, PRF_HMAC_SHA2_256, group 19 (P-256)",
        "Child SA (ESP), proposal: ENCR_AES_GCM_16 with 256 bits, no ESN.",
        "EnablePFS is not 1",
        "it never connects by itself",
        "before 480",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains("rW7-fpQz4kLm2vXy9sTb6nHc"), "{text}");
}

#[test]
fn json_holds_the_transforms_and_defaults_follow_the_target() {
    let start = PSK.find("\t\t\t\t<key>IKESecurityAssociationParameters").unwrap();
    let end = PSK.rfind("\t\t\t</dict>\n\t\t</dict>").unwrap();
    let empty = "<key>IKESecurityAssociationParameters</key><dict><key>PostQuantumKeyExchangeMethods</key><array>\
                 <integer>36</integer></array></dict>";
    let text = format!("{}{empty}{}", &PSK[..start], &PSK[end..]);
    let path = file("defaults.mobileconfig", &text);
    let ids = |args: &[&str]| -> Vec<(u64, u64)> {
        let report: Value = serde_json::from_slice(&adit(args).stdout).unwrap();
        let transforms =
            report["vpns"][0]["proposals"][0]["ike"][0]["transforms"].as_array().unwrap().clone();
        transforms.iter().map(|one| (one["type"].as_u64().unwrap(), one["id"].as_u64().unwrap())).collect()
    };
    assert_eq!(ids(&["--json", &path]), [(1, 12), (2, 5), (3, 12), (4, 14), (6, 36)]);
    assert_eq!(ids(&["--json", "--target", "tvos-26.0", &path]), [(1, 20), (2, 5), (4, 14), (6, 36)]);
    let without = format!("{}{}", &PSK[..start], &PSK[end..]);
    let observed = out(&adit(&[&file("observed.mobileconfig", &without)]));
    assert!(observed.contains("was observed to send") && observed.contains("proposal 4"), "{observed}");
}

#[test]
fn the_json_is_what_its_description_says_and_nothing_more() {
    fn members(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                found.insert(key.clone());
                members(value, found);
            }),
            Value::Array(items) => items.iter().for_each(|item| members(item, found)),
            _ => {}
        }
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/profile/tests/rules/bases");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/../wasm/www/src/samples/on-demand.mobileconfig").into());
    let probe = "<key>OnDemandEnabled</key><integer>1</integer><key>OnDemandRules</key><array><dict><key>Action</key>\
                 <string>Ignore</string><key>DNSServerAddressMatch</key><array><string>10.0.0.1</string></array>\
                 <key>URLStringProbe</key><string>https://user:s3cr3t@probe.example.com/</string></dict></array>\
                 <key>RemoteAddress</key>";
    files.push(file("probe.mobileconfig", &PSK.replace("<key>RemoteAddress</key>", probe)).into());
    let mut found = BTreeSet::new();
    for path in &files {
        let output = adit(&["--json", "--target", "ios-26.1", path.to_str().unwrap()]);
        let Ok(report) = serde_json::from_slice(&output.stdout) else {
            assert_eq!(output.status.code(), Some(1), "{path:?}");
            continue;
        };
        members(&report, &mut found);
        let text = out(&output);
        assert!(!text.contains("s3cr3t") && !text.contains("rW7-fpQz4kLm2vXy9sTb6nHc"), "{path:?}");
    }
    let page = include_str!("../../docs/explain-json.md");
    let unnamed: Vec<_> = found.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    // Of the targets the page of `adit validate` tells.
    let targets = ["platform", "supervised", "user_enrollment"];
    assert!(unnamed.iter().all(|name| targets.contains(&name.as_str())), "{unnamed:?}");
    // The members that the tables begin with are there.
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let told: Vec<&str> =
        rows.flat_map(|names| names.split(", ")).map(|name| name.trim_matches('`')).collect();
    let missing: Vec<_> = told.iter().filter(|name| !found.contains(**name)).collect();
    assert!(missing.is_empty() && told.len() > 20, "{missing:?} of {told:?}");
    // The pages of rules have these.
    let rule: Value = serde_json::from_slice(&adit(&["--rule", "sa.weak-dh", "--json"]).stdout).unwrap();
    let mut found = BTreeSet::new();
    members(&rule, &mut found);
    assert!(found.len() == 7 && found.iter().all(|name| page.contains(&format!("`{name}`"))), "{found:?}");
}

#[test]
fn on_demand_rules_are_told_in_order() {
    let rules = "<key>OnDemandEnabled</key><integer>1</integer><key>OnDemandRules</key><array>\
                 <dict><key>Action</key><string>Disconnect</string><key>SSIDMatch</key><array><string>Home</string></array></dict>\
                 <dict><key>Action</key><string>EvaluateConnection</string><key>ActionParameters</key><array><dict>\
                 <key>Domains</key><array><string>corp.example</string></array><key>DomainAction</key>\
                 <string>ConnectIfNeeded</string></dict></array></dict></array><key>RemoteAddress</key>";
    let text = out(&adit(&[&file("ondemand.mobileconfig", &PSK.replace("<key>RemoteAddress</key>", rules))]));
    assert!(text.contains("1. In the Wi-Fi network \"Home\": it disconnects"), "{text}");
    assert!(text.contains("2. Everywhere: it looks at each connection"), "{text}");
}

#[test]
fn templates_are_explained_as_such_and_filled_in() {
    let jinja = PSK.replace("<string>vpn.example.com</string>", "<string>{{ server }}</string>");
    let jinja = jinja.replace("<key>LocalIdentifier</key>", "{% if client %}\n<key>LocalIdentifier</key>");
    let jinja =
        jinja.replace("<key>AuthenticationMethod</key>", "{% endif %}\n<key>AuthenticationMethod</key>");
    let path = file("template.j2", &jinja);
    assert_eq!(adit(&[&path]).status.code(), Some(1), "a template is no profile");
    let text = out(&adit(&["--template", &path]));
    assert!(text.contains("one shared secret") && !text.contains("The server is"), "{text}");
    let text = out(&adit(&["--set", "server=gw.example.com", &path]));
    assert!(text.contains("The server is \"gw.example.com\"."), "{text}");
    assert_eq!(adit(&["--set", "server", &path]).status.code(), Some(2));
    let shown = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["show", "--set", "server=gw.example.com", &path])
        .output()
        .unwrap();
    let shown = out(&shown);
    assert!(shown.contains("<string>gw.example.com</string>") && shown.contains("********"), "{shown}");
    assert!(!shown.contains("rW7-fpQz4kLm2vXy9sTb6nHc"), "{shown}");
}

#[test]
fn the_pages_of_rules_are_printed() {
    let output = adit(&["--rule", "vpn.name-missing"]);
    let text = out(&output);
    assert!(output.status.success() && text.contains("Why: ") && text.contains("Source: "), "{text}");
    let wrong = adit(&["--rule", "weak-dh"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean sa.weak-dh?"));
}

#[test]
fn wrong_input_is_told() {
    assert_eq!(adit(&["missing.mobileconfig"]).status.code(), Some(2));
    assert_eq!(adit(&[]).status.code(), Some(2));
    assert_eq!(adit(&[&file("broken.mobileconfig", "hello")]).status.code(), Some(1));
    let none = PSK.replace("com.apple.vpn.managed", "com.apple.wifi.managed");
    assert_eq!(adit(&[&file("none.mobileconfig", &none)]).status.code(), Some(1));
    let path = file("psk2.mobileconfig", PSK);
    assert_eq!(adit(&["--payload", "7", &path]).status.code(), Some(2));
}

#[test]
fn every_corpus_profile_is_explained_or_refused_with_a_reason() {
    let shared = std::env::var_os("ADIT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
    let Ok(entries) = fs::read_dir(shared.join("corpus/profiles")) else {
        println!("LEFT OUT: explain corpus: {} is not there", shared.display());
        return;
    };
    let mut explained = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let output = adit(&["--json", path.to_str().unwrap()]);
        match output.status.code() {
            Some(0) => {
                let report: Value = serde_json::from_slice(&output.stdout).unwrap();
                for vpn in report["vpns"].as_array().unwrap() {
                    assert!(!vpn["parts"].as_array().unwrap().is_empty(), "{path:?}");
                }
                explained += 1;
            }
            Some(1) => assert!(!output.stderr.is_empty(), "{path:?}"),
            other => panic!("{path:?}: {other:?}"),
        }
    }
    assert!(explained >= 20, "{explained}");
}
