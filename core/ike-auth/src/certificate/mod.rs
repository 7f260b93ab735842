//! Certificates.
pub(crate) mod asn1;
