//! Two sessions on a bad network, told at random to rekey and to check liveness: whatever happens, they come to
//! rest with one IKE SA and one pair of Child SAs, and no packet is sealed that the peer cannot open.
//!
//! After each step: no IV twice under an IKE SA's keys, no identity and no secret on the wire, no deadline in the past
//! without output (the simulation's own), bounded queues, each Child SA installed once under an SPI of its own; in some
//! runs also no key of a Child SA on the wire and no secret in what a log would show.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CryptoProvider, DhGroup, Secret};
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::Anchors;
use adit_ike::config::{
    CertificatePolicy, Config, HostKey, InitiatorConfig, LocalAuth, RemoteAuth, ResponderConfig,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::time::Instant;
use adit_ike::{
    Answer, AuthFailure, ChildEvent, ChildId, CloseReason, Command, Event, Failure, NetworkChange, Path,
    Question, Session, Token, Transmit,
};
use adit_testkit::network::NatSettings;
use adit_testkit::wire::{NonceCheck, never_contains};
use adit_testkit::{
    Conditions, Datagram, Endpoint, Network, Pair, Prng, Seed, SeededRandom, Simulation, for_each_seed,
};
use support::certificates::{P256_A, P256_B};
use support::credentials::{self, PASSWORD, USER};
use support::{initiator, lease, responder};

const CLIENT: &str = "192.0.2.2";
const GATEWAY: &str = "192.0.2.1";

/// What both sides know and nobody else may see: the identities and the pre-shared key of `support`.
const PRIVATE: [&[u8]; 3] = [b"client@rig.test", b"vpn.rig.test", b"rig secret"];

/// A side with its Child SAs, as a tunnel would keep them.
struct Node {
    session: Option<Session>,
    /// For a gateway without a session.
    responder: Option<Arc<ResponderConfig>>,
    provider: CryptoProvider,
    out: VecDeque<Datagram>,
    /// Inbound SPI, outbound SPI.
    children: BTreeMap<ChildId, (u32, u32)>,
    sealing: Option<ChildId>,
    /// Removed Child SAs and when they stop opening.
    late: Vec<(u32, Instant)>,
    established: bool,
    closed: Option<CloseReason>,
    ike_rekeys: usize,
    child_rekeys: usize,
    /// Packets for which there was no SA.
    lost: usize,
    /// Packets for which there was one.
    opened: usize,
    /// Packets sealed, and the newest that came.
    sequence: u32,
    newest: u32,
    /// Most events waiting at once.
    most_events: usize,
    warnings: Vec<String>,
    /// Keys of Child SAs, if they are watched for.
    keys: Option<Rc<RefCell<Keys>>>,
    /// Messages shown in readable form.
    shown: usize,
    /// An expectation that did not hold.
    broken: Option<String>,
    /// How a client's host answers; `None`: as a gateway's, at once.
    host: Option<Host>,
    /// Answers on their way.
    answers: Vec<(Instant, Token, Answer)>,
    asked: usize,
}

/// Answers to a question, each with the time it takes.
type Host = Box<dyn FnMut(&Question) -> Vec<(Duration, Answer)>>;

/// Keys by their first octets.
#[derive(Default)]
struct Keys(BTreeMap<[u8; 8], Vec<u8>>);

impl Keys {
    fn add(&mut self, key: &[u8]) {
        self.0.insert(*key.first_chunk().expect("a key"), key.to_vec());
    }

    fn are_in(&self, bytes: &[u8]) -> bool {
        bytes.windows(8).enumerate().any(|(at, window)| {
            let first: &[u8; 8] = window.try_into().unwrap();
            self.0.get(first).is_some_and(|key| bytes[at..].starts_with(key))
        })
    }

    /// Whether a text has one of them in hexadecimal or as a list of numbers, or the pre-shared key.
    fn are_told_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        text.contains("rig secret")
            || self.0.values().any(|key| {
                let hex: Vec<String> = key.iter().map(|octet| format!("{octet:02x}")).collect();
                let list = format!("{key:?}");
                [hex.concat(), hex.join(" "), hex.join(":"), list[1..list.len() - 1].to_owned()]
                    .iter()
                    .any(|spelling| text.contains(spelling))
            })
    }
}

impl Node {
    fn new(
        provider: CryptoProvider,
        session: Option<Session>,
        responder: Option<Arc<ResponderConfig>>,
        keys: Option<Rc<RefCell<Keys>>>,
    ) -> Self {
        Self {
            session,
            responder,
            provider,
            out: VecDeque::new(),
            children: BTreeMap::new(),
            sealing: None,
            late: Vec::new(),
            established: false,
            closed: None,
            ike_rekeys: 0,
            child_rekeys: 0,
            lost: 0,
            opened: 0,
            sequence: 0,
            newest: 0,
            most_events: 0,
            warnings: Vec::new(),
            keys,
            shown: 0,
            broken: None,
            host: None,
            answers: Vec::new(),
            asked: 0,
        }
    }

    /// Notes a Child SA that is new.
    fn install(&mut self, id: ChildId, inbound: u32, outbound: u32) {
        let known = self.children.contains_key(&id);
        let taken = self.children.values().any(|(spi, _)| *spi == inbound)
            || self.late.iter().any(|(spi, _)| *spi == inbound);
        if known || taken {
            self.broken = Some(format!("{id:?} with SPI {inbound:08x}: known {known}, SPI taken {taken}"));
        }
        self.children.insert(id, (inbound, outbound));
    }

    /// Looks for secrets in what a log would show.
    fn told(&mut self, text: &str) {
        if self.keys.as_ref().is_some_and(|keys| keys.borrow().are_told_in(text)) {
            self.broken = Some(format!("a secret in: {text}"));
        }
    }

    fn drain(&mut self, now: Instant) {
        let Some(mut session) = self.session.take() else { return };
        let mut events = 0;
        while let Some(event) = session.poll_event() {
            events += 1;
            match event {
                Event::Ask { token, question, .. } => match &mut self.host {
                    Some(host) => {
                        self.asked += 1;
                        let answers = host(&question).into_iter();
                        self.answers.extend(answers.map(|(delay, answer)| (now + delay, token, answer)));
                    }
                    None => session.answer(now, token, Answer::Lease(lease())),
                },
                Event::Established(_) => self.established = true,
                Event::IkeRekeyed { .. } => self.ike_rekeys += 1,
                Event::Message(message) => {
                    self.shown += 1;
                    self.told(&message.text);
                }
                Event::Warning(text) => {
                    self.told(&text);
                    self.warnings.push(text);
                }
                Event::Closed(reason) => {
                    self.told(&format!("{reason:?}"));
                    self.closed = Some(reason);
                }
                Event::Child(ChildEvent::Install { id, inbound, outbound, replaces, .. }) => {
                    if let Some(keys) = &self.keys {
                        keys.borrow_mut().add(inbound.encr_key.expose());
                        keys.borrow_mut().add(outbound.encr_key.expose());
                        self.told(&format!("{inbound:?} {outbound:?} {session:?}"));
                    }
                    self.child_rekeys += usize::from(replaces.is_some());
                    self.install(id, inbound.spi, outbound.spi);
                }
                Event::Child(ChildEvent::UseOutbound(id)) => self.sealing = Some(id),
                Event::Child(ChildEvent::Remove { id, until }) => {
                    let (inbound, _) = self.children.remove(&id).expect("a Child SA that was installed");
                    self.late.push((inbound, until));
                    if self.sealing == Some(id) {
                        self.sealing = None;
                    }
                }
                _ => {}
            }
        }
        self.most_events = self.most_events.max(events);
        self.late.retain(|(_, until)| *until > now);
        while let Some(Transmit { path, payload }) = session.poll_transmit() {
            self.out.push_back(Datagram { from: path.local, to: path.remote, bytes: payload });
        }
        self.session = Some(session);
    }

    /// Seals a packet, if there is a pair for it.
    fn send_packet(&mut self) {
        let (Some(session), Some(sealing)) = (&mut self.session, self.sealing) else { return };
        let (_, spi) = self.children[&sealing];
        let path = session.path();
        self.sequence += 1;
        let bytes = [&spi.to_be_bytes()[..], &self.sequence.to_be_bytes()].concat();
        self.out.push_back(Datagram { from: path.local, to: path.remote, bytes });
    }

    fn open_packet(&mut self, now: Instant, path: Path, spi: u32, sequence: &[u8]) {
        let sequence = u32::from_be_bytes(sequence.try_into().unwrap());
        // A packet that others have overtaken, or a copy, tells nothing about where the peer is now.
        let newest = sequence > self.newest;
        self.newest = self.newest.max(sequence);
        let child = self.children.iter().find(|(_, (inbound, _))| *inbound == spi).map(|(id, _)| *id);
        let late = self.late.iter().any(|(inbound, until)| *inbound == spi && *until > now);
        match (child, &mut self.session) {
            (Some(child), Some(session)) => {
                self.opened += 1;
                let path = if newest { path } else { session.path() };
                session.note_received(now, path, child);
            }
            _ if late => self.opened += 1,
            _ => self.lost += 1,
        }
    }

    fn request(&mut self, now: Instant, command: Command) {
        if let Some(session) = &mut self.session {
            session.request(now, command);
        }
        self.drain(now);
    }
}

#[test]
fn f03_a_secret_would_be_found() {
    let mut keys = Keys::default();
    keys.add(&[7; 20]);
    assert!(keys.are_in(&[&[1, 2, 3][..], &[7; 20]].concat()));
    assert!(!keys.are_in(&[7; 19]) && !keys.are_in(&[]));
    for text in [&"07".repeat(20), "the RIG Secret", &"07 ".repeat(20), &format!("{:?}", [7; 20])] {
        assert!(keys.are_told_in(text), "{text}");
    }
    assert!(!keys.are_told_in("a rig's key"));
}

fn at(now: Duration) -> Instant {
    Instant::from_epoch(now)
}

impl Endpoint for Node {
    fn handle(&mut self, now: Duration, from: SocketAddr, to: SocketAddr, bytes: &mut [u8]) {
        let path = Path { local: to, remote: from, encapsulated: to.port() == 4500 };
        let now = at(now);
        let message = if path.encapsulated {
            match bytes.split_first_chunk_mut::<4>() {
                Some(([0, 0, 0, 0], message)) => message,
                Some((spi, sequence)) => {
                    let (spi, sequence) = (u32::from_be_bytes(*spi), sequence.to_vec());
                    self.open_packet(now, path, spi, &sequence);
                    return self.drain(now);
                }
                None => return,
            }
        } else {
            bytes
        };
        match (&mut self.session, &self.responder) {
            (Some(session), _) => drop(session.handle_message(now, path, message)),
            (None, Some(config)) => {
                self.session = Session::respond(config.clone(), self.provider, now, path, 0, message).ok();
            }
            (None, None) => {}
        }
        self.drain(now);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Datagram> {
        self.drain(at(now));
        self.out.pop_front()
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        let session = self.session.as_ref()?.poll_timeout().map(|(at, _)| at);
        let answers = self.answers.iter().map(|(at, ..)| *at);
        session.into_iter().chain(answers).min().map(Instant::since_epoch)
    }

    fn handle_timeout(&mut self, now: Duration) {
        let (due, later) =
            std::mem::take(&mut self.answers).into_iter().partition(|(time, ..)| *time <= at(now));
        self.answers = later;
        let due: Vec<(Instant, Token, Answer)> = due;
        if let Some(session) = &mut self.session {
            for (_, token, answer) in due {
                session.answer(at(now), token, answer);
            }
            session.handle_timeout(at(now));
        }
        self.drain(at(now));
    }
}

fn provider(prng: &mut Prng) -> CryptoProvider {
    let random = Box::leak(Box::new(SeededRandom::new(Seed(prng.next_u64()))));
    CryptoProvider { random, ..adit_crypto::default_provider() }
}

/// What differs from run to run.
struct Plan {
    loss: f64,
    commands: u64,
    /// Secrets are looked for in every datagram and every text.
    watched: bool,
}

fn configurations(prng: &mut Prng) -> (InitiatorConfig, ResponderConfig, Plan) {
    let (mut client, mut gateway) = (initiator(), responder());
    // The give-up is tested elsewhere: here a peer is never dead.
    let retransmit = RetransmitPolicy {
        initial: Duration::from_millis(500),
        factor_tenths: 14,
        max_interval: Duration::from_secs(3),
        transmissions: 60,
    };
    let watched = prng.chance(0.1);
    for config in [&mut client.common, &mut gateway.common] {
        config.log_messages = watched;
        config.retransmit = retransmit;
    }
    gateway.half_open_timeout = Duration::from_secs(300);
    if prng.chance(0.3) {
        for config in [&mut client.common, &mut gateway.common] {
            config.child.lifetime = Duration::from_secs(3 + prng.below(10));
            config.ike_lifetime = Duration::from_secs(8 + prng.below(20));
            config.liveness = Some(Duration::from_secs(1 + prng.below(5)));
        }
    }
    let one_sided = |config: &mut Config, groups: Vec<DhGroup>| config.child.proposals[0].groups = groups;
    match prng.below(4) {
        // INVALID_KE_PAYLOAD to each rekey of the client, of the gateway, no PFS, the usual.
        0 => {
            one_sided(&mut client.common, vec![DhGroup::ECP_256, DhGroup::CURVE25519]);
        }
        1 => {
            one_sided(&mut gateway.common, vec![DhGroup::ECP_256, DhGroup::CURVE25519]);
        }
        2 => {
            one_sided(&mut client.common, Vec::new());
            one_sided(&mut gateway.common, Vec::new());
        }
        _ => {}
    }
    let plan = Plan { loss: prng.below(31) as f64 / 100.0, commands: 4 + prng.below(16), watched };
    (client, gateway, plan)
}

type Run = Simulation<Pair<Node, Node>>;

fn start(seed: Seed, may_close: bool) -> (Run, Prng, Plan) {
    let mut prng = Prng::new(seed).fork("ike");
    let (client, gateway, plan) = configurations(&mut prng);
    let mut run = begin(seed, may_close, &mut prng, client, gateway, &plan);
    run.run_until(Duration::from_secs(200), |nodes| nodes.client.established && nodes.gateway.established);
    run.invariant("no packet is lost", move |_, nodes, _| {
        if may_close {
            return Ok(());
        }
        for (name, node) in [("client", &nodes.client), ("gateway", &nodes.gateway)] {
            if node.lost > 0 {
                return Err(format!("{name} got {} packets it could not open", node.lost));
            }
            if node.sealing.is_none() {
                return Err(format!("{name} has nothing to seal with"));
            }
        }
        Ok(())
    });
    (run, prng, plan)
}

/// Both sides, before anything was sent.
fn begin(
    seed: Seed,
    may_close: bool,
    prng: &mut Prng,
    client: InitiatorConfig,
    gateway: ResponderConfig,
    plan: &Plan,
) -> Run {
    let (for_client, for_gateway) = (provider(prng), provider(prng));
    let mut network = Network::new(seed, Conditions::rough(plan.loss));
    network.assign(CLIENT.parse().unwrap(), Pair::CLIENT);
    network.assign(GATEWAY.parse().unwrap(), Pair::GATEWAY);
    let path = support::raw::path(CLIENT, GATEWAY, 500);
    let session = Session::connect(Arc::new(client), for_client, at(Duration::ZERO), path).unwrap();
    let keys = plan.watched.then(Rc::<RefCell<Keys>>::default);
    let nodes = Pair {
        client: Node::new(for_client, Some(session), None, keys.clone()),
        gateway: Node::new(for_gateway, None, Some(Arc::new(gateway)), keys.clone()),
    };
    let mut run = Simulation::new(seed, network, nodes);
    let mut nonces = NonceCheck::default();
    run.on_datagram("no nonce twice", move |direction, datagram| nonces.check(direction, datagram));
    for needle in PRIVATE {
        run.on_datagram("no plaintext", never_contains(needle));
    }
    if let Some(keys) = keys {
        run.on_datagram("no key", move |_, datagram| {
            if keys.borrow().are_in(&datagram.bytes) { Err("a Child SA's key".into()) } else { Ok(()) }
        });
    }
    run.invariant("bounded", move |_, nodes, _| {
        for (name, node) in [("client", &nodes.client), ("gateway", &nodes.gateway)] {
            if let Some(broken) = &node.broken {
                return Err(format!("{name}: {broken}"));
            }
            if node.children.len() > 8 || node.late.len() > 64 || node.most_events > 24 {
                return Err(format!(
                    "{name}: {} Child SAs, {} late, {} events at once",
                    node.children.len(),
                    node.late.len(),
                    node.most_events
                ));
            }
            if let Some(reason) = &node.closed
                && !may_close
            {
                return Err(format!("{name} closed: {reason:?}; {:?}", node.warnings));
            }
        }
        Ok(())
    });
    run
}

fn command(prng: &mut Prng) -> Command {
    match prng.below(5) {
        0 | 1 => Command::RekeyChild,
        2 | 3 => Command::RekeyIke,
        _ => Command::CheckLiveness,
    }
}

fn spis(node: &Node) -> impl PartialEq + std::fmt::Debug + use<> {
    node.session.as_ref().unwrap().spis()
}

fn check_rest(run: &Run) {
    let (client, gateway) = (&run.client, &run.gateway);
    assert_eq!(spis(client), spis(gateway), "one IKE SA");
    let mirrored: Vec<_> =
        gateway.children.values().map(|(inbound, outbound)| (*outbound, *inbound)).collect();
    let ours: Vec<_> = client.children.values().copied().collect();
    assert_eq!(ours, mirrored, "the same Child SAs");
    assert_eq!(ours.len(), 1, "one pair");
    assert!(client.sealing.is_some() && gateway.sealing.is_some());
}

#[test]
fn d04_random_rekeys_on_a_bad_network_leave_one_pair_and_lose_nothing() {
    let (mut ike_rekeys, mut child_rekeys, mut shown) = (0, 0, 0);
    for_each_seed("ike rekeys", |seed| {
        let (mut run, mut prng, plan) = start(seed, false);
        for _ in 0..plan.commands {
            let now = at(run.now());
            let side = prng.below(3);
            if side != 0 {
                run.client.request(now, command(&mut prng));
            }
            if side != 1 {
                // Sometimes while the first is on its way.
                run.run_for(prng.duration_up_to(Duration::from_millis(60)));
                let now = at(run.now());
                run.gateway.request(now, command(&mut prng));
            }
            for _ in 0..prng.below(4) {
                run.client.send_packet();
                run.gateway.send_packet();
                run.run_for(prng.duration_up_to(Duration::from_millis(300)));
            }
            run.run_for(prng.duration_up_to(Duration::from_secs(2)));
        }
        // Nothing random any more: everything under way ends.
        run.network.set_all_conditions(Conditions::default());
        settle(&mut run);
        check_rest(&run);
        // And nothing is stuck: each side can still do everything.
        for client in [true, false] {
            for command in [Command::RekeyChild, Command::RekeyIke] {
                let now = at(run.now());
                let (ike, child) = (run.client.ike_rekeys, run.client.child_rekeys);
                let node = if client { &mut run.client } else { &mut run.gateway };
                node.request(now, command);
                settle(&mut run);
                let more = (run.client.ike_rekeys > ike, run.client.child_rekeys > child);
                assert!(if command == Command::RekeyIke { more.0 } else { more.1 }, "{command:?} is stuck");
                check_rest(&run);
            }
        }
        ike_rekeys += run.client.ike_rekeys;
        child_rekeys += run.client.child_rekeys;
        shown += run.client.shown + run.gateway.shown;
    });
    println!("{ike_rekeys} IKE rekeys, {child_rekeys} Child SA rekeys, {shown} messages in readable form");
}

/// Waits until a quiet moment, which short lifetimes make rare.
fn settle(run: &mut Run) {
    run.run_for(Duration::from_secs(25));
    run.run_until(Duration::from_secs(120), |nodes| {
        nodes.client.children.len() == 1
            && nodes.gateway.children.len() == 1
            && spis(&nodes.client) == spis(&nodes.gateway)
    });
}

#[test]
fn d09_a_close_at_any_moment_ends_both_sides_and_leaves_nothing() {
    for_each_seed("ike closes", |seed| {
        let (mut run, mut prng, plan) = start(seed, true);
        for _ in 0..plan.commands / 4 {
            let now = at(run.now());
            run.client.request(now, command(&mut prng));
            run.gateway.request(now, command(&mut prng));
            run.run_for(prng.duration_up_to(Duration::from_millis(400)));
        }
        let now = at(run.now());
        let by_client = prng.chance(0.5);
        let node = if by_client { &mut run.client } else { &mut run.gateway };
        node.request(now, Command::Close);
        // The side that was asked is done in seconds; the other hears of it, or finds out.
        run.run_until(Duration::from_secs(5), |nodes| {
            let node = if by_client { &nodes.client } else { &nodes.gateway };
            node.closed.is_some()
        });
        run.run_until(Duration::from_secs(600), |nodes| {
            nodes.client.closed.is_some() && nodes.gateway.closed.is_some()
        });
        let nodes = &mut *run;
        for node in [&mut nodes.client, &mut nodes.gateway] {
            assert!(node.children.is_empty() && node.poll_timeout().is_none(), "{:?}", node.closed);
        }
    });
}

/// How a host behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    /// It does what it is asked, though perhaps late.
    Late,
    /// It does not answer in time, and then does.
    Never,
    /// It says no.
    Refuses,
    /// It answers first with what was not asked, then signs with another key, then rightly.
    Wrongly,
}

fn answers(manner: Manner, delay: Duration, question: &Question) -> Vec<(Duration, Answer)> {
    let sign = |key: &[u8], request: &adit_ike::SignRequest| {
        let key = support::certificates::load(key);
        let random = adit_crypto::default_provider().random;
        Answer::Signature(Ok(key.sign(request.scheme, &request.message, random).unwrap()))
    };
    let good = match question {
        Question::Sign(request) => sign(P256_A, request),
        Question::JudgeChain(_) => Answer::Chain(Ok(())),
        Question::Password(_) => Answer::Credentials(Some((USER.into(), Secret::from(PASSWORD.as_bytes())))),
        Question::Lease(_) => unreachable!("a client"),
    };
    let no = match question {
        Question::Sign(_) => Answer::Signature(Err("no".into())),
        Question::JudgeChain(_) => Answer::Chain(Err("no".into())),
        _ => Answer::Credentials(None),
    };
    match (manner, question) {
        (Manner::Late, _) => vec![(delay, good)],
        (Manner::Never, _) => vec![(Duration::from_secs(130) + delay, good)],
        (Manner::Refuses, _) => vec![(delay, no), (delay, good)],
        (Manner::Wrongly, Question::Sign(request)) => {
            vec![(delay / 2, Answer::Chain(Ok(()))), (delay, sign(P256_B, request)), (delay, good)]
        }
        (Manner::Wrongly, _) => vec![(delay / 2, Answer::NoLease), (delay, good)],
    }
}

#[test]
fn a_host_that_is_late_silent_or_wrong_on_a_bad_network_leads_to_a_tunnel_or_to_a_reason() {
    let mut met = BTreeMap::new();
    for_each_seed("hosts", |seed| {
        let mut prng = Prng::new(seed).fork("host");
        let (plain, plain_gateway, plan) = configurations(&mut prng);
        let kind = prng.below(3);
        let local_auth = match kind {
            0 => {
                let chain = credentials::client(P256_A).chain;
                LocalAuth::HostKey(Arc::new(HostKey::new("key", chain, RsaPadding::Pkcs1).unwrap()))
            }
            1 => LocalAuth::Certificate(Arc::new(credentials::client(P256_A))),
            _ => LocalAuth::EapAsked { username: None, names_us: false },
        };
        let common = Config { unix_epoch: support::certificates::NOW, ..plain.common };
        let mut client = InitiatorConfig { common, ..credentials::initiator(local_auth) };
        let judged = kind == 1 || prng.chance(0.5);
        if judged && let RemoteAuth::Certificate(policy) = client.remote_auth {
            let policy = CertificatePolicy { anchors: Anchors::new(), ..policy };
            client.remote_auth = RemoteAuth::HostJudged(policy);
        }
        let common = Config { unix_epoch: support::certificates::NOW, ..plain_gateway.common };
        let gateway = credentials::responder(credentials::server(P256_A));
        let gateway =
            ResponderConfig { common, half_open_timeout: plain_gateway.half_open_timeout, ..gateway };
        let manner = [Manner::Late, Manner::Late, Manner::Never, Manner::Refuses, Manner::Wrongly]
            [prng.below(5) as usize];
        let delay = prng.duration_up_to(Duration::from_secs(20));
        let mut run = begin(seed, true, &mut prng, client, gateway, &plan);
        run.client.host = Some(Box::new(move |question| answers(manner, delay, question)));
        run.run_until(Duration::from_secs(700), |nodes| {
            nodes.client.closed.is_some()
                || (nodes.client.established && nodes.gateway.established && nodes.client.answers.is_empty())
        });
        let expected = match (manner, kind) {
            (Manner::Never, _) => "silent",
            (Manner::Refuses, 0) => "not signed",
            (Manner::Refuses, 2) => "no password",
            (Manner::Refuses, _) => "not trusted",
            (Manner::Wrongly, 0) => "wrong signature",
            _ => "up",
        };
        let found = match &run.client.closed {
            None => "up",
            Some(CloseReason::Failed(Failure::HostSilent)) => "silent",
            Some(CloseReason::Failed(Failure::SigningRefused { .. })) => "not signed",
            Some(CloseReason::Failed(Failure::CredentialsRefused)) => "no password",
            Some(CloseReason::Failed(Failure::Authentication(AuthFailure::ChainRefused { .. }))) => {
                "not trusted"
            }
            Some(CloseReason::Failed(Failure::WrongSignatureByHost { .. })) => "wrong signature",
            Some(other) => panic!("{manner:?}: {other:?}"),
        };
        assert_eq!(found, expected, "{manner:?}, kind {kind}, judged {judged}");
        if found == "up" {
            run.network.set_all_conditions(Conditions::default());
            settle(&mut run);
            check_rest(&run);
            assert_eq!(run.client.asked, usize::from(kind != 1) + usize::from(judged));
        } else {
            // The gateway finds out, or is told.
            run.run_until(Duration::from_secs(700), |nodes| {
                nodes.gateway.session.is_none() || nodes.gateway.closed.is_some()
            });
            assert!(run.client.session.as_ref().unwrap().poll_timeout().is_none());
        }
        *met.entry(found).or_insert(0) += 1;
    });
    println!("{met:?}");
}

/// Where the client is: its own address, and the one it is seen at.
struct Whereabouts {
    own: IpAddr,
    nat: bool,
}

/// Puts the client somewhere new, behind a NAT or not.
fn arrive(run: &mut Run, prng: &mut Prng, number: u64) -> Whereabouts {
    let nat = prng.chance(0.5);
    let own: IpAddr =
        if nat { format!("10.9.0.{number}") } else { format!("198.51.100.{number}") }.parse().unwrap();
    run.network.assign(own, Pair::CLIENT);
    if nat {
        let public = format!("203.0.113.{number}").parse().unwrap();
        let settings =
            NatSettings { public, timeout: Duration::from_secs(120), preserve_port: prng.chance(0.5) };
        let nat = run.network.add_nat(settings);
        run.network.put_behind(own, nat);
    }
    Whereabouts { own, nat }
}

#[test]
fn d12_a_client_that_moves_at_any_moment_on_a_bad_network_loses_nothing_for_good() {
    let (mut moved, mut rekeys, mut natted) = (0, 0, 0);
    for_each_seed("mobike", |seed| {
        let (mut run, mut prng, plan) = start(seed, false);
        let mut at_home: IpAddr = CLIENT.parse().unwrap();
        for number in 1..=3 + prng.below(4) {
            // Work under way, on either side or both.
            let now = at(run.now());
            if prng.chance(0.6) {
                run.client.request(now, command(&mut prng));
            }
            if prng.chance(0.6) {
                run.gateway.request(now, command(&mut prng));
            }
            run.client.send_packet();
            run.gateway.send_packet();
            run.run_for(prng.duration_up_to(Duration::from_millis(150)));
            // The old network goes before the new one comes, with it, or a while later.
            let overlap = prng.chance(0.3);
            let gap = prng.chance(0.4);
            if !overlap {
                run.network.unassign(at_home);
            }
            let now = at(run.now());
            if gap {
                let session = run.client.session.as_mut().unwrap();
                assert_eq!(session.network_changed(now, None), NetworkChange::Waiting);
                run.run_for(prng.duration_up_to(Duration::from_secs(4)));
            }
            let whereabouts = arrive(&mut run, &mut prng, number);
            natted += usize::from(whereabouts.nat);
            let now = at(run.now());
            let path = support::raw::path(&whereabouts.own.to_string(), GATEWAY, 4500);
            let session = run.client.session.as_mut().unwrap();
            assert_eq!(session.network_changed(now, Some(path)), NetworkChange::Moving);
            moved += 1;
            for _ in 0..prng.below(4) {
                run.client.send_packet();
                run.gateway.send_packet();
                run.run_for(prng.duration_up_to(Duration::from_millis(200)));
            }
            run.network.unassign(at_home);
            at_home = whereabouts.own;
            run.run_for(prng.duration_up_to(Duration::from_secs(3)));
        }
        run.network.set_all_conditions(Conditions::default());
        settle(&mut run);
        check_rest(&run);
        let path = run.client.session.as_ref().unwrap().path();
        assert_eq!(path.local.ip(), at_home);
        // Packets pass in both directions: what was lost is made up for by those above.
        let before = (run.client.opened, run.gateway.opened);
        run.gateway.send_packet();
        run.run_for(Duration::from_secs(1));
        run.client.send_packet();
        run.run_for(Duration::from_secs(1));
        assert_eq!((run.client.opened, run.gateway.opened), (before.0 + 1, before.1 + 1), "packets pass");
        for by_client in [true, false] {
            let now = at(run.now());
            let rekeyed = run.client.ike_rekeys;
            let node = if by_client { &mut run.client } else { &mut run.gateway };
            node.request(now, Command::RekeyIke);
            settle(&mut run);
            assert!(run.client.ike_rekeys > rekeyed, "nothing is stuck");
        }
        rekeys += run.client.ike_rekeys + run.client.child_rekeys;
        let _ = plan;
    });
    println!("{moved} moves, {natted} of them behind a NAT, {rekeys} rekeys");
}
