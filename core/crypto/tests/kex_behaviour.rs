//! What every key exchange method must do, and the values it must refuse (cases B08, B09).
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use adit_crypto::{CryptoError, CryptoProvider, DhGroup, KeyExchange};
use common::providers;

fn all() -> Vec<(CryptoProvider, &'static dyn KeyExchange)> {
    providers()
        .into_iter()
        .flat_map(|provider| provider.key_exchanges.iter().map(move |kex| (provider, *kex)))
        .collect()
}

const GROUPS: [(DhGroup, usize, usize); 7] = [
    (DhGroup::MODP_2048, 256, 256),
    (DhGroup::MODP_3072, 384, 384),
    (DhGroup::MODP_4096, 512, 512),
    (DhGroup::ECP_256, 64, 32),
    (DhGroup::ECP_384, 96, 48),
    (DhGroup::ECP_521, 132, 66),
    (DhGroup::CURVE25519, 32, 32),
];

#[test]
fn both_sides_reach_the_same_secret_of_the_right_length() {
    for provider in providers().iter().filter(|provider| provider.name != "ring") {
        for (group, public_len, secret_len) in GROUPS {
            let kex = provider.key_exchange(group).unwrap();
            assert_eq!((kex.group(), kex.public_len()), (group, public_len));
            let ours = kex.generate(provider.random).unwrap();
            let theirs = kex.generate(provider.random).unwrap();
            assert_ne!(ours.public_value(), theirs.public_value());
            assert_eq!(ours.public_value().len(), public_len);
            let (our_public, their_public) = (ours.public_value().to_vec(), theirs.public_value().to_vec());
            let ours = ours.complete(&their_public).unwrap();
            assert_eq!(ours, theirs.complete(&our_public).unwrap());
            assert_eq!(ours.len(), secret_len);
        }
    }
}

fn assert_refused(provider: &CryptoProvider, kex: &dyn KeyExchange, value: &[u8], what: &str) {
    let error = kex.generate(provider.random).unwrap().complete(value).unwrap_err();
    assert!(
        matches!(error, CryptoError::BadPublicValue { group, .. } if group == kex.group()),
        "{kex:?}: {what} gave {error:?}"
    );
}

#[test]
fn b09_key_exchange_data_of_another_length_is_refused() {
    for (provider, kex) in all() {
        let good = kex.generate(provider.random).unwrap().public_value().to_vec();
        for len in [0, 1, good.len() - 1, good.len() + 1, good.len() + 65_536] {
            let mut value = good.clone();
            value.resize(len, 0x02);
            assert_refused(&provider, kex, &value, &format!("{len} bytes"));
            let mut front = vec![0; len.saturating_sub(good.len())];
            front.extend_from_slice(&good);
            if front.len() != good.len() {
                assert_refused(&provider, kex, &front, "zeros in front");
            }
        }
    }
}

#[test]
fn b08_modp_values_outside_2_to_p_minus_2_are_refused() {
    let mut tested = 0;
    for (provider, kex) in all().into_iter().filter(|(_, kex)| kex.public_len() >= 256) {
        let len = kex.public_len();
        let prime = prime_of(kex);
        let number = |last: u8| {
            let mut value = vec![0; len];
            value[len - 1] = last;
            value
        };
        let with_last = |last: u8| {
            let mut value = prime.clone();
            value[len - 1] = last;
            value
        };
        assert_refused(&provider, kex, &number(0), "0");
        assert_refused(&provider, kex, &number(1), "1");
        assert_refused(&provider, kex, &with_last(0xfe), "p-1");
        assert_refused(&provider, kex, &prime, "p");
        assert_refused(&provider, kex, &vec![0xff; len], "2^n-1");
        let mut above = prime.clone();
        above[len / 2] = 0xff;
        above[len / 2 - 1] = 0xff;
        assert_refused(&provider, kex, &above, "above p");
        kex.generate(provider.random).unwrap().complete(&number(2)).expect("2 is allowed");
        kex.generate(provider.random).unwrap().complete(&with_last(0xfd)).expect("p-2 is allowed");
        tested += 1;
    }
    assert!(tested >= 6);
}

/// The modulus as openssl's named groups carry it: a second source for the table in the code.
fn prime_of(kex: &dyn KeyExchange) -> Vec<u8> {
    use common::hex;
    let text = match kex.group() {
        DhGroup::MODP_2048 => include_str!("keys/modp2048.hex"),
        DhGroup::MODP_3072 => include_str!("keys/modp3072.hex"),
        _ => include_str!("keys/modp4096.hex"),
    };
    hex(text.trim())
}

#[test]
fn b08_points_off_the_curve_are_refused() {
    let mut tested = 0;
    for (provider, kex) in all() {
        if !matches!(kex.group(), DhGroup::ECP_256 | DhGroup::ECP_384 | DhGroup::ECP_521) {
            continue;
        }
        let good = kex.generate(provider.random).unwrap().public_value().to_vec();
        let half = good.len() / 2;
        assert_refused(&provider, kex, &vec![0; good.len()], "infinity as zeros");
        assert_refused(&provider, kex, &vec![0xff; good.len()], "coordinates above the field");
        for at in [0, half - 1, half, good.len() - 1] {
            let mut off = good.clone();
            off[at] ^= 1;
            assert_refused(&provider, kex, &off, "off the curve");
        }
        let mut compressed = vec![0x02];
        compressed.extend_from_slice(&good[..half]);
        assert_refused(&provider, kex, &compressed, "compressed");
        let mut with_form = vec![0x04];
        with_form.extend_from_slice(&good);
        assert_refused(&provider, kex, &with_form, "with a point format octet");
        assert_refused(&provider, kex, &[0], "infinity in SEC1");
        tested += 1;
    }
    assert!(tested >= 6);
}

#[test]
fn b08_curve25519_values_of_small_order_are_refused() {
    use common::hex;
    // The points of order 1, 2, 4 and 8 on the curve and its twist, and their forms above the field.
    let low = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for provider in providers() {
        let Some(kex) = provider.key_exchange(DhGroup::CURVE25519) else { continue };
        for value in low {
            let mut value = hex(value);
            assert_refused(&provider, kex, &value, "small order");
            value[31] |= 0x80;
            assert_refused(&provider, kex, &value, "small order, unused bit set");
        }
    }
}

#[test]
fn a_failing_random_source_gives_an_error() {
    for (_, kex) in all() {
        let empty = common::FixedRandom::new(&[]);
        assert_eq!(kex.generate(&empty).err(), Some(CryptoError::Random), "{kex:?}");
        let zeros = common::FixedRandom::new(&[0; 4096]);
        if kex.group() != DhGroup::CURVE25519 {
            assert_eq!(kex.generate(&zeros).err(), Some(CryptoError::Random), "{kex:?} took a zero");
        }
    }
}
