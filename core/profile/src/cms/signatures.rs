//! Signatures of public keys as a question: who computes is the caller's choice.
//!
//! Owns the question ([`Claim`]), the answer, and [`Unavailable`], who computes nothing. Three others answer: in this
//! process `RustCrypto` (feature `signatures`, what programs use) and `Engine` (feature `engine-signatures`, what the
//! library in apps uses), and [`super::Asked`] for a program whose platform computes, as browsers do.

use std::fmt;

use super::DigestAlgorithm;

/// Checks signatures of RSA, ECDSA and Ed25519.
pub trait Signatures {
    /// Whether the signature is one of the key over the message.
    ///
    /// What a claim says was checked as far as that can be without arithmetic: keys have their lengths, RSA moduli 1,024 to
    /// 8,192 bits, exponents at most 33, and both are odd; the hash is SHA-1 or of SHA-2.
    fn check(&mut self, claim: &Claim<'_>) -> Answer;
}

/// A signature, and what it is said to be of.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// The key, and how it was used.
    pub key: PublicKey<'a>,
    /// The hash of the message; without meaning for Ed25519.
    pub hash: &'a DigestAlgorithm,
    /// What was signed. A profile's content, with its secrets, may stand here.
    pub message: &'a [u8],
    /// The digest of the message under that hash.
    pub digest: &'a [u8],
    /// The signature as it stands in CMS; of ECDSA that is a DER `SEQUENCE` of two numbers (RFC 5753 section 2.1.1).
    pub signature: &'a [u8],
}

impl fmt::Debug for Claim<'_> {
    /// Without the message, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("key", &self.key).field("hash", self.hash).finish_non_exhaustive()
    }
}

/// A public key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PublicKey<'a> {
    /// RSA with a padding (RFC 8017 section 8).
    Rsa(RsaKey<'a>, Scheme),
    /// ECDSA (FIPS 186-5): the point as SEC 1 section 2.3.3 writes it, compressed or not.
    Ec(Curve, &'a [u8]),
    /// Ed25519 (RFC 8032).
    Ed25519(&'a [u8; 32]),
}

impl fmt::Display for PublicKey<'_> {
    /// The algorithm.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(_, Scheme::Pkcs1) => f.write_str("RSA PKCS#1 v1.5"),
            Self::Rsa(_, Scheme::Pss { .. }) => f.write_str("RSA-PSS"),
            Self::Ec(curve, _) => write!(f, "ECDSA on {}", curve.name()),
            Self::Ed25519(_) => f.write_str("Ed25519"),
        }
    }
}

/// The numbers of an RSA key, big-endian, without leading zero bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RsaKey<'a> {
    /// The modulus.
    pub modulus: &'a [u8],
    /// The public exponent.
    pub exponent: &'a [u8],
}

/// A padding of RSA signatures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with MGF1 over the message's hash.
    Pss {
        /// The length of the salt in bytes, at most 1,024.
        salt: usize,
    },
}

/// A curve of NIST (SP 800-186).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

impl Curve {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// How many bytes a number of the curve's order has.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// What became of a [`Claim`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The signature holds.
    Holds,
    /// It does not.
    Fails,
    /// The key is none: its point is not on the curve.
    BadKey,
    /// Nobody here can tell.
    Unavailable,
}

/// Nobody who computes: every answer is [`Answer::Unavailable`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Unavailable;

impl Signatures for Unavailable {
    fn check(&mut self, _: &Claim<'_>) -> Answer {
        Answer::Unavailable
    }
}
