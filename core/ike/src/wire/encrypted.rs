//! Encrypted (RFC 7296 3.14) and Encrypted Fragment (RFC 7383 2.5) payloads, still closed.
//!
//! Opening and sealing them is `exchange::protect`.

use std::fmt;

use super::error::{Malformed, ParseError};
use super::opaque::Length;
use super::payload::PayloadType;
use super::reader::Reader;
use super::writer::Writer;

/// Encrypted and Authenticated payload.
#[derive(Clone, Eq, PartialEq)]
pub struct Encrypted {
    /// Type of the first payload inside; [`PayloadType::NONE`] if there is none.
    pub first: PayloadType,
    /// `IV | ciphertext | ICV`.
    pub body: Vec<u8>,
}

impl Encrypted {
    pub(super) fn read(first: PayloadType, reader: &mut Reader<'_>) -> Self {
        Self { first, body: reader.take_rest().to_vec() }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.body);
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypted").field("first", &self.first).field("body", &Length(&self.body)).finish()
    }
}

/// Encrypted and Authenticated Fragment payload.
#[derive(Clone, Eq, PartialEq)]
pub struct EncryptedFragment {
    /// Type of the first payload of the message in fragment 1, [`PayloadType::NONE`] in the others.
    pub first: PayloadType,
    /// Which fragment this is, from 1.
    pub number: u16,
    /// How many there are.
    pub total: u16,
    /// `IV | ciphertext | ICV`.
    pub body: Vec<u8>,
}

impl EncryptedFragment {
    /// Octets of Fragment Number and Total Fragments.
    pub const NUMBERS_LEN: usize = 4;

    pub(super) fn read(first: PayloadType, reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let (number, total) = read_fragment_numbers(first, reader)?;
        Ok(Self { first, number, total, body: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u16(self.number);
        writer.u16(self.total);
        writer.bytes(&self.body);
    }
}

impl fmt::Debug for EncryptedFragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedFragment")
            .field("first", &self.first)
            .field("number", &self.number)
            .field("total", &self.total)
            .field("body", &Length(&self.body))
            .finish()
    }
}

/// Reads and checks Fragment Number and Total Fragments (RFC 7383 2.5).
pub(crate) fn read_fragment_numbers(
    first: PayloadType,
    reader: &mut Reader<'_>,
) -> Result<(u16, u16), ParseError> {
    let number = reader.u16()?;
    let total = reader.u16()?;
    if number == 0 || number > total {
        return Err(reader.error(Malformed::Inconsistent("fragment number is not within 1..=total")));
    }
    if number != 1 && first != PayloadType::NONE {
        return Err(reader.error(Malformed::Inconsistent("next payload set in a fragment behind the first")));
    }
    Ok((number, total))
}
