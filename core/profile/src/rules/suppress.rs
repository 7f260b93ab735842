//! Comments in a profile that silence rules: `<!-- adit:ignore ikev2.psk-weak, secret -->`.
//!
//! A comment silences the codes or families it names for the next key with its value (or the next element of an array),
//! everything below included; behind a value on the same line for that value; before the root value for the whole file.
//! Text after `--` or `:` is a reason for the reader. XML only. Errors of syntax are never silenced.

use crate::report::{Diagnostic, Span};
use crate::source::{Format, encoding};
use crate::syntax::{Node, Value};

/// Codes silenced on a range of bytes.
#[derive(Debug)]
struct Ignore {
    range: Span,
    names: Vec<String>,
}

/// `found` without what comments of the file silence, and how many that were.
pub(crate) fn silence(
    content: &[u8],
    root: Option<&Node>,
    found: Vec<Diagnostic>,
) -> (Vec<Diagnostic>, usize) {
    let Some(root) = root else { return (found, 0) };
    if crate::source::find(content, b"adit").is_none()
        && crate::source::find(content, b"a\0d\0i\0t").is_none()
    {
        return (found, 0);
    }
    let ignores = ignores(content, root);
    let before = found.len();
    let silenced = |one: &Diagnostic| {
        one.code.family() != "container"
            && ignores.iter().any(|ignore| {
                ignore.range.start <= one.span.start
                    && one.span.start < ignore.range.end.max(1)
                    && ignore.names.iter().any(|name| name == one.code.as_str() || name == one.code.family())
            })
    };
    let kept: Vec<Diagnostic> = found.into_iter().filter(|one| !silenced(one)).collect();
    let count = before - kept.len();
    (kept, count)
}

/// How many comments are looked at.
const MAX_COMMENTS: usize = 1000;

fn ignores(content: &[u8], root: &Node) -> Vec<Ignore> {
    let Format::Xml { encoding } = crate::source::detect(content) else { return Vec::new() };
    let decoded = encoding::decode(content, encoding);
    let text = decoded.text();
    let mut ignores = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("<!")).map(|ahead| at + ahead) {
        if ignores.len() >= MAX_COMMENTS {
            break;
        }
        let rest = text.get(start..).unwrap_or_default();
        let (open, close) = if rest.starts_with("<!--") { ("<!--", "-->") } else { ("<![CDATA[", "]]>") };
        if !rest.starts_with(open) {
            at = start + 2;
            continue;
        }
        let Some(end) = rest.find(close) else { break };
        let inside = rest.get(open.len()..end).unwrap_or_default();
        at = start + end + close.len();
        if open == "<!--"
            && let Some(names) = names(inside)
        {
            let comment = Span::new(decoded.file_offset(start), decoded.file_offset(at));
            let same_line = |span: Span| {
                let between = decoded.text_offset(span.end as usize)..start;
                text.get(between).is_some_and(|text| !text.contains(['\n', '\r']))
            };
            ignores.push(Ignore { range: range(root, comment, &same_line, content.len()), names });
        }
    }
    ignores
}

/// The codes of `adit:ignore a.b, c`; `None` for any other comment.
fn names(comment: &str) -> Option<Vec<String>> {
    let rest = comment.trim().strip_prefix("adit:ignore")?;
    let rest = rest.split(" -- ").next().unwrap_or(rest);
    let codes = rest.split([',', ' ', '\t', '\n', '\r']).map(|name| name.trim_matches(':').trim());
    let codes: Vec<String> = codes.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    (!codes.is_empty()).then_some(codes)
}

/// What a comment speaks of.
fn range(root: &Node, comment: Span, same_line: &dyn Fn(Span) -> bool, length: usize) -> Span {
    if comment.start < root.span.start || comment.start >= root.span.end {
        return Span::new(0, length);
    }
    let mut node = root;
    loop {
        let parts = parts(node);
        if let Some((_, inner)) = parts
            .iter()
            .find(|(_, value)| value.span.start <= comment.start && comment.start < value.span.end)
        {
            node = inner;
            continue;
        }
        let before = parts.iter().rev().find(|(span, _)| span.end <= comment.start);
        if let Some((span, _)) = before.filter(|(span, _)| same_line(*span)) {
            return *span;
        }
        let next = parts.iter().find(|(span, _)| span.start >= comment.end);
        return next.map_or(node.span, |(span, _)| *span);
    }
}

/// The entries of a dictionary (key and value) or the elements of an array, with what they span.
fn parts(node: &Node) -> Vec<(Span, &Node)> {
    match &node.value {
        Value::Dict(dict) => {
            dict.entries.iter().map(|entry| (entry.key.span.to(entry.value.span), &entry.value)).collect()
        }
        Value::Array(items) => items.iter().map(|item| (item.span, item)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Code;
    use crate::{Document, Severity};

    fn left(content: &str, at: &str) -> Vec<&'static str> {
        let document = Document::read(content.as_bytes());
        let start = content.find(at).unwrap();
        let found = ["ikev2.psk-weak", "vpn.name-missing"]
            .map(|code| Diagnostic::warning(Code::new(code), Span::new(start, start + at.len()), "x"));
        let (kept, silenced) = silence(content.as_bytes(), document.root(), found.to_vec());
        assert_eq!(kept.len() + silenced, 2);
        assert!(kept.iter().all(|one| one.severity == Severity::Warning));
        kept.iter().map(|one| one.code.as_str()).collect()
    }

    #[test]
    fn a_comment_silences_what_follows_it() {
        let file = "<plist><dict>\n<!-- adit:ignore ikev2.psk-weak -- a lab -->\n<key>A</key>\n<string>x</string>\n\
                    <key>B</key>\n<string>y</string>\n</dict></plist>";
        assert_eq!(left(file, "<string>x"), ["vpn.name-missing"]);
        assert_eq!(left(file, "<string>y"), ["ikev2.psk-weak", "vpn.name-missing"]);
    }

    #[test]
    fn a_comment_behind_a_value_silences_that_value() {
        let file = "<plist><dict>\n<key>A</key>\n<string>x</string> <!-- adit:ignore ikev2, vpn -->\n\
                    <key>B</key>\n<string>y</string>\n</dict></plist>";
        assert_eq!(left(file, "<string>x"), [""; 0]);
        assert_eq!(left(file, "<string>y").len(), 2);
    }

    #[test]
    fn a_comment_before_the_root_silences_the_file_and_one_in_text_nothing() {
        let file =
            "<!-- adit:ignore vpn.name-missing --><plist><dict><key>A</key><string>x</string></dict></plist>";
        assert_eq!(left(file, "<string>x"), ["ikev2.psk-weak"]);
        let text =
            "<plist><dict><key>A</key><string><![CDATA[<!-- adit:ignore vpn -->]]>x</string></dict></plist>";
        assert_eq!(left(text, "<string>").len(), 2);
        let other = "<!-- adit: hello --><plist><dict><key>A</key><string>x</string></dict></plist>";
        assert_eq!(left(other, "<string>x").len(), 2);
    }
}
