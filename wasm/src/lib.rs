//! `adit-profile` for JavaScript.
//!
//! Owns the functions of the WebAssembly module behind the npm package `@adit/profile`: bytes or text and a JSON text of
//! options go in, one JSON text or bytes come out. The package's glue adds the types, and what belongs to JavaScript. What
//! a profile means is all `adit-profile`'s; its JSON forms are those of the command line ([`adit_profile::json`]), and here
//! they get offsets in UTF-16 units too, which is what JavaScript counts in.
//!
//! **Errors.** Wrong usage is thrown as a JSON text, `{"kind":"usage","message":..,"path":..}` ([`Failure`]). What is wrong
//! with the input itself is never thrown, but stands in the result. Nothing panics; should something do so all the same,
//! the module traps and the glue replaces the instance.
//!
//! **Signatures** of public keys are checked by the platform, which has the mathematics and answers later: [`check`],
//! [`open()`] and [`explain`] of a signed file throw the questions, `{"kind":"signatures","questions":[..]}`
//! ([`adit_profile::cms::Question`]), and are called again with the answers.
//!
//! **Where offsets count.** Byte offsets are those of the file, or of the profile inside a signed one. UTF-16 offsets count
//! in the text that [`open`] gives, which has no byte order mark; if the input was a text, in that text,
//! mark included. Line breaks count as they stand. In a binary file there are byte offsets only.

#![deny(missing_docs)]

mod build;
mod check;
mod convert;
mod failure;
mod files;
mod fix;
mod input;
mod lists;
mod options;
mod payload;
#[cfg(feature = "trap-tests")]
mod traps;
mod vpn;

pub use build::{build, spec_of};
pub use check::check;
pub use convert::{convert, diff};
pub use failure::Failure;
pub use files::{encode, open};
pub use fix::fix;
pub use lists::{rules, schema};
#[cfg(feature = "trap-tests")]
pub use traps::{exhaust, overflow, panic};
pub use vpn::{compare_with_server, evaluate_on_demand, explain};

#[cfg(test)]
mod tests;
