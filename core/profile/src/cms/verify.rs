//! Whether a signature holds (RFC 5652 sections 5.4 and 5.6).
//!
//! Owns what is compared and what is asked; the mathematics of public keys is behind [`Signatures`].

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::algorithm::{DigestAlgorithm, PssParameters, SignatureAlgorithm, SignatureIdentifier};
use super::attributes::{Once, SignedAttributes};
use super::signatures::{Answer, Claim, Curve, PublicKey, RsaKey, Scheme, Signatures};
use super::{EmbeddedCertificate, Verification};
use crate::certificate::asn1::{BIT_STRING, INTEGER, Malformed, Reader};
use crate::certificate::{CertificateInfo, KeyKind, oid};

/// RSA moduli that are computed with, in bits. The upper end bounds the time of one verification.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// Longest RSA exponent that is computed with, in bits: the same bound.
const RSA_EXPONENT_BITS: usize = 33;

/// What all signers of a file are checked with: its content, whose digests are made once each, and who computes.
pub(super) struct Checker<'a> {
    content: Option<&'a [u8]>,
    made: Vec<(DigestAlgorithm, Vec<u8>)>,
    signatures: &'a mut dyn Signatures,
}

impl<'a> Checker<'a> {
    pub fn new(content: Option<&'a [u8]>, signatures: &'a mut dyn Signatures) -> Self {
        Self { content, made: Vec::new(), signatures }
    }

    /// The digest of the content; `None` when the content is elsewhere or the algorithm unknown.
    fn digest(&mut self, algorithm: &DigestAlgorithm) -> Option<&[u8]> {
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
    checker: &mut Checker<'_>,
) -> Verification {
    try_judge(statement, certificate, checker).unwrap_or_else(|verdict| verdict)
}

/// The same; whatever ends the check early is the error.
fn try_judge(
    statement: &Statement<'_>,
    certificate: Option<&EmbeddedCertificate>,
    checker: &mut Checker<'_>,
) -> Result<Verification, Verification> {
    let Some(content) = checker.content else { return Err(unchecked("the content is not in the file")) };
    let content_digest = checker.digest(statement.digest).map(<[u8]>::to_vec);
    if let Some(attributes) = statement.attributes {
        check_attributes(attributes, statement.content_type, content_digest.as_deref())?;
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
    let key = Key { info, identifier: statement.algorithm };
    let mut verify = |message: &[u8], digest: &[u8]| {
        let Some(key) = key.fitting()? else { return Ok(Verification::SignatureMismatch) };
        let claim = Claim { key, hash: statement.digest, message, digest, signature: statement.signature };
        verdict(checker.signatures.check(&claim), &claim)
    };
    let Some(attributes) = statement.attributes else { return verify(content, &content_digest) };
    let mut verify_signed =
        |signed: &[u8]| verify(signed, &digest(statement.digest, signed).unwrap_or_default());
    let found = verify_signed(&attributes.signed_bytes())?;
    if found.is_verified() {
        return Ok(found);
    }
    // Signed in DER, as it should be, and then written down otherwise.
    match attributes.signed_bytes_in_der() {
        Some(der) => verify_signed(&der),
        None => Ok(found),
    }
}

/// What an answer says of a signature; that it could not be checked is the error.
fn verdict(answer: Answer, claim: &Claim<'_>) -> Result<Verification, Verification> {
    match answer {
        Answer::Holds => Ok(Verification::Verified),
        Answer::Fails => Ok(Verification::SignatureMismatch),
        Answer::BadKey => Err(unchecked(match claim.key {
            PublicKey::Rsa(..) => "the signer's RSA key is unsound",
            PublicKey::Ec(..) => "the signer's key is no point of its curve",
            PublicKey::Ed25519(_) => "the signer's Ed25519 key is unsound",
        })),
        Answer::Unavailable => Err(unchecked(format!("{} cannot be checked here", claim.key))),
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
}

impl<'a> Key<'a> {
    /// The key for the way it was used; `None` when the two do not fit each other. What cannot be checked is the error.
    fn fitting(&self) -> Result<Option<PublicKey<'a>>, Verification> {
        Ok(Some(match (&self.identifier.algorithm, &self.info.key_kind) {
            (SignatureAlgorithm::RsaPkcs1, KeyKind::Rsa(_)) => {
                PublicKey::Rsa(self.rsa_key(None)?, Scheme::Pkcs1)
            }
            (SignatureAlgorithm::RsaPss, KeyKind::Rsa(_)) => return self.rsa_pss(),
            (SignatureAlgorithm::Ecdsa, KeyKind::P256) => PublicKey::Ec(Curve::P256, self.bits()?),
            (SignatureAlgorithm::Ecdsa, KeyKind::P384) => PublicKey::Ec(Curve::P384, self.bits()?),
            (SignatureAlgorithm::Ecdsa, KeyKind::P521) => PublicKey::Ec(Curve::P521, self.bits()?),
            (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => {
                let key = self.bits()?.try_into();
                PublicKey::Ed25519(key.map_err(|_| unchecked("the signer's Ed25519 key is unsound"))?)
            }
            (SignatureAlgorithm::Other(id), _) => {
                return Err(unchecked(format!("the signature algorithm {id} is not supported")));
            }
            (_, KeyKind::Other(id)) => {
                return Err(unchecked(format!("keys of the kind {id} are not supported")));
            }
            _ => return Ok(None),
        }))
    }

    fn rsa_pss(&self) -> Result<Option<PublicKey<'a>>, Verification> {
        let Some(parameters) = &self.identifier.pss else { return Ok(None) };
        if parameters.mask.as_ref() != Some(&parameters.hash) || parameters.trailer != 1 {
            return Err(unchecked("RSA-PSS with another mask than MGF1 over the same hash is not supported"));
        }
        let key = self.rsa_key(Some(parameters))?;
        // A longer salt fits no modulus; the bound keeps sums far from overflow.
        let fits = parameters.salt <= RSA_BITS.end() / 8;
        Ok(fits.then_some(PublicKey::Rsa(key, Scheme::Pss { salt: parameters.salt })))
    }

    /// The RSA key, if it may be used with these parameters (`None`: PKCS#1 v1.5) and its size is one we compute with.
    fn rsa_key(&self, used: Option<&PssParameters>) -> Result<RsaKey<'a>, Verification> {
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
        let mut number = || {
            let number = numbers.take(INTEGER, "a number of an RSA public key")?.content;
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            Ok(number.get(zeros..).unwrap_or_default())
        };
        let (modulus, exponent) = (number().map_err(unreadable)?, number().map_err(unreadable)?);
        if bits(exponent) > RSA_EXPONENT_BITS {
            return Err(unchecked("the exponent of the signer's RSA key is too long"));
        }
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        // The smallest odd exponent that is not the identity is 3.
        if !RSA_BITS.contains(&bits(modulus)) || !is_odd(modulus) || !is_odd(exponent) || bits(exponent) < 2 {
            return Err(unchecked(format!(
                "the signer's RSA key is unsound or not of {} to {} bits",
                RSA_BITS.start(),
                RSA_BITS.end()
            )));
        }
        Ok(RsaKey { modulus, exponent })
    }

    /// The `RSAPublicKey`, and for a key that is for RSA-PSS only, what it is restricted to.
    #[allow(clippy::type_complexity, reason = "a key for PSS may have no parameters")]
    fn rsa_parts(&self) -> Result<(&'a [u8], Option<Option<PssParameters>>), Malformed> {
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
    fn bits(&self) -> Result<&'a [u8], Verification> {
        let read = || {
            let mut info = Reader::new(&self.info.public_key_info).sequence("a public key")?;
            info.any("the algorithm of a key")?;
            info.take(BIT_STRING, "the bits of the public key")?.bits()
        };
        read().map_err(|_: Malformed| unchecked("the signer's key cannot be read"))
    }
}

/// How many bits a big-endian number without leading zero bytes has.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| 8 * number.len() - first.leading_zeros() as usize)
}
