//! Payloads whose content is octets to this layer: Vendor ID (RFC 7296 3.12) and EAP (RFC 7296 3.16); and
//! how octets that may be secret are shown in `Debug` output.

use std::fmt;

use super::reader::Reader;
use super::writer::Writer;

/// Shows how many octets there are, not which.
pub(crate) struct Length<'a>(pub &'a [u8]);

impl fmt::Debug for Length<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} octets]", self.0.len())
    }
}

/// Vendor ID payload: any octets, by convention a hash or a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VendorId(pub Vec<u8>);

impl VendorId {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self(reader.take_rest().to_vec())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
}

/// Extensible Authentication payload: one EAP packet, read and checked by the EAP methods. `Debug` shows its
/// length only, because the packet may hold a user name, a hash or a password.
#[derive(Clone, Eq, PartialEq)]
pub struct Eap(pub Vec<u8>);

impl Eap {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self(reader.take_rest().to_vec())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
}

impl fmt::Debug for Eap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Eap").field(&Length(&self.0)).finish()
    }
}
