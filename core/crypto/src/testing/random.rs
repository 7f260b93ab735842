//! Predictable random sources.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::{CryptoError, SecureRandom};

/// **TESTS ONLY.** SHA-256 over seed and a counter: random enough for every algorithm here, and the same for
/// the same seed and the same calls.
pub struct SeededRandom {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRandom {
    /// Starts the sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl fmt::Debug for SeededRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeededRandom({})", self.seed)
    }
}

impl SecureRandom for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        for chunk in out.chunks_mut(32) {
            let count = self.counter.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::new()
                .chain_update(b"adit testing")
                .chain_update(self.seed.to_be_bytes())
                .chain_update(count.to_be_bytes())
                .finalize();
            for (out, byte) in chunk.iter_mut().zip(block) {
                *out = byte;
            }
        }
        Ok(())
    }
}

/// **TESTS ONLY.** Gives out the bytes it was made with, then fails: feeds a vector's private key or nonce to
/// code that asks for randomness.
pub struct FixedRandom(Mutex<Vec<u8>>);

impl FixedRandom {
    /// Will give out `bytes`, in order, once.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Mutex::new(bytes.to_vec()))
    }
}

impl fmt::Debug for FixedRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FixedRandom")
    }
}

impl SecureRandom for FixedRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut left = self.0.lock().map_err(|_| CryptoError::Random)?;
        let (now, later) = left.split_at_checked(out.len()).ok_or(CryptoError::Random)?;
        out.copy_from_slice(now);
        *left = later.to_vec();
        Ok(())
    }
}
