//! PKCS#12 files (RFC 7292): a private key and certificates under a password.
//!
//! Reads DER and BER, the MAC of RFC 7292 appendix B and PBMAC1 (RFC 9579), keys and certificates encrypted with PBES2
//! (RFC 8018: PBKDF2; AES-CBC, triple DES) or with the old schemes of RFC 7292 appendix C (triple DES, RC2). The work
//! that iteration counts ask for is bounded for the whole file. Nothing is decrypted before the MAC was checked.
//!
//! Leaves out: public-key privacy and integrity modes, CRLs and secret bags (passed over), RC4, scrypt (named in the
//! refusal).

mod cbc;
mod encryption;
mod kdf;
mod mac;
mod protection;
mod safe;

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::asn1::{Element, Malformed, Reader};
use super::x509::{CertificateError, PrivateKeyInfo, inspect};
use super::{Identity, oid};
use crate::secret::Secret;

pub use kdf::MAX_ITERATIONS;
use kdf::Work;
pub use protection::{Protection, protection};
use safe::{Bags, CertificateBag};

/// Why a PKCS#12 file cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs12Error {
    /// Not PKCS#12, or damaged.
    #[error("not a PKCS#12 file, or damaged: {0}")]
    Malformed(#[from] Malformed),
    /// The password does not open it (or the file was changed: its MAC does not tell the two apart).
    #[error("the password does not open the PKCS#12 file")]
    WrongPassword,
    /// An algorithm or mode that is not read here.
    #[error("the PKCS#12 file uses {what} {identifier}, which is not supported")]
    Unsupported {
        /// What it is for.
        what: &'static str,
        /// Its dotted object identifier.
        identifier: String,
    },
    /// The iteration counts ask for more work than is allowed.
    #[error("the PKCS#12 file asks for {asked} iterations, more than {limit} are not done")]
    TooMuchWork {
        /// Iterations asked for in all.
        asked: u64,
        /// What is allowed for one file.
        limit: u64,
    },
    /// There is no private key inside.
    #[error("no private key in the PKCS#12 file")]
    NoPrivateKey,
    /// There is no certificate for the private key.
    #[error("no certificate for the private key in the PKCS#12 file")]
    NoCertificate,
    /// The key or a certificate inside cannot be read.
    #[error("{0}")]
    Contents(CertificateError),
}

/// Opens a PKCS#12 file and gives its key with its certificates, the key's own first.
///
/// Of several keys the first one counts. A file without a MAC is taken, as Apple's systems do; then a wrong password
/// shows when decryption gives nonsense.
pub fn open(bytes: &[u8], password: &str) -> Result<Identity, Pkcs12Error> {
    open_within(bytes, password, MAX_ITERATIONS)
}

/// The same as [`open`] with another bound on the iterations that the whole file may ask for.
pub fn open_within(bytes: &[u8], password: &str, max_iterations: u64) -> Result<Identity, Pkcs12Error> {
    open_working(bytes, password, &mut Work::new(max_iterations))
}

/// The same as [`open`] for one of several files that share a budget of iterations; what is done is taken from it.
pub fn open_sharing(bytes: &[u8], password: &str, left: &mut u64) -> Result<Identity, Pkcs12Error> {
    let mut work = Work::new(MAX_ITERATIONS.min(*left));
    let opened = open_working(bytes, password, &mut work);
    *left = left.saturating_sub(work.done());
    opened
}

fn open_working(bytes: &[u8], password: &str, work: &mut Work) -> Result<Identity, Pkcs12Error> {
    let Outer { content, mac } = Outer::read(bytes)?;
    if let Some(mac) = mac {
        let mac = mac::Mac::read(&mut mac.clone())?;
        if !mac.verify(&content, password, work)? {
            return Err(Pkcs12Error::WrongPassword);
        }
    }
    let bags = safe::read(&content, password, work)?;
    identity(bags)
}

/// Decrypts a private key that stands alone (RFC 5958 section 3), within [`MAX_ITERATIONS`].
pub(super) fn decrypt_key(
    algorithm: Element<'_>,
    ciphertext: &[u8],
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    encryption::decrypt(algorithm, ciphertext, password, &mut Work::new(MAX_ITERATIONS))
}

/// The outermost structure, `PFX`.
struct Outer<'a> {
    /// The authenticated safe.
    content: Cow<'a, [u8]>,
    /// The elements of `MacData`, where there is one.
    mac: Option<Reader<'a>>,
}

impl<'a> Outer<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Pkcs12Error> {
        let mut pfx = Reader::new(bytes).sequence("a PKCS#12 file")?;
        let version = pfx.number("the version of a PKCS#12 file")?;
        if version != 3 {
            return Err(Pkcs12Error::Unsupported { what: "version", identifier: version.to_string() });
        }
        let mut outer = pfx.sequence("the content of a PKCS#12 file")?;
        let kind = outer.oid("the kind of the content")?;
        if kind != oid::DATA {
            let what = if kind == oid::SIGNED_DATA { "public-key integrity mode" } else { "content of kind" };
            return Err(Pkcs12Error::Unsupported { what, identifier: oid::dotted(kind) });
        }
        let content = outer.take(0xa0, "the content")?.reader().any("the content")?.octets()?;
        let mac = if pfx.is_empty() { None } else { Some(pfx.sequence("the MAC of a PKCS#12 file")?) };
        Ok(Self { content, mac })
    }
}

/// Puts the first key and its certificates in order.
fn identity(bags: Bags) -> Result<Identity, Pkcs12Error> {
    let Bags { keys, certificates } = bags;
    let key = keys.into_iter().next().ok_or(Pkcs12Error::NoPrivateKey)?;
    let info = PrivateKeyInfo::read(&key.pkcs8).map_err(Pkcs12Error::Contents)?;
    let mut candidates = Vec::new();
    for CertificateBag { der, local_key_id } in certificates {
        // A CA certificate that cannot be read is left out of the chain; the key's own must be readable.
        let own = local_key_id.is_some() && local_key_id == key.local_key_id;
        match inspect(&der) {
            Ok(about) => candidates.push(Candidate { der, own, about }),
            Err(error) if own => return Err(Pkcs12Error::Contents(error)),
            Err(_) => {}
        }
    }
    // The same bits under another algorithm are another key.
    let same_kind = |candidate: &Candidate| candidate.about.key_kind == info.kind;
    let leaf = candidates
        .iter()
        .position(|candidate| {
            same_kind(candidate) && info.matches(&candidate.about.public_key_info) == Some(true)
        })
        .or_else(|| {
            // The key does not tell its public half: the file's own mark, else a certificate that issued no other.
            let unknown = |candidate: &Candidate| {
                same_kind(candidate) && info.matches(&candidate.about.public_key_info).is_none()
            };
            candidates.iter().position(|candidate| unknown(candidate) && candidate.own).or_else(|| {
                candidates.iter().position(|candidate| unknown(candidate) && !candidate.about.is_ca)
            })
        })
        .ok_or(Pkcs12Error::NoCertificate)?;
    let mut next = candidates.swap_remove(leaf);
    let mut chain = Vec::new();
    loop {
        let issuer = next.about.issuer;
        let self_issued = issuer == next.about.subject;
        chain.push(next.der);
        let parent = candidates.iter().position(|candidate| candidate.about.subject == issuer);
        match parent {
            Some(parent) if !self_issued => next = candidates.swap_remove(parent),
            _ => break,
        }
    }
    Ok(Identity { key_kind: info.kind, private_key: Secret::from(key.pkcs8), chain })
}

struct Candidate {
    der: Vec<u8>,
    own: bool,
    about: super::CertificateInfo,
}

/// A private key out of a bag.
struct KeyBag {
    pkcs8: Zeroizing<Vec<u8>>,
    local_key_id: Option<Vec<u8>>,
}
