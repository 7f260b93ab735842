//! The host's addresses, routes and DNS while a tunnel is up.
//!
//! Owns [`NetConfig`], what a tunnel wants of the host, and on Linux [`NetConfig::apply`], which sets it and
//! gives [`Applied`], which takes all of it back. Every change is noted in a journal before it is made, so
//! that [`recover`] can undo it at the next start after a crash or SIGKILL. On phones the host application
//! sets the same things through the system's VPN interface.
//!
//! How the tunnel avoids carrying its own packets: its sockets mark what they send, and routing rules let
//! marked packets pass by the tunnel's routes. The main routing table is never edited.

#[cfg(target_os = "linux")]
mod linux;

use std::net::IpAddr;

pub use adit_tunnel::IpPrefix;

#[cfg(target_os = "linux")]
pub use linux::{Applied, HostPaths, NetError, NetworkWatch, Recovered, may_configure, recover};

/// The mark the tunnel's own packets carry unless another is chosen: "ADIT" in ASCII.
pub const DEFAULT_MARK: u32 = 0x4144_4954;

/// What a tunnel wants of the host.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// The TUN interface; it exists already.
    pub interface: String,
    /// Largest inner packet in bytes, 68 to 65,535; at least 1,280 with IPv6 (RFC 8200 5).
    pub mtu: u32,
    /// Addresses of the interface. The prefix length matters to programs that list addresses only: it makes
    /// no route.
    pub addresses: Vec<IpPrefix>,
    /// What goes through the tunnel, at most 256 prefixes. Where a route of the host is more specific, that
    /// one wins, so a tunnel for 0.0.0.0/0 leaves the local network reachable; at equal length the tunnel
    /// wins. Those of a family in which the tunnel has no address are left out and noted, unless packets are
    /// passed on.
    pub routes: Vec<IpPrefix>,
    /// The mark of the tunnel's own packets ([`crate::udp::UdpOptions::mark`]); not 0.
    pub mark: u32,
    /// Packets are passed on between the tunnel and the host's other networks, in the families of `routes`: what a
    /// gateway wants. Forwarding that is off is switched on for the time, on every interface.
    pub forward: bool,
    /// Name servers to use while the tunnel is up; `None` leaves the host's.
    pub dns: Option<DnsConfig>,
}

impl NetConfig {
    /// A configuration that gives `interface` an MTU and nothing else.
    #[must_use]
    pub fn new(interface: &str, mtu: u32) -> Self {
        Self {
            interface: interface.to_owned(),
            mtu,
            addresses: Vec::new(),
            routes: Vec::new(),
            mark: DEFAULT_MARK,
            forward: false,
            dns: None,
        }
    }
}

/// Name servers reached through the tunnel.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DnsConfig {
    /// The servers, best first. With none the host's DNS is left as it is.
    pub servers: Vec<IpAddr>,
    /// Domains to try for names without a dot.
    pub search: Vec<String>,
    /// Only names in these domains go to the servers; empty: all names do. Only systemd-resolved can keep
    /// the two apart; without it all names go to the servers, and a note says so.
    pub match_domains: Vec<String>,
}
