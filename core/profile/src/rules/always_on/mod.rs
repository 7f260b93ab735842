//! Always On: the `AlwaysOn` dictionary, its tunnels and what goes around them.
//!
//! What the IKEv2 keys inside a tunnel mean is judged by the IKEv2 families.

mod device;
mod exceptions;
mod interfaces;
mod tunnels;

use super::prelude::*;

const TUNNELS: &str = "TunnelConfigurations";

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &device::SUPERVISED_RULE,
    &device::SCOPE_RULE,
    &tunnels::NONE_RULE,
    &tunnels::PROTOCOL_RULE,
    &interfaces::VALUE_RULE,
    &interfaces::DUPLICATE_RULE,
    &interfaces::OVERLAP_RULE,
    &interfaces::UNCOVERED_RULE,
    &tunnels::IKEV2_RULE,
    &exceptions::SERVICE_RULE,
    &exceptions::VERSION_RULE,
    &exceptions::PLUGINS_RULE,
    &exceptions::LIMIT_RULE,
    &device::WATCH_RULE,
    &tunnels::ONDEMAND_RULE,
];

/// The Always On payloads with their dictionaries.
fn always_on<'c>(cx: &'c Context<'c>) -> impl Iterator<Item = (&'c Vpn<'c>, &'c Section<'c>)> {
    cx.vpns.iter().filter_map(|vpn| Some((vpn, vpn.settings_of("AlwaysOn")?)))
}

/// The tunnels of all of them.
fn tunnels<'c>(cx: &'c Context<'c>) -> impl Iterator<Item = Section<'c>> {
    always_on(cx).flat_map(|(_, section)| section.sections(TUNNELS))
}
