//! What the rules say of certificate payloads beyond their fixtures: every encryption, severities by target, placeholders,
//! references from tunnels of each kind, and hostile files that ask for work.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/busy.rs"]
mod busy;

use std::fs;
use std::time::Duration;

use adit_profile::build::{Value, to_xml};
use adit_profile::rules::Options;
use adit_profile::{Diagnostic, Limits, check_with};
use busy::Busy;

const IDENTITY: &str = "AAAAAAAA-2222-4333-8444-555555555555";

fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/pkcs12/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn certificate(kind: &str, content: impl Into<Value>, password: Option<&str>) -> Value {
    let mut entries = vec![
        ("PayloadType".to_owned(), Value::from(format!("com.apple.security.{kind}"))),
        ("PayloadUUID".to_owned(), IDENTITY.into()),
        ("PayloadIdentifier".to_owned(), "com.example.identity".into()),
        ("PayloadVersion".to_owned(), 1.into()),
        ("PayloadContent".to_owned(), content.into()),
    ];
    if let Some(password) = password {
        entries.push(("Password".to_owned(), password.into()));
    }
    Value::Dict(entries)
}

fn profile(payloads: Vec<Value>) -> String {
    let root = Value::dict([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadUUID", "99999999-2222-4333-8444-555555555555".into()),
        ("PayloadIdentifier", "com.example".into()),
        ("PayloadContent", Value::Array(payloads)),
    ]);
    to_xml(&root).unwrap().to_string()
}

/// The codes of some families with their severities: `error cert.p12-password`.
fn said(text: &str, families: &[&str], options: &Options) -> Vec<String> {
    let report = check_with(text.as_bytes(), &Limits::default(), options);
    let wanted = |found: &&Diagnostic| families.iter().any(|family| found.code.as_str().starts_with(family));
    let mut said: Vec<String> = report
        .diagnostics
        .iter()
        .filter(wanted)
        .map(|found| {
            assert!(!format!("{found:?}").contains("s3cr3t"), "{found:?}");
            format!("{} {}", found.severity, found.code)
        })
        .collect();
    said.sort();
    said
}

fn of(payload: Value) -> Vec<String> {
    said(&profile(vec![payload]), &["cert."], &Options::default())
}

fn targets(names: &[&str]) -> Options {
    Options { targets: names.iter().map(|name| name.parse().unwrap()).collect(), ..Options::default() }
}

#[test]
fn each_pkcs12_file_is_judged_by_what_is_in_it() {
    let cases: [(&str, Option<&str>, &[&str]); 14] = [
        ("pbe-3des", Some("secret"), &[]),
        ("legacy-rc2-40", Some("secret"), &[]),
        ("pbe-2des-rc2-128", Some("secret"), &[]),
        ("modern-p256", Some("secret"), &["warning cert.p12-modern-encryption"]),
        ("pbmac1", Some("secret"), &["warning cert.p12-modern-encryption"]),
        ("no-mac", Some("secret"), &["warning cert.p12-modern-encryption"]),
        ("pbe-3des", Some("s3cr3t"), &["error cert.p12-password"]),
        ("modern-p256", Some("s3cr3t"), &["error cert.p12-password", "warning cert.p12-modern-encryption"]),
        ("pbe-3des", None, &["notice cert.p12-no-password"]),
        ("pbe-3des", Some(""), &["notice cert.p12-no-password"]),
        // A device may know RC4; this crate does not.
        ("pbe-rc4", Some("secret"), &["notice cert.p12-unreadable"]),
        ("no-key", Some("secret"), &["error cert.p12-no-key", "warning cert.p12-modern-encryption"]),
        (
            "no-certificate",
            Some("secret"),
            &["error cert.p12-unreadable", "warning cert.p12-modern-encryption"],
        ),
        // The password is a template's: what is inside cannot be known, the outer form can.
        ("modern-p256", Some("${PASSWORD}"), &["warning cert.p12-modern-encryption"]),
    ];
    for (name, password, expected) in cases {
        let found = of(certificate("pkcs12", file(&format!("{name}.p12")), password));
        assert_eq!(found, expected, "{name} {password:?}");
    }
    assert_eq!(of(certificate("pkcs12", file("ca.der"), Some("secret"))), ["error cert.p12-unreadable"]);
    assert_eq!(of(certificate("pkcs12", file("ca.der"), Some("${X}"))), ["error cert.p12-unreadable"]);
    assert_eq!(of(certificate("pkcs12", "${FILE}", Some("secret"))), [] as [&str; 0]);
}

#[test]
fn modern_encryption_matters_to_systems_before_26() {
    let text = profile(vec![certificate("pkcs12", file("modern-p256.p12"), Some("secret"))]);
    let severity = |names: &[&str]| said(&text, &["cert."], &targets(names));
    for old in [&["ios-25.9"][..], &["macos-15.0"], &["ios-26.1", "macos-15.0"], &["tvos-18"]] {
        assert_eq!(severity(old), ["error cert.p12-modern-encryption"], "{old:?}");
    }
    for new in [&[][..], &["ios-26.0"], &["macos-27.0", "ios-26.1"]] {
        assert_eq!(severity(new), ["warning cert.p12-modern-encryption"], "{new:?}");
    }
}

#[test]
fn a_missing_file_is_told_by_the_rule_of_its_payload() {
    let without = |kind: &str| {
        let Value::Dict(mut entries) = certificate(kind, "x", None) else { panic!() };
        entries.retain(|(key, _)| key != "PayloadContent");
        of(Value::Dict(entries))
    };
    assert_eq!(without("pkcs12"), ["error cert.p12-unreadable"]);
    for kind in ["root", "pkcs1", "pem"] {
        assert_eq!(without(kind), ["error cert.unreadable"], "{kind}");
    }
}

#[test]
fn certificates_are_judged_by_the_payload_they_stand_in() {
    let none: [&str; 0] = [];
    assert_eq!(of(certificate("root", file("ca.der"), None)), none);
    assert_eq!(of(certificate("root", file("int.der"), None)), ["notice cert.not-ca"]);
    assert_eq!(of(certificate("pkcs1", file("int.der"), None)), none);
    assert_eq!(of(certificate("pkcs1", file("rsa.der"), None)), none);
    // Leaves of version 1 that another one issued.
    assert_eq!(of(certificate("root", file("rsa.der"), None)), ["warning cert.not-ca"]);
    assert_eq!(of(certificate("pem", file("ca.der"), None)), ["warning cert.der-pem-mixup"]);
    assert_eq!(of(certificate("pkcs1", file("sha1.der"), None)), ["warning cert.weak-key"]);
    let mut cut = file("ca.der");
    cut.truncate(200);
    assert_eq!(of(certificate("root", cut, None)), ["error cert.unreadable"]);
}

#[test]
fn without_a_time_of_checking_nothing_is_said_of_validity() {
    let text = profile(vec![certificate("root", file("ca.der"), None)]);
    let at = |time: &str| Options { at: Some(time.parse().unwrap()), ..Options::default() };
    let none: [&str; 0] = [];
    assert_eq!(said(&text, &["cert."], &Options::default()), none);
    assert_eq!(said(&text, &["cert."], &at("2000-01-01")), ["warning cert.not-yet-valid"]);
    assert_eq!(said(&text, &["cert."], &at("2030-01-01")), none);
    assert_eq!(said(&text, &["cert."], &at("3000-01-01")), ["warning cert.expired"]);
}

#[test]
fn an_identity_is_looked_into_for_its_chain_too() {
    let text = profile(vec![certificate("pkcs12", file("legacy-rc2-40.p12"), Some("secret"))]);
    let options = Options { at: Some("3000-01-01".parse().unwrap()), ..Options::default() };
    let report = check_with(text.as_bytes(), &Limits::default(), &options);
    let found = report.diagnostics.iter().find(|found| found.code.as_str() == "cert.expired").unwrap();
    // The leaf, the intermediate and the root, in one sentence.
    assert_eq!(found.message.matches("expired on").count(), 3, "{}", found.message);
}

/// An IKEv2 payload that authenticates by certificate.
fn tunnel(certificate_type: Option<&str>, more: &[(&str, Value)]) -> Value {
    let mut ikev2 = vec![
        ("RemoteAddress".to_owned(), Value::from("vpn.example.com")),
        ("RemoteIdentifier".to_owned(), "vpn.example.com".into()),
        ("LocalIdentifier".to_owned(), "p256".into()),
        ("AuthenticationMethod".to_owned(), "Certificate".into()),
        ("PayloadCertificateUUID".to_owned(), IDENTITY.to_ascii_lowercase().into()),
    ];
    ikev2.extend(certificate_type.map(|word| ("CertificateType".to_owned(), word.into())));
    ikev2.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    Value::dict([
        ("PayloadType", "com.apple.vpn.managed".into()),
        ("PayloadUUID", "11111111-2222-4333-8444-555555555555".into()),
        ("PayloadIdentifier", "com.example.vpn".into()),
        ("PayloadVersion", 1.into()),
        ("UserDefinedName", "Example".into()),
        ("VPNType", "IKEv2".into()),
        ("IKEv2", Value::Dict(ikev2)),
    ])
}

const IDENTITY_RULES: [&str; 3] =
    ["ikev2.certtype-mismatch", "ikev2.certtype-default-rsa", "ikev2.local-id-vs-cert"];

#[test]
fn the_type_is_compared_with_the_key_wherever_it_comes_from() {
    let p12 = |name: &str| certificate("pkcs12", file(&format!("{name}.p12")), Some("secret"));
    let scep = || certificate("scep", Value::dict([("URL", "https://scep.example.com".into())]), None);
    let acme = |kind: &str, size: i64| {
        let Value::Dict(mut entries) = certificate("acme", "", None) else { panic!() };
        entries.retain(|(key, _)| key != "PayloadContent");
        entries.push(("KeyType".to_owned(), kind.into()));
        entries.push(("KeySize".to_owned(), size.into()));
        Value::Dict(entries)
    };
    let cases: [(Value, Option<&str>, &[&str]); 17] = [
        (p12("pbe-3des"), Some("ECDSA256"), &[]),
        (p12("pbe-3des"), Some("ECDSA384"), &["error ikev2.certtype-mismatch"]),
        (p12("pbe-3des"), Some("RSA"), &["error ikev2.certtype-mismatch"]),
        (p12("pbe-3des"), None, &["warning ikev2.certtype-default-rsa"]),
        (p12("modern-p384"), Some("ECDSA384"), &["notice ikev2.local-id-vs-cert"]),
        (p12("modern-rsa"), Some("RSA-PSS"), &["notice ikev2.local-id-vs-cert"]),
        (p12("modern-rsa"), None, &["notice ikev2.local-id-vs-cert"]),
        (
            p12("modern-ed25519"),
            Some("RSA"),
            &["error ikev2.certtype-mismatch", "notice ikev2.local-id-vs-cert"],
        ),
        (certificate("pkcs12", file("pbe-3des.p12"), Some("wrong")), Some("RSA"), &[]),
        (scep(), None, &[]),
        (scep(), Some("RSA"), &[]),
        (scep(), Some("ECDSA256"), &["error ikev2.certtype-mismatch"]),
        (acme("RSA", 2048), Some("RSA"), &[]),
        (acme("RSA", 2048), Some("ECDSA521"), &["error ikev2.certtype-mismatch"]),
        (acme("ECSECPrimeRandom", 521), Some("ECDSA521"), &[]),
        (acme("ECSECPrimeRandom", 384), None, &["warning ikev2.certtype-default-rsa"]),
        // A size that is no curve is told by acme.keysize.
        (acme("ECSECPrimeRandom", 512), Some("RSA"), &[]),
    ];
    for (identity, word, expected) in cases {
        let text = profile(vec![identity, tunnel(word, &[])]);
        assert_eq!(said(&text, &IDENTITY_RULES, &Options::default()), expected, "{word:?}");
    }
    let eap = tunnel(Some("RSA"), &[("ExtendedAuthEnabled", 1.into())]);
    let text = profile(vec![p12("pbe-3des"), eap]);
    assert_eq!(said(&text, &IDENTITY_RULES, &Options::default()), [] as [&str; 0], "EAP signs nothing");
}

#[test]
fn always_on_tunnels_are_compared_too() {
    let Value::Dict(mut entries) = tunnel(Some("RSA"), &[("ProtocolType", "IKEv2".into())]) else { panic!() };
    let (_, settings) = entries.pop().unwrap();
    entries.retain(|(key, _)| key != "VPNType");
    let tunnels = Value::Array(vec![settings]);
    entries.push(("VPNType".to_owned(), "AlwaysOn".into()));
    entries.push(("AlwaysOn".to_owned(), Value::dict([("TunnelConfigurations", tunnels)])));
    let identity = certificate("pkcs12", file("pbe-3des.p12"), Some("secret"));
    let text = profile(vec![identity, Value::Dict(entries)]);
    let found = said(&text, &IDENTITY_RULES, &Options::default());
    assert_eq!(found, ["error ikev2.certtype-mismatch"]);
}

#[test]
fn f02_a_hundred_files_of_maximal_iterations_take_no_longer_than_one() {
    // The count of the MAC, the last element of the file, asks for 2,100,000: more than half of what one check does.
    let mut hostile = file("modern-p256.p12");
    let end = hostile.len();
    assert_eq!(hostile[end - 4..], [0x02, 0x02, 0x08, 0x00], "the count is 2048");
    hostile.truncate(end - 4);
    hostile.extend([0x02, 0x03, 0x20, 0x0b, 0x20]);
    let size = u16::from_be_bytes([hostile[2], hostile[3]]) + 1;
    hostile[2..4].copy_from_slice(&size.to_be_bytes());
    let mac = hostile.len() - 0x41 - 1 - 2;
    assert_eq!(hostile[mac], 0x30, "MacData");
    hostile[mac + 1] += 1;
    let time = |count: usize| {
        let text = profile(vec![certificate("pkcs12", hostile.clone(), Some("s3cr3t")); count]);
        let start = Busy::start();
        // A report lists 200 diagnostics; those of other rules are not wanted here.
        let codes = ["cert.p12-unreadable", "cert.p12-password"];
        let options = Options { select: codes.map(str::to_owned).to_vec(), ..Options::default() };
        let found = said(&text, &codes, &options);
        (start.elapsed(), found)
    };
    let (one, found) = time(1);
    assert_eq!(found, ["error cert.p12-password"]);
    let (hundred, found) = time(100);
    assert_eq!(found.iter().filter(|found| *found == "error cert.p12-password").count(), 1);
    assert_eq!(found.iter().filter(|found| *found == "notice cert.p12-unreadable").count(), 99);
    assert!(hundred < 2 * one + Duration::from_secs(5), "one takes {one:?}, a hundred {hundred:?}");
    // A count beyond what one check does at all is told as such, and takes no time.
    let at = hostile.len() - 3;
    hostile[at..].copy_from_slice(&[0x7f, 0xff, 0xff]);
    let text = profile(vec![certificate("pkcs12", hostile, Some("s3cr3t"))]);
    let start = Busy::start();
    assert_eq!(said(&text, &["cert.p12-unr"], &Options::default()), ["warning cert.p12-unreadable"]);
    assert!(start.elapsed() < Duration::from_secs(2));
}
