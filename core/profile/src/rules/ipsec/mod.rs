//! IPSec (IKEv1), L2TP and PPP.

mod credentials;
mod frame;
mod identifiers;
mod ikev1;
mod needs_ipsec;
mod ppp;
mod user;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &ikev1::RULE,
    &credentials::PSK_MISSING,
    &credentials::CERT_MISSING,
    &credentials::METHOD_RULE,
    &identifiers::WITH_CERTIFICATE,
    &identifiers::HYBRID,
    &user::XAUTH_OFF,
    &user::PIN_WITHOUT_CERTIFICATE,
    &user::ON_DEMAND,
    &needs_ipsec::RULE,
    &identifiers::L2TP_GROUP,
    &ppp::EAP_SINGLE,
    &ppp::TOKEN_VS_PASSWORD,
    &ppp::CCP,
];
