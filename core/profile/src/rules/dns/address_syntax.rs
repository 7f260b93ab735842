//! `dns.address-syntax`.

use super::dictionaries::all;
use crate::rules::addresses::is_address;
use crate::rules::prelude::*;
use crate::syntax::shorten;

pub(super) static RULE: Rule = Rule {
    code: Code::new("dns.address-syntax"),
    level: Level::Error,
    title: "A DNS server that is no IP address",
    what: prose("An entry of ServerAddresses is no IPv4 or IPv6 address."),
    why: prose(
        "A name cannot be looked up before there is a resolver, and ports, brackets and prefixes are not understood: the \
          server is never asked.",
    ),
    mend: prose("Write plain addresses, one an entry."),
    source: "Apple device-management schema: ServerAddresses (IP address strings)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx) {
        for server in resolver.section.list("ServerAddresses") {
            let Some(text) = server.str().filter(|text| !is_address(text.value)) else { continue };
            let message = format!("`{}` is no IP address", shorten(text.value));
            let finding = Finding::element(&server, message)
                .help("write an IPv4 or IPv6 address: no name, port, brackets or blanks");
            let trimmed = text.value.trim().trim_start_matches('[').trim_end_matches(']');
            out.say(if is_address(trimmed) {
                finding.unsafe_replace(format!("write {trimmed}"), trimmed)
            } else {
                finding
            });
        }
    }
}
