//! The gateway's configuration file.
//!
//! Owns the TOML format, its keys ([`KEYS`], from which the reference text is made), the checks that need
//! no file and no network, and the notation of proposals. Leaves out reading files (the caller does) and
//! everything that is negotiated.
//!
//! ```
//! let text = r#"
//! [server]
//! identity = "vpn.example.com"
//!
//! [[clients.psk]]
//! secret = "correct horse battery staple"
//!
//! [network]
//! pools = ["10.99.0.0/24"]
//! "#;
//! let config = adit_gateway::config::Config::parse("gateway.toml", text)?;
//! assert_eq!(config.nat_port, 4500);
//! # Ok::<(), adit_gateway::config::ConfigError>(())
//! ```

mod credentials;
mod error;
mod keys;
mod proposal;
mod reader;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use adit_crypto::Secret;

use crate::pool::{AddressPool, AddressRange, Family, PoolError, Prefix};
use crate::stack::{Service, ServicePort, StackConfig};

pub use credentials::{CredentialError, Credentials, PemSource};
pub use error::ConfigError;
pub use keys::{Form, KEYS, Key, reference};
pub use proposal::{Encryption, Proposal, ProposalError, SaKind};

use reader::{Section, Source};

/// Addresses to listen on: the driver's loop watches as many pairs of sockets.
const LISTEN_MAX: usize = 2;
/// Users and pre-shared keys, each.
const CLIENTS_MAX: usize = 65_536;
/// Proposals in one list; a proposal number is one octet (RFC 7296 3.3.1).
const PROPOSALS_MAX: usize = 64;

/// Accepted for the IKE SA by default: what current phones, Windows and strongSwan offer.
const IKE_PROPOSALS: &[&str] = &[
    "aes256gcm16-aes128gcm16-chacha20poly1305-prfsha256-prfsha384-prfsha512\
     -curve25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096",
    "aes256-aes128-sha256-sha384-sha512-prfsha256-prfsha384-prfsha512\
     -curve25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096",
];
/// Accepted for Child SAs by default; whether with PFS is the client's choice, so both stand here.
const ESP_PROPOSALS: &[&str] = &[
    "aes256gcm16-aes128gcm16-chacha20poly1305\
     -curve25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096-esn-noesn",
    "aes256gcm16-aes128gcm16-chacha20poly1305-esn-noesn",
    "aes256-aes128-sha256-sha384-sha512\
     -curve25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096-esn-noesn",
    "aes256-aes128-sha256-sha384-sha512-esn-noesn",
];

/// A user who authenticates with EAP-MSCHAPv2.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// User name, compared exactly; 1 to 256 bytes.
    pub name: String,
    /// Password in UTF-8; 1 to 256 characters.
    pub password: Secret,
}

/// A pre-shared key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Psk {
    /// The client's identity as text; `None`: any without an entry of its own.
    pub identity: Option<String>,
    /// The key; at least 8 bytes.
    pub secret: Secret,
}

/// What stands behind the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// A TUN device if the process may make one, else the userspace stack.
    Auto,
    /// A TUN device.
    Tun,
    /// The userspace stack.
    Stack,
}

/// Settings of the userspace stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StackSettings {
    /// TCP connections at the same time for each service.
    pub connections: usize,
    /// Bytes of send and of receive buffer for each connection.
    pub tcp_buffer: usize,
    /// Echo service; `None`: off.
    pub echo_port: Option<u16>,
    /// Discard service; `None`: off.
    pub discard_port: Option<u16>,
    /// Digest service; `None`: off.
    pub digest_port: Option<u16>,
    /// Endless source; `None`: off.
    pub source_port: Option<u16>,
}

/// A checked configuration. [`KEYS`] tells each value's unit, range and default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// `listen.addresses`; never empty.
    pub listen: Vec<IpAddr>,
    /// `listen.port`; 0: any.
    pub port: u16,
    /// `listen.nat-port`; 0: any.
    pub nat_port: u16,
    /// `server.identity`.
    pub identity: String,
    /// `server.certificates`; set exactly if `private_key` is.
    pub certificates: Option<PemSource>,
    /// `server.private-key`.
    pub private_key: Option<PemSource>,
    /// `clients.max`.
    pub max_clients: usize,
    /// `clients.ca`.
    pub client_ca: Option<PemSource>,
    /// `[[clients.user]]`; names are unique.
    pub users: Vec<User>,
    /// `[[clients.psk]]`; identities are unique.
    pub psks: Vec<Psk>,
    /// `network.mode`.
    pub mode: Mode,
    /// `network.tun-name`.
    pub tun_name: String,
    /// `network.forwarding`: with a TUN device, IP forwarding is switched on.
    pub forwarding: bool,
    /// `network.mtu`, in bytes.
    pub mtu: u16,
    /// `network.pools`; never empty, disjoint.
    pub pools: Vec<AddressRange>,
    /// `network.addresses`: the gateway's own.
    pub addresses: Vec<IpAddr>,
    /// `network.dns`.
    pub dns: Vec<IpAddr>,
    /// `network.domains`.
    pub domains: Vec<String>,
    /// `network.subnets`.
    pub subnets: Vec<Prefix>,
    /// `network.traffic-selectors`; never empty.
    pub traffic_selectors: Vec<AddressRange>,
    /// `ike.proposals`, best first; never empty.
    pub ike_proposals: Vec<Proposal>,
    /// `ike.lifetime`; `None`: the gateway never rekeys.
    pub ike_lifetime: Option<Duration>,
    /// `ike.liveness`; `None`: the gateway never asks.
    pub liveness: Option<Duration>,
    /// `ike.fragment-size`: bytes of an IP packet.
    pub fragment_size: u16,
    /// `ike.half-open-timeout`.
    pub half_open_timeout: Duration,
    /// `ike.half-open-max`.
    pub half_open_max: usize,
    /// `ike.cookie-threshold`; 0: always.
    pub cookie_threshold: usize,
    /// `esp.proposals`, best first; never empty.
    pub esp_proposals: Vec<Proposal>,
    /// `esp.lifetime`; `None`: the gateway never rekeys.
    pub child_lifetime: Option<Duration>,
    /// `esp.replay-window`, in packets.
    pub replay_window: u32,
    /// `[stack]`.
    pub stack: StackSettings,
}

impl Config {
    /// Reads a configuration file. `file` is its name for error messages, `text` its content.
    ///
    /// # Errors
    /// [`ConfigError`] with line, column, key and what is allowed; for unknown keys too.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let source = Source { file, text };
        let table = source.parse()?;
        let root = Section::root(source, &table)?;
        let listen = root.section("listen")?;
        let server = root.section("server")?;
        let clients = root.section("clients")?;
        let network = root.section("network")?;
        let ike = root.section("ike")?;
        let esp = root.section("esp")?;
        let pools = pools(&network)?;
        let addresses = addresses(&network, &pools)?;
        AddressPool::new(&pools, &addresses).map_err(|error| network.error("pools", error.to_string()))?;
        let (certificates, private_key) = (pem(&server, "certificates")?, pem(&server, "private-key")?);
        if certificates.is_some() != private_key.is_some() {
            let missing = if certificates.is_some() { "private-key" } else { "certificates" };
            return Err(server.error(missing, "certificate and private key go together".to_owned()));
        }
        let config = Self {
            listen: listen_addresses(&listen)?,
            port: narrow(listen.number("port", 500)?),
            nat_port: narrow(listen.number("nat-port", 4_500)?),
            identity: identity(&server)?,
            certificates,
            private_key,
            max_clients: narrow(clients.number("max", 64)?),
            client_ca: pem(&clients, "ca")?,
            users: users(&clients)?,
            psks: psks(&clients)?,
            mode: mode(&network)?,
            tun_name: tun_name(&network)?,
            forwarding: network.get("forwarding").map_or(Ok("on"), |item| item.word())? == "on",
            mtu: narrow(network.number("mtu", 1_400)?),
            traffic_selectors: traffic_selectors(&network, &pools)?,
            pools,
            addresses,
            dns: network.get("dns").map_or(Ok(Vec::new()), |item| item.list(8, parse_ip))?,
            domains: domains(&network)?,
            subnets: network.list("subnets", 64)?,
            ike_proposals: proposals(&ike, SaKind::Ike, IKE_PROPOSALS)?,
            ike_lifetime: seconds(ike.number("lifetime", 14_400)?),
            liveness: seconds(ike.number("liveness", 60)?),
            fragment_size: narrow(ike.number("fragment-size", 1_280)?),
            half_open_timeout: Duration::from_secs(ike.number("half-open-timeout", 30)?),
            half_open_max: narrow(ike.number("half-open-max", 256)?),
            cookie_threshold: narrow(ike.number("cookie-threshold", 32)?),
            esp_proposals: proposals(&esp, SaKind::Esp, ESP_PROPOSALS)?,
            child_lifetime: seconds(esp.number("lifetime", 3_600)?),
            replay_window: narrow(esp.number("replay-window", 4_096)?),
            stack: stack(&root.section("stack")?)?,
        };
        if config.port != 0 && config.port == config.nat_port {
            return Err(listen.error("nat-port", "has to differ from listen.port (RFC 7296 2.23)".to_owned()));
        }
        config.check_authentication(&clients, &server)?;
        Ok(config)
    }

    /// A pool of all inner addresses, none of them held.
    ///
    /// # Errors
    /// [`PoolError`] only if fields were changed after [`Self::parse`].
    pub fn address_pool(&self) -> Result<AddressPool, PoolError> {
        AddressPool::new(&self.pools, &self.addresses)
    }

    /// The settings and services of the userspace stack behind this gateway, at its own inner addresses.
    /// `seed` comes from a secure random source.
    #[must_use]
    pub fn stack_config(&self, seed: u64) -> (StackConfig, Vec<ServicePort>) {
        let config = StackConfig {
            mtu: usize::from(self.mtu),
            tcp_buffer: self.stack.tcp_buffer,
            connections: self.stack.connections,
            ..StackConfig::new(self.addresses.clone(), seed)
        };
        let services = [
            (self.stack.echo_port, Service::Echo),
            (self.stack.discard_port, Service::Discard),
            (self.stack.digest_port, Service::Digest),
            (self.stack.source_port, Service::Source),
        ];
        let services = services
            .iter()
            .filter_map(|(port, service)| Some(ServicePort { port: (*port)?, service: *service }));
        (config, services.collect())
    }

    /// Some client must be able to authenticate, and EAP needs the gateway's certificate (RFC 7296 2.16).
    fn check_authentication(&self, clients: &Section<'_>, server: &Section<'_>) -> Result<(), ConfigError> {
        let needs_certificate = !self.users.is_empty() || self.client_ca.is_some();
        if needs_certificate && self.certificates.is_none() {
            let message = "users and clients with certificates need a gateway with a certificate; give \
                           server.certificates and server.private-key";
            return Err(server.error("certificates", message.to_owned()));
        }
        if self.users.is_empty() && self.psks.is_empty() && self.client_ca.is_none() {
            let message = "nobody can connect; give [[clients.user]], [[clients.psk]] or clients.ca";
            return Err(clients.error("user", message.to_owned()));
        }
        Ok(())
    }
}

fn listen_addresses(listen: &Section<'_>) -> Result<Vec<IpAddr>, ConfigError> {
    let Some(item) = listen.get("addresses") else {
        return Ok(vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]);
    };
    let addresses: Vec<IpAddr> = item.list(LISTEN_MAX, parse_ip)?;
    if addresses.is_empty() {
        return Err(item.error("has to name an address".to_owned()));
    }
    Ok(addresses)
}

fn identity(server: &Section<'_>) -> Result<String, ConfigError> {
    let item = server.need("identity")?;
    let text = item.text()?;
    if text.is_empty() || text.len() > 256 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(item.error("has to be a host name, an e-mail address or an IP address".to_owned()));
    }
    Ok(text.to_owned())
}

fn pem(section: &Section<'_>, name: &str) -> Result<Option<PemSource>, ConfigError> {
    let Some(item) = section.get(name) else { return Ok(None) };
    let text = item.text()?;
    if text.trim().is_empty() {
        return Err(item.error("has to be a file name or PEM text".to_owned()));
    }
    Ok(Some(PemSource::new(text)))
}

fn users(clients: &Section<'_>) -> Result<Vec<User>, ConfigError> {
    let sections = clients.sections("user")?;
    if sections.len() > CLIENTS_MAX {
        return Err(clients.error("user", format!("{CLIENTS_MAX} users at most")));
    }
    let mut names = std::collections::BTreeSet::new();
    let mut users = Vec::new();
    for section in sections {
        let item = section.need("name")?;
        let name = item.text()?;
        if !(1..=256).contains(&name.len()) {
            return Err(item.error("has to be 1 to 256 bytes long".to_owned()));
        }
        if !names.insert(name) {
            return Err(item.error(format!("user {name:?} stands here twice")));
        }
        let item = section.need("password")?;
        // MS-CHAPv2 allows 256 characters (RFC 2759 8.1); four bytes each at most.
        if !(1..=256).contains(&item.text()?.chars().count()) {
            return Err(item.error("has to be 1 to 256 characters long".to_owned()));
        }
        users.push(User { name: name.to_owned(), password: item.secret(1, 1_024)? });
    }
    Ok(users)
}

fn psks(clients: &Section<'_>) -> Result<Vec<Psk>, ConfigError> {
    let sections = clients.sections("psk")?;
    if sections.len() > CLIENTS_MAX {
        return Err(clients.error("psk", format!("{CLIENTS_MAX} keys at most")));
    }
    let mut identities = std::collections::BTreeSet::new();
    let mut psks = Vec::new();
    for section in sections {
        let identity = section.get("identity").map(|item| item.text()).transpose()?;
        if !identities.insert(identity) {
            let message = match identity {
                Some(identity) => format!("identity {identity:?} stands here twice"),
                None => "two keys without an identity; only one can hold for everybody else".to_owned(),
            };
            return Err(section.error("identity", message));
        }
        if identity.is_some_and(|identity| !(1..=256).contains(&identity.len())) {
            return Err(section.error("identity", "has to be 1 to 256 bytes long".to_owned()));
        }
        let secret = section.need("secret")?.secret(8, 4_096)?;
        psks.push(Psk { identity: identity.map(str::to_owned), secret });
    }
    Ok(psks)
}

fn mode(network: &Section<'_>) -> Result<Mode, ConfigError> {
    let Some(item) = network.get("mode") else { return Ok(Mode::Auto) };
    Ok(match item.word()? {
        "tun" => Mode::Tun,
        "stack" => Mode::Stack,
        _ => Mode::Auto,
    })
}

fn tun_name(network: &Section<'_>) -> Result<String, ConfigError> {
    let Some(item) = network.get("tun-name") else { return Ok("adit-gateway".to_owned()) };
    let name = item.text()?;
    let bad = |c: char| c == '/' || c.is_whitespace() || c.is_control();
    if !(1..=15).contains(&name.len()) || name.contains(bad) || name == "." || name == ".." {
        return Err(item.error("has to be 1 to 15 bytes without / and white space".to_owned()));
    }
    Ok(name.to_owned())
}

fn pools(network: &Section<'_>) -> Result<Vec<AddressRange>, ConfigError> {
    let item = network.need("pools")?;
    let pools = item.list(64, str::parse::<AddressRange>)?;
    if pools.is_empty() {
        return Err(item.error("has to name a network or range".to_owned()));
    }
    Ok(pools)
}

fn addresses(network: &Section<'_>, pools: &[AddressRange]) -> Result<Vec<IpAddr>, ConfigError> {
    if let Some(item) = network.get("addresses") {
        return item.list(8, parse_ip);
    }
    Ok(pools.iter().filter(|pool| pool.prefix().is_some()).map(|pool| pool.usable().first()).collect())
}

fn traffic_selectors(
    network: &Section<'_>,
    pools: &[AddressRange],
) -> Result<Vec<AddressRange>, ConfigError> {
    let Some(item) = network.get("traffic-selectors") else {
        let mut all = Vec::new();
        for (family, any) in
            [(Family::V4, IpAddr::from(Ipv4Addr::UNSPECIFIED)), (Family::V6, Ipv6Addr::UNSPECIFIED.into())]
        {
            if pools.iter().any(|pool| pool.family() == family) {
                all.extend(Prefix::containing(any, 0).ok().map(Prefix::range));
            }
        }
        return Ok(all);
    };
    let selectors = item.list(64, str::parse::<AddressRange>)?;
    if selectors.is_empty() {
        return Err(item.error("has to name a network or range".to_owned()));
    }
    Ok(selectors)
}

fn domains(network: &Section<'_>) -> Result<Vec<String>, ConfigError> {
    let check = |text: &str| {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.len() <= 253 && name.split('.').all(label) {
            Ok(name.to_owned())
        } else {
            Err(format!("{text:?} is no domain name; write it in ASCII, such as corp.example.com"))
        }
    };
    network.get("domains").map_or(Ok(Vec::new()), |item| item.list(16, check))
}

fn proposals(section: &Section<'_>, kind: SaKind, defaults: &[&str]) -> Result<Vec<Proposal>, ConfigError> {
    let Some(item) = section.get("proposals") else {
        return defaults
            .iter()
            .map(|text| Proposal::parse(kind, text))
            .collect::<Result<_, _>>()
            .map_err(|error| section.error("proposals", error.to_string()));
    };
    let proposals = item.list(PROPOSALS_MAX, |text| Proposal::parse(kind, text))?;
    if proposals.is_empty() {
        return Err(item.error("has to name a proposal".to_owned()));
    }
    Ok(proposals)
}

fn stack(stack: &Section<'_>) -> Result<StackSettings, ConfigError> {
    let port = |name, default| {
        let port = stack.number(name, default)?;
        Ok(Some(narrow(port)).filter(|port| *port != 0))
    };
    let settings = StackSettings {
        connections: narrow(stack.number("connections", 32)?),
        tcp_buffer: narrow(stack.number("tcp-buffer", 262_144)?),
        echo_port: port("echo-port", 7)?,
        discard_port: port("discard-port", 9)?,
        digest_port: port("digest-port", 1_009)?,
        source_port: port("source-port", 19)?,
    };
    let ports = [settings.echo_port, settings.discard_port, settings.digest_port, settings.source_port];
    for (index, port) in ports.iter().enumerate() {
        if port.is_some() && ports.iter().skip(index.saturating_add(1)).any(|other| other == port) {
            return Err(stack.error("echo-port", "two services share a port".to_owned()));
        }
    }
    Ok(settings)
}

fn parse_ip(text: &str) -> Result<IpAddr, String> {
    text.trim().parse().map_err(|_| format!("{text:?} is no IP address"))
}

/// `None` for 0.
fn seconds(number: u64) -> Option<Duration> {
    (number != 0).then(|| Duration::from_secs(number))
}

/// To a smaller type. Ranges in [`KEYS`] are such that nothing saturates.
fn narrow<T: TryFrom<u64> + Bounded>(number: u64) -> T {
    T::try_from(number).unwrap_or(T::GREATEST)
}

trait Bounded {
    const GREATEST: Self;
}

impl Bounded for u16 {
    const GREATEST: Self = Self::MAX;
}

impl Bounded for u32 {
    const GREATEST: Self = Self::MAX;
}

impl Bounded for usize {
    const GREATEST: Self = Self::MAX;
}

#[cfg(test)]
mod tests;
