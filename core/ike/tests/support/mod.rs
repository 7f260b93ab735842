//! Two sessions with a queue between them and a clock that jumps to the next deadline.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

#[path = "../../src/certificate/asn1.rs"]
pub mod asn1;
#[path = "../../src/certificate/testing/mod.rs"]
pub mod certificates;
pub mod credentials;
pub mod raw;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, PrfId, Secret};
use adit_esp::TrafficSelector;
use adit_ike::config::{
    ChildConfig, Config, ConfigRequest, InitiatorConfig, LocalAuth, NattPorts, RemoteAuth, ResponderConfig,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::Identity;
use adit_ike::proposal::{EspProposal, IkeProposal};
use adit_ike::time::Instant;
use adit_ike::wire::Header;
use adit_ike::{
    Answer, AssignedConfig, ChildEvent, CloseReason, Established, Event, Path, Question, Session, Token,
    Transmit,
};

/// Who a datagram is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The client.
    Initiator,
    /// The gateway.
    Responder,
}

/// The proposals most tests use.
pub fn config() -> Config {
    Config {
        ike_proposals: vec![IkeProposal {
            ciphers: vec![CipherSpec::aes_gcm(256)],
            prfs: vec![PrfId::HMAC_SHA2_256],
            groups: vec![DhGroup::CURVE25519, DhGroup::ECP_256],
        }],
        child: ChildConfig {
            proposals: vec![EspProposal {
                ciphers: vec![CipherSpec::aes_gcm(128)],
                groups: vec![DhGroup::CURVE25519],
                esn: vec![false],
            }],
            lifetime: Duration::from_secs(3600),
            replay_window: 4096,
            local: vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()],
            remote: vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()],
        },
        ike_lifetime: Duration::from_secs(4 * 3600),
        retransmit: RetransmitPolicy::default(),
        liveness: Some(Duration::from_secs(60)),
        nat_keepalive: Some(Duration::from_secs(20)),
        fragment_size: 1200,
        log_messages: true,
        key_log: false,
        unix_epoch: 1_800_000_000,
        mobike: true,
        spi_tag: 0,
    }
}

/// A client with a pre-shared key.
pub fn initiator() -> InitiatorConfig {
    InitiatorConfig {
        common: config(),
        local_id: Identity::from_text("client@rig.test").unwrap(),
        remote_id: Identity::from_text("vpn.rig.test").unwrap(),
        local_auth: LocalAuth::SharedKey(Secret::from(b"rig secret".as_slice())),
        remote_auth: RemoteAuth::SharedKey(Secret::from(b"rig secret".as_slice())),
        request: ConfigRequest { ipv4: true, ipv6: true, subnets: true, domains: true },
        initial_contact: true,
        natt_ports: NattPorts { local: 4500, remote: 4500 },
    }
}

/// A gateway with a pre-shared key.
pub fn responder() -> ResponderConfig {
    ResponderConfig {
        common: config(),
        id: Identity::from_text("vpn.rig.test").unwrap(),
        certificate: None,
        shared_keys: vec![(
            Identity::from_text("client@rig.test").unwrap(),
            Secret::from(b"rig secret".as_slice()),
        )],
        default_shared_key: None,
        clients: None,
        users: BTreeMap::new(),
        half_open_timeout: Duration::from_secs(30),
    }
}

/// The gateway of [`responder`] with other common settings.
pub fn responder_from(other: &ResponderConfig) -> ResponderConfig {
    ResponderConfig { common: other.common.clone(), ..responder() }
}

/// The pair.
pub struct Pair {
    pub now: Instant,
    pub provider: CryptoProvider,
    pub client: Session,
    pub gateway: Option<Session>,
    pub responder: Arc<ResponderConfig>,
    pub queue: VecDeque<(Side, Transmit)>,
    pub client_events: Vec<Event>,
    pub gateway_events: Vec<Event>,
    /// Every datagram that was sent, for tests that look at it or send it again.
    pub log: Vec<(Side, Transmit)>,
    /// What the gateway's host answers; `None`: no address is left.
    pub lease: Option<AssignedConfig>,
    /// Addresses where nobody is any more: what goes there is lost.
    pub gone: Vec<IpAddr>,
    /// What the client's host answers; `None`: nothing yet.
    pub host: Host,
}

/// Answers a client's questions, or leaves them open.
pub type Host = Box<dyn FnMut(&Question) -> Option<Answer>>;

impl Pair {
    /// A client that has sent its first message.
    pub fn new(initiator: InitiatorConfig, responder: ResponderConfig) -> Self {
        let provider = adit_crypto::default_provider();
        Self::with_providers(initiator, responder, provider, provider)
    }

    /// The same with randomness of their own.
    pub fn with_providers(
        initiator: InitiatorConfig,
        responder: ResponderConfig,
        of_client: CryptoProvider,
        provider: CryptoProvider,
    ) -> Self {
        let now = Instant::from_epoch(Duration::from_secs(1000));
        let path = Path {
            local: "192.0.2.2:500".parse().unwrap(),
            remote: "192.0.2.1:500".parse().unwrap(),
            encapsulated: false,
        };
        let client = Session::connect(Arc::new(initiator), of_client, now, path).unwrap();
        Self {
            now,
            provider,
            client,
            gateway: None,
            responder: Arc::new(responder),
            queue: VecDeque::new(),
            client_events: Vec::new(),
            gateway_events: Vec::new(),
            log: Vec::new(),
            lease: Some(lease()),
            gone: Vec::new(),
            host: Box::new(|_| None),
        }
    }

    /// Both sides established.
    pub fn established(initiator: InitiatorConfig, responder: ResponderConfig) -> Self {
        let mut pair = Self::new(initiator, responder);
        pair.settle();
        assert!(
            pair.client_is_up() && pair.gateway_is_up(),
            "{:#?}\n{:#?}",
            pair.client_events,
            pair.gateway_events
        );
        pair
    }

    /// The client's open questions, oldest first.
    pub fn asked(&self) -> Vec<(Token, Instant, Question)> {
        let asked = self.client_events.iter().filter_map(|event| match event {
            Event::Ask { token, deadline, question } => Some((*token, *deadline, question.clone())),
            _ => None,
        });
        asked.collect()
    }

    /// Why the client ended, if it did.
    pub fn client_closed(&self) -> Option<&CloseReason> {
        closed(&self.client_events)
    }

    /// Why the gateway's session ended, if it did.
    pub fn gateway_closed(&self) -> Option<&CloseReason> {
        closed(&self.gateway_events)
    }

    pub fn gateway(&mut self) -> &mut Session {
        self.gateway.as_mut().expect("the gateway has a session")
    }

    pub fn client_is_up(&self) -> bool {
        self.client_events.iter().any(|event| matches!(event, Event::Established(_)))
    }

    pub fn gateway_is_up(&self) -> bool {
        self.gateway_events.iter().any(|event| matches!(event, Event::Established(_)))
    }

    /// Moves output of both sides into the queue and answers questions.
    pub fn collect(&mut self) {
        while let Some(transmit) = self.client.poll_transmit() {
            self.log.push((Side::Responder, transmit.clone()));
            self.queue.push_back((Side::Responder, transmit));
        }
        while let Some(event) = self.client.poll_event() {
            if let Event::Ask { token, question, .. } = &event
                && let Some(answer) = (self.host)(question)
            {
                self.client.answer(self.now, *token, answer);
                while let Some(transmit) = self.client.poll_transmit() {
                    self.log.push((Side::Responder, transmit.clone()));
                    self.queue.push_back((Side::Responder, transmit));
                }
            }
            self.client_events.push(event);
        }
        let Some(gateway) = &mut self.gateway else { return };
        loop {
            if let Some(transmit) = gateway.poll_transmit() {
                self.log.push((Side::Initiator, transmit.clone()));
                self.queue.push_back((Side::Initiator, transmit));
            } else if let Some(event) = gateway.poll_event() {
                if let Event::Ask { token, .. } = &event {
                    let answer = self.lease.clone().map_or(Answer::NoLease, Answer::Lease);
                    gateway.answer(self.now, *token, answer);
                }
                self.gateway_events.push(event);
            } else {
                break;
            }
        }
    }

    /// Hands over one datagram.
    pub fn deliver(&mut self, side: Side, transmit: &Transmit) {
        if self.gone.contains(&transmit.path.remote.ip()) || self.gone.contains(&transmit.path.local.ip()) {
            return;
        }
        let path = Path {
            local: transmit.path.remote,
            remote: transmit.path.local,
            encapsulated: transmit.path.encapsulated,
        };
        let mut message = transmit.payload.clone();
        if transmit.path.encapsulated {
            if message.len() < 4 || message[..4] != [0; 4] {
                return;
            }
            message.drain(..4);
        }
        match side {
            Side::Initiator => drop(self.client.handle_message(self.now, path, &mut message)),
            Side::Responder => match &mut self.gateway {
                Some(gateway) => drop(gateway.handle_message(self.now, path, &mut message)),
                None => {
                    match Session::respond(self.responder.clone(), self.provider, self.now, path, 0, &message)
                    {
                        Ok(session) => self.gateway = Some(session),
                        Err(refused) => {
                            if let Some(reply) = refused.reply {
                                self.queue.push_back((Side::Initiator, Transmit { path, payload: reply }));
                            }
                        }
                    }
                }
            },
        }
    }

    /// Runs until no datagram is on its way.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            self.collect();
            let Some((side, transmit)) = self.queue.pop_front() else { return };
            self.now = self.now + Duration::from_millis(5);
            self.deliver(side, &transmit);
        }
        panic!("the two sides never come to rest");
    }

    /// Lets time pass, deadline by deadline.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..100_000 {
            self.settle();
            let deadlines =
                [self.client.poll_timeout(), self.gateway.as_ref().and_then(Session::poll_timeout)];
            let next = deadlines.into_iter().flatten().map(|(at, _)| at).min();
            match next.filter(|at| *at <= end) {
                None => {
                    self.now = self.now.max(end);
                    return;
                }
                Some(at) => {
                    self.now = self.now.max(at);
                    self.client.handle_timeout(self.now);
                    if let Some(gateway) = &mut self.gateway {
                        gateway.handle_timeout(self.now);
                    }
                }
            }
        }
        panic!("deadlines never end");
    }

    /// Drops what is on its way.
    pub fn drop_queue(&mut self) -> usize {
        self.collect();
        let count = self.queue.len();
        self.queue.clear();
        count
    }

    /// The Child SAs a side has now, by inbound and outbound SPI.
    pub fn children(events: &[Event]) -> Vec<(u32, u32)> {
        let mut children = BTreeMap::new();
        for event in events {
            match event {
                Event::Child(ChildEvent::Install { id, inbound, outbound, .. }) => {
                    children.insert(*id, (inbound.spi, outbound.spi));
                }
                Event::Child(ChildEvent::Remove { id, .. }) => {
                    children.remove(id);
                }
                _ => {}
            }
        }
        children.into_values().collect()
    }

    /// The inbound SPI of the pair a side seals with now.
    pub fn sealing(events: &[Event]) -> Option<u32> {
        let mut spis = BTreeMap::new();
        let mut using = None;
        for event in events {
            match event {
                Event::Child(ChildEvent::Install { id, outbound, .. }) => {
                    let _ = spis.insert(*id, outbound.spi);
                }
                Event::Child(ChildEvent::UseOutbound(id)) => using = spis.get(id).copied(),
                Event::Child(ChildEvent::Remove { id, .. }) => {
                    spis.remove(id);
                }
                _ => {}
            }
        }
        using
    }

    /// Both sides have the same one Child SA, and seal into it.
    pub fn assert_one_child(&self) {
        let client = Self::children(&self.client_events);
        let gateway = Self::children(&self.gateway_events);
        assert_eq!(client.len(), 1, "client: {client:x?}, gateway: {gateway:x?}");
        let mirrored: Vec<_> = gateway.iter().map(|(inbound, outbound)| (*outbound, *inbound)).collect();
        assert_eq!(client, mirrored);
        assert_eq!(Self::sealing(&self.client_events), Some(client[0].1));
        assert_eq!(Self::sealing(&self.gateway_events), Some(gateway[0].1));
    }
}

/// Why a side ended, if it did.
pub fn closed(events: &[Event]) -> Option<&CloseReason> {
    events.iter().find_map(|event| match event {
        Event::Closed(reason) => Some(reason),
        _ => None,
    })
}

/// What both sides know of an established session.
pub fn established(events: &[Event]) -> &Established {
    let found = events.iter().find_map(|event| match event {
        Event::Established(established) => Some(established),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("not established: {events:#?}"))
}

/// A random source that makes the nonces of a rekey start with octets the test chose. It knows nonces by their
/// place among the values of 32 octets.
#[derive(Debug)]
pub struct Nonces {
    next: std::sync::Mutex<VecDeque<Option<u8>>>,
    inner: &'static dyn adit_crypto::SecureRandom,
    /// Values of 32 octets that a key pair of Curve25519 takes.
    of_key_pair: usize,
}

impl Nonces {
    /// A provider with such a source, and the source.
    pub fn provider() -> (CryptoProvider, &'static Self) {
        let provider = adit_crypto::default_provider();
        let probe = Self {
            next: vec![None; 16].into_iter().collect::<VecDeque<_>>().into(),
            inner: provider.random,
            of_key_pair: 0,
        };
        let method = provider.key_exchange(DhGroup::CURVE25519).unwrap();
        drop(method.generate(&probe).unwrap());
        let of_key_pair = 16 - probe.next.lock().unwrap().len();
        let nonces: &'static Self =
            Box::leak(Box::new(Self { next: Default::default(), inner: provider.random, of_key_pair }));
        (CryptoProvider { random: nonces, ..provider }, nonces)
    }

    /// How the nonce of the next request starts, and that of the answer after it.
    pub fn start_with(&self, request: u8, answer: u8) {
        let mut next = self.next.lock().unwrap();
        next.clear();
        next.push_back(Some(request));
        next.extend(vec![None; 2 * self.of_key_pair]);
        next.push_back(Some(answer));
    }
}

impl adit_crypto::SecureRandom for Nonces {
    fn fill(&self, out: &mut [u8]) -> Result<(), adit_crypto::CryptoError> {
        self.inner.fill(out)?;
        if out.len() == 32
            && let Some(Some(first)) = self.next.lock().unwrap().pop_front()
        {
            out[0] = first;
        }
        Ok(())
    }
}

/// What the gateway assigns in tests.
pub fn lease() -> AssignedConfig {
    AssignedConfig {
        ipv4: Some((Ipv4Addr::new(10, 97, 0, 5), 32)),
        ipv6: Some(("fd00::5".parse().unwrap(), 128)),
        dns: vec![IpAddr::V4(Ipv4Addr::new(10, 97, 0, 1))],
        domains: vec!["rig.test".into()],
        subnets: vec![(IpAddr::V4(Ipv4Addr::new(10, 98, 0, 0)), 16)],
    }
}

/// The header of a captured datagram.
pub fn header(transmit: &Transmit) -> Header {
    let skip = if transmit.path.encapsulated { 4 } else { 0 };
    Header::parse(&transmit.payload[skip..]).unwrap()
}
