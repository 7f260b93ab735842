//! What the benches share: SAs and packets, bare *ring* calls beside them, a client and a gateway, a profile.
//!
//! Owns nothing that is measured. `cargo xtask bench` runs all benches and writes `RESULTS.md`.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench that cannot start has nothing to say")]

pub mod bare;
pub mod esp;
pub mod handshake;
pub mod message;
pub mod profile;

/// Sizes of inner packets, in bytes: least, voice, old minimum MTU, what fits a tunnel over Ethernet, jumbo.
pub const SIZES: [usize; 5] = [64, 256, 576, 1400, 8900];
