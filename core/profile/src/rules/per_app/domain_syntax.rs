//! `applayer.domain-syntax`.

use super::{TRIGGERS, per_app};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.domain-syntax"),
    level: Level::Warning,
    title: "A domain of a per-app VPN is written as something else",
    what: prose(
        "An element of SafariDomains, MailDomains, CalendarDomains, ContactsDomains, AssociatedDomains, SMBDomains or \
           ExcludedDomains is empty or holds a scheme, a port, a path, white space, or a * that is no leading \"*.\".",
    ),
    why: prose(
        "The element is compared with the host name alone, so it never matches: connections to that domain do not start \
          the VPN and go past it.",
    ),
    mend: prose(
        "Write the host name, such as www.example.com, and nothing else. A leading \"*.\" is tolerated.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, SafariDomains (its format); Apple's own \
             example has \"*.\"; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in per_app(cx) {
        for key in TRIGGERS.into_iter().chain(["ExcludedDomains"]) {
            for element in vpn.section().list(key) {
                let Some(domain) = element.str() else { continue };
                let Some(wrong) = wrong(domain.value) else { continue };
                let message = format!("a domain in {key} {wrong}");
                let finding = Finding::element(&element, message)
                    .help("write the host name alone, such as www.example.com");
                out.say(match host(domain.value) {
                    Some(host) => finding.unsafe_replace(format!("write {host}"), host),
                    None => finding,
                });
            }
        }
    }
}

/// What is wrong with a domain, if something is.
fn wrong(domain: &str) -> Option<&'static str> {
    let name = domain.strip_prefix("*.").unwrap_or(domain);
    if name.is_empty() {
        Some("is empty")
    } else if name.chars().any(char::is_whitespace) {
        Some("holds white space")
    } else if name.contains("://") {
        Some("has a scheme: it is a URL")
    } else if name.contains('/') {
        Some("has a path")
    } else if name.contains('*') {
        Some("has a * elsewhere than in front")
    } else if name.contains(':') {
        Some("has a port")
    } else {
        None
    }
}

/// The host name in a URL, when there is one.
fn host(domain: &str) -> Option<&str> {
    let rest = domain.trim().split_once("://").map_or(domain.trim(), |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next()?;
    (host.contains('.') && wrong(host).is_none()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_host_names() {
        for domain in ["www.example.com", "*.example.com", "intranet", "bücher.example"] {
            assert_eq!(wrong(domain), None, "{domain}");
        }
        for domain in
            ["", "*.", "https://a.example", "a.example/x", "a.example:443", "a b", "a.*.example", "*", " a"]
        {
            assert!(wrong(domain).is_some(), "{domain}");
        }
        assert_eq!(host("https://a.example:8443/x"), Some("a.example"));
        assert_eq!(host(" a.example "), Some("a.example"));
        assert_eq!(host("a b"), None);
    }
}
