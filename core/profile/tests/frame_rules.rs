//! References, the VPN frame, routing, IPSec, L2TP and PPP: the branches of their rules, each with what is said and how
//! much it matters.
//!
//! The fixtures of `tests/rules` show each code once with its report; here small payloads go through what else the rules
//! tell apart: placeholders, missing and empty values, kinds of payload, targets, floods.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::build::{Value, to_xml};
use adit_profile::report::{MAX_DIAGNOSTICS, Report};
use adit_profile::rules::Options;
use adit_profile::{Limits, Severity, check_with};
use serde_json::{Value as Json, json};

fn value(json: &Json) -> Value {
    match json {
        // Data is written as `{"$data": "text"}`.
        Json::Object(map) => match map.get("$data").and_then(Json::as_str) {
            Some(text) => Value::from(text.as_bytes().to_vec()),
            None => Value::dict(map.iter().map(|(key, item)| (key.clone(), value(item)))),
        },
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => number.as_i64().unwrap().into(),
        Json::Bool(flag) => (*flag).into(),
        Json::Null => panic!("property lists have no null"),
    }
}

fn report(payloads: &Json, targets: &[&str], explain: bool) -> Report {
    let root =
        Value::dict([("PayloadType", Value::from("Configuration")), ("PayloadContent", value(payloads))]);
    let mut options = Options {
        select: ["ref", "vpn", "route", "ipsec", "l2tp", "ppp"].map(str::to_owned).to_vec(),
        ignore: vec!["vpn.name-missing".to_owned()],
        explain,
        ..Options::default()
    };
    for target in targets {
        match *target {
            "user-enrollment" => options.targets.iter_mut().for_each(|target| target.user_enrollment = true),
            target => options.targets.push(target.parse().unwrap()),
        }
    }
    check_with(to_xml(&root).unwrap().as_bytes(), &Limits::default(), &options)
}

/// `W ipsec.hybrid` and so on, sorted.
fn listed(report: &Report) -> Vec<String> {
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

fn said(payloads: &Json, targets: &[&str]) -> Vec<String> {
    listed(&report(payloads, targets, false))
}

/// What is said of each VPN payload by itself.
fn table(rows: Vec<(Json, &[&str])>) {
    for (payload, expected) in rows {
        assert_eq!(said(&json!([payload]), &[]), expected, "{payload:#}");
    }
}

/// A payload of a type whose dictionary has its name, on top of what a sound one has.
fn vpn(kind: &str, settings: &Json) -> Json {
    json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": kind, kind: settings })
}

fn with(mut payload: Json, keys: Json) -> Json {
    payload.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    payload
}

fn ikev2(keys: Json) -> Json {
    vpn(
        "IKEv2",
        &with(json!({ "RemoteAddress": "vpn.example.com", "AuthenticationMethod": "SharedSecret" }), keys),
    )
}

fn app(keys: Json) -> Json {
    let settings = with(json!({ "RemoteAddress": "vpn.example.com" }), keys);
    with(vpn("VPN", &settings), json!({ "VPNSubType": "com.cisco.anyconnect" }))
}

fn ipsec(keys: Json) -> Json {
    let secret = json!({ "$data": "rW7-fpQz4kLm" });
    vpn("IPSec", &with(json!({ "RemoteAddress": "192.0.2.1", "SharedSecret": secret }), keys))
}

fn l2tp(ppp: Json, ipsec: Json) -> Json {
    let ppp = with(json!({ "CommRemoteAddress": "vpn.example.com" }), ppp);
    json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "L2TP", "PPP": ppp, "IPSec": ipsec })
}

fn secret() -> Json {
    json!({ "SharedSecret": { "$data": "rW7-fpQz4kLm" } })
}

fn identity(kind: &str, uuid: &str) -> Json {
    json!({ "PayloadType": format!("com.apple.security.{kind}"), "PayloadUUID": uuid, "PayloadIdentifier": "id.example" })
}

const UUID: &str = "A6C0E1D2-48B9-4C57-8E6F-90A1B2C3D4E5";

#[test]
fn the_type_decides_which_dictionary_counts() {
    table(vec![
        (json!({ "PayloadType": "com.apple.vpn.managed" }), &["E vpn.type-missing"]),
        (with(vpn("IKEv2", &json!({})), json!({ "VPNType": "{{ type }}" })), &[]),
        (with(vpn("IKEv2", &json!({})), json!({ "VPNType": "WireGuard" })), &[]),
        (vpn("PPTP", &json!({})), &["E vpn.type-removed"]),
        (
            json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "IPSec" }),
            &["E vpn.section-missing", "N ipsec.ikev1"],
        ),
        // A dictionary of the wrong type is told by its type alone.
        (vpn("IKEv2", &json!("text")), &[]),
        (
            with(ikev2(json!({})), json!({ "VPN": {}, "IPSec": { "AuthenticationMethod": "None" } })),
            &["N vpn.section-unused", "N vpn.section-unused"],
        ),
        (l2tp(json!({}), secret()), &["N ipsec.ikev1"]),
        (
            json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "L2TP", "IPSec": secret() }),
            &["E vpn.section-missing", "N ipsec.ikev1"],
        ),
    ]);
}

#[test]
fn a_missing_type_is_known_from_its_dictionary() {
    for (keys, kind) in [
        (json!({ "IKEv2": {} }), Some("IKEv2")),
        (json!({ "PPP": {}, "IPSec": {} }), Some("L2TP")),
        (json!({ "IPSec": {} }), Some("IPSec")),
        (json!({ "VPN": {}, "IKEv2": {} }), None),
        (json!({}), None),
    ] {
        let payload = with(json!({ "PayloadType": "com.apple.vpn.managed" }), keys);
        let report = report(&json!([payload]), &[], false);
        let fix = report.diagnostics[0].fixes.first().map(|fix| fix.title.clone());
        assert_eq!(fix, kind.map(|kind| format!("add VPNType {kind}")), "{payload:#}");
    }
}

#[test]
fn a_dictionary_in_another_case_is_renamed() {
    let payload = json!([{ "PayloadType": "com.apple.vpn.managed", "VPNType": "IKEv2", "ikev2": {} }]);
    let report = report(&payload, &[], false);
    assert_eq!(listed(&report), ["E vpn.section-missing"]);
    assert_eq!(report.diagnostics[0].fixes[0].title, "rename it to IKEv2");
}

#[test]
fn subtypes_name_apps() {
    let sub = |subtype: &str| with(app(json!({})), json!({ "VPNSubType": subtype }));
    table(vec![
        (app(json!({})), &[]),
        (sub(""), &["E vpn.subtype-missing"]),
        (sub("$SUBTYPE"), &[]),
        (sub("com.example.vpn"), &["N vpn.subtype-unknown"]),
        (sub("net.juniper.sslvpn"), &["N vpn.subtype-legacy-plugin"]),
        // The name of a plug-in that the vendor kept for its app.
        (sub("com.sonicwall.SonicWALL-SSLVPN.vpnplugin"), &[]),
        (with(ikev2(json!({})), json!({ "VPNSubType": "" })), &[]),
        (with(ikev2(json!({})), json!({ "VPNSubType": "com.example.vpn" })), &["E vpn.subtype-with-ikev2"]),
        (with(ikev2(json!({})), json!({ "VendorConfig": {} })), &[]),
        (with(ikev2(json!({})), json!({ "VendorConfig": { "a": "b" } })), &["W vpn.vendorconfig-ignored"]),
        (with(app(json!({})), json!({ "VendorConfig": { "Group": "x" } })), &[]),
        (
            with(app(json!({})), json!({ "VendorConfig": { "Role": "x" } })),
            &["W vpn.vendorconfig-wrong-vendor"],
        ),
        // Empty values, apps of free settings and unknown apps are left alone.
        (with(app(json!({})), json!({ "VendorConfig": { "Role": "" } })), &[]),
        (with(sub("com.f5.access.ios"), json!({ "VendorConfig": { "Realm": "x" } })), &[]),
        (
            with(sub("com.example.vpn"), json!({ "VendorConfig": { "Realm": "x" } })),
            &["N vpn.subtype-unknown"],
        ),
    ]);
    let old = json!([sub("com.cisco.anyconnect.applevpn.plugin")]);
    assert_eq!(said(&old, &["ios-26.1"]), ["W vpn.subtype-legacy-plugin"]);
    assert_eq!(said(&old, &["ios-8.0"]), [""; 0]);
}

#[test]
fn servers_are_named_as_hosts() {
    let address = |text: &str| ikev2(json!({ "RemoteAddress": text }));
    for sound in ["vpn.example.com", "192.0.2.1", "2001:db8::1", "{{ server }}", "bücher.example"] {
        assert_eq!(said(&json!([address(sound)]), &[]), [""; 0], "{sound}");
    }
    for wrong in [
        "https://vpn.example.com",
        "vpn.example.com:500",
        "[2001:db8::1]",
        "fe80::1%en0",
        "*.example.com",
        "a b",
    ] {
        assert_eq!(said(&json!([address(wrong)]), &[]), ["E vpn.remote-syntax"], "{wrong}");
    }
    for empty in ["", "  "] {
        assert_eq!(said(&json!([address(empty)]), &[]), ["E vpn.remote-missing"], "{empty:?}");
    }
    for sound in ["https://vpn.example.com/group", "10.99.0.10:51820", "DEFAULT", "vpn.example.com/group"] {
        assert_eq!(said(&json!([app(json!({ "RemoteAddress": sound }))]), &[]), [""; 0], "{sound}");
    }
    assert_eq!(said(&json!([app(json!({ "RemoteAddress": "two words" }))]), &[]), ["N vpn.remote-syntax"]);
    assert_eq!(
        said(&json!([l2tp(json!({ "CommRemoteAddress": "vpn.example.com:1701" }), secret())]), &[]),
        ["E vpn.remote-syntax", "N ipsec.ikev1"]
    );
    let tunnel = json!({ "ProtocolType": "IKEv2", "RemoteAddress": "https://a.example", "ProviderType": "packet-tunnel" });
    let always_on = vpn("AlwaysOn", &json!({ "TunnelConfigurations": [tunnel] }));
    assert_eq!(said(&json!([always_on]), &[]), ["E vpn.remote-syntax", "N vpn.provider-type-in-ikev2"]);
}

#[test]
fn apps_have_the_credentials_that_their_method_needs() {
    let own = json!({ "VPNSubType": "com.wireguard.ios", "VendorConfig": { "WgQuickConfig": "x" } });
    table(vec![
        (app(json!({ "AuthenticationMethod": "Password" })), &["N vpn.auth-needs-password"]),
        (app(json!({ "AuthenticationMethod": "Password", "AuthPassword": "{{ password }}" })), &[]),
        (with(app(json!({ "AuthenticationMethod": "Password" })), own), &[]),
        (app(json!({ "AuthenticationMethod": "Certificate" })), &["E vpn.auth-needs-cert"]),
        (
            app(json!({ "AuthenticationMethod": "Certificate", "PayloadCertificateUUID": "" })),
            &["E vpn.auth-needs-cert"],
        ),
        (app(json!({ "AuthenticationMethod": "Certificate", "PayloadCertificateUUID": "{{ uuid }}" })), &[]),
        (app(json!({ "AuthenticationMethod": "{{ method }}" })), &[]),
        (app(json!({ "ProviderBundleIdentifier": "com.example.x" })), &["N vpn.provider-sysext"]),
        (
            app(
                json!({ "ProviderBundleIdentifier": "a.b", "ProviderDesignatedRequirement": "anchor apple" }),
            ),
            &[],
        ),
        (
            app(json!({ "ProviderBundleIdentifier": "a.b", "ProviderDesignatedRequirement": "anchor" })),
            &["W vpn.requirement-syntax"],
        ),
    ]);
    let bundle = json!([app(json!({ "ProviderBundleIdentifier": "com.example.x" }))]);
    assert_eq!(said(&bundle, &["macos-15.0", "ios-26.0"]), ["W vpn.provider-sysext"]);
    assert_eq!(said(&bundle, &["ios-26.0"]), [""; 0]);
}

#[test]
fn idle_times_are_used_and_sound() {
    table(vec![
        (ikev2(json!({ "DisconnectOnIdle": 1, "DisconnectOnIdleTimer": 60 })), &[]),
        (ikev2(json!({ "DisconnectOnIdle": true })), &["N vpn.idle-no-timer"]),
        (ikev2(json!({ "DisconnectOnIdleTimer": 60 })), &["W vpn.idle-timer-alone"]),
        (ikev2(json!({ "DisconnectOnIdleTimer": 0 })), &[]),
        (ikev2(json!({ "DisconnectOnIdle": "{{ idle }}", "DisconnectOnIdleTimer": 60 })), &[]),
        (app(json!({ "DisconnectOnIdleTimer": -1, "DisconnectOnIdle": 1 })), &["E vpn.idle-negative"]),
        (l2tp(json!({ "DisconnectOnIdleTimer": 5 }), secret()), &["N ipsec.ikev1", "W vpn.idle-timer-alone"]),
    ]);
    let per_app = with(
        ikev2(json!({ "DisconnectOnIdle": 1, "DisconnectOnIdleTimer": 60 })),
        json!({ "PayloadType": "com.apple.vpn.managed.applayer", "VPNUUID": "x" }),
    );
    assert_eq!(said(&json!([per_app]), &["watchos-11.0"]), ["E vpn.idle-watch"]);
    assert_eq!(said(&json!([per_app]), &["ios-26.0"]), [""; 0]);
}

#[test]
fn targets_know_some_types_only() {
    let all: [(Json, &[&str]); 5] = [
        (ikev2(json!({})), &[]),
        (app(json!({})), &["watchos-11.0"]),
        (l2tp(json!({}), secret()), &["tvos-26.0", "watchos-11.0"]),
        (vpn("AlwaysOn", &json!({})), &["macos-26.0", "tvos-26.0", "visionos-26.0", "watchos-11.0"]),
        (
            with(vpn("TransparentProxy", &json!({})), json!({ "VPNSubType": "com.example.proxy" })),
            &["ios-26.0", "macos-13.0", "tvos-26.0", "visionos-26.0", "watchos-11.0"],
        ),
    ];
    for (payload, refused) in all {
        for target in ["ios-26.0", "macos-13.0", "macos-26.0", "tvos-26.0", "visionos-26.0", "watchos-11.0"] {
            let found = said(&json!([payload]), &[target]).contains(&"E vpn.type-platform".to_owned());
            // Always On is for no macOS at all.
            let expected =
                refused.contains(&target) || (target == "macos-13.0" && refused.contains(&"macos-26.0"));
            assert_eq!(found, expected, "{target} {payload:#}");
        }
    }
    let managed = json!([ikev2(json!({}))]);
    assert_eq!(said(&managed, &["ios-26.0", "user-enrollment"]), ["E vpn.user-enrollment"]);
    assert_eq!(said(&managed, &["ios-26.0"]), [""; 0]);
}

#[test]
fn routing_flags_that_nothing_looks_at_are_told() {
    let connect = json!([{ "Action": "Connect" }]);
    table(vec![
        (ikev2(json!({ "IncludeAllNetworks": 1, "ExcludeLocalNetworks": 0, "ExcludeAPNs": 0 })), &[]),
        (ikev2(json!({ "IncludeAllNetworks": 1 })), &["N route.exclude-local-default"]),
        (
            ikev2(json!({ "IncludeAllNetworks": "{{ all }}", "ExcludeAPNs": 0, "ExcludeLocalNetworks": 1 })),
            &[],
        ),
        (ikev2(json!({ "EnforceRoutes": 1, "ExcludeLocalNetworks": 1 })), &[]),
        (ikev2(json!({ "EnforceRoutes": 0, "IncludeAllNetworks": 1, "ExcludeLocalNetworks": 1 })), &[]),
        (
            app(json!({ "ExcludeAPNs": 1, "ExcludeCellularServices": 1, "ExcludeDeviceCommunication": 1 })),
            &["W route.exclude-ignored", "W route.exclude-ignored", "W route.exclude-ignored"],
        ),
        (with(ikev2(json!({})), json!({ "IPv4": { "OverridePrimary": 0 } })), &[]),
        (with(ipsec(json!({})), json!({ "IPv4": { "OverridePrimary": 1 } })), &["N ipsec.ikev1"]),
        (
            with(app(json!({})), json!({ "IPv4": { "OverridePrimary": true } })),
            &["W route.override-primary-type"],
        ),
        (ikev2(json!({ "OnDemandEnabled": 1, "OnDemandRules": connect })), &["N route.kill-switch-hint"]),
        (ikev2(json!({ "OnDemandEnabled": 0, "OnDemandRules": connect })), &[]),
        (ikev2(json!({ "OnDemandEnabled": 1, "OnDemandRules": [{ "Action": "Disconnect" }] })), &[]),
        (app(json!({ "ProviderType": "app-proxy", "OnDemandEnabled": 1, "OnDemandRules": connect })), &[]),
    ]);
}

#[test]
fn ipsec_has_the_credentials_that_its_method_needs() {
    table(vec![
        (ipsec(json!({})), &["N ipsec.ikev1"]),
        (ipsec(json!({ "SharedSecret": { "$data": "" } })), &["E ipsec.psk-missing", "N ipsec.ikev1"]),
        // A string where data is needed is there, and told by its type.
        (ipsec(json!({ "SharedSecret": "text" })), &["N ipsec.ikev1"]),
        (
            ipsec(json!({ "SharedSecret": "", "LocalIdentifier": "a-hybrid" })),
            &["N ipsec.hybrid", "N ipsec.ikev1"],
        ),
        (ipsec(json!({ "AuthenticationMethod": "sharedsecret" })), &["N ipsec.ikev1"]),
        (ipsec(json!({ "AuthenticationMethod": "None" })), &["E ipsec.method", "N ipsec.ikev1"]),
        (ipsec(json!({ "AuthenticationMethod": "{{ m }}", "SharedSecret": "" })), &["N ipsec.ikev1"]),
        (ipsec(json!({ "AuthenticationMethod": "Certificate" })), &["E ipsec.cert-missing", "N ipsec.ikev1"]),
        (ipsec(json!({ "XAuthPassword": "x" })), &["N ipsec.ikev1", "W ipsec.xauth-name-off"]),
        (ipsec(json!({ "XAuthName": "", "XAuthEnabled": 0 })), &["N ipsec.ikev1"]),
        (ipsec(json!({ "PromptForVPNPIN": false })), &["N ipsec.ikev1"]),
        (l2tp(json!({}), json!({})), &["E ipsec.psk-missing", "N ipsec.ikev1"]),
        (
            with(vpn("L2TP", &json!({})), json!({ "PPP": { "CommRemoteAddress": "a.example" } })),
            &["E l2tp.needs-ipsec", "N ipsec.ikev1"],
        ),
        // What tools write of L2TP.
        (l2tp(json!({}), with(secret(), json!({ "LocalIdentifierType": "KeyID" }))), &["N ipsec.ikev1"]),
    ]);
    let certificate = json!({
        "AuthenticationMethod": "Certificate", "PayloadCertificateUUID": UUID, "SharedSecret": "",
        "LocalIdentifier": "staff", "LocalIdentifierType": "KeyID", "OnDemandEnabled": 1, "PromptForVPNPIN": true,
    });
    let expected = ["N ipsec.ikev1", "W ipsec.localid-with-cert", "W ipsec.localid-with-cert"];
    assert_eq!(said(&json!([identity("pkcs12", UUID), ipsec(certificate)]), &[]), expected);
}

#[test]
fn ppp_is_for_l2tp() {
    let ppp = |keys: Json| l2tp(keys, secret());
    table(vec![
        (ppp(json!({ "AuthEAPPlugins": ["EAP-RSA"], "AuthProtocol": ["EAP"] })), &["N ipsec.ikev1"]),
        (
            ppp(json!({ "AuthEAPPlugins": [], "AuthProtocol": ["EAP", "EAP"] })),
            &["E ppp.eap-single", "E ppp.eap-single", "N ipsec.ikev1"],
        ),
        (ppp(json!({ "TokenCard": false, "AuthPassword": "x" })), &["N ipsec.ikev1"]),
        (ppp(json!({ "TokenCard": 1, "AuthPassword": "" })), &["N ipsec.ikev1"]),
        (ppp(json!({ "CCPEnabled": 0, "CCPMPPE40Enabled": 0 })), &["N ipsec.ikev1"]),
        (
            ppp(json!({ "CCPMPPE40Enabled": 1, "CCPMPPE128Enabled": 1 })),
            &["N ipsec.ikev1", "W ppp.ccp", "W ppp.ccp"],
        ),
    ]);
}

#[test]
fn certificate_references_come_from_every_holder() {
    let key = |uuid: &str| json!({ "PayloadCertificateUUID": uuid });
    let method = |uuid: &str| with(key(uuid), json!({ "AuthenticationMethod": "Certificate" }));
    let holders: [Json; 9] = [
        app(method("x")),
        ipsec(method("x")),
        ikev2(method("x")),
        with(vpn("TransparentProxy", &method("x")), json!({ "VPNSubType": "net.openvpn.connect.app" })),
        with(ikev2(json!({})), json!({ "DNS": with(key("x"), json!({ "DNSProtocol": "TLS" })) })),
        vpn("AlwaysOn", &json!({ "TunnelConfigurations": [method("x")] })),
        json!({ "PayloadType": "com.apple.dnsSettings.managed", "DNSSettings": key("x") }),
        json!({ "PayloadType": "com.apple.relay.managed", "Relays": [{}, key("x")] }),
        with(key("x"), json!({ "PayloadType": "com.apple.security.identitypreference" })),
    ];
    for holder in holders {
        let refs = |payloads: &Json| -> Vec<String> {
            said(payloads, &[]).into_iter().filter(|said| said.contains(" ref.")).collect()
        };
        assert_eq!(refs(&json!([holder])), ["E ref.cert-missing"], "{holder:#}");
        assert_eq!(refs(&json!([identity("scep", "x"), holder])), [""; 0], "{holder:#}");
        assert_eq!(refs(&json!([identity("pem", "x"), holder])), ["E ref.cert-not-identity"], "{holder:#}");
        assert_eq!(refs(&json!([identity("acme", "X"), holder])), ["W ref.case-differs"], "{holder:#}");
        // A type that nobody knows may be anything; a UUID that a template fills in too.
        assert_eq!(refs(&json!([identity("future", "x"), holder])), [""; 0], "{holder:#}");
        assert_eq!(refs(&json!([identity("pkcs12", "{{ uuid }}"), holder])), [""; 0], "{holder:#}");
    }
    let preference = with(key("x"), json!({ "PayloadType": "com.apple.security.certificatepreference" }));
    assert_eq!(said(&json!([identity("root", "x"), preference]), &[]), [""; 0]);
}

#[test]
fn what_a_lost_reference_means_is_guessed_with_care() {
    let holder =
        |uuid: &str| ikev2(json!({ "AuthenticationMethod": "Certificate", "PayloadCertificateUUID": uuid }));
    let fix = |payloads: Json| {
        let report = report(&payloads, &[], false);
        let lost =
            report.diagnostics.iter().find(|one| one.code.as_str() == "ref.cert-missing").unwrap().clone();
        (lost.help.unwrap(), lost.fixes.len())
    };
    let (help, fixes) = fix(json!([identity("pkcs12", UUID), holder("id.example")]));
    assert!(help.contains("its name is no reference") && fixes == 1, "{help}");
    let (help, fixes) = fix(json!([identity("pkcs12", UUID), holder("other")]));
    assert!(help.contains("the only identity") && fixes == 1, "{help}");
    let two = json!([identity("pkcs12", UUID), identity("scep", "two"), holder("other")]);
    assert_eq!(fix(two).1, 0);
    assert_eq!(fix(json!([holder("other")])).1, 0);
}

#[test]
fn identities_are_used_or_told() {
    let wifi = json!({ "PayloadType": "com.apple.wifi.managed", "EAPClientConfiguration": { "x": [UUID.to_lowercase()] } });
    let vpn = ikev2(json!({}));
    assert_eq!(said(&json!([identity("scep", UUID), vpn]), &[]), ["N ref.identity-unused"]);
    assert_eq!(said(&json!([identity("scep", UUID), vpn, wifi]), &[]), [""; 0]);
    assert_eq!(said(&json!([identity("scep", UUID)]), &[]), [""; 0]);
    let open =
        ikev2(json!({ "AuthenticationMethod": "Certificate", "PayloadCertificateUUID": "{{ uuid }}" }));
    assert_eq!(said(&json!([identity("scep", UUID), open]), &[]), [""; 0]);
    // Certificate without EAP uses it; SharedSecret does not; EAP may.
    let method = |keys: Json| {
        json!([identity("scep", UUID), ikev2(with(json!({ "PayloadCertificateUUID": UUID }), keys))])
    };
    assert_eq!(said(&method(json!({})), &[]), ["W ref.cert-not-needed"]);
    assert_eq!(said(&method(json!({ "ExtendedAuthEnabled": 1 })), &[]), [""; 0]);
    assert_eq!(said(&method(json!({ "AuthenticationMethod": "Certificate" })), &[]), [""; 0]);
    let name = json!([identity("root", UUID), ikev2(json!({ "RemoteIdentifier": UUID.to_lowercase() }))]);
    assert_eq!(said(&name, &[]), ["E ref.wrong-key-kind"]);
}

#[test]
fn accounts_and_apps_name_a_per_app_vpn() {
    let per_app = |uuid: &str| {
        with(ikev2(json!({})), json!({ "PayloadType": "com.apple.vpn.managed.applayer", "VPNUUID": uuid }))
    };
    let accounts = [
        "mail.managed",
        "eas.account",
        "caldav.account",
        "carddav.account",
        "ldap.account",
        "google-oauth",
        "subscribedcalendar.account",
    ];
    for account in accounts {
        let account = json!({ "PayloadType": format!("com.apple.{account}"), "VPNUUID": "x" });
        assert_eq!(said(&json!([account, per_app("x")]), &[]), [""; 0], "{account:#}");
        assert_eq!(said(&json!([account, per_app("X")]), &[]), ["W ref.case-differs"], "{account:#}");
        assert_eq!(said(&json!([account, per_app("y")]), &[]), ["E ref.vpnuuid-missing"], "{account:#}");
        assert_eq!(said(&json!([account]), &[]), ["W ref.vpnuuid-missing"], "{account:#}");
        assert_eq!(said(&json!([account, per_app("$VPN")]), &[]), [""; 0], "{account:#}");
    }
    let three = json!([per_app("x"), per_app("X"), per_app("x")]);
    assert_eq!(said(&three, &[]), ["E ref.vpnuuid-duplicate", "E ref.vpnuuid-duplicate"]);
}

#[test]
fn explanations_are_said_when_asked_for() {
    let vpn = |keys: Json| {
        json!([ikev2(with(
            json!({ "AuthenticationMethod": "Certificate", "PayloadCertificateUUID": "{{ u }}" }),
            keys
        ))])
    };
    let explained = |payloads: &Json| listed(&report(payloads, &[], true));
    assert_eq!(explained(&vpn(json!({}))), ["N ref.ca-missing", "N vpn.personal-vs-managed"]);
    assert_eq!(explained(&json!([ikev2(json!({}))])), ["N vpn.personal-vs-managed"]);
    let with_root = json!([vpn(json!({}))[0], identity("root", "r")]);
    assert_eq!(explained(&with_root), ["N vpn.personal-vs-managed"]);
    assert_eq!(said(&vpn(json!({})), &[]), [""; 0]);
}

#[test]
fn a_flood_of_references_is_counted() {
    let lost = |number: usize| {
        let uuid = format!("lost-{number}");
        json!({ "PayloadType": "com.apple.security.identitypreference", "PayloadCertificateUUID": uuid, "PayloadUUID": format!("p-{number}") })
    };
    let payloads: Vec<Json> = (0..3000).map(lost).collect();
    let report = report(&json!(payloads), &[], false);
    assert_eq!(report.diagnostics.len() + report.suppressed, 3000);
    assert_eq!(report.diagnostics.len(), MAX_DIAGNOSTICS);
}
