//! What the suites of the builder share: descriptions from the table of fields, and where a key stands.

#![allow(dead_code, reason = "each suite uses a part")]

use std::fs;

use adit_profile::Secret;
use adit_profile::build::fields::{Field, Kind, fields};
use adit_profile::build::{Source, Spec, Value, VpnKind};
use serde_json::{Value as Json, json};

/// A file of the PKCS#12 suite.
pub fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/pkcs12/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What stands behind a flag, as JSON.
pub fn json_of(kind: Kind, text: &str) -> Json {
    let list = || text.split(',').map(str::to_owned).collect::<Vec<_>>();
    match kind {
        Kind::Text | Kind::Word(_) | Kind::Secret => json!(text),
        Kind::Integer => json!(text.parse::<i64>().unwrap()),
        Kind::Number => json!(text.parse::<f64>().unwrap()),
        Kind::Boolean => json!(text.parse::<bool>().unwrap()),
        Kind::TextList | Kind::WordList(_) => json!(list()),
        Kind::File => json!({"file": text}),
        Kind::Files => json!([{"content": {"file": text}}]),
        Kind::Pairs => {
            let (key, value) = text.split_once('=').unwrap();
            json!({ key: value })
        }
        Kind::Services => {
            let (service, action) = text.split_once('=').unwrap();
            json!([{"service": service, "action": action}])
        }
        Kind::Apps => json!([{"app": text}]),
        Kind::MacApps => {
            let (identifier, requirement) = text.split_once('=').unwrap();
            json!([{"identifier": identifier, "requirement": requirement}])
        }
        // The command line's suite reads rules from text.
        Kind::Rules => json!([{"action": "disconnect", "interface": "WiFi", "ssid": ["Office"]}]),
        Kind::Table => json!({}),
    }
}

/// Puts a value into a tree of tables.
pub fn set(tree: &mut Json, path: &str, value: Json) {
    let mut at = tree;
    for name in path.split('.') {
        if at.is_null() {
            *at = json!({});
        }
        at = &mut at[name];
    }
    // A table that is there already stays.
    if !(at.is_object() && value == json!({})) {
        *at = value;
    }
}

pub fn field<'f>(all: &'f [Field], flag: &str) -> &'f Field {
    all.iter().find(|field| field.flag == flag).unwrap_or_else(|| panic!("no flag {flag}"))
}

/// What a type cannot be without, with an authentication method that suits a field.
pub fn least(kind: VpnKind, method: Option<&str>) -> Json {
    let all = fields(kind);
    let mut tree = json!({});
    for field in &all {
        if field.required || kind == VpnKind::AlwaysOn && ["server", "auth"].contains(&field.flag.as_str()) {
            set(&mut tree, &field.path, json_of(field.kind, field.example));
        }
    }
    if let Some(method) = method {
        set(&mut tree, &field(&all, "auth").path, json!(method));
        if method == "shared-secret" {
            let psk = field(&all, "psk");
            set(&mut tree, &psk.path, json!(psk.example));
        }
    }
    tree
}

/// What a type cannot be without, and what else must be there for a field to make sense; the field itself is not set.
pub fn around(kind: VpnKind, field: &Field) -> Json {
    let mut tree = least(kind, field.methods.first().copied());
    if let Some(prefix) = ["wifi-", "cellular-"].into_iter().find(|prefix| field.flag.starts_with(prefix)) {
        // One of the two tunnels instead of that for both.
        let tunnel = tree["vpn"]["always-on"].as_object_mut().unwrap().remove("tunnel").unwrap();
        tree["vpn"]["always-on"][prefix.trim_end_matches('-')] = tunnel;
    }
    let (path, value) = match field.path.split('.').collect::<Vec<_>>()[..] {
        ["identity", _, "pkcs12", ..] | [.., "identity"] => PKCS12,
        ["identity", _, "scep", ..] => ("identity.user.scep.url", r#""https://scep.example.com""#),
        ["identity", _, "acme", ..] => (
            "identity.user.acme",
            r#"{"directory-url": "https://acme.example.com", "client-identifier": "1", "key-type": "RSA",
                "key-size": 2048, "hardware-bound": false, "subject": "CN=x"}"#,
        ),
        ["proxies", "manual", _] => ("proxies.manual.server", r#""p""#),
        ["proxies", "http", _] => ("proxies.http.server", r#""p""#),
        ["proxies", "https", _] => ("proxies.https.server", r#""p""#),
        [.., "provider-type-outside"] => ("vpn.custom-ssl.provider-type", r#""app-proxy""#),
        _ => return tree,
    };
    set(&mut tree, path, serde_json::from_str(value).unwrap());
    tree
}

/// An identity as a path and JSON.
const PKCS12: (&str, &str) = ("identity.user.pkcs12.content", r#"{"file": "alice.p12"}"#);

/// Puts an identity into a tree that has none.
pub fn with_identity(mut tree: Json) -> Json {
    if tree["identity"]["user"].is_null() {
        set(&mut tree, PKCS12.0, serde_json::from_str(PKCS12.1).unwrap());
    }
    tree
}

/// Reads a tree, with the files of the examples put in.
pub fn spec(tree: &Json) -> Spec {
    let mut spec: Spec =
        serde_json::from_value(tree.clone()).unwrap_or_else(|error| panic!("{error}: {tree:#}"));
    spec.resolve(|wanted| match wanted.source {
        Source::File("ca.pem") => Ok(Secret::new(file("ca.der"))),
        Source::File("alice.p12") => Ok(Secret::new(file("pbe-3des.p12"))),
        other => Err(format!("{other:?}")),
    })
    .unwrap();
    spec
}

/// The value of a key that a field says it writes.
pub fn find<'v>(profile: &'v Value, writes: &str) -> Option<&'v Value> {
    let (payload_type, path) = writes.split_once(':').unwrap_or(("com.apple.vpn.managed", writes));
    let mut at = if payload_type == "Configuration" {
        profile
    } else {
        let Value::Array(payloads) = profile.get("PayloadContent").unwrap() else { panic!("no array") };
        payloads.iter().find(|payload| {
            let Some(Value::String(kind)) = payload.get("PayloadType") else { panic!("no type") };
            kind.strip_suffix(".applayer").unwrap_or(kind) == payload_type
        })?
    };
    for name in path.split('.') {
        at = at.get(name.strip_suffix("[]").unwrap_or(name))?;
        if let (true, Value::Array(items)) = (name.ends_with("[]"), at) {
            at = items.first()?;
        }
    }
    Some(at)
}
