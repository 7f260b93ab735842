//! The provider a product uses: *ring* where it has an algorithm, RustCrypto for the rest.

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
