//! Certificates and identities inside a profile.
//!
//! Owns what a profile's certificate payloads hold: certificates in DER or PEM ([`read_certificates`], [`inspect`]),
//! and PKCS#12 files ([`pkcs12`]); and private keys in files of their own ([`read_private_key`]). Trust is not judged here: path validation, names and times are the tunnel's.
//!
//! The ASN.1 is read by an own small reader (`asn1`) instead of `der`, because PKCS#12 files in use are often BER
//! (indefinite lengths, strings in pieces), which `der` does not take, and because a refusal must name the byte.

mod alternative;
pub(crate) mod asn1;
pub(crate) mod name;
pub(crate) mod oid;
pub(crate) mod payload;
pub(crate) mod pem;
pub mod pkcs12;
mod private_key;
pub(crate) mod time;
pub(crate) mod x509;

pub use alternative::AlternativeName;
pub use asn1::Malformed;
pub use private_key::{PrivateKeyError, read_private_key};
pub use x509::{CertificateError, CertificateInfo, KeyKind, Validity, inspect};

use crate::secret::Secret;

/// A private key with its certificates.
#[derive(Clone)]
pub struct Identity {
    /// The key as PKCS#8 `PrivateKeyInfo`, DER (RFC 5208, RFC 5958).
    pub private_key: Secret,
    /// The certificates, DER: the key's own first, then its issuers as far as the file has them.
    pub chain: Vec<Vec<u8>>,
    /// The kind of the key.
    pub key_kind: KeyKind,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?}, {} certificates)", self.key_kind, self.chain.len())
    }
}

/// The certificates of a `root`, `pkcs1` or `pem` payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificates {
    /// DER, in the order of the file; each was read by [`inspect`]. Never empty.
    pub der: Vec<Vec<u8>>,
    /// Whether they stood as PEM text.
    pub was_pem: bool,
}

/// Reads one DER certificate, or any number of PEM ones, whichever the bytes are.
pub fn read_certificates(bytes: &[u8]) -> Result<Certificates, CertificateError> {
    let was_pem = pem::is_pem(bytes);
    let der = if was_pem { pem::certificates(bytes)? } else { vec![bytes.to_vec()] };
    if der.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    for certificate in &der {
        inspect(certificate)?;
    }
    Ok(Certificates { der, was_pem })
}
