//! Private keys in DER: PKCS#8 (RFC 5958), PKCS#1 `RSAPrivateKey` (RFC 8017 A.1.2), SEC1 `ECPrivateKey`
//! (RFC 5915), Ed25519 (RFC 8410).
//!
//! Finds out which of them it is and borrows the numbers; the loaders of the providers check that they
//! fit together. Encrypted containers are opened elsewhere.

use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence};
use pkcs8::PrivateKeyInfoRef;
use rsa::pkcs1::RsaPrivateKeyRef;

use crate::spki::{self, EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION};
use crate::{CryptoError, KeyKind};

/// Longest RSA modulus we sign with, in bits: what every provider that signs can do.
const RSA_MAX_SIGNING_BITS: usize = 4096;

/// A private key's numbers, borrowed from its DER. Prints nothing: it has no `Debug`.
pub(crate) enum PrivateKey<'a> {
    /// RSA, two primes, 2,048 to 4,096 bits, exponent of 65,537 or more.
    Rsa {
        /// DER `RSAPrivateKey`.
        #[cfg_attr(not(feature = "ring"), expect(dead_code, reason = "ring reads the DER itself"))]
        pkcs1: &'a [u8],
        /// Its fields.
        parts: Box<RsaPrivateKeyRef<'a>>,
        /// With the length of the modulus.
        kind: KeyKind,
        /// DER `SubjectPublicKeyInfo`.
        spki: Vec<u8>,
    },
    /// A scalar on a NIST curve.
    Ec {
        /// The curve.
        kind: KeyKind,
        /// Big-endian; as long as the file made it.
        scalar: &'a [u8],
        /// The public point the file claims.
        point: Option<&'a [u8]>,
    },
    /// Ed25519.
    Ed25519 {
        /// The seed.
        seed: &'a [u8; 32],
        /// The public key the file claims.
        public: Option<&'a [u8]>,
    },
}

impl<'a> PrivateKey<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, CryptoError> {
        if let Ok(info) = PrivateKeyInfoRef::from_der(der) {
            return Self::from_pkcs8(&info);
        }
        if let Ok(parts) = RsaPrivateKeyRef::from_der(der) {
            return Self::from_rsa(der, parts);
        }
        if let Ok(key) = EcPrivateKey::from_der(der) {
            return Self::from_sec1(&key, None);
        }
        Err(CryptoError::BadKey(
            "it is no PKCS#8, PKCS#1 or SEC1 private key in DER (decrypt an encrypted one first)",
        ))
    }

    fn from_pkcs8(info: &PrivateKeyInfoRef<'a>) -> Result<Self, CryptoError> {
        let key = info.private_key.as_bytes();
        match info.algorithm.oid {
            RSA_ENCRYPTION => {
                let parts = RsaPrivateKeyRef::from_der(key)
                    .map_err(|_| CryptoError::BadKey("the PKCS#8 file holds no RSAPrivateKey"))?;
                Self::from_rsa(key, parts)
            }
            EC_PUBLIC_KEY => {
                let kind = spki::curve(info.algorithm.parameters)?;
                let key = EcPrivateKey::from_der(key)
                    .map_err(|_| CryptoError::BadKey("the PKCS#8 file holds no ECPrivateKey"))?;
                Self::from_sec1(&key, Some(kind))
            }
            ED25519 => {
                let seed: &OctetStringRef = Decode::from_der(key)
                    .map_err(|_| CryptoError::BadKey("the PKCS#8 file holds no CurvePrivateKey"))?;
                let seed = seed
                    .as_bytes()
                    .try_into()
                    .map_err(|_| CryptoError::BadKey("an Ed25519 seed does not have 32 octets"))?;
                let public = info.public_key.as_ref().and_then(BitStringRef::as_bytes);
                Ok(Self::Ed25519 { seed, public })
            }
            _ => Err(CryptoError::BadKey("it is none of RSA, ECDSA P-256, P-384, P-521, Ed25519")),
        }
    }

    fn from_rsa(pkcs1: &'a [u8], parts: RsaPrivateKeyRef<'a>) -> Result<Self, CryptoError> {
        let modulus = parts.modulus.as_bytes();
        let exponent = parts.public_exponent.as_bytes();
        spki::check_rsa_numbers(modulus, exponent, RSA_MAX_SIGNING_BITS)?;
        if spki::bit_length(exponent) < 17 {
            return Err(CryptoError::BadKey("RSA public exponent below 65,537"));
        }
        if parts.other_prime_infos.is_some() {
            return Err(CryptoError::BadKey("RSA key with more than two primes"));
        }
        let public =
            parts.public_key().to_der().map_err(|_| CryptoError::BadKey("its public half is malformed"))?;
        let kind = KeyKind::Rsa { bits: spki::bit_length(modulus) };
        Ok(Self::Rsa { pkcs1, kind, spki: spki::rsa_spki(&public)?, parts: Box::new(parts) })
    }

    fn from_sec1(key: &EcPrivateKey<'a>, outer: Option<KeyKind>) -> Result<Self, CryptoError> {
        let inner = key.parameters.map(spki::curve_named).transpose()?;
        let kind = match (outer, inner) {
            (Some(outer), Some(inner)) if outer != inner => {
                return Err(CryptoError::BadKey("PKCS#8 and ECPrivateKey name different curves"));
            }
            (Some(kind), _) | (None, Some(kind)) => kind,
            (None, None) => return Err(CryptoError::BadKey("the ECPrivateKey does not name its curve")),
        };
        if key.version != 1 {
            return Err(CryptoError::BadKey("ECPrivateKey of an unknown version"));
        }
        let point = key.public_key.as_ref().and_then(BitStringRef::as_bytes);
        Ok(Self::Ec { kind, scalar: key.private_key.as_bytes(), point })
    }
}

/// RFC 5915 3.
#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    parameters: Option<ObjectIdentifier>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}
