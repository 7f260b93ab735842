//! `secret.placeholder`.

use super::search::{self, Secret};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("secret.placeholder"),
    level: Level::Notice,
    title: "A secret looks like a sample",
    what: prose(
        "A password, shared secret or pre-shared post-quantum key is a word that examples use (password, changeme, \
           secret, test and the like), begins as one (REPLACE_, YOUR_, INSERT_), stands in angle brackets, or repeats one \
           character. It is told instead of secret.plaintext. The password of a PKCS#12 payload is left out: whether it \
           fits can be tried. The value is never shown.",
    ),
    why: prose(
        "The example was most likely never filled in, so nobody can connect; or it was, and anyone can guess it.",
    ),
    mend: prose("Fill in the real secret, or leave the key out so that the user is asked."),
    source: "Seen in public profiles; own judgement",
    check: Check::Profile(check),
};

/// Words that examples use, in lower case and without their separators.
const WORDS: [&str; 26] = [
    "password",
    "passw0rd",
    "passwort",
    "changeme",
    "changeit",
    "secret",
    "sharedsecret",
    "presharedkey",
    "psk",
    "mysecret",
    "mypassword",
    "mypsk",
    "yourpassword",
    "yoursecret",
    "yourpsk",
    "test",
    "testing",
    "test123",
    "example",
    "sample",
    "placeholder",
    "todo",
    "dummy",
    "vpn",
    "redacted",
    "hidden",
];

/// How samples begin, in the same spelling.
const STARTS: [&str; 7] = ["replace", "insert", "enter", "your", "changeme", "putyour", "fillin"];

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    search::each(cx, &mut |secret| {
        if is_sample(secret) {
            let message = format!("{} looks like a sample that was never filled in", secret.key);
            let finding = Finding::at(secret.node.span, secret.path(), message);
            out.say(finding.help("fill in the real one, or leave it out so that the user is asked"));
        }
    });
}

/// Whether a secret looks like a sample.
pub(super) fn is_sample(secret: &Secret<'_, '_>) -> bool {
    !secret.is_private_key && !secret.opens_pkcs12 && looks_like_a_sample(secret.bytes)
}

/// Longest sample that is looked for, in bytes.
const LONGEST: usize = 64;

fn looks_like_a_sample(bytes: &[u8]) -> bool {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST) else {
        return false;
    };
    let text = text.trim();
    if text.starts_with('<') && text.ends_with('>') {
        return true;
    }
    let one = text.chars().next();
    if text.len() >= 3 && text.chars().all(|c| Some(c) == one) {
        return true;
    }
    // `YOUR_PSK` and `Your-Psk` alike; text with other signs in it was chosen by somebody.
    let separated = text.contains(['_', '-', ' ', '.']);
    let mut plain = zeroize::Zeroizing::new(String::with_capacity(LONGEST));
    for c in text.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.' | '!')) {
        plain.push(c.to_ascii_lowercase());
    }
    WORDS.contains(&plain.as_str()) || separated && STARTS.iter().any(|start| plain.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_from_secrets() {
        for text in [
            "password",
            "Password!",
            "change_me",
            "CHANGE-ME",
            "REPLACE_WITH_PSK",
            "your shared secret",
            "<psk>",
            "xxxx",
            "********",
            "YOUR_PASSWORD_HERE",
            "test",
        ] {
            assert!(looks_like_a_sample(text.as_bytes()), "{text}");
        }
        for text in [
            "rW7-fpQz4kLm2vXy9sTb6nHc",
            "Vt8-qmZ3xKp5wRb7",
            "entertainment",
            "replacement9Kq",
            "12",
            "yourself",
        ] {
            assert!(!looks_like_a_sample(text.as_bytes()), "{text}");
        }
        assert!(!looks_like_a_sample(&[0xff; 8]));
        assert!(!looks_like_a_sample("-a ".repeat(100).as_bytes()));
    }
}
