//! `adit-profile` for JavaScript.
//!
//! Owns the functions of the WebAssembly module behind the npm package `@adit/profile`: bytes or text and a JSON text of
//! options go in, one JSON text or bytes come out. The package's glue adds the types, and what belongs to JavaScript. What
//! each function does stands in [`adit_profile::calls`], which the apps' bindings use too; here it is exported, and a
//! report with a file becomes one array of bytes.
//!
//! **Errors.** Wrong usage is thrown as a JSON text, `{"kind":"usage","message":..,"path":..}`
//! ([`adit_profile::calls::Failure`]). What is wrong with the input itself is never thrown, but stands in the result. Nothing panics; should something do so all the same,
//! the module traps and the glue replaces the instance.
//!
//! **Signatures** of public keys are checked by the platform, which has the mathematics and answers later: [`check`],
//! [`open()`] and [`explain`] of a signed file throw the questions, `{"kind":"signatures","questions":[..]}`
//! ([`adit_profile::cms::Question`]), and are called again with the answers.

#![deny(missing_docs)]

mod functions;
#[cfg(feature = "trap-tests")]
mod traps;

pub use functions::{
    build, check, compare_with_server, convert, diff, encode, evaluate_on_demand, explain, fix, open, rules,
    schema, spec_of,
};
#[cfg(feature = "trap-tests")]
pub use traps::{exhaust, overflow, panic};

#[cfg(test)]
mod tests;
