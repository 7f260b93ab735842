//! The VPN payload's frame: its type, its name, its server, its provider, when it disconnects.

mod authentication;
mod frame;
mod idle;
mod name_missing;
mod personal_vs_managed;
mod provider;
mod remote;
mod requirement;
mod requirement_syntax;
mod section_missing;
mod section_unused;
mod subtype_legacy_plugin;
mod subtype_missing;
mod subtype_unknown;
mod subtype_with_ikev2;
mod type_missing;
mod type_platform;
mod type_removed;
mod user_enrollment;
mod vendorconfig;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &type_missing::RULE,
    &type_removed::RULE,
    &type_platform::RULE,
    &section_missing::RULE,
    &section_unused::RULE,
    &subtype_missing::RULE,
    &subtype_with_ikev2::RULE,
    &subtype_unknown::RULE,
    &subtype_legacy_plugin::RULE,
    &name_missing::RULE,
    &vendorconfig::IGNORED,
    &vendorconfig::WRONG_VENDOR,
    &remote::MISSING,
    &remote::SYNTAX,
    &authentication::NEEDS_PASSWORD,
    &authentication::NEEDS_CERTIFICATE,
    &provider::SYSTEM_EXTENSION,
    &provider::IN_IKEV2,
    &requirement_syntax::RULE,
    &idle::TIMER_ALONE,
    &idle::NO_TIMER,
    &idle::WATCH,
    &idle::NEGATIVE,
    &user_enrollment::RULE,
    &personal_vs_managed::RULE,
];
