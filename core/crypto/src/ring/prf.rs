//! HMAC as a pseudorandom function (RFC 2104, RFC 4868 2.1.2) on *ring*.

use std::fmt;
use std::hint::black_box;

use ::ring::hmac;

use crate::{Prf, PrfId, PrfKey, Secret};

/// HMAC-SHA1.
pub(crate) const HMAC_SHA1: &dyn Prf =
    &HmacPrf { id: PrfId::HMAC_SHA1, algorithm: &hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, output_len: 20 };
/// HMAC-SHA2-256.
pub(crate) const HMAC_SHA2_256: &dyn Prf =
    &HmacPrf { id: PrfId::HMAC_SHA2_256, algorithm: &hmac::HMAC_SHA256, output_len: 32 };
/// HMAC-SHA2-384.
pub(crate) const HMAC_SHA2_384: &dyn Prf =
    &HmacPrf { id: PrfId::HMAC_SHA2_384, algorithm: &hmac::HMAC_SHA384, output_len: 48 };
/// HMAC-SHA2-512.
pub(crate) const HMAC_SHA2_512: &dyn Prf =
    &HmacPrf { id: PrfId::HMAC_SHA2_512, algorithm: &hmac::HMAC_SHA512, output_len: 64 };

struct HmacPrf {
    id: PrfId,
    algorithm: &'static hmac::Algorithm,
    output_len: usize,
}

impl fmt::Debug for HmacPrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ring PRF {}", self.id)
    }
}

impl Prf for HmacPrf {
    fn id(&self) -> PrfId {
        self.id
    }

    fn output_len(&self) -> usize {
        self.output_len
    }

    fn key(&self, key: &[u8]) -> Box<dyn PrfKey> {
        Box::new(HmacKey { keyed: hmac::Key::new(*self.algorithm, key) })
    }
}

struct HmacKey {
    keyed: hmac::Key,
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl HmacKey {
    fn wipe(&mut self) {
        // ring's keyed state has no wiping of its own; see `AeadKey`.
        self.keyed = hmac::Key::new(self.keyed.algorithm(), &[]);
        black_box(&mut self.keyed);
    }
}

impl PrfKey for HmacKey {
    fn compute(&self, parts: &[&[u8]]) -> Secret {
        let mut mac = hmac::Context::with_key(&self.keyed);
        for part in parts {
            mac.update(part);
        }
        Secret::from(mac.sign().as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::{HmacKey, hmac};
    use crate::PrfKey;

    #[test]
    fn wiping_leaves_the_empty_key() {
        for algorithm in [hmac::HMAC_SHA256, hmac::HMAC_SHA512] {
            let mut key = HmacKey { keyed: hmac::Key::new(algorithm, b"secret") };
            let empty = HmacKey { keyed: hmac::Key::new(algorithm, b"") };
            assert_ne!(key.compute(&[b"m"]), empty.compute(&[b"m"]));
            key.wipe();
            assert_eq!(key.compute(&[b"m"]), empty.compute(&[b"m"]));
        }
    }
}
