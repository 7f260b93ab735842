//! Key derivation and the shared-secret half of authentication (RFC 7296 2.13 to 2.18).
//!
//! Owns: prf+, SKEYSEED, the keys of an IKE SA, the keys of a Child SA, the octets that AUTH covers, and AUTH
//! from a pre-shared key or an EAP MSK. Leaves out: signatures (they sign [`SignedOctets`] elsewhere), the
//! negotiation of algorithms. Every secret is an [`adit_crypto::Secret`], wiped on drop and never printed.

mod auth;
mod child;
mod ike;
mod prf_plus;

pub use auth::{SignedOctets, shared_secret_auth};
pub use child::{ChildKeySeed, ChildKeys, CipherKeys};
pub use ike::{IkeKeys, skeyseed_initial, skeyseed_rekeyed};
pub use prf_plus::prf_plus;

/// Keys could not be derived.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// prf+ ends after 255 rounds (RFC 7296 2.13); no suite of ours needs as much.
    #[error("{wanted} octets of key material are more than prf+ gives")]
    TooMuchKeyMaterial {
        /// Octets asked for.
        wanted: usize,
    },
}

#[cfg(test)]
mod tests;
