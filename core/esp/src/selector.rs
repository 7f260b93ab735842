//! One traffic selector (RFC 7296 3.13.1, RFC 4301 4.4.1.1).
//!
//! Owns [`TrafficSelector`] and [`Ports`]: constructors that refuse nonsense, intersection for narrowing
//! (RFC 7296 2.9), comparison with a packet, and splitting a range into prefixes for routes. IKE builds
//! and reads the wire form. Leaves out lists of them and fast checks ([`crate::Selectors`]).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::inner::{Inner, NextLayer, PortSeen};

/// The ports of a selector: a range, all, or "opaque".
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ports {
    start: u16,
    end: u16,
}

impl Ports {
    /// All ports, and packets whose ports cannot be seen.
    pub const ANY: Self = Self { start: 0, end: u16::MAX };

    /// Only packets whose ports cannot be seen: later fragments, protocols without ports (RFC 4301
    /// 4.4.1.1). On the wire start is 65,535 and end is 0.
    pub const OPAQUE: Self = Self { start: u16::MAX, end: 0 };

    /// The ports `start..=end`, or [`Self::OPAQUE`] from its wire form.
    ///
    /// # Errors
    /// [`SelectorError::Ports`] if `start` is above `end`.
    pub const fn new(start: u16, end: u16) -> Result<Self, SelectorError> {
        if start > end && !(start == u16::MAX && end == 0) {
            return Err(SelectorError::Ports { start, end });
        }
        Ok(Self { start, end })
    }

    /// One port.
    #[must_use]
    pub const fn single(port: u16) -> Self {
        Self { start: port, end: port }
    }

    /// One ICMP type and code, for a selector with protocol ICMP or ICMPv6.
    #[must_use]
    pub const fn icmp(kind: u8, code: u8) -> Self {
        Self::single(u16::from_be_bytes([kind, code]))
    }

    /// First port; on the wire "Start Port".
    #[must_use]
    pub const fn start(self) -> u16 {
        self.start
    }

    /// Last port; on the wire "End Port".
    #[must_use]
    pub const fn end(self) -> u16 {
        self.end
    }

    /// The ports in both; `None` if there are none.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::ANY, both) | (both, Self::ANY) => Some(both),
            (Self::OPAQUE, Self::OPAQUE) => Some(Self::OPAQUE),
            (Self::OPAQUE, _) | (_, Self::OPAQUE) => None,
            _ => {
                let (start, end) = (self.start.max(other.start), self.end.min(other.end));
                (start <= end).then_some(Self { start, end })
            }
        }
    }

    fn contains(self, seen: PortSeen) -> bool {
        match seen {
            PortSeen::NotAsked => true,
            PortSeen::Opaque => self == Self::ANY || self == Self::OPAQUE,
            // The opaque range is empty, so it contains no port.
            PortSeen::Port(port) => self.start <= port && port <= self.end,
        }
    }
}

/// Which end of a packet a selector is compared with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PacketSide {
    /// The source address and port.
    Source,
    /// The destination address and port.
    Destination,
}

/// A range of addresses of one family, with protocol and ports: one end of what an SA may carry.
///
/// ICMP type and code count as the port of the end that sends (RFC 4301 4.4.1.3).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TrafficSelector {
    start: IpAddr,
    end: IpAddr,
    protocol: u8,
    ports: Ports,
}

/// Why something is no traffic selector.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SelectorError {
    /// First and last address are not of one family.
    #[error("address range mixes IPv4 and IPv6: {start} to {end}")]
    Family {
        /// First address.
        start: IpAddr,
        /// Last address.
        end: IpAddr,
    },
    /// The first address is above the last.
    #[error("address range ends before it starts: {start} to {end}")]
    Addresses {
        /// First address.
        start: IpAddr,
        /// Last address.
        end: IpAddr,
    },
    /// The first port is above the last.
    #[error("port range ends before it starts: {start} to {end}")]
    Ports {
        /// First port.
        start: u16,
        /// Last port.
        end: u16,
    },
    /// The prefix is longer than an address.
    #[error("prefix length {0} is longer than the address")]
    Prefix(u8),
    /// A list of selectors is empty or longer than the 255 that fit a payload (RFC 7296 3.13).
    #[error("{0} traffic selectors on one side: there must be 1 to 255")]
    Count(usize),
}

impl TrafficSelector {
    /// The addresses `start..=end`. Protocol 0 means any.
    ///
    /// # Errors
    /// [`SelectorError::Family`], [`SelectorError::Addresses`].
    pub fn new(protocol: u8, ports: Ports, start: IpAddr, end: IpAddr) -> Result<Self, SelectorError> {
        match (start, end) {
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {
                Err(SelectorError::Family { start, end })
            }
            _ if start > end => Err(SelectorError::Addresses { start, end }),
            _ => Ok(Self { start, end, protocol, ports }),
        }
    }

    /// All of IPv4.
    #[must_use]
    pub const fn any_v4() -> Self {
        let (start, end) = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST);
        Self { start: IpAddr::V4(start), end: IpAddr::V4(end), protocol: 0, ports: Ports::ANY }
    }

    /// All of IPv6.
    #[must_use]
    pub const fn any_v6() -> Self {
        let (start, end) = (Ipv6Addr::UNSPECIFIED, Ipv6Addr::from_bits(u128::MAX));
        Self { start: IpAddr::V6(start), end: IpAddr::V6(end), protocol: 0, ports: Ports::ANY }
    }

    /// One address, any protocol and port.
    #[must_use]
    pub const fn host(address: IpAddr) -> Self {
        Self { start: address, end: address, protocol: 0, ports: Ports::ANY }
    }

    /// A prefix, any protocol and port. Host bits of `address` are ignored.
    ///
    /// # Errors
    /// [`SelectorError::Prefix`] if `length` is above 32 or 128.
    pub fn from_prefix(address: IpAddr, length: u8) -> Result<Self, SelectorError> {
        let bad = SelectorError::Prefix(length);
        let (start, end) = match address {
            IpAddr::V4(v4) => {
                let host_bits = 32u32.checked_sub(length.into()).ok_or(bad)?;
                let hosts = u32::MAX.checked_shr(length.into()).unwrap_or(0);
                let start = if host_bits == 32 { 0 } else { v4.to_bits() & !hosts };
                (Ipv4Addr::from_bits(start).into(), Ipv4Addr::from_bits(start | hosts).into())
            }
            IpAddr::V6(v6) => {
                let host_bits = 128u32.checked_sub(length.into()).ok_or(bad)?;
                let hosts = u128::MAX.checked_shr(length.into()).unwrap_or(0);
                let start = if host_bits == 128 { 0 } else { v6.to_bits() & !hosts };
                (Ipv6Addr::from_bits(start).into(), Ipv6Addr::from_bits(start | hosts).into())
            }
        };
        Ok(Self { start, end, protocol: 0, ports: Ports::ANY })
    }

    /// The same addresses for one protocol (0: any) and its ports.
    #[must_use]
    pub const fn with_protocol(self, protocol: u8, ports: Ports) -> Self {
        Self { protocol, ports, ..self }
    }

    /// First address.
    #[must_use]
    pub const fn start(&self) -> IpAddr {
        self.start
    }

    /// Last address; of the same family as the first and not below it.
    #[must_use]
    pub const fn end(&self) -> IpAddr {
        self.end
    }

    /// IP protocol number; 0 for any.
    #[must_use]
    pub const fn protocol(&self) -> u8 {
        self.protocol
    }

    /// Ports.
    #[must_use]
    pub const fn ports(&self) -> Ports {
        self.ports
    }

    /// True for IPv4 addresses.
    #[must_use]
    pub const fn is_ipv4(&self) -> bool {
        self.start.is_ipv4()
    }

    /// True if neither protocol nor ports restrict it.
    #[must_use]
    pub fn is_any_protocol(&self) -> bool {
        self.protocol == 0 && self.ports == Ports::ANY
    }

    /// True if `address` is in the range, whatever the protocol.
    #[must_use]
    pub fn contains_address(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.is_ipv4() && self.start <= address && address <= self.end
    }

    /// True if one side of the IP packet in `packet` is within this selector. False for what is no IP
    /// packet.
    #[must_use]
    pub fn contains_packet(&self, packet: &[u8], side: PacketSide) -> bool {
        let Some(inner) = Inner::parse(packet) else { return false };
        let (source, destination) = inner.addresses().to_std();
        let address = match side {
            PacketSide::Source => source,
            PacketSide::Destination => destination,
        };
        self.contains_address(address)
            && (self.is_any_protocol() || self.contains_next_layer(&inner.next_layer(), side))
    }

    /// The part of `next` that this selector asks about, without the addresses.
    pub(crate) fn contains_next_layer(&self, next: &NextLayer, side: PacketSide) -> bool {
        (self.protocol == 0 || next.protocol == Some(self.protocol)) && self.ports.contains(next.port(side))
    }

    /// What is in both selectors; `None` if nothing is. This is how a responder narrows (RFC 7296 2.9).
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let protocol = match (self.protocol, other.protocol) {
            (0, both) | (both, 0) => both,
            (ours, theirs) if ours == theirs => ours,
            _ => return None,
        };
        let ports = self.ports.intersect(other.ports)?;
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        if self.is_ipv4() != other.is_ipv4() || start > end {
            return None;
        }
        Some(Self { start, end, protocol, ports })
    }

    /// True if everything in this selector is in `other` too.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.intersect(other) == Some(*self)
    }

    /// What of `offered` is allowed: each pair's intersection, without parts that another part covers. In
    /// the order of `offered`. Empty if nothing is (RFC 7296 2.9: TS_UNACCEPTABLE).
    #[must_use]
    pub fn narrow(offered: &[Self], allowed: &[Self]) -> Vec<Self> {
        let mut kept: Vec<Self> = Vec::new();
        for part in offered.iter().flat_map(|ours| allowed.iter().filter_map(|theirs| ours.intersect(theirs)))
        {
            if !kept.iter().any(|other| part.is_subset_of(other)) {
                kept.retain(|other| !other.is_subset_of(&part));
                kept.push(part);
            }
        }
        kept
    }

    /// The range as one prefix, if it is one.
    #[must_use]
    pub fn prefix(&self) -> Option<(IpAddr, u8)> {
        let mut prefixes = self.prefixes();
        let first = prefixes.next();
        if prefixes.next().is_none() { first } else { None }
    }

    /// The fewest prefixes that cover the range exactly, in rising order; at most 62 for IPv4 and 254 for
    /// IPv6. For routes.
    pub fn prefixes(&self) -> impl Iterator<Item = (IpAddr, u8)> + use<> {
        let (width, mut start, end) = match (self.start, self.end) {
            (IpAddr::V4(start), IpAddr::V4(end)) => {
                (32u32, u128::from(start.to_bits()), u128::from(end.to_bits()))
            }
            (start, end) => (128, bits_of(start), bits_of(end)),
        };
        let mut done = false;
        std::iter::from_fn(move || {
            if done || start > end {
                return None;
            }
            // The longest run that is aligned at `start` and does not pass `end`.
            let aligned = start.trailing_zeros().min(width);
            let count = (end - start).checked_add(1);
            let fitting = count.map_or(128, |count| count.ilog2());
            let host_bits = aligned.min(fitting);
            let address = if width == 32 {
                Ipv4Addr::from_bits(u32::try_from(start).unwrap_or(u32::MAX)).into()
            } else {
                Ipv6Addr::from_bits(start).into()
            };
            let next = 1u128.checked_shl(host_bits).and_then(|run| start.checked_add(run));
            done = next.is_none();
            start = next.unwrap_or(start);
            Some((address, u8::try_from(width - host_bits).unwrap_or(0)))
        })
    }
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ANY => f.write_str("any"),
            Self::OPAQUE => f.write_str("opaque"),
            Self { start, end } if start == end => write!(f, "{start}"),
            Self { start, end } => write!(f, "{start}-{end}"),
        }
    }
}

/// `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, and with a protocol `10.0.0.0/8[6/443]`.
impl fmt::Display for TrafficSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix() {
            Some((address, length)) => write!(f, "{address}/{length}")?,
            None => write!(f, "{}-{}", self.start, self.end)?,
        }
        match (self.protocol, self.ports) {
            (0, Ports::ANY) => Ok(()),
            (0, ports) => write!(f, "[any/{ports}]"),
            (protocol, Ports::ANY) => write!(f, "[{protocol}]"),
            (protocol, ports) => write!(f, "[{protocol}/{ports}]"),
        }
    }
}
