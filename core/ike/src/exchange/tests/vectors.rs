//! Encrypted messages that others made.

use adit_crypto::{CipherSpec, CryptoProvider, IntegId};

use crate::exchange::protect::Sealer;
use crate::exchange::*;
use crate::keys::CipherKeys;
use crate::test_support::{android, android_one, capture, hex, json, providers, vectors};
use crate::wire::*;

fn spec_named(name: &str) -> CipherSpec {
    match name {
        "AES_GCM_16_128" => return CipherSpec::aes_gcm(128),
        "AES_GCM_16_256" => return CipherSpec::aes_gcm(256),
        "CHACHA20_POLY1305" => return CipherSpec::chacha20_poly1305(),
        _ => {}
    }
    let parts: Vec<&str> = name.split('/').collect();
    let ["AES_CBC", bits, integ] = parts.as_slice() else { panic!("cipher {name}") };
    let integ = match *integ {
        "AUTH_HMAC_SHA1_96" => IntegId::HMAC_SHA1_96,
        "AUTH_HMAC_SHA1_160" => IntegId::HMAC_SHA1_160,
        "AUTH_HMAC_SHA2_256_128" => IntegId::HMAC_SHA2_256_128,
        "AUTH_HMAC_SHA2_384_192" => IntegId::HMAC_SHA2_384_192,
        "AUTH_HMAC_SHA2_512_256" => IntegId::HMAC_SHA2_512_256,
        other => panic!("integrity {other}"),
    };
    CipherSpec::aes_cbc(bits.parse().unwrap(), integ)
}

/// An opener, if the provider has the cipher.
fn opener(provider: &CryptoProvider, spec: CipherSpec, encr: Vec<u8>, integ: Vec<u8>) -> Option<Opener> {
    let cipher = provider.cipher(spec)?;
    Some(Opener::new(cipher, &CipherKeys { encr: encr.into(), integ: integ.into() }).unwrap())
}

#[test]
fn messages_of_the_selfmade_vectors_open_and_are_made_again() {
    let Some(folder) = vectors("exchange: selfmade/ike-sk-messages.json") else { return };
    let file = json(&folder.join("selfmade/ike-sk-messages.json"));
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 22);
    let mut opened_by_default = 0;
    for provider in providers() {
        let (mut ran, mut exact, mut skipped) = (0, 0, Vec::new());
        for case in cases {
            let octets = |name: &str| case[name].as_str().map_or_else(Vec::new, hex);
            let name = case["alg"].as_str().unwrap();
            let spec = spec_named(name);
            let Some(opener) = opener(&provider, spec, octets("sk_e"), octets("sk_a")) else {
                skipped.push(name);
                continue;
            };
            let message = octets("message");
            let opened = opener.open(&message).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(*opened.payloads, octets("inner_payloads"), "{name}");
            assert_eq!(u64::from(opened.first.0), case["first_inner_payload"].as_u64().unwrap());
            assert_eq!(opened.fragment, None);
            ran += 1;

            // The same message again from its payloads. An AEAD's IV is our counter; then it is exact, unless
            // the vector pads more than we do.
            let payloads = parse_inner(opened.first, &opened.payloads).unwrap();
            let header = Header::parse(&message).unwrap();
            let keys = CipherKeys { encr: octets("sk_e").into(), integ: octets("sk_a").into() };
            let mut sealer = Sealer::new(provider.cipher(spec).unwrap(), &keys).unwrap();
            if spec.is_aead() {
                sealer.set_uses(u64::from_be_bytes(octets("iv").try_into().unwrap()));
            }
            let made = sealer.seal(&header, &payloads, None).unwrap();
            let [made] = made.as_slice() else { panic!("{made:?}") };
            if spec.is_aead() && made.len() == message.len() {
                assert_eq!(*made, message, "{name}");
                exact += 1;
            }
            assert_eq!(opener.open(made).unwrap(), opened, "{name}");

            for at in 0..message.len() {
                let mut forged = message.clone();
                forged[at] ^= 1;
                assert!(opener.open(&forged).is_err(), "{name}: bit at {at}");
            }
        }
        println!("{}: {ran} cases, {exact} made exactly, left out: {skipped:?}", provider.name);
        assert_eq!(ran + skipped.len(), 22);
        if provider.name == adit_crypto::default_provider().name {
            opened_by_default = ran;
            assert!(exact >= 3, "{exact}");
        }
    }
    assert_eq!(opened_by_default, 22);
}

/// Opens all protected messages of a capture; gives how many.
fn open_capture(name: &str, spec: CipherSpec, from_initiator: [&str; 2], from_responder: [&str; 2]) -> usize {
    let Some(folder) = vectors(&format!("exchange: {name}")) else { return usize::MAX };
    let messages = capture::ike_messages(&folder.join("pcap").join(name));
    let mut most = 0;
    for provider in providers() {
        let [Some(initiator), Some(responder)] = [from_initiator, from_responder]
            .map(|[encr, integ]| opener(&provider, spec, hex(encr), hex(integ)))
        else {
            continue;
        };
        let mut opened = 0;
        for octets in &messages {
            let header = Header::parse(octets).unwrap();
            if header.exchange == ExchangeType::IKE_SA_INIT {
                continue;
            }
            let from = match header.flags.sender() {
                Role::Initiator => &initiator,
                Role::Responder => &responder,
            };
            let inside =
                from.open(octets).unwrap_or_else(|error| panic!("{name} on {}: {error}", provider.name));
            let payloads = parse_inner(inside.first, &inside.payloads).unwrap();
            let (first, written) = encode_inner(&payloads).unwrap();
            assert_eq!((first, written.len()), (inside.first, inside.payloads.len()), "{name}");
            // The keys of the other direction do not open it.
            let other = if header.flags.initiator { &responder } else { &initiator };
            assert_eq!(other.open(octets), Err(OpenError::BadIntegrity));
            opened += 1;
        }
        most = most.max(opened);
    }
    most
}

#[test]
fn wiresharks_capture_with_aes_256_gcm_opens() {
    let opened = open_capture(
        "wireshark/ikev2-decrypt-aes256gcm16.pcap",
        CipherSpec::aes_gcm(256),
        ["647075bf167447a1c8683e8dbe4794b4cfe73799cc6bec34905441159ce13705c8dfb3a9", ""],
        ["15c9eae6f94631d63068bf44bb69999abc07b3d15e915fd8f0ed99ad481efd75deb02a5e", ""],
    );
    assert!(opened >= 4, "{opened}");
}

#[test]
fn wiresharks_capture_with_aes_256_cbc_opens() {
    let opened = open_capture(
        "wireshark/ikev2-decrypt-aes256cbc.pcapng",
        CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_256_128),
        [
            "9096ddd2933620e8f48122c53a3f562cb0222c1cf97ce41fcc874ea2582a89ac",
            "12d532c3e83c757906af548dfe1ccf223ca5507af77898454e2d55c8ace57a17",
        ],
        [
            "6718c6b2bbef2f234eac4c13832f885d87b574afd2af0111161e99b5dc61b4d4",
            "30c4ead18c93024b58a86c1e3db60f550221801026853170b4cb0248d3a95329",
        ],
    );
    assert!(opened >= 2, "{opened}");
}

#[test]
fn messages_of_android_sessions_open() {
    let Some(folder) = vectors("exchange: messages of android-ike") else { return };
    let all = android(&folder);
    let get = |name| android_one(&all, "IkeEncryptedPayloadBodyTest", name);
    let cbc = CipherSpec::aes_cbc(128, IntegId::HMAC_SHA1_96);
    let gcm = CipherSpec::aes_gcm(256);
    let (mut with_cbc, mut with_gcm) = (0, 0);
    for provider in providers() {
        let (encr, integ) = (get("ENCR_KEY_FROM_INIT_TO_RESP"), get("INTE_KEY_FROM_INIT_TO_RESP"));
        if let Some(opener) = opener(&provider, cbc, encr, integ) {
            let request = android_one(&all, "IkeSkPayloadTest", "IKE_AUTH_INIT_REQUEST_HEX_STRING");
            let opened = opener.open(&request).unwrap();
            assert_eq!(*opened.payloads, get("IKE_AUTH_INIT_REQUEST_UNENCRYPTED_DATA"));
            let payloads = parse_inner(opened.first, &opened.payloads).unwrap();
            let kinds: Vec<u8> = payloads.iter().map(|payload| payload.payload_type().0).collect();
            assert_eq!(kinds, [35, 36, 39, 33, 44, 45, 41, 41]);
            with_cbc += 1;
        }
        if let Some(opener) = opener(&provider, gcm, get("AES_GCM_MSG_ENCR_KEY"), vec![]) {
            let opened = opener.open(&get("AES_GCM_MSG_HEX_STRING")).unwrap();
            assert_eq!(*opened.payloads, get("AES_GCM_MSG_DECRYPTED_BODY_HEX_STRING"));
            with_gcm += 1;
        }
        if let Some(opener) = opener(&provider, gcm, get("AES_GCM_FRAG_ENCR_KEY"), vec![]) {
            let opened = opener.open(&get("AES_GCM_FRAG_HEX_STRING")).unwrap();
            assert_eq!(*opened.payloads, get("AES_GCM_FRAG_DECRYPTED_BODY_HEX_STRING"));
            assert_eq!(opened.fragment, Some(FragmentNumber { number: 2, total: 2 }));
            assert_eq!(opened.first, PayloadType::NONE);
        }
    }
    assert!(with_cbc > 0 && with_gcm > 0);
}
