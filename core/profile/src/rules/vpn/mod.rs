//! The VPN payload's frame: its type, its name, its server, its provider.

mod name_missing;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[&name_missing::RULE];
