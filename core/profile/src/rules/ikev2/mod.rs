//! IKEv2: identity and authentication.

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[];
