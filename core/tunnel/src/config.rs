//! What a tunnel is made from.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::Secret;
use adit_ike::config::InitiatorConfig;
use adit_ike::identity::IdentityError;

use crate::RouteOptions;

/// A client's tunnel.
#[derive(Clone, Debug)]
pub struct TunnelConfig {
    /// IKE and the Child SA.
    pub ike: Arc<InitiatorConfig>,
    /// MTU of the tunnel's interface in bytes (Apple key MTU, 1280 to 1400).
    pub mtu: u16,
    /// What is routed into the tunnel.
    pub routes: RouteOptions,
    /// Ends after so long without an inner packet either way (Apple keys DisconnectOnIdle and DisconnectOnIdleTimer).
    pub idle: Option<Duration>,
    /// The profile's own name servers, in the clear (`ServerAddresses` of Apple's dictionary DNS): they take the place of
    /// those the server assigns where one of them can be asked from an inner address. Empty: there are none.
    pub resolvers: Vec<IpAddr>,
}

impl TunnelConfig {
    /// This configuration with the EAP credentials that a user was asked for ([`adit_ike::Question::Password`]), so
    /// that the next connection does not ask again.
    ///
    /// # Errors
    /// [`IdentityError`] if the user name is to be IDi and cannot be.
    pub fn with_credentials(&self, username: String, password: Secret) -> Result<Self, IdentityError> {
        let ike = Arc::new(self.ike.with_credentials(username, password)?);
        Ok(Self { ike, ..self.clone() })
    }
}
