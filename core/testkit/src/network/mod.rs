//! A simulated datagram network between nodes.
//!
//! Owns what happens between the sender's socket and the receiver's: delay, jitter, loss, duplication,
//! reordering, MTU, rate, NATs, and a log of it. Leaves out the clock and the endpoints
//! ([`crate::simulation`]). Everything random comes from one seed.

mod conditions;
mod log;
mod nat;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::seed::{Prng, Seed};

pub use conditions::Conditions;
pub use log::{Counts, Fate, Record};
pub use nat::NatSettings;

use log::Log;
use nat::Nat;

/// A UDP datagram.
#[derive(Clone, Eq, PartialEq)]
pub struct Datagram {
    /// Source.
    pub from: SocketAddr,
    /// Destination.
    pub to: SocketAddr,
    /// UDP payload.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Datagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}, {} bytes", self.from, self.to, self.bytes.len())
    }
}

/// A node of the network, by its place among [`crate::Nodes`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub usize);

/// From one node to another.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Direction {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
}

impl Direction {
    /// From `from` to `to`.
    #[must_use]
    pub const fn new(from: NodeId, to: NodeId) -> Self {
        Self { from, to }
    }

    /// The way back.
    #[must_use]
    pub const fn reverse(self) -> Self {
        Self { from: self.to, to: self.from }
    }
}

/// What a filter wants done with a datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Send it (with the bytes as the filter left them).
    Pass,
    /// Drop it.
    Drop,
}

/// A NAT of the network.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NatId(usize);

type Filter = Box<dyn FnMut(Direction, &mut Datagram) -> Verdict>;

/// The network.
pub struct Network {
    prng: Prng,
    default: Conditions,
    conditions: BTreeMap<Direction, Conditions>,
    nodes: BTreeMap<IpAddr, NodeId>,
    behind: BTreeMap<IpAddr, NatId>,
    nats: Vec<Nat>,
    in_flight: BTreeMap<(Duration, u64), (Direction, Datagram)>,
    /// In flight per direction, for the queue bound.
    queued: BTreeMap<Direction, usize>,
    /// When the last datagram of a direction has left a path with a rate.
    busy_until: BTreeMap<Direction, Duration>,
    next_sequence: u64,
    drops: BTreeMap<Direction, u64>,
    filter: Option<Filter>,
    log: Log,
    capture: Option<Capture>,
}

struct Capture {
    limit: usize,
    datagrams: VecDeque<(Duration, Datagram)>,
}

impl Network {
    /// A network without nodes.
    #[must_use]
    pub fn new(seed: Seed, default: Conditions) -> Self {
        Self {
            prng: Prng::new(seed).fork("network"),
            default,
            conditions: BTreeMap::new(),
            nodes: BTreeMap::new(),
            behind: BTreeMap::new(),
            nats: Vec::new(),
            in_flight: BTreeMap::new(),
            queued: BTreeMap::new(),
            busy_until: BTreeMap::new(),
            next_sequence: 0,
            drops: BTreeMap::new(),
            filter: None,
            log: Log::default(),
            capture: None,
        }
    }

    /// Gives `node` the address; it may have several. Takes it from whoever had it.
    pub fn assign(&mut self, address: IpAddr, node: NodeId) {
        self.nodes.insert(address, node);
    }

    /// Takes an address away, as when a device leaves a network. What is on the way to it is lost.
    pub fn unassign(&mut self, address: IpAddr) {
        self.nodes.remove(&address);
    }

    /// Adds a NAT.
    pub fn add_nat(&mut self, settings: NatSettings) -> NatId {
        self.nats.push(Nat::new(settings));
        NatId(self.nats.len() - 1)
    }

    /// Puts `address`, which a node holds, behind a NAT.
    pub fn put_behind(&mut self, address: IpAddr, nat: NatId) {
        self.behind.insert(address, nat);
    }

    /// Lets everybody reach `inside` through the NAT's `port`.
    pub fn forward(&mut self, nat: NatId, port: u16, inside: SocketAddr) {
        self.nats[nat.0].forward(port, inside);
    }

    /// Makes the NAT forget its mappings: the next outbound datagrams come from other ports, and from
    /// `public` if given.
    pub fn rebind(&mut self, nat: NatId, public: Option<IpAddr>) {
        self.nats[nat.0].rebind(public);
    }

    /// Sets the conditions of one direction.
    pub fn set_conditions(&mut self, direction: Direction, conditions: Conditions) {
        self.conditions.insert(direction, conditions);
    }

    /// Sets the conditions of all directions.
    pub fn set_all_conditions(&mut self, conditions: Conditions) {
        self.conditions.clear();
        self.default = conditions;
    }

    /// Drops the next datagram in this direction. Called twice, the next two.
    pub fn drop_next(&mut self, direction: Direction) {
        *self.drops.entry(direction).or_default() += 1;
    }

    /// Shows every datagram to `filter` before it is sent, which may change or drop it. Addresses are
    /// those the receiver will see.
    pub fn set_filter(&mut self, filter: impl FnMut(Direction, &mut Datagram) -> Verdict + 'static) {
        self.filter = Some(Box::new(filter));
    }

    /// Removes the filter.
    pub fn clear_filter(&mut self) {
        self.filter = None;
    }

    /// Keeps the last `limit` datagrams as delivered.
    pub fn capture(&mut self, limit: usize) {
        self.capture = Some(Capture { limit, datagrams: VecDeque::new() });
    }

    /// The captured datagrams with the time of delivery, oldest first.
    pub fn captured(&self) -> impl Iterator<Item = &(Duration, Datagram)> {
        self.capture.iter().flat_map(|capture| &capture.datagrams)
    }

    /// How many datagrams met each fate so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.log.counts
    }

    /// The last records, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.log.records.iter()
    }

    /// Datagrams on the way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Takes a datagram from `node` and puts it on its way. `Ok` has the datagram as the receiver will see
    /// it and its direction, also if it was dropped on the way; `Err` is the reason why there is none.
    pub(crate) fn send(
        &mut self,
        now: Duration,
        node: NodeId,
        mut datagram: Datagram,
    ) -> Result<(Direction, Datagram), Fate> {
        if self.nodes.get(&datagram.from.ip()) != Some(&node) {
            return Err(self.record(now, None, &datagram, Fate::NoSource));
        }
        if let Some(nat) = self.behind.get(&datagram.from.ip()) {
            datagram.from = self.nats[nat.0].outbound(now, datagram.from, datagram.to, &mut self.prng);
        }
        let Some(to) = self.node_at(datagram.to) else {
            return Err(self.record(now, None, &datagram, Fate::NoRoute));
        };
        let direction = Direction::new(node, to);
        let seen = datagram.clone();
        self.transmit(now, direction, datagram);
        Ok((direction, seen))
    }

    fn transmit(&mut self, now: Duration, direction: Direction, mut datagram: Datagram) {
        if let Some(filter) = &mut self.filter
            && filter(direction, &mut datagram) == Verdict::Drop
        {
            self.record(now, Some(direction), &datagram, Fate::DroppedOnRequest);
            return;
        }
        if let Some(count) = self.drops.get_mut(&direction).filter(|count| **count > 0) {
            *count -= 1;
            self.record(now, Some(direction), &datagram, Fate::DroppedOnRequest);
            return;
        }
        let conditions = self.conditions.get(&direction).unwrap_or(&self.default).clone();
        let size = datagram.bytes.len() + if datagram.to.is_ipv4() { 28 } else { 48 };
        // All draws are made whatever happens, so that one fault less does not change all that follows.
        let lost = self.prng.chance(conditions.loss);
        let duplicated = self.prng.chance(conditions.duplicate);
        let delays = [self.delay(&conditions), self.delay(&conditions)];
        let fate = if conditions.mtu.is_some_and(|mtu| size > mtu) {
            Fate::TooBig
        } else if self.queued.get(&direction).copied().unwrap_or(0) >= conditions.queue {
            Fate::QueueFull
        } else if lost {
            Fate::Lost
        } else {
            Fate::Sent
        };
        self.record(now, Some(direction), &datagram, fate);
        if fate != Fate::Sent {
            return;
        }
        let mut departs = now;
        if let Some(rate) = conditions.rate {
            let busy = self.busy_until.entry(direction).or_default();
            let wire = Duration::from_secs_f64(size as f64 / rate.max(1) as f64);
            departs = now.max(*busy) + wire;
            *busy = departs;
        }
        if duplicated {
            self.record(now, Some(direction), &datagram, Fate::Duplicated);
            self.enqueue(departs + delays[1], direction, datagram.clone());
        }
        self.enqueue(departs + delays[0], direction, datagram);
    }

    fn delay(&mut self, conditions: &Conditions) -> Duration {
        let jitter = self.prng.duration_up_to(conditions.jitter);
        let held_back =
            if self.prng.chance(conditions.reorder) { conditions.reorder_by } else { Duration::ZERO };
        conditions.delay + jitter + held_back
    }

    fn enqueue(&mut self, at: Duration, direction: Direction, datagram: Datagram) {
        *self.queued.entry(direction).or_default() += 1;
        self.in_flight.insert((at, self.next_sequence), (direction, datagram));
        self.next_sequence += 1;
    }

    /// When the next datagram arrives.
    pub(crate) fn next_delivery(&self) -> Option<Duration> {
        self.in_flight.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next datagram that has arrived by `now`, with the node it is for and its addresses as that node
    /// sees them.
    pub(crate) fn deliver(&mut self, now: Duration) -> Option<(NodeId, Datagram)> {
        while self.next_delivery().is_some_and(|at| at <= now) {
            let (_, (direction, mut datagram)) = self.in_flight.pop_first()?;
            *self.queued.entry(direction).or_default() -= 1;
            let nat = self.nats.iter_mut().find(|nat| nat.settings.public == datagram.to.ip());
            if let Some(nat) = nat {
                match nat.inbound(now, datagram.from, datagram.to) {
                    Some(inside) => datagram.to = inside,
                    None => {
                        self.record(now, Some(direction), &datagram, Fate::NatFiltered);
                        continue;
                    }
                }
            }
            let Some(node) = self.nodes.get(&datagram.to.ip()).copied() else {
                self.record(now, Some(direction), &datagram, Fate::NoRoute);
                continue;
            };
            self.record(now, Some(direction), &datagram, Fate::Delivered);
            if let Some(capture) = &mut self.capture {
                if capture.datagrams.len() >= capture.limit {
                    capture.datagrams.pop_front();
                }
                capture.datagrams.push_back((now, datagram.clone()));
            }
            return Some((node, datagram));
        }
        None
    }

    /// The node that a datagram to `address` is meant for, NATs included.
    fn node_at(&self, address: SocketAddr) -> Option<NodeId> {
        if let Some(node) = self.nodes.get(&address.ip()) {
            return Some(*node);
        }
        let (index, nat) =
            self.nats.iter().enumerate().find(|(_, nat)| nat.settings.public == address.ip())?;
        // Without a mapping the NAT will drop it; until then it travels towards the first node behind it.
        let inside = nat
            .owner(address)
            .map(|inside| inside.ip())
            .or_else(|| self.behind.iter().find(|(_, nat)| nat.0 == index).map(|(address, _)| *address))?;
        self.nodes.get(&inside).copied()
    }

    fn record(
        &mut self,
        at: Duration,
        direction: Option<Direction>,
        datagram: &Datagram,
        fate: Fate,
    ) -> Fate {
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(&datagram.bytes) {
            *to = *from;
        }
        let Datagram { from, to, bytes } = datagram;
        self.log.push(Record { at, direction, from: *from, to: *to, len: bytes.len(), head, fate });
        fate
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("nodes", &self.nodes)
            .field("in_flight", &self.in_flight.len())
            .field("counts", &self.log.counts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
