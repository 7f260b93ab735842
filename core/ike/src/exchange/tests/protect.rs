//! Sealing and opening.

use adit_crypto::{Aad, Cipher};
use proptest::prelude::*;

use super::{ciphers, pair};
use crate::exchange::*;
use crate::wire::*;

fn header(message_id: u32) -> Header {
    Header::new(
        IkeSpi([1; 8]),
        IkeSpi([2; 8]),
        ExchangeType::IKE_AUTH,
        Flags::request(Role::Initiator),
        message_id,
    )
}

fn vendor(octets: usize) -> Payload {
    Payload::VendorId(VendorId((0..octets).map(|i| (i % 251) as u8).collect()))
}

#[test]
fn messages_of_every_length_come_out_as_they_went_in() {
    for (provider, cipher) in ciphers() {
        let (mut sealer, opener) = pair(cipher, 7);
        for octets in 0..70 {
            let payloads = if octets == 0 { vec![] } else { vec![vendor(octets - 1), vendor(3)] };
            let datagrams = sealer.seal(&header(9), &payloads, Some(1280)).unwrap();
            let [datagram] = datagrams.as_slice() else { panic!("{}", datagrams.len()) };
            let outer = Message::parse(datagram).unwrap();
            assert!(matches!(outer.payloads.as_slice(), [Payload::Sk(_)]));
            assert_eq!(outer.header.message_id, 9);
            let opened = opener.open(datagram).unwrap();
            assert_eq!(parse_inner(opened.first, &opened.payloads).unwrap(), payloads, "{}", provider.name);
        }
    }
}

#[test]
fn d03_every_changed_bit_and_every_truncation_is_refused() {
    for (_, cipher) in ciphers() {
        let (mut sealer, opener) = pair(cipher, 7);
        let datagram = sealer.seal(&header(1), &[vendor(20)], None).unwrap().remove(0);
        assert!(opener.open(&datagram).is_ok());
        for at in 0..datagram.len() {
            for bit in 0..8 {
                let mut forged = datagram.clone();
                forged[at] ^= 1 << bit;
                assert!(opener.open(&forged).is_err(), "octet {at} bit {bit}");
            }
        }
        for end in 0..datagram.len() {
            let mut cut = datagram[..end].to_vec();
            assert!(opener.open(&cut).is_err());
            if end >= 32 {
                // With both length fields corrected only the cipher can tell.
                cut[24..28].copy_from_slice(&u32::try_from(end).unwrap().to_be_bytes());
                cut[30..32].copy_from_slice(&u16::try_from(end - 28).unwrap().to_be_bytes());
                let error = opener.open(&cut).unwrap_err();
                assert!(matches!(error, OpenError::BadIntegrity | OpenError::Malformed(_)), "{error}");
            }
        }
        let (_, other) = pair(cipher, 8);
        assert_eq!(other.open(&datagram), Err(OpenError::BadIntegrity));
    }
}

/// An authentic message whose decrypted octets, padding included, are `plaintext`.
fn sealed_raw(cipher: &dyn Cipher, plaintext: &[u8]) -> Vec<u8> {
    let keys = super::keys(cipher, 7);
    let key = cipher.sealing_key(keys.encr.expose(), keys.integ.expose()).unwrap();
    let length = 32 + cipher.iv_len() + plaintext.len() + cipher.icv_len();
    let mut writer = Writer::new();
    let length_field = u32::try_from(length).unwrap();
    Header { next_payload: PayloadType::SK, length: length_field, ..header(1) }.write(&mut writer);
    writer.bytes(&[0, 0]);
    writer.u16(u16::try_from(length - 28).unwrap());
    let mut message = writer.finish().unwrap();
    message.resize(32 + cipher.iv_len(), 0);
    message.extend_from_slice(plaintext);
    message.resize(length, 0);
    let (aad, body) = message.split_at_mut(32);
    key.write_iv(77, &mut body[..cipher.iv_len()]);
    key.seal(Aad::new(aad), body).unwrap();
    message
}

#[test]
fn padding_may_be_long_and_of_any_octets_but_not_longer_than_the_message() {
    for (_, cipher) in ciphers() {
        let (_, opener) = pair(cipher, 7);
        let octets = |pad_length: u8| [vec![0xee; 255], vec![pad_length]].concat();
        assert_eq!(opener.open(&sealed_raw(cipher, &octets(0))).unwrap().payloads.len(), 255);
        assert_eq!(opener.open(&sealed_raw(cipher, &octets(200))).unwrap().payloads.len(), 55);
        assert_eq!(opener.open(&sealed_raw(cipher, &octets(255))).unwrap().payloads.len(), 0);
        for pad_length in [16, 17, 200, 255] {
            let short = [vec![0xee; 15], vec![pad_length]].concat();
            assert_eq!(opener.open(&sealed_raw(cipher, &short)), Err(OpenError::BadPadding), "{pad_length}");
        }
        // Not even a Pad Length.
        assert!(opener.open(&sealed_raw(cipher, &[])).is_err());
    }
}

#[test]
fn no_iv_is_used_twice_even_with_fragments_in_between() {
    for (_, cipher) in ciphers() {
        let (mut sealer, _) = pair(cipher, 7);
        let mut ivs = Vec::new();
        for round in 0..20 {
            let limit = if round % 2 == 0 { None } else { Some(256) };
            for datagram in sealer.seal(&header(round), &[vendor(600)], limit).unwrap() {
                let start = if limit.is_some() { 36 } else { 32 };
                ivs.push(datagram[start..start + cipher.iv_len()].to_vec());
            }
        }
        // A message that cannot be sent takes none back.
        assert!(sealer.seal(&header(99), &[vendor(65_000), vendor(65_000)], None).is_err());
        ivs.push(sealer.seal(&header(100), &[], None).unwrap()[0][32..32 + cipher.iv_len()].to_vec());
        let count = ivs.len();
        ivs.sort();
        ivs.dedup();
        assert_eq!(ivs.len(), count);
        assert!(count > 40);
    }
}

#[test]
fn a_key_that_is_used_up_seals_nothing() {
    let (_, cipher) = ciphers().remove(0);
    let (mut sealer, opener) = pair(cipher, 7);
    sealer.set_uses(u64::MAX - 1);
    let last = sealer.seal(&header(1), &[], None).unwrap();
    assert!(opener.open(&last[0]).is_ok());
    assert_eq!(sealer.seal(&header(2), &[], None), Err(SealError::KeyExhausted));
    assert_eq!(sealer.seal(&header(2), &[], None), Err(SealError::KeyExhausted));
}

#[test]
fn fragments_fit_the_limit_and_come_together_in_any_order() {
    for (_, cipher) in ciphers() {
        let (mut sealer, opener) = pair(cipher, 7);
        for limit in [128, 129, 130, 131, 300, 576, 1280] {
            let payloads = [vendor(1500), vendor(700)];
            let datagrams = sealer.seal(&header(1), &payloads, Some(limit)).unwrap();
            assert!(datagrams.len() > 1);
            let mut opened: Vec<_> =
                datagrams.iter().map(|datagram| opener.open(datagram).unwrap()).collect();
            for (index, (datagram, opened)) in datagrams.iter().zip(&opened).enumerate() {
                assert!(datagram.len() <= limit, "{} of {limit}", datagram.len());
                let fragment = opened.fragment.unwrap();
                assert_eq!(
                    (usize::from(fragment.number), usize::from(fragment.total)),
                    (index + 1, datagrams.len())
                );
                let expected = if index == 0 { PayloadType::VENDOR_ID } else { PayloadType::NONE };
                assert_eq!(opened.first, expected);
            }
            opened.reverse();
            opened.rotate_left(1);
            let mut store = Reassembly::new();
            let last = opened.pop().unwrap();
            for fragment in opened {
                assert_eq!(store.insert(1, fragment), Progress::Kept);
            }
            let Progress::Complete(message) = store.insert(1, last) else { panic!() };
            assert_eq!(parse_inner(message.first, &message.payloads).unwrap(), payloads);
            assert_eq!(store.octets(), 0);
        }
    }
}

#[test]
fn a_message_at_the_limit_is_not_cut() {
    for (_, cipher) in ciphers() {
        let (mut sealer, _) = pair(cipher, 7);
        let whole = sealer.seal(&header(1), &[vendor(400)], None).unwrap()[0].len();
        assert_eq!(sealer.seal(&header(1), &[vendor(400)], Some(whole)).unwrap().len(), 1);
        assert!(sealer.seal(&header(1), &[vendor(400)], Some(whole - 1)).unwrap().len() > 1);
    }
}

#[test]
fn impossible_sizes_are_refused_with_a_reason() {
    for (_, cipher) in ciphers() {
        let (mut sealer, _) = pair(cipher, 7);
        for limit in [0, 28, 36, 60] {
            let error = sealer.seal(&header(1), &[vendor(100)], Some(limit)).unwrap_err();
            assert_eq!(error, SealError::NoRoom { limit });
        }
        let error = sealer.seal(&header(1), &[vendor(60_000)], Some(140)).unwrap_err();
        assert!(matches!(error, SealError::TooManyFragments { .. }), "{error}");
        let error = sealer.seal(&header(1), &[vendor(60_000), vendor(6_000)], None).unwrap_err();
        assert!(matches!(error, SealError::TooLong { .. }), "{error}");
    }
}

#[test]
fn what_is_not_encrypted_is_not_opened() {
    let (_, cipher) = ciphers().remove(0);
    let (_, opener) = pair(cipher, 7);
    let clear = Message { header: header(1), payloads: vec![vendor(3)] }.encode().unwrap();
    assert_eq!(opener.open(&clear), Err(OpenError::NotEncrypted));
    let empty = Message { header: header(1), payloads: vec![] }.encode().unwrap();
    assert_eq!(opener.open(&empty), Err(OpenError::NotEncrypted));
    assert!(matches!(opener.open(&[0; 27]), Err(OpenError::Malformed(_))));
}

#[test]
fn a03_a04_payloads_before_the_encrypted_one_are_bounded_and_not_kept() {
    let (_, cipher) = ciphers().remove(0);
    let (mut sealer, opener) = pair(cipher, 7);
    for limit in [None, Some(128)] {
        let datagram = sealer.seal(&header(1), &[vendor(100)], limit).unwrap().remove(0);
        let with_outer = |count: usize| {
            let mut octets = datagram[..28].to_vec();
            let kind = std::mem::replace(&mut octets[16], 201);
            for index in 1..=count {
                octets.extend_from_slice(&[if index == count { kind } else { 201 }, 0, 0, 4]);
            }
            octets.extend_from_slice(&datagram[28..]);
            let length = u32::try_from(octets.len()).unwrap();
            octets[24..28].copy_from_slice(&length.to_be_bytes());
            octets
        };
        // They are not covered by the ICV here, so the check is what refuses them; with too many it is the bound.
        assert_eq!(opener.open(&with_outer(5)), Err(OpenError::BadIntegrity));
        let Err(OpenError::Malformed(error)) = opener.open(&with_outer(500)) else { panic!() };
        assert!(matches!(error.reason, Malformed::TooMany { .. }));
    }
}

#[test]
fn debug_output_of_keys_and_content_is_empty() {
    let (_, cipher) = ciphers().remove(0);
    let (mut sealer, opener) = pair(cipher, 0xab);
    let datagram =
        sealer.seal(&header(1), &[Payload::VendorId(VendorId(vec![0xab; 30]))], None).unwrap().remove(0);
    let text = format!("{sealer:?} {opener:?} {:?}", opener.open(&datagram).unwrap());
    assert!(!text.contains("171") && !text.to_lowercase().contains("ab, "), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_octets_open_nothing_and_never_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_, cipher) = ciphers().remove(2);
        let (_, opener) = pair(cipher, 7);
        prop_assert!(opener.open(&octets).is_err());
        let mut framed = octets.clone();
        if framed.len() >= 32 {
            let length = u32::try_from(framed.len()).unwrap();
            (framed[16], framed[17]) = (46 + 7 * (octets[0] & 1), 0x20);
            framed[24..28].copy_from_slice(&length.to_be_bytes());
            framed[30..32].copy_from_slice(&u16::try_from(length - 28).unwrap().to_be_bytes());
            prop_assert!(opener.open(&framed).is_err());
        }
    }

    #[test]
    fn any_payload_and_any_limit_round_trip(octets in 0_usize..5_000, limit in 130_usize..1_500, which in 0_usize..4) {
        let (_, cipher) = ciphers().remove(which);
        let (mut sealer, opener) = pair(cipher, 7);
        let payloads = [vendor(octets)];
        let mut store = Reassembly::new();
        let mut message = None;
        for datagram in sealer.seal(&header(3), &payloads, Some(limit)).unwrap() {
            prop_assert!(datagram.len() <= limit);
            if let Progress::Complete(complete) = store.insert(3, opener.open(&datagram).unwrap()) {
                message = Some(complete);
            }
        }
        let message = message.unwrap();
        prop_assert_eq!(parse_inner(message.first, &message.payloads).unwrap(), payloads);
    }
}
