//! Secrets that stand in a profile.

mod placeholder;
mod plaintext;
mod search;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[&plaintext::RULE, &placeholder::RULE];
