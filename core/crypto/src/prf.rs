//! Pseudorandom functions and hashes.

use std::fmt::Debug;

use crate::{HashId, PrfId, Secret};

/// A pseudorandom function with variable key length (all of ours are HMAC, RFC 2104).
pub trait Prf: Debug + Send + Sync {
    /// What it implements.
    fn id(&self) -> PrfId;

    /// Bytes of output, which is also the preferred key length (RFC 7296 2.13).
    fn output_len(&self) -> usize;

    /// Prepares `key` for use. Any length is taken.
    fn key(&self, key: &[u8]) -> Box<dyn PrfKey>;
}

/// A keyed PRF. Wiped on drop.
pub trait PrfKey: Send + Sync {
    /// The PRF over the concatenation of `parts`.
    fn compute(&self, parts: &[&[u8]]) -> Secret;
}

/// A hash function.
pub trait Hash: Debug + Send + Sync {
    /// What it implements.
    fn id(&self) -> HashId;

    /// The digest of the concatenation of `parts`.
    fn digest(&self, parts: &[&[u8]]) -> Vec<u8>;
}
