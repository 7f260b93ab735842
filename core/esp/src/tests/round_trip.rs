//! Sealed packets open again.

use crate::PacketBuf;
use crate::test_support::{Toy, pair, params, udp};

#[test]
fn a_sealed_packet_opens_to_itself() {
    for cipher in [Toy::aead(), Toy::cbc()] {
        for esn in [false, true] {
            let (mut out, mut inbound) = pair(&params(cipher, esn));
            for len in [48, 49, 50, 51, 52, 1400] {
                for inner in [udp("10.0.0.1", "192.0.2.9", len), udp("2001:db8::1", "2001:db8::2", len)] {
                    let mut packet = PacketBuf::from_payload(&inner);
                    out.seal(&mut packet).unwrap();
                    assert_eq!(packet.len(), out.sealed_len(len));
                    let range = inbound.open(packet.payload_mut()).unwrap();
                    assert_eq!(packet.payload()[range], inner);
                }
            }
            assert_eq!(out.traffic().packets, 12);
            assert_eq!(out.traffic(), inbound.traffic());
        }
    }
}
