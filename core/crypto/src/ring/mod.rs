//! The *ring* provider: assembly for the packet path and for signatures.
//!
//! Owns AES-GCM and ChaCha20-Poly1305, HMAC as PRF, hashes, RSA, ECDSA P-256/P-384 and Ed25519 both ways,
//! and the random source of *ring*. Leaves to RustCrypto what *ring* does not have (AES-CBC, P-521, MODP,
//! mixed ECDSA hashes, SHA-1 signing) and key exchange: *ring*'s agreement keys are ephemeral only and
//! draw from its own sealed random source, so no known answer could ever be tested.
//!
//! Wiping: *ring* does not wipe keys. AEAD and HMAC keys here are overwritten by the schedule of a fixed
//! key before they are freed, and Ed25519 and ECDSA keys by a fixed key pair. RSA keys live in allocations
//! that *ring* frees as they are.

pub(crate) mod aead;
pub(crate) mod hash;
pub(crate) mod prf;
pub(crate) mod random;
pub(crate) mod sign;
pub(crate) mod verify;

use crate::CryptoProvider;

/// Everything *ring* implements, and nothing else: it has no key exchange, so no tunnel runs on it alone.
#[must_use]
pub const fn ring_provider() -> CryptoProvider {
    CryptoProvider {
        name: "ring",
        ciphers: &[aead::AES_256_GCM, aead::AES_128_GCM, aead::CHACHA20_POLY1305],
        prfs: &[prf::HMAC_SHA2_512, prf::HMAC_SHA2_384, prf::HMAC_SHA2_256, prf::HMAC_SHA1],
        hashes: &[hash::SHA2_512, hash::SHA2_384, hash::SHA2_256, hash::SHA1],
        key_exchanges: &[],
        verifiers: &[verify::VERIFIER],
        key_loaders: &[sign::KEY_LOADER],
        random: &random::RingRandom,
    }
}
