//! Random IKEv2 settings, sound and broken: the judgement and the plan agree, nothing panics, no secret is shown, and
//! every safe fix does what it says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use adit_profile::build::{Value, to_xml};
use adit_profile::fix;
use adit_profile::ikev2::{Which, requirements};
use adit_profile::report::{Code, Safety};
use adit_profile::schema::{self, Allowed, Key, Kind};
use adit_profile::{Diagnostic, Document, Profile, Severity, check};
use proptest::prelude::*;

const SECRETS: [&str; 4] = ["SharedSecret", "AuthPassword", "Password", "PPK"];

/// Stands in every secret, so that it can be looked for.
const MARK: &str = "hunter2";

/// What a key may hold, right and wrong.
fn values(key: &'static Key) -> BoxedStrategy<Value> {
    if SECRETS.contains(&key.name) {
        let bytes = |text: String| Value::from(text.into_bytes());
        let text = prop_oneof![
            Just(format!("{MARK}-rW7-fpQz4kLm2vXy9sTb6nHc-and-more")),
            Just(MARK.to_owned()),
            Just(format!("{MARK}\n")),
            Just(format!("{MARK}é")),
            Just(MARK.repeat(1000)),
        ];
        return prop_oneof![6 => text.clone().prop_map(Value::from), 3 => text.prop_map(bytes), 1 => wrong()]
            .boxed();
    }
    let sound: BoxedStrategy<Value> = match (key.kind, &key.allowed) {
        (_, Allowed::Words(words)) => prop::sample::select(*words).prop_map(Value::from).boxed(),
        (_, Allowed::Numbers(numbers)) => prop::sample::select(*numbers).prop_map(Value::from).boxed(),
        (_, Allowed::Range(least, most)) => {
            (*least..=*most).prop_map(|number| i64::from(number).into()).boxed()
        }
        (Kind::Integer, _) => (0_i64..2000).prop_map(Value::from).boxed(),
        (Kind::Boolean, _) => any::<bool>().prop_map(Value::from).boxed(),
        (Kind::Data, _) => Just(Value::from(vec![7_u8; 32])).boxed(),
        (Kind::Array, _) => {
            let element = key.child("[]").map_or_else(|| wrong().boxed(), values);
            prop::collection::vec(element, 0..4).prop_map(Value::Array).boxed()
        }
        (Kind::Dictionary, _) => dictionary(key.children, 0.5),
        _ => prop_oneof![
            5 => Just(Value::from("vpn.example.com")),
            1 => Just(Value::from("alice@example.com")),
            1 => Just(Value::from("other.example.com")),
            1 => "[ -~]{0,12}".prop_map(Value::from),
        ]
        .boxed(),
    };
    prop_oneof![12 => sound, 1 => wrong()].boxed()
}

/// Values that are right nowhere, or almost.
fn wrong() -> BoxedStrategy<Value> {
    prop::sample::select(vec![
        Value::from(""),
        "{{ value }}".into(),
        "$VALUE".into(),
        " vpn.example.com ".into(),
        "ed25519".into(),
        "aes-256".into(),
        "19".into(),
        (-1_i64).into(),
        0.into(),
        1.into(),
        99_999_999.into(),
        true.into(),
        Value::Real(14.0),
        Value::Real(0.5),
        Value::from(Vec::<u8>::new()),
        Value::Array(vec![]),
        Value::dict::<&str>([]),
    ])
    .boxed()
}

/// A dictionary with each of the keys as likely as `share`.
fn dictionary(keys: &'static [Key], share: f64) -> BoxedStrategy<Value> {
    let entries: Vec<_> = keys
        .iter()
        .filter(|key| key.name != "OnDemandRules")
        .map(|key| {
            prop::option::weighted(share, values(key)).prop_map(|value| Some((key.name.to_owned(), value?)))
        })
        .collect();
    entries.prop_map(|entries| Value::Dict(entries.into_iter().flatten().collect())).boxed()
}

fn profile(ikev2: Value, always_on: bool) -> String {
    let (vpn_type, section) = if always_on {
        let Value::Dict(mut tunnel) = ikev2 else { panic!() };
        tunnel.push(("ProtocolType".to_owned(), "IKEv2".into()));
        tunnel.push(("Interfaces".to_owned(), Value::Array(vec!["Cellular".into(), "WiFi".into()])));
        ("AlwaysOn", Value::dict([("TunnelConfigurations", Value::Array(vec![Value::Dict(tunnel)]))]))
    } else {
        ("IKEv2", ikev2)
    };
    let payload = Value::dict([
        ("PayloadType", "com.apple.vpn.managed".into()),
        ("PayloadUUID", "7D2B9C10-5E4F-4A3B-8C7D-1F2E3D4C5B6A".into()),
        ("PayloadIdentifier", "com.example.profile.vpn".into()),
        ("PayloadVersion", 1.into()),
        ("UserDefinedName", "Example".into()),
        ("VPNType", vpn_type.into()),
        (vpn_type, section),
    ]);
    let root = Value::dict([
        ("PayloadType", "Configuration".into()),
        ("PayloadUUID", "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60".into()),
        ("PayloadIdentifier", "com.example.profile".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadContent", Value::Array(vec![payload])),
    ]);
    to_xml(&root).unwrap().to_string()
}

/// IKEv2 settings: half of the time with what a shared secret needs, so that plans come about.
fn settings() -> impl Strategy<Value = Value> {
    let ikev2 = schema::payload("com.apple.vpn.managed").and_then(|schema| schema.key("IKEv2")).unwrap();
    let base = |sound: bool| {
        let base = [
            ("RemoteAddress", "vpn.example.com"),
            ("RemoteIdentifier", "vpn.example.com"),
            ("LocalIdentifier", "client.example.com"),
            ("AuthenticationMethod", "SharedSecret"),
            ("SharedSecret", "hunter2-rW7-fpQz4kLm2vXy9sTb6nHc"),
        ];
        base.into_iter().filter(move |_| sound).map(|(key, value)| (key.to_owned(), Value::from(value)))
    };
    (any::<bool>(), prop_oneof![dictionary(ikev2.children, 0.06), dictionary(ikev2.children, 0.4)]).prop_map(
        move |(sound, random)| {
            let Value::Dict(random) = random else { panic!() };
            let given: BTreeSet<String> = base(sound).map(|(key, _)| key).collect();
            let rest = random.into_iter().filter(|(key, _)| !given.contains(key));
            Value::Dict(base(sound).chain(rest).collect())
        },
    )
}

fn errors(found: &[Diagnostic]) -> BTreeSet<Code> {
    let families = ["cert", "secret", "ddm", "payload", "profile"];
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| one.code).filter(|code| !families.contains(&code.family())).collect()
}

fn assert_no_secret(shown: &str) {
    assert!(!shown.contains(MARK) && !shown.contains("aHVudGVy"), "a secret in {shown}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn f03_the_plan_refuses_what_the_rules_call_an_error(ikev2 in settings()) {
        let xml = profile(ikev2, false);
        let report = check(xml.as_bytes());
        assert_no_secret(&format!("{report:?}{}", serde_json::to_string(&report).unwrap()));
        let document = Document::read(xml.as_bytes());
        let read = Profile::of(&document).unwrap();
        let judged = errors(&report.diagnostics);
        match requirements(&read, Which::default()) {
            Ok(settings) => {
                prop_assert!(judged.is_empty(), "planned in spite of {judged:?}");
                assert_no_secret(&format!("{settings:?}"));
                prop_assert!(!settings.ike_proposals.is_empty() && !settings.child_proposals.is_empty());
                for minutes in [settings.ike_lifetime_minutes, settings.child_lifetime_minutes] {
                    prop_assert!((10..=1440).contains(&minutes));
                }
                prop_assert!((1280..=1400).contains(&settings.mtu) && settings.nat_keepalive_seconds >= 20);
            }
            Err(reasons) => {
                assert_no_secret(&format!("{reasons:?}"));
                let refused = errors(&reasons);
                prop_assert!(!refused.is_empty(), "refused without an error: {reasons:?}");
                for code in &judged {
                    prop_assert!(refused.contains(code), "{code} is missing of {refused:?}");
                }
                for code in refused.difference(&judged) {
                    let own = code.family() == "plan" || code.as_str() == "template.variable";
                    prop_assert!(own, "{code} is said by the plan alone");
                }
            }
        }
    }

    #[test]
    fn safe_fixes_mend_and_break_nothing(ikev2 in settings(), always_on in any::<bool>()) {
        let xml = profile(ikev2, always_on);
        let report = check(xml.as_bytes());
        let document = Document::read(xml.as_bytes());
        let before = errors(&report.diagnostics);
        for found in &report.diagnostics {
            for one in found.fixes.iter().filter(|one| one.safety == Safety::Safe) {
                let mended = fix::apply_one(xml.as_bytes(), document.root().unwrap(), one).unwrap();
                let after = check(&mended).diagnostics;
                let still = after.iter().any(|left| left.code == found.code && left.path == found.path);
                prop_assert!(!still, "`{}` leaves {found:#?}", one.title);
                for code in errors(&after) {
                    prop_assert!(before.contains(&code), "`{}` of {} brings {code}", one.title, found.code);
                }
            }
        }
    }
}
