//! Lines and columns.

use std::ops::Range;

use serde::Serialize;

use super::text::SourceText;
use crate::report::Span;

/// What a column counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnUnit {
    /// Unicode scalar values, what a terminal user counts.
    Characters,
    /// UTF-16 code units, what a browser or an editor protocol counts.
    Utf16,
}

/// A place in a text; both numbers start at 1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position {
    /// Line, counted by `\n`, `\r\n` or a lone `\r`.
    pub line: usize,
    /// Column in the unit that was asked for; a byte order mark is not counted.
    pub column: usize,
}

/// Finds lines and columns for byte offsets of a file.
pub struct LineIndex<'a> {
    source: &'a SourceText<'a>,
    /// Where each line begins, in offsets of the decoded text.
    lines: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Indexes the lines of a text; one pass.
    #[must_use]
    pub fn new(source: &'a SourceText<'a>) -> Self {
        let bytes = source.text().as_bytes();
        let mut lines = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                lines.push(at + 1);
            }
        }
        Self { source, lines }
    }

    /// The line and column of a byte offset of the file.
    #[must_use]
    pub fn position(&self, offset: u32, unit: ColumnUnit) -> Position {
        let at = self.source.to_text(offset as usize);
        let line = self.lines.partition_point(|&start| start <= at).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.source.text().get(start..at).unwrap_or_default();
        let column = match unit {
            ColumnUnit::Characters => before.chars().count(),
            ColumnUnit::Utf16 => before.encode_utf16().count(),
        };
        Position { line, column: column + 1 }
    }

    /// Start and end of a span.
    #[must_use]
    pub fn range(&self, span: Span, unit: ColumnUnit) -> Range<Position> {
        self.position(span.start, unit)..self.position(span.end, unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(bytes: &[u8], offset: u32, unit: ColumnUnit) -> (usize, usize) {
        let text = SourceText::new(bytes).unwrap();
        let found = LineIndex::new(&text).position(offset, unit);
        (found.line, found.column)
    }

    #[test]
    fn each_line_ending_counts_once() {
        let text = b"<a>\r\nb\rc\nd";
        for (offset, expected) in
            [(0, (1, 1)), (5, (2, 1)), (7, (3, 1)), (9, (4, 1)), (10, (4, 2)), (99, (4, 2))]
        {
            assert_eq!(position(text, offset, ColumnUnit::Characters), expected, "{offset}");
        }
    }

    #[test]
    fn columns_are_characters_or_utf16_units() {
        let text = "<a>😀é</a>".as_bytes();
        let slash = 9;
        assert_eq!(position(text, slash, ColumnUnit::Characters), (1, 6));
        assert_eq!(position(text, slash, ColumnUnit::Utf16), (1, 7));
    }

    #[test]
    fn offsets_in_utf16_files_are_their_own() {
        let bytes: Vec<u8> = "\u{feff}<a>\n<b>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(position(&bytes, 10, ColumnUnit::Characters), (2, 1));
        assert_eq!(position(&bytes, 12, ColumnUnit::Characters), (2, 2));
    }
}
