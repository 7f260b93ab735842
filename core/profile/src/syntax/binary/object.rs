//! Single objects: marker, length, content.

use zeroize::Zeroizing;

use crate::report::Span;
use crate::syntax::{Date, Value};

use super::layout::{Layout, big_endian};

/// An object and the bytes it stands on.
pub(super) struct Object<'a> {
    pub span: Span,
    pub content: Content<'a>,
    /// What is odd about its marker or its length, though CoreFoundation takes it.
    pub oddity: Option<&'static str>,
}

/// What an object is.
pub(super) enum Content<'a> {
    Array(References<'a>),
    Dict { keys: References<'a>, values: References<'a> },
    Null,
    Leaf(Leaf<'a>),
}

/// An object without references, not yet copied.
pub(super) struct Leaf<'a> {
    kind: LeafKind,
    bytes: &'a [u8],
}

#[derive(Clone, Copy)]
enum LeafKind {
    Boolean(bool),
    Integer,
    Real,
    Date,
    Data,
    Ascii,
    Utf16,
    Uid,
}

/// A list of object numbers.
pub(super) struct References<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Iterator for References<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let (first, rest) = self.rest.split_at_checked(self.size)?;
        self.rest = rest;
        Some(big_endian(first))
    }
}

impl<'a> Object<'a> {
    /// Reads the object at `offset`; on failure the place and the reason.
    pub fn read(layout: &Layout<'a>, offset: usize) -> Result<Self, (Span, &'static str)> {
        let here = Span::new(offset, offset + 1);
        let Some([marker, rest @ ..]) = layout.object_at(offset) else {
            return Err((here, "an object outside of the object area"));
        };
        let (kind, low) = (marker >> 4, marker & 0x0f);
        let cut = || (here, "an object that runs past the object area");
        let take = |rest: &'a [u8], count: usize| rest.get(..count).ok_or_else(cut);
        let span = |bytes: &[u8], content: &[u8]| {
            // `content` is a part of the object area, so its end is the object's end.
            Span::new(offset, offset + 1 + (rest.len() - bytes.len()) + content.len())
        };
        let leaf = |kind: LeafKind, from: &'a [u8], bytes: &'a [u8]| {
            Ok(Self { span: span(from, bytes), content: Content::Leaf(Leaf { kind, bytes }), oddity: None })
        };
        match (kind, low) {
            (0x0, 0x0) => Ok(Self { span: here, content: Content::Null, oddity: Some("a null object") }),
            (0x0, 0x8) => leaf(LeafKind::Boolean(false), rest, &[]),
            (0x0, 0x9) => leaf(LeafKind::Boolean(true), rest, &[]),
            (0x1, 0..=4) => leaf(LeafKind::Integer, rest, take(rest, 1 << low)?),
            (0x2, 2 | 3) => leaf(LeafKind::Real, rest, take(rest, 1 << low)?),
            (0x3, 3) => leaf(LeafKind::Date, rest, take(rest, 8)?),
            (0x8, _) => leaf(LeafKind::Uid, rest, take(rest, usize::from(low) + 1)?),
            (0x4..=0x6 | 0xa | 0xc | 0xd, _) => {
                let (count, from, width) =
                    count(low, rest).ok_or((here, "an object with a broken length"))?;
                let oddity = match kind {
                    _ if width > 8 => Some("a length of more than eight bytes"),
                    0xc => Some("a set, which other readers do not know"),
                    _ => None,
                };
                let size = layout.reference_size();
                let width = match kind {
                    0x6 => 2,
                    0xa | 0xc => size,
                    0xd => size.saturating_mul(2),
                    _ => 1,
                };
                let content = take(from, count.checked_mul(width).ok_or_else(cut)?)?;
                let span = span(from, content);
                let references = |rest: &'a [u8]| References { rest, size };
                let content = match kind {
                    0x4 => Content::Leaf(Leaf { kind: LeafKind::Data, bytes: content }),
                    0x5 => Content::Leaf(Leaf { kind: LeafKind::Ascii, bytes: content }),
                    0x6 => Content::Leaf(Leaf { kind: LeafKind::Utf16, bytes: content }),
                    0xd => {
                        let (keys, values) = content.split_at_checked(content.len() / 2).ok_or_else(cut)?;
                        Content::Dict { keys: references(keys), values: references(values) }
                    }
                    _ => Content::Array(references(content)),
                };
                Ok(Self { span, content, oddity })
            }
            _ => Err((here, "an object of an unknown kind")),
        }
    }
}

/// The length of an object: four bits of the marker, or an integer object after it; and how many bytes that integer has.
fn count(low: u8, rest: &[u8]) -> Option<(usize, &[u8], usize)> {
    if low != 0x0f {
        return Some((usize::from(low), rest, 0));
    }
    let (marker, rest) = rest.split_first()?;
    if marker >> 4 != 1 {
        return None;
    }
    let low = marker & 0x0f;
    let width = 1usize << low;
    let (number, rest) = rest.split_at_checked(width)?;
    // CoreFoundation keeps the width of the number in eight bits: of 256 bytes and more it reads none.
    let number = if low < 8 { number } else { &[] };
    Some((usize::try_from(big_endian(number)).ok()?, rest, width))
}

impl Leaf<'_> {
    /// How many bytes a copy costs.
    pub fn cost(&self) -> usize {
        self.bytes.len()
    }

    /// The code units of UTF-16.
    fn units(&self) -> impl Iterator<Item = u16> {
        let pairs = self.bytes.chunks_exact(2).map(|pair| <[u8; 2]>::try_from(pair).unwrap_or_default());
        pairs.map(u16::from_be_bytes)
    }

    /// What is odd about it, though CoreFoundation takes it.
    pub fn oddity(&self) -> Option<&'static str> {
        match self.kind {
            LeafKind::Ascii if !self.bytes.is_ascii() => Some("an ASCII string with other bytes"),
            LeafKind::Integer
                if self
                    .bytes
                    .first_chunk::<8>()
                    .is_some_and(|high| self.bytes.len() > 8 && *high != [0; 8]) =>
            {
                Some("an integer of more than 64 bits")
            }
            LeafKind::Utf16 if char::decode_utf16(self.units()).any(|unit| unit.is_err()) => {
                Some("a string with half a character")
            }
            _ => None,
        }
    }

    /// The value.
    pub fn value(&self) -> Result<Value, &'static str> {
        let bytes = self.bytes;
        Ok(match self.kind {
            LeafKind::Boolean(value) => Value::Boolean(value),
            // Up to four bytes are unsigned, eight are signed; of sixteen only the last eight count.
            LeafKind::Integer => match <[u8; 8]>::try_from(bytes) {
                Ok(bytes) => Value::Integer(i128::from(i64::from_be_bytes(bytes))),
                Err(_) => Value::Integer(i128::from(big_endian(bytes))),
            },
            LeafKind::Real => match (<[u8; 4]>::try_from(bytes), <[u8; 8]>::try_from(bytes)) {
                (Ok(bytes), _) => Value::Real(f64::from(f32::from_be_bytes(bytes))),
                (_, Ok(bytes)) => Value::Real(f64::from_be_bytes(bytes)),
                _ => return Err("a real number of a wrong length"),
            },
            LeafKind::Date => {
                let seconds = <[u8; 8]>::try_from(bytes).map(f64::from_be_bytes).unwrap_or(f64::NAN);
                // CoreFoundation takes any number of seconds; one that names no date reads as nothing here.
                Date::from_seconds_since_2001(seconds).map_or(Value::Invalid, Value::Date)
            }
            LeafKind::Data => Value::Data(Zeroizing::new(bytes.to_vec())),
            // CoreFoundation reads bytes beyond ASCII as ISO 8859-1.
            LeafKind::Ascii => {
                let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
                text.extend(bytes.iter().map(|byte| char::from(*byte)));
                Value::String(text)
            }
            // CoreFoundation cannot make room for no characters at all, and gives up.
            LeafKind::Utf16 if bytes.is_empty() => return Err("an empty string marked as UTF-16"),
            LeafKind::Utf16 => {
                let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 2 * 3));
                text.extend(
                    char::decode_utf16(self.units()).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)),
                );
                Value::String(text)
            }
            LeafKind::Uid => match big_endian(bytes) {
                number if number <= u64::from(u32::MAX) => Value::Uid(number),
                _ => return Err("an archiver reference of more than 32 bits"),
            },
        })
    }
}
