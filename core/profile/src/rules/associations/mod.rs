//! IKEv2: the security associations, their algorithms and lifetimes.
//!
//! The rules look at both dictionaries of every [`Tunnel`], and at what they come to after defaults and inheritance
//! ([`crate::ikev2::Associations`]).

mod aead_integrity;
mod alwayson_dh;
mod child_dh_needs_pfs;
mod defaults_changed;
mod dh_32;
mod dh_type;
mod empty_child;
mod ike_weaker_than_child;
mod inherit;
mod lifetime_order;
mod lifetime_range;
mod order;
mod strict_cipher;
mod strict_dh;
mod strict_order;
mod weak;
mod weak_cipher;
mod weak_dh;
mod weak_integrity;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &weak_cipher::RULE,
    &weak_integrity::RULE,
    &weak_dh::RULE,
    &alwayson_dh::RULE,
    &strict_cipher::RULE,
    &strict_dh::RULE,
    &strict_order::RULE,
    &ike_weaker_than_child::RULE,
    &inherit::RULE,
    &empty_child::RULE,
    &child_dh_needs_pfs::RULE,
    &aead_integrity::RULE,
    &defaults_changed::RULE,
    &lifetime_range::RULE,
    &lifetime_order::RULE,
    &dh_type::RULE,
    &dh_32::RULE,
];
