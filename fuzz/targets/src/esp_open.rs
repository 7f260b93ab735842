//! Opening ESP packets, and sealing what can be opened.
//!
//! Input: a byte that chooses cipher, extended sequence numbers and the window; then packets, each behind two
//! bytes of length. Each is opened by an SA whose cipher believes every ICV, so that everything behind the
//! integrity check is reached; and sealed, if it is an IP packet, by one with a real cipher.
//!
//! Invariants: an opened packet lies within the datagram and is a whole IP packet the SA may carry; the same
//! datagram is never opened twice; a sealed packet opens to the same bytes, once; a changed one does not open and
//! leaves the SA as it was; counters add up.

use std::net::{IpAddr, Ipv4Addr};

use adit_crypto::{CipherSpec, CryptoProvider, IntegId, Secret, default_provider};
use adit_esp::{
    Demux, Discard, InboundSa, OutboundSa, PacketBuf, SaParams, Sad, Selectors, TrafficSelector, demux,
};

use crate::provider::provider;

const SPI: u32 = 0x6164_6974;

/// Opens and seals packets.
pub fn esp_open(data: &[u8]) {
    let Some((&options, mut rest)) = data.split_first() else { return };
    let mut believing = inbound(&params(&provider(), options));
    let real = params(&default_provider(), options);
    let (mut sealing, mut opening) = (OutboundSa::new(&real).expect("sound"), inbound(&real));
    let mut sad = Sad::new();
    sad.insert(inbound(&params(&provider(), options))).expect("the only one");
    let (mut given, mut delivered) = (0, 0);
    while let Some((length, tail)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(tail.len());
        let (packet, tail) = tail.split_at(length);
        rest = tail;
        given += 1;
        delivered += u64::from(open_believed(&mut believing, packet));
        through_sad(&mut sad, packet);
        there_and_back(&mut sealing, &mut opening, packet);
    }
    assert_eq!(believing.traffic().packets, delivered);
    // Each delivered packet was offered once more, and refused.
    assert_eq!(believing.discards().total(), given);
}

/// Opens a packet whose ICV counts as right. True if an inner packet came out.
fn open_believed(sa: &mut InboundSa, packet: &[u8]) -> bool {
    let top = sa.highest_sequence();
    let mut datagram = packet.to_vec();
    let Ok(range) = sa.open(&mut datagram) else {
        assert!(sa.highest_sequence() >= top);
        return false;
    };
    let inner = datagram.get(range).expect("the inner packet lies in the datagram");
    match inner.first().map(|first| first >> 4) {
        Some(4) => assert_eq!(usize::from(u16::from_be_bytes([inner[2], inner[3]])), inner.len()),
        Some(6) => assert_eq!(usize::from(u16::from_be_bytes([inner[4], inner[5]])) + 40, inner.len()),
        version => panic!("an IP packet of version {version:?}"),
    }
    assert!(matches!(sa.open(&mut packet.to_vec()), Err(Discard::Replayed | Discard::BehindWindow)));
    true
}

/// What a tunnel does with a datagram on port 4500.
fn through_sad(sad: &mut Sad, packet: &[u8]) {
    match demux(packet) {
        Demux::Esp { spi } => match sad.open(&mut packet.to_vec()) {
            Ok((of, range)) => assert!(of == spi && range.end <= packet.len()),
            Err(cause) => {
                assert_eq!(matches!(cause, Discard::UnknownSpi | Discard::ReservedSpi), spi != SPI);
            }
        },
        Demux::Ike { offset } => assert!(offset < packet.len()),
        Demux::Keepalive => assert_eq!(packet, [0xff]),
        Demux::Discard(_) => {}
    }
}

fn there_and_back(sealing: &mut OutboundSa, opening: &mut InboundSa, inner: &[u8]) {
    let mut packet = PacketBuf::from_payload(inner);
    if sealing.seal(&mut packet).is_err() {
        assert!(packet.payload() == inner || packet.is_empty());
        return;
    }
    let sealed = packet.payload();
    assert_eq!(sealed.len(), sealing.sealed_len(inner.len()));
    let before = opening.highest_sequence();
    for at in [8, sealed.len() / 2, sealed.len() - 1] {
        let mut changed = sealed.to_vec();
        changed[at] ^= 1;
        assert_eq!(opening.open(&mut changed), Err(Discard::BadIntegrity));
        assert_eq!(opening.highest_sequence(), before);
    }
    let mut datagram = sealed.to_vec();
    // The selectors allow less inbound than outbound: what is refused then is refused for that reason.
    match opening.open(&mut datagram) {
        // Octets behind what the IP header announces are carried and cut off again.
        Ok(range) => assert!(inner.starts_with(&datagram[range])),
        Err(cause) => assert_eq!(cause, Discard::InvalidSelectors),
    }
    assert_eq!(opening.open(&mut sealed.to_vec()), Err(Discard::Replayed));
}

fn inbound(params: &SaParams) -> InboundSa {
    InboundSa::new(params).expect("the parameters are sound")
}

fn params(provider: &CryptoProvider, options: u8) -> SaParams {
    let cipher = [
        CipherSpec::aes_gcm(128),
        CipherSpec::chacha20_poly1305(),
        CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128),
        CipherSpec::aes_cbc(256, IntegId::HMAC_SHA1_96),
    ][usize::from(options & 3)];
    let cipher = provider.cipher(cipher).expect("every provider has these");
    let any = || vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()];
    let selectors = if options & 8 == 0 {
        Selectors::new(any(), any())
    } else {
        let host = |last| vec![TrafficSelector::host(IpAddr::V4(Ipv4Addr::new(10, 97, 0, last)))];
        Selectors::new(host(1), host(2))
    };
    SaParams {
        spi: SPI,
        cipher,
        encr_key: Secret::new(vec![7; cipher.encr_key_len()]),
        integ_key: Secret::new(vec![9; cipher.integ_key_len()]),
        esn: options & 4 != 0,
        replay_window: if options & 16 == 0 { 64 } else { 4096 },
        selectors: selectors.expect("two selectors at most"),
    }
}
