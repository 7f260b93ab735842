//! The packet inside the tunnel, as far as ESP must understand it.
//!
//! Owns: version, length and address checks of an IPv4 or IPv6 header, and finding the next layer protocol
//! with its ports (RFC 4301 4.4.1.1, 4.4.1.3). Leaves out checksums, options and everything above the
//! first bytes of the next layer: the host's stack checks those.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::selector::PacketSide;

/// Next header of a tunnelled IPv4 packet, and its version nibble.
pub(crate) const NEXT_HEADER_IPV4: u8 = 4;
/// Next header of a tunnelled IPv6 packet.
pub(crate) const NEXT_HEADER_IPV6: u8 = 41;

const IPV6_HEADER_LEN: usize = 40;

const HOP_BY_HOP: u8 = 0;
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const DCCP: u8 = 33;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const ICMPV6: u8 = 58;
const DESTINATION_OPTIONS: u8 = 60;
const SCTP: u8 = 132;
const MOBILITY: u8 = 135;
const UDP_LITE: u8 = 136;

/// Source and destination.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Addresses {
    V4 { source: u32, destination: u32 },
    V6 { source: u128, destination: u128 },
}

impl Addresses {
    /// As `std` types: source, then destination.
    pub(crate) fn to_std(self) -> (IpAddr, IpAddr) {
        match self {
            Self::V4 { source, destination } => {
                (Ipv4Addr::from_bits(source).into(), Ipv4Addr::from_bits(destination).into())
            }
            Self::V6 { source, destination } => {
                (Ipv6Addr::from_bits(source).into(), Ipv6Addr::from_bits(destination).into())
            }
        }
    }
}

/// Fields of the next layer that selectors name "ports".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fields {
    /// None: the protocol has none, or they are in another fragment, or the packet ends before.
    Opaque,
    /// One per end.
    Ports { source: u16, destination: u16 },
    /// One that the sender chose: ICMP type and code, or the Mobility Header type.
    Sent(u16),
}

/// The next layer protocol and its ports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NextLayer {
    /// `None` if a fragment or a cut header hides it.
    pub(crate) protocol: Option<u8>,
    pub(crate) fields: Fields,
}

/// A packet whose header was checked, cut to the length the header states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner<'a> {
    bytes: &'a [u8],
    addresses: Addresses,
}

impl<'a> Inner<'a> {
    /// Checks version and lengths. Bytes behind the packet's own end (traffic flow confidentiality
    /// padding, RFC 4303 2.7) are allowed and cut off. `None` if this is no IP packet or it is cut short.
    #[inline]
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        match bytes.first()? >> 4 {
            4 => {
                let header = bytes.first_chunk::<20>()?;
                let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
                if total < ipv4_header_len(header) {
                    return None;
                }
                let addresses = Addresses::V4 {
                    source: u32::from_be_bytes([header[12], header[13], header[14], header[15]]),
                    destination: u32::from_be_bytes([header[16], header[17], header[18], header[19]]),
                };
                // A header of fewer than five words is nonsense; one longer than the packet was met above.
                if header[0] & 0x0f < 5 {
                    return None;
                }
                Some(Self { bytes: bytes.get(..total)?, addresses })
            }
            6 => {
                let (header, _) = bytes.split_first_chunk::<IPV6_HEADER_LEN>()?;
                let total = IPV6_HEADER_LEN + usize::from(u16::from_be_bytes([header[4], header[5]]));
                let (_, addresses) = header.split_first_chunk::<8>()?;
                let (source, destination) = addresses.split_first_chunk::<16>()?;
                let addresses = Addresses::V6 {
                    source: u128::from_be_bytes(*source),
                    destination: u128::from_be_bytes(*destination.first_chunk()?),
                };
                Some(Self { bytes: bytes.get(..total)?, addresses })
            }
            _ => None,
        }
    }

    /// Bytes of the packet by its own account.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    #[inline]
    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The ESP next header for this packet.
    #[inline]
    pub(crate) fn next_header(&self) -> u8 {
        match self.addresses {
            Addresses::V4 { .. } => NEXT_HEADER_IPV4,
            Addresses::V6 { .. } => NEXT_HEADER_IPV6,
        }
    }

    /// True if a source or destination can never come out of a tunnel: loopback at either end, or a
    /// source that stands for many hosts (multicast, broadcast) or for an IPv4 host in IPv6 clothes.
    #[inline]
    pub(crate) fn has_impossible_address(&self) -> bool {
        match self.addresses {
            Addresses::V4 { source, destination } => {
                source >> 24 == 127 || destination >> 24 == 127 || source >> 28 == 0xe || source == u32::MAX
            }
            Addresses::V6 { source, destination } => {
                source == 1 || destination == 1 || source >> 120 == 0xff || source >> 32 == 0xffff
            }
        }
    }

    /// Finds the next layer. Time is linear in the packet's length at worst.
    pub(crate) fn next_layer(&self) -> NextLayer {
        let found = match self.addresses {
            Addresses::V4 { .. } => ipv4_next_layer(self.bytes),
            Addresses::V6 { .. } => ipv6_next_layer(self.bytes),
        };
        found.unwrap_or(NextLayer { protocol: None, fields: Fields::Opaque })
    }
}

impl NextLayer {
    /// The port at one end. ICMP type and code, and the Mobility Header type, belong to the sender's end;
    /// the selector of the receiver's end speaks of what that host sends, so it is not asked (RFC 4301
    /// 4.4.1.3).
    pub(crate) fn port(&self, side: PacketSide) -> PortSeen {
        match (self.fields, side) {
            (Fields::Opaque, _) => PortSeen::Opaque,
            (Fields::Ports { source, .. }, PacketSide::Source) => PortSeen::Port(source),
            (Fields::Ports { destination, .. }, PacketSide::Destination) => PortSeen::Port(destination),
            (Fields::Sent(value), PacketSide::Source) => PortSeen::Port(value),
            (Fields::Sent(_), PacketSide::Destination) => PortSeen::NotAsked,
        }
    }
}

/// What a selector's ports are compared with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PortSeen {
    Port(u16),
    Opaque,
    NotAsked,
}

#[inline]
fn ipv4_header_len(header: &[u8; 20]) -> usize {
    usize::from(header[0] & 0x0f) * 4
}

fn ipv4_next_layer(bytes: &[u8]) -> Option<NextLayer> {
    let header = bytes.first_chunk::<20>()?;
    let protocol = header[9];
    let offset = u16::from_be_bytes([header[6], header[7]]) & 0x1fff;
    let rest = bytes.get(ipv4_header_len(header)..)?;
    let fields = if offset == 0 { fields(protocol, rest) } else { Fields::Opaque };
    Some(NextLayer { protocol: Some(protocol), fields })
}

fn ipv6_next_layer(bytes: &[u8]) -> Option<NextLayer> {
    let (header, mut rest) = bytes.split_first_chunk::<IPV6_HEADER_LEN>()?;
    let mut protocol = header[6];
    loop {
        match protocol {
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => {
                let start = rest.first_chunk::<2>()?;
                protocol = start[0];
                rest = rest.get((usize::from(start[1]) + 1) * 8..)?;
            }
            FRAGMENT => {
                let (fragment, after) = rest.split_first_chunk::<8>()?;
                protocol = fragment[0];
                rest = after;
                if u16::from_be_bytes([fragment[2], fragment[3]]) >> 3 != 0 {
                    // Headers that the first fragment may have had in between cannot be seen here.
                    let hidden = matches!(protocol, HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | FRAGMENT);
                    let protocol = if hidden { None } else { Some(protocol) };
                    return Some(NextLayer { protocol, fields: Fields::Opaque });
                }
            }
            _ => return Some(NextLayer { protocol: Some(protocol), fields: fields(protocol, rest) }),
        }
    }
}

fn fields(protocol: u8, bytes: &[u8]) -> Fields {
    let found = match protocol {
        TCP | UDP | DCCP | SCTP | UDP_LITE => bytes.first_chunk::<4>().map(|ports| Fields::Ports {
            source: u16::from_be_bytes([ports[0], ports[1]]),
            destination: u16::from_be_bytes([ports[2], ports[3]]),
        }),
        ICMP | ICMPV6 => bytes.first_chunk().map(|start| Fields::Sent(u16::from_be_bytes(*start))),
        // RFC 6275 6.1.1: the type is the third octet; RFC 7296 3.13.1 puts it into the upper half.
        MOBILITY => bytes.first_chunk::<3>().map(|start| Fields::Sent(u16::from_be_bytes([start[2], 0]))),
        _ => None,
    };
    found.unwrap_or(Fields::Opaque)
}
