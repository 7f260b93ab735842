//! Proxies: the `Proxies` dictionary of VPN payloads.

mod automatic;
mod manual;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &manual::PORT_MISSING_RULE,
    &manual::PORT_RANGE_RULE,
    &manual::HOST_MISSING_RULE,
    &manual::DISABLED_RULE,
    &automatic::URL_MISSING_RULE,
    &automatic::IGNORED_RULE,
    &automatic::BOTH_RULE,
];

/// The dictionaries of all VPN payloads.
fn proxies<'c>(cx: &'c Context<'c>) -> impl Iterator<Item = Section<'c>> {
    cx.vpns.iter().filter_map(|vpn| vpn.section().sub("Proxies"))
}

/// Whether a key is there and no empty text. A placeholder counts.
fn is_filled(section: &Section<'_>, key: &str) -> bool {
    section.node(key).is_some_and(|node| node.as_str().is_none_or(|text| !text.trim().is_empty()))
}
