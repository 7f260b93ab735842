//! What is accepted as proof, and what is not.

use adit_crypto::{
    CryptoProvider, EcdsaEncoding, HashId, KeyKind, PrfId, Secret, SignatureScheme, default_provider,
    rustcrypto_provider,
};
use proptest::prelude::*;

use super::*;
use crate::certificate::testing::{ED25519, P256_A, P256_B, P384, P521, RSA_A, RSA_B, load};
use crate::certificate::{KeyType, PublicKey};
use crate::identity::testing::{field, hex, shared_json};
use crate::keys::{SignedOctets, shared_secret_auth};

const OCTETS: &[u8] = b"message | nonce | prf(SK_p, ID)";

const ANY: SignaturePolicy<'static> =
    SignaturePolicy { key_types: KeyType::ALL, announced: &ANNOUNCED_HASHES, peer_announced: true };

/// Against a peer that sent no SIGNATURE_HASH_ALGORITHMS.
const CLASSIC: SignaturePolicy<'static> = SignaturePolicy { peer_announced: false, ..ANY };

fn public(key: &[u8]) -> PublicKey {
    PublicKey::from_spki(load(key).public_key()).expect("a usable key")
}

/// A signature by `key` over [`OCTETS`], as the AUTH data of `method`.
fn signed(key: &[u8], method: AuthMethod, scheme: SignatureScheme) -> Vec<u8> {
    let provider = default_provider();
    SignatureChoice { method, scheme }.sign(&*load(key), OCTETS, provider.random).expect("a signature")
}

/// Verifies with both providers, which must agree.
fn verify(
    policy: SignaturePolicy<'_>,
    method: AuthMethod,
    data: &[u8],
    key: &PublicKey,
) -> Result<SignatureScheme, AuthRefusal> {
    let check = |provider: CryptoProvider| verify_signature(&provider, policy, method, data, key, OCTETS);
    let answer = check(default_provider());
    assert_eq!(answer, check(rustcrypto_provider()), "the providers disagree");
    answer
}

fn digital(algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    [&[u8::try_from(algorithm.len()).expect("short")], algorithm, signature].concat()
}

const fn ecdsa(hash: HashId) -> SignatureScheme {
    SignatureScheme::Ecdsa(hash, EcdsaEncoding::Der)
}

const fn fixed(hash: HashId) -> SignatureScheme {
    SignatureScheme::Ecdsa(hash, EcdsaEncoding::Fixed)
}

#[test]
fn android_pre_shared_key_auth_is_reproduced() {
    let path = "vectors/android-ike/IkeAuthPskPayloadTest.json";
    let Some(file) = shared_json("Android PSK AUTH", path) else { return };
    let get = |name: &str| field(&file["hex"], name);
    let provider = default_provider();
    let prf = provider.prf(PrfId::HMAC_SHA1).expect("HMAC-SHA1");
    let sk_p = Secret::from(get("PSK_SKP_HEX_STRING"));
    let (message, nonce) = (get("PSK_IKE_INIT_REQUEST_HEX_STRING"), get("PSK_NONCE_RESP_HEX_STRING"));
    let id = get("PSK_ID_INITIATOR_PAYLOAD_HEX_STRING");
    let octets = SignedOctets::new(prf, &message, &nonce, &sk_p, &id);
    let secret = Secret::from(get("PSK_HEX_STRING"));
    let wanted = get("PSK_AUTH_PAYLOAD_SIGNATURE_HEX_STRING");

    assert_eq!(shared_secret_auth(prf, &secret, &octets).expose(), wanted);
    verify_shared_key(prf, &secret, &octets, AuthMethod::SHARED_KEY, &wanted).expect("the same");
    for length in 0..wanted.len() {
        let cut = verify_shared_key(prf, &secret, &octets, AuthMethod::SHARED_KEY, &wanted[..length]);
        assert_eq!(cut, Err(AuthRefusal::SharedKeyMismatch));
    }
    let other = Secret::from(b"juniper124".as_slice());
    let refusal =
        verify_shared_key(prf, &other, &octets, AuthMethod::SHARED_KEY, &wanted).expect_err("another key");
    assert!(!format!("{refusal:?} {refusal}").contains("juniper"));
}

#[test]
fn android_signature_payloads_parse_and_their_short_keys_are_useless() {
    let path = "vectors/android-ike/IkeAuthDigitalSignPayloadTest.json";
    let Some(file) = shared_json("Android signature AUTH", path) else { return };
    let get = |name: &str| field(&file["hex"], name);
    let body = get("AUTH_PAYLOAD_BODY_GENERIC_DIGITAL_SIGN_HEX_STRING");
    assert_eq!(AuthMethod(body[0]), AuthMethod::DIGITAL_SIGNATURE);
    let (scheme, signature) = split_digital_signature(&body[4..]).expect("a digital signature");
    assert_eq!(scheme, SignatureScheme::RsaPkcs1(HashId::SHA2_256));
    assert_eq!(signature, get("SIGNATURE"));
    let classic = get("AUTH_PAYLOAD_BODY_RSA_DIGITAL_SIGN_HEX_STRING");
    assert_eq!(AuthMethod(classic[0]), AuthMethod::RSA_SIGNATURE);
    // 64 bytes: a key of 512 bits made them, which no provider touches. With ours they verify nothing.
    for (method, data) in [(AuthMethod::DIGITAL_SIGNATURE, &body), (AuthMethod::RSA_SIGNATURE, &classic)] {
        let refusal = verify(CLASSIC, method, &data[4..], &public(RSA_A)).expect_err("another key");
        assert!(matches!(refusal, AuthRefusal::BadSignature { .. }), "{refusal}");
    }
}

#[test]
fn rfc_7427_identifiers_parse_and_encode_to_the_same_bytes() {
    let Some(file) = shared_json("RFC 7427 identifiers", "vectors/rfc/rfc-vectors.json") else { return };
    let cases = file["rfc7427_algorithm_identifiers"].as_array().expect("a list");
    assert_eq!(cases.len(), 15);
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let der = field(case, "der");
        let wanted = match name {
            "sha1WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1(HashId::SHA1)),
            "sha256WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1(HashId::SHA2_256)),
            "sha384WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1(HashId::SHA2_384)),
            "sha512WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1(HashId::SHA2_512)),
            "ecdsa-with-sha1" => Some(ecdsa(HashId::SHA1)),
            "ecdsa-with-sha256" => Some(ecdsa(HashId::SHA2_256)),
            "ecdsa-with-sha384" => Some(ecdsa(HashId::SHA2_384)),
            "ecdsa-with-sha512" => Some(ecdsa(HashId::SHA2_512)),
            "RSASSA-PSS with Empty Parameters" | "RSASSA-PSS with Default Parameters" => {
                Some(SignatureScheme::RsaPss(HashId::SHA1))
            }
            "RSASSA-PSS with SHA-256" => Some(SignatureScheme::RsaPss(HashId::SHA2_256)),
            "id-Ed25519 (hash 5 Identity)" => Some(SignatureScheme::Ed25519),
            _ => None,
        };
        match wanted {
            Some(scheme) => {
                assert_eq!(parse_algorithm(&der), Ok(scheme), "{name}");
                if !name.contains("Empty") {
                    assert_eq!(encode_algorithm(scheme), Some(der.clone()), "{name}");
                }
            }
            None => {
                let refused = parse_algorithm(&der);
                assert!(matches!(refused, Err(AlgorithmError::Unsupported { .. })), "{name}");
            }
        }
        for length in 0..der.len() {
            assert!(parse_algorithm(&der[..length]).is_err(), "{name} cut to {length}");
        }
        assert!(parse_algorithm(&[der.as_slice(), &[0]].concat()).is_err(), "{name} with a byte behind");
    }
}

#[test]
fn every_kind_of_key_proves_itself_by_every_method_it_has() {
    let negotiated = [HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512];
    for key in [RSA_A, P256_A, P384, P521] {
        for hash in negotiated {
            let schemes = match load(key).kind() {
                KeyKind::Rsa { .. } => vec![SignatureScheme::RsaPkcs1(hash), SignatureScheme::RsaPss(hash)],
                _ => vec![ecdsa(hash)],
            };
            for scheme in schemes {
                let data = signed(key, AuthMethod::DIGITAL_SIGNATURE, scheme);
                assert_eq!(verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &public(key)), Ok(scheme));
            }
        }
    }
    let data = signed(ED25519, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::Ed25519);
    let scheme = verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &public(ED25519));
    assert_eq!(scheme, Ok(SignatureScheme::Ed25519));

    for (key, method, scheme) in [
        (RSA_A, AuthMethod::RSA_SIGNATURE, SignatureScheme::RsaPkcs1(HashId::SHA1)),
        (P256_A, AuthMethod::ECDSA_P256, fixed(HashId::SHA2_256)),
        (P384, AuthMethod::ECDSA_P384, fixed(HashId::SHA2_384)),
        (P521, AuthMethod::ECDSA_P521, fixed(HashId::SHA2_512)),
    ] {
        let data = signed(key, method, scheme);
        assert_eq!(verify(CLASSIC, method, &data, &public(key)), Ok(scheme));
    }
}

#[test]
fn our_key_signs_as_the_peer_can_check() {
    use HashId as H;
    let choose =
        |key: &[u8], padding, peer: Option<&[H]>| SignatureChoice::new(load(key).kind(), padding, peer);
    let choice = |method, scheme| Ok(SignatureChoice { method, scheme });
    let digital = |scheme| choice(AuthMethod::DIGITAL_SIGNATURE, scheme);
    let all = [H::SHA1, H::SHA2_512, H::SHA2_384, H::SHA2_256, H::IDENTITY];
    let (pkcs1, pss) = (RsaPadding::default(), RsaPadding::Pss);

    assert_eq!(choose(RSA_A, pkcs1, Some(&all)), digital(SignatureScheme::RsaPkcs1(H::SHA2_256)));
    assert_eq!(choose(RSA_A, pss, Some(&all)), digital(SignatureScheme::RsaPss(H::SHA2_256)));
    assert_eq!(choose(RSA_A, pss, Some(&[H::SHA2_512])), digital(SignatureScheme::RsaPss(H::SHA2_512)));
    assert_eq!(choose(P256_A, pkcs1, Some(&all)), digital(ecdsa(H::SHA2_256)));
    assert_eq!(choose(P384, pkcs1, Some(&all)), digital(ecdsa(H::SHA2_384)));
    assert_eq!(choose(P384, pkcs1, Some(&[H::SHA2_256, H::SHA2_512])), digital(ecdsa(H::SHA2_512)));
    assert_eq!(choose(P521, pkcs1, Some(&all)), digital(ecdsa(H::SHA2_512)));
    assert_eq!(choose(ED25519, pkcs1, Some(&all)), digital(SignatureScheme::Ed25519));

    let sha1 = SignatureScheme::RsaPkcs1(H::SHA1);
    assert_eq!(choose(RSA_A, pkcs1, None), choice(AuthMethod::RSA_SIGNATURE, sha1));
    assert_eq!(choose(P256_A, pkcs1, None), choice(AuthMethod::ECDSA_P256, fixed(H::SHA2_256)));
    assert_eq!(choose(P384, pkcs1, None), choice(AuthMethod::ECDSA_P384, fixed(H::SHA2_384)));
    assert_eq!(choose(P521, pkcs1, None), choice(AuthMethod::ECDSA_P521, fixed(H::SHA2_512)));
    // No hash in common: the classic ECDSA methods are as good.
    assert_eq!(choose(P384, pkcs1, Some(&[H::SHA1])), choice(AuthMethod::ECDSA_P384, fixed(H::SHA2_384)));

    for (key, padding, peer) in [
        (RSA_A, pkcs1, Some([H::SHA1])),
        (ED25519, pkcs1, Some([H::SHA2_256])),
        (RSA_A, pss, None),
        (ED25519, pkcs1, None),
    ] {
        let refusal =
            choose(key, padding, peer.as_ref().map(<[H; 1]>::as_slice)).expect_err("no way to sign");
        assert!(
            matches!(refusal, AuthRefusal::NoCommonHash { .. } | AuthRefusal::NeedsHashNegotiation { .. }),
            "{refusal}"
        );
    }
}

#[test]
fn a_key_marked_pss_makes_pss_signatures_only() {
    let private = load(RSA_A);
    // The certificate of such a key says id-RSASSA-PSS.
    let info = crate::certificate::asn1::encode(
        der::Tag::Sequence,
        &[hex("300b06092a864886f70d01010a"), bit_string_of(private.public_key())].concat(),
    );
    let key = PublicKey::from_spki(&info).expect("a PSS key");
    assert_eq!(RsaPadding::Pkcs1.suiting(&key), RsaPadding::Pss);
    assert_eq!(RsaPadding::Pkcs1.suiting(&public(RSA_A)), RsaPadding::Pkcs1);
    let data = signed(RSA_A, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::RsaPss(HashId::SHA2_256));
    verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &key).expect("PSS");
    for (method, hash) in
        [(AuthMethod::DIGITAL_SIGNATURE, HashId::SHA2_256), (AuthMethod::RSA_SIGNATURE, HashId::SHA1)]
    {
        let data = signed(RSA_A, method, SignatureScheme::RsaPkcs1(hash));
        let refusal = verify(CLASSIC, method, &data, &key).expect_err("PKCS#1 v1.5");
        assert!(matches!(refusal, AuthRefusal::SchemeNotForKey { .. }), "{refusal}");
    }
}

/// The BIT STRING of a `SubjectPublicKeyInfo`.
fn bit_string_of(spki: &[u8]) -> Vec<u8> {
    let mut parts = crate::certificate::asn1::only_sequence(spki).expect("a key");
    parts.next().expect("an algorithm");
    parts.next().expect("a key").raw.to_vec()
}

#[test]
fn c16_to_c22_every_altered_byte_of_a_proof_is_refused() {
    for (key, scheme) in [
        (RSA_A, SignatureScheme::RsaPkcs1(HashId::SHA2_256)),
        (P256_A, ecdsa(HashId::SHA2_256)),
        (ED25519, SignatureScheme::Ed25519),
    ] {
        let data = signed(key, AuthMethod::DIGITAL_SIGNATURE, scheme);
        let public = public(key);
        for at in 0..data.len() {
            let mut altered = data.clone();
            altered[at] ^= 0x01;
            assert!(
                verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &altered, &public).is_err(),
                "{scheme} at {at}"
            );
        }
        for length in 0..data.len() {
            let cut = &data[..length];
            assert!(
                verify(ANY, AuthMethod::DIGITAL_SIGNATURE, cut, &public).is_err(),
                "{scheme} cut to {length}"
            );
        }
        let longer = [data.as_slice(), &[0]].concat();
        assert!(
            verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &longer, &public).is_err(),
            "{scheme} with a byte behind"
        );
    }
}

#[test]
fn c17_a_pkcs1_identifier_with_other_parameters_is_refused() {
    let signature = &signed(RSA_A, AuthMethod::RSA_SIGNATURE, SignatureScheme::RsaPkcs1(HashId::SHA2_256));
    for algorithm in [
        "300b06092a864886f70d01010b",         // none
        "300f06092a864886f70d01010b05000500", // two
        "300d06092a864886f70d01010b3000",     // a SEQUENCE
        "300e06092a864886f70d01010b050100",   // a NULL with contents
        "300f06092a864886f70d01010b0c0241424300",
    ] {
        let data = digital(&hex(algorithm), signature);
        let refusal = verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &public(RSA_A)).expect_err(algorithm);
        assert!(matches!(refusal, AuthRefusal::Algorithm(_)), "{algorithm}: {refusal}");
    }
}

#[test]
fn c18_degenerate_rsa_signatures_and_keys_are_refused() {
    let key = public(RSA_A);
    let modulus = modulus_of(load(RSA_A).public_key());
    let mut above = modulus.clone();
    *above.last_mut().expect("a modulus") |= 2;
    for value in
        [vec![0; 256], vec![], vec![0], modulus, above, vec![0xff; 256], [vec![0], vec![1; 256]].concat()]
    {
        for scheme in [SignatureScheme::RsaPkcs1(HashId::SHA2_256), SignatureScheme::RsaPss(HashId::SHA2_256)]
        {
            let data = digital(&encode_algorithm(scheme).expect("known"), &value);
            assert!(verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &key).is_err());
        }
        assert!(verify(CLASSIC, AuthMethod::RSA_SIGNATURE, &value, &key).is_err());
    }
    // Moduli of 1, 8, 512 and 2047 bits, an even one; exponents 0, 1, 2.
    let odd = |bytes: usize| [vec![0x81], vec![0x55; bytes - 2], vec![0x01]].concat();
    for (modulus, exponent) in [
        (vec![1], 3_u8),
        (vec![0xff], 3),
        (odd(64), 3),
        ([vec![0x7f], vec![0xff; 255]].concat(), 3),
        ([odd(255), vec![0x02]].concat(), 3),
        (odd(256), 0),
        (odd(256), 1),
        (odd(256), 2),
    ] {
        let spki = rsa_spki(&modulus, exponent);
        if let Ok(key) = PublicKey::from_spki(&spki) {
            for value in [vec![0; modulus.len()], vec![1; modulus.len()], vec![2; 256]] {
                let data = digital(&hex("300d06092a864886f70d01010b0500"), &value);
                assert!(verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &key).is_err());
            }
        }
    }
    assert!(PublicKey::from_spki(&rsa_spki(&odd(64), 3)).expect_err("512 bits").contains("512 bits"));
}

fn modulus_of(spki: &[u8]) -> Vec<u8> {
    use crate::certificate::asn1::{Elements, only_element, only_sequence};
    let bits = only_element(&bit_string_of(spki)).expect("bits").value[1..].to_vec();
    let mut numbers: Elements<'_> = only_sequence(&bits).expect("RSAPublicKey");
    numbers.next().expect("a modulus").value[1..].to_vec()
}

fn rsa_spki(modulus: &[u8], exponent: u8) -> Vec<u8> {
    use crate::certificate::asn1::encode;
    use der::Tag;
    let integer = |bytes: &[u8]| {
        let padded = if bytes[0] & 0x80 == 0 { bytes.to_vec() } else { [&[0], bytes].concat() };
        encode(Tag::Integer, &padded)
    };
    let key = encode(Tag::Sequence, &[integer(modulus), integer(&[exponent])].concat());
    let bits = encode(Tag::BitString, &[&[0], key.as_slice()].concat());
    encode(Tag::Sequence, &[hex("300d06092a864886f70d0101010500"), bits].concat())
}

#[test]
fn c19_pss_parameters_outside_the_rule_are_refused() {
    let signature = {
        let data = signed(RSA_A, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::RsaPss(HashId::SHA2_256));
        split_digital_signature(&data).expect("our own").1.to_vec()
    };
    let hash = "a00f300d06096086480165030402010500";
    let mask = "a11c301a06092a864886f70d010108300d06096086480165030402010500";
    let with = |parts: &[&str]| {
        let parameters = hex(&parts.concat());
        let parameters = crate::certificate::asn1::encode(der::Tag::Sequence, &parameters);
        let contents = [hex("06092a864886f70d01010a"), parameters].concat();
        digital(&crate::certificate::asn1::encode(der::Tag::Sequence, &contents), &signature)
    };
    let check = |parts: &[&str]| verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &with(parts), &public(RSA_A));
    check(&[hash, mask, "a203020120", "a303020101"]).expect("as RFC 7427 has it");
    check(&[hash, mask, "a203020120"]).expect("the trailer left out");
    let bare_hash = "a00d300b0609608648016503040201";
    check(&[bare_hash, mask, "a203020120"]).expect("a hash without parameters (RFC 4055 2.1)");
    for (what, parts) in [
        ("huge salt", vec![hash, mask, "a20602047fffffff"]),
        ("salt of 31", vec![hash, mask, "a20302011f"]),
        ("no salt, so 20", vec![hash, mask]),
        ("negative salt", vec![hash, mask, "a2030201a0"]),
        ("salt with a zero in front", vec![hash, mask, "a20402020020"]),
        ("salt that is no number", vec![hash, mask, "a203040120"]),
        ("no mask, so SHA-1", vec![hash, "a203020120"]),
        (
            "mask with SHA-512",
            vec![hash, "a11c301a06092a864886f70d010108300d06096086480165030402030500", "a203020120"],
        ),
        (
            "another mask function",
            vec![hash, "a11c301a06092a864886f70d010109300d06096086480165030402010500", "a203020120"],
        ),
        ("no hash, so SHA-1", vec![mask, "a203020120"]),
        ("trailer 2", vec![hash, mask, "a203020120", "a303020102"]),
        ("a field twice", vec![hash, hash, mask, "a203020120"]),
        ("fields out of order", vec![mask, hash, "a203020120"]),
        ("an unknown field", vec![hash, mask, "a203020120", "a403020101"]),
        ("a NULL with contents", vec!["a010300e0609608648016503040201050100", mask, "a203020120"]),
        ("a hash nobody knows", vec!["a00f300d06096086480165030402090500", mask, "a203020120"]),
    ] {
        let refusal = check(&parts).expect_err(what);
        assert!(matches!(refusal, AuthRefusal::Algorithm(_)), "{what}: {refusal}");
    }
    let no_parameters = digital(&hex("300b06092a864886f70d01010a"), &signature);
    assert!(verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &no_parameters, &public(RSA_A)).is_err());
    // Sound parameters, but a hash that was not announced.
    let only_512 = SignaturePolicy { announced: &[HashId::SHA2_512], ..ANY };
    assert_eq!(
        verify(only_512, AuthMethod::DIGITAL_SIGNATURE, &with(&[hash, mask, "a203020120"]), &public(RSA_A)),
        Err(AuthRefusal::HashNotAnnounced { hash: HashId::SHA2_256, announced: vec![HashId::SHA2_512] })
    );
}

#[test]
fn c20_malformed_ecdsa_signatures_are_refused() {
    let key = public(P256_A);
    let good = signed(P256_A, AuthMethod::ECDSA_P256, fixed(HashId::SHA2_256));
    assert_eq!(good.len(), 64);
    verify(CLASSIC, AuthMethod::ECDSA_P256, &good, &key).expect("the fixed form");
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let (r, s) = good.split_at(32);
    for bad in [
        vec![],
        good[..63].to_vec(),
        [&[0], good.as_slice()].concat(),
        [good.as_slice(), &[0]].concat(),
        [&[0; 32], s].concat(),
        [r, &[0; 32]].concat(),
        [order.as_slice(), s].concat(),
        [r, &order].concat(),
        [&[0xff; 32], s].concat(),
        vec![0; 64],
        // Wide enough for P-384.
        [&[0; 16], r, &[0; 16], s].concat(),
    ] {
        assert!(verify(CLASSIC, AuthMethod::ECDSA_P256, &bad, &key).is_err(), "{} bytes", bad.len());
    }
    // DER where the fixed form belongs, and the other way round.
    let der = signed(P256_A, AuthMethod::DIGITAL_SIGNATURE, ecdsa(HashId::SHA2_256));
    let der_signature = split_digital_signature(&der).expect("our own").1;
    assert!(verify(CLASSIC, AuthMethod::ECDSA_P256, der_signature, &key).is_err());
    let algorithm = encode_algorithm(ecdsa(HashId::SHA2_256)).expect("known");
    let check =
        |signature: &[u8]| verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &digital(&algorithm, signature), &key);
    check(der_signature).expect("the DER form");
    assert!(check(&good).is_err());
    // Zero and order in DER; not minimal: a zero in front, a long form of length; a byte behind.
    let integer = |value: &[u8]| [&[2, u8::try_from(value.len()).expect("short")], value].concat();
    let pair = |r: &[u8], s: &[u8]| {
        let body = [integer(r), integer(s)].concat();
        [&[0x30, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
    };
    let minimal = |value: &[u8]| if value[0] & 0x80 == 0 { value.to_vec() } else { [&[0], value].concat() };
    let (r, s) = (minimal(r), minimal(s));
    for bad in [
        pair(&[0], &s),
        pair(&r, &[0]),
        pair(&[&[0], order.as_slice()].concat(), &s),
        pair(&[&[0, 0], r.as_slice()].concat(), &s),
        pair(&[], &s),
        pair(&[0x81], &s),
        [&[0x30, 0x81], &der_signature[1..]].concat(),
        [der_signature, &[0]].concat(),
        der_signature[..der_signature.len() - 1].to_vec(),
        vec![0x30, 0],
    ] {
        assert!(check(&bad).is_err(), "{bad:02x?}");
    }
}

#[test]
fn c21_method_14_with_a_broken_or_foreign_identifier_is_refused() {
    let good = signed(P256_A, AuthMethod::DIGITAL_SIGNATURE, ecdsa(HashId::SHA2_256));
    let key = public(P256_A);
    for length in [0, 1, 11, 13, 255] {
        let mut data = good.clone();
        data[0] = length;
        let refusal = verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &key).expect_err("a wrong length");
        assert!(matches!(refusal, AuthRefusal::Algorithm(_)), "length {length}: {refusal}");
    }
    assert!(verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &[], &key).is_err());
    // The identifier alone.
    assert!(verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &good[..13], &key).is_err());

    // An algorithm of another kind of key.
    for (data_key, scheme, other) in [
        (RSA_A, SignatureScheme::RsaPkcs1(HashId::SHA2_256), P256_A),
        (P256_A, ecdsa(HashId::SHA2_256), RSA_A),
        (P256_A, ecdsa(HashId::SHA2_256), ED25519),
        (ED25519, SignatureScheme::Ed25519, P256_A),
    ] {
        let data = signed(data_key, AuthMethod::DIGITAL_SIGNATURE, scheme);
        let refusal =
            verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &public(other)).expect_err("other key");
        assert_eq!(refusal, AuthRefusal::SchemeNotForKey { scheme, key: load(other).kind() });
    }
    // A hash never announced, Ed25519 without the identity hash, nothing announced at all.
    for (data, key, announced) in [
        (good.clone(), P256_A, vec![HashId::SHA2_384, HashId::SHA2_512]),
        (good, P256_A, vec![]),
        (
            signed(ED25519, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::Ed25519),
            ED25519,
            vec![HashId::SHA2_256, HashId::SHA2_384, HashId::SHA2_512],
        ),
    ] {
        let policy = SignaturePolicy { announced: &announced, ..ANY };
        let refusal =
            verify(policy, AuthMethod::DIGITAL_SIGNATURE, &data, &public(key)).expect_err("not announced");
        assert!(matches!(refusal, AuthRefusal::HashNotAnnounced { .. }), "{refusal}");
    }
}

#[test]
fn c21_sha1_is_refused_with_method_14_and_with_method_1_from_a_peer_that_knows_better() {
    let sha1 = SignatureScheme::RsaPkcs1(HashId::SHA1);
    let data = signed(RSA_A, AuthMethod::DIGITAL_SIGNATURE, sha1);
    let announced = [HashId::SHA1, HashId::SHA2_256];
    for policy in [ANY, CLASSIC, SignaturePolicy { announced: &announced, ..ANY }] {
        let answer = verify(policy, AuthMethod::DIGITAL_SIGNATURE, &data, &public(RSA_A));
        assert_eq!(answer, Err(AuthRefusal::Sha1Refused));
    }
    let data = signed(RSA_A, AuthMethod::RSA_SIGNATURE, sha1);
    assert_eq!(verify(CLASSIC, AuthMethod::RSA_SIGNATURE, &data, &public(RSA_A)), Ok(sha1));
    let answer = verify(ANY, AuthMethod::RSA_SIGNATURE, &data, &public(RSA_A));
    assert_eq!(answer, Err(AuthRefusal::Sha1Refused));
}

#[test]
fn c22_other_methods_are_no_substitute() {
    let provider = default_provider();
    let prf = provider.prf(PrfId::HMAC_SHA2_256).expect("HMAC-SHA256");
    let secret = Secret::from(b"secret".as_slice());
    let octets = SignedOctets::new(prf, OCTETS, b"their nonce", &secret, b"id");
    let shared = shared_secret_auth(prf, &secret, &octets);
    for method in (0..=255).map(AuthMethod) {
        let answer = verify(ANY, method, shared.expose(), &public(RSA_A));
        match method.0 {
            1 => assert_eq!(answer, Err(AuthRefusal::Sha1Refused)),
            9..=11 | 14 => assert!(answer.is_err()),
            _ => {
                let wanted = AuthRefusal::WrongMethod { wanted: "a certificate", received: method };
                assert_eq!(answer, Err(wanted));
            }
        }
        if method != AuthMethod::SHARED_KEY {
            let answer = verify_shared_key(prf, &secret, &octets, method, shared.expose());
            assert!(matches!(answer, Err(AuthRefusal::WrongMethod { .. })));
        }
    }
    let text = verify(ANY, AuthMethod::NULL, &[0], &public(RSA_A)).expect_err("NULL").to_string();
    assert!(text.contains("(method 13)"), "{text}");
}

#[test]
fn c26_a_signature_by_another_key_than_the_certificates_is_refused() {
    for (signer, other, scheme) in [
        (RSA_A, RSA_B, SignatureScheme::RsaPkcs1(HashId::SHA2_256)),
        (RSA_A, RSA_B, SignatureScheme::RsaPss(HashId::SHA2_256)),
        (P256_A, P256_B, ecdsa(HashId::SHA2_256)),
        (P384, P256_B, ecdsa(HashId::SHA2_256)),
    ] {
        let data = signed(signer, AuthMethod::DIGITAL_SIGNATURE, scheme);
        let answer = verify(ANY, AuthMethod::DIGITAL_SIGNATURE, &data, &public(other));
        assert_eq!(answer, Err(AuthRefusal::BadSignature { scheme }));
    }
    let data = signed(P256_A, AuthMethod::ECDSA_P256, fixed(HashId::SHA2_256));
    assert!(verify(CLASSIC, AuthMethod::ECDSA_P256, &data, &public(P256_B)).is_err());
    let refusal = verify(CLASSIC, AuthMethod::ECDSA_P384, &data, &public(P256_A)).expect_err("another curve");
    assert!(matches!(refusal, AuthRefusal::SchemeNotForKey { .. }));
}

#[test]
fn c30_our_own_proof_reflected_does_not_verify_over_the_peers_octets() {
    let provider = default_provider();
    let prf = provider.prf(PrfId::HMAC_SHA2_256).expect("HMAC-SHA256");
    let secret = Secret::from(b"secret".as_slice());
    let sk_p = Secret::from(b"both keys the same".as_slice());
    let ours = SignedOctets::new(prf, b"our message", b"their nonce", &sk_p, b"our id");
    let ours = shared_secret_auth(prf, &secret, &ours);
    let theirs = SignedOctets::new(prf, b"their message", b"our nonce", &sk_p, b"their id");
    let answer = verify_shared_key(prf, &secret, &theirs, AuthMethod::SHARED_KEY, ours.expose());
    assert_eq!(answer, Err(AuthRefusal::SharedKeyMismatch));
}

#[test]
fn the_certificate_type_of_the_profile_is_kept() {
    let pkcs1 = signed(RSA_A, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::RsaPkcs1(HashId::SHA2_256));
    let pss = signed(RSA_A, AuthMethod::DIGITAL_SIGNATURE, SignatureScheme::RsaPss(HashId::SHA2_256));
    let check = |data: &[u8], key_types: &[KeyType]| {
        verify(SignaturePolicy { key_types, ..ANY }, AuthMethod::DIGITAL_SIGNATURE, data, &public(RSA_A))
    };
    check(&pkcs1, &[KeyType::Rsa]).expect("RSA");
    check(&pss, &[KeyType::Rsa]).expect("RSA with either padding");
    check(&pss, &[KeyType::RsaPss]).expect("PSS");
    for (data, types) in [(&pkcs1, vec![KeyType::RsaPss]), (&pss, vec![KeyType::EcdsaP256]), (&pss, vec![])] {
        let refusal = check(data, &types).expect_err("another type");
        assert!(matches!(refusal, AuthRefusal::WrongKeyType { .. }), "{refusal}");
    }
}

#[test]
fn hash_lists_round_trip_and_odd_ones_are_refused() {
    let data = encode_hashes(&ANNOUNCED_HASHES);
    assert_eq!(data, [0, 2, 0, 3, 0, 4, 0, 5]);
    assert_eq!(decode_hashes(&data).as_deref(), Some(&ANNOUNCED_HASHES[..]));
    assert_eq!(decode_hashes(&data[..7]), None);
    assert_eq!(decode_hashes(&[]), Some(vec![]));
    assert_eq!(decode_hashes(&[0; 66]), None);
}

proptest! {
    #[test]
    fn any_auth_data_is_refused_without_a_panic(method in 0_u8..16, data in proptest::collection::vec(any::<u8>(), 0..80)) {
        for key in [P256_A, ED25519] {
            prop_assert!(verify(CLASSIC, AuthMethod(method), &data, &public(key)).is_err());
        }
    }

    #[test]
    fn a_parsed_identifier_is_one_we_could_have_written(der in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(scheme) = parse_algorithm(&der) {
            prop_assert!(encode_algorithm(scheme).is_some());
        }
    }
}
