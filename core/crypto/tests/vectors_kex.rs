//! Known answers for key exchange: Wycheproof, RFC 5903, RFC 8031, OpenSSL's MODP groups.
//!
//! A vector's private key goes in through the random source: every method takes its secret from there.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{CryptoError, CryptoProvider, DhGroup, KeyExchange};
use common::{FixedRandom, Tally, field, hex, json, providers};
use crypto_bigint::{BoxedUint, ConcatenatingMul, ConcatenatingSquare, NonZero};

/// Our public value and the result of the exchange with `peer`.
fn exchange(kex: &dyn KeyExchange, private: &[u8], peer: &[u8]) -> (Vec<u8>, Result<Vec<u8>, CryptoError>) {
    let active = kex.generate(&FixedRandom::new(private)).unwrap();
    let public = active.public_value().to_vec();
    (public, active.complete(peer).map(|secret| secret.expose().to_vec()))
}

/// A number in hex at a fixed length.
fn padded(text: &str, len: usize) -> Vec<u8> {
    let digits = text.trim_start_matches('0');
    hex(&format!("{digits:0>width$}", width = 2 * len))
}

fn with_key_exchange() -> Vec<CryptoProvider> {
    // The compact provider has the default's methods.
    let has_own =
        |provider: &CryptoProvider| !provider.key_exchanges.is_empty() && provider.name != "compact";
    let list: Vec<_> = providers().into_iter().filter(has_own).collect();
    assert_eq!(list.len(), 2, "the default and rustcrypto");
    list
}

fn ecdh(group: DhGroup, curve: &str, field_len: usize, at_least: usize) {
    let suite = format!("wycheproof ecdh_{curve}");
    let path = format!("vectors/wycheproof/ecdh_{curve}_ecpoint_test.json");
    let Some(vectors) = json(&suite, &path) else { return };
    for provider in with_key_exchange() {
        let kex = provider.key_exchange(group).unwrap();
        let mut tally = Tally::default();
        for group in vectors["testGroups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                let private = padded(test["private"].as_str().unwrap(), field_len);
                let public = field(test, "public");
                let valid = test["result"] == "valid";
                match public.split_first() {
                    Some((0x04, point)) => {
                        let (_, result) = exchange(kex, &private, point);
                        match result {
                            Ok(secret) => {
                                assert!(valid, "{} accepted", test["tcId"]);
                                assert_eq!(secret, field(test, "shared"), "{}", test["tcId"]);
                            }
                            Err(error) => {
                                assert!(!valid, "{}: {error}", test["tcId"]);
                                assert!(matches!(error, CryptoError::BadPublicValue { .. }));
                            }
                        }
                        tally.run += 1;
                    }
                    _ => {
                        let (_, result) = exchange(kex, &private, &public);
                        assert!(result.is_err(), "{}: neither x | y", test["tcId"]);
                        if valid {
                            tally.skip("compressed point, which RFC 5903 does not have (refused)");
                        } else {
                            tally.run += 1;
                        }
                    }
                }
            }
        }
        tally.report(&suite, provider.name, at_least);
    }
}

#[test]
fn wycheproof_ecdh_p256() {
    ecdh(DhGroup::ECP_256, "secp256r1", 32, 178);
}

#[test]
fn wycheproof_ecdh_p384() {
    ecdh(DhGroup::ECP_384, "secp384r1", 48, 198);
}

#[test]
fn wycheproof_ecdh_p521() {
    ecdh(DhGroup::ECP_521, "secp521r1", 66, 166);
}

#[test]
fn wycheproof_x25519() {
    let suite = "wycheproof x25519";
    let Some(vectors) = json(suite, "vectors/wycheproof/x25519_test.json") else { return };
    for provider in with_key_exchange() {
        let kex = provider.key_exchange(DhGroup::CURVE25519).unwrap();
        let mut tally = Tally::default();
        let mut refused = 0;
        for group in vectors["testGroups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                let shared = field(test, "shared");
                let (_, result) = exchange(kex, &field(test, "private"), &field(test, "public"));
                if shared.iter().all(|byte| *byte == 0) {
                    assert!(result.is_err(), "{}: all-zero secret", test["tcId"]);
                    refused += 1;
                } else {
                    assert_eq!(result.unwrap(), shared, "{}", test["tcId"]);
                }
                tally.run += 1;
            }
        }
        assert!(refused > 10);
        tally.report(suite, provider.name, 259);
    }
}

#[test]
fn rfc_5903_and_rfc_8031() {
    let suite = "RFC 5903 and RFC 8031";
    let Some(vectors) = json(suite, "vectors/rfc/rfc-vectors.json") else { return };
    for provider in with_key_exchange() {
        let mut tally = Tally::default();
        for vector in vectors["rfc5903"].as_array().unwrap() {
            let group = DhGroup(u16::try_from(vector["group"].as_u64().unwrap()).unwrap());
            let kex = provider.key_exchange(group).unwrap();
            let our_public = [field(vector, "gix"), field(vector, "giy")].concat();
            let their_public = [field(vector, "grx"), field(vector, "gry")].concat();
            let (public, secret) = exchange(kex, &field(vector, "i"), &their_public);
            assert_eq!((public, secret), (our_public.clone(), Ok(field(vector, "shared"))));
            let (public, secret) = exchange(kex, &field(vector, "r"), &our_public);
            assert_eq!((public, secret), (their_public, Ok(field(vector, "shared"))));
            tally.run += 2;
        }
        for vector in vectors["rfc8031"].as_array().unwrap() {
            let kex = provider.key_exchange(DhGroup::CURVE25519).unwrap();
            for (ours, theirs) in [("i", "r"), ("r", "i")] {
                let (public, secret) = exchange(
                    kex,
                    &field(vector, &format!("random_{ours}")),
                    &field(vector, &format!("pub_{theirs}")),
                );
                assert_eq!(public, field(vector, &format!("pub_{ours}")));
                assert_eq!(secret, Ok(field(vector, "shared")));
                tally.run += 1;
            }
        }
        tally.report(suite, provider.name, 6);
    }
}

/// Length of the exponent each group draws.
fn exponent_len(group: DhGroup) -> usize {
    match group {
        DhGroup::MODP_2048 => 40,
        DhGroup::MODP_3072 => 53,
        _ => 60,
    }
}

#[test]
fn modp_agrees_with_openssl() {
    let cases: serde_json::Value = serde_json::from_str(include_str!("keys/modp-openssl.json")).unwrap();
    for provider in with_key_exchange() {
        let mut tally = Tally::default();
        for case in cases.as_array().unwrap() {
            let group = DhGroup(u16::try_from(case["group"].as_u64().unwrap()).unwrap());
            let kex = provider.key_exchange(group).unwrap();
            let private = padded(case["private"].as_str().unwrap(), exponent_len(group));
            let (public, secret) = exchange(kex, &private, &field(case, "peer"));
            assert_eq!(public, field(case, "public"));
            assert_eq!(secret.unwrap(), field(case, "shared"));
            tally.run += 1;
        }
        tally.report("MODP against OpenSSL", provider.name, 13);
    }
}

#[test]
fn modp_agrees_with_square_and_multiply() {
    for provider in with_key_exchange() {
        for (group, prime) in [
            (DhGroup::MODP_2048, include_str!("keys/modp2048.hex")),
            (DhGroup::MODP_3072, include_str!("keys/modp3072.hex")),
            (DhGroup::MODP_4096, include_str!("keys/modp4096.hex")),
        ] {
            let kex = provider.key_exchange(group).unwrap();
            let prime = hex(prime.trim());
            let mut private = vec![0; exponent_len(group)];
            provider.fill(&mut private).unwrap();
            let mut peer = vec![0; prime.len()];
            provider.fill(&mut peer[1..]).unwrap();
            let (public, secret) = exchange(kex, &private, &peer);
            let mut two = vec![0; prime.len()];
            two[prime.len() - 1] = 2;
            assert_eq!(public, plain_power(&two, &private, &prime));
            assert_eq!(secret.unwrap(), plain_power(&peer, &private, &prime));
        }
    }
}

/// Schoolbook exponentiation with a division after each step: shares nothing with Montgomery form.
fn plain_power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let bits = u32::try_from(modulus.len() * 8).unwrap();
    let number = |bytes| BoxedUint::from_be_slice(bytes, bits).unwrap();
    let modulus = NonZero::new(number(modulus)).into_option().unwrap();
    let base = number(base);
    let mut power = number(&[1]);
    for byte in exponent {
        for bit in (0..8).rev() {
            power = power.concatenating_square().rem_vartime(&modulus);
            if byte >> bit & 1 == 1 {
                power = power.concatenating_mul(&base).rem_vartime(&modulus);
            }
        }
    }
    power.to_be_bytes().to_vec()
}
