//! Ranges of IP addresses, written as `10.0.0.0/24` or `10.0.0.10-10.0.0.20`.
//!
//! Owns the two notations and the arithmetic on them. Leaves out who holds an address (`super::AddressPool`).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of `address`. An IPv4-mapped IPv6 address counts as IPv6.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// Bits in an address: 32 or 128.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// Why a text is no range of addresses.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RangeError {
    /// One of the addresses does not parse.
    #[error("`{0}` is no IP address; write a range as 10.99.0.0/24, fd00:99::/64 or 10.99.0.10-10.99.0.20")]
    BadAddress(String),
    /// The prefix length is no number or too large for the family.
    #[error("`/{given}` is no {family} prefix length; 0 to {max} is possible", max = family.bits())]
    BadPrefixLength {
        /// What stood after the slash.
        given: String,
        /// The address's family.
        family: Family,
    },
    /// An address with bits set behind its prefix.
    #[error("{given} has bits set behind the prefix; write {network}")]
    HostBits {
        /// What was given.
        given: String,
        /// The network it lies in.
        network: Prefix,
    },
    /// First and last address are of different families.
    #[error("{first}-{last} mixes IPv4 and IPv6")]
    MixedFamilies {
        /// First address.
        first: IpAddr,
        /// Last address.
        last: IpAddr,
    },
    /// The first address lies behind the last one.
    #[error("{first}-{last} runs backwards")]
    Backwards {
        /// First address.
        first: IpAddr,
        /// Last address.
        last: IpAddr,
    },
}

/// A network: an address whose bits behind the prefix are zero, and the prefix length.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Prefix {
    address: IpAddr,
    len: u8,
}

impl Prefix {
    /// The network `address/len`.
    ///
    /// # Errors
    /// [`RangeError::BadPrefixLength`] and [`RangeError::HostBits`].
    pub fn new(address: IpAddr, len: u8) -> Result<Self, RangeError> {
        let prefix = Self::containing(address, len)?;
        if prefix.address == address {
            Ok(prefix)
        } else {
            Err(RangeError::HostBits { given: format!("{address}/{len}"), network: prefix })
        }
    }

    /// The network of `len` bits that `address` lies in.
    ///
    /// # Errors
    /// [`RangeError::BadPrefixLength`].
    pub fn containing(address: IpAddr, len: u8) -> Result<Self, RangeError> {
        let family = Family::of(address);
        if len > family.bits() {
            return Err(RangeError::BadPrefixLength { given: len.to_string(), family });
        }
        let address = to_ip(family, to_number(address) & !host_mask(family, len));
        Ok(Self { address, len })
    }

    /// The lowest address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// Prefix length in bits: 0 to 32, or 0 to 128.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a prefix length, not a count of elements")]
    pub const fn len(self) -> u8 {
        self.len
    }

    /// The whole network as a range, network and broadcast address included.
    #[must_use]
    pub fn range(self) -> AddressRange {
        let family = Family::of(self.address);
        let last = to_number(self.address) | host_mask(family, self.len);
        AddressRange { first: self.address, last: to_ip(family, last), prefix: Some(self.len) }
    }

    /// True if `address` lies inside.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.range().contains(address)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.len)
    }
}

impl FromStr for Prefix {
    type Err = RangeError;

    /// Reads `address/length`, or a lone address as a network of one.
    fn from_str(text: &str) -> Result<Self, RangeError> {
        let (address, len) = match text.split_once('/') {
            Some((address, len)) => (address, Some(len)),
            None => (text, None),
        };
        let address = parse_address(address)?;
        let family = Family::of(address);
        let len = match len {
            None => family.bits(),
            Some(len) => len
                .trim()
                .parse::<u8>()
                .map_err(|_| RangeError::BadPrefixLength { given: len.trim().to_owned(), family })?,
        };
        Self::new(address, len)
    }
}

/// Addresses from a first to a last one, both included, of one family.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
    /// Set if the range was given as a network: its two ends then have a meaning of their own.
    prefix: Option<u8>,
}

impl AddressRange {
    /// The addresses `first` to `last`.
    ///
    /// # Errors
    /// [`RangeError::MixedFamilies`] and [`RangeError::Backwards`].
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, RangeError> {
        if Family::of(first) != Family::of(last) {
            return Err(RangeError::MixedFamilies { first, last });
        }
        if first > last {
            return Err(RangeError::Backwards { first, last });
        }
        Ok(Self { first, last, prefix: None })
    }

    /// The lowest address.
    #[must_use]
    pub const fn first(self) -> IpAddr {
        self.first
    }

    /// The highest address.
    #[must_use]
    pub const fn last(self) -> IpAddr {
        self.last
    }

    /// The family of all its addresses.
    #[must_use]
    pub const fn family(self) -> Family {
        Family::of(self.first)
    }

    /// The network, if the range was written as one.
    #[must_use]
    pub fn prefix(self) -> Option<Prefix> {
        self.prefix.map(|len| Prefix { address: self.first, len })
    }

    /// True if `address` lies inside.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        Family::of(address) == self.family() && self.first <= address && address <= self.last
    }

    /// True if the two share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.family() == other.family() && self.first <= other.last && other.first <= self.last
    }

    /// The part a host may hold: a network loses its first address (IPv4 network address; IPv6
    /// Subnet-Router anycast, RFC 4291 2.6.1) and IPv4 its broadcast address too. Networks of one or two
    /// addresses (RFC 3021, RFC 6164) and plain ranges stay whole.
    #[must_use]
    pub fn usable(self) -> Self {
        let family = self.family();
        let (mut first, mut last) = (to_number(self.first), to_number(self.last));
        if self.prefix.is_some_and(|len| len.saturating_add(1) < family.bits()) {
            first = first.saturating_add(1);
            if family == Family::V4 {
                last = last.saturating_sub(1);
            }
        }
        Self { first: to_ip(family, first), last: to_ip(family, last), prefix: None }
    }

    /// First and last address as numbers.
    pub(super) fn numbers(self) -> (u128, u128) {
        (to_number(self.first), to_number(self.last))
    }
}

impl From<Prefix> for AddressRange {
    fn from(prefix: Prefix) -> Self {
        prefix.range()
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            Some(len) => write!(f, "{}/{len}", self.first),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl FromStr for AddressRange {
    type Err = RangeError;

    /// Reads `10.0.0.0/24`, `10.0.0.1` or `10.0.0.10-10.0.0.20`, and the same in IPv6.
    fn from_str(text: &str) -> Result<Self, RangeError> {
        match text.split_once('-') {
            Some((first, last)) => Self::new(parse_address(first)?, parse_address(last)?),
            None => Ok(text.parse::<Prefix>()?.range()),
        }
    }
}

fn parse_address(text: &str) -> Result<IpAddr, RangeError> {
    let text = text.trim();
    text.parse().map_err(|_| RangeError::BadAddress(text.to_owned()))
}

/// The address as a number, in the low bits.
pub(super) fn to_number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The address with this number; for IPv4 the low 32 bits count.
pub(super) fn to_ip(family: Family, number: u128) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::from_bits((number & u128::from(u32::MAX)) as u32)),
        Family::V6 => IpAddr::V6(Ipv6Addr::from_bits(number)),
    }
}

/// Ones in the bits behind a prefix of `len` bits.
fn host_mask(family: Family, len: u8) -> u128 {
    let host_bits = u32::from(family.bits().saturating_sub(len));
    match 1_u128.checked_shl(host_bits) {
        Some(size) => size.wrapping_sub(1),
        None => u128::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddressRange {
        text.parse().unwrap()
    }

    #[test]
    fn both_notations_are_read_and_written_back() {
        for text in
            ["10.99.0.0/24", "10.0.0.10-10.0.0.20", "fd00::/64", "fd00::1-fd00::ff", "0.0.0.0/0", "::/0"]
        {
            assert_eq!(range(text).to_string(), text);
        }
        assert_eq!(range("192.0.2.7").to_string(), "192.0.2.7/32");
        assert_eq!(range("::1").to_string(), "::1/128");
        assert_eq!(range("0.0.0.0/0").last().to_string(), "255.255.255.255");
        assert_eq!(range("::/0").last().to_string(), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    }

    #[test]
    fn a_network_loses_its_ends_and_a_range_does_not() {
        for (text, first, last) in [
            ("10.99.0.0/24", "10.99.0.1", "10.99.0.254"),
            ("10.99.0.0/30", "10.99.0.1", "10.99.0.2"),
            ("10.99.0.0/31", "10.99.0.0", "10.99.0.1"),
            ("10.99.0.4/32", "10.99.0.4", "10.99.0.4"),
            ("10.99.0.0-10.99.0.255", "10.99.0.0", "10.99.0.255"),
            ("fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff"),
            ("fd00::/127", "fd00::", "fd00::1"),
        ] {
            let usable = range(text).usable();
            assert_eq!((usable.first().to_string(), usable.last().to_string()), (first.into(), last.into()));
        }
    }

    #[test]
    fn bad_texts_are_refused_with_what_to_write_instead() {
        for (text, expected) in [
            ("10.99.0/24", "`10.99.0` is no IP address"),
            ("10.99.0.1/24", "write 10.99.0.0/24"),
            ("10.99.0.0/33", "0 to 32"),
            ("fd00::/129", "0 to 128"),
            ("10.99.0.0/x", "`/x` is no IPv4 prefix length"),
            ("10.99.0.0/-1", "is no IP address"),
            ("10.0.0.9-10.0.0.1", "runs backwards"),
            ("10.0.0.9-fd00::1", "mixes IPv4 and IPv6"),
            ("", "is no IP address"),
        ] {
            let message = text.parse::<AddressRange>().unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
