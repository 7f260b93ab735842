//! Forged signatures and unsound keys: cases C17, C18, C19, C20 of the adversarial list, on every provider.
//!
//! The controls in each list must verify, so that a suite that refuses everything fails.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{
    CryptoError, CryptoProvider, EcdsaEncoding, HashId, KeyKind, SignatureScheme, SignatureVerifier,
};
use common::{field, hex, providers};
use crypto_bigint::BoxedUint;

const MESSAGE: &[u8] = include_bytes!("keys/msg.txt");

fn scheme(text: &str) -> SignatureScheme {
    let (name, hash) = text.split_once(' ').unwrap();
    let hash = match hash {
        "SHA1" => HashId::SHA1,
        "SHA2_256" => HashId::SHA2_256,
        "SHA2_384" => HashId::SHA2_384,
        "SHA2_512" => HashId::SHA2_512,
        other => panic!("{other}"),
    };
    match name {
        "RsaPkcs1" => SignatureScheme::RsaPkcs1(hash),
        "RsaPss" => SignatureScheme::RsaPss(hash),
        other => panic!("{other}"),
    }
}

/// Runs every RSA case of one id on every verifier of every provider.
fn rsa_cases(id: &str, at_least: usize) {
    let cases: serde_json::Value = serde_json::from_str(include_str!("keys/rsa-forgeries.json")).unwrap();
    for provider in providers() {
        let (mut refused, mut accepted) = (0, 0);
        for case in cases.as_array().unwrap().iter().filter(|case| case["id"] == id) {
            let (spki, signature) = (field(case, "spki"), field(case, "sig"));
            let scheme = scheme(case["scheme"].as_str().unwrap());
            let accept = case["accept"].as_bool().unwrap();
            let what = format!("{}: {}", provider.name, case["name"]);
            let mut results = vec![provider.verify(&spki, scheme, MESSAGE, &signature)];
            // The second verifier of a composed provider must stand on its own too, if it knows RSA.
            let kind = KeyKind::from_spki(&spki);
            let knows = |verifier: &&&dyn SignatureVerifier| {
                !accept || kind.as_ref().is_ok_and(|kind| verifier.supports(*kind, scheme))
            };
            results.extend(
                provider
                    .verifiers
                    .iter()
                    .filter(knows)
                    .map(|verifier| verifier.verify(&spki, scheme, MESSAGE, &signature)),
            );
            for result in results {
                match result {
                    Ok(()) => assert!(accept, "{what} was accepted"),
                    Err(error) => assert!(!accept, "{what} was refused: {error}"),
                }
            }
            if accept { accepted += 1 } else { refused += 1 }
        }
        println!("{id} on {}: {refused} refused, {accepted} controls accepted", provider.name);
        assert!(refused >= at_least && accepted >= 1);
    }
}

#[test]
fn c17_pkcs1_forgeries_are_refused() {
    rsa_cases("C17", 98);
}

#[test]
fn c18_rsa_numbers_out_of_range_are_refused() {
    rsa_cases("C18", 61);
    let spki = include_bytes!("keys/rsa2048.spki.der");
    for provider in providers() {
        for scheme in ["RsaPkcs1 SHA2_256", "RsaPss SHA2_256", "RsaPkcs1 SHA1"].map(scheme) {
            for len in [0, 1, 65_536] {
                let error = provider.verify(spki, scheme, MESSAGE, &vec![1; len]).unwrap_err();
                assert_eq!(error, CryptoError::BadIntegrity);
            }
        }
    }
}

#[test]
fn c18_supported_sizes_end_at_2048_and_8192_bits() {
    for provider in providers() {
        for scheme in ["RsaPkcs1 SHA2_256", "RsaPss SHA2_512"].map(scheme) {
            for (bits, wanted) in [(0, false), (2047, false), (2048, true), (8192, true), (8193, false)] {
                assert_eq!(provider.can_verify(KeyKind::Rsa { bits }, scheme), wanted, "{bits}");
            }
        }
    }
}

#[test]
fn c19_pss_parameters_other_than_ours_are_refused() {
    rsa_cases("C19", 37);
    // The same by OpenSSL's hand.
    let spki = include_bytes!("keys/rsa2048.spki.der");
    let pss = SignatureScheme::RsaPss(HashId::SHA2_256);
    for provider in providers() {
        provider.verify(spki, pss, MESSAGE, include_bytes!("keys/rsa2048.pss.sha256.sig")).unwrap();
        for signature in [
            include_bytes!("keys/rsa2048.pss-maxsalt.sha256.sig"),
            include_bytes!("keys/rsa2048.pss-nosalt.sha256.sig"),
            include_bytes!("keys/rsa2048.pss-othermgf.sha256.sig"),
            include_bytes!("keys/rsa2048.pss.sha384.sig"),
            include_bytes!("keys/rsa2048.pkcs1.sha256.sig"),
        ] {
            let result = provider.verify(spki, pss, MESSAGE, signature);
            assert_eq!(result, Err(CryptoError::BadIntegrity), "{}", provider.name);
        }
    }
}

struct Curve {
    spki: &'static [u8],
    signature: &'static [u8],
    hash: HashId,
    order: &'static str,
    len: usize,
}

const CURVES: [Curve; 3] = [
    Curve {
        spki: include_bytes!("keys/p256.spki.der"),
        signature: include_bytes!("keys/p256.sha256.sig"),
        hash: HashId::SHA2_256,
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        len: 32,
    },
    Curve {
        spki: include_bytes!("keys/p384.spki.der"),
        signature: include_bytes!("keys/p384.sha384.sig"),
        hash: HashId::SHA2_384,
        order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        len: 48,
    },
    Curve {
        spki: include_bytes!("keys/p521.spki.der"),
        signature: include_bytes!("keys/p521.sha512.sig"),
        hash: HashId::SHA2_512,
        order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        len: 66,
    },
];

/// A DER header and contents, lengths below 256.
fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let len = u8::try_from(contents.len()).unwrap();
    let header = if len < 0x80 { vec![tag, len] } else { vec![tag, 0x81, len] };
    [header, contents.to_vec()].concat()
}

/// The minimal DER INTEGER of an unsigned number.
fn integer(number: &[u8]) -> Vec<u8> {
    let leading = number.iter().take_while(|byte| **byte == 0).count().min(number.len() - 1);
    let mut contents = number[leading..].to_vec();
    if contents[0] >= 0x80 {
        contents.insert(0, 0);
    }
    tlv(2, &contents)
}

/// r and s of a DER signature, at the curve's length.
fn split(signature: &[u8], len: usize) -> (Vec<u8>, Vec<u8>) {
    let contents = if signature[1] == 0x81 { &signature[3..] } else { &signature[2..] };
    let number = |at: usize| {
        let value = &contents[at + 2..at + 2 + usize::from(contents[at + 1])];
        let value = if value[0] == 0 { &value[1..] } else { value };
        let mut padded = vec![0; len - value.len()];
        padded.extend_from_slice(value);
        padded
    };
    let r_len = usize::from(contents[1]);
    (number(0), number(2 + r_len))
}

fn plus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let bits = u32::try_from(8 * (a.len() + 8)).unwrap();
    let number = |bytes| BoxedUint::from_be_slice(bytes, bits).unwrap();
    let sum = number(a).wrapping_add(number(b)).to_be_bytes();
    sum[sum.len() - a.len() - 1..].to_vec()
}

fn assert_refused(provider: &CryptoProvider, curve: &Curve, encoding: EcdsaEncoding, sig: &[u8], what: &str) {
    let scheme = SignatureScheme::Ecdsa(curve.hash, encoding);
    if !provider.can_verify(KeyKind::from_spki(curve.spki).unwrap(), scheme) {
        return;
    }
    assert_eq!(
        provider.verify(curve.spki, scheme, MESSAGE, sig),
        Err(CryptoError::BadIntegrity),
        "{} {} octets {encoding:?}: {what}",
        provider.name,
        curve.len,
    );
}

#[test]
fn c20_ecdsa_numbers_out_of_range_and_loose_encodings_are_refused() {
    use EcdsaEncoding::{Der, Fixed};
    for provider in providers() {
        for curve in &CURVES {
            let (r, s) = split(curve.signature, curve.len);
            let der = |r: &[u8], s: &[u8]| tlv(0x30, &[integer(r), integer(s)].concat());
            let fixed = |r: &[u8], s: &[u8]| [r, s].concat();
            let kind = KeyKind::from_spki(curve.spki).unwrap();
            for (encoding, control) in [(Der, der(&r, &s)), (Fixed, fixed(&r, &s))] {
                let scheme = SignatureScheme::Ecdsa(curve.hash, encoding);
                if provider.can_verify(kind, scheme) {
                    provider.verify(curve.spki, scheme, MESSAGE, &control).expect("control");
                }
            }

            let (zero, order) = (vec![0; curve.len], hex(curve.order));
            let ones = vec![0xff; curve.len];
            let mut one = zero.clone();
            one[curve.len - 1] = 1;
            for (what, bad) in [("0", &zero), ("the order", &order), ("all ones", &ones)] {
                for (r, s) in [(bad, &s), (&r, bad), (bad, bad)] {
                    assert_refused(&provider, curve, Der, &der(r, s), what);
                    assert_refused(&provider, curve, Fixed, &fixed(r, s), what);
                }
            }
            assert_refused(&provider, curve, Der, &der(&one, &one), "r = s = 1");
            assert_refused(&provider, curve, Fixed, &fixed(&one, &one), "r = s = 1");
            assert_refused(&provider, curve, Der, &der(&plus(&r, &order), &s), "r plus the order");
            assert_refused(&provider, curve, Der, &der(&r, &plus(&s, &order)), "s plus the order");

            for sig in [vec![], vec![0], vec![0x30], vec![0x30, 0], tlv(0x30, &[2, 0, 2, 0])] {
                assert_refused(&provider, curve, Der, &sig, "empty or hollow");
                assert_refused(&provider, curve, Fixed, &sig, "empty or hollow");
            }
            fixed_of_a_wrong_width(&provider, curve, &r, &s);
            der_that_is_not_minimal(&provider, curve, &r, &s);
            assert_refused(&provider, curve, Der, &fixed(&r, &s), "the other encoding");
            assert_refused(&provider, curve, Fixed, &der(&r, &s), "the other encoding");
            assert_refused(&provider, curve, Fixed, &vec![1; 65_536], "64 KiB");
            assert_refused(&provider, curve, Der, &vec![0x30; 65_536], "64 KiB");
        }
    }
}

fn fixed_of_a_wrong_width(provider: &CryptoProvider, curve: &Curve, r: &[u8], s: &[u8]) {
    let fixed = EcdsaEncoding::Fixed;
    let whole = [r, s].concat();
    assert_refused(provider, curve, fixed, &whole[1..], "one octet short in front");
    assert_refused(provider, curve, fixed, &whole[..whole.len() - 1], "one octet short behind");
    assert_refused(provider, curve, fixed, &[&[0], whole.as_slice()].concat(), "one octet more in front");
    assert_refused(provider, curve, fixed, &[whole.as_slice(), &[0]].concat(), "one octet more behind");
    let wide = [&[0], r, &[0], s].concat();
    assert_refused(provider, curve, fixed, &wide, "one octet more in each");
    assert_refused(provider, curve, fixed, r, "r alone");
}

fn der_that_is_not_minimal(provider: &CryptoProvider, curve: &Curve, r: &[u8], s: &[u8]) {
    let refuse = |sig: &[u8], what: &str| assert_refused(provider, curve, EcdsaEncoding::Der, sig, what);
    let (ri, si) = (integer(r), integer(s));
    let good = [ri.clone(), si.clone()].concat();
    let with_zero = |number: &[u8]| tlv(2, &[&[0, 0], number].concat());
    refuse(&tlv(0x30, &[with_zero(r), si.clone()].concat()), "r with zeros in front");
    refuse(&tlv(0x30, &[ri.clone(), with_zero(s)].concat()), "s with zeros in front");
    let bare = |number: &[u8]| {
        // An integer whose top bit is set and that lacks its zero octet is negative.
        let mut high = number.to_vec();
        high[0] |= 0x80;
        tlv(2, &high)
    };
    refuse(&tlv(0x30, &[bare(r), si.clone()].concat()), "r negative");
    let len = u8::try_from(good.len()).unwrap();
    refuse(&[&[0x30, 0x82, 0, len], good.as_slice()].concat(), "length in two octets");
    if len < 0x80 {
        refuse(&[&[0x30, 0x81, len], good.as_slice()].concat(), "length in long form");
    } else {
        refuse(&[&[0x30, len], good.as_slice()].concat(), "length in short form");
    }
    let r_long = [&[2, 0x81, ri[1]], &ri[2..]].concat();
    refuse(&tlv(0x30, &[r_long, si.clone()].concat()), "length of r in long form");
    refuse(&[&[0x30, 0x80], good.as_slice(), &[0, 0]].concat(), "indefinite length");
    refuse(&[tlv(0x30, &good), vec![0]].concat(), "trailing octet");
    refuse(&tlv(0x30, &[good.as_slice(), &[0]].concat()), "trailing octet inside");
    refuse(&tlv(0x30, &[good.as_slice(), &[5, 0]].concat()), "a third element");
    refuse(&tlv(0x31, &good), "SET for SEQUENCE");
    refuse(&tlv(0x30, &[tlv(4, &ri[2..]), si.clone()].concat()), "r as OCTET STRING");
    refuse(&tlv(0x30, &ri), "r alone");
    refuse(&good, "without its SEQUENCE");
}

#[test]
fn c20_points_that_are_no_keys_are_refused() {
    for provider in providers() {
        for curve in &CURVES {
            let scheme = SignatureScheme::Ecdsa(curve.hash, EcdsaEncoding::Der);
            let mut off = curve.spki.to_vec();
            *off.last_mut().unwrap() ^= 1;
            if provider.can_verify(KeyKind::from_spki(curve.spki).unwrap(), scheme) {
                let error = provider.verify(&off, scheme, MESSAGE, curve.signature).unwrap_err();
                assert!(matches!(error, CryptoError::BadKey(_) | CryptoError::BadIntegrity), "{error}");
            }
            let point = curve.spki.len() - 2 * curve.len - 1;
            for form in [0x00, 0x02, 0x03, 0x05, 0x06, 0x07] {
                let mut other = curve.spki.to_vec();
                other[point] = form;
                assert!(matches!(KeyKind::from_spki(&other), Err(CryptoError::BadKey(_))), "form {form}");
            }
        }
    }
}

#[test]
fn ed25519_signatures_of_another_length_or_above_the_order_are_refused() {
    let (spki, good) = (include_bytes!("keys/ed25519.spki.der"), include_bytes!("keys/ed25519.sig"));
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut above = good.to_vec();
    let mut carry = 0;
    for (byte, add) in above[32..].iter_mut().zip(&order) {
        let sum = u16::from(*byte) + u16::from(*add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    for provider in providers() {
        let verify = |sig: &[u8]| provider.verify(spki, SignatureScheme::Ed25519, MESSAGE, sig);
        verify(good).unwrap();
        for bad in [&above[..], &[], &good[..63], &[good.as_slice(), &[0]].concat(), &[0; 64]] {
            assert_eq!(verify(bad), Err(CryptoError::BadIntegrity), "{}", provider.name);
        }
        // A key of small order: everything would verify under a lax rule.
        let mut weak = spki.to_vec();
        weak[12..].fill(0);
        weak[12] = 1;
        let mut forged = vec![0; 64];
        forged[0] = 1;
        let result = provider.verify(&weak, SignatureScheme::Ed25519, MESSAGE, &forged);
        assert!(matches!(result, Err(CryptoError::BadKey(_))), "{}: small order accepted", provider.name);
    }
}
