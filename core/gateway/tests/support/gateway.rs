//! The gateway, and a host behind it that answers each packet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use adit_esp::SegmentBuf;
use adit_gateway::Gateway;
use adit_gateway::peers::{ClientId, ClientInfo, Event};
use adit_ike::{Command, Path};
use adit_testkit::{Datagram, Endpoint};
use adit_tunnel::{Engine, Input};

use super::packets::{SharedBooks, addresses, head};
use super::{INNER_V4, INNER_V6, at};

/// Events kept for tests to look at.
const EVENTS_KEPT: usize = 4_096;

pub struct GatewayNode {
    pub gateway: Gateway,
    /// What it told, without what its sessions told.
    pub events: Vec<Event>,
    /// What its sessions told, in words, if wanted.
    pub session_log: Option<Vec<String>>,
    /// The clients that are up, by events alone.
    pub up: BTreeMap<ClientId, ClientInfo>,
    /// Packets answered.
    pub answered: u64,
    /// Answers it could not send.
    pub unsent: u64,
    /// How often a client's path changed.
    pub paths: u64,
    outbox: VecDeque<Datagram>,
    out: SegmentBuf,
    books: SharedBooks,
    now: Duration,
}

impl GatewayNode {
    pub fn new(gateway: Gateway, books: SharedBooks) -> Self {
        Self {
            gateway,
            events: Vec::new(),
            session_log: None,
            up: BTreeMap::new(),
            answered: 0,
            unsent: 0,
            paths: 0,
            outbox: VecDeque::new(),
            out: SegmentBuf::new(1, 2_048),
            books,
            now: Duration::ZERO,
        }
    }

    /// How many clients are up.
    pub fn clients(&self) -> usize {
        self.up.len()
    }

    /// Asks something of all clients' sessions.
    pub fn request_all(&mut self, command: Command) {
        let clients: Vec<ClientId> = self.up.keys().copied().collect();
        for client in clients {
            assert!(self.gateway.request(at(self.now), client, command));
        }
        self.drain();
    }

    /// Asks something of the session of the client with this inner address.
    pub fn request(&mut self, inner: IpAddr, command: Command) {
        let client = self.up.values().find(|info| info.addresses.contains(&inner)).map(|info| info.id);
        if let Some(client) = client {
            assert!(self.gateway.request(at(self.now), client, command));
        }
        self.drain();
    }

    /// Lets the host behind the gateway send `packet`.
    pub fn send(&mut self, packet: &[u8]) -> bool {
        let fill = |room: &mut [u8]| {
            room.copy_from_slice(packet);
            true
        };
        match self.gateway.encapsulate(at(self.now), head(packet), packet.len(), fill, &mut self.out) {
            Ok(path) => {
                let bytes = self.out.payload().to_vec();
                self.out.clear();
                self.outbox.push_back(Datagram { from: path.local, to: path.remote, bytes });
                true
            }
            Err(_) => false,
        }
    }

    /// Lets the host behind the gateway send a packet of its own to the inner address `to`.
    pub fn send_unasked(&mut self, to: IpAddr) {
        let from = if to.is_ipv4() { INNER_V4 } else { INNER_V6 };
        let packet = self.books.borrow().write(false, from.parse().unwrap(), to, 200);
        assert!(self.send(&packet));
        self.books.borrow_mut().sent(false, &packet);
    }

    /// What must hold at any time.
    pub fn check(&self) -> Result<(), String> {
        let stats = self.gateway.stats();
        if stats.events_lost + stats.transmits_lost > 0 {
            return Err(format!("output was lost: {stats:?}"));
        }
        if self.outbox.len() > 512 {
            return Err(format!("{} datagrams of the gateway wait", self.outbox.len()));
        }
        let up: Vec<ClientId> = self.up.keys().copied().collect();
        let known: BTreeSet<ClientId> = self.gateway.clients().map(|info| info.id).collect();
        if up != known.iter().copied().collect::<Vec<_>>() || stats.clients < up.len() {
            return Err(format!("events say {up:?} are up, the gateway {known:?} of {}", stats.clients));
        }
        let mut held = BTreeSet::new();
        for info in self.up.values() {
            for address in &info.addresses {
                if !held.insert(address) {
                    return Err(format!("{address} is held twice"));
                }
            }
        }
        Ok(())
    }

    /// Ends all sessions.
    pub fn close_all(&mut self) {
        self.gateway.close_all(at(self.now));
        self.drain();
    }

    fn answer(&mut self, packet: &[u8]) {
        self.books.borrow_mut().arrived(true, packet);
        let (from, to) = addresses(packet);
        let holder = self.up.values().any(|info| info.addresses.contains(&from));
        if !holder {
            self.books
                .borrow_mut()
                .broken
                .get_or_insert(format!("a packet came from {from}, which nobody holds"));
        }
        let answer = self.books.borrow().write(false, to, from, packet.len());
        if self.send(&answer) {
            self.books.borrow_mut().sent(false, &answer);
            self.answered += 1;
        } else {
            self.unsent += 1;
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.gateway.poll_event() {
            match &event {
                Event::ClientUp(info) => {
                    self.up.insert(info.id, (**info).clone());
                }
                Event::ClientDown { client, .. } => {
                    self.up.remove(&client.id);
                }
                Event::Session { client, event } => {
                    let moved = matches!(event, adit_tunnel::Event::Ike(adit_ike::Event::PathChanged(_)));
                    self.paths += u64::from(moved);
                    if let Some(log) = &mut self.session_log {
                        log.push(format!("{client}: {event:?}"));
                    }
                    continue;
                }
                _ => {}
            }
            if self.events.len() < EVENTS_KEPT {
                self.events.push(event);
            }
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            let (from, to) = (transmit.path.local, transmit.path.remote);
            self.outbox.push_back(Datagram { from, to, bytes: transmit.payload });
        }
    }
}

impl Endpoint for GatewayNode {
    fn handle(&mut self, now: Duration, from: SocketAddr, to: SocketAddr, bytes: &mut [u8]) {
        self.now = now;
        let path = Path { local: to, remote: from, encapsulated: to.port() == 4500 };
        let input = self.gateway.handle_datagram(at(now), path, bytes);
        self.drain();
        if let Input::Packet(range) = input {
            self.answer(&bytes[range]);
        }
        self.drain();
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Datagram> {
        self.now = now;
        self.outbox.pop_front()
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        self.gateway.poll_timeout().map(|(at, _)| at.since_epoch())
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        self.gateway.handle_timeout(at(now));
        self.drain();
    }
}
