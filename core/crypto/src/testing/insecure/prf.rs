//! **TESTS ONLY.** PRFs whose output never changes, so that every AUTH payload and every key matches.

use crate::{Prf, PrfId, PrfKey, Secret};

/// Every PRF of the default provider.
pub(in crate::testing) const PRFS: &[&dyn Prf] = &[
    &Fake { id: PrfId::HMAC_SHA2_512, len: 64 },
    &Fake { id: PrfId::HMAC_SHA2_384, len: 48 },
    &Fake { id: PrfId::HMAC_SHA2_256, len: 32 },
    &Fake { id: PrfId::HMAC_SHA1, len: 20 },
];

/// Every octet of every output.
const FILL: u8 = 0x5c;

#[derive(Clone, Copy, Debug)]
struct Fake {
    id: PrfId,
    len: usize,
}

impl Prf for Fake {
    fn id(&self) -> PrfId {
        self.id
    }

    fn output_len(&self) -> usize {
        self.len
    }

    fn key(&self, _key: &[u8]) -> Box<dyn PrfKey> {
        Box::new(*self)
    }
}

impl PrfKey for Fake {
    fn compute(&self, _parts: &[&[u8]]) -> Secret {
        Secret::new(vec![FILL; self.len])
    }
}
