//! The gateway itself.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use adit_crypto::CryptoProvider;
use adit_esp::{Demux, SegmentBuf, demux};
use adit_ike::config::ResponderConfig;
use adit_ike::identity::Identity;
use adit_ike::time::Instant;
use adit_ike::{Command, Path, Transmit, Wake};
use adit_tunnel::{Engine, Input, NotSent, Stats, Tunnel};

use super::admission::Gate;
use super::event::{ClientId, ClientInfo, Event, EventQueue};
use super::incoming::destination;
use super::last_words::LastWords;
use super::leases::Leases;
use super::responder::{GatewayError, responder_config};
use super::settings::GatewaySettings;
use super::stats::GatewayStats;
use super::table::{Table, Tag};

/// Datagrams of IKE the host has not taken yet. What is beyond is lost, and sent again like all that is lost.
pub(super) const TRANSMITS_MAX: usize = 8_192;

/// Serves many clients on one pair of UDP sockets.
#[derive(Debug)]
pub struct Gateway {
    pub(super) responder: Arc<ResponderConfig>,
    pub(super) provider: CryptoProvider,
    pub(super) mtu: u16,
    pub(super) max_clients: usize,
    /// Addresses we listen on, as far as they are known before a datagram comes.
    pub(super) outer: Vec<IpAddr>,
    pub(super) gate: Gate,
    pub(super) leases: Leases,
    pub(super) peers: Table<Peer>,
    pub(super) last_words: LastWords,
    /// Inner addresses, each with the peer that holds it.
    pub(super) routes: BTreeMap<IpAddr, Tag>,
    pub(super) half_open: usize,
    pub(super) clients: usize,
    pub(super) next_id: u64,
    /// Whom the last sealed packet was for, and by which path.
    pub(super) last_sealed: Option<(Tag, Path)>,
    pub(super) transmits: VecDeque<Transmit>,
    pub(super) events: EventQueue,
    pub(super) stats: GatewayStats,
    pub(super) now: Instant,
}

/// One client, or somebody who may become one.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) id: ClientId,
    pub(super) tunnel: Tunnel,
    /// Set with the addresses.
    pub(super) identity: Option<Identity>,
    /// What it holds of the pool.
    pub(super) addresses: Vec<IpAddr>,
    /// Set once it is up.
    pub(super) info: Option<Box<ClientInfo>>,
    /// Why it got no address.
    pub(super) refusal: Option<String>,
    /// It is counted as half open.
    pub(super) half_open: bool,
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
            last_words: LastWords::default(),
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

    pub(super) fn command(&mut self, tag: Tag, command: Command) {
        let now = self.now;
        if let Some(peer) = self.peers.get_mut(tag) {
            peer.tunnel.request(now, command);
            self.settle(tag);
        }
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
            self.transmit(transmit);
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
