//! One change as edits of an XML file: white space, indentation and line ends follow what stands around.

use crate::build;
use crate::model::Step;
use crate::report::{Change, Span};
use crate::source::encoding::{self, Decoded, Encoding};
use crate::syntax::{Dict, Entry, Node, Value};

use super::{ByteEdit, FixError};

/// The decoded text of the file, and the way back to its bytes.
pub(super) struct Text<'a> {
    decoded: Decoded<'a>,
    line_end: &'static str,
}

impl<'a> Text<'a> {
    pub(super) fn new(content: &'a [u8], encoding: Encoding) -> Self {
        let decoded = encoding::decode(content, encoding);
        let crlf = crate::source::find(decoded.bytes(), b"\r\n").is_some();
        Self { decoded, line_end: if crlf { "\r\n" } else { "\n" } }
    }

    fn bytes(&self) -> &[u8] {
        self.decoded.bytes()
    }

    fn at(&self, offset: u32) -> usize {
        self.decoded.text_offset(offset as usize)
    }

    /// A span of the file for a range of the text.
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.decoded.file_offset(start), self.decoded.file_offset(end))
    }

    fn slice(&self, span: Span) -> String {
        let bytes = self.bytes().get(self.at(span.start)..self.at(span.end)).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The white space between the start of the line and `at`; `None` when something else stands there.
    fn indentation(&self, at: usize) -> Option<String> {
        let before = self.bytes().get(..at)?;
        let line = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |end| end + 1);
        let blank = before.get(line..)?;
        let is_blank = blank.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        is_blank.then(|| String::from_utf8_lossy(blank).into_owned())
    }

    /// `start..end` with the rest of its lines, when nothing else stands on them.
    fn whole_lines(&self, start: usize, end: usize) -> (usize, usize) {
        let Some(indent) = self.indentation(start) else { return (start, end) };
        let after = self.bytes().get(end..).unwrap_or_default();
        let blank = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = after.get(blank..).unwrap_or_default();
        let line_end = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return (start, end),
        };
        (start - indent.len(), end + blank + line_end)
    }
}

/// The edits of one change.
pub(super) fn edits(text: &Text<'_>, root: &Node, change: &Change) -> Result<Vec<ByteEdit>, FixError> {
    match change {
        Change::Replace { path, value } => {
            let node = find(root, path)?;
            let indent = text.indentation(text.at(node.span.start)).unwrap_or_default();
            Ok(vec![ByteEdit { span: node.span, text: element(text, value, &indent)? }])
        }
        Change::Remove { path } => Ok(vec![removal(text, place(root, path)?)]),
        Change::Rename { path, name } => {
            let Place::Entry(entry) = place(root, path)? else { return Err(gone(path)) };
            let element = element(text, &build::Value::from(name.as_str()), "")?;
            let key = element.replace("<string>", "<key>").replace("</string>", "</key>");
            Ok(vec![ByteEdit { span: entry.key.span, text: key }])
        }
        Change::Insert { path, key, value } => {
            let node = find(root, path)?;
            let indent = inner_indent(text, node);
            let name = element(text, &build::Value::from(key.as_str()), "")?;
            let name = name.replace("<string>", "<key>").replace("</string>", "</key>");
            let value = element(text, value, &indent)?;
            Ok(vec![insertion(text, node, &indent, &format!("{name}{}{indent}{value}", text.line_end))?])
        }
        Change::Move { path, to } => {
            let Place::Entry(entry) = place(root, path)? else { return Err(gone(path)) };
            let node = find(root, to)?;
            let indent = inner_indent(text, node);
            let key = text.slice(entry.key.span);
            let value = text.slice(entry.value.span);
            let moved = format!("{key}{}{indent}{value}", text.line_end);
            Ok(vec![insertion(text, node, &indent, &moved)?, removal(text, Place::Entry(entry))])
        }
        Change::Wrap { path } => {
            let node = find(root, path)?;
            let start = Span { start: node.span.start, end: node.span.start };
            let end = Span { start: node.span.end, end: node.span.end };
            Ok(vec![
                ByteEdit { span: start, text: "<array>".into() },
                ByteEdit { span: end, text: "</array>".into() },
            ])
        }
    }
}

/// A key with its value, or an element of an array.
enum Place<'d> {
    Entry(&'d Entry),
    Element(&'d Node),
}

fn gone(path: &[Step]) -> FixError {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    FixError::Gone(text)
}

/// The value at a path.
pub(super) fn find<'d>(root: &'d Node, path: &[Step]) -> Result<&'d Node, FixError> {
    let step = |node: &'d Node, step: &Step| match (step, &node.value) {
        (Step::Key(key), Value::Dict(dict)) => dict.get(key),
        (Step::Index(index), Value::Array(items)) => items.get(*index),
        // A lone dictionary where an array of them belongs is read as its first element.
        (Step::Index(0), Value::Dict(_)) => Some(node),
        _ => None,
    };
    path.iter().try_fold(root, step).ok_or_else(|| gone(path))
}

fn place<'d>(root: &'d Node, path: &[Step]) -> Result<Place<'d>, FixError> {
    let (last, parent) = path.split_last().ok_or_else(|| gone(path))?;
    let parent = find(root, parent)?;
    let found = match (last, &parent.value) {
        (Step::Key(key), Value::Dict(dict)) => dict.entry(key).map(Place::Entry),
        (Step::Index(index), Value::Array(items)) => items.get(*index).map(Place::Element),
        _ => None,
    };
    found.ok_or_else(|| gone(path))
}

fn removal(text: &Text<'_>, place: Place<'_>) -> ByteEdit {
    let (start, end) = match place {
        Place::Entry(entry) => (entry.key.span.start, entry.value.span.end),
        Place::Element(node) => (node.span.start, node.span.end),
    };
    let (start, end) = text.whole_lines(text.at(start), text.at(end));
    ByteEdit { span: text.span(start, end), text: String::new() }
}

/// The indentation of the keys of a dictionary.
fn inner_indent(text: &Text<'_>, node: &Node) -> String {
    let first = node.as_dict().and_then(|dict| dict.entries.first());
    let of_keys = first.and_then(|entry| text.indentation(text.at(entry.key.span.start)));
    of_keys.unwrap_or_else(|| {
        let own = text.indentation(text.at(node.span.start)).unwrap_or_default();
        format!("{own}\t")
    })
}

/// `what` as the last entry of a dictionary.
fn insertion(text: &Text<'_>, node: &Node, indent: &str, what: &str) -> Result<ByteEdit, FixError> {
    let line_end = text.line_end;
    let Some(dict) = node.as_dict() else { return Err(FixError::Gone(String::new())) };
    if let Some(last) = last_entry(dict) {
        let at = last.value.span.end;
        return Ok(ByteEdit { span: Span { start: at, end: at }, text: format!("{line_end}{indent}{what}") });
    }
    let own = text.indentation(text.at(node.span.start)).unwrap_or_default();
    let written = text.slice(node.span);
    if written.ends_with("/>") || written.matches('<').count() <= 2 {
        let whole = format!("<dict>{line_end}{indent}{what}{line_end}{own}</dict>");
        return Ok(ByteEdit { span: node.span, text: whole });
    }
    // An empty dictionary with a comment in it: right behind its tag.
    let tag = written.find('>').map_or(0, |end| end + 1);
    let at = text.at(node.span.start) + tag;
    Ok(ByteEdit { span: text.span(at, at), text: format!("{line_end}{indent}{what}") })
}

/// The entry that stands last in the file.
fn last_entry(dict: &Dict) -> Option<&Entry> {
    dict.entries.iter().max_by_key(|entry| entry.value.span.end)
}

/// A value as an element; lines after the first are indented as the place asks.
fn element(text: &Text<'_>, value: &build::Value, indent: &str) -> Result<String, FixError> {
    let whole = build::to_xml(value)?;
    let body = whole.split_once("<plist version=\"1.0\">\n").map_or("", |(_, body)| body);
    let body = body.strip_suffix("</plist>\n").unwrap_or(body).trim_end_matches('\n');
    if matches!(value, build::Value::String(_)) {
        return Ok(body.to_owned());
    }
    Ok(body.replace('\n', &format!("{}{indent}", text.line_end)))
}
