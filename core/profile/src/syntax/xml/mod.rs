//! XML property lists, read with the leniency of CoreFoundation's parser and with positions.
//!
//! This is not an XML parser with a property list on top. What an Apple system accepts is decided by CoreFoundation's
//! own small scanner (open source in swift-corelibs-foundation, `CFPropertyList.c`), which takes things that XML
//! forbids (`--` in comments, Base64 with stray characters, anything after the root element, a missing `<plist>`) and
//! refuses things that XML allows (comments inside strings, entities, an internal DTD subset, `<data/>`). So this
//! reader follows the scanner's rules: what it refuses is an error here, what it takes but a strict parser would not
//! is a warning. Unlike the scanner it does not stop at the first error: it resynchronises and goes on, so one run
//! finds every fault.
//!
//! The verdict was compared with CoreFoundation's on more than 40,000 mutated files (Swift 6.0.3 on Debian 13). What differs is
//! deliberate or a slip of its string cache: a root that is no dictionary and a key that stands twice are errors here,
//! and so is every key that is not UTF-8, which its cache lets pass when it half resembles an earlier one.
//!
//! Owns the reading loop and the markup between elements. `prolog` reads what stands around the root, `element` the
//! elements by name, `scalar` the contents of those that hold text, `tree` puts values into the elements they stand
//! in (an explicit stack; no input decides a recursion), `cursor` steps over the bytes, `strict` looks for what only other
//! readers refuse.
//!
//! Leaves out: entities other than the five predefined and character references (refused, never expanded), external
//! anything (never fetched), attributes (skipped, as CoreFoundation does).

mod cursor;
mod element;
mod prolog;
mod scalar;
mod strict;
mod tree;

use crate::report::{Code, Diagnostic, Problems, Severity, Span, codes};
use crate::source::encoding::Decoded;
use crate::template::Values;

use super::{Limits, Parsed};
use cursor::Cursor;
use tree::Tree;

/// Reads an XML property list from decoded text. Takes time linear in the text and memory bounded by `limits`.
#[must_use]
pub fn read(source: &Decoded<'_>, limits: &Limits) -> Parsed {
    run(source, source.bytes(), None, limits)
}

/// The same for a template: tokens anywhere in a value make it what `values` says, also where a number or data is due.
/// `masked` is the decoded text without the tags that steer the template engine, byte for byte as long.
pub(crate) fn read_template(source: &Decoded<'_>, masked: &[u8], limits: &Limits, values: Values) -> Parsed {
    run(source, masked, Some(values), limits)
}

fn run(source: &Decoded<'_>, text: &[u8], template: Option<Values>, limits: &Limits) -> Parsed {
    let mut reader = Reader {
        source,
        limits,
        template,
        cursor: Cursor::new(text),
        tree: Tree::default(),
        problems: Problems::default(),
        fatal: false,
        names_may_be_text: false,
    };
    reader.prolog();
    reader.content();
    reader.end_of_file();
    reader.epilog();
    reader.strict();
    Parsed { root: reader.tree.root, problems: reader.problems }
}

/// The state of one reading.
struct Reader<'a> {
    source: &'a Decoded<'a>,
    limits: &'a Limits,
    /// Read as a template, and how its values.
    template: Option<Values>,
    cursor: Cursor<'a>,
    tree: Tree,
    problems: Problems,
    /// A limit was passed: nothing more is read.
    fatal: bool,
    /// An element's text had no end, so what looks like a tag may be a part of it, and a secret.
    names_may_be_text: bool,
}

impl Reader<'_> {
    /// Elements until the root is closed or the text ends.
    fn content(&mut self) {
        while !self.fatal && self.tree.root.is_none() {
            self.cursor.skip_white_space();
            match self.cursor.rest() {
                [] => return,
                [b'<', b'?', ..] => self.processing_instruction(),
                [b'<', b'!', b'-', b'-', ..] => {
                    let from = self.cursor.at() + 4;
                    self.comment(from);
                }
                [b'<', b'!', ..] => self.stray_declaration(),
                [b'<', b'/', ..] => self.close_tag(),
                [b'<', ..] => self.open_tag(),
                _ => self.stray_text(),
            }
        }
    }

    /// What strict XML parsers refuse, where nothing of the kind was said before. A template is none of their business.
    fn strict(&mut self) {
        let said = |found: &Diagnostic| {
            found.severity == Severity::Error
                || [codes::XML_MALFORMED, codes::XML_LEADING_JUNK].contains(&found.code)
        };
        if self.template.is_some() || self.problems.as_slice().iter().any(said) {
            return;
        }
        if let Some(fault) = strict::first_fault(self.source.bytes()) {
            let help = "Apple's parser takes it, others refuse the whole file";
            let span = self.span(fault.start, fault.end);
            self.problems.push(Diagnostic::warning(codes::XML_MALFORMED, span, fault.message).help(help));
        }
    }

    /// Text where only tags may stand.
    fn stray_text(&mut self) {
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        let length = self.cursor.slice(start, end).trim_ascii_end().len().max(1);
        let place = self.tree.innermost().map_or_else(String::new, |name| format!(" inside <{name}>"));
        let message = format!("text{place} where only elements may stand");
        let help = "remove the text, or put it into an element such as <string>";
        self.error(codes::XML_MALFORMED, start, start + length, message, help);
        self.cursor.go(end);
    }

    /// `<!` inside content that begins no comment.
    fn stray_declaration(&mut self) {
        let start = self.cursor.at();
        let (end, what, shown) = if self.cursor.looking_at(b"<![CDATA[") {
            let end = self.cursor.find_from(start, b"]]>").map(|at| at + 3);
            (end, "CDATA outside <string> or <key>", 9)
        } else {
            let end = self.cursor.find_byte(b'>').map(|at| at + 1);
            (end, "a declaration inside the property list", 2)
        };
        self.error(
            codes::XML_MALFORMED,
            start,
            start + shown,
            what,
            "only comments and elements may stand here",
        );
        self.cursor.go(end.unwrap_or(self.cursor.end()));
    }

    /// `<?…?>`.
    fn processing_instruction(&mut self) {
        let start = self.cursor.at();
        if let Some(at) = self.cursor.find_from(start + 2, b"?>") {
            self.cursor.go(at + 2);
            return;
        }
        let message = "a processing instruction that never ends";
        self.error(codes::XML_MALFORMED, start, start + 2, message, "end it with ?>");
        self.cursor.go(self.cursor.end());
    }

    /// `<!--…-->`, with the end looked for at or after `from`.
    fn comment(&mut self, from: usize) {
        let start = self.cursor.at();
        let Some(end) = self.cursor.find_from(from, b"-->") else {
            self.error(
                codes::XML_MALFORMED,
                start,
                start + 4,
                "a comment that never ends",
                "end it with -->",
            );
            self.cursor.go(self.cursor.end());
            return;
        };
        // XML 1.0 section 2.5 allows no `--` inside and no `-` right before the end.
        let inside = self.cursor.slice(start + 4, end + 1);
        if let Some(at) = crate::source::find(inside, b"--") {
            let at = start + 4 + at;
            let help = "Apple's parser takes it, others refuse the whole file: write a single dash";
            self.warning(codes::XML_MALFORMED, at, at + 2, "`--` inside a comment is not XML", help);
        }
        self.cursor.go(end + 3);
    }

    /// A span of the file from offsets of the decoded text.
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source.file_offset(start), self.source.file_offset(end.min(self.cursor.end())))
    }

    fn error(&mut self, code: Code, start: usize, end: usize, message: impl Into<String>, help: &str) {
        if self.problems.is_full() {
            return self.problems.count_one();
        }
        let diagnostic = Diagnostic::error(code, self.span(start, end), message).help(help);
        self.report(diagnostic);
    }

    /// Reports that a limit was passed, and reads nothing more.
    fn stop(&mut self, code: Code, start: usize, end: usize, message: String, help: &str) {
        let diagnostic = Diagnostic::error(code, self.span(start, end), message).help(help);
        self.problems.push_last(diagnostic.at(self.tree.path()));
        self.fatal = true;
    }

    fn warning(&mut self, code: Code, start: usize, end: usize, message: impl Into<String>, help: &str) {
        if self.problems.is_full() {
            return self.problems.count_one();
        }
        let diagnostic = Diagnostic::warning(code, self.span(start, end), message).help(help);
        self.report(diagnostic);
    }

    /// A tag's name, when it may be shown.
    fn shown_name<'n>(&self, name: &'n [u8]) -> Option<&'n str> {
        plain_name(name).filter(|_| !self.names_may_be_text)
    }

    /// Adds a problem, with the path of the open elements.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.problems.is_full() {
            return self.problems.count_one();
        }
        let path = self.tree.path();
        self.problems.push(diagnostic.at(path));
    }
}

/// A tag's name, when it can be one: letters, digits and a few marks, not long.
fn plain_name(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name.get(..name.len().min(33))?)
        .ok()
        .filter(|name| (1..=32).contains(&name.len()))?;
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.'))
        .then_some(name)
}
