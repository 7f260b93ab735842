//! `dns.url-scheme`.

use super::dictionaries::{Protocol, all, is_filled};
use crate::rules::prelude::*;
use crate::rules::url::Url;

const KEY: &str = "ServerURL";

pub(super) static RULE: Rule = Rule {
    code: Code::new("dns.url-scheme"),
    level: Level::Error,
    title: "A ServerURL that is not https://",
    what: prose(
        "The ServerURL of a resolver asked over HTTPS has another scheme than https, or is no URL with a host.",
    ),
    why: prose("DNS over HTTPS is defined for https only. Systems refuse the URL, and no name is resolved."),
    mend: prose("Write the URL in full, such as https://dns.example.com/dns-query."),
    source: "Apple device-management schema: ServerURL (https:// scheme); RFC 8484 section 3",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx) {
        let section = &resolver.section;
        let other = matches!(resolver.protocol(), Protocol::Cleartext | Protocol::Tls);
        let Some(text) = section.str(KEY).filter(|_| !other && is_filled(section, KEY)) else { continue };
        let https = |rest: &str| format!("https://{rest}");
        let (message, better) = match Url::of(text.value) {
            Some(url) if url.has_scheme("https") => continue,
            Some(url) if url.has_scheme("http") => {
                ("ServerURL begins with http://", text.value.split_once("://").map(|(_, rest)| https(rest)))
            }
            Some(_) => ("ServerURL has another scheme than https", None),
            None => {
                let bare = !text.value.contains("://") && Url::of(&https(text.value)).is_some();
                ("ServerURL is no https:// URL", bare.then(|| https(text.value)))
            }
        };
        let finding =
            Finding::value(section, KEY, message).help("write it in full: https://, the host and the path");
        out.say(match better {
            Some(better) => finding.unsafe_replace("write https:// in front", better),
            None => finding,
        });
    }
}
