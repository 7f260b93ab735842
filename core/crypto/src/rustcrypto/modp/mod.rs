//! Diffie-Hellman over the MODP groups of RFC 3526, on RustCrypto's `crypto-bigint`.
//!
//! Exponentiation is constant time (fixed window over Montgomery form). Exponents are short: twice the
//! larger strength estimate of RFC 3526 8, which keeps the group's strength and saves most of the time.
//! Peers' values are checked as RFC 6989 2.1 asks for groups of a safe prime: `1 < y < p - 1`.

mod primes;

use std::fmt;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use zeroize::{Zeroize, Zeroizing};

use crate::{ActiveKeyExchange, CryptoError, DhGroup, KeyExchange, Secret, SecureRandom};

/// 2048-bit MODP, group 14.
pub(crate) const MODP_2048: &dyn KeyExchange =
    &Modp { group: DhGroup::MODP_2048, prime: &primes::MODP_2048, exponent_len: 40 };
/// 3072-bit MODP, group 15.
pub(crate) const MODP_3072: &dyn KeyExchange =
    &Modp { group: DhGroup::MODP_3072, prime: &primes::MODP_3072, exponent_len: 53 };
/// 4096-bit MODP, group 16.
pub(crate) const MODP_4096: &dyn KeyExchange =
    &Modp { group: DhGroup::MODP_4096, prime: &primes::MODP_4096, exponent_len: 60 };

#[derive(Clone, Copy)]
struct Modp {
    group: DhGroup,
    prime: &'static [u8],
    /// Bytes of the secret exponent.
    exponent_len: usize,
}

impl Modp {
    fn bad_value(&self, reason: &'static str) -> CryptoError {
        CryptoError::BadPublicValue { group: self.group, reason }
    }

    /// `base ^ exponent mod p`, padded to the length of p. `base` is below p.
    fn power(&self, base: BoxedUint, exponent: &BoxedUint, params: &BoxedMontyParams) -> Zeroizing<Vec<u8>> {
        let exponent_bits = u32::try_from(self.exponent_len).unwrap_or(u32::MAX).saturating_mul(8);
        let mut power = BoxedMontyForm::new(base, params).pow_bounded_exp(exponent, exponent_bits);
        let mut value = power.retrieve();
        power.zeroize();
        let mut bytes = value.to_be_bytes();
        value.zeroize();
        let padded = Zeroizing::new(bytes.to_vec());
        bytes.zeroize();
        padded
    }
}

impl fmt::Debug for Modp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustCrypto {}", self.group)
    }
}

impl KeyExchange for Modp {
    fn group(&self) -> DhGroup {
        self.group
    }

    fn public_len(&self) -> usize {
        self.prime.len()
    }

    fn generate(&self, random: &dyn SecureRandom) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let bits = u32::try_from(self.prime.len()).unwrap_or(u32::MAX).saturating_mul(8);
        let prime = BoxedUint::from_be_slice(self.prime, bits).map_err(|_| CryptoError::BadLength)?;
        let prime: Odd<BoxedUint> =
            Odd::new(prime).into_option().ok_or(CryptoError::BadKey("the group's modulus is even"))?;
        let params = BoxedMontyParams::new_vartime(prime);

        let mut bytes = Zeroizing::new(vec![0; self.exponent_len]);
        random.fill(&mut bytes)?;
        let exponent_bits = u32::try_from(self.exponent_len).unwrap_or(u32::MAX).saturating_mul(8);
        let exponent = BoxedUint::from_be_slice(&bytes, exponent_bits).map_err(|_| CryptoError::BadLength)?;

        let mut active = ModpKey { modp: *self, params, exponent, public: Vec::new() };
        let two = BoxedUint::from_be_slice(&[2], bits).map_err(|_| CryptoError::BadLength)?;
        active.public = self.power(two, &active.exponent, &active.params).to_vec();
        // An exponent of all zeros would give a public value that every peer must refuse.
        if is_zero_or_one(&active.public) {
            return Err(CryptoError::Random);
        }
        Ok(Box::new(active))
    }
}

/// A key pair; the exponent is wiped on drop.
struct ModpKey {
    modp: Modp,
    params: BoxedMontyParams,
    exponent: BoxedUint,
    public: Vec<u8>,
}

impl Drop for ModpKey {
    fn drop(&mut self) {
        self.exponent.zeroize();
    }
}

impl ActiveKeyExchange for ModpKey {
    fn group(&self) -> DhGroup {
        self.modp.group
    }

    fn public_value(&self) -> &[u8] {
        &self.public
    }

    fn complete(&self, peer: &[u8]) -> Result<Secret, CryptoError> {
        // Lengths first, so that nothing of the peer's size is ever allocated.
        if peer.len() != self.modp.prime.len() {
            return Err(self.modp.bad_value("its length is not the modulus length"));
        }
        if is_zero_or_one(peer) {
            return Err(self.modp.bad_value("it is 0 or 1"));
        }
        // Both are big-endian of one length, so byte order is numeric order. p is odd: p - 1 differs in
        // the last byte only.
        if peer >= self.modp.prime || is_prime_less_one(peer, self.modp.prime) {
            return Err(self.modp.bad_value("it is not below the modulus less one"));
        }
        let base = BoxedUint::from_be_slice(peer, self.params.bits_precision())
            .map_err(|_| self.modp.bad_value("it does not fit the modulus"))?;
        let shared = self.modp.power(base, &self.exponent, &self.params);
        Ok(Secret::from(shared.as_slice()))
    }
}

fn is_zero_or_one(value: &[u8]) -> bool {
    match value.split_last() {
        Some((last, front)) => *last <= 1 && front.iter().all(|byte| *byte == 0),
        None => true,
    }
}

fn is_prime_less_one(value: &[u8], prime: &[u8]) -> bool {
    match (value.split_last(), prime.split_last()) {
        (Some((last, front)), Some((prime_last, prime_front))) => {
            front == prime_front && last.checked_add(1) == Some(*prime_last)
        }
        _ => false,
    }
}
