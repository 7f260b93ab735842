//! On demand: the rules by which a device starts and stops a tunnel, or applies DNS settings, by itself.
//!
//! Owns the finding of every list of such rules ([`OnDemand`]) and what can be said about them. What a list decides on
//! a network is told elsewhere; here only [`reach`] looks at what rules match, and only where every reading agrees.

mod action;
mod allow_deprecated;
mod dns_server_syntax;
mod empty_match;
mod enabled_no_rules;
mod interface;
mod legacy_lists;
mod lists;
mod needs_noninteractive;
mod no_default;
mod parameters;
mod params;
mod platform;
mod probes;
mod reach;
mod rules_not_enabled;
mod unreachable;
mod wildcard;

pub use lists::{Home, OnDemand, OnDemandRule, Switch};

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &rules_not_enabled::RULE,
    &enabled_no_rules::RULE,
    &needs_noninteractive::RULE,
    &action::RULE,
    &action::DNS_SETTINGS_RULE,
    &allow_deprecated::RULE,
    &params::MISSING_RULE,
    &params::IGNORED_RULE,
    &params::SHAPE_RULE,
    &parameters::DOMAINS_RULE,
    &parameters::ACTION_RULE,
    &parameters::PROBE_RULE,
    &dns_server_syntax::RULE,
    &probes::URL_RULE,
    &probes::REDIRECT_RULE,
    &probes::CAPTIVE_RULE,
    &interface::RULE,
    &interface::SSID_RULE,
    &unreachable::RULE,
    &no_default::RULE,
    &empty_match::RULE,
    &legacy_lists::RULE,
    &wildcard::RULE,
    &platform::WATCH_RULE,
    &platform::OVERRIDE_RULE,
];
