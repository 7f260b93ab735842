//! Delete payload (RFC 7296 3.11).

use super::error::{Malformed, ParseError};
use super::limits::MAX_DELETE_SPIS;
use super::reader::Reader;
use super::security_association::ProtocolId;
use super::writer::Writer;

/// Delete payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delete {
    /// IKE, AH or ESP.
    pub protocol: ProtocolId,
    /// SPIs under which the sender expected to receive; empty for the IKE SA itself. The same SPI may stand
    /// here twice.
    pub spis: Vec<u32>,
}

impl Delete {
    /// Deletes the IKE SA over which it is sent.
    #[must_use]
    pub const fn ike_sa() -> Self {
        Self { protocol: ProtocolId::IKE, spis: Vec::new() }
    }

    /// Deletes ESP SAs.
    #[must_use]
    pub fn esp(spis: impl Into<Vec<u32>>) -> Self {
        Self { protocol: ProtocolId::ESP, spis: spis.into() }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let protocol = ProtocolId(reader.u8()?);
        let spi_size = reader.u8()?;
        let count = usize::from(reader.u16()?);
        let valid = match protocol {
            ProtocolId::IKE => spi_size == 0 && count == 0,
            ProtocolId::ESP | ProtocolId::AH => spi_size == 4,
            _ => {
                let value = protocol.0.into();
                return Err(reader.error(Malformed::Value { what: "protocol", value }));
            }
        };
        if !valid {
            return Err(reader.error(Malformed::Inconsistent("SPI size or count does not fit the protocol")));
        }
        if count.checked_mul(4) != Some(reader.remaining()) {
            return Err(reader.error(Malformed::Inconsistent("number of SPIs does not fit the data")));
        }
        if count > MAX_DELETE_SPIS {
            return Err(reader.error(Malformed::TooMany { what: "SPIs", limit: MAX_DELETE_SPIS }));
        }
        let spis = (0..count).map(|_| reader.u32()).collect::<Result<_, _>>()?;
        Ok(Self { protocol, spis })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.protocol.0);
        writer.u8(if self.protocol == ProtocolId::IKE { 0 } else { 4 });
        writer.count_u16("SPIs", self.spis.len());
        for spi in &self.spis {
            writer.u32(*spi);
        }
    }
}
