//! What is wrong with an IKEv2 payload, whoever reads it.

use std::net::IpAddr;

use crate::model::{AuthenticationMethod, Ikev2Payload, Payload, Section};
use crate::report::{Code, Diagnostic, Problems, codes};

use super::security;

/// Longest PPK that is taken, in bytes; RFC 8784 asks for at least 32 and names no upper bound.
const LONGEST_PPK: usize = 4096;

/// Longest shared secret that is taken, in bytes.
const LONGEST_SECRET: usize = 4096;

/// Judges a VPN payload of type IKEv2 by the rules that hold on every system, and gives its typed keys.
///
/// `None` when the payload has no `IKEv2` dictionary (which is told).
pub fn judge<'d>(payload: &Payload<'d>, problems: &mut Problems) -> Option<Ikev2Payload<'d>> {
    if !payload.section.has("IKEv2") {
        let message = "VPNType is IKEv2, but the payload has no IKEv2 dictionary";
        let diagnostic = payload.section.diagnose("IKEv2", codes::VPN_SECTION_MISSING, message);
        problems.push(diagnostic.help("add the dictionary with the server and the authentication"));
        return None;
    }
    let ikev2 = Ikev2Payload::read(payload, problems)?;
    remote(&ikev2, problems);
    authentication(&ikev2, problems);
    eap(&ikev2, problems);
    certificate_type(&ikev2, problems);
    post_quantum_psk(&ikev2, problems);
    security::judge(&ikev2, problems);
    dead_keys(&ikev2.section, problems);
    Some(ikev2)
}

fn error(section: &Section<'_>, key: &str, code: Code, message: &str, help: &str, problems: &mut Problems) {
    problems.push(section.diagnose(key, code, message).help(help));
}

fn warning(section: &Section<'_>, key: &str, code: Code, message: &str, help: &str, problems: &mut Problems) {
    let diagnostic = Diagnostic::warning(code, section.span_of(key), message);
    problems.push(diagnostic.help(help).at(section.path_of(key)));
}

/// Server address and identifiers.
fn remote(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    let section = &ikev2.section;
    match ikev2.remote_address {
        Some(address) if address.value.trim().is_empty() => {
            let help = "give the host name or IP address of the server";
            error(
                section,
                "RemoteAddress",
                codes::VPN_REMOTE_MISSING,
                "RemoteAddress is empty",
                help,
                problems,
            );
        }
        Some(address) if !is_host(address.value) => {
            let message = "RemoteAddress is no host name and no IP address";
            let help = "write vpn.example.com or 192.0.2.1: no scheme, port, path, brackets or blanks";
            error(section, "RemoteAddress", codes::VPN_REMOTE_SYNTAX, message, help, problems);
        }
        None if !section.has("RemoteAddress") => {
            let help = "give the host name or IP address of the server";
            let message = "there is no RemoteAddress";
            error(section, "RemoteAddress", codes::VPN_REMOTE_MISSING, message, help, problems);
        }
        _ => {}
    }
    let empty = ikev2.remote_identifier.is_some_and(|identifier| identifier.value.is_empty());
    if empty || !section.has("RemoteIdentifier") {
        let message = if empty { "RemoteIdentifier is empty" } else { "there is no RemoteIdentifier" };
        let help = "give the identity by which the server proves itself, most often its host name";
        error(section, "RemoteIdentifier", codes::REMOTE_ID_MISSING, message, help, problems);
    }
    if !section.has("LocalIdentifier") {
        let message = "there is no LocalIdentifier";
        let help = "the documentation asks for it; with EAP most servers do without";
        warning(section, "LocalIdentifier", codes::LOCAL_ID_MISSING, message, help, problems);
    }
}

/// Whether text is a host name or an IP address, and nothing more.
fn is_host(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// The method and what it needs.
fn authentication(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    let section = &ikev2.section;
    let eap = ikev2.uses_eap();
    if !section.has("AuthenticationMethod") {
        let help = "one of None (for EAP), SharedSecret, Certificate";
        let message = "there is no AuthenticationMethod";
        error(section, "AuthenticationMethod", codes::AUTH_MISSING, message, help, problems);
        return;
    }
    let Some(method) = ikev2.authentication_method.map(|method| method.value) else { return };
    if method == AuthenticationMethod::None && !eap {
        let message = "AuthenticationMethod None without ExtendedAuthEnabled falls back to the shared secret";
        let help = "set ExtendedAuthEnabled to 1 for EAP, or AuthenticationMethod to SharedSecret";
        warning(section, "AuthenticationMethod", codes::AUTH_NONE_NO_EAP, message, help, problems);
    }
    let uses_secret = match method {
        AuthenticationMethod::SharedSecret => true,
        AuthenticationMethod::None => !eap,
        AuthenticationMethod::Certificate => false,
    };
    if uses_secret {
        shared_secret(ikev2, problems);
        if eap {
            let message = "a shared secret together with EAP";
            let help = "few servers take it: use AuthenticationMethod None with EAP";
            warning(section, "AuthenticationMethod", codes::PSK_WITH_EAP, message, help, problems);
        }
    } else if section.has("SharedSecret") {
        let message = "SharedSecret is not used with this AuthenticationMethod";
        warning(section, "SharedSecret", codes::PSK_UNUSED, message, "remove it", problems);
    }
    if method == AuthenticationMethod::Certificate && !eap && !section.has("PayloadCertificateUUID") {
        let message = "AuthenticationMethod Certificate needs a PayloadCertificateUUID";
        let help = "give the PayloadUUID of the PKCS#12 payload in this profile";
        error(section, "PayloadCertificateUUID", codes::CERT_MISSING, message, help, problems);
    }
}

/// A shared secret is there and can be used.
fn shared_secret(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    const KEY: &str = "SharedSecret";
    let section = &ikev2.section;
    let Some(secret) = ikev2.shared_secret else {
        if !section.has(KEY) {
            let help = "add SharedSecret, or choose another AuthenticationMethod";
            error(section, KEY, codes::PSK_MISSING, "there is no SharedSecret", help, problems);
        }
        return;
    };
    let secret = secret.value.expose();
    if secret.is_empty() {
        error(section, KEY, codes::PSK_MISSING, "SharedSecret is empty", "give the secret", problems);
    } else if secret.len() > LONGEST_SECRET {
        let message = format!("SharedSecret is longer than {LONGEST_SECRET} bytes");
        error(section, KEY, codes::VALUE_RANGE, &message, "no server takes this", problems);
    } else if secret.chars().any(char::is_control) {
        let message = "SharedSecret holds a control character";
        let help = "a line break, tab or NUL got into it: type the secret again";
        error(section, KEY, codes::VALUE_NOT_ALLOWED, message, help, problems);
    } else if !secret.is_ascii() {
        let message = "SharedSecret holds characters beyond ASCII";
        let help = "they are used as UTF-8, which not every server does (RFC 7296 section 2.15): use ASCII";
        warning(section, KEY, codes::VALUE_NOT_ALLOWED, message, help, problems);
    }
}

/// EAP and its credentials.
fn eap(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    let section = &ikev2.section;
    let credentials = ["AuthName", "AuthPassword"];
    if !ikev2.uses_eap() {
        for key in credentials {
            let empty = section.node(key).and_then(crate::syntax::Node::as_str) == Some("");
            if section.has(key) && !empty {
                let message = format!("{key} is not used without ExtendedAuthEnabled");
                let help = "set ExtendedAuthEnabled to 1, or remove it";
                warning(section, key, codes::EAP_CREDS_UNUSED, &message, help, problems);
            }
        }
        return;
    }
    let none = credentials.iter().all(|key| !section.has(key));
    if none && !section.has("PayloadCertificateUUID") {
        let message = "EAP without AuthName and AuthPassword: the user is asked for both";
        let diagnostic =
            Diagnostic::notice(codes::EAP_NO_CREDENTIALS, section.span_of("ExtendedAuthEnabled"), message);
        problems
            .push(diagnostic.help("add AuthName to ask for the password only").at(section.path().clone()));
    }
}

/// `CertificateType` asks for the issuer's name.
fn certificate_type(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    const KEY: &str = "CertificateType";
    let section = &ikev2.section;
    if !section.has(KEY) || section.has("ServerCertificateIssuerCommonName") {
        return;
    }
    let message = "CertificateType without ServerCertificateIssuerCommonName";
    let help = "give the common name of the CA that issued the server's certificate";
    if ikev2.uses_eap() {
        error(section, KEY, codes::CERTTYPE_NEEDS_ISSUER, message, help, problems);
    } else {
        warning(section, KEY, codes::CERTTYPE_NEEDS_ISSUER, message, help, problems);
    }
}

/// The pre-shared post-quantum key and its name (RFC 8784).
fn post_quantum_psk(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    let section = &ikev2.section;
    for (key, other) in [("PPK", "PPKIdentifier"), ("PPKIdentifier", "PPK")] {
        if section.has(key) && !section.has(other) {
            let message = format!("{key} without {other}");
            error(section, key, codes::PPK_PAIR, &message, "both are needed", problems);
        }
    }
    if ikev2.ppk_identifier.is_some_and(|identifier| identifier.value.is_empty()) {
        error(
            section,
            "PPKIdentifier",
            codes::PPK_PAIR,
            "PPKIdentifier is empty",
            "give the key's name",
            problems,
        );
    }
    let Some(length) = ikev2.ppk.map(|ppk| ppk.value.expose().len()) else { return };
    if length == 0 {
        error(section, "PPK", codes::VALUE_RANGE, "PPK is empty", "give at least 32 random bytes", problems);
    } else if length > LONGEST_PPK {
        let message = format!("PPK is longer than {LONGEST_PPK} bytes");
        error(section, "PPK", codes::VALUE_RANGE, &message, "32 bytes are enough", problems);
    } else if length < 32 {
        let message = "PPK is shorter than 32 bytes";
        let help = "RFC 8784 section 6 asks for 256 bits of randomness";
        warning(section, "PPK", codes::PPK_SHORT, message, help, problems);
    }
}

/// Keys that are documented and do nothing.
fn dead_keys(section: &Section<'_>, problems: &mut Problems) {
    if section.has("Password") {
        let message = "Password speaks of an AuthenticationMethod that IKEv2 does not have";
        let diagnostic = Diagnostic::notice(codes::KEY_DEAD, section.span_of("Password"), message);
        problems.push(diagnostic.help("for EAP use AuthPassword").at(section.path_of("Password")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses_only() {
        for host in [
            "vpn.example.com",
            "vpn",
            "vpn.example.com.",
            "192.0.2.1",
            "2001:db8::1",
            "bücher.example",
            "a_b.c",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "",
            ".",
            "a..b",
            "https://vpn.example.com",
            "vpn.example.com:500",
            "vpn.example.com/x",
            "[2001:db8::1]",
            "fe80::1%eth0",
            "*.example.com",
            "vpn example",
            "${SERVER}",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }
}
