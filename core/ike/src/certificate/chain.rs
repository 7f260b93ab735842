//! Path validation (RFC 5280 6) and the key usage rules of IKE (RFC 4945 5.1.3).

use std::cell::RefCell;

use adit_crypto::CryptoProvider;
use der::Tag;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{
    EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, KeyUsage,
    RequiredEkuNotFoundContext, VerifiedPath,
};

use super::extensions::{DIGITAL_SIGNATURE, KEY_CERT_SIGN, NON_REPUDIATION};
use super::{Anchors, Certificate, CertificateRefusal, algorithms, asn1, constraints};
use crate::identity::{DistinguishedName, dotted, printable};

/// Most intermediate certificates taken from a peer.
pub const MAX_INTERMEDIATES: usize = 16;

/// Whose certificate is judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usage {
    /// The responder's, which a client checks.
    Server,
    /// The initiator's, which a gateway checks.
    Client,
}

/// What a chain of certificates is held against.
#[derive(Clone, Copy, Debug)]
pub struct ChainCheck<'a> {
    /// Checks the signatures.
    pub provider: &'a CryptoProvider,
    /// Who is trusted.
    pub anchors: &'a Anchors,
    /// The time, Unix seconds.
    pub now: u64,
    /// Whose certificate it is.
    pub usage: Usage,
    /// Some CA of the path must have this common name (Apple's ServerCertificateIssuerCommonName).
    pub issuer_common_name: Option<&'a str>,
}

impl ChainCheck<'_> {
    /// Judges a certificate: a path of valid CAs from an anchor to it, within its time, made for this usage.
    ///
    /// An end entity that is itself an anchor, byte for byte, needs no path; its time and usage still count.
    /// An anchor issues others only if it is a CA and within its time. `intermediates` may come in any order
    /// and hold certificates that do not belong.
    ///
    /// The names in the certificate are compared elsewhere ([`super::name_matches`]).
    ///
    /// # Errors
    /// [`CertificateRefusal`], as specific as could be found out.
    pub fn validate(
        &self,
        end_entity: &Certificate,
        intermediates: &[Certificate],
    ) -> Result<(), CertificateRefusal> {
        self.check_end_entity(end_entity)?;
        if self.anchors.contains(end_entity.der()) {
            return self.check_direct_issuer(end_entity);
        }
        if self.anchors.is_empty() {
            return Err(CertificateRefusal::NoAnchors);
        }
        if intermediates.len() > MAX_INTERMEDIATES {
            return Err(CertificateRefusal::PathTooLong { max: MAX_INTERMEDIATES });
        }
        self.build_path(end_entity, intermediates)
    }

    /// Judges what does not depend on who is trusted, for a chain whose issuers the host judges: the certificate's
    /// time and usage, and that the CA that issued it has the wanted common name. A CA further up will not do: which
    /// path the host found is not known here, and what a peer sends beside its certificate proves nothing.
    /// [`Self::anchors`] is not looked at.
    ///
    /// # Errors
    /// [`CertificateRefusal`].
    pub fn validate_presented(
        &self,
        end_entity: &Certificate,
        intermediates: &[Certificate],
    ) -> Result<(), CertificateRefusal> {
        self.check_end_entity(end_entity)?;
        if intermediates.len() > MAX_INTERMEDIATES {
            return Err(CertificateRefusal::PathTooLong { max: MAX_INTERMEDIATES });
        }
        self.check_direct_issuer(end_entity)
    }

    /// What does not depend on who issued it; reported first, because it is what its owner can change.
    fn check_end_entity(&self, end_entity: &Certificate) -> Result<(), CertificateRefusal> {
        let subject = || end_entity.subject();
        end_entity.check_validity(self.now)?;
        end_entity.public_key()?;
        if let Some(oid) = end_entity.unknown_critical() {
            return Err(CertificateRefusal::UnknownCriticalExtension {
                subject: subject(),
                oid: oid.to_owned(),
            });
        }
        if let Some(purposes) = end_entity.purposes()
            && !purposes.iter().any(|oid| self.usage.admits(oid))
        {
            return Err(self.usage.refusal(end_entity));
        }
        // RFC 4945 5.1.3.2: with a key usage, one of these two bits is needed to sign AUTH.
        match end_entity.key_usage() {
            Some(bits) if bits & (DIGITAL_SIGNATURE | NON_REPUDIATION) == 0 => {
                Err(CertificateRefusal::WrongKeyUsage { subject: subject(), needed: "digital signatures" })
            }
            _ => Ok(()),
        }
    }

    fn check_direct_issuer(&self, end_entity: &Certificate) -> Result<(), CertificateRefusal> {
        match self.issuer_common_name {
            Some(wanted) if end_entity.issuer_common_name() != Some(wanted) => {
                Err(CertificateRefusal::WrongIssuer {
                    wanted: printable(wanted.as_bytes()),
                    found: end_entity.issuer_common_name().map(shown).into_iter().collect(),
                })
            }
            _ => Ok(()),
        }
    }

    fn build_path(
        &self,
        end_entity: &Certificate,
        intermediates: &[Certificate],
    ) -> Result<(), CertificateRefusal> {
        let verifiers = algorithms::all(self.provider);
        let verifiers: Vec<&dyn SignatureVerificationAlgorithm> =
            verifiers.iter().map(|verifier| verifier as _).collect();
        let usable: Vec<CertificateDer<'_>> = self
            .anchors
            .certificates()
            .iter()
            .filter(|anchor| self.check_issuing_anchor(anchor).is_ok())
            .map(|anchor| CertificateDer::from(anchor.der()))
            .collect();
        let anchors: Vec<TrustAnchor<'_>> =
            usable.iter().filter_map(|der| webpki::anchor_from_trusted_cert(der).ok()).collect();
        let others: Vec<CertificateDer<'_>> =
            intermediates.iter().map(|certificate| CertificateDer::from(certificate.der())).collect();
        let der = CertificateDer::from(end_entity.der());
        let parsed = EndEntityCert::try_from(&der).map_err(|error| malformed(&error))?;

        let refused_path = RefCell::new(None);
        let result = parsed.verify_for_usage(
            &verifiers,
            &anchors,
            &others,
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(self.now)),
            self.usage,
            None,
            Some(&|path: &VerifiedPath<'_>| {
                self.check_path(end_entity, path).map_err(|refusal| {
                    *refused_path.borrow_mut() = Some(refusal);
                    Error::UnknownIssuer
                })
            }),
        );
        match (result, refused_path.into_inner()) {
            (Ok(_), _) => Ok(()),
            // Some path was sound but for our own rules: that is nearer to the truth than whatever another
            // path ended with.
            (Err(_), Some(refusal)) => Err(refusal),
            (Err(error), None) => Err(self.explain(&error, end_entity, intermediates)),
        }
    }

    /// An anchor that may issue others: within its time, and a CA. A version 1 certificate cannot say
    /// whether it is a CA; a self-issued one of those is an old root.
    fn check_issuing_anchor(&self, anchor: &Certificate) -> Result<(), CertificateRefusal> {
        let old_root = anchor.is_version_one() && anchor.issuer_der() == anchor.subject_der();
        if !anchor.is_ca() && !old_root {
            return Err(CertificateRefusal::NotACa { subject: anchor.subject() });
        }
        check_may_issue(anchor)?;
        anchor.check_validity(self.now)
    }

    /// Rules that rustls-webpki does not check, on a path it found sound.
    fn check_path(
        &self,
        end_entity: &Certificate,
        path: &VerifiedPath<'_>,
    ) -> Result<(), CertificateRefusal> {
        let mut found = Vec::new();
        for link in path.intermediate_certificates() {
            let ca = Certificate::parse(&link.der())?;
            check_may_issue(&ca)?;
            if let Some(contents) = ca.name_constraints() {
                constraints::check_common_name(end_entity, contents)?;
            }
            found.extend(ca.common_name().map(str::to_owned));
        }
        let anchor = path.anchor();
        if let Some(contents) = &anchor.name_constraints {
            constraints::check_common_name(end_entity, contents.as_ref())?;
        }
        let subject = asn1::encode(Tag::Sequence, anchor.subject.as_ref());
        if let Ok(name) = DistinguishedName::parse_maybe_empty(&subject) {
            found.extend(name.common_names().last().map(str::to_owned));
        }
        match self.issuer_common_name {
            Some(wanted) if !found.iter().any(|name| name == wanted) => {
                Err(CertificateRefusal::WrongIssuer {
                    wanted: printable(wanted.as_bytes()),
                    found: found.iter().map(|name| shown(name)).collect(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Turns what rustls-webpki says into something that names the certificate at fault.
    fn explain(
        &self,
        error: &Error,
        end_entity: &Certificate,
        intermediates: &[Certificate],
    ) -> CertificateRefusal {
        let subject_of = |certificate: Option<&Certificate>| certificate.unwrap_or(end_entity).subject();
        match error {
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } => intermediates
                .iter()
                .find_map(|certificate| certificate.check_validity(self.now).err())
                .unwrap_or(CertificateRefusal::Malformed {
                    what: "a certificate in its path is out of date",
                }),
            Error::UnsupportedSignatureAlgorithmContext(context) => {
                let algorithm = &context.signature_algorithm_id;
                match algorithms::weak_name(algorithm) {
                    Some(algorithm) => CertificateRefusal::WeakSignature { algorithm },
                    None => CertificateRefusal::UnsupportedSignature {
                        algorithm: algorithms::oid(algorithm).map_or_else(|| "unreadable".to_owned(), dotted),
                    },
                }
            }
            Error::InvalidSignatureForPublicKey
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
                self.explain_signature(end_entity, intermediates)
            }
            Error::UnknownIssuer => self.explain_issuer(end_entity, intermediates),
            Error::CaUsedAsEndEntity => CertificateRefusal::CaAsEndEntity { subject: end_entity.subject() },
            Error::EndEntityUsedAsCa => CertificateRefusal::NotACa {
                subject: subject_of(intermediates.iter().find(|certificate| !certificate.is_ca())),
            },
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
                let restricted = intermediates.iter().find(|certificate| {
                    certificate.purposes().is_some_and(|oids| !oids.iter().any(|oid| self.usage.admits(oid)))
                });
                self.usage.refusal(restricted.unwrap_or(end_entity))
            }
            Error::NameConstraintViolation
            | Error::InvalidNetworkMaskConstraint
            | Error::MalformedNameConstraint => {
                CertificateRefusal::NameConstraint { subject: end_entity.subject() }
            }
            Error::PathLenConstraintViolated
            | Error::MaximumPathDepthExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumSignatureChecksExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => {
                CertificateRefusal::PathTooLong { max: MAX_INTERMEDIATES }
            }
            Error::UnsupportedCriticalExtension => {
                let at_fault =
                    intermediates.iter().find(|certificate| certificate.unknown_critical().is_some());
                CertificateRefusal::UnknownCriticalExtension {
                    subject: subject_of(at_fault),
                    oid: at_fault.and_then(Certificate::unknown_critical).unwrap_or("unnamed").to_owned(),
                }
            }
            other => malformed(other),
        }
    }

    /// A signature does not verify: because the CA's key is one we refuse, or because it is another's.
    fn explain_signature(
        &self,
        end_entity: &Certificate,
        intermediates: &[Certificate],
    ) -> CertificateRefusal {
        let path = reached(end_entity, intermediates);
        let bad = |certificate: &Certificate| CertificateRefusal::BadSignature {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
        };
        for certificate in &path {
            let named = intermediates
                .iter()
                .chain(self.anchors.certificates())
                .filter(|issuer| issuer.subject_der() == certificate.issuer_der());
            let mut signed = false;
            for issuer in named {
                if let Err(refusal) = issuer.public_key() {
                    return refusal;
                }
                signed |= certificate.is_signed_by(self.provider, issuer);
            }
            if !signed {
                return bad(certificate);
            }
        }
        bad(end_entity)
    }

    /// No anchor was reached: because none is called so, or because the one that is may not issue.
    fn explain_issuer(&self, end_entity: &Certificate, intermediates: &[Certificate]) -> CertificateRefusal {
        let path = reached(end_entity, intermediates);
        let last = path.last().copied().unwrap_or(end_entity);
        self.anchors
            .certificates()
            .iter()
            .filter(|anchor| anchor.subject_der() == last.issuer_der())
            .find_map(|anchor| self.check_issuing_anchor(anchor).err())
            .unwrap_or_else(|| CertificateRefusal::UntrustedIssuer {
                issuer: last.issuer(),
                subject: last.subject(),
            })
    }
}

impl Usage {
    /// Says whether an extended key usage of this purpose (object identifier, contents) allows the usage.
    fn admits(self, oid: &[u8]) -> bool {
        let own = match self {
            Self::Server => SERVER_AUTH,
            Self::Client => CLIENT_AUTH,
        };
        oid == own || oid == IPSEC_IKE || oid == IKE_INTERMEDIATE || oid == ANY_PURPOSE
    }

    fn refusal(self, certificate: &Certificate) -> CertificateRefusal {
        let (wanted, fix) = match self {
            Self::Server => ("VPN servers", "serverAuth (1.3.6.1.5.5.7.3.1)"),
            Self::Client => ("VPN clients", "clientAuth (1.3.6.1.5.5.7.3.2)"),
        };
        CertificateRefusal::WrongUsage {
            subject: certificate.subject(),
            wanted,
            fix,
            found: certificate.extended_key_usage().unwrap_or_default(),
        }
    }
}

/// id-kp-serverAuth (RFC 5280 4.2.1.12).
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
/// id-kp-clientAuth.
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
/// id-kp-ipsecIKE (RFC 4945 5.1.3.12).
const IPSEC_IKE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 17];
/// iKEIntermediate, which Apple's and Microsoft's clients once asked for.
const IKE_INTERMEDIATE: &[u8] = &[0x2b, 6, 1, 5, 5, 8, 2, 2];
/// anyExtendedKeyUsage.
const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0];

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let accepted = match self {
            Self::Server => SERVER_AUTH,
            Self::Client => CLIENT_AUTH,
        };
        let accepted = [accepted, IPSEC_IKE, IKE_INTERMEDIATE, ANY_PURPOSE].map(KeyPurposeId::new);
        let mut restricted = false;
        for purpose in purposes {
            restricted = true;
            if accepted.contains(&purpose?) {
                return Ok(());
            }
        }
        if restricted {
            Err(Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
                required: KeyUsage::required(SERVER_AUTH),
                present: Vec::new(),
            }))
        } else {
            Ok(())
        }
    }
}

/// RFC 5280 6.1.4 (n): a CA with a key usage needs the bit for signing certificates.
fn check_may_issue(ca: &Certificate) -> Result<(), CertificateRefusal> {
    match ca.key_usage() {
        Some(bits) if bits & KEY_CERT_SIGN == 0 => {
            Err(CertificateRefusal::WrongKeyUsage { subject: ca.subject(), needed: "signing certificates" })
        }
        _ => Ok(()),
    }
}

/// The certificates from the end entity upwards, as far as the given ones lead. Each is used at most once, so
/// a loop among them ends.
fn reached<'a>(end_entity: &'a Certificate, intermediates: &'a [Certificate]) -> Vec<&'a Certificate> {
    let mut left: Vec<&Certificate> = intermediates.iter().collect();
    let mut path = vec![end_entity];
    let mut last = end_entity;
    while let Some(at) = left.iter().position(|next| next.subject_der() == last.issuer_der()) {
        last = left.swap_remove(at);
        path.push(last);
    }
    path
}

fn malformed(error: &Error) -> CertificateRefusal {
    CertificateRefusal::Malformed {
        what: match error {
            Error::UnsupportedCertVersion => "it is not of version 3",
            Error::SignatureAlgorithmMismatch => "it names two different signature algorithms",
            Error::InvalidCertValidity => "it ends before it begins",
            Error::InvalidSerialNumber => "its serial number is not a number",
            Error::ExtensionValueInvalid | Error::MalformedExtensions => "one of its extensions is broken",
            _ => "it, or one in its path, does not follow RFC 5280",
        },
    }
}

fn shown(name: &str) -> String {
    printable(name.as_bytes())
}
