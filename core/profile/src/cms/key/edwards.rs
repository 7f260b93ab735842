//! Ed25519 (RFC 8032 section 5.1): checking signatures.
//!
//! Strict: encodings must be canonical, points of small order are refused, and the equation is the one without a factor,
//! so that a signature holds here only if it holds for every reader. Points are extended coordinates: `x/z`, `y/z`, and
//! `t` with `x y = z t`.

use std::cmp::Ordering;

use sha2::{Digest, Sha512};

use super::number::{Modulus, Residue, bit, bits, compare, from_bytes, shifted, to_bytes};

/// 2^255 - 19.
const FIELD: [u8; 32] = {
    let mut field = [0xff; 32];
    field[0] = 0x7f;
    field[31] = 0xed;
    field
};

/// The order of the base point.
const ORDER: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58,
    0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

#[derive(Clone)]
struct Point {
    x: Residue,
    y: Residue,
    z: Residue,
    t: Residue,
}

/// A public key.
pub struct EdKey {
    curve: Curve,
    key: Point,
    bytes: [u8; 32],
}

struct Curve {
    field: Modulus,
    order: Modulus,
    /// -121665/121666.
    d: Residue,
    base: Point,
}

impl EdKey {
    /// A key from its 32 bytes; `None` for one that is no canonical point, or of small order.
    pub fn new(bytes: &[u8; 32]) -> Option<Self> {
        let curve = Curve::new()?;
        let key = curve.decode(bytes)?;
        let sound = !curve.is_small(&key);
        sound.then_some(Self { curve, key, bytes: *bytes })
    }

    /// Whether a signature is that of a message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifies(message, signature).unwrap_or(false)
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> Option<bool> {
        let Curve { field, order, .. } = &self.curve;
        let (commitment, s) = signature.split_first_chunk::<32>()?;
        let s: &[u8; 32] = s.try_into().ok()?;
        let s = little(s)?;
        if compare(&s, order.limbs()) != Ordering::Less {
            return Some(false);
        }
        let point = self.curve.decode(commitment)?;
        if self.curve.is_small(&point) {
            return Some(false);
        }
        let digest =
            Sha512::new().chain_update(commitment).chain_update(self.bytes).chain_update(message).finalize();
        let digest: Vec<u8> = digest.iter().rev().copied().collect();
        let k = order.leave(&order.enter_wide(&from_bytes(&digest, 16)?));
        // s B - k A must be the commitment.
        let zero = field.small(0);
        let minus = Point {
            x: field.subtract(&zero, &self.key.x),
            t: field.subtract(&zero, &self.key.t),
            ..self.key.clone()
        };
        Some(self.curve.is_same(&self.curve.sum(&s, &k, &minus), &point))
    }
}

/// A number from bytes, the lowest first.
fn little(bytes: &[u8; 32]) -> Option<Vec<u32>> {
    let bytes: Vec<u8> = bytes.iter().rev().copied().collect();
    from_bytes(&bytes, 8)
}

impl Curve {
    fn new() -> Option<Self> {
        let (field, order) = (Modulus::new(&FIELD)?, Modulus::new(&ORDER)?);
        let quotient =
            |one: u32, other: u32| field.multiply(&field.small(one), &field.invert(&field.small(other)));
        let d = field.subtract(&field.small(0), &quotient(121_665, 121_666));
        let y = quotient(4, 5);
        let zero = field.small(0);
        let nothing = Point { x: zero.clone(), y: zero.clone(), z: zero.clone(), t: zero };
        let mut encoded = to_bytes(&field.leave(&y), 32);
        encoded.reverse();
        let mut curve = Self { field, order, d, base: nothing };
        curve.base = curve.decode(encoded.first_chunk()?)?;
        Some(curve)
    }

    /// A point from its encoding (RFC 8032 section 5.1.3).
    fn decode(&self, bytes: &[u8; 32]) -> Option<Point> {
        let f = &self.field;
        let mut y = *bytes;
        let sign = y.last().is_some_and(|last| last & 0x80 != 0);
        if let Some(last) = y.last_mut() {
            *last &= 0x7f;
        }
        let y = little(&y)?;
        if compare(&y, f.limbs()) != Ordering::Less {
            return None;
        }
        let (y, one) = (f.enter(&y), f.small(1));
        let square = f.multiply(&y, &y);
        let u = f.subtract(&square, &one);
        let v = f.add(&f.multiply(&self.d, &square), &one);
        // u v^3 (u v^7)^((p - 5) / 8), times a root of -1 where that is no root of u / v.
        let cube = f.multiply(&f.multiply(&v, &v), &v);
        let seventh = f.multiply(&f.multiply(&cube, &cube), &v);
        let power = f.power(&f.multiply(&u, &seventh), &shifted(&f.less(5), 3));
        let mut x = f.multiply(&f.multiply(&u, &cube), &power);
        let check = f.multiply(&v, &f.multiply(&x, &x));
        if check != u {
            if check != f.subtract(&f.small(0), &u) {
                return None;
            }
            x = f.multiply(&x, &f.power(&f.small(2), &shifted(&f.less(1), 2)));
        }
        let odd = f.leave(&x).first().is_some_and(|lowest| lowest % 2 == 1);
        if odd != sign {
            x = f.subtract(&f.small(0), &x);
            // 0 has no other sign.
            if f.leave(&x).first().is_none_or(|lowest| (lowest % 2 == 1) != sign) {
                return None;
            }
        }
        let t = f.multiply(&x, &y);
        Some(Point { x, y, z: one, t })
    }

    /// Complete: for equal points and for the neutral one too (RFC 8032 section 5.1.4).
    fn add(&self, one: &Point, other: &Point) -> Point {
        let f = &self.field;
        let a = f.multiply(&f.subtract(&one.y, &one.x), &f.subtract(&other.y, &other.x));
        let b = f.multiply(&f.add(&one.y, &one.x), &f.add(&other.y, &other.x));
        let c = f.multiply(&f.multiply(&one.t, &self.d), &other.t);
        let d = f.multiply(&one.z, &other.z);
        let (c, d) = (f.add(&c, &c), f.add(&d, &d));
        let (e, g) = (f.subtract(&b, &a), f.add(&d, &c));
        let (h, i) = (f.add(&b, &a), f.subtract(&d, &c));
        Point { x: f.multiply(&e, &i), y: f.multiply(&g, &h), z: f.multiply(&i, &g), t: f.multiply(&e, &h) }
    }

    fn neutral(&self) -> Point {
        let (zero, one) = (self.field.small(0), self.field.small(1));
        Point { x: zero.clone(), y: one.clone(), z: one, t: zero }
    }

    /// `one * base + other * point`.
    fn sum(&self, one: &[u32], other: &[u32], point: &Point) -> Point {
        let both = self.add(&self.base, point);
        let mut sum = self.neutral();
        for place in (0..bits(one).max(bits(other))).rev() {
            sum = self.add(&sum, &sum);
            match (bit(one, place), bit(other, place)) {
                (true, true) => sum = self.add(&sum, &both),
                (true, false) => sum = self.add(&sum, &self.base),
                (false, true) => sum = self.add(&sum, point),
                (false, false) => {}
            }
        }
        sum
    }

    /// Whether eight times the point is the neutral one.
    fn is_small(&self, point: &Point) -> bool {
        let mut multiple = point.clone();
        for _ in 0..3 {
            multiple = self.add(&multiple, &multiple);
        }
        self.is_same(&multiple, &self.neutral())
    }

    fn is_same(&self, one: &Point, other: &Point) -> bool {
        let f = &self.field;
        f.multiply(&one.x, &other.z) == f.multiply(&other.x, &one.z)
            && f.multiply(&one.y, &other.z) == f.multiply(&other.y, &one.z)
    }
}
