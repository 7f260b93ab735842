//! Signatures checked in this process by adit-crypto.

use adit_crypto::{CryptoError, HashId, KeyKind, KeyNumbers, RsaPadding, SignedDigest, verify_with_numbers};

use super::DigestAlgorithm;
use super::signatures::{Answer, Claim, Curve, PublicKey, Scheme, Signatures};

/// Checks every signature at once, with what the engine has for its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Engine;

impl Signatures for Engine {
    fn check(&mut self, claim: &Claim<'_>) -> Answer {
        let hash = match claim.hash {
            DigestAlgorithm::Sha1 => HashId::SHA1,
            DigestAlgorithm::Sha256 => HashId::SHA2_256,
            DigestAlgorithm::Sha384 => HashId::SHA2_384,
            DigestAlgorithm::Sha512 => HashId::SHA2_512,
            DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => return Answer::Unavailable,
        };
        let key = match claim.key {
            PublicKey::Rsa(key, scheme) => KeyNumbers::Rsa {
                modulus: key.modulus,
                exponent: key.exponent,
                padding: match scheme {
                    Scheme::Pkcs1 => RsaPadding::Pkcs1,
                    Scheme::Pss { salt } => RsaPadding::Pss { salt },
                },
            },
            PublicKey::Ec(curve, point) => KeyNumbers::Ec {
                curve: match curve {
                    Curve::P256 => KeyKind::EcdsaP256,
                    Curve::P384 => KeyKind::EcdsaP384,
                    Curve::P521 => KeyKind::EcdsaP521,
                },
                point,
            },
            PublicKey::Ed25519(key) => KeyNumbers::Ed25519(key),
        };
        let signed = SignedDigest { message: claim.message, hash, digest: claim.digest };
        match verify_with_numbers(key, signed, claim.signature) {
            Ok(()) => Answer::Holds,
            Err(CryptoError::BadKey(_)) => Answer::BadKey,
            Err(CryptoError::UnsupportedSignature) => Answer::Unavailable,
            Err(_) => Answer::Fails,
        }
    }
}

#[cfg(all(test, feature = "signatures"))]
mod tests {
    use std::fs;

    use super::*;
    use crate::cms::{RsaKey, RustCrypto, read_with};

    /// Asks both, and notes what they were asked.
    #[derive(Default)]
    struct Both {
        kinds: Vec<String>,
        answers: Vec<Answer>,
    }

    impl Signatures for Both {
        fn check(&mut self, claim: &Claim<'_>) -> Answer {
            let answer = Engine.check(claim);
            assert_eq!(answer, RustCrypto.check(claim), "{claim:?}");
            self.kinds.push(format!("{} {}", claim.key, claim.hash));
            self.answers.push(answer);
            // A bit of the signature, of the digest and of the key changed: none may hold, and both must say the same.
            for part in 0..3 {
                let mut signature = claim.signature.to_vec();
                let mut digest = claim.digest.to_vec();
                let mut message = claim.message.to_vec();
                let mut point = match claim.key {
                    PublicKey::Ec(_, point) => point.to_vec(),
                    _ => Vec::new(),
                };
                let mut bytes = match claim.key {
                    PublicKey::Ed25519(key) => *key,
                    _ => [0; 32],
                };
                let mut modulus = match claim.key {
                    PublicKey::Rsa(key, _) => key.modulus.to_vec(),
                    _ => Vec::new(),
                };
                let changed = match part {
                    0 => [signature.last_mut(), None, None],
                    // The first: a curve shorter than the digest takes its beginning.
                    1 => [digest.first_mut(), message.first_mut(), None],
                    _ => [point.last_mut(), bytes.get_mut(3), modulus.get_mut(9)],
                };
                for byte in changed.into_iter().flatten() {
                    *byte ^= 2;
                }
                let key = match claim.key {
                    PublicKey::Rsa(key, scheme) => {
                        PublicKey::Rsa(RsaKey { modulus: &modulus, exponent: key.exponent }, scheme)
                    }
                    PublicKey::Ec(curve, _) => PublicKey::Ec(curve, &point),
                    PublicKey::Ed25519(_) => PublicKey::Ed25519(&bytes),
                };
                let other = Claim {
                    key,
                    hash: claim.hash,
                    message: &message,
                    digest: &digest,
                    signature: &signature,
                };
                let answer = Engine.check(&other);
                assert_eq!(answer, RustCrypto.check(&other), "{other:?}");
                assert_ne!(answer, Answer::Holds, "part {part} of {claim:?}");
            }
            answer
        }
    }

    #[test]
    fn both_say_the_same_of_every_signed_file() {
        let mut both = Both::default();
        for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "cms" || extension == "pem") {
                let _ = read_with(&fs::read(path).unwrap(), &mut both);
            }
        }
        for kind in [
            "RSA PKCS#1 v1.5 SHA-1",
            "RSA PKCS#1 v1.5 SHA2-256",
            "RSA PKCS#1 v1.5 SHA2-384",
            "RSA PKCS#1 v1.5 SHA2-512",
            "RSA-PSS SHA-1",
            "RSA-PSS SHA2-256",
            "RSA-PSS SHA2-384",
            "RSA-PSS SHA2-512",
            "ECDSA on P-256 SHA-1",
            "ECDSA on P-256 SHA2-256",
            "ECDSA on P-256 SHA2-512",
            "ECDSA on P-384 SHA-1",
            "ECDSA on P-384 SHA2-384",
            "ECDSA on P-521 SHA2-256",
            "ECDSA on P-521 SHA2-512",
        ] {
            assert!(both.kinds.iter().any(|asked| asked == kind), "{kind} was not asked: {:?}", both.kinds);
        }
        assert!(both.kinds.iter().any(|asked| asked.starts_with("Ed25519")));
        assert!(both.answers.iter().filter(|answer| **answer == Answer::Holds).count() >= 20);
    }
}
