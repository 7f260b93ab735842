//! Two profiles compared: what does not count, what is identity, what is secret, and where changes stand.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "common/busy.rs"]
mod busy;

use std::time::Duration;

use adit_profile::Document;
use adit_profile::build::{Value, to_binary, to_xml};
use adit_profile::convert::Json;
use adit_profile::diff::{ChangeKind, Diff, DiffError, Side, diff};
use busy::Busy;

const PSK: &str = include_str!("rules/bases/ikev2-psk.mobileconfig");
const CERTIFICATE: &str = include_str!("rules/bases/ikev2-certificate.mobileconfig");
const ON_DEMAND: &str = include_str!("rules/bases/ikev2-ondemand.mobileconfig");

fn compare(before: &str, after: &str) -> Diff {
    diff(&Document::read(before.as_bytes()), &Document::read(after.as_bytes())).unwrap()
}

/// Changes as `+path`, `-path` or `~path`, with `#` for identity and `!` for secrets.
fn lines(diff: &Diff) -> Vec<String> {
    let line = |change: &adit_profile::diff::Change| {
        let sign = match change.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed => '~',
        };
        let path = change.before_path.as_deref().or(change.after_path.as_deref()).unwrap();
        let path = path.strip_prefix("PayloadContent").unwrap_or(path);
        let marks =
            [(change.identity, "#"), (change.secret, "!")].map(|(is, mark)| if is { mark } else { "" });
        format!("{sign}{path}{}", marks.concat())
    };
    diff.changes.iter().map(line).collect()
}

fn replaced(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

fn value(of: &Option<Value>) -> String {
    serde_json::to_string(&of.as_ref().map(Json)).unwrap()
}

#[test]
fn every_base_is_the_same_as_itself_in_any_writing() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rules/bases")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let document = Document::read(text.as_bytes());
        let tree = Value::of(document.root().unwrap()).unwrap();
        let binary = to_binary(&tree).unwrap();
        let reversed = to_xml(&reversed(&tree)).unwrap();
        let utf16: Vec<u8> = format!("\u{feff}{}", text.replace("UTF-8", "UTF-16"))
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let commented = text.replace("<dict>", "<!-- why --><dict>");
        for other in [text.as_bytes(), &binary, reversed.as_bytes(), &utf16, commented.as_bytes()] {
            let diff = diff(&document, &Document::read(other)).unwrap();
            assert!(diff.is_same(), "{}: {:?}", path.display(), diff.changes);
        }
    }
}

/// All dictionaries in the opposite order, flags as booleans.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Dict(entries) => {
            Value::Dict(entries.iter().rev().map(|(key, value)| (key.clone(), reversed(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(reversed).collect()),
        other => other.clone(),
    }
}

#[test]
fn flags_reals_defaults_and_signatures_do_not_count() {
    let after = replaced(
        PSK,
        "<key>RemoteAddress</key>",
        "<key>DisableMOBIKE</key><false/><key>MTU</key><real>1280</real><key>RemoteAddress</key>",
    );
    let found = compare(PSK, &after);
    assert!(found.is_same(), "{:?}", found.changes);
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
    assert!(found.notes[0].contains("DisableMOBIKE: the second writes the default out"), "{:?}", found.notes);
    let flags =
        replaced(&after, "<key>DisableMOBIKE</key><false/>", "<key>DisableMOBIKE</key><integer>0</integer>");
    assert!(compare(&after, &flags).is_same());
    let on =
        replaced(&after, "<key>DisableMOBIKE</key><false/>", "<key>DisableMOBIKE</key><integer>1</integer>");
    assert_eq!(lines(&compare(&after, &on)), ["~[0].IKEv2.DisableMOBIKE"]);
    assert_eq!(lines(&compare(PSK, &on)), ["+[0].IKEv2.DisableMOBIKE"]);
    // A cipher's default differs by system: said in the note.
    let cipher =
        |text: &str| replaced(PSK, "<string>AES-256-GCM</string>", &format!("<string>{text}</string>"));
    let whole = cipher("AES-256");
    let start = whole.find("<key>EncryptionAlgorithm</key>").unwrap();
    let end = start + whole[start..].find("</string>").unwrap() + "</string>".len();
    let without = format!("{}{}", &whole[..start], &whole[end..]);
    let found = compare(&whole, &without);
    assert!(found.is_same(), "{:?}", found.changes);
    assert!(found.notes[0].contains("not on tvOS and watchOS"), "{:?}", found.notes);
    // An empty dictionary is not the same as none: without one another list of proposals is sent.
    let empty =
        replaced(PSK, "<key>RemoteAddress</key>", "<key>OnDemandRules</key><array/><key>RemoteAddress</key>");
    assert_eq!(lines(&compare(PSK, &empty)), ["+[0].IKEv2.OnDemandRules"]);
}

#[test]
fn values_come_with_both_sides_and_paths() {
    let after = replaced(PSK, "<integer>480</integer>", "<integer>60</integer>");
    let found = compare(PSK, &after);
    let path = "PayloadContent[0].IKEv2.ChildSecurityAssociationParameters.LifeTimeInMinutes";
    let [change] = found.changes.as_slice() else { panic!("{found:?}") };
    assert_eq!((change.before_path.as_deref(), change.after_path.as_deref()), (Some(path), Some(path)));
    assert_eq!((value(&change.before), value(&change.after)), ("480".into(), "60".into()));
    assert!(!found.is_same() && !found.is_same_but_identity());
}

#[test]
fn f03_secrets_are_compared_and_never_shown() {
    let secret = "rW7-fpQz4kLm2vXy9sTb6nHc";
    let after = replaced(PSK, secret, "hunter2hunter2");
    let found = compare(PSK, &after);
    assert_eq!(lines(&found), ["~[0].IKEv2.SharedSecret!"]);
    let whole = |found: &Diff| format!("{found:?}{}", serde_json::to_string(found).unwrap());
    for text in [secret, "hunter2"] {
        assert!(!whole(&found).contains(text), "{}", whole(&found));
    }
    // Added with all that is in it.
    let vendor = "<key>Extra</key><dict><key>Token</key><string>hunter2</string><key>Key</key><data>aGk=</data></dict>";
    let after = replaced(PSK, "<key>VPNType</key>", &format!("{vendor}<key>VPNType</key>"));
    let found = compare(PSK, &after);
    assert_eq!(lines(&found), ["+[0].Extra"]);
    assert!(!whole(&found).contains("hunter2"));
    assert!(
        value(&found.changes[0].after).contains("2 bytes of data, SHA-256 8f434346648f6b96"),
        "{found:?}"
    );
    assert_eq!(lines(&compare(&after, &replaced(&after, "hunter2", "hunter3"))), ["~[0].Extra.Token!"]);
}

#[test]
fn uuids_and_identifiers_are_changes_of_identity() {
    let document = Document::read(CERTIFICATE.as_bytes());
    let tree = Value::of(document.root().unwrap()).unwrap();
    let Some(Value::Array(payloads)) = tree.get("PayloadContent") else { panic!() };
    let Some(Value::String(uuid)) = payloads[0].get("PayloadUUID") else { panic!() };
    // The identity's payload gets another UUID, and the reference follows.
    let renamed = CERTIFICATE.replace(uuid.as_str(), "99999999-0000-4000-8000-000000000099");
    let found = compare(CERTIFICATE, &renamed);
    let found_lines = lines(&found);
    assert!(found.is_same_but_identity() && found.changes.len() >= 2, "{found_lines:?}");
    assert!(found_lines.contains(&"~[0].PayloadUUID#".to_owned()), "{found_lines:?}");
    assert!(found_lines.contains(&"~[1].IKEv2.PayloadCertificateUUID#".to_owned()), "{found_lines:?}");
    // A reference that leads elsewhere does something else.
    let reference = format!("<key>PayloadCertificateUUID</key>\n\t\t\t\t<string>{}</string>", uuid.as_str());
    let elsewhere = replaced(
        CERTIFICATE,
        &reference,
        "<key>PayloadCertificateUUID</key><string>99999999-0000-4000-8000-000000000099</string>",
    );
    let found = compare(CERTIFICATE, &elsewhere);
    assert_eq!(lines(&found), ["~[1].IKEv2.PayloadCertificateUUID"]);
    // The case of a UUID's letters means nothing in a reference.
    let lower = replaced(
        CERTIFICATE,
        &reference,
        &format!("<key>PayloadCertificateUUID</key><string>{}</string>", uuid.to_lowercase()),
    );
    assert!(compare(CERTIFICATE, &lower).is_same());
}

fn with_payloads(payloads: &[(&str, &str, &str, &str)]) -> String {
    let payloads = payloads.iter().map(|(kind, uuid, identifier, name)| {
        Value::dict([
            ("PayloadType", Value::from(*kind)),
            ("PayloadUUID", (*uuid).into()),
            ("PayloadIdentifier", (*identifier).into()),
            ("PayloadDisplayName", (*name).into()),
        ])
    });
    to_xml(&Value::dict([("PayloadContent", Value::Array(payloads.collect()))])).unwrap().to_string()
}

#[test]
fn payloads_are_paired_by_uuid_identifier_name_and_alone() {
    let before = with_payloads(&[
        ("t", "1", "a", "A"),
        ("t", "2", "b", "B"),
        ("t", "3", "c", "C"),
        ("u", "4", "d", "D"),
    ]);
    // Turned round, each with one mark left; the last with none, but alone of its type.
    let after = with_payloads(&[
        ("u", "9", "z", "Z"),
        ("t", "7", "y", "C"),
        ("t", "8", "b", "Y"),
        ("t", "1", "x", "X"),
    ]);
    let mut found = lines(&compare(&before, &after));
    found.sort();
    assert_eq!(
        found,
        [
            "~[0].PayloadDisplayName",
            "~[0].PayloadIdentifier#",
            "~[1].PayloadDisplayName",
            "~[1].PayloadUUID#",
            "~[2].PayloadIdentifier#",
            "~[2].PayloadUUID#",
            "~[3].PayloadDisplayName",
            "~[3].PayloadIdentifier#",
            "~[3].PayloadUUID#"
        ]
    );
    // What has no counterpart came or went as a whole.
    let other = with_payloads(&[("t", "1", "a", "A"), ("v", "4", "d", "D")]);
    let found = compare(&before, &other);
    assert_eq!(lines(&found), ["-[1]", "-[2]", "-[3]", "+[1]"]);
    assert_eq!(value(&found.changes[3].after), "\"v \\\"D\\\"\"");
}

#[test]
fn rules_are_aligned_and_the_order_of_sets_means_nothing() {
    let rule = |action: &str, ssid: &str| {
        format!(
            "<dict><key>Action</key><string>{action}</string><key>SSIDMatch</key><array>{ssid}</array></dict>"
        )
    };
    let start = ON_DEMAND.find("<key>OnDemandRules</key>").unwrap();
    let open = start + ON_DEMAND[start..].find("<array>").unwrap() + "<array>".len();
    // The end of the rules: their array closes before the settings' dictionary does.
    let document = Document::read(ON_DEMAND.as_bytes());
    let profile = adit_profile::Profile::of(&document).unwrap();
    let settings = profile.vpn_payloads().next().unwrap().settings().unwrap();
    let end = settings.node("OnDemandRules").unwrap().span.range().end - "</array>".len();
    let with = |rules: &[String]| format!("{}{}{}", &ON_DEMAND[..open], rules.concat(), &ON_DEMAND[end..]);
    let (a, b, c) = (
        rule("Connect", "<string>a</string><string>b</string>"),
        rule("Disconnect", "<string>x</string>"),
        rule("Ignore", "<string>y</string>"),
    );
    let before = with(&[a.clone(), b.clone(), c.clone()]);
    let turned = with(&[rule("Connect", "<string>b</string><string>a</string>"), b.clone(), c.clone()]);
    let found = compare(&before, &turned);
    assert!(found.is_same(), "{:?}", found.changes);
    assert!(found.notes[0].contains("another order, which means nothing here"), "{:?}", found.notes);
    let path = "[0].IKEv2.OnDemandRules";
    assert_eq!(lines(&compare(&before, &with(&[b.clone(), c.clone()]))), [format!("-{path}[0]")]);
    let new = rule("Ignore", "<string>new</string>");
    assert_eq!(
        lines(&compare(&before, &with(&[a.clone(), new, b.clone(), c.clone()]))),
        [format!("+{path}[1]")]
    );
    let changed = rule("Disconnect", "<string>x</string><string>z</string>");
    assert_eq!(
        lines(&compare(&before, &with(&[a.clone(), changed, c.clone()]))),
        [format!("+{path}[1].SSIDMatch[1]")]
    );
    // The order of rules does count.
    assert!(!compare(&before, &with(&[b, a, c])).is_same());
}

#[test]
fn certificates_are_the_same_in_der_and_pem() {
    let der = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms/certificate.der")).unwrap();
    let pem = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms/certificate.pem")).unwrap();
    let file = |bytes: &[u8]| {
        let payload = Value::dict([
            ("PayloadType", Value::from("com.apple.security.root")),
            ("PayloadContent", bytes.to_vec().into()),
        ]);
        to_xml(&Value::dict([("PayloadContent", Value::Array(vec![payload]))])).unwrap().to_string()
    };
    assert!(compare(&file(&der), &file(&pem)).is_same());
    assert_eq!(lines(&compare(&file(&der), &file(b"other"))), ["~[0].PayloadContent"]);
}

#[test]
fn what_cannot_be_compared_says_which_and_why() {
    let good = Document::read(PSK.as_bytes());
    let broken = Document::read(&PSK.as_bytes()[..300]);
    assert!(matches!(diff(&good, &broken), Err((Side::After, DiffError::Malformed(_)))));
    assert!(matches!(diff(&broken, &good), Err((Side::Before, DiffError::Malformed(_)))));
    let encrypted = "<plist><dict><key>EncryptedPayloadContent</key><data>aGk=</data></dict></plist>";
    let encrypted = Document::read(encrypted.as_bytes());
    assert_eq!(diff(&good, &encrypted).unwrap_err(), (Side::After, DiffError::Encrypted));
}

#[test]
fn hostile_arrays_take_bounded_time() {
    let started = Busy::start();
    let deep = |leaf: &str| {
        format!(
            "<plist><dict><key>x</key>{}<string>{leaf}</string>{}</dict></plist>",
            "<array>".repeat(60),
            "</array>".repeat(60)
        )
    };
    assert_eq!(compare(&deep("a"), &deep("b")).changes.len(), 1);
    let wide = |offset: usize| {
        let items: String =
            (0..4_000).map(|item| format!("<string>{}</string>", item * 2 + offset)).collect();
        format!("<plist><dict><key>x</key><array>{items}</array></dict></plist>")
    };
    assert_eq!(compare(&wide(0), &wide(1)).changes.len(), 4_000);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
