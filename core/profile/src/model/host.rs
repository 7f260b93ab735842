//! What may stand where a server is named.

use std::net::IpAddr;

/// Longest host name, without a final dot (RFC 1035 section 2.3.4 as text).
const LONGEST_NAME: usize = 253;

/// Longest part of a host name between two dots.
const LONGEST_LABEL: usize = 63;

/// Whether text is a host name or an IP address, and nothing more: no scheme, port, path, brackets, zone or blanks.
///
/// Letters beyond ASCII and `_` are taken, as resolvers do.
pub(crate) fn is_host(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    name.len() <= LONGEST_NAME && name.split('.').all(label)
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
