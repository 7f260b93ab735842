use super::*;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const TO_B: Direction = Direction::new(A, B);

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn network(conditions: Conditions) -> Network {
    let mut network = Network::new(Seed(7), conditions);
    network.assign(at("192.0.2.1:0").ip(), A);
    network.assign(at("192.0.2.2:0").ip(), B);
    network
}

fn numbered(number: u32) -> Datagram {
    Datagram { from: at("192.0.2.1:1000"), to: at("192.0.2.2:2000"), bytes: number.to_be_bytes().to_vec() }
}

/// Everything that arrives, as the numbers sent, with the times.
fn drain(network: &mut Network) -> Vec<(Duration, u32)> {
    let mut out = Vec::new();
    while let Some(now) = network.next_delivery() {
        while let Some((node, datagram)) = network.deliver(now) {
            assert_eq!(node, B);
            out.push((now, u32::from_be_bytes(datagram.bytes[..4].try_into().unwrap())));
        }
    }
    out
}

#[test]
fn a_perfect_path_keeps_order_and_adds_the_delay() {
    let mut network = network(Conditions::delay(ms(30)));
    for number in 0..100 {
        network.send(ms(number.into()), A, numbered(number)).unwrap();
    }
    let arrived = drain(&mut network);
    let expected: Vec<_> = (0..100).map(|number| (ms(u64::from(number) + 30), number)).collect();
    assert_eq!(arrived, expected);
    assert_eq!(network.counts().of(Fate::Delivered), 100);
    assert_eq!(network.in_flight(), 0);
}

#[test]
fn loss_duplication_and_reordering_come_near_their_probabilities() {
    let mut network =
        network(Conditions { loss: 0.3, duplicate: 0.1, reorder: 0.2, ..Conditions::default() });
    for number in 0..10_000_u32 {
        network.send(ms(number.into()), A, numbered(number)).unwrap();
    }
    let arrived = drain(&mut network);
    let counts = network.counts();
    assert!((2_800..3_200).contains(&counts.of(Fate::Lost)), "{counts:?}");
    assert!((600..800).contains(&counts.of(Fate::Duplicated)), "{counts:?}");
    assert_eq!(arrived.len() as u64, 10_000 - counts.of(Fate::Lost) + counts.of(Fate::Duplicated));
    let overtaken = arrived.windows(2).filter(|pair| pair[0].1 > pair[1].1).count();
    assert!(overtaken > 500, "{overtaken} overtaken");
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_does_not() {
    let run = |seed| {
        let mut network = network(Conditions::rough(0.2));
        network.prng = Prng::new(Seed(seed));
        for number in 0..200 {
            network.send(ms(number.into()), A, numbered(number)).unwrap();
        }
        drain(&mut network)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_datagram_above_the_mtu_vanishes_in_each_family() {
    let mut network = network(Conditions { mtu: Some(1_280), ..Conditions::default() });
    network.assign(at("[2001:db8::1]:0").ip(), A);
    network.assign(at("[2001:db8::2]:0").ip(), B);
    for (from, to, fits) in
        [("192.0.2.1:1", "192.0.2.2:2", 1_252), ("[2001:db8::1]:1", "[2001:db8::2]:2", 1_232)]
    {
        let big = |len| Datagram { from: at(from), to: at(to), bytes: vec![0; len] };
        network.send(ms(0), A, big(fits)).unwrap();
        network.send(ms(0), A, big(fits + 1)).unwrap();
    }
    assert_eq!(drain(&mut network).len(), 2);
    assert_eq!(network.counts().of(Fate::TooBig), 2);
}

#[test]
fn drop_next_drops_as_many_as_asked_for_in_that_direction_only() {
    let mut network = network(Conditions::default());
    network.drop_next(TO_B);
    network.drop_next(TO_B);
    network.drop_next(TO_B.reverse());
    for number in 0..4 {
        network.send(ms(0), A, numbered(number)).unwrap();
    }
    assert_eq!(drain(&mut network).iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(network.counts().of(Fate::DroppedOnRequest), 2);
    assert_eq!(network.counts().dropped(), 2);
}

#[test]
fn a_filter_changes_and_drops() {
    let mut network = network(Conditions::default());
    network.set_filter(|direction, datagram| {
        assert_eq!(direction, TO_B);
        datagram.bytes[0] = 0xff;
        if datagram.bytes[3] == 1 { Verdict::Drop } else { Verdict::Pass }
    });
    for number in 0..3 {
        network.send(ms(0), A, numbered(number)).unwrap();
    }
    network.clear_filter();
    network.send(ms(1), A, numbered(9)).unwrap();
    let numbers: Vec<u32> = drain(&mut network).iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [0xff00_0000, 0xff00_0002, 9]);
}

#[test]
fn a_rate_spaces_datagrams_out_and_a_full_queue_drops() {
    // 32 bytes with headers at 3,200 bytes a second: 10 ms each.
    let conditions = Conditions { rate: Some(3_200), queue: 5, ..Conditions::delay(ms(0)) };
    let mut network = network(conditions);
    for number in 0..8 {
        network.send(ms(0), A, numbered(number)).unwrap();
    }
    let times: Vec<Duration> = drain(&mut network).iter().map(|(now, _)| *now).collect();
    assert_eq!(times, [ms(10), ms(20), ms(30), ms(40), ms(50)]);
    assert_eq!(network.counts().of(Fate::QueueFull), 3);
}

#[test]
fn addresses_nobody_holds_lead_nowhere() {
    let mut network = network(Conditions::default());
    let to_nobody = Datagram { to: at("192.0.2.99:1"), ..numbered(1) };
    assert_eq!(network.send(ms(0), A, to_nobody), Err(Fate::NoRoute));
    assert_eq!(network.send(ms(0), B, numbered(1)), Err(Fate::NoSource), "A's address");
    network.send(ms(0), A, numbered(1)).unwrap();
    network.unassign(at("192.0.2.2:0").ip());
    assert!(drain(&mut network).is_empty(), "the receiver left while it was on the way");
    assert_eq!(network.counts().of(Fate::NoRoute), 2);
}

/// A, with a private address behind a NAT, and B.
fn behind_nat(preserve_port: bool) -> (Network, NatId) {
    let mut network = Network::new(Seed(3), Conditions::default());
    network.assign(at("10.0.0.5:0").ip(), A);
    network.assign(at("192.0.2.2:0").ip(), B);
    let nat = network.add_nat(NatSettings {
        public: at("198.51.100.1:0").ip(),
        timeout: ms(30_000),
        preserve_port,
    });
    network.put_behind(at("10.0.0.5:0").ip(), nat);
    (network, nat)
}

/// A sends, B sees the source returned; and answers it. True if the answer reached A.
fn ask(network: &mut Network, now: Duration) -> (SocketAddr, bool) {
    let request = Datagram { from: at("10.0.0.5:4500"), to: at("192.0.2.2:4500"), bytes: vec![1] };
    network.send(now, A, request).unwrap();
    let (node, request) = network.deliver(now + ms(10)).unwrap();
    assert_eq!((node, request.to), (B, at("192.0.2.2:4500")));
    (request.from, answer(network, now + ms(10), request.from))
}

fn answer(network: &mut Network, now: Duration, to: SocketAddr) -> bool {
    let response = Datagram { from: at("192.0.2.2:4500"), to, bytes: vec![2] };
    if network.send(now, B, response).is_err() {
        return false;
    }
    match network.deliver(now + ms(10)) {
        Some((node, response)) => {
            assert_eq!((node, response.to), (A, at("10.0.0.5:4500")), "translated back");
            true
        }
        None => false,
    }
}

#[test]
fn a_nat_translates_and_keeps_its_mapping_while_used() {
    let (mut network, _) = behind_nat(false);
    let (first, answered) = ask(&mut network, ms(0));
    assert!(answered);
    assert_eq!(first.ip(), at("198.51.100.1:0").ip());
    assert_ne!(first.port(), 4500);
    for second in 1..10 {
        assert_eq!(ask(&mut network, ms(second * 29_000)), (first, true));
    }
    let (network, _) = &mut behind_nat(true);
    assert_eq!(ask(network, ms(0)).0.port(), 4500, "the port is kept where it is free");
}

#[test]
fn a_nat_forgets_an_idle_mapping() {
    let (mut network, _) = behind_nat(false);
    let (first, _) = ask(&mut network, ms(0));
    assert!(answer(&mut network, ms(29_000), first), "inbound traffic does not keep the mapping");
    assert!(!answer(&mut network, ms(31_000), first));
    assert_eq!(network.counts().of(Fate::NatFiltered), 1);
    let (second, answered) = ask(&mut network, ms(32_000));
    assert!(answered);
    assert_ne!(first, second);
}

#[test]
fn rebinding_gives_another_port_or_address_and_closes_the_old_one() {
    let (mut network, nat) = behind_nat(true);
    let (first, _) = ask(&mut network, ms(0));
    network.rebind(nat, None);
    assert!(!answer(&mut network, ms(100), first));
    let (second, answered) = ask(&mut network, ms(200));
    assert!(answered && second.port() != first.port() && second.ip() == first.ip());
    network.rebind(nat, Some(at("198.51.100.77:0").ip()));
    let (third, answered) = ask(&mut network, ms(300));
    assert!(answered && third.ip() == at("198.51.100.77:0").ip());
    assert!(!answer(&mut network, ms(400), second), "nobody holds the old address");
}

#[test]
fn a_nat_lets_strangers_in_only_through_a_forward() {
    let (mut network, nat) = behind_nat(false);
    let (public, _) = ask(&mut network, ms(0));
    network.assign(at("203.0.113.9:0").ip(), NodeId(2));
    let stranger = |to| Datagram { from: at("203.0.113.9:5"), to, bytes: vec![3] };
    network.send(ms(100), NodeId(2), stranger(public)).unwrap();
    assert!(network.deliver(ms(200)).is_none());
    network.forward(nat, 500, at("10.0.0.5:500"));
    network.send(ms(300), NodeId(2), stranger(at("198.51.100.1:500"))).unwrap();
    let (node, datagram) = network.deliver(ms(400)).unwrap();
    assert_eq!((node, datagram.to), (A, at("10.0.0.5:500")));
    let reply = Datagram { from: at("10.0.0.5:500"), to: at("203.0.113.9:5"), bytes: vec![4] };
    let (_, seen) = network.send(ms(500), A, reply).unwrap();
    assert_eq!(seen.from, at("198.51.100.1:500"));
}

#[test]
fn the_capture_and_the_log_are_bounded() {
    let mut network = network(Conditions::default());
    network.capture(10);
    for number in 0..1_000 {
        network.send(ms(0), A, numbered(number)).unwrap();
    }
    drain(&mut network);
    assert_eq!(network.captured().count(), 10);
    assert_eq!(network.captured().last().unwrap().1.bytes, 999_u32.to_be_bytes());
    assert!(network.records().count() <= 256);
    let line = network.records().next_back().unwrap().to_string();
    assert_eq!(line, "   0.010000s 192.0.2.1:1000 -> 192.0.2.2:2000     4 bytes 000003e7 Delivered");
}
