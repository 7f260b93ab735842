//! SHA-1 and SHA-2 on RustCrypto's `sha1` and `sha2`.

use std::fmt;
use std::marker::PhantomData;

use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha384, Sha512};

use crate::{CryptoError, Hash, HashId};

/// SHA-1: NAT detection (RFC 7296 2.23) and the classic RSA signature (method 1) hash with it.
pub(crate) const SHA1: &dyn Hash = &ShaHash::<Sha1> { id: HashId::SHA1, hash: PhantomData };
/// SHA-256.
pub(crate) const SHA2_256: &dyn Hash = &ShaHash::<Sha256> { id: HashId::SHA2_256, hash: PhantomData };
/// SHA-384.
pub(crate) const SHA2_384: &dyn Hash = &ShaHash::<Sha384> { id: HashId::SHA2_384, hash: PhantomData };
/// SHA-512.
pub(crate) const SHA2_512: &dyn Hash = &ShaHash::<Sha512> { id: HashId::SHA2_512, hash: PhantomData };

struct ShaHash<D> {
    id: HashId,
    hash: PhantomData<fn() -> D>,
}

impl<D> fmt::Debug for ShaHash<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustCrypto {}", self.id)
    }
}

impl<D: Digest> Hash for ShaHash<D> {
    fn id(&self) -> HashId {
        self.id
    }

    fn digest(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut hash = D::new();
        for part in parts {
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

/// The digest of `message` for a signature scheme's hash.
pub(super) fn message_digest(hash: HashId, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let hash = match hash {
        HashId::SHA1 => SHA1,
        HashId::SHA2_256 => SHA2_256,
        HashId::SHA2_384 => SHA2_384,
        HashId::SHA2_512 => SHA2_512,
        _ => return Err(CryptoError::UnsupportedSignature),
    };
    Ok(hash.digest(&[message]))
}
