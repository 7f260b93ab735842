//! HMAC as a pseudorandom function (RFC 2104, RFC 4868 2.1.2) on RustCrypto's `hmac`.

use std::fmt;
use std::marker::PhantomData;

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::{Prf, PrfId, PrfKey, Secret};

/// HMAC-SHA1.
pub(crate) const HMAC_SHA1: &dyn Prf = &HmacPrf::<Sha1> { id: PrfId::HMAC_SHA1, hash: PhantomData };
/// HMAC-SHA2-256.
pub(crate) const HMAC_SHA2_256: &dyn Prf = &HmacPrf::<Sha256> { id: PrfId::HMAC_SHA2_256, hash: PhantomData };
/// HMAC-SHA2-384.
pub(crate) const HMAC_SHA2_384: &dyn Prf = &HmacPrf::<Sha384> { id: PrfId::HMAC_SHA2_384, hash: PhantomData };
/// HMAC-SHA2-512.
pub(crate) const HMAC_SHA2_512: &dyn Prf = &HmacPrf::<Sha512> { id: PrfId::HMAC_SHA2_512, hash: PhantomData };

struct HmacPrf<D> {
    id: PrfId,
    hash: PhantomData<fn() -> D>,
}

impl<D> fmt::Debug for HmacPrf<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustCrypto PRF {}", self.id)
    }
}

impl<D> Prf for HmacPrf<D>
where
    D: EagerHash<Core: Send + Sync> + 'static,
{
    fn id(&self) -> PrfId {
        self.id
    }

    fn output_len(&self) -> usize {
        <Hmac<D> as hmac::digest::OutputSizeUser>::output_size()
    }

    fn key(&self, key: &[u8]) -> Box<dyn PrfKey> {
        // HMAC takes a key of any length; the error type is there for MACs that do not.
        let keyed = <Hmac<D> as KeyInit>::new_from_slice(key)
            .unwrap_or_else(|_| <Hmac<D> as KeyInit>::new(&Default::default()));
        Box::new(HmacKey { keyed })
    }
}

/// The keyed state wipes itself.
struct HmacKey<D: EagerHash> {
    keyed: Hmac<D>,
}

impl<D> PrfKey for HmacKey<D>
where
    D: EagerHash<Core: Send + Sync> + 'static,
{
    fn compute(&self, parts: &[&[u8]]) -> Secret {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(part);
        }
        Secret::from(mac.finalize().as_bytes().as_slice())
    }
}
