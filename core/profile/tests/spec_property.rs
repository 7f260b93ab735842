//! Random descriptions: what is built reads back equal, in XML and in binary, and has the values that were asked for.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod specs;

use std::collections::BTreeMap;

use adit_profile::build::fields::{Field, Kind, fields};
use adit_profile::build::{Seed, Spec, Value, VpnKind, to_binary, to_xml};
use adit_profile::model::Profile;
use adit_profile::{Document, check};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use specs::{find, json_of, least, set, spec};

/// Text of all characters that XML holds, variables of consoles among them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("$USERID$".to_owned()),
        Just("${x}".to_owned()),
        Just("vpn.example.com".to_owned()),
        "[ -~]{1,20}",
        prop::collection::vec(prop::char::range(' ', '\u{d7ff}'), 1..12).prop_map(String::from_iter),
    ]
}

/// A value for each kind of field, for those that take any.
#[derive(Clone, Debug)]
struct Random {
    text: String,
    texts: Vec<String>,
    integer: i64,
    number: f64,
    boolean: bool,
    word: prop::sample::Index,
}

fn random() -> impl Strategy<Value = Random> {
    let texts = prop::collection::vec(text(), 1..4);
    (text(), texts, any::<i64>(), any::<i32>(), any::<bool>(), any::<prop::sample::Index>()).prop_map(
        |(text, texts, integer, number, boolean, word)| Random {
            text,
            texts,
            integer,
            // Exact in every notation, so that no reader rounds it.
            number: f64::from(number) / 4.0,
            boolean,
            word,
        },
    )
}

/// Fields whose text has a form of its own: their examples stand for them.
fn has_a_form(field: &Field) -> bool {
    ["-date", "subject", "fingerprint", "subtype", "identity"].iter().any(|form| field.path.ends_with(form))
}

fn json_for(field: &Field, random: &Random) -> Json {
    let words = field.kind.words();
    match field.kind {
        _ if has_a_form(field) => json_of(field.kind, field.example),
        Kind::Text | Kind::Secret => json!(random.text),
        Kind::Integer => json!(random.integer),
        Kind::Number => json!(random.number),
        Kind::Boolean => json!(random.boolean),
        Kind::Word(_) => json!(random.word.get(words.as_slice())),
        Kind::WordList(_) => json!([random.word.get(words.as_slice())]),
        Kind::TextList => json!(random.texts),
        Kind::Pairs => {
            json!(random.texts.iter().cloned().zip(random.texts.iter().cloned()).collect::<BTreeMap<_, _>>())
        }
        Kind::Rules => json!([
            {"action": "disconnect", "ssid": random.texts},
            {"action": "evaluate-connection", "interface": "WiFi", "url-probe": random.text, "connections":
                [{"domains": random.texts, "action": "connect-if-needed", "dns-servers": random.texts}]},
        ]),
        Kind::Apps => {
            json!(random.texts.iter().map(|app| json!({"app": app, "udp-only": true})).collect::<Vec<_>>())
        }
        Kind::File | Kind::Files | Kind::Services | Kind::Table | Kind::MacApps => {
            json_of(field.kind, field.example)
        }
    }
}

/// The value that a field's key has to have; `None` where the builder makes it from more than the field.
fn expected(field: &Field, json: &Json) -> Option<Value> {
    let texts = |json: &Json| {
        Value::Array(json.as_array().unwrap().iter().map(|text| text.as_str().unwrap().into()).collect())
    };
    let special = ["authentication.method", "subtype", "dns", "app-category", "provider-type-outside", "dnn"];
    if has_a_form(field) || special.iter().any(|end| field.path.ends_with(end)) && field.path != "dns.domain"
    {
        return None;
    }
    Some(match field.kind {
        Kind::Text | Kind::Word(_) => json.as_str().unwrap().into(),
        // Secrets of old connections and post-quantum keys are data.
        Kind::Secret if field.writes == "IPSec.SharedSecret" || field.writes.ends_with(".PPK") => {
            json.as_str().unwrap().as_bytes().to_vec().into()
        }
        Kind::Secret => json.as_str().unwrap().into(),
        Kind::Integer => Value::Integer(json.as_i64().unwrap().into()),
        Kind::Number => Value::Real(json.as_f64().unwrap()),
        Kind::TextList if field.writes == "AlwaysOn.AllowedCaptiveNetworkPlugins" => return None,
        Kind::TextList => texts(json),
        Kind::Pairs => Value::dict(
            json.as_object().unwrap().iter().map(|(key, text)| (key.clone(), text.as_str().unwrap().into())),
        ),
        _ => return None,
    })
}

/// A description of random fields, with what each stands in the profile for.
#[derive(Clone, Debug)]
struct Case {
    spec: Spec,
    expected: Vec<(String, Value)>,
}

fn case() -> impl Strategy<Value = Case> {
    (prop::sample::select(VpnKind::ALL.to_vec()), any::<prop::sample::Index>(), any::<[bool; 6]>())
        .prop_flat_map(|(kind, method, choices)| {
            let all = fields(kind);
            let [tunnels, dnn, auth, pkcs12, scep, manual] = choices;
            let method_field =
                all.iter().find(|field| field.path.ends_with("authentication.method")).unwrap().clone();
            let words = method_field.kind.words();
            let method = *method.get(words.as_slice());
            let fits = move |field: &Field| {
                let path = field.path.as_str();
                (field.methods.is_empty() || auth && field.methods.contains(&method))
                    && !path.ends_with("authentication.method")
                    && !(path.starts_with("vpn.always-on.wifi")
                        || path.starts_with("vpn.always-on.cellular") && !tunnels)
                    && !path.starts_with("vpn.always-on.cellular")
                    && !path.ends_with(if dnn { "app-category" } else { "dnn" })
                    && !path.starts_with("identity.user.acme")
                    && path.starts_with("identity.user.pkcs12") <= pkcs12
                    && path.starts_with("identity.user.scep") <= (!pkcs12 && scep)
                    && path.starts_with("proxies.manual") <= manual
                    && path.starts_with("proxies.http") <= !manual
                    && (!path.ends_with("identity") || pkcs12)
            };
            let possible: Vec<Field> = all.iter().filter(|field| fits(field)).cloned().collect();
            let chosen = prop::collection::vec(prop::option::weighted(0.3, random()), possible.len());
            let auth = auth || matches!(kind, VpnKind::Ikev2 | VpnKind::AlwaysOn | VpnKind::Ipsec);
            chosen.prop_map(move |chosen| {
                let mut tree = least(kind, auth.then_some(method));
                if pkcs12 {
                    set(&mut tree, "identity.user.pkcs12.content", json!({"file": "alice.p12"}));
                } else if scep {
                    set(&mut tree, "identity.user.scep.url", json!("https://scep.example.com"));
                }
                let mut given: Vec<(&Field, Json)> = Vec::new();
                for (field, random) in possible.iter().zip(chosen) {
                    if let Some(random) = random {
                        given.push((field, json_for(field, &random)));
                    }
                }
                for (field, json) in &given {
                    set(&mut tree, &field.path, json.clone());
                }
                // What a proxy cannot be without.
                for proxy in ["manual", "http", "https"] {
                    let at = &mut tree["proxies"][proxy];
                    if at.is_object() && at.get("server").is_none() {
                        at["server"] = json!("proxy.example.com");
                    }
                }
                let without_null = |tree: &mut Json| {
                    if let Some(proxies) = tree["proxies"].as_object_mut() {
                        proxies.retain(|_, value| !value.is_null());
                    }
                };
                without_null(&mut tree);
                let twice =
                    |writes: &str| given.iter().filter(|(field, _)| field.writes == writes).count() > 1;
                let expected = given
                    .iter()
                    .filter(|(field, _)| !twice(&field.writes))
                    .filter_map(|(field, json)| Some((field.writes.clone(), expected(field, json)?)))
                    .collect();
                Case { spec: spec(&tree), expected }
            })
        })
}

/// A value that was read, without places.
fn read(bytes: &[u8]) -> Value {
    let document = Document::read(bytes);
    assert!(document.problems().as_slice().is_empty(), "{:?}", document.problems().as_slice());
    Value::of(document.root().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_built_reads_back_equal_and_has_what_was_asked_for(case in case(), seed in any::<[u8; 16]>()) {
        let value = case.spec.build(&Seed(seed)).unwrap();
        prop_assert_eq!(&case.spec.build(&Seed(seed)).unwrap(), &value);
        let xml = to_xml(&value).unwrap();
        prop_assert!(read(xml.as_bytes()) == value, "{}", *xml);
        prop_assert!(read(&to_binary(&value).unwrap()) == value, "{}", *xml);
        for (writes, expected) in &case.expected {
            prop_assert!(find(&value, writes) == Some(expected), "{}: {}", writes, *xml);
        }

        // The frame is whole whatever is in it: the model finds one VPN, and no key is missing, unknown or of a wrong type.
        // (UUIDs given by hand may be equal; those that are made never are, see `uuids_differ_inside_a_profile`.)
        let document = Document::read(xml.as_bytes());
        let profile = Profile::of(&document).unwrap();
        let payload = profile.vpn_payloads().next().unwrap();
        prop_assert_eq!(payload.string("VPNType"), Some(case.spec.vpn.kind().vpn_type()));
        let frame = ["key.unknown", "payload.missing-key", "profile.missing-key", "profile.type", "payload.version",
            "type.mismatch", "type.bool-for-int", "type.int-for-bool", "type.string-for-data", "vpn.type-missing",
            "vpn.section-missing", "ref.cert-missing"];
        for found in check(xml.as_bytes()).diagnostics {
            prop_assert!(!frame.contains(&found.code.as_str()), "{:?}: {}", found, *xml);
        }
    }

    #[test]
    fn descriptions_survive_json(case in case()) {
        let text = serde_json::to_string(&case.spec).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Spec>(&text).unwrap(), &case.spec, "{}", text);
    }
}

#[test]
fn f03_debug_of_a_description_shows_no_secret() {
    for kind in VpnKind::ALL {
        let all = fields(kind);
        for secret in all.iter().filter(|field| field.kind == Kind::Secret && !field.path.contains(".scep."))
        {
            let mut tree = least(kind, secret.methods.first().copied());
            if secret.path.starts_with("identity") {
                set(&mut tree, "identity.user.pkcs12.content", json!({"file": "alice.p12"}));
            }
            if secret.path.starts_with("proxies") {
                set(&mut tree, &secret.path.replace(".password", ".server"), json!("p"));
            }
            if secret.flag.starts_with("wifi-") || secret.flag.starts_with("cellular-") {
                continue;
            }
            set(&mut tree, &secret.path, json!("hunter2-hunter2"));
            let spec = spec(&tree);
            assert!(!format!("{spec:?}").contains("hunter2"), "{}", secret.path);
            assert!(
                !format!("{:?}", spec.build(&Seed([0; 16])).unwrap()).contains("hunter2"),
                "{}",
                secret.path
            );
        }
    }
}

#[test]
fn uuids_differ_inside_a_profile_and_between_seeds() {
    let mut tree = least(VpnKind::CustomSsl, None);
    set(&mut tree, "identity.user.pkcs12.content", json!({"file": "alice.p12"}));
    set(&mut tree, "certificates", json!([{"content": {"file": "ca.pem"}}]));
    set(&mut tree, "per-app", json!({}));
    set(&mut tree, "profile.removal-password", json!("x"));
    let spec = spec(&tree);
    let uuids = |seed: u8| {
        let value = spec.build(&Seed([seed; 16])).unwrap();
        let mut found = vec![find(&value, "Configuration:PayloadUUID").unwrap().clone()];
        let Some(Value::Array(payloads)) = value.get("PayloadContent") else { panic!() };
        found.extend(payloads.iter().map(|payload| payload.get("PayloadUUID").unwrap().clone()));
        found.push(find(&value, "VPNUUID").unwrap().clone());
        found
            .into_iter()
            .map(|uuid| match uuid {
                Value::String(text) => text.to_string(),
                _ => panic!(),
            })
            .collect::<Vec<_>>()
    };
    let all: std::collections::BTreeSet<String> = uuids(1).into_iter().chain(uuids(2)).collect();
    assert_eq!(all.len(), 2 * uuids(1).len());
    assert_eq!(uuids(1).len(), 6);
}
