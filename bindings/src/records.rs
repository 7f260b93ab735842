//! The records that cross into an app.

use serde::{Deserialize, Serialize};

/// What a tunnel is made from.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SessionOptions {
    /// The profile: the bytes of a `.mobileconfig` file, signed or not.
    pub profile: Vec<u8>,
    /// Which VPN of the profile: a PayloadUUID, or its place in PayloadContent as a number. None: the only one.
    #[uniffi(default = None)]
    pub payload: Option<String>,
    /// What the profile leaves to the user.
    pub credentials: Credentials,
    /// What the app does for the tunnel.
    pub host: HostAbilities,
    /// Changes to the profile, an object in JSON: `port`, `nat_port` (the server's, 500 and 4500), `ike_lifetime`,
    /// `child_lifetime`, `liveness`, `idle` (seconds; 0: never), `fragment_size` (bytes), `reconnect` (true), `log_messages`.
    #[uniffi(default = None)]
    pub overrides_json: Option<String>,
    /// The server's addresses, in the order to try them, where the app has resolved its name already (`addresses` of the request
    /// `start_tunnel`): they serve the first attempt. Later ones ask the app again where it `resolves_names`, and use these on
    /// elsewhere: the system's resolver may be the tunnel's own by then. Empty: the name is resolved.
    #[uniffi(default = [])]
    pub server_addresses: Vec<String>,
}

/// What the profile leaves to the user. Its text in every language is without the secrets.
#[derive(Clone, Default, uniffi::Record)]
#[uniffi::export(Debug)]
pub struct Credentials {
    /// The user name; replaces AuthName.
    #[uniffi(default = None)]
    pub username: Option<String>,
    /// The password; replaces AuthPassword.
    #[uniffi(default = None)]
    pub password: Option<String>,
    /// The password of the profile's PKCS#12 file.
    #[uniffi(default = None)]
    pub identity_password: Option<String>,
    /// The app's reference of a private key that never leaves the system; the question `Sign` brings it back.
    #[uniffi(default = None)]
    pub key_reference: Option<String>,
    /// The certificates of that key, DER, its own first.
    #[uniffi(default = [])]
    pub key_certificates: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}

/// Which questions the app answers. Those it does not are not asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, uniffi::Record)]
#[serde(default, deny_unknown_fields)]
pub struct HostAbilities {
    /// `ProtectSocket`: Android must.
    pub protects_sockets: bool,
    /// `ResolveName`: on the physical network, as the system's resolver may be the tunnel's own.
    pub resolves_names: bool,
    /// `JudgeChain`, asked where the profile brings no CA certificate.
    pub judges_chains: bool,
    /// `Password`, asked where neither the profile nor the credentials have one, and again when it is refused.
    pub asks_password: bool,
}

/// The framing of packets on a descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum TunFraming {
    /// IP packets as they are (Android, Linux).
    RawIp,
    /// Four bytes of address family in front (Apple's utun).
    Utun,
}

/// The physical network.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, uniffi::Record)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkInfo {
    /// The system's handle (Android: `Network.getNetworkHandle`).
    pub handle: Option<u64>,
    /// Its interface.
    pub interface: Option<String>,
    /// Its kind.
    pub kind: NetworkKind,
    /// This device's addresses on it; with a prefix length (`192.168.1.17/24`) they tell which network is local, too.
    pub addresses: Vec<String>,
    /// Its name servers.
    pub dns: Vec<String>,
    /// Its search domains.
    pub search_domains: Vec<String>,
    /// The Wi-Fi's name, where the app may know it.
    pub ssid: Option<String>,
    /// Data costs money here.
    pub metered: bool,
}

/// The kind of a network.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum NetworkKind {
    /// Wi-Fi.
    Wifi,
    /// Mobile data.
    Cellular,
    /// A cable.
    Ethernet,
    /// Something else, or not known.
    #[default]
    Other,
}

/// What the system sets up for a tunnel: the content of `NEPacketTunnelNetworkSettings` and `VpnService.Builder`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, uniffi::Record)]
pub struct TunnelSettings {
    /// The server's address.
    pub remote_address: String,
    /// Inner IPv4 addresses, `address/prefix`.
    pub ipv4: Vec<String>,
    /// Inner IPv6 addresses, `address/prefix`.
    pub ipv6: Vec<String>,
    /// Networks reached through the tunnel, `network/prefix`.
    pub included_routes: Vec<String>,
    /// Networks that are not, though an included route covers them: links and local networks where they stay outside, as
    /// `routing_plan` has it, for the network that the app told of last (`network_changed`): in another one `Up` comes again.
    /// Empty on Apple's systems, which see to that themselves.
    pub excluded_routes: Vec<String>,
    /// Name servers: the profile's (dictionary DNS) where one of them can be asked, else those the server assigned.
    pub dns: Vec<String>,
    /// Domains that are resolved by them; empty: all.
    pub match_domains: Vec<String>,
    /// Domains tried behind a name without a dot.
    pub search_domains: Vec<String>,
    /// The longest inner packet in bytes.
    pub mtu: u16,
    /// The profile's proxies.
    pub proxy: Option<ProxySettings>,
    /// IncludeAllNetworks: everything is in `included_routes`; that nothing leaves while no tunnel is up is the app's to see to.
    pub include_all_networks: bool,
    /// EnforceRoutes.
    pub enforce_routes: bool,
    /// Local networks stay outside: unless IncludeAllNetworks or EnforceRoutes is set they do; with one of them it is
    /// ExcludeLocalNetworks, which a Mac has off and every other system on by default. `excluded_routes`
    /// has those of the network that the app told of.
    pub exclude_local_networks: bool,
    /// There is no inner IPv4 address while all IPv6 is tunnelled: IPv4 must be blocked, or it leaves in clear.
    pub block_ipv4: bool,
    /// The same for IPv6.
    pub block_ipv6: bool,
    /// The profile asks for resolvers over HTTPS or TLS (DNSProtocol); `dns` is what the server assigned instead.
    #[uniffi(default = None)]
    pub encrypted_dns: Option<String>,
}

/// Proxies for what goes through the tunnel.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, uniffi::Record)]
pub struct ProxySettings {
    /// ProxyAutoConfigURLString.
    pub pac_url: Option<String>,
    /// HTTPProxy and HTTPPort, `host:port`.
    pub http: Option<String>,
    /// HTTPSProxy and HTTPSPort, `host:port`.
    pub https: Option<String>,
    /// SupplementalMatchDomains: use the proxy for these only; empty: for all.
    pub match_domains: Vec<String>,
}

/// With whom a tunnel stands, and how it is protected.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, uniffi::Record)]
pub struct ConnectionInfo {
    /// The server's authenticated identity.
    pub server: String,
    /// How it proved it, in words.
    pub server_authentication: String,
    /// The IKE SA's algorithms.
    pub ike_suite: String,
    /// An address translator stands in front of this device.
    pub nat: bool,
    /// Milliseconds from the start of the attempt.
    pub took_ms: u64,
}

/// Counters since the tunnel was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, uniffi::Record)]
pub struct SessionStats {
    /// True while packets pass.
    pub connected: bool,
    /// Inner packets sealed.
    pub packets_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Inner packets opened and delivered.
    pub packets_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Inner packets that were not sealed: no tunnel, outside of it, too long.
    pub packets_not_sent: u64,
    /// Datagrams that were noise.
    pub datagrams_discarded: u64,
    /// Datagrams that this device did not send.
    pub datagrams_unsent: u64,
    /// Inner packets that the descriptor or the app did not take.
    pub packets_undelivered: u64,
}
