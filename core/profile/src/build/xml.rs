//! XML property lists as Apple's tools write them.
//!
//! Owns escaping and layout.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::{MAX_DEPTH, Value, WriteError, in_range};
use crate::number::Whole;
use crate::syntax::encode_base64;

/// Writes an XML property list in UTF-8, indented with tabs, ready to be saved as a `.mobileconfig`.
///
/// The text is wiped when dropped, since profiles hold secrets.
///
/// # Errors
/// [`WriteError`]: a character or number that XML lists cannot hold, or too deep a tree.
pub fn to_xml(root: &Value) -> Result<Zeroizing<String>, WriteError> {
    // Room for all of it at once, so that growing leaves no copy of a secret behind.
    let text = Zeroizing::new(String::with_capacity(HEAD.len() + 32 + size(root, 0)?));
    let mut writer = Writer { text, path: Vec::new() };
    writer.text.push_str(HEAD);
    writer.value(root, 0)?;
    writer.text.push_str("</plist>\n");
    Ok(writer.text)
}

/// An upper bound of the bytes that a value takes. Recursion is bounded by [`MAX_DEPTH`].
fn size(value: &Value, depth: usize) -> Result<usize, WriteError> {
    /// A pair of tags with a number or date, or two pairs of tags.
    const FRAME: usize = 64;
    if depth > MAX_DEPTH {
        return Err(WriteError::TooDeep(MAX_DEPTH));
    }
    let escaped = |text: &str| -> usize {
        text.chars().map(|c| if matches!(c, '&' | '<' | '>' | '\r') { 5 } else { c.len_utf8() }).sum()
    };
    let content = match value {
        Value::Dict(entries) => {
            let mut sum = 0;
            for (key, value) in entries {
                sum += FRAME + depth + escaped(key) + size(value, depth + 1)?;
            }
            sum
        }
        Value::Array(items) => {
            let mut sum = 0;
            for item in items {
                sum += size(item, depth + 1)?;
            }
            sum
        }
        Value::String(text) => escaped(text),
        Value::Data(bytes) => {
            let base64 = bytes.len().div_ceil(3) * 4;
            base64 + (base64 / DATA_LINE + 1) * (depth + 1)
        }
        // The longest real is some 330 digits.
        Value::Real(_) => 400,
        Value::Integer(_) | Value::Boolean(_) | Value::Date(_) => 0,
    };
    Ok(content + FRAME + 2 * depth)
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
    <plist version=\"1.0\">\n";

/// Base64 characters in a line.
const DATA_LINE: usize = 68;

struct Writer {
    text: Zeroizing<String>,
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
                let _ = write!(self.text, "<integer>{}</integer>", Whole(in_range(*number)?));
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
        let base64 = Zeroizing::new(encode_base64(bytes));
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
        crate::number::text(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Date;

    /// A secret must not be left behind in memory that was outgrown.
    #[test]
    fn f03_the_room_that_is_made_is_enough() {
        let date = Date { year: 2027, month: 1, day: 31, hour: 0, minute: 0, second: 0 };
        let leaves = Value::Array(vec![
            "&&&<<<>>>\r\r\ré漢".into(),
            Value::Integer(i128::from(i64::MIN)),
            Value::Real(-f64::MIN_POSITIVE),
            Value::Real(f64::MAX),
            false.into(),
            Value::Date(date),
            vec![7; 1000].into(),
        ]);
        let mut value = leaves.clone();
        for depth in 0..60 {
            value = Value::dict([
                ("&<>".repeat(depth), value),
                ("x".into(), leaves.clone()),
                ("y".into(), Value::Array(vec![])),
            ]);
        }
        let text = to_xml(&value).unwrap();
        assert!(text.len() <= HEAD.len() + 32 + size(&value, 0).unwrap());
    }
}
