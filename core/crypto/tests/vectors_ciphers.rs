//! Known answers for ciphers: Wycheproof, RFC 3602, RFC 7634, and an IKE message of Android's test suite.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{Aad, Cipher, CipherSpec, CryptoError, IntegId};
use common::{Tally, field, json, providers};

/// Runs one Wycheproof AEAD vector. The 12-octet nonce is salt and explicit IV side by side.
fn run_aead(cipher: &dyn Cipher, test: &serde_json::Value) {
    let (mut key, iv) = (field(test, "key"), field(test, "iv"));
    key.extend_from_slice(&iv[..4]);
    let aad = field(test, "aad");
    let body = |text: Vec<u8>, tag: Vec<u8>| [&iv[4..], &text, &tag].concat();
    let sealed = body(field(test, "ct"), field(test, "tag"));
    let id = &test["tcId"];

    let mut opened = sealed.clone();
    let result = cipher.opening_key(&key, &[]).unwrap().open(Aad::new(&aad), &mut opened);
    if test["result"] == "valid" {
        result.unwrap_or_else(|error| panic!("{cipher:?} {id}: {error}"));
        assert_eq!(opened[8..opened.len() - 16], field(test, "msg"), "{cipher:?} {id}");
        let mut body = body(field(test, "msg"), vec![0; 16]);
        cipher.sealing_key(&key, &[]).unwrap().seal(Aad::new(&aad), &mut body).unwrap();
        assert_eq!(body, sealed, "{cipher:?} {id}");
    } else {
        assert_eq!(result, Err(CryptoError::BadIntegrity), "{cipher:?} {id}");
    }
}

#[test]
fn wycheproof_aes_gcm() {
    let suite = "wycheproof aes_gcm";
    let Some(vectors) = json(suite, "vectors/wycheproof/aes_gcm_test.json") else { return };
    for provider in providers() {
        let mut tally = Tally::default();
        for group in vectors["testGroups"].as_array().unwrap() {
            let tests = group["tests"].as_array().unwrap();
            let bits = u16::try_from(group["keySize"].as_u64().unwrap()).unwrap();
            for test in tests {
                if group["ivSize"] != 96 {
                    tally.skip("nonce is not 96 bits");
                } else if group["tagSize"] != 128 {
                    tally.skip("tag is not 128 bits");
                } else if bits == 192 {
                    tally.skip("AES-192 is not offered");
                } else {
                    run_aead(provider.cipher(CipherSpec::aes_gcm(bits)).unwrap(), test);
                    tally.run += 1;
                }
            }
        }
        tally.report(suite, provider.name, 67);
    }
}

#[test]
fn wycheproof_chacha20_poly1305() {
    let suite = "wycheproof chacha20_poly1305";
    let Some(vectors) = json(suite, "vectors/wycheproof/chacha20_poly1305_test.json") else { return };
    for provider in providers() {
        let mut tally = Tally::default();
        for group in vectors["testGroups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                if group["ivSize"] == 96 {
                    run_aead(provider.cipher(CipherSpec::chacha20_poly1305()).unwrap(), test);
                    tally.run += 1;
                } else {
                    tally.skip("nonce is not 96 bits");
                }
            }
        }
        tally.report(suite, provider.name, 158);
    }
}

#[test]
fn rfc_7634_esp_example() {
    let suite = "RFC 7634 appendix A";
    let Some(vectors) = json(suite, "vectors/rfc/rfc-vectors.json") else { return };
    let vector = &vectors["rfc7634_esp"][0];
    for provider in providers() {
        let cipher = provider.cipher(CipherSpec::chacha20_poly1305()).unwrap();
        let keymat = field(vector, "keymat");
        let mut body = [field(vector, "iv"), field(vector, "plaintext_padded"), vec![0; 16]].concat();
        let aad = field(vector, "aad");
        cipher.sealing_key(&keymat, &[]).unwrap().seal(Aad::new(&aad), &mut body).unwrap();
        let wanted = [field(vector, "iv"), field(vector, "ciphertext"), field(vector, "tag")].concat();
        assert_eq!(body, wanted);
        cipher.opening_key(&keymat, &[]).unwrap().open(Aad::new(&aad), &mut body).unwrap();
        assert_eq!(body[8..body.len() - 16], field(vector, "plaintext_padded"));
        Tally { run: 1, ..Tally::default() }.report(suite, provider.name, 1);
    }
}

#[test]
fn rfc_3602_cbc_examples_under_every_mac() {
    let suite = "RFC 3602";
    let Some(vectors) = json(suite, "vectors/rfc/rfc-vectors.json") else { return };
    for provider in providers() {
        let suites: Vec<_> = provider
            .ciphers
            .iter()
            .filter(|cipher| cipher.spec().integ != IntegId::NONE && cipher.spec().key_bits == 128)
            .collect();
        let mut tally = Tally::default();
        for cipher in &suites {
            for vector in vectors["rfc3602"].as_array().unwrap() {
                let (key, integ) = (field(vector, "key"), vec![7; cipher.integ_key_len()]);
                let name = if vector["mode"].is_string() { "pre_encryption" } else { "plaintext" };
                let text = field(vector, name);
                let icv = vec![0; cipher.icv_len()];
                let mut body = [field(vector, "iv"), text.clone(), icv].concat();
                cipher.sealing_key(&key, &integ).unwrap().seal(Aad::default(), &mut body).unwrap();
                let end = body.len() - cipher.icv_len();
                assert_eq!(body[16..end], field(vector, "ciphertext"), "{cipher:?} {vector}");
                cipher.opening_key(&key, &integ).unwrap().open(Aad::default(), &mut body).unwrap();
                assert_eq!(body[16..end], text);
                tally.run += 1;
            }
        }
        tally.report(suite, provider.name, if provider.name == "ring" { 0 } else { 20 });
    }
}

#[test]
fn android_ike_auth_message_opens_with_cbc_and_hmac_sha1_96() {
    let suite = "android-ike IKE_AUTH";
    let Some(cbc) = json(suite, "vectors/android-ike/IkeNormalModeCipherTest.json") else { return };
    let Some(mac) = json(suite, "vectors/android-ike/IkeMacIntegrityTest.json") else { return };
    let message = field(&mac["hex"], "DATA_TO_AUTH_HEX_STRING");
    let iv = field(&cbc["hex"], "IKE_AUTH_INIT_REQUEST_IV");
    // IKE header and the header of the Encrypted payload stand before the IV.
    let (head, rest) = message.split_at(32);
    assert!(rest.starts_with(&iv));
    let (encr, integ) =
        (field(&cbc["hex"], "ENCR_KEY_FROM_INIT_TO_RESP"), field(&mac["hex"], "INTEGRITY_KEY_HEX_STRING"));
    for provider in providers() {
        let spec = CipherSpec::aes_cbc(128, IntegId::HMAC_SHA1_96);
        let Some(cipher) = provider.cipher(spec) else {
            println!("{suite} on {}: skipped, it has no AES-CBC", provider.name);
            continue;
        };
        let sealed = [rest, &field(&mac["hex"], "CHECKSUM_HEX_STRING")].concat();
        let mut body = sealed.clone();
        cipher.opening_key(&encr, &integ).unwrap().open(Aad::new(head), &mut body).unwrap();
        let end = body.len() - 12;
        assert_eq!(body[16..end], field(&cbc["hex"], "IKE_AUTH_INIT_REQUEST_UNENCRYPTED_PADDED_DATA"));
        cipher.sealing_key(&encr, &integ).unwrap().seal(Aad::new(head), &mut body).unwrap();
        assert_eq!(body, sealed);
        Tally { run: 1, ..Tally::default() }.report(suite, provider.name, 1);
    }
}

#[test]
fn android_combined_mode_messages() {
    let suite = "android-ike combined mode";
    let Some(vectors) = json(suite, "vectors/android-ike/IkeCombinedModeCipherTest.json") else { return };
    let get = |name: &str| field(&vectors["hex"], name);
    let cases = [
        (
            CipherSpec::aes_gcm(256),
            get("KEY"),
            get("IV"),
            get("ADDITIONAL_AUTH_DATA"),
            get("UNENCRYPTED_PADDED_DATA"),
            get("ENCRYPTED_PADDED_DATA_WITH_CHECKSUM"),
        ),
        (
            CipherSpec::chacha20_poly1305(),
            get("CHACHA_POLY_KEY"),
            get("CHACHA_POLY_IV"),
            get("CHACHA_POLY_ADDITIONAL_AUTH_DATA"),
            get("CHACHA_POLY_UNENCRYPTED_DATA"),
            get("CHACHA_POLY_ENCRYPTED_DATA_WITH_CHECKSUM"),
        ),
    ];
    for provider in providers() {
        for (spec, key, iv, aad, text, sealed) in &cases {
            let cipher = provider.cipher(*spec).unwrap();
            let mut body = [iv.as_slice(), sealed].concat();
            cipher.opening_key(key, &[]).unwrap().open(Aad::new(aad), &mut body).unwrap();
            assert_eq!(body[8..body.len() - 16], *text);
            cipher.sealing_key(key, &[]).unwrap().seal(Aad::new(aad), &mut body).unwrap();
            assert_eq!(body[8..], *sealed);
        }
        Tally { run: 2, ..Tally::default() }.report(suite, provider.name, 2);
    }
}

/// HMAC-SHA2 suites at the cipher level: the ICV is the front of the PRF's output over what RFC 4303 2.8
/// says is covered, computed here by the PRFs, whose own vectors are elsewhere.
#[test]
fn the_icv_is_the_front_of_the_hmac_over_head_iv_ciphertext_and_tail() {
    use adit_crypto::PrfId;
    let macs = [
        (IntegId::HMAC_SHA1_96, PrfId::HMAC_SHA1),
        (IntegId::HMAC_SHA1_160, PrfId::HMAC_SHA1),
        (IntegId::HMAC_SHA2_256_128, PrfId::HMAC_SHA2_256),
        (IntegId::HMAC_SHA2_384_192, PrfId::HMAC_SHA2_384),
        (IntegId::HMAC_SHA2_512_256, PrfId::HMAC_SHA2_512),
    ];
    let mut run = 0;
    for ciphers in providers() {
        for prfs in providers() {
            for (integ, prf) in macs {
                for bits in [128, 256] {
                    let Some(cipher) = ciphers.cipher(CipherSpec::aes_cbc(bits, integ)) else { continue };
                    let (encr, key) = (vec![3; cipher.encr_key_len()], vec![4; cipher.integ_key_len()]);
                    let mut body = vec![5; 16 + 32 + cipher.icv_len()];
                    let aad = Aad { head: b"front", tail: b"back" };
                    cipher.sealing_key(&encr, &key).unwrap().seal(aad, &mut body).unwrap();
                    let (text, icv) = body.split_at(48);
                    let mac = prfs.prf(prf).unwrap().key(&key).compute(&[b"front", text, b"back"]);
                    assert_eq!(icv, &mac.expose()[..cipher.icv_len()]);
                    run += 1;
                }
            }
        }
    }
    assert!(run >= 20, "{run}");
}
