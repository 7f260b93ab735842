//! `ikev2.psk-weak`.

use crate::arrange::Arrange;
use crate::gather::Gather as _;
use crate::model::template::{Strictness, is_placeholder};
use crate::platform::is_letter;
use crate::rules::prelude::*;

const KEY: &str = "SharedSecret";

/// Shorter secrets are called weak: 20 random letters and digits make about 119 bits.
const SHORTEST: usize = 20;

/// Words that people build shared secrets from.
const WORDS: [&str; 54] = [
    "password",
    "passwort",
    "passphrase",
    "passw",
    "secret",
    "shared",
    "sharedsecret",
    "preshared",
    "pre",
    "presharedkey",
    "key",
    "psk",
    "vpn",
    "ikev",
    "ike",
    "ipsec",
    "admin",
    "administrator",
    "root",
    "user",
    "test",
    "testing",
    "example",
    "demo",
    "changeme",
    "change",
    "replace",
    "welcome",
    "letmein",
    "qwerty",
    "qwertyuiop",
    "asdf",
    "abc",
    "abcdef",
    "company",
    "office",
    "home",
    "server",
    "client",
    "remote",
    "access",
    "network",
    "internet",
    "apple",
    "iphone",
    "ipad",
    "macos",
    "default",
    "my",
    "the",
    "this",
    "is",
    "your",
    "our",
];

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.psk-weak"),
    level: Level::Warning,
    title: "The shared secret is easy to guess",
    what: prose(
        "The SharedSecret in use is shorter than 20 characters, or made of common words, a repeated piece or very few \
           different characters.",
    ),
    why: prose(
        "Whoever records one handshake, or poses as the server, can try secrets offline as fast as the computer goes (RFC \
          7296 section 5 warns of it). A secret that everybody in an organisation shares is worth that effort.",
    ),
    mend: prose(
        "Use at least 20 random characters, 32 random bytes in Base64 for instance, or certificates.",
    ),
    source: "own judgement; RFC 7296 sections 2.15 and 5",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.is_by_shared_secret()) {
        let Some(secret) = tunnel.settings.node(KEY).and_then(|node| node.as_str()) else { continue };
        if secret.is_empty() || is_placeholder(secret, Strictness::Plain) {
            continue;
        }
        let Some(weakness) = weakness(secret) else { continue };
        out.say(
            Finding::value(&tunnel.settings, KEY, format!("SharedSecret {weakness}"))
                .help("use at least 20 random characters, and set the same on the server"),
        );
    }
}

/// What makes a secret easy to guess; says nothing of the secret itself.
fn weakness(secret: &str) -> Option<String> {
    if secret.chars().count() < SHORTEST {
        return Some(format!("is shorter than {SHORTEST} characters"));
    }
    let mut seen: Vec<char> = secret.chars().take(256).gather();
    let length = seen.len();
    seen.arrange();
    seen.dedup();
    if seen.len() < 6 {
        return Some("has very few different characters".to_owned());
    }
    if is_repetition(secret, length) {
        return Some("repeats one short piece".to_owned());
    }
    is_words(secret).then(|| "is made of common words".to_owned())
}

/// Whether the text is one piece of at most half its length again and again.
fn is_repetition(secret: &str, length: usize) -> bool {
    let bytes = secret.as_bytes();
    (1..=length.min(64) / 2)
        .any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(one, next)| one == next))
}

/// Whether nothing is left of the letters when common words are taken out; digits and signs count for little.
fn is_words(secret: &str) -> bool {
    let letters: String =
        secret.chars().filter(|c| is_letter(*c)).map(|c| c.to_ascii_lowercase()).take(256).collect();
    // Digits and signs that outnumber the letters are what makes the secret hard.
    if letters.len() * 2 < secret.len() {
        return false;
    }
    // reachable[i]: the first i bytes are words.
    let mut reachable = vec![false; letters.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for at in 0..letters.len() {
        if !reachable.get(at).copied().unwrap_or_default() {
            continue;
        }
        let rest = letters.get(at..).unwrap_or_default();
        for word in WORDS.iter().filter(|word| rest.starts_with(**word)) {
            if let Some(end) = reachable.get_mut(at + word.len()) {
                *end = true;
            }
        }
    }
    reachable.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::weakness;

    #[test]
    fn weak_secrets_are_told_from_strong_ones() {
        for weak in [
            "hunter2",
            "nineteen-characters",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabcabcabc",
            "kT4-kT4-kT4-kT4-kT4-kT4-",
            "MyCompanyVPNSecretKey2024",
            "this-is-the-vpn-password-1234",
        ] {
            assert!(weakness(weak).is_some(), "{weak}");
        }
        for strong in [
            "rW7-fpQz4kLm2vXy9sTb6nHc",
            "correct horse battery staple",
            "0123456789abcdef0fedcba98765",
            "48151623421234567890123456",
            "grüne Äpfel schmecken süßer",
        ] {
            assert_eq!(weakness(strong), None, "{strong}");
        }
    }
}
