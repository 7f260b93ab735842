//! An address with a prefix length.
//!
//! Owns [`IpPrefix`], written as `10.0.0.1/24` (RFC 4632 3.1, RFC 4291 2.3), and the ranges of addresses that mean another
//! machine in each network ([`PRIVATE`], [`LINK_LOCAL`]). Leaves out what is routed where (`settings`, `families`).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An IPv4 or IPv6 address and how many of its leading bits name the network. Host bits are kept: an interface's address has
/// them, a route's destination is [`Self::network`]. Serialised as text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpPrefix {
    address: IpAddr,
    len: u8,
}

/// Why something is no prefix.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PrefixError {
    /// Not an address.
    #[error("not an IP address with a prefix length, such as 10.0.0.0/8")]
    NotAnAddress,
    /// A prefix longer than the address.
    #[error("the prefix length is at most 32 for IPv4 and 128 for IPv6")]
    TooLong,
}

/// Networks that anybody may use at home (RFC 1918, RFC 4193).
pub const PRIVATE: [IpPrefix; 4] =
    [v4(10, 0, 0, 0, 8), v4(172, 16, 0, 0, 12), v4(192, 168, 0, 0, 16), v6(0xfc00, 7)];

/// Destinations that never leave the local link (RFC 3927, RFC 5771, RFC 4291).
pub const LINK_LOCAL: [IpPrefix; 4] =
    [v4(169, 254, 0, 0, 16), v4(224, 0, 0, 0, 24), v6(0xfe80, 10), v6(0xff02, 16)];

/// Between customers and a carrier's address translator (RFC 6598).
const SHARED: IpPrefix = v4(100, 64, 0, 0, 10);

/// True for an address that means another machine in each network: asked outside of the tunnel, somebody else answers.
pub(crate) fn is_of_some_network(address: IpAddr) -> bool {
    PRIVATE.iter().chain(&LINK_LOCAL).chain([&SHARED]).any(|range| range.contains(address))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, len: u8) -> IpPrefix {
    IpPrefix { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), len }
}

const fn v6(first: u16, len: u8) -> IpPrefix {
    IpPrefix { address: IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0)), len }
}

impl IpPrefix {
    /// Everything of IPv4.
    pub const ALL_IPV4: Self = v4(0, 0, 0, 0, 0);

    /// Everything of IPv6.
    pub const ALL_IPV6: Self = v6(0, 0);

    /// `address` with a prefix of `len` bits: at most 32 for IPv4, 128 for IPv6.
    ///
    /// # Errors
    /// [`PrefixError::TooLong`].
    pub fn new(address: IpAddr, len: u8) -> Result<Self, PrefixError> {
        if len > width(address) { Err(PrefixError::TooLong) } else { Ok(Self { address, len }) }
    }

    /// `address` alone: /32 or /128.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        Self { address, len: width(address) }
    }

    /// Everything of a family.
    #[must_use]
    pub fn all(ipv6: bool) -> Self {
        if ipv6 { Self::ALL_IPV6 } else { Self::ALL_IPV4 }
    }

    /// The address, with its host bits.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Bits of the prefix.
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u8 {
        self.len
    }

    /// True for IPv6.
    #[must_use]
    pub fn is_ipv6(&self) -> bool {
        self.address.is_ipv6()
    }

    /// True if it takes everything of its family.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.len == 0
    }

    /// The same with all host bits zero.
    #[must_use]
    pub fn network(&self) -> Self {
        Self { address: of_bits(self.is_ipv6(), bits(self.address) & mask(self.len)), len: self.len }
    }

    /// True if `address` lies in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.covers(&Self::host(address))
    }

    /// True if all of another network lies in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.is_ipv6() == other.is_ipv6()
            && self.len <= other.len
            && (bits(self.address) ^ bits(other.address)) & mask(self.len) == 0
    }

    /// The two halves of the network; `None` for a single address.
    #[must_use]
    pub fn halves(&self) -> Option<[Self; 2]> {
        if self.len >= width(self.address) {
            return None;
        }
        let (lower, len) = (bits(self.address) & mask(self.len), self.len + 1);
        let half = |bits| Self { address: of_bits(self.is_ipv6(), bits), len };
        Some([half(lower), half(lower | mask(len) ^ mask(self.len))])
    }
}

impl fmt::Display for IpPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.len)
    }
}

impl FromStr for IpPrefix {
    type Err = PrefixError;

    /// `address/length`, or an address alone.
    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, len) = match text.split_once('/') {
            Some((address, len)) => (address, Some(len)),
            None => (text, None),
        };
        let address = address.parse().map_err(|_| PrefixError::NotAnAddress)?;
        match len {
            None => Ok(Self::host(address)),
            Some(len) => Self::new(address, len.parse().map_err(|_| PrefixError::NotAnAddress)?),
        }
    }
}

impl TryFrom<String> for IpPrefix {
    type Error = PrefixError;

    fn try_from(text: String) -> Result<Self, PrefixError> {
        text.parse()
    }
}

impl From<IpPrefix> for String {
    fn from(prefix: IpPrefix) -> Self {
        prefix.to_string()
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address's bits, from the top.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn of_bits(ipv6: bool, bits: u128) -> IpAddr {
    let [a, b, c, d, ..] = bits.to_be_bytes();
    if ipv6 { Ipv6Addr::from_bits(bits).into() } else { Ipv4Addr::new(a, b, c, d).into() }
}

/// Ones in so many bits, from the top.
fn mask(len: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(len)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> IpPrefix {
        text.parse().unwrap()
    }

    #[test]
    fn network_clears_host_bits_at_every_length() {
        for (text, network) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3/0", "0.0.0.0/0"),
            ("10.1.2.3/32", "10.1.2.3/32"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("2001:db8:ffff::1/33", "2001:db8:8000::/33"),
            ("2001:db8::1/0", "::/0"),
            ("2001:db8::1", "2001:db8::1/128"),
        ] {
            assert_eq!(prefix(text).network().to_string(), network);
        }
        assert_eq!(prefix("10.1.2.3/8").to_string(), "10.1.2.3/8", "an interface's address keeps them");
    }

    #[test]
    fn a_network_contains_its_addresses_and_covers_longer_ones_of_its_family() {
        assert!(prefix("192.168.0.0/16").contains("192.168.9.9".parse().unwrap()));
        assert!(!prefix("192.168.0.0/16").contains("192.169.0.1".parse().unwrap()));
        assert!(!prefix("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert!(prefix("10.1.2.3/8").covers(&prefix("10.9.0.0/16")));
        assert!(!prefix("10.9.0.0/16").covers(&prefix("10.0.0.0/8")));
        assert!(!prefix("::/0").covers(&prefix("10.0.0.0/8")));
    }

    #[test]
    fn halves_are_the_network_and_an_address_has_none() {
        assert_eq!(prefix("10.1.0.0/8").halves(), Some([prefix("10.0.0.0/9"), prefix("10.128.0.0/9")]));
        assert_eq!(prefix("0.0.0.0/0").halves(), Some([prefix("0.0.0.0/1"), prefix("128.0.0.0/1")]));
        assert_eq!(prefix("::/0").halves(), Some([prefix("::/1"), prefix("8000::/1")]));
        assert_eq!(prefix("fd00::/127").halves(), Some([prefix("fd00::/128"), prefix("fd00::1/128")]));
        assert_eq!((prefix("10.0.0.1").halves(), prefix("::1").halves()), (None, None));
    }

    #[test]
    fn text_that_is_no_prefix_is_refused() {
        for text in ["", "10.0.0.0/", "10.0.0/8", "a/8", "::/-1", "::/1/2"] {
            assert_eq!(text.parse::<IpPrefix>(), Err(PrefixError::NotAnAddress), "{text}");
        }
        for text in ["10.0.0.0/33", "::/129"] {
            assert_eq!(text.parse::<IpPrefix>(), Err(PrefixError::TooLong), "{text}");
        }
    }

    #[test]
    fn addresses_that_every_network_has_are_known() {
        for text in
            ["10.9.9.9", "172.31.0.1", "192.168.1.1", "169.254.7.7", "100.127.0.1", "fd00::1", "fe80::1"]
        {
            assert!(is_of_some_network(text.parse().unwrap()), "{text}");
        }
        for text in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "100.63.0.1", "2001:db8::1"] {
            assert!(!is_of_some_network(text.parse().unwrap()), "{text}");
        }
    }
}
