//! The one error type of this crate.

use crate::{CipherSpec, DhGroup};

/// Why a cryptographic operation gave no result. Never carries key material.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CryptoError {
    /// The integrity check value or signature is wrong. Says no more on purpose.
    #[error("integrity check failed")]
    BadIntegrity,
    /// A buffer is too short for the operation, or not a multiple of the cipher's block.
    #[error("data has an impossible length for this algorithm")]
    BadLength,
    /// A key has a length or form that the algorithm does not take.
    #[error("key refused: {0}")]
    BadKey(&'static str),
    /// The peer's key exchange value is malformed, off the curve, out of range or of small order
    /// (RFC 6989, RFC 8031 2).
    #[error("key exchange value refused for group {group}: {reason}")]
    BadPublicValue {
        /// The group of the value.
        group: DhGroup,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The provider has no such cipher.
    #[error("no implementation of {0}")]
    UnsupportedCipher(CipherSpec),
    /// The provider cannot make or verify this kind of signature with this kind of key.
    #[error("no implementation of this signature scheme for this key")]
    UnsupportedSignature,
    /// The operating system's random source failed.
    #[error("the random number generator failed")]
    Random,
}
