//! `ondemand.dns-server-syntax`.

use std::net::{IpAddr, Ipv4Addr};

use super::parameters;
use crate::rules::addresses::is_address;
use crate::rules::prelude::*;
use crate::syntax::shorten;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.dns-server-syntax"),
    level: Level::Error,
    title: "A DNS server of an on-demand rule is no IP address",
    what: prose(
        "An entry of RequiredDNSServers is no IPv4 or IPv6 address, or an entry of DNSServerAddressMatch is neither an \
           address nor an address with one * in it, such as 17.* or 2001:db8:*.",
    ),
    why: prose(
        "Names, ports and prefixes (10.0.0.0/8) are not understood there: the entry never matches, or its server is never \
          asked, so that the rule does not do what it says.",
    ),
    mend: prose("Write plain addresses; for a network write the part that all its addresses share and a *."),
    source: "Apple device-management schema: RequiredDNSServers, DNSServerAddressMatch (a single wildcard)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for element in cx.on_demand_parameters().filter(|element| !parameters::is_never(element)) {
        for server in element.list("RequiredDNSServers") {
            if server.str().is_some_and(|text| !is_address(text.value)) {
                out.say(
                    Finding::element(&server, "an entry of RequiredDNSServers is no IP address")
                        .help("write the address of the DNS server: no name, port, prefix or wildcard"),
                );
            }
        }
    }
    for (_, rule) in cx.on_demand_rules() {
        for pattern in rule.section.list("DNSServerAddressMatch") {
            let Some(text) = pattern.str() else { continue };
            if is_address(text.value) || is_pattern(text.value) {
                continue;
            }
            let message =
                format!("`{}` is no address of a DNS server and no pattern of one", shorten(text.value));
            let finding = Finding::element(&pattern, message)
                .help("write an address, or the front of one with a * behind it, such as 17.*");
            out.say(match from_prefix(text.value) {
                Some(better) => finding.unsafe_replace(format!("write {better}"), better),
                None => finding,
            });
        }
    }
}

/// An address of which one `*` stands for a part.
fn is_pattern(text: &str) -> bool {
    let Some((front, back)) = text.split_once('*') else { return false };
    let four = |part: &str| {
        let octets = part.split('.').filter(|octet| !octet.is_empty());
        octets.clone().count() <= 4
            && octets.into_iter().all(|octet| {
                octet.bytes().all(|digit| digit.is_ascii_digit())
                    && octet.parse::<u16>().is_ok_and(|value| value <= 255)
            })
            && !part.contains("..")
    };
    let six = |part: &str| {
        let groups = part.split(':').filter(|group| !group.is_empty());
        groups.clone().count() <= 8
            && groups
                .into_iter()
                .all(|group| group.len() <= 4 && group.bytes().all(|digit| digit.is_ascii_hexdigit()))
            && !part.contains(":::")
    };
    let is_six = text.contains(':');
    !back.contains('*') && if is_six { six(front) && six(back) } else { four(front) && four(back) }
}

/// The pattern that means the same as `10.0.0.0/8`, where there is one.
fn from_prefix(text: &str) -> Option<String> {
    let (address, length) = text.split_once('/')?;
    let IpAddr::V4(address) = address.parse::<IpAddr>().ok()? else { return None };
    let [a, b, c, _] = Ipv4Addr::octets(&address);
    match length {
        "8" => Some(format!("{a}.*")),
        "16" => Some(format!("{a}.{b}.*")),
        "24" => Some(format!("{a}.{b}.{c}.*")),
        "32" => Some(address.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_addresses_with_one_star() {
        for good in ["17.*", "*", "10.0.*", "10.1*", "10.*.1.1", "2001:db8:*", "fe80::*", "192.168.1.*"] {
            assert!(is_pattern(good), "{good}");
        }
        for wrong in [
            "10.0.0.0/8",
            "*.*",
            "10.*.*",
            "dns.*",
            "*.example.com",
            "300.*",
            "1.2.3.4.5.*",
            "1..*",
            "2001:db8g:*",
            "",
            "10.0.0.1:*:53*",
            "12345:*",
        ] {
            assert!(!is_pattern(wrong), "{wrong}");
        }
    }

    #[test]
    fn whole_prefixes_have_a_pattern() {
        assert_eq!(from_prefix("10.1.2.0/24").as_deref(), Some("10.1.2.*"));
        assert_eq!(from_prefix("10.0.0.0/8").as_deref(), Some("10.*"));
        assert_eq!(from_prefix("10.0.0.0/12"), None);
        assert_eq!(from_prefix("2001:db8::/32"), None);
    }
}
