//! Signatures and encryption.

mod encrypted;
mod unsigned;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[&unsigned::RULE, &encrypted::ENCRYPTED, &encrypted::MISSING_CONTENT];
