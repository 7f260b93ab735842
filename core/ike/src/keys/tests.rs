//! Key derivation against vectors of others, on every provider.

use adit_crypto::{CipherSpec, CryptoProvider, HashId, IntegId, Prf, PrfId, Secret};
use serde_json::Value;

use super::*;
use crate::test_support::{android, android_one, hex, json, providers, unhex, vectors};
use crate::wire::{IkeSpi, Role};

fn octets(value: &Value) -> Vec<u8> {
    hex(value.as_str().unwrap())
}

fn secret(value: &Value) -> Secret {
    Secret::from(octets(value))
}

fn spi(value: &Value) -> IkeSpi {
    IkeSpi(octets(value).try_into().unwrap())
}

fn prf_named(name: &str) -> PrfId {
    match name {
        "HMAC_SHA1" => PrfId::HMAC_SHA1,
        "HMAC_SHA2_256" => PrfId::HMAC_SHA2_256,
        "HMAC_SHA2_384" => PrfId::HMAC_SHA2_384,
        "HMAC_SHA2_512" => PrfId::HMAC_SHA2_512,
        other => panic!("PRF {other}"),
    }
}

/// Every provider with every PRF of ours; each of the four must come up once at least.
fn with_prf(provider: &CryptoProvider, id: PrfId, ran: &mut Vec<PrfId>) -> Option<&'static dyn Prf> {
    let prf = provider.prf(id);
    if prf.is_some() && !ran.contains(&id) {
        ran.push(id);
    }
    prf
}

/// A cipher of the provider with keys of these lengths.
fn cipher_with(
    provider: &CryptoProvider,
    encr: usize,
    integ: usize,
) -> Option<&'static dyn adit_crypto::Cipher> {
    let fits = |c: &&&'static dyn adit_crypto::Cipher| c.encr_key_len() == encr && c.integ_key_len() == integ;
    provider.ciphers.iter().find(fits).copied()
}

#[test]
fn keys_of_the_selfmade_vectors() {
    let Some(folder) = vectors("keys: selfmade/key-derivation.json") else { return };
    let cases = json(&folder.join("selfmade/key-derivation.json"));
    let cases = cases["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 16);
    let (mut ran, mut with_cipher, mut without) = (Vec::new(), 0, 0);
    for provider in providers() {
        for (number, case) in cases.iter().enumerate() {
            let at = format!("case {number} on {}", provider.name);
            let id = prf_named(case["prf"].as_str().unwrap());
            let prf = with_prf(&provider, id, &mut ran).unwrap_or_else(|| panic!("{at}: no {id}"));
            let (ni, nr) = (octets(&case["ni"]), octets(&case["nr"]));
            let seed = skeyseed_initial(prf, &ni, &nr, &secret(&case["g_ir"]));
            assert_eq!(seed, secret(&case["skeyseed"]), "{at}");

            let lengths =
                [&case["enc_key_len"], &case["integ_key_len"]].map(|l| l.as_u64().unwrap() as usize);
            let keys = &case["keys"];
            match cipher_with(&provider, lengths[0], lengths[1]) {
                Some(cipher) => {
                    let (spi_i, spi_r) = (spi(&case["spi_i"]), spi(&case["spi_r"]));
                    let derived = IkeKeys::derive(prf, cipher, &seed, &ni, &nr, spi_i, spi_r).unwrap();
                    for (name, key) in [
                        ("SK_d", &derived.d),
                        ("SK_ai", &derived.ai),
                        ("SK_ar", &derived.ar),
                        ("SK_ei", &derived.ei),
                        ("SK_er", &derived.er),
                        ("SK_pi", &derived.pi),
                        ("SK_pr", &derived.pr),
                    ] {
                        assert_eq!(*key, secret(&keys[name]), "{at}: {name}");
                    }
                    with_cipher += 1;
                }
                None => without += 1,
            }
            check_raw_prf_plus(prf, &seed, case, &at);
            check_child_and_rekey(prf, case, &at);
            check_psk_auth(prf, case, &at);
        }
    }
    println!("{with_cipher} runs with a cipher of the case's key lengths, {without} by prf+ alone");
    assert!(with_cipher >= 32, "{with_cipher}");
    assert_eq!(ran.len(), 4);
}

/// The seven keys laid end to end, whatever the key lengths are.
fn check_raw_prf_plus(prf: &dyn Prf, seed: &Secret, case: &Value, at: &str) {
    let names = ["SK_d", "SK_ai", "SK_ar", "SK_ei", "SK_er", "SK_pi", "SK_pr"];
    let expected: Vec<u8> = names.iter().flat_map(|name| octets(&case["keys"][name])).collect();
    let parts = [&case["ni"], &case["nr"], &case["spi_i"], &case["spi_r"]].map(octets);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let material = prf_plus(&*prf.key(seed.expose()), &parts, expected.len()).unwrap();
    assert_eq!(material.expose(), expected, "{at}: prf+");
}

fn check_child_and_rekey(prf: &dyn Prf, case: &Value, at: &str) {
    // Child SAs take SK_d after the last additional key exchange (RFC 9370 2.2.4), if there were any.
    let last = case["rfc9370_ike_intermediate"].as_array().and_then(|rounds| rounds.last());
    let sk_d = secret(&last.unwrap_or(case)["keys"]["SK_d"]);
    let child = &case["child"];
    let (ni, nr, shared) = (octets(&child["ni"]), octets(&child["nr"]), secret(&child["ke"]));
    let len = child["keymat_len"].as_u64().unwrap() as usize;
    for (name, ke) in [("no_ke", None), ("with_ke", Some(&shared))] {
        let seed = ChildKeySeed { sk_d: &sk_d, shared: ke, nonce_i: &ni, nonce_r: &nr };
        assert_eq!(seed.keymat(prf, len).unwrap(), secret(&child[name]), "{at}: child {name}");
    }
    let rekey = &case["ike_rekey"];
    let (ni, nr, shared) = (octets(&rekey["ni"]), octets(&rekey["nr"]), secret(&rekey["ke"]));
    assert_eq!(skeyseed_rekeyed(prf, &sk_d, &shared, &ni, &nr), secret(&rekey["skeyseed"]), "{at}: rekey");
}

fn check_psk_auth(prf: &dyn Prf, case: &Value, at: &str) {
    let auth = &case["psk_auth_initiator"];
    let (message, nonce) = (octets(&auth["real_message_1"]), octets(&auth["nonce_r"]));
    let sk_pi = secret(&case["keys"]["SK_pi"]);
    let signed = SignedOctets::new(prf, &message, &nonce, &sk_pi, &octets(&auth["id_i_body"]));
    let value = shared_secret_auth(prf, &secret(&auth["psk"]), &signed);
    assert_eq!(value, secret(&auth["auth"]), "{at}: PSK AUTH");
    assert_eq!(signed.concat(), signed.parts().concat());
    assert_ne!(shared_secret_auth(prf, &secret(&auth["auth"]), &signed), value, "{at}: other secret");
}

#[test]
fn keys_of_the_nist_vectors() {
    let Some(folder) = vectors("keys: kdf/ikev2-sp800-135.fax") else { return };
    let text = std::fs::read_to_string(folder.join("kdf/ikev2-sp800-135.fax")).unwrap();
    let mut ran = Vec::new();
    let mut cases = 0;
    for provider in providers() {
        let mut prf = None;
        let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(hash) = line.strip_prefix("[SHA-").and_then(|rest| rest.strip_suffix(']')) {
                let name = if hash == "1" { "HMAC_SHA1".to_owned() } else { format!("HMAC_SHA2_{hash}") };
                let id = prf_named(&name);
                prf = with_prf(&provider, id, &mut ran);
            } else if line.starts_with("COUNT") {
                fields.clear();
            } else if let Some((name, value)) = line.split_once(" = ").filter(|_| !line.starts_with('[')) {
                fields.push((name.to_owned(), unhex(value).unwrap()));
                // The last field of a case.
                if name == "SKEYSEED(Rekey)" {
                    check_nist(prf.expect("every provider has all four"), &fields);
                    cases += 1;
                }
            }
        }
    }
    println!("{cases} cases on {} providers", providers().len());
    // 12 sections of 50 cases (even COUNT) for each provider.
    assert_eq!(cases, text.matches("COUNT = ").count() * providers().len());
    assert_eq!(ran.len(), 4);
}

fn check_nist(prf: &dyn Prf, fields: &[(String, Vec<u8>)]) {
    let get =
        |name: &str| fields.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name}")).1.as_slice();
    let (ni, nr) = (get("Ni"), get("Nr"));
    let shared_new = Secret::from(get("g^ir (new)"));
    let seed = skeyseed_initial(prf, ni, nr, &Secret::from(get("g^ir")));
    assert_eq!(seed.expose(), get("SKEYSEED"));
    let dkm = get("DKM");
    let material =
        prf_plus(&*prf.key(seed.expose()), &[ni, nr, get("SPIi"), get("SPIr")], dkm.len()).unwrap();
    assert_eq!(material.expose(), dkm);
    let sk_d = Secret::from(&dkm[..prf.output_len()]);
    for (name, shared) in [("DKM(Child SA)", None), ("DKM(Child SA D-H)", Some(&shared_new))] {
        let child = ChildKeySeed { sk_d: &sk_d, shared, nonce_i: ni, nonce_r: nr };
        assert_eq!(child.keymat(prf, get(name).len()).unwrap().expose(), get(name), "{name}");
    }
    let rekeyed = skeyseed_rekeyed(prf, &sk_d, &shared_new, ni, nr);
    assert_eq!(rekeyed.expose(), get("SKEYSEED(Rekey)"));
}

#[test]
fn keys_of_an_android_session() {
    let Some(folder) = vectors("keys: SaRecordTest") else { return };
    let all = android(&folder);
    let get = |name| android_one(&all, "SaRecordTest", name);
    let key = |name| Secret::from(get(name));
    let spec = CipherSpec::aes_cbc(128, IntegId::HMAC_SHA1_96);
    let mut ran = 0;
    for provider in providers() {
        let (Some(prf), Some(cipher)) = (provider.prf(PrfId::HMAC_SHA1), provider.cipher(spec)) else {
            continue;
        };
        let (ni, nr) = (get("IKE_NONCE_INIT_HEX_STRING"), get("IKE_NONCE_RESP_HEX_STRING"));
        let seed = skeyseed_initial(prf, &ni, &nr, &key("IKE_SHARED_DH_KEY_HEX_STRING"));
        assert_eq!(seed, key("IKE_SKEYSEED_HEX_STRING"));
        let spis = ["5f54bf6d8b48e6e1", "909232b3d1edcb5c"].map(|text| IkeSpi(hex(text).try_into().unwrap()));
        let keys = IkeKeys::derive(prf, cipher, &seed, &ni, &nr, spis[0], spis[1]).unwrap();
        assert_eq!(keys.d, key("IKE_SK_D_HEX_STRING"));
        let sent = keys.protection(Role::Initiator);
        assert_eq!(
            (sent.encr, sent.integ),
            (key("IKE_SK_ENCR_INIT_HEX_STRING"), key("IKE_SK_AUTH_INIT_HEX_STRING"))
        );
        let got = keys.protection(Role::Responder);
        assert_eq!(
            (got.encr, got.integ),
            (key("IKE_SK_ENCR_RESP_HEX_STRING"), key("IKE_SK_AUTH_RESP_HEX_STRING"))
        );
        assert_eq!(*keys.auth_key(Role::Initiator), key("IKE_SK_PRF_INIT_HEX_STRING"));
        assert_eq!(*keys.auth_key(Role::Responder), key("IKE_SK_PRF_RESP_HEX_STRING"));

        let seed = ChildKeySeed { sk_d: &keys.d, shared: None, nonce_i: &ni, nonce_r: &nr };
        let child = ChildKeys::derive(prf, cipher, seed).unwrap();
        let initiator = child.of(Role::Initiator);
        assert_eq!(initiator.encr, key("FIRST_CHILD_ENCR_INIT_HEX_STRING"));
        assert_eq!(initiator.integ, key("FIRST_CHILD_AUTH_INIT_HEX_STRING"));
        let responder = child.of(Role::Responder);
        assert_eq!(responder.encr, key("FIRST_CHILD_ENCR_RESP_HEX_STRING"));
        assert_eq!(responder.integ, key("FIRST_CHILD_AUTH_RESP_HEX_STRING"));
        ran += 1;
    }
    assert!(ran > 0);
}

#[test]
fn psk_auth_of_an_android_session() {
    let Some(folder) = vectors("keys: IkeAuthPskPayloadTest") else { return };
    let all = android(&folder);
    let get = |name| android_one(&all, "IkeAuthPskPayloadTest", name);
    for provider in providers() {
        let prf = provider.prf(PrfId::HMAC_SHA1).unwrap();
        let (message, nonce) = (get("PSK_IKE_INIT_REQUEST_HEX_STRING"), get("PSK_NONCE_RESP_HEX_STRING"));
        let sk_pi = Secret::from(get("PSK_SKP_HEX_STRING"));
        let id = get("PSK_ID_INITIATOR_PAYLOAD_HEX_STRING");
        let signed = SignedOctets::new(prf, &message, &nonce, &sk_pi, &id);
        let auth = shared_secret_auth(prf, &Secret::from(get("PSK_HEX_STRING")), &signed);
        assert_eq!(auth, Secret::from(get("PSK_AUTH_PAYLOAD_SIGNATURE_HEX_STRING")), "{}", provider.name);
    }
}

#[test]
fn skeyseed_of_an_android_session_with_sha256() {
    let Some(folder) = vectors("keys: IkeMacPrfTest") else { return };
    let all = android(&folder);
    let get = |name| android_one(&all, "IkeMacPrfTest", name);
    for provider in providers() {
        let prf = provider.prf(PrfId::HMAC_SHA2_256).unwrap();
        let seed = skeyseed_initial(
            prf,
            &get("PRF_HMAC256_IKE_NONCE_INIT_HEX_STRING"),
            &get("PRF_HMAC256_IKE_NONCE_RESP_HEX_STRING"),
            &Secret::from(get("PRF_HMAC256_IKE_SHARED_DH_KEY_HEX_STRING")),
        );
        assert_eq!(seed, Secret::from(get("PRF_HMAC256_IKE_SKEYSEED_HEX_STRING")), "{}", provider.name);
    }
}

#[test]
fn prf_plus_gives_255_blocks_and_no_octet_more() {
    for provider in providers() {
        let prf = provider.prf(PrfId::HMAC_SHA2_256).unwrap();
        let key = prf.key(b"key");
        let most = 255 * prf.output_len();
        let all = prf_plus(&*key, &[b"seed"], most).unwrap();
        assert_eq!(all.len(), most);
        let wanted = most + 1;
        assert_eq!(prf_plus(&*key, &[b"seed"], wanted), Err(KeyError::TooMuchKeyMaterial { wanted }));
        for len in [0, 1, 31, 32, 33, 64] {
            assert_eq!(prf_plus(&*key, &[b"se", b"ed"], len).unwrap().expose(), &all.expose()[..len]);
        }
    }
}

#[test]
fn keys_print_nothing() {
    let provider = adit_crypto::default_provider();
    let prf = provider.prf(PrfId::HMAC_SHA2_256).unwrap();
    let cipher = provider.cipher(CipherSpec::aes_gcm(256)).unwrap();
    let seed = Secret::from(vec![0xab; 32]);
    let keys =
        IkeKeys::derive(prf, cipher, &seed, &[1; 32], &[2; 32], IkeSpi([3; 8]), IkeSpi([4; 8])).unwrap();
    assert_eq!((keys.ai.len(), keys.ei.len(), keys.d.len()), (0, 36, 32));
    let text = format!("{keys:?} {:?}", keys.protection(Role::Initiator));
    assert_eq!(text.matches("Secret(redacted)").count(), 9, "{text}");
    assert!(!text.chars().any(|c| c.is_ascii_digit()), "{text}");
    assert!(provider.hash(HashId::SHA1).is_some());
}
