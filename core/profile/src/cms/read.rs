//! Taking signed data apart (RFC 5652 sections 3 and 5.1 to 5.3).

use zeroize::Zeroizing;

use super::algorithm::{DigestAlgorithm, SignatureIdentifier};
use super::attributes::SignedAttributes;
use super::signatures::Signatures;
use super::verify::{self, Checker, Statement};
use super::{CmsError, EmbeddedCertificate, Signed, Signer, SignerIdentifier, Verification};
use crate::certificate::asn1::{Element, INTEGER, Malformed, OCTET_STRING, Reader, SEQUENCE, SET};
use crate::certificate::{inspect, name, oid, pem, x509};
use crate::source::CmsWrapping;

/// How many certificates one CMS may bring.
pub const MAX_CERTIFICATES: usize = 256;

/// How many signers one CMS may have; each costs one verification.
pub const MAX_SIGNERS: usize = 16;

/// The labels under which CMS stands in PEM (RFC 7468 sections 8 and 9, and OpenSSL's own).
const PEM_LABELS: [&[u8]; 3] = [b"CMS", b"PKCS7", b"PKCS #7 SIGNED DATA"];

/// Opens signed data in DER, BER or PEM, and checks each signature.
///
/// Takes time linear in the size of the file, and one verification for each of at most [`MAX_SIGNERS`] signers. Offsets
/// in errors count from the start of the DER or BER; in PEM that is the decoded block.
///
/// # Errors
/// When it is no signed data, or so damaged that content and signers cannot be told. A signature that does not hold is
/// no error: [`Signer::verification`] says so.
///
/// Signatures are computed in this process; in a build with neither of the features `signatures` and
/// `engine-signatures` none can be checked.
pub fn read(bytes: &[u8]) -> Result<Signed, CmsError> {
    read_with(bytes, &mut super::InThisBuild)
}

/// The same with somebody else to check signatures.
///
/// # Errors
/// As [`read`].
pub fn read_with(bytes: &[u8], signatures: &mut dyn Signatures) -> Result<Signed, CmsError> {
    match bytes {
        [0x30, 0x80, ..] => open(bytes, CmsWrapping::Ber, signatures),
        [0x30, ..] => open(bytes, CmsWrapping::Der, signatures),
        _ => {
            let blocks = pem::blocks(bytes, &PEM_LABELS, 1).ok_or(CmsError::BadPem)?;
            let block = Zeroizing::new(blocks.into_iter().next().ok_or(CmsError::BadPem)?);
            open(&block, CmsWrapping::Pem, signatures)
        }
    }
}

fn open(bytes: &[u8], wrapping: CmsWrapping, signatures: &mut dyn Signatures) -> Result<Signed, CmsError> {
    let mut outer = Reader::new(bytes);
    let mut info = outer.sequence("CMS")?;
    let trailing = outer.rest().len();
    let kind = info.oid("the kind of the CMS")?;
    if kind == oid::ENVELOPED_DATA {
        return Err(CmsError::Enveloped);
    }
    if kind != oid::SIGNED_DATA {
        return Err(CmsError::OtherKind(oid::dotted(kind)));
    }
    let mut data = info.take(0xa0, "the signed data")?.reader().sequence("the signed data")?;
    // Versions say which choices are made below; those say it themselves.
    data.take(INTEGER, "the version of the signed data")?;
    data.take(SET, "the digest algorithms")?;
    let mut encapsulated = data.sequence("the signed content")?;
    let content_type = encapsulated.oid("the type of the content")?;
    let content = match encapsulated.optional(0xa0, "the content")? {
        Some(content) => Some(Zeroizing::new(octet_string(&mut content.reader(), "the content")?)),
        None => None,
    };
    let certificates = match data.optional(0xa0, "the certificates")? {
        Some(set) => read_certificates(set)?,
        None => Vec::new(),
    };
    data.optional(0xa1, "the revocation lists")?;
    let mut signer_infos = data.take(SET, "the signers")?.reader();
    let mut checker = Checker::new(content.as_deref().map(Vec::as_slice), signatures);
    let mut signers = Vec::new();
    while !signer_infos.is_empty() {
        if signers.len() == MAX_SIGNERS {
            return Err(CmsError::TooMany { what: "signers", limit: MAX_SIGNERS });
        }
        let info = signer_infos.take(SEQUENCE, "a signer")?;
        signers.push(read_signer(info, content_type, &certificates, &mut checker)?);
    }
    let content_type = oid::dotted(content_type);
    Ok(Signed { wrapping, content, content_type, signers, certificates, trailing })
}

/// An OCTET STRING, whole or in pieces.
fn octet_string(reader: &mut Reader<'_>, expected: &'static str) -> Result<Vec<u8>, Malformed> {
    let element = reader.any(expected)?;
    if element.tag & 0xdf != OCTET_STRING {
        return Err(Malformed { offset: element.offset, expected });
    }
    Ok(element.octets()?.into_owned())
}

/// Reads a `CertificateSet`; whatever is no X.509 certificate is passed over.
fn read_certificates(set: Element<'_>) -> Result<Vec<EmbeddedCertificate>, CmsError> {
    let mut found = Vec::new();
    let mut list = set.reader();
    while !list.is_empty() {
        let choice = list.any("a certificate")?;
        if choice.tag != SEQUENCE {
            continue;
        }
        if found.len() == MAX_CERTIFICATES {
            return Err(CmsError::TooMany { what: "certificates", limit: MAX_CERTIFICATES });
        }
        found.push(EmbeddedCertificate { der: choice.raw.to_vec(), info: inspect(choice.raw) });
    }
    Ok(found)
}

/// Reads a `SignerInfo` and checks its signature.
fn read_signer(
    info: Element<'_>,
    content_type: &[u8],
    certificates: &[EmbeddedCertificate],
    checker: &mut Checker<'_>,
) -> Result<Signer, Malformed> {
    let mut fields = info.reader();
    fields.take(INTEGER, "the version of a signer")?;
    let sid = fields.any("the identifier of a signer")?;
    let (identifier, certificate) = identify(sid, certificates)?;
    let digest = DigestAlgorithm::read(fields.take(SEQUENCE, "the digest algorithm of a signer")?)?;
    // Attributes that cannot be read spoil the signature, not the profile: OpenSSL reads some of them, as its tags are laxer.
    let attributes = fields.optional(0xa0, "the signed attributes")?.map(SignedAttributes::read);
    let unreadable = matches!(attributes, Some(Err(_)));
    let has_signed_attributes = attributes.is_some();
    let attributes = attributes.and_then(Result::ok);
    let algorithm = SignatureIdentifier::read(fields.take(SEQUENCE, "the signature algorithm of a signer")?)?;
    let signature = octet_string(&mut fields, "the signature of a signer")?;
    let statement = Statement {
        content_type,
        digest: &digest,
        attributes: attributes.as_ref(),
        algorithm: &algorithm,
        signature: &signature,
    };
    let found = certificate.and_then(|index| certificates.get(index));
    let verification = match unreadable {
        true => Verification::AttributesInvalid { why: "they are not well-formed" },
        false => verify::judge(&statement, found, checker),
    };
    let verification = match verification {
        // It may be there, then.
        Verification::CertificateMissing if certificates.iter().any(|other| other.info.is_err()) => {
            let why = "the signer's is not among the certificates that can be read".to_owned();
            Verification::NotVerified { why }
        }
        verdict => verdict,
    };
    Ok(Signer {
        identifier,
        certificate,
        signing_time: attributes.as_ref().and_then(|attributes| attributes.signing_time),
        has_signed_attributes,
        digest,
        signature: algorithm.algorithm,
        verification,
    })
}

/// Reads a `SignerIdentifier` and finds the certificate it names.
fn identify(
    sid: Element<'_>,
    certificates: &[EmbeddedCertificate],
) -> Result<(SignerIdentifier, Option<usize>), Malformed> {
    if sid.tag & 0xdf == 0x80 {
        let wanted = sid.octets()?.into_owned();
        // Also in one that cannot be read otherwise: what is wrong with it is then told, not that it is missing.
        let named =
            |certificate: &EmbeddedCertificate| x509::subject_key_id(&certificate.der) == Some(&wanted);
        let place = certificates.iter().position(named);
        return Ok((SignerIdentifier::SubjectKeyId(wanted), place));
    }
    if sid.tag != SEQUENCE {
        return Err(Malformed { offset: sid.offset, expected: "the identifier of a signer" });
    }
    let mut fields = sid.reader();
    let issuer = fields.take(SEQUENCE, "the issuer of a signer's certificate")?;
    let serial = fields.any("the serial number of a signer's certificate")?.content;
    let issuer_text = name::to_text(issuer)?;
    let exact = certificates
        .iter()
        .position(|certificate| x509::issuer_and_serial(&certificate.der) == Some((issuer.raw, serial)));
    // The same name may be spelled in another string type or case, and with other blanks (RFC 5280 section 7.1).
    let place = exact.or_else(|| {
        certificates.iter().position(|certificate| {
            certificate.info.as_ref().is_ok_and(|info| {
                info.serial == serial && letters(&info.issuer_text) == letters(&issuer_text)
            })
        })
    });
    Ok((SignerIdentifier::IssuerAndSerial { issuer: issuer_text, serial: serial.to_vec() }, place))
}

/// A name in small letters, and then without its blanks: what ends a word may have a small letter of its own. More names are
/// alike so than are the same: serial and signature decide.
fn letters(name: &str) -> String {
    crate::platform::lower_case(name).split_whitespace().collect()
}
