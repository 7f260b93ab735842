//! Per-app VPN and app mapping.

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[];
