//! What a run is told while it runs.

use std::net::IpAddr;

use adit_ike::{Answer, Command, Token};

use crate::clock::Clock;

/// Names a question of the engine ([`super::ClientEvent::Ask`]) within one run; never used for two.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AskId {
    /// The attempt that asks: a late answer must not go to the next one.
    pub(super) attempt: u32,
    pub(super) token: Token,
}

/// The physical network, as far as the client's sockets are concerned. Without handle and interface its addresses tell it from
/// others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Link {
    /// The system's name for it (Android: `Network.getNetworkHandle`).
    pub handle: Option<u64>,
    /// Its interface.
    pub interface: Option<String>,
    /// This host's addresses on it.
    pub addresses: Vec<IpAddr>,
}

impl Link {
    fn is_nameless(&self) -> bool {
        self.handle.is_none() && self.interface.is_none()
    }
}

/// What the caller may ask of a run.
#[derive(Debug)]
pub enum Control {
    /// Passed on to the tunnel.
    Tunnel(Command),
    /// The answer to a question of the engine. One that comes too late is dropped.
    Answer(AskId, Answer),
    /// The physical network is another one now, or there is none. A tunnel whose way is the same stays as it is;
    /// another is moved or, where the server has no MOBIKE, connected anew, and its device stays open.
    NetworkChanged(Option<Link>),
    /// The system is about to sleep: deadlines are let pass until [`Self::Wake`], but for packets that come all the
    /// same. With a clock made when the system said so: the run may have been suspended before it reads this.
    Sleep(Clock),
    /// The system is awake, whether [`Self::Sleep`] was told or not. A request that waits for its answer is tried anew; a
    /// tunnel that was about to come up is begun anew after a long sleep. The server is asked for a sign of life with the
    /// next packet that is sent.
    Wake,
    /// The host has another device ([`super::TunnelHost::replacement`]).
    DeviceChanged,
    /// Report [`super::ClientEvent::Stats`].
    Stats,
    /// End: the tunnel is deleted, within a second at most, and the host put back.
    Stop,
}

/// What is known of the physical network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Known {
    /// Nobody said anything.
    Nothing,
    /// There is none.
    NoNetwork,
    /// There is this one.
    Link(Link),
}

impl Known {
    pub(super) fn of(link: Option<Link>) -> Self {
        link.map_or(Self::NoNetwork, Self::Link)
    }

    /// True if sockets made on the one do on the other, as far as names tell: the same network and interface. What has no
    /// name is taken to be the same; whether this host's address is, the caller looks up.
    pub(super) fn same_network(&self, other: &Link) -> bool {
        match self {
            Self::Nothing => true,
            Self::NoNetwork => other.is_nameless(),
            Self::Link(link) => link.handle == other.handle && link.interface == other.interface,
        }
    }

    /// True if what failed before may succeed now: there was no network, or it is another one.
    pub(super) fn is_another_chance(&self, other: &Link) -> bool {
        match self {
            Self::Nothing => false,
            Self::NoNetwork => true,
            Self::Link(link) => {
                !self.same_network(other) || (other.is_nameless() && link.addresses != other.addresses)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_handle_or_interface_is_another_network_and_addresses_alone_are_not() {
        let wifi = Link { handle: Some(1), interface: Some("wlan0".into()), addresses: Vec::new() };
        let known = Known::of(Some(wifi.clone()));
        let renewed = Link { addresses: vec!["192.0.2.1".parse().unwrap()], ..wifi.clone() };
        assert!(known.same_network(&renewed));
        assert!(!known.same_network(&Link { handle: Some(2), ..wifi.clone() }));
        assert!(!known.same_network(&Link { interface: Some("rmnet0".into()), ..wifi.clone() }));
        assert!(Known::Nothing.same_network(&wifi));
        assert!(!Known::of(None).same_network(&wifi));
        assert!(!known.is_another_chance(&renewed), "addresses come and go");
        assert!(Known::of(None).is_another_chance(&wifi));
    }

    #[test]
    fn a_network_without_a_name_is_known_by_its_addresses() {
        let at = |address: &str| Link { addresses: vec![address.parse().unwrap()], ..Link::default() };
        let (home, away) = (at("192.0.2.1"), at("198.51.100.1"));
        let known = Known::of(Some(home.clone()));
        assert!(known.same_network(&away), "sockets may do: the address decides");
        assert!(known.is_another_chance(&away) && !known.is_another_chance(&home));
        assert!(Known::of(None).same_network(&home) && Known::of(None).is_another_chance(&home));
        assert!(!Known::Nothing.is_another_chance(&home));
    }
}
