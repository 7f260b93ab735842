//! What may stand where a server is named.

use crate::gather::Gather as _;
use crate::number;
use crate::platform::is_letter_or_digit;
use std::net::IpAddr;

/// Longest host name, without a final dot (RFC 1035 section 2.3.4 as text).
const LONGEST_NAME: usize = 253;

/// Longest part of a host name between two dots.
const LONGEST_LABEL: usize = 63;

/// Whether text is a host name or an IP address, and nothing more: no scheme, port, path, brackets, zone or blanks.
///
/// Letters beyond ASCII and `_` are taken, as resolvers do, and so are addresses in fewer parts (`10.1`). A name whose last part
/// is a number is none: the highest domains are no numbers (RFC 1123 section 2.1), so `256.0.2.1` is a mistyped address.
pub(crate) fn is_host(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && label.chars().all(|c| is_letter_or_digit(c) || matches!(c, '-' | '_'))
    };
    let ends_in_number =
        name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= LONGEST_NAME && name.split('.').all(label) && (!ends_in_number || is_short_address(name))
}

/// Whether resolvers take it for an IPv4 address: up to four numbers, the last of which fills the octets that are left.
fn is_short_address(text: &str) -> bool {
    let number = |part: &str| u64::try_from(number::whole(false, part.as_bytes(), 10).ok()?).ok();
    let parts: Vec<Option<u64>> = text.split('.').map(number).gather();
    let Some((last, octets)) = parts.split_last() else { return false };
    let Some(left) = 4_usize.checked_sub(octets.len()) else { return false };
    octets.iter().all(|octet| octet.is_some_and(|octet| octet < 256))
        && last.is_some_and(|last| left > 0 && last < 1 << (8 * left))
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
            "10.1",
            "16909060",
            "1.2.3",
            "3.example",
            "vpn.example.x1",
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
            "256.0.2.1",
            "192.0.2.1.5",
            "vpn.example.123",
            "99999999999",
            "1.16777216",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }
}
