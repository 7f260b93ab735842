//! Every key of `vpn-profile-keys.tsv` is in the model: type, place, presence, default, allowed values and platforms.
//!
//! The table is read here by itself, not by the generator that made the tables of the crate, and each row is looked up in
//! a profile that was made for it: the least one that holds the key with a value of its type at its place.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;

use adit_profile::build::{Value, to_xml};
use adit_profile::model::{Field, Fields};
use adit_profile::schema::{self, Allowed, Key, Kind, Platform, Support, Version};
use adit_profile::{Document, Profile};

struct Row {
    payload: String,
    path: String,
    kind: String,
    required: bool,
    default: String,
    allowed: String,
    support: Vec<String>,
}

fn rows() -> Option<Vec<Row>> {
    let shared = common::shared("schema, the 383 keys")?;
    let text = fs::read_to_string(shared.join("reference/vpn-profile-keys.tsv")).unwrap();
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let column = |place: usize| columns.get(place).copied().unwrap_or_default().to_owned();
        Row {
            payload: column(0),
            path: column(1),
            kind: column(2),
            required: column(3) == "yes",
            default: column(4),
            allowed: column(5),
            support: (6..11).map(column).collect(),
        }
    };
    Some(text.lines().skip(1).map(row).collect())
}

impl Row {
    /// `A.B[].C` as `A`, `B`, `[]`, `C`.
    fn steps(&self) -> Vec<&str> {
        let mut steps = Vec::new();
        for part in self.path.split('.') {
            let name = part.trim_end_matches("[]");
            steps.push(name);
            steps.extend((0..(part.len() - name.len()) / 2).map(|_| "[]"));
        }
        steps
    }

    /// What the key is called in a profile; a key that may have any name gets one.
    fn name<'s>(&self, step: &'s str) -> &'s str {
        if step == "ANY" { "en" } else { step }
    }

    fn value(&self) -> Value {
        let first = self.allowed.split('|').next().unwrap().split(" (").next().unwrap();
        match self.kind.as_str() {
            "string" if self.allowed.starts_with("regex") => "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60".into(),
            "string" if first.is_empty() => "text".into(),
            "string" => first.into(),
            "integer" if first.is_empty() => 7.into(),
            "integer" => first.split("..").next().unwrap().parse::<i64>().unwrap().into(),
            "boolean" => true.into(),
            "real" => {
                Value::Real(first.split("..").next().and_then(|least| least.parse().ok()).unwrap_or(1.5))
            }
            "data" => vec![1_u8, 2, 3].into(),
            "date" => Value::Date("2026-11-21T00:00:00Z".parse().unwrap()),
            "array" => Value::Array(vec![]),
            "dictionary" => Value::Dict(vec![]),
            "any" => "anything".into(),
            other => panic!("type {other}"),
        }
    }

    /// A value of another type.
    fn wrong(&self) -> Option<Value> {
        match self.kind.as_str() {
            "any" => None,
            "dictionary" | "array" | "data" | "date" => Some(7.into()),
            _ => Some(Value::Dict(vec![("x".to_owned(), 1.into())])),
        }
    }

    /// The least profile that holds `value` at the key's place.
    fn profile(&self, value: Value) -> String {
        let mut steps = self.steps();
        let mut inner = value;
        let mut root = None;
        while let Some(step) = steps.pop() {
            inner = match step {
                "[]" => Value::Array(vec![inner]),
                name if steps.is_empty() => {
                    root = Some(self.name(name).to_owned());
                    inner
                }
                name => Value::dict([(self.name(name), inner)]),
            };
        }
        let name = root.unwrap();
        let mut top = vec![("PayloadType".to_owned(), Value::from("Configuration"))];
        if self.payload == "TopLevel" {
            top.retain(|(key, _)| *key != name);
            top.push((name, inner));
            return to_xml(&Value::Dict(top)).unwrap().to_string();
        }
        let kind = match self.payload.as_str() {
            "CommonPayloadKeys" => "com.apple.vpn.managed",
            kind => kind,
        };
        let vpn_type = match self.steps()[0] {
            first @ ("VPN" | "IPSec" | "IKEv2" | "AlwaysOn" | "TransparentProxy") => first,
            "PPP" => "L2TP",
            _ => "IKEv2",
        };
        let mut payload =
            vec![("PayloadType".to_owned(), Value::from(kind)), ("VPNType".to_owned(), vpn_type.into())];
        let is_vpn = matches!(kind, "com.apple.vpn.managed" | "com.apple.vpn.managed.applayer");
        payload.retain(|(key, _)| *key != name && (key != "VPNType" || is_vpn));
        if name == "PayloadType" {
            payload.push((name, kind.into()));
        } else {
            payload.push((name, inner));
        }
        top.push(("PayloadContent".to_owned(), Value::Array(vec![Value::Dict(payload)])));
        to_xml(&Value::Dict(top)).unwrap().to_string()
    }

    fn schema(&self) -> &'static Key {
        let payload = schema::payload(&self.payload).unwrap_or_else(|| panic!("{}", self.payload));
        payload.at(&self.path).unwrap_or_else(|| panic!("{} {}", self.payload, self.path))
    }

    /// Payloads go by schemas of their own, so the elements of the profile's `PayloadContent` are no fields.
    fn is_a_payload(&self) -> bool {
        self.payload == "TopLevel" && self.path.starts_with("PayloadContent[]")
    }
}

fn kind(text: &str) -> Kind {
    match text {
        "any" => Kind::Any,
        "array" => Kind::Array,
        "boolean" => Kind::Boolean,
        "data" => Kind::Data,
        "date" => Kind::Date,
        "dictionary" => Kind::Dictionary,
        "integer" => Kind::Integer,
        "real" => Kind::Real,
        "string" => Kind::String,
        other => panic!("type {other}"),
    }
}

/// `4.0 dep 7.0`, `26.0 (schema: 16.0)`, `n/a`, nothing.
fn support(text: &str) -> Support {
    let mut words = text.split(" (").next().unwrap().split(' ');
    let version = |text: &str| text.parse::<Version>().unwrap();
    match words.next().unwrap_or_default() {
        "" => Support::Unknown,
        "n/a" => Support::Never,
        introduced => {
            let deprecated = (words.next() == Some("dep")).then(|| version(words.next().unwrap()));
            Support::Since { introduced: version(introduced), deprecated, removed: None }
        }
    }
}

fn same_allowed(key: &Key, text: &str) -> bool {
    let words = || text.split('|').map(|word| word.split(" (").next().unwrap());
    match key.allowed {
        Allowed::Any => text.is_empty(),
        Allowed::Words(list) => list.iter().copied().eq(words()),
        Allowed::Numbers(list) => list.iter().map(i64::to_string).eq(words().map(str::to_owned)),
        Allowed::Range(least, most) => text == format!("{least}..{most}"),
        Allowed::Uuid => text.starts_with("regex "),
    }
}

fn fields_of<'d>(document: &'d Document, look: impl FnOnce(&Fields<'d>)) {
    assert_eq!(document.problems().as_slice(), []);
    let profile = Profile::of(document).unwrap();
    look(&Fields::of(&profile));
}

fn find<'f, 'd>(fields: &'f Fields<'d>, key: &Key) -> Option<&'f Field<'d>> {
    fields.known.iter().find(|field| std::ptr::eq(field.schema, key))
}

#[test]
fn every_key_of_the_table_is_in_the_model() {
    let Some(rows) = rows() else { return };
    assert_eq!(rows.len(), 383);
    let mut found = 0;
    for row in &rows {
        let what = format!("{} {}", row.payload, row.path);
        let key = row.schema();
        assert_eq!(key.kind, kind(&row.kind), "{what}: type");
        assert_eq!(key.required, row.required, "{what}: required");
        assert_eq!(key.default.unwrap_or_default(), row.default, "{what}: default");
        assert!(same_allowed(key, &row.allowed), "{what}: {:?} for `{}`", key.allowed, row.allowed);
        for (platform, text) in Platform::ALL.into_iter().zip(&row.support) {
            assert_eq!(key.on(platform), support(text), "{what}: {platform}");
        }
        if row.is_a_payload() {
            continue;
        }

        let xml = row.profile(row.value());
        let document = Document::read(xml.as_bytes());
        fields_of(&document, |fields| {
            let field = find(fields, key).unwrap_or_else(|| panic!("{what} is not found in\n{xml}"));
            assert!(field.has_its_type(), "{what}: {:?}", field.node);
            assert!(!field.is_placeholder(), "{what}");
            let element = &xml[field.node.span.range()];
            let tag = match row.kind.as_str() {
                "boolean" => "<true/>",
                "array" => "<array/>",
                "dictionary" => "<dict/>",
                "any" => "<string>",
                other => &format!("<{other}>"),
            };
            assert!(element.starts_with(tag) && element.ends_with('>'), "{what}: {element}");
            let steps = row.steps();
            let keyed = steps.last() != Some(&"[]");
            if keyed {
                let name = row.name(steps.last().unwrap());
                assert_eq!(&xml[field.key_span.range()], format!("<key>{name}</key>"), "{what}");
                assert_eq!(field.key, name, "{what}");
            } else {
                assert_eq!(field.key_span, field.node.span, "{what}");
            }
            assert_eq!(field.payload, (row.payload != "TopLevel").then_some(0), "{what}");
            // By its path too, but for arrays inside arrays, which share the outer one's.
            if !row.path.contains("[][]") {
                let path = row.path.replace("ANY", "en");
                let by_path = fields.find(field.payload, &path).unwrap_or_else(|| panic!("{what} by path"));
                assert!(std::ptr::eq(by_path.node, field.node), "{what}");
            }
            assert!(fields.unknown.is_empty(), "{what}: {:?}", fields.unknown);
        });
        found += 1;

        // A value of another type is told from the right one.
        let Some(wrong) = row.wrong().filter(|_| row.path != "PayloadType") else { continue };
        let xml = row.profile(wrong);
        let document = Document::read(xml.as_bytes());
        fields_of(&document, |fields| {
            if let Some(field) = find(fields, key) {
                assert!(!field.has_its_type(), "{what}: {:?} passes for {}", field.node, row.kind);
            } else {
                panic!("{what} of another type is not found in\n{xml}");
            }
        });
    }
    assert_eq!(found, 383 - 2, "all but the payloads themselves");
}

#[test]
fn dictionaries_that_the_table_gives_once_are_wherever_they_are_used() {
    let Some(rows) = rows() else { return };
    let managed = schema::payload("com.apple.vpn.managed").unwrap();
    let applayer = schema::payload("com.apple.vpn.managed.applayer").unwrap();
    let mut shared = 0;
    for row in rows.iter().filter(|row| row.payload == "com.apple.vpn.managed") {
        assert_eq!(applayer.at(&row.path), managed.at(&row.path), "{}", row.path);
        if let Some(rest) = row.path.strip_prefix("VPN.OnDemandRules[]") {
            for kind in ["IPSec", "IKEv2", "TransparentProxy"] {
                let other = managed.at(&format!("{kind}.OnDemandRules[]{rest}"));
                assert_eq!(other, managed.at(&row.path), "{kind} {}", row.path);
                shared += 1;
            }
        }
        if let Some(rest) = row.path.strip_prefix("IKEv2.") {
            let inline = managed.at(&format!("AlwaysOn.TunnelConfigurations[].{rest}"));
            assert_eq!(inline, managed.at(&row.path), "an Always On tunnel's {rest}");
        }
    }
    assert!(shared > 30, "{shared}");
}

#[test]
fn defaults_that_differ_by_platform_are_told_apart() {
    let managed = schema::payload("com.apple.vpn.managed").unwrap();
    let cipher = managed.at("IKEv2.IKESecurityAssociationParameters.EncryptionAlgorithm").unwrap();
    assert_eq!(cipher.default_on(Platform::Ios), Some("AES-256"));
    assert_eq!(cipher.default_on(Platform::Macos), Some("AES-256"));
    assert_eq!(cipher.default_on(Platform::Tvos), Some("AES-256-GCM"));
    assert_eq!(cipher.default_on(Platform::Watchos), Some("AES-256-GCM"));
    let local = managed.at("IKEv2.ExcludeLocalNetworks").unwrap();
    assert_eq!((local.default_on(Platform::Macos), local.default_on(Platform::Ios)), (Some("0"), Some("1")));
}
