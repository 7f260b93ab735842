//! A whole message: header and payloads (RFC 7296 3).

use super::error::{EncodeError, ParseError};
use super::header::Header;
use super::payload::{Payload, first_type, parse_chain, write_chain};
use super::reader::Reader;
use super::writer::Writer;

/// A message, either in the clear or with an Encrypted payload that was not opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// The IKE header.
    pub header: Header,
    /// The payloads in order.
    pub payloads: Vec<Payload>,
}

impl Message {
    /// Reads a datagram (without a non-ESP marker). Payloads of unknown type are kept as
    /// [`Payload::Unknown`].
    ///
    /// # Errors
    /// Where and why it is malformed; [`ParseError::unsupported_critical`] tells if an unknown payload is
    /// marked critical. The message is refused as a whole.
    pub fn parse(datagram: &[u8]) -> Result<Self, ParseError> {
        let header = Header::parse(datagram)?;
        header.check_version()?;
        let mut reader = Reader::new(datagram);
        reader.take(Header::LEN)?;
        let payloads = parse_chain(header.next_payload, reader, true)?;
        Ok(Self { header, payloads })
    }

    /// Writes the message. `next_payload` and `length` of the header are computed.
    ///
    /// # Errors
    /// A payload longer than 65,535 octets, or a list too long for its count field.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut writer = Writer::new();
        Header { next_payload: first_type(&self.payloads), ..self.header }.write(&mut writer);
        write_chain(&self.payloads, &mut writer);
        writer.patch_length_u32("message", 24, 0);
        writer.finish()
    }
}
