//! What is said about a profile: [`Diagnostic`]s with byte spans, gathered in a [`Report`].
//!
//! Owns the vocabulary (codes, severities) and the rule that nothing here ever holds the value of a secret: a
//! diagnostic names keys and positions. Rendering (carets, colours, JSON on a terminal) is the caller's; lines and
//! columns come from [`crate::source::LineIndex`] at the edge.

mod code;
mod fix;

pub use code::{Code, codes};
pub use fix::{Change, Fix, Safety};

use std::fmt;

use serde::Serialize;

use crate::arrange::Arrange;
use crate::gather::Gather as _;
use crate::source::Format;

/// A range of bytes in the file as it was given: `start..end`, both counted from 0.
///
/// Files are capped far below 4 GiB ([`crate::Limits`]), so 32 bits are enough.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte; never below `start`.
    pub end: u32,
}

impl Span {
    /// The span `start..end`; an `end` before `start` is lifted to it, offsets past 32 bits are clamped.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The same as a range of `usize`, for slicing.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of `self` to the end of `last`.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { start: self.start, end: self.end.max(last.end).max(self.start) }
    }
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Notice,
    /// A value is ignored or almost surely not what was meant.
    Warning,
    /// The system refuses the profile, or the connection cannot work.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A second place that explains the first (the tag that was never closed, the earlier key of the same name).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One thing to say about a profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnostic {
    /// Which rule.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The bytes it is about.
    pub span: Span,
    /// The key path, such as `PayloadContent[1].IKEv2.RemoteAddress`; empty for the file as a whole.
    pub path: String,
    /// What is wrong. Never holds the value of a key that may be secret.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places worth showing.
    pub related: Vec<Related>,
    /// Ways to mend it, the best first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at `span`.
    #[must_use]
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message)
    }

    /// A warning at `span`.
    #[must_use]
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message)
    }

    /// A notice at `span`.
    #[must_use]
    pub fn notice(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Notice, span, message)
    }

    fn new(code: Code, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            span,
            path: String::new(),
            message: printable(message.into()),
            help: None,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(printable(help.into()));
        self
    }

    /// Says which key it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = printable(path.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related { span, message: printable(message.into()) });
        self
    }
}

/// Longest text of a diagnostic, in characters; texts may name keys, and keys come out of the file.
const LONGEST_TEXT: usize = 2000;

/// A text without control characters, which could move a terminal's cursor, and not without end.
pub(crate) fn printable(text: String) -> String {
    // Nearly all are ASCII, which is told without reading characters.
    let is_plain =
        text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) || !text.chars().any(char::is_control);
    if text.len() <= LONGEST_TEXT && is_plain {
        return text;
    }
    let clean =
        |character: char| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
    let mut cut: String = text.chars().take(LONGEST_TEXT).map(clean).collect();
    if text.chars().nth(LONGEST_TEXT).is_some() {
        cut.push('…');
    }
    cut
}

/// How many diagnostics one file may have; the rest are counted only, so a hostile file cannot fill memory.
pub const MAX_DIAGNOSTICS: usize = 2000;

/// A bounded list of diagnostics.
///
/// One beyond the bound takes the place of the last that matters less, so neither the verdict nor an error is lost among
/// notices.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
    suppressed: usize,
    has_errors: bool,
    /// How many of the listed are notices, and how many warnings.
    lesser: [usize; 2],
}

impl Problems {
    /// Adds one, or counts it when the list is full.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        if self.list.len() < MAX_DIAGNOSTICS {
            self.insert(diagnostic);
            return;
        }
        self.suppressed = self.suppressed.saturating_add(1);
        // A listed one gives way to something graver only, so each place changes hands twice at most.
        let least = match self.lesser {
            [0, 0] => return,
            [0, _] => Severity::Warning,
            _ => Severity::Notice,
        };
        if least < diagnostic.severity
            && let Some(place) = self.list.iter().rposition(|listed| listed.severity == least)
        {
            self.list.remove(place);
            self.count(least, false);
            self.insert(diagnostic);
        }
    }

    fn insert(&mut self, diagnostic: Diagnostic) {
        self.count(diagnostic.severity, true);
        self.list.push(diagnostic);
    }

    fn count(&mut self, severity: Severity, more: bool) {
        let [notices, warnings] = &mut self.lesser;
        let counter = match severity {
            Severity::Notice => notices,
            Severity::Warning => warnings,
            Severity::Error => return,
        };
        *counter = if more { counter.saturating_add(1) } else { counter.saturating_sub(1) };
    }

    /// Whether it is full and has an error: what a reader would say now need not be said, [`Self::count_one`] counts it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.has_errors && self.list.len() >= MAX_DIAGNOSTICS
    }

    /// Counts a diagnostic that is not listed.
    pub fn count_one(&mut self) {
        self.suppressed = self.suppressed.saturating_add(1);
    }

    /// Adds the error that ended reading: it is listed even when the list is full.
    pub fn push_last(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        if self.list.len() >= MAX_DIAGNOSTICS {
            if let Some(last) = self.list.pop() {
                self.count(last.severity, false);
            }
            self.suppressed = self.suppressed.saturating_add(1);
        }
        self.insert(diagnostic);
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// What is listed, in the order of finding.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// How many were counted but not listed.
    #[must_use]
    pub fn suppressed(&self) -> usize {
        self.suppressed
    }

    /// Moves everything of `other` to the end of this list.
    pub fn append(&mut self, other: Problems) {
        self.suppressed = self.suppressed.saturating_add(other.suppressed);
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// The listed diagnostics themselves.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.list
    }
}

/// Everything said about one file. Serialises without any secret.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What the file is.
    pub format: Format,
    /// What was found, ordered by position.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more there were than [`MAX_DIAGNOSTICS`].
    pub suppressed: usize,
    /// How many a comment of the file silenced.
    pub ignored: usize,
}

/// What a report comes down to; the command line maps it to its exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No errors.
    Accepted,
    /// At least one error.
    Refused,
    /// Not a format that this build reads (signed, or no profile at all).
    NotRead,
}

impl Report {
    /// A report from what was found, ordered by position.
    #[must_use]
    pub fn new(format: Format, problems: Problems) -> Self {
        let suppressed = problems.suppressed();
        Self::of(format, problems.into_vec(), suppressed)
    }

    /// The same from a plain list.
    #[must_use]
    pub fn of(format: Format, mut diagnostics: Vec<Diagnostic>, suppressed: usize) -> Self {
        diagnostics.arrange_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        Self { format, diagnostics, suppressed, ignored: 0 }
    }

    /// Whether one of the diagnostics is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// What it comes down to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.format.is_read() {
            Verdict::NotRead
        } else if self.has_errors() {
            Verdict::Refused
        } else {
            Verdict::Accepted
        }
    }

    /// The distinct codes, sorted.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = self.diagnostics.iter().map(|diagnostic| diagnostic.code).gather();
        codes.arrange();
        codes.dedup();
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_still_tells_of_every_error() {
        let mut problems = Problems::default();
        for offset in 0..MAX_DIAGNOSTICS {
            let span = Span::new(offset, offset);
            problems.push(Diagnostic::warning(codes::BAD_BASE64, span, "x"));
        }
        assert!(!problems.has_errors());
        problems.push(Diagnostic::error(codes::XML_MALFORMED, Span::new(9, 9), "y"));
        assert!(problems.has_errors());
        problems.push(Diagnostic::notice(codes::BAD_BASE64, Span::new(9, 9), "z"));
        problems.push(Diagnostic::error(codes::XML_MALFORMED, Span::new(10, 10), "y"));
        assert_eq!(problems.as_slice().len(), MAX_DIAGNOSTICS);
        assert_eq!(problems.suppressed(), 3);
        let errors = problems.as_slice().iter().filter(|found| found.severity == Severity::Error);
        assert_eq!(errors.count(), 2);
    }

    #[test]
    fn texts_have_no_control_characters_and_an_end() {
        let found = Diagnostic::error(codes::TOO_DEEP, Span::default(), "a\x1b[2Jb")
            .help("x".repeat(5000))
            .at("k\n")
            .related(Span::default(), "\0");
        assert_eq!((found.message.as_str(), found.path.as_str()), ("a\u{fffd}[2Jb", "k\u{fffd}"));
        assert_eq!(found.help.unwrap().chars().count(), LONGEST_TEXT + 1);
        assert_eq!(found.related[0].message, "\u{fffd}");
    }

    #[test]
    fn spans_never_run_backwards() {
        assert_eq!(Span::new(7, 3), Span { start: 7, end: 7 });
        assert_eq!(Span::new(2, 4).to(Span::new(6, 9)), Span::new(2, 9));
    }
}
