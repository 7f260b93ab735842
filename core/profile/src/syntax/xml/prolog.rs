//! What stands around the root element.

use crate::report::codes;
use crate::source::encoding::Encoding;

use super::Reader;

impl Reader<'_> {
    /// White space, comments, processing instructions and document types, up to the root's `<`.
    pub(super) fn prolog(&mut self) {
        let mut declaration_may_come = true;
        self.encoding();
        loop {
            let before = self.cursor.at();
            self.cursor.skip_white_space();
            declaration_may_come &= self.cursor.at() == before && before == 0;
            match self.cursor.rest() {
                [] | [b'<'] => return,
                [b'<', b'?', rest @ ..] => {
                    // A template's comment lines, which the mask made white space.
                    let commented = self.template.is_some() && self.source.bytes().first() == Some(&b'#');
                    if rest.starts_with(b"xml") && !declaration_may_come && !commented {
                        let at = self.cursor.at();
                        let help =
                            "Apple's parser takes it, others refuse the file: begin the file with <?xml";
                        let message = "something stands before the XML declaration";
                        self.warning(codes::XML_LEADING_JUNK, at, at + 5, message, help);
                    }
                    self.processing_instruction();
                }
                // CoreFoundation's scanner steps one byte too far here: `<!---->` does not end at its own dashes.
                [b'<', b'!', b'-', b'-', ..] => self.comment(self.cursor.at() + 5),
                [b'<', b'!', ..] => self.document_type(),
                [b'<', ..] => return,
                _ => self.leading_text(),
            }
            declaration_may_come = false;
        }
    }

    /// Encodings that CoreFoundation refuses, or reads to no good.
    fn encoding(&mut self) {
        let (message, help) = match self.source.encoding() {
            Encoding::Unsupported => {
                ("the XML declaration names an encoding that is not read", "save the file as UTF-8")
            }
            Encoding::Utf16 { bom: false, big_endian } => {
                // CoreFoundation takes it for its own byte order and leaves out the first character.
                let harmless = !big_endian && self.cursor.peek().is_some_and(super::cursor::is_white_space);
                if harmless {
                    return;
                }
                ("UTF-16 without a byte order mark", "save the file as UTF-8, or with a byte order mark")
            }
            Encoding::Windows1252 if self.cursor.rest().windows(2).any(is_windows_hole) => {
                ("a byte that Windows-1252 leaves undefined", "save the file as UTF-8")
            }
            _ => return,
        };
        let end = self.cursor.find_byte(b'>').map_or(1, |at| (at + 1).min(128));
        self.error(codes::XML_MALFORMED, 0, end, message, help);
    }

    /// `<!DOCTYPE …>`. What it names is never fetched; an internal subset is refused, as CoreFoundation does.
    fn document_type(&mut self) {
        let start = self.cursor.at();
        if !self.cursor.looking_at(b"<!DOCTYPE") {
            let message = "a declaration that is no comment and no document type";
            self.error(codes::XML_MALFORMED, start, start + 2, message, "remove it");
            let end = self.cursor.find_byte(b'>').map_or(self.cursor.end(), |at| at + 1);
            self.cursor.go(end);
            return;
        }
        let rest = self.cursor.rest();
        match rest.iter().position(|byte| matches!(byte, b'[' | b'>')) {
            Some(length) if rest.get(length) == Some(&b'>') => self.cursor.skip(length + 1),
            Some(length) => {
                let subset = start + length;
                let end = self.cursor.find_from(subset, b"]").unwrap_or(self.cursor.end());
                let shown = end.min(subset + 64) + 1;
                let message = "a document type with declarations of its own";
                let help =
                    "entities are never expanded and nothing is fetched: remove everything from [ to ]";
                self.error(codes::ENTITY_EXPANSION, subset, shown, message, help);
                self.cursor.go(end);
                let end = self.cursor.find_byte(b'>').map_or(self.cursor.end(), |at| at + 1);
                self.cursor.go(end);
            }
            None => {
                let message = "a document type that never ends";
                self.error(codes::XML_MALFORMED, start, start + 9, message, "end it with >");
                self.cursor.go(self.cursor.end());
            }
        }
    }

    /// Text before the first tag.
    fn leading_text(&mut self) {
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        let length = self.cursor.slice(start, end).trim_ascii_end().len().max(1);
        let help = "Apple's parser refuses the file: remove everything before the first <";
        self.error(codes::XML_MALFORMED, start, start + length, "text before the first tag", help);
        self.cursor.go(end);
    }

    /// What follows the root: CoreFoundation does not look at it.
    pub(super) fn epilog(&mut self) {
        if self.fatal || self.tree.root.is_none() {
            return;
        }
        loop {
            self.cursor.skip_white_space();
            let from = self.cursor.at();
            let (begin, end): (usize, &[u8]) = match self.cursor.rest() {
                [] => return,
                [b'<', b'!', b'-', b'-', ..] => (4, b"-->"),
                [b'<', b'?', ..] => (2, b"?>"),
                _ => (0, b""),
            };
            match self.cursor.find_from(from + begin, end) {
                Some(at) if begin > 0 => self.cursor.go(at + end.len()),
                _ => {
                    let shown = self.cursor.end().min(from + 64);
                    let message = "something stands after the end of the property list";
                    let help = "Apple's parser ignores it, others refuse the file: remove it";
                    self.warning(codes::XML_MALFORMED, from, shown, message, help);
                    return;
                }
            }
        }
    }
}

/// Whether UTF-8 bytes are one of the five characters that stand for the holes of Windows-1252.
fn is_windows_hole(bytes: &[u8]) -> bool {
    matches!(bytes, [0xc2, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d])
}
