//! Values that must be one word of a list, and lists of words in sentences.

use crate::gather::Gather as _;
use crate::model::Section;
use crate::platform::is_letter_or_digit;
use crate::syntax::shorten;

use super::{Finding, Sink};

/// A value beside the words it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    /// One of them.
    Right(&'static str),
    /// One of them but for the case of its letters.
    WrongCase(&'static str),
    /// None of them.
    Unknown,
}

impl Word {
    /// Looks `text` up among the words.
    pub fn of(text: &str, words: &[&'static str]) -> Self {
        if let Some(word) = words.iter().find(|word| **word == text) {
            return Self::Right(word);
        }
        match words.iter().find(|word| word.eq_ignore_ascii_case(text.trim())) {
            Some(word) => Self::WrongCase(word),
            None => Self::Unknown,
        }
    }

    /// The word that is meant; the case of the letters is passed over.
    pub fn meant(self) -> Option<&'static str> {
        match self {
            Self::Right(word) | Self::WrongCase(word) => Some(word),
            Self::Unknown => None,
        }
    }
}

/// Tells of a string that is none of the words, with the one that is meant where only the case differs. Says nothing of a
/// missing key, a placeholder or a value that is no string.
pub(super) fn expect(section: &Section<'_>, key: &str, words: &[&'static str], out: &mut Sink<'_>) {
    let Some(text) = section.str(key) else { return };
    let place = (text.span, section.path_of(key));
    expect_text(text.value, key, place, words, out);
}

/// The same for a string that stands somewhere else than directly under a key; `name` is what messages call it.
pub(super) fn expect_text(
    text: &str,
    name: &str,
    (span, path): (crate::report::Span, crate::model::Path),
    words: &[&'static str],
    out: &mut Sink<'_>,
) {
    match Word::of(text, words) {
        Word::Right(_) => {}
        Word::WrongCase(right) => {
            let message = format!("{name} is written `{}`, it must be {right}", shorten(text));
            out.say(
                Finding::at(span, path, message)
                    .help("the case of the letters counts")
                    .safe_replace(format!("write {right}"), right),
            );
        }
        Word::Unknown => {
            let message = format!("{name} is `{}`, which is none of its values", shorten(text));
            let finding = Finding::at(span, path, message).help(format!("write {}", any_of(words)));
            out.say(match words.iter().find(|word| letters(word).eq(letters(text))) {
                Some(word) => finding.unsafe_replace(format!("write {word}"), *word),
                None => finding,
            });
        }
    }
}

/// The letters and digits of a word, in one case: `Wi-Fi` and `WiFi` have the same.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| is_letter_or_digit(*c)).map(|c| c.to_ascii_lowercase())
}

/// `A`, `A or B`, `A, B or C`.
pub(super) fn any_of<S: AsRef<str>>(words: &[S]) -> String {
    joined(words, "or")
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn all_of<S: AsRef<str>>(words: &[S]) -> String {
    joined(words, "and")
}

fn joined<S: AsRef<str>>(words: &[S], last: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).gather();
    match words.split_last() {
        None => String::new(),
        Some((word, [])) => (*word).to_owned(),
        Some((word, others)) => format!("{} {last} {word}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_and_listed() {
        let words = ["WiFi", "Cellular"];
        assert_eq!(Word::of("WiFi", &words), Word::Right("WiFi"));
        assert_eq!(Word::of(" wifi", &words), Word::WrongCase("WiFi"));
        assert_eq!(Word::of("wlan", &words), Word::Unknown);
        assert_eq!(Word::of("CELLULAR", &words).meant(), Some("Cellular"));
        assert_eq!(any_of::<&str>(&[]), "");
        assert_eq!(any_of(&["a"]), "a");
        assert_eq!(all_of(&["a", "b", "c"]), "a, b and c");
    }
}
