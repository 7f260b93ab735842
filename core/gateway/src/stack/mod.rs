//! A userspace network stack: what stands behind a gateway without root, and the demo's client.
//!
//! Owns [`Stack`], which answers ping and serves TCP echo, discard, digest and source, and [`ClientStack`],
//! which pings and opens connections; both on smoltcp. Packets go in with `push` and come out with
//! `pop_with`; time is an argument. Leaves out where packets come from and go to (ESP, a gateway's peers).
//!
//! Memory is bounded by the configuration: packets queued each way, connections, and buffers for each
//! connection. Packets are copied into buffers that circulate, so nothing is allocated per packet.

mod client;
mod core;
mod device;
mod server;
mod services;
mod transfer;

use std::net::IpAddr;

pub use client::{ClientStack, ConnectionId, ConnectionState, Pong, Received};
pub use core::Counters;
pub use server::Stack;
pub use services::{Service, ServicePort};
pub use transfer::{Digest, Transfer, TransferError, pattern_digest, write_pattern};

/// Settings of a stack of either kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StackConfig {
    /// The stack's own addresses: 1 to 8, IPv4 and IPv6.
    pub addresses: Vec<IpAddr>,
    /// Greatest IP packet in bytes, 1,280 to 9,000.
    pub mtu: usize,
    /// Packets queued each way, at least 2. Above it `push` refuses, and TCP waits for `pop_with`.
    pub queue: usize,
    /// Bytes of send and of receive buffer for each TCP connection, at least 2,048. Bounds what is in
    /// flight.
    pub tcp_buffer: usize,
    /// TCP connections at the same time, 1 to 1,024: for each service of a [`Stack`], in all for a
    /// [`ClientStack`].
    pub connections: usize,
    /// Check the checksums of arriving packets. Inside a tunnel ESP has already proved that they are as
    /// sent; outgoing packets always carry correct ones.
    pub verify_checksums: bool,
    /// Where TCP's initial sequence numbers and ports start. Take it from a secure random source.
    pub seed: u64,
}

impl StackConfig {
    /// A stack at `addresses` with an MTU of 1,400 bytes and 256 KiB of buffer each way and connection.
    #[must_use]
    pub const fn new(addresses: Vec<IpAddr>, seed: u64) -> Self {
        Self {
            addresses,
            mtu: 1_400,
            queue: 512,
            tcp_buffer: 256 * 1_024,
            connections: 32,
            verify_checksums: true,
            seed,
        }
    }
}

/// Why a stack cannot be made or a connection cannot be opened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StackError {
    /// A setting is out of range.
    #[error("stack setting {name}: {value} is outside {min} to {max}")]
    Setting {
        /// The field of [`StackConfig`].
        name: &'static str,
        /// What it was set to.
        value: usize,
        /// The least value allowed.
        min: usize,
        /// The greatest value allowed.
        max: usize,
    },
    /// An address nobody can send from: unspecified or multicast.
    #[error("{0} cannot be a host's address")]
    BadAddress(IpAddr),
    /// The stack has no address of the destination's family, or the port is 0.
    #[error("{0} cannot be reached from this stack's addresses")]
    Unreachable(std::net::SocketAddr),
    /// All connections or queue places are taken.
    #[error("too many connections or packets at the same time")]
    Busy,
}

#[cfg(test)]
mod tests;
