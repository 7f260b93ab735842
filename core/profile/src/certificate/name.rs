//! Distinguished names as text (in the manner of RFC 4514), for messages.

use super::asn1::{Element, Malformed, SET};
use super::oid;
use crate::gather::Gather as _;

/// Longest text that is given, in characters: names come out of the file.
const LONGEST: usize = 200;

/// A name as text, the most specific part first: `CN=Profile Signing, O=Example, C=DE`.
///
/// Control characters are left out, what cannot be read as text is shown as `?`, and a long name is cut.
pub(crate) fn to_text(name: Element<'_>) -> Result<String, Malformed> {
    let mut parts = Vec::new();
    each(name, |id, value| {
        let label = match id {
            id if id == oid::COMMON_NAME => "CN".to_owned(),
            [0x55, 0x04, 0x06] => "C".to_owned(),
            [0x55, 0x04, 0x07] => "L".to_owned(),
            [0x55, 0x04, 0x08] => "ST".to_owned(),
            [0x55, 0x04, 0x0a] => "O".to_owned(),
            [0x55, 0x04, 0x0b] => "OU".to_owned(),
            [0x55, 0x04, 0x05] => "serialNumber".to_owned(),
            [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID".to_owned(),
            [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC".to_owned(),
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress".to_owned(),
            id => oid::dotted(id),
        };
        let value = text(value).map_or_else(|| "?".to_owned(), |value| printable(&value));
        parts.push(format!("{label}={value}"));
    })?;
    parts.reverse();
    let whole = parts.join(", ");
    Ok(match whole.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", whole.get(..end).unwrap_or_default()),
        None => whole,
    })
}

/// The last common name of a name, when it is readable text.
pub(super) fn common_name(name: Element<'_>) -> Result<Option<String>, Malformed> {
    let mut found = None;
    each(name, |id, value| {
        if id == oid::COMMON_NAME {
            found = text(value).or_else(|| found.take());
        }
    })?;
    Ok(found)
}

/// Goes through the attributes of a name in the order of the file.
fn each<'a>(name: Element<'a>, mut visit: impl FnMut(&'a [u8], Element<'a>)) -> Result<(), Malformed> {
    let mut parts = name.reader();
    while !parts.is_empty() {
        let mut set = parts.take(SET, "a part of a name")?.reader();
        while !set.is_empty() {
            let mut attribute = set.sequence("an attribute of a name")?;
            let id = attribute.oid("the type of an attribute")?;
            visit(id, attribute.any("the value of an attribute")?);
        }
    }
    Ok(())
}

fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LONGEST).collect()
}

/// The text of a directory string.
fn text(value: Element<'_>) -> Option<String> {
    match value.tag {
        // UTF8String, PrintableString, IA5String, NumericString
        0x0c | 0x13 | 0x16 | 0x12 => std::str::from_utf8(value.content).ok().map(str::to_owned),
        // TeletexString, in practice ISO 8859-1
        0x14 => Some(value.content.iter().map(|byte| char::from(*byte)).collect()),
        // BMPString
        0x1e => {
            let pairs = value.content.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).unwrap_or_default());
            String::from_utf16(&pairs.map(u16::from_be_bytes).gather()).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::asn1::Reader;

    fn attribute(id: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        let tlv = |tag: u8, content: Vec<u8>| {
            let mut bytes = vec![tag, u8::try_from(content.len()).unwrap()];
            bytes.extend(content);
            bytes
        };
        let pair = [tlv(0x06, id.to_vec()), tlv(tag, value.to_vec())].concat();
        tlv(SET, tlv(0x30, pair))
    }

    fn name(parts: &[Vec<u8>]) -> Vec<u8> {
        let content = parts.concat();
        let mut bytes = vec![0x30, 0x81, u8::try_from(content.len()).unwrap()];
        bytes.extend(content);
        bytes
    }

    #[test]
    fn names_are_shown_most_specific_first_without_control_characters() {
        let bytes = name(&[
            attribute(&[0x55, 0x04, 0x06], 0x13, b"DE"),
            attribute(&[0x55, 0x04, 0x0a], 0x0c, b"Exa\x1bmple"),
            attribute(&[0x2a, 0x03], 0x04, b"\xff"),
            attribute(oid::COMMON_NAME, 0x0c, "Ä".as_bytes()),
        ]);
        let element = Reader::new(&bytes).any("name").unwrap();
        assert_eq!(to_text(element).unwrap(), "CN=Ä, 1.2.3=?, O=Example, C=DE");
        assert_eq!(common_name(element).unwrap().unwrap(), "Ä");
    }

    #[test]
    fn a_long_name_is_cut() {
        let bytes = name(&[
            attribute(oid::COMMON_NAME, 0x0c, &[b'x'; 100]),
            attribute(&[0x55, 4, 10], 0x0c, &[b'y'; 100]),
        ]);
        let text = to_text(Reader::new(&bytes).any("name").unwrap()).unwrap();
        assert_eq!(text.chars().count(), LONGEST + 1);
    }
}
