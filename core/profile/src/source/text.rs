//! The text of a file as a renderer wants it: valid UTF-8, with offsets that lead back, and secrets masked.

use std::ops::Range;

use zeroize::Zeroizing;

use super::encoding::{self, Decoded};
use super::{Format, detect};
use crate::report::Span;

/// The decoded text of an XML file, for showing excerpts and counting lines.
pub struct SourceText<'a> {
    text: Zeroizing<String>,
    decoded: Decoded<'a>,
}

impl std::fmt::Debug for SourceText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceText({} bytes)", self.text.len())
    }
}

impl<'a> SourceText<'a> {
    /// The text of `bytes`, or `None` when the file is not text that this crate reads (binary, CMS, unknown).
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        Self::masked(bytes, &[])
    }

    /// The same with every byte inside `secrets` (spans of the file, see [`crate::Document::secret_spans`]) shown as
    /// `*`; line breaks stay, so lines and columns of everything else are unchanged where the secret is ASCII. Behind a
    /// secret whose element was not closed the rest of the line is hidden too: it may be more of it.
    #[must_use]
    pub fn masked(bytes: &'a [u8], secrets: &[Span]) -> Option<Self> {
        let Format::Xml { encoding } = detect(bytes) else { return None };
        let decoded = encoding::decode(bytes, encoding);
        let mut text = decoded.text().into_owned().into_bytes();
        for secret in secrets {
            let (start, end) =
                (decoded.text_offset(secret.start as usize), decoded.text_offset(secret.end as usize));
            let closed = end.checked_sub(1).and_then(|last| text.get(last)) == Some(&b'>');
            let more = text.get(end..).unwrap_or_default().iter().take_while(|byte| **byte != b'\n').count();
            let range = start..if closed { end } else { end + more };
            let hidden = text.get_mut(range).unwrap_or_default();
            hidden.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b'*');
        }
        let text = match String::from_utf8(text) {
            Ok(text) => text,
            Err(cut) => String::from_utf8_lossy(cut.as_bytes()).into_owned(),
        };
        Some(Self { text: Zeroizing::new(text), decoded })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The offset in [`Self::text`] of a byte offset of the file, moved back to the start of a character.
    #[must_use]
    pub fn to_text(&self, offset: usize) -> usize {
        let at = self.decoded.text_offset(offset).min(self.text.len());
        self.text.floor_char_boundary(at)
    }

    /// The range in [`Self::text`] of a span of the file.
    #[must_use]
    pub fn range(&self, span: Span) -> Range<usize> {
        let start = self.to_text(span.start as usize);
        start..self.to_text(span.end as usize).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_place() {
        let file = b"<string>pass\nword</string><a/>";
        let text = SourceText::masked(file, &[Span::new(0, 26)]).unwrap();
        assert_eq!(text.text(), "************\n*************<a/>");
        assert_eq!(text.range(Span::new(26, 28)), 26..28);
    }

    #[test]
    fn what_follows_an_unclosed_secret_is_masked_to_the_end_of_the_line() {
        let file = b"<string>pass<dict>word</string>\n<a/>";
        let text = SourceText::masked(file, &[Span::new(0, 12)]).unwrap();
        assert_eq!(text.text(), format!("{}\n<a/>", "*".repeat(31)));
    }

    #[test]
    fn binary_files_have_no_text() {
        assert!(SourceText::new(b"bplist00").is_none());
    }
}
