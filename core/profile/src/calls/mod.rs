//! One function for each question that the page, the npm package and the apps ask.
//!
//! Owns the functions behind `adit-wasm` and `adit-bindings`: bytes or text and a JSON text of options go in, one JSON text
//! (or a file) comes out. The JSON forms are those of the command line ([`crate::json`]); offsets are given in UTF-16 units
//! too. What a profile means is the other modules'; what crosses into a language is the two crates'.
//!
//! **Errors.** Wrong usage is a [`Failure`]. What is wrong with the input itself is never one, but stands in the result.
//!
//! **Where offsets count.** Byte offsets are those of the file, or of the profile inside a signed one. UTF-16 offsets count
//! in the text that [`open`] gives, which has no byte order mark; if the input was a text, in that text,
//! mark included. Line breaks count as they stand. In a binary file there are byte offsets only.

mod build;
mod check;
mod convert;
mod failure;
mod files;
mod fix;
mod input;
mod json;
mod lists;
mod options;
mod payload;
mod plan;
mod vpn;

pub use build::{build, spec_of};
pub use check::check;
pub use convert::{convert, diff};
pub use failure::Failure;
pub use files::{encode, open, show};
pub use fix::fix;
pub use lists::{rules, schema};
pub use plan::plan_summary;
pub use vpn::{compare_with_server, evaluate_on_demand, explain};

use zeroize::Zeroizing;

/// A report and the file it is about.
#[derive(Debug)]
pub struct Made {
    /// The report, as JSON. It may hold the file as text, and so its secrets.
    pub json: Zeroizing<String>,
    /// The file; empty where none was made.
    pub file: Zeroizing<Vec<u8>>,
}
