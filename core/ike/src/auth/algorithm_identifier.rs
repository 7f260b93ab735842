//! The algorithm identifier in front of a method 14 signature (RFC 7427 3 and appendix A).

use adit_crypto::{EcdsaEncoding, HashId, SignatureScheme};
use der::Tag;

use crate::certificate::asn1::{self, BadDer, Element, Elements};
use crate::identity::dotted;

/// Why an algorithm identifier is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AlgorithmError {
    /// Too short for its own length, or not the DER encoding of an `AlgorithmIdentifier`.
    #[error("the algorithm identifier is cut short or not DER")]
    Malformed,
    /// An algorithm that is not for IKE or that we do not have.
    #[error("the algorithm {oid} is not supported")]
    Unsupported {
        /// Its object identifier.
        oid: String,
    },
    /// Parameters that the algorithm does not have, or that IKE does not allow.
    #[error("{what}")]
    Parameters {
        /// What is wrong with them.
        what: &'static str,
    },
}

/// Contents of object identifiers.
mod oid {
    pub(super) const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    pub(super) const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    pub(super) const RSA: [(&[u8], adit_crypto::HashId); 4] = [
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], adit_crypto::HashId::SHA1),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], adit_crypto::HashId::SHA2_256),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], adit_crypto::HashId::SHA2_384),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], adit_crypto::HashId::SHA2_512),
    ];
    pub(super) const ECDSA: [(&[u8], adit_crypto::HashId); 4] = [
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], adit_crypto::HashId::SHA1),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], adit_crypto::HashId::SHA2_256),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], adit_crypto::HashId::SHA2_384),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], adit_crypto::HashId::SHA2_512),
    ];
    /// Hash, identifier, length of the digest in bytes.
    pub(super) const HASHES: [(adit_crypto::HashId, &[u8], u8); 4] = [
        (adit_crypto::HashId::SHA1, &[0x2b, 0x0e, 3, 2, 26], 20),
        (adit_crypto::HashId::SHA2_256, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], 32),
        (adit_crypto::HashId::SHA2_384, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], 48),
        (adit_crypto::HashId::SHA2_512, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], 64),
    ];
}

/// The DER `AlgorithmIdentifier` of a scheme, as RFC 7427 appendix A and RFC 8420 give it. `None` for a hash
/// that the scheme has no identifier for.
#[must_use]
pub fn encode_algorithm(scheme: SignatureScheme) -> Option<Vec<u8>> {
    let null = asn1::encode(Tag::Null, &[]);
    let find = |table: &[(&'static [u8], HashId)], hash| {
        table.iter().find(|(_, known)| *known == hash).map(|(oid, _)| *oid)
    };
    Some(match scheme {
        SignatureScheme::RsaPkcs1(hash) => identifier(find(&oid::RSA, hash)?, &null),
        SignatureScheme::Ecdsa(hash, _) => identifier(find(&oid::ECDSA, hash)?, &[]),
        SignatureScheme::RsaPss(hash) => identifier(oid::RSASSA_PSS, &pss_parameters(hash)?),
        SignatureScheme::Ed25519 => identifier(oid::ED25519, &[]),
    })
}

/// Reads a DER `AlgorithmIdentifier`.
///
/// Parameters must be those of the standard: NULL for PKCS#1 v1.5, none for ECDSA and Ed25519; for PSS one
/// hash for message and mask, a salt as long as the hash, trailer 1. SHA-1 is read too, so that a refusal can
/// name it. ECDSA comes back with [`EcdsaEncoding::Der`].
///
/// # Errors
/// [`AlgorithmError`].
pub fn parse_algorithm(der: &[u8]) -> Result<SignatureScheme, AlgorithmError> {
    let malformed = |BadDer| AlgorithmError::Malformed;
    let mut parts = asn1::only_sequence(der).map_err(malformed)?;
    let algorithm = parts.expect(Tag::ObjectIdentifier).map_err(malformed)?.value;
    let parameters = if parts.is_empty() { None } else { Some(parts.next().map_err(malformed)?) };
    parts.finish().map_err(malformed)?;

    let find = |table: &[(&[u8], HashId)]| {
        table.iter().find(|(known, _)| *known == algorithm).map(|(_, hash)| *hash)
    };
    if let Some(hash) = find(&oid::RSA) {
        return match parameters {
            Some(Element { tag: Tag::Null, value: [], .. }) => Ok(SignatureScheme::RsaPkcs1(hash)),
            _ => Err(AlgorithmError::Parameters { what: "the parameters of an RSA signature are not NULL" }),
        };
    }
    if let Some(hash) = find(&oid::ECDSA) {
        return match parameters {
            None => Ok(SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der)),
            Some(_) => Err(AlgorithmError::Parameters { what: "an ECDSA signature has parameters" }),
        };
    }
    match algorithm {
        oid::ED25519 if parameters.is_none() => Ok(SignatureScheme::Ed25519),
        oid::ED25519 => Err(AlgorithmError::Parameters { what: "an Ed25519 signature has parameters" }),
        oid::RSASSA_PSS => parse_pss(parameters).map(SignatureScheme::RsaPss),
        other => Err(AlgorithmError::Unsupported { oid: dotted(other) }),
    }
}

/// Splits the AUTH data of method 14: one byte of length, the algorithm identifier, the signature.
///
/// # Errors
/// [`AlgorithmError::Malformed`] if the identifier is empty or reaches past the end or nothing follows it;
/// otherwise those of [`parse_algorithm`].
pub fn split_digital_signature(auth_data: &[u8]) -> Result<(SignatureScheme, &[u8]), AlgorithmError> {
    let (length, rest) = auth_data.split_first().ok_or(AlgorithmError::Malformed)?;
    let (algorithm, signature) =
        rest.split_at_checked(usize::from(*length)).ok_or(AlgorithmError::Malformed)?;
    if signature.is_empty() {
        return Err(AlgorithmError::Malformed);
    }
    Ok((parse_algorithm(algorithm)?, signature))
}

fn identifier(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    let mut contents = asn1::encode(Tag::ObjectIdentifier, oid);
    contents.extend_from_slice(parameters);
    asn1::encode(Tag::Sequence, &contents)
}

/// `RSASSA-PSS-params` in the form of RFC 7427 A.4.3, with the trailer spelt out.
fn pss_parameters(hash: HashId) -> Option<Vec<u8>> {
    let (_, hash_oid, length) = oid::HASHES.into_iter().find(|(known, ..)| *known == hash)?;
    let hash = identifier(hash_oid, &asn1::encode(Tag::Null, &[]));
    let mask = identifier(oid::MGF1, &hash);
    let field = |number, contents: &[u8]| asn1::encode(asn1::context(number, true), contents);
    let parameters = [
        field(0, &hash),
        field(1, &mask),
        field(2, &asn1::encode(Tag::Integer, &[length])),
        field(3, &asn1::encode(Tag::Integer, &[1])),
    ];
    Some(asn1::encode(Tag::Sequence, &parameters.concat()))
}

fn parse_pss(parameters: Option<Element<'_>>) -> Result<HashId, AlgorithmError> {
    const SHA1_LENGTH: &[u8] = &[20];
    let malformed = |BadDer| AlgorithmError::Parameters { what: "the parameters of RSA-PSS are malformed" };
    let parameters = match parameters {
        Some(Element { tag: Tag::Sequence, value, .. }) => value,
        _ => return Err(AlgorithmError::Parameters { what: "RSA-PSS has no parameters" }),
    };
    let mut fields = Elements::new(parameters).map_err(malformed)?;
    let mut field = |number| -> Result<Option<Element<'_>>, AlgorithmError> {
        match fields.optional(asn1::context(number, true)).map_err(malformed)? {
            Some(wrapper) => asn1::only_element(wrapper.value).map(Some).map_err(malformed),
            None => Ok(None),
        }
    };
    let (hash, mask, salt, trailer) = (field(0)?, field(1)?, field(2)?, field(3)?);
    fields.finish().map_err(malformed)?;

    let (hash, length) = match hash {
        Some(hash) => pss_hash(hash)?,
        None => (HashId::SHA1, 20),
    };
    let mask_hash = match mask {
        Some(mask) => pss_mask(mask)?,
        None => HashId::SHA1,
    };
    if mask_hash != hash {
        return Err(AlgorithmError::Parameters {
            what: "RSA-PSS with different hashes for message and mask",
        });
    }
    let salt = match salt {
        Some(Element { tag: Tag::Integer, value, .. }) => value,
        Some(_) => return Err(malformed(BadDer)),
        None => SHA1_LENGTH,
    };
    if salt != [length] {
        return Err(AlgorithmError::Parameters {
            what: "RSA-PSS with a salt that is not as long as its hash",
        });
    }
    match trailer {
        None | Some(Element { tag: Tag::Integer, value: [1], .. }) => Ok(hash),
        Some(_) => Err(AlgorithmError::Parameters { what: "RSA-PSS with an unknown trailer" }),
    }
}

/// A hash algorithm identifier; RFC 4055 2.1 has it with NULL or without parameters.
fn pss_hash(element: Element<'_>) -> Result<(HashId, u8), AlgorithmError> {
    let malformed = |BadDer| AlgorithmError::Parameters { what: "the hash of RSA-PSS is malformed" };
    let mut parts = asn1::only_sequence(element.raw).map_err(malformed)?;
    let algorithm = parts.expect(Tag::ObjectIdentifier).map_err(malformed)?.value;
    let null = parts.optional(Tag::Null).map_err(malformed)?;
    if null.is_some_and(|null| !null.value.is_empty()) {
        return Err(malformed(BadDer));
    }
    parts.finish().map_err(malformed)?;
    let known = oid::HASHES.into_iter().find(|(_, oid, _)| *oid == algorithm);
    let (hash, _, length) = known.ok_or_else(|| AlgorithmError::Unsupported { oid: dotted(algorithm) })?;
    Ok((hash, length))
}

fn pss_mask(element: Element<'_>) -> Result<HashId, AlgorithmError> {
    let malformed = |BadDer| AlgorithmError::Parameters { what: "the mask of RSA-PSS is malformed" };
    let mut parts = asn1::only_sequence(element.raw).map_err(malformed)?;
    let algorithm = parts.expect(Tag::ObjectIdentifier).map_err(malformed)?.value;
    if algorithm != oid::MGF1 {
        return Err(AlgorithmError::Unsupported { oid: dotted(algorithm) });
    }
    let hash = parts.next().map_err(malformed)?;
    parts.finish().map_err(malformed)?;
    pss_hash(hash).map(|(hash, _)| hash)
}
