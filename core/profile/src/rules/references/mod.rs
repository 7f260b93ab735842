//! References between payloads: certificates and identities by `PayloadUUID`, per-app VPNs by `VPNUUID`.

mod ca_missing;
mod case_differs;
mod cert_missing;
mod cert_not_identity;
mod cert_not_needed;
mod identity_unused;
pub(super) mod index;
mod vpnuuid_duplicate;
mod vpnuuid_equals_payloaduuid;
mod vpnuuid_missing;
mod wrong_key_kind;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &cert_missing::RULE,
    &cert_not_identity::RULE,
    &cert_not_needed::RULE,
    &case_differs::RULE,
    &identity_unused::RULE,
    &ca_missing::RULE,
    &vpnuuid_missing::RULE,
    &vpnuuid_duplicate::RULE,
    &vpnuuid_equals_payloaduuid::RULE,
    &wrong_key_kind::RULE,
];
