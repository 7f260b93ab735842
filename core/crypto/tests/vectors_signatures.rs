//! Known answers for signatures: Wycheproof, RFC 4754, OpenSSL; and every key of ours signs.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{
    CryptoError, CryptoProvider, EcdsaEncoding, HashId, KeyKind, SignatureScheme, default_provider,
};
use common::{Tally, field, json, providers};

fn verifies(
    provider: &CryptoProvider,
    spki: &[u8],
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> bool {
    match provider.verify(spki, scheme, message, signature) {
        Ok(()) => true,
        Err(CryptoError::BadIntegrity) => false,
        Err(error) => panic!("{}: {scheme}: {error}", provider.name),
    }
}

fn wycheproof(file: &str, scheme: SignatureScheme, at_least: usize) {
    let suite = format!("wycheproof {file}");
    let Some(vectors) = json(&suite, &format!("vectors/wycheproof/{file}_test.json")) else { return };
    for provider in providers() {
        let mut tally = Tally::default();
        for group in vectors["testGroups"].as_array().unwrap() {
            let spki = field(group, "publicKeyDer");
            let kind = KeyKind::from_spki(&spki).unwrap();
            for test in group["tests"].as_array().unwrap() {
                if !provider.can_verify(kind, scheme) {
                    tally.skip("the provider has no such algorithm");
                    continue;
                }
                let (message, signature) = (field(test, "msg"), field(test, "sig"));
                assert_eq!(
                    verifies(&provider, &spki, scheme, &message, &signature),
                    test["result"] == "valid",
                    "{} {file} {}: {}",
                    provider.name,
                    test["tcId"],
                    test["comment"]
                );
                tally.run += 1;
            }
        }
        let absent = provider.name == "ring" && file.contains("secp521r1");
        tally.report(&suite, provider.name, if absent { 0 } else { at_least });
    }
}

fn ecdsa(hash: HashId, encoding: EcdsaEncoding) -> SignatureScheme {
    SignatureScheme::Ecdsa(hash, encoding)
}

#[test]
fn wycheproof_ecdsa_der() {
    wycheproof("ecdsa_secp256r1_sha256", ecdsa(HashId::SHA2_256, EcdsaEncoding::Der), 128);
    wycheproof("ecdsa_secp384r1_sha384", ecdsa(HashId::SHA2_384, EcdsaEncoding::Der), 132);
    wycheproof("ecdsa_secp521r1_sha512", ecdsa(HashId::SHA2_512, EcdsaEncoding::Der), 141);
}

#[test]
fn wycheproof_ecdsa_fixed() {
    wycheproof("ecdsa_secp256r1_sha256_p1363", ecdsa(HashId::SHA2_256, EcdsaEncoding::Fixed), 135);
    wycheproof("ecdsa_secp384r1_sha384_p1363", ecdsa(HashId::SHA2_384, EcdsaEncoding::Fixed), 80);
    wycheproof("ecdsa_secp521r1_sha512_p1363", ecdsa(HashId::SHA2_512, EcdsaEncoding::Fixed), 89);
}

#[test]
fn wycheproof_rsa_pkcs1() {
    wycheproof("rsa_signature_2048_sha256", SignatureScheme::RsaPkcs1(HashId::SHA2_256), 130);
    wycheproof("rsa_signature_3072_sha384", SignatureScheme::RsaPkcs1(HashId::SHA2_384), 65);
    wycheproof("rsa_signature_4096_sha512", SignatureScheme::RsaPkcs1(HashId::SHA2_512), 44);
}

#[test]
fn wycheproof_rsa_pss() {
    wycheproof("rsa_pss_2048_sha256_mgf1_32_params", SignatureScheme::RsaPss(HashId::SHA2_256), 54);
    wycheproof("rsa_pss_4096_sha512_mgf1_64_params", SignatureScheme::RsaPss(HashId::SHA2_512), 45);
}

#[test]
fn wycheproof_ed25519() {
    wycheproof("ed25519", SignatureScheme::Ed25519, 77);
}

#[test]
fn rfc_4754_signatures_verify() {
    let suite = "RFC 4754";
    let Some(vectors) = json(suite, "vectors/rfc/rfc-vectors.json") else { return };
    for provider in providers() {
        let mut tally = Tally::default();
        for vector in vectors["rfc4754"].as_array().unwrap() {
            let (template, hash): (&[u8], _) = match vector["auth_method"].as_u64().unwrap() {
                9 => (include_bytes!("keys/p256.spki.der"), HashId::SHA2_256),
                10 => (include_bytes!("keys/p384.spki.der"), HashId::SHA2_384),
                11 => (include_bytes!("keys/p521.spki.der"), HashId::SHA2_512),
                other => panic!("method {other}"),
            };
            let point = [field(vector, "gwx"), field(vector, "gwy")].concat();
            let spki = [&template[..template.len() - point.len()], &point].concat();
            let scheme = ecdsa(hash, EcdsaEncoding::Fixed);
            if !provider.can_verify(KeyKind::from_spki(&spki).unwrap(), scheme) {
                tally.skip("the provider has no such algorithm");
                continue;
            }
            let signature = [field(vector, "r"), field(vector, "s")].concat();
            assert!(verifies(&provider, &spki, scheme, &field(vector, "message"), &signature));
            assert!(!verifies(&provider, &spki, scheme, b"abd", &signature));
            tally.run += 1;
        }
        tally.report(suite, provider.name, 1);
    }
}

const MESSAGE: &[u8] = include_bytes!("keys/msg.txt");

macro_rules! key {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("keys/", $name, ".pkcs8.der")).as_slice(),
            include_bytes!(concat!("keys/", $name, ".spki.der")).as_slice(),
        )
    };
}

const SHA2: [HashId; 3] = [HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512];

fn schemes_for(kind: KeyKind) -> Vec<SignatureScheme> {
    match kind {
        KeyKind::Rsa { .. } => {
            let sha1 = SignatureScheme::RsaPkcs1(HashId::SHA1);
            let rest = SHA2
                .iter()
                .flat_map(|hash| [SignatureScheme::RsaPkcs1(*hash), SignatureScheme::RsaPss(*hash)]);
            std::iter::once(sha1).chain(rest).collect()
        }
        KeyKind::Ed25519 => vec![SignatureScheme::Ed25519],
        _ => SHA2
            .iter()
            .flat_map(|hash| [ecdsa(*hash, EcdsaEncoding::Der), ecdsa(*hash, EcdsaEncoding::Fixed)])
            .collect(),
    }
}

fn key_files() -> [(&'static str, &'static [u8], &'static [u8]); 7] {
    [
        key!("rsa2048"),
        key!("rsa3072"),
        key!("rsa4096"),
        key!("p256"),
        key!("p384"),
        key!("p521"),
        key!("ed25519"),
    ]
}

#[test]
fn what_one_provider_signs_every_provider_verifies() {
    let mut made = 0;
    for signer in providers() {
        for (name, pkcs8, spki) in key_files() {
            let key = match signer.load_private_key(pkcs8) {
                Ok(key) => key,
                Err(CryptoError::UnsupportedSignature) if name == "p521" && signer.name == "ring" => continue,
                Err(error) => panic!("{} cannot read {name}: {error}", signer.name),
            };
            assert_eq!(key.public_key(), spki, "{name}");
            assert_eq!(key.kind(), KeyKind::from_spki(spki).unwrap());
            for scheme in schemes_for(key.kind()) {
                let result = key.sign(scheme, MESSAGE, signer.random);
                assert_eq!(result.is_ok(), key.supports(scheme), "{} {name} {scheme}", signer.name);
                let signature = match result {
                    Ok(signature) => signature,
                    Err(error) => {
                        assert_eq!(error, CryptoError::UnsupportedSignature);
                        continue;
                    }
                };
                made += 1;
                let mut checked = 0;
                for verifier in providers() {
                    if !verifier.can_verify(key.kind(), scheme) {
                        continue;
                    }
                    assert!(verifies(&verifier, spki, scheme, MESSAGE, &signature), "{name} {scheme}");
                    assert!(!verifies(&verifier, spki, scheme, b"another", &signature));
                    for at in [0, signature.len() / 2, signature.len() - 1] {
                        let mut changed = signature.clone();
                        changed[at] ^= 1;
                        assert!(!verifies(&verifier, spki, scheme, MESSAGE, &changed));
                    }
                    for len in 0..signature.len() {
                        assert!(!verifies(&verifier, spki, scheme, MESSAGE, &signature[..len]));
                    }
                    checked += 1;
                }
                assert!(checked >= 2, "{scheme} has no second opinion");
            }
        }
    }
    assert!(made >= 40, "only {made} signatures made");
}

#[test]
fn the_composed_default_signs_every_scheme_its_keys_allow() {
    let provider = default_provider();
    for (name, pkcs8, _) in key_files() {
        let key = provider.load_private_key(pkcs8).unwrap();
        for scheme in schemes_for(key.kind()) {
            let pure = cfg!(not(feature = "ring"));
            let sha2_rsa = name.starts_with("rsa") && scheme != SignatureScheme::RsaPkcs1(HashId::SHA1);
            assert_eq!(key.supports(scheme), !(pure && sha2_rsa), "{name} {scheme}");
            assert!(provider.can_verify(key.kind(), scheme), "{name} {scheme}");
        }
        for scheme in [
            SignatureScheme::RsaPss(HashId::SHA1),
            SignatureScheme::RsaPkcs1(HashId::IDENTITY),
            ecdsa(HashId::SHA1, EcdsaEncoding::Der),
        ] {
            assert!(!provider.can_verify(key.kind(), scheme), "{name} {scheme}");
            assert_eq!(
                key.sign(scheme, MESSAGE, provider.random),
                Err(CryptoError::UnsupportedSignature),
                "{name} {scheme}"
            );
        }
    }
}

#[test]
fn signatures_of_openssl_verify() {
    macro_rules! case {
        ($key:literal, $file:literal, $scheme:expr) => {
            (
                include_bytes!(concat!("keys/", $key, ".spki.der")).as_slice(),
                include_bytes!(concat!("keys/", $file, ".sig")).as_slice(),
                $scheme,
            )
        };
    }
    use EcdsaEncoding::Der;
    use HashId as H;
    use SignatureScheme::{RsaPkcs1, RsaPss};
    let cases = [
        case!("rsa2048", "rsa2048.pkcs1.sha1", RsaPkcs1(H::SHA1)),
        case!("rsa2048", "rsa2048.pkcs1.sha256", RsaPkcs1(H::SHA2_256)),
        case!("rsa2048", "rsa2048.pkcs1.sha384", RsaPkcs1(H::SHA2_384)),
        case!("rsa2048", "rsa2048.pkcs1.sha512", RsaPkcs1(H::SHA2_512)),
        case!("rsa2048", "rsa2048.pss.sha256", RsaPss(H::SHA2_256)),
        case!("rsa2048", "rsa2048.pss.sha384", RsaPss(H::SHA2_384)),
        case!("rsa2048", "rsa2048.pss.sha512", RsaPss(H::SHA2_512)),
        case!("p256", "p256.sha256", ecdsa(H::SHA2_256, Der)),
        case!("p256", "p256.sha384", ecdsa(H::SHA2_384, Der)),
        case!("p256", "p256.sha512", ecdsa(H::SHA2_512, Der)),
        case!("p384", "p384.sha256", ecdsa(H::SHA2_256, Der)),
        case!("p384", "p384.sha384", ecdsa(H::SHA2_384, Der)),
        case!("p384", "p384.sha512", ecdsa(H::SHA2_512, Der)),
        case!("p521", "p521.sha256", ecdsa(H::SHA2_256, Der)),
        case!("p521", "p521.sha384", ecdsa(H::SHA2_384, Der)),
        case!("p521", "p521.sha512", ecdsa(H::SHA2_512, Der)),
        case!("ed25519", "ed25519", SignatureScheme::Ed25519),
    ];
    for provider in providers() {
        let mut tally = Tally::default();
        for (spki, signature, scheme) in cases {
            if provider.can_verify(KeyKind::from_spki(spki).unwrap(), scheme) {
                assert!(verifies(&provider, spki, scheme, MESSAGE, signature), "{scheme}");
                tally.run += 1;
            } else {
                tally.skip("the provider has no such algorithm");
            }
        }
        tally.report("OpenSSL signatures", provider.name, if provider.name == "ring" { 12 } else { 17 });
    }
}

#[test]
fn pkcs1_signatures_are_those_of_openssl() {
    // PKCS#1 v1.5 is deterministic, so the bytes must be equal; ring and `rsa` each make some of them.
    let key = default_provider().load_private_key(include_bytes!("keys/rsa2048.pkcs8.der")).unwrap();
    let random = default_provider().random;
    let sha1 = key.sign(SignatureScheme::RsaPkcs1(HashId::SHA1), MESSAGE, random).unwrap();
    assert_eq!(sha1, include_bytes!("keys/rsa2048.pkcs1.sha1.sig"));
    if cfg!(feature = "ring") {
        let sha2 = key.sign(SignatureScheme::RsaPkcs1(HashId::SHA2_256), MESSAGE, random).unwrap();
        assert_eq!(sha2, include_bytes!("keys/rsa2048.pkcs1.sha256.sig"));
    }
}
