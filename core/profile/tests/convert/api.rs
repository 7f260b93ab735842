//! Profiles as the API's properties: every property and case of the facts, what is lost, what is refused.

use std::collections::BTreeSet;

use adit_profile::convert::api::{Export, export};
use adit_profile::{Document, Profile};
use serde_json::{Value, json};

use super::{profile, shared};

fn exported(file: &str) -> Result<Export, String> {
    let document = Document::read(file.as_bytes());
    assert!(!document.problems().has_errors(), "{:?}\n{file}", document.problems().as_slice());
    let profile = Profile::of(&document).unwrap();
    let payload = profile.vpn_payloads().next().unwrap();
    export(&profile, payload).map_err(|refusal| refusal.reason)
}

fn ikev2(keys: &str) -> String {
    profile(&format!("<key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict>{keys}</dict>"))
}

/// All that is set, as `Class.property` with the value, objects inside objects too.
fn flat(value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => match (map.get("class").and_then(Value::as_str), map.get("properties")) {
            (Some(class), Some(Value::Object(properties))) => {
                for (name, value) in properties {
                    found.push((format!("{class}.{name}"), value.clone()));
                    flat(value, found);
                }
            }
            _ => map.values().for_each(|value| flat(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|item| flat(item, found)),
        _ => {}
    }
}

fn properties(export: &Export) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    flat(&serde_json::to_value(export).unwrap()["settings"], &mut found);
    found
}

fn text(key: &str, value: &str) -> String {
    format!("<key>{key}</key><string>{value}</string>")
}

fn number(key: &str, value: i64) -> String {
    format!("<key>{key}</key><integer>{value}</integer>")
}

/// A value of a key that every export must carry to its property.
fn sample(key: &str) -> (String, Value) {
    let last = key.rsplit('.').next().unwrap();
    let (inner, value) = match last {
        "AuthenticationMethod" => {
            (text(last, "Certificate"), case("NEVPNIKEAuthenticationMethod", "certificate", 1))
        }
        "DeadPeerDetectionRate" => (text(last, "High"), case("NEVPNIKEv2DeadPeerDetectionRate", "high", 3)),
        "CertificateType" => (text(last, "RSA-PSS"), case("NEVPNIKEv2CertificateType", "RSAPSS", 6)),
        "TLSMinimumVersion" => (text(last, "1.3"), case("NEVPNIKEv2TLSVersion", "version1_3", 4)),
        "TLSMaximumVersion" => (text(last, "1.0"), case("NEVPNIKEv2TLSVersion", "version1_0", 1)),
        "EncryptionAlgorithm" => (
            text(last, "ChaCha20Poly1305"),
            case("NEVPNIKEv2EncryptionAlgorithm", "algorithmChaCha20Poly1305", 7),
        ),
        "IntegrityAlgorithm" => (text(last, "SHA2-384"), case("NEVPNIKEv2IntegrityAlgorithm", "SHA384", 4)),
        "DiffieHellmanGroup" => (number(last, 21), case("NEVPNIKEv2DiffieHellmanGroup", "group21", 21)),
        "PostQuantumKeyExchangeMethods" => (
            format!("<key>{last}</key><array><integer>36</integer></array>"),
            json!([case("NEVPNIKEv2PostQuantumKeyExchangeMethod", "method36", 36)]),
        ),
        "LifeTimeInMinutes" => (number(last, 77), json!(77)),
        "MTU" => (number(last, 1300), json!(1300)),
        "HTTPPort" | "HTTPSPort" => (number(last, 8080), json!(8080)),
        "SupplementalMatchDomains" => {
            (format!("<key>{last}</key><array><string>x</string></array>"), json!(["x"]))
        }
        "UserDefinedName" => (String::new(), json!("Work")),
        "PPK" => (format!("<key>{last}</key><data>aHVudGVyMg==</data>"), keychain("ppk")),
        "AuthPassword" | "XAuthPassword" => (text(last, "hunter2"), keychain("password")),
        "HTTPProxyPassword" => (text(last, "hunter2"), keychain("proxy-password")),
        "PayloadCertificateUUID" => {
            (text(last, "33333333-0000-4000-8000-000000000000"), keychain("identity"))
        }
        "SharedSecret" => (text(last, "hunter2"), keychain("shared-secret")),
        "OnDemandRules" => (
            format!("<key>{last}</key><array><dict><key>Action</key><string>Connect</string></dict></array>"),
            json!([{"class": "NEOnDemandRuleConnect", "properties": {}}]),
        ),
        name if name.ends_with("Enable")
            || name.ends_with("Enabled")
            || ["Include", "Exclude", "Disable", "Enable", "Enforce", "Allow", "UseConf", "PPKMandatory"]
                .iter()
                .any(|start| name.starts_with(start)) =>
        {
            (number(last, 1), json!(true))
        }
        _ => (text(last, "some text"), json!("some text")),
    };
    let around: Vec<&str> = key.split('.').collect();
    let mut nested = inner;
    for name in around[..around.len() - 1].iter().rev() {
        nested = format!("<key>{name}</key><dict>{nested}</dict>");
    }
    (nested, value)
}

fn case(name: &str, case: &str, raw: i64) -> Value {
    json!({"enum": name, "case": case, "rawValue": raw})
}

fn keychain(role: &str) -> Value {
    json!({"keychain": format!("com.example.vpn.{role}")})
}

/// Properties of the facts that an export does not set, and why.
const LEFT_OUT: [(&str, &str); 8] = [
    ("NEVPNProtocol.identityData", "the identity is named, its PKCS#12 content stays secret"),
    ("NEVPNProtocol.identityDataPassword", "the same"),
    ("NEVPNManager.protocolConfiguration", "an object: its own properties are tried"),
    ("NEVPNProtocol.proxySettings", "an object"),
    ("NEVPNProtocolIKEv2.ikeSecurityAssociationParameters", "an object"),
    ("NEVPNProtocolIKEv2.childSecurityAssociationParameters", "an object"),
    ("NEProxySettings.httpServer", "an object"),
    ("NEProxySettings.httpsServer", "an object"),
];

#[test]
fn f03_every_property_of_the_facts_is_set_from_its_key_and_secrets_are_named() {
    let Some(facts) = shared("API properties", "reference/personal-vpn-api.tsv") else { return };
    let mut tried = 0;
    for line in facts.lines() {
        let row: Vec<&str> = line.split('\t').collect();
        let (class, kind, name, keys) = (row[1], row[2], row[3], row[12]);
        let full = format!("{class}.{name}");
        let ours = row[0] == "personal-vpn" && kind == "property" && !keys.is_empty();
        if !ours || class.starts_with("NEOnDemand") || class.starts_with("NEEvaluate") {
            continue;
        }
        if LEFT_OUT.iter().any(|(known, _)| *known == full) {
            continue;
        }
        for key in keys.split('|').filter(|key| !key.starts_with("VPN.")) {
            for key in if key.contains("{IKE,Child}") {
                vec![key.replace("{IKE,Child}", "IKE"), key.replace("{IKE,Child}", "Child")]
            } else {
                vec![key.rsplit(':').next().unwrap().to_owned()]
            } {
                let (xml, value) = sample(&key);
                let vpn_type = if key.starts_with("IPSec.") { "IPSec" } else { "IKEv2" };
                let file = profile(&format!("<key>VPNType</key><string>{vpn_type}</string>{xml}"));
                let export = exported(&file).unwrap();
                let written = serde_json::to_string(&export).unwrap();
                assert!(!written.contains("hunter2") && !written.contains("aHVudGVyMg"), "{written}");
                let found = properties(&export);
                let mut expected = value;
                // The configuration of a PPK is an object of three keys; the facts name them at the property too.
                if full == "NEVPNProtocolIKEv2.ppkConfiguration" {
                    expected = found.iter().find(|(name, _)| *name == full).unwrap().1.clone();
                    assert_eq!(expected["class"], "NEVPNIKEv2PPKConfiguration");
                }
                // A base class's properties are those of the class that is made.
                let made = found.iter().any(|(found, value)| {
                    let (of, property) = found.split_once('.').unwrap();
                    let is_base = of.starts_with("NEVPNProtocol") && class.starts_with("NEVPNProtocol");
                    property == name && *value == expected && (of == class || is_base)
                });
                assert!(made, "{full} from {key}\n{found:#?}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 60, "{tried}");
}

#[test]
fn every_case_of_the_facts_has_its_word_and_number() {
    let Some(facts) = shared("API cases", "reference/personal-vpn-api.tsv") else { return };
    let mut tried = 0;
    for line in facts.lines() {
        let row: Vec<&str> = line.split('\t').collect();
        let (class, kind, name, raw, key) = (row[1], row[2], row[3], row[5], row[12]);
        let Some((key, word)) = key.split_once('=') else { continue };
        if kind != "enum case" || row[0] != "personal-vpn" || class == "NEOnDemandRuleAction" {
            continue;
        }
        let expected = case(class, name, raw.parse().unwrap());
        let file = if let Some(rule) = key.strip_prefix("OnDemandRules[].") {
            let rule = match rule {
                "ActionParameters[].DomainAction" => format!(
                    "{}<key>ActionParameters</key><array><dict><key>Domains</key><array/>{}</dict></array>",
                    text("Action", "EvaluateConnection"),
                    text("DomainAction", word)
                ),
                name => text("Action", "Connect") + &text(name, word),
            };
            ikev2(&format!("<key>OnDemandRules</key><array><dict>{rule}</dict></array>"))
        } else {
            let key = key.replace("{IKE,Child}", "IKE").replace("IKEv2.", "");
            let name = key.trim_end_matches("[]").rsplit('.').next().unwrap();
            let value = match word.parse::<i64>() {
                Ok(number) if key.ends_with("[]") => format!("<array><integer>{number}</integer></array>"),
                Ok(number) => format!("<integer>{number}</integer>"),
                Err(_) => format!("<string>{word}</string>"),
            };
            let inner = format!("<key>{name}</key>{value}");
            ikev2(&match key.split_once('.') {
                Some((around, _)) => format!("<key>{around}</key><dict>{inner}</dict>"),
                None => inner,
            })
        };
        let export = exported(&file).unwrap();
        let found = properties(&export);
        assert!(
            found.iter().any(|(_, value)| *value == expected || *value == json!([expected.clone()])),
            "{class}.{name} from {word}\n{found:#?}"
        );
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn rules_become_objects_with_their_conditions() {
    let rules = "<key>OnDemandEnabled</key><integer>1</integer><key>OnDemandRules</key><array><dict><key>Action</key>\
        <string>EvaluateConnection</string><key>SSIDMatch</key><array><string>Cafe</string></array><key>DNSDomainMatch</key>\
        <array><string>d</string></array><key>DNSServerAddressMatch</key><array><string>192.0.2.*</string></array>\
        <key>URLStringProbe</key><string>https://p.example</string><key>ActionParameters</key><array><dict><key>Domains</key>\
        <array><string>a.example</string></array><key>DomainAction</key><string>ConnectIfNeeded</string>\
        <key>RequiredDNSServers</key><array><string>192.0.2.1</string></array><key>RequiredURLStringProbe</key>\
        <string>https://q.example</string></dict><dict><key>Domains</key><array/></dict></array></dict>\
        <dict><key>Action</key><string>Allow</string></dict><dict><key>Action</key><string>Ignore</string></dict></array>";
    let export = exported(&ikev2(rules)).unwrap();
    let settings = &serde_json::to_value(&export).unwrap()["settings"]["properties"];
    assert_eq!(settings["isOnDemandEnabled"], true);
    assert_eq!(
        settings["onDemandRules"],
        json!([
            {"class": "NEOnDemandRuleEvaluateConnection", "properties": {
                "ssidMatch": ["Cafe"], "dnsSearchDomainMatch": ["d"], "dnsServerAddressMatch": ["192.0.2.*"],
                "probeURL": "https://p.example",
                "connectionRules": [{"class": "NEEvaluateConnectionRule", "properties": {
                    "matchDomains": ["a.example"], "action": case("NEEvaluateConnectionRuleAction", "connectIfNeeded", 1),
                    "useDNSServers": ["192.0.2.1"], "probeURL": "https://q.example"}}]}},
            {"class": "NEOnDemandRuleIgnore", "properties": {}}
        ])
    );
    let lost: BTreeSet<(&str, bool)> = export
        .lost
        .iter()
        .filter_map(|lost| {
            lost.path.strip_prefix("PayloadContent[0].IKEv2.OnDemandRules").map(|path| (path, lost))
        })
        .map(|(path, lost)| (path, lost.reason.contains("carried, but it means more")))
        .collect();
    assert_eq!(
        lost,
        [("[0].ActionParameters[1]", false), ("[0].DNSServerAddressMatch", true), ("[1]", false)].into()
    );
}

#[test]
fn what_has_no_property_is_told() {
    let export = exported(
        &ikev2(
            "<key>OnDemandUserOverrideDisabled</key><integer>1</integer><key>NATKeepAliveInterval</key><integer>60</integer>\
             <key>DisconnectOnIdle</key><integer>1</integer><key>ProviderType</key><string>packet-tunnel</string>\
             <key>MTU</key><string>big</string><key>ChildSecurityAssociationParameters</key><dict/>",
        )
        .replace("</dict></array></dict></plist>", "<key>DNS</key><dict/></dict></array></dict></plist>"),
    )
    .unwrap();
    let lost: Vec<&str> =
        export.lost.iter().map(|lost| lost.path.trim_start_matches("PayloadContent[0].")).collect();
    assert_eq!(
        lost,
        [
            "IKEv2.MTU",
            "IKEv2.IKESecurityAssociationParameters",
            "IKEv2.OnDemandUserOverrideDisabled",
            "IKEv2.NATKeepAliveInterval",
            "IKEv2.DisconnectOnIdle",
            "IKEv2.ProviderType",
            "DNS"
        ]
    );
    // An empty dictionary means the profile's lifetime, which is not the API's.
    let found = properties(&export);
    assert!(
        found.contains(&("NEVPNIKEv2SecurityAssociationParameters.lifetimeMinutes".into(), json!(1440))),
        "{found:?}"
    );
}

#[test]
fn the_child_sa_inherits_as_it_does_in_a_profile() {
    let ike = "<key>IKESecurityAssociationParameters</key><dict><key>DiffieHellmanGroup</key><integer>21</integer></dict>";
    let export = exported(&ikev2(ike)).unwrap();
    let settings = &serde_json::to_value(&export).unwrap()["settings"]["properties"]["protocolConfiguration"];
    let child = &settings["properties"]["childSecurityAssociationParameters"];
    assert_eq!(child, &settings["properties"]["ikeSecurityAssociationParameters"]);
    assert_eq!(
        child["properties"]["diffieHellmanGroup"],
        case("NEVPNIKEv2DiffieHellmanGroup", "group21", 21)
    );
    assert!(export.lost.is_empty(), "{:?}", export.lost);
}

#[test]
fn a_missing_method_of_ipsec_is_written_out() {
    let export =
        exported(&profile("<key>VPNType</key><string>IPSec</string><key>IPSec</key><dict/>")).unwrap();
    let settings = &serde_json::to_value(&export).unwrap()["settings"]["properties"]["protocolConfiguration"];
    assert_eq!(settings["class"], "NEVPNProtocolIPSec");
    assert_eq!(
        settings["properties"]["authenticationMethod"],
        case("NEVPNIKEAuthenticationMethod", "sharedSecret", 2)
    );
}

#[test]
fn other_types_are_refused_with_the_reason() {
    for (kind, says) in [
        ("L2TP", "no class"),
        ("VPN", "NETunnelProviderManager"),
        ("AlwaysOn", "management servers only"),
        ("TransparentProxy", "NETransparentProxyManager"),
        ("Fancy", "no type that is known"),
    ] {
        let error = exported(&profile(&text("VPNType", kind))).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn the_identity_says_where_it_comes_from() {
    let keys = text("PayloadCertificateUUID", "33333333-0000-4000-8000-000000000000");
    for (kind, says) in
        [("com.apple.security.pkcs12", "SecPKCS12Import"), ("com.apple.security.scep", "from a CA")]
    {
        let identity = format!(
            "</dict></dict><dict>{}{}",
            text("PayloadType", kind),
            text("PayloadUUID", "33333333-0000-4000-8000-000000000000")
        );
        let file = ikev2(&format!("{keys}{identity}")).replace("</dict></dict></array>", "</dict></array>");
        let export = exported(&file).unwrap();
        assert!(export.keychain[0].holds.contains(says), "{:?}", export.keychain);
    }
}
