//! `dns.protocol-missing` and what each protocol needs: `dns.https-needs-url`, `dns.tls-needs-name`,
//! `dns.addresses-missing`, `dns.unused-field`.

use super::dictionaries::{Protocol, all, is_filled};
use crate::rules::prelude::*;

const KEY: &str = "DNSProtocol";
const URL: &str = "ServerURL";
const NAME: &str = "ServerName";
const ADDRESSES: &str = "ServerAddresses";

pub(super) static MISSING_RULE: Rule = Rule {
    code: Code::new("dns.protocol-missing"),
    level: Level::Notice,
    title: "DNS without DNSProtocol",
    what: prose(
        "The DNS dictionary of a VPN has no DNSProtocol. In the DNSSettings of com.apple.dnsSettings.managed that is an \
           error.",
    ),
    why: prose(
        "Without the key the servers are asked in clear text, inside the tunnel: profiles of before iOS 14 have no such \
          key and work. Apple's schema calls it required. Encrypted DNS settings have no protocol to fall back to.",
    ),
    mend: prose("Write Cleartext, HTTPS (with ServerURL) or TLS (with ServerName)."),
    source: "Apple device-management schema: DNS, DNSProtocol (required); profiles in use",
    check: Check::Profile(check_missing),
};

pub(super) static HTTPS_RULE: Rule = Rule {
    code: Code::new("dns.https-needs-url"),
    level: Level::Error,
    title: "DNS over HTTPS without ServerURL",
    what: prose("DNSProtocol is HTTPS, and ServerURL is missing or empty."),
    why: prose(
        "The URL says where to ask and which name the server's certificate must have: without it no name is resolved.",
    ),
    mend: prose("Add ServerURL, such as https://dns.example.com/dns-query."),
    source: "Apple device-management schema: ServerURL (required with HTTPS); RFC 8484",
    check: Check::Profile(check_https),
};

pub(super) static TLS_RULE: Rule = Rule {
    code: Code::new("dns.tls-needs-name"),
    level: Level::Error,
    title: "DNS over TLS without ServerName",
    what: prose("DNSProtocol is TLS, and ServerName is missing or empty."),
    why: prose(
        "The name is what the server's certificate is checked against: without it no name is resolved.",
    ),
    mend: prose("Add ServerName, the host name of the resolver."),
    source: "Apple device-management schema: ServerName (required with TLS); RFC 7858",
    check: Check::Profile(check_tls),
};

pub(super) static ADDRESSES_RULE: Rule = Rule {
    code: Code::new("dns.addresses-missing"),
    level: Level::Error,
    title: "DNS in clear text without ServerAddresses",
    what: prose(
        "The DNS dictionary of a VPN has the DNSProtocol Cleartext, or none, and ServerAddresses is missing or empty.",
    ),
    why: prose(
        "There is no server to ask. With HTTPS and TLS the address can be found from the server's name, here not.",
    ),
    mend: prose(
        "Add ServerAddresses, or take the DNS dictionary out and let the VPN server name its resolvers.",
    ),
    source: "Apple device-management schema: DNS, ServerAddresses (required)",
    check: Check::Profile(check_addresses),
};

pub(super) static UNUSED_RULE: Rule = Rule {
    code: Code::new("dns.unused-field"),
    level: Level::Warning,
    title: "A key of another DNS protocol",
    what: prose(
        "ServerURL stands beside the DNSProtocol TLS or Cleartext, or ServerName beside HTTPS or Cleartext.",
    ),
    why: prose(
        "The key belongs to another protocol and is ignored; most often the protocol is not the one that was meant, and \
          with Cleartext the questions are not encrypted although the profile looks as if they were.",
    ),
    mend: prose("Write the protocol that goes with the key, or take the key out."),
    source: "own judgement, from the keys' descriptions in Apple's device-management schema",
    check: Check::Profile(check_unused),
};

fn check_missing(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx).filter(|resolver| resolver.protocol() == Protocol::Missing) {
        let section = &resolver.section;
        let insert =
            |word: &str| Change::Insert { path: section.path().steps(), key: KEY.into(), value: word.into() };
        let (url, name) = (is_filled(section, URL), is_filled(section, NAME));
        let (meant, key) = match (url, name) {
            (true, false) => ("HTTPS", URL),
            (false, true) => ("TLS", NAME),
            _ => ("", ""),
        };
        let finding = if resolver.vpn.is_none() {
            Finding::value(section, KEY, "DNSSettings needs DNSProtocol").severity(Severity::Error)
        } else if meant.is_empty() {
            Finding::value(section, KEY, "there is no DNSProtocol: the servers are asked in clear text")
        } else {
            let message = format!(
                "there is no DNSProtocol: the servers are asked in clear text, in spite of the {key}"
            );
            Finding::value(section, KEY, message).severity(Severity::Warning)
        };
        out.say(if !meant.is_empty() {
            finding.help(format!("write {meant}")).fix(Fix::not_safe(format!("add {meant}"), insert(meant)))
        } else if resolver.vpn.is_some() && !url && is_filled(section, ADDRESSES) {
            finding.help("write Cleartext").fix(Fix::safe("add Cleartext", insert("Cleartext")))
        } else {
            finding.help("write HTTPS with ServerURL, or TLS with ServerName")
        });
    }
}

fn check_https(cx: &Context<'_>, out: &mut Sink<'_>) {
    needs(
        cx,
        Protocol::Https,
        URL,
        "give the URL of the resolver, such as https://dns.example.com/dns-query",
        out,
    );
}

fn check_tls(cx: &Context<'_>, out: &mut Sink<'_>) {
    needs(cx, Protocol::Tls, NAME, "give the host name of the resolver", out);
}

fn needs(cx: &Context<'_>, protocol: Protocol, key: &str, help: &str, out: &mut Sink<'_>) {
    for resolver in all(cx).filter(|resolver| resolver.protocol() == protocol) {
        let section = &resolver.section;
        if !is_filled(section, key) {
            let word = if protocol == Protocol::Https { "HTTPS" } else { "TLS" };
            let message = if section.has(key) {
                format!("{key} is empty, DNS over {word} needs it")
            } else {
                format!("DNS over {word} needs {key}")
            };
            out.say(Finding::value(section, key, message).help(help));
        }
    }
}

fn check_addresses(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx).filter(|resolver| resolver.vpn.is_some()) {
        let section = &resolver.section;
        // Without a protocol, a URL or a name says that another one is meant, which is told.
        let clear = match resolver.protocol() {
            Protocol::Cleartext => true,
            Protocol::Missing => !is_filled(section, URL) && !is_filled(section, NAME),
            _ => false,
        };
        if clear && !is_filled(section, ADDRESSES) {
            let message = if section.has(ADDRESSES) {
                "ServerAddresses is empty: there is no DNS server to ask"
            } else {
                "there are no ServerAddresses: there is no DNS server to ask"
            };
            out.say(
                Finding::value(section, ADDRESSES, message).help("give the addresses of the DNS servers"),
            );
        }
    }
}

fn check_unused(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx) {
        let section = &resolver.section;
        let (word, others): (&str, &[(&str, &str)]) = match resolver.protocol() {
            Protocol::Cleartext => ("Cleartext", &[(URL, "HTTPS"), (NAME, "TLS")]),
            Protocol::Https => ("HTTPS", &[(NAME, "TLS")]),
            Protocol::Tls => ("TLS", &[(URL, "HTTPS")]),
            Protocol::Missing | Protocol::Unclear => continue,
        };
        for (key, theirs) in others.iter().filter(|(key, _)| is_filled(section, key)) {
            let protocol = Change::Replace { path: section.path_of(KEY).steps(), value: (*theirs).into() };
            out.say(
                Finding::key(section, key, format!("{key} is for DNS over {theirs}, the protocol is {word}"))
                    .help(format!("write {theirs} if it was meant, or take {key} out"))
                    .related(section.span_of(KEY), format!("the protocol is {word}"))
                    .unsafe_remove(format!("take {key} out"))
                    .fix(Fix::not_safe(format!("write {theirs}"), protocol)),
            );
        }
    }
}
