//! Both sessions, what is under way between them, and what must always hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::CryptoProvider;
use adit_esp::{InboundSa, OutboundSa};
use adit_ike::config::ResponderConfig;
use adit_ike::time::Instant;
use adit_ike::wire::{ExchangeType, Flags, Header, IkeSpi, Message, Notify, NotifyType, Payload, Role};
use adit_ike::{
    Answer, ChildEvent, ChildId, Command, CookieJar, Event, Path, Session, Token, Transmit, Wake,
};
use arbitrary::Arbitrary;

use super::peers::{SECRET, Setup, initiator, lease, responder};
use super::surgery::Framing;
use crate::provider::{provider, restart};

/// Datagrams under way; more are lost.
const UNDER_WAY_MAX: usize = 64;
/// Datagrams and events one call may leave behind. A fragmented message at 200 octets is the longest by far.
const OUTPUT_MAX: usize = 512;
/// Child SAs at once: the sessions' own limit and those under rekey.
const CHILDREN_MAX: usize = 24;
/// Deliveries without time passing before the sides count as talking for ever.
const DELIVERIES_MAX: usize = 2_000;

const GATEWAY: &str = "192.0.2.1:500";
const CLIENT: &str = "192.0.2.2:500";

/// A side.
#[derive(Arbitrary, Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Client,
    Gateway,
}

/// What the host of one side knows of its session.
#[derive(Debug, Default)]
struct Host {
    children: BTreeMap<ChildId, u32>,
    all_children: BTreeSet<ChildId>,
    established: bool,
    closed: bool,
    asked: Option<Token>,
}

/// Everything.
pub(super) struct World {
    setup: Setup,
    now: Instant,
    provider: CryptoProvider,
    client: Session,
    client_host: Host,
    gateway: Option<Session>,
    gateway_host: Host,
    responder: Arc<ResponderConfig>,
    cookies: CookieJar,
    under_way: VecDeque<(Side, Transmit)>,
    /// Added to the client's port: a NAT in between.
    moved: u16,
    leases: bool,
    delayed: bool,
}

impl World {
    /// A client that has sent its first message.
    pub fn new(setup: Setup) -> Self {
        restart();
        let provider = provider();
        let now = Instant::from_epoch(Duration::from_secs(1000));
        let path = Path { local: address(CLIENT), remote: address(GATEWAY), encapsulated: false };
        let client =
            Session::connect(Arc::new(initiator(setup)), provider, now, path).expect("a good configuration");
        let mut world = Self {
            setup,
            now,
            provider,
            client,
            client_host: Host::default(),
            gateway: None,
            gateway_host: Host::default(),
            responder: Arc::new(responder(setup)),
            cookies: CookieJar::new(&provider, now).expect("randomness"),
            under_way: VecDeque::new(),
            moved: 0,
            leases: true,
            delayed: false,
        };
        world.collect();
        world
    }

    /// How encrypted messages are framed in this run.
    pub fn framing(&self) -> Framing {
        match self.setup.cbc {
            true => Framing { iv: 16, icv: 16, block: 16 },
            false => Framing { iv: 8, icv: 16, block: 1 },
        }
    }

    /// The SPIs `side` knows.
    pub fn spis(&self, side: Side) -> (IkeSpi, IkeSpi) {
        let session = match side {
            Side::Client => Some(&self.client),
            Side::Gateway => self.gateway.as_ref(),
        };
        session.and_then(Session::spis).unwrap_or((IkeSpi([1; 8]), IkeSpi([2; 8])))
    }

    /// Hands over one datagram, changed.
    pub fn deliver(&mut self, which: u8, change: impl FnOnce(&mut Vec<u8>)) {
        let Some(at) = self.pick(which) else { return };
        let Some((to, transmit)) = self.under_way.remove(at) else { return };
        let mut message = transmit.payload;
        if transmit.path.encapsulated {
            if message == [0xff] {
                return;
            }
            message.drain(..4);
        }
        change(&mut message);
        self.hand_over(to, transmit.path, message);
    }

    /// Keeps a copy of a datagram under way.
    pub fn copy(&mut self, which: u8) {
        if let Some(at) = self.pick(which)
            && self.under_way.len() < UNDER_WAY_MAX
        {
            let copy = self.under_way[at].clone();
            self.under_way.push_back(copy);
        }
    }

    /// Loses a datagram.
    pub fn lose(&mut self, which: u8) {
        if let Some(at) = self.pick(which) {
            self.under_way.remove(at);
        }
    }

    /// Hands over a message nobody sent, as if it came from the other side.
    pub fn inject(&mut self, to: Side, message: Vec<u8>) {
        let path = match to {
            Side::Client => self.client.path(),
            Side::Gateway => match &self.gateway {
                Some(gateway) => gateway.path(),
                None => Path { local: address(GATEWAY), remote: address(CLIENT), encapsulated: false },
            },
        };
        self.hand_over(to, reverse(path), message);
    }

    /// Hands over everything until nothing is under way.
    pub fn settle(&mut self) {
        for _ in 0..DELIVERIES_MAX {
            if self.under_way.is_empty() {
                return;
            }
            self.deliver(0, |_| {});
        }
        panic!("the two sides never come to rest");
    }

    /// Lets time pass to the next deadline of either side.
    pub fn next_deadline(&mut self) {
        let deadlines = [self.client.poll_timeout(), self.gateway.as_ref().and_then(Session::poll_timeout)];
        if let Some(next) = deadlines.into_iter().flatten().map(|(at, _)| at).min() {
            assert!(next > self.now, "a deadline that is past, {next:?} at {:?}", self.now);
            self.pass_to(next);
        }
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: Duration) {
        self.pass_to(self.now + time);
    }

    /// Asks a side for something.
    pub fn request(&mut self, of: Side, command: Command) {
        let now = self.now;
        self.with(of, |session, _| session.request(now, command));
    }

    /// How the gateway's host answers questions from now on.
    pub fn set_leases(&mut self, given: bool, delayed: bool) {
        (self.leases, self.delayed) = (given, delayed);
        if !delayed && let Some(token) = self.gateway_host.asked.take() {
            self.answer(token);
        }
    }

    /// The client's packets come from another port from now on.
    pub fn move_client(&mut self, port: u8) {
        self.moved = u16::from(port);
    }

    /// An authentic ESP packet came for one of a side's Child SAs, or for one it does not have.
    pub fn packet(&mut self, to: Side, child: u8) {
        let (now, moved) = (self.now, self.moved);
        self.with(to, |session, host| {
            let id = host.children.keys().nth(usize::from(child)).copied().unwrap_or(ChildId(child.into()));
            let mut path = session.path();
            if to == Side::Gateway {
                path.remote.set_port(port(4500, moved));
            }
            session.note_received(now, path, id);
            session.note_sent(now);
        });
    }

    /// A Child SA of a side runs out of sequence numbers.
    pub fn run_out(&mut self, of: Side, child: u8) {
        let now = self.now;
        self.with(of, |session, host| {
            let id = host.children.keys().nth(usize::from(child)).copied().unwrap_or(ChildId(child.into()));
            session.rekey_child(now, id);
        });
    }

    /// From now on the network is honest: the sides come to rest, now and while SAs live and end several times.
    pub fn end(mut self) {
        self.set_leases(true, false);
        self.settle();
        // Retransmission gives up after some 75 s, a half-open SA and a fading one after less.
        let end = self.now + Duration::from_secs(if self.setup.long_life { 600 } else { 100 });
        let mut wakes = 0;
        while self.now < end {
            let before = self.now;
            self.next_deadline();
            self.settle();
            if self.now == before {
                break;
            }
            wakes += 1;
            assert!(wakes < 2_000, "it wakes up all the time");
        }
        for (session, host) in
            [(Some(&self.client), &self.client_host), (self.gateway.as_ref(), &self.gateway_host)]
        {
            let Some(session) = session else { continue };
            assert_eq!(session.is_closed(), host.closed);
            assert!(!session.is_half_open(), "half open for ever");
            assert!(!format!("{session:?}").contains(SECRET), "a secret in Debug");
            if host.closed {
                assert_eq!(session.poll_timeout(), None);
                assert!(host.children.is_empty(), "Child SAs of a closed session");
            }
        }
    }

    /// Both sides are established with a Child SA.
    #[cfg(test)]
    pub fn is_up(&self) -> bool {
        [&self.client_host, &self.gateway_host]
            .iter()
            .all(|host| host.established && !host.closed && host.children.len() == 1)
    }

    /// Datagrams under way to a side.
    #[cfg(test)]
    pub fn under_way_to(&self, side: Side) -> usize {
        self.under_way.iter().filter(|(to, _)| *to == side).count()
    }

    fn pick(&self, which: u8) -> Option<usize> {
        (!self.under_way.is_empty()).then(|| usize::from(which) % self.under_way.len())
    }

    /// Gives a side a message that was sent along `path`, seen from its sender.
    fn hand_over(&mut self, to: Side, path: Path, mut message: Vec<u8>) {
        let mut path = reverse(path);
        let now = self.now;
        match to {
            Side::Client => {}
            Side::Gateway => {
                path.remote.set_port(port(path.remote.port(), self.moved));
                if self.gateway.is_none() {
                    self.first_contact(path, &message);
                    return;
                }
            }
        }
        self.with(to, |session, _| drop(session.handle_message(now, path, &mut message)));
    }

    /// What a gateway does with a message that belongs to no session.
    fn first_contact(&mut self, path: Path, message: &[u8]) {
        if self.setup.cookie
            && let Some(payload) = self.ask_for_cookie(path, message)
        {
            self.send(Side::Client, Transmit { path, payload });
            return;
        }
        match Session::respond(self.responder.clone(), self.provider, self.now, path, 0, message) {
            Ok(session) => self.gateway = Some(session),
            Err(refused) => {
                if let Some(payload) = refused.reply {
                    self.send(Side::Client, Transmit { path, payload });
                }
            }
        }
        self.collect();
    }

    /// The message that asks for a cookie (RFC 7296 2.6); `None` if the right one is there or nobody could be asked.
    fn ask_for_cookie(&mut self, path: Path, message: &[u8]) -> Option<Vec<u8>> {
        let parsed = Message::parse(message).ok()?;
        let nonce = parsed.payloads.iter().find_map(|payload| match payload {
            Payload::Nonce(nonce) => Some(&nonce.0),
            _ => None,
        })?;
        let (now, from, spi) = (self.now, path.remote.ip(), parsed.header.initiator_spi.0);
        if let Some(Payload::Notify(notify)) = parsed.payloads.first()
            && notify.notify_type == NotifyType::COOKIE
            && self.cookies.check(&self.provider, now, from, spi, nonce, &notify.data)
        {
            return None;
        }
        let cookie = self.cookies.cookie(&self.provider, now, from, spi, nonce).expect("a PRF");
        let flags = Flags::response(Role::Responder);
        let header =
            Header::new(parsed.header.initiator_spi, IkeSpi::ZERO, ExchangeType::IKE_SA_INIT, flags, 0);
        let payloads = vec![Payload::Notify(Notify::new(NotifyType::COOKIE, cookie))];
        Some(Message { header, payloads }.encode().expect("a short message"))
    }

    fn pass_to(&mut self, to: Instant) {
        self.now = self.now.max(to);
        let now = self.now;
        for side in [Side::Client, Side::Gateway] {
            self.with(side, |session, _| {
                session.handle_timeout(now);
                match session.poll_timeout() {
                    None | Some((_, Wake::QueuedOutput)) => {}
                    Some((at, wake)) => assert!(at > now, "{wake:?} was due at {at:?}, it is {now:?}"),
                }
            });
        }
    }

    /// Does something with a session, then takes what it has to say.
    fn with(&mut self, side: Side, what: impl FnOnce(&mut Session, &mut Host)) {
        match side {
            Side::Client => what(&mut self.client, &mut self.client_host),
            Side::Gateway => {
                if let Some(gateway) = &mut self.gateway {
                    what(gateway, &mut self.gateway_host);
                }
            }
        }
        self.collect();
    }

    fn collect(&mut self) {
        loop {
            let (sent, asked) = take(&mut self.client, &mut self.client_host);
            assert!(asked.is_none(), "a client asks for no lease");
            sent.into_iter().for_each(|transmit| self.send(Side::Gateway, transmit));
            let Some(gateway) = &mut self.gateway else { return };
            let (sent, asked) = take(gateway, &mut self.gateway_host);
            sent.into_iter().for_each(|transmit| self.send(Side::Client, transmit));
            match asked {
                Some(token) if self.delayed => self.gateway_host.asked = Some(token),
                Some(token) => {
                    let answer = if self.leases { Answer::Lease(lease()) } else { Answer::NoLease };
                    if let Some(gateway) = &mut self.gateway {
                        gateway.answer(self.now, token, answer);
                    }
                    continue;
                }
                None => {}
            }
            return;
        }
    }

    fn answer(&mut self, token: Token) {
        let now = self.now;
        let answer = if self.leases { Answer::Lease(lease()) } else { Answer::NoLease };
        self.with(Side::Gateway, |session, _| session.answer(now, token, answer));
    }

    fn send(&mut self, to: Side, transmit: Transmit) {
        if self.under_way.len() < UNDER_WAY_MAX {
            self.under_way.push_back((to, transmit));
        }
    }
}

/// Takes all output of a session and holds it against the rules.
fn take(session: &mut Session, host: &mut Host) -> (Vec<Transmit>, Option<Token>) {
    let (mut sent, mut asked, mut events) = (Vec::new(), None, 0);
    while let Some(transmit) = session.poll_transmit() {
        check_transmit(&transmit);
        sent.push(transmit);
    }
    while let Some(event) = session.poll_event() {
        assert!(!host.closed, "{event:?} after the end");
        assert!(!format!("{event:?}").contains(SECRET), "a secret in {event:?}");
        if let Event::Ask { token, .. } = &event {
            asked = Some(*token);
        }
        note(host, event);
        events += 1;
    }
    assert!(sent.len() <= OUTPUT_MAX && events <= OUTPUT_MAX, "{} datagrams, {events} events", sent.len());
    assert!(host.children.len() <= CHILDREN_MAX, "{} Child SAs", host.children.len());
    assert!(!matches!(session.poll_timeout(), Some((_, Wake::QueuedOutput))), "output that cannot be taken");
    (sent, asked)
}

fn check_transmit(transmit: &Transmit) {
    let payload = &transmit.payload;
    let message = match transmit.path.encapsulated {
        true if *payload == [0xff] => return,
        true => payload.strip_prefix(&[0; 4]).expect("the non-ESP marker"),
        false => payload,
    };
    assert!(message.len() <= 65_535 - 4);
    Message::parse(message).expect("we send what we would take");
}

fn note(host: &mut Host, event: Event) {
    match event {
        Event::Established(_) => {
            assert!(!host.established, "established twice");
            host.established = true;
        }
        Event::Child(ChildEvent::Install { id, inbound, outbound, replaces, .. }) => {
            assert!(host.all_children.insert(id), "{id:?} used twice");
            assert!(!host.children.values().any(|spi| *spi == inbound.spi), "an SPI used twice");
            assert!(replaces.is_none_or(|old| host.all_children.contains(&old)));
            InboundSa::new(&inbound).expect("an SA that can open");
            OutboundSa::new(&outbound).expect("an SA that can seal");
            host.children.insert(id, inbound.spi);
        }
        Event::Child(ChildEvent::UseOutbound(id)) => {
            assert!(host.children.contains_key(&id), "{id:?} is used but not there");
        }
        Event::Child(ChildEvent::Remove { id, .. }) => {
            assert!(host.children.remove(&id).is_some(), "{id:?} is removed but not there");
        }
        Event::Message(record) => {
            assert!(!record.text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", record.text);
        }
        Event::Closed(_) => host.closed = true,
        _ => {}
    }
}

fn reverse(path: Path) -> Path {
    Path { local: path.remote, remote: path.local, encapsulated: path.encapsulated }
}

fn port(port: u16, moved: u16) -> u16 {
    if moved == 0 { port } else { 20_000 + moved }
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}
