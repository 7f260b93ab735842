//! What the suites of this crate share: the providers, where the vectors are, and the count each suite owes.
#![allow(dead_code)]

use adit_crypto::CryptoProvider;
#[allow(unused_imports)]
pub use adit_crypto::testing::FixedRandom;
use std::path::PathBuf;

/// Every provider this build has.
pub fn providers() -> Vec<CryptoProvider> {
    vec![
        adit_crypto::default_provider(),
        adit_crypto::compact_provider(),
        adit_crypto::rustcrypto_provider(),
        #[cfg(feature = "ring")]
        adit_crypto::ring_provider(),
    ]
}

/// `path` below the shared folder, or `None` with a line that names the suite left out.
pub fn shared(suite: &str, path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ADIT_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let full = root.join(path);
    if full.exists() {
        return Some(full);
    }
    println!("LEFT OUT {suite}: {path} not found below ADIT_SHARED or ../shared");
    None
}

/// A JSON file of vectors.
pub fn json(suite: &str, path: &str) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(shared(suite, path)?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// Bytes from hex.
pub fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd hex {text}");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The hex string in a JSON field.
pub fn field(value: &serde_json::Value, name: &str) -> Vec<u8> {
    hex(value[name].as_str().unwrap_or_else(|| panic!("no field {name} in {value}")))
}

/// Cases run and left out in one suite on one provider.
#[derive(Default)]
pub struct Tally {
    pub run: usize,
    pub skipped: std::collections::BTreeMap<&'static str, usize>,
}

impl Tally {
    pub fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Prints the counts and fails if fewer than `at_least` ran.
    pub fn report(&self, suite: &str, provider: &str, at_least: usize) {
        println!("{suite} on {provider}: {} run, skipped {:?}", self.run, self.skipped);
        assert!(self.run >= at_least, "{suite} on {provider}: only {} of {at_least} ran", self.run);
    }
}
