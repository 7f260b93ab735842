//! IP addresses as profiles write them.

use std::net::IpAddr;

/// Whether it is an IPv4 or IPv6 address; an IPv6 one may name a zone (RFC 4007 section 11).
pub(super) fn is_address(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => {
            address.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6())
                && !zone.is_empty()
                && zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        }
        None => text.parse::<IpAddr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_literals() {
        for good in ["192.0.2.1", "2001:db8::1", "::", "fe80::1%en0", "::ffff:192.0.2.1"] {
            assert!(is_address(good), "{good}");
        }
        for wrong in [
            "",
            "dns.example",
            "192.0.2.1:53",
            "[2001:db8::1]",
            "192.0.2",
            "192.0.2.1%en0",
            "fe80::1%",
            "10.0.0.0/8",
            " 192.0.2.1",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
