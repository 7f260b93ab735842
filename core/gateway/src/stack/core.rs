//! What both kinds of stack share: the interface, its sockets, the packet queues.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use smoltcp::iface::{Config, Interface, PollResult, SocketSet};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration as StackDuration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, IpListenEndpoint, Ipv4Address, Ipv6Address};

use super::device::Queues;
use super::{StackConfig, StackError};

/// A connection whose peer says nothing for so long, although asked, is dropped.
const TCP_TIMEOUT: StackDuration = StackDuration::from_secs(60);
/// An idle connection is probed this often, so that a peer that is gone frees its place.
const TCP_KEEPALIVE: StackDuration = StackDuration::from_secs(20);

/// Packets that a stack has seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counters {
    /// Taken in by `push`.
    pub received: u64,
    /// Refused by `push`: too long, or the queue was full.
    pub refused: u64,
    /// Handed out by `pop_with`.
    pub sent: u64,
}

pub(super) struct Core {
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    pub queues: Queues,
    pub config: StackConfig,
    pub counters: Counters,
}

impl Core {
    pub fn new(config: StackConfig) -> Result<Self, StackError> {
        setting("addresses", config.addresses.len(), 1, 8)?;
        setting("mtu", config.mtu, 1_280, 9_000)?;
        setting("queue", config.queue, 2, 65_536)?;
        setting("tcp_buffer", config.tcp_buffer, 2_048, 8 << 20)?;
        setting("connections", config.connections, 1, 1_024)?;
        if let Some(bad) = config.addresses.iter().find(|ip| ip.is_unspecified() || ip.is_multicast()) {
            return Err(StackError::BadAddress(*bad));
        }
        let mut queues = Queues::new(config.queue, config.mtu, config.verify_checksums);
        let mut settings = Config::new(HardwareAddress::Ip);
        settings.random_seed = config.seed;
        let mut interface = Interface::new(settings, &mut queues, Instant::ZERO);
        interface.update_ip_addrs(|list| {
            for address in &config.addresses {
                let bits = if address.is_ipv4() { 32 } else { 128 };
                // Never full: eight at most, and the feature asks for eight.
                let _ = list.push(IpCidr::new(IpAddress::from(*address), bits));
            }
        });
        // Without neighbours the next hop is only a formality, but without a route nothing is sent.
        let _ = interface.routes_mut().add_default_ipv4_route(Ipv4Address::UNSPECIFIED);
        let _ = interface.routes_mut().add_default_ipv6_route(Ipv6Address::UNSPECIFIED);
        let sockets = SocketSet::new(Vec::new());
        Ok(Self { interface, sockets, queues, config, counters: Counters::default() })
    }

    /// A TCP socket with the configured buffers, closed.
    pub fn tcp_socket(&self) -> tcp::Socket<'static> {
        let buffer = |size| tcp::SocketBuffer::new(vec![0; size]);
        let size = self.config.tcp_buffer;
        let mut socket = tcp::Socket::new(buffer(receive_buffer(size)), buffer(size));
        socket.set_congestion_control(tcp::CongestionControl::Reno);
        socket.set_nagle_enabled(false);
        socket.set_timeout(Some(TCP_TIMEOUT));
        socket.set_keep_alive(Some(TCP_KEEPALIVE));
        socket
    }

    pub fn push(&mut self, packet: &[u8]) -> bool {
        let taken = self.queues.push(packet);
        if taken {
            self.counters.received += 1;
        } else {
            self.counters.refused += 1;
        }
        taken
    }

    pub fn pop_with<R>(&mut self, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let result = self.queues.pop_with(take);
        if result.is_some() {
            self.counters.sent += 1;
        }
        result
    }

    /// Lets smoltcp read and write packets once. True if sockets may have changed.
    pub fn exchange(&mut self, now: Duration) -> bool {
        let Self { interface, sockets, queues, .. } = self;
        interface.poll(instant(now), queues, sockets) == PollResult::SocketStateChanged
    }

    /// When to poll again.
    pub fn deadline(&mut self, now: Duration) -> Option<Duration> {
        if self.queues.outgoing() > 0 || self.queues.incoming() > 0 {
            return Some(now);
        }
        let at = self.interface.poll_at(instant(now), &self.sockets)?;
        Some(Duration::from_micros(u64::try_from(at.total_micros()).unwrap_or(0)).max(now))
    }

    /// True if the stack has an address of `remote`'s family.
    pub fn reaches(&self, remote: IpAddr) -> bool {
        let usable = !remote.is_unspecified() && !remote.is_multicast();
        usable && self.config.addresses.iter().any(|own| own.is_ipv4() == remote.is_ipv4())
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("config", &self.config)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

/// smoltcp counts in microseconds.
pub(super) fn instant(now: Duration) -> Instant {
    Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

pub(super) fn listen_on(port: u16) -> IpListenEndpoint {
    IpListenEndpoint { addr: None, port }
}

pub(super) fn socket_addr(endpoint: smoltcp::wire::IpEndpoint) -> SocketAddr {
    SocketAddr::new(endpoint.addr.into(), endpoint.port)
}

/// The greatest receive buffer up to `size` bytes that smoltcp 0.14 handles safely: until its first
/// acknowledgement it takes the unscaled window of its SYN for a scaled one (RFC 7323 2.2), and a peer that
/// sends past the real window could then make it write behind the buffer's end, which panics. With one
/// byte less than a power of two the two windows end at the same place.
fn receive_buffer(size: usize) -> usize {
    let above = size.saturating_add(1);
    if size <= usize::from(u16::MAX) || above.is_power_of_two() {
        return size;
    }
    let largest_power =
        1_usize.checked_shl(usize::BITS.saturating_sub(1).saturating_sub(above.leading_zeros()));
    largest_power.unwrap_or(1).saturating_sub(1)
}

fn setting(name: &'static str, value: usize, min: usize, max: usize) -> Result<(), StackError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(StackError::Setting { name, value, min, max }) }
}
