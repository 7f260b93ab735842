//! Routing flags: what goes through the tunnel and what stays outside.

mod flags;
mod kill_switch_hint;
mod override_primary_type;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &flags::ENFORCE_IGNORED,
    &flags::EXCLUDE_IGNORED,
    &flags::EXCLUDE_LOCAL_IGNORED,
    &flags::EXCLUDE_LOCAL_DEFAULT,
    &override_primary_type::RULE,
    &kill_switch_hint::RULE,
];
