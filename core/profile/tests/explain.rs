//! What is told of each type of VPN: who proves who they are, what goes in, what the user is asked. The proposals are compared
//! with what the engine sends in `core/tunnel/tests/proposals.rs`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use adit_profile::Document;
use adit_profile::explain::explain_all;
use adit_profile::rules::Options;

/// Every sentence of an edited base, below its title.
fn told(base: &str, edits: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/rules/bases/{base}.mobileconfig"));
    let text = edits.iter().fold(fs::read_to_string(path).unwrap(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{base}: {old}");
        text.replace(old, new)
    });
    let document = Document::read(text.as_bytes());
    let explained = explain_all(&document, text.as_bytes(), &Options::default());
    assert_eq!(explained.len(), 1, "{base}");
    let lines = explained[0]
        .parts
        .iter()
        .flat_map(|part| std::iter::once(format!("# {}", part.title)).chain(part.lines.iter().cloned()));
    lines.collect::<Vec<_>>().join("\n")
}

/// A base, edits of it, and pieces of what is told.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn each_type_says_who_proves_what() {
    let cases: &[Case<'_>] = &[
        (
            "l2tp",
            &[],
            &[
                "The IPsec layer: Both sides prove that they know one shared",
                "to PPP.",
                "L2TP has no on-demand rules",
            ],
        ),
        ("ipsec-psk", &[], &["IPsec VPN of the Cisco kind", "Both sides prove that they know one shared"]),
        ("ipsec-certificate", &[], &["The device proves itself by"]),
        (
            "app-vpn",
            &[],
            &["proves who they are to the app's server by a password", "The app decides what goes in."],
        ),
        ("app-vpn-certificate", &[], &["The device proves itself by a certificate it fetches by SCEP"]),
        ("transparent-proxy", &[], &["a transparent proxy, run by an app's extension on macOS"]),
        ("ikev2-psk", &[], &["Both sides prove that they know one shared secret"]),
        (
            "ikev2-certificate",
            &[],
            &["The server proves itself by a certificate", "The device proves itself by"],
        ),
        ("ikev2-eap", &[], &["The user \"alice\" then proves who they are by EAP with name and password"]),
        (
            "ikev2-eap",
            &[("<key>AuthName</key>\n\t\t\t\t<string>alice</string>\n", "")],
            &["The user then proves", "When connecting: the user name."],
        ),
        (
            "ikev2-eap",
            &[(
                "<key>AuthPassword</key>\n\t\t\t\t<string>Vt8-qmZ3xKp5wRb7</string>",
                "<key>PayloadCertificateUUID</key><string>x</string><key>TLSMinimumVersion</key><string>1.2</string>",
            )],
            &["by EAP with its certificate (EAP-TLS, TLS 1.2 to 1.2)"],
        ),
        (
            "always-on",
            &[(
                "<key>TunnelConfigurations</key>",
                "<key>ApplicationExceptions</key><array><dict><key>BundleIdentifier</key><string>com.example.phone</string>\
                 <key>LimitToProtocols</key><array><string>UDP</string></array></dict></array>\
                 <key>AllowedCaptiveNetworkPlugins</key><array><dict><key>BundleIdentifier</key>\
                 <string>com.example.portal</string></dict></array><key>TunnelConfigurations</key>",
            )],
            &[
                "Always; there is nothing to switch on.",
                "The app \"com.example.phone\" stays outside the tunnel with \"UDP\" traffic.",
                "These apps for captive portals work outside the tunnel: \"com.example.portal\".",
            ],
        ),
    ];
    for (base, edits, expected) in cases {
        let text = told(base, edits);
        for part in *expected {
            assert!(text.contains(part), "{base}: {part} in\n{text}");
        }
        // Whole sentences, and no secret.
        for line in text.lines().filter(|line| !line.starts_with("# ")) {
            assert!(line.ends_with('.'), "{base}: {line}");
            assert!(
                line.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || c == '"'),
                "{base}: {line}"
            );
            for secret in ["rW7-fpQz4kLm2vXy9sTb6nHc", "Vt8-qmZ3xKp5wRb7"] {
                assert!(!line.contains(secret), "{base}: {line}");
            }
        }
    }
}

#[test]
fn what_is_missing_is_asked_for() {
    let text = told("ipsec-psk", &[]);
    assert!(text.contains("one shared secret, that of the group \"staff\""), "{text}");
    assert!(text.contains("The user \"jane\" then gives a name and a password (XAUTH)."), "{text}");
    assert!(text.contains("When connecting: the password."), "{text}");
    let text = told("ipsec-psk", &[("<key>XAuthName</key>\n\t\t\t\t<string>jane</string>\n", "")]);
    assert!(text.contains("When connecting: the user name and the password."), "{text}");
    let text = told("ipsec-psk", &[("<string>staff</string>", "<string>staffhybrid</string>")]);
    assert!(text.contains("The server proves itself by a certificate (hybrid)"), "{text}");
}
