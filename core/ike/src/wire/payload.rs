//! Payloads and their chain (RFC 7296 3.2).

use super::auth::Authentication;
use super::certificate::{Certificate, CertificateRequest};
use super::configuration::Configuration;
use super::delete::Delete;
use super::encrypted::{Encrypted, EncryptedFragment};
use super::error::{EncodeError, Malformed, ParseError};
use super::identification::Identification;
use super::key_exchange::{KeyExchange, Nonce};
use super::limits::MAX_PAYLOADS;
use super::notify::Notify;
use super::opaque::{Eap, VendorId};
use super::reader::Reader;
use super::registry::registry;
use super::security_association::SecurityAssociation;
use super::traffic_selector::TrafficSelectors;
use super::writer::Writer;

registry! {
    /// Next Payload numbers (RFC 7296 3.2).
    PayloadType(u8) {
        /// End of the chain.
        NONE = 0, "none";
        /// Security Association.
        SA = 33, "SA";
        /// Key Exchange.
        KE = 34, "KE";
        /// Identification of the initiator.
        IDI = 35, "IDi";
        /// Identification of the responder.
        IDR = 36, "IDr";
        /// Certificate.
        CERT = 37, "CERT";
        /// Certificate Request.
        CERTREQ = 38, "CERTREQ";
        /// Authentication.
        AUTH = 39, "AUTH";
        /// Nonce of either side.
        NONCE = 40, "Nonce";
        /// Notify.
        NOTIFY = 41, "Notify";
        /// Delete.
        DELETE = 42, "Delete";
        /// Vendor ID.
        VENDOR_ID = 43, "Vendor ID";
        /// Traffic Selectors of the initiator.
        TSI = 44, "TSi";
        /// Traffic Selectors of the responder.
        TSR = 45, "TSr";
        /// Encrypted and Authenticated.
        SK = 46, "SK";
        /// Configuration.
        CP = 47, "CP";
        /// Extensible Authentication.
        EAP = 48, "EAP";
        /// Encrypted and Authenticated Fragment (RFC 7383).
        SKF = 53, "SKF";
    }
}

/// Octets of the generic payload header.
pub const GENERIC_HEADER_LEN: usize = 4;

/// One payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Payload {
    /// Security Association.
    Sa(SecurityAssociation),
    /// Key Exchange.
    Ke(KeyExchange),
    /// Identification of the initiator.
    IdI(Identification),
    /// Identification of the responder.
    IdR(Identification),
    /// Certificate.
    Cert(Certificate),
    /// Certificate Request.
    CertReq(CertificateRequest),
    /// Authentication.
    Auth(Authentication),
    /// Nonce.
    Nonce(Nonce),
    /// Notify.
    Notify(Notify),
    /// Delete.
    Delete(Delete),
    /// Vendor ID.
    VendorId(VendorId),
    /// Traffic Selectors of the initiator.
    TsI(TrafficSelectors),
    /// Traffic Selectors of the responder.
    TsR(TrafficSelectors),
    /// Encrypted; the last payload of the outer chain.
    Sk(Encrypted),
    /// Configuration.
    Cp(Configuration),
    /// Extensible Authentication.
    Eap(Eap),
    /// Encrypted Fragment; the last payload of the outer chain.
    Skf(EncryptedFragment),
    /// A payload of a type we do not know, not marked critical: kept for the log, otherwise skipped.
    Unknown {
        /// Its type.
        payload_type: PayloadType,
        /// What stands behind its generic header.
        data: Vec<u8>,
    },
}

impl Payload {
    /// The type of this payload.
    #[must_use]
    pub const fn payload_type(&self) -> PayloadType {
        match self {
            Self::Sa(_) => PayloadType::SA,
            Self::Ke(_) => PayloadType::KE,
            Self::IdI(_) => PayloadType::IDI,
            Self::IdR(_) => PayloadType::IDR,
            Self::Cert(_) => PayloadType::CERT,
            Self::CertReq(_) => PayloadType::CERTREQ,
            Self::Auth(_) => PayloadType::AUTH,
            Self::Nonce(_) => PayloadType::NONCE,
            Self::Notify(_) => PayloadType::NOTIFY,
            Self::Delete(_) => PayloadType::DELETE,
            Self::VendorId(_) => PayloadType::VENDOR_ID,
            Self::TsI(_) => PayloadType::TSI,
            Self::TsR(_) => PayloadType::TSR,
            Self::Sk(_) => PayloadType::SK,
            Self::Cp(_) => PayloadType::CP,
            Self::Eap(_) => PayloadType::EAP,
            Self::Skf(_) => PayloadType::SKF,
            Self::Unknown { payload_type, .. } => *payload_type,
        }
    }

    /// Reads the body of one payload; `None` if the type is not known.
    fn read(
        payload_type: PayloadType,
        next: PayloadType,
        body: Reader<'_>,
    ) -> Result<Option<Self>, ParseError> {
        let mut body = body.within(payload_type);
        let reader = &mut body;
        let payload = match payload_type {
            PayloadType::SA => Self::Sa(SecurityAssociation::read(reader)?),
            PayloadType::KE => Self::Ke(KeyExchange::read(reader)?),
            PayloadType::IDI => Self::IdI(Identification::read(reader)?),
            PayloadType::IDR => Self::IdR(Identification::read(reader)?),
            PayloadType::CERT => Self::Cert(Certificate::read(reader)?),
            PayloadType::CERTREQ => Self::CertReq(CertificateRequest::read(reader)?),
            PayloadType::AUTH => Self::Auth(Authentication::read(reader)?),
            PayloadType::NONCE => Self::Nonce(Nonce::read(reader)?),
            PayloadType::NOTIFY => Self::Notify(Notify::read(reader)?),
            PayloadType::DELETE => Self::Delete(Delete::read(reader)?),
            PayloadType::VENDOR_ID => Self::VendorId(VendorId::read(reader)),
            PayloadType::TSI => Self::TsI(TrafficSelectors::read(reader)?),
            PayloadType::TSR => Self::TsR(TrafficSelectors::read(reader)?),
            PayloadType::SK => Self::Sk(Encrypted::read(next, reader)),
            PayloadType::CP => Self::Cp(Configuration::read(reader)?),
            PayloadType::EAP => Self::Eap(Eap::read(reader)),
            PayloadType::SKF => Self::Skf(EncryptedFragment::read(next, reader)?),
            _ => return Ok(None),
        };
        body.expect_end()?;
        Ok(Some(payload))
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Sa(sa) => sa.write(writer),
            Self::Ke(ke) => ke.write(writer),
            Self::IdI(id) | Self::IdR(id) => id.write(writer),
            Self::Cert(cert) => cert.write(writer),
            Self::CertReq(request) => request.write(writer),
            Self::Auth(auth) => auth.write(writer),
            Self::Nonce(nonce) => nonce.write(writer),
            Self::Notify(notify) => notify.write(writer),
            Self::Delete(delete) => delete.write(writer),
            Self::VendorId(vendor) => vendor.write(writer),
            Self::TsI(selectors) | Self::TsR(selectors) => selectors.write(writer),
            Self::Sk(encrypted) => encrypted.write(writer),
            Self::Cp(configuration) => configuration.write(writer),
            Self::Eap(eap) => eap.write(writer),
            Self::Skf(fragment) => fragment.write(writer),
            Self::Unknown { data, .. } => writer.bytes(data),
        }
    }

    /// What the Next Payload field says that follows the last payload of a chain: for SK and SKF the type of
    /// the first payload inside (RFC 7296 3.14, RFC 7383 2.5).
    const fn next_behind_last(&self) -> PayloadType {
        match self {
            Self::Sk(encrypted) => encrypted.first,
            Self::Skf(fragment) => fragment.first,
            _ => PayloadType::NONE,
        }
    }
}

/// One payload as the generic header frames it.
#[derive(Clone, Copy, Debug)]
pub struct RawPayload<'a> {
    /// Its type, as the header before it said.
    pub payload_type: PayloadType,
    /// The type of the payload behind it. For SK and SKF: the type of the first payload inside.
    pub next: PayloadType,
    /// The critical bit (RFC 7296 2.5).
    pub critical: bool,
    /// What stands behind the generic header.
    pub body: Reader<'a>,
}

/// Walks a chain of payloads. Stops behind SK or SKF, which end a chain, and behind the first error.
#[derive(Clone, Debug)]
pub struct PayloadChain<'a> {
    next: PayloadType,
    reader: Reader<'a>,
    count: usize,
}

impl<'a> PayloadChain<'a> {
    /// Walks the payloads in `reader`, the first of which has the type `first`.
    #[must_use]
    pub const fn new(first: PayloadType, reader: Reader<'a>) -> Self {
        Self { next: first, reader, count: 0 }
    }

    fn step(&mut self) -> Result<Option<RawPayload<'a>>, ParseError> {
        if self.next == PayloadType::NONE {
            self.reader.expect_end()?;
            return Ok(None);
        }
        if self.count == MAX_PAYLOADS {
            return Err(self.reader.error(Malformed::TooMany { what: "payloads", limit: MAX_PAYLOADS }));
        }
        self.count += 1;
        let payload_type = self.next;
        let start = self.reader.within(payload_type);
        let next = PayloadType(self.reader.u8()?);
        // The seven reserved bits beside the critical bit are ignored when read.
        let critical = self.reader.u8()? & 0x80 != 0;
        let length = usize::from(self.reader.u16()?);
        let Some(body_len) = length.checked_sub(GENERIC_HEADER_LEN) else {
            return Err(start.error(Malformed::Length { what: "payload", length }));
        };
        let body =
            self.reader.sub(body_len).map_err(|error| ParseError { within: Some(payload_type), ..error })?;
        if payload_type == PayloadType::SK || payload_type == PayloadType::SKF {
            self.reader.expect_end()?;
            self.next = PayloadType::NONE;
        } else {
            self.next = next;
        }
        Ok(Some(RawPayload { payload_type, next, critical, body }))
    }
}

impl<'a> Iterator for PayloadChain<'a> {
    type Item = Result<RawPayload<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.step().transpose();
        if matches!(item, Some(Err(_))) {
            self.next = PayloadType::NONE;
            self.reader = Reader::new(&[]);
        }
        item
    }
}

/// Reads the payloads found inside an Encrypted payload, the first of which has the type `first`.
///
/// # Errors
/// As [`super::Message::parse`]; and [`Malformed::Misplaced`] for SK or SKF, which are never nested.
pub fn parse_inner(first: PayloadType, octets: &[u8]) -> Result<Vec<Payload>, ParseError> {
    parse_chain(first, Reader::new(octets), false)
}

pub(super) fn parse_chain(
    first: PayloadType,
    reader: Reader<'_>,
    encrypted_allowed: bool,
) -> Result<Vec<Payload>, ParseError> {
    let mut payloads = Vec::new();
    for raw in PayloadChain::new(first, reader) {
        let RawPayload { payload_type, next, critical, body } = raw?;
        if !encrypted_allowed && matches!(payload_type, PayloadType::SK | PayloadType::SKF) {
            return Err(body.error(Malformed::Misplaced(payload_type)));
        }
        match Payload::read(payload_type, next, body)? {
            Some(payload) => payloads.push(payload),
            None if critical => {
                return Err(body.error(Malformed::UnsupportedCritical(payload_type)));
            }
            None => {
                let data = { body }.take_rest().to_vec();
                payloads.push(Payload::Unknown { payload_type, data });
            }
        }
    }
    Ok(payloads)
}

/// Writes `payloads` as a chain. Gives the type of the first one, which goes into the header before it.
///
/// # Errors
/// A payload longer than 65,535 octets, or a list too long for its count field.
pub fn encode_inner(payloads: &[Payload]) -> Result<(PayloadType, Vec<u8>), EncodeError> {
    let mut writer = Writer::new();
    write_chain(payloads, &mut writer);
    Ok((first_type(payloads), writer.finish()?))
}

pub(super) fn first_type(payloads: &[Payload]) -> PayloadType {
    payloads.first().map_or(PayloadType::NONE, Payload::payload_type)
}

pub(super) fn write_chain(payloads: &[Payload], writer: &mut Writer) {
    let mut following = payloads.iter().skip(1);
    for payload in payloads {
        let start = writer.len();
        let next = following.next().map_or_else(|| payload.next_behind_last(), Payload::payload_type);
        writer.u8(next.0);
        // RFC 7296 2.5: the critical bit is zero in every payload type that RFC defines.
        writer.u8(0);
        writer.u16(0);
        payload.write(writer);
        writer.patch_length_u16("payload", start + 2, start);
    }
}
