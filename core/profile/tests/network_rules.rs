//! On demand, DNS, proxies and Always On: the branches of their rules, each with what is said and how much it matters.
//!
//! The fixtures of `tests/rules` show each code once with its report; here small payloads go through what else the rules
//! tell apart: placeholders, missing and empty values, the case of letters, kinds of payload, targets.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::build::{Value, to_xml};
use adit_profile::rules::Options;
use adit_profile::{Limits, Severity, check_with};
use serde_json::{Value as Json, json};

fn value(json: &Json) -> Value {
    match json {
        Json::Object(map) => Value::dict(map.iter().map(|(key, item)| (key.clone(), value(item)))),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => number.as_i64().unwrap().into(),
        Json::Bool(flag) => (*flag).into(),
        Json::Null => panic!("property lists have no null"),
    }
}

/// What the four families say of a payload: `W ondemand.action` and so on, in the order of the report.
fn said_for(payload: &Json, targets: &[&str]) -> Vec<String> {
    let root = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(vec![value(payload)])),
    ]);
    let options = Options {
        select: ["ondemand", "dns", "proxy", "alwayson"].map(str::to_owned).to_vec(),
        targets: targets.iter().map(|target| target.parse().unwrap()).collect(),
        ..Options::default()
    };
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

fn said(payload: &Json) -> Vec<String> {
    said_for(payload, &[])
}

fn vpn(kind: &str, settings: &Json) -> Json {
    json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": kind, kind: settings })
}

fn ikev2(rules: &Json) -> Json {
    vpn("IKEv2", &json!({ "OnDemandEnabled": 1, "OnDemandRules": rules }))
}

/// An IKEv2 payload with the rule, and one that matches on all other networks.
fn rule(rule: &Json) -> Json {
    let last = if rule.as_object().unwrap().len() == 1 { json!([]) } else { json!([{ "Action": "Ignore" }]) };
    let mut rules = vec![rule.clone()];
    rules.extend(last.as_array().unwrap().iter().cloned());
    ikev2(&json!(rules))
}

fn evaluate(parameter: &Json) -> Json {
    ikev2(&json!([{ "Action": "EvaluateConnection", "ActionParameters": [parameter] }]))
}

fn dns_settings(settings: &Json, rules: &Json) -> Json {
    json!({ "PayloadType": "com.apple.dnsSettings.managed", "DNSSettings": settings, "OnDemandRules": rules })
}

fn table(rows: Vec<(Json, &[&str])>) {
    for (payload, expected) in rows {
        assert_eq!(said(&payload), expected, "{payload:#}");
    }
}

#[test]
fn on_demand_is_switched_on_and_has_something_to_do() {
    let connect = json!([{ "Action": "Connect" }]);
    let per_app = |keys: Json, settings: Json| {
        let mut payload = vpn("IKEv2", &settings);
        payload["PayloadType"] = json!("com.apple.vpn.managed.applayer");
        payload.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        payload
    };
    table(vec![
        (ikev2(&connect), &[]),
        (vpn("IKEv2", &json!({ "OnDemandEnabled": true, "OnDemandRules": connect })), &[]),
        (vpn("IKEv2", &json!({ "OnDemandRules": connect })), &["W ondemand.rules-not-enabled"]),
        (
            vpn("VPN", &json!({ "OnDemandEnabled": false, "OnDemandRules": connect })),
            &["W ondemand.rules-not-enabled"],
        ),
        (vpn("IKEv2", &json!({ "OnDemandEnabled": "{{on}}", "OnDemandRules": connect })), &[]),
        (
            vpn("IKEv2", &json!({ "OnDemandEnabled": 1, "OnDemandRules": [] })),
            &["W ondemand.enabled-no-rules"],
        ),
        (vpn("IKEv2", &json!({ "OnDemandEnabled": 1, "OnDemandRules": "{{rules}}" })), &[]),
        (vpn("IKEv2", &json!({ "OnDemandEnabled": 0, "OnDemandRules": [] })), &[]),
        (per_app(json!({}), json!({ "OnDemandEnabled": 1 })), &[]),
        (per_app(json!({ "OnDemandMatchAppEnabled": true }), json!({ "OnDemandRules": connect })), &[]),
        (
            per_app(json!({ "OnDemandMatchAppEnabled": false }), json!({ "OnDemandEnabled": 1 })),
            &["W ondemand.enabled-no-rules"],
        ),
        (
            per_app(json!({ "OnDemandMatchAppEnabled": false }), json!({ "OnDemandRules": connect })),
            &["W ondemand.rules-not-enabled"],
        ),
        // The dictionary that the type does not use is not looked at.
        (
            json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "IKEv2", "IKEv2": {}, "VPN": { "OnDemandRules": connect } }),
            &[],
        ),
    ]);
}

#[test]
fn the_older_lists_count_where_they_are_defined() {
    let lists = json!({ "OnDemandEnabled": 1, "OnDemandMatchDomainsAlways": ["example.com"] });
    let empty = json!({ "OnDemandEnabled": 1, "OnDemandMatchDomainsAlways": [] });
    table(vec![
        (vpn("VPN", &lists), &["N ondemand.legacy-lists"]),
        (vpn("IPSec", &empty), &["N ondemand.legacy-lists", "W ondemand.enabled-no-rules"]),
        (vpn("IKEv2", &lists), &["W ondemand.enabled-no-rules", "W ondemand.legacy-lists"]),
    ]);
}

#[test]
fn nobody_types_a_password_for_on_demand() {
    let with = |kind: &str, action: &str, keys: Json| {
        let mut settings = json!({ "OnDemandEnabled": 1, "OnDemandRules": [{ "Action": action }] });
        settings.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        vpn(kind, &settings)
    };
    let eap = json!({ "ExtendedAuthEnabled": 1 });
    let told: &[&str] = &["W ondemand.needs-noninteractive"];
    table(vec![
        (with("IKEv2", "Connect", eap.clone()), told),
        (with("IKEv2", "Disconnect", eap.clone()), &[]),
        (with("IKEv2", "Connect", json!({ "ExtendedAuthEnabled": 1, "AuthPassword": "x" })), &[]),
        (with("IKEv2", "Connect", json!({ "ExtendedAuthEnabled": 1, "PayloadCertificateUUID": "x" })), &[]),
        (with("IPSec", "Connect", json!({ "XAuthEnabled": 1 })), told),
        (with("IPSec", "Connect", json!({ "XAuthEnabled": 1, "XAuthPassword": "x" })), &[]),
        (
            with(
                "IPSec",
                "Connect",
                json!({ "XAuthEnabled": 1, "XAuthPassword": "x", "XAuthPasswordEncryption": "Prompt" }),
            ),
            told,
        ),
        (with("IPSec", "Connect", json!({ "PromptForVPNPIN": true })), told),
        // An app logs in by its own ways.
        (with("VPN", "Connect", json!({ "AuthenticationMethod": "Password" })), &[]),
    ]);
}

#[test]
fn actions_and_their_parameters() {
    let https = json!({ "DNSProtocol": "HTTPS", "ServerURL": "https://dns.example.com/" });
    let of_dns = |action: &str| dns_settings(&https, &json!([{ "Action": action }]));
    let parameter = json!({ "Domains": ["example.com"], "DomainAction": "ConnectIfNeeded" });
    let evaluating =
        |parameters: Json| rule(&json!({ "Action": "EvaluateConnection", "ActionParameters": parameters }));
    let catch_all = |parameters: Json| {
        ikev2(&json!([{ "Action": "EvaluateConnection", "ActionParameters": parameters }]))
    };
    table(vec![
        (ikev2(&json!([{}])), &["E ondemand.action"]),
        (rule(&json!({ "Action": "connect" })), &["E ondemand.action"]),
        (rule(&json!({ "Action": "{{action}}" })), &[]),
        (rule(&json!({ "Action": "Allow" })), &["N ondemand.allow-deprecated"]),
        (of_dns("Disconnect"), &[]),
        (of_dns("disconnect"), &["E ondemand.action"]),
        (of_dns("Ignore"), &["E ondemand.dnssettings-actions"]),
        (of_dns("allow"), &["E ondemand.dnssettings-actions"]),
        (of_dns("Evaluate"), &["E ondemand.action"]),
        (rule(&json!({ "Action": "EvaluateConnection" })), &["E ondemand.evaluate-needs-params"]),
        (catch_all(json!([])), &["E ondemand.evaluate-needs-params"]),
        (catch_all(json!("{{parameters}}")), &[]),
        (catch_all(parameter.clone()), &["E ondemand.params-shape"]),
        (
            catch_all(json!({ "Domains": ["example.com"] })),
            &["E ondemand.domains-missing", "E ondemand.params-shape"],
        ),
        (catch_all(json!([parameter, {}])), &["E ondemand.domains-missing", "E ondemand.domains-missing"]),
        // Ignored as a whole, and said once.
        (
            ikev2(&json!([{ "Action": "Connect", "ActionParameters": [{ "DomainAction": "Never" }] }])),
            &["W ondemand.params-ignored"],
        ),
        (evaluating(json!([parameter])), &["W ondemand.unreachable"]),
        (evaluate(&json!({ "Domains": [], "DomainAction": "NeverConnect" })), &["W ondemand.empty-match"]),
        (
            evaluate(&json!({ "Domains": ["*.example.com"], "DomainAction": "NeverConnect" })),
            &["W ondemand.wildcard"],
        ),
        (
            evaluate(
                &json!({ "Domains": ["a"], "DomainAction": "neverconnect", "RequiredDNSServers": ["nowhere"], "RequiredURLStringProbe": "x" }),
            ),
            &["E ondemand.domain-action", "W ondemand.never-with-probe", "W ondemand.never-with-probe"],
        ),
        (
            evaluate(
                &json!({ "Domains": ["a"], "DomainAction": "ConnectIfNeeded", "RequiredDNSServers": ["10.0.0.1", "fe80::1%en0", "10.*", "ns.example.com"] }),
            ),
            &["E ondemand.dns-server-syntax", "E ondemand.dns-server-syntax"],
        ),
    ]);
}

#[test]
fn match_keys_and_probes() {
    let probing = |action: &str, url: &str| rule(&json!({ "Action": action, "URLStringProbe": url }));
    let matching = |key: &str, entries: Json| rule(&json!({ "Action": "Disconnect", key: entries }));
    table(vec![
        (matching("SSIDMatch", json!([])), &["W ondemand.empty-match"]),
        (matching("DNSDomainMatch", json!([])), &["W ondemand.empty-match"]),
        (matching("DNSDomainMatch", json!(["example.com", "*.example.com", "{{domain}}"])), &[]),
        (matching("DNSDomainMatch", json!(["*", "ex*.com", "*.*.com"])), &["W ondemand.wildcard"; 3]),
        (matching("DNSServerAddressMatch", json!(["10.*", "10.0.0.1", "2001:db8:*", "*", "%DNS%"])), &[]),
        (
            matching("DNSServerAddressMatch", json!(["10.0.0.0/8", "10.*.*", "ns"])),
            &["E ondemand.dns-server-syntax"; 3],
        ),
        (matching("InterfaceTypeMatch", json!("Wi-Fi")), &["E ondemand.interface"]),
        (matching("InterfaceTypeMatch", json!("wifi")), &["E ondemand.interface"]),
        (
            rule(&json!({ "Action": "Connect", "SSIDMatch": ["a"], "InterfaceTypeMatch": "Cellular" })),
            &["W ondemand.ssid-with-other-interface"],
        ),
        (rule(&json!({ "Action": "Connect", "SSIDMatch": ["a"], "InterfaceTypeMatch": "WiFi" })), &[]),
        (probing("Connect", "https://probe.example.com/x"), &[]),
        (probing("Connect", "http://probe.example.com/x"), &["N ondemand.probe-url"]),
        (probing("Connect", "ftp://probe.example.com/x"), &["E ondemand.probe-url"]),
        (probing("Connect", "probe.example.com"), &["E ondemand.probe-url"]),
        (probing("Connect", "${PROBE}"), &[]),
        (probing("Connect", "https://probe.example.com/"), &["N ondemand.probe-redirect"]),
        (probing("Connect", "http://captive.apple.com/hotspot-detect.html"), &["W ondemand.probe-captive"]),
        (probing("Connect", "http://www.apple.com/library/test/success.html"), &["W ondemand.probe-captive"]),
        (probing("Disconnect", "http://captive.apple.com"), &[]),
    ]);
}

#[test]
fn a_list_without_a_last_rule_for_all_networks() {
    let on = |interface: &str| json!({ "Action": "Connect", "InterfaceTypeMatch": interface });
    let phones = json!([on("WiFi"), on("Cellular")]);
    let no_default: &[&str] = &["N ondemand.no-default"];
    table(vec![
        (ikev2(&phones), no_default),
        (ikev2(&json!([on("WiFi"), on("Cellular"), on("Ethernet")])), &[]),
        (ikev2(&json!([{ "Action": "Connect", "SSIDMatch": ["a"] }])), no_default),
        (ikev2(&json!([{ "Action": "Connect", "SSIDMatch": ["{{ssid}}"] }])), &[]),
        (
            ikev2(&json!([{ "Action": "Connect" }, { "Action": "Ignore", "SSIDMatch": ["a"] }])),
            &["W ondemand.unreachable"],
        ),
    ]);
    assert!(said_for(&ikev2(&phones), &["ios-26.1"]).is_empty());
    assert_eq!(
        said_for(&ikev2(&phones), &["macos-26.1"]),
        ["N ondemand.no-default", "W ondemand.interface"],
        "Ethernet is missing, Cellular is not there"
    );
    assert_eq!(said_for(&ikev2(&phones), &["macos-26.1", "ios-26.1"]), no_default);
}

#[test]
fn targets_of_on_demand() {
    let watched = ikev2(&json!([
        { "Action": "Connect", "URLStringProbe": "https://a.example.com/x" },
        { "Action": "Disconnect" }
    ]));
    assert!(said(&watched).is_empty());
    assert_eq!(said_for(&watched, &["watchos-11.0"]), ["W ondemand.watch", "W ondemand.watch"]);
    // The watch passes over the first rule, so the second is reached there.
    let skipped = ikev2(&json!([{ "Action": "Connect" }, { "Action": "Disconnect" }]));
    assert_eq!(said(&skipped), ["W ondemand.unreachable"]);
    assert_eq!(said_for(&skipped, &["watchos-11.0"]), ["W ondemand.watch"]);
    let kept = vpn(
        "VPN",
        &json!({ "OnDemandEnabled": 1, "OnDemandUserOverrideDisabled": 1, "OnDemandRules": [{ "Action": "Connect" }] }),
    );
    assert_eq!(said(&kept), ["N ondemand.override-platform"]);
    assert_eq!(said_for(&kept, &["macos-15.0"]), ["W ondemand.override-platform"]);
    assert!(said_for(&kept, &["ios-26.1"]).is_empty());
}

#[test]
fn dns_of_a_vpn_and_encrypted_dns() {
    let of_vpn = |dns: Json| json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "IKEv2", "IKEv2": {}, "DNS": dns });
    let alone = |dns: Json| json!({ "PayloadType": "com.apple.dnsSettings.managed", "DNSSettings": dns });
    let servers = json!(["10.0.0.1"]);
    table(vec![
        (of_vpn(json!({ "DNSProtocol": "Cleartext", "ServerAddresses": servers })), &[]),
        (of_vpn(json!({ "ServerAddresses": servers })), &["N dns.protocol-missing"]),
        (of_vpn(json!({})), &["E dns.addresses-missing", "N dns.protocol-missing"]),
        (of_vpn(json!({ "ServerURL": "https://dns.example.com/" })), &["W dns.protocol-missing"]),
        (of_vpn(json!({ "DNSProtocol": "{{protocol}}" })), &[]),
        (of_vpn(json!({ "DNSProtocol": "Cleartext", "ServerAddresses": [] })), &["E dns.addresses-missing"]),
        (of_vpn(json!({ "DNSProtocol": "Cleartext", "ServerAddresses": "{{servers}}" })), &[]),
        (of_vpn(json!({ "DNSProtocol": "TLS", "ServerName": "dns.example.com" })), &[]),
        (alone(json!({ "ServerName": "dns.example.com" })), &["E dns.protocol-missing"]),
        (alone(json!({ "DNSProtocol": "HTTPS", "ServerURL": " " })), &["E dns.https-needs-url"]),
        (
            alone(json!({ "DNSProtocol": "HTTPS", "ServerURL": "dns.example.com/dns-query" })),
            &["E dns.url-scheme"],
        ),
        (alone(json!({ "DNSProtocol": "HTTPS", "ServerURL": "HTTPS://dns.example.com/{?dns}" })), &[]),
        (
            alone(json!({ "DNSProtocol": "HTTPS", "ServerURL": "tls://dns.example.com" })),
            &["E dns.url-scheme"],
        ),
        (alone(json!({ "DNSProtocol": "TLS" })), &["E dns.tls-needs-name"]),
        (
            alone(json!({ "DNSProtocol": "TLS", "ServerName": "a", "ServerURL": "http://a" })),
            &["W dns.unused-field"],
        ),
        (
            of_vpn(
                json!({ "DNSProtocol": "Cleartext", "ServerAddresses": servers, "ServerURL": "https://a", "ServerName": "a" }),
            ),
            &["W dns.unused-field"; 2],
        ),
        (
            of_vpn(
                json!({ "DNSProtocol": "Cleartext", "ServerAddresses": ["dns.example.com", "10.0.0.1:53", "2001:db8::1"] }),
            ),
            &["E dns.address-syntax"; 2],
        ),
        (
            of_vpn(
                json!({ "DNSProtocol": "Cleartext", "ServerAddresses": servers, "SupplementalMatchDomainsNoSearch": 0 }),
            ),
            &[],
        ),
    ]);
    let certificate =
        alone(json!({ "DNSProtocol": "TLS", "ServerName": "a", "PayloadCertificateUUID": "x" }));
    assert_eq!(said(&certificate), ["N dns.cert-version"]);
    assert_eq!(said_for(&certificate, &["ios-26.1", "macos-12.0"]), ["W dns.cert-version"]);
    assert!(said_for(&certificate, &["ios-16.0"]).is_empty());
}

#[test]
fn split_dns_and_the_default_route() {
    let with = |kind: &str, settings: Json, domains: Json, outer: Json| {
        let dns = json!({ "DNSProtocol": "Cleartext", "ServerAddresses": ["10.0.0.1"], "SupplementalMatchDomains": domains });
        let mut payload = json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": kind, "DNS": dns });
        payload[if kind == "L2TP" { "PPP" } else { kind }] = settings;
        payload.as_object_mut().unwrap().extend(outer.as_object().unwrap().clone());
        payload
    };
    let (all, none) = (json!({ "IncludeAllNetworks": 1 }), json!({}));
    let default_route = json!({ "IPv4": { "OverridePrimary": 1 } });
    let domains = json!(["example.com"]);
    table(vec![
        (with("IKEv2", all.clone(), domains.clone(), none.clone()), &["N dns.split-ignored"]),
        (with("VPN", all.clone(), domains.clone(), none.clone()), &["N dns.split-ignored"]),
        (with("IKEv2", none.clone(), domains.clone(), none.clone()), &[]),
        (with("IKEv2", all, json!([""]), none.clone()), &[]),
        (with("L2TP", none.clone(), domains.clone(), default_route.clone()), &["N dns.split-ignored"]),
        (with("IKEv2", none, domains, default_route), &[]),
    ]);
}

#[test]
fn proxies_by_hand_and_by_file() {
    let with = |proxies: Json| json!({ "PayloadType": "com.apple.vpn.managed", "VPNType": "IKEv2", "IKEv2": {}, "Proxies": proxies });
    table(vec![
        (with(json!({})), &[]),
        (with(json!({ "HTTPEnable": 0, "HTTPSEnable": 0 })), &[]),
        (with(json!({ "HTTPEnable": 1, "HTTPProxy": "proxy", "HTTPPort": 80 })), &[]),
        (with(json!({ "HTTPEnable": 1, "HTTPProxy": "proxy" })), &["E proxy.port-missing"]),
        (with(json!({ "HTTPSProxy": "proxy" })), &["W proxy.disabled-but-set", "W proxy.port-missing"]),
        (with(json!({ "HTTPSEnable": 1, "HTTPSPort": 80 })), &["E proxy.host-missing"]),
        (with(json!({ "HTTPSEnable": 1, "HTTPSProxy": "", "HTTPSPort": 80 })), &["E proxy.host-missing"]),
        (with(json!({ "HTTPEnable": 1, "HTTPProxy": "proxy", "HTTPPort": 0 })), &["W proxy.port-range"]),
        (with(json!({ "HTTPEnable": 1, "HTTPProxy": "proxy", "HTTPPort": -1 })), &["E proxy.port-range"]),
        (with(json!({ "HTTPEnable": 1, "HTTPProxy": "{{proxy}}", "HTTPPort": "{{port}}" })), &[]),
        (with(json!({ "HTTPEnable": "{{on}}", "HTTPProxy": "proxy", "HTTPPort": 80 })), &[]),
        (with(json!({ "ProxyAutoConfigEnable": 1 })), &["E proxy.pac-url-missing"]),
        (
            with(json!({ "ProxyAutoConfigEnable": 0, "ProxyAutoConfigURLString": "https://a/" })),
            &["W proxy.pac-ignored"],
        ),
        (
            with(
                json!({ "ProxyAutoConfigEnable": 1, "ProxyAutoConfigURLString": "https://a/", "HTTPSEnable": 1, "HTTPSProxy": "a", "HTTPSPort": 1 }),
            ),
            &["W proxy.both"],
        ),
    ]);
}

#[test]
fn always_on_and_its_tunnels() {
    let always_on = |settings: Json| vpn("AlwaysOn", &settings);
    let tunnel = |keys: Json| {
        let mut tunnel = json!({ "ProtocolType": "IKEv2", "RemoteAddress": "vpn.example.com", "AuthenticationMethod": "None" });
        tunnel.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        tunnel
    };
    let with = |tunnels: Json| always_on(json!({ "TunnelConfigurations": tunnels }));
    let on = |interfaces: Json| tunnel(json!({ "Interfaces": interfaces }));
    let without = |settings: &Json| {
        let found = said_for(settings, &["ios-17.0"]);
        assert!(found.contains(&"E alwayson.supervised".to_owned()), "{found:?}");
        let known = ["E alwayson.supervised", "N alwayson.watch-pairing"];
        found.into_iter().filter(|one| !known.contains(&one.as_str())).collect::<Vec<_>>()
    };
    let rows: Vec<(Json, &[&str])> = vec![
        (with(json!([tunnel(json!({}))])), &[]),
        (with(json!([on(json!(["WiFi"])), on(json!(["Cellular"]))])), &[]),
        (always_on(json!({})), &["E alwayson.no-tunnels"]),
        (with(json!([])), &["E alwayson.no-tunnels"]),
        (with(json!([tunnel(json!({ "ProtocolType": "IPSec" }))])), &["E alwayson.protocol"]),
        (with(json!([{ "RemoteAddress": "a", "AuthenticationMethod": "None" }])), &["E alwayson.protocol"]),
        (with(json!([{ "ProtocolType": "IKEv2" }])), &["W alwayson.tunnel-ikev2-missing"]),
        (with(json!([{ "ProtocolType": "IKEv2", "IKEv2": { "RemoteAddress": "a" } }])), &[]),
        (with(json!([on(json!(["Ethernet"]))])), &["E alwayson.interface-value"]),
        (with(json!([on(json!(["wifi", "Cellular"]))])), &["E alwayson.interface-value"]),
        (with(json!([on(json!(["{{interface}}"]))])), &[]),
        (with(json!([on(json!(["WiFi"]))])), &["W alwayson.interface-uncovered"]),
        (
            with(json!([on(json!(["WiFi", "WiFi"]))])),
            &["E alwayson.interface-duplicate", "W alwayson.interface-uncovered"],
        ),
        (with(json!([tunnel(json!({})), tunnel(json!({}))])), &["E alwayson.interface-overlap"]),
        (with(json!([tunnel(json!({})), on(json!(["WiFi"]))])), &["E alwayson.interface-overlap"]),
        (with(json!([tunnel(json!({ "OnDemandEnabled": 0 }))])), &[]),
        (with(json!([tunnel(json!({ "OnDemandRules": [] }))])), &["W alwayson.ondemand"]),
    ];
    for (payload, expected) in rows {
        assert_eq!(without(&payload), expected, "{payload:#}");
    }
    let exceptions = |keys: Json| {
        let mut settings = json!({ "TunnelConfigurations": [tunnel(json!({}))] });
        settings.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        always_on(settings)
    };
    let service = |name: &str, action: &str| {
        exceptions(json!({ "ServiceExceptions": [{ "ServiceName": name, "Action": action }] }))
    };
    let rows: Vec<(Json, &[&str])> = vec![
        (service("VoiceMail", "Drop"), &[]),
        (service("CellularServices", "Allow"), &[]),
        (service("DeviceCommunication", "Allow"), &["W alwayson.service-version"]),
        (service("voicemail", "Drop"), &["E alwayson.service"]),
        (exceptions(json!({ "ServiceExceptions": [{}] })), &["E alwayson.service"; 2]),
        (
            exceptions(json!({ "ApplicationExceptions": [{ "LimitToProtocols": ["udp"] }] })),
            &["E alwayson.limit-protocol"],
        ),
        (exceptions(json!({ "AllowAllCaptiveNetworkPlugins": 0, "AllowedCaptiveNetworkPlugins": [] })), &[]),
        (
            exceptions(json!({ "AllowAllCaptiveNetworkPlugins": true, "AllowedCaptiveNetworkPlugins": [] })),
            &["W alwayson.plugins-ignored"],
        ),
    ];
    for (payload, expected) in rows {
        assert_eq!(without(&payload), expected, "{payload:#}");
    }
    let apps = exceptions(json!({ "ApplicationExceptions": [] }));
    assert!(said_for(&apps, &["ios-13.0"]).contains(&"W alwayson.service-version".to_owned()));
    assert!(said(&apps).contains(&"N alwayson.service-version".to_owned()));
    assert!(said(&apps).contains(&"N alwayson.supervised".to_owned()));
    assert!(said_for(&apps, &["macos-26.1"]).iter().all(|one| one != "E alwayson.supervised"));
}
