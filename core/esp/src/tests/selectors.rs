//! Traffic selectors: what is inside, narrowing, and that the compiled check agrees with the plain one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use crate::inner::{Fields, Inner};
use crate::test_support::packet;
use crate::{MAX_SELECTORS, PacketSide, Ports, SelectorError, Selectors, TrafficSelector};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn range(start: &str, end: &str) -> TrafficSelector {
    TrafficSelector::new(0, Ports::ANY, ip(start), ip(end)).unwrap()
}

fn prefix(address: &str, length: u8) -> TrafficSelector {
    TrafficSelector::from_prefix(ip(address), length).unwrap()
}

#[test]
fn nonsense_is_refused() {
    let (low, high, six) = (ip("10.0.0.1"), ip("10.0.0.2"), ip("::1"));
    let new = |start, end| TrafficSelector::new(0, Ports::ANY, start, end);
    assert!(new(low, low).is_ok() && new(low, high).is_ok());
    assert_eq!(new(high, low), Err(SelectorError::Addresses { start: high, end: low }));
    assert_eq!(new(low, six), Err(SelectorError::Family { start: low, end: six }));
    assert_eq!(new(six, low), Err(SelectorError::Family { start: six, end: low }));
    assert_eq!(Ports::new(2, 1), Err(SelectorError::Ports { start: 2, end: 1 }));
    assert_eq!(Ports::new(65_535, 0), Ok(Ports::OPAQUE));
    assert_eq!(Ports::new(0, 65_535), Ok(Ports::ANY));
    assert_eq!(TrafficSelector::from_prefix(low, 33), Err(SelectorError::Prefix(33)));
    assert_eq!(TrafficSelector::from_prefix(six, 129), Err(SelectorError::Prefix(129)));
    let any = || vec![TrafficSelector::any_v4()];
    assert_eq!(Selectors::new(vec![], any()).err(), Some(SelectorError::Count(0)));
    assert_eq!(Selectors::new(any(), any().repeat(256)).err(), Some(SelectorError::Count(256)));
    assert!(Selectors::new(any(), any().repeat(MAX_SELECTORS)).is_ok());
}

#[test]
fn prefixes_and_ranges_convert() {
    assert_eq!(prefix("10.1.2.3", 8), range("10.0.0.0", "10.255.255.255"));
    assert_eq!(prefix("10.1.2.3", 32), TrafficSelector::host(ip("10.1.2.3")));
    assert_eq!(prefix("10.1.2.3", 0), TrafficSelector::any_v4());
    assert_eq!(prefix("2001:db8::1", 0), TrafficSelector::any_v6());
    assert_eq!(prefix("2001:db8::1", 128), TrafficSelector::host(ip("2001:db8::1")));
    assert_eq!(prefix("2001:db8:1:2::", 47), range("2001:db8::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"));
    assert_eq!(TrafficSelector::any_v4().prefix(), Some((ip("0.0.0.0"), 0)));
    assert_eq!(TrafficSelector::any_v6().prefix(), Some((ip("::"), 0)));
    assert_eq!(range("10.0.0.1", "10.0.0.2").prefix(), None);
    let odd: Vec<_> = range("10.0.0.1", "10.0.0.8").prefixes().collect();
    assert_eq!(odd, [(ip("10.0.0.1"), 32), (ip("10.0.0.2"), 31), (ip("10.0.0.4"), 30), (ip("10.0.0.8"), 32)]);
    assert_eq!(range("0.0.0.1", "255.255.255.254").prefixes().count(), 62);
    let most = range("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
    assert_eq!(most.prefixes().count(), 254);
}

#[test]
fn selectors_print_as_administrators_write_them() {
    let shown = |selector: TrafficSelector| selector.to_string();
    assert_eq!(shown(prefix("10.0.0.0", 8)), "10.0.0.0/8");
    assert_eq!(shown(range("10.0.0.1", "10.0.0.9")), "10.0.0.1-10.0.0.9");
    assert_eq!(shown(TrafficSelector::any_v6()), "::/0");
    assert_eq!(shown(prefix("10.0.0.0", 8).with_protocol(6, Ports::single(443))), "10.0.0.0/8[6/443]");
    assert_eq!(shown(prefix("10.0.0.0", 8).with_protocol(17, Ports::ANY)), "10.0.0.0/8[17]");
    assert_eq!(shown(prefix("10.0.0.0", 8).with_protocol(17, Ports::OPAQUE)), "10.0.0.0/8[17/opaque]");
    let ports = Ports::new(1, 9).unwrap();
    assert_eq!(shown(prefix("10.0.0.0", 8).with_protocol(0, ports)), "10.0.0.0/8[any/1-9]");
}

#[test]
fn narrowing_keeps_what_both_sides_want() {
    let ours = [TrafficSelector::any_v4(), TrafficSelector::any_v6()];
    let theirs = [prefix("10.0.0.0", 8), prefix("10.1.0.0", 16), prefix("2001:db8::", 32)];
    assert_eq!(TrafficSelector::narrow(&ours, &theirs), [theirs[0], theirs[2]]);
    assert_eq!(TrafficSelector::narrow(&[theirs[1], theirs[0]], &ours), [theirs[0]]);
    assert_eq!(TrafficSelector::narrow(&[theirs[2]], &theirs[..2]), []);
    let tcp = prefix("10.0.0.0", 8).with_protocol(6, Ports::ANY);
    let https = TrafficSelector::any_v4().with_protocol(6, Ports::single(443));
    let udp = TrafficSelector::any_v4().with_protocol(17, Ports::ANY);
    assert_eq!(
        TrafficSelector::narrow(&[tcp], &[https, udp]),
        [prefix("10.0.0.0", 8).with_protocol(6, Ports::single(443))]
    );
    assert!(tcp.is_subset_of(&theirs[0]) && !theirs[0].is_subset_of(&tcp));
}

#[test]
fn icmp_type_and_code_belong_to_the_sender() {
    // RFC 4301 4.4.1.3: we may send echo requests, the peer may send echo replies.
    for (protocol, request, reply, ours, theirs) in
        [(1, 8, 0, "10.0.0.1", "192.0.2.1"), (58, 128, 129, "2001:db8::1", "2001:db8::2")]
    {
        let any = if protocol == 1 { TrafficSelector::any_v4() } else { TrafficSelector::any_v6() };
        let selectors = Selectors::new(
            vec![any.with_protocol(protocol, Ports::icmp(request, 0))],
            vec![any.with_protocol(protocol, Ports::icmp(reply, 0))],
        )
        .unwrap();
        let echo = |from: &str, to: &str, kind| packet(from, to, protocol, &[kind, 0, 0, 0]);
        assert!(selectors.permit_outbound(&echo(ours, theirs, request)));
        assert!(selectors.permit_inbound(&echo(theirs, ours, reply)));
        assert!(!selectors.permit_outbound(&echo(ours, theirs, reply)));
        assert!(!selectors.permit_inbound(&echo(theirs, ours, request)));
        // Send only: nothing with a type may come back.
        let send_only = Selectors::new(
            vec![any.with_protocol(protocol, Ports::icmp(request, 0))],
            vec![any.with_protocol(protocol, Ports::OPAQUE)],
        )
        .unwrap();
        assert!(send_only.permit_outbound(&echo(ours, theirs, request)));
        assert!(!send_only.permit_inbound(&echo(theirs, ours, reply)));
    }
}

#[test]
fn mobility_header_type_is_the_upper_half_of_the_port() {
    let binding_update = TrafficSelector::any_v6().with_protocol(135, Ports::single(5 << 8));
    let message = |kind| packet("2001:db8::1", "2001:db8::2", 135, &[59, 0, kind, 0, 0, 0, 0, 0]);
    assert!(binding_update.contains_packet(&message(5), PacketSide::Source));
    assert!(!binding_update.contains_packet(&message(6), PacketSide::Source));
    assert!(binding_update.contains_packet(&message(6), PacketSide::Destination));
}

#[test]
fn protocols_without_ports_match_any_and_opaque() {
    for protocol in [47, 50, 51, 89] {
        let gre = packet("10.0.0.1", "10.0.0.2", protocol, &[0; 20]);
        for (ports, inside) in [(Ports::ANY, true), (Ports::OPAQUE, true), (Ports::single(0), false)] {
            let selector = TrafficSelector::any_v4().with_protocol(protocol, ports);
            assert_eq!(selector.contains_packet(&gre, PacketSide::Source), inside, "{selector}");
        }
    }
}

#[test]
fn ipv6_extension_headers_are_walked() {
    const TCP_START: [u8; 8] = [0x1f, 0x90, 0x01, 0xbb, 0, 0, 0, 0];
    let https = TrafficSelector::any_v6().with_protocol(6, Ports::single(443));
    let tcp = TrafficSelector::any_v6().with_protocol(6, Ports::ANY);
    let make = |first: u8, rest: &[&[u8]]| packet("2001:db8::1", "2001:db8::2", first, &rest.concat());
    let to_https = |bytes: &[u8]| https.contains_packet(bytes, PacketSide::Destination);
    let is_tcp = |bytes: &[u8]| tcp.contains_packet(bytes, PacketSide::Destination);
    let fragment =
        |next: u8, offset_and_flags: [u8; 2]| [next, 0, offset_and_flags[0], offset_and_flags[1], 0, 0, 0, 1];
    let options = |next: u8| [next, 0, 1, 4, 0, 0, 0, 0];

    assert!(to_https(&make(6, &[&TCP_START])));
    assert!(to_https(&make(0, &[&options(60), &options(43), &options(6), &TCP_START])));
    let long_options = [6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(to_https(&make(60, &[&long_options, &TCP_START])));
    // An atomic and a first fragment show ports, a later one only the protocol.
    assert!(to_https(&make(44, &[&fragment(6, [0, 0]), &TCP_START])));
    assert!(to_https(&make(44, &[&fragment(6, [0, 1]), &TCP_START])));
    let later = make(44, &[&fragment(6, [0, 8]), &TCP_START]);
    assert!(!to_https(&later) && is_tcp(&later));
    // A later fragment of a packet with options in its fragmentable part hides even that.
    let hidden = make(44, &[&fragment(60, [0, 8]), &options(6), &TCP_START]);
    assert!(!is_tcp(&hidden) && TrafficSelector::any_v6().contains_packet(&hidden, PacketSide::Source));
    // Cut anywhere, it is never taken for what it might have been, and never panics.
    let whole = make(0, &[&options(60), &options(44), &fragment(6, [0, 0]), &TCP_START]);
    assert!(to_https(&whole));
    for payload in 0..whole.len() - 40 - 4 {
        let mut cut = whole[..40 + payload].to_vec();
        cut[4..6].copy_from_slice(&u16::try_from(payload).unwrap().to_be_bytes());
        assert!(!to_https(&cut), "{payload} bytes");
        assert!(TrafficSelector::any_v6().contains_packet(&cut, PacketSide::Source));
    }
    // A chain that fills the largest packet is walked in linear time.
    let endless = make(60, &[&options(60).repeat(8000)]);
    assert!(!is_tcp(&endless));
}

#[test]
fn ipv4_options_are_skipped() {
    let https = TrafficSelector::any_v4().with_protocol(6, Ports::single(443));
    let mut bytes = packet("10.0.0.1", "10.0.0.2", 6, &[1, 1, 1, 0, 0x1f, 0x90, 0x01, 0xbb]);
    bytes[0] = 0x46;
    assert!(https.contains_packet(&bytes, PacketSide::Destination));
    assert!(!https.contains_packet(&bytes, PacketSide::Source));
}

/// Addresses, protocols and ports from small sets, so that random selectors and packets meet.
fn address(six: bool) -> impl Strategy<Value = IpAddr> {
    (0..16u32).prop_map(move |low| {
        if six {
            Ipv6Addr::from_bits(low.into()).into()
        } else {
            Ipv4Addr::from_bits(0x0a00_0000 | low).into()
        }
    })
}

fn ports() -> impl Strategy<Value = Ports> {
    prop_oneof![
        3 => Just(Ports::ANY),
        1 => Just(Ports::OPAQUE),
        3 => (0..4u16, 0..4u16).prop_map(|(a, b)| Ports::new(a.min(b), a.max(b)).unwrap()),
    ]
}

fn selector() -> impl Strategy<Value = TrafficSelector> {
    let narrow = any::<bool>().prop_flat_map(|six| {
        (address(six), address(six), prop_oneof![Just(0u8), Just(1), Just(6), Just(17), Just(47)], ports())
            .prop_map(|(a, b, protocol, ports)| {
                TrafficSelector::new(protocol, ports, a.min(b), a.max(b)).unwrap()
            })
    });
    prop_oneof![8 => narrow, 1 => Just(TrafficSelector::any_v4()), 1 => Just(TrafficSelector::any_v6())]
}

fn some_packet() -> impl Strategy<Value = Vec<u8>> {
    let protocol = prop_oneof![Just(1u8), Just(6), Just(17), Just(47), Just(44)];
    (any::<bool>(), 0..16u32, 0..16u32, protocol, proptest::collection::vec(0..4u8, 0..24), 0..3u8).prop_map(
        |(six, source, destination, protocol, payload, fragment)| {
            let (source, destination) = if six {
                (
                    Ipv6Addr::from_bits(source.into()).to_string(),
                    Ipv6Addr::from_bits(destination.into()).to_string(),
                )
            } else {
                let text = |low| Ipv4Addr::from_bits(0x0a00_0000 | low).to_string();
                (text(source), text(destination))
            };
            let mut bytes = packet(&source, &destination, protocol, &payload);
            if !six {
                bytes[7] = fragment;
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_compiled_check_agrees_with_the_plain_one(
        local in proptest::collection::vec(selector(), 1..5),
        remote in proptest::collection::vec(selector(), 1..5),
        packet in some_packet(),
    ) {
        let inside = |list: &[TrafficSelector], side| list.iter().any(|one| one.contains_packet(&packet, side));
        let outbound = inside(&local, PacketSide::Source) && inside(&remote, PacketSide::Destination);
        let inbound = inside(&remote, PacketSide::Source) && inside(&local, PacketSide::Destination);
        let selectors = Selectors::new(local, remote).unwrap();
        prop_assert_eq!(selectors.permit_outbound(&packet), outbound);
        // Inbound is stricter (own address, loopback), never laxer.
        prop_assert!(inbound || !selectors.permit_inbound(&packet));
    }

    #[test]
    fn a_packet_is_in_the_intersection_if_it_is_in_both(a in selector(), b in selector(), packet in some_packet()) {
        // At its destination an ICMP packet is in any port range, also in two that have nothing in common.
        let icmp = matches!(Inner::parse(&packet).unwrap().next_layer().fields, Fields::Sent(_));
        let sides = [PacketSide::Source, PacketSide::Destination];
        for side in sides.into_iter().take(if icmp { 1 } else { 2 }) {
            let both = a.contains_packet(&packet, side) && b.contains_packet(&packet, side);
            let common = a.intersect(&b).is_some_and(|common| common.contains_packet(&packet, side));
            prop_assert_eq!(common, both, "{} and {}", a, b);
        }
        prop_assert_eq!(a.intersect(&b), b.intersect(&a));
        prop_assert_eq!(a.intersect(&a), Some(a));
        if let Some(common) = a.intersect(&b) {
            prop_assert!(common.is_subset_of(&a) && common.is_subset_of(&b));
        }
    }

    #[test]
    fn narrowing_loses_nothing_and_adds_nothing(
        offered in proptest::collection::vec(selector(), 1..4),
        allowed in proptest::collection::vec(selector(), 1..4),
        packet in some_packet(),
    ) {
        let narrowed = TrafficSelector::narrow(&offered, &allowed);
        let inside = |list: &[TrafficSelector]| list.iter().any(|one| one.contains_packet(&packet, PacketSide::Source));
        prop_assert_eq!(inside(&narrowed), inside(&offered) && inside(&allowed));
        for (index, one) in narrowed.iter().enumerate() {
            for other in &narrowed[index + 1..] {
                prop_assert!(!one.is_subset_of(other) && !other.is_subset_of(one));
            }
        }
    }

    #[test]
    fn prefixes_cover_a_range_without_gap_or_overlap(a: u32, b: u32, high: u64, low: u64) {
        let four = [a.min(b), a.max(b)].map(|bits| IpAddr::from(Ipv4Addr::from_bits(bits)));
        let six = [high.min(low), high.max(low)].map(|bits| {
            IpAddr::from(Ipv6Addr::from_bits(u128::from(bits) << 64 | u128::from(bits)))
        });
        for [start, end] in [four, six] {
            let selector = TrafficSelector::new(0, Ports::ANY, start, end).unwrap();
            let parts: Vec<_> = selector
                .prefixes()
                .map(|(address, length)| TrafficSelector::from_prefix(address, length).unwrap())
                .collect();
            prop_assert_eq!(parts.first().unwrap().start(), start);
            prop_assert_eq!(parts.last().unwrap().end(), end);
            for pair in parts.windows(2) {
                prop_assert_eq!(bits(pair[0].end()).wrapping_add(1), bits(pair[1].start()));
            }
            prop_assert!(parts.iter().zip(selector.prefixes()).all(|(part, prefix)| part.start() == prefix.0));
        }
    }

    #[test]
    fn no_bytes_make_a_selector_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), six: bool) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = if six { 0x60 } else { 0x40 | *first & 0x0f };
        }
        for selector in [TrafficSelector::any_v4(), TrafficSelector::any_v6()] {
            let narrow = selector.with_protocol(6, Ports::single(7));
            let _ = narrow.contains_packet(&bytes, PacketSide::Source);
            let _ = Selectors::new(vec![narrow], vec![narrow]).unwrap().permit_inbound(&bytes);
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}
