//! Certificate (RFC 7296 3.6) and Certificate Request (RFC 7296 3.7) payloads.

use super::error::{Malformed, ParseError};
use super::reader::Reader;
use super::registry::registry;
use super::writer::Writer;

registry! {
    /// Cert Encoding.
    CertEncoding(u8) {
        /// PKCS #7 wrapped X.509 certificate.
        PKCS7 = 1, "PKCS #7";
        /// PGP certificate.
        PGP = 2, "PGP";
        /// DNS signed key.
        DNS_SIGNED_KEY = 3, "DNS signed key";
        /// One DER X.509 certificate.
        X509_SIGNATURE = 4, "X.509";
        /// Kerberos token.
        KERBEROS = 6, "Kerberos";
        /// DER X.509 CRL.
        CRL = 7, "CRL";
        /// Authority Revocation List.
        ARL = 8, "ARL";
        /// SPKI certificate.
        SPKI = 9, "SPKI";
        /// X.509 attribute certificate.
        X509_ATTRIBUTE = 10, "X.509 attribute";
        /// Hash and URL of an X.509 certificate; never fetched here.
        HASH_AND_URL = 12, "hash and URL of X.509";
        /// Hash and URL of an X.509 bundle; never fetched here.
        HASH_AND_URL_BUNDLE = 13, "hash and URL of X.509 bundle";
        /// OCSP content (RFC 4806).
        OCSP = 14, "OCSP";
        /// Raw public key as SubjectPublicKeyInfo (RFC 7670).
        RAW_PUBLIC_KEY = 15, "raw public key";
    }
}

/// Certificate payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    /// How to read the data.
    pub encoding: CertEncoding,
    /// The certificate, not parsed here; never empty.
    pub data: Vec<u8>,
}

impl Certificate {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let encoding = CertEncoding(reader.u8()?);
        if reader.is_empty() {
            return Err(reader.error(Malformed::Length { what: "certificate data", length: 0 }));
        }
        Ok(Self { encoding, data: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.encoding.0);
        writer.bytes(&self.data);
    }
}

/// Certificate Request payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateRequest {
    /// What kind of certificate is asked for.
    pub encoding: CertEncoding,
    /// For [`CertEncoding::X509_SIGNATURE`]: SHA-1 hashes of trusted CAs' SubjectPublicKeyInfo, 20 octets
    /// each. May be empty: any will do.
    pub authorities: Vec<u8>,
}

impl CertificateRequest {
    /// The 20-octet hashes; a rest of another length is left out.
    pub fn authority_hashes(&self) -> impl Iterator<Item = &[u8; 20]> {
        self.authorities.as_chunks::<20>().0.iter()
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self { encoding: CertEncoding(reader.u8()?), authorities: reader.take_rest().to_vec() })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(self.encoding.0);
        writer.bytes(&self.authorities);
    }
}
