//! Randomness as an argument.

use std::fmt::Debug;

use crate::CryptoError;

/// A cryptographically secure random source.
pub trait SecureRandom: Debug + Send + Sync {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`CryptoError::Random`]; the caller then uses nothing of `out`.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}
