//! An address with a prefix length.
//!
//! Owns [`IpPrefix`], written as `10.0.0.1/24` (RFC 4632 3.1, RFC 4291 2.3).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An IPv4 or IPv6 address and how many of its leading bits name the network. Host bits are kept: an
/// interface's address has them, a route's destination is [`Self::network`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpPrefix {
    address: IpAddr,
    len: u8,
}

/// Not an address with a prefix length.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is not an address with a prefix length, such as 10.0.0.0/8 or 2001:db8::/32")]
pub struct BadPrefix(String);

impl IpPrefix {
    /// `address` with a prefix of `len` bits: at most 32 for IPv4, 128 for IPv6.
    ///
    /// # Errors
    /// [`BadPrefix`] if `len` is longer than the address.
    pub fn new(address: IpAddr, len: u8) -> Result<Self, BadPrefix> {
        let prefix = Self { address, len };
        if len > prefix.bits() { Err(BadPrefix(prefix.to_string())) } else { Ok(prefix) }
    }

    /// `address` alone: /32 or /128.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        Self { address, len: if address.is_ipv6() { 128 } else { 32 } }
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

    /// The same with all host bits zero.
    #[must_use]
    pub fn network(&self) -> Self {
        let address = match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(u32::from(32 - self.len)).unwrap_or(0);
                IpAddr::V4((address.to_bits() & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(u32::from(128 - self.len)).unwrap_or(0);
                IpAddr::V6((address.to_bits() & mask).into())
            }
        };
        Self { address, len: self.len }
    }

    /// True if `address` lies in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv6() == self.is_ipv6() && Self { address, len: self.len }.network() == self.network()
    }

    fn bits(&self) -> u8 {
        if self.is_ipv6() { 128 } else { 32 }
    }
}

impl fmt::Display for IpPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.len)
    }
}

impl FromStr for IpPrefix {
    type Err = BadPrefix;

    fn from_str(text: &str) -> Result<Self, BadPrefix> {
        let bad = || BadPrefix(text.to_owned());
        let (address, len) = text.split_once('/').ok_or_else(bad)?;
        Self::new(address.parse().map_err(|_| bad())?, len.parse().map_err(|_| bad())?).map_err(|_| bad())
    }
}

impl TryFrom<String> for IpPrefix {
    type Error = BadPrefix;

    fn try_from(text: String) -> Result<Self, BadPrefix> {
        text.parse()
    }
}

impl From<IpPrefix> for String {
    fn from(prefix: IpPrefix) -> Self {
        prefix.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::IpPrefix;

    fn prefix(text: &str) -> IpPrefix {
        text.parse().unwrap()
    }

    #[test]
    fn network_clears_host_bits_at_every_length() {
        assert_eq!(prefix("10.1.2.3/8").network(), prefix("10.0.0.0/8"));
        assert_eq!(prefix("10.1.2.3/0").network(), prefix("0.0.0.0/0"));
        assert_eq!(prefix("10.1.2.3/32").network(), prefix("10.1.2.3/32"));
        assert_eq!(prefix("2001:db8:ffff::1/33").network(), prefix("2001:db8:8000::/33"));
        assert_eq!(prefix("2001:db8::1/0").network(), prefix("::/0"));
        assert!(prefix("192.168.0.0/16").contains("192.168.9.9".parse().unwrap()));
        assert!(!prefix("192.168.0.0/16").contains("192.169.0.1".parse().unwrap()));
        assert!(!prefix("0.0.0.0/0").contains("::1".parse().unwrap()));
    }

    #[test]
    fn text_that_is_no_prefix_is_refused() {
        for text in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "::/-1", "::/1/2"] {
            assert!(text.parse::<IpPrefix>().is_err(), "{text}");
        }
        assert_eq!(prefix("2001:db8::/32").to_string(), "2001:db8::/32");
    }
}
