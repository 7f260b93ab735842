//! The elements by name.

use zeroize::Zeroizing;

use crate::report::{Code, codes};
use crate::syntax::{Key, Value};
use crate::template;

use super::cursor::Tag;
use super::tree::{Awaited, Kind};
use super::{Reader, plain_name};

impl Reader<'_> {
    /// `<name…>` or `<name…/>`; the cursor stands on it.
    pub(super) fn open_tag(&mut self) {
        let start = self.cursor.at();
        let Some(tag) = self.cursor.tag() else {
            self.error(codes::XML_MALFORMED, start, start + 1, "a tag that never ends", "end it with >");
            self.cursor.go(self.cursor.end());
            return;
        };
        let name = self.cursor.slice(tag.name.0, tag.name.1);
        self.cursor.go(tag.end);
        match name {
            b"plist" | b"array" | b"dict" => self.container(tag, name),
            b"key" => self.key(tag),
            b"string" => self.string(tag),
            b"true" => self.boolean(tag, "true"),
            b"false" => self.boolean(tag, "false"),
            b"data" => self.scalar(tag, codes::BAD_BASE64, "data", Self::data),
            b"date" => self.scalar(tag, codes::BAD_DATE, "date", Self::date),
            b"real" => self.scalar(tag, codes::BAD_REAL, "real", Self::real),
            b"integer" => self.scalar(tag, codes::BAD_INTEGER, "integer", Self::integer),
            _ => self.unknown_element(tag, name),
        }
    }

    fn container(&mut self, tag: Tag, name: &[u8]) {
        let Some(kind) = Kind::of(name) else { return };
        let is_plist = matches!(kind, Kind::Plist { .. });
        if tag.empty {
            match kind {
                Kind::Plist { .. } => {
                    let help = "a profile is one <dict> inside <plist>";
                    self.error(codes::PLIST_STRUCTURE, tag.start, tag.end, "an empty <plist>", help);
                }
                Kind::Array(items) => self.deliver(tag.start, tag.end, Value::Array(items)),
                Kind::Dict { dict, .. } => self.deliver(tag.start, tag.end, Value::Dict(dict)),
            }
            return;
        }
        if is_plist && !self.tree.is_outside() {
            let help = "Apple's parser takes it for its content: remove the inner <plist> tags";
            self.warning(
                codes::PLIST_STRUCTURE,
                tag.start,
                tag.end,
                "<plist> inside the property list",
                help,
            );
        }
        self.open(tag.start, tag.end, kind);
    }

    fn key(&mut self, tag: Tag) {
        self.names_may_be_text = false;
        let text = self.string_content(tag, "key");
        let end = self.cursor.at();
        if self.tree.awaited() == Awaited::Key {
            let text = text.map(|text| text.to_string()).unwrap_or_default();
            self.await_value(Key { text, span: self.span(tag.start, end) });
        } else {
            self.deliver_key_as_value(tag.start, end, text.map_or(Value::Invalid, Value::String));
        }
    }

    fn string(&mut self, tag: Tag) {
        let mut text = self.string_content(tag, "string");
        if let Some(values) = self.template
            && let Some(token) = text.as_ref().and_then(|text| values.of(text))
        {
            text = Some(token);
        }
        self.deliver(tag.start, self.cursor.at(), text.map_or(Value::Invalid, Value::String));
    }

    fn boolean(&mut self, tag: Tag, name: &str) {
        if !tag.empty && !self.cursor.take_close_tag(name.as_bytes()) {
            let message = format!("<{name}> that is not empty");
            self.error(codes::PLIST_STRUCTURE, tag.start, tag.end, message, &format!("write <{name}/>"));
            self.resume_after(name.as_bytes());
        }
        self.deliver(tag.start, self.cursor.at(), Value::Boolean(name == "true"));
    }

    /// An element whose text `read` turns into a value; it may not be empty.
    fn scalar(&mut self, tag: Tag, code: Code, name: &'static str, read: fn(&mut Self, Tag) -> Value) {
        let value = if tag.empty {
            let help = "Apple's parser refuses it: give it a value, or remove the key";
            self.error(code, tag.start, tag.end, format!("<{name}/> without a value"), help);
            Value::Invalid
        } else if let Some(token) = self.placeholder(name) {
            self.expect_close_tag(tag, name);
            Value::String(token)
        } else {
            read(self, tag)
        };
        self.deliver(tag.start, self.cursor.at(), value);
    }

    /// A template's token in the place of a number, a date or data: a string that every reader of the tree knows as a
    /// placeholder. Outside template mode only data that is nothing but a token counts: Apple's parser takes it, too.
    fn placeholder(&mut self, name: &str) -> Option<Zeroizing<String>> {
        if self.template.is_none() && name != "data" {
            return None;
        }
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        let text = self.cursor.slice(start, end).trim_ascii();
        // Base64 has none of these, so its length costs nothing more here.
        if !text.iter().take(LONGEST_TOKEN).any(|byte| matches!(byte, b'{' | b'$' | b'%' | b'@' | b'_')) {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        let token = if let Some(values) = self.template {
            values.of(text)?
        } else {
            let whole = template::is_placeholder(text, template::Strictness::Plain);
            Zeroizing::new(whole.then(|| text.to_owned())?)
        };
        self.cursor.go(end);
        Some(token)
    }

    fn unknown_element(&mut self, tag: Tag, name: &[u8]) {
        // `<{{ flag }}/>` stands for `<true/>` or `<false/>`.
        if let Some(values) = self.template.filter(|_| name.starts_with(b"{{") | name.starts_with(b"$")) {
            let inside = self.cursor.slice(tag.start + 1, tag.end.saturating_sub(1));
            let inside = std::str::from_utf8(inside).unwrap_or_default();
            let inside = inside.strip_suffix('/').unwrap_or(inside);
            let token = match values {
                template::Values::AsWritten => values.of(inside),
                template::Values::AsPlaceholders => None,
            };
            let token = token.unwrap_or_else(|| Zeroizing::new("{{ flag }}".to_owned()));
            self.deliver(tag.start, tag.end, Value::String(token));
            return;
        }
        let message = match self.shown_name(name) {
            Some(name) => format!("<{name}> is no property list element"),
            None => "a tag that is no property list element".to_owned(),
        };
        // A tag with a `<` inside is more likely a `<` that lost its quoting: the next one may be a good tag.
        let inner = self.cursor.slice(tag.start + 1, tag.end).iter().position(|byte| *byte == b'<');
        let tag = inner.map_or(tag, |ahead| Tag { end: tag.start + 1 + ahead, ..tag });
        self.cursor.go(tag.end);
        let help = "known are dict, array, key, string, integer, real, true, false, date and data";
        self.error(codes::PLIST_STRUCTURE, tag.start, tag.end, message, help);
        if !tag.empty && inner.is_none() && plain_name(name).is_some() {
            self.resume_after(name);
        }
        // It stands for a value only where one is awaited; before a key it is most likely a template's tag.
        if self.tree.awaited() == Awaited::ValueOfKey {
            self.deliver(tag.start, self.cursor.at(), Value::Invalid);
        }
    }

    /// After a bad element: when only text stands before its close tag, moves past both.
    pub(super) fn resume_after(&mut self, name: &[u8]) {
        let back = self.cursor.at();
        let next = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        self.cursor.go(next);
        if !self.cursor.take_close_tag(name) {
            self.cursor.go(back);
        }
    }
}

/// How far into the text of an element a token is looked for.
const LONGEST_TOKEN: usize = 1024;
