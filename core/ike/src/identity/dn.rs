//! X.500 distinguished names: reading DER and text, comparing, printing.
//!
//! Implements the name comparison of RFC 5280 7.1 without Unicode normalisation (values that differ only in
//! their composition are different), and the text form of RFC 4514 with the usual extensions: attribute
//! keywords in any case, spaces around separators, `;` or leading `/` as separators.

use std::fmt;

use der::Tag;

use super::{IdentityError, MAX_IDENTITY_LEN, printable};
use crate::certificate::asn1::{self, Elements};

/// Attributes we can spell: keyword, contents of the object identifier. The first keyword of an identifier is
/// the one printed.
const KEYWORDS: &[(&str, &[u8])] = &[
    ("CN", &[0x55, 4, 3]),
    ("SN", &[0x55, 4, 4]),
    ("serialNumber", &[0x55, 4, 5]),
    ("C", &[0x55, 4, 6]),
    ("L", &[0x55, 4, 7]),
    ("ST", &[0x55, 4, 8]),
    ("S", &[0x55, 4, 8]),
    ("STREET", &[0x55, 4, 9]),
    ("O", &[0x55, 4, 10]),
    ("OU", &[0x55, 4, 11]),
    ("title", &[0x55, 4, 12]),
    ("T", &[0x55, 4, 12]),
    ("GN", &[0x55, 4, 42]),
    ("G", &[0x55, 4, 42]),
    ("dnQualifier", &[0x55, 4, 46]),
    ("E", EMAIL_ADDRESS),
    ("emailAddress", EMAIL_ADDRESS),
    ("DC", DOMAIN_COMPONENT),
    ("UID", &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1]),
];

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const COUNTRY: &[u8] = &[0x55, 4, 6];
const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];
const DOMAIN_COMPONENT: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25];

/// More attributes than any honest name has.
const MAX_ATTRIBUTES: usize = 64;

/// Longest text a name prints as, in bytes, before it is cut.
const MAX_TEXT: usize = 512;

/// A name: relative distinguished names in encoding order (most significant first in practice).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DistinguishedName {
    rdns: Vec<Vec<Attribute>>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Attribute {
    /// Contents of the OBJECT IDENTIFIER.
    oid: Vec<u8>,
    /// Tag of the value.
    tag: Tag,
    /// Contents of the value.
    value: Vec<u8>,
}

impl DistinguishedName {
    /// Reads a DER `Name` that is not empty.
    ///
    /// # Errors
    /// [`IdentityError::BadDer`].
    pub(crate) fn parse(der: &[u8]) -> Result<Self, IdentityError> {
        let name = Self::parse_maybe_empty(der)?;
        if name.rdns.is_empty() {
            return Err(bad("it is empty"));
        }
        Ok(name)
    }

    /// Reads a DER `Name`; a certificate's subject may be empty.
    ///
    /// # Errors
    /// [`IdentityError::BadDer`].
    pub(crate) fn parse_maybe_empty(der: &[u8]) -> Result<Self, IdentityError> {
        const BROKEN: &str = "it is cut short or malformed";
        let mut sequence = asn1::only_sequence(der).map_err(|_| bad("it is not one complete SEQUENCE"))?;
        let mut rdns = Vec::new();
        let mut attributes = 0_usize;
        while !sequence.is_empty() {
            let set = sequence.expect(Tag::Set).map_err(|_| bad(BROKEN))?;
            let mut set = Elements::new(set.value).map_err(|_| bad(BROKEN))?;
            let mut rdn = Vec::new();
            while !set.is_empty() {
                attributes = attributes.saturating_add(1);
                if attributes > MAX_ATTRIBUTES {
                    return Err(bad("it has more than 64 attributes"));
                }
                let pair = set.expect(Tag::Sequence).map_err(|_| bad(BROKEN))?;
                let mut pair = Elements::new(pair.value).map_err(|_| bad(BROKEN))?;
                let oid = pair.expect(Tag::ObjectIdentifier).map_err(|_| bad(BROKEN))?;
                let value = pair.next().map_err(|_| bad(BROKEN))?;
                pair.finish().map_err(|_| bad(BROKEN))?;
                rdn.push(Attribute { oid: oid.value.to_vec(), tag: value.tag, value: value.value.to_vec() });
            }
            if rdn.is_empty() {
                return Err(bad("it has an empty part"));
            }
            rdns.push(rdn);
        }
        Ok(Self { rdns })
    }

    /// Reads a text for which [`looks_like_name`] holds.
    ///
    /// # Errors
    /// [`IdentityError::BadNameText`], which says what is wrong.
    pub(crate) fn from_text(text: &str) -> Result<Self, IdentityError> {
        let error = |reason| IdentityError::BadNameText { text: printable(text.as_bytes()), reason };
        if text.len() > MAX_IDENTITY_LEN {
            return Err(IdentityError::TooLong { length: text.len() });
        }
        let (body, separators): (&str, &[char]) = match text.strip_prefix('/') {
            Some(body) => (body, &['/']),
            None => (text, &[',', ';']),
        };
        let mut rdns: Vec<Vec<Attribute>> = Vec::new();
        let mut joins_previous = false;
        let mut rest = body;
        loop {
            let (keyword, after) = rest.split_once('=').ok_or_else(|| error("a part has no '='"))?;
            let oid = oid_of(keyword.trim()).ok_or_else(|| error("it has an unknown attribute"))?;
            let value = take_value(after, separators).map_err(error)?;
            let attribute = Attribute::from_text(oid, &value).map_err(error)?;
            match rdns.last_mut() {
                Some(rdn) if joins_previous => rdn.push(attribute),
                _ => rdns.push(vec![attribute]),
            }
            if rdns.len() > MAX_ATTRIBUTES {
                return Err(error("it has more than 64 parts"));
            }
            match value.end {
                End::Text => break,
                End::Join => joins_previous = true,
                End::Separator => joins_previous = false,
            }
            rest = value.rest;
        }
        if separators == [',', ';'] && starts_most_specific(&rdns) {
            rdns.reverse();
        }
        Ok(Self { rdns })
    }

    /// The DER encoding.
    pub(crate) fn to_der(&self) -> Vec<u8> {
        let mut sets = Vec::new();
        for rdn in &self.rdns {
            let mut pairs: Vec<Vec<u8>> = rdn.iter().map(Attribute::to_der).collect();
            // X.690 11.6: the elements of a SET OF are sorted by their encoding.
            pairs.sort_unstable();
            sets.extend_from_slice(&asn1::encode(Tag::Set, &pairs.concat()));
        }
        asn1::encode(Tag::Sequence, &sets)
    }

    /// The comparison of RFC 5280 7.1: same parts in the same order; textual values without regard to case
    /// and to repeated, leading or trailing spaces; other values to the byte.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.rdns.len() == other.rdns.len()
            && self.rdns.iter().zip(&other.rdns).all(|(left, right)| normalised(left) == normalised(right))
    }

    /// True if there are no parts.
    pub(crate) fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }

    /// The common names, most specific last.
    pub(crate) fn common_names(&self) -> impl Iterator<Item = &str> {
        self.rdns
            .iter()
            .flatten()
            .filter(|attribute| attribute.oid == COMMON_NAME)
            .filter_map(Attribute::text)
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        'all: for (index, rdn) in self.rdns.iter().enumerate() {
            for (inner, attribute) in rdn.iter().enumerate() {
                if out.len() > MAX_TEXT {
                    out.push('…');
                    break 'all;
                }
                out.push_str(match (index, inner) {
                    (0, 0) => "",
                    (_, 0) => ", ",
                    _ => "+",
                });
                attribute.print(&mut out);
            }
        }
        f.write_str(&out)
    }
}

impl Attribute {
    fn from_text(oid: Vec<u8>, value: &Value<'_>) -> Result<Self, &'static str> {
        if value.bytes.is_empty() {
            return Err("an attribute has no value");
        }
        if value.is_hex {
            let element = asn1::only_element(&value.bytes).map_err(|_| "a value after '#' is not DER")?;
            return Ok(Self { oid, tag: element.tag, value: element.value.to_vec() });
        }
        let text = std::str::from_utf8(&value.bytes).map_err(|_| "a value is not UTF-8")?;
        let tag = if oid == EMAIL_ADDRESS || oid == DOMAIN_COMPONENT {
            if !text.is_ascii() {
                return Err("a mail address or domain component is not ASCII");
            }
            Tag::Ia5String
        } else if text.bytes().all(is_printable_string) {
            Tag::PrintableString
        } else if oid == COUNTRY {
            return Err("a country has characters it cannot have");
        } else {
            Tag::Utf8String
        };
        Ok(Self { oid, tag, value: value.bytes.clone() })
    }

    fn to_der(&self) -> Vec<u8> {
        let mut pair = asn1::encode(Tag::ObjectIdentifier, &self.oid);
        pair.extend_from_slice(&asn1::encode(self.tag, &self.value));
        asn1::encode(Tag::Sequence, &pair)
    }

    /// The value, for the string types whose bytes are UTF-8.
    fn text(&self) -> Option<&str> {
        match self.tag {
            Tag::PrintableString | Tag::Utf8String | Tag::Ia5String => std::str::from_utf8(&self.value).ok(),
            _ => None,
        }
    }

    fn print(&self, out: &mut String) {
        match KEYWORDS.iter().find(|(_, oid)| *oid == self.oid) {
            Some((keyword, _)) => out.push_str(keyword),
            None => out.push_str(&dotted(&self.oid)),
        }
        out.push('=');
        match self.text() {
            Some(text) => {
                for character in printable(text.as_bytes()).chars() {
                    if matches!(character, ',' | '+' | '"' | ';' | '<' | '>' | '=') {
                        out.push('\\');
                    }
                    out.push(character);
                }
            }
            None => {
                out.push('#');
                for byte in self.value.iter().take(64) {
                    out.push_str(&format!("{byte:02x}"));
                }
            }
        }
    }
}

/// Says whether a profile's text is meant as a distinguished name: it begins with a known attribute and `=`.
pub(super) fn looks_like_name(text: &str) -> bool {
    let text = text.strip_prefix('/').unwrap_or(text);
    text.split_once('=').is_some_and(|(keyword, _)| oid_of(keyword.trim()).is_some())
}

/// Refuses anything but exactly one DER value.
pub(super) fn require_one_der_value(bytes: &[u8]) -> Result<(), IdentityError> {
    match asn1::only_element(bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(bad("it is not one complete DER value")),
    }
}

/// An attribute in the form two equal ones share; sorts, because a multi-valued part has no order.
fn normalised(rdn: &[Attribute]) -> Vec<(&[u8], Option<Tag>, Vec<u8>)> {
    let mut out: Vec<_> = rdn
        .iter()
        .map(|attribute| match attribute.text() {
            Some(text) => (attribute.oid.as_slice(), None, folded(text).into_bytes()),
            None => (attribute.oid.as_slice(), Some(attribute.tag), attribute.value.clone()),
        })
        .collect();
    out.sort();
    out
}

/// Lower case, one space between words, none around them.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}

/// True if a comma-separated name puts the person or host before the organisation or country.
fn starts_most_specific(rdns: &[Vec<Attribute>]) -> bool {
    let rank = |rdn: Option<&Vec<Attribute>>| {
        let oid = rdn.and_then(|rdn| rdn.first()).map(|attribute| attribute.oid.as_slice());
        match KEYWORDS.iter().find(|(_, known)| Some(*known) == oid).map(|(keyword, _)| *keyword) {
            Some("C" | "DC") => 0,
            Some("ST" | "L" | "STREET") => 1,
            Some("O") => 2,
            Some("OU") => 3,
            Some("CN" | "UID" | "E" | "SN" | "GN" | "serialNumber") => 4,
            _ => 2,
        }
    };
    rank(rdns.first()) > rank(rdns.last())
}

/// How a value in a text ended.
#[derive(Clone, Copy, Eq, PartialEq)]
enum End {
    Text,
    Separator,
    Join,
}

struct Value<'a> {
    bytes: Vec<u8>,
    is_hex: bool,
    end: End,
    rest: &'a str,
}

/// Takes one attribute value off the front of `text` (RFC 4514 2.4, and quotes as RFC 2253 had them).
fn take_value<'a>(text: &'a str, separators: &[char]) -> Result<Value<'a>, &'static str> {
    let text = text.trim_start_matches(' ');
    if let Some(hex) = text.strip_prefix('#') {
        let stop = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        let (digits, rest) = hex.split_at_checked(stop).ok_or("a value after '#' is not hexadecimal")?;
        let bytes = from_hex(digits).ok_or("a value after '#' is not hexadecimal")?;
        let (end, rest) = take_separator(rest, separators)?;
        return Ok(Value { bytes, is_hex: true, end, rest });
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let (bytes, _, rest) = take_characters(quoted, &['"'])?;
        let rest = rest.strip_prefix('"').ok_or("a quotation mark is not closed")?;
        let (end, rest) = take_separator(rest, separators)?;
        return Ok(Value { bytes, is_hex: false, end, rest });
    }
    let mut stops = separators.to_vec();
    stops.push('+');
    let (mut bytes, escaped, rest) = take_characters(text, &stops)?;
    while bytes.len() > escaped && bytes.last() == Some(&b' ') {
        bytes.pop();
    }
    let (end, rest) = take_separator(rest, separators)?;
    Ok(Value { bytes, is_hex: false, end, rest })
}

/// Takes characters until one of `stops` that is not escaped; it stays in the rest. Says how many bytes there
/// are up to the last escaped one: spaces among those belong to the value.
fn take_characters<'a>(text: &'a str, stops: &[char]) -> Result<(Vec<u8>, usize, &'a str), &'static str> {
    const BAD_ESCAPE: &str = "a backslash escapes nothing";
    let (mut bytes, mut last_escaped) = (Vec::new(), 0);
    let mut rest = text.chars();
    loop {
        let before = rest.as_str();
        let Some(character) = rest.next() else { return Ok((bytes, last_escaped, before)) };
        if stops.contains(&character) {
            return Ok((bytes, last_escaped, before));
        }
        if character != '\\' {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escaped = rest.as_str();
        if let Some(byte) = escaped.get(..2).and_then(from_hex).and_then(|pair| pair.first().copied()) {
            bytes.push(byte);
            last_escaped = bytes.len();
            rest = escaped.get(2..).ok_or(BAD_ESCAPE)?.chars();
            continue;
        }
        let next = rest.next().ok_or(BAD_ESCAPE)?;
        bytes.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes());
        last_escaped = bytes.len();
    }
}

fn take_separator<'a>(text: &'a str, separators: &[char]) -> Result<(End, &'a str), &'static str> {
    let mut rest = text.trim_start_matches(' ').chars();
    match rest.next() {
        None => Ok((End::Text, "")),
        Some('+') => Ok((End::Join, rest.as_str())),
        Some(character) if separators.contains(&character) => Ok((End::Separator, rest.as_str())),
        Some(_) => Err("something follows a closed value"),
    }
}

fn oid_of(keyword: &str) -> Option<Vec<u8>> {
    let keyword = keyword.strip_prefix("OID.").unwrap_or(keyword);
    if let Some((_, oid)) = KEYWORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(keyword)) {
        return Some(oid.to_vec());
    }
    if keyword.eq_ignore_ascii_case("email") {
        return Some(EMAIL_ADDRESS.to_vec());
    }
    // A bare number is no identifier, so "1=2" stays a host name.
    if !keyword.contains('.') || !keyword.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    der::asn1::ObjectIdentifier::new(keyword).ok().map(|oid| oid.as_bytes().to_vec())
}

/// An object identifier's contents as dotted numbers; hexadecimal if it is too long for us.
pub(crate) fn dotted(oid: &[u8]) -> String {
    match der::asn1::ObjectIdentifier::from_bytes(oid) {
        Ok(oid) => oid.to_string(),
        Err(_) => oid.iter().take(32).map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let text = std::str::from_utf8(pair).ok()?;
            if text.starts_with('+') { None } else { u8::from_str_radix(text, 16).ok() }
        })
        .collect()
}

fn is_printable_string(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte)
}

fn bad(reason: &'static str) -> IdentityError {
    IdentityError::BadDer { reason }
}
