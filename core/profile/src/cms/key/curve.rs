//! ECDSA on the curves P-256, P-384 and P-521 (FIPS 186-5 section 6.4, SP 800-186 section 3.2.1): checking signatures.
//!
//! Points are Jacobian: `x / z^2`, `y / z^3`, and `z` 0 for the point at infinity. All three curves have -3 for `a`.

use std::cmp::Ordering;

use super::number::{Modulus, Residue, bit, bits, compare, from_bytes, is_zero, shifted};

/// What makes a curve, as hexadecimal digits: field, order, `b`, and the coordinates of the base point.
pub struct Curve {
    field: &'static str,
    order: &'static str,
    b: &'static str,
    base: (&'static str, &'static str),
}

/// P-256.
pub static P256: Curve = Curve {
    field: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
    order: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
    b: "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
    base: (
        "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296",
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
    ),
};

/// P-384.
pub static P384: Curve = Curve {
    field: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF",
    order: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973",
    b: "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF",
    base: (
        "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7",
        "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F",
    ),
};

/// P-521.
pub static P521: Curve = Curve {
    field: "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\
            FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    order: "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\
            FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
    b: "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109\
            E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
    base: (
        "00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3D\
            BAA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66",
        "011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E66\
            2C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650",
    ),
};

/// A point; `z` is 0 at infinity.
#[derive(Clone)]
struct Point {
    x: Residue,
    y: Residue,
    z: Residue,
}

/// A public key on its curve.
pub struct EcKey {
    field: Modulus,
    order: Modulus,
    base: Point,
    key: Point,
    /// Bytes of a coordinate.
    length: usize,
}

/// Bytes from hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    let nibble = |digit: &u8| (*digit as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| pair.iter().filter_map(nibble).fold(0, |byte, nibble| byte << 4 | nibble);
    digits.as_bytes().chunks(2).map(byte).collect()
}

impl EcKey {
    /// A key from its point (SEC 1 section 2.3.4, compressed or not); `None` when that is no point of the curve, or the one
    /// at infinity.
    pub fn new(curve: &Curve, point: &[u8]) -> Option<Self> {
        let (field, order) = (Modulus::new(&hex(curve.field))?, Modulus::new(&hex(curve.order))?);
        let length = hex(curve.field).len();
        let number = |bytes: &[u8]| {
            let number = from_bytes(bytes, field.limbs().len())?;
            (compare(&number, field.limbs()) == Ordering::Less).then(|| field.enter(&number))
        };
        let one = field.small(1);
        let base = Point { x: number(&hex(curve.base.0))?, y: number(&hex(curve.base.1))?, z: one.clone() };
        let (form, coordinates) = point.split_first()?;
        let (x, y) = coordinates.split_at_checked(length)?;
        let x = number(x)?;
        // x^3 - 3x + b
        let square = field.multiply(&x, &x);
        let cube = field.multiply(&field.subtract(&square, &field.small(3)), &x);
        let right = field.add(&cube, &number(&hex(curve.b))?);
        let y = match form {
            4 if y.len() == length => number(y)?,
            2 | 3 if y.is_empty() => {
                // The fields have 3 modulo 4: a root is the power of a quarter of the field and one.
                let mut quarter = shifted(field.limbs(), 2);
                let lowest = quarter.first_mut()?;
                *lowest = lowest.wrapping_add(1);
                let root = field.power(&right, &with_carry(quarter));
                let odd = field.leave(&root).first().is_some_and(|lowest| lowest % 2 == 1);
                if odd == (*form == 3) { root } else { field.subtract(&field.small(0), &root) }
            }
            _ => return None,
        };
        let holds = field.multiply(&y, &y) == right;
        let key = Point { x, y, z: one };
        holds.then_some(Self { field, order, base, key, length })
    }

    /// Whether a signature (`ECDSA-Sig-Value` in DER, RFC 3279 section 2.2.3) is that of a digest.
    pub fn verify(&self, digest: &[u8], signature: &[u8]) -> bool {
        self.verifies(digest, signature).unwrap_or(false)
    }

    fn verifies(&self, digest: &[u8], signature: &[u8]) -> Option<bool> {
        let order = &self.order;
        let (r, rest) = integer(sequence(signature)?)?;
        let (s, rest) = integer(rest)?;
        let in_range = |bytes: &[u8]| {
            let number = from_bytes(bytes, order.limbs().len())?;
            (!is_zero(&number) && compare(&number, order.limbs()) == Ordering::Less).then_some(number)
        };
        let (r, s) = (in_range(r)?, in_range(s)?);
        if !rest.is_empty() {
            return None;
        }
        // The leftmost bits of the digest; no hash here is longer than the order without being longer by whole bytes.
        let digest = digest.get(..digest.len().min(self.length))?;
        let inverse = order.invert(&order.enter(&s));
        let scalar = |number: &[u32]| order.leave(&order.multiply(&order.enter(number), &inverse));
        let (of_base, of_key) = (scalar(&from_bytes(digest, order.limbs().len())?), scalar(&r));
        let sum = self.sum(&of_base, &of_key);
        if is_zero(&sum.z) {
            return Some(false);
        }
        let z = self.field.invert(&sum.z);
        let x = self.field.leave(&self.field.multiply(&sum.x, &self.field.multiply(&z, &z)));
        // Both are reduced by the order: the field is a little greater than it.
        Some(order.enter(&x) == order.enter(&r))
    }

    /// `one * base + other * key`, both at once.
    fn sum(&self, one: &[u32], other: &[u32]) -> Point {
        let both = self.add(&self.base, &self.key);
        let mut sum = Point { z: self.field.small(0), ..self.base.clone() };
        for place in (0..bits(one).max(bits(other))).rev() {
            sum = self.double(&sum);
            match (bit(one, place), bit(other, place)) {
                (true, true) => sum = self.add(&sum, &both),
                (true, false) => sum = self.add(&sum, &self.base),
                (false, true) => sum = self.add(&sum, &self.key),
                (false, false) => {}
            }
        }
        sum
    }

    fn double(&self, point: &Point) -> Point {
        let f = &self.field;
        let delta = f.multiply(&point.z, &point.z);
        let gamma = f.multiply(&point.y, &point.y);
        let beta = f.multiply(&point.x, &gamma);
        // 3 (x - z^2) (x + z^2), since a is -3.
        let alpha = f.multiply(&f.subtract(&point.x, &delta), &f.add(&point.x, &delta));
        let alpha = f.add(&f.add(&alpha, &alpha), &alpha);
        let twice = |number: &Residue| f.add(number, number);
        let (beta4, gamma8) = (twice(&twice(&beta)), twice(&twice(&twice(&f.multiply(&gamma, &gamma)))));
        let x = f.subtract(&f.multiply(&alpha, &alpha), &twice(&beta4));
        let y = f.subtract(&f.multiply(&alpha, &f.subtract(&beta4, &x)), &gamma8);
        let z = f.multiply(&twice(&point.y), &point.z);
        Point { x, y, z }
    }

    fn add(&self, one: &Point, other: &Point) -> Point {
        let f = &self.field;
        if is_zero(&one.z) {
            return other.clone();
        }
        if is_zero(&other.z) {
            return one.clone();
        }
        let (z1, z2) = (f.multiply(&one.z, &one.z), f.multiply(&other.z, &other.z));
        let (u1, u2) = (f.multiply(&one.x, &z2), f.multiply(&other.x, &z1));
        let s1 = f.multiply(&one.y, &f.multiply(&other.z, &z2));
        let s2 = f.multiply(&other.y, &f.multiply(&one.z, &z1));
        let (h, r) = (f.subtract(&u2, &u1), f.subtract(&s2, &s1));
        if is_zero(&h) {
            return if is_zero(&r) { self.double(one) } else { Point { z: h, ..one.clone() } };
        }
        let square = f.multiply(&h, &h);
        let (cube, v) = (f.multiply(&square, &h), f.multiply(&u1, &square));
        let x = f.subtract(&f.subtract(&f.multiply(&r, &r), &cube), &f.add(&v, &v));
        let y = f.subtract(&f.multiply(&r, &f.subtract(&v, &x)), &f.multiply(&s1, &cube));
        Point { x, y, z: f.multiply(&h, &f.multiply(&one.z, &other.z)) }
    }
}

/// A number whose lowest limb was counted up, with what that carried.
fn with_carry(mut number: Vec<u32>) -> Vec<u32> {
    let mut carried = number.first() == Some(&0);
    for limb in number.iter_mut().skip(1) {
        if !carried {
            break;
        }
        *limb = limb.wrapping_add(1);
        carried = *limb == 0;
    }
    number
}

/// The content of a SEQUENCE in DER that is the whole input.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (content, rest) = element(bytes, 0x30)?;
    rest.is_empty().then_some(content)
}

/// A positive INTEGER in DER, and what follows it.
fn integer(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, rest) = element(bytes, 0x02)?;
    let minimal = match content {
        [] => false,
        [first, ..] if first & 0x80 != 0 => false,
        [0, second, ..] => second & 0x80 != 0,
        _ => true,
    };
    minimal.then_some((content, rest))
}

/// The content of an element in DER, of less than 256 bytes, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [found, length, rest @ ..] if *found == tag && *length < 0x80 => (*length, rest),
        [found, 0x81, length, rest @ ..] if *found == tag && *length >= 0x80 => (*length, rest),
        _ => return None,
    };
    rest.split_at_checked(usize::from(length))
}
