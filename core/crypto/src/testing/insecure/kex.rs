//! **TESTS ONLY.** Key exchange by exclusive or, with the lengths of the real groups. Costs nothing.

use crate::{ActiveKeyExchange, CryptoError, DhGroup, KeyExchange, Secret, SecureRandom};

/// Every group of the default provider.
pub(in crate::testing) const KEY_EXCHANGES: &[&dyn KeyExchange] = &[
    &Fake { group: DhGroup::CURVE25519, public: 32, shared: 32 },
    &Fake { group: DhGroup::ECP_256, public: 64, shared: 32 },
    &Fake { group: DhGroup::ECP_384, public: 96, shared: 48 },
    &Fake { group: DhGroup::ECP_521, public: 132, shared: 66 },
    &Fake { group: DhGroup::MODP_2048, public: 256, shared: 256 },
    &Fake { group: DhGroup::MODP_3072, public: 384, shared: 384 },
    &Fake { group: DhGroup::MODP_4096, public: 512, shared: 512 },
];

#[derive(Clone, Copy, Debug)]
struct Fake {
    group: DhGroup,
    public: usize,
    shared: usize,
}

impl KeyExchange for Fake {
    fn group(&self) -> DhGroup {
        self.group
    }

    fn public_len(&self) -> usize {
        self.public
    }

    fn generate(&self, random: &dyn SecureRandom) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let mut public = vec![0; self.public];
        random.fill(&mut public)?;
        Ok(Box::new(FakeKey { fake: *self, public }))
    }
}

struct FakeKey {
    fake: Fake,
    public: Vec<u8>,
}

impl ActiveKeyExchange for FakeKey {
    fn group(&self) -> DhGroup {
        self.fake.group
    }

    fn public_value(&self) -> &[u8] {
        &self.public
    }

    fn complete(&self, peer: &[u8]) -> Result<Secret, CryptoError> {
        if peer.len() != self.public.len() {
            return Err(CryptoError::BadPublicValue { group: self.fake.group, reason: "its length" });
        }
        let mixed = self.public.iter().zip(peer).map(|(ours, theirs)| ours ^ theirs);
        Ok(Secret::new(mixed.take(self.fake.shared).collect()))
    }
}
