//! Whether a signature holds (RFC 5652 sections 5.4 and 5.6).

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::algorithm::{DigestAlgorithm, PssParameters, SignatureAlgorithm, SignatureIdentifier};
use super::attributes::{Once, SignedAttributes};
use super::{EmbeddedCertificate, Verification};
use crate::certificate::asn1::{BIT_STRING, INTEGER, Malformed, Reader};
use crate::certificate::{CertificateInfo, KeyKind, oid};

/// RSA moduli that are computed with, in bits. The upper end bounds the time of one verification.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// Longest RSA exponent that is computed with, in bits: the same bound.
const RSA_EXPONENT_BITS: usize = 33;

/// Digests of the content, each made once however many signers there are.
pub(super) struct Digests<'a> {
    content: Option<&'a [u8]>,
    made: Vec<(DigestAlgorithm, Vec<u8>)>,
}

impl<'a> Digests<'a> {
    pub fn new(content: Option<&'a [u8]>) -> Self {
        Self { content, made: Vec::new() }
    }

    /// The digest of the content; `None` when the content is elsewhere or the algorithm unknown.
    fn of_content(&mut self, algorithm: &DigestAlgorithm) -> Option<&[u8]> {
        let place = match self.made.iter().position(|(known, _)| known == algorithm) {
            Some(place) => place,
            None => {
                self.made.push((algorithm.clone(), digest(algorithm, self.content?)?));
                self.made.len() - 1
            }
        };
        self.made.get(place).map(|(_, digest)| digest.as_slice())
    }
}

/// What one signer claims.
pub(super) struct Statement<'a> {
    pub content_type: &'a [u8],
    pub digest: &'a DigestAlgorithm,
    pub attributes: Option<&'a SignedAttributes<'a>>,
    pub algorithm: &'a SignatureIdentifier,
    pub signature: &'a [u8],
}

/// Checks one signer. `certificate` is the one it names, if that is in the file.
pub(super) fn judge(
    statement: &Statement<'_>,
    certificate: Option<&EmbeddedCertificate>,
    digests: &mut Digests<'_>,
) -> Verification {
    try_judge(statement, certificate, digests).unwrap_or_else(|verdict| verdict)
}

/// The same; whatever ends the check early is the error.
fn try_judge(
    statement: &Statement<'_>,
    certificate: Option<&EmbeddedCertificate>,
    digests: &mut Digests<'_>,
) -> Result<Verification, Verification> {
    let Some(content) = digests.content else { return Err(unchecked("the content is not in the file")) };
    let content_digest = digests.of_content(statement.digest);
    if let Some(attributes) = statement.attributes {
        check_attributes(attributes, statement.content_type, content_digest)?;
    }
    // A digest that does not fit was told above, whatever else is missing.
    let Some(content_digest) = content_digest else {
        return Err(unchecked(format!("the digest algorithm {} is not supported", statement.digest)));
    };
    let certificate = certificate.ok_or(Verification::CertificateMissing)?;
    let info = certificate
        .info
        .as_ref()
        .map_err(|error| unchecked(format!("the signer's certificate cannot be read: {error}")))?;
    check_hashes(statement)?;
    let key = Key { info, identifier: statement.algorithm, hash: statement.digest };
    let Some(attributes) = statement.attributes else {
        return key.verify(content, content_digest, statement.signature);
    };
    let as_it_stands = attributes.signed_bytes();
    let verdict = key.verify_message(&as_it_stands, statement.signature)?;
    if verdict.is_verified() {
        return Ok(verdict);
    }
    // Signed in DER, as it should be, and then written down otherwise.
    match attributes.signed_bytes_in_der() {
        Some(der) => key.verify_message(&der, statement.signature),
        None => Ok(verdict),
    }
}

/// Section 5.3: with signed attributes, content type and message digest must be among them, once, and must fit.
fn check_attributes(
    attributes: &SignedAttributes<'_>,
    content_type: &[u8],
    content_digest: Option<&[u8]>,
) -> Result<(), Verification> {
    let invalid = |why| Err(Verification::AttributesInvalid { why });
    match attributes.content_type {
        Once::One(signed) if signed == content_type => {}
        Once::One(_) => return invalid("the content type is not the one that was signed"),
        Once::Missing => return invalid("the content type is missing"),
        Once::Several => return invalid("the content type is there more than once"),
    }
    match &attributes.message_digest {
        Once::One(signed) if content_digest.is_some_and(|digest| digest != &**signed) => {
            Err(Verification::DigestMismatch)
        }
        Once::One(_) => Ok(()),
        Once::Missing => invalid("the message digest is missing"),
        Once::Several => invalid("the message digest is there more than once"),
    }
}

/// The hash that the signature algorithm names must be the one of the digest algorithm (RFC 4056 section 3, RFC 5754
/// section 3); it is not guessed which of two is meant. A signature of RSA PKCS#1 v1.5 names its hash itself, inside: it
/// is taken when that is the digest algorithm, as other readers do.
fn check_hashes(statement: &Statement<'_>) -> Result<(), Verification> {
    match &statement.algorithm.hash {
        Some(hash)
            if hash != statement.digest && statement.algorithm.algorithm != SignatureAlgorithm::RsaPkcs1 =>
        {
            Err(unchecked(format!(
                "the signature is made with {hash} and the content's digest with {}",
                statement.digest
            )))
        }
        _ => Ok(()),
    }
}

fn unchecked(why: impl Into<String>) -> Verification {
    Verification::NotVerified { why: why.into() }
}

/// The digest of a message; `None` when the algorithm is not known here.
pub(super) fn digest(algorithm: &DigestAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        DigestAlgorithm::Sha1 => Sha1::digest(message).to_vec(),
        DigestAlgorithm::Sha256 => Sha256::digest(message).to_vec(),
        DigestAlgorithm::Sha384 => Sha384::digest(message).to_vec(),
        DigestAlgorithm::Sha512 => Sha512::digest(message).to_vec(),
        DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => return None,
    })
}

/// A signer's key and how it was used.
struct Key<'a> {
    info: &'a CertificateInfo,
    identifier: &'a SignatureIdentifier,
    hash: &'a DigestAlgorithm,
}

impl Key<'_> {
    fn verify_message(&self, message: &[u8], signature: &[u8]) -> Result<Verification, Verification> {
        let digest = digest(self.hash, message).unwrap_or_default();
        self.verify(message, &digest, signature)
    }

    /// `digest` is the message's under [`Self::hash`]. What cannot be checked is the error.
    fn verify(&self, message: &[u8], digest: &[u8], signature: &[u8]) -> Result<Verification, Verification> {
        let kind = &self.info.key_kind;
        let holds = match (&self.identifier.algorithm, kind) {
            (SignatureAlgorithm::RsaPkcs1, KeyKind::Rsa(_)) => self.rsa_pkcs1(digest, signature)?,
            (SignatureAlgorithm::RsaPss, KeyKind::Rsa(_)) => self.rsa_pss(digest, signature)?,
            (SignatureAlgorithm::Ecdsa, KeyKind::P256 | KeyKind::P384 | KeyKind::P521) => {
                self.ecdsa(digest, signature)?
            }
            (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => self.ed25519(message, signature)?,
            (SignatureAlgorithm::Other(id), _) => {
                return Err(unchecked(format!("the signature algorithm {id} is not supported")));
            }
            (_, KeyKind::Other(id)) => {
                return Err(unchecked(format!("keys of the kind {id} are not supported")));
            }
            _ => return Ok(Verification::SignatureMismatch),
        };
        Ok(if holds { Verification::Verified } else { Verification::SignatureMismatch })
    }

    fn rsa_pkcs1(&self, digest: &[u8], signature: &[u8]) -> Result<bool, Verification> {
        let key = self.rsa_key(None)?;
        let padding = match self.hash {
            DigestAlgorithm::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
            DigestAlgorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            DigestAlgorithm::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            DigestAlgorithm::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
            DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => return Ok(false),
        };
        Ok(key.verify(padding, digest, signature).is_ok())
    }

    fn rsa_pss(&self, digest: &[u8], signature: &[u8]) -> Result<bool, Verification> {
        let Some(parameters) = &self.identifier.pss else { return Ok(false) };
        if parameters.mask.as_ref() != Some(&parameters.hash) || parameters.trailer != 1 {
            return Err(unchecked("RSA-PSS with another mask than MGF1 over the same hash is not supported"));
        }
        let key = self.rsa_key(Some(parameters))?;
        let salt = parameters.salt;
        // A longer one fits no modulus; the bound keeps sums far from overflow.
        if salt > RSA_BITS.end() / 8 {
            return Ok(false);
        }
        let result = match self.hash {
            DigestAlgorithm::Sha1 => key.verify(Pss::<Sha1>::new_with_salt(salt), digest, signature),
            DigestAlgorithm::Sha256 => key.verify(Pss::<Sha256>::new_with_salt(salt), digest, signature),
            DigestAlgorithm::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), digest, signature),
            DigestAlgorithm::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), digest, signature),
            DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => return Ok(false),
        };
        Ok(result.is_ok())
    }

    /// The RSA key, if it may be used with these parameters (`None`: PKCS#1 v1.5) and its size is one we compute with.
    fn rsa_key(&self, used: Option<&PssParameters>) -> Result<rsa::RsaPublicKey, Verification> {
        let unreadable = |_: Malformed| unchecked("the signer's RSA key cannot be read");
        let (key, restriction) = self.rsa_parts().map_err(unreadable)?;
        if let Some(restriction) = restriction {
            let fits = match (&restriction, used) {
                (_, None) => false,
                (None, Some(_)) => true,
                // The key's salt length is the least allowed (RFC 4055 section 3.3).
                (Some(asked), Some(used)) => {
                    asked.hash == used.hash && asked.mask == used.mask && asked.salt <= used.salt
                }
            };
            if !fits {
                return Err(unchecked("the signer's key is for RSA-PSS with other parameters"));
            }
        }
        let mut numbers = Reader::new(key).sequence("an RSA public key").map_err(unreadable)?;
        let mut number =
            || numbers.take(INTEGER, "a number of an RSA public key").map(|number| number.content);
        let (modulus, exponent) = (number().map_err(unreadable)?, number().map_err(unreadable)?);
        let (modulus, exponent) =
            (BoxedUint::from_be_slice_vartime(modulus), BoxedUint::from_be_slice_vartime(exponent));
        if exponent.bits_vartime() as usize > RSA_EXPONENT_BITS {
            return Err(unchecked("the exponent of the signer's RSA key is too long"));
        }
        rsa::RsaPublicKey::new_with_size_limits(modulus, exponent, RSA_BITS).map_err(|_| {
            unchecked(format!(
                "the signer's RSA key is unsound or not of {} to {} bits",
                RSA_BITS.start(),
                RSA_BITS.end()
            ))
        })
    }

    /// The `RSAPublicKey`, and for a key that is for RSA-PSS only, what it is restricted to.
    #[allow(clippy::type_complexity, reason = "a key for PSS may have no parameters")]
    fn rsa_parts(&self) -> Result<(&[u8], Option<Option<PssParameters>>), Malformed> {
        let mut info = Reader::new(&self.info.public_key_info).sequence("a public key")?;
        let mut algorithm = info.sequence("the algorithm of a key")?;
        let pss_only = algorithm.oid("the algorithm of a key")? == oid::RSA_PSS;
        let restriction = if !pss_only {
            None
        } else if algorithm.is_empty() {
            Some(None)
        } else {
            Some(Some(PssParameters::read(Some(algorithm.any("the parameters of a key")?))?))
        };
        Ok((info.take(BIT_STRING, "the bits of the public key")?.bits()?, restriction))
    }

    /// The bits of the public key.
    fn bits(&self) -> Result<&[u8], Verification> {
        let read = || {
            let mut info = Reader::new(&self.info.public_key_info).sequence("a public key")?;
            info.any("the algorithm of a key")?;
            info.take(BIT_STRING, "the bits of the public key")?.bits()
        };
        read().map_err(|_: Malformed| unchecked("the signer's key cannot be read"))
    }

    fn ecdsa(&self, digest: &[u8], signature: &[u8]) -> Result<bool, Verification> {
        let point = self.bits()?;
        let off_curve = |_| unchecked("the signer's key is no point of its curve");
        macro_rules! on {
            ($curve:ident) => {{
                let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(off_curve)?;
                $curve::ecdsa::Signature::from_der(signature)
                    .and_then(|signature| key.verify_prehash(digest, &signature))
                    .is_ok()
            }};
        }
        Ok(match self.info.key_kind {
            KeyKind::P256 => on!(p256),
            KeyKind::P384 => on!(p384),
            _ => on!(p521),
        })
    }

    fn ed25519(&self, message: &[u8], signature: &[u8]) -> Result<bool, Verification> {
        let unsound = || unchecked("the signer's Ed25519 key is unsound");
        let key: &[u8; 32] = self.bits()?.try_into().map_err(|_| unsound())?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| unsound())?;
        let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else { return Ok(false) };
        Ok(key.verify_strict(message, &signature).is_ok())
    }
}
