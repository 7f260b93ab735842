//! The container and its encoding: what the readers say of a file before anything is known of its keys.

mod base64;
pub(super) mod comments;
mod date;
mod double_encoded;
mod formats;
mod limits;
mod numbers;
mod property_list;
mod signed;
mod xml;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &formats::UNKNOWN,
    &xml::MALFORMED,
    &xml::LEADING_JUNK,
    &property_list::STRUCTURE,
    &property_list::DUPLICATE_KEY,
    &base64::RULE,
    &numbers::INTEGER,
    &numbers::REAL,
    &date::RULE,
    &xml::ENTITIES,
    &limits::TOO_DEEP,
    &limits::TOO_LARGE,
    &formats::BINARY,
    &formats::ARCHIVE,
    &double_encoded::RULE,
    &signed::MALFORMED,
    &signed::NOT_READ,
    &comments::UNKNOWN_RULE,
];
