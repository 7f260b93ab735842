//! What a gateway tells its operator.

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use adit_ike::identity::Identity;
use adit_ike::{CloseReason, Path};
use adit_tunnel::Stats;

/// Names a client for as long as the gateway runs; never reused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ClientId(pub u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}", self.0)
    }
}

/// An authenticated client.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// Its name here.
    pub id: ClientId,
    /// The identity that was authenticated; with EAP the user.
    pub identity: Identity,
    /// How it was authenticated, in words.
    pub authentication: String,
    /// Its inner addresses.
    pub addresses: Vec<IpAddr>,
    /// Where it is reached.
    pub path: Path,
    /// The first IKE SA's algorithms, in words.
    pub ike_suite: String,
}

/// Why a client is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum DownReason {
    /// Its session ended.
    Closed(CloseReason),
    /// The same identity connected anew and said that this session is dead (INITIAL_CONTACT, RFC 7296 2.4).
    Replaced {
        /// The new client.
        by: ClientId,
    },
}

impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(CloseReason::Requested) => f.write_str("closed by the gateway"),
            Self::Closed(CloseReason::DeletedByPeer) => f.write_str("the client disconnected"),
            Self::Closed(CloseReason::Failed(failure)) => failure.fmt(f),
            Self::Replaced { by } => write!(f, "the same identity connected anew as {by}"),
        }
    }
}

/// What happened, in order.
#[derive(Debug)]
pub enum Event {
    /// A client is authenticated and has its addresses.
    ClientUp(Box<ClientInfo>),
    /// A client is gone and its addresses are free.
    ClientDown {
        /// As in its [`Event::ClientUp`], with the path it had last.
        client: Box<ClientInfo>,
        /// Why.
        reason: DownReason,
        /// What passed through its tunnel.
        stats: Box<Stats>,
    },
    /// Somebody began to connect and did not get through.
    HandshakeFailed {
        /// From where.
        remote: SocketAddr,
        /// Why.
        reason: String,
        /// What to do about it; empty where the reason says it already.
        advice: String,
    },
    /// The gateway demands cookies from now on, or no longer (RFC 7296 2.6).
    CookiesDemanded(bool),
    /// Anything else that a session tells: exchanges, messages, rekeys, Child SAs, paths, warnings. Of half-open
    /// sessions too, whose client has no [`Event::ClientUp`] yet.
    Session {
        /// Whose.
        client: ClientId,
        /// What.
        event: adit_tunnel::Event,
    },
}

/// Events nobody may lose while a host polls at all: two for each client.
const CLIENT_EVENTS_MAX: usize = 65_536;
/// Others, of which an attacker makes any number.
const OTHER_EVENTS_MAX: usize = 4_096;

/// Events the host has not taken yet; bounded.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    events: VecDeque<Event>,
    lost: u64,
}

impl EventQueue {
    pub fn push(&mut self, event: Event) {
        let max = match event {
            Event::ClientUp(_) | Event::ClientDown { .. } => CLIENT_EVENTS_MAX,
            _ => OTHER_EVENTS_MAX,
        };
        if self.events.len() < max {
            self.events.push_back(event);
        } else {
            self.lost = self.lost.saturating_add(1);
        }
    }

    pub fn pop(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How many were dropped because the host did not poll.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_cause_leaves_room_for_what_clients_cause() {
        let mut queue = EventQueue::default();
        for _ in 0..OTHER_EVENTS_MAX + 10 {
            queue.push(Event::CookiesDemanded(true));
        }
        assert_eq!(queue.lost(), 10);
        let info = ClientInfo {
            id: ClientId(1),
            identity: Identity::from_text("a@b").unwrap(),
            authentication: String::new(),
            addresses: Vec::new(),
            path: Path {
                local: "192.0.2.1:500".parse().unwrap(),
                remote: "192.0.2.2:500".parse().unwrap(),
                encapsulated: false,
            },
            ike_suite: String::new(),
        };
        queue.push(Event::ClientUp(Box::new(info)));
        assert_eq!(queue.lost(), 10);
        assert_eq!(std::iter::from_fn(|| queue.pop()).count(), OTHER_EVENTS_MAX + 1);
        assert!(queue.is_empty());
    }
}
