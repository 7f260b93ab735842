//! SHA-1 and SHA-2 on *ring*.

use std::fmt;

use ::ring::digest;

use crate::{Hash, HashId};

/// SHA-1: NAT detection (RFC 7296 2.23) and the classic RSA signature (method 1) hash with it.
pub(crate) const SHA1: &dyn Hash =
    &ShaHash { id: HashId::SHA1, algorithm: &digest::SHA1_FOR_LEGACY_USE_ONLY };
/// SHA-256.
pub(crate) const SHA2_256: &dyn Hash = &ShaHash { id: HashId::SHA2_256, algorithm: &digest::SHA256 };
/// SHA-384.
pub(crate) const SHA2_384: &dyn Hash = &ShaHash { id: HashId::SHA2_384, algorithm: &digest::SHA384 };
/// SHA-512.
pub(crate) const SHA2_512: &dyn Hash = &ShaHash { id: HashId::SHA2_512, algorithm: &digest::SHA512 };

struct ShaHash {
    id: HashId,
    algorithm: &'static digest::Algorithm,
}

impl fmt::Debug for ShaHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ring {}", self.id)
    }
}

impl Hash for ShaHash {
    fn id(&self) -> HashId {
        self.id
    }

    fn digest(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut hash = digest::Context::new(self.algorithm);
        for part in parts {
            hash.update(part);
        }
        hash.finish().as_ref().to_vec()
    }
}
