//! Key Exchange (RFC 7296 3.4) and Nonce (RFC 7296 3.9) payloads.

use std::fmt;

use adit_crypto::DhGroup;

use super::error::{Malformed, ParseError};
use super::opaque::Length;
use super::reader::Reader;
use super::writer::Writer;

/// Key Exchange payload: a public value and the group it belongs to.
#[derive(Clone, Eq, PartialEq)]
pub struct KeyExchange {
    /// The group, as sent; whether it was negotiated is for the caller to see.
    pub group: DhGroup,
    /// The public value. Its length is judged by the group's implementation.
    pub data: Vec<u8>,
}

impl KeyExchange {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let group = DhGroup(reader.u16()?);
        reader.u16()?;
        if reader.is_empty() {
            return Err(reader.error(Malformed::Length { what: "key exchange data", length: 0 }));
        }
        Ok(Self { group, data: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u16(self.group.0);
        writer.u16(0);
        writer.bytes(&self.data);
    }
}

impl fmt::Debug for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyExchange").field("group", &self.group).field("data", &Length(&self.data)).finish()
    }
}

/// Nonce payload. `Debug` shows its length only.
#[derive(Clone, Eq, PartialEq)]
pub struct Nonce(pub Vec<u8>);

impl Nonce {
    /// Fewest octets of a nonce (RFC 7296 3.9).
    pub const MIN: usize = 16;
    /// Most octets of a nonce (RFC 7296 3.9).
    pub const MAX: usize = 256;

    /// True if it is at least half as long as the key of a PRF with this output length in octets, which
    /// RFC 7296 2.10 asks of every nonce. To be checked once the PRF is negotiated.
    #[must_use]
    pub const fn suits_prf(&self, output_len: usize) -> bool {
        self.0.len() >= output_len / 2
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let length = reader.remaining();
        if !(Self::MIN..=Self::MAX).contains(&length) {
            return Err(reader.error(Malformed::Length { what: "nonce", length }));
        }
        Ok(Self(reader.take_rest().to_vec()))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nonce").field(&Length(&self.0)).finish()
    }
}
