//! `NEProxySettings` and `NEProxyServer`: the proxy for what goes through the tunnel.

use serde::{Deserialize, Serialize};

use crate::SecretReference;

/// Which proxies apps use while the tunnel is up.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxySettings {
    /// A PAC file decides (`autoProxyConfigurationEnabled`).
    pub auto_proxy_configuration_enabled: bool,
    /// Where that file is, an HTTP(S) URL.
    pub proxy_auto_configuration_url: Option<String>,
    /// The file itself, JavaScript; goes before the URL. A profile has no key for it.
    pub proxy_auto_configuration_javascript: Option<String>,
    /// The HTTP proxy is used.
    pub http_enabled: bool,
    /// The HTTP proxy.
    pub http_server: Option<ProxyServer>,
    /// The HTTPS proxy is used.
    pub https_enabled: bool,
    /// The HTTPS proxy.
    pub https_server: Option<ProxyServer>,
    /// Names without a dot go past the proxy. A profile has no key for it.
    pub exclude_simple_hostnames: bool,
    /// Domains that go past the proxy. A profile has no key for it.
    pub exception_list: Option<Vec<String>>,
    /// Only hosts of these domains use the proxy; `None`: all.
    pub match_domains: Option<Vec<String>>,
}

/// One proxy.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyServer {
    /// Host name or IP address.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// It wants a name and a password.
    #[serde(default)]
    pub authentication_required: bool,
    /// The user's name there.
    #[serde(default)]
    pub username: Option<String>,
    /// Where the host keeps the password: `password` of Apple's class, which is stored only together with a name and
    /// `authenticationRequired`.
    #[serde(default)]
    pub password_reference: Option<SecretReference>,
}

impl ProxyServer {
    /// A proxy without credentials (`init(address:port:)`).
    #[must_use]
    pub fn new(address: impl Into<String>, port: u16) -> Self {
        Self {
            address: address.into(),
            port,
            authentication_required: false,
            username: None,
            password_reference: None,
        }
    }

    /// Whether a password would be stored: `password` needs a name and `authenticationRequired`.
    #[must_use]
    pub fn stores_password(&self) -> bool {
        self.authentication_required && self.username.is_some()
    }
}
