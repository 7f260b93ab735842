//! The attributes that a signature covers (RFC 5652 section 5.3, 11.1 to 11.3).

use std::borrow::Cow;

use crate::certificate::asn1::{Element, Malformed, OBJECT_IDENTIFIER, OCTET_STRING, SET, tlv, to_der};
use crate::certificate::{oid, time};
use crate::syntax::Date;

/// How many attributes are read.
const MAX_ATTRIBUTES: usize = 64;

/// The signed attributes of one signer.
#[derive(Debug)]
pub(super) struct SignedAttributes<'a> {
    element: Element<'a>,
    pub content_type: Once<&'a [u8]>,
    pub message_digest: Once<Cow<'a, [u8]>>,
    pub signing_time: Option<Date>,
}

/// What should be there exactly once.
#[derive(Debug, Default)]
pub(super) enum Once<T> {
    #[default]
    Missing,
    One(T),
    /// More than one attribute, or more than one value in it.
    Several,
}

impl<T> Once<T> {
    fn add(&mut self, value: T) {
        *self = match self {
            Self::Missing => Self::One(value),
            _ => Self::Several,
        };
    }
}

impl<'a> SignedAttributes<'a> {
    /// Reads the `[0]` of a `SignerInfo`.
    pub fn read(element: Element<'a>) -> Result<Self, Malformed> {
        let mut found = Self {
            element,
            content_type: Once::default(),
            message_digest: Once::default(),
            signing_time: None,
        };
        let mut list = element.reader();
        let mut count = 0;
        while !list.is_empty() {
            let mut attribute = list.sequence("a signed attribute")?;
            count += 1;
            if count > MAX_ATTRIBUTES {
                return Err(Malformed { offset: element.offset, expected: "at most 64 signed attributes" });
            }
            let id = attribute.oid("the type of a signed attribute")?;
            let mut values = attribute.take(SET, "the values of a signed attribute")?.reader();
            if id == oid::CONTENT_TYPE {
                while !values.is_empty() {
                    let value = values.take(OBJECT_IDENTIFIER, "the content type")?;
                    found.content_type.add(value.content);
                }
            } else if id == oid::MESSAGE_DIGEST {
                while !values.is_empty() {
                    let value = values.any("the message digest")?;
                    if value.tag & 0xdf != OCTET_STRING {
                        return Err(Malformed { offset: value.offset, expected: "the message digest" });
                    }
                    found.message_digest.add(value.octets()?);
                }
            } else if id == oid::SIGNING_TIME && found.signing_time.is_none() && !values.is_empty() {
                found.signing_time = time::read(values.any("the signing time")?);
            }
        }
        Ok(found)
    }

    /// What the signature is over: the attributes under the tag of a SET, as they stand in the file.
    pub fn signed_bytes(&self) -> Vec<u8> {
        tlv(SET, &[self.element.content])
    }

    /// The same as RFC 5652 section 5.4 has it: in DER, whatever the file has; `None` when there is no difference.
    pub fn signed_bytes_in_der(&self) -> Option<Vec<u8>> {
        let as_it_stands = self.signed_bytes();
        let der = to_der(self.element.with_tag(SET)).ok()?;
        (der != as_it_stands).then_some(der)
    }
}
