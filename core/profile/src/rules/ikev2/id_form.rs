//! `ikev2.id-form`.

use std::net::IpAddr;

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.id-form"),
    level: Level::Warning,
    title: "An identifier has none of the known forms",
    what: prose(
        "LocalIdentifier or RemoteIdentifier is no host name, no user@host, no IP address and no distinguished name \
           (CN=…), or has blanks around it.",
    ),
    why: prose(
        "The device chooses the type of the identity payload from the form of the text (RFC 7296 section 3.5). Text of \
          another form is sent as it stands: URLs, wildcards, a leading @ and names with blanks match nothing on the server.",
    ),
    mend: prose(
        "Write the identity as the server knows it: vpn.example.com, user@example.com, 192.0.2.1 or CN=name,O=organisation.",
    ),
    source: "Apple documentation of the VPN payload: IKEv2.LocalIdentifier, IKEv2.RemoteIdentifier; RFC 7296 section 3.5",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for key in ["LocalIdentifier", "RemoteIdentifier"] {
            let Some(text) = tunnel.settings.str(key).filter(|text| !text.value.is_empty()) else { continue };
            // A template's placeholder inside other text: what comes of it is not known.
            if ["{{", "{%", "${", "<%"].into_iter().any(|opening| text.value.contains(opening)) {
                continue;
            }
            let trimmed = text.value.trim();
            if trimmed.len() != text.value.len() && !trimmed.is_empty() {
                let message = format!("{key} has blanks around it");
                let finding = Finding::value(&tunnel.settings, key, message);
                let finding = finding.help("they would be part of the identity");
                out.say(finding.unsafe_replace("take the blanks away", trimmed));
            } else if let Some(fault) = fault(trimmed) {
                out.say(Finding::value(&tunnel.settings, key, format!("{key} {fault}")).help(
                    "write a host name, user@host, an IP address or a distinguished name, as the server knows it",
                ));
            }
        }
    }
}

/// What keeps a text from being an identity; nothing for one that has a known form.
fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is nothing but blanks");
    }
    if text.contains("://") {
        return Some("is a URL");
    }
    if text.parse::<IpAddr>().is_ok() || is_distinguished_name(text) {
        return None;
    }
    if text.contains('*') || text.contains('%') {
        return Some("holds a wildcard");
    }
    if text.contains(char::is_whitespace) {
        return Some("holds a blank");
    }
    match text.rsplit_once('@') {
        Some(("", _)) => Some("begins with @, as in the notation of some servers, but is sent as it stands"),
        Some((_, host)) => (!is_host(host)).then_some("is no user@host"),
        None => (!is_host(text)).then_some("is no host name"),
    }
}

/// `CN=name, O=organisation`, also with slashes: each part has a type before its equals sign.
fn is_distinguished_name(text: &str) -> bool {
    let separators = [',', '/', ';', '+'];
    let first = text.trim_start_matches('/').split(separators).next().unwrap_or_default();
    first.split_once('=').is_some_and(|(kind, value)| {
        let kind = kind.trim();
        !kind.is_empty()
            && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
            && !value.is_empty()
    })
}

/// A host name in ASCII; RFC 7296 section 3.5 has no other for ID_FQDN. One word counts.
fn is_host(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn identities_have_one_of_the_forms() {
        for good in [
            "vpn.example.com",
            "vpn",
            "vpn_client-1",
            "alice@example.com",
            "a.b+c@host",
            "192.0.2.1",
            "2001:db8::1",
            "CN=vpn, O=Example, C=DE",
            "/C=DE/O=Example/CN=vpn",
            "2.5.4.3=vpn",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "https://vpn.example.com",
            "*.example.com",
            "%any",
            "@vpn.example.com",
            "alice@",
            "John Doe",
            "vpn.example.com:500",
            "a..b",
            "bücher.example",
            "=x",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
