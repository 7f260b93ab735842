//! Private keys in files: PEM (RFC 7468) or DER, plain or encrypted (RFC 5958 section 3).
//!
//! Owns finding the key in the file and decrypting it. What kind of key it is, and whether it is sound, is for whoever
//! signs with it.

use zeroize::Zeroizing;

use super::asn1::{INTEGER, Malformed, OCTET_STRING, Reader, SEQUENCE};
use super::pem;
use super::pkcs12::{self, Pkcs12Error};
use crate::gather::Gather as _;
use crate::secret::Secret;

/// Why a file gives no private key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// The Base64 between the PEM lines is broken, or a line is missing.
    #[error("broken PEM text")]
    BadPem,
    /// There is none inside.
    #[error("no private key inside (-----BEGIN PRIVATE KEY-----)")]
    NoKey,
    /// There is more than one.
    #[error("more than one private key inside")]
    Several,
    /// The key is encrypted and there is no password.
    #[error("the private key is encrypted, and there is no password for it")]
    NeedsPassword,
    /// The password does not open it, or its encryption is not supported.
    #[error("{}", match .0 {
        Pkcs12Error::WrongPassword => "the password does not open the private key".to_owned(),
        other => other.to_string(),
    })]
    Encryption(Pkcs12Error),
    /// Encrypted in the way of old OpenSSL, by lines of text above the key.
    #[error("the private key is encrypted in an old way; rewrite it with openssl pkcs8 -topk8")]
    OldEncryption,
    /// The ASN.1 is broken.
    #[error("broken private key: {0}")]
    Malformed(#[from] Malformed),
}

/// Reads the one private key of a file and gives it in DER: PKCS#8, or PKCS#1 or SEC1 if the file has it so.
///
/// `password` is for an encrypted key only. The work that its iteration count asks for is bounded, see
/// [`pkcs12::MAX_ITERATIONS`].
///
/// # Errors
/// [`PrivateKeyError`].
pub fn read_private_key(bytes: &[u8], password: Option<&str>) -> Result<Secret, PrivateKeyError> {
    if !pem::is_pem(bytes) {
        return match is_encrypted(bytes)? {
            true => decrypt(bytes, password),
            false => Ok(Secret::new(bytes.to_vec())),
        };
    }
    if crate::source::find(bytes, b"Proc-Type: 4,ENCRYPTED").is_some() {
        return Err(PrivateKeyError::OldEncryption);
    }
    let blocks = |labels: &[&[u8]]| {
        let blocks = pem::blocks(bytes, labels, 2).ok_or(PrivateKeyError::BadPem)?;
        Ok::<_, PrivateKeyError>(blocks.into_iter().map(Zeroizing::new).gather())
    };
    let mut plain = blocks(&[b"PRIVATE KEY", b"RSA PRIVATE KEY", b"EC PRIVATE KEY"])?;
    let mut encrypted = blocks(&[b"ENCRYPTED PRIVATE KEY"])?;
    match (plain.pop(), encrypted.pop(), plain.is_empty() && encrypted.is_empty()) {
        (None, None, _) => Err(PrivateKeyError::NoKey),
        (Some(key), None, true) => Ok(Secret::from(key)),
        (None, Some(key), true) => decrypt(&key, password),
        _ => Err(PrivateKeyError::Several),
    }
}

/// Whether DER is `EncryptedPrivateKeyInfo` rather than one of the plain forms, which begin with a version.
fn is_encrypted(der: &[u8]) -> Result<bool, PrivateKeyError> {
    let inside = Reader::new(der).sequence("a private key").map_err(|_| PrivateKeyError::NoKey)?;
    match inside.rest().first() {
        Some(&SEQUENCE) => Ok(true),
        Some(&INTEGER) => Ok(false),
        _ => Err(PrivateKeyError::NoKey),
    }
}

fn decrypt(der: &[u8], password: Option<&str>) -> Result<Secret, PrivateKeyError> {
    let mut info = Reader::new(der).sequence("an encrypted private key")?;
    let algorithm = info.take(SEQUENCE, "the encryption algorithm of a key")?;
    let ciphertext = info.take(OCTET_STRING, "an encrypted key")?;
    let password = password.ok_or(PrivateKeyError::NeedsPassword)?;
    let plain =
        pkcs12::decrypt_key(algorithm, ciphertext.content, password).map_err(PrivateKeyError::Encryption)?;
    // A wrong password may leave sound padding by chance, and nonsense before it.
    Reader::new(&plain)
        .sequence("a private key")
        .map_err(|_| PrivateKeyError::Encryption(Pkcs12Error::WrongPassword))?;
    Ok(Secret::from(plain))
}
