//! Writing property lists: a simple tree of values, and XML as Apple's tools write it.
//!
//! Owns escaping and layout. What keys a profile needs is the caller's; [`crate::check`] judges the result.

use std::fmt::Write as _;

use crate::syntax::{Date, encode_base64};

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `<dict>`, in the order given.
    Dict(Vec<(String, Value)>),
    /// `<array>`.
    Array(Vec<Value>),
    /// `<string>`.
    String(String),
    /// `<integer>`.
    Integer(i64),
    /// `<real>`.
    Real(f64),
    /// `<true/>` or `<false/>`.
    Boolean(bool),
    /// `<date>`.
    Date(Date),
    /// `<data>`, written as Base64.
    Data(Vec<u8>),
}

impl Value {
    /// A dictionary of keys and values, in the order given.
    pub fn dict<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Data(bytes)
    }
}

/// Why a value cannot be written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// XML cannot hold this character at all, not even as a reference (XML 1.0 section 2.2).
    #[error("the character U+{character:04X} at {path} cannot stand in XML")]
    ForbiddenCharacter {
        /// The scalar value.
        character: u32,
        /// The key path of the string that holds it.
        path: String,
    },
    /// Dictionaries and arrays inside one another beyond what readers take.
    #[error("more than {0} dictionaries and arrays inside one another")]
    TooDeep(usize),
}

/// Writes an XML property list in UTF-8, indented with tabs, ready to be saved as a `.mobileconfig`.
pub fn to_xml(root: &Value) -> Result<String, WriteError> {
    let mut writer = Writer { text: String::from(HEAD), path: Vec::new() };
    writer.value(root, 0)?;
    writer.text.push_str("</plist>\n");
    Ok(writer.text)
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
    <plist version=\"1.0\">\n";

/// Base64 characters in a line.
const DATA_LINE: usize = 68;

/// How deep a tree may be: what the reader takes.
const MAX_DEPTH: usize = 128;

struct Writer {
    text: String,
    /// Keys and places on the way to the value being written.
    path: Vec<String>,
}

impl Writer {
    /// Recursion is bounded by [`MAX_DEPTH`].
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), WriteError> {
        if depth > MAX_DEPTH {
            return Err(WriteError::TooDeep(MAX_DEPTH));
        }
        self.indent(depth);
        match value {
            Value::Dict(entries) if entries.is_empty() => self.text.push_str("<dict/>"),
            Value::Dict(entries) => {
                self.text.push_str("<dict>\n");
                for (key, value) in entries {
                    self.path.push(key.clone());
                    self.indent(depth + 1);
                    self.element("key", key)?;
                    self.text.push('\n');
                    self.value(value, depth + 1)?;
                    self.path.pop();
                }
                self.indent(depth);
                self.text.push_str("</dict>");
            }
            Value::Array(items) if items.is_empty() => self.text.push_str("<array/>"),
            Value::Array(items) => {
                self.text.push_str("<array>\n");
                for (index, item) in items.iter().enumerate() {
                    self.path.push(format!("[{index}]"));
                    self.value(item, depth + 1)?;
                    self.path.pop();
                }
                self.indent(depth);
                self.text.push_str("</array>");
            }
            Value::String(text) => self.element("string", text)?,
            Value::Integer(number) => {
                let _ = write!(self.text, "<integer>{number}</integer>");
            }
            Value::Real(number) => {
                let _ = write!(self.text, "<real>{}</real>", real(*number));
            }
            Value::Boolean(true) => self.text.push_str("<true/>"),
            Value::Boolean(false) => self.text.push_str("<false/>"),
            Value::Date(date) => {
                let _ = write!(self.text, "<date>{date}</date>");
            }
            Value::Data(bytes) => self.data(bytes, depth),
        }
        self.text.push('\n');
        Ok(())
    }

    fn indent(&mut self, depth: usize) {
        (0..depth).for_each(|_| self.text.push('\t'));
    }

    /// An element with text, escaped. A carriage return needs a reference: XML readers turn a plain one into a line
    /// feed (XML 1.0 section 2.11).
    fn element(&mut self, name: &str, text: &str) -> Result<(), WriteError> {
        let _ = write!(self.text, "<{name}>");
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '\r' => self.text.push_str("&#13;"),
                '\t' | '\n' => self.text.push(character),
                '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => {
                    let path = self.path.join(".").replace(".[", "[");
                    return Err(WriteError::ForbiddenCharacter { character: u32::from(character), path });
                }
                _ => self.text.push(character),
            }
        }
        let _ = write!(self.text, "</{name}>");
        Ok(())
    }

    fn data(&mut self, bytes: &[u8], depth: usize) {
        let base64 = encode_base64(bytes);
        self.text.push_str("<data>\n");
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at_checked(DATA_LINE).unwrap_or((rest, ""));
            self.indent(depth);
            self.text.push_str(line);
            self.text.push('\n');
            rest = more;
        }
        self.indent(depth);
        self.text.push_str("</data>");
    }
}

/// A number as `strtod` reads it back.
fn real(number: f64) -> String {
    if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+infinity".to_owned() } else { "-infinity".to_owned() }
    } else {
        format!("{number}")
    }
}
