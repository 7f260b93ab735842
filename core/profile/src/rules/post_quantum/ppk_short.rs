//! `ppk.short`.

use crate::rules::prelude::*;

/// 256 bits.
const LEAST: usize = 32;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ppk.short"),
    level: Level::Warning,
    title: "The pre-shared post-quantum key is short",
    what: prose("PPK has fewer than 32 bytes. An empty one is told by another rule."),
    why: prose(
        "A quantum computer halves the strength of a symmetric key, so 256 bits of randomness are what protects like 128 \
          bits today. A shorter key, or one that people can remember, gives less than the key exchange itself.",
    ),
    mend: prose("Make 32 random bytes (openssl rand -base64 32) and give them to the server too."),
    source: "RFC 8784 section 6",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let Some(key) = tunnel.settings.bytes("PPK") else { continue };
        if (1..LEAST).contains(&key.value.len()) {
            let finding = Finding::value(&tunnel.settings, "PPK", "PPK is shorter than 32 bytes");
            out.say(finding.help("RFC 8784 section 6 asks for 256 bits of randomness"));
        }
    }
}
