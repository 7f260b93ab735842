//! Per-app VPN, relays, post-quantum keys, SCEP and ACME, secrets, declarations: the branches of their rules, each with
//! what is said and how much it matters. The fixtures of `tests/rules` show each code once with its report.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::build::{Value, to_xml};
use adit_profile::rules::Options;
use adit_profile::schema::Target;
use adit_profile::{Limits, Severity, check_with};
use serde_json::{Value as Json, json};

fn value(json: &Json) -> Value {
    match json {
        Json::Object(map) => Value::dict(map.iter().map(|(key, item)| (key.clone(), value(item)))),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::String(text) => match text.strip_prefix("data:") {
            Some(data) => data.as_bytes().to_vec().into(),
            None => text.as_str().into(),
        },
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => Value::Real(number.as_f64().unwrap()),
        },
        Json::Bool(flag) => (*flag).into(),
        Json::Null => panic!("property lists have no null"),
    }
}

/// What the rules of some families say of payloads: `W pq.empty` and so on.
fn said_of(payloads: &[&Json], families: &[&str], targets: &[Target]) -> Vec<String> {
    let root = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(payloads.iter().map(|payload| value(payload)).collect())),
    ]);
    let select = families.iter().map(|family| (*family).to_owned()).collect();
    let options = Options { select, targets: targets.to_vec(), ..Options::default() };
    let report = check_with(to_xml(&root).unwrap().as_bytes(), &Limits::default(), &options);
    let letter = |severity| match severity {
        Severity::Error => 'E',
        Severity::Warning => 'W',
        Severity::Notice => 'N',
    };
    let mut said: Vec<String> =
        report.diagnostics.iter().map(|one| format!("{} {}", letter(one.severity), one.code)).collect();
    said.sort();
    said
}

fn targets(names: &[&str]) -> Vec<Target> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

const NONE: [&str; 0] = [];

const UUID: &str = "C5B4A392-8170-4F6E-9D5C-4B3A29180F7E";

/// A per-app payload with more keys.
fn per_app(more: &Json) -> Json {
    let mut payload = json!({
        "PayloadType": "com.apple.vpn.managed.applayer", "VPNType": "IKEv2", "VPNUUID": UUID, "IKEv2": {},
    });
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    payload
}

const PER_APP: [&str; 2] = ["applayer", "appmap"];

#[test]
fn domains_of_per_app_vpns() {
    let said = |key: &str, domain: &str| {
        said_of(
            &[&per_app(&json!({ "SafariDomains": ["a.example"], key: [domain] }))],
            &["applayer.domain-syntax"],
            &[],
        )
    };
    for key in ["SafariDomains", "MailDomains", "AssociatedDomains", "ExcludedDomains", "SMBDomains"] {
        assert_eq!(said(key, "https://a.example"), ["W applayer.domain-syntax"], "{key}");
        for fine in ["a.example", "*.a.example", "${DOMAIN}"] {
            assert_eq!(said(key, fine), NONE, "{key} {fine}");
        }
    }
    assert_eq!(said("Domains", "https://a.example"), NONE, "no key of the payload");
}

#[test]
fn versions_and_platforms_of_per_app_keys() {
    let said = |more: Json, names: &[&str]| said_of(&[&per_app(&more)], &PER_APP, &targets(names));
    let safari = |key: &str, item: Json| json!({ "SafariDomains": ["a.example"], key: item });
    let associated = || safari("AssociatedDomains", json!(["a.example"]));
    assert_eq!(said(associated(), &["ios-13.7"]), ["W applayer.associated-version"]);
    assert_eq!(said(associated(), &["macos-10.15"]), ["W applayer.associated-version"]);
    assert_eq!(said(associated(), &["ios-14", "macos-11"]), NONE);
    assert_eq!(said(associated(), &[]), NONE);
    let excluded = safari("ExcludedDomains", json!([]));
    assert_eq!(said(excluded, &["ios-13.7"]), NONE, "an empty list does nothing anywhere");
    let smb = || safari("SMBDomains", json!(["a.example"]));
    assert_eq!(said(smb(), &["macos-15"]), ["W applayer.smb-platform"]);
    assert_eq!(said(smb(), &["ios-12"]), ["W applayer.smb-platform"]);
    assert_eq!(said(smb(), &["ios-26", "visionos-26"]), NONE);
    assert_eq!(said(smb(), &[]), NONE);
    let slice = |text: &str| safari("CellularSliceUUID", json!(text));
    assert_eq!(said(slice("DNN:x"), &[]), ["N applayer.slice-version"]);
    assert_eq!(said(slice("AppCategory:gaming"), &["ios-18"]), NONE);
    for old in ["ios-17.6", "macos-26", "visionos-26"] {
        assert_eq!(said(slice("DNN:x"), &[old]), ["W applayer.slice-version"], "{old}");
    }
    for wrong in ["DNN:", "AppCategory: ", "x", "", "appcategory:x", UUID] {
        assert_eq!(said(slice(wrong), &["ios-18"]), ["E applayer.slice-syntax"], "{wrong}");
    }
    assert_eq!(said(slice("{{SLICE}}"), &["ios-18"]), NONE);
    let mail = || safari("MailDomains", json!(["a.example"]));
    assert_eq!(said(mail(), &[]), ["N applayer.legacy-domains"]);
    assert_eq!(said(mail(), &["ios-13.4"]), ["N applayer.legacy-domains"]);
    assert_eq!(said(mail(), &["ios-13.3", "macos-26"]), NONE);
}

#[test]
fn watches_take_per_app_vpns_when_supervised() {
    let said = |watch: Target| {
        said_of(&[&per_app(&json!({ "SafariDomains": ["a"] }))], &["applayer.watch"], &[watch])
    };
    let watch: Target = "watchos-11".parse().unwrap();
    assert_eq!(said(watch), ["E applayer.watch"]);
    assert_eq!(said(Target { supervised: true, ..watch }), NONE);
    assert_eq!(said(Target { supervised: true, ..("watchos-9".parse().unwrap()) }), ["E applayer.watch"]);
    assert_eq!(said("ios-26".parse().unwrap()), NONE);
}

#[test]
fn what_uses_a_per_app_vpn() {
    let said = |more: Json, others: &[Json], names: &[&str]| {
        let vpn = per_app(&more);
        let mut payloads = vec![&vpn];
        payloads.extend(others);
        said_of(&payloads, &["applayer.nothing-triggers", "applayer.no-manual-install"], &targets(names))
    };
    let nothing = ["N applayer.nothing-triggers"];
    let by_hand = ["N applayer.no-manual-install"];
    assert_eq!(said(json!({}), &[], &[]), nothing);
    assert_eq!(said(json!({ "SafariDomains": [] }), &[], &[]), nothing);
    assert_eq!(said(json!({ "SafariDomains": "{{DOMAINS}}" }), &[], &[]), NONE);
    assert_eq!(said(json!({ "SafariDomains": ["a"] }), &[], &[]), NONE);
    for key in ["MailDomains", "CalendarDomains", "ContactsDomains", "AssociatedDomains", "SMBDomains"] {
        assert_eq!(said(json!({ key: ["a"] }), &[], &[]), by_hand, "{key}");
        assert_eq!(said(json!({ key: ["a"] }), &[], &["ios-26"]), by_hand, "{key}");
        assert_eq!(said(json!({ key: ["a"] }), &[], &["macos-26"]), NONE, "{key}");
    }
    let uuid = UUID.to_ascii_lowercase();
    let mapping = json!({
        "PayloadType": "com.apple.vpn.managed.appmapping", "AppLayerVPNMapping": [{ "VPNUUID": uuid }],
    });
    let account = json!({ "PayloadType": "com.apple.mail.managed", "VPNUUID": uuid });
    for other in [mapping, account] {
        assert_eq!(said(json!({}), std::slice::from_ref(&other), &[]), NONE, "{other}");
        assert_eq!(said(json!({ "AssociatedDomains": ["a"] }), &[other], &[]), NONE);
    }
    let astray = json!({ "PayloadType": "com.apple.mail.managed", "VPNUUID": "x" });
    assert_eq!(said(json!({}), &[astray], &[]), NONE, "ref.vpnuuid-missing tells");
}

#[test]
fn app_mappings_are_for_macs_and_name_signed_apps() {
    let mapping =
        |app: Json| json!({ "PayloadType": "com.apple.vpn.managed.appmapping", "AppLayerVPNMapping": [app] });
    let signed = || json!({ "DesignatedRequirement": "anchor apple", "SigningIdentifier": "x" });
    let said = |app: Json, names: &[&str]| said_of(&[&mapping(app)], &PER_APP, &targets(names));
    assert_eq!(said(signed(), &[]), NONE);
    assert_eq!(said(signed(), &["macos-15"]), NONE);
    assert_eq!(said(signed(), &["ios-26", "macos-15"]), ["W applayer.appmapping-platform"]);
    assert_eq!(said(json!({}), &[]), ["E appmap.requirement"; 2]);
    assert_eq!(
        said(json!({ "DesignatedRequirement": " ", "SigningIdentifier": "x" }), &[]),
        ["E appmap.requirement"]
    );
    let mut tools = signed();
    tools["MatchTools"] = json!([{ "SigningIdentifier": "y" }]);
    assert_eq!(said(tools, &[]), ["E appmap.requirement"]);
}

#[test]
fn vpnuuids_and_types_of_per_app_vpns() {
    let said = |more: Json| said_of(&[&per_app(&more)], &["applayer.vpnuuid-missing", "applayer.type"], &[]);
    assert_eq!(said(json!({ "VPNUUID": " " })), ["E applayer.vpnuuid-missing"]);
    assert_eq!(said(json!({ "VPNUUID": "{{UUID}}" })), NONE);
    for kind in ["VPN", "IPSec", "IKEv2", "ikev2", "PPTP", "x"] {
        assert_eq!(said(json!({ "VPNType": kind })), NONE, "{kind}");
    }
    for kind in ["L2TP", "AlwaysOn", "TransparentProxy"] {
        assert_eq!(said(json!({ "VPNType": kind })), ["E applayer.type"], "{kind}");
    }
}

#[test]
fn relays() {
    let relay = |relays: Json, more: Json| {
        let mut payload = json!({ "PayloadType": "com.apple.relay.managed", "Relays": relays });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let url = |relays: Json| said_of(&[&relay(relays, json!({ "RelayUUID": UUID }))], &["relay"], &[]);
    assert_eq!(url(json!([{ "HTTP2RelayURL": "https://r.example/{?target_host,target_port}" }])), NONE);
    assert_eq!(url(json!([{ "HTTP2RelayURL": "{{URL}}" }])), NONE);
    assert_eq!(url(json!([{}, { "HTTP3RelayURL": "r.example" }])), ["E relay.url"; 2]);
    let enrolled = Target { user_enrollment: true, ..("ios-26".parse().unwrap()) };
    let without = relay(json!([]), json!({}));
    assert_eq!(said_of(&[&without], &["relay"], &[enrolled]), ["E relay.uuid"]);
    assert_eq!(said_of(&[&without], &["relay"], &targets(&["ios-26"])), NONE);
    assert_eq!(said_of(&[&without], &["relay"], &[]), NONE);
}

#[test]
fn private_networks_and_transparent_proxies() {
    let fence = |key: &str, number: Json| {
        let mut fence = json!({ "Latitude": 48.1, "Longitude": 11, "Radius": 500 });
        fence[key] = number;
        let payload =
            json!({ "PayloadType": "com.apple.cellularprivatenetwork.managed", "Geofences": [fence] });
        said_of(&[&payload], &["slice"], &[])
    };
    for (key, fine, wrong) in [
        ("Latitude", [-90.0, 90.0], [-90.1, 90.5]),
        ("Longitude", [-180.0, 180.0], [-181.0, 180.01]),
        ("Radius", [100.0, 6500.0], [99.9, 6501.0]),
    ] {
        for number in fine {
            assert_eq!(fence(key, json!(number)), NONE, "{key} {number}");
        }
        for number in wrong {
            assert_eq!(fence(key, json!(number)), ["E slice.range"], "{key} {number}");
        }
        assert_eq!(fence(key, json!(i64::MAX)), ["E slice.range"], "{key}");
        assert_eq!(fence(key, json!("x")), NONE, "its type is another rule's");
    }
    let proxy = |order: i64, names: &[&str]| {
        let payload = json!({
            "PayloadType": "com.apple.vpn.managed", "VPNType": "TransparentProxy", "TransparentProxy": { "Order": order },
        });
        said_of(&[&payload], &["transparent"], &targets(names))
    };
    assert_eq!(proxy(1, &["macos-14"]), NONE);
    assert_eq!(proxy(-1, &["macos-14"]), ["E transparent.order"]);
    assert_eq!(proxy(1, &[]), ["N transparent.macos"]);
}

/// An IKEv2 payload with these settings.
fn ikev2(settings: Json) -> Json {
    json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "IKEv2", "IKEv2": settings })
}

const IKE: &str = "IKESecurityAssociationParameters";
const CHILD: &str = "ChildSecurityAssociationParameters";
const FALLBACK: &str = "AllowPostQuantumKeyExchangeFallback";

#[test]
fn post_quantum_methods() {
    let said = |settings: Json| said_of(&[&ikev2(settings)], &["pq"], &targets(&["ios-26", "tvos-26"]));
    let ike = |methods: Json| json!({ IKE: { "PostQuantumKeyExchangeMethods": methods }, FALLBACK: 1 });
    let child = |methods: Json| json!({ CHILD: { "PostQuantumKeyExchangeMethods": methods }, FALLBACK: 1 });
    for list in [ike, child] {
        assert_eq!(said(list(json!([36]))), NONE);
        assert_eq!(said(list(json!([36, 0, 0]))), NONE, "0 allows to leave a round out");
        assert_eq!(said(list(json!([0]))), ["W pq.fallback-ignored", "W pq.first-none"]);
        assert_eq!(said(list(json!([]))), ["W pq.empty", "W pq.fallback-ignored"]);
        assert_eq!(said(list(json!([36, 36, 36]))), ["W pq.repeat"]);
        assert_eq!(said(list(json!([36, 0, 0, 0, 0, 0, 0, 0]))), ["E pq.too-many"]);
        for wrong in [json!(35), json!(-1), json!("36"), json!(36.5)] {
            assert_eq!(said(list(json!([wrong]))), ["E pq.unknown-method"], "{wrong}");
        }
        assert_eq!(said(list(json!(["${METHOD}"]))), NONE);
        assert_eq!(said(list(json!("36"))), ["W pq.fallback-ignored"], "not a list");
    }
    // Only the IKE SA's keys travel in IKE_INTERMEDIATE, and only its proposal is refused outright.
    assert_eq!(said(ike(json!([37]))), ["N pq.ikeint-hint"]);
    assert_eq!(said(child(json!([37]))), NONE);
    let no_fallback = |key: &str| json!({ key: { "PostQuantumKeyExchangeMethods": [36] } });
    assert_eq!(said(no_fallback(IKE)), ["N pq.no-fallback"]);
    assert_eq!(said(no_fallback(CHILD)), NONE);
    let with = |flag: Json| json!({ IKE: { "PostQuantumKeyExchangeMethods": [36] }, FALLBACK: flag });
    assert_eq!(said(with(json!(0))), ["N pq.no-fallback"]);
    assert_eq!(said(with(json!(false))), ["N pq.no-fallback"]);
    assert_eq!(said(with(json!("x"))), NONE);
    let mixed = json!({ IKE: { "PostQuantumKeyExchangeMethods": [36, 0] } });
    assert_eq!(said(mixed), ["N pq.no-fallback", "W pq.first-none"]);
}

#[test]
fn post_quantum_versions() {
    let methods = ikev2(json!({ IKE: { "PostQuantumKeyExchangeMethods": [36] }, FALLBACK: 1 }));
    let key = ikev2(json!({ "PPK": "data:0123456789abcdef0123456789abcdef", "PPKIdentifier": "x" }));
    let said = |payload: &Json, names: &[&str]| said_of(&[payload], &["pq", "ppk"], &targets(names));
    assert_eq!(said(&methods, &[]), ["N pq.version"]);
    assert_eq!(said(&key, &[]), ["N ppk.version"]);
    // Apple's schema has 16.0 for tvOS, which cannot be.
    for old in ["ios-18.5", "macos-15", "tvos-18", "visionos-2"] {
        assert_eq!(said(&methods, &[old]), ["W pq.version"], "{old}");
        assert_eq!(said(&key, &[old]), NONE, "{old}");
    }
    for old in ["ios-17", "macos-14.9", "tvos-17", "visionos-1"] {
        assert_eq!(said(&key, &[old]), ["W ppk.version"], "{old}");
    }
    assert_eq!(said(&methods, &["ios-26", "macos-27"]), NONE);
}

#[test]
fn pre_shared_post_quantum_keys() {
    let said = |settings: Json| said_of(&[&ikev2(settings)], &["ppk"], &targets(&["ios-26"]));
    let long = "data:0123456789abcdef0123456789abcdef";
    assert_eq!(said(json!({ "PPK": long, "PPKIdentifier": "x", "PPKMandatory": 1 })), NONE);
    assert_eq!(said(json!({ "PPK": &long[..36], "PPKIdentifier": "x" })), ["W ppk.short"]);
    assert_eq!(said(json!({ "PPK": "data:", "PPKIdentifier": "x" })), ["E ppk.unusable"]);
    assert_eq!(
        said(json!({ "PPK": format!("data:{}", "x".repeat(4097)), "PPKIdentifier": "x" })),
        ["E ppk.unusable"]
    );
    assert_eq!(said(json!({ "PPK": long })), ["E ppk.pair"]);
    assert_eq!(said(json!({ "PPKIdentifier": "x" })), ["E ppk.pair"]);
    assert_eq!(said(json!({ "PPK": long, "PPKIdentifier": "" })), ["E ppk.pair"]);
    assert_eq!(said(json!({ "PPKMandatory": 0 })), ["W ppk.mandatory-ignored"]);
    assert_eq!(said(json!({ "PPKMandatory": 1, "PPKIdentifier": "x" })), ["E ppk.pair"]);
    // Always On tunnels have the same keys.
    let always_on = json!({
        "PayloadType": "com.apple.vpn.managed", "VPNType": "AlwaysOn",
        "AlwaysOn": { "TunnelConfigurations": [{ "ProtocolType": "IKEv2", "RemoteAddress": "a.example", "PPK": long }] },
    });
    assert_eq!(said_of(&[&always_on], &["ppk"], &targets(&["ios-26"])), ["E ppk.pair"]);
}

#[test]
fn certificate_requests() {
    let scep = |settings: Json| {
        said_of(
            &[&json!({ "PayloadType": "com.apple.security.scep", "PayloadContent": settings })],
            &["scep"],
            &[],
        )
    };
    for size in [1024, 2048, 4096] {
        assert_eq!(scep(json!({ "Keysize": size })), NONE);
    }
    assert_eq!(scep(json!({ "Keysize": 0 })), ["W scep.keysize"]);
    assert_eq!(scep(json!({ "Keysize": 512 })), ["E scep.keysize"]);
    assert_eq!(scep(json!({ "SubjectAltName": { "ntPrincipalName": ["a", "b"] } })), ["E scep.san-type"]);
    assert_eq!(scep(json!({ "SubjectAltName": { "ntPrincipalName": "a", "dNSName": ["a"] } })), NONE);
    let acme = |kind: &str, size: i64, bound: bool, attest: bool| {
        let payload = json!({
            "PayloadType": "com.apple.security.acme", "KeyType": kind, "KeySize": size, "HardwareBound": bound,
            "Attest": attest,
        });
        said_of(&[&payload], &["acme"], &[])
    };
    const EC: &str = "ECSECPrimeRandom";
    for (kind, size, bound) in [
        ("RSA", 1024, false),
        ("RSA", 4096, false),
        ("RSA", 3000, false),
        (EC, 192, false),
        (EC, 521, false),
        (EC, 384, true),
    ] {
        assert_eq!(acme(kind, size, bound, bound), NONE, "{kind} {size}");
    }
    for (kind, size) in [("RSA", 1000), ("RSA", 4104), ("RSA", 2047), (EC, 512), (EC, 2048)] {
        assert_eq!(acme(kind, size, false, false), ["E acme.keysize"], "{kind} {size}");
    }
    for (kind, size) in [("RSA", 2048), (EC, 521), (EC, 192)] {
        assert_eq!(acme(kind, size, true, true), ["E acme.hardware-bound"], "{kind} {size}");
    }
    assert_eq!(acme(EC, 256, false, true), ["E acme.attest"]);
    assert_eq!(acme("DSA", 7, true, true), NONE, "value.not-allowed tells");
}

#[test]
fn secrets_are_told_once_and_never_shown() {
    let said = |settings: Json| said_of(&[&ikev2(settings)], &["secret"], &[]);
    let plain = ["W secret.plaintext"];
    let sample = ["N secret.placeholder"];
    for key in ["SharedSecret", "AuthPassword", "Password", "PPK", "XAuthPassword", "vendorPassphrase"] {
        assert_eq!(said(json!({ key: "rW7-fpQz4kLm" })), plain, "{key}");
        assert_eq!(said(json!({ key: "data:rW7-fpQz4kLm" })), plain, "{key}");
        assert_eq!(said(json!({ key: "changeme" })), sample, "{key}");
        for nothing in [json!(""), json!("${SECRET}"), json!("{{ secret }}"), json!(7), json!({}), json!([])]
        {
            assert_eq!(said(json!({ key: nothing })), NONE, "{key}");
        }
    }
    // Text that looks like a shell's variable may be a password.
    assert_eq!(said(json!({ "SharedSecret": "$ecret" })), plain);
    assert_eq!(said(json!({ "OnDemandRules": [{ "Proxies": { "HTTPProxyPassword": "rW7-fpQz" } }] })), plain);
    let pem = "data:-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let payload = json!({ "PayloadType": "com.apple.security.pem", "PayloadContent": pem });
    assert_eq!(said_of(&[&payload], &["secret"], &[]), plain);
    let password = json!({ "PayloadType": "com.apple.security.pkcs12", "Password": "changeme" });
    assert_eq!(said_of(&[&password], &["secret"], &[]), plain, "whether it fits can be tried");
}

#[test]
fn declarations_are_spoken_of_where_somebody_asks() {
    let vpn = |kind: &str, settings: Json| json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": kind, kind: settings });
    let all = |payload: &Json, names: &[&str]| said_of(&[payload], &["ddm"], &targets(names));
    // Selecting the family is asking; without a word for it a target has to be of 27.0.
    let with_target = |payload: &Json, names: &[&str]| {
        let said = said_of(&[payload], &[], &targets(names));
        said.into_iter().filter(|said| said.contains("ddm.")).collect::<Vec<_>>()
    };
    for kind in ["IKEv2", "IPSec", "VPN", "AlwaysOn"] {
        let payload = vpn(kind, json!({}));
        assert_eq!(all(&payload, &[]), ["N ddm.can-convert"], "{kind}");
        assert_eq!(with_target(&payload, &["ios-27.0"]), ["N ddm.can-convert"], "{kind}");
        for old in [&[][..], &["ios-26.4"], &["watchos-27.0"]] {
            assert_eq!(with_target(&payload, old), NONE, "{kind} {old:?}");
        }
    }
    for kind in ["L2TP", "TransparentProxy"] {
        assert_eq!(all(&vpn(kind, json!({})), &[]), ["W ddm.lost-on-convert"], "{kind}");
        assert_eq!(with_target(&vpn(kind, json!({})), &["macos-27.1"]), ["N ddm.lost-on-convert"], "{kind}");
    }
    assert_eq!(all(&per_app(&json!({ "SharedSecret": "x" })), &[]), ["W ddm.lost-on-convert"]);
    let lost = |kind: &str, settings: Json| {
        let said = all(&vpn(kind, settings), &[]);
        said.iter().filter(|said| *said == "W ddm.lost-on-convert").count()
    };
    let old =
        json!({ "EncryptionAlgorithm": "3DES", "IntegrityAlgorithm": "SHA1-96", "DiffieHellmanGroup": 2 });
    assert_eq!(lost("IKEv2", json!({ IKE: old, CHILD: { "DiffieHellmanGroup": 5 } })), 4);
    assert_eq!(
        lost("IKEv2", json!({ IKE: { "EncryptionAlgorithm": "AES-256", "DiffieHellmanGroup": 14 } })),
        0
    );
    assert_eq!(lost("IKEv2", json!({ "OnDemandUserOverrideDisabled": 1 })), 0);
    assert_eq!(
        lost("IPSec", json!({ "OnDemandUserOverrideDisabled": 1, "OnDemandMatchDomainsNever": [] })),
        2
    );
    // The combined form of the 27.0 declaration takes a bundle identifier alone.
    assert_eq!(lost("VPN", json!({ "ProviderBundleIdentifier": "a" })), 0);
    assert_eq!(
        lost("VPN", json!({ "ProviderBundleIdentifier": "a", "ProviderDesignatedRequirement": "b" })),
        0
    );
    let mut vendor = vpn("VPN", json!({}));
    vendor["VendorConfig"] = json!({ "Realm": "a", "Group": "b", "Other": "c" });
    vendor["Proxies"] = json!({ "HTTPSProxyPassword": "x", "HTTPProxyPassword": "y" });
    vendor["DNS"] = json!({ "PayloadCertificateUUID": "x" });
    assert_eq!(
        all(&vendor, &[]),
        [
            "N ddm.can-convert",
            "N ddm.needs-asset",
            "N ddm.needs-asset",
            "W ddm.lost-on-convert",
            "W ddm.lost-on-convert"
        ]
    );
    let assets = |settings: Json| {
        let said = all(&vpn("IPSec", settings), &[]);
        said.iter().filter(|said| *said == "N ddm.needs-asset").count()
    };
    assert_eq!(assets(json!({ "SharedSecret": "data:x", "XAuthName": "a", "XAuthPassword": "b" })), 2);
    assert_eq!(assets(json!({ "PayloadCertificateUUID": "x" })), 1);
}
