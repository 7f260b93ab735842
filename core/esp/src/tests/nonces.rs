//! E06: no nonce is used twice under one key, whatever goes wrong.
//!
//! Cloning an outbound SA does not compile (see [`crate::OutboundSa`]), it cannot be stored and restored,
//! and two threads cannot both hold `&mut`.

use std::collections::BTreeSet;

use adit_crypto::Cipher;

use crate::test_support::{Toy, params, udp};
use crate::{OutboundSa, PacketBuf, SealError, SegmentBuf, Selectors, TrafficSelector};

#[test]
fn e06_no_nonce_is_used_twice_when_sealing_fails_in_between() {
    for toy in [Toy::leak(1, 3), Toy::leak(16, 5)] {
        let selectors = Selectors::new(
            vec![TrafficSelector::from_prefix("10.0.0.0".parse().unwrap(), 8).unwrap()],
            vec![TrafficSelector::any_v4()],
        );
        let mut params = params(toy, true);
        params.selectors = selectors.unwrap();
        let mut sa = OutboundSa::new(&params).unwrap();
        let good = udp("10.0.0.1", "192.0.2.1", 100);
        let outside = udp("11.0.0.1", "192.0.2.1", 100);
        let mut segments = SegmentBuf::new(4, 1000);
        let (mut sealed, mut failed) = (0, 0);
        for round in 0..1000 {
            let result = match round % 7 {
                0 => sa.seal(&mut PacketBuf::from_payload(&outside)),
                1 => sa.seal(&mut PacketBuf::from_payload(&[0x45; 10])),
                2 => {
                    let mut cramped = PacketBuf::from_payload(&good);
                    cramped.append(90).unwrap();
                    sa.seal(&mut cramped)
                }
                3 | 4 => {
                    let result = sa.seal_into(&good, &mut segments);
                    if result == Err(SealError::SegmentsFull) {
                        segments.clear();
                    }
                    result
                }
                5 => {
                    let mut batch = [PacketBuf::from_payload(&good), PacketBuf::from_payload(&outside)];
                    sealed += sa.seal_batch(&mut batch, |_, error| {
                        failed += usize::from(matches!(error, SealError::Crypto(_)));
                    });
                    continue;
                }
                _ => sa.seal(&mut PacketBuf::from_payload(&good)),
            };
            match result {
                Ok(()) => sealed += 1,
                Err(SealError::Crypto(_)) => failed += 1,
                Err(_) => {}
            }
        }
        let nonces = toy.nonces.lock().unwrap();
        assert!(sealed > 300 && failed > 50, "{sealed} sealed, {failed} failed");
        assert_eq!(nonces.len(), sealed + failed);
        let distinct: BTreeSet<_> = nonces.iter().collect();
        assert_eq!(distinct.len(), nonces.len(), "{} used a nonce twice", toy.spec());
        // What was refused before encryption has cost no sequence number.
        assert_eq!(u64::MAX - sa.remaining(), nonces.len() as u64);
        assert_eq!(sa.traffic().packets, sealed as u64);
    }
}

#[test]
fn e06_a_packet_whose_encryption_failed_holds_nothing_that_could_be_sent() {
    let mut sa = OutboundSa::new(&params(Toy::leak(1, 1), false)).unwrap();
    let mut packet = PacketBuf::from_payload(&udp("10.0.0.1", "192.0.2.1", 100));
    assert!(matches!(sa.seal(&mut packet), Err(SealError::Crypto(_))));
    assert!(packet.is_empty());
    let mut segments = SegmentBuf::new(4, 1000);
    let inner = udp("10.0.0.1", "192.0.2.1", 100);
    assert!(matches!(sa.seal_into(&inner, &mut segments), Err(SealError::Crypto(_))));
    assert!(segments.is_empty() && segments.payload().is_empty());
}
