//! Transparent proxies, network relays, and private cellular networks.

mod relay_url;
mod relay_uuid;
mod slice_range;
mod transparent_macos;
mod transparent_order;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &transparent_order::RULE,
    &transparent_macos::RULE,
    &relay_url::RULE,
    &relay_uuid::RULE,
    &slice_range::RULE,
];

/// `com.apple.relay.managed`.
const RELAY: &str = "com.apple.relay.managed";
