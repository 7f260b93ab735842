//! The extensions of a certificate that matter here (RFC 5280 4.2.1).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use der::Tag;

use super::CertificateRefusal;
use super::asn1::{self, BadDer, Element, Elements};
use crate::identity::{dotted, printable};

/// A subject alternative name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AltName {
    /// dNSName; may begin with `*.`.
    Dns(String),
    /// iPAddress.
    Ip(IpAddr),
    /// rfc822Name.
    Mail(String),
    /// directoryName, DER.
    Directory(Vec<u8>),
    /// Of a kind that is compared with nothing.
    Other,
}

/// What the extensions say. Absent ones leave their default.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    pub(super) alt_names: Vec<AltName>,
    /// Object identifiers (contents) of the purposes; `None` without the extension.
    pub(super) extended_key_usage: Option<Vec<Vec<u8>>>,
    /// Bit 0 of the BIT STRING is the highest bit; `None` without the extension.
    pub(super) key_usage: Option<u16>,
    pub(super) is_ca: bool,
    /// Contents of NameConstraints.
    pub(super) name_constraints: Option<Vec<u8>>,
    /// The first critical one we do not process, dotted.
    pub(super) unknown_critical: Option<String>,
}

/// digitalSignature.
pub(super) const DIGITAL_SIGNATURE: u16 = 0x8000;
/// nonRepudiation (contentCommitment).
pub(super) const NON_REPUDIATION: u16 = 0x4000;
/// keyCertSign.
pub(super) const KEY_CERT_SIGN: u16 = 0x0400;

impl Extensions {
    /// Reads the contents of `Extensions`, a SEQUENCE OF.
    pub(super) fn parse(contents: &[u8]) -> Result<Self, CertificateRefusal> {
        let malformed = |_| CertificateRefusal::Malformed { what: "its extensions are not valid DER" };
        let mut out = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut list = Elements::new(contents).map_err(malformed)?;
        while !list.is_empty() {
            let (oid, critical, value) = list.next().and_then(split).map_err(malformed)?;
            if seen.contains(&oid) {
                return Err(CertificateRefusal::Malformed { what: "an extension appears twice" });
            }
            seen.push(oid);
            if !out.take(oid, value)? && critical && out.unknown_critical.is_none() {
                out.unknown_critical = Some(dotted(oid));
            }
        }
        Ok(out)
    }

    /// Reads one extension; false if we do not process it.
    fn take(&mut self, oid: &[u8], value: &[u8]) -> Result<bool, CertificateRefusal> {
        let (result, what) = match oid {
            [0x55, 0x1d, 15] => (self.key_usage(value), "its key usage is not valid DER"),
            [0x55, 0x1d, 17] => (self.alt_names(value), "its subject alternative name is not valid DER"),
            [0x55, 0x1d, 19] => (self.basic_constraints(value), "its basic constraints are not valid DER"),
            [0x55, 0x1d, 30] => (self.name_constraints(value), "its name constraints are not valid DER"),
            // Where to fetch revocation lists: nothing is fetched, so nothing depends on it.
            [0x55, 0x1d, 31] => (Ok(()), ""),
            [0x55, 0x1d, 37] => (self.extended_key_usage(value), "its extended key usage is not valid DER"),
            _ => return Ok(false),
        };
        match result {
            Ok(()) => Ok(true),
            Err(BadDer) => Err(CertificateRefusal::Malformed { what }),
        }
    }

    fn key_usage(&mut self, value: &[u8]) -> Result<(), BadDer> {
        let element = asn1::only_element(value)?;
        if element.tag != Tag::BitString {
            return Err(BadDer);
        }
        let (unused, bits) = element.value.split_first().ok_or(BadDer)?;
        if *unused > 7 || bits.len() > 2 {
            return Err(BadDer);
        }
        let high = bits.first().copied().unwrap_or_default();
        let low = bits.get(1).copied().unwrap_or_default();
        self.key_usage = Some(u16::from_be_bytes([high, low]));
        Ok(())
    }

    fn alt_names(&mut self, value: &[u8]) -> Result<(), BadDer> {
        let mut names = asn1::only_sequence(value)?;
        while !names.is_empty() {
            self.alt_names.push(alt_name(names.next()?)?);
        }
        Ok(())
    }

    fn basic_constraints(&mut self, value: &[u8]) -> Result<(), BadDer> {
        let mut sequence = asn1::only_sequence(value)?;
        // An encoded FALSE is not DER (it is the default), but certificates have it.
        self.is_ca = match sequence.optional(Tag::Boolean)? {
            Some(flag) => flag.value == [0xff],
            None => false,
        };
        sequence.optional(Tag::Integer)?;
        sequence.finish()
    }

    fn name_constraints(&mut self, value: &[u8]) -> Result<(), BadDer> {
        let element = asn1::only_element(value)?;
        if element.tag != Tag::Sequence {
            return Err(BadDer);
        }
        self.name_constraints = Some(element.value.to_vec());
        Ok(())
    }

    fn extended_key_usage(&mut self, value: &[u8]) -> Result<(), BadDer> {
        let mut purposes = asn1::only_sequence(value)?;
        let mut out = Vec::new();
        while !purposes.is_empty() {
            out.push(purposes.expect(Tag::ObjectIdentifier)?.value.to_vec());
        }
        if out.is_empty() {
            return Err(BadDer);
        }
        self.extended_key_usage = Some(out);
        Ok(())
    }
}

/// One `Extension`: identifier, critical, value.
fn split(extension: Element<'_>) -> Result<(&[u8], bool, &[u8]), BadDer> {
    if extension.tag != Tag::Sequence {
        return Err(BadDer);
    }
    let mut parts = Elements::new(extension.value)?;
    let oid = parts.expect(Tag::ObjectIdentifier)?;
    let critical = match parts.optional(Tag::Boolean)? {
        Some(flag) => flag.value != [0x00],
        None => false,
    };
    let value = parts.expect(Tag::OctetString)?;
    parts.finish()?;
    Ok((oid.value, critical, value.value))
}

/// A `GeneralName`. Values that their type does not allow become [`AltName::Other`], which matches nothing; but
/// a dNSName stays one, escaped, so that the common name does not take its place.
fn alt_name(name: Element<'_>) -> Result<AltName, BadDer> {
    let ascii = || {
        let text = std::str::from_utf8(name.value).ok()?;
        (text.is_ascii() && !text.is_empty()).then(|| text.to_owned())
    };
    Ok(if name.tag == asn1::context(1, false) {
        ascii().map_or(AltName::Other, AltName::Mail)
    } else if name.tag == asn1::context(2, false) {
        AltName::Dns(ascii().unwrap_or_else(|| printable(name.value)))
    } else if name.tag == asn1::context(4, true) {
        AltName::Directory(name.value.to_vec())
    } else if name.tag == asn1::context(7, false) {
        ip_address(name.value).map_or(AltName::Other, AltName::Ip)
    } else if matches!(name.tag, Tag::ContextSpecific { .. }) {
        AltName::Other
    } else {
        return Err(BadDer);
    })
}

fn ip_address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(octets)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|octets| IpAddr::V6(Ipv6Addr::from(octets)))
}
