//! The rules about IKEv2 settings as tables: which combination of method, EAP, secret and identity is told of with which
//! codes, and what the security association dictionaries come to on each system.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use adit_profile::build::{Value, to_xml};
use adit_profile::rules::Options;
use adit_profile::{Diagnostic, Limits, Severity, check_with};

type Keys = Vec<(String, Value)>;

fn keys<const N: usize>(keys: [(&str, Value); N]) -> Keys {
    keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

const IDENTITY: &str = "A6C0E1D2-48B9-4C57-8E6F-90A1B2C3D4E5";

/// A payload of a type, with a UUID of its own.
fn payload(kind: &str, uuid: &str, mut entries: Keys) -> Value {
    entries.extend(keys([
        ("PayloadType", kind.into()),
        ("PayloadUUID", uuid.into()),
        ("PayloadIdentifier", format!("com.example.profile.{uuid}").into()),
        ("PayloadVersion", 1.into()),
        ("PayloadDisplayName", "Example".into()),
    ]));
    Value::Dict(entries)
}

/// What is said of a profile with a VPN of a type and an identity, in the families of these rules.
fn said(vpn_type: &str, settings: Keys, targets: &[&str]) -> Vec<Diagnostic> {
    let section = if vpn_type == "AlwaysOn" {
        let mut tunnel = keys([
            ("ProtocolType", "IKEv2".into()),
            ("Interfaces", Value::Array(vec!["Cellular".into(), "WiFi".into()])),
        ]);
        tunnel.extend(settings);
        Value::dict([("TunnelConfigurations", Value::Array(vec![Value::Dict(tunnel)]))])
    } else {
        Value::Dict(settings)
    };
    let vpn =
        keys([("UserDefinedName", "Example".into()), ("VPNType", vpn_type.into()), (vpn_type, section)]);
    let identity = keys([("PayloadContent", Value::dict([("URL", "https://scep.example.com/scep".into())]))]);
    let content = vec![
        payload("com.apple.vpn.managed", "7D2B9C10-5E4F-4A3B-8C7D-1F2E3D4C5B6A", vpn),
        payload("com.apple.security.scep", IDENTITY, identity),
    ];
    let mut root = keys([("PayloadContent", Value::Array(content))]);
    root.extend(keys([
        ("PayloadType", "Configuration".into()),
        ("PayloadUUID", "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60".into()),
        ("PayloadIdentifier", "com.example.profile".into()),
        ("PayloadVersion", 1.into()),
    ]));
    let xml = to_xml(&Value::Dict(root)).unwrap();
    let options = Options {
        targets: targets.iter().map(|target| target.parse().unwrap()).collect(),
        select: vec!["ikev2".to_owned(), "sa".to_owned()],
        ..Options::default()
    };
    check_with(xml.as_bytes(), &Limits::default(), &options).diagnostics
}

/// `E ikev2.psk-missing`, each once.
fn codes(found: &[Diagnostic]) -> BTreeSet<String> {
    let letter = |severity| match severity {
        Severity::Error => 'E',
        Severity::Warning => 'W',
        Severity::Notice => 'N',
    };
    found.iter().map(|found| format!("{} {}", letter(found.severity), found.code)).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The server, its identifiers and both associations, so that nothing is said of them.
fn frame() -> Keys {
    let association = |minutes: i64| {
        Value::dict([("EncryptionAlgorithm", "AES-256-GCM".into()), ("LifeTimeInMinutes", minutes.into())])
    };
    keys([
        ("RemoteAddress", "vpn.example.com".into()),
        ("RemoteIdentifier", "vpn.example.com".into()),
        ("LocalIdentifier", "client.example.com".into()),
        ("IKESecurityAssociationParameters", association(1440)),
        ("ChildSecurityAssociationParameters", association(480)),
    ])
}

/// One way to authenticate, and what is said of it.
struct Case {
    method: Option<&'static str>,
    eap: Option<Value>,
    secret: Option<&'static str>,
    identity: bool,
    name: bool,
    password: bool,
    expected: &'static [&'static str],
}

const SECRET: &str = "rW7-fpQz4kLm2vXy9sTb6nHc";

#[test]
fn every_way_to_authenticate_is_told_of_by_its_codes() {
    let off = || Some(Value::from(0));
    let on = || Some(Value::from(1));
    let case = |method, eap, secret, (identity, name, password), expected| Case {
        method,
        eap,
        secret,
        identity,
        name,
        password,
        expected,
    };
    let nothing = (false, false, false);
    let identity = (true, false, false);
    let user = (false, true, true);
    let (none, psk, certificate) = (Some("None"), Some("SharedSecret"), Some("Certificate"));
    let cases = [
        // No method.
        case(None, None, None, nothing, &["E ikev2.auth-missing"]),
        case(None, on(), Some(SECRET), user, &["E ikev2.auth-missing"]),
        // The shared secret.
        case(psk, None, Some(SECRET), nothing, &[]),
        case(psk, off(), Some(SECRET), nothing, &[]),
        case(psk, None, None, nothing, &["E ikev2.psk-missing"]),
        case(psk, None, Some(""), nothing, &["E ikev2.psk-missing"]),
        case(psk, None, Some("${PSK}"), nothing, &[]),
        case(psk, None, Some("short"), nothing, &["W ikev2.psk-weak"]),
        case(psk, None, Some("rW7-fpQz4kLm2vXy9sTb6nHc\n"), nothing, &["E ikev2.psk-unusable"]),
        case(psk, None, Some("rW7-fpQz4kLm2vXy9sTb6nHcé"), nothing, &["W ikev2.psk-unusable"]),
        case(psk, None, Some(SECRET), user, &["W ikev2.eap-creds-unused"]),
        case(psk, on(), Some(SECRET), user, &["W ikev2.psk-with-eap"]),
        case(psk, on(), None, user, &["E ikev2.psk-missing", "W ikev2.psk-with-eap"]),
        case(psk, on(), Some(SECRET), nothing, &["N ikev2.eap-no-credentials", "W ikev2.psk-with-eap"]),
        // None: EAP, or the shared secret after all.
        case(none, on(), None, user, &[]),
        case(none, Some(true.into()), None, user, &[]),
        case(none, on(), None, nothing, &["N ikev2.eap-no-credentials"]),
        case(none, on(), None, (false, true, false), &[]),
        case(none, on(), Some("short"), user, &["W ikev2.psk-unused"]),
        case(none, on(), Some(""), user, &[]),
        case(none, on(), None, identity, &["N ikev2.eap-tls-needs-cert"]),
        case(none, on(), None, (true, true, true), &[]),
        case(none, None, Some(SECRET), nothing, &["W ikev2.auth-none-no-eap"]),
        case(none, off(), Some("short"), nothing, &["W ikev2.auth-none-no-eap", "W ikev2.psk-weak"]),
        case(none, None, None, nothing, &["E ikev2.psk-missing"]),
        case(none, None, None, user, &["E ikev2.psk-missing", "W ikev2.eap-creds-unused"]),
        // A flag that is none: nothing can be said of what depends on it.
        case(none, Some("{{ eap }}".into()), None, nothing, &[]),
        case(none, Some(2.into()), None, user, &[]),
        // A certificate.
        case(certificate, None, None, identity, &[]),
        case(certificate, None, None, nothing, &["E ikev2.cert-missing"]),
        case(certificate, None, Some(SECRET), identity, &["W ikev2.psk-unused"]),
        case(certificate, on(), None, user, &[]),
        case(certificate, on(), None, nothing, &["N ikev2.eap-no-credentials"]),
        case(certificate, on(), None, identity, &["N ikev2.eap-tls-needs-cert"]),
        // A method that is none, or a placeholder: nothing can be said of what it needs.
        case(Some("Password"), None, None, nothing, &[]),
        case(Some("{{ method }}"), None, None, nothing, &[]),
    ];
    for (place, case) in cases.into_iter().enumerate() {
        let mut settings = frame();
        let mut add = |key: &str, value: Option<Value>| {
            settings.extend(value.map(|value| (key.to_owned(), value)));
        };
        add("AuthenticationMethod", case.method.map(Value::from));
        add("ExtendedAuthEnabled", case.eap);
        add("SharedSecret", case.secret.map(Value::from));
        add("PayloadCertificateUUID", case.identity.then(|| IDENTITY.into()));
        add("AuthName", case.name.then(|| "alice".into()));
        add("AuthPassword", case.password.then(|| "Vt8-qmZ3xKp5wRb7".into()));
        for vpn_type in ["IKEv2", "AlwaysOn"] {
            let found = said(vpn_type, settings.clone(), &[]);
            let found: Vec<Diagnostic> =
                found.into_iter().filter(|one| !one.code.as_str().starts_with("ikev2.certtype")).collect();
            assert_eq!(codes(&found), set(case.expected), "case {place} as {vpn_type}: {found:#?}");
        }
    }
}

/// A shared-secret profile with the associations given.
fn associations(ike: Option<Keys>, child: Option<Keys>, extra: Keys) -> Keys {
    let mut settings: Keys = frame().into_iter().filter(|(key, _)| !key.ends_with("Parameters")).collect();
    settings.extend(keys([("AuthenticationMethod", "SharedSecret".into()), ("SharedSecret", SECRET.into())]));
    settings.extend(ike.map(|ike| ("IKESecurityAssociationParameters".to_owned(), Value::Dict(ike))));
    settings.extend(child.map(|child| ("ChildSecurityAssociationParameters".to_owned(), Value::Dict(child))));
    settings.extend(extra);
    settings
}

fn cipher(name: &str) -> Keys {
    keys([("EncryptionAlgorithm", name.into())])
}

#[test]
fn weak_algorithms_are_judged_by_the_target() {
    let weak = [
        ("EncryptionAlgorithm", Value::from("DES"), "sa.weak-cipher"),
        ("EncryptionAlgorithm", "3DES".into(), "sa.weak-cipher"),
        ("IntegrityAlgorithm", "SHA1-96".into(), "sa.weak-integrity"),
        ("IntegrityAlgorithm", "SHA1-160".into(), "sa.weak-integrity"),
        ("DiffieHellmanGroup", 1.into(), "sa.weak-dh"),
        ("DiffieHellmanGroup", 2.into(), "sa.weak-dh"),
        ("DiffieHellmanGroup", 5.into(), "sa.weak-dh"),
    ];
    let targets: [(&[&str], Severity); 10] = [
        (&[], Severity::Warning),
        (&["ios-18.6"], Severity::Warning),
        (&["macos-15.7"], Severity::Warning),
        (&["visionos-2.6"], Severity::Warning),
        (&["ios-26.0"], Severity::Error),
        (&["macos-26.0"], Severity::Error),
        (&["visionos-26.0"], Severity::Error),
        (&["tvos-17.0"], Severity::Error),
        (&["watchos-10.0"], Severity::Error),
        (&["ios-18.6", "ios-26.1"], Severity::Error),
    ];
    for (key, value, code) in weak {
        for (target, severity) in &targets {
            let ike = vec![(key.to_owned(), value.clone())];
            let found = said("IKEv2", associations(Some(ike), None, vec![]), target);
            let found: Vec<&Diagnostic> = found.iter().filter(|one| one.code.as_str() == code).collect();
            assert_eq!(found.len(), 1, "{key} for {target:?}: {found:#?}");
            assert_eq!(found[0].severity, *severity, "{key} for {target:?}");
            assert!(!found[0].fixes.is_empty());
        }
    }
}

#[test]
fn an_always_on_vpn_is_told_of_its_group_by_a_code_of_its_own() {
    let ike = || Some(keys([("DiffieHellmanGroup", 5.into())]));
    for (targets, severity) in [
        (&[][..], Some(Severity::Warning)),
        (&["ios-14.1"], Some(Severity::Warning)),
        (&["ios-14.2"], Some(Severity::Error)),
        (&["macos-26.0"], None),
    ] {
        let found = said("AlwaysOn", associations(ike(), None, vec![]), targets);
        assert!(!codes(&found).iter().any(|code| code.ends_with("weak-dh")), "{found:#?}");
        let own = found.iter().find(|one| one.code.as_str() == "sa.alwayson-dh").map(|one| one.severity);
        assert_eq!(own, severity, "{targets:?}");
    }
}

#[test]
fn ciphers_are_compared_after_defaults_and_inheritance() {
    let strict = || keys([("EnforceStrictAlgorithmSelection", 1.into())]);
    let order = |ike: Option<&str>, child: Option<&str>| {
        let found = |extra| {
            let settings = associations(ike.map(cipher), child.map(cipher), extra);
            let found = said("IKEv2", settings, &[]);
            codes(&found).into_iter().find(|code| {
                code.ends_with("order") && code.starts_with('E') || code.ends_with("ike-weaker-than-child")
            })
        };
        (found(vec![]), found(strict()))
    };
    let weaker = (Some("W sa.ike-weaker-than-child".to_owned()), Some("E sa.strict-order".to_owned()));
    // Each is weaker than those of the groups after it.
    let groups: [&[&str]; 4] =
        [&["DES"], &["3DES"], &["AES-128", "AES-128-GCM"], &["AES-256", "AES-256-GCM", "ChaCha20Poly1305"]];
    for (ike_rank, ike_group) in groups.iter().enumerate() {
        for (child_rank, child_group) in groups.iter().enumerate() {
            for (ike, child) in
                ike_group.iter().flat_map(|ike| child_group.iter().map(move |child| (ike, child)))
            {
                let expected = if ike_rank < child_rank { weaker.clone() } else { (None, None) };
                assert_eq!(order(Some(ike), Some(child)), expected, "{ike} and {child}");
            }
        }
    }
    // Inherited: the same. Missing: 256 bits, by default and as observed.
    assert_eq!(order(Some("AES-128"), None), (None, None));
    assert_eq!(order(None, Some("AES-256")), (None, None));
    assert_eq!(order(None, None), (None, None));
    // An unusable value is no reason for a conclusion.
    assert_eq!(order(Some("{{ cipher }}"), Some("AES-256")), (None, None));
    assert_eq!(order(Some("AES-128"), Some("aes-256")), (None, None));
    // Defaults of a dictionary that says something else.
    let ike = keys([("EncryptionAlgorithm", "AES-128".into())]);
    let child = keys([("DiffieHellmanGroup", 14.into())]);
    let extra = [strict(), keys([("EnablePFS", 1.into())])].concat();
    let found = codes(&said("IKEv2", associations(Some(ike), Some(child), extra), &[]));
    assert!(found.contains("E sa.strict-order"), "{found:?}");
}

#[test]
fn strict_selection_forbids_in_either_dictionary() {
    let strict = || keys([("EnforceStrictAlgorithmSelection", true.into())]);
    let group = |number: i64| keys([("DiffieHellmanGroup", number.into())]);
    for (ike, child, code) in [
        (Some(cipher("DES")), None, "E sa.strict-cipher"),
        (None, Some(cipher("3DES")), "E sa.strict-cipher"),
        (Some(group(2)), None, "E sa.strict-dh"),
        (None, Some(group(5)), "E sa.strict-dh"),
    ] {
        let found = codes(&said("IKEv2", associations(ike.clone(), child.clone(), strict()), &[]));
        assert!(found.contains(code), "{found:?}");
        assert!(!found.iter().any(|code| code.contains("sa.weak")), "{found:?}");
        // On tvOS too nothing is said twice.
        let found = codes(&said("IKEv2", associations(ike, child, strict()), &["tvos-26.0"]));
        assert!(!found.iter().any(|code| code.contains("sa.weak")), "{found:?}");
    }
    let strong = associations(Some(cipher("AES-256-GCM")), Some(cipher("ChaCha20Poly1305")), strict());
    assert_eq!(codes(&said("IKEv2", strong, &["ios-26.1"])), set(&[]));
}

#[test]
fn lifetimes_are_compared_where_one_is_written_out() {
    let minutes = |minutes: Option<i64>| -> Keys {
        let mut keys = cipher("AES-256-GCM");
        keys.extend(minutes.map(|minutes| ("LifeTimeInMinutes".to_owned(), minutes.into())));
        keys
    };
    let told = |ike: Option<i64>, child: Option<i64>| {
        let found = said("IKEv2", associations(Some(minutes(ike)), Some(minutes(child)), vec![]), &[]);
        codes(&found)
    };
    let order = set(&["N sa.lifetime-order"]);
    assert_eq!(told(None, None), set(&[]));
    assert_eq!(told(Some(1440), Some(480)), set(&[]));
    assert_eq!(told(None, Some(480)), set(&[]));
    assert_eq!(told(Some(480), Some(480)), order);
    assert_eq!(told(Some(60), None), order);
    assert_eq!(told(None, Some(1440)), order);
    assert_eq!(told(Some(9), Some(480)), set(&["E sa.lifetime-range"]));
    assert_eq!(told(Some(1440), Some(86400)), set(&["E sa.lifetime-range"]));
}

#[test]
fn what_a_missing_dictionary_means_is_told_once() {
    let told = |ike, child| codes(&said("IKEv2", associations(ike, child, vec![]), &[]));
    let ike = || Some(cipher("AES-256-GCM"));
    assert_eq!(told(None, None), set(&["N sa.defaults-changed"]));
    assert_eq!(told(ike(), None), set(&["N sa.inherit"]));
    assert_eq!(told(None, ike()), set(&["N sa.defaults-changed"]));
    assert_eq!(told(ike(), ike()), set(&[]));
    assert_eq!(told(ike(), Some(vec![])), set(&["W sa.empty-child"]));
}

#[test]
fn an_always_on_tunnel_without_ikev2_keys_is_left_to_its_own_rules() {
    assert_eq!(codes(&said("AlwaysOn", vec![], &[])), set(&[]));
    // Its identifiers are told of there too, its method is not.
    let found = codes(&said("AlwaysOn", keys([("RemoteAddress", "vpn.example.com".into())]), &[]));
    assert_eq!(found, set(&["E ikev2.auth-missing", "N sa.defaults-changed"]));
}
