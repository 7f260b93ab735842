//! What a tunnel is made from.

use std::sync::Arc;

use adit_ike::config::InitiatorConfig;

/// A client's tunnel.
#[derive(Clone, Debug)]
pub struct TunnelConfig {
    /// IKE and the Child SA.
    pub ike: Arc<InitiatorConfig>,
    /// MTU of the tunnel's interface in bytes (Apple key MTU, 1280 to 1400).
    pub mtu: u16,
    /// Route the networks the server announces instead of its traffic selectors
    /// (UseConfigurationAttributeInternalIPSubnet).
    pub use_subnets: bool,
}
