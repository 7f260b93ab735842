//! Why bytes are not an IKEv2 message, and why a message cannot be written.

use std::fmt;

use super::payload::PayloadType;

/// A message was refused: what is wrong, where, and in which payload.
///
/// Whether the peer is told (INVALID_SYNTAX, UNSUPPORTED_CRITICAL_PAYLOAD) depends on whether the message was
/// authenticated (RFC 7296 2.21), which the caller knows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParseError {
    /// Offset in octets, from the start of the datagram or, for the content of an Encrypted payload, from the
    /// start of the decrypted payloads.
    pub offset: usize,
    /// The payload being read, `None` for the IKE header and the chain itself.
    pub within: Option<PayloadType>,
    /// What is wrong.
    pub reason: Malformed,
}

impl ParseError {
    /// The payload type to name in UNSUPPORTED_CRITICAL_PAYLOAD, if that is why the message was refused
    /// (RFC 7296 2.5).
    #[must_use]
    pub fn unsupported_critical(&self) -> Option<PayloadType> {
        match self.reason {
            Malformed::UnsupportedCritical(payload_type) => Some(payload_type),
            _ => None,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.within {
            Some(payload_type) => {
                write!(f, "malformed {payload_type} payload at octet {}: {}", self.offset, self.reason)
            }
            None => write!(f, "malformed message at octet {}: {}", self.offset, self.reason),
        }
    }
}

impl std::error::Error for ParseError {}

/// What is wrong with a message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// A field or length reaches past the end of what contains it.
    #[error("{wanted} octets expected, {left} left")]
    Truncated {
        /// Octets the field needs.
        wanted: usize,
        /// Octets left in the enclosing structure.
        left: usize,
    },
    /// Octets are left over where a structure must end.
    #[error("{0} octets too many")]
    TrailingOctets(usize),
    /// The Length field of the IKE header is not the length of the datagram.
    #[error("the header says {header} octets, the datagram has {datagram}")]
    MessageLength {
        /// The header's Length field.
        header: u32,
        /// Octets received.
        datagram: usize,
    },
    /// The message is of another major version (RFC 7296 2.5).
    #[error("IKE major version {0}, not 2")]
    MajorVersion(u8),
    /// A length field is smaller than the structure it counts.
    #[error("{what} of length {length}")]
    Length {
        /// The structure.
        what: &'static str,
        /// The length given.
        length: usize,
    },
    /// A payload we do not know has its critical bit set (RFC 7296 2.5).
    #[error("payload type {} is marked critical and not known here", .0.0)]
    UnsupportedCritical(PayloadType),
    /// An Encrypted or Encrypted Fragment payload stands where none may be.
    #[error("{0} payload not allowed here")]
    Misplaced(PayloadType),
    /// More of something than we take (see the `limits` module).
    #[error("more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// Our bound.
        limit: usize,
    },
    /// A count does not agree with the data, or structures are not chained as they must be.
    #[error("{0}")]
    Inconsistent(&'static str),
    /// A field has a value that is never valid.
    #[error("{what} {value} is not valid")]
    Value {
        /// The field.
        what: &'static str,
        /// The value received.
        value: u64,
    },
}

/// A message cannot be written: something is longer than its length field can say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what} of {length} octets or elements does not fit its length field")]
pub struct EncodeError {
    /// The structure.
    pub what: &'static str,
    /// Its length in octets, or its number of elements.
    pub length: usize,
}
