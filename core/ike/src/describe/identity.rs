//! Identities in words.

use std::fmt::Write;

use super::text::{Escaped, Hex};
use crate::wire::{IdType, Identification, name_attributes};

/// An identity as people write it: an address, a name in quotes, a distinguished name as `CN=..., O=...`.
#[must_use]
pub fn describe_identity(id: &Identification) -> String {
    if let Some(address) = id.as_address() {
        return address.to_string();
    }
    match id.id_type {
        IdType::FQDN | IdType::RFC822_ADDR => format!("\"{}\"", Escaped(&id.data)),
        IdType::DER_ASN1_DN => distinguished_name(&id.data),
        IdType::KEY_ID if id.data.iter().all(u8::is_ascii_graphic) => {
            format!("key ID \"{}\"", Escaped(&id.data))
        }
        IdType::KEY_ID => format!("key ID 0x{}", Hex(&id.data)),
        IdType::NULL => "no identity".to_owned(),
        other => match other.name() {
            Some(name) => format!("{name} 0x{}", Hex(&id.data)),
            None => format!("identity of type {} 0x{}", other.0, Hex(&id.data)),
        },
    }
}

fn distinguished_name(name: &[u8]) -> String {
    const MOST: usize = 16;
    let attributes = name_attributes(name);
    let mut out = String::new();
    for (index, attribute) in attributes.iter().take(MOST).enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        // Writing to a String does not fail.
        let _ = match short_name(attribute.oid) {
            Some(key) => write!(out, "{separator}{key}={}", Escaped(attribute.value)),
            None => write!(out, "{separator}0x{}={}", Hex(attribute.oid), Escaped(attribute.value)),
        };
    }
    if attributes.len() > MOST {
        out.push_str(", ...");
    }
    if out.is_empty() { "empty distinguished name".to_owned() } else { out }
}

/// The keyword of an attribute type (RFC 4514 3, RFC 2985 for mail addresses).
const fn short_name(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x04] => "SN",
        [0x55, 0x04, 0x05] => "serialNumber",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "STREET",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID",
        _ => return None,
    })
}
