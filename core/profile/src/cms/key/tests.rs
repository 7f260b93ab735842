//! The keys against project Wycheproof's vectors, and against libraries.

use std::path::PathBuf;

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::curve::{Curve, EcKey, P256, P384, P521};
use super::edwards::EdKey;
use super::rsa::RsaKey;
use crate::cms::algorithm::DigestAlgorithm;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|place| u8::from_str_radix(&text[2 * place..2 * place + 2], 16).unwrap())
        .collect()
}

/// The groups of a file of vectors; says so where the folder is not there.
fn groups(name: &str) -> Vec<Value> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let shared = std::env::var_os("ADIT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(shared.join("vectors/wycheproof").join(name)) else {
        println!("left out: {name}, the folder with the vectors is not there");
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    file["testGroups"].as_array().unwrap().clone()
}

/// Runs every test of a file: `judge` gets the group, the message and the signature.
fn all(name: &str, judge: impl Fn(&Value, &[u8], &[u8]) -> bool) {
    for group in groups(name) {
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) =
                (hex(test["msg"].as_str().unwrap()), hex(test["sig"].as_str().unwrap()));
            let found = judge(&group, &message, &signature);
            match test["result"].as_str().unwrap() {
                "valid" => assert!(found, "{name} {}: {}", test["tcId"], test["comment"]),
                "invalid" => assert!(!found, "{name} {}: {}", test["tcId"], test["comment"]),
                _ => {}
            }
        }
    }
}

#[test]
fn ecdsa_holds_on_the_vectors_of_wycheproof() {
    fn on<D: Digest>(name: &str, curve: &Curve) {
        all(name, |group, message, signature| {
            let key = EcKey::new(curve, &hex(group["publicKey"]["uncompressed"].as_str().unwrap()));
            key.is_some_and(|key| key.verify(&D::digest(message), signature))
        });
    }
    on::<Sha256>("ecdsa_secp256r1_sha256_test.json", &P256);
    on::<Sha384>("ecdsa_secp384r1_sha384_test.json", &P384);
    on::<Sha512>("ecdsa_secp521r1_sha512_test.json", &P521);
}

#[test]
fn ed25519_holds_on_the_vectors_of_wycheproof() {
    all("ed25519_test.json", |group, message, signature| {
        let key = hex(group["publicKey"]["pk"].as_str().unwrap());
        EdKey::new(key.as_slice().try_into().unwrap()).is_some_and(|key| key.verify(message, signature))
    });
}

#[test]
fn rsa_holds_on_the_vectors_of_wycheproof() {
    for (name, hash) in [
        ("rsa_signature_2048_sha256_test.json", DigestAlgorithm::Sha256),
        ("rsa_signature_3072_sha384_test.json", DigestAlgorithm::Sha384),
        ("rsa_signature_4096_sha512_test.json", DigestAlgorithm::Sha512),
    ] {
        all(name, |group, message, signature| {
            let number = |name: &str| {
                let found = group["publicKey"][name].as_str().unwrap().to_owned();
                hex(&if found.len() % 2 == 1 { format!("0{found}") } else { found })
            };
            let key = RsaKey::new(&number("modulus"), &number("publicExponent")).unwrap();
            key.verify_pkcs1(&hash, &crate::cms::verify::digest(&hash, message).unwrap(), signature)
        });
    }
}

/// Signatures of "message" by openssl 3 with SHA2-256 and a salt of 20 bytes: the modulus and the signature, where the
/// encoded message is as long as the modulus, and where it is a byte shorter.
const PSS: [(&str, &str); 3] = [
    (
        "c93964b400baf2c3ce127313f7d42b273ae796338b9326b2a4aa3a19e2ae38e3ebfa475f94819c1533205e48da4ee971\
             ca3f78883982af4a5e4950e13fff48f4a19e0e1e06d7abf37007956e50713866fcc5d0e0b115b9162f3c0e022545f3a9\
             fbc584523a0dfa12d27fe466182798b230bafbd61d9e663bc189f23b1277b915",
        "08bc64cfc8074b71a26695eb5c5121348460ad1a6cd636f394bf176b9d37363070c76439db208e056a4c0bb2bbfaeefc\
             bd5109aa17ba009b620aa3354d99e753264a4dfe805a0b4acd8d6224a4d1cebb02c28bf32d5f1d05739108db0497c4fb\
             349262a61f0f9815d5f9741731d71216243643659cfca671661a4943006118c6",
    ),
    (
        "01932174d582dab501de268ab380f061fad26438db8471f0cd2783e3860386d34602c3be60b1c0b06a847a78c35fb939\
             a360663cb20da3ae90a9bc5bce49affa79dcd3bd98cdc93640a84eae6cd3a8c7c36d03b883fa56f23a71851a41f12f39\
             c4a2dd153955f09b07975b55c8d7124feb95a00aae58db4986561eb841d34d164d",
        "00b8b4240bae9c4f4fd8caeb5e12e2070d81b5649616f5f62b4b93d0eb9c9b1a984a9e26ab538808114b758bc3ed1d48\
             13ebec442b10334ec87277ac85dd3a1abbd887687faf7f72015a502455c3c71c23d97c9841b287b407fde45bb19a2cbf\
             8f745685b4ba42502bc4d1d1e07096e7cf55578afbc6bbc65ac278f67f3007658c",
    ),
    (
        "6cb60b7fe23b2e147e2a17e7833642db2025b57a59fc68009d7f29c07735f449f44e23e9d8ac875698c52c3014ed572d\
             89748941b95a6cc27e3e25bfba843bf51953ef3082ae6e20c93232ab479b991499830498fe355c45e20d7ef5bfa413c4\
             808d0ab614bd791d702211ebb072c2c25b189910a4b4e792db468a38f2ebbf1b25",
        "47cd77acadfa27dd494f28c333c9b8e0d0a4cf52468fbbfeb69efea4d3572199ebf95a0de6561eab0d14725fd0e1f9bc\
             188ccd8a480bbcb7238497efc9f49e1853c8380278ff19c622fece5d1b1fc33f44c0c01610561fde12612cc4cb1e6686\
             6eecc93643428d691c80059a711cf0ab69f84f8817e7d68e5a92349c1159c9cc7c",
    ),
];

#[test]
fn pss_of_every_length_holds() {
    for (modulus, signature) in PSS {
        let key = RsaKey::new(&hex(modulus), &[1, 0, 1]).unwrap();
        let (mut signature, digest) = (hex(signature), Sha256::digest(b"message"));
        let judge =
            |hash, salt, digest: &[u8], signature: &[u8]| key.verify_pss(hash, salt, digest, signature);
        let sha256 = &DigestAlgorithm::Sha256;
        assert!(judge(sha256, 20, &digest, &signature), "{modulus}");
        for (hash, salt, digest) in [
            (sha256, 21, digest),
            (sha256, 19, digest),
            (sha256, 0, digest),
            (sha256, 5000, digest),
            (&DigestAlgorithm::Sha1, 20, digest),
            (sha256, 20, Sha256::digest(b"other")),
        ] {
            assert!(!judge(hash, salt, &digest, &signature), "{hash} {salt}");
        }
        assert!(!judge(sha256, 20, &digest, &[]) && !judge(sha256, 20, &digest, &signature[1..]));
        *signature.last_mut().unwrap() ^= 1;
        assert!(!judge(sha256, 20, &digest, &signature));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn signatures_of_libraries_hold_and_changed_ones_do_not(
        secret in any::<[u8; 32]>(),
        message in prop::collection::vec(any::<u8>(), 0..80),
        place in any::<prop::sample::Index>(),
    ) {
        macro_rules! on {
            ($curve:ident, $ours:expr, $hash:ty, $length:expr) => {
                let mut bytes = vec![0; $length];
                bytes[$length - 32..].copy_from_slice(&secret);
                if let Ok(key) = $curve::ecdsa::SigningKey::from_slice(&bytes) {
                    let digest = <$hash>::digest(&message);
                    let signature: $curve::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                    let mut der = signature.to_der().as_bytes().to_vec();
                    let public = key.verifying_key();
                    for point in [public.to_sec1_point(false), public.to_sec1_point(true)] {
                        let ours = EcKey::new($ours, point.as_bytes()).unwrap();
                        prop_assert!(ours.verify(&digest, &der));
                        prop_assert!(!ours.verify(&<$hash>::digest(b"another"), &der));
                    }
                    let mut point = public.to_sec1_point(false).as_bytes().to_vec();
                    let last = point.len() - 1;
                    point[last] ^= 1;
                    prop_assert!(EcKey::new($ours, &point).is_none());
                    let at = place.index(der.len());
                    der[at] ^= 1;
                    let ours = EcKey::new($ours, public.to_sec1_point(false).as_bytes()).unwrap();
                    prop_assert!(!ours.verify(&digest, &der));
                }
            };
        }
        on!(p256, &P256, Sha256, 32);
        on!(p384, &P384, Sha384, 48);
        on!(p521, &P521, Sha512, 66);
        let key = ed25519_dalek::SigningKey::from_bytes(&secret);
        let mut signature = key.sign(&message).to_bytes();
        let ours = EdKey::new(key.verifying_key().as_bytes()).unwrap();
        prop_assert!(ours.verify(&message, &signature));
        prop_assert!(!ours.verify(b"another message", &signature));
        signature[place.index(64)] ^= 1;
        prop_assert!(!ours.verify(&message, &signature));
    }
}

#[test]
fn points_of_small_order_and_other_encodings_are_refused() {
    let point = |digits: &str| EdKey::new(hex(digits).as_slice().try_into().unwrap()).is_some();
    for wrong in [
        // The neutral point, the one of order 2, one of order 8, and y = p + 1.
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // x = 0 with a sign, and no point at all.
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ] {
        assert!(!point(wrong), "{wrong}");
    }
    assert!(point("5866666666666666666666666666666666666666666666666666666666666666"));
}

#[test]
fn keys_beyond_the_bounds_are_refused() {
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff >> (8 * bytes.len() - bits);
        bytes
    };
    assert!(RsaKey::new(&modulus(1024), &[1, 0, 1]).is_some());
    assert!(RsaKey::new(&modulus(8192), &[3]).is_some());
    for (bits, exponent) in
        [(1023, &[3][..]), (8193, &[3]), (2048, &[1]), (2048, &[4]), (2048, &[]), (2048, &[1; 9])]
    {
        assert!(RsaKey::new(&modulus(bits), exponent).is_none(), "{bits} {exponent:?}");
    }
    for point in [&[][..], &[0], &[4; 65], &[2; 34], &[5; 33], &[4; 66]] {
        assert!(EcKey::new(&P256, point).is_none());
    }
}
