//! Cryptographic algorithms of IKEv2 and ESP, behind one [`CryptoProvider`].
//!
//! Owns: the algorithm identifiers of the IANA "IKEv2 Parameters" registry, the traits an algorithm
//! implements, secrets that wipe themselves and never print, and the providers that hold
//! implementations. Leaves out: protocol formats, key derivation schedules (`adit-ike`), packet layout
//! (`adit-esp`), certificates' paths (`adit-ike`).
//!
//! [`default_provider`] is what a product uses: *ring* where it has an algorithm, RustCrypto for the rest.
//! [`compact_provider`] has the same algorithms in a smaller library, for apps.
//! `ring_provider` and [`rustcrypto_provider`] are its halves; each algorithm's vectors run on every provider that
//! has it. [`legacy`] holds what EAP-MSCHAPv2 needs and nothing may negotiate.
//!
//! Cargo features: `ring` (on by default; off gives pure Rust, where RSA keys sign with SHA-1 only),
//! `testing` (seeded and insecure providers; never in a product). Both providers take their randomness from
//! the operating system; a build for `wasm32-unknown-unknown` must turn on `getrandom`'s feature `wasm_js`.
//!
//! A provider is always passed in as an argument. There is no process-wide default: two tunnels in one
//! process may use different providers, and tests run each vector on every provider that has it.

#![forbid(unsafe_code)]

mod cipher;
mod composed;
mod error;
mod id;
mod kex;
pub mod legacy;
mod prf;
mod private_key;
mod provider;
mod random;
#[cfg(feature = "ring")]
mod ring;
mod rustcrypto;
mod secret;
mod sign;
mod spki;
#[cfg(feature = "testing")]
pub mod testing;

pub use cipher::{Aad, Cipher, CipherSpec, OpeningKey, SealingKey};
pub use composed::{compact_provider, default_provider};
pub use error::CryptoError;
pub use id::{DhGroup, EncrId, HashId, IntegId, PrfId};
pub use kex::{ActiveKeyExchange, KeyExchange};
pub use prf::{Hash, Prf, PrfKey};
pub use provider::CryptoProvider;
pub use random::SecureRandom;
#[cfg(feature = "ring")]
pub use ring::ring_provider;
pub use rustcrypto::numbers::{KeyNumbers, RsaPadding, SignedDigest, verify_with_numbers};
pub use rustcrypto::rustcrypto_provider;
pub use secret::Secret;
pub use sign::{EcdsaEncoding, KeyKind, PrivateKeyLoader, SignatureScheme, SignatureVerifier, SigningKey};
