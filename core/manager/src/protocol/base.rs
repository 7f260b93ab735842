//! `NEVPNProtocol`: what every protocol's settings have.

use serde::{Deserialize, Serialize};

use crate::SecretReference;

use super::ProxySettings;

/// The settings that all protocols share. Defaults are those of iOS; macOS differs in
/// [`Self::exclude_local_networks`] only (see [`Self::for_desktop`]).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Protocol {
    /// The server, a host name or an IP address (`RemoteAddress`).
    pub server_address: Option<String>,
    /// The user's name (`AuthName`, `XAuthName`).
    pub username: Option<String>,
    /// Where the host keeps the password.
    pub password_reference: Option<SecretReference>,
    /// Where the host keeps certificate and private key. The key never leaves its store: the tunnel asks for signatures.
    pub identity_reference: Option<SecretReference>,
    /// Where the host keeps the PKCS#12 file that was given as `identityData`.
    pub identity_data_reference: Option<SecretReference>,
    /// Where the host keeps that file's passphrase, given as `identityDataPassword`.
    pub identity_data_password_reference: Option<SecretReference>,
    /// The tunnel goes down when the device sleeps. A profile has no key for it.
    pub disconnect_on_sleep: bool,
    /// The proxy for what goes through the tunnel.
    pub proxy_settings: Option<ProxySettings>,
    /// Everything goes through the tunnel, but for what the exclusions name.
    pub include_all_networks: bool,
    /// The local network stays outside. True on iOS, false on macOS.
    pub exclude_local_networks: bool,
    /// The carrier's own services stay outside; counts with [`Self::include_all_networks`].
    pub exclude_cellular_services: bool,
    /// Apple's push service stays outside; counts with [`Self::include_all_networks`].
    pub exclude_apns: bool,
    /// Links to other devices by USB or Wi-Fi stay outside; counts with [`Self::include_all_networks`].
    pub exclude_device_communication: bool,
    /// The tunnel's routes go before those of the local network.
    pub enforce_routes: bool,
    /// The cellular slice to use while the tunnel is up (`CellularSliceUUID`).
    pub slice_uuid: Option<String>,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            server_address: None,
            username: None,
            password_reference: None,
            identity_reference: None,
            identity_data_reference: None,
            identity_data_password_reference: None,
            disconnect_on_sleep: false,
            proxy_settings: None,
            include_all_networks: false,
            exclude_local_networks: true,
            exclude_cellular_services: true,
            exclude_apns: true,
            exclude_device_communication: true,
            enforce_routes: false,
            slice_uuid: None,
        }
    }
}

impl Protocol {
    /// The defaults of a desktop (macOS): the local network goes into the tunnel too.
    #[must_use]
    pub fn for_desktop() -> Self {
        Self { exclude_local_networks: false, ..Self::default() }
    }
}
