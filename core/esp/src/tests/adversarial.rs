//! The cases E01 to E07, E14 and E18 of the list of adversarial cases, and D11 as far as ESP decides it.
//! The replay window, sequence numbers, trailer and demultiplexer test theirs beside the code.

use adit_crypto::{Aad, Cipher, CipherSpec, IntegId, default_provider};

use crate::inner::{NEXT_HEADER_IPV4, NEXT_HEADER_IPV6};
use crate::params::{AadBytes, Layout};
use crate::test_support::{packet, pair, params, udp};
use crate::{
    Discard, InboundSa, OutboundSa, PacketBuf, Ports, SaError, SaParams, Sad, SadError, SealError,
    SegmentBuf, Selectors, TrafficSelector,
};

const WRAP: u64 = 1 << 32;

fn ciphers() -> [&'static dyn Cipher; 3] {
    [
        CipherSpec::aes_gcm(128),
        CipherSpec::chacha20_poly1305(),
        CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_256_128),
    ]
    .map(|spec| default_provider().cipher(spec).unwrap())
}

/// An authentic packet around any plaintext, trailer included: what a hostile peer that holds the keys
/// can send. The plaintext's length must suit the cipher.
fn forge(params: &SaParams, sequence: u64, plaintext: &[u8]) -> Vec<u8> {
    let layout = Layout::new(params.cipher, params.esn).unwrap();
    let key = params.cipher.sealing_key(params.encr_key.expose(), params.integ_key.expose()).unwrap();
    let low = u32::try_from(sequence & 0xffff_ffff).unwrap();
    let mut bytes = [params.spi.to_be_bytes(), low.to_be_bytes()].concat();
    let start = bytes.len();
    bytes.resize(start + layout.iv_len, 0);
    key.write_iv(sequence, &mut bytes[start..]);
    bytes.extend(plaintext);
    bytes.resize(bytes.len() + layout.icv_len, 0);
    let aad = AadBytes::new(&layout, params.spi, sequence);
    let aad: Aad<'_> = aad.aad(&layout);
    key.seal(aad, &mut bytes[start..]).unwrap();
    bytes
}

/// `inner` with the shortest proper trailer.
fn with_trailer(params: &SaParams, inner: &[u8], next_header: u8) -> Vec<u8> {
    let layout = Layout::new(params.cipher, params.esn).unwrap();
    let padding = layout.padding(inner.len());
    let mut bytes = inner.to_vec();
    bytes.extend((1..=padding).map(|byte| u8::try_from(byte).unwrap()));
    bytes.extend([u8::try_from(padding).unwrap(), next_header]);
    bytes
}

fn sealed(out: &mut OutboundSa, inner: &[u8]) -> Vec<u8> {
    let mut packet = PacketBuf::from_payload(inner);
    out.seal(&mut packet).unwrap();
    packet.payload().to_vec()
}

fn some_packet() -> Vec<u8> {
    udp("10.0.0.1", "192.0.2.1", 90)
}

#[test]
fn e01_short_or_misaligned_packets_are_dropped_before_decryption() {
    for cipher in ciphers() {
        let params = params(cipher, false);
        let (mut out, mut inbound) = pair(&params);
        let good = sealed(&mut out, &some_packet());
        let layout = Layout::new(cipher, false).unwrap();
        let shortest = layout.front() + 2 + layout.icv_len;
        for len in 0..good.len() {
            let mut cut = good[..len].to_vec();
            let before = cut.clone();
            let cause = inbound.open(&mut cut).unwrap_err();
            let text = len.wrapping_sub(layout.front() + layout.icv_len);
            if len < shortest {
                assert_eq!(cause, Discard::TooShort, "{len}");
            } else if !text.is_multiple_of(layout.align) {
                assert_eq!(cause, Discard::Misaligned, "{len}");
            } else {
                assert_eq!(cause, Discard::BadIntegrity, "{len}");
                continue;
            }
            assert_eq!(cut, before, "decryption touched a packet of {len} bytes");
        }
        for extra in 1..40 {
            let mut long = good.clone();
            long.resize(good.len() + extra, 0);
            assert!(matches!(inbound.open(&mut long), Err(Discard::Misaligned | Discard::BadIntegrity)));
        }
        assert_eq!(inbound.highest_sequence(), 0);
        assert!(inbound.open(&mut good.clone()).is_ok());
    }
}

#[test]
fn e02_bad_trailers_are_dropped_only_after_the_icv_was_right() {
    for cipher in ciphers() {
        let params = params(cipher, false);
        let inner = some_packet();
        let good = with_trailer(&params, &inner, NEXT_HEADER_IPV4);
        assert_eq!(good.len(), 92 + usize::from(cipher.block_len() == 16) * 4);
        let last = good.len() - 1;
        let length = last - 1;

        let change = |at: usize, to: u8| {
            let mut bytes = good.clone();
            bytes[at] = to;
            bytes
        };
        let mut cases = vec![
            (change(length, 255), Discard::BadPadding),
            (change(length, u8::try_from(length + 1).unwrap()), Discard::BadPadding),
            (change(last, 59), Discard::Dummy),
            (vec![0x5a; 48], Discard::BadPadding),
            (vec![0; 48], Discard::NextHeader),
        ];
        for next_header in [0, 1, 6, 17, 50, 58, 60, 255] {
            cases.push((change(last, next_header), Discard::NextHeader));
        }
        if cipher.block_len() == 16 {
            cases.push((change(length - 1, 0), Discard::BadPadding));
            cases.push((change(length - 4, 2), Discard::BadPadding));
        }
        let (_, mut inbound) = pair(&params);
        let mut sequence = 0;
        for (plaintext, cause) in cases {
            sequence += 1;
            let mut authentic = forge(&params, sequence, &plaintext);
            // The same bytes with a wrong ICV say nothing about the trailer.
            let mut forged = authentic.clone();
            *forged.last_mut().unwrap() ^= 1;
            assert_eq!(inbound.open(&mut forged), Err(Discard::BadIntegrity));
            let before = inbound.discards().get(cause);
            assert_eq!(inbound.open(&mut authentic), Err(cause), "{plaintext:02x?}");
            assert!(cause.is_authentic());
            assert_eq!(inbound.discards().get(cause), before + 1);
            // It was authentic, so its sequence number is spent.
            assert_eq!(inbound.highest_sequence(), sequence);
        }
        assert_eq!(inbound.traffic().packets, 0);
        let range = inbound.open(&mut forge(&params, sequence + 1, &good)).unwrap();
        assert_eq!(range.len(), inner.len());
    }
}

#[test]
fn e02_longest_padding_is_accepted() {
    let params = params(ciphers()[0], false);
    let (_, mut inbound) = pair(&params);
    let inner = udp("10.0.0.1", "192.0.2.1", 91);
    let mut plaintext = inner.clone();
    plaintext.extend(1..=255);
    plaintext.extend([255, NEXT_HEADER_IPV4]);
    assert!(plaintext.len().is_multiple_of(4));
    let mut packet = forge(&params, 1, &plaintext);
    let range = inbound.open(&mut packet).unwrap();
    assert_eq!(packet[range], inner);
}

#[test]
fn e03_replayed_and_stale_packets_are_dropped_before_decryption() {
    for cipher in ciphers() {
        for esn in [false, true] {
            let params = SaParams { replay_window: 64, ..params(cipher, esn) };
            let (mut out, mut inbound) = pair(&params);
            let packets: Vec<_> = (0..200).map(|_| sealed(&mut out, &some_packet())).collect();
            let number = |sequence: usize| packets[sequence - 1].clone();
            assert!(inbound.open(&mut number(100)).is_ok());
            let mut replayed = number(100);
            assert_eq!(inbound.open(&mut replayed), Err(Discard::Replayed));
            assert_eq!(replayed, number(100), "a replayed packet was decrypted");
            assert!(inbound.open(&mut number(37)).is_ok(), "left edge");
            assert_eq!(inbound.open(&mut number(37)), Err(Discard::Replayed));
            // With extended numbers a low half left of the window means the next run of 2^32.
            let behind = if esn { Discard::BadIntegrity } else { Discard::BehindWindow };
            assert_eq!(inbound.open(&mut number(36)), Err(behind), "just left of it");
            for sequence in (38..100).rev() {
                assert!(inbound.open(&mut number(sequence)).is_ok(), "{sequence}");
            }
            assert_eq!(inbound.traffic().packets, 64);
        }
    }
}

#[test]
fn e03_a_forged_jump_does_not_move_the_window() {
    for esn in [false, true] {
        let params = params(ciphers()[0], esn);
        let (mut out, mut inbound) = pair(&params);
        let first = sealed(&mut out, &some_packet());
        let second = sealed(&mut out, &some_packet());
        for low in [2, 5000, 1 << 31, u32::MAX - 5000, u32::MAX] {
            let mut forged = second.clone();
            forged[4..8].copy_from_slice(&low.to_be_bytes());
            forged[30] ^= 1;
            assert!(inbound.open(&mut forged).is_err());
            assert_eq!(inbound.highest_sequence(), 0);
        }
        assert!(inbound.open(&mut first.clone()).is_ok());
        // An authentic jump by 2^31 moves it, and the past is gone.
        out.jump_to(1 << 31);
        let far = sealed(&mut out, &some_packet());
        assert!(inbound.open(&mut far.clone()).is_ok());
        assert_eq!(inbound.highest_sequence(), (1 << 31) + 1);
        assert!(inbound.open(&mut second.clone()).is_err());
        assert_eq!(inbound.open(&mut far.clone()), Err(Discard::Replayed));
    }
}

#[test]
fn e04_sequence_zero_is_dropped() {
    for esn in [false, true] {
        let params = params(ciphers()[0], esn);
        let (_, mut inbound) = pair(&params);
        let mut zero = forge(&params, 0, &with_trailer(&params, &some_packet(), NEXT_HEADER_IPV4));
        assert_eq!(inbound.open(&mut zero), Err(Discard::ZeroSequence));
        assert_eq!(inbound.discards().get(Discard::ZeroSequence), 1);
    }
}

#[test]
fn e04_the_last_sequence_number_is_used_and_none_after_it() {
    for (esn, last) in [(false, WRAP - 1), (true, u64::MAX)] {
        let params = params(ciphers()[0], esn);
        let (mut out, mut inbound) = pair(&params);
        out.jump_to(last - 2);
        inbound.jump_to(last - 2);
        assert!(out.should_rekey(2) && !out.should_rekey(1));
        for _ in 0..2 {
            let mut packet = sealed(&mut out, &some_packet());
            assert!(inbound.open(&mut packet).is_ok());
        }
        assert_eq!((out.remaining(), inbound.highest_sequence()), (0, last));
        for _ in 0..3 {
            let mut packet = PacketBuf::from_payload(&some_packet());
            assert_eq!(out.seal(&mut packet), Err(SealError::SequenceExhausted));
            assert_eq!(packet.payload(), some_packet(), "a refused packet was changed");
            let mut segments = SegmentBuf::new(4, 1000);
            assert_eq!(out.seal_into(&some_packet(), &mut segments), Err(SealError::SequenceExhausted));
            assert!(segments.is_empty());
        }
        assert_eq!(out.traffic().packets, 2);
        // Nothing new can come either: without extended numbers there is no number above the last.
        let mut early = forge(&params, 1, &with_trailer(&params, &some_packet(), NEXT_HEADER_IPV4));
        assert_eq!(inbound.open(&mut early), Err(Discard::BehindWindow));
    }
}

#[test]
fn e05_the_high_half_is_found_on_both_sides_of_the_wrap() {
    for cipher in ciphers() {
        let params = params(cipher, true);
        let (mut out, mut inbound) = pair(&params);
        out.jump_to(WRAP - 4000);
        inbound.jump_to(WRAP - 4000);
        let packets: Vec<_> = (0..8000).map(|_| sealed(&mut out, &some_packet())).collect();
        // In pairs that cross: the late one of two neighbours at a distance of 3,999 comes second.
        for at in 0..4000 {
            let late = if at >= 1 { Some(packets[at - 1].clone()) } else { None };
            assert!(inbound.open(&mut packets[at + 3999].clone()).is_ok(), "{at} ahead");
            if let Some(mut late) = late {
                assert!(inbound.open(&mut late).is_ok(), "{at} late");
            }
        }
        assert_eq!(inbound.highest_sequence(), WRAP - 4000 + 7999);
        assert_eq!(inbound.discards().total(), 0);
    }
}

#[test]
fn e05_a_packet_under_another_high_half_or_with_a_forged_low_half_is_dropped() {
    for cipher in ciphers() {
        let params = params(cipher, true);
        let plaintext = with_trailer(&params, &some_packet(), NEXT_HEADER_IPV4);
        let (_, mut inbound) = pair(&params);
        inbound.jump_to(5 * WRAP + 10_000);
        // Same low half, other runs.
        for high in [0, 4, 6, u64::from(u32::MAX)] {
            let mut wrong = forge(&params, high * WRAP + 10_001, &plaintext);
            assert_eq!(inbound.open(&mut wrong), Err(Discard::BadIntegrity), "high half {high}");
        }
        let mut low_forged = forge(&params, 5 * WRAP + 10_001, &plaintext);
        low_forged[7] ^= 2;
        assert_eq!(inbound.open(&mut low_forged), Err(Discard::BadIntegrity));
        assert_eq!(inbound.highest_sequence(), 5 * WRAP + 10_000);
        assert!(inbound.open(&mut forge(&params, 5 * WRAP + 10_001, &plaintext)).is_ok());
        // Lost beyond the next wrap, by less than 2^32 packets: found again.
        assert!(inbound.open(&mut forge(&params, 6 * WRAP + 5, &plaintext)).is_ok());
        assert_eq!(inbound.highest_sequence(), 6 * WRAP + 5);
    }
}

/// An SA of a client with one address towards a remote network, and how it takes an inner packet.
struct Client {
    params: SaParams,
    inbound: InboundSa,
    sequence: u64,
}

impl Client {
    fn new(remote: Vec<TrafficSelector>) -> Self {
        let local = ["10.9.0.2", "2001:db8:9::2"].map(|host| TrafficSelector::host(host.parse().unwrap()));
        let selectors = Selectors::new(local.to_vec(), remote).unwrap();
        let params = SaParams { selectors, ..params(ciphers()[0], false) };
        let inbound = InboundSa::new(&params).unwrap();
        Self { params, inbound, sequence: 0 }
    }

    fn receive_as(&mut self, inner: &[u8], next_header: u8) -> Result<usize, Discard> {
        self.sequence += 1;
        let mut packet = forge(&self.params, self.sequence, &with_trailer(&self.params, inner, next_header));
        let before = *self.inbound.discards();
        let result = self.inbound.open(&mut packet);
        if let Err(cause) = result {
            assert_eq!(self.inbound.discards().get(cause), before.get(cause) + 1);
        }
        assert_eq!(self.inbound.highest_sequence(), self.sequence);
        result.map(|range| range.len())
    }

    fn receive(&mut self, inner: &[u8]) -> Result<usize, Discard> {
        let next_header = if inner[0] >> 4 == 6 { NEXT_HEADER_IPV6 } else { NEXT_HEADER_IPV4 };
        self.receive_as(inner, next_header)
    }
}

fn everything() -> Vec<TrafficSelector> {
    vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()]
}

#[test]
fn e07_wrong_version_or_lying_length_of_the_inner_packet() {
    let mut client = Client::new(everything());
    let v4 = udp("192.0.2.1", "10.9.0.2", 100);
    let v6 = udp("2001:db8::1", "2001:db8:9::2", 100);
    assert_eq!(client.receive(&v4), Ok(100));
    assert_eq!(client.receive(&v6), Ok(100));
    let malformed = Err(Discard::MalformedInner);
    for version in (0..16).filter(|version| *version != 4) {
        let mut wrong = v4.clone();
        wrong[0] = version << 4 | 5;
        assert_eq!(client.receive_as(&wrong, NEXT_HEADER_IPV4), malformed, "version {version}");
    }
    // Each version under the other's next header.
    assert_eq!(client.receive_as(&v4, NEXT_HEADER_IPV6), malformed);
    assert_eq!(client.receive_as(&v6, NEXT_HEADER_IPV4), malformed);
    for lie in [0u16, 1, 19, 101, 0xffff] {
        let mut lying = v4.clone();
        lying[2..4].copy_from_slice(&lie.to_be_bytes());
        assert_eq!(client.receive(&lying), malformed, "total length {lie}");
    }
    for lie in [61u16, 0xffff] {
        let mut lying = v6.clone();
        lying[4..6].copy_from_slice(&lie.to_be_bytes());
        assert_eq!(client.receive(&lying), malformed, "payload length {lie}");
    }
    for words in [0u8, 1, 4] {
        let mut lying = v4.clone();
        lying[0] = 0x40 | words;
        assert_eq!(client.receive(&lying), malformed, "header of {words} words");
    }
    let mut long_header = v4.clone();
    long_header[0] = 0x4f;
    long_header[2..4].copy_from_slice(&59u16.to_be_bytes());
    assert_eq!(client.receive(&long_header), malformed, "header longer than the packet");
    for len in 0..20 {
        assert_eq!(client.receive_as(&v4[..len], NEXT_HEADER_IPV4), malformed, "{len} bytes");
    }
    for len in 0..40 {
        assert_eq!(client.receive_as(&v6[..len], NEXT_HEADER_IPV6), malformed, "{len} bytes");
    }
}

#[test]
fn e07_source_or_destination_outside_the_traffic_selectors() {
    let remote = ["172.16.0.0", "2001:db8:1::"].map(|prefix: &str| {
        TrafficSelector::from_prefix(prefix.parse().unwrap(), if prefix.contains(':') { 48 } else { 12 })
            .unwrap()
    });
    let mut client = Client::new(remote.to_vec());
    assert_eq!(client.receive(&udp("172.16.0.1", "10.9.0.2", 60)), Ok(60));
    assert_eq!(client.receive(&udp("2001:db8:1::1", "2001:db8:9::2", 60)), Ok(60));
    for (source, destination) in [
        ("172.15.255.255", "10.9.0.2"),
        ("172.32.0.0", "10.9.0.2"),
        ("192.0.2.1", "10.9.0.2"),
        ("172.16.0.1", "10.9.0.3"),
        ("172.16.0.1", "224.0.0.251"),
        ("172.16.0.1", "255.255.255.255"),
        ("2001:db8:2::1", "2001:db8:9::2"),
        ("2001:db8:1::1", "2001:db8:9::3"),
        ("2001:db8:1::1", "ff02::1"),
    ] {
        let got = client.receive(&udp(source, destination, 60));
        assert_eq!(got, Err(Discard::InvalidSelectors), "{source} to {destination}");
    }
    assert_eq!(client.inbound.discards().get(Discard::InvalidSelectors), 9);
}

#[test]
fn e07_loopback_multicast_and_own_address_are_refused_even_if_the_selectors_span_them() {
    let mut client = Client::new(everything());
    for (source, destination) in [
        ("127.0.0.1", "10.9.0.2"),
        ("127.255.255.255", "10.9.0.2"),
        ("224.0.0.1", "10.9.0.2"),
        ("239.255.255.255", "10.9.0.2"),
        ("255.255.255.255", "10.9.0.2"),
        ("10.9.0.2", "10.9.0.2"),
        ("::1", "2001:db8:9::2"),
        ("ff02::1", "2001:db8:9::2"),
        ("::ffff:192.0.2.1", "2001:db8:9::2"),
        ("2001:db8:9::2", "2001:db8:9::2"),
    ] {
        let got = client.receive(&udp(source, destination, 60));
        assert_eq!(got, Err(Discard::InvalidSelectors), "{source} to {destination}");
    }
    // A gateway's SA for a whole network, where loopback as destination is within the selectors.
    let params = params(ciphers()[0], false);
    let (_, mut inbound) = pair(&params);
    for (sequence, destination) in [(1, "127.0.0.1"), (2, "::1")] {
        let source = if destination.contains(':') { "2001:db8::1" } else { "10.0.0.1" };
        let next_header = if destination.contains(':') { NEXT_HEADER_IPV6 } else { NEXT_HEADER_IPV4 };
        let plaintext = with_trailer(&params, &udp(source, destination, 60), next_header);
        let got = inbound.open(&mut forge(&params, sequence, &plaintext));
        assert_eq!(got, Err(Discard::InvalidSelectors), "to {destination}");
    }
}

#[test]
fn e07_a_later_fragment_does_not_pass_a_selector_with_ports() {
    let https = TrafficSelector::any_v4().with_protocol(6, Ports::single(443));
    let fragment = |offset: u16| {
        let mut bytes = packet("192.0.2.1", "10.9.0.2", 6, &[0x01, 0xbb, 0x80, 0, 0, 0, 0, 0]);
        bytes[6..8].copy_from_slice(&offset.to_be_bytes());
        bytes
    };
    let mut client = Client::new(vec![https]);
    assert_eq!(client.receive(&fragment(0)), Ok(28));
    assert_eq!(client.receive(&fragment(0x2000)), Ok(28), "the first fragment shows its ports");
    assert_eq!(client.receive(&fragment(1)), Err(Discard::InvalidSelectors));
    assert_eq!(client.receive(&fragment(0x2001)), Err(Discard::InvalidSelectors));
    // Any port and "opaque" both let later fragments through (RFC 4301 7).
    assert_eq!(Client::new(everything()).receive(&fragment(1)), Ok(28));
    let opaque = TrafficSelector::any_v4().with_protocol(6, Ports::OPAQUE);
    assert_eq!(Client::new(vec![opaque]).receive(&fragment(1)), Ok(28));
    assert_eq!(Client::new(vec![opaque]).receive(&fragment(0)), Err(Discard::InvalidSelectors));
}

#[test]
fn e14_reserved_unknown_and_deleted_spis_are_dropped_and_counted() {
    let params = params(ciphers()[0], false);
    for spi in [0, 1, 255] {
        let reserved = SaParams { spi, ..params.clone() };
        assert_eq!(InboundSa::new(&reserved).err(), Some(SaError::ReservedSpi(spi)));
        assert_eq!(OutboundSa::new(&reserved).err(), Some(SaError::ReservedSpi(spi)));
    }
    let (mut out, inbound) = pair(&params);
    let mut sad = Sad::new();
    assert!(!sad.is_free(255) && sad.is_free(256) && sad.is_free(params.spi));
    sad.insert(inbound).unwrap();
    assert!(!sad.is_free(params.spi));
    assert_eq!(sad.insert(InboundSa::new(&params).unwrap()), Err(SadError::Duplicate(params.spi)));

    let mut packet = sealed(&mut out, &some_packet());
    let (spi, range) = sad.open(&mut packet).unwrap();
    assert_eq!((spi, &packet[range]), (params.spi, &some_packet()[..]));
    for (spi, cause) in [
        (0, Discard::ReservedSpi),
        (1, Discard::ReservedSpi),
        (255, Discard::ReservedSpi),
        (256, Discard::UnknownSpi),
        (params.spi + 1, Discard::UnknownSpi),
        (u32::MAX, Discard::UnknownSpi),
    ] {
        let mut stray = sealed(&mut out, &some_packet());
        stray[..4].copy_from_slice(&spi.to_be_bytes());
        assert_eq!(sad.open(&mut stray), Err(cause), "SPI {spi}");
    }
    for len in 0..8 {
        assert_eq!(sad.open(&mut params.spi.to_be_bytes().repeat(2)[..len]), Err(Discard::TooShort));
    }
    assert_eq!(sad.discards().get(Discard::ReservedSpi), 3);
    assert_eq!(sad.discards().get(Discard::UnknownSpi), 3);
    assert_eq!(sad.discards().get(Discard::TooShort), 8);
    let mut last = sealed(&mut out, &some_packet());
    assert_eq!(sad.remove(params.spi).unwrap().traffic().packets, 1);
    assert!(sad.remove(params.spi).is_none() && sad.is_empty());
    assert_eq!(sad.open(&mut last), Err(Discard::UnknownSpi));
    // What the deleted SA had dropped itself is not forgotten.
    assert_eq!(sad.discards().total(), 3 + 3 + 8 + 1);
}

#[test]
fn e14_an_sa_refuses_packets_of_another_spi() {
    let params = params(ciphers()[0], false);
    let (mut out, mut inbound) = pair(&params);
    let mut packet = sealed(&mut out, &some_packet());
    packet[0] ^= 1;
    assert_eq!(inbound.open(&mut packet), Err(Discard::UnknownSpi));
}

#[test]
fn e18_after_a_rekey_the_old_sa_receives_until_it_is_removed() {
    let old = params(ciphers()[0], false);
    let new = SaParams { spi: old.spi + 1, ..params(ciphers()[1], false) };
    let (mut old_out, old_in) = pair(&old);
    let (mut new_out, new_in) = pair(&new);
    let mut sad = Sad::new();
    sad.insert(old_in).unwrap();
    sad.insert(new_in).unwrap();
    for _ in 0..3 {
        assert_eq!(sad.open(&mut sealed(&mut new_out, &some_packet())).unwrap().0, new.spi);
        assert_eq!(sad.open(&mut sealed(&mut old_out, &some_packet())).unwrap().0, old.spi);
    }
    assert_eq!(sad.iter().map(InboundSa::spi).collect::<Vec<_>>(), [old.spi, new.spi]);
    sad.remove(old.spi);
    assert_eq!(sad.open(&mut sealed(&mut old_out, &some_packet())), Err(Discard::UnknownSpi));
    assert_eq!(sad.open(&mut sealed(&mut new_out, &some_packet())).unwrap().0, new.spi);
}

#[test]
fn d11_replayed_packets_are_no_sign_of_life() {
    for cause in Discard::ALL {
        let alive = matches!(
            cause,
            Discard::BadPadding
                | Discard::Dummy
                | Discard::NextHeader
                | Discard::MalformedInner
                | Discard::InvalidSelectors
        );
        assert_eq!(cause.is_authentic(), alive, "{cause}");
    }
    let (mut out, mut inbound) = pair(&params(ciphers()[0], false));
    let packet = sealed(&mut out, &some_packet());
    assert!(inbound.open(&mut packet.clone()).is_ok());
    assert!(!inbound.open(&mut packet.clone()).unwrap_err().is_authentic());
    assert_eq!(inbound.traffic().packets, 1);
}

#[test]
fn outbound_packets_outside_the_selectors_are_refused_and_unchanged() {
    let client = Client::new(vec![TrafficSelector::from_prefix("172.16.0.0".parse().unwrap(), 12).unwrap()]);
    let mut out = OutboundSa::new(&client.params).unwrap();
    assert!(out.seal(&mut PacketBuf::from_payload(&udp("10.9.0.2", "172.16.5.5", 60))).is_ok());
    for (source, destination) in [
        ("10.9.0.3", "172.16.5.5"),
        ("10.9.0.2", "172.32.0.1"),
        ("172.16.5.5", "10.9.0.2"),
        ("2001:db8:9::2", "2001:db8::1"),
    ] {
        let inner = udp(source, destination, 60);
        let mut packet = PacketBuf::from_payload(&inner);
        assert_eq!(out.seal(&mut packet), Err(SealError::OutsideSelectors), "{source} to {destination}");
        assert_eq!(packet.payload(), inner);
    }
    assert_eq!(out.remaining(), u64::from(u32::MAX) - 1);
}

#[test]
fn no_key_is_printed() {
    let params = params(ciphers()[2], true);
    let (out, inbound) = pair(&params);
    let text = format!("{params:?} {out:?} {inbound:?}");
    for secret in [&params.encr_key, &params.integ_key] {
        let bytes: Vec<_> = secret.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(&bytes.concat()) && !text.contains(&format!("{:?}", secret.expose())));
    }
    assert!(text.contains("redacted") && text.contains("c001cafe"));
}
