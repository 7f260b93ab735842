//! `relay.url`.

use super::RELAY;
use crate::rules::prelude::*;

const KEYS: [&str; 2] = ["HTTP3RelayURL", "HTTP2RelayURL"];

pub(super) static RULE: Rule = Rule {
    code: Code::new("relay.url"),
    level: Level::Error,
    title: "A relay without a usable URL",
    what: prose(
        "An element of Relays in a com.apple.relay.managed payload has neither HTTP3RelayURL nor HTTP2RelayURL, or one of \
           them is no https URL with a host. URI templates (RFC 9298) are taken.",
    ),
    why: prose("The system cannot reach the relay and rejects the payload. Relays speak TLS only."),
    mend: prose("Add the URL that the relay's operator gives, such as https://relay.example.com/masque."),
    source: "Apple device-management schema: com.apple.relay.managed, Relays[].HTTP3RelayURL and HTTP2RelayURL; RFC 9298 \
             section 2",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.payloads(RELAY) {
        for relay in payload.section.sections("Relays") {
            if KEYS.iter().all(|key| !relay.has(key)) {
                let finding =
                    Finding::section(&relay, "the relay has neither HTTP3RelayURL nor HTTP2RelayURL");
                out.say(finding.help("add the URL of the relay"));
            }
            for key in KEYS {
                let Some(url) = relay.str(key).filter(|url| !is_https(url.value)) else { continue };
                let finding = Finding::value(&relay, key, format!("{key} is no https URL"))
                    .help("write https:// and the host of the relay");
                out.say(match url.value.strip_prefix("http://") {
                    Some(rest) if is_https(&format!("https://{rest}")) => {
                        finding.unsafe_replace("write https://", format!("https://{rest}"))
                    }
                    _ => finding,
                });
            }
        }
    }
}

/// Whether text is an https URL with a host.
fn is_https(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#', '{']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https")
        && !host.is_empty()
        && !host.starts_with(':')
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_are_reached_by_https() {
        for url in [
            "https://relay.example.com",
            "https://relay.example.com:8443/masque",
            "HTTPS://r.example/{?target_host,target_port}",
            "https://[2001:db8::1]/x",
        ] {
            assert!(is_https(url), "{url}");
        }
        for url in [
            "",
            "relay.example.com",
            "http://r.example",
            "https://",
            "https:///x",
            "https://:443/",
            "https://a b",
        ] {
            assert!(!is_https(url), "{url}");
        }
    }
}
