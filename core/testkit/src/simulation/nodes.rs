//! What can be put on a simulated network.

use std::net::SocketAddr;
use std::time::Duration;

use crate::network::{Datagram, Direction, NodeId};

/// A sans-I/O endpoint. Times count from the start of the simulation.
pub trait Endpoint {
    /// A datagram has arrived; `to` is the endpoint's own address, after any NAT.
    fn handle(&mut self, now: Duration, from: SocketAddr, to: SocketAddr, bytes: &mut [u8]);

    /// The next datagram to send, until there is none. Its source must be an address of this node.
    fn poll_transmit(&mut self, now: Duration) -> Option<Datagram>;

    /// When [`Self::handle_timeout`] is due next.
    fn poll_timeout(&mut self) -> Option<Duration>;

    /// Time has passed. Afterwards [`Self::poll_timeout`] lies after `now` or a datagram is waiting.
    fn handle_timeout(&mut self, now: Duration);
}

impl<E: Endpoint + ?Sized> Endpoint for Box<E> {
    fn handle(&mut self, now: Duration, from: SocketAddr, to: SocketAddr, bytes: &mut [u8]) {
        (**self).handle(now, from, to, bytes);
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Datagram> {
        (**self).poll_transmit(now)
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        (**self).poll_timeout()
    }

    fn handle_timeout(&mut self, now: Duration) {
        (**self).handle_timeout(now);
    }
}

/// All endpoints of a simulation; their order gives their [`NodeId`].
pub trait Nodes {
    /// How many there are.
    fn count(&self) -> usize;

    /// The endpoint with this number, which is below [`Self::count`].
    fn node(&mut self, node: NodeId) -> &mut dyn Endpoint;

    /// Its name in failure messages.
    fn name(&self, node: NodeId) -> String {
        format!("node {}", node.0)
    }
}

impl<E: Endpoint> Nodes for Vec<E> {
    fn count(&self) -> usize {
        self.len()
    }

    fn node(&mut self, node: NodeId) -> &mut dyn Endpoint {
        &mut self[node.0]
    }
}

/// A client and a gateway.
#[derive(Clone, Debug)]
pub struct Pair<C, G> {
    /// [`Pair::CLIENT`].
    pub client: C,
    /// [`Pair::GATEWAY`].
    pub gateway: G,
}

impl Pair<(), ()> {
    /// The client's number.
    pub const CLIENT: NodeId = NodeId(0);
    /// The gateway's number.
    pub const GATEWAY: NodeId = NodeId(1);
    /// From the client to the gateway.
    pub const TO_GATEWAY: Direction = Direction::new(Self::CLIENT, Self::GATEWAY);
    /// From the gateway to the client.
    pub const TO_CLIENT: Direction = Direction::new(Self::GATEWAY, Self::CLIENT);
}

impl<C: Endpoint, G: Endpoint> Nodes for Pair<C, G> {
    fn count(&self) -> usize {
        2
    }

    fn node(&mut self, node: NodeId) -> &mut dyn Endpoint {
        match node {
            Pair::CLIENT => &mut self.client,
            _ => &mut self.gateway,
        }
    }

    fn name(&self, node: NodeId) -> String {
        if node == Pair::CLIENT { "client".to_owned() } else { "gateway".to_owned() }
    }
}

/// A gateway, which is node 0, and clients from node 1 on.
#[derive(Clone, Debug)]
pub struct Star<C, G> {
    /// [`Star::GATEWAY`].
    pub gateway: G,
    /// The clients; see [`Star::client`].
    pub clients: Vec<C>,
}

impl Star<(), ()> {
    /// The gateway's number.
    pub const GATEWAY: NodeId = NodeId(0);

    /// The number of the client at `index` of [`Star::clients`].
    #[must_use]
    pub const fn client(index: usize) -> NodeId {
        NodeId(index + 1)
    }
}

impl<C: Endpoint, G: Endpoint> Nodes for Star<C, G> {
    fn count(&self) -> usize {
        self.clients.len() + 1
    }

    fn node(&mut self, node: NodeId) -> &mut dyn Endpoint {
        match node.0.checked_sub(1) {
            None => &mut self.gateway,
            Some(client) => &mut self.clients[client],
        }
    }

    fn name(&self, node: NodeId) -> String {
        match node.0.checked_sub(1) {
            None => "gateway".to_owned(),
            Some(client) => format!("client {client}"),
        }
    }
}
