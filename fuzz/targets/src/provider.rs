//! A crypto provider that lets mutated messages pass and does the same thing each time.

use std::cell::Cell;
use std::sync::OnceLock;

use adit_crypto::testing::insecure;
use adit_crypto::{CryptoError, CryptoProvider, SecureRandom};

/// [`insecure`] with random numbers that start again at [`restart`].
///
/// `insecure` makes its source of randomness once for ever; one per input would fill the memory.
pub(crate) fn provider() -> CryptoProvider {
    static BASE: OnceLock<CryptoProvider> = OnceLock::new();
    CryptoProvider { random: &Repeatable, ..*BASE.get_or_init(|| insecure(0)) }
}

/// Starts the random numbers of this thread from the beginning: an input must always do the same.
pub(crate) fn restart() {
    STATE.set(0);
}

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// SplitMix64.
#[derive(Debug)]
struct Repeatable;

impl SecureRandom for Repeatable {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        for chunk in out.chunks_mut(8) {
            let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            STATE.set(state);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (mixed ^ (mixed >> 31)).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}
