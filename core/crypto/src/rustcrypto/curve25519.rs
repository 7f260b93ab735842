//! Curve25519 key exchange (RFC 7748, RFC 8031) on `x25519-dalek`, constant time.

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::{ActiveKeyExchange, CryptoError, DhGroup, KeyExchange, Secret, SecureRandom};

/// Curve25519, group 31.
pub(crate) const CURVE25519: &dyn KeyExchange = &Curve25519;

#[derive(Debug)]
struct Curve25519;

impl KeyExchange for Curve25519 {
    fn group(&self) -> DhGroup {
        DhGroup::CURVE25519
    }

    fn public_len(&self) -> usize {
        32
    }

    fn generate(&self, random: &dyn SecureRandom) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut_slice())?;
        let secret = StaticSecret::from(*bytes);
        let public = PublicKey::from(&secret).to_bytes();
        Ok(Box::new(Key { secret, public }))
    }
}

/// A key pair; the secret wipes itself. It is used once, because [`ActiveKeyExchange::complete`] takes
/// the pair by value.
struct Key {
    secret: StaticSecret,
    public: [u8; 32],
}

impl ActiveKeyExchange for Key {
    fn group(&self) -> DhGroup {
        DhGroup::CURVE25519
    }

    fn public_value(&self) -> &[u8] {
        &self.public
    }

    fn complete(&self, peer: &[u8]) -> Result<Secret, CryptoError> {
        let bad = |reason| CryptoError::BadPublicValue { group: DhGroup::CURVE25519, reason };
        let peer: [u8; 32] = peer.try_into().map_err(|_| bad("its length is not 32"))?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(peer));
        // RFC 8031 2: a point of small order gives a secret that anyone knows.
        if !shared.was_contributory() {
            return Err(bad("it is of small order"));
        }
        Ok(Secret::from(shared.as_bytes().as_slice()))
    }
}
