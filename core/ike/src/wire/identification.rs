//! Identification payloads (RFC 7296 3.5).
//!
//! Checks the form of an identity, so that later code compares well-formed ones only. Comparison itself is
//! not here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dn;
use super::error::{Malformed, ParseError};
use super::limits::MAX_IDENTITY;
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// ID Type.
    IdType(u8) {
        /// An IPv4 address, 4 octets.
        IPV4_ADDR = 1, "IPv4 address";
        /// A domain name without a terminator.
        FQDN = 2, "FQDN";
        /// A mail address without a terminator.
        RFC822_ADDR = 3, "RFC 822 address";
        /// An IPv6 address, 16 octets.
        IPV6_ADDR = 5, "IPv6 address";
        /// A DER X.500 Distinguished Name.
        DER_ASN1_DN = 9, "distinguished name";
        /// A DER X.509 GeneralName.
        DER_ASN1_GN = 10, "general name";
        /// Any octets.
        KEY_ID = 11, "key ID";
        /// No identity (RFC 7619).
        NULL = 13, "null";
    }
}

/// IDi or IDr.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identification {
    /// How to read the data.
    pub id_type: IdType,
    /// The identity.
    pub data: Vec<u8>,
}

impl Identification {
    /// An identity of any type.
    #[must_use]
    pub fn new(id_type: IdType, data: impl Into<Vec<u8>>) -> Self {
        Self { id_type, data: data.into() }
    }

    /// An address.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::new(IdType::IPV4_ADDR, v4.octets()),
            IpAddr::V6(v6) => Self::new(IdType::IPV6_ADDR, v6.octets()),
        }
    }

    /// The address, if it is one.
    #[must_use]
    pub fn as_address(&self) -> Option<IpAddr> {
        match self.id_type {
            IdType::IPV4_ADDR => {
                <[u8; 4]>::try_from(self.data.as_slice()).ok().map(|o| Ipv4Addr::from(o).into())
            }
            IdType::IPV6_ADDR => {
                <[u8; 16]>::try_from(self.data.as_slice()).ok().map(|o| Ipv6Addr::from(o).into())
            }
            _ => None,
        }
    }

    /// The body of the payload behind the generic header, which AUTH covers ("RestOfID", RFC 7296 2.15).
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = vec![self.id_type.0, 0, 0, 0];
        body.extend_from_slice(&self.data);
        body
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let id_type = IdType(reader.u8()?);
        reader.array::<3>()?;
        let length = reader.remaining();
        let valid_length = match id_type {
            IdType(0) => return Err(reader.error(Malformed::Value { what: "identification type", value: 0 })),
            IdType::IPV4_ADDR => length == 4,
            IdType::IPV6_ADDR => length == 16,
            IdType::NULL => length == 0,
            _ => (1..=MAX_IDENTITY).contains(&length),
        };
        if !valid_length {
            return Err(reader.error(Malformed::Length { what: "identity", length }));
        }
        if id_type == IdType::DER_ASN1_DN {
            dn::check(*reader)?;
        }
        Ok(Self { id_type, data: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.id_type.0);
        writer.bytes(&[0; 3]);
        writer.bytes(&self.data);
    }
}
