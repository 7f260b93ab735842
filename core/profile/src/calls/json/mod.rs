//! JSON as text (RFC 8259): forms are written, trees are read.
//!
//! Owns both for the functions beside it, whose texts are options, descriptions and reports. serde_json does the same for
//! the command line; here it would be three times the code, most of it for what these texts never hold, and half as fast.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;
