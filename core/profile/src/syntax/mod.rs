//! The syntax tree of a property list: every value and key with the bytes it stands on.
//!
//! Owns the tree ([`Node`], [`Value`], [`Dict`]) and the two readers that make one, [`xml`] and [`binary`]. Reading
//! never fails: it gives the tree as far as it could be read and a list of problems. Dictionaries keep the order and
//! the duplicates of the file. What the keys mean is [`crate::model`]'s.
//!
//! Strings and data are wiped when dropped, and `Debug` prints lengths instead of contents: any of them may be a
//! password.

mod base64;
pub mod binary;
mod date;
mod limits;
pub mod xml;

pub(crate) use base64::{decode_base64, encode_base64};
pub use date::Date;
pub use limits::Limits;

use std::fmt;

use zeroize::Zeroizing;

use crate::report::{Problems, Span};

/// What reading gives: a tree as far as it could be read, and the problems.
#[derive(Debug)]
pub struct Parsed {
    /// The root value; `None` when there is none at all.
    pub root: Option<Node>,
    /// What was found, in the order of the file.
    pub problems: Problems,
}

/// A value and the bytes it stands on: the whole element in XML, the object in a binary list.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// A property list value.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `<dict>`.
    Dict(Dict),
    /// `<array>`.
    Array(Vec<Node>),
    /// `<string>`.
    String(Zeroizing<String>),
    /// `<integer>`; CoreFoundation holds -2^63 to 2^64-1.
    Integer(i128),
    /// `<real>`.
    Real(f64),
    /// `<true/>` or `<false/>`.
    Boolean(bool),
    /// `<date>`.
    Date(Date),
    /// `<data>`.
    Data(Zeroizing<Vec<u8>>),
    /// A keyed archiver's reference; binary lists only.
    Uid(u64),
    /// A value that could not be read, or that is missing after its key; a problem says why.
    Invalid,
}

/// A key of a dictionary and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The text, with entities replaced.
    pub text: String,
    /// The whole `<key>` element, or the key object of a binary list.
    pub span: Span,
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: Node,
}

/// A dictionary in the order of the file, duplicates included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict {
    /// The entries in order.
    pub entries: Vec<Entry>,
}

impl Dict {
    /// The entry for `key`. Of duplicates the last one counts, as for Apple's parser.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let (key, last) = (key.as_bytes(), key.as_bytes().last());
        // Many keys begin alike, as in `Payload…`; by its last letter almost every other one is told apart.
        self.entries.iter().rev().find(|entry| {
            let other = entry.key.text.as_bytes();
            other.len() == key.len() && other.last() == last && other == key
        })
    }

    /// The value for `key`, see [`Self::entry`].
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }
}

impl Node {
    /// The dictionary, if it is one.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        match &self.value {
            Value::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if it is data.
    #[must_use]
    pub fn as_data(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Data(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Value {
    /// What it is, in words for a message: "a string", "an array".
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Dict(_) => "a dictionary",
            Self::Array(_) => "an array",
            Self::String(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Real(_) => "a real number",
            Self::Boolean(_) => "a boolean",
            Self::Date(_) => "a date",
            Self::Data(_) => "data",
            Self::Uid(_) => "an archiver reference",
            Self::Invalid => "unreadable",
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{} {:?}", self.span.start, self.span.end, self.value)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dict(dict) => f.debug_list().entries(&dict.entries).finish(),
            Self::Array(items) => f.debug_list().entries(items).finish(),
            Self::String(text) => write!(f, "string of {} bytes", text.len()),
            Self::Data(bytes) => write!(f, "data of {} bytes", bytes.len()),
            other => f.write_str(other.describe()),
        }
    }
}

/// Whether a text is shown as it is by [`shorten`], told without looking at each character.
pub(crate) fn is_plain(key: &str) -> bool {
    key.len() <= 64 && key.bytes().all(|byte| (0x20..0x7F).contains(&byte))
}

/// A key's text for a path or a message: cut when long, so that one key cannot fill a report, and without control
/// characters, so that it cannot play with a terminal.
pub(crate) fn shorten(key: &str) -> String {
    if is_plain(key) {
        return key.to_owned();
    }
    let mut text: String =
        key.chars().take(64).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if key.chars().nth(64).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> Node {
        Node { span: Span::default(), value: Value::String(Zeroizing::new(content.to_owned())) }
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let entry = |key: &str, value: &str| Entry {
            key: Key { text: key.to_owned(), span: Span::default() },
            value: text(value),
        };
        let dict = Dict { entries: vec![entry("a", "1"), entry("b", "2"), entry("a", "3")] };
        assert_eq!(dict.get("a").and_then(Node::as_str), Some("3"));
        assert_eq!(dict.get("c"), None);
    }

    #[test]
    fn f03_debug_text_of_a_tree_holds_no_values() {
        let secret = text("hunter2");
        let data = Node { span: Span::default(), value: Value::Data(Zeroizing::new(b"hunter2".to_vec())) };
        for node in [secret, data] {
            let shown = format!("{node:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("104"), "{shown}");
            assert!(shown.contains("7 bytes"), "{shown}");
        }
    }
}
