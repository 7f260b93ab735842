//! X.509 certificates: reading them, judging their path, comparing their names.
//!
//! Owns a bounded reader of the parts that matter here (RFC 5280 4), trust anchors, path validation
//! (RFC 5280 6 through rustls-webpki, with signatures checked by our own provider), the key usage rules of
//! IKE (RFC 4945 5.1.3), the comparison of a certificate's names with a wanted one (RFC 6125 6, and Apple's
//! ServerCertificateCommonName, ServerCertificateIssuerCommonName), and the key hashes of CERTREQ
//! (RFC 7296 3.7).
//!
//! Leaves out: revocation, certificates fetched by URL, the payload format (`wire`), the AUTH signature
//! ([`crate::auth`]). Knows no clock: the time comes in as Unix seconds.
//!
//! Limits taken over from rustls-webpki: names of issuer and subject chain by their exact bytes; a CA with
//! name constraints on directory names or URIs accepts nothing below it; critical certificate policies are
//! an unknown critical extension.

mod algorithms;
mod anchors;
pub(crate) mod asn1;
mod chain;
mod constraints;
mod extensions;
mod key;
mod names;
mod parsed;
mod refusal;

pub use anchors::{Anchors, KeyHash, MAX_ANCHORS};
pub use chain::{ChainCheck, MAX_INTERMEDIATES, Usage};
pub use extensions::AltName;
pub use key::{KeyType, PublicKey, require_key_type};
pub use names::{name_matches, server_name_matches};
pub use parsed::{Certificate, MAX_CERTIFICATE_LEN};
pub use refusal::CertificateRefusal;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
