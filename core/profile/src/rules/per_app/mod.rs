//! Per-app VPN (`com.apple.vpn.managed.applayer`) and app mapping (`com.apple.vpn.managed.appmapping`).

mod appmapping_platform;
mod associated_version;
mod domain_syntax;
mod legacy_domains;
mod no_manual_install;
mod nothing_triggers;
mod requirement;
mod slice_syntax;
mod slice_version;
mod smb_platform;
mod vpn_type;
mod vpnuuid_missing;
mod watch;

use super::prelude::*;
use crate::by_name::ByName;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &vpnuuid_missing::RULE,
    &vpn_type::RULE,
    &watch::RULE,
    &domain_syntax::RULE,
    &legacy_domains::RULE,
    &associated_version::RULE,
    &smb_platform::RULE,
    &slice_syntax::RULE,
    &slice_version::RULE,
    &appmapping_platform::RULE,
    &nothing_triggers::RULE,
    &no_manual_install::RULE,
    &requirement::RULE,
];

/// `com.apple.vpn.managed.appmapping`.
const MAPPING: &str = "com.apple.vpn.managed.appmapping";

/// The lists of domains of a per-app payload that trigger its VPN, Safari's first.
const TRIGGERS: [&str; 6] =
    ["SafariDomains", "MailDomains", "CalendarDomains", "ContactsDomains", "AssociatedDomains", "SMBDomains"];

/// The per-app payloads.
fn per_app<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Vpn<'a>> {
    cx.vpns.iter().filter(|vpn| vpn.per_app)
}

/// Whether a list is there and not empty.
fn lists(section: &Section<'_>, key: &str) -> bool {
    section.node(key).and_then(Node::as_array).is_some_and(|list| !list.is_empty())
}

/// The `VPNUUID`s, in capitals, that something else in the profile sends traffic to: app mappings and accounts.
fn pointed_at(cx: &Context<'_>) -> ByName<'static> {
    let mut pointed = ByName::new();
    for reference in &cx.references().vpns {
        pointed.insert(reference.uuid.value.to_ascii_uppercase().into(), 0);
    }
    pointed
}
