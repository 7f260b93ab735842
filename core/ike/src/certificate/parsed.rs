//! A certificate, read once.

use std::fmt;

use adit_crypto::CryptoProvider;
use der::asn1::{GeneralizedTime, UtcTime};
use der::{Decode, Tag};

use super::asn1::{self, BadDer, Elements};
use super::extensions::{AltName, Extensions};
use super::{CertificateRefusal, PublicKey};
use crate::auth::parse_algorithm;
use crate::identity::{DistinguishedName, IdKind, Identity, dotted, printable};

/// Longest certificate we take, in bytes: what one CERT payload can hold.
pub const MAX_CERTIFICATE_LEN: usize = 65_530;

/// Most names listed in a refusal.
const MAX_NAMES_SHOWN: usize = 16;

/// A certificate that could be read. Nothing says yet that it may be trusted.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    subject: DistinguishedName,
    subject_der: Vec<u8>,
    issuer: DistinguishedName,
    issuer_der: Vec<u8>,
    is_version_one: bool,
    not_before: u64,
    not_after: u64,
    spki: Vec<u8>,
    key: Result<PublicKey, String>,
    extensions: Extensions,
}

impl Certificate {
    /// Reads a DER certificate.
    ///
    /// # Errors
    /// [`CertificateRefusal::TooLarge`] or [`CertificateRefusal::Malformed`]. A key of a kind we do not know
    /// is no error until somebody asks for it.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateRefusal> {
        if der.len() > MAX_CERTIFICATE_LEN {
            return Err(CertificateRefusal::TooLarge { length: der.len(), max: MAX_CERTIFICATE_LEN });
        }
        let outer = |_| CertificateRefusal::Malformed { what: "it is not one complete DER certificate" };
        let mut certificate = asn1::only_sequence(der).map_err(outer)?;
        let tbs = certificate.expect(Tag::Sequence).map_err(outer)?;
        certificate.expect(Tag::Sequence).map_err(outer)?;
        certificate.expect(Tag::BitString).map_err(outer)?;
        certificate.finish().map_err(outer)?;

        let parts = TbsParts::read(tbs.value).map_err(|BadDer| CertificateRefusal::Malformed {
            what: "its fields are not those of RFC 5280",
        })?;
        let name = |der: &[u8]| {
            DistinguishedName::parse_maybe_empty(der)
                .map_err(|_| CertificateRefusal::Malformed { what: "its subject or issuer is not a name" })
        };
        let (not_before, not_after) = validity(parts.validity)
            .map_err(|BadDer| CertificateRefusal::Malformed { what: "its validity is not a time" })?;
        let extensions = match parts.extensions {
            Some(contents) => Extensions::parse(contents)?,
            None => Extensions::default(),
        };
        Ok(Self {
            der: der.to_vec(),
            subject: name(parts.subject)?,
            subject_der: parts.subject.to_vec(),
            issuer: name(parts.issuer)?,
            issuer_der: parts.issuer.to_vec(),
            is_version_one: parts.is_version_one,
            not_before,
            not_after,
            spki: parts.spki.to_vec(),
            key: PublicKey::from_spki(parts.spki),
            extensions,
        })
    }

    /// The certificate's bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject for people, `C=.., O=.., CN=..`; if it is empty, the first alternative name.
    #[must_use]
    pub fn subject(&self) -> String {
        if self.subject.is_empty() {
            self.names().into_iter().next().unwrap_or_else(|| "a certificate without names".to_owned())
        } else {
            self.subject.to_string()
        }
    }

    /// The subject, DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// The subject as an identity: what IDi says when the profile names no LocalIdentifier. `None` if it is
    /// empty.
    #[must_use]
    pub fn subject_identity(&self) -> Option<Identity> {
        Identity::new(IdKind::DER_ASN1_DN, self.subject_der.clone()).ok()
    }

    /// The issuer for people.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.issuer.to_string()
    }

    /// The issuer, DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_der
    }

    /// The most specific common name of the subject.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.subject.common_names().last()
    }

    /// The most specific common name of the issuer.
    #[must_use]
    pub fn issuer_common_name(&self) -> Option<&str> {
        self.issuer.common_names().last()
    }

    /// The subject alternative names.
    #[must_use]
    pub fn alt_names(&self) -> &[AltName] {
        &self.extensions.alt_names
    }

    /// First valid second, Unix time.
    #[must_use]
    pub fn not_before(&self) -> u64 {
        self.not_before
    }

    /// Last valid second, Unix time.
    #[must_use]
    pub fn not_after(&self) -> u64 {
        self.not_after
    }

    /// The DER `SubjectPublicKeyInfo`, whatever kind of key it holds.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The key.
    ///
    /// # Errors
    /// [`CertificateRefusal::UnsupportedKey`] if it is of a kind that Adit does not know, or too weak.
    pub fn public_key(&self) -> Result<&PublicKey, CertificateRefusal> {
        self.key.as_ref().map_err(|reason| CertificateRefusal::UnsupportedKey {
            subject: self.subject(),
            reason: reason.clone(),
        })
    }

    /// True if its basic constraints make it a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.extensions.is_ca
    }

    /// The purposes its extended key usage lists, dotted; `None` if it has no such extension, which allows
    /// every purpose.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<Vec<String>> {
        let purposes = self.extensions.extended_key_usage.as_ref()?;
        Some(purposes.iter().map(|oid| dotted(oid)).collect())
    }

    /// Subject and alternative names for people, at most sixteen.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let common_name =
            self.subject.common_names().map(|name| format!("CN={}", printable(name.as_bytes())));
        let alt_names = self.alt_names().iter().filter_map(|name| match name {
            AltName::Dns(name) | AltName::Mail(name) => Some(printable(name.as_bytes())),
            AltName::Ip(address) => Some(address.to_string()),
            AltName::Directory(der) => {
                DistinguishedName::parse_maybe_empty(der).ok().map(|name| name.to_string())
            }
            AltName::Other => None,
        });
        alt_names.chain(common_name).take(MAX_NAMES_SHOWN).collect()
    }

    /// Refuses a certificate that has not begun or has ended at Unix time `now`.
    ///
    /// # Errors
    /// [`CertificateRefusal::Expired`] or [`CertificateRefusal::NotYetValid`].
    pub fn check_validity(&self, now: u64) -> Result<(), CertificateRefusal> {
        if now < self.not_before {
            return Err(CertificateRefusal::NotYetValid {
                subject: self.subject(),
                not_before: self.not_before,
                now,
            });
        }
        if now > self.not_after {
            return Err(CertificateRefusal::Expired {
                subject: self.subject(),
                not_after: self.not_after,
                now,
            });
        }
        Ok(())
    }

    /// True if the key of `issuer` made the signature. Decides nothing: it serves to say which certificate of a
    /// refused chain is at fault.
    pub(super) fn is_signed_by(&self, provider: &CryptoProvider, issuer: &Self) -> bool {
        let verifies = || {
            let mut parts = asn1::only_sequence(&self.der).ok()?;
            let (tbs, algorithm) = (parts.next().ok()?, parts.next().ok()?);
            let signature = parts.expect(Tag::BitString).ok()?.value.split_first()?.1;
            let scheme = parse_algorithm(algorithm.raw).ok()?;
            provider.verify(&issuer.spki, scheme, tbs.raw, signature).ok()
        };
        verifies().is_some()
    }

    pub(super) fn is_version_one(&self) -> bool {
        self.is_version_one
    }

    pub(super) fn subject_name(&self) -> &DistinguishedName {
        &self.subject
    }

    pub(super) fn key_usage(&self) -> Option<u16> {
        self.extensions.key_usage
    }

    pub(super) fn purposes(&self) -> Option<&[Vec<u8>]> {
        self.extensions.extended_key_usage.as_deref()
    }

    pub(super) fn name_constraints(&self) -> Option<&[u8]> {
        self.extensions.name_constraints.as_deref()
    }

    pub(super) fn unknown_critical(&self) -> Option<&str> {
        self.extensions.unknown_critical.as_deref()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject())
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// The parts of `TBSCertificate`.
struct TbsParts<'a> {
    is_version_one: bool,
    issuer: &'a [u8],
    validity: &'a [u8],
    subject: &'a [u8],
    spki: &'a [u8],
    extensions: Option<&'a [u8]>,
}

impl<'a> TbsParts<'a> {
    fn read(tbs: &'a [u8]) -> Result<Self, BadDer> {
        let mut tbs = Elements::new(tbs)?;
        let version = tbs.optional(asn1::context(0, true))?;
        tbs.expect(Tag::Integer)?;
        tbs.expect(Tag::Sequence)?;
        let issuer = tbs.expect(Tag::Sequence)?;
        let validity = tbs.expect(Tag::Sequence)?;
        let subject = tbs.expect(Tag::Sequence)?;
        let spki = tbs.expect(Tag::Sequence)?;
        tbs.optional(asn1::context(1, false))?;
        tbs.optional(asn1::context(2, false))?;
        let extensions = match tbs.optional(asn1::context(3, true))? {
            Some(wrapper) => {
                let list = asn1::only_element(wrapper.value)?;
                if list.tag != Tag::Sequence {
                    return Err(BadDer);
                }
                Some(list.value)
            }
            None => None,
        };
        tbs.finish()?;
        Ok(Self {
            is_version_one: version.is_none(),
            issuer: issuer.raw,
            validity: validity.value,
            subject: subject.raw,
            spki: spki.raw,
            extensions,
        })
    }
}

fn validity(contents: &[u8]) -> Result<(u64, u64), BadDer> {
    let mut times = Elements::new(contents)?;
    let mut next = || -> Result<u64, BadDer> {
        let element = times.next()?;
        match element.tag {
            Tag::UtcTime => UtcTime::from_der(element.raw).map(|time| time.to_unix_duration().as_secs()),
            Tag::GeneralizedTime => {
                GeneralizedTime::from_der(element.raw).map(|time| time.to_unix_duration().as_secs())
            }
            _ => return Err(BadDer),
        }
        .map_err(|_| BadDer)
    };
    let bounds = (next()?, next()?);
    times.finish()?;
    Ok(bounds)
}
