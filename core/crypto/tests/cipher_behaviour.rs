//! What every cipher of every provider must do, whatever its algorithm.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{Aad, Cipher, CipherSpec, CryptoError, CryptoProvider, IntegId};
use common::providers;
use proptest::prelude::*;

fn keys(cipher: &dyn Cipher, seed: u8) -> (Vec<u8>, Vec<u8>) {
    let bytes = |len: usize, salt: u8| (0..len).map(|at| (at as u8).wrapping_mul(31) ^ seed ^ salt).collect();
    (bytes(cipher.encr_key_len(), 0), bytes(cipher.integ_key_len(), 0x5a))
}

/// `IV | plaintext | ICV` sealed, and what `Aad` it was sealed with.
fn seal(cipher: &dyn Cipher, seed: u8, counter: u64, head: &[u8], tail: &[u8], text: &[u8]) -> Vec<u8> {
    let (encr, integ) = keys(cipher, seed);
    let key = cipher.sealing_key(&encr, &integ).unwrap();
    let mut body = vec![0; cipher.iv_len()];
    key.write_iv(counter, &mut body);
    body.extend_from_slice(text);
    body.resize(body.len() + cipher.icv_len(), 0xee);
    key.seal(Aad { head, tail }, &mut body).unwrap();
    body
}

fn open(
    cipher: &dyn Cipher,
    seed: u8,
    head: &[u8],
    tail: &[u8],
    body: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let (encr, integ) = keys(cipher, seed);
    let key = cipher.opening_key(&encr, &integ).unwrap();
    let mut body = body.to_vec();
    key.open(Aad { head, tail }, &mut body)?;
    Ok(body[cipher.iv_len()..body.len() - cipher.icv_len()].to_vec())
}

fn all() -> Vec<(CryptoProvider, &'static dyn Cipher)> {
    let list: Vec<_> = providers()
        .into_iter()
        .flat_map(|provider| provider.ciphers.iter().map(move |cipher| (provider, *cipher)))
        .collect();
    assert!(list.len() >= 26);
    list
}

fn tail_for(cipher: &dyn Cipher) -> &'static [u8] {
    if cipher.spec().is_aead() { &[] } else { &[9, 8, 7, 6] }
}

#[test]
fn the_composed_default_has_every_suite_the_product_names() {
    let provider = adit_crypto::default_provider();
    let mut specs = vec![CipherSpec::aes_gcm(128), CipherSpec::aes_gcm(256), CipherSpec::chacha20_poly1305()];
    for bits in [128, 256] {
        for integ in [
            IntegId::HMAC_SHA1_96,
            IntegId::HMAC_SHA1_160,
            IntegId::HMAC_SHA2_256_128,
            IntegId::HMAC_SHA2_384_192,
            IntegId::HMAC_SHA2_512_256,
        ] {
            specs.push(CipherSpec::aes_cbc(bits, integ));
        }
    }
    for spec in specs {
        let cipher = provider.cipher(spec).unwrap_or_else(|| panic!("no {spec}"));
        let (encr, integ, icv) = match spec.integ {
            IntegId::NONE if spec.encr == adit_crypto::EncrId::CHACHA20_POLY1305 => (36, 0, 16),
            IntegId::NONE => (usize::from(spec.key_bits) / 8 + 4, 0, 16),
            IntegId::HMAC_SHA1_96 => (usize::from(spec.key_bits) / 8, 20, 12),
            IntegId::HMAC_SHA1_160 => (usize::from(spec.key_bits) / 8, 20, 20),
            IntegId::HMAC_SHA2_256_128 => (usize::from(spec.key_bits) / 8, 32, 16),
            IntegId::HMAC_SHA2_384_192 => (usize::from(spec.key_bits) / 8, 48, 24),
            _ => (usize::from(spec.key_bits) / 8, 64, 32),
        };
        assert_eq!(
            (cipher.encr_key_len(), cipher.integ_key_len(), cipher.icv_len()),
            (encr, integ, icv),
            "{spec}"
        );
        let (iv, block) = if spec.is_aead() { (8, 1) } else { (16, 16) };
        assert_eq!((cipher.iv_len(), cipher.block_len()), (iv, block), "{spec}");
    }
}

#[test]
fn what_is_sealed_opens_and_is_hidden() {
    for (provider, cipher) in all() {
        let tail = tail_for(cipher);
        for blocks in [1, 2, 5, 88] {
            let text: Vec<u8> = (0..16 * blocks).map(|at| at as u8).collect();
            let body = seal(cipher, 1, 7, b"head", tail, &text);
            assert_eq!(body.len(), cipher.iv_len() + text.len() + cipher.icv_len());
            assert!(!body.windows(16).any(|window| window == &text[..16]), "{} {cipher:?}", provider.name);
            assert_eq!(open(cipher, 1, b"head", tail, &body).unwrap(), text);
        }
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for (_, cipher) in all() {
        let tail = tail_for(cipher);
        let body = seal(cipher, 2, 3, b"head", tail, &[0x42; 48]);
        for bit in 0..body.len() * 8 {
            let mut changed = body.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                open(cipher, 2, b"head", tail, &changed),
                Err(CryptoError::BadIntegrity),
                "{cipher:?} bit {bit}"
            );
        }
        for bit in 0..32 {
            let mut head = *b"head";
            head[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(cipher, 2, &head, tail, &body), Err(CryptoError::BadIntegrity));
        }
        assert_eq!(open(cipher, 3, b"head", tail, &body), Err(CryptoError::BadIntegrity), "other key");
        if !tail.is_empty() {
            assert_eq!(open(cipher, 2, b"head", &[9, 8, 7, 7], &body), Err(CryptoError::BadIntegrity));
            assert_eq!(open(cipher, 2, b"head", &[], &body), Err(CryptoError::BadIntegrity));
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    for (_, cipher) in all() {
        let tail = tail_for(cipher);
        let body = seal(cipher, 2, 3, b"head", tail, &[0x42; 48]);
        for len in 0..body.len() {
            let error = open(cipher, 2, b"head", tail, &body[..len]).unwrap_err();
            let short = len < cipher.iv_len() + cipher.icv_len();
            let ragged = (len.wrapping_sub(cipher.iv_len() + cipher.icv_len())) % cipher.block_len() != 0;
            let wanted = if short || ragged { CryptoError::BadLength } else { CryptoError::BadIntegrity };
            assert_eq!(error, wanted, "{cipher:?} at {len}");
        }
    }
}

#[test]
fn a_body_without_room_or_with_ragged_blocks_cannot_be_sealed() {
    for (_, cipher) in all() {
        let (encr, integ) = keys(cipher, 0);
        let key = cipher.sealing_key(&encr, &integ).unwrap();
        let least = cipher.iv_len() + cipher.icv_len();
        for len in 0..least {
            assert_eq!(key.seal(Aad::default(), &mut vec![0; len]), Err(CryptoError::BadLength));
        }
        if cipher.block_len() > 1 {
            assert_eq!(key.seal(Aad::default(), &mut vec![0; least + 15]), Err(CryptoError::BadLength));
        } else {
            let aad = Aad { head: &[], tail: &[1] };
            assert_eq!(key.seal(aad, &mut vec![0; least]), Err(CryptoError::BadLength));
            let opening = cipher.opening_key(&encr, &integ).unwrap();
            assert_eq!(opening.open(aad, &mut vec![0; least]), Err(CryptoError::BadLength));
        }
    }
}

#[test]
fn keys_of_other_lengths_are_refused() {
    for (_, cipher) in all() {
        let (encr, integ) = (cipher.encr_key_len(), cipher.integ_key_len());
        for (encr_len, integ_len) in
            [(encr - 1, integ), (encr + 1, integ), (0, integ), (encr, integ + 1), (encr - 4, integ)]
        {
            let (encr, integ) = (vec![1; encr_len], vec![2; integ_len]);
            assert!(matches!(cipher.sealing_key(&encr, &integ), Err(CryptoError::BadKey(_))), "{cipher:?}");
            assert!(matches!(cipher.opening_key(&encr, &integ), Err(CryptoError::BadKey(_))), "{cipher:?}");
        }
        if integ > 0 {
            assert!(cipher.sealing_key(&vec![1; encr], &vec![2; integ - 1]).is_err());
        }
    }
}

#[test]
fn ivs_differ_and_are_the_counter_for_aeads_only() {
    for (_, cipher) in all() {
        let (encr, integ) = keys(cipher, 0);
        let key = cipher.sealing_key(&encr, &integ).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for counter in (0..1000).chain([u64::from(u32::MAX), 1 << 32, u64::MAX]) {
            let mut iv = vec![0; cipher.iv_len()];
            key.write_iv(counter, &mut iv);
            if cipher.spec().is_aead() {
                assert_eq!(iv, counter.to_be_bytes());
            } else {
                assert_ne!(iv[8..], counter.to_be_bytes(), "predictable IV");
            }
            assert!(seen.insert(iv), "{cipher:?} repeats an IV");
        }
    }
}

#[test]
fn debug_of_a_cipher_names_it() {
    for (_, cipher) in all() {
        assert!(format!("{cipher:?}").contains(&cipher.spec().to_string()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_providers_agree_byte_for_byte(
        seed: u8,
        counter: u64,
        head in proptest::collection::vec(any::<u8>(), 0..40),
        mut text in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let providers = providers();
        for (_, cipher) in all() {
            let tail = tail_for(cipher);
            text.truncate(text.len() / cipher.block_len() * cipher.block_len());
            let body = seal(cipher, seed, counter, &head, tail, &text);
            for other in providers.iter().filter_map(|provider| provider.cipher(cipher.spec())) {
                prop_assert_eq!(&seal(other, seed, counter, &head, tail, &text), &body);
                prop_assert_eq!(&open(other, seed, &head, tail, &body).unwrap(), &text);
            }
        }
    }
}
