//! The IKE header (RFC 7296 3.1).

use std::fmt;

use super::error::{Malformed, ParseError};
use super::payload::PayloadType;
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// Exchange Type.
    ExchangeType(u8) {
        /// The first exchange, in the clear.
        IKE_SA_INIT = 34, "IKE_SA_INIT";
        /// Authentication and the first Child SA.
        IKE_AUTH = 35, "IKE_AUTH";
        /// New Child SAs, and rekeying.
        CREATE_CHILD_SA = 36, "CREATE_CHILD_SA";
        /// Notifications, deletes, liveness.
        INFORMATIONAL = 37, "INFORMATIONAL";
        /// Session resumption (RFC 5723).
        IKE_SESSION_RESUME = 38, "IKE_SESSION_RESUME";
        /// Between IKE_SA_INIT and IKE_AUTH (RFC 9242).
        IKE_INTERMEDIATE = 43, "IKE_INTERMEDIATE";
        /// Additional key exchanges (RFC 9370).
        IKE_FOLLOWUP_KE = 44, "IKE_FOLLOWUP_KE";
    }
}

/// Which end of an IKE SA: the original initiator sent the first message, or started the rekey that made
/// this SA (RFC 7296 2.18). It decides the Initiator flag and which keys are whose.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// The original initiator.
    Initiator,
    /// The original responder.
    Responder,
}

impl Role {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

/// An IKE SPI: eight octets one end chose.
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IkeSpi(pub [u8; 8]);

impl IkeSpi {
    /// The responder's SPI before it has chosen one.
    pub const ZERO: Self = Self([0; 8]);

    /// True for [`Self::ZERO`].
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl fmt::Display for IkeSpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for IkeSpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The flags octet. Reserved bits are dropped when read and zero when written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Flags {
    /// I: the sender is the original initiator of this IKE SA.
    pub initiator: bool,
    /// V: the sender speaks a higher major version (RFC 7296 2.5).
    pub version: bool,
    /// R: this answers the request with the same Message ID.
    pub response: bool,
}

impl Flags {
    const INITIATOR: u8 = 0x08;
    const VERSION: u8 = 0x10;
    const RESPONSE: u8 = 0x20;

    /// Flags of a request from the end `role`.
    #[must_use]
    pub const fn request(role: Role) -> Self {
        Self { initiator: matches!(role, Role::Initiator), version: false, response: false }
    }

    /// Flags of a response from the end `role`.
    #[must_use]
    pub const fn response(role: Role) -> Self {
        Self { initiator: matches!(role, Role::Initiator), version: false, response: true }
    }

    /// The end that sent a message with these flags.
    #[must_use]
    pub const fn sender(self) -> Role {
        if self.initiator { Role::Initiator } else { Role::Responder }
    }

    const fn from_octet(octet: u8) -> Self {
        Self {
            initiator: octet & Self::INITIATOR != 0,
            version: octet & Self::VERSION != 0,
            response: octet & Self::RESPONSE != 0,
        }
    }

    const fn octet(self) -> u8 {
        (if self.initiator { Self::INITIATOR } else { 0 })
            | (if self.version { Self::VERSION } else { 0 })
            | (if self.response { Self::RESPONSE } else { 0 })
    }
}

/// Protocol version of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Version {
    /// Major version, 4 bits.
    pub major: u8,
    /// Minor version, 4 bits; ignored when read.
    pub minor: u8,
}

impl Version {
    /// IKEv2.
    pub const V2: Self = Self { major: 2, minor: 0 };
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The IKE header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// SPI of the original initiator; never zero in a valid message.
    pub initiator_spi: IkeSpi,
    /// SPI of the original responder; zero in the first IKE_SA_INIT request.
    pub responder_spi: IkeSpi,
    /// Type of the first payload; set by the encoder.
    pub next_payload: PayloadType,
    /// Version; IKEv1 has the same header layout.
    pub version: Version,
    /// Exchange type.
    pub exchange: ExchangeType,
    /// Flags.
    pub flags: Flags,
    /// Message ID.
    pub message_id: u32,
    /// Octets of the whole message; set by the encoder.
    pub length: u32,
}

impl Header {
    /// Octets of the header.
    pub const LEN: usize = 28;

    /// A header to be sent: version 2.0; first payload and length are filled in by the encoder.
    #[must_use]
    pub const fn new(
        initiator_spi: IkeSpi,
        responder_spi: IkeSpi,
        exchange: ExchangeType,
        flags: Flags,
        message_id: u32,
    ) -> Self {
        Self {
            initiator_spi,
            responder_spi,
            next_payload: PayloadType::NONE,
            version: Version::V2,
            exchange,
            flags,
            message_id,
            length: 0,
        }
    }

    /// Reads the header of `datagram` and checks that its Length is the datagram's length.
    ///
    /// The version is not judged here, because INVALID_MAJOR_VERSION is answered with fields of the header
    /// (RFC 7296 2.5): see [`Self::check_version`].
    ///
    /// # Errors
    /// [`Malformed::Truncated`] below 28 octets, [`Malformed::MessageLength`].
    pub fn parse(datagram: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(datagram);
        let header = Self::read(&mut reader)?;
        if usize::try_from(header.length) != Ok(datagram.len()) {
            let reason = Malformed::MessageLength { header: header.length, datagram: datagram.len() };
            return Err(ParseError { offset: 24, within: None, reason });
        }
        Ok(header)
    }

    /// Checks that the message is IKEv2. The minor version is ignored.
    ///
    /// # Errors
    /// [`Malformed::MajorVersion`].
    pub const fn check_version(&self) -> Result<(), ParseError> {
        if self.version.major == 2 {
            Ok(())
        } else {
            let reason = Malformed::MajorVersion(self.version.major);
            Err(ParseError { offset: 17, within: None, reason })
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let initiator_spi = IkeSpi(reader.array()?);
        let responder_spi = IkeSpi(reader.array()?);
        let next_payload = PayloadType(reader.u8()?);
        let version = reader.u8()?;
        let exchange = ExchangeType(reader.u8()?);
        let flags = Flags::from_octet(reader.u8()?);
        Ok(Self {
            initiator_spi,
            responder_spi,
            next_payload,
            version: Version { major: version >> 4, minor: version & 0x0f },
            exchange,
            flags,
            message_id: reader.u32()?,
            length: reader.u32()?,
        })
    }

    /// Writes the header as it is, `next_payload` and `length` included.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.initiator_spi.0);
        writer.bytes(&self.responder_spi.0);
        writer.u8(self.next_payload.0);
        writer.u8((self.version.major << 4) | (self.version.minor & 0x0f));
        writer.u8(self.exchange.0);
        writer.u8(self.flags.octet());
        writer.u32(self.message_id);
        writer.u32(self.length);
    }
}
