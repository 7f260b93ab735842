//! DNS: the `DNS` dictionary of VPN payloads and the `DNSSettings` of `com.apple.dnsSettings.managed`.
//!
//! On-demand rules of DNS settings are [`super::ondemand`]'s.

mod address_syntax;
mod cert_version;
mod dictionaries;
mod protocol;
mod split;
mod url_scheme;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &protocol::MISSING_RULE,
    &protocol::HTTPS_RULE,
    &protocol::TLS_RULE,
    &url_scheme::RULE,
    &protocol::UNUSED_RULE,
    &protocol::ADDRESSES_RULE,
    &address_syntax::RULE,
    &split::IGNORED_RULE,
    &split::NO_SEARCH_RULE,
    &cert_version::RULE,
];
