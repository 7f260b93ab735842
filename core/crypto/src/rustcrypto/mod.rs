//! The pure Rust provider: RustCrypto's crates and the dalek curves.
//!
//! Owns every algorithm of Adit except RSA signatures with SHA-2, which need *ring*. Fills the gaps of
//! *ring* in the default provider, builds alone for targets without a C compiler, and is the second
//! opinion in the tests.

pub(crate) mod aead;
pub(crate) mod cbc;
pub(crate) mod curve25519;
pub(crate) mod ecp;
pub(crate) mod hash;
pub(crate) mod modp;
pub(crate) mod numbers;
pub(crate) mod prf;
pub(crate) mod random;
pub(crate) mod sign;
pub(crate) mod verify;

use crate::{CryptoProvider, KeyExchange};

/// Everything RustCrypto implements, with the operating system's random source.
#[must_use]
pub const fn rustcrypto_provider() -> CryptoProvider {
    CryptoProvider {
        name: "rustcrypto",
        ciphers: &[
            aead::AES_256_GCM,
            aead::AES_128_GCM,
            aead::CHACHA20_POLY1305,
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
        prfs: &[prf::HMAC_SHA2_512, prf::HMAC_SHA2_384, prf::HMAC_SHA2_256, prf::HMAC_SHA1],
        hashes: &[hash::SHA2_512, hash::SHA2_384, hash::SHA2_256, hash::SHA1],
        key_exchanges: KEY_EXCHANGES,
        verifiers: &[verify::VERIFIER],
        key_loaders: &[sign::KEY_LOADER],
        random: &random::OsRandom,
    }
}

/// Every key exchange method there is.
pub(crate) const KEY_EXCHANGES: &[&dyn KeyExchange] = &[
    curve25519::CURVE25519,
    ecp::ECP_256,
    ecp::ECP_384,
    ecp::ECP_521,
    modp::MODP_2048,
    modp::MODP_3072,
    modp::MODP_4096,
];

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    /// Fails to compile if a feature that makes a key wipe itself is lost.
    #[test]
    fn the_keys_of_every_library_wipe_themselves() {
        fn wipes<T: ZeroizeOnDrop>() {}
        wipes::<aes::Aes128>();
        wipes::<aes::Aes256>();
        wipes::<aes_gcm::Aes128Gcm>();
        wipes::<aes_gcm::Aes256Gcm>();
        wipes::<chacha20poly1305::ChaCha20Poly1305>();
        // A keyed HMAC is two states of its hash and a buffer; it has no marker of its own.
        wipes::<sha1::Sha1>();
        wipes::<sha2::Sha256>();
        wipes::<sha2::Sha384>();
        wipes::<sha2::Sha512>();
        wipes::<des::Des>();
        wipes::<x25519_dalek::StaticSecret>();
        wipes::<ed25519_dalek::SigningKey>();
        wipes::<rsa::RsaPrivateKey>();
        wipes::<p256::ecdsa::SigningKey>();
        wipes::<p384::ecdsa::SigningKey>();
        wipes::<p521::ecdsa::SigningKey>();
    }
}
