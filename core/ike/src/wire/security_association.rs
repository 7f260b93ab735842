//! Security Association payload: proposals, transforms, attributes (RFC 7296 3.3).
//!
//! Structure that cannot be followed refuses the message. What can be followed but not understood (an
//! unknown transform, an odd attribute) is kept, because only the transform or proposal that has it becomes
//! unacceptable (RFC 7296 3.3.6); `proposal` decides that.

use std::fmt;

use super::error::{Malformed, ParseError};
use super::limits::{MAX_PROPOSALS, MAX_TRANSFORM_ATTRIBUTES, MAX_TRANSFORMS};
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// Security protocol identifiers (RFC 7296 3.3.1).
    ProtocolId(u8) {
        /// None: a notification about neither.
        NONE = 0, "none";
        /// IKE.
        IKE = 1, "IKE";
        /// Authentication Header; never negotiated here.
        AH = 2, "AH";
        /// Encapsulating Security Payload.
        ESP = 3, "ESP";
    }
}

registry! {
    /// Transform Type.
    TransformType(u8) {
        /// Encryption algorithm.
        ENCR = 1, "encryption";
        /// Pseudorandom function.
        PRF = 2, "PRF";
        /// Integrity algorithm.
        INTEG = 3, "integrity";
        /// Key exchange method.
        KE = 4, "key exchange";
        /// Extended sequence numbers.
        ESN = 5, "sequence numbers";
        /// Additional key exchange 1 (RFC 9370).
        ADDKE1 = 6, "additional key exchange 1";
        /// Additional key exchange 2 (RFC 9370).
        ADDKE2 = 7, "additional key exchange 2";
        /// Additional key exchange 3 (RFC 9370).
        ADDKE3 = 8, "additional key exchange 3";
        /// Additional key exchange 4 (RFC 9370).
        ADDKE4 = 9, "additional key exchange 4";
        /// Additional key exchange 5 (RFC 9370).
        ADDKE5 = 10, "additional key exchange 5";
        /// Additional key exchange 6 (RFC 9370).
        ADDKE6 = 11, "additional key exchange 6";
        /// Additional key exchange 7 (RFC 9370).
        ADDKE7 = 12, "additional key exchange 7";
    }
}

registry! {
    /// Transform Attribute Type.
    AttributeType(u16) {
        /// Key Length in bits.
        KEY_LENGTH = 14, "key length";
    }
}

/// Security Association payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityAssociation {
    /// The proposals, in the sender's order of preference. Never empty when read.
    pub proposals: Vec<Proposal>,
}

/// One proposal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    /// Proposal Num: 1 for the first of an offer, each next one higher; an answer repeats the chosen one.
    pub number: u8,
    /// What is negotiated.
    pub protocol: ProtocolId,
    /// The sender's SPI: empty in IKE_SA_INIT, 8 octets when rekeying an IKE SA, 4 for ESP and AH.
    pub spi: Vec<u8>,
    /// The transforms.
    pub transforms: Vec<Transform>,
}

impl Proposal {
    /// The SPI of an ESP or AH proposal.
    #[must_use]
    pub fn esp_spi(&self) -> Option<u32> {
        <[u8; 4]>::try_from(self.spi.as_slice()).ok().map(u32::from_be_bytes)
    }

    /// The SPI of a proposal that rekeys an IKE SA.
    #[must_use]
    pub fn ike_spi(&self) -> Option<super::IkeSpi> {
        <[u8; 8]>::try_from(self.spi.as_slice()).ok().map(super::IkeSpi)
    }

    /// The transforms of one type, in order.
    pub fn transforms_of(&self, transform_type: TransformType) -> impl Iterator<Item = &Transform> {
        self.transforms.iter().filter(move |transform| transform.transform_type == transform_type)
    }
}

/// One transform.
#[derive(Clone, Eq, PartialEq)]
pub struct Transform {
    /// Transform Type.
    pub transform_type: TransformType,
    /// Transform ID, a number of the registry that belongs to the type.
    pub id: u16,
    /// The attributes as they are on the wire; see [`Self::attributes`].
    pub raw_attributes: Vec<u8>,
}

impl Transform {
    /// A transform without attributes.
    #[must_use]
    pub const fn new(transform_type: TransformType, id: u16) -> Self {
        Self { transform_type, id, raw_attributes: Vec::new() }
    }

    /// A transform with the Key Length attribute, in bits.
    #[must_use]
    pub fn with_key_length(transform_type: TransformType, id: u16, bits: u16) -> Self {
        let [high, low] = bits.to_be_bytes();
        // AF bit and type 14, then the value itself: the short form is the only one for Key Length.
        Self { transform_type, id, raw_attributes: vec![0x80, 14, high, low] }
    }

    /// The attributes, if they can be followed: none reaches past the transform's end, and there are at most
    /// [`MAX_TRANSFORM_ATTRIBUTES`].
    ///
    /// # Errors
    /// [`BadAttributes`].
    pub fn attributes(&self) -> Result<Vec<Attribute<'_>>, BadAttributes> {
        let mut reader = Reader::new(&self.raw_attributes);
        let mut attributes = Vec::new();
        while !reader.is_empty() {
            if attributes.len() == MAX_TRANSFORM_ATTRIBUTES {
                return Err(BadAttributes);
            }
            attributes.push(Attribute::read(&mut reader).map_err(|_| BadAttributes)?);
        }
        Ok(attributes)
    }

    /// The Key Length in bits, if there is one.
    ///
    /// # Errors
    /// [`BadAttributes`] if the attributes cannot be followed, Key Length stands twice or in the long form,
    /// or there is an attribute we do not know (RFC 7296 3.3.6: the transform is then unacceptable).
    pub fn key_length(&self) -> Result<Option<u16>, BadAttributes> {
        match self.attributes()?.as_slice() {
            [] => Ok(None),
            [Attribute { attribute_type: AttributeType::KEY_LENGTH, value: AttributeValue::Short(bits) }] => {
                Ok(Some(*bits))
            }
            _ => Err(BadAttributes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<(Self, bool), ParseError> {
        let (mut body, more) = read_substructure(reader, 3, "transform")?;
        let transform_type = TransformType(body.u8()?);
        body.u8()?;
        let id = body.u16()?;
        Ok((Self { transform_type, id, raw_attributes: body.take_rest().to_vec() }, more))
    }

    fn write(&self, last: bool, writer: &mut Writer) {
        let start = writer.len();
        writer.u8(if last { 0 } else { 3 });
        writer.u8(0);
        writer.u16(0);
        writer.u8(self.transform_type.0);
        writer.u8(0);
        writer.u16(self.id);
        writer.bytes(&self.raw_attributes);
        writer.patch_length_u16("transform", start + 2, start);
    }
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.transform_type, self.id)?;
        match self.key_length() {
            Ok(None) => Ok(()),
            Ok(Some(bits)) => write!(f, " ({bits} bits)"),
            Err(BadAttributes) => write!(f, " ({} octets of attributes)", self.raw_attributes.len()),
        }
    }
}

/// The attributes of a transform are malformed or not understood; the transform is unacceptable.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("transform attributes are malformed or unknown")]
pub struct BadAttributes;

/// One transform attribute (RFC 7296 3.3.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attribute<'a> {
    /// Attribute Type, without the format bit.
    pub attribute_type: AttributeType,
    /// Its value.
    pub value: AttributeValue<'a>,
}

/// Value of an attribute, in one of its two formats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AttributeValue<'a> {
    /// Two octets in place of a length (AF = 1).
    Short(u16),
    /// A length and as many octets (AF = 0).
    Long(&'a [u8]),
}

impl<'a> Attribute<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        let format_and_type = reader.u16()?;
        let attribute_type = AttributeType(format_and_type & 0x7fff);
        let value = if format_and_type & 0x8000 == 0 {
            let length = usize::from(reader.u16()?);
            AttributeValue::Long(reader.take(length)?)
        } else {
            AttributeValue::Short(reader.u16()?)
        };
        Ok(Self { attribute_type, value })
    }
}

impl SecurityAssociation {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let mut proposals: Vec<Proposal> = Vec::new();
        loop {
            if proposals.len() == MAX_PROPOSALS {
                return Err(reader.error(Malformed::TooMany { what: "proposals", limit: MAX_PROPOSALS }));
            }
            let start = *reader;
            let (proposal, more) = Proposal::read(reader)?;
            if let Some(previous) = proposals.last()
                && previous.number.checked_add(1) != Some(proposal.number)
            {
                return Err(start.error(Malformed::Inconsistent("proposal numbers are not consecutive")));
            }
            proposals.push(proposal);
            if !more {
                return Ok(Self { proposals });
            }
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        let last = self.proposals.len().saturating_sub(1);
        for (index, proposal) in self.proposals.iter().enumerate() {
            proposal.write(index == last, writer);
        }
    }
}

impl Proposal {
    fn read(reader: &mut Reader<'_>) -> Result<(Self, bool), ParseError> {
        let (mut body, more) = read_substructure(reader, 2, "proposal")?;
        let number = body.u8()?;
        let protocol = ProtocolId(body.u8()?);
        let spi_size = body.u8()?;
        let count = usize::from(body.u8()?);
        let valid_spi_size = match protocol {
            ProtocolId::IKE => spi_size == 0 || spi_size == 8,
            ProtocolId::AH | ProtocolId::ESP => spi_size == 4,
            _ => true,
        };
        if !valid_spi_size {
            return Err(body.error(Malformed::Length { what: "SPI", length: spi_size.into() }));
        }
        let spi = body.take(spi_size.into())?.to_vec();
        if count > MAX_TRANSFORMS {
            return Err(body.error(Malformed::TooMany { what: "transforms", limit: MAX_TRANSFORMS }));
        }
        let mut transforms = Vec::new();
        let mut expect_more = count > 0;
        while expect_more {
            let (transform, more) = Transform::read(&mut body)?;
            transforms.push(transform);
            expect_more = more;
            if more == (transforms.len() == count) {
                return Err(body.error(Malformed::Inconsistent("number of transforms does not fit the data")));
            }
        }
        body.expect_end()?;
        Ok((Self { number, protocol, spi, transforms }, more))
    }

    fn write(&self, last: bool, writer: &mut Writer) {
        let start = writer.len();
        writer.u8(if last { 0 } else { 2 });
        writer.u8(0);
        writer.u16(0);
        writer.u8(self.number);
        writer.u8(self.protocol.0);
        writer.count_u8("SPI", self.spi.len());
        writer.count_u8("transforms", self.transforms.len());
        writer.bytes(&self.spi);
        let last_transform = self.transforms.len().saturating_sub(1);
        for (index, transform) in self.transforms.iter().enumerate() {
            transform.write(index == last_transform, writer);
        }
        writer.patch_length_u16("proposal", start + 2, start);
    }
}

/// Reads the head of a proposal or transform substructure: Last Substruc (0, or `more_mark`), a reserved
/// octet and the length. Gives the rest of it and whether another one follows.
fn read_substructure<'a>(
    reader: &mut Reader<'a>,
    more_mark: u8,
    what: &'static str,
) -> Result<(Reader<'a>, bool), ParseError> {
    const HEAD: usize = 4;
    let start = *reader;
    let mark = reader.u8()?;
    if mark != 0 && mark != more_mark {
        return Err(start.error(Malformed::Value { what: "substructure mark", value: mark.into() }));
    }
    reader.u8()?;
    let length = usize::from(reader.u16()?);
    let Some(body_len) = length.checked_sub(HEAD) else {
        return Err(start.error(Malformed::Length { what, length }));
    };
    Ok((reader.sub(body_len)?, mark == more_mark))
}
