//! IKEv2: post-quantum keys.

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[];
