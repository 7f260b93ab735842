//! Places in a file, for programs.

use serde::Serialize;

use crate::report::Span;
use crate::source::{ColumnUnit, LineIndex, SourceText};

/// A place: bytes always, and in text also lines and columns, and offsets in UTF-16 units where they were asked for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Location {
    /// The first byte, from 0.
    pub byte_start: u32,
    /// One past the last byte.
    pub byte_end: u32,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The line of the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// The column of the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
    /// UTF-16 units before it in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf16_start: Option<usize>,
    /// UTF-16 units before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf16_end: Option<usize>,
    /// The column in UTF-16 units, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf16_column: Option<usize>,
    /// The column of the end in UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf16_end_column: Option<usize>,
}

/// Finds places in one file.
pub struct Places<'a> {
    lines: Option<LineIndex<'a>>,
    /// UTF-16 units in front of the decoded text, if offsets in them are wanted.
    utf16: Option<usize>,
}

impl<'a> Places<'a> {
    /// Of a text, or of a file that is none. `utf16` asks for offsets in UTF-16 units, and says how many stand in front of
    /// the decoded text where the caller keeps it: 1 if the caller keeps a byte order mark.
    #[must_use]
    pub fn new(source: Option<&'a SourceText<'a>>, utf16: Option<usize>) -> Self {
        Self { lines: source.map(LineIndex::new), utf16 }
    }

    /// The place of a span.
    #[must_use]
    pub fn of(&self, span: Span) -> Location {
        let places = self.lines.as_ref().map(|lines| (lines.place(span.start), lines.place(span.end)));
        let wide = places.zip(self.utf16);
        Location {
            byte_start: span.start,
            byte_end: span.end,
            line: places.map(|(start, _)| start.line),
            column: places.map(|(start, _)| start.column),
            end_line: places.map(|(_, end)| end.line),
            end_column: places.map(|(_, end)| end.column),
            utf16_start: wide.map(|((start, _), base)| base + start.utf16),
            utf16_end: wide.map(|((_, end), base)| base + end.utf16),
            utf16_column: wide.map(|((start, _), _)| start.utf16_column),
            utf16_end_column: wide.map(|((_, end), _)| end.utf16_column),
        }
    }

    /// Start and end of a span in UTF-16 units; `None` where the file is no text, or nobody asked.
    #[must_use]
    pub fn utf16_of(&self, span: Span) -> Option<(usize, usize)> {
        let (lines, base) = (self.lines.as_ref()?, self.utf16?);
        let at = |offset| base + lines.offset(offset, ColumnUnit::Utf16);
        Some((at(span.start), at(span.end)))
    }
}
