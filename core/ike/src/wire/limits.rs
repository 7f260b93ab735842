//! Upper bounds on what one message may hold.
//!
//! A message is at most 64 KiB, so these bound work and memory per octet received, not memory as such. Each
//! is several times what any peer known to us sends; a message beyond one is refused as a whole.

/// Octets of an IKE message: what fits a UDP datagram (and what we reassemble from fragments).
pub const MAX_MESSAGE: usize = 65_535;
/// Payloads of one chain, clear or encrypted.
pub const MAX_PAYLOADS: usize = 128;
/// Proposals of one Security Association payload.
pub const MAX_PROPOSALS: usize = 64;
/// Transforms of one proposal.
pub const MAX_TRANSFORMS: usize = 128;
/// Attributes of one transform (RFC 7296 defines a single one).
pub const MAX_TRANSFORM_ATTRIBUTES: usize = 8;
/// Selectors of one Traffic Selector payload.
pub const MAX_SELECTORS: usize = 128;
/// Attributes of one Configuration payload.
pub const MAX_CONFIGURATION_ATTRIBUTES: usize = 1_024;
/// SPIs of one Delete payload.
pub const MAX_DELETE_SPIS: usize = 1_024;
/// Octets of one identity.
pub const MAX_IDENTITY: usize = 4_096;
