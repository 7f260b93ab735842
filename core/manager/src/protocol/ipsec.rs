//! `NEVPNProtocolIPSec`: IKEv1, and the base of IKEv2.

use serde::{Deserialize, Serialize};

use crate::SecretReference;

use super::{AuthenticationMethod, Protocol};

/// How the two sides prove who they are. As a configuration of its own it is IKEv1, which is stored and explained, but
/// not connected with.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct IpsecProtocol {
    /// What all protocols have.
    pub base: Protocol,
    /// How the device proves itself in IKE. `none` unless set.
    pub authentication_method: AuthenticationMethod,
    /// XAuth (IKEv1) or EAP (IKEv2) besides.
    pub use_extended_authentication: bool,
    /// Where the host keeps the pre-shared key.
    pub shared_secret_reference: Option<SecretReference>,
    /// IDi, or the group name of IKEv1.
    pub local_identifier: Option<String>,
    /// IDr: who the server must be.
    pub remote_identifier: Option<String>,
}

impl Default for IpsecProtocol {
    fn default() -> Self {
        Self {
            base: Protocol::default(),
            authentication_method: AuthenticationMethod::None,
            use_extended_authentication: false,
            shared_secret_reference: None,
            local_identifier: None,
            remote_identifier: None,
        }
    }
}
