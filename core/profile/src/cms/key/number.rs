//! Arithmetic modulo an odd number, for checking signatures.
//!
//! One implementation for RSA and for all curves, on limbs of 32 bits (Montgomery's multiplication): a web page loads it,
//! so it is small rather than fast. **For public values only**: the time depends on the numbers.

use std::cmp::Ordering;

/// A modulus and what multiplying needs of it.
pub(super) struct Modulus {
    /// The lowest limb first.
    limbs: Vec<u32>,
    /// `-1 / modulus` modulo 2^32.
    inverse: u32,
    /// `R^2`, with `R` one more than the greatest number of so many limbs.
    square: Vec<u32>,
}

/// A number below a modulus in Montgomery's form, `number * R`; only its modulus can tell what it is.
pub(super) type Residue = Vec<u32>;

/// A number from its bytes, the highest first, in `length` limbs; `None` when it is too long.
pub(super) fn from_bytes(bytes: &[u8], length: usize) -> Option<Vec<u32>> {
    let mut limbs = vec![0; length];
    for (place, byte) in bytes.iter().rev().enumerate() {
        match limbs.get_mut(place / 4) {
            Some(limb) => *limb |= u32::from(*byte) << (8 * (place % 4)),
            None if *byte == 0 => {}
            None => return None,
        }
    }
    Some(limbs)
}

/// The bytes of a number, the highest first, in `length` bytes; higher ones are left out.
pub(super) fn to_bytes(limbs: &[u32], length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    bytes.resize(length, 0);
    bytes.reverse();
    bytes
}

/// How many bits a number has.
pub(super) fn bits(limbs: &[u32]) -> usize {
    let top = limbs.iter().rposition(|limb| *limb != 0);
    top.map_or(0, |place| 32 * place + 32 - limbs.get(place).map_or(0, |limb| limb.leading_zeros() as usize))
}

/// Whether a bit is set.
pub(super) fn bit(limbs: &[u32], place: usize) -> bool {
    limbs.get(place / 32).is_some_and(|limb| limb >> (place % 32) & 1 == 1)
}

pub(super) fn is_zero(limbs: &[u32]) -> bool {
    limbs.iter().all(|limb| *limb == 0)
}

/// Compares two numbers of equally many limbs.
pub(super) fn compare(one: &[u32], other: &[u32]) -> Ordering {
    one.iter().rev().cmp(other.iter().rev())
}

/// `one += other`; whether it overflowed.
fn add(one: &mut [u32], other: &[u32]) -> bool {
    let mut carry = false;
    for (limb, other) in one.iter_mut().zip(other) {
        let (sum, first) = limb.overflowing_add(*other);
        let (sum, second) = sum.overflowing_add(u32::from(carry));
        *limb = sum;
        carry = first | second;
    }
    carry
}

/// `one -= other`; whether it went below 0.
fn subtract(one: &mut [u32], other: &[u32]) -> bool {
    let mut borrow = false;
    for (limb, other) in one.iter_mut().zip(other) {
        let (rest, first) = limb.overflowing_sub(*other);
        let (rest, second) = rest.overflowing_sub(u32::from(borrow));
        *limb = rest;
        borrow = first | second;
    }
    borrow
}

impl Modulus {
    /// A modulus from its bytes, the highest first; `None` for an even one and for 1.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let used = bytes.iter().position(|byte| *byte != 0)?;
        let bytes = bytes.get(used..)?;
        let limbs = from_bytes(bytes, bytes.len().div_ceil(4))?;
        let lowest = *limbs.first()?;
        if lowest % 2 == 0 || bits(&limbs) < 2 {
            return None;
        }
        // Newton's iteration doubles the bits that are right.
        let mut inverse = lowest;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u32.wrapping_sub(lowest.wrapping_mul(inverse)));
        }
        let mut modulus = Self { limbs, inverse: inverse.wrapping_neg(), square: Vec::new() };
        // From the highest power of two below the modulus to 2 * R, by doubling.
        let (length, top) = (modulus.limbs.len(), bits(&modulus.limbs) - 1);
        let mut double = vec![0; length];
        if let Some(limb) = double.get_mut(top / 32) {
            *limb = 1 << (top % 32);
        }
        for _ in top..=32 * length {
            double = modulus.add(&double, &double);
        }
        // 2 to the number of bits of R is R, and in Montgomery's form its square.
        let exponent = u32::try_from(32 * length).ok()?;
        modulus.square = modulus.power(&double, &[exponent]);
        Some(modulus)
    }

    /// The modulus itself.
    pub fn limbs(&self) -> &[u32] {
        &self.limbs
    }

    /// A number of as many limbs as the modulus, of any size.
    pub fn enter(&self, number: &[u32]) -> Residue {
        self.multiply(number, &self.square)
    }

    /// A small number.
    pub fn small(&self, number: u32) -> Residue {
        let mut limbs = vec![0; self.limbs.len()];
        if let Some(lowest) = limbs.first_mut() {
            *lowest = number;
        }
        self.enter(&limbs)
    }

    /// A number of up to twice as many limbs.
    pub fn enter_wide(&self, number: &[u32]) -> Residue {
        let (low, high) = number.split_at(number.len().min(self.limbs.len()));
        let whole = |part: &[u32]| {
            let mut part = part.to_vec();
            part.resize(self.limbs.len(), 0);
            part
        };
        // What stands high counts R times as much, and entering once more multiplies by R.
        self.add(&self.enter(&whole(low)), &self.enter(&self.enter(&whole(high))))
    }

    /// The number that a residue stands for.
    pub fn leave(&self, residue: &Residue) -> Vec<u32> {
        let mut one = vec![0; self.limbs.len()];
        if let Some(lowest) = one.first_mut() {
            *lowest = 1;
        }
        self.multiply(residue, &one)
    }

    pub fn add(&self, one: &Residue, other: &Residue) -> Residue {
        let mut sum = one.clone();
        let overflow = add(&mut sum, other);
        self.reduce(sum, overflow)
    }

    pub fn subtract(&self, one: &Residue, other: &Residue) -> Residue {
        let mut rest = one.clone();
        if subtract(&mut rest, other) {
            add(&mut rest, &self.limbs);
        }
        rest
    }

    /// `one * other / R`: of two residues the residue of their product. One of them must be below the modulus.
    pub fn multiply(&self, one: &[u32], other: &[u32]) -> Residue {
        let mut sum = vec![0_u32; self.limbs.len()];
        let mut high = 0_u64;
        for limb in one {
            high += accumulate(&mut sum, *limb, other);
            let quotient = sum.first().map_or(0, |lowest| lowest.wrapping_mul(self.inverse));
            high += accumulate(&mut sum, quotient, &self.limbs);
            // The lowest limb is 0 now: one limb down.
            sum.rotate_left(1);
            if let Some(last) = sum.last_mut() {
                // Truncated to the limb on purpose.
                *last = high as u32;
            }
            high >>= 32;
        }
        self.reduce(sum, high != 0)
    }

    /// `base` to the power of a number.
    pub fn power(&self, base: &Residue, exponent: &[u32]) -> Residue {
        let Some(top) = bits(exponent).checked_sub(1) else { return self.small(1) };
        let mut result = base.clone();
        for place in (0..top).rev() {
            result = self.multiply(&result, &result);
            if bit(exponent, place) {
                result = self.multiply(&result, base);
            }
        }
        result
    }

    /// `1 / residue` modulo a prime (Fermat); 0 of 0.
    pub fn invert(&self, residue: &Residue) -> Residue {
        self.power(residue, &self.less(2))
    }

    /// The modulus less a small number.
    pub fn less(&self, number: u32) -> Vec<u32> {
        let mut rest = self.limbs.clone();
        let mut small = vec![0; rest.len()];
        if let Some(lowest) = small.first_mut() {
            *lowest = number;
        }
        subtract(&mut rest, &small);
        rest
    }

    /// Below the modulus, from a number below twice the modulus.
    fn reduce(&self, mut number: Vec<u32>, overflow: bool) -> Residue {
        if overflow || compare(&number, &self.limbs) != Ordering::Less {
            subtract(&mut number, &self.limbs);
        }
        number
    }
}

/// `sum += factor * number`; what goes beyond the highest limb.
fn accumulate(sum: &mut [u32], factor: u32, number: &[u32]) -> u64 {
    let mut carry = 0;
    for (limb, other) in sum.iter_mut().zip(number) {
        carry += u64::from(*limb) + u64::from(factor) * u64::from(*other);
        // Truncated to the limb on purpose.
        *limb = carry as u32;
        carry >>= 32;
    }
    carry
}

/// `number >> count`, for fewer than 32 bits.
pub(super) fn shifted(number: &[u32], count: u32) -> Vec<u32> {
    let above = number.iter().skip(1).chain(std::iter::once(&0));
    let shift = |(low, high): (&u32, &u32)| ((u64::from(*high) << 32 | u64::from(*low)) >> count) as u32;
    number.iter().zip(above).map(shift).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rsa::BoxedUint;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn products_and_powers_are_those_of_another_library(
            mut modulus in prop::collection::vec(any::<u8>(), 1..90),
            one in prop::collection::vec(any::<u8>(), 0..90),
            other in prop::collection::vec(any::<u8>(), 0..90),
            exponent in any::<u32>(),
        ) {
            *modulus.last_mut().unwrap() |= 1;
            let Some(ours) = Modulus::new(&modulus) else { return Ok(()) };
            let length = ours.limbs().len();
            let wide = 2 * 96 * 8;
            let big = |bytes: &[u8]| {
                let mut whole = vec![0; wide as usize / 8 - bytes.len()];
                whole.extend_from_slice(bytes);
                BoxedUint::from_be_slice(&whole, wide).unwrap()
            };
            let theirs = big(&modulus).to_nz().unwrap();
            // Both factors are far below half of the width.
            let product = |one: &BoxedUint, other: &BoxedUint| one.wrapping_mul(other).rem_vartime(&theirs);
            let cut = |bytes: &[u8]| bytes[..bytes.len().min(4 * length)].to_vec();
            let (one, other) = (cut(&one), cut(&other));
            let enter = |bytes: &[u8]| ours.enter(&from_bytes(bytes, length).unwrap());
            let (a, b) = (enter(&one), enter(&other));
            let leave = |residue: &Residue| big(&to_bytes(&ours.leave(residue), 96));
            let (x, y) = (big(&one).rem_vartime(&theirs), big(&other).rem_vartime(&theirs));
            prop_assert_eq!(leave(&ours.multiply(&a, &b)), product(&x, &y));
            prop_assert_eq!(leave(&ours.add(&a, &b)), x.wrapping_add(&y).rem_vartime(&theirs));
            prop_assert_eq!(leave(&ours.add(&ours.subtract(&a, &b), &b)), x.clone());
            let mut power = big(&[1]).rem_vartime(&theirs);
            for place in (0..32).rev() {
                power = product(&power, &power);
                if exponent >> place & 1 == 1 {
                    power = product(&power, &x);
                }
            }
            prop_assert_eq!(leave(&ours.power(&a, &[exponent])), power);
            let wide_number = from_bytes(&[one.clone(), other.clone()].concat(), 2 * length);
            if let Some(number) = wide_number {
                let expected = big(&[one, other].concat()).rem_vartime(&theirs);
                prop_assert_eq!(leave(&ours.enter_wide(&number)), expected);
            }
        }
    }

    #[test]
    fn moduli_that_cannot_be_computed_with_are_refused() {
        for wrong in [&[][..], &[0], &[1], &[2], &[0, 0, 1], &[7, 0]] {
            assert!(Modulus::new(wrong).is_none(), "{wrong:?}");
        }
        let three = Modulus::new(&[0, 0, 3]).unwrap();
        assert_eq!(three.leave(&three.multiply(&three.small(2), &three.small(2))), [1]);
        assert_eq!(three.leave(&three.invert(&three.small(2))), [2]);
    }
}
