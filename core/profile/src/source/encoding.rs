//! Text encodings of XML property lists, and the way from decoded text back to the file's bytes.
//!
//! Which encodings: UTF-8, UTF-16 and UTF-32 by byte order mark; UTF-16 without one by its zero bytes; otherwise what
//! `<?xml encoding="…"?>` at the very first byte says (ISO 8859-1, which US-ASCII is read as, and Windows-1252). This is
//! the order in which CoreFoundation decides, so that the same file is read the same way. Other encodings it knows are
//! taken as long as the file is plain ASCII; else they are [`Encoding::Unsupported`].

use std::borrow::Cow;

use serde::Serialize;
use zeroize::Zeroizing;

/// How a file's text is encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    Utf8 {
        /// Whether it begins with a byte order mark.
        bom: bool,
    },
    /// UTF-16.
    Utf16 {
        /// High byte first.
        big_endian: bool,
        /// Whether it begins with a byte order mark.
        bom: bool,
    },
    /// UTF-32, always with a byte order mark.
    Utf32 {
        /// High byte first.
        big_endian: bool,
    },
    /// ISO 8859-1, or US-ASCII (whose other half CoreFoundation reads the same), by declaration.
    Latin1,
    /// Windows-1252, by declaration.
    Windows1252,
    /// An encoding of the ASCII family that this build does not decode, by declaration, in a file that is all ASCII.
    PlainAscii,
    /// A declared name that this build does not decode, or that nobody knows; the text is taken as UTF-8.
    Unsupported,
}

impl Encoding {
    /// Bytes before the text proper.
    fn mark_length(self) -> usize {
        match self {
            Self::Utf8 { bom: true } => 3,
            Self::Utf16 { bom: true, .. } => 2,
            Self::Utf32 { .. } => 4,
            _ => 0,
        }
    }

    /// Bytes in the file of one decoded character.
    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 { .. } | Self::PlainAscii | Self::Unsupported => character.len_utf8(),
            Self::Utf16 { .. } => 2 * character.len_utf16(),
            Self::Utf32 { .. } => 4,
            Self::Latin1 | Self::Windows1252 => 1,
        }
    }

    fn is_utf8(self) -> bool {
        matches!(self, Self::Utf8 { .. } | Self::PlainAscii | Self::Unsupported)
    }
}

/// The encoding of `bytes`, decided as the module's head says.
#[must_use]
pub fn guess(bytes: &[u8]) -> Encoding {
    match bytes {
        [0, 0, 0xfe, 0xff, _, ..] => Encoding::Utf32 { big_endian: true },
        [0xff, 0xfe, 0, 0, _, ..] => Encoding::Utf32 { big_endian: false },
        [0xef, 0xbb, 0xbf, _, ..] => Encoding::Utf8 { bom: true },
        [0xff, 0xfe, _, ..] => Encoding::Utf16 { big_endian: false, bom: true },
        [0xfe, 0xff, _, ..] => Encoding::Utf16 { big_endian: true, bom: true },
        [0, _, _, ..] => Encoding::Utf16 { big_endian: true, bom: false },
        [_, 0, _, ..] => Encoding::Utf16 { big_endian: false, bom: false },
        _ => declared(bytes),
    }
}

/// What `<?xml … encoding="…"?>` at the first byte declares.
fn declared(bytes: &[u8]) -> Encoding {
    let utf8 = Encoding::Utf8 { bom: false };
    let Some(rest) = bytes.strip_prefix(b"<?xml") else { return utf8 };
    let end = rest.iter().position(|byte| matches!(byte, b'?' | b'>')).unwrap_or(rest.len());
    let declaration = rest.get(..end).unwrap_or_default();
    let Some(at) = super::find(declaration, b"encoding=") else { return utf8 };
    // CoreFoundation minds neither `?` nor `>` once it is inside the quotes.
    let Some([quote @ (b'"' | b'\''), name @ ..]) = rest.get(at + b"encoding=".len()..) else { return utf8 };
    let Some(length) = name.iter().position(|byte| byte == quote) else { return utf8 };
    let name = name.get(..length).unwrap_or_default();
    if !name.is_ascii() {
        return Encoding::Unsupported;
    }
    // Only letters and digits count, in whatever case, and none behind a NUL.
    let name: String = name
        .iter()
        .take_while(|byte| **byte != 0)
        .filter(|byte| byte.is_ascii_alphanumeric())
        .take(LONGEST_NAME)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    match name.as_str() {
        "utf8" | "unicode11utf8" => utf8,
        name if LATIN1_NAMES.contains(&name) => Encoding::Latin1,
        "windows1252" | "cp1252" => Encoding::Windows1252,
        name if is_ascii_family(name) && bytes.is_ascii() => Encoding::PlainAscii,
        _ => Encoding::Unsupported,
    }
}

/// No known name has more letters and digits.
const LONGEST_NAME: usize = 24;

/// ISO 8859-1 and US-ASCII.
const LATIN1_NAMES: [&str; 15] = [
    "iso88591",
    "88591",
    "latin1",
    "l1",
    "isoir100",
    "iso885911987",
    "ibm819",
    "cp819",
    "usascii",
    "ascii",
    "us",
    "iso646us",
    "ansix341968",
    "ibm367",
    "cp367",
];

/// Encodings CoreFoundation decodes whose lower half is ASCII.
fn is_ascii_family(name: &str) -> bool {
    const NAMES: [&str; 21] = [
        "koi8r",
        "koi8u",
        "cp437",
        "ibm437",
        "cp850",
        "ibm850",
        "shiftjis",
        "sjis",
        "xsjis",
        "windows31j",
        "eucjp",
        "euckr",
        "gb2312",
        "gbk",
        "gb18030",
        "big5",
        "ksc56011987",
        "tis620",
        "iso2022jp",
        "latin2",
        "latin9",
    ];
    let numbered = |prefix: &str, numbers: std::ops::RangeInclusive<u8>| {
        name.strip_prefix(prefix)
            .and_then(|number| number.parse().ok())
            .is_some_and(|n: u8| numbers.contains(&n))
    };
    NAMES.contains(&name)
        || numbered("iso8859", 2..=10)
        || numbered("iso8859", 13..=16)
        || numbered("windows125", 0..=8)
        || numbered("cp125", 0..=8)
}

/// How far apart the known pairs of offsets lie, in decoded bytes.
const CHECKPOINT: usize = 256;

/// Decoded text (UTF-8, or nearly: UTF-8 input is not checked here) with the way back to the file's offsets.
///
/// A copy, where one is needed, is wiped when dropped: the text may hold passwords.
#[derive(Debug)]
pub struct Decoded<'a> {
    text: Text<'a>,
    encoding: Encoding,
    /// Pairs of (decoded offset, offset in the file), at least [`CHECKPOINT`] decoded bytes apart.
    checkpoints: Vec<(usize, usize)>,
}

enum Text<'a> {
    Borrowed(&'a [u8]),
    Owned(Zeroizing<String>),
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.bytes().len())
    }
}

impl Text<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(text) => text.as_bytes(),
        }
    }
}

/// Decodes `bytes`. UTF-8 is handed through as it is; what cannot be decoded becomes U+FFFD.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Encoding) -> Decoded<'_> {
    let body = bytes.get(encoding.mark_length()..).unwrap_or_default();
    if encoding.is_utf8() {
        return Decoded { text: Text::Borrowed(body), encoding, checkpoints: Vec::new() };
    }
    let mut text = Zeroizing::new(String::with_capacity(body.len().saturating_mul(2)));
    let mut checkpoints = vec![(0, encoding.mark_length())];
    let mut offset = encoding.mark_length();
    let mut last = 0;
    let mut push = |character: char| {
        if text.len() >= last + CHECKPOINT {
            last = text.len();
            checkpoints.push((last, offset));
        }
        text.push(character);
        offset += encoding.width(character);
    };
    match encoding {
        Encoding::Utf16 { big_endian, .. } => {
            let units = body.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
            let units = units
                .map(|pair| if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) });
            char::decode_utf16(units).for_each(|unit| push(unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        Encoding::Utf32 { big_endian } => {
            for quad in body.chunks_exact(4).filter_map(|quad| <[u8; 4]>::try_from(quad).ok()) {
                let value = if big_endian { u32::from_be_bytes(quad) } else { u32::from_le_bytes(quad) };
                push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        Encoding::Windows1252 => body.iter().for_each(|&byte| push(windows_1252(byte))),
        _ => body.iter().for_each(|&byte| push(char::from(byte))),
    }
    Decoded { text: Text::Owned(text), encoding, checkpoints }
}

impl Decoded<'_> {
    /// The decoded text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }

    /// How the file is encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The offset in the file of an offset in the decoded text.
    #[must_use]
    pub fn file_offset(&self, decoded: usize) -> usize {
        if self.encoding.is_utf8() {
            return decoded + self.encoding.mark_length();
        }
        let index = self.checkpoints.partition_point(|&(known, _)| known <= decoded);
        let &(known, offset) =
            index.checked_sub(1).and_then(|at| self.checkpoints.get(at)).unwrap_or(&(0, 0));
        self.walk(known, |at, _| at < decoded).map_or(offset, |(_, ahead)| offset + ahead)
    }

    /// The offset in the decoded text of an offset in the file.
    #[must_use]
    pub fn text_offset(&self, offset: usize) -> usize {
        if self.encoding.is_utf8() {
            return offset.saturating_sub(self.encoding.mark_length()).min(self.bytes().len());
        }
        let index = self.checkpoints.partition_point(|&(_, known)| known <= offset);
        let &(decoded, known) =
            index.checked_sub(1).and_then(|at| self.checkpoints.get(at)).unwrap_or(&(0, 0));
        self.walk(decoded, |_, ahead| known + ahead < offset).map_or(decoded, |(at, _)| at)
    }

    /// Walks characters from a decoded offset while `go_on(decoded offset, file bytes walked)` says so.
    fn walk(&self, from: usize, go_on: impl Fn(usize, usize) -> bool) -> Option<(usize, usize)> {
        let Text::Owned(text) = &self.text else { return None };
        let rest = text.get(from..)?;
        let (mut at, mut ahead) = (from, 0);
        for character in rest.chars() {
            if !go_on(at, ahead) {
                break;
            }
            at += character.len_utf8();
            ahead += self.encoding.width(character);
        }
        Some((at, ahead))
    }

    /// The text as a string whose offsets are those of [`Self::bytes`]: bytes that are not UTF-8 become `?`.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let bytes = self.bytes();
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                Cow::Owned(bytes.utf8_chunks().fold(String::with_capacity(bytes.len()), |mut text, chunk| {
                    text.push_str(chunk.valid());
                    chunk.invalid().iter().for_each(|_| text.push('?'));
                    text
                }))
            }
        }
    }
}

/// Text of an XML file in the file's encoding, without a byte order mark; a character the encoding lacks becomes a
/// character reference.
#[must_use]
pub fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match encoding {
            Encoding::Utf16 { big_endian, .. } => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    bytes.extend(if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
                }
            }
            Encoding::Utf32 { big_endian } => {
                let value = u32::from(character);
                bytes.extend(if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
            }
            _ if encoding.is_utf8() || character.is_ascii() => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => bytes.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes()),
        }
    }
    bytes
}

/// A whole file of text in an encoding, with its byte order mark; a character that the encoding lacks becomes a character
/// reference. [`decode`] gives the text back, references apart.
#[must_use]
pub fn encode_file(text: &str, encoding: Encoding) -> Vec<u8> {
    let single: Option<fn(u8) -> char> = match encoding {
        Encoding::Latin1 => Some(char::from),
        Encoding::Windows1252 => Some(windows_1252),
        _ => None,
    };
    let Some(single) = single else {
        let mark = if encoding.mark_length() > 0 { "\u{feff}" } else { "" };
        let mut bytes = encode(mark, encoding);
        bytes.extend(encode(text, encoding));
        return bytes;
    };
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match (0..=255).find(|byte| single(*byte) == character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(encode(character.encode_utf8(&mut [0; 4]), encoding)),
        }
    }
    bytes
}

/// Windows-1252 differs from ISO 8859-1 in 0x80 to 0x9f; its five holes stay control characters.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '•', '–', '—', '˜', '™', 'š', '›', 'œ',
        '\u{9d}', 'ž', 'Ÿ',
    ];
    let high = usize::from(byte).checked_sub(0x80).and_then(|index| HIGH.get(index));
    high.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_name_the_encoding() {
        let cases = [
            ("<?xml version='1.0' encoding='ISO-8859-1'?>", Encoding::Latin1),
            ("<?xml encoding=\"windows-1252\"?>", Encoding::Windows1252),
            ("<?xml encoding=\"US-ASCII\"?>", Encoding::Latin1),
            ("<?xml encoding=\"CP1252\"?>", Encoding::Windows1252),
            ("<?xml encoding=\"UTF\t=8\"?>", Encoding::Utf8 { bom: false }),
            ("<?xml encoding=\"UTF-8?><a b=\"\">", Encoding::Unsupported),
            ("<?xml encoding=\"KOI8-R\"?>", Encoding::PlainAscii),
            ("<?xml encoding=\"KOI8-R\"?>é", Encoding::Unsupported),
            ("<?xml encoding=\"iso-8859-15\"?>", Encoding::PlainAscii),
            ("<?xml encoding=\"iso-8859-12\"?>", Encoding::Unsupported),
            ("<?xml encoding=\"macintosh\"?>", Encoding::Unsupported),
            ("<?xml encoding=\"Utf-8\"?>", Encoding::Utf8 { bom: false }),
            ("<?xml encoding=\"shift_jis\"?>", Encoding::PlainAscii),
            ("<?xml?> encoding=\"iso-8859-1\"", Encoding::Utf8 { bom: false }),
            (" <?xml encoding=\"iso-8859-1\"?>", Encoding::Utf8 { bom: false }),
        ];
        for (text, expected) in cases {
            assert_eq!(guess(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn offsets_lead_back_to_the_file_in_every_encoding() {
        let text: String = "aé漢😀<key>\r\n".repeat(200);
        for big_endian in [false, true] {
            let mut bytes: Vec<u8> = if big_endian { vec![0xfe, 0xff] } else { vec![0xff, 0xfe] };
            for unit in text.encode_utf16() {
                bytes.extend(if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
            }
            let decoded = decode(&bytes, guess(&bytes));
            assert_eq!(decoded.bytes(), text.as_bytes());
            let mut file = 2;
            for (at, character) in text.char_indices() {
                assert_eq!(decoded.file_offset(at), file);
                assert_eq!(decoded.text_offset(file), at);
                file += 2 * character.len_utf16();
            }
            assert_eq!(decoded.file_offset(text.len()), bytes.len());
        }
    }

    #[test]
    fn a_file_is_written_as_it_was_read() {
        let text = "<?xml?><a>é€漢😀\r\n</a>";
        let every = [
            Encoding::Utf8 { bom: false },
            Encoding::Utf8 { bom: true },
            Encoding::Utf16 { big_endian: true, bom: true },
            Encoding::Utf16 { big_endian: false, bom: false },
            Encoding::Utf32 { big_endian: false },
        ];
        for encoding in every {
            let file = encode_file(text, encoding);
            assert_eq!(decode(&file, encoding).bytes(), text.as_bytes(), "{encoding:?}");
            assert_eq!(guess(&file), encoding);
        }
        assert_eq!(encode_file("é€漢", Encoding::Latin1), b"\xe9&#8364;&#28450;");
        assert_eq!(encode_file("é€漢", Encoding::Windows1252), b"\xe9\x80&#28450;");
    }

    #[test]
    fn utf8_with_a_mark_is_shifted_by_three() {
        let decoded = decode(b"\xef\xbb\xbf<a/>", Encoding::Utf8 { bom: true });
        assert_eq!(decoded.bytes(), b"<a/>");
        assert_eq!(decoded.file_offset(1), 4);
        assert_eq!(decoded.text_offset(4), 1);
    }

    #[test]
    fn text_keeps_its_offsets_when_bytes_are_not_utf8() {
        let decoded = decode(b"a\xffb\xe2\x82c", Encoding::Utf8 { bom: false });
        assert_eq!(decoded.text(), "a?b??c");
    }
}
