//! IKEv2: identity and authentication, and the settings beside the security associations.
//!
//! The rules look at every IKEv2 settings dictionary ([`Tunnel`]), inside an Always On VPN too. What needs the
//! identity's key asks [`identity`].

mod auth_missing;
mod auth_none_no_eap;
mod cert_missing;
mod certtype_default_rsa;
mod certtype_ed25519;
mod certtype_mismatch;
mod certtype_needs_issuer;
mod dpd_value;
mod eap_creds_unused;
mod eap_no_credentials;
mod eap_tls_needs_cert;
mod fallback_platform;
mod id_form;
mod identity;
mod local_id_missing;
mod local_id_vs_cert;
mod mtu_range;
mod nat_alwayson_only;
mod nat_interval;
mod nat_needs_offload;
mod psk_missing;
mod psk_unusable;
mod psk_unused;
mod psk_weak;
mod psk_with_eap;
mod redirect_on;
mod remote_id_missing;
mod remote_id_vs_address;
mod revocation_best_effort;
mod server_cn_unused;
mod tls;
mod tls13_needs_27;
mod tls_old;
mod tls_unused;
mod tls_version_order;
mod unknown_chain_key;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &auth_missing::RULE,
    &auth_none_no_eap::RULE,
    &psk_missing::RULE,
    &psk_unused::RULE,
    &psk_unusable::RULE,
    &psk_weak::RULE,
    &psk_with_eap::RULE,
    &cert_missing::RULE,
    &certtype_needs_issuer::RULE,
    &certtype_ed25519::RULE,
    &eap_no_credentials::RULE,
    &eap_creds_unused::RULE,
    &eap_tls_needs_cert::RULE,
    &tls_version_order::RULE,
    &tls_unused::RULE,
    &tls_old::RULE,
    &tls13_needs_27::RULE,
    &local_id_missing::RULE,
    &remote_id_missing::RULE,
    &id_form::RULE,
    &remote_id_vs_address::RULE,
    &server_cn_unused::RULE,
    &revocation_best_effort::RULE,
    &fallback_platform::RULE,
    &nat_interval::RULE,
    &nat_needs_offload::RULE,
    &nat_alwayson_only::RULE,
    &mtu_range::RULE,
    &dpd_value::RULE,
    &redirect_on::RULE,
    &unknown_chain_key::RULE,
    &certtype_mismatch::RULE,
    &certtype_default_rsa::RULE,
    &local_id_vs_cert::RULE,
];
