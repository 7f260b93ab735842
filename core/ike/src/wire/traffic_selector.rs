//! Traffic Selector payloads (RFC 7296 3.13).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::{Malformed, ParseError};
use super::limits::MAX_SELECTORS;
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// TS Type.
    TsType(u8) {
        /// A range of IPv4 addresses.
        IPV4_ADDR_RANGE = 7, "IPv4 range";
        /// A range of IPv6 addresses.
        IPV6_ADDR_RANGE = 8, "IPv6 range";
        /// Fibre Channel addresses (RFC 4595).
        FC_ADDR_RANGE = 9, "Fibre Channel range";
        /// A security label (RFC 9478).
        SECLABEL = 10, "security label";
    }
}

/// TSi or TSr.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrafficSelectors {
    /// The selectors. Never empty when read.
    pub selectors: Vec<Selector>,
}

/// One selector.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selector {
    /// Addresses, ports and an IP protocol.
    Ip(IpSelector),
    /// A selector of a type we cannot obey; narrowing leaves it out.
    Unknown {
        /// Its type.
        ts_type: TsType,
        /// The octet that is the IP protocol in other types.
        protocol: u8,
        /// What follows the length.
        data: Vec<u8>,
    },
}

/// A selector of IP traffic: `start <= end`, both of one family.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IpSelector {
    /// IP protocol number; 0 for any.
    pub protocol: u8,
    /// First port; for ICMP type and code (RFC 7296 3.13.1).
    pub start_port: u16,
    /// Last port. 0 with a start of 65535 means OPAQUE: packets whose ports cannot be seen.
    pub end_port: u16,
    /// First address.
    pub start: IpAddr,
    /// Last address.
    pub end: IpAddr,
}

impl IpSelector {
    /// All protocols and ports of the addresses from `start` to `end`, which are of one family and in order.
    #[must_use]
    pub const fn addresses(start: IpAddr, end: IpAddr) -> Self {
        Self { protocol: 0, start_port: 0, end_port: u16::MAX, start, end }
    }

    /// True if it selects packets whose ports cannot be seen (RFC 4301 4.4.1.1).
    #[must_use]
    pub const fn is_opaque(&self) -> bool {
        self.start_port == u16::MAX && self.end_port == 0
    }
}

impl TrafficSelectors {
    /// The selectors of IP traffic, in order.
    pub fn ip(&self) -> impl Iterator<Item = &IpSelector> {
        self.selectors.iter().filter_map(|selector| match selector {
            Selector::Ip(ip) => Some(ip),
            Selector::Unknown { .. } => None,
        })
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let count = usize::from(reader.u8()?);
        reader.array::<3>()?;
        if count == 0 {
            return Err(reader.error(Malformed::Inconsistent("no traffic selector")));
        }
        if count > MAX_SELECTORS {
            return Err(reader.error(Malformed::TooMany { what: "traffic selectors", limit: MAX_SELECTORS }));
        }
        let selectors = (0..count).map(|_| Selector::read(reader)).collect::<Result<_, _>>()?;
        Ok(Self { selectors })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.count_u8("traffic selectors", self.selectors.len());
        writer.bytes(&[0; 3]);
        for selector in &self.selectors {
            selector.write(writer);
        }
    }
}

impl Selector {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        const HEAD: usize = 4;
        let start = *reader;
        let ts_type = TsType(reader.u8()?);
        let protocol = reader.u8()?;
        let length = usize::from(reader.u16()?);
        let Some(body_len) = length.checked_sub(HEAD) else {
            return Err(start.error(Malformed::Length { what: "traffic selector", length }));
        };
        let mut body = reader.sub(body_len)?;
        let selector = match ts_type {
            TsType::IPV4_ADDR_RANGE | TsType::IPV6_ADDR_RANGE => {
                let (start_port, end_port) = (body.u16()?, body.u16()?);
                let (first, last) = if ts_type == TsType::IPV4_ADDR_RANGE {
                    (Ipv4Addr::from(body.array::<4>()?).into(), Ipv4Addr::from(body.array::<4>()?).into())
                } else {
                    (Ipv6Addr::from(body.array::<16>()?).into(), Ipv6Addr::from(body.array::<16>()?).into())
                };
                let ip = IpSelector { protocol, start_port, end_port, start: first, end: last };
                if first > last || (start_port > end_port && !ip.is_opaque()) {
                    return Err(start.error(Malformed::Inconsistent("traffic selector starts above its end")));
                }
                Self::Ip(ip)
            }
            _ => Self::Unknown { ts_type, protocol, data: body.take_rest().to_vec() },
        };
        body.expect_end()?;
        Ok(selector)
    }

    fn write(&self, writer: &mut Writer) {
        let at = writer.len();
        let (ts_type, protocol) = match self {
            Self::Ip(ip) if ip.start.is_ipv4() => (TsType::IPV4_ADDR_RANGE, ip.protocol),
            Self::Ip(ip) => (TsType::IPV6_ADDR_RANGE, ip.protocol),
            Self::Unknown { ts_type, protocol, .. } => (*ts_type, *protocol),
        };
        writer.u8(ts_type.0);
        writer.u8(protocol);
        writer.u16(0);
        match self {
            Self::Ip(ip) => {
                writer.u16(ip.start_port);
                writer.u16(ip.end_port);
                write_address(ip.start, writer);
                write_address(ip.end, writer);
            }
            Self::Unknown { data, .. } => writer.bytes(data),
        }
        writer.patch_length_u16("traffic selector", at + 2, at);
    }
}

fn write_address(address: IpAddr, writer: &mut Writer) {
    match address {
        IpAddr::V4(v4) => writer.bytes(&v4.octets()),
        IpAddr::V6(v6) => writer.bytes(&v6.octets()),
    }
}
