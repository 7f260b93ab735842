//! The demo, as a newcomer runs it.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::process::Command;

use serde_json::Value;

#[test]
fn demo_verifies_data_and_rekeys_without_a_lost_packet() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_adit")).args(["demo", "--mib", "24", "--json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(members(&report), MEMBERS, "{report}");
    assert_eq!(report["profile"], "accepted");
    assert_eq!(report["bytes"], 24 << 20);
    assert_eq!(report["sha256_match"], true);
    assert_eq!(report["packets_lost"], 0, "{report}");
    assert_eq!(report["packets_sent"], report["packets_received"]);
    assert!(report["packets_sent"].as_u64().unwrap() > 24 << 20 >> 11, "{report}");
    assert!(report["rekeys_child"].as_u64().unwrap() >= 1);
    assert!(report["rekeys_ike"].as_u64().unwrap() >= 1);
    assert!(report["peak_rss_bytes"].as_u64().unwrap() < 64 << 20, "{report}");
    assert!(report["ike_suite"].as_str().unwrap().contains("AES-GCM-16-256"));
    assert!(report["handshake_ms"].as_f64().unwrap() > 0.0);
}

/// The members of the object that `adit demo --json` ends with; "error" joins them if it failed.
const MEMBERS: [&str; 16] = [
    "bytes",
    "esp_suite",
    "gbit_per_s",
    "handshake_ms",
    "ike_suite",
    "inner_addresses",
    "ok",
    "packets_lost",
    "packets_received",
    "packets_sent",
    "peak_rss_bytes",
    "ping_ms",
    "profile",
    "rekeys_child",
    "rekeys_ike",
    "sha256_match",
];

fn members(report: &Value) -> Vec<&str> {
    let mut names: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_demo_that_cannot_run_ends_with_an_object_too() {
    // Without descriptors for sockets it fails, sooner or later depending on how many there are.
    let mut failures = 0;
    for limit in [6, 9, 12, 15] {
        let script = format!("ulimit -n {limit}; exec \"$0\" demo --mib 1 --json");
        let output = Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_adit")]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        if report["ok"] == true {
            continue;
        }
        failures += 1;
        assert_eq!(output.status.code(), Some(1), "{limit}: {report}");
        assert!(!report["error"].as_str().unwrap().is_empty(), "{limit}: {report}");
        assert!(!output.stderr.is_empty(), "{limit}");
        let mut names = members(&report);
        names.retain(|name| *name != "error");
        assert_eq!(names, MEMBERS, "{limit}: {report}");
        assert_eq!(report["profile"], "accepted", "{limit}: {report}");
        assert!(report["bytes"].is_null() && report["packets_lost"].is_null(), "{limit}: {report}");
    }
    assert!(failures > 0, "no limit was low enough");
}

#[test]
fn demo_shows_messages_in_words_and_no_secret() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_adit")).args(["demo", "--mib", "1", "-v"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("IKE_SA_INIT"), "{text}");
    assert!(text.contains("verified"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn demo_tells_a_person_what_it_does() {
    let output = Command::new(env!("CARGO_BIN_EXE_adit")).args(["demo", "--mib", "6"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let line = |beginning: &str| {
        let found = text.lines().find(|line| line.trim_start().starts_with(beginning));
        found.unwrap_or_else(|| panic!("no line {beginning:?} in:\n{text}"))
    };
    // The verdict on the profile, each exchange with its time, what was negotiated and assigned.
    assert!(line("profile:").contains("accepted"));
    let exchanges = [
        "IKE_SA_INIT key exchange",
        "IKE_AUTH",
        "CREATE_CHILD_SA rekey Child SA",
        "CREATE_CHILD_SA rekey IKE SA",
    ];
    for exchange in exchanges {
        assert!(line(exchange).ends_with(" ms)"), "{exchange}: {text}");
    }
    assert!(line("IKE SA ").contains("AES-GCM-16-256, PRF HMAC-SHA2-256"), "{text}");
    assert!(line("Child SA:").contains("AES-GCM-16-256"), "{text}");
    assert!(line("inner addresses").contains("/32") && line("inner addresses").contains("/128"), "{text}");
    // What was measured.
    assert!(line("verified: 6 MiB").contains("SHA-256 as sent"), "{text}");
    assert!(line("throughput").contains("Gbit/s") && line("handshake").contains(" ms"), "{text}");
    assert!(line("ping").contains("median of 5"), "{text}");
    assert!(line("packets").ends_with(" 0 lost"), "{text}");
    assert!(line("peak memory").contains("MiB"), "{text}");
}

#[test]
fn wrong_usage_ends_with_two() {
    for args in
        [&["demo", "--mib", "0"][..], &["connect"], &["connect", "/nonexistent.mobileconfig"], &["nonsense"]]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_adit")).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}
