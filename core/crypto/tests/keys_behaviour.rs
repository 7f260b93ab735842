//! Reading keys: every form there is, what is refused, and that nothing secret is ever printed.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{CryptoError, EcdsaEncoding, HashId, KeyKind, Secret, SignatureScheme};
use common::{FixedRandom, providers};
use proptest::prelude::*;

const RSA_PKCS8: &[u8] = include_bytes!("keys/rsa2048.pkcs8.der");
const P256_PKCS8: &[u8] = include_bytes!("keys/p256.pkcs8.der");
const ED25519_PKCS8: &[u8] = include_bytes!("keys/ed25519.pkcs8.der");

/// The same key in two forms.
const FORMS: [(&[u8], &[u8]); 4] = [
    (RSA_PKCS8, include_bytes!("keys/rsa2048.pkcs1.der")),
    (P256_PKCS8, include_bytes!("keys/p256.sec1.der")),
    (include_bytes!("keys/p384.pkcs8.der"), include_bytes!("keys/p384.sec1.der")),
    (include_bytes!("keys/p521.pkcs8.der"), include_bytes!("keys/p521.sec1.der")),
];

fn reason(error: CryptoError) -> String {
    match error {
        CryptoError::BadKey(reason) => reason.to_owned(),
        other => panic!("{other:?} instead of BadKey"),
    }
}

#[test]
fn pkcs1_and_sec1_give_the_key_of_pkcs8() {
    for provider in providers() {
        for (pkcs8, bare) in FORMS {
            assert_ne!(pkcs8, bare);
            match (provider.load_private_key(pkcs8), provider.load_private_key(bare)) {
                (Ok(one), Ok(other)) => {
                    assert_eq!((one.public_key(), one.kind()), (other.public_key(), other.kind()));
                }
                (Err(one), Err(other)) if provider.name == "ring" => {
                    assert_eq!(
                        (one, other),
                        (CryptoError::UnsupportedSignature, CryptoError::UnsupportedSignature)
                    );
                }
                other => panic!("{}: {other:?}", provider.name),
            }
        }
    }
}

#[test]
fn kinds_of_public_keys() {
    let cases: [(&[u8], KeyKind); 7] = [
        (include_bytes!("keys/rsa2048.spki.der"), KeyKind::Rsa { bits: 2048 }),
        (include_bytes!("keys/rsa3072.spki.der"), KeyKind::Rsa { bits: 3072 }),
        (include_bytes!("keys/rsa4096.spki.der"), KeyKind::Rsa { bits: 4096 }),
        (include_bytes!("keys/p256.spki.der"), KeyKind::EcdsaP256),
        (include_bytes!("keys/p384.spki.der"), KeyKind::EcdsaP384),
        (include_bytes!("keys/p521.spki.der"), KeyKind::EcdsaP521),
        (include_bytes!("keys/ed25519.spki.der"), KeyKind::Ed25519),
    ];
    for (spki, kind) in cases {
        assert_eq!(KeyKind::from_spki(spki), Ok(kind));
        for len in 0..spki.len() {
            reason(KeyKind::from_spki(&spki[..len]).unwrap_err());
        }
        reason(KeyKind::from_spki(&[spki, &[0]].concat()).unwrap_err());
    }
}

#[test]
fn other_kinds_of_public_keys_are_named_in_the_refusal() {
    // Ed448, X25519, secp256k1, and EC with explicit parameters (an INTEGER for brevity).
    let spki = |algorithm: &[u8], key: &[u8]| {
        let tlv =
            |tag: u8, contents: &[u8]| [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat();
        tlv(0x30, &[tlv(0x30, algorithm), tlv(3, &[&[0], key].concat())].concat())
    };
    let ec = [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    let cases = [
        (spki(&[6, 3, 0x2b, 0x65, 0x71], &[1; 57]), "none of RSA"),
        (spki(&[6, 3, 0x2b, 0x65, 0x6e], &[1; 32]), "none of RSA"),
        (spki(&[&ec[..], &[6, 5, 0x2b, 0x81, 4, 0, 10]].concat(), &[4; 65]), "none of P-256"),
        (spki(&[&ec[..], &[2, 1, 1]].concat(), &[4; 65]), "not given by name"),
        (spki(&ec, &[4; 65]), "not given by name"),
        (spki(&[6, 3, 0x2b, 0x65, 0x70], &[1; 31]), "32 octets"),
        (spki(&[6, 3, 0x2b, 0x65, 0x70, 5, 0], &[1; 32]), "parameters"),
    ];
    for (spki, text) in cases {
        let reason = reason(KeyKind::from_spki(&spki).unwrap_err());
        assert!(reason.contains(text), "{reason}");
    }
}

#[test]
fn every_truncation_of_a_private_key_is_refused() {
    for provider in providers() {
        for key in [P256_PKCS8, ED25519_PKCS8, FORMS[1].1, FORMS[0].1, RSA_PKCS8] {
            for len in 0..key.len() {
                assert!(provider.load_private_key(&key[..len]).is_err(), "{} of {}", len, key.len());
            }
            assert!(provider.load_private_key(&[key, &[0]].concat()).is_err(), "trailing octet");
        }
    }
}

#[test]
fn what_is_no_private_key_says_so() {
    for provider in providers() {
        for bytes in [&b""[..], b"-----BEGIN PRIVATE KEY-----", include_bytes!("keys/p256.spki.der")] {
            let reason = reason(provider.load_private_key(bytes).unwrap_err());
            assert!(reason.contains("PKCS#8"), "{reason}");
        }
    }
}

#[test]
fn a_public_half_of_another_key_is_refused() {
    for provider in providers() {
        // The point stands at the end of both EC forms.
        for key in [P256_PKCS8, FORMS[1].1] {
            let mut key = key.to_vec();
            *key.last_mut().unwrap() ^= 1;
            let reason = reason(provider.load_private_key(&key).unwrap_err());
            assert!(reason.contains("does not belong"), "{reason}");
        }
    }
}

#[test]
fn ec_scalars_out_of_range_are_refused() {
    for provider in providers() {
        let sec1 = FORMS[1].1;
        // 30 77 02 01 01 04 20 <scalar>
        assert_eq!(sec1[5..7], [0x04, 0x20]);
        for fill in [0x00, 0xff] {
            let mut key = sec1.to_vec();
            key[7..39].fill(fill);
            let reason = reason(provider.load_private_key(&key).unwrap_err());
            assert!(reason.contains("range"), "{}: {reason}", provider.name);
        }
    }
}

#[test]
fn rsa_numbers_that_do_not_fit_are_refused_or_do_no_harm() {
    // ring never looks at d, the rsa crate recomputes the CRT numbers; together they check everything.
    let pkcs1 = FORMS[0].1;
    let scheme = |key: &dyn adit_crypto::SigningKey| {
        let sha2 = SignatureScheme::RsaPkcs1(HashId::SHA2_256);
        if key.supports(sha2) { sha2 } else { SignatureScheme::RsaPkcs1(HashId::SHA1) }
    };
    let mut refused = 0;
    // One place in each of n, d, p, q, dp, dq, qinv.
    for at in [20, 300, 560, 690, 800, 950, 1100] {
        let mut changed = pkcs1.to_vec();
        changed[at] ^= 0x10;
        for provider in providers() {
            match provider.load_private_key(&changed) {
                Err(error) => {
                    assert!(!reason(error).is_empty());
                    refused += 1;
                }
                Ok(key) if provider.name == "default" && cfg!(feature = "ring") => panic!("{at}: {key:?}"),
                Ok(key) => {
                    let scheme = scheme(&*key);
                    let signature = key.sign(scheme, b"m", provider.random).unwrap();
                    provider.verify(key.public_key(), scheme, b"m", &signature).expect("a sound signature");
                }
            }
        }
    }
    assert!(refused >= if cfg!(feature = "ring") { 10 } else { 8 }, "{refused}");
}

#[test]
fn weak_and_odd_rsa_keys_are_refused_with_their_reason() {
    let provider = adit_crypto::default_provider();
    let why = |key: &[u8]| reason(provider.load_private_key(key).unwrap_err());
    assert!(why(include_bytes!("keys/rsa1024.pkcs8.der")).contains("below 2,048"));
    assert!(why(include_bytes!("keys/rsa2048-e3.pkcs8.der")).contains("65,537"));
    if cfg!(feature = "ring") {
        assert!(why(include_bytes!("keys/rsa2560.pkcs8.der")).contains("3,072"));
    }
}

#[test]
fn secrets_are_not_printed() {
    let provider = adit_crypto::default_provider();
    for pkcs8 in [RSA_PKCS8, P256_PKCS8, ED25519_PKCS8, FORMS[3].0] {
        for provider in providers() {
            let Ok(key) = provider.load_private_key(pkcs8) else { continue };
            let text = format!("{key:?} {key:#?}");
            assert!(text.contains("redacted"), "{text}");
            let digits = text.chars().filter(char::is_ascii_digit).count();
            assert!(digits < 60 && text.len() < 800, "too much: {text}");
            for window in pkcs8.windows(4).skip(40).step_by(4) {
                let hex: String = window.iter().map(|byte| format!("{byte:02x}")).collect();
                let list = format!("{window:?}").trim_matches(['[', ']']).to_owned();
                assert!(!text.contains(&hex) && !text.contains(&list), "{text}");
            }
        }
    }
    assert_eq!(format!("{:?}", Secret::from(vec![1, 2, 3])), "Secret(redacted)");
    let text = format!("{provider:?}");
    assert!(text.contains("AES-GCM-16-256"));
}

#[test]
fn errors_carry_no_key_material() {
    let provider = adit_crypto::default_provider();
    let cipher = provider.ciphers[0];
    let error = cipher.sealing_key(&[0xab; 7], &[]).err().unwrap();
    assert!(!format!("{error:?} {error}").contains("ab, "), "{error:?}");
    let error = provider.load_private_key(&[0xab; 64]).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("171"), "{error:?}");
}

#[test]
fn a_failing_random_source_gives_no_signature() {
    let broken = FixedRandom::new(&[]);
    let provider = adit_crypto::rustcrypto_provider();
    for (key, scheme) in [
        (RSA_PKCS8, SignatureScheme::RsaPkcs1(HashId::SHA1)),
        (P256_PKCS8, SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der)),
    ] {
        let key = provider.load_private_key(key).unwrap();
        assert_eq!(key.sign(scheme, b"m", &broken), Err(CryptoError::Random));
    }
}

#[test]
fn ecdsa_signatures_are_hedged() {
    // Fresh randomness changes the nonce; without any, RFC 6979 would give one signature for ever.
    let provider = adit_crypto::rustcrypto_provider();
    let key = provider.load_private_key(P256_PKCS8).unwrap();
    let scheme = SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Fixed);
    let sign = || key.sign(scheme, b"m", provider.random).unwrap();
    assert_ne!(sign(), sign());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..2000,
        value: u8,
    ) {
        let provider = adit_crypto::default_provider();
        let _ = KeyKind::from_spki(&bytes);
        let _ = provider.load_private_key(&bytes);
        for spki in [
            include_bytes!("keys/rsa2048.spki.der").as_slice(),
            include_bytes!("keys/p256.spki.der"),
            include_bytes!("keys/p521.spki.der"),
            include_bytes!("keys/ed25519.spki.der"),
        ] {
            let mut changed = spki.to_vec();
            changed[at % spki.len()] = value;
            for scheme in [
                SignatureScheme::RsaPkcs1(HashId::SHA2_256),
                SignatureScheme::RsaPss(HashId::SHA2_512),
                SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der),
                SignatureScheme::Ecdsa(HashId::SHA2_512, EcdsaEncoding::Fixed),
                SignatureScheme::Ed25519,
            ] {
                for provider in providers() {
                    prop_assert!(provider.verify(&changed, scheme, b"m", &bytes).is_err());
                }
            }
        }
        for key in [P256_PKCS8, ED25519_PKCS8, FORMS[1].1] {
            let mut changed = key.to_vec();
            changed[at % key.len()] = value;
            let _ = provider.load_private_key(&changed);
        }
    }
}
