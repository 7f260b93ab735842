//! What a gateway is made from.

use crate::config::{Config, Credentials};

/// A configuration with the certificates and keys it refers to, already read.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// The configuration file.
    pub config: Config,
    /// Its certificates and keys, from [`Config::credentials`].
    pub credentials: Credentials,
    /// Make an event of each IKE message in readable form, secrets left out.
    pub log_messages: bool,
    /// Make events with the keys of each SA for a packet analyser.
    pub key_log: bool,
}

impl GatewaySettings {
    /// Settings without any logging.
    #[must_use]
    pub fn new(config: Config, credentials: Credentials) -> Self {
        Self { config, credentials, log_messages: false, key_log: false }
    }
}
