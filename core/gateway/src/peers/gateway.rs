//! The gateway itself.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use adit_crypto::CryptoProvider;
use adit_esp::{Demux, SegmentBuf, demux};
use adit_ike::config::ResponderConfig;
use adit_ike::identity::Identity;
use adit_ike::time::Instant;
use adit_ike::wire::Header;
use adit_ike::{
    Answer, CloseReason, Command, Established, Event as IkeEvent, Failure, LeaseRequest, Path, Question,
    RefusedCause, Token, Transmit, Wake,
};
use adit_tunnel::{Engine, Event as TunnelEvent, Input, NotSent, Stats, Tunnel};

use super::admission::{Admission, Gate};
use super::event::{ClientId, ClientInfo, DownReason, Event, EventQueue};
use super::leases::Leases;
use super::responder::{GatewayError, responder_config};
use super::settings::GatewaySettings;
use super::stats::GatewayStats;
use super::table::{Table, Tag};

/// Datagrams of IKE the host has not taken yet. What is beyond is lost, and sent again like all that is lost.
const TRANSMITS_MAX: usize = 8_192;

/// Serves many clients on one pair of UDP sockets.
#[derive(Debug)]
pub struct Gateway {
    responder: Arc<ResponderConfig>,
    provider: CryptoProvider,
    mtu: u16,
    max_clients: usize,
    /// Addresses we listen on, as far as they are known before a datagram comes.
    outer: Vec<IpAddr>,
    gate: Gate,
    leases: Leases,
    peers: Table<Peer>,
    /// Inner addresses, each with the peer that holds it.
    routes: BTreeMap<IpAddr, Tag>,
    half_open: usize,
    clients: usize,
    next_id: u64,
    /// Whom the last sealed packet was for, and by which path.
    last_sealed: Option<(Tag, Path)>,
    transmits: VecDeque<Transmit>,
    events: EventQueue,
    stats: GatewayStats,
    now: Instant,
}

/// One client, or somebody who may become one.
#[derive(Debug)]
struct Peer {
    id: ClientId,
    tunnel: Tunnel,
    /// Set with the addresses.
    identity: Option<Identity>,
    /// What it holds of the pool.
    addresses: Vec<IpAddr>,
    /// Set once it is up.
    info: Option<Box<ClientInfo>>,
    /// Why it got no address.
    refusal: Option<String>,
    /// It is counted as half open.
    half_open: bool,
}

impl Gateway {
    /// A gateway without clients. `unix_epoch` is the Unix time in seconds at the epoch of `now`, for judging
    /// certificates.
    ///
    /// # Errors
    /// [`GatewayError`] with the key of the configuration to change.
    pub fn new(
        settings: &GatewaySettings,
        provider: CryptoProvider,
        now: Instant,
        unix_epoch: u64,
    ) -> Result<Self, GatewayError> {
        let config = &settings.config;
        // Twice the clients, because a session that is replaced takes a moment to end.
        let peers = config.max_clients.saturating_mul(2).saturating_add(config.half_open_max);
        Ok(Self {
            responder: Arc::new(responder_config(settings, &provider, unix_epoch)?),
            mtu: config.mtu,
            max_clients: config.max_clients,
            outer: config.listen.iter().copied().filter(|address| !address.is_unspecified()).collect(),
            gate: Gate::new(&provider, now, config.cookie_threshold, config.half_open_max)?,
            leases: Leases::new(config)?,
            peers: Table::new(peers),
            routes: BTreeMap::new(),
            half_open: 0,
            clients: 0,
            next_id: 0,
            last_sealed: None,
            transmits: VecDeque::new(),
            events: EventQueue::default(),
            stats: GatewayStats::default(),
            provider,
            now,
        })
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// The clients that are up, by no particular but a repeatable order.
    pub fn clients(&self) -> impl Iterator<Item = &ClientInfo> {
        self.peers.iter().filter_map(|(_, peer)| peer.info.as_deref())
    }

    /// What passed through a client's tunnel; `None` if it is not up.
    #[must_use]
    pub fn client_stats(&self, client: ClientId) -> Option<Stats> {
        let (_, peer) = self.find(client)?;
        peer.info.as_ref().map(|_| peer.tunnel.stats())
    }

    /// Counters.
    #[must_use]
    pub fn stats(&self) -> GatewayStats {
        GatewayStats {
            clients: self.clients,
            half_open: self.half_open,
            events_lost: self.events.lost(),
            ..self.stats
        }
    }

    /// Longest inner packet in bytes.
    #[must_use]
    pub fn mtu(&self) -> u16 {
        self.mtu
    }

    /// True if nobody is connected or connecting: after [`Self::close_all`], the time to end.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.peers.len() == 0
    }

    /// Asks something of one client's session. False if it is not up.
    pub fn request(&mut self, now: Instant, client: ClientId, command: Command) -> bool {
        self.now = self.now.max(now);
        let Some((tag, _)) = self.find(client).filter(|(_, peer)| peer.info.is_some()) else {
            return false;
        };
        self.command(tag, command);
        true
    }

    /// Disconnects all clients. Go on driving until [`Self::is_idle`], which is a second away at most.
    pub fn close_all(&mut self, now: Instant) {
        self.now = self.now.max(now);
        let tags: Vec<Tag> = self.peers.iter().map(|(tag, _)| tag).collect();
        for tag in tags {
            self.command(tag, Command::Close);
        }
    }

    fn find(&self, client: ClientId) -> Option<(Tag, &Peer)> {
        self.peers.iter().find(|(_, peer)| peer.id == client)
    }

    fn command(&mut self, tag: Tag, command: Command) {
        let now = self.now;
        if let Some(peer) = self.peers.get_mut(tag) {
            peer.tunnel.request(now, command);
            self.settle(tag);
        }
    }

    fn on_ike(&mut self, path: Path, datagram: &mut [u8], offset: usize) -> Input {
        let message = datagram.get(offset..).unwrap_or_default();
        let Ok(header) = Header::parse(message) else { return self.noise() };
        if header.check_version().is_err() {
            return match self.gate.other_version(self.now, &header) {
                Some(answer) => {
                    self.stats.refused = self.stats.refused.saturating_add(1);
                    self.answer(path, &answer);
                    Input::Handled
                }
                None => self.noise(),
            };
        }
        if header.responder_spi.is_zero() {
            let init = (path.remote, header.initiator_spi);
            return match self.peers.find_init(&init) {
                Some(tag) => self.pass(tag, path, datagram),
                None => self.begin(path, &header, datagram, offset),
            };
        }
        // The flag tells which end chose which SPI, also after a rekey that we began (RFC 7296 2.18).
        let ours = if header.flags.initiator { header.responder_spi } else { header.initiator_spi };
        let [high, low, ..] = ours.0;
        self.pass(Tag::from_be_bytes([high, low]), path, datagram)
    }

    /// Gives an IKE message to a peer.
    fn pass(&mut self, tag: Tag, path: Path, datagram: &mut [u8]) -> Input {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(tag) else { return self.noise() };
        let input = peer.tunnel.handle_datagram(now, path, datagram);
        if input == Input::Discarded {
            self.stats.discarded = self.stats.discarded.saturating_add(1);
        }
        self.settle(tag);
        input
    }

    /// Takes a message that no peer has sent before.
    fn begin(&mut self, path: Path, header: &Header, datagram: &[u8], offset: usize) -> Input {
        let message = datagram.get(offset..).unwrap_or_default();
        let from = path.remote.ip();
        let admission = self.gate.judge(&self.provider, self.now, from, header, message, self.half_open);
        self.report_cookies();
        match admission {
            Admission::Admit => {}
            Admission::Cookie(demand) => {
                self.stats.cookies_demanded = self.stats.cookies_demanded.saturating_add(1);
                self.answer(path, &demand);
                return Input::Handled;
            }
            Admission::Busy => return self.busy(),
            Admission::Noise => return self.noise(),
        }
        let Some(tag) = self.peers.vacant() else { return self.busy() };
        let config = Arc::clone(&self.responder);
        match Tunnel::respond(config, self.provider, self.now, path, tag, self.mtu, message) {
            Ok(tunnel) => {
                self.stats.handshakes = self.stats.handshakes.saturating_add(1);
                self.next_id = self.next_id.saturating_add(1);
                let peer = Peer {
                    id: ClientId(self.next_id),
                    tunnel,
                    identity: None,
                    addresses: Vec::new(),
                    info: None,
                    refusal: None,
                    half_open: false,
                };
                self.peers.insert(tag, (path.remote, header.initiator_spi), peer);
                self.settle(tag);
                self.report_cookies();
                Input::Handled
            }
            Err(refused) => {
                let RefusedCause::Failure(failure) = &refused.cause else { return self.noise() };
                if let Some(reply) = &refused.reply {
                    self.stats.refused = self.stats.refused.saturating_add(1);
                    self.answer(path, reply);
                }
                // Another group is asked for in the course of things; the client comes back with it.
                if !matches!(failure, Failure::KeyExchangeRefused { .. }) {
                    self.events.push(Event::HandshakeFailed {
                        remote: path.remote,
                        reason: failure.to_string(),
                        advice: advice(failure),
                    });
                }
                Input::Handled
            }
        }
    }

    #[inline]
    fn on_esp(&mut self, path: Path, tag: Tag, datagram: &mut [u8]) -> Input {
        let now = self.now;
        // One that is not up any more has lost its addresses, and somebody else may hold them.
        let Some(peer) = self.peers.get_mut(tag).filter(|peer| peer.info.is_some()) else {
            return self.noise();
        };
        let input = peer.tunnel.handle_datagram(now, path, datagram);
        // A packet only puts deadlines off, so the old one is good until something happens.
        if let Some(event) = peer.tunnel.poll_event() {
            self.on_event(tag, event);
            self.settle(tag);
        }
        match &input {
            Input::Packet(range) => {
                let inner = datagram.get(range.clone()).unwrap_or_default();
                if destination(inner).is_some_and(|to| to == path.local.ip() || self.outer.contains(&to)) {
                    // It would be sent as if it came from outside, past whatever guards the socket.
                    self.stats.into_itself = self.stats.into_itself.saturating_add(1);
                    return Input::Discarded;
                }
            }
            Input::Discarded => self.stats.discarded = self.stats.discarded.saturating_add(1),
            Input::Handled => {}
        }
        input
    }

    /// Takes all that a peer has to say, and its next deadline.
    fn settle(&mut self, tag: Tag) {
        while let Some(event) = self.peers.get_mut(tag).and_then(|peer| peer.tunnel.poll_event()) {
            self.on_event(tag, event);
        }
        let Some(peer) = self.peers.get_mut(tag) else { return };
        while let Some(transmit) = peer.tunnel.poll_transmit() {
            if self.transmits.len() < TRANSMITS_MAX {
                self.transmits.push_back(transmit);
            } else {
                self.stats.transmits_lost = self.stats.transmits_lost.saturating_add(1);
            }
        }
        let half_open = peer.tunnel.is_half_open();
        match (peer.half_open, half_open) {
            (false, true) => self.half_open = self.half_open.saturating_add(1),
            (true, false) => self.half_open = self.half_open.saturating_sub(1),
            _ => {}
        }
        peer.half_open = half_open;
        if peer.tunnel.is_closed() {
            self.peers.remove(tag);
        } else {
            let deadline = peer.tunnel.poll_timeout();
            self.peers.set_deadline(tag, deadline);
        }
    }

    fn on_event(&mut self, tag: Tag, event: TunnelEvent) {
        match event {
            TunnelEvent::Ike(IkeEvent::Ask { token, question: Question::Lease(request), .. }) => {
                self.on_lease(tag, token, &request);
            }
            TunnelEvent::Up { established, .. } => self.on_up(tag, *established),
            TunnelEvent::Closed(reason) => self.on_closed(tag, reason),
            event => {
                let Some(peer) = self.peers.get_mut(tag) else { return };
                if let (TunnelEvent::Ike(IkeEvent::PathChanged(path)), Some(info)) = (&event, &mut peer.info)
                {
                    info.path = *path;
                }
                self.events.push(Event::Session { client: peer.id, event });
            }
        }
    }

    fn on_lease(&mut self, tag: Tag, token: Token, request: &LeaseRequest) {
        let Some(id) = self.peers.get(tag).map(|peer| peer.id) else { return };
        if request.initial_contact {
            self.replace(tag, &request.identity, id);
        }
        let granted = if self.clients >= self.max_clients {
            Err(format!("{} clients are connected, as many as clients.max allows", self.clients))
        } else {
            self.leases.grant(request)
        };
        let now = self.now;
        let Some(peer) = self.peers.get_mut(tag) else { return };
        match granted {
            Ok(assigned) => {
                peer.identity = Some(request.identity.clone());
                let v4 = assigned.ipv4.map(|(address, _)| IpAddr::V4(address));
                let v6 = assigned.ipv6.map(|(address, _)| IpAddr::V6(address));
                peer.addresses = v4.into_iter().chain(v6).collect();
                self.clients = self.clients.saturating_add(1);
                peer.tunnel.answer(now, token, Answer::Lease(assigned));
            }
            Err(refusal) => {
                peer.refusal = Some(refusal);
                peer.tunnel.answer(now, token, Answer::NoLease);
            }
        }
    }

    /// Ends the sessions of `identity` that it says are dead (RFC 7296 2.4), and frees their addresses.
    fn replace(&mut self, newcomer: Tag, identity: &Identity, by: ClientId) {
        let same: Vec<Tag> = self
            .peers
            .iter()
            .filter(|(tag, peer)| *tag != newcomer && peer.identity.as_ref() == Some(identity))
            .map(|(tag, _)| tag)
            .collect();
        for tag in same {
            self.down(tag, DownReason::Replaced { by });
            // A Delete is sent nonetheless: two devices may share the identity, and one of them is alive.
            self.command(tag, Command::Close);
        }
    }

    fn on_up(&mut self, tag: Tag, established: Established) {
        let Some(peer) = self.peers.get_mut(tag) else { return };
        for address in &peer.addresses {
            self.routes.insert(*address, tag);
        }
        let info = Box::new(ClientInfo {
            id: peer.id,
            identity: established.peer,
            authentication: established.peer_authentication,
            addresses: peer.addresses.clone(),
            path: peer.tunnel.path(),
            ike_suite: established.suite.to_string(),
        });
        peer.info = Some(info.clone());
        self.stats.connected = self.stats.connected.saturating_add(1);
        self.events.push(Event::ClientUp(info));
    }

    fn on_closed(&mut self, tag: Tag, reason: CloseReason) {
        let Some(peer) = self.peers.get_mut(tag) else { return };
        // Not so if it was replaced, which was told when it happened.
        let never_up = peer.info.is_none() && peer.identity.is_none();
        if peer.info.is_none() && (never_up || !peer.addresses.is_empty()) {
            let (failed, advice) = match &reason {
                CloseReason::Failed(failure) => (failure.to_string(), advice(failure)),
                CloseReason::Requested => ("closed by the gateway".to_owned(), String::new()),
                CloseReason::DeletedByPeer => ("the client gave up".to_owned(), String::new()),
            };
            let remote = peer.tunnel.path().remote;
            let reason = peer.refusal.take().unwrap_or(failed);
            self.events.push(Event::HandshakeFailed { remote, reason, advice });
        }
        self.down(tag, DownReason::Closed(reason));
    }

    /// Frees what a peer holds, and tells the operator if it was up.
    fn down(&mut self, tag: Tag, reason: DownReason) {
        let Some(peer) = self.peers.get_mut(tag) else { return };
        if !peer.addresses.is_empty() {
            self.clients = self.clients.saturating_sub(1);
        }
        for address in peer.addresses.drain(..) {
            self.leases.release(address);
            if self.routes.get(&address) == Some(&tag) {
                self.routes.remove(&address);
            }
        }
        if let Some(client) = peer.info.take() {
            let stats = Box::new(peer.tunnel.stats());
            self.events.push(Event::ClientDown { client, reason, stats });
        }
    }

    fn report_cookies(&mut self) {
        if let Some(demanded) = self.gate.news(self.half_open) {
            self.events.push(Event::CookiesDemanded(demanded));
        }
    }

    /// Queues an answer outside any session, to where the request came from.
    fn answer(&mut self, path: Path, message: &[u8]) {
        if self.transmits.len() < TRANSMITS_MAX {
            let marker: &[u8] = if path.encapsulated { &[0; 4] } else { &[] };
            self.transmits.push_back(Transmit { path, payload: [marker, message].concat() });
        } else {
            self.stats.transmits_lost = self.stats.transmits_lost.saturating_add(1);
        }
    }

    fn noise(&mut self) -> Input {
        self.stats.noise = self.stats.noise.saturating_add(1);
        Input::Discarded
    }

    fn busy(&mut self) -> Input {
        self.stats.busy = self.stats.busy.saturating_add(1);
        Input::Discarded
    }
}

impl Engine for Gateway {
    #[inline]
    fn handle_datagram(&mut self, now: Instant, path: Path, datagram: &mut [u8]) -> Input {
        self.now = self.now.max(now);
        if !path.encapsulated {
            return self.on_ike(path, datagram, 0);
        }
        match demux(datagram) {
            // The high half of the SPI, which is the tag.
            Demux::Esp { spi } => self.on_esp(path, (spi >> 16) as Tag, datagram),
            Demux::Ike { offset } => self.on_ike(path, datagram, offset),
            Demux::Keepalive => Input::Handled,
            Demux::Discard(_) => self.noise(),
        }
    }

    /// Seals for the client that holds the packet's destination address. All packets of one `out` are for one
    /// client, and [`NotSent::Full`] ends it. Fill one `out` at a time.
    #[inline]
    fn encapsulate<F: FnOnce(&mut [u8]) -> bool>(
        &mut self,
        now: Instant,
        head: &[u8],
        len: usize,
        fill: F,
        out: &mut SegmentBuf,
    ) -> Result<Path, NotSent> {
        self.now = self.now.max(now);
        let now = self.now;
        let to = destination(head).ok_or(NotSent::Refused)?;
        let tag = self.routes.get(&to).copied();
        let Some((tag, peer)) = tag.and_then(|tag| Some((tag, self.peers.get_mut(tag)?))) else {
            self.stats.unrouted = self.stats.unrouted.saturating_add(1);
            return Err(NotSent::NoTunnel);
        };
        if !out.is_empty() && self.last_sealed != Some((tag, peer.tunnel.path())) {
            return Err(NotSent::Full);
        }
        let path = peer.tunnel.encapsulate(now, head, len, fill, out)?;
        self.last_sealed = Some((tag, path));
        // A rekey may have begun, because sequence numbers run out.
        if let Some(transmit) = peer.tunnel.poll_transmit() {
            self.transmits.push_back(transmit);
            self.settle(tag);
        }
        Ok(path)
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        let now = self.now;
        for tag in self.peers.due(now) {
            if let Some(peer) = self.peers.get_mut(tag) {
                peer.tunnel.handle_timeout(now);
                self.settle(tag);
            }
        }
        self.report_cookies();
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    fn poll_timeout(&self) -> Option<(Instant, Wake)> {
        if !self.transmits.is_empty() || !self.events.is_empty() {
            return Some((self.now, Wake::QueuedOutput));
        }
        self.peers.next_deadline()
    }
}

/// The destination of an IP packet, of which `head` holds the header.
#[inline]
fn destination(head: &[u8]) -> Option<IpAddr> {
    match head.first()? >> 4 {
        4 => head.get(16..20)?.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets).into()),
        6 => head.get(24..40)?.first_chunk::<16>().map(|octets| Ipv6Addr::from(*octets).into()),
        _ => None,
    }
}

/// What the gateway's operator should do. The failure's own advice speaks to the client, with few exceptions.
fn advice(failure: &Failure) -> String {
    use adit_ike::AuthFailure;
    match failure {
        Failure::NoProposalInCommon { .. } | Failure::Authentication(AuthFailure::UnknownPeer(_)) => {
            failure.advice()
        }
        Failure::NoAddress => "Add a pool to network.pools, or enlarge clients.max.".to_owned(),
        _ => String::new(),
    }
}
