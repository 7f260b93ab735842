//! `ikev2.psk-unusable`.

use crate::model::template::{Strictness, is_placeholder};
use crate::rules::prelude::*;

const KEY: &str = "SharedSecret";

/// Longest shared secret that is taken for one, in bytes.
const LONGEST: usize = 4096;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.psk-unusable"),
    level: Level::Error,
    title: "The shared secret holds what cannot be meant",
    what: prose(
        "The SharedSecret in use holds a control character (a line break, a tab, a NUL), is longer than 4096 bytes, or (a \
           warning) holds characters beyond ASCII.",
    ),
    why: prose(
        "The bytes of the text are the key. A line break that slipped in is part of it, and the server's secret has none. \
          Characters beyond ASCII are used as UTF-8 here; RFC 7296 section 2.15 leaves open what a server makes of them.",
    ),
    mend: prose("Type the secret again without line breaks, in ASCII characters."),
    source: "RFC 7296 section 2.15; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.is_by_shared_secret()) {
        let Some(secret) = tunnel.settings.node(KEY).and_then(|node| node.as_str()) else { continue };
        // Blanks around a placeholder go when it is filled in.
        if is_placeholder(secret, Strictness::Plain) {
            continue;
        }
        let (message, help) = if secret.len() > LONGEST {
            (
                format!("SharedSecret is longer than {LONGEST} bytes"),
                "no server takes this: give the secret alone",
            )
        } else if secret.chars().any(char::is_control) {
            let help = "a line break, tab or NUL got into it: type the secret again";
            ("SharedSecret holds a control character".to_owned(), help)
        } else if !secret.is_ascii() {
            let help =
                "they are used as UTF-8, which not every server does (RFC 7296 section 2.15): use ASCII";
            let message = "SharedSecret holds characters beyond ASCII";
            out.say(Finding::value(&tunnel.settings, KEY, message).help(help).severity(Severity::Warning));
            continue;
        } else {
            continue;
        };
        out.say(Finding::value(&tunnel.settings, KEY, message).help(help));
    }
}
