//! Reading ASN.1 by hand: elements with their offsets, in DER or BER (X.690); and writing it, in DER.
//!
//! BER's two freedoms are taken: indefinite lengths (8.1.3.6) and octet strings in pieces (8.7.3). Nesting is bounded,
//! every length is compared with what is there, and nothing is allocated by a length alone.

use crate::arrange::Arrange;
use std::borrow::Cow;

/// BOOLEAN.
pub(crate) const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(crate) const BIT_STRING: u8 = 0x03;
/// OCTET STRING, primitive.
pub(crate) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
/// SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// SET.
pub(crate) const SET: u8 = 0x31;
/// The bit of a tag that says its content is elements.
const CONSTRUCTED: u8 = 0x20;

/// How many levels of indefinite length, or of strings in pieces, are followed.
const MAX_LEVELS: usize = 16;

/// ASN.1 that is not what it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{expected} expected at byte {offset}")]
pub struct Malformed {
    /// Byte offset, from 0, in the file; inside an encrypted part, from the start of that part.
    pub offset: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// One element: tag, content, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// The whole element with tag and length.
    pub raw: &'a [u8],
    /// Offset of the tag.
    pub offset: usize,
    /// Offset of the content.
    content_offset: usize,
}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { offset: self.offset, expected }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element, whatever it is.
    pub fn any(&mut self, expected: &'static str) -> Result<Element<'a>, Malformed> {
        let header = Header::read(self.rest).ok_or(self.malformed(expected))?;
        let after = self.rest.get(header.length..).unwrap_or_default();
        let (size, trailer) = match header.size {
            Some(size) => (size, 0),
            None => (
                indefinite_size(after, MAX_LEVELS)
                    .ok_or(self.malformed("the end of an indefinite length"))?,
                2,
            ),
        };
        let content = after.get(..size).ok_or(self.malformed("more bytes, as the length says,"))?;
        let whole = header.length + size + trailer;
        let element = Element {
            tag: header.tag,
            content,
            raw: self.rest.get(..whole).unwrap_or_default(),
            offset: self.offset,
            content_offset: self.offset + header.length,
        };
        self.rest = self.rest.get(whole..).unwrap_or_default();
        self.offset += whole;
        Ok(element)
    }

    /// The next element, which must have this tag.
    pub fn take(&mut self, tag: u8, expected: &'static str) -> Result<Element<'a>, Malformed> {
        if self.rest.first() == Some(&tag) { self.any(expected) } else { Err(self.malformed(expected)) }
    }

    /// The next element if it has this tag.
    pub fn optional(&mut self, tag: u8, expected: &'static str) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.any(expected).map(Some) } else { Ok(None) }
    }

    /// A SEQUENCE, as a reader of its elements.
    pub fn sequence(&mut self, expected: &'static str) -> Result<Reader<'a>, Malformed> {
        Ok(self.take(SEQUENCE, expected)?.reader())
    }

    /// An OBJECT IDENTIFIER, as its content bytes.
    pub fn oid(&mut self, expected: &'static str) -> Result<&'a [u8], Malformed> {
        Ok(self.take(OBJECT_IDENTIFIER, expected)?.content)
    }

    /// A non-negative INTEGER that fits 32 bits.
    pub fn number(&mut self, expected: &'static str) -> Result<u32, Malformed> {
        let element = self.take(INTEGER, expected)?;
        element.number().ok_or(Malformed { offset: element.offset, expected })
    }
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub fn reader(&self) -> Reader<'a> {
        Reader { rest: self.content, offset: self.content_offset }
    }

    /// The same content under another tag, as implicit tagging asks for; [`Self::raw`] keeps the old one.
    pub fn with_tag(self, tag: u8) -> Self {
        Self { tag, ..self }
    }

    /// A non-negative integer of at most 32 bits.
    pub fn number(&self) -> Option<u32> {
        let (first, rest) = self.content.split_first()?;
        if *first >= 0x80 {
            return None;
        }
        let bytes = if *first == 0 { rest } else { self.content };
        (bytes.len() <= 4).then(|| bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    /// The content of an octet string under whatever tag: whole, or put together from its pieces.
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, Malformed> {
        if self.tag & CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.content));
        }
        // Room for all of it from the start: it may be secret, and growing would leave copies that are not wiped.
        let mut bytes = Vec::with_capacity(self.content.len());
        gather(self.reader(), &mut bytes, MAX_LEVELS)?;
        Ok(Cow::Owned(bytes))
    }

    /// The bytes of a bit string of whole bytes.
    pub fn bits(&self) -> Result<&'a [u8], Malformed> {
        match self.content {
            [0, bytes @ ..] if self.tag == BIT_STRING => Ok(bytes),
            _ => Err(Malformed { offset: self.offset, expected: "a bit string of whole bytes" }),
        }
    }
}

/// Appends the pieces of an octet string.
fn gather(mut pieces: Reader<'_>, bytes: &mut Vec<u8>, levels: usize) -> Result<(), Malformed> {
    while !pieces.is_empty() {
        let piece = pieces.any("a piece of an octet string")?;
        match piece.tag {
            OCTET_STRING => bytes.extend_from_slice(piece.content),
            0x24 if levels > 0 => gather(piece.reader(), bytes, levels - 1)?,
            _ => return Err(Malformed { offset: piece.offset, expected: "a piece of an octet string" }),
        }
    }
    Ok(())
}

/// An element written with definite lengths in their shortest form and sets in order (X.690 sections 10.1 and 11.6), all
/// the way down. Strings in pieces and values that DER spells otherwise are left as they are.
pub(crate) fn to_der(element: Element<'_>) -> Result<Vec<u8>, Malformed> {
    normalised(element, MAX_LEVELS)
}

fn normalised(element: Element<'_>, levels: usize) -> Result<Vec<u8>, Malformed> {
    if element.tag & CONSTRUCTED == 0 {
        return Ok(tlv(element.tag, &[element.content]));
    }
    let levels =
        levels.checked_sub(1).ok_or(Malformed { offset: element.offset, expected: "less nesting" })?;
    let mut parts = Vec::new();
    let mut inside = element.reader();
    while !inside.is_empty() {
        parts.push(normalised(inside.any("an element")?, levels)?);
    }
    if element.tag == SET {
        parts.arrange();
    }
    Ok(tlv(element.tag, &parts))
}

/// Writes an element in DER: its tag, its length and its content, which is given in parts.
pub(crate) fn tlv<T: AsRef<[u8]>>(tag: u8, parts: &[T]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut bytes = Vec::with_capacity(length + 6);
    bytes.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            let digits = digits.get(zeros..).unwrap_or_default();
            // At most eight.
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
            bytes.extend_from_slice(digits);
        }
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part.as_ref()));
    bytes
}

/// Tag and length.
struct Header {
    tag: u8,
    /// Bytes of the header.
    length: usize,
    /// Bytes of the content; `None` when the length is indefinite.
    size: Option<usize>,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let [tag, first, rest @ ..] = bytes else { return None };
        let tag = *tag;
        // Tag numbers above 30 do not occur in what is read here.
        if tag & 0x1f == 0x1f {
            return None;
        }
        match first {
            0..=0x7f => Some(Self { tag, length: 2, size: Some(usize::from(*first)) }),
            0x80 if tag & CONSTRUCTED != 0 => Some(Self { tag, length: 2, size: None }),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let digits = rest.get(..count)?;
                let size = digits.iter().fold(0usize, |size, byte| size << 8 | usize::from(*byte));
                Some(Self { tag, length: 2 + count, size: Some(size) })
            }
            _ => None,
        }
    }
}

/// The size of content that ends with two zero bytes.
fn indefinite_size(bytes: &[u8], levels: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        if rest.starts_with(&[0, 0]) {
            return Some(at);
        }
        let header = Header::read(rest)?;
        let after = rest.get(header.length..)?;
        let size = match header.size {
            Some(size) => size,
            None => indefinite_size(after, levels.checked_sub(1)?)? + 2,
        };
        at = at.checked_add(header.length)?.checked_add(size).filter(|end| *end <= bytes.len())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definite_and_indefinite_lengths_read_alike() {
        let der = [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xaa];
        let ber = [0x30, 0x80, 0x02, 0x01, 0x05, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x00, 0x00, 0x00, 0x00];
        for bytes in [der.as_slice(), &ber] {
            let mut reader = Reader::new(bytes);
            let mut inside = reader.sequence("sequence").unwrap();
            assert!(reader.is_empty());
            assert_eq!(inside.number("number").unwrap(), 5);
            assert_eq!(*inside.any("octets").unwrap().octets().unwrap(), [0xaa]);
            assert!(inside.is_empty());
        }
    }

    #[test]
    fn each_truncation_is_malformed() {
        let ber = [0x30, 0x80, 0x02, 0x01, 0x05, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x00, 0x00, 0x00, 0x00];
        for cut in 0..ber.len() {
            assert!(Reader::new(&ber[..cut]).any("element").is_err(), "{cut}");
        }
        let der = [0x30, 0x81, 0x80];
        assert_eq!(Reader::new(&der).any("element").unwrap_err().offset, 0);
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = [0x30u8, 0x80].repeat(100_000);
        assert!(Reader::new(&deep).any("element").is_err());
        let pieces = [0x24u8, 0x80].repeat(100_000);
        assert!(Reader::new(&pieces).any("element").is_err());
    }

    #[test]
    fn ber_is_rewritten_as_der() {
        let ber = [0x31, 0x80, 0x30, 0x81, 0x03, 0x02, 0x01, 0x05, 0x04, 0x01, 0xaa, 0x00, 0x00];
        let der = to_der(Reader::new(&ber).any("set").unwrap()).unwrap();
        assert_eq!(der, [0x31, 0x08, 0x04, 0x01, 0xaa, 0x30, 0x03, 0x02, 0x01, 0x05]);
        assert_eq!(to_der(Reader::new(&der).any("set").unwrap()).unwrap(), der);
        let deep = [0x30u8, 0x80].repeat(15);
        let deep = [deep, [0u8; 30].to_vec()].concat();
        assert!(to_der(Reader::new(&deep).any("sequence").unwrap()).is_ok());
    }

    #[test]
    fn lengths_are_written_in_their_shortest_form() {
        for (length, head) in [
            (0x7f, vec![0x04, 0x7f]),
            (0x80, vec![0x04, 0x81, 0x80]),
            (0x100, vec![0x04, 0x82, 0x01, 0x00]),
            (0x1_0000, vec![0x04, 0x83, 0x01, 0x00, 0x00]),
        ] {
            let bytes = tlv(OCTET_STRING, &[vec![0u8; length]]);
            assert!(bytes.starts_with(&head) && bytes.len() == head.len() + length, "{length}");
            assert_eq!(Reader::new(&bytes).any("octets").unwrap().content.len(), length);
        }
    }

    #[test]
    fn numbers_are_small_and_not_negative() {
        let number = |content: &[u8]| {
            let mut bytes = vec![INTEGER, u8::try_from(content.len()).unwrap()];
            bytes.extend(content);
            Reader::new(&bytes).number("number").ok()
        };
        assert_eq!(number(&[0x00, 0xff, 0xff, 0xff, 0xff]), Some(u32::MAX));
        assert_eq!(number(&[0x01, 0x00, 0x00, 0x00, 0x00]), None);
        assert_eq!(number(&[0xff]), None);
        assert_eq!(number(&[]), None);
    }
}
