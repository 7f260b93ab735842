//! Decryption under a password: PBES2 (RFC 8018 section 6.2) and the schemes of RFC 7292 appendix C.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::consts::{U8, U16};
use cbc::cipher::{BlockCipherDecrypt, KeyInit};
use des::TdesEde3;
use rc2::Rc2;
use zeroize::Zeroizing;

use crate::certificate::asn1::{Element, INTEGER, Malformed, OCTET_STRING, SEQUENCE};
use crate::certificate::oid;

use super::Pkcs12Error;
use super::cbc::{Boxed, decrypt_cbc};
use super::kdf::{Hash, Purpose, Work, bmp_password, pbkdf2, pkcs12_kdf};

/// Decrypts `ciphertext` as an `AlgorithmIdentifier` says. Wrong padding is a wrong password.
pub(super) fn decrypt(
    algorithm: Element<'_>,
    ciphertext: &[u8],
    password: &str,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut parts = algorithm.reader();
    let id = parts.oid("an encryption algorithm")?;
    if id == oid::PBES2 {
        return pbes2(parts.take(SEQUENCE, "the parameters of PBES2")?, ciphertext, password, work);
    }
    let scheme = match id {
        id if id == oid::PBE_SHA1_3DES => Old::TripleDes,
        id if id == oid::PBE_SHA1_2DES => Old::TwoKeyTripleDes,
        id if id == oid::PBE_SHA1_RC2_128 => Old::Rc2 { bytes: 16 },
        id if id == oid::PBE_SHA1_RC2_40 => Old::Rc2 { bytes: 5 },
        id => return Err(unsupported("the encryption", id)),
    };
    let mut parameters = parts.sequence("salt and iteration count")?;
    let salt = parameters.take(OCTET_STRING, "a salt")?.content;
    let iterations = parameters.number("an iteration count")?;
    let attempt = |password: &[u8], work: &mut Work| -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        let length = scheme.key_length();
        let key = pkcs12_kdf(Hash::Sha1, Purpose::Encryption, password, salt, iterations, length, work)?;
        let iv = pkcs12_kdf(Hash::Sha1, Purpose::Iv, password, salt, iterations, 8, work)?;
        scheme.decrypt(&key, &iv, ciphertext)
    };
    match attempt(&bmp_password(password), work) {
        // No password at all is spelled in two ways.
        Err(Pkcs12Error::WrongPassword) if password.is_empty() => attempt(&[], work),
        other => other,
    }
}

fn unsupported(what: &'static str, id: &[u8]) -> Pkcs12Error {
    Pkcs12Error::Unsupported { what, identifier: oid::dotted(id) }
}

/// The schemes of RFC 7292 appendix C that are read.
#[derive(Clone, Copy)]
enum Old {
    TripleDes,
    TwoKeyTripleDes,
    Rc2 { bytes: usize },
}

impl Old {
    fn key_length(self) -> usize {
        match self {
            Self::TripleDes => 24,
            Self::TwoKeyTripleDes => 16,
            Self::Rc2 { bytes } => bytes,
        }
    }

    fn decrypt(self, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        match self {
            Self::TripleDes => triple_des(key, iv, ciphertext),
            Self::TwoKeyTripleDes => {
                // Keys 1, 2, 1.
                let mut three = Zeroizing::new(key.to_vec());
                three.extend_from_slice(key.get(..8).unwrap_or_default());
                triple_des(&three, iv, ciphertext)
            }
            Self::Rc2 { bytes } => {
                let cipher: Boxed<U8> = Box::new(Rc2::new_with_eff_key_len(key, bytes * 8));
                decrypt_cbc(cipher, iv, ciphertext)
            }
        }
    }
}

/// PBKDF2 with its parameters.
pub(super) struct Pbkdf2 {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    /// Bytes of key, where the parameters say so.
    pub key_length: Option<u32>,
}

impl Pbkdf2 {
    /// The key: of `length` bytes, or of as many as the parameters say (bounded).
    pub fn key(
        &self,
        password: &str,
        length: Option<usize>,
        work: &mut Work,
    ) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        let length = length.unwrap_or(self.key_length.unwrap_or(32).min(256) as usize);
        pbkdf2(self.hash, password.as_bytes(), &self.salt, self.iterations, length, work)
    }
}

/// Reads an `AlgorithmIdentifier` that must be PBKDF2.
pub(super) fn read_pbkdf2(algorithm: Element<'_>) -> Result<Pbkdf2, Pkcs12Error> {
    let mut parts = algorithm.reader();
    let id = parts.oid("a key derivation")?;
    if id != oid::PBKDF2 {
        return Err(unsupported("the key derivation", id));
    }
    let mut parameters = parts.sequence("the parameters of PBKDF2")?;
    let salt = parameters.take(OCTET_STRING, "a salt")?.content.to_vec();
    let iterations = parameters.number("an iteration count")?;
    let key_length = match parameters.optional(INTEGER, "a key length")? {
        Some(length) => {
            Some(length.number().ok_or(Malformed { offset: length.offset, expected: "a key length" })?)
        }
        None => None,
    };
    let hash = match parameters.optional(SEQUENCE, "a PRF")? {
        Some(prf) => hmac_hash(prf.reader().oid("a PRF")?)?,
        None => Hash::Sha1,
    };
    Ok(Pbkdf2 { hash, salt, iterations, key_length })
}

/// The hash of an HMAC.
pub(super) fn hmac_hash(id: &[u8]) -> Result<Hash, Pkcs12Error> {
    match id {
        id if id == oid::HMAC_SHA1 => Ok(Hash::Sha1),
        id if id == oid::HMAC_SHA256 => Ok(Hash::Sha256),
        id if id == oid::HMAC_SHA384 => Ok(Hash::Sha384),
        id if id == oid::HMAC_SHA512 => Ok(Hash::Sha512),
        id => Err(unsupported("the HMAC", id)),
    }
}

/// The name of a cipher of PBES2, or its dotted identifier.
pub(super) fn cipher_name(id: &[u8]) -> String {
    match id {
        id if id == oid::AES_128_CBC => "AES-128-CBC".to_owned(),
        id if id == oid::AES_192_CBC => "AES-192-CBC".to_owned(),
        id if id == oid::AES_256_CBC => "AES-256-CBC".to_owned(),
        id if id == oid::DES_EDE3_CBC => "triple DES".to_owned(),
        id => oid::dotted(id),
    }
}

fn pbes2(
    parameters: Element<'_>,
    ciphertext: &[u8],
    password: &str,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut parts = parameters.reader();
    let derivation = read_pbkdf2(parts.take(SEQUENCE, "the key derivation of PBES2")?)?;
    let mut scheme = parts.sequence("the cipher of PBES2")?;
    let id = scheme.oid("the cipher of PBES2")?;
    let (length, decrypt): (usize, Decrypt) = match id {
        id if id == oid::AES_128_CBC => (16, aes),
        id if id == oid::AES_192_CBC => (24, aes),
        id if id == oid::AES_256_CBC => (32, aes),
        id if id == oid::DES_EDE3_CBC => (24, triple_des),
        id => return Err(unsupported("the cipher", id)),
    };
    let iv = scheme.take(OCTET_STRING, "an initialisation vector")?;
    let key = derivation.key(password, Some(length), work)?;
    decrypt(&key, iv.content, ciphertext)
}

/// A function that decrypts with a key, an initialisation vector, and a ciphertext.
type Decrypt = fn(&[u8], &[u8], &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error>;

/// AES under a key of any of its lengths.
fn aes(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let cipher: Boxed<U16> = match key.len() {
        16 => Box::new(keyed::<Aes128>(key)?),
        24 => Box::new(keyed::<Aes192>(key)?),
        _ => Box::new(keyed::<Aes256>(key)?),
    };
    decrypt_cbc(cipher, iv, ciphertext)
}

fn triple_des(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let cipher: Boxed<U8> = Box::new(keyed::<TdesEde3>(key)?);
    decrypt_cbc(cipher, iv, ciphertext)
}

fn keyed<C: BlockCipherDecrypt + KeyInit>(key: &[u8]) -> Result<C, Malformed> {
    C::new_from_slice(key).map_err(|_| Malformed { offset: 0, expected: "a key of another length" })
}
