//! The MAC over a PKCS#12 file: RFC 7292 section 4 with the key of appendix B, or PBMAC1 (RFC 9579).

use crate::certificate::asn1::{Malformed, OCTET_STRING, Reader, SEQUENCE};
use crate::certificate::oid;

use super::Pkcs12Error;
use super::encryption::{self, Pbkdf2};
use super::kdf::{Hash, Purpose, Work, bmp_password, pkcs12_kdf};

/// `MacData`.
pub(super) struct Mac {
    scheme: Scheme,
    tag: Vec<u8>,
}

enum Scheme {
    Classic { hash: Hash, salt: Vec<u8>, iterations: u32 },
    Pbmac1 { derivation: Pbkdf2, hash: Hash },
}

impl Mac {
    /// Reads the elements of `MacData`.
    pub fn read(data: &mut Reader<'_>) -> Result<Self, Pkcs12Error> {
        let mut digest = data.sequence("the digest of the MAC")?;
        let algorithm = digest.take(SEQUENCE, "the algorithm of the MAC")?;
        let tag = digest.take(OCTET_STRING, "the MAC itself")?.content.to_vec();
        let salt = data.take(OCTET_STRING, "the salt of the MAC")?.content.to_vec();
        let iterations = if data.is_empty() { 1 } else { data.number("the iteration count of the MAC")? };
        let mut algorithm = algorithm.reader();
        let id = algorithm.oid("the algorithm of the MAC")?;
        let scheme = if id == oid::PBMAC1 {
            pbmac1(&mut algorithm)?
        } else {
            let hash = match id {
                id if id == oid::SHA1 => Hash::Sha1,
                id if id == oid::SHA256 => Hash::Sha256,
                id if id == oid::SHA384 => Hash::Sha384,
                id if id == oid::SHA512 => Hash::Sha512,
                id => {
                    let identifier = oid::dotted(id);
                    return Err(Pkcs12Error::Unsupported { what: "the MAC algorithm", identifier });
                }
            };
            Scheme::Classic { hash, salt, iterations }
        };
        Ok(Self { scheme, tag })
    }

    /// Whether `content` carries this MAC under `password`.
    ///
    /// An empty password is tried in both spellings in use: two zero bytes, and nothing at all.
    pub fn verify(&self, content: &[u8], password: &str, work: &mut Work) -> Result<bool, Pkcs12Error> {
        match &self.scheme {
            Scheme::Pbmac1 { derivation, hash } => {
                let key = derivation.key(password, None, work)?;
                Ok(hash.verify_hmac(&key, content, &self.tag))
            }
            Scheme::Classic { hash, salt, iterations } => {
                let length = self.tag.len();
                let mut verify = |password: &[u8]| -> Result<bool, Pkcs12Error> {
                    let key =
                        pkcs12_kdf(*hash, Purpose::Mac, password, salt, *iterations, length.min(64), work)?;
                    Ok(hash.verify_hmac(&key, content, &self.tag))
                };
                if verify(&bmp_password(password))? {
                    return Ok(true);
                }
                if password.is_empty() { verify(&[]) } else { Ok(false) }
            }
        }
    }
}

fn pbmac1(algorithm: &mut Reader<'_>) -> Result<Scheme, Pkcs12Error> {
    let mut parameters = algorithm.sequence("the parameters of PBMAC1")?;
    let derivation = parameters.take(SEQUENCE, "the key derivation of PBMAC1")?;
    let derivation = encryption::read_pbkdf2(derivation)?;
    let mut scheme = parameters.sequence("the MAC of PBMAC1")?;
    let id = scheme.oid("the MAC of PBMAC1")?;
    let hash = encryption::hmac_hash(id)?;
    if derivation.key_length.is_none() {
        // RFC 9579 section 4 makes the key length mandatory here.
        return Err(Malformed { offset: 0, expected: "a key length in PBMAC1" }.into());
    }
    Ok(Scheme::Pbmac1 { derivation, hash })
}
