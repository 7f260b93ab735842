//! A place in the text and the small steps over it: white space, tags, comments, processing instructions.

/// A tag as it stands in the text, with the rules CoreFoundation has for finding its end: the name runs to the first
/// white space, the tag to the first `>` (quotes are not minded), and it is empty when `/` stands right before that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Tag {
    /// Offset of `<`.
    pub start: usize,
    /// One past `>`.
    pub end: usize,
    /// Offset range of the name.
    pub name: (usize, usize),
    /// `<name/>`.
    pub empty: bool,
}

/// A read position in text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    /// An offset up to which there is no `>` after the place where it was last looked for: `<<<<…` must not search
    /// the whole text for each `<`.
    no_close_before: usize,
}

/// More of a tag's name than this is not looked at: all known names are shorter.
const LONGEST_NAME: usize = 64;

impl<'a> Cursor<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, no_close_before: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn end(&self) -> usize {
        self.text.len()
    }

    /// Moves to an offset; past the end means the end.
    pub fn go(&mut self, at: usize) {
        self.at = at.min(self.text.len());
    }

    pub fn skip(&mut self, count: usize) {
        self.go(self.at.saturating_add(count));
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    pub fn looking_at(&self, what: &[u8]) -> bool {
        self.rest().starts_with(what)
    }

    pub fn skip_white_space(&mut self) {
        let blank = self.rest().iter().take_while(|byte| is_white_space(**byte)).count();
        self.skip(blank);
    }

    /// The offset of the next `byte` at or after the cursor.
    pub fn find_byte(&self, byte: u8) -> Option<usize> {
        self.rest().iter().position(|found| *found == byte).map(|ahead| self.at + ahead)
    }

    /// The offset of `needle` at or after `from`.
    pub fn find_from(&self, from: usize, needle: &[u8]) -> Option<usize> {
        let rest = self.text.get(from..)?;
        crate::source::find(rest, needle).map(|ahead| from + ahead)
    }

    /// The tag at the cursor, which stands on `<`; `None` when the text ends before `>`. Does not move.
    pub fn tag(&mut self) -> Option<Tag> {
        let start = self.at;
        let name_start = start + 1;
        let from = name_start.max(self.no_close_before);
        let ahead = self.text.get(from..)?.iter().position(|byte| *byte == b'>');
        self.no_close_before = ahead.map_or(self.text.len(), |ahead| from + ahead);
        let end = ahead.map(|ahead| from + ahead)?;
        let inside = self.slice(name_start, end);
        let empty = inside.last() == Some(&b'/');
        let name_length = inside
            .iter()
            .take(LONGEST_NAME)
            .position(|byte| is_white_space(*byte))
            .unwrap_or(inside.len() - usize::from(empty));
        Some(Tag { start, end: end + 1, name: (name_start, name_start + name_length), empty })
    }

    /// Whether the cursor stands on `</name`, white space, `>`; if so, moves past it.
    pub fn take_close_tag(&mut self, name: &[u8]) -> bool {
        let Some(rest) = self.rest().strip_prefix(b"</").and_then(|rest| rest.strip_prefix(name)) else {
            return false;
        };
        let blank = rest.iter().take_while(|byte| is_white_space(**byte)).count();
        if rest.get(blank) != Some(&b'>') {
            return false;
        }
        self.skip(2 + name.len() + blank + 1);
        true
    }
}

pub(super) fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Option<(&str, bool, usize)> {
        let tag = Cursor::new(text.as_bytes()).tag()?;
        Some((&text[tag.name.0..tag.name.1], tag.empty, tag.end))
    }

    #[test]
    fn tags_end_where_corefoundation_ends_them() {
        assert_eq!(tag("<dict>"), Some(("dict", false, 6)));
        assert_eq!(tag("<dict/>x"), Some(("dict", true, 7)));
        assert_eq!(tag("<dict />"), Some(("dict", true, 8)));
        assert_eq!(tag("<plist version=\"1.0\">"), Some(("plist", false, 21)));
        // A `>` inside an attribute ends the tag, and `/` apart from `>` belongs to the name.
        assert_eq!(tag("<dict a=\">\">"), Some(("dict", false, 10)));
        assert_eq!(tag("<dict/ >"), Some(("dict/", false, 8)));
        assert_eq!(tag("<>"), Some(("", false, 2)));
        assert_eq!(tag("<dict"), None);
    }

    #[test]
    fn close_tags_may_hold_white_space_after_the_name_only() {
        for (text, taken) in
            [("</key>", true), ("</key \n>", true), ("</ key>", false), ("</keys>", false), ("</key", false)]
        {
            assert_eq!(Cursor::new(text.as_bytes()).take_close_tag(b"key"), taken, "{text}");
        }
    }
}
