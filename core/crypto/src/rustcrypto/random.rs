//! The operating system's random source through `getrandom`, and the bridge to RustCrypto's traits.

use rsa::rand_core::{TryCryptoRng, TryRng};

use crate::{CryptoError, SecureRandom};

/// The operating system's random source.
#[derive(Clone, Copy, Debug)]
pub struct OsRandom;

impl SecureRandom for OsRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        getrandom::fill(out).map_err(|_| CryptoError::Random)
    }
}

/// Shows a [`SecureRandom`] to functions that take RustCrypto's generator traits.
pub(super) struct Bridge<'a>(pub(super) &'a dyn SecureRandom);

impl TryRng for Bridge<'_> {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.fill(out)
    }
}

impl TryCryptoRng for Bridge<'_> {}
