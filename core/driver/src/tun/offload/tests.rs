//! Segmenting and coalescing against packets built here and a naive checksum.

use proptest::prelude::*;

use super::checksum::tests::naive;
use super::coalesce::{Coalescer, MAX_PACKETS};
use super::segment::Segments;
use super::vnet::{self, GSO_TCP4, GSO_TCP6, GSO_UDP, NEEDS_CHECKSUM, VnetHeader};
use crate::Span;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
const CWR: u8 = 0x80;

#[derive(Clone, Debug)]
struct Tcp {
    v6: bool,
    flow: u8,
    id: u16,
    sequence: u32,
    acknowledgement: u32,
    flags: u8,
    window: u16,
    options: Vec<u8>,
    payload: Vec<u8>,
}

impl Tcp {
    fn new(v6: bool, sequence: u32, len: usize) -> Self {
        Self {
            v6,
            flow: 1,
            id: 7,
            sequence,
            acknowledgement: 99,
            flags: ACK,
            window: 500,
            options: vec![1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
            payload: (0..len).map(|n| (n * 7 + sequence as usize) as u8).collect(),
        }
    }

    fn build(&self) -> Vec<u8> {
        let mut tcp = Vec::new();
        tcp.extend_from_slice(&(1000 + u16::from(self.flow)).to_be_bytes());
        tcp.extend_from_slice(&443_u16.to_be_bytes());
        tcp.extend_from_slice(&self.sequence.to_be_bytes());
        tcp.extend_from_slice(&self.acknowledgement.to_be_bytes());
        tcp.push(((20 + self.options.len()) as u8 / 4) << 4);
        tcp.push(self.flags);
        tcp.extend_from_slice(&self.window.to_be_bytes());
        tcp.extend_from_slice(&[0, 0, 0, 0]);
        tcp.extend_from_slice(&self.options);
        tcp.extend_from_slice(&self.payload);
        ip(self.v6, 6, self.id, &mut tcp, 16)
    }
}

fn udp(v6: bool, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut udp = vec![0x10, 0x00, 0x20, 0x00];
    udp.extend_from_slice(&(8 + payload.len() as u16).to_be_bytes());
    udp.extend_from_slice(&[0, 0]);
    udp.extend_from_slice(payload);
    ip(v6, 17, id, &mut udp, 6)
}

/// Puts an IP header in front and computes all checksums with the naive sum.
fn ip(v6: bool, protocol: u8, id: u16, transport: &mut [u8], field: usize) -> Vec<u8> {
    let len = transport.len() as u16;
    let mut header = Vec::new();
    let mut pseudo = Vec::new();
    if v6 {
        header.extend_from_slice(&[0x60, 0x00, 0x12, 0x34]);
        header.extend_from_slice(&len.to_be_bytes());
        header.extend_from_slice(&[protocol, 64]);
        header.extend((0..32).map(|n| n + 0x20));
        pseudo.extend_from_slice(&header[8..40]);
        pseudo.extend_from_slice(&[0, 0]);
        pseudo.extend_from_slice(&len.to_be_bytes());
        pseudo.extend_from_slice(&[0, 0, 0, protocol]);
    } else {
        header.extend_from_slice(&[0x45, 0x00]);
        header.extend_from_slice(&(20 + len).to_be_bytes());
        header.extend_from_slice(&id.to_be_bytes());
        header.extend_from_slice(&[0x00, 0x00, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        let sum = naive(&header);
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        pseudo.extend_from_slice(&header[12..20]);
        pseudo.extend_from_slice(&[0, protocol]);
        pseudo.extend_from_slice(&len.to_be_bytes());
    }
    transport[field..field + 2].copy_from_slice(&[0, 0]);
    pseudo.extend_from_slice(transport);
    let sum = match naive(&pseudo) {
        0 if protocol == 17 => 0xffff,
        sum => sum,
    };
    transport[field..field + 2].copy_from_slice(&sum.to_be_bytes());
    header.extend_from_slice(transport);
    header
}

/// What the kernel would be given, frame by frame.
fn frames(packets: &[Vec<u8>]) -> Vec<(u16, Vec<u8>)> {
    let mut area = vec![0xee; 5];
    let mut spans = Vec::new();
    for packet in packets {
        let start = area.len();
        area.extend_from_slice(packet);
        spans.push(Span::new(start..area.len()));
        // A gap, as the ESP trailer leaves it.
        area.extend_from_slice(&[0xdd; 17]);
    }
    let mut coalescer = Coalescer::with_capacity(4);
    // Twice: what a batch leaves behind must not show in the next.
    coalescer.plan(&area, &spans, true);
    coalescer.plan(&area, &spans, true);
    (0..coalescer.len())
        .map(|index| {
            let frame = coalescer.frame(&area, &spans, index).unwrap();
            let mut bytes = frame.vnet.to_vec();
            bytes.extend_from_slice(&frame.headers[..frame.headers_len]);
            coalescer.pieces(&frame, &area, &spans, |piece| bytes.extend_from_slice(piece));
            (frame.packets, bytes)
        })
        .collect()
}

fn split(frame: &[u8]) -> Vec<Vec<u8>> {
    let (header, packet) = VnetHeader::split(frame).unwrap();
    let mut segments = Segments::of(&header, packet).unwrap();
    let mut out = vec![0; 70_000];
    let mut packets = Vec::new();
    let count = segments.remaining();
    while let Some(expected) = segments.next_len() {
        assert_eq!(segments.clone().next_into(&mut out[..expected - 1]), None);
        let len = segments.next_into(&mut out).unwrap();
        assert_eq!(len, expected);
        packets.push(out[..len].to_vec());
    }
    assert_eq!((packets.len(), segments.remaining()), (count, 0));
    // Gone on with after an interruption.
    let taken = count / 2;
    let mut rest = Segments::of(&header, packet).unwrap().after(taken);
    for packet in &packets[taken..] {
        let len = rest.next_into(&mut out).unwrap();
        assert_eq!(&out[..len], packet);
    }
    assert_eq!((rest.taken(), rest.remaining()), (count, 0));
    packets
}

fn back(packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    frames(packets).iter().flat_map(|(_, frame)| split(frame)).collect()
}

/// `count` segments of `len` bytes and a shorter last one with PSH.
fn train(v6: bool, count: u32, len: usize) -> Vec<Tcp> {
    let mut train: Vec<Tcp> =
        (0..count).map(|n| Tcp { id: 7 + n as u16, ..Tcp::new(v6, 1000 + n * len as u32, len) }).collect();
    let last = train.last_mut().unwrap();
    last.payload.truncate(len / 2 + 1);
    last.flags |= PSH;
    train
}

fn build(train: &[Tcp]) -> Vec<Vec<u8>> {
    train.iter().map(Tcp::build).collect()
}

#[test]
fn train_of_segments_becomes_one_frame_and_comes_apart_again() {
    for v6 in [false, true] {
        let packets = build(&train(v6, 40, 1348));
        let frames = frames(&packets);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].0, 40);
        let (header, packet) = VnetHeader::split(&frames[0].1).unwrap();
        let headers = if v6 { 72 } else { 52 };
        assert_eq!(
            header,
            VnetHeader {
                flags: NEEDS_CHECKSUM,
                gso_type: if v6 { GSO_TCP6 } else { GSO_TCP4 },
                header_len: headers,
                gso_size: 1348,
                checksum_start: headers - 32,
                checksum_offset: 16,
            }
        );
        assert_eq!(packet.len(), usize::from(headers) + 39 * 1348 + 675);
        assert_eq!(split(&frames[0].1), packets);
    }
}

#[test]
fn checksum_field_of_a_frame_holds_the_pseudo_header_sum() {
    let frames = frames(&build(&train(false, 3, 100)));
    let packet = &frames[0].1[vnet::LEN..];
    let mut pseudo = packet[12..20].to_vec();
    pseudo.extend_from_slice(&[0, 6]);
    pseudo.extend_from_slice(&(packet.len() as u16 - 20).to_be_bytes());
    assert_eq!(packet[36..38], (!naive(&pseudo)).to_be_bytes());
    assert_eq!(naive(&packet[..20]), 0);
}

#[test]
fn equal_datagrams_of_one_flow_become_one_udp_frame() {
    for v6 in [false, true] {
        let mut packets: Vec<Vec<u8>> = (0..10_u16).map(|n| udp(v6, n, &[n as u8; 300])).collect();
        packets.push(udp(v6, 10, b"short"));
        packets.push(udp(v6, 11, &[1; 300]));
        let frames = frames(&packets);
        assert_eq!(frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), [11, 1]);
        assert_eq!(VnetHeader::split(&frames[0].1).unwrap().0.gso_type, GSO_UDP);
        assert_eq!(back(&packets), packets);
    }
}

#[test]
fn flows_are_merged_apart_and_each_keeps_its_order() {
    let a = train(false, 5, 100);
    let b: Vec<Tcp> = train(false, 5, 200).into_iter().map(|tcp| Tcp { flow: 2, ..tcp }).collect();
    let mixed: Vec<Vec<u8>> = a.iter().zip(&b).flat_map(|(a, b)| [a.build(), b.build()]).collect();
    let frames = frames(&mixed);
    assert_eq!(frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), [5, 5]);
    assert_eq!(split(&frames[0].1), build(&a));
    assert_eq!(split(&frames[1].1), build(&b));
}

/// The number of packets in each frame after `change` was made to the second of three segments.
fn shape(change: impl Fn(&mut Tcp)) -> Vec<u16> {
    let mut train = train(false, 3, 100);
    change(&mut train[1]);
    let packets = build(&train);
    let frames = frames(&packets);
    assert_eq!(frames.iter().flat_map(|(_, frame)| split(frame)).collect::<Vec<_>>(), packets);
    frames.iter().map(|frame| frame.0).collect()
}

#[test]
fn only_direct_continuations_join() {
    assert_eq!(shape(|_| ()), [3]);
    assert_eq!(shape(|tcp| tcp.sequence += 1), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.acknowledgement += 1), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.window += 1), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.id += 9), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.options[7] += 1), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.options.truncate(4)), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.flags |= SYN), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.flags |= CWR), [1, 1, 1]);
    // Ends the frame; the third starts another.
    assert_eq!(shape(|tcp| tcp.flags |= PSH), [2, 1]);
    assert_eq!(shape(|tcp| tcp.flags |= FIN), [2, 1]);
    assert_eq!(shape(|tcp| tcp.payload.truncate(99)), [2, 1]);
    // Longer than the first, or empty.
    assert_eq!(shape(|tcp| tcp.payload.push(0)), [1, 1, 1]);
    assert_eq!(shape(|tcp| tcp.payload.clear()), [1, 1, 1]);
}

#[test]
fn damaged_packets_are_passed_on_as_they_are() {
    for (position, expected) in [(0, vec![1, 2]), (1, vec![1, 1, 1]), (2, vec![2, 1])] {
        let mut packets = build(&train(false, 3, 100));
        packets[position][60] ^= 1;
        let frames = frames(&packets);
        assert_eq!(frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), expected);
        assert_eq!(back(&packets), packets);
        let mut packets = build(&train(false, 3, 100));
        packets[position][10] ^= 1;
        assert_eq!(back(&packets), packets);
    }
}

#[test]
fn constant_identification_is_accepted_with_dont_fragment_only() {
    for (df, expected) in [(0x40, vec![3]), (0, vec![1, 1, 1])] {
        let mut packets = build(&train(false, 3, 100));
        for packet in &mut packets {
            packet[4..8].copy_from_slice(&[0, 0, df, 0]);
            packet[10..12].copy_from_slice(&[0, 0]);
            let sum = naive(&packet[..20]);
            packet[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        assert_eq!(frames(&packets).iter().map(|frame| frame.0).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn udp_without_checksum_or_with_another_length_is_left_alone() {
    let mut packets: Vec<Vec<u8>> = (0..3_u16).map(|n| udp(false, n, &[3; 50])).collect();
    packets[1][26..28].copy_from_slice(&[0, 0]);
    assert_eq!(frames(&packets).len(), 3);
    assert_eq!(back(&packets), packets);
    let mut packets: Vec<Vec<u8>> = (0..3_u16).map(|n| udp(false, n, &[3; 50])).collect();
    packets[1][25] -= 1;
    assert_eq!(frames(&packets).len(), 3);
    assert_eq!(back(&packets), packets);
}

#[test]
fn nothing_overtakes_a_fragment_or_an_unknown_packet() {
    for middle in [vec![0x45, 0, 0, 20], vec![0xff; 40], Vec::new(), {
        let mut fragment = udp(false, 1, &[3; 50]);
        fragment[6] = 0x20;
        fragment
    }] {
        let mut packets = build(&train(false, 4, 100));
        packets.insert(2, middle.clone());
        let frames = frames(&packets);
        assert_eq!(frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), [2, 1, 2], "{middle:?}");
    }
}

#[test]
fn frames_hold_at_most_64_packets_and_64_kib() {
    let counts = |count, len| {
        let packets = build(&train(true, count, len));
        let frames = frames(&packets);
        assert_eq!(frames.iter().flat_map(|(_, frame)| split(frame)).collect::<Vec<_>>(), packets);
        assert!(frames.iter().all(|(_, frame)| frame.len() <= vnet::LEN + 65_535));
        frames.iter().map(|frame| usize::from(frame.0)).collect::<Vec<_>>()
    };
    assert_eq!(counts(100, 10), [MAX_PACKETS, 36]);
    assert_eq!(counts(10, 8900), [7, 3]);
}

#[test]
fn more_flows_than_places_still_arrive() {
    let packets: Vec<Vec<u8>> = (0..3_u32)
        .flat_map(|n| (0..40).map(move |flow| Tcp { flow, ..Tcp::new(true, 1000 + n * 64, 64) }.build()))
        .collect();
    let mut expected = packets.clone();
    let mut got = back(&packets);
    expected.sort();
    got.sort();
    assert_eq!(got, expected);
}

#[test]
fn unfinished_checksum_is_completed() {
    for v6 in [false, true] {
        for (packet, field) in [(Tcp::new(v6, 5, 333).build(), 16_u16), (udp(v6, 5, &[9; 100]), 6)] {
            let start = if v6 { 40 } else { 20 };
            let at = usize::from(start + field);
            let mut unfinished = packet.clone();
            // The kernel leaves the sum of the pseudo-header in the field: checksum minus everything else.
            unfinished[at..at + 2].copy_from_slice(&[0, 0]);
            let body = !naive(&unfinished[usize::from(start)..]);
            let total = !u16::from_be_bytes([packet[at], packet[at + 1]]);
            let partial = u32::from(total) + u32::from(!body);
            let partial = ((partial & 0xffff) + (partial >> 16)) as u16;
            unfinished[at..at + 2].copy_from_slice(&partial.to_be_bytes());
            let header = VnetHeader {
                flags: NEEDS_CHECKSUM,
                checksum_start: start,
                checksum_offset: field,
                ..VnetHeader::default()
            };
            let mut frame = header.encode().to_vec();
            frame.extend_from_slice(&unfinished);
            assert_eq!(split(&frame), [packet]);
        }
    }
}

#[test]
fn congestion_window_reduced_goes_with_the_first_segment_only() {
    let mut packets = build(&train(false, 3, 100));
    packets[0][33] |= CWR;
    let mut frame = frames(&build(&train(false, 3, 100))).remove(0).1;
    frame[vnet::LEN + 33] |= CWR;
    frame[1] |= 0x80;
    let got: Vec<u8> = split(&frame).iter().map(|packet| packet[33]).collect();
    assert_eq!(got, [ACK | CWR, ACK, ACK | PSH]);
}

#[test]
fn contradictory_frames_are_refused() {
    let packet = Tcp::new(false, 1, 300).build();
    let good =
        VnetHeader { flags: NEEDS_CHECKSUM, gso_type: GSO_TCP4, gso_size: 100, ..VnetHeader::default() };
    assert_eq!(Segments::of(&good, &packet).unwrap().remaining(), 3);
    assert!(Segments::of(&VnetHeader { gso_type: GSO_TCP6, ..good }, &packet).is_err());
    assert!(Segments::of(&VnetHeader { gso_type: GSO_UDP, ..good }, &packet).is_err());
    assert!(Segments::of(&VnetHeader { gso_type: 3, ..good }, &packet).is_err());
    assert!(Segments::of(&VnetHeader { gso_size: 0, ..good }, &packet).is_err());
    let beyond = VnetHeader { gso_type: 0, checksum_start: 300, checksum_offset: 52, ..good };
    assert!(Segments::of(&beyond, &packet).is_err());
    let far = VnetHeader { gso_type: 0, checksum_start: u16::MAX, checksum_offset: u16::MAX, ..good };
    assert!(Segments::of(&far, &packet).is_err());
    for len in 0..52 {
        assert!(Segments::of(&good, &packet[..len]).is_err(), "{len}");
    }
    assert!(VnetHeader::split(&[0; 9]).is_none());
}

/// A batch like a receiver sees: several flows, some packets lost, changed or swapped.
fn batch() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let packet = (0_u8..3, 1_usize..300, 0_u8..20, any::<bool>());
    (proptest::collection::vec(packet, 1..120), any::<bool>(), 50_usize..300).prop_map(
        |(packets, v6, usual)| {
            let mut next = [1000_u32; 3];
            let mut id = [1_u16; 3];
            let built = packets.into_iter().map(|(flow, len, change, full)| {
                let slot = usize::from(flow);
                let len = if full { usual } else { len };
                let mut tcp = Tcp { flow, id: id[slot], ..Tcp::new(v6, next[slot], len) };
                id[slot] = id[slot].wrapping_add(1);
                next[slot] = next[slot].wrapping_add(len as u32);
                match change {
                    0 => tcp.flags |= PSH,
                    1 => tcp.flags |= FIN,
                    2 => tcp.payload.clear(),
                    3 => tcp.sequence = tcp.sequence.wrapping_sub(17),
                    4 => return udp(v6, tcp.id, &tcp.payload),
                    5 => tcp.options.clear(),
                    6 => {
                        let mut damaged = tcp.build();
                        let last = damaged.len() - 1;
                        damaged[last] ^= 0x55;
                        return damaged;
                    }
                    _ => {}
                }
                tcp.build()
            });
            built.collect()
        },
    )
}

fn flow_of(packet: &[u8]) -> Vec<u8> {
    let at = if packet[0] >> 4 == 6 { 40 } else { 20 };
    packet[at..at + 4].to_vec()
}

proptest! {
    #[test]
    fn segmenting_what_was_coalesced_gives_the_packets_back(packets in batch()) {
        let got = back(&packets);
        let mut flows: Vec<Vec<u8>> = packets.iter().map(|packet| flow_of(packet)).collect();
        flows.sort();
        flows.dedup();
        prop_assert_eq!(got.len(), packets.len());
        for flow in flows {
            let of = |list: &[Vec<u8>]| -> Vec<Vec<u8>> {
                list.iter().filter(|packet| flow_of(packet) == flow).cloned().collect()
            };
            prop_assert_eq!(of(&got), of(&packets));
        }
    }

    #[test]
    fn coalescing_what_was_segmented_gives_one_frame_back(v6: bool, count in 2_u32..40, len in 1_usize..1400, last in 1_usize..1400) {
        let mut train = train(v6, count, len);
        train.last_mut().unwrap().payload = vec![5; last.min(len)];
        let packets = build(&train);
        let first = frames(&packets);
        prop_assert_eq!(first.len(), 1);
        let again = frames(&split(&first[0].1));
        prop_assert_eq!(again, first);
    }

    #[test]
    fn arbitrary_frames_do_no_harm(frame in proptest::collection::vec(any::<u8>(), 10..200), first in 0_u8..6, kind in 0_u8..7) {
        let mut frame = frame;
        frame[1] = kind;
        if frame.len() > vnet::LEN {
            frame[vnet::LEN] = [0x45, 0x46, 0x60, 0x4f, 0x40, 0][usize::from(first)];
        }
        let (header, packet) = VnetHeader::split(&frame).unwrap();
        if let Ok(mut segments) = Segments::of(&header, packet) {
            let mut out = vec![0; 300];
            let count = segments.remaining();
            let mut taken = 0;
            while segments.next_into(&mut out).is_some() {
                taken += 1;
            }
            prop_assert_eq!(taken, count);
        }
    }

    #[test]
    fn arbitrary_packets_arrive_unchanged(packets in proptest::collection::vec((0_u8..4, proptest::collection::vec(any::<u8>(), 0..120)), 0..20)) {
        let packets: Vec<Vec<u8>> = packets.into_iter().map(|(kind, mut packet)| {
            if let Some(first) = packet.first_mut() {
                *first = [0x45, 0x60, 0x46, 0xff][usize::from(kind)];
            }
            if let Some(protocol) = packet.get_mut(9) {
                *protocol = 6;
            }
            packet
        }).collect();
        let got: Vec<Vec<u8>> = frames(&packets).iter().map(|(_, frame)| frame[vnet::LEN..].to_vec()).collect();
        prop_assert_eq!(got, packets);
    }
}

#[test]
fn an_independent_packet_library_agrees() {
    let mut packets = Vec::new();
    for n in 0..5_u32 {
        let builder =
            etherparse::PacketBuilder::ipv6([1; 16], [2; 16], 64).tcp(80, 8080, 7 + n * 500, 1024).ack(3);
        let mut packet = Vec::new();
        builder.write(&mut packet, &[n as u8; 500]).unwrap();
        packets.push(packet);
    }
    let frames = frames(&packets);
    assert_eq!(frames.len(), 1);
    let segments = split(&frames[0].1);
    assert_eq!(segments, packets);
    for segment in &segments {
        let parsed = etherparse::PacketHeaders::from_ip_slice(segment).unwrap();
        let tcp = parsed.transport.unwrap().tcp().unwrap();
        let etherparse::NetHeaders::Ipv6(ip, _) = parsed.net.unwrap() else { panic!("not IPv6") };
        let payload = parsed.payload.slice();
        assert_eq!(tcp.calc_checksum_ipv6(&ip, payload).unwrap(), tcp.checksum);
    }
}
