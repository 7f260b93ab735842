//! IPSec (IKEv1), L2TP and PPP.

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[];
