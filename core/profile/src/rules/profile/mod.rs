//! The profile and what every payload has.

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[];
