//! Templates: values that were never filled in, and files that are no profile yet.

mod control_flow;
mod variable;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[&variable::RULE, &control_flow::RULE];
