//! A gateway and clients as nodes of a simulated network, with hosts behind them that send and count packets.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

mod client;
mod gateway;
mod packets;

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, PrfId, Secret};
use adit_esp::{DEFAULT_REPLAY_WINDOW, TrafficSelector};
use adit_gateway::config::{Config, Credentials};
use adit_gateway::init::{InitOutput, InitSettings, init};
use adit_gateway::peers::Event;
use adit_gateway::{Gateway, GatewaySettings};
use adit_ike::certificate::Anchors;
use adit_ike::config::{
    CertificatePolicy, CertifiedKey, ChildConfig, Config as IkeConfig, ConfigRequest, InitiatorConfig,
    LocalAuth, NattPorts, RemoteAuth,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::Identity;
use adit_ike::proposal::{EspProposal, IkeProposal};
use adit_ike::time::Instant;
use adit_testkit::wire::{NonceCheck, never_contains};
use adit_testkit::{Conditions, Network, Seed, Simulation, Star};
use adit_tunnel::{RouteOptions, TunnelConfig};

pub use client::ClientNode;
pub use gateway::GatewayNode;
pub use packets::{Books, CANARY, SharedBooks, inner};

/// Unix time at the start of each simulation.
pub const UNIX_EPOCH: u64 = 1_800_000_000;
/// The gateway's outer address and inner addresses.
pub const OUTER: &str = "192.0.2.1";
pub const INNER_V4: &str = "10.99.0.1";
pub const INNER_V6: &str = "fd00:99::1";
/// The pre-shared key of all clients but those that have one of their own.
pub const SHARED_KEY: &str = "a key that all clients share";

/// A star: a gateway and clients.
pub type Both = Star<ClientNode, GatewayNode>;

pub fn at(now: Duration) -> Instant {
    Instant::from_epoch(now)
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The configuration file of most tests. `more` goes behind, section by section.
pub fn config(more: &str) -> Config {
    let text = format!(
        "[listen]\naddresses = [\"{OUTER}\"]\n[server]\nidentity = \"vpn.rig.test\"\n\
         [[clients.psk]]\nsecret = \"{SHARED_KEY}\"\n\
         [network]\npools = [\"10.99.0.0/24\", \"fd00:99::/64\"]\n{more}"
    );
    Config::parse("gateway.toml", &text).unwrap()
}

/// A gateway with pre-shared keys only.
pub fn psk_gateway(config: Config, provider: CryptoProvider) -> Gateway {
    let settings = GatewaySettings::new(config, Credentials::default());
    Gateway::new(&settings, provider, Instant::EPOCH, UNIX_EPOCH).unwrap()
}

/// A gateway for clients with a key, with certificates under `client`'s CA, and the user alice. `more` goes behind
/// its configuration.
pub fn mixed_gateway(
    server: &InitOutput,
    client: &InitOutput,
    more: &str,
    provider: CryptoProvider,
) -> Gateway {
    let text = format!(
        "[listen]\naddresses = [\"{OUTER}\"]\n\
         [server]\nidentity = \"vpn.rig.test\"\ncertificates = \"server.pem\"\nprivate-key = \"server.key\"\n\
         [clients]\nca = \"ca.pem\"\n[[clients.user]]\nname = \"alice\"\npassword = \"rig-password\"\n\
         [[clients.psk]]\nsecret = \"{SHARED_KEY}\"\n\
         [network]\npools = [\"10.99.0.0/24\"]\ndns = [\"10.99.0.1\"]\ndomains = [\"rig.test\"]\n{more}"
    );
    let config = Config::parse("gateway.toml", &text).unwrap();
    let credentials = Credentials {
        certificates: vec![server.server.certificate.clone()],
        private_key: Some(server.server.private_key.clone()),
        client_anchors: vec![client.ca.certificate.clone()],
    };
    let settings = GatewaySettings::new(config, credentials);
    Gateway::new(&settings, provider, Instant::EPOCH, UNIX_EPOCH).unwrap()
}

/// What `adit gateway init` makes, for a gateway with users.
pub fn initial(host: &str, provider: &CryptoProvider) -> InitOutput {
    let now = Duration::from_secs(UNIX_EPOCH);
    init(InitSettings::new(host, "alice", now), provider).unwrap()
}

/// What both sides of most tests negotiate: quick to compute.
pub fn client_common() -> IkeConfig {
    IkeConfig {
        ike_proposals: vec![IkeProposal {
            ciphers: vec![CipherSpec::aes_gcm(256)],
            prfs: vec![PrfId::HMAC_SHA2_256],
            groups: vec![DhGroup::CURVE25519],
        }],
        child: ChildConfig {
            proposals: vec![EspProposal {
                ciphers: vec![CipherSpec::aes_gcm(128)],
                groups: vec![DhGroup::CURVE25519],
                esn: vec![true],
            }],
            lifetime: seconds(3_600),
            replay_window: DEFAULT_REPLAY_WINDOW,
            local: vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()],
            remote: vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()],
        },
        ike_lifetime: seconds(14_400),
        retransmit: RetransmitPolicy {
            initial: seconds(1),
            factor_tenths: 18,
            max_interval: seconds(10),
            transmissions: 6,
        },
        liveness: Some(seconds(20)),
        nat_keepalive: Some(seconds(20)),
        fragment_size: 1_228,
        log_messages: false,
        key_log: false,
        unix_epoch: UNIX_EPOCH,
        mobike: true,
        spi_tag: 0,
    }
}

/// A client that proves itself by `local_auth` and expects the same of the gateway or, if `anchor` is given, a
/// certificate under it.
pub fn client_config(name: &str, local_auth: LocalAuth, anchor: Option<&[u8]>) -> InitiatorConfig {
    let server = Identity::from_text("vpn.rig.test").unwrap();
    let remote_auth = match (anchor, &local_auth) {
        (Some(anchor), _) => {
            let mut anchors = Anchors::new();
            anchors.add(anchor).unwrap();
            RemoteAuth::Certificate(CertificatePolicy {
                anchors,
                name: Some(server.clone()),
                issuer: None,
                key_types: Vec::new(),
            })
        }
        (None, LocalAuth::SharedKey(secret)) => RemoteAuth::SharedKey(secret.clone()),
        (None, _) => panic!("a client without a shared key needs an anchor"),
    };
    InitiatorConfig {
        common: client_common(),
        local_id: Identity::from_text(name).unwrap(),
        remote_id: server,
        local_auth,
        remote_auth,
        request: ConfigRequest { ipv4: true, ipv6: true, subnets: true, domains: true },
        initial_contact: true,
        natt_ports: NattPorts { local: 4500, remote: 4500 },
    }
}

/// A client with the shared key of all.
pub fn psk_client(name: &str) -> InitiatorConfig {
    client_config(name, LocalAuth::SharedKey(Secret::from(SHARED_KEY.as_bytes())), None)
}

pub fn tunnel(ike: InitiatorConfig) -> TunnelConfig {
    TunnelConfig {
        ike: Arc::new(ike),
        mtu: 1_280,
        routes: RouteOptions::default(),
        idle: None,
        resolvers: Vec::new(),
    }
}

/// A key with its certificate.
pub fn certified(issued: &adit_gateway::init::Issued, provider: &CryptoProvider) -> Arc<CertifiedKey> {
    Arc::new(CertifiedKey {
        chain: vec![issued.certificate.clone()],
        key: provider.load_private_key(issued.private_key.expose()).unwrap(),
        padding: adit_ike::auth::RsaPadding::Pkcs1,
    })
}

/// The outer address of client `index`.
pub fn client_address(index: usize) -> IpAddr {
    IpAddr::from([198, 51, (index >> 8) as u8, (index & 0xff) as u8])
}

/// A gateway and clients on a network that has each check of what goes over the wire and of the packets' books.
pub struct Rig {
    pub books: SharedBooks,
    pub simulation: Simulation<Both>,
}

impl Rig {
    /// Clients that connect at the start, on `conditions`.
    pub fn new(seed: Seed, conditions: Conditions, gateway: Gateway, clients: Vec<InitiatorConfig>) -> Self {
        let mut rig = Self::unchecked(seed, conditions, gateway, clients);
        let mut nonces = NonceCheck::default();
        rig.simulation
            .on_datagram("no nonce twice", move |direction, datagram| nonces.check(direction, datagram));
        for needle in [CANARY, SHARED_KEY.as_bytes(), b"rig-password"] {
            rig.simulation.on_datagram("no plaintext", never_contains(needle));
        }
        rig
    }

    /// The same without the checks of the wire, which remember every datagram.
    pub fn unchecked(
        seed: Seed,
        conditions: Conditions,
        gateway: Gateway,
        clients: Vec<InitiatorConfig>,
    ) -> Self {
        let books: SharedBooks = Rc::new(RefCell::new(Books::default()));
        let mut network = Network::new(seed, conditions);
        let outer: IpAddr = OUTER.parse().unwrap();
        network.assign(outer, Star::GATEWAY);
        let nodes: Vec<ClientNode> = clients
            .into_iter()
            .enumerate()
            .map(|(index, config)| {
                let address = client_address(index);
                network.assign(address, Star::client(index));
                let provider = adit_crypto::testing::seeded(seed.0 ^ (index as u64 + 1));
                ClientNode::new(config, provider, address, SocketAddr::new(outer, 500), Rc::clone(&books))
            })
            .collect();
        let gateway = GatewayNode::new(gateway, Rc::clone(&books));
        let mut simulation = Simulation::new(seed, network, Star { gateway, clients: nodes });
        let watched = Rc::clone(&books);
        simulation.invariant("each packet once, unchanged, where it belongs", move |_, _, _| {
            watched.borrow_mut().broken.take().map_or(Ok(()), Err)
        });
        simulation.invariant("bounded, and addresses are nobody else's", |_, star: &mut Both, _| {
            star.gateway.check()?;
            star.clients.iter().try_for_each(ClientNode::check)
        });
        Self { books, simulation }
    }

    /// Runs until all clients are up on both sides.
    pub fn connect(&mut self, within: Duration) {
        self.simulation.run_until(within, |star| {
            star.clients.iter().all(ClientNode::is_up) && star.gateway.clients() == star.clients.len()
        });
    }

    /// Runs until client `index` got an answer to a packet it sends from now on.
    pub fn round_trip(&mut self, index: usize, within: Duration) {
        let before = self.simulation.clients[index].answers;
        self.simulation.clients[index].send_every(Some(Duration::from_millis(200)));
        self.simulation.run_until(within, |star| star.clients[index].answers > before);
        self.simulation.clients[index].send_every(None);
    }

    /// What the gateway's operator read, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.simulation.gateway.events
    }
}
