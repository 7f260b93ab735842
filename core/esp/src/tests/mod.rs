//! Tests across this crate's modules.

mod adversarial;
mod nonces;
mod round_trip;
mod selectors;
mod vectors;

use adit_crypto::{CryptoProvider, default_provider, ring_provider, rustcrypto_provider};

/// The providers each vector runs on.
fn providers() -> [CryptoProvider; 3] {
    [default_provider(), ring_provider(), rustcrypto_provider()]
}
