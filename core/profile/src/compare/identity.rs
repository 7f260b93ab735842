//! Identities as the two sides write them, and when one satisfies the other.
//!
//! A profile's text becomes an ID payload by its form (as the engine does, RFC 7296 section 3.5); strongSwan has its own
//! rules, prefixes and wildcards. Distinguished names are compared by their parts as text.

use std::net::IpAddr;

/// Who somebody is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Name {
    /// `%any`.
    Any,
    /// ID_FQDN.
    Fqdn(String),
    /// ID_RFC822_ADDR.
    Email(String),
    /// ID_IPV4_ADDR or ID_IPV6_ADDR.
    Address(IpAddr),
    /// ID_DER_ASN1_DN: keyword in capitals and value, in order.
    Dn(Vec<(String, String)>),
    /// ID_KEY_ID.
    KeyId(Vec<u8>),
    /// Something this comparison does not know.
    Unknown,
}

impl Name {
    /// `LocalIdentifier` or `RemoteIdentifier`.
    #[must_use]
    pub fn of_profile(text: &str) -> Self {
        if let Ok(address) = text.parse() {
            return Self::Address(address);
        }
        match dn(text) {
            Some(parts) => Self::Dn(parts),
            None if text.contains('@') => Self::Email(text.to_owned()),
            None => Self::Fqdn(text.to_owned()),
        }
    }

    /// The value of `id` in swanctl.conf.
    #[must_use]
    pub fn of_strongswan(text: &str) -> Self {
        let text = text.trim();
        if matches!(text, "" | "%any" | "%any6" | "*" | "0.0.0.0" | "::") {
            return Self::Any;
        }
        let prefixed = text.split_once(':').and_then(|(kind, rest)| {
            Some(match kind {
                "ipv4" | "ipv6" => rest.parse().map_or(Self::Unknown, Self::Address),
                "rfc822" | "email" | "userfqdn" => Self::Email(rest.to_owned()),
                "fqdn" | "dns" => Self::Fqdn(rest.to_owned()),
                "keyid" => Self::KeyId(rest.as_bytes().to_vec()),
                "asn1dn" => dn(rest).map_or(Self::Unknown, Self::Dn),
                "asn1gn" | "xmppaddr" | "uri" | "ipv4net" | "ipv6net" | "ipv4range" | "ipv6range" => {
                    Self::Unknown
                }
                _ => return None,
            })
        });
        if let Some(name) = prefixed {
            return name;
        }
        if text.contains('=') {
            return dn(text).map_or_else(|| Self::KeyId(text.as_bytes().to_vec()), Self::Dn);
        }
        if let Ok(address) = text.parse() {
            return Self::Address(address);
        }
        match text.strip_prefix('@') {
            Some(rest) => match (rest.strip_prefix('#'), rest.strip_prefix('@')) {
                (Some(_), _) => Self::Unknown,
                (_, Some(mail)) => Self::Email(mail.to_owned()),
                _ => Self::Fqdn(rest.to_owned()),
            },
            None if text.contains('@') => Self::Email(text.to_owned()),
            None => Self::Fqdn(text.to_owned()),
        }
    }

    /// Whether `other` is who this strongSwan pattern asks for; `None` when that cannot be told.
    #[must_use]
    pub fn takes(&self, other: &Self) -> Option<bool> {
        Some(match (self, other) {
            (Self::Any, _) => true,
            (Self::Unknown, _) | (_, Self::Unknown) => return None,
            (Self::Fqdn(pattern), Self::Fqdn(name)) | (Self::Email(pattern), Self::Email(name)) => {
                wild(pattern, name)
            }
            (Self::Dn(pattern), Self::Dn(name)) => {
                pattern.len() == name.len()
                    && pattern.iter().zip(name).all(|((key, wanted), (other, value))| {
                        key == other && (wanted == "*" || wanted.eq_ignore_ascii_case(value))
                    })
            }
            (one, other) => one == other,
        })
    }

    /// Whether a profile's identity equals what the other side says: no wildcard counts.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Fqdn(one), Self::Fqdn(two)) | (Self::Email(one), Self::Email(two)) => {
                Some(one.eq_ignore_ascii_case(two))
            }
            _ => self.takes(other),
        }
    }

    /// The type in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Any => "any identity",
            Self::Fqdn(_) => "FQDN",
            Self::Email(_) => "mail address",
            Self::Address(_) => "IP address",
            Self::Dn(_) => "distinguished name",
            Self::KeyId(_) => "key ID",
            Self::Unknown => "another type",
        }
    }
}

/// A star at the beginning stands for anything; the case of letters does not count.
fn wild(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(end) => {
            let start = name.len().checked_sub(end.len()).and_then(|start| name.get(start..));
            start.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        }
        None => pattern.eq_ignore_ascii_case(name),
    }
}

/// `C=DE, O=Org, CN=name`, most significant part first: a name that begins with its common name is turned round, as the
/// engine does with a profile's.
fn dn(text: &str) -> Option<Vec<(String, String)>> {
    const KEYWORDS: [&str; 16] = [
        "C",
        "O",
        "OU",
        "CN",
        "L",
        "ST",
        "S",
        "E",
        "EMAILADDRESS",
        "DC",
        "UID",
        "SN",
        "SERIALNUMBER",
        "T",
        "G",
        "GN",
    ];
    let separator = if text.starts_with('/') { '/' } else { ',' };
    let mut parts = Vec::new();
    for part in text.trim_start_matches('/').split(separator) {
        let (key, value) = part.split_once('=')?;
        let key = key.trim().to_ascii_uppercase();
        if !KEYWORDS.contains(&key.as_str()) {
            return None;
        }
        let key = match key.as_str() {
            "EMAILADDRESS" => "E".to_owned(),
            "S" => "ST".to_owned(),
            _ => key,
        };
        parts.push((key, value.trim().trim_matches('"').to_owned()));
    }
    if separator == ',' && parts.len() > 1 && parts.first().is_some_and(|(key, _)| key == "CN") {
        parts.reverse();
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strongswan_patterns_take_what_they_mean() {
        let cases = [
            ("%any", "a@b", Some(true)),
            ("", "vpn.example.com", Some(true)),
            ("vpn.example.com", "VPN.example.com", Some(true)),
            ("@vpn.example.com", "vpn.example.com", Some(true)),
            ("fqdn:vpn.example.com", "vpn.example.com", Some(true)),
            ("vpn.example.com", "vpn2.example.com", Some(false)),
            ("*.example.com", "vpn.example.com", Some(true)),
            ("*.example.com", "vpn.example.org", Some(false)),
            ("*@example.com", "a@example.com", Some(true)),
            ("*@example.com", "example.com", Some(false)),
            ("alice", "alice", Some(true)),
            ("email:alice", "alice", Some(false)),
            ("keyid:alice", "alice", Some(false)),
            ("192.0.2.1", "192.0.2.1", Some(true)),
            ("192.0.2.1", "192.0.2.2", Some(false)),
            ("2001:db8::1", "2001:db8::1", Some(true)),
            ("C=DE, O=Org, CN=*", "C=DE,O=Org,CN=alice", Some(true)),
            ("C=DE, O=Org, CN=alice", "CN=alice,O=Org,C=DE", Some(true)),
            ("C=DE, O=Org, CN=bob", "C=DE,O=Org,CN=alice", Some(false)),
            ("@#0102", "x", None),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(
                Name::of_strongswan(pattern).takes(&Name::of_profile(name)),
                expected,
                "{pattern} {name}"
            );
        }
        assert_eq!(
            Name::of_profile("*.example.com").equals(&Name::of_strongswan("a.example.com")),
            Some(false)
        );
    }
}
