//! Comparing names and addresses with the entries of rules.

use std::net::IpAddr;

use crate::gather::GatherSome as _;

/// The domain of an entry, without the `*.` or dot in front and the dot behind.
fn domain_of(entry: &str) -> &str {
    let entry = entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.')).unwrap_or(entry);
    entry.strip_suffix('.').unwrap_or(entry)
}

/// Whether `name` is `domain` or below it: whole labels, ASCII case ignored (RFC 4343).
fn within(name: &str, domain: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).as_bytes();
    let domain = domain.as_bytes();
    if domain.is_empty() || domain.contains(&b'*') {
        return false;
    }
    let Some((below, end)) = name.len().checked_sub(domain.len()).and_then(|at| name.split_at_checked(at))
    else {
        return false;
    };
    end.eq_ignore_ascii_case(domain) && (below.is_empty() || below.ends_with(b"."))
}

/// Whether an entry of `Domains`, or of the lists of before iOS 7, speaks of a host.
///
/// An IP address is in no domain, whatever its digits, but it may be the entry itself.
pub(super) fn lists_host(entry: &str, host: &str) -> bool {
    if entry == "*" {
        return true;
    }
    match address(host) {
        Some(host) => address(entry) == Some(host),
        None => within(host, domain_of(entry)),
    }
}

/// Whether an entry of `DNSDomainMatch` speaks of a search domain.
///
/// `equal`: an entry without a wildcard must be the whole name.
pub(super) fn lists_search_domain(entry: &str, search_domain: &str, equal: bool) -> bool {
    if entry == "*" {
        return true;
    }
    let domain = domain_of(entry);
    let name = search_domain.strip_suffix('.').unwrap_or(search_domain);
    if equal && !entry.starts_with("*.") {
        return !domain.is_empty() && !domain.contains('*') && name.eq_ignore_ascii_case(domain);
    }
    within(name, domain)
}

/// A DNS server of the network.
pub(super) struct Server {
    /// Its address as text: the usual spelling where it is an address, without the zone.
    pub text: String,
    address: Option<IpAddr>,
}

impl Server {
    /// From what the network says.
    pub fn new(text: &str) -> Self {
        let address = address(text);
        Self { text: address.map_or_else(|| text.to_ascii_lowercase(), |known| known.to_string()), address }
    }

    /// Whether an entry of `DNSServerAddressMatch` speaks of it.
    pub fn is_listed_as(&self, entry: &str) -> bool {
        let Some(prefix) = entry.strip_suffix('*') else {
            return match (self.address, address(entry)) {
                (Some(own), Some(listed)) => own == listed,
                _ => self.text.eq_ignore_ascii_case(entry),
            };
        };
        match (self.address, groups(prefix)) {
            (Some(IpAddr::V6(own)), Some(groups)) => own.segments().starts_with(&groups),
            _ => self
                .text
                .as_bytes()
                .get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes())),
        }
    }
}

/// An address, its zone left out.
fn address(text: &str) -> Option<IpAddr> {
    text.split_once('%').map_or(text, |(address, _)| address).parse().ok()
}

/// The whole groups of the front of an IPv6 address: `2001:db8:`. `None` where it is not that, or shortened by `::`.
fn groups(prefix: &str) -> Option<Vec<u16>> {
    let inside = prefix.strip_suffix(':')?;
    let groups: Option<Vec<u16>> = inside
        .split(':')
        .take(9)
        .map(|group| {
            let is_group =
                matches!(group.len(), 1..=4) && group.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_group.then(|| u16::from_str_radix(group, 16).ok()).flatten()
        })
        .gather_some();
    groups.filter(|groups| groups.len() <= 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_match_on_label_boundaries() {
        for entry in ["example.com", "*.example.com", ".example.com", "EXAMPLE.com.", "*.Example.COM."] {
            for host in ["example.com", "www.example.com", "a.b.example.com", "WWW.EXAMPLE.COM."] {
                assert!(lists_host(entry, host), "{entry} {host}");
                assert!(lists_search_domain(entry, host, false), "{entry} {host}");
            }
            for host in ["", "com", "my-example.com", "example.com.evil.org", ".example", "example.co"] {
                assert!(!lists_host(entry, host), "{entry} {host}");
                assert!(!lists_search_domain(entry, host, false), "{entry} {host}");
            }
        }
    }

    #[test]
    fn only_a_lone_star_and_a_star_before_a_dot_are_wildcards() {
        for host in ["example.com", "192.0.2.1", ""] {
            assert!(lists_host("*", host));
        }
        for entry in ["*example.com", "www.*.com", "ex*", "**", "*.*", "*.", ".", ""] {
            for host in ["example.com", "www.example.com", "*example.com", "*"] {
                assert!(!lists_host(entry, host), "{entry} {host}");
                assert!(!lists_search_domain(entry, host, false), "{entry} {host}");
                assert!(!lists_search_domain(entry, host, true), "{entry} {host}");
            }
        }
    }

    #[test]
    fn equality_is_for_entries_without_a_wildcard() {
        assert!(lists_search_domain("example.com", "Example.com.", true));
        assert!(!lists_search_domain("example.com", "corp.example.com", true));
        assert!(lists_search_domain("*.example.com", "corp.example.com", true));
        assert!(lists_search_domain("*", "corp.example.com", true));
    }

    #[test]
    fn an_address_is_in_no_domain() {
        assert!(!lists_host("2.1", "192.0.2.1"));
        assert!(lists_host("192.0.2.1", "192.0.2.1"));
        assert!(!lists_host("*.2.1", "192.0.2.1"));
        assert!(lists_host("2001:DB8::1", "2001:db8:0::1"));
    }

    #[test]
    fn servers_are_compared_by_value() {
        let listed = |entry: &str, server: &str| Server::new(server).is_listed_as(entry);
        assert!(listed("192.0.2.1", "192.0.2.1"));
        assert!(!listed("192.0.2.1", "192.0.2.10"));
        assert!(listed("2001:db8:0:0::1", "2001:DB8::1"));
        assert!(listed("fe80::1", "fe80::1%en0"));
        assert!(!listed("", "192.0.2.1"));
    }

    #[test]
    fn one_star_at_the_end_stands_for_the_rest() {
        let listed = |entry: &str, server: &str| Server::new(server).is_listed_as(entry);
        assert!(listed("17.*", "17.1.2.3"));
        assert!(!listed("17.*", "170.1.2.3"));
        assert!(!listed("17.*", "10.17.1.1"));
        assert!(listed("192.0.2.*", "192.0.2.200"));
        assert!(listed("*", "192.0.2.200"));
        assert!(listed("192.0.2.1*", "192.0.2.1"), "the star may stand for nothing");
        for entry in ["*.1", "17.*.1", "17.*.*", "**"] {
            assert!(!listed(entry, "17.1.1.1"), "{entry}");
        }
    }

    #[test]
    fn groups_of_an_ipv6_pattern_count_by_value() {
        let listed = |entry: &str, server: &str| Server::new(server).is_listed_as(entry);
        assert!(listed("2001:db8:*", "2001:db8::53"));
        assert!(listed("2001:0DB8:0:*", "2001:db8::53"));
        assert!(!listed("2001:db8:1:*", "2001:db8::53"));
        assert!(listed("2001:db8::*", "2001:db8::53"), "as it is usually spelled");
        assert!(!listed("2001:db8:*", "2001:db80::53"));
        assert!(!listed("1:2:3:4:5:6:7:8:*", "1:2:3:4:5:6:7:8"));
        assert!(!listed("2001:db8:*", "20.1.1.1"));
    }

    #[test]
    fn text_that_is_no_address_does_no_harm() {
        for entry in ["é*", "1é", "%", "*", "::*", "a%b"] {
            for server in ["é", "éa", "%%", "", "::1%é"] {
                let _ = Server::new(server).is_listed_as(entry);
                let _ = lists_host(entry, server);
                let _ = lists_search_domain(entry, server, true);
            }
        }
    }
}
