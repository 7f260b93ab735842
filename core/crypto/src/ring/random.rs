//! The operating system's random source as *ring* reads it.

use ::ring::rand::{SecureRandom as _, SystemRandom};

use crate::{CryptoError, SecureRandom};

/// The operating system's random source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RingRandom;

impl SecureRandom for RingRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        SystemRandom::new().fill(out).map_err(|_| CryptoError::Random)
    }
}
