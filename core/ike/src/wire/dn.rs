//! The form of an X.501 Distinguished Name in DER, as far as an identity payload needs it (RFC 5280 4.1.2.4).
//!
//! Checks the nesting and shows names in logs. Matching names against certificates is not here.

use super::error::{Malformed, ParseError};
use super::reader::Reader;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// One attribute of a name.
pub(crate) struct NameAttribute<'a> {
    /// The contents octets of its object identifier.
    pub oid: &'a [u8],
    /// The contents octets of its value, a string of some kind.
    pub value: &'a [u8],
}

/// Checks that `reader` holds exactly one well-formed name.
pub(super) fn check(reader: Reader<'_>) -> Result<(), ParseError> {
    walk(reader, |_| ())
}

/// The attributes of a name that [`check`] accepts; of another one those before the error.
pub(crate) fn attributes(name: &[u8]) -> Vec<NameAttribute<'_>> {
    let mut attributes = Vec::new();
    let _ = walk(Reader::new(name), |attribute| attributes.push(attribute));
    attributes
}

fn walk<'a>(mut reader: Reader<'a>, mut each: impl FnMut(NameAttribute<'a>)) -> Result<(), ParseError> {
    let mut name = element(&mut reader, Some(SEQUENCE))?;
    reader.expect_end()?;
    while !name.is_empty() {
        let mut relative = element(&mut name, Some(SET))?;
        if relative.is_empty() {
            return Err(relative.error(Malformed::Inconsistent("empty set in a distinguished name")));
        }
        while !relative.is_empty() {
            let mut attribute = element(&mut relative, Some(SEQUENCE))?;
            let mut oid = element(&mut attribute, Some(OBJECT_IDENTIFIER))?;
            let mut value = element(&mut attribute, None)?;
            attribute.expect_end()?;
            each(NameAttribute { oid: oid.take_rest(), value: value.take_rest() });
        }
    }
    Ok(())
}

/// Reads one DER element with a single-octet tag; gives its contents.
fn element<'a>(reader: &mut Reader<'a>, expected: Option<u8>) -> Result<Reader<'a>, ParseError> {
    let start = *reader;
    let tag = reader.u8()?;
    if expected.is_some_and(|expected| expected != tag) || tag & 0x1f == 0x1f {
        return Err(start.error(Malformed::Value { what: "ASN.1 tag", value: tag.into() }));
    }
    let length = match reader.u8()? {
        short @ 0..=0x7f => usize::from(short),
        0x81 => match reader.u8()? {
            length @ 0x80.. => usize::from(length),
            _ => return Err(start.error(Malformed::Inconsistent("ASN.1 length is not minimal"))),
        },
        0x82 => match reader.u16()? {
            length @ 0x100.. => usize::from(length),
            _ => return Err(start.error(Malformed::Inconsistent("ASN.1 length is not minimal"))),
        },
        other => return Err(start.error(Malformed::Value { what: "ASN.1 length form", value: other.into() })),
    };
    reader.sub(length)
}
