//! Networks as address and prefix length, and their subtraction.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network: the bits after the prefix are zero. Serialised as text, `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpPrefix {
    address: IpAddr,
    length: u8,
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PrefixError {
    /// Not an address.
    #[error("not an IP address with a prefix length, such as 10.0.0.0/8")]
    NotAnAddress,
    /// A prefix longer than the address.
    #[error("the prefix length is at most 32 for IPv4 and 128 for IPv6")]
    TooLong,
}

impl IpPrefix {
    /// Everything of IPv4.
    pub const ALL_IPV4: Self = Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), length: 0 };

    /// Everything of IPv6.
    pub const ALL_IPV6: Self = Self { address: IpAddr::V6(Ipv6Addr::UNSPECIFIED), length: 0 };

    /// A network; bits after the prefix are cleared.
    ///
    /// # Errors
    /// [`PrefixError::TooLong`].
    pub fn new(address: IpAddr, length: u8) -> Result<Self, PrefixError> {
        if length > width(address) {
            return Err(PrefixError::TooLong);
        }
        let bits = bits(address) & mask(length);
        Ok(Self { address: of_bits(address.is_ipv4(), bits), length })
    }

    /// Its first address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// Its prefix length.
    #[must_use]
    pub fn length(self) -> u8 {
        self.length
    }

    /// Whether it takes everything of its family.
    #[must_use]
    pub fn is_default(self) -> bool {
        self.length == 0
    }

    /// Whether another network lies inside.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.address.is_ipv4() == other.address.is_ipv4()
            && self.length <= other.length
            && bits(other.address) & mask(self.length) == bits(self.address)
    }

    /// Its two halves; `None` for a single address.
    fn halves(self) -> Option<[Self; 2]> {
        if self.length >= width(self.address) {
            return None;
        }
        let length = self.length + 1;
        let upper = bits(self.address) | 1_u128 << (128 - u32::from(length));
        let address = of_bits(self.address.is_ipv4(), upper);
        Some([Self { address: self.address, length }, Self { address, length }])
    }
}

impl fmt::Display for IpPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl From<IpPrefix> for String {
    fn from(prefix: IpPrefix) -> Self {
        prefix.to_string()
    }
}

impl TryFrom<String> for IpPrefix {
    type Error = PrefixError;

    fn try_from(text: String) -> Result<Self, PrefixError> {
        text.parse()
    }
}

impl FromStr for IpPrefix {
    type Err = PrefixError;

    /// `address/length`, or an address alone.
    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, length) =
            text.split_once('/').map_or((text, None), |(address, rest)| (address, Some(rest)));
        let address: IpAddr = address.parse().map_err(|_| PrefixError::NotAnAddress)?;
        let length = match length {
            None => width(address),
            Some(length) => length.parse().map_err(|_| PrefixError::NotAnAddress)?,
        };
        Self::new(address, length)
    }
}

/// What is left of some networks without others, as few networks as that takes, in order and without overlap. At most
/// 128 networks come of each pair.
#[must_use]
pub fn subtract(from: &[IpPrefix], minus: &[IpPrefix]) -> Vec<IpPrefix> {
    let mut left = Vec::new();
    for network in from {
        keep(*network, minus, &mut left);
    }
    left.sort_unstable();
    left.dedup();
    // What lies in another of them is taken already.
    let all = left.clone();
    left.retain(|inner| !all.iter().any(|outer| outer != inner && outer.contains(*inner)));
    left
}

/// Adds what is left of one network. The depth is the address's bits at most.
fn keep(network: IpPrefix, minus: &[IpPrefix], left: &mut Vec<IpPrefix>) {
    if minus.iter().any(|removed| removed.contains(network)) {
        return;
    }
    let touching: Vec<IpPrefix> =
        minus.iter().copied().filter(|removed| network.contains(*removed)).collect();
    match network.halves() {
        Some(halves) if !touching.is_empty() => {
            halves.into_iter().for_each(|half| keep(half, &touching, left))
        }
        _ => left.push(network),
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address's bits, from the top.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    }
}

fn of_bits(is_ipv4: bool, bits: u128) -> IpAddr {
    if is_ipv4 {
        let [a, b, c, d, ..] = bits.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    } else {
        IpAddr::V6(Ipv6Addr::from(bits))
    }
}

fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> IpPrefix {
        text.parse().unwrap()
    }

    fn texts(found: &[IpPrefix]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn host_bits_are_cleared_and_long_prefixes_refused() {
        assert_eq!(prefix("10.1.2.3/8").to_string(), "10.0.0.0/8");
        assert_eq!(prefix("2001:db8::1").to_string(), "2001:db8::1/128");
        assert_eq!("10.0.0.0/33".parse::<IpPrefix>(), Err(PrefixError::TooLong));
        assert_eq!("10.0.0.0/".parse::<IpPrefix>(), Err(PrefixError::NotAnAddress));
        assert_eq!("x/8".parse::<IpPrefix>(), Err(PrefixError::NotAnAddress));
    }

    #[test]
    fn a_network_is_cut_out_of_a_larger_one() {
        let left = subtract(&[prefix("10.0.0.0/8")], &[prefix("10.128.0.0/9"), prefix("10.0.0.0/10")]);
        assert_eq!(texts(&left), ["10.64.0.0/10"]);
        assert_eq!(subtract(&[IpPrefix::ALL_IPV4], &[prefix("192.168.1.0/24")]).len(), 24);
        assert_eq!(subtract(&[prefix("10.0.0.0/8")], &[IpPrefix::ALL_IPV4]), []);
        assert_eq!(texts(&subtract(&[IpPrefix::ALL_IPV6], &[prefix("192.168.1.0/24")])), ["::/0"]);
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_was_there_without_what_was_cut(
            from in prop::collection::vec((any::<u32>(), 0_u8..=32), 1..4),
            minus in prop::collection::vec((any::<u32>(), 0_u8..=32), 0..6),
            probes in prop::collection::vec(any::<u32>(), 32),
        ) {
            let of = |(address, length): &(u32, u8)| IpPrefix::new(Ipv4Addr::from(*address).into(), *length).unwrap();
            let from: Vec<_> = from.iter().map(of).collect();
            let minus: Vec<_> = minus.iter().map(of).collect();
            let left = subtract(&from, &minus);
            // The edges of what was cut are the interesting addresses.
            let edges = minus.iter().chain(&from).flat_map(|network| {
                let first = bits(network.address()) >> 96;
                let last = first | (u128::MAX >> 96) & !(mask(network.length()) >> 96);
                [first, last].map(|bits| u32::try_from(bits & 0xffff_ffff).unwrap())
            });
            for address in probes.iter().copied().chain(edges) {
                let single = IpPrefix::new(Ipv4Addr::from(address).into(), 32).unwrap();
                let within = |list: &[IpPrefix]| list.iter().any(|network| network.contains(single));
                prop_assert_eq!(within(&left), within(&from) && !within(&minus), "{}", single);
            }
            for (at, one) in left.iter().enumerate() {
                prop_assert!(left.iter().skip(at + 1).all(|other| !one.contains(*other) && !other.contains(*one)));
            }
        }
    }
}
