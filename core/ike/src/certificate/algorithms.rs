//! Our provider's verifiers in the shape rustls-webpki asks for.
//!
//! SHA-1 and MD5 are not in the list, whatever the provider can do: a certificate signed with them is
//! refused.

use adit_crypto::{CryptoProvider, EcdsaEncoding, HashId, SignatureScheme};
use der::Tag;
use rustls_pki_types::alg_id;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::asn1;

/// id-RSASSA-PSS without parameters, as a key's algorithm (RFC 4055 3.1).
const PSS_KEY: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a]);

/// A signature algorithm with one kind of key, checked by a provider.
pub(super) struct Algorithm<'a> {
    provider: &'a CryptoProvider,
    scheme: SignatureScheme,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

/// Every algorithm that may sign a certificate.
pub(super) fn all(provider: &CryptoProvider) -> Vec<Algorithm<'_>> {
    let mut out = Vec::new();
    let mut add = |scheme, key, signature| out.push(Algorithm { provider, scheme, key, signature });
    let hashes = [
        (HashId::SHA2_256, alg_id::RSA_PKCS1_SHA256, alg_id::RSA_PSS_SHA256, alg_id::ECDSA_SHA256),
        (HashId::SHA2_384, alg_id::RSA_PKCS1_SHA384, alg_id::RSA_PSS_SHA384, alg_id::ECDSA_SHA384),
        (HashId::SHA2_512, alg_id::RSA_PKCS1_SHA512, alg_id::RSA_PSS_SHA512, alg_id::ECDSA_SHA512),
    ];
    for (hash, pkcs1, pss, ecdsa) in hashes {
        add(SignatureScheme::RsaPkcs1(hash), alg_id::RSA_ENCRYPTION, pkcs1);
        for key in [alg_id::RSA_ENCRYPTION, PSS_KEY, pss] {
            add(SignatureScheme::RsaPss(hash), key, pss);
        }
        for curve in [alg_id::ECDSA_P256, alg_id::ECDSA_P384, alg_id::ECDSA_P521] {
            add(SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der), curve, ecdsa);
        }
    }
    add(SignatureScheme::Ed25519, alg_id::ED25519, alg_id::ED25519);
    out
}

/// The name of a signature algorithm that is refused because its hash is broken. Takes the contents of an
/// `AlgorithmIdentifier`.
pub(super) fn weak_name(algorithm: &[u8]) -> Option<&'static str> {
    const MD2_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2];
    const MD5_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
    const SHA1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
    const SHA1_RSA_OIW: &[u8] = &[0x2b, 0x0e, 3, 2, 29];
    const PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    const SHA1_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    const SHA1_DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3];
    match oid(algorithm)? {
        MD2_RSA => Some("RSA with MD2"),
        MD5_RSA => Some("RSA with MD5"),
        SHA1_RSA | SHA1_RSA_OIW => Some("RSA with SHA-1"),
        SHA1_ECDSA => Some("ECDSA with SHA-1"),
        SHA1_DSA => Some("DSA with SHA-1"),
        // PSS parameters that leave out the hash mean SHA-1 (RFC 4055 3.1).
        PSS if !names_a_pss_hash(algorithm) => Some("RSA-PSS with SHA-1"),
        _ => None,
    }
}

/// The object identifier (contents) in the contents of an `AlgorithmIdentifier`.
pub(super) fn oid(algorithm: &[u8]) -> Option<&[u8]> {
    Some(asn1::Elements::new(algorithm).ok()?.expect(Tag::ObjectIdentifier).ok()?.value)
}

fn names_a_pss_hash(algorithm: &[u8]) -> bool {
    let hash = || {
        let mut parts = asn1::Elements::new(algorithm)?;
        parts.expect(Tag::ObjectIdentifier)?;
        let parameters = parts.expect(Tag::Sequence)?;
        asn1::Elements::new(parameters.value)?.optional(asn1::context(0, true))
    };
    matches!(hash(), Ok(Some(_)))
}

impl SignatureVerificationAlgorithm for Algorithm<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let bits = [&[0], public_key].concat();
        let algorithm = asn1::encode(Tag::Sequence, self.key.as_ref());
        let spki = asn1::encode(Tag::Sequence, &[algorithm, asn1::encode(Tag::BitString, &bits)].concat());
        self.provider.verify(&spki, self.scheme, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

impl std::fmt::Debug for Algorithm<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {}", self.scheme, self.provider.name)
    }
}
