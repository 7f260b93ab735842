//! Diffie-Hellman over the NIST curves (RFC 5903) on RustCrypto's `p256`, `p384` and `p521`.
//!
//! Public values are `x | y` without a point format octet; a peer's point must lie on the curve
//! (RFC 6989 2.3). The shared secret is the x coordinate (RFC 5903 9). Arithmetic is constant time.

use std::fmt;
use std::marker::PhantomData;

use p256::NistP256;
use p256::elliptic_curve::ecdh::diffie_hellman;
use p256::elliptic_curve::ff::PrimeField;
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{AffinePoint, Curve, CurveArithmetic, FieldBytes, NonZeroScalar, PublicKey};
use p384::NistP384;
use p521::NistP521;
use zeroize::{Zeroize, Zeroizing};

use crate::{ActiveKeyExchange, CryptoError, DhGroup, KeyExchange, Secret, SecureRandom};

/// P-256, group 19.
pub(crate) const ECP_256: &dyn KeyExchange =
    &Ecp::<NistP256> { group: DhGroup::ECP_256, field_len: 32, top_mask: 0xff, curve: PhantomData };
/// P-384, group 20.
pub(crate) const ECP_384: &dyn KeyExchange =
    &Ecp::<NistP384> { group: DhGroup::ECP_384, field_len: 48, top_mask: 0xff, curve: PhantomData };
/// P-521, group 21.
pub(crate) const ECP_521: &dyn KeyExchange =
    &Ecp::<NistP521> { group: DhGroup::ECP_521, field_len: 66, top_mask: 0x01, curve: PhantomData };

/// A random source that gives this many unusable scalars in a row is broken: the worst curve refuses
/// one in 2^32.
const SCALAR_ATTEMPTS: usize = 16;

/// The curve traits this module needs.
trait NistCurve:
    Curve<FieldBytesSize: ModulusSize> + CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>>
{
}
impl NistCurve for NistP256 {}
impl NistCurve for NistP384 {}
impl NistCurve for NistP521 {}

struct Ecp<C> {
    group: DhGroup,
    /// Bytes of a coordinate.
    field_len: usize,
    /// The bits a scalar may have in its first byte.
    top_mask: u8,
    curve: PhantomData<fn() -> C>,
}

impl<C> fmt::Debug for Ecp<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustCrypto {}", self.group)
    }
}

impl<C: NistCurve> KeyExchange for Ecp<C> {
    fn group(&self) -> DhGroup {
        self.group
    }

    fn public_len(&self) -> usize {
        2 * self.field_len
    }

    fn generate(&self, random: &dyn SecureRandom) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let scalar = self.random_scalar(random)?;
        let point = PublicKey::<C>::from_secret_scalar(&scalar).to_sec1_point(false);
        let public = point.as_bytes().get(1..).unwrap_or_default().to_vec();
        Ok(Box::new(EcpKey::<C> { group: self.group, scalar, public }))
    }
}

impl<C: NistCurve> Ecp<C> {
    /// A scalar in `1..n`, by rejection (NIST SP 800-56A 5.6.1.2.2).
    fn random_scalar(&self, random: &dyn SecureRandom) -> Result<NonZeroScalar<C>, CryptoError> {
        for _ in 0..SCALAR_ATTEMPTS {
            let mut bytes = Zeroizing::new(FieldBytes::<C>::default());
            random.fill(&mut bytes)?;
            if let Some(first) = bytes.first_mut() {
                *first &= self.top_mask;
            }
            let scalar = C::Scalar::from_repr(*bytes).into_option();
            if let Some(scalar) = scalar.and_then(|scalar| NonZeroScalar::new(scalar).into_option()) {
                return Ok(scalar);
            }
        }
        Err(CryptoError::Random)
    }
}

/// A key pair; the scalar is wiped on drop.
struct EcpKey<C: CurveArithmetic> {
    group: DhGroup,
    scalar: NonZeroScalar<C>,
    public: Vec<u8>,
}

impl<C: CurveArithmetic> Drop for EcpKey<C> {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl<C: NistCurve> ActiveKeyExchange for EcpKey<C> {
    fn group(&self) -> DhGroup {
        self.group
    }

    fn public_value(&self) -> &[u8] {
        &self.public
    }

    fn complete(&self, peer: &[u8]) -> Result<Secret, CryptoError> {
        let bad = |reason| CryptoError::BadPublicValue { group: self.group, reason };
        // Checked before the copy, so that nothing of the peer's size is ever allocated.
        if peer.len() != self.public.len() {
            return Err(bad("its length is not that of two coordinates"));
        }
        let mut point = Vec::with_capacity(peer.len() + 1);
        point.push(0x04);
        point.extend_from_slice(peer);
        let point = PublicKey::<C>::from_sec1_bytes(&point).map_err(|_| bad("it is not on the curve"))?;
        let affine: &AffinePoint<C> = point.as_affine();
        let shared = diffie_hellman::<C>(&self.scalar, affine);
        Ok(Secret::from(shared.raw_secret_bytes().as_slice()))
    }
}
