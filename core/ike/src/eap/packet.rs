//! The EAP packet (RFC 3748 4).

use std::fmt;

/// Longest packet taken, in bytes. MSCHAPv2 needs about 350.
pub const MAX_PACKET_LEN: usize = 4096;

/// EAP code (RFC 3748 4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Code(pub u8);

impl Code {
    /// From the authenticator.
    pub const REQUEST: Self = Self(1);
    /// From the peer.
    pub const RESPONSE: Self = Self(2);
    /// The end, good.
    pub const SUCCESS: Self = Self(3);
    /// The end, bad.
    pub const FAILURE: Self = Self(4);
}

/// EAP method type (IANA "EAP Registry").
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EapType(pub u8);

impl EapType {
    /// Who are you (RFC 3748 5.1).
    pub const IDENTITY: Self = Self(1);
    /// Text for the user (RFC 3748 5.2).
    pub const NOTIFICATION: Self = Self(2);
    /// Not this method, but these (RFC 3748 5.3.1). Only in responses.
    pub const NAK: Self = Self(3);
    /// MD5-Challenge; not implemented.
    pub const MD5_CHALLENGE: Self = Self(4);
    /// Generic Token Card; not implemented.
    pub const GTC: Self = Self(6);
    /// EAP-TLS; not implemented here.
    pub const TLS: Self = Self(13);
    /// EAP-TTLS; not implemented.
    pub const TTLS: Self = Self(21);
    /// EAP-AKA; not implemented.
    pub const AKA: Self = Self(23);
    /// PEAP; not implemented.
    pub const PEAP: Self = Self(25);
    /// MSCHAPv2.
    pub const MSCHAPV2: Self = Self(26);
    /// Vendor types (RFC 3748 5.7); not implemented.
    pub const EXPANDED: Self = Self(254);

    /// The registry's name, if this is a type we know.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::IDENTITY => Some("Identity"),
            Self::NOTIFICATION => Some("Notification"),
            Self::NAK => Some("Nak"),
            Self::MD5_CHALLENGE => Some("MD5-Challenge"),
            Self::GTC => Some("GTC"),
            Self::TLS => Some("EAP-TLS"),
            Self::TTLS => Some("EAP-TTLS"),
            Self::AKA => Some("EAP-AKA"),
            Self::PEAP => Some("PEAP"),
            Self::MSCHAPV2 => Some("EAP-MSCHAPv2"),
            Self::EXPANDED => Some("a vendor's type"),
            _ => None,
        }
    }
}

impl fmt::Display for EapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "EAP type {}", self.0),
        }
    }
}

impl fmt::Debug for EapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A packet, its lengths checked. `data` is what follows the type.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Packet<'a> {
    /// From the authenticator.
    Request {
        /// Identifier, which the response repeats.
        id: u8,
        /// Type.
        kind: EapType,
        /// Data of the type.
        data: &'a [u8],
    },
    /// From the peer.
    Response {
        /// Identifier of the request.
        id: u8,
        /// Type.
        kind: EapType,
        /// Data of the type.
        data: &'a [u8],
    },
    /// The end, good.
    Success {
        /// Identifier.
        id: u8,
    },
    /// The end, bad.
    Failure {
        /// Identifier.
        id: u8,
    },
}

/// Why bytes are no EAP packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PacketError {
    /// Fewer than four bytes, or no type where one belongs.
    #[error("it is cut short")]
    Truncated,
    /// The length field is not the length of the payload (RFC 7296 3.16).
    #[error("it says it has {declared} bytes, but has {actual}")]
    Length {
        /// What the length field says.
        declared: usize,
        /// Bytes there are.
        actual: usize,
    },
    /// A code that RFC 3748 does not have.
    #[error("its code {0} is unknown")]
    Code(u8),
    /// A Success or Failure with data.
    #[error("it is a Success or Failure with data")]
    TrailingData,
    /// More than [`MAX_PACKET_LEN`] bytes.
    #[error("it has {length} bytes, more than {MAX_PACKET_LEN}")]
    TooLong {
        /// Its length.
        length: usize,
    },
}

impl<'a> Packet<'a> {
    /// Reads the whole body of an EAP payload.
    ///
    /// # Errors
    /// [`PacketError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        if bytes.len() > MAX_PACKET_LEN {
            return Err(PacketError::TooLong { length: bytes.len() });
        }
        let ([code, id, high, low], rest) = bytes.split_first_chunk::<4>().ok_or(PacketError::Truncated)?;
        let declared = usize::from(u16::from_be_bytes([*high, *low]));
        if declared != bytes.len() {
            return Err(PacketError::Length { declared, actual: bytes.len() });
        }
        let id = *id;
        let typed = || {
            let (kind, data) = rest.split_first().ok_or(PacketError::Truncated)?;
            Ok((EapType(*kind), data))
        };
        let bare = |packet| if rest.is_empty() { Ok(packet) } else { Err(PacketError::TrailingData) };
        match Code(*code) {
            Code::REQUEST => typed().map(|(kind, data)| Self::Request { id, kind, data }),
            Code::RESPONSE => typed().map(|(kind, data)| Self::Response { id, kind, data }),
            Code::SUCCESS => bare(Self::Success { id }),
            Code::FAILURE => bare(Self::Failure { id }),
            Code(other) => Err(PacketError::Code(other)),
        }
    }

    /// The bytes. Data beyond what the length field can say is cut; our own is far below.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (code, id, kind, data): (_, _, _, &[u8]) = match *self {
            Self::Request { id, kind, data } => (Code::REQUEST, id, Some(kind), data),
            Self::Response { id, kind, data } => (Code::RESPONSE, id, Some(kind), data),
            Self::Success { id } => (Code::SUCCESS, id, None, &[]),
            Self::Failure { id } => (Code::FAILURE, id, None, &[]),
        };
        let data = data.get(..MAX_PACKET_LEN - 5).unwrap_or(data);
        let length = 4 + usize::from(kind.is_some()) + data.len();
        let mut out = Vec::with_capacity(length);
        out.extend_from_slice(&[code.0, id]);
        out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        out.extend(kind.map(|kind| kind.0));
        out.extend_from_slice(data);
        out
    }
}

impl fmt::Debug for Packet<'_> {
    /// Without the data: it may hold a hash that can be searched for a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { id, kind, data } => write!(f, "Request {id} {kind} ({} bytes)", data.len()),
            Self::Response { id, kind, data } => write!(f, "Response {id} {kind} ({} bytes)", data.len()),
            Self::Success { id } => write!(f, "Success {id}"),
            Self::Failure { id } => write!(f, "Failure {id}"),
        }
    }
}
