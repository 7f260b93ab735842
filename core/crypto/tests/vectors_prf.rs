//! Known answers for HMAC and the hashes.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{HashId, PrfId};
use common::{Tally, field, hex, json, providers};

fn hmac(id: PrfId, file: &str, at_least: usize) {
    let suite = format!("wycheproof {file}");
    let Some(vectors) = json(&suite, &format!("vectors/wycheproof/{file}_test.json")) else { return };
    for provider in providers() {
        let prf = provider.prf(id).unwrap();
        let mut tally = Tally::default();
        for group in vectors["testGroups"].as_array().unwrap() {
            let tag_len = usize::try_from(group["tagSize"].as_u64().unwrap()).unwrap() / 8;
            for test in group["tests"].as_array().unwrap() {
                let (message, tag) = (field(test, "msg"), field(test, "tag"));
                let key = prf.key(&field(test, "key"));
                let whole = key.compute(&[&message]);
                assert_eq!(whole.len(), prf.output_len());
                // In parts, to catch state that leaks from one call into the next.
                let (front, back) = message.split_at(message.len() / 3);
                assert_eq!(key.compute(&[front, &[], back]), whole);
                let matches = whole.expose()[..tag_len] == tag;
                assert_eq!(matches, test["result"] == "valid", "{prf:?} {}", test["tcId"]);
                tally.run += 1;
            }
        }
        tally.report(&suite, provider.name, at_least);
    }
}

#[test]
fn wycheproof_hmac_sha1() {
    hmac(PrfId::HMAC_SHA1, "hmac_sha1", 88);
}

#[test]
fn wycheproof_hmac_sha256() {
    hmac(PrfId::HMAC_SHA2_256, "hmac_sha256", 90);
}

#[test]
fn wycheproof_hmac_sha384() {
    hmac(PrfId::HMAC_SHA2_384, "hmac_sha384", 90);
}

#[test]
fn wycheproof_hmac_sha512() {
    hmac(PrfId::HMAC_SHA2_512, "hmac_sha512", 90);
}

#[test]
fn android_prf_hmac() {
    let suite = "android-ike PRF";
    let Some(vectors) = json(suite, "vectors/android-ike/IkeMacPrfTest.json") else { return };
    let vectors = &vectors["hex"];
    for provider in providers() {
        let cases = [
            (PrfId::HMAC_SHA1, ["PRF_KEY", "DATA_TO_SIGN", "CALCULATED_MAC"]),
            (
                PrfId::HMAC_SHA2_256,
                ["PRF_HMAC256_KEY", "PRF_HMAC256_DATA_TO_SIGN", "PRF_HMAC256_CALCULATED_MAC"],
            ),
        ];
        for (id, names) in cases {
            let [key, data, mac] = names.map(|name| field(vectors, &format!("{name}_HEX_STRING")));
            let prf = provider.prf(id).unwrap();
            assert_eq!(prf.key(&key).compute(&[&data]).expose(), mac);
        }
        Tally { run: 2, ..Tally::default() }.report(suite, provider.name, 2);
    }
}

#[test]
fn keys_longer_than_a_block_are_hashed_first() {
    // RFC 4231 test case 6.
    for provider in providers() {
        let mac = |id| {
            let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
            provider.prf(id).unwrap().key(&[0xaa; 131]).compute(&[message]).expose().to_vec()
        };
        assert_eq!(
            mac(PrfId::HMAC_SHA2_256),
            hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        );
        assert_eq!(
            mac(PrfId::HMAC_SHA2_512),
            hex(
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
            )
        );
    }
}

#[test]
fn hashes_of_fips_180() {
    let cases = [
        (HashId::SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (HashId::SHA2_256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            HashId::SHA2_384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            HashId::SHA2_512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ];
    for provider in providers() {
        for (id, digest) in cases {
            let hash = provider.hash(id).unwrap();
            assert_eq!(hash.digest(&[b"abc"]), hex(digest), "{hash:?}");
            assert_eq!(hash.digest(&[b"a", b"", b"bc"]), hex(digest), "{hash:?}");
        }
    }
}
