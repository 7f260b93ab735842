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

/// A place in every unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Column in UTF-16 units, from 1.
    pub utf16_column: usize,
    /// UTF-16 units of the decoded text before it.
    pub utf16: usize,
}

/// How far apart known counts lie in a text that is not all ASCII, in bytes.
const STRIDE: usize = 128;

/// How many units of each kind stand before a byte of the decoded text.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    at: usize,
    characters: usize,
    utf16: usize,
}

impl Counts {
    /// The counts at the end of `text`, which begins here.
    fn after(self, text: &str) -> Self {
        let (mut characters, mut utf16) = (self.characters, self.utf16);
        // By bytes, which is several times as fast: a character is a byte that continues none, and in UTF-16 one of four
        // bytes, which begins with 0xF0 or more, is two units.
        for byte in text.bytes() {
            characters += usize::from(byte & 0xC0 != 0x80);
            utf16 += usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0);
        }
        Self { at: self.at + text.len(), characters, utf16 }
    }

    fn of(self, unit: ColumnUnit) -> usize {
        match unit {
            ColumnUnit::Characters => self.characters,
            ColumnUnit::Utf16 => self.utf16,
        }
    }
}

/// Finds lines, columns and offsets in other units for byte offsets of a file.
pub struct LineIndex<'a> {
    source: &'a SourceText<'a>,
    /// Where each line begins, in offsets of the decoded text.
    lines: Vec<usize>,
    /// Known counts, at most [`STRIDE`] apart, so that a file of one long line costs no more than another; empty where
    /// all of the text is ASCII, of which every unit is one byte.
    known: Vec<Counts>,
}

impl<'a> LineIndex<'a> {
    /// Indexes the lines of a text; one pass.
    #[must_use]
    pub fn new(source: &'a SourceText<'a>) -> Self {
        let text = source.text();
        let bytes = text.as_bytes();
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
        let mut known = Vec::new();
        if !bytes.is_ascii() {
            let mut counts = Counts::default();
            while counts.at < text.len() {
                known.push(counts);
                let end = text.floor_char_boundary(counts.at + STRIDE);
                counts = counts.after(text.get(counts.at..end).unwrap_or_default());
            }
        }
        Self { source, lines, known }
    }

    /// What stands before an offset of the decoded text, which lies between characters.
    fn counts(&self, at: usize) -> Counts {
        let Some(last) = self.known.partition_point(|counts| counts.at <= at).checked_sub(1) else {
            return Counts { at, characters: at, utf16: at };
        };
        let counts = self.known.get(last).copied().unwrap_or_default();
        counts.after(self.source.text().get(counts.at..at).unwrap_or_default())
    }

    /// The line and column of a byte offset of the file.
    #[must_use]
    pub fn position(&self, offset: u32, unit: ColumnUnit) -> Position {
        let place = self.place(offset);
        let column = match unit {
            ColumnUnit::Characters => place.column,
            ColumnUnit::Utf16 => place.utf16_column,
        };
        Position { line: place.line, column }
    }

    /// Everything there is to say of a byte offset of the file, looked up once.
    pub(crate) fn place(&self, offset: u32) -> Place {
        let at = self.source.to_text(offset as usize);
        let line = self.lines.partition_point(|&start| start <= at).max(1);
        let start = self.counts(self.lines.get(line - 1).copied().unwrap_or(0));
        let before = self.counts(at);
        Place {
            line,
            column: before.characters.saturating_sub(start.characters) + 1,
            utf16_column: before.utf16.saturating_sub(start.utf16) + 1,
            utf16: before.utf16,
        }
    }

    /// Start and end of a span.
    #[must_use]
    pub fn range(&self, span: Span, unit: ColumnUnit) -> Range<Position> {
        self.position(span.start, unit)..self.position(span.end, unit)
    }

    /// How many units of the decoded text stand before a byte offset of the file; line breaks count as they stand, a
    /// byte order mark does not.
    #[must_use]
    pub fn offset(&self, offset: u32, unit: ColumnUnit) -> usize {
        self.counts(self.source.to_text(offset as usize)).of(unit)
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
    #[test]
    fn offsets_count_what_stands_before() {
        let mark = "\u{feff}<a>\r\n😀é</a>".as_bytes();
        let text = SourceText::new(mark).unwrap();
        let index = LineIndex::new(&text);
        let at =
            |offset| (index.offset(offset, ColumnUnit::Characters), index.offset(offset, ColumnUnit::Utf16));
        // The mark has three bytes, the line break two, the face four, the letter two.
        assert_eq!(
            [at(0), at(3), at(8), at(12), at(14), at(99)],
            [(0, 0), (0, 0), (5, 5), (6, 7), (7, 8), (11, 12)]
        );
        // Inside a character its beginning counts.
        assert_eq!(at(10), (5, 5));
    }

    #[test]
    fn long_lines_are_counted_from_known_places() {
        let line = format!("<a>{}</a>\n<b/>", "é😀x".repeat(2000));
        let text = SourceText::new(line.as_bytes()).unwrap();
        let index = LineIndex::new(&text);
        let mut utf16 = 0;
        for (characters, (at, character)) in line.char_indices().enumerate() {
            let offset = u32::try_from(at).unwrap();
            assert_eq!(index.offset(offset, ColumnUnit::Utf16), utf16);
            assert_eq!(index.offset(offset, ColumnUnit::Characters), characters);
            if at > 0 && !line[..at].contains('\n') {
                assert_eq!(
                    index.position(offset, ColumnUnit::Utf16),
                    Position { line: 1, column: utf16 + 1 }
                );
            }
            utf16 += character.len_utf16();
        }
    }
}
