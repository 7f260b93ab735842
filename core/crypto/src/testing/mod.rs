//! **FOR TESTS AND FUZZERS ONLY.** Providers whose randomness, or whose whole cryptography, is predictable.
//!
//! Behind the cargo feature `testing`, which a product must never enable: [`seeded`] makes keys that anyone
//! who knows the seed can make again, and [`insecure`] encrypts nothing and believes every signature.

mod insecure;
mod random;

pub use random::{FixedRandom, SeededRandom};

use crate::{CryptoProvider, default_provider, rustcrypto_provider};

/// **TESTS ONLY.** The real algorithms of [`default_provider`] with randomness that follows from `seed`: the
/// same calls in the same order give the same bytes.
///
/// Signatures of *ring* draw from the operating system and cannot be seeded, so RustCrypto signs where it
/// can. RSA with SHA-2 is left to *ring*: PKCS#1 v1.5 is deterministic anyway, PSS has a random salt.
///
/// Leaks a few bytes with each call, because a provider lives for ever.
#[must_use]
pub fn seeded(seed: u64) -> CryptoProvider {
    CryptoProvider {
        name: "seeded (tests only)",
        key_loaders: seeded_loaders(),
        random: Box::leak(Box::new(SeededRandom::new(seed))),
        ..default_provider()
    }
}

/// **TESTS ONLY.** Every algorithm of [`default_provider`] replaced by one that keeps its lengths and errors
/// about lengths, and nothing else. A fuzzer that changes messages then still gets past integrity checks,
/// key exchange and authentication.
///
/// Ciphers leave the text as it is and take every ICV; key exchange is an exclusive or; the PRFs give
/// constants, so that AUTH payloads by shared key match too; every signature verifies. Hashes are real.
/// Randomness is seeded as in [`seeded`].
#[must_use]
pub fn insecure(seed: u64) -> CryptoProvider {
    CryptoProvider {
        name: "insecure (tests only)",
        ciphers: insecure::CIPHERS,
        prfs: insecure::PRFS,
        hashes: rustcrypto_provider().hashes,
        key_exchanges: insecure::KEY_EXCHANGES,
        verifiers: insecure::VERIFIERS,
        key_loaders: insecure::KEY_LOADERS,
        random: Box::leak(Box::new(SeededRandom::new(seed))),
    }
}

/// RustCrypto before *ring*.
#[cfg(feature = "ring")]
fn seeded_loaders() -> &'static [&'static dyn crate::PrivateKeyLoader] {
    &[crate::rustcrypto::sign::KEY_LOADER, crate::ring::sign::KEY_LOADER]
}

#[cfg(not(feature = "ring"))]
fn seeded_loaders() -> &'static [&'static dyn crate::PrivateKeyLoader] {
    rustcrypto_provider().key_loaders
}
