//! Key exchange (Diffie-Hellman), one group at a time.

use std::fmt::Debug;

use crate::{CryptoError, DhGroup, Secret, SecureRandom};

/// A key exchange method.
pub trait KeyExchange: Debug + Send + Sync {
    /// The group it implements.
    fn group(&self) -> DhGroup;

    /// Bytes of a public value on the wire. MODP: the modulus length (RFC 7296 3.4). ECP: x and y without
    /// a point format octet (RFC 5903 7). Curve25519: 32 (RFC 8031 3.1).
    fn public_len(&self) -> usize;

    /// Makes a fresh key pair.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    fn generate(&self, random: &dyn SecureRandom) -> Result<Box<dyn ActiveKeyExchange>, CryptoError>;
}

/// A key pair that waits for the peer's public value. Used once; wiped on drop.
pub trait ActiveKeyExchange: Send + Sync {
    /// The group.
    fn group(&self) -> DhGroup;

    /// Our public value, of [`KeyExchange::public_len`] bytes.
    fn public_value(&self) -> &[u8];

    /// The shared secret: for MODP padded to the modulus length, for ECP the x coordinate only
    /// (RFC 5903 9).
    ///
    /// It borrows the key pair, because a forged value must not cost us the answer to the real one
    /// (RFC 7296 2.21.1). A key pair still serves one exchange only.
    ///
    /// # Errors
    /// [`CryptoError::BadPublicValue`] if the peer's value has a wrong length, is 0, 1, p-1 or above
    /// (MODP), is not on the curve (ECP) or gives the all-zero secret (Curve25519).
    fn complete(&self, peer: &[u8]) -> Result<Secret, CryptoError>;
}
