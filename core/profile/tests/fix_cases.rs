//! Fixes that the rules' own fixtures do not show, since a rule may offer several: each mends, and brings nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/fixes.rs"]
mod fixes;

use std::fs;
use std::path::Path;

use adit_profile::rules::Options;

/// One change of a base.
enum Edit {
    /// A key goes with its value, which stands on the line after it: the one at this place among those of its name.
    Without(&'static str, usize),
    /// Another text; the old one stands once.
    With(&'static str, &'static str),
    /// Something is put before the key of this name.
    Before(&'static str, &'static str),
}
use Edit::{Before, With, Without};

fn edited(base: &str, edits: &[Edit]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/rules/bases/{base}.mobileconfig"));
    let mut text = fs::read_to_string(path).unwrap();
    for edit in edits {
        match edit {
            Without(key, place) => {
                let wanted = format!("<key>{key}</key>");
                let mut lines: Vec<&str> = text.lines().collect();
                let places: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].trim() == wanted).collect();
                lines.drain(places[*place]..places[*place] + 2);
                text = lines.join("\n");
            }
            With(old, new) => {
                assert_eq!(text.matches(old).count(), 1, "{base}: {old}");
                text = text.replace(old, new);
            }
            Before(key, more) => {
                let key = format!("<key>{key}</key>");
                assert_eq!(text.matches(&key).count(), 1, "{base}: {key}");
                text = text.replace(&key, &format!("{more}{key}"));
            }
        }
    }
    text
}

#[test]
fn each_fix_mends() {
    let cases: [(&str, &[Edit], &str, &str); 17] = [
        (
            "ikev2-acme",
            &[With("<integer>256</integer>", "<integer>512</integer>"), With("ECDSA256", "ECDSA384")],
            "acme.keysize",
            "write <integer>384</integer>",
        ),
        (
            "app-vpn-certificate",
            &[Without("PayloadCertificateUUID", 0)],
            "vpn.auth-needs-cert",
            "name the only identity of the profile",
        ),
        (
            "web-clip",
            &[
                With("com.apple.webClip.managed", "com.apple.profileRemovalPassword"),
                Without("Label", 0),
                With("<key>URL</key>", "<key>RemovalPassword</key>"),
            ],
            "profile.removal-disallowed",
            "add HasRemovalPasscode",
        ),
        ("web-clip", &[Without("PayloadVersion", 1)], "payload.missing-key", "add PayloadVersion 1"),
        ("web-clip", &[Without("PayloadVersion", 0)], "profile.missing-key", "add PayloadVersion 1"),
        ("web-clip", &[Without("PayloadType", 0)], "profile.missing-key", "add PayloadType Configuration"),
        (
            "web-clip",
            &[With("<string>Configuration</string>", "<string>configuration</string>")],
            "profile.type",
            "write Configuration",
        ),
        ("campus-network", &[With("<true/>", "<string>No</string>")], "type.mismatch", "write <false/>"),
        ("campus-network", &[With("<true/>", "<string>true</string>")], "type.mismatch", "write <true/>"),
        ("campus-network", &[With("<true/>", "<integer>0</integer>")], "type.int-for-bool", "write <false/>"),
        ("always-on", &[Without("ProtocolType", 0)], "alwayson.protocol", "add ProtocolType"),
        (
            "ikev2-psk",
            &[With("<string>client.example.com</string>", "<string>client.example.com </string>")],
            "ikev2.id-form",
            "take the blanks away",
        ),
        (
            "ikev2-certificate",
            &[Without("PayloadCertificateUUID", 0)],
            "ikev2.cert-missing",
            "name the only identity of this profile",
        ),
        (
            "ikev2-eap",
            &[Without("ExtendedAuthEnabled", 0)],
            "ikev2.psk-missing",
            "use EAP: ExtendedAuthEnabled 1",
        ),
        ("ikev2-eap", &[Without("LocalIdentifier", 0)], "ikev2.local-id-missing", "use the name of AuthName"),
        (
            "ikev2-certificate",
            &[Without("AuthenticationMethod", 0)],
            "ikev2.auth-missing",
            "add AuthenticationMethod Certificate",
        ),
        (
            "web-clip",
            &[Before(
                "PayloadContent",
                "<key>EncryptedPayloadContent</key><data>MIAGCSqGSIb3DQEHA6CA</data>\n\t",
            )],
            "enc.missing-content",
            "add IsEncrypted",
        ),
    ];
    let mut wrong = Vec::new();
    for (base, edits, code, title) in cases {
        match fixes::mend(edited(base, edits).as_bytes(), &Options::default()) {
            Ok(titles) if titles.iter().any(|(of, found)| *of == code && found == title) => {}
            Ok(titles) => wrong.push(format!("{base}: {code} `{title}` is not offered, but {titles:?}")),
            Err(fault) => wrong.push(format!("{base}: {fault}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
