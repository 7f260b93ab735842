//! What the fuzz targets do with their input, on stable Rust.
//!
//! Owns one function per target. `fuzz/fuzz_targets` hands them what libFuzzer makes; `tests/replay.rs` hands them
//! seeds and every crash found so far, so that a plain `cargo test` keeps each fix. Leaves out the fuzzer itself,
//! which needs a nightly compiler and is a workspace of its own.
//!
//! A target panics when an input breaks one of its invariants, which its module's head lists. An input that is
//! refused is not a finding.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a target reports what it found by panicking"
)]

mod certificate;
mod eap;
mod esp_open;
mod ike_message;
mod ike_session;
mod pkcs12;
mod profile;
mod profile_cms;
mod provider;
mod swanctl;

pub use certificate::certificate;
pub use eap::eap;
pub use esp_open::esp_open;
pub use ike_message::ike_message;
pub use ike_session::ike_session;
pub use pkcs12::pkcs12;
pub use profile::{profile_binary, profile_template, profile_xml};
pub use profile_cms::profile_cms;
pub use swanctl::swanctl;

/// A target: takes any bytes, panics if they break an invariant.
pub type Target = fn(&[u8]);

/// Every target by the name of its libFuzzer program.
pub const TARGETS: &[(&str, Target)] = &[
    ("certificate", certificate),
    ("eap", eap),
    ("esp_open", esp_open),
    ("ike_message", ike_message),
    ("ike_session", ike_session),
    ("pkcs12", pkcs12),
    ("profile_binary", profile_binary),
    ("profile_cms", profile_cms),
    ("profile_template", profile_template),
    ("profile_xml", profile_xml),
    ("swanctl", swanctl),
];
