//! A client's tunnel and a server's, with nothing between them but what a test lets through.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, PrfId, Secret, default_provider};
use adit_esp::{DEFAULT_REPLAY_WINDOW, SegmentBuf, TrafficSelector};
use adit_ike::config::{
    ChildConfig, Config, ConfigRequest, InitiatorConfig, LocalAuth, NattPorts, RemoteAuth, ResponderConfig,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::Identity;
use adit_ike::proposal::{EspProposal, IkeProposal};
use adit_ike::time::Instant;
use adit_ike::{Answer, AssignedConfig, Event as IkeEvent, Path, Question, Transmit};
use adit_tunnel::{Engine, Event, Input, NotSent, RouteOptions, Tunnel, TunnelConfig};

pub const CLIENT: &str = "10.0.0.5";
pub const HOST: &str = "10.98.0.1";
pub const MTU: u16 = 1_280;

fn common(local: Vec<TrafficSelector>) -> Config {
    Config {
        ike_proposals: vec![IkeProposal {
            ciphers: vec![CipherSpec::aes_gcm(256)],
            prfs: vec![PrfId::HMAC_SHA2_256],
            groups: vec![DhGroup::CURVE25519],
        }],
        child: ChildConfig {
            proposals: vec![EspProposal {
                ciphers: vec![CipherSpec::aes_gcm(128)],
                groups: Vec::new(),
                esn: vec![false],
            }],
            lifetime: Duration::from_secs(3_600),
            replay_window: DEFAULT_REPLAY_WINDOW,
            local,
            remote: vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()],
        },
        ike_lifetime: Duration::from_secs(14_400),
        retransmit: RetransmitPolicy::default(),
        liveness: Some(Duration::from_secs(60)),
        nat_keepalive: Some(Duration::from_secs(20)),
        fragment_size: 1_228,
        log_messages: false,
        key_log: false,
        unix_epoch: 1_800_000_000,
        mobike: true,
        spi_tag: 0,
    }
}

fn secret() -> Secret {
    Secret::from(b"a shared key of the rig".as_slice())
}

pub fn client_config() -> InitiatorConfig {
    InitiatorConfig {
        common: common(vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()]),
        local_id: Identity::from_text("client@rig.test").unwrap(),
        remote_id: Identity::from_text("vpn.rig.test").unwrap(),
        local_auth: LocalAuth::SharedKey(secret()),
        remote_auth: RemoteAuth::SharedKey(secret()),
        request: ConfigRequest { ipv4: true, ipv6: true, subnets: true, domains: true },
        initial_contact: true,
        natt_ports: NattPorts { local: 4500, remote: 4500 },
    }
}

pub fn server_config() -> ResponderConfig {
    ResponderConfig {
        common: common(vec![TrafficSelector::from_prefix("10.98.0.0".parse().unwrap(), 16).unwrap()]),
        id: Identity::from_text("vpn.rig.test").unwrap(),
        certificate: None,
        shared_keys: Vec::new(),
        default_shared_key: Some(secret()),
        clients: None,
        users: BTreeMap::new(),
        half_open_timeout: Duration::from_secs(30),
    }
}

/// What the server assigns.
pub fn assigned() -> AssignedConfig {
    AssignedConfig {
        ipv4: Some((CLIENT.parse().unwrap(), 32)),
        ipv6: None,
        dns: vec![HOST.parse().unwrap()],
        domains: vec!["rig.test".into()],
        subnets: vec![("10.98.7.0".parse().unwrap(), 24)],
    }
}

/// Both tunnels.
pub struct Pair {
    pub now: Instant,
    pub client: Tunnel,
    pub server: Option<Tunnel>,
    server_config: Arc<ResponderConfig>,
    provider: CryptoProvider,
    pub client_events: Vec<Event>,
    pub server_events: Vec<Event>,
    /// Datagrams on their way: true to the server.
    pub wire: VecDeque<(bool, Transmit)>,
    /// An address translator stands in front of the client.
    pub nat: bool,
}

impl Pair {
    pub fn new(use_subnets: bool) -> Self {
        Self::of(client_config(), server_config(), use_subnets)
    }

    /// With name servers of the profile.
    pub fn with_resolvers(resolvers: Vec<IpAddr>) -> Self {
        Self::made(client_config(), server_config(), false, None, resolvers)
    }

    /// With configurations of their own.
    pub fn of(client: InitiatorConfig, server: ResponderConfig, use_subnets: bool) -> Self {
        Self::made(client, server, use_subnets, None, Vec::new())
    }

    /// The client ends when nothing goes through for so long.
    pub fn with_idle(
        client: InitiatorConfig,
        server: ResponderConfig,
        use_subnets: bool,
        idle: Option<Duration>,
    ) -> Self {
        Self::made(client, server, use_subnets, idle, Vec::new())
    }

    fn made(
        client: InitiatorConfig,
        server: ResponderConfig,
        use_subnets: bool,
        idle: Option<Duration>,
        resolvers: Vec<IpAddr>,
    ) -> Self {
        let now = Instant::from_epoch(Duration::from_secs(1_000));
        let provider = default_provider();
        let config = TunnelConfig {
            ike: Arc::new(client),
            mtu: MTU,
            routes: RouteOptions { use_subnets, ..RouteOptions::default() },
            idle,
            resolvers,
        };
        let client = Tunnel::connect(&config, provider, now, path(500)).unwrap();
        Self {
            now,
            client,
            server: None,
            server_config: Arc::new(server),
            provider,
            client_events: Vec::new(),
            server_events: Vec::new(),
            wire: VecDeque::new(),
            nat: false,
        }
    }

    pub fn up() -> Self {
        let mut pair = Self::new(false);
        pair.settle();
        assert!(pair.client.is_up() && pair.server().is_up());
        pair
    }

    pub fn server(&mut self) -> &mut Tunnel {
        self.server.as_mut().unwrap()
    }

    /// Takes what both have to say, without delivering it.
    pub fn collect(&mut self) {
        while let Some(event) = self.client.poll_event() {
            self.client_events.push(event);
        }
        while let Some(transmit) = self.client.poll_transmit() {
            self.wire.push_back((true, transmit));
        }
        let Some(server) = &mut self.server else { return };
        while let Some(event) = server.poll_event() {
            if let Event::Ike(IkeEvent::Ask { token, question: Question::Lease(_), .. }) = event {
                server.answer(self.now, token, Answer::Lease(assigned()));
                continue;
            }
            self.server_events.push(event);
        }
        while let Some(transmit) = server.poll_transmit() {
            self.wire.push_back((false, transmit));
        }
    }

    /// Delivers one datagram of what is on its way.
    pub fn deliver_one(&mut self) -> bool {
        self.collect();
        let Some((to_server, mut transmit)) = self.wire.pop_front() else { return false };
        let mut path = reverse(transmit.path);
        if self.nat {
            let seen = if to_server { [203, 0, 113, 9] } else { [192, 0, 2, 2] };
            let end = if to_server { &mut path.remote } else { &mut path.local };
            end.set_ip(IpAddr::from(seen));
        }
        let datagram = &mut transmit.payload;
        match (&mut self.server, to_server) {
            (None, true) => {
                let config = Arc::clone(&self.server_config);
                let server = Tunnel::respond(config, self.provider, self.now, path, 0, MTU, datagram);
                self.server = Some(server.unwrap());
            }
            (Some(server), true) => {
                server.handle_datagram(self.now, path, datagram);
            }
            (_, false) => {
                self.client.handle_datagram(self.now, path, datagram);
            }
        }
        true
    }

    /// Delivers until nothing is on its way.
    pub fn settle(&mut self) {
        while self.deliver_one() {}
    }

    /// Lets time pass for both, and delivers.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.settle();
            let deadlines = [self.client.poll_timeout(), self.server().poll_timeout()];
            let next = deadlines.into_iter().flatten().map(|(at, _)| at).min().filter(|at| *at <= end);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            self.client.handle_timeout(self.now);
            let now = self.now;
            self.server().handle_timeout(now);
            self.collect();
            assert!(self.client.poll_timeout().is_none_or(|(at, _)| at > self.now), "a deadline in the past");
            assert!(self.server().poll_timeout().is_none_or(|(at, _)| at > now), "a deadline in the past");
        }
        self.now = end;
    }
}

/// From the client's side.
pub fn path(port: u16) -> Path {
    Path {
        local: (IpAddr::from([192, 0, 2, 2]), port).into(),
        remote: (IpAddr::from([192, 0, 2, 1]), port).into(),
        encapsulated: port == 4500,
    }
}

pub fn reverse(path: Path) -> Path {
    Path { local: path.remote, remote: path.local, ..path }
}

/// An IPv4 packet with a UDP header.
pub fn packet(from: &str, to: &str, len: usize) -> Vec<u8> {
    let mut packet = vec![0x5a; len];
    packet[..20].copy_from_slice(&[0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    packet[2..4].copy_from_slice(&(len as u16).to_be_bytes());
    for (at, address) in [(12, from), (16, to)] {
        packet[at..at + 4].copy_from_slice(&address.parse::<std::net::Ipv4Addr>().unwrap().octets());
    }
    packet
}

/// Seals a packet whole into a buffer.
pub fn seal_into(
    tunnel: &mut Tunnel,
    now: Instant,
    packet: &[u8],
    out: &mut SegmentBuf,
) -> Result<Path, NotSent> {
    let fill = |room: &mut [u8]| {
        room.copy_from_slice(packet);
        true
    };
    tunnel.encapsulate(now, packet, packet.len(), fill, out)
}

/// Seals a packet into a datagram of its own.
pub fn seal(tunnel: &mut Tunnel, now: Instant, packet: &[u8]) -> Result<Vec<u8>, NotSent> {
    let mut out = SegmentBuf::new(1, 2_048);
    seal_into(tunnel, now, packet, &mut out)?;
    Ok(out.payload().to_vec())
}

/// The inner packet that a datagram from `tunnel`'s peer holds.
pub fn open(tunnel: &mut Tunnel, now: Instant, path: Path, datagram: &mut [u8]) -> Option<Vec<u8>> {
    match tunnel.handle_datagram(now, path, datagram) {
        Input::Packet(range) => Some(datagram[range].to_vec()),
        _ => None,
    }
}
