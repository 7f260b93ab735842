//! Reading `swanctl.conf`: sections, keys, values, and nothing of what they mean.
//!
//! Takes what strongSwan's own reader takes of one file: `name { ... }`, `key = value` up to the end of the line, `#` or
//! `}`, values in double quotes with the usual escapes, sections that are opened again (merged), keys that are set again
//! (the last one counts). Includes and references to other sections (`name : other { }`) are refused: what they add
//! stands elsewhere, and a comparison without it would be wrong. Bounded in size, depth and number.

use std::fmt;

use zeroize::Zeroizing;

use crate::by_name::ByName;
use crate::gather::Gather as _;

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Sections and keys in all.
const MAX_ENTRIES: usize = 50_000;

/// Sections inside sections.
const MAX_DEPTH: usize = 32;

/// A section: keys with values and sections with names, in order. Values are wiped when dropped, since secrets are among
/// them, and `Debug` shows none.
#[derive(Clone, Default)]
pub struct Tree {
    values: Vec<(String, Zeroizing<String>, usize)>,
    sections: Vec<(String, Tree, usize)>,
    /// Where each key stands in `values`, and each section in `sections`: a file of nothing but names is read in time that
    /// grows no faster than it does.
    key_places: ByName<'static>,
    section_places: ByName<'static>,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than any honest one.
    #[error("larger than {MAX_BYTES} bytes: this is no swanctl.conf")]
    TooLarge,
    /// Too many entries, or sections nested too deep.
    #[error("line {line}: too many sections and keys, or nested too deep")]
    TooMuch {
        /// Where.
        line: usize,
    },
    /// An include.
    #[error(
        "line {line}: `include` is not followed: put what it includes into one file (the connection, its pools and secrets)"
    )]
    Include {
        /// Where.
        line: usize,
    },
    /// A reference to another section.
    #[error(
        "line {line}: `{name} : …` takes over another section, which is not followed: write its keys out"
    )]
    Reference {
        /// Where.
        line: usize,
        /// The section's name.
        name: String,
    },
    /// Something else stands where a name, `=`, `{` or `}` should.
    #[error("line {line}: {message}")]
    Syntax {
        /// Where.
        line: usize,
        /// What is wrong.
        message: &'static str,
    },
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.values.iter().map(|(key, ..)| key);
        let sections = self.sections.iter().map(|(name, section, _)| (name, section));
        f.debug_struct("Tree").field("keys", &keys.gather()).field("sections", &sections.gather()).finish()
    }
}

impl Tree {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ReadError`], with the line.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        if text.len() > MAX_BYTES {
            return Err(ReadError::TooLarge);
        }
        let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, entries: 0 };
        let mut root = Self::default();
        reader.section(&mut root, 0)?;
        Ok(root)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.value(key).map(|(_, value, _)| value.as_str())
    }

    /// The line of a key or section, from 1.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<usize> {
        let value = self.value(name).map(|(.., line)| *line);
        value.or_else(|| self.named(name).map(|(.., line)| *line))
    }

    /// A section by its name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Self> {
        self.named(name).map(|(_, section, _)| section)
    }

    /// The keys with their values, in order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value, _)| (key.as_str(), value.as_str()))
    }

    /// The sections with their names and lines, in order.
    pub fn sections(&self) -> impl Iterator<Item = (&str, &Self, usize)> {
        self.sections.iter().map(|(name, section, line)| (name.as_str(), section, *line))
    }

    fn value(&self, key: &str) -> Option<&(String, Zeroizing<String>, usize)> {
        self.values.get(self.key_places.get(key)?)
    }

    fn named(&self, name: &str) -> Option<&(String, Self, usize)> {
        self.sections.get(self.section_places.get(name)?)
    }

    fn put(&mut self, key: String, value: Zeroizing<String>, line: usize) {
        match self.key_places.get(key.as_str()).and_then(|place| self.values.get_mut(place)) {
            Some(entry) => (entry.1, entry.2) = (value, line),
            None => {
                self.key_places.insert(key.clone().into(), self.values.len());
                self.values.push((key, value, line));
            }
        }
    }

    /// The section called `name`, made if it is not there.
    fn open(&mut self, name: String, line: usize) -> Option<&mut Self> {
        let next = self.sections.len();
        let place = self.section_places.get(&name).unwrap_or(next);
        if place == next {
            self.section_places.insert(name.clone().into(), place);
            self.sections.push((name, Self::default(), line));
        }
        self.sections.get_mut(place).map(|(_, section, _)| section)
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    entries: usize,
}

impl Reader<'_> {
    fn section(&mut self, into: &mut Tree, depth: usize) -> Result<(), ReadError> {
        loop {
            self.skip();
            let line = self.line;
            match self.rest.chars().next() {
                None if depth == 0 => return Ok(()),
                None => return Err(self.wrong("the file ends inside a section: a `}` is missing")),
                Some('}') if depth > 0 => {
                    self.take(1);
                    return Ok(());
                }
                Some('}') => return Err(self.wrong("a `}` without a section to close")),
                Some(_) => {}
            }
            self.entries += 1;
            if self.entries > MAX_ENTRIES || depth >= MAX_DEPTH {
                return Err(ReadError::TooMuch { line });
            }
            let name = self.name()?;
            let same_line = self.rest.trim_start_matches([' ', '\t']);
            if name == "include" && !same_line.starts_with(['=', '{', ':', '\r', '\n']) {
                return Err(ReadError::Include { line });
            }
            self.skip();
            match self.rest.chars().next() {
                Some('=') => {
                    self.take(1);
                    let value = self.value()?;
                    into.put(name, value, line);
                }
                Some('{') => {
                    self.take(1);
                    if let Some(inner) = into.open(name, line) {
                        self.section(inner, depth + 1)?;
                    }
                }
                Some(':') => return Err(ReadError::Reference { line, name: crate::syntax::shorten(&name) }),
                _ => return Err(self.wrong("a name must be followed by `=` and a value, or by `{`")),
            }
        }
    }

    /// Passes over blanks, line ends and comments.
    fn skip(&mut self) {
        loop {
            match self.rest.chars().next() {
                Some('#') => self.take(self.rest.find('\n').unwrap_or(self.rest.len())),
                Some(c) if c.is_whitespace() => self.take(c.len_utf8()),
                _ => return,
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }

    fn name(&mut self) -> Result<String, ReadError> {
        if self.rest.starts_with('"') {
            return self.quoted().map(|text| text.to_string());
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | '=' | ':' | '#' | ',' | '"');
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        if length == 0 {
            return Err(self.wrong("a name is missing"));
        }
        let name = self.rest.get(..length).unwrap_or_default().to_owned();
        self.take(length);
        Ok(name)
    }

    fn value(&mut self) -> Result<Zeroizing<String>, ReadError> {
        let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len();
        self.take(blanks);
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let length = self.rest.find(['\n', '\r', '#', '}']).unwrap_or(self.rest.len());
        let value = self.rest.get(..length).unwrap_or_default().trim();
        let value = Zeroizing::new(value.to_owned());
        self.take(length);
        Ok(value)
    }

    fn quoted(&mut self) -> Result<Zeroizing<String>, ReadError> {
        self.take(1);
        // No growing: a larger buffer would leave a copy behind that is not wiped.
        let mut text =
            Zeroizing::new(String::with_capacity(self.rest.find('\n').unwrap_or(self.rest.len()) + 1));
        let mut escaped = false;
        for (place, c) in self.rest.char_indices() {
            let was_escaped = escaped;
            escaped = !was_escaped && c == '\\';
            match (was_escaped, c) {
                (false, '"') => {
                    self.take(place + 1);
                    return Ok(text);
                }
                (false, '\\') => {}
                (true, 'n') => text.push('\n'),
                (true, 't') => text.push('\t'),
                (true, 'r') => text.push('\r'),
                // A line that goes on.
                (true, '\n') => {}
                (_, c) => text.push(c),
            }
        }
        Err(self.wrong("a value in quotes without its end"))
    }

    fn wrong(&self, message: &'static str) -> ReadError {
        ReadError::Syntax { line: self.line, message }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sections_values_quotes_and_comments() {
        let text = "# head\nconnections {\n  a { version = 2 # two\n proposals = aes256-sha256-ecp256 , default\n\
                    local { auth = psk\n id = vpn.rig.test }\n } \n}\nconnections { b {} }\nconnections { a { version=1 } }\n\
                    secrets { ike-1 { secret = \"a # } \\\" b\"\n id-1 = \"C=DE, CN=x\" } }";
        let root = Tree::read(text).unwrap();
        let connections = root.section("connections").unwrap();
        let a = connections.section("a").unwrap();
        assert_eq!(a.get("version"), Some("1"), "the last one counts");
        assert_eq!(a.line("version"), Some(10));
        assert_eq!(a.get("proposals"), Some("aes256-sha256-ecp256 , default"));
        assert_eq!(a.section("local").unwrap().get("id"), Some("vpn.rig.test"));
        assert_eq!(connections.sections().map(|(name, ..)| name).collect::<Vec<_>>(), ["a", "b"]);
        let secret = root.section("secrets").unwrap().section("ike-1").unwrap();
        assert_eq!(secret.get("secret"), Some("a # } \" b"));
        assert_eq!(secret.get("id-1"), Some("C=DE, CN=x"));
        assert!(!format!("{root:?}").contains("C=DE"));
    }

    #[test]
    fn what_is_refused_says_where_and_why() {
        let cases = [
            ("a {\n b = 1\n", 3, "missing"),
            ("}\n", 1, "without a section"),
            ("a {\n include x.conf\n}", 2, "include"),
            ("include conf.d/*.conf", 1, "include"),
            ("a {}\nb : a { }", 2, "takes over"),
            ("a\nb = 1", 2, "followed by"),
            ("a { b = \"x }", 1, "quotes"),
            ("= 3", 1, "name"),
        ];
        for (text, line, word) in cases {
            let said = Tree::read(text).unwrap_err().to_string();
            assert!(said.starts_with(&format!("line {line}:")) && said.contains(word), "{text:?}: {said}");
        }
        assert!(Tree::read("include = x").is_ok(), "a key may be called so");
        assert_eq!(Tree::read(&" ".repeat(MAX_BYTES + 1)).unwrap_err(), ReadError::TooLarge);
        assert!(matches!(Tree::read(&"a {".repeat(100)), Err(ReadError::TooMuch { .. })));
        assert!(matches!(Tree::read(&"a=\n".repeat(MAX_ENTRIES + 1)), Err(ReadError::TooMuch { .. })));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-z]{1,3}|[ \n{}=:#\"\\\\]|include |\\PC){0,60}") {
            let _ = Tree::read(&text);
        }
    }
}
