//! Signatures checked in this process, with the crates of RustCrypto and dalek.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::DigestAlgorithm;
use super::signatures::{Answer, Claim, Curve, PublicKey, RsaKey, Scheme, Signatures};

/// Checks every signature at once, in pure Rust.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Signatures for RustCrypto {
    fn check(&mut self, claim: &Claim<'_>) -> Answer {
        match claim.key {
            PublicKey::Rsa(key, scheme) => rsa(key, scheme, claim),
            PublicKey::Ec(curve, point) => ecdsa(curve, point, claim),
            PublicKey::Ed25519(key) => ed25519(key, claim),
        }
    }
}

fn answer(holds: bool) -> Answer {
    if holds { Answer::Holds } else { Answer::Fails }
}

fn rsa(key: RsaKey<'_>, scheme: Scheme, claim: &Claim<'_>) -> Answer {
    let number = BoxedUint::from_be_slice_vartime;
    let limits = 1..=8 * key.modulus.len();
    let Ok(key) = RsaPublicKey::new_with_size_limits(number(key.modulus), number(key.exponent), limits)
    else {
        return Answer::BadKey;
    };
    macro_rules! with {
        ($hash:ident) => {
            match scheme {
                Scheme::Pkcs1 => key.verify(Pkcs1v15Sign::new::<$hash>(), claim.digest, claim.signature),
                Scheme::Pss { salt } => {
                    key.verify(Pss::<$hash>::new_with_salt(salt), claim.digest, claim.signature)
                }
            }
        };
    }
    let result = match claim.hash {
        DigestAlgorithm::Sha1 => with!(Sha1),
        DigestAlgorithm::Sha256 => with!(Sha256),
        DigestAlgorithm::Sha384 => with!(Sha384),
        DigestAlgorithm::Sha512 => with!(Sha512),
        DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => return Answer::Unavailable,
    };
    answer(result.is_ok())
}

fn ecdsa(curve: Curve, point: &[u8], claim: &Claim<'_>) -> Answer {
    macro_rules! on {
        ($curve:ident) => {{
            let Ok(key) = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point) else { return Answer::BadKey };
            $curve::ecdsa::Signature::from_der(claim.signature)
                .and_then(|signature| key.verify_prehash(claim.digest, &signature))
                .is_ok()
        }};
    }
    answer(match curve {
        Curve::P256 => on!(p256),
        Curve::P384 => on!(p384),
        Curve::P521 => on!(p521),
    })
}

fn ed25519(key: &[u8; 32], claim: &Claim<'_>) -> Answer {
    let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(key) else { return Answer::BadKey };
    let Ok(signature) = ed25519_dalek::Signature::from_slice(claim.signature) else { return Answer::Fails };
    answer(key.verify_strict(claim.message, &signature).is_ok())
}
