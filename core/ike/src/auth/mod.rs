//! AUTH: how a peer proves that it is who its ID payload says.
//!
//! Owns the authentication methods and what each computes over the signed octets (RFC 7296 2.15): the shared
//! key (2.15, 2.16), RSA with SHA-1 (method 1), ECDSA (methods 9 to 11, RFC 4754), and digital signatures
//! with an algorithm identifier and negotiated hashes (method 14, RFC 7427; Ed25519 by RFC 8420); the choice
//! among them for our key; the policy the peer's choice must keep to.
//!
//! Leaves out the signed octets themselves (`keys`), the payload header (`wire`), and whether a certificate
//! may be trusted at all ([`crate::certificate`]).

mod algorithm_identifier;
mod hashes;
mod refusal;
mod shared_key;
mod sign;
mod verify;

pub use crate::wire::AuthMethod;
pub use algorithm_identifier::{AlgorithmError, encode_algorithm, parse_algorithm, split_digital_signature};
pub use hashes::{ANNOUNCED_HASHES, decode_hashes, encode_hashes};
pub use refusal::AuthRefusal;
pub use shared_key::verify_shared_key;
pub use sign::{RsaPadding, SignatureChoice};
pub use verify::{SignaturePolicy, verify_signature};

#[cfg(test)]
mod tests;
