//! A small DER walker over the `der` crate: elements in order, each with its own bytes.
//!
//! Certificates are read with it rather than into owned structures, because signatures, name comparison
//! and key hashes need the exact bytes of the parts.

use der::asn1::AnyRef;
use der::{Decode, Encode, Reader, SliceReader, Tag, TagNumber};

/// The bytes are not DER, or not the element wanted here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BadDer;

/// One DER element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    /// Its tag.
    pub(crate) tag: Tag,
    /// Its contents.
    pub(crate) value: &'a [u8],
    /// Tag, length and contents.
    pub(crate) raw: &'a [u8],
}

/// The elements inside a constructed one.
#[derive(Clone, Debug)]
pub(crate) struct Elements<'a>(SliceReader<'a>);

impl<'a> Elements<'a> {
    /// Over the contents of a constructed element.
    pub(crate) fn new(contents: &'a [u8]) -> Result<Self, BadDer> {
        SliceReader::new(contents).map(Self).map_err(|_| BadDer)
    }

    /// True if nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_finished()
    }

    /// The next element.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, BadDer> {
        let raw = self.0.tlv_bytes().map_err(|_| BadDer)?;
        let any = AnyRef::from_der(raw).map_err(|_| BadDer)?;
        Ok(Element { tag: any.header().tag(), value: any.value(), raw })
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: Tag) -> Result<Element<'a>, BadDer> {
        let element = self.next()?;
        if element.tag == tag { Ok(element) } else { Err(BadDer) }
    }

    /// The next element if it has this tag; otherwise nothing is consumed.
    pub(crate) fn optional(&mut self, tag: Tag) -> Result<Option<Element<'a>>, BadDer> {
        if self.is_empty() {
            return Ok(None);
        }
        let before = self.clone();
        let element = self.next()?;
        if element.tag == tag {
            Ok(Some(element))
        } else {
            *self = before;
            Ok(None)
        }
    }

    /// Refuses anything left over.
    pub(crate) fn finish(self) -> Result<(), BadDer> {
        if self.is_empty() { Ok(()) } else { Err(BadDer) }
    }
}

/// Reads `bytes` as exactly one element.
pub(crate) fn only_element(bytes: &[u8]) -> Result<Element<'_>, BadDer> {
    let mut elements = Elements::new(bytes)?;
    let element = elements.next()?;
    elements.finish()?;
    Ok(element)
}

/// Reads `bytes` as exactly one SEQUENCE and gives its elements.
pub(crate) fn only_sequence(bytes: &[u8]) -> Result<Elements<'_>, BadDer> {
    let element = only_element(bytes)?;
    if element.tag == Tag::Sequence { Elements::new(element.value) } else { Err(BadDer) }
}

/// A context-specific tag.
pub(crate) fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific { constructed, number: TagNumber(number) }
}

/// One element with this tag and contents.
///
/// Answers with an empty vector if the contents were longer than DER lengths go (256 MiB in the `der`
/// crate); no caller comes near it.
pub(crate) fn encode(tag: Tag, contents: &[u8]) -> Vec<u8> {
    AnyRef::new(tag, contents).and_then(|any| any.to_der()).unwrap_or_default()
}
