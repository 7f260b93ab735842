//! The providers that products use: *ring* where it has an algorithm, RustCrypto for the rest; and the same algorithms for
//! a small library.

use crate::CryptoProvider;

/// The composed default: *ring*'s AEADs, HMAC, hashes, signatures and randomness first; RustCrypto's AES-CBC
/// suites, key exchange, P-521, mixed ECDSA hashes and SHA-1 RSA signatures behind them.
///
/// Without the cargo feature `ring` it is [`crate::rustcrypto_provider`] under another name, and RSA keys
/// then sign with SHA-1 only (see the `rustcrypto` module).
#[cfg(feature = "ring")]
#[must_use]
pub const fn default_provider() -> CryptoProvider {
    use crate::ring::{self, aead as fast};
    use crate::rustcrypto::{self, cbc};

    CryptoProvider {
        name: "default",
        ciphers: &[
            fast::AES_256_GCM,
            fast::AES_128_GCM,
            fast::CHACHA20_POLY1305,
            cbc::AES_256_CBC_HMAC_SHA2_512_256,
            cbc::AES_256_CBC_HMAC_SHA2_384_192,
            cbc::AES_256_CBC_HMAC_SHA2_256_128,
            cbc::AES_256_CBC_HMAC_SHA1_160,
            cbc::AES_256_CBC_HMAC_SHA1_96,
            cbc::AES_128_CBC_HMAC_SHA2_512_256,
            cbc::AES_128_CBC_HMAC_SHA2_384_192,
            cbc::AES_128_CBC_HMAC_SHA2_256_128,
            cbc::AES_128_CBC_HMAC_SHA1_160,
            cbc::AES_128_CBC_HMAC_SHA1_96,
        ],
        prfs: ring::ring_provider().prfs,
        hashes: ring::ring_provider().hashes,
        key_exchanges: rustcrypto::KEY_EXCHANGES,
        verifiers: &[ring::verify::VERIFIER, rustcrypto::verify::VERIFIER],
        key_loaders: &[ring::sign::KEY_LOADER, rustcrypto::sign::KEY_LOADER],
        random: ring::ring_provider().random,
    }
}

/// The composed default of a build without *ring*: RustCrypto alone.
#[cfg(not(feature = "ring"))]
#[must_use]
pub const fn default_provider() -> CryptoProvider {
    CryptoProvider { name: "default", ..crate::rustcrypto_provider() }
}

/// The algorithms of [`default_provider`] in the fewest bytes: packets, HMAC, hashes and RSA as there, and everything on
/// curves by RustCrypto alone, which key exchange and P-521 need anyway. *ring*'s tables of P-256 and Ed25519 and its code for
/// P-384 stay out of a library that calls no other provider: 230 KB. A handshake takes about a millisecond longer.
#[cfg(feature = "ring")]
#[must_use]
pub const fn compact_provider() -> CryptoProvider {
    use crate::{ring, rustcrypto};

    CryptoProvider {
        name: "compact",
        verifiers: &[ring::verify::RSA_VERIFIER, rustcrypto::verify::CURVE_VERIFIER],
        key_loaders: &[ring::sign::RSA_KEY_LOADER, rustcrypto::sign::KEY_LOADER],
        ..default_provider()
    }
}

/// The compact provider of a build without *ring*: RustCrypto alone.
#[cfg(not(feature = "ring"))]
#[must_use]
pub const fn compact_provider() -> CryptoProvider {
    CryptoProvider { name: "compact", ..crate::rustcrypto_provider() }
}
