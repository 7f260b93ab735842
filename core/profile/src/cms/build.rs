//! Making signed data (RFC 5652 section 5) in DER: what is to be signed goes out, the signature comes in.
//!
//! Owns the structure and the three signed attributes (content type, message digest, signing time). The private key
//! and the clock are the caller's. The result carries its content and certificates; it is what `adit sign` writes.

use zeroize::Zeroizing;

use super::Verification;
use super::verify;
use crate::arrange::Arrange;
use crate::certificate::asn1::{
    INTEGER, Malformed, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, tlv,
};
use crate::certificate::{CertificateError, KeyKind, inspect, oid, time, x509};
use crate::syntax::Date;

/// How the signer's key must sign what [`Unsigned::to_be_signed`] gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 with SHA2-256.
    RsaSha256,
    /// ECDSA on the key's curve with SHA2-256; r and s in DER (RFC 5753 section 7.2).
    EcdsaSha256,
    /// Ed25519 (RFC 8419).
    Ed25519,
}

/// Why signed data cannot be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No certificate was given.
    #[error("there is no certificate of the signer")]
    NoCertificate,
    /// A certificate cannot be read.
    #[error("certificate {place}: {error}")]
    Certificate {
        /// Its place among those given, from 1; the signer's is 1.
        place: usize,
        /// What is wrong.
        error: CertificateError,
    },
    /// The signer's key is of a kind that is not signed with.
    #[error(
        "the signer's certificate has a key of the kind {0}; RSA, ECDSA and Ed25519 keys are signed with"
    )]
    KeyKind(
        /// The dotted object identifier.
        String,
    ),
    /// The signing time is no moment of the calendar, or beyond the years 0 to 9999.
    #[error("{0} is no time that a signature can hold")]
    Time(Date),
    /// The signature was not made with the key of the signer's certificate.
    #[error("the key is not that of the signer's certificate: {0}")]
    Signature(Verification),
}

/// Signed data that lacks nothing but its signature.
pub struct Unsigned {
    content: Zeroizing<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
    scheme: Scheme,
    /// The attributes one after the other, in the order of DER.
    attributes: Vec<u8>,
}

impl std::fmt::Debug for Unsigned {
    /// The content may hold secrets: only its length is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unsigned({:?}, {} bytes)", self.scheme, self.content.len())
    }
}

impl Unsigned {
    /// Prepares to sign `content`.
    ///
    /// `certificates` are DER, the signer's own first, then its issuers in any order; all of them go into the result.
    /// `signing_time` is what the signature will say of itself.
    ///
    /// # Errors
    /// [`BuildError`], but for [`BuildError::Signature`].
    pub fn new(content: &[u8], certificates: &[Vec<u8>], signing_time: Date) -> Result<Self, BuildError> {
        let mut signer = None;
        for (index, certificate) in certificates.iter().enumerate() {
            let info =
                inspect(certificate).map_err(|error| BuildError::Certificate { place: index + 1, error })?;
            signer.get_or_insert(info);
        }
        let signer = signer.ok_or(BuildError::NoCertificate)?;
        let scheme = match signer.key_kind {
            KeyKind::Rsa(_) => Scheme::RsaSha256,
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => Scheme::EcdsaSha256,
            KeyKind::Ed25519 => Scheme::Ed25519,
            KeyKind::Other(id) => return Err(BuildError::KeyKind(id)),
        };
        let digest = verify::digest(&scheme.digest_algorithm(), content).unwrap_or_default();
        let time = time::write(signing_time).ok_or(BuildError::Time(signing_time))?;
        let mut attributes = [
            attribute(oid::CONTENT_TYPE, &tlv(OBJECT_IDENTIFIER, &[oid::DATA])),
            attribute(oid::MESSAGE_DIGEST, &tlv(OCTET_STRING, &[digest])),
            attribute(oid::SIGNING_TIME, &time),
        ];
        attributes.arrange();
        Ok(Self {
            content: Zeroizing::new(content.to_vec()),
            certificates: certificates.to_vec(),
            scheme,
            attributes: attributes.concat(),
        })
    }

    /// How [`Self::to_be_signed`] must be signed.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The message to sign (it is not hashed yet): the signed attributes as a SET (RFC 5652 section 5.4).
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        tlv(SET, &[&self.attributes])
    }

    /// Puts the signature in and gives the CMS, in DER.
    ///
    /// # Errors
    /// [`BuildError::Signature`] when it does not verify with the signer's certificate.
    pub fn finish(self, signature: &[u8]) -> Result<Zeroizing<Vec<u8>>, BuildError> {
        let cms = Zeroizing::new(self.assemble(signature).map_err(|error| BuildError::Certificate {
            place: 1,
            error: CertificateError::Malformed(error),
        })?);
        match super::read(&cms) {
            Ok(signed) if signed.is_verified() => Ok(cms),
            Ok(signed) => {
                let verdict = signed.signers.into_iter().next().map(|signer| signer.verification);
                Err(BuildError::Signature(verdict.unwrap_or(Verification::CertificateMissing)))
            }
            Err(error) => Err(BuildError::Signature(Verification::NotVerified { why: error.to_string() })),
        }
    }

    fn assemble(&self, signature: &[u8]) -> Result<Vec<u8>, Malformed> {
        let unreadable = Malformed { offset: 0, expected: "a certificate" };
        let signer = self.certificates.first().ok_or(unreadable)?;
        let (issuer, serial) = x509::issuer_and_serial(signer).ok_or(unreadable)?;
        let version = tlv(INTEGER, &[[1]]);
        let digest_algorithm = tlv(SEQUENCE, &[tlv(OBJECT_IDENTIFIER, &[self.scheme.digest_oid()])]);
        let serial = tlv(INTEGER, &[serial]);
        let signer_info = tlv(
            SEQUENCE,
            &[
                version.as_slice(),
                &tlv(SEQUENCE, &[issuer, &serial]),
                &digest_algorithm,
                &tlv(0xa0, &[&self.attributes]),
                &self.scheme.signature_algorithm(),
                &tlv(OCTET_STRING, &[signature]),
            ],
        );
        // A set: in order, and nothing twice.
        let mut certificates = Vec::new();
        for certificate in &self.certificates {
            certificates.push(Reader::new(certificate).any("a certificate")?.raw);
        }
        certificates.arrange();
        certificates.dedup();
        let content = Zeroizing::new(tlv(0xa0, &[Zeroizing::new(tlv(OCTET_STRING, &[&self.content]))]));
        let encapsulated = Zeroizing::new(tlv(
            SEQUENCE,
            &[tlv(OBJECT_IDENTIFIER, &[oid::DATA]).as_slice(), content.as_slice()],
        ));
        let data = Zeroizing::new(tlv(
            SEQUENCE,
            &[
                version.as_slice(),
                &tlv(SET, &[&digest_algorithm]),
                &encapsulated,
                &tlv(0xa0, &certificates),
                &tlv(SET, &[signer_info]),
            ],
        ));
        let data = Zeroizing::new(tlv(0xa0, &[data.as_slice()]));
        Ok(tlv(SEQUENCE, &[tlv(OBJECT_IDENTIFIER, &[oid::SIGNED_DATA]).as_slice(), data.as_slice()]))
    }
}

impl Scheme {
    /// Ed25519 goes with SHA2-512 (RFC 8419 section 3.1), all else with SHA2-256.
    fn digest_oid(self) -> &'static [u8] {
        if self == Self::Ed25519 { oid::SHA512 } else { oid::SHA256 }
    }

    fn digest_algorithm(self) -> super::DigestAlgorithm {
        super::DigestAlgorithm::from_oid(self.digest_oid())
    }

    /// The `AlgorithmIdentifier`: RSA with NULL parameters (RFC 4055 section 5), the others with none (RFC 5758 section
    /// 3.2, RFC 8410 section 3).
    fn signature_algorithm(self) -> Vec<u8> {
        let (id, parameters): (_, &[u8]) = match self {
            Self::RsaSha256 => (oid::RSA_SHA256, &[0x05, 0x00]),
            Self::EcdsaSha256 => (oid::ECDSA_SHA256, &[]),
            Self::Ed25519 => (oid::ED25519, &[]),
        };
        tlv(SEQUENCE, &[tlv(OBJECT_IDENTIFIER, &[id]).as_slice(), parameters])
    }
}

/// An `Attribute` with one value.
fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[tlv(OBJECT_IDENTIFIER, &[kind]), tlv(SET, &[value])])
}
