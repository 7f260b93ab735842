//! Sealed packets open again, for every suite of every provider.

use adit_crypto::default_provider;
use proptest::prelude::*;

use super::providers;
use crate::test_support::{pair, params, udp};
use crate::{NoRoom, OutboundSa, PacketBuf, SealError, SegmentBuf};

const V4: (&str, &str) = ("10.0.0.1", "192.0.2.9");
const V6: (&str, &str) = ("2001:db8::1", "2001:db8:ffff::2");

#[test]
fn every_suite_of_every_provider_seals_and_opens() {
    for provider in providers() {
        for cipher in provider.ciphers {
            for esn in [false, true] {
                let (mut out, mut inbound) = pair(&params(*cipher, esn));
                for len in (48..80).chain([576, 1280, 1400, 9000]) {
                    for (source, destination) in [V4, V6] {
                        let inner = udp(source, destination, len);
                        let mut packet = PacketBuf::from_payload(&inner);
                        out.seal(&mut packet).unwrap();
                        assert_eq!(packet.len(), out.sealed_len(len));
                        assert!(!packet.payload().windows(16).any(|seen| seen == [0x5a; 16]));
                        let range = inbound.open(packet.payload_mut()).unwrap();
                        assert_eq!(packet.payload()[range], inner, "{} {}", provider.name, cipher.spec());
                    }
                }
                assert_eq!(out.traffic().packets, 72);
                assert_eq!(out.traffic(), inbound.traffic());
                assert_eq!(inbound.discards().total(), 0);
                assert_eq!(inbound.highest_sequence(), 72);
            }
        }
    }
}

#[test]
fn longest_inner_packet_for_a_limit_is_exact() {
    for cipher in default_provider().ciphers {
        let out = OutboundSa::new(&params(*cipher, false)).unwrap();
        for limit in 0..2000 {
            match out.max_inner_len(limit) {
                Some(inner) => {
                    assert!(out.sealed_len(inner) <= limit);
                    assert!(out.sealed_len(inner + 1) > limit);
                }
                None => assert!(out.sealed_len(0) > limit),
            }
        }
    }
}

#[test]
fn a_full_buffer_is_refused_and_unchanged() {
    for cipher in default_provider().ciphers {
        let mut out = OutboundSa::new(&params(*cipher, false)).unwrap();
        let inner = udp(V4.0, V4.1, 101);
        let left = out.remaining();
        let mut no_front = PacketBuf::with_capacity(200);
        no_front.clear_for_prefix(64);
        no_front.extend_from_slice(&inner).unwrap();
        assert!(matches!(out.seal(&mut no_front), Err(SealError::NoRoom(NoRoom { free: 0, .. }))));
        assert_eq!(no_front.payload(), inner);

        let mut no_back = PacketBuf::with_capacity(10);
        no_back.append(101).unwrap().copy_from_slice(&inner);
        assert!(matches!(out.seal(&mut no_back), Err(SealError::NoRoom(NoRoom { free: 5, .. }))));
        assert_eq!(no_back.payload(), inner);
        assert_eq!(out.remaining(), left);
    }
}

#[test]
fn a_batch_leaves_nothing_in_clear() {
    let (mut out, mut inbound) = pair(&params(default_provider().ciphers[0], false));
    let good = udp(V4.0, V4.1, 200);
    let mut batch: Vec<_> = (0..10).map(|_| PacketBuf::from_payload(&good)).collect();
    batch[3] = PacketBuf::from_payload(b"not an IP packet");
    batch[7].truncate(199);
    let mut refused = Vec::new();
    let sealed = out.seal_batch(&mut batch, |packet, error| refused.push((packet.len(), error)));
    assert_eq!(sealed, 8);
    assert_eq!(refused, [(16, SealError::MalformedInner), (199, SealError::MalformedInner)]);
    for (index, packet) in batch.iter_mut().enumerate() {
        if index == 3 || index == 7 {
            assert!(packet.is_empty());
        } else {
            let range = inbound.open(packet.payload_mut()).unwrap();
            assert_eq!(packet.payload()[range], good);
        }
    }
}

#[test]
fn segments_open_one_by_one() {
    for cipher in default_provider().ciphers {
        let (mut out, mut inbound) = pair(&params(*cipher, true));
        let mut segments = SegmentBuf::new(64, 65_507);
        let full = udp(V4.0, V4.1, 1400);
        let last = udp(V6.0, V6.1, 333);
        let mut count = 0;
        loop {
            match out.seal_into(&full, &mut segments) {
                Ok(()) => count += 1,
                Err(error) => {
                    assert_eq!(error, SealError::SegmentsFull);
                    break;
                }
            }
        }
        assert!(count >= 44, "{count} segments of 1,400 bytes");
        assert_eq!((segments.count(), segments.segment_len()), (count, out.sealed_len(1400)));
        let left = out.remaining();
        assert_eq!(out.seal_into(&full, &mut segments), Err(SealError::SegmentsFull));
        assert_eq!(out.remaining(), left, "a full buffer costs no sequence number");
        for segment in segments.segments().map(<[u8]>::to_vec).collect::<Vec<_>>() {
            let mut segment = segment;
            let range = inbound.open(&mut segment).unwrap();
            assert_eq!(segment[range], full);
        }
        // Refused packets leave no trace, and a short last segment ends the buffer.
        segments.clear();
        out.seal_parts_into(&full[..28], &full[28..], &mut segments).unwrap();
        assert_eq!(out.seal_into(&full[..1399], &mut segments), Err(SealError::MalformedInner));
        assert_eq!(segments.count(), 1);
        out.seal_parts_into(&last[..48], &last[48..], &mut segments).unwrap();
        assert_eq!(out.seal_into(&last, &mut segments), Err(SealError::SegmentsFull));
        let opened: Vec<_> = segments
            .segments()
            .map(|segment| {
                let mut segment = segment.to_vec();
                let range = inbound.open(&mut segment).unwrap();
                segment[range].to_vec()
            })
            .collect();
        assert_eq!(opened, [full.clone(), last.clone()]);
    }
}

#[test]
fn bytes_behind_the_inner_packet_are_cut_off() {
    // Traffic flow confidentiality padding (RFC 4303 2.7) is not sent, but received.
    for (source, destination) in [V4, V6] {
        let (mut out, mut inbound) = pair(&params(default_provider().ciphers[0], false));
        let inner = udp(source, destination, 100);
        let mut packet = PacketBuf::from_payload(&[&inner[..], &[0xee; 333]].concat());
        out.seal(&mut packet).unwrap();
        let range = inbound.open(packet.payload_mut()).unwrap();
        assert_eq!(packet.payload()[range], inner);
        assert_eq!(inbound.traffic().bytes, 100);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_packet_survives_any_suite(
        suite in 0..default_provider().ciphers.len(),
        esn: bool,
        six: bool,
        len in 20..9000usize,
        fill: u8,
        skip in prop_oneof![Just(0u64), 0..4_000_000_000u64],
    ) {
        let (mut out, mut inbound) = pair(&params(default_provider().ciphers[suite], esn));
        out.jump_to(skip);
        let (source, destination) = if six { V6 } else { V4 };
        let mut inner = udp(source, destination, len.max(48));
        inner[48..].fill(fill);
        if !six && len < 48 {
            inner.truncate(len);
            inner[3] = u8::try_from(len).unwrap();
        }
        let mut packet = PacketBuf::from_payload(&inner);
        out.seal(&mut packet).unwrap();
        let mut segments = SegmentBuf::new(1, 65_507);
        out.seal_into(&inner, &mut segments).unwrap();
        prop_assert_eq!(segments.payload().len(), packet.len());
        let range = inbound.open(packet.payload_mut()).unwrap();
        prop_assert_eq!(&packet.payload()[range], &inner);
        let mut copy = segments.payload().to_vec();
        let range = inbound.open(&mut copy).unwrap();
        prop_assert_eq!(&copy[range], &inner);
        prop_assert_eq!(inbound.highest_sequence(), skip + 2);
    }

    #[test]
    fn no_bytes_make_open_panic_and_none_are_taken_for_authentic(
        suite in 0..default_provider().ciphers.len(),
        esn: bool,
        mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ours: bool,
    ) {
        let params = params(default_provider().ciphers[suite], esn);
        let (_, mut inbound) = pair(&params);
        if let (true, Some(spi)) = (ours, bytes.first_chunk_mut()) {
            *spi = params.spi.to_be_bytes();
        }
        let cause = inbound.open(&mut bytes).unwrap_err();
        prop_assert!(!cause.is_authentic());
        prop_assert_eq!(inbound.discards().get(cause), 1);
        prop_assert_eq!(inbound.discards().total(), 1);
        prop_assert_eq!(inbound.highest_sequence(), 0);
    }
}
