//! A NAT as home routers have it: one public address, a public port per inside address and port, inbound
//! datagrams only from where the inside sent to (address- and port-dependent filtering, RFC 4787 5),
//! mappings that die without outbound traffic (RFC 4787 4.3, REQ-6).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::seed::Prng;

/// Settings of a NAT.
#[derive(Clone, Debug)]
pub struct NatSettings {
    /// The address the outside sees.
    pub public: IpAddr,
    /// A mapping without outbound traffic for longer than this is forgotten.
    pub timeout: Duration,
    /// Take the inside port as public port where it is free, as many home routers do.
    pub preserve_port: bool,
}

#[derive(Clone, Debug)]
struct Mapping {
    public: SocketAddr,
    last_outbound: Duration,
    /// Outside addresses the inside has sent to.
    peers: BTreeSet<SocketAddr>,
}

#[derive(Clone, Debug)]
pub(super) struct Nat {
    pub settings: NatSettings,
    mappings: BTreeMap<SocketAddr, Mapping>,
    /// Public port to inside address: static forwards, as for a server behind a NAT.
    forwards: BTreeMap<u16, SocketAddr>,
}

impl Nat {
    pub fn new(settings: NatSettings) -> Self {
        Self { settings, mappings: BTreeMap::new(), forwards: BTreeMap::new() }
    }

    pub fn forward(&mut self, port: u16, inside: SocketAddr) {
        self.forwards.insert(port, inside);
    }

    /// The public source for a datagram from `inside` to `peer`.
    pub fn outbound(
        &mut self,
        now: Duration,
        inside: SocketAddr,
        peer: SocketAddr,
        prng: &mut Prng,
    ) -> SocketAddr {
        if let Some((port, _)) = self.forwards.iter().find(|(_, target)| **target == inside) {
            return SocketAddr::new(self.settings.public, *port);
        }
        self.expire(now);
        if !self.mappings.contains_key(&inside) {
            let public = SocketAddr::new(self.settings.public, self.free_port(inside.port(), prng));
            let mapping = Mapping { public, last_outbound: now, peers: BTreeSet::new() };
            self.mappings.insert(inside, mapping);
        }
        let mapping = self.mappings.get_mut(&inside).expect("just inserted");
        mapping.last_outbound = now;
        mapping.peers.insert(peer);
        mapping.public
    }

    /// The inside address for a datagram from `peer` to `public`, if the NAT lets it in.
    pub fn inbound(&mut self, now: Duration, peer: SocketAddr, public: SocketAddr) -> Option<SocketAddr> {
        if let Some(inside) = self.forwards.get(&public.port()) {
            return Some(*inside);
        }
        self.expire(now);
        self.mappings
            .iter()
            .find(|(_, mapping)| mapping.public == public && mapping.peers.contains(&peer))
            .map(|(inside, _)| *inside)
    }

    /// The inside address that has `public` now, whoever sends.
    pub fn owner(&self, public: SocketAddr) -> Option<SocketAddr> {
        let mapped = self.mappings.iter().find(|(_, mapping)| mapping.public == public);
        mapped.map(|(inside, _)| *inside).or_else(|| self.forwards.get(&public.port()).copied())
    }

    /// Forgets all mappings; the next datagrams get other ports, and `public` if given.
    pub fn rebind(&mut self, public: Option<IpAddr>) {
        self.mappings.clear();
        if let Some(public) = public {
            self.settings.public = public;
        }
        // Else a preserved port would give the mapping back that was just taken away.
        self.settings.preserve_port = false;
    }

    fn expire(&mut self, now: Duration) {
        let timeout = self.settings.timeout;
        self.mappings.retain(|_, mapping| now.saturating_sub(mapping.last_outbound) <= timeout);
    }

    fn free_port(&self, wanted: u16, prng: &mut Prng) -> u16 {
        let taken = |port: u16| {
            self.forwards.contains_key(&port) || self.mappings.values().any(|m| m.public.port() == port)
        };
        if self.settings.preserve_port && !taken(wanted) {
            return wanted;
        }
        loop {
            let port = 20_000 + prng.below(40_000) as u16;
            if !taken(port) && port != wanted {
                return port;
            }
        }
    }
}
