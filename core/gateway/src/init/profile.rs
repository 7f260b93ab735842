//! The `.mobileconfig` that belongs to a gateway: an IKEv2 payload and the CA it trusts.
//!
//! Owns which keys are set and to what; their meaning is in Apple's schema of `com.apple.vpn.managed` and
//! `com.apple.security.root`. Writes the XML itself: a handful of types.

use std::fmt::Write;

use adit_crypto::{Secret, SecureRandom};
use der::pem::LineEnding;
use zeroize::Zeroizing;

use super::{InitError, InitSettings, Issued, KeyType};

/// A value of a property list.
enum Value<'a> {
    Text(&'a str),
    Integer(u32),
    False,
    Data(&'a [u8]),
    Array(Vec<Value<'a>>),
    Dict(Vec<(&'static str, Value<'a>)>),
}

/// The profile. It holds the password, so that nobody has to type it.
pub(super) fn mobileconfig(
    settings: &InitSettings,
    ca: &Issued,
    password: &Secret,
    random: &dyn SecureRandom,
) -> Result<Secret, InitError> {
    use Value::{Array, Data, Dict, False, Integer, Text};

    let InitSettings { host, user, .. } = settings;
    let uuids = [uuid(random)?, uuid(random)?, uuid(random)?];
    let [profile_uuid, vpn_uuid, ca_uuid] = uuids.each_ref().map(String::as_str);
    // Identifiers say which profile replaces which: one for each gateway and user of it.
    let identifier = format!("net.adit.gateway.{}", identifier_part(host));
    let vpn_identifier = format!("{identifier}.vpn");
    let ca_identifier = format!("{identifier}.ca");
    let password = std::str::from_utf8(password.expose()).unwrap_or_default();
    let certificate_type = match settings.key {
        KeyType::EcdsaP256 => "ECDSA256",
        KeyType::Rsa2048 => "RSA",
    };
    // Life times in minutes; the phone renews before they end.
    let sa = |minutes| {
        Dict(vec![
            ("EncryptionAlgorithm", Text("AES-256-GCM")),
            ("IntegrityAlgorithm", Text("SHA2-256")),
            ("DiffieHellmanGroup", Integer(19)),
            ("LifeTimeInMinutes", Integer(minutes)),
        ])
    };
    let ikev2 = Dict(vec![
        ("RemoteAddress", Text(settings.remote_address.as_deref().unwrap_or(host))),
        ("RemoteIdentifier", Text(host)),
        ("LocalIdentifier", Text(user)),
        // With ExtendedAuthEnabled this means: the server by its certificate, the client by EAP.
        ("AuthenticationMethod", Text("None")),
        ("ExtendedAuthEnabled", Integer(1)),
        ("AuthName", Text(user)),
        ("AuthPassword", Text(password)),
        ("CertificateType", Text(certificate_type)),
        ("ServerCertificateIssuerCommonName", Text(&ca.common_name)),
        ("EnablePFS", Integer(1)),
        ("DeadPeerDetectionRate", Text("Medium")),
        ("DisableRedirect", Integer(1)),
        ("MTU", Integer(u32::from(settings.mtu))),
        ("IKESecurityAssociationParameters", sa(1_440)),
        ("ChildSecurityAssociationParameters", sa(480)),
    ]);
    let display = format!("Adit Gateway {host}");
    let vpn = Dict(vec![
        ("PayloadType", Text("com.apple.vpn.managed")),
        ("PayloadVersion", Integer(1)),
        ("PayloadIdentifier", Text(&vpn_identifier)),
        ("PayloadUUID", Text(vpn_uuid)),
        ("PayloadDisplayName", Text("VPN")),
        ("UserDefinedName", Text(&display)),
        ("VPNType", Text("IKEv2")),
        ("IKEv2", ikev2),
    ]);
    let root = Dict(vec![
        ("PayloadType", Text("com.apple.security.root")),
        ("PayloadVersion", Integer(1)),
        ("PayloadIdentifier", Text(&ca_identifier)),
        ("PayloadUUID", Text(ca_uuid)),
        ("PayloadDisplayName", Text(&ca.common_name)),
        ("PayloadCertificateFileName", Text("ca.cer")),
        ("PayloadContent", Data(&ca.certificate)),
    ]);
    let profile = Dict(vec![
        ("PayloadType", Text("Configuration")),
        ("PayloadVersion", Integer(1)),
        ("PayloadIdentifier", Text(&identifier)),
        ("PayloadUUID", Text(profile_uuid)),
        ("PayloadDisplayName", Text(&display)),
        (
            "PayloadDescription",
            Text("Connects to this gateway and trusts the certificate authority it made."),
        ),
        ("PayloadOrganization", Text("Adit")),
        ("PayloadRemovalDisallowed", False),
        ("PayloadContent", Array(vec![root, vpn])),
    ]);
    Ok(Secret::new(document(&profile).as_bytes().to_vec()))
}

/// A random UUID (RFC 9562 5.4), in capitals as Apple writes them.
fn uuid(random: &dyn SecureRandom) -> Result<String, InitError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    let mut number = u128::from_be_bytes(bytes);
    number = (number & !(0xf << 76)) | (0x4 << 76);
    number = (number & !(0x3 << 62)) | (0x2 << 62);
    let hex = format!("{number:032X}");
    let mut text = String::with_capacity(36);
    for (index, digit) in hex.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

/// A host name or address as part of a reverse-DNS identifier.
fn identifier_part(host: &str) -> String {
    host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect()
}

/// An XML property list. Wiped on drop, because it may hold secrets.
fn document(root: &Value<'_>) -> Zeroizing<String> {
    // Room for all of it at once, so that no half-grown copy is left behind in memory.
    let mut out = Zeroizing::new(String::with_capacity(16 * 1_024));
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" ");
    out.push_str("\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n");
    write(&mut out, root, 0);
    out.push_str("</plist>\n");
    out
}

fn write(out: &mut String, value: &Value<'_>, depth: usize) {
    let indent = "\t".repeat(depth);
    out.push_str(&indent);
    match value {
        Value::Text(text) => {
            out.push_str("<string>");
            escape(out, text);
            out.push_str("</string>\n");
        }
        Value::Integer(number) => {
            let _ = writeln!(out, "<integer>{number}</integer>");
        }
        Value::False => out.push_str("<false/>\n"),
        Value::Data(bytes) => {
            out.push_str("<data>\n");
            // The lines between the two of a PEM block are base64.
            let pem = der::pem::encode_string("DATA", LineEnding::LF, bytes).unwrap_or_default();
            for line in pem.lines().filter(|line| !line.starts_with('-')) {
                let _ = writeln!(out, "{indent}{line}");
            }
            let _ = writeln!(out, "{indent}</data>");
        }
        Value::Array(values) => {
            out.push_str("<array>\n");
            for value in values {
                write(out, value, depth.saturating_add(1));
            }
            let _ = writeln!(out, "{indent}</array>");
        }
        Value::Dict(entries) => {
            out.push_str("<dict>\n");
            for (key, value) in entries {
                let _ = write!(out, "{indent}\t<key>");
                escape(out, key);
                out.push_str("</key>\n");
                write(out, value, depth.saturating_add(1));
            }
            let _ = writeln!(out, "{indent}</dict>");
        }
    }
}

/// Text between tags (XML 1.0 2.4). Control characters were refused before.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_written_as_the_dtd_has_it() {
        let value = Value::Dict(vec![
            ("A", Value::Array(vec![Value::Text("a < b & c > d"), Value::False, Value::Integer(7)])),
            ("D", Value::Data(&[0, 1, 2, 3])),
        ]);
        let text = document(&value);
        let body = text.split_once("<plist version=\"1.0\">\n").unwrap().1;
        assert_eq!(
            body,
            "<dict>\n\t<key>A</key>\n\t<array>\n\t\t<string>a &lt; b &amp; c &gt; d</string>\n\t\t<false/>\n\
             \t\t<integer>7</integer>\n\t</array>\n\t<key>D</key>\n\t<data>\n\tAAECAw==\n\t</data>\n</dict>\n</plist>\n"
        );
    }

    #[test]
    fn identifiers_keep_to_reverse_dns() {
        assert_eq!(identifier_part("vpn.example.com"), "vpn-example-com");
        assert_eq!(identifier_part("fd00::1"), "fd00--1");
    }
}
