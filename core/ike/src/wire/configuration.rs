//! Configuration payload (RFC 7296 3.15, RFC 8598 for split DNS).
//!
//! Attributes are kept as octets; [`ConfigAttribute::value`] reads one. An attribute whose value is malformed
//! is skipped by the caller, it does not refuse the message.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::error::{Malformed, ParseError};
use super::limits::MAX_CONFIGURATION_ATTRIBUTES;
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// CFG Type.
    ConfigType(u8) {
        /// Asks for configuration.
        REQUEST = 1, "CFG_REQUEST";
        /// Answers with configuration.
        REPLY = 2, "CFG_REPLY";
        /// Pushes configuration.
        SET = 3, "CFG_SET";
        /// Acknowledges a push.
        ACK = 4, "CFG_ACK";
    }
}

registry! {
    /// Configuration Attribute Type, 15 bits.
    ConfigAttributeType(u16) {
        /// An internal IPv4 address.
        INTERNAL_IP4_ADDRESS = 1, "INTERNAL_IP4_ADDRESS";
        /// The netmask of the internal network.
        INTERNAL_IP4_NETMASK = 2, "INTERNAL_IP4_NETMASK";
        /// A DNS server.
        INTERNAL_IP4_DNS = 3, "INTERNAL_IP4_DNS";
        /// A NetBIOS name server.
        INTERNAL_IP4_NBNS = 4, "INTERNAL_IP4_NBNS";
        /// A DHCP server.
        INTERNAL_IP4_DHCP = 6, "INTERNAL_IP4_DHCP";
        /// Version of the application.
        APPLICATION_VERSION = 7, "APPLICATION_VERSION";
        /// An internal IPv6 address with its prefix length.
        INTERNAL_IP6_ADDRESS = 8, "INTERNAL_IP6_ADDRESS";
        /// A DNS server.
        INTERNAL_IP6_DNS = 10, "INTERNAL_IP6_DNS";
        /// A DHCP server.
        INTERNAL_IP6_DHCP = 12, "INTERNAL_IP6_DHCP";
        /// A network behind the gateway.
        INTERNAL_IP4_SUBNET = 13, "INTERNAL_IP4_SUBNET";
        /// Which attributes are supported.
        SUPPORTED_ATTRIBUTES = 14, "SUPPORTED_ATTRIBUTES";
        /// A network behind the gateway.
        INTERNAL_IP6_SUBNET = 15, "INTERNAL_IP6_SUBNET";
        /// Home network prefix (RFC 5026).
        MIP6_HOME_PREFIX = 16, "MIP6_HOME_PREFIX";
        /// Link identifier (RFC 5739).
        INTERNAL_IP6_LINK = 17, "INTERNAL_IP6_LINK";
        /// Prefix of the link (RFC 5739).
        INTERNAL_IP6_PREFIX = 18, "INTERNAL_IP6_PREFIX";
        /// Home agent (RFC 5026).
        HOME_AGENT_ADDRESS = 19, "HOME_AGENT_ADDRESS";
        /// P-CSCF server (RFC 7651).
        P_CSCF_IP4_ADDRESS = 20, "P_CSCF_IP4_ADDRESS";
        /// P-CSCF server (RFC 7651).
        P_CSCF_IP6_ADDRESS = 21, "P_CSCF_IP6_ADDRESS";
        /// Fault tolerance timer (3GPP).
        FTT_KAT = 22, "FTT_KAT";
        /// External source IPv4 address and NAT information (3GPP).
        EXTERNAL_SOURCE_IP4_NAT_INFO = 23, "EXTERNAL_SOURCE_IP4_NAT_INFO";
        /// Interval of NAT keepalives on a dedicated bearer (3GPP).
        TIMEOUT_PERIOD_FOR_LIVENESS_CHECK = 24, "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK";
        /// A domain to be resolved by the internal DNS servers (RFC 8598).
        INTERNAL_DNS_DOMAIN = 25, "INTERNAL_DNS_DOMAIN";
        /// A DNSSEC trust anchor of such a domain (RFC 8598).
        INTERNAL_DNSSEC_TA = 26, "INTERNAL_DNSSEC_TA";
        /// An encrypted DNS resolver (RFC 9464).
        ENCDNS_IP4 = 27, "ENCDNS_IP4";
        /// An encrypted DNS resolver (RFC 9464).
        ENCDNS_IP6 = 28, "ENCDNS_IP6";
        /// Digest of the resolver's certificate (RFC 9464).
        ENCDNS_DIGEST_INFO = 29, "ENCDNS_DIGEST_INFO";
    }
}

/// Configuration payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Configuration {
    /// Request, reply, set or acknowledgement.
    pub config_type: ConfigType,
    /// The attributes in order; the same type may stand several times.
    pub attributes: Vec<ConfigAttribute>,
}

/// One attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigAttribute {
    /// What it is.
    pub attribute_type: ConfigAttributeType,
    /// Its value as octets; empty in a request for any value.
    pub data: Vec<u8>,
}

/// The value of an attribute, read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConfigValue {
    /// No value: in a request "any", in a reply "none".
    Empty,
    /// INTERNAL_IP4_ADDRESS, _DNS, _DHCP, _NBNS.
    Ip4(Ipv4Addr),
    /// INTERNAL_IP4_NETMASK, as a prefix length from 0 to 32.
    Ip4Netmask(u8),
    /// INTERNAL_IP4_SUBNET: the network and its prefix length from 0 to 32.
    Ip4Subnet(Ipv4Addr, u8),
    /// INTERNAL_IP6_DNS, INTERNAL_IP6_DHCP.
    Ip6(Ipv6Addr),
    /// INTERNAL_IP6_ADDRESS, INTERNAL_IP6_SUBNET: address and prefix length from 0 to 128.
    Ip6Prefix(Ipv6Addr, u8),
    /// INTERNAL_DNS_DOMAIN: a domain name in presentation form, checked to be letters, digits, hyphens,
    /// underscores and dots, 253 octets at most, without a final dot.
    Domain(String),
    /// An attribute this crate does not interpret.
    Other,
}

/// Why the value of an attribute cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{attribute_type}: {problem}")]
pub struct BadConfigValue {
    /// The attribute.
    pub attribute_type: ConfigAttributeType,
    /// What is wrong with its value.
    pub problem: &'static str,
}

impl Configuration {
    /// A request for any value of each of `types`.
    #[must_use]
    pub fn request(types: &[ConfigAttributeType]) -> Self {
        let attributes = types.iter().map(|attribute_type| ConfigAttribute::empty(*attribute_type)).collect();
        Self { config_type: ConfigType::REQUEST, attributes }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let config_type = ConfigType(reader.u8()?);
        reader.array::<3>()?;
        let mut attributes = Vec::new();
        while !reader.is_empty() {
            if attributes.len() == MAX_CONFIGURATION_ATTRIBUTES {
                let limit = MAX_CONFIGURATION_ATTRIBUTES;
                return Err(reader.error(Malformed::TooMany { what: "attributes", limit }));
            }
            // The highest bit is reserved and ignored when read.
            let attribute_type = ConfigAttributeType(reader.u16()? & 0x7fff);
            let length = usize::from(reader.u16()?);
            let data = reader.take(length)?.to_vec();
            attributes.push(ConfigAttribute { attribute_type, data });
        }
        Ok(Self { config_type, attributes })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.config_type.0);
        writer.bytes(&[0; 3]);
        for attribute in &self.attributes {
            writer.u16(attribute.attribute_type.0 & 0x7fff);
            writer.count_u16("attribute", attribute.data.len());
            writer.bytes(&attribute.data);
        }
    }
}

impl ConfigAttribute {
    /// An attribute without a value.
    #[must_use]
    pub const fn empty(attribute_type: ConfigAttributeType) -> Self {
        Self { attribute_type, data: Vec::new() }
    }

    /// An attribute whose value is one IPv4 address.
    #[must_use]
    pub fn ip4(attribute_type: ConfigAttributeType, address: Ipv4Addr) -> Self {
        Self { attribute_type, data: address.octets().to_vec() }
    }

    /// INTERNAL_IP4_NETMASK of a prefix length; above 32 counts as 32.
    #[must_use]
    pub fn ip4_netmask(prefix: u8) -> Self {
        Self::ip4(ConfigAttributeType::INTERNAL_IP4_NETMASK, netmask(prefix))
    }

    /// INTERNAL_IP4_SUBNET: network and prefix length; above 32 counts as 32.
    #[must_use]
    pub fn ip4_subnet(network: Ipv4Addr, prefix: u8) -> Self {
        let data = [network.octets(), netmask(prefix).octets()].concat();
        Self { attribute_type: ConfigAttributeType::INTERNAL_IP4_SUBNET, data }
    }

    /// An attribute whose value is one IPv6 address.
    #[must_use]
    pub fn ip6(attribute_type: ConfigAttributeType, address: Ipv6Addr) -> Self {
        Self { attribute_type, data: address.octets().to_vec() }
    }

    /// INTERNAL_IP6_ADDRESS or INTERNAL_IP6_SUBNET: address and prefix length.
    #[must_use]
    pub fn ip6_prefix(attribute_type: ConfigAttributeType, address: Ipv6Addr, prefix: u8) -> Self {
        let mut data = address.octets().to_vec();
        data.push(prefix);
        Self { attribute_type, data }
    }

    /// INTERNAL_DNS_DOMAIN.
    #[must_use]
    pub fn dns_domain(domain: &str) -> Self {
        Self { attribute_type: ConfigAttributeType::INTERNAL_DNS_DOMAIN, data: domain.as_bytes().to_vec() }
    }

    /// Reads the value.
    ///
    /// # Errors
    /// A wrong length, a netmask that is not contiguous, a prefix length that is too long, or a domain that
    /// is not a name. The attribute is to be skipped.
    pub fn value(&self) -> Result<ConfigValue, BadConfigValue> {
        if self.data.is_empty() {
            return Ok(ConfigValue::Empty);
        }
        match self.attribute_type {
            ConfigAttributeType::INTERNAL_IP4_ADDRESS
            | ConfigAttributeType::INTERNAL_IP4_DNS
            | ConfigAttributeType::INTERNAL_IP4_DHCP
            | ConfigAttributeType::INTERNAL_IP4_NBNS => Ok(ConfigValue::Ip4(self.octets::<4>()?.into())),
            ConfigAttributeType::INTERNAL_IP4_NETMASK => {
                self.prefix_of_mask(self.octets::<4>()?).map(ConfigValue::Ip4Netmask)
            }
            ConfigAttributeType::INTERNAL_IP4_SUBNET => {
                let [a, b, c, d, mask @ ..] = self.octets::<8>()?;
                Ok(ConfigValue::Ip4Subnet(Ipv4Addr::new(a, b, c, d), self.prefix_of_mask(mask)?))
            }
            ConfigAttributeType::INTERNAL_IP6_DNS | ConfigAttributeType::INTERNAL_IP6_DHCP => {
                Ok(ConfigValue::Ip6(self.octets::<16>()?.into()))
            }
            // Some peers leave out the prefix length of an address; it then is one host.
            ConfigAttributeType::INTERNAL_IP6_ADDRESS if self.data.len() == 16 => {
                Ok(ConfigValue::Ip6Prefix(self.octets::<16>()?.into(), 128))
            }
            ConfigAttributeType::INTERNAL_IP6_ADDRESS | ConfigAttributeType::INTERNAL_IP6_SUBNET => {
                let octets = self.octets::<17>()?;
                let [address @ .., prefix] = octets;
                if prefix > 128 {
                    return Err(self.bad("prefix length above 128"));
                }
                Ok(ConfigValue::Ip6Prefix(Ipv6Addr::from(address), prefix))
            }
            ConfigAttributeType::INTERNAL_DNS_DOMAIN => self.domain().map(ConfigValue::Domain),
            _ => Ok(ConfigValue::Other),
        }
    }

    fn octets<const N: usize>(&self) -> Result<[u8; N], BadConfigValue> {
        self.data.as_slice().try_into().map_err(|_| self.bad("wrong length"))
    }

    fn prefix_of_mask(&self, mask: [u8; 4]) -> Result<u8, BadConfigValue> {
        let mask = u32::from_be_bytes(mask);
        let prefix = mask.leading_ones();
        if mask.count_ones() != prefix {
            return Err(self.bad("netmask is not contiguous"));
        }
        u8::try_from(prefix).map_err(|_| self.bad("netmask is not contiguous"))
    }

    fn domain(&self) -> Result<String, BadConfigValue> {
        let text = self.data.strip_suffix(b".").unwrap_or(&self.data);
        let label_ok = |label: &[u8]| {
            (1..=63).contains(&label.len())
                && label.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-' || *c == b'_')
        };
        if text.len() > 253 || !text.split(|c| *c == b'.').all(label_ok) {
            return Err(self.bad("not a domain name"));
        }
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| self.bad("not a domain name"))
    }

    const fn bad(&self, problem: &'static str) -> BadConfigValue {
        BadConfigValue { attribute_type: self.attribute_type, problem }
    }
}

fn netmask(prefix: u8) -> Ipv4Addr {
    let host_bits = 32_u32.saturating_sub(prefix.into());
    Ipv4Addr::from(u32::MAX.checked_shl(host_bits).unwrap_or(0))
}
