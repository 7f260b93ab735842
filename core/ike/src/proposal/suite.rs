//! Negotiated suites: one algorithm of each kind.

use std::fmt;

use adit_crypto::{CipherSpec, DhGroup, PrfId};

/// The algorithms of an IKE SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IkeSuite {
    /// Encryption and integrity of messages.
    pub cipher: CipherSpec,
    /// Key derivation and shared-secret authentication.
    pub prf: PrfId,
    /// Key exchange.
    pub group: DhGroup,
}

impl fmt::Display for IkeSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, PRF {}, {}", self.cipher, self.prf, self.group)
    }
}

/// The algorithms of a Child SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EspSuite {
    /// Encryption and integrity of packets.
    pub cipher: CipherSpec,
    /// Key exchange of its own (PFS); [`DhGroup::NONE`] without.
    pub group: DhGroup,
    /// Extended (64-bit) sequence numbers (RFC 4303 2.2.1).
    pub esn: bool,
}

impl fmt::Display for EspSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cipher)?;
        if self.group != DhGroup::NONE {
            write!(f, ", PFS {}", self.group)?;
        }
        if self.esn { f.write_str(", ESN") } else { Ok(()) }
    }
}
