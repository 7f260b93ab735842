//! `ppk.unusable`.

use crate::rules::prelude::*;

/// Longest PPK that is taken, in bytes; RFC 8784 asks for at least 32 and names no upper bound.
const LONGEST: usize = 4096;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ppk.unusable"),
    level: Level::Error,
    title: "The pre-shared post-quantum key cannot be used",
    what: prose("PPK is empty, or longer than 4096 bytes."),
    why: prose(
        "An empty key protects nothing and is refused by servers; a huge one is a file that got into the wrong place, and \
          no server takes it.",
    ),
    mend: prose("Make 32 random bytes (openssl rand -base64 32) and give them to the server too."),
    source: "RFC 8784 section 6; own judgement for the upper bound",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let Some(key) = tunnel.settings.bytes("PPK") else { continue };
        let (message, help) = if key.value.is_empty() {
            ("PPK is empty".to_owned(), "give 32 random bytes")
        } else if key.value.len() > LONGEST {
            (format!("PPK is longer than {LONGEST} bytes"), "32 bytes are enough")
        } else {
            continue;
        };
        out.say(Finding::value(&tunnel.settings, "PPK", message).help(help));
    }
}
