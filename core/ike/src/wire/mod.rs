//! IKEv2 messages on the wire (RFC 7296 3, RFC 7383 2.5).
//!
//! Owns: reading and writing of the header, the payload chain and every payload; the numbers of the IANA
//! registry they carry; bounds on what is taken. Leaves out: opening and sealing Encrypted payloads
//! (`exchange`), choosing proposals (`proposal`), messages in words (`describe`), the meaning of anything.
//!
//! Nothing here panics: lengths from the network are compared before they are used ([`Reader`]), numbers we
//! do not know survive a parse, and a message is either read completely or refused with the place and the
//! reason ([`ParseError`]).

mod auth;
mod certificate;
mod configuration;
mod delete;
mod dn;
mod encrypted;
mod error;
mod header;
mod identification;
mod key_exchange;
pub mod limits;
mod message;
mod nat;
mod notify;
mod opaque;
mod payload;
mod reader;
mod registry;
mod security_association;
mod traffic_selector;
mod writer;

pub use auth::{AuthMethod, Authentication};
pub use certificate::{CertEncoding, Certificate, CertificateRequest};
pub use configuration::{
    BadConfigValue, ConfigAttribute, ConfigAttributeType, ConfigType, ConfigValue, Configuration,
};
pub use delete::Delete;
pub(crate) use dn::attributes as name_attributes;
pub(crate) use encrypted::read_fragment_numbers;
pub use encrypted::{Encrypted, EncryptedFragment};
pub use error::{EncodeError, Malformed, ParseError};
pub use header::{ExchangeType, Flags, Header, IkeSpi, Role, Version};
pub use identification::{IdType, Identification};
pub use key_exchange::{KeyExchange, Nonce};
pub use message::Message;
pub use nat::nat_detection_hash;
pub use notify::{Notify, NotifyType};
pub use opaque::{Eap, VendorId};
pub use payload::{
    GENERIC_HEADER_LEN, Payload, PayloadChain, PayloadType, RawPayload, encode_inner, parse_inner,
};
pub use reader::Reader;
pub use security_association::{
    Attribute, AttributeType, AttributeValue, BadAttributes, Proposal, ProtocolId, SecurityAssociation,
    Transform, TransformType,
};
pub use traffic_selector::{IpSelector, Selector, TrafficSelectors, TsType};
pub use writer::Writer;

#[cfg(test)]
mod tests;
