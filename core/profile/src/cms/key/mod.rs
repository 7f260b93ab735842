//! Public keys, and whether they made a signature: RSA, ECDSA on three curves, Ed25519.
//!
//! Written for a web page, where libraries that also sign, in constant time and fast on every processor, weigh more than
//! all of the rules: one small arithmetic ([`number`]) serves all. Nothing here ever touches a secret; what is checked
//! is public. Tests hold it against project Wycheproof's vectors and against such libraries.

pub(super) mod curve;
pub(super) mod edwards;
mod number;
pub(super) mod rsa;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
