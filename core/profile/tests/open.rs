//! Profiles described again: what the builder makes comes back as it was described, and nothing is lost in silence.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod specs;

use adit_profile::build::fields::fields;
use adit_profile::build::open::{OpenError, open};
use adit_profile::build::spec::subtypes;
use adit_profile::build::{Seed, Spec, VpnKind, to_xml};
use adit_profile::convert::Lost;
use adit_profile::diff::diff;
use adit_profile::{Document, Profile};
use serde_json::json;
use specs::{around, json_of, set, spec, with_identity};

fn document_of(spec: &Spec) -> Document {
    Document::read(to_xml(&spec.build(&Seed([1; 16])).unwrap()).unwrap().as_bytes())
}

/// A description that can be built.
#[derive(Debug)]
struct Described {
    spec: Spec,
    lost: Vec<Lost>,
}

fn describe(document: &Document) -> Described {
    let profile = Profile::of(document).unwrap();
    let payload = profile.vpn_payloads().next().unwrap();
    let opened = open(document, &profile, payload).unwrap();
    Described {
        spec: Spec::of(&opened.spec).unwrap_or_else(|misfit| panic!("{misfit:?}")),
        lost: opened.lost,
    }
}

fn again(spec: &Spec) -> Described {
    describe(&document_of(spec))
}

#[test]
fn each_field_of_each_type_comes_back() {
    for kind in VpnKind::ALL {
        for field in fields(kind) {
            let mut tree = with_identity(around(kind, &field));
            if field.path.starts_with("dns.") {
                set(&mut tree, "dns.servers", json!(["10.0.0.53"]));
            }
            set(&mut tree, &field.path, json_of(field.kind, field.example));
            let wanted = spec(&tree);
            let found = again(&wanted);
            let what = format!("{}: {}", kind.name(), field.path);
            assert!(found.lost.is_empty(), "{what}: {:?}", found.lost);
            // An app that no vendor's type knows is any app's.
            let unknown = field.flag == "subtype" && field.example.contains('.');
            assert_eq!(found.spec.vpn.kind(), if unknown { VpnKind::CustomSsl } else { kind }, "{what}");
            // The same profile again, but for the UUIDs of its payloads.
            let (before, after) = (document_of(&wanted), document_of(&found.spec));
            let change = diff(&before, &after).unwrap();
            assert!(change.is_same_but_identity(), "{what}: {:?}", change.changes);
            // The field itself has its value; a name is only needed where there are several identities.
            let json = serde_json::to_value(&found.spec).unwrap();
            let value = field.path.split('.').try_fold(&json, |at, step| at.get(step));
            let first = subtypes(kind).first().is_some_and(|choice| choice.name == field.example);
            let implied = field.path == "profile.connection-name" || field.flag == "subtype" && first;
            assert!(value.is_some() || implied || unknown, "{what}: {json:#}");
        }
    }
}

#[test]
fn a_profile_with_all_of_it_comes_back_as_it_was_described() {
    let tree = json!({
        "profile": {"name": "Office", "connection-name": "Work", "identifier": "com.example.office",
            "uuid": "4F1B3D50-9C64-4B0E-8F7C-5E4D7A1C2B3A", "consent": {"default": "Hello", "de": "Hallo"},
            "expiration-date": "2037-01-31T00:00:00Z"},
        "vpn": {"ikev2": {"server": "vpn.example.com", "local-identifier": "alice@example.com",
            "remote-identifier": "gw.example.com", "certificate-type": "ECDSA256", "server-certificate-issuer": "CA",
            "authentication": {"method": "eap-tls", "name": "alice", "identity": "second", "tls-minimum": "1.2"},
            "ppk": {"base64": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}, "ppk-identifier": "p",
            "ike": {"encryption": "AES-256-GCM", "integrity": "SHA2-384", "diffie-hellman-group": 20,
                "post-quantum": ["ML-KEM-768", "none"]},
            "child": {"encryption": "ChaCha20Poly1305"}, "pfs": true, "routing": {"exclude-apns": false}}},
        "on-demand": {"enabled": true, "rules": [
            {"action": "disconnect", "interface": "WiFi", "ssid": ["Head, Office"], "dns-server": ["10.*"]},
            {"action": "evaluate-connection", "connections": [
                {"action": "connect-if-needed", "domains": ["a.example.com"], "dns-servers": ["10.0.0.1"],
                    "url-probe": "https://a.example.com/"},
                {"action": "never-connect", "domains": ["b.example.com"]}]},
            {"action": "ignore", "url-probe": "https://p.example.com/", "dns-domain": ["*.example.com"]}]},
        "per-app": {"uuid": "C1D2E3F4-0516-4728-9A3B-4C5D6E7F8091", "safari-domains": ["wiki.example.com"],
            "cellular-slice": {"dnn": "enterprise"}, "mac-apps": [
                {"identifier": "com.example.a", "requirement": "anchor apple"},
                {"identifier": "com.example.b", "requirement": "anchor apple", "signing-identifier": "com.example.x",
                    "path": "/Applications/B.app"}]},
        "dns": {"servers": ["10.0.0.53"], "protocol": "TLS", "server-name": "dns.example.com", "identity": "first"},
        "proxies": {"http": {"server": "a.example.com", "port": 8080, "username": "u", "password": "p"},
            "https": {"server": "b.example.com"}, "match-domains": ["example.com"]},
        "identity": {
            "first": {"scep": {"url": "https://scep.example.com", "subject": "CN=Smith\\, John, O=x=y",
                "ca-fingerprint": "00FF10", "alternative-names": {"dns": "a.example.com"}}},
            "second": {"acme": {"directory-url": "https://acme.example.com", "client-identifier": "1",
                "key-type": "ECSECPrimeRandom", "key-size": 384, "hardware-bound": true, "subject": "CN=x",
                "extended-key-usage": ["1.3.6.1.5.5.7.3.2"]}}},
        "certificates": [{"content": {"file": "ca.pem"}, "name": "Our CA"}],
    });
    let wanted = spec(&tree);
    let found = again(&wanted);
    assert!(found.lost.is_empty(), "{:?}", found.lost);
    let mut wanted = serde_json::to_value(&wanted).unwrap();
    // What was said by saying nothing is spelled out.
    wanted["profile"]["vpn-uuid"] = serde_json::to_value(&found.spec).unwrap()["profile"]["vpn-uuid"].clone();
    let kind = &serde_json::to_value(&found.spec).unwrap()["certificates"][0]["payload"];
    wanted["certificates"][0]["payload"] = kind.clone();
    let found = serde_json::to_value(&found.spec).unwrap();
    assert_eq!(found, wanted, "{found:#}\n{wanted:#}");
}

#[test]
fn what_no_field_holds_is_told_with_its_place() {
    let file = r#"<?xml version="1.0"?><plist version="1.0"><dict>
        <key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>
        <key>PayloadIdentifier</key><string>com.example</string>
        <key>PayloadUUID</key><string>4F1B3D50-9C64-4B0E-8F7C-5E4D7A1C2B3A</string>
        <key>PayloadContent</key><array>
          <dict><key>PayloadType</key><string>com.apple.wifi.managed</string><key>PayloadVersion</key><integer>1</integer>
            <key>PayloadIdentifier</key><string>com.example.wifi</string>
            <key>PayloadUUID</key><string>5F1B3D50-9C64-4B0E-8F7C-5E4D7A1C2B3A</string>
            <key>SSID_STR</key><string>Office</string><key>Password</key><string>hunter2secret</string></dict>
          <dict><key>PayloadType</key><string>com.apple.vpn.managed</string><key>PayloadVersion</key><integer>1</integer>
            <key>PayloadIdentifier</key><string>com.example.vpn</string>
            <key>PayloadUUID</key><string>6F1B3D50-9C64-4B0E-8F7C-5E4D7A1C2B3A</string>
            <key>UserDefinedName</key><string>Office</string><key>VPNType</key><string>IKEv2</string>
            <key>IKEv2</key><dict><key>RemoteAddress</key><string>vpn.example.com</string>
              <key>RemoteIdentifier</key><string>vpn.example.com</string>
              <key>AuthenticationMethod</key><string>SharedSecret</string>
              <key>SharedSecret</key><string>hunter2hunter2hunter2</string>
              <key>MTU</key><string>{{mtu}}</string><key>Surprise</key><integer>1</integer></dict></dict>
        </array></dict></plist>"#;
    let document = Document::read(file.as_bytes());
    let found = describe(&document);
    let lost: Vec<&str> = found.lost.iter().map(|one| one.path.as_str()).collect();
    for path in ["PayloadContent[0]", "PayloadContent[1].IKEv2.MTU", "PayloadContent[1].IKEv2.Surprise"] {
        assert!(lost.contains(&path), "{path}: {lost:?}");
    }
    assert!(!found.lost.iter().any(|one| one.reason.contains("hunter2")), "{:?}", found.lost);
    assert!(!format!("{found:?}").contains("hunter2"));
    assert_eq!(found.spec.profile.name, "Office");
}

#[test]
fn what_cannot_be_described_says_why() {
    for kind in ["L2TP", "PPTP", "TransparentProxy"] {
        let text = format!(
            "<plist version=\"1.0\"><dict><key>PayloadType</key><string>Configuration</string>\
             <key>PayloadContent</key><array><dict><key>PayloadType</key><string>com.apple.vpn.managed</string>\
             <key>VPNType</key><string>{kind}</string></dict></array></dict></plist>"
        );
        let document = Document::read(text.as_bytes());
        let profile = Profile::of(&document).unwrap();
        let found = open(&document, &profile, profile.vpn_payloads().next().unwrap());
        assert_eq!(found.map(|_| ()).unwrap_err(), OpenError::OtherType(kind.into()));
    }
}

#[test]
fn gaps_are_left_to_be_filled_in() {
    let text = "<plist version=\"1.0\"><dict><key>PayloadType</key><string>Configuration</string>\
        <key>PayloadContent</key><array><dict><key>PayloadType</key><string>com.apple.vpn.managed</string>\
        <key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict><key>MTU</key><integer>1300</integer></dict></dict>\
        </array></dict></plist>";
    let document = Document::read(text.as_bytes());
    let profile = Profile::of(&document).unwrap();
    let found = open(&document, &profile, profile.vpn_payloads().next().unwrap()).unwrap();
    let json = serde_json::to_value(adit_profile::convert::Json(&found.spec)).unwrap();
    assert_eq!(json["vpn"]["ikev2"]["mtu"], 1300);
    assert_eq!(json["vpn"]["ikev2"].get("server"), None);
}

#[test]
fn what_is_off_by_default_stays_off() {
    let vpn = |kind: &str, keys: &str| {
        let text = format!(
            "<plist version=\"1.0\"><dict><key>PayloadType</key><string>Configuration</string>\
             <key>PayloadDisplayName</key><string>x</string>\
             <key>PayloadContent</key><array><dict><key>PayloadType</key><string>com.apple.vpn.managed</string>\
             <key>VPNType</key><string>{kind}</string><key>{kind}</key><dict><key>RemoteAddress</key>\
             <string>a.example.com</string><key>AuthenticationMethod</key><string>SharedSecret</string>\
             <key>SharedSecret</key><data>AAAA</data>{keys}</dict></dict></array></dict></plist>"
        );
        describe(&Document::read(text.as_bytes()))
    };
    let rules =
        "<key>OnDemandRules</key><array><dict><key>Action</key><string>Connect</string></dict></array>";
    assert_eq!(vpn("IPSec", rules).spec.on_demand.enabled, Some(false));
    let found = serde_json::to_value(vpn("IPSec", "<key>XAuthName</key><string>a</string>").spec).unwrap();
    assert_eq!(found["vpn"]["ipsec"]["xauth"], false);
}

#[test]
fn vendors_settings_without_a_field_make_a_type_that_holds_them() {
    let tree = json!({"profile": {"name": "x"}, "vpn": {"custom-ssl": {"identifier": "com.cisco.anyconnect",
        "server": "vpn.example.com", "custom-data": {"Group": "staff"}}}});
    assert_eq!(again(&spec(&tree)).spec.vpn.kind(), VpnKind::CiscoAnyconnect);
    let tree = json!({"profile": {"name": "x"}, "vpn": {"custom-ssl": {"identifier": "com.cisco.anyconnect",
        "server": "vpn.example.com", "custom-data": {"Group": "staff", "Odd": "1"}}}});
    let found = again(&spec(&tree));
    assert_eq!((found.spec.vpn.kind(), found.lost.len()), (VpnKind::CustomSsl, 0));
}

#[test]
fn each_corpus_profile_with_a_vpn_is_described_or_says_why() {
    let shared = std::env::var("ADIT_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").to_owned());
    let Ok(folder) = std::fs::read_dir(format!("{shared}/corpus/profiles")) else {
        println!("left out: the corpus of profiles (existing): {shared}/corpus is not there");
        return;
    };
    let mut described = 0;
    for entry in folder {
        let path = entry.unwrap().path();
        let document = Document::read(&std::fs::read(&path).unwrap());
        let Some(profile) = Profile::of(&document) else { continue };
        for payload in profile.vpn_payloads().take(20) {
            if let Ok(found) = open(&document, &profile, payload) {
                described += 1;
                let built = Spec::of(&found.spec).map(|spec| spec.build(&Seed([0; 16])).is_ok());
                assert!(built == Ok(true) || !found.lost.is_empty(), "{}", path.display());
            }
        }
    }
    assert!(described >= 20, "{described} described");
}
