//! Randomness as an argument.

use std::fmt::Debug;

use crate::CryptoError;

/// A cryptographically secure random source.
pub trait SecureRandom: Debug + Send + Sync {
    /// Fills `out` with random bytes, or fails without a partial result that a caller might use.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}
