use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const SERVICES: &[ServicePort] = &[
    ServicePort { port: 7, service: Service::Echo },
    ServicePort { port: 9, service: Service::Discard },
    ServicePort { port: 1009, service: Service::Digest },
    ServicePort { port: 19, service: Service::Source },
];

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn config(addresses: &[&str]) -> StackConfig {
    StackConfig::new(addresses.iter().map(|text| ip(text)).collect(), 0x1234_5678_9abc_def0)
}

/// Called with each packet and true towards the server; says whether it arrives.
type Pass = Box<dyn FnMut(&[u8], bool) -> bool>;

/// Two stacks back to back, with a clock that jumps, and a hook that may drop packets.
struct World {
    client: ClientStack,
    server: Stack,
    now: Duration,
    pass: Pass,
}

impl World {
    fn new() -> Self {
        Self::with(config(&["10.0.0.2", "fd00::2"]), config(&["10.0.0.1", "fd00::1"]))
    }

    fn with(client: StackConfig, server: StackConfig) -> Self {
        Self {
            client: ClientStack::new(client).unwrap(),
            server: Stack::new(server, SERVICES).unwrap(),
            now: Duration::from_secs(1),
            pass: Box::new(|_, _| true),
        }
    }

    /// Moves all packets there are, then the clock to the next deadline (at most a second on).
    fn round(&mut self) {
        let Self { client, server, now, pass } = self;
        let mut deadlines = [client.poll(*now), server.poll(*now)];
        let mut moved = true;
        while moved {
            moved = false;
            while let Some(()) = client.pop_with(|packet| {
                if pass(packet, true) {
                    server.push(packet);
                }
            }) {
                moved = true;
            }
            deadlines[1] = server.poll(*now);
            while let Some(()) = server.pop_with(|packet| {
                if pass(packet, false) {
                    client.push(packet);
                }
            }) {
                moved = true;
            }
            deadlines[0] = client.poll(*now);
            moved |= client.wants_poll();
        }
        let next = deadlines.into_iter().flatten().min().unwrap_or(*now + Duration::from_millis(100));
        *now = next.clamp(*now + Duration::from_micros(1), *now + Duration::from_secs(1));
    }

    fn run_transfer(&mut self, mut transfer: Transfer) -> Result<Digest, TransferError> {
        for _ in 0..200_000 {
            self.round();
            if let Some(digest) = transfer.step(&mut self.client)? {
                return Ok(digest);
            }
        }
        panic!("no end after {:?}, {} bytes", self.now, transfer.bytes());
    }
}

#[test]
fn ping_is_answered_in_both_families_and_sizes_and_by_nobody_else() {
    let mut world = World::new();
    for (address, len) in
        [("10.0.0.1", 56), ("fd00::1", 56), ("10.0.0.1", 5_000), ("fd00::1", 0), ("10.0.0.9", 8)]
    {
        world.client.ping(world.now, ip(address), len).unwrap();
    }
    world.round();
    let pongs: Vec<Pong> = std::iter::from_fn(|| world.client.next_pong()).collect();
    let seen: Vec<_> = pongs.iter().map(|pong| (pong.sequence, pong.from.to_string(), pong.len)).collect();
    assert_eq!(
        seen,
        [
            (0, "10.0.0.1".to_owned(), 56),
            (1, "fd00::1".to_owned(), 56),
            (2, "10.0.0.1".to_owned(), 1_372),
            (3, "fd00::1".to_owned(), 8),
        ]
    );
    assert_eq!(world.server.counters().received, 5);
}

#[test]
fn the_round_trip_is_the_time_between_ping_and_answer() {
    let mut world = World::new();
    world.client.ping(world.now, ip("10.0.0.1"), 32).unwrap();
    world.client.poll(world.now);
    assert!(world.client.pop_with(|packet| world.server.push(packet)).unwrap());
    world.server.poll(world.now);
    assert!(world.server.pop_with(|packet| world.client.push(packet)).unwrap());
    world.client.poll(world.now + Duration::from_micros(12_345));
    assert_eq!(world.client.next_pong().unwrap().round_trip, Duration::from_micros(12_345));
}

#[test]
fn eight_mebibytes_arrive_unchanged_in_each_direction_and_family() {
    for (remote, upload) in
        [("10.0.0.1:1009", true), ("[fd00::1]:1009", true), ("10.0.0.1:19", false), ("[fd00::1]:19", false)]
    {
        let mut world = World::new();
        let bytes = 8 << 20;
        let transfer = match upload {
            true => Transfer::upload(&mut world.client, at(remote), bytes),
            false => Transfer::download(&mut world.client, at(remote), bytes),
        };
        let digest = world.run_transfer(transfer.unwrap()).unwrap();
        assert_eq!(digest, pattern_digest(bytes), "{remote}");
        assert_eq!(world.client.counters().refused + world.server.counters().refused, 0, "{remote}");
    }
}

#[test]
fn transfers_survive_loss_of_one_packet_in_twenty() {
    for (remote, upload) in [("10.0.0.1:1009", true), ("[fd00::1]:19", false)] {
        let mut world = World::new();
        let mut state = 88_172_645_463_325_252_u64;
        world.pass = Box::new(move |_, _| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            !state.is_multiple_of(20)
        });
        let transfer = match upload {
            true => Transfer::upload(&mut world.client, at(remote), 1 << 20),
            false => Transfer::download(&mut world.client, at(remote), 1 << 20),
        };
        let digest = world.run_transfer(transfer.unwrap()).unwrap();
        assert_eq!(digest, pattern_digest(1 << 20), "{remote}");
    }
}

#[test]
fn changed_data_is_found() {
    let mut world = World::with(
        StackConfig { verify_checksums: false, ..config(&["10.0.0.2"]) },
        StackConfig { verify_checksums: false, ..config(&["10.0.0.1"]) },
    );
    let transfer = Transfer::upload(&mut world.client, at("10.0.0.1:1009"), 100_000).unwrap();
    // The client's stack keeps what it sent, so the change is made on the way.
    let mut changed = false;
    let mut result = None;
    let mut transfer = transfer;
    for _ in 0..1_000 {
        world.client.poll(world.now);
        loop {
            let World { client, server, .. } = &mut world;
            let popped = client.pop_with(|packet| {
                let mut packet = packet.to_vec();
                if packet.len() > 1_000 && !changed {
                    changed = true;
                    packet[999] ^= 1;
                }
                server.push(&packet);
            });
            if popped.is_none() {
                break;
            }
        }
        world.server.poll(world.now);
        while world.server.pop_with(|packet| world.client.push(packet)).is_some() {}
        world.client.poll(world.now);
        match transfer.step(&mut world.client) {
            Ok(None) => world.now += Duration::from_millis(10),
            other => {
                result = Some(other);
                break;
            }
        }
    }
    assert_eq!(result, Some(Err(TransferError::Changed)));
}

#[test]
fn echo_returns_what_it_got_and_closes_after_us() {
    let mut world = World::new();
    let connection = world.client.connect(at("[fd00::1]:7")).unwrap();
    assert_eq!(world.client.state(connection), ConnectionState::Connecting);
    let message: Vec<u8> = (0..50_000_u32).map(|number| number as u8).collect();
    let mut sent = 0;
    let mut back = Vec::new();
    let mut ended = false;
    for _ in 0..1_000 {
        world.round();
        sent += world.client.send(connection, &message[sent..]);
        if sent == message.len() {
            world.client.close(connection);
        }
        ended |= world.client.recv_with(connection, |bytes| back.extend_from_slice(bytes)).ended
            && world.client.state(connection) == ConnectionState::Closed;
        if ended {
            break;
        }
    }
    assert!(ended && back == message, "{} bytes back", back.len());
    assert_eq!(world.server.connections(), 0);
    world.client.forget(connection);
    assert_eq!(world.client.send(connection, b"x"), 0);
    assert!(world.client.recv_with(connection, |_| ()).ended);
}

#[test]
fn the_send_buffer_pushes_back() {
    let mut world =
        World::with(StackConfig { tcp_buffer: 4_096, ..config(&["10.0.0.2"]) }, config(&["10.0.0.1"]));
    let connection = world.client.connect(at("10.0.0.1:9")).unwrap();
    assert_eq!(world.client.send(connection, &[0; 10_000]), 0, "not open yet");
    world.round();
    assert_eq!(world.client.send(connection, &[0; 10_000]), 4_096);
    assert_eq!(world.client.send(connection, &[0; 10_000]), 0);
    assert_eq!(world.client.unacknowledged(connection), 4_096);
    world.round();
    assert_eq!(world.client.unacknowledged(connection), 0);
    assert_eq!(world.client.send(connection, &[0; 10_000]), 4_096);
}

#[test]
fn what_is_in_flight_is_bounded_by_the_buffer_and_the_queue() {
    let small = StackConfig { tcp_buffer: 16_384, ..config(&["10.0.0.2"]) };
    let mut world = World::with(small, config(&["10.0.0.1"]));
    let mut transfer = Transfer::upload(&mut world.client, at("10.0.0.1:1009"), 1 << 20).unwrap();
    // TCP starts slowly, so the window has to open first.
    for _ in 0..20 {
        world.round();
        transfer.step(&mut world.client).unwrap();
    }
    // From here on nobody answers: what comes out is at most one buffer.
    world.client.poll(world.now);
    let mut bytes = 0;
    while let Some(len) = world.client.pop_with(<[u8]>::len) {
        bytes += len;
        world.client.poll(world.now);
    }
    assert!((16_384..20_000).contains(&bytes), "{bytes} bytes on the wire");

    let mut tiny = ClientStack::new(StackConfig { queue: 2, ..config(&["10.0.0.2"]) }).unwrap();
    assert!(tiny.push(&[0; 20]) && tiny.push(&[0; 20]));
    assert!(!tiny.push(&[0; 20]), "the queue is full");
    tiny.poll(world.now);
    assert!(!tiny.push(&[0; 1_401]), "longer than the MTU");
    assert!(tiny.push(&[0; 20]));
    assert_eq!(tiny.counters(), Counters { received: 3, refused: 2, sent: 0 });
}

#[test]
fn a_full_outgoing_queue_holds_tcp_back_and_loses_nothing() {
    let mut world = World::with(
        StackConfig { queue: 4, ..config(&["10.0.0.2"]) },
        StackConfig { queue: 64, ..config(&["10.0.0.1"]) },
    );
    let transfer = Transfer::upload(&mut world.client, at("10.0.0.1:1009"), 1 << 20).unwrap();
    assert_eq!(world.run_transfer(transfer), Ok(pattern_digest(1 << 20)));
    assert_eq!(world.server.counters().refused, 0);
}

#[test]
fn connections_are_bounded_at_both_ends_and_places_are_freed() {
    let mut world = World::with(
        StackConfig { connections: 20, ..config(&["10.0.0.2"]) },
        StackConfig { connections: 6, ..config(&["10.0.0.1"]) },
    );
    let mut open = Vec::new();
    for _ in 0..12 {
        open.push(world.client.connect(at("10.0.0.1:9")).unwrap());
        world.round();
    }
    for _ in 0..100 {
        world.round();
    }
    let states: Vec<_> = open.iter().map(|id| world.client.state(*id)).collect();
    assert_eq!(states.iter().filter(|state| **state == ConnectionState::Open).count(), 6, "{states:?}");
    assert_eq!(world.server.connections(), 6);
    for id in open.drain(..) {
        world.client.abort(id);
        world.round();
        world.client.forget(id);
    }
    assert_eq!(world.server.connections(), 0);
    let again = world.client.connect(at("10.0.0.1:9")).unwrap();
    world.round();
    assert_eq!(world.client.state(again), ConnectionState::Open);
    for _ in 0..19 {
        world.client.connect(at("10.0.0.1:9")).unwrap();
    }
    assert_eq!(world.client.connect(at("10.0.0.1:9")), Err(StackError::Busy));
}

#[test]
fn a_client_that_vanishes_frees_its_place() {
    let mut world = World::new();
    let connection = world.client.connect(at("10.0.0.1:7")).unwrap();
    world.round();
    assert_eq!((world.client.state(connection), world.server.connections()), (ConnectionState::Open, 1));
    world.pass = Box::new(|_, _| false);
    for _ in 0..500 {
        world.round();
    }
    assert!(world.now > Duration::from_secs(80));
    assert_eq!(world.server.connections(), 0);
    assert_eq!(world.client.state(connection), ConnectionState::Closed);
}

#[test]
fn an_idle_stack_asks_for_no_wake_up() {
    let mut world = World::new();
    assert_eq!(world.client.poll(world.now), None);
    assert_eq!(world.server.poll(world.now), None);
    world.client.ping(world.now, ip("10.0.0.1"), 8).unwrap();
    assert!(world.client.wants_poll());
    assert_eq!(world.client.poll(world.now), Some(world.now), "a packet waits to be popped");
    world.round();
    assert_eq!(world.client.poll(world.now), None);
}

#[test]
fn many_transfers_run_side_by_side() {
    let mut world = World::new();
    let mut transfers: Vec<_> = (0..16)
        .map(|index| match index % 2 {
            0 => Transfer::upload(&mut world.client, at("10.0.0.1:1009"), 100_000 + index).unwrap(),
            _ => Transfer::download(&mut world.client, at("[fd00::1]:19"), 100_000 + index).unwrap(),
        })
        .collect();
    let mut done = 0;
    for _ in 0..20_000 {
        world.round();
        transfers.retain_mut(|transfer| match transfer.step(&mut world.client).unwrap() {
            Some(_) => {
                done += 1;
                false
            }
            None => true,
        });
    }
    assert_eq!(done, 16);
}

#[test]
fn a_refused_or_reset_connection_is_a_lost_transfer() {
    let mut world = World::new();
    let refused = Transfer::upload(&mut world.client, at("10.0.0.1:81"), 10).unwrap();
    let error = world.run_transfer(refused).unwrap_err();
    assert_eq!(error, TransferError::Lost { remote: at("10.0.0.1:81"), bytes: 0 });
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let base = config(&["10.0.0.1"]);
    for (bad, name) in [
        (StackConfig { addresses: vec![], ..base.clone() }, "addresses"),
        (StackConfig { addresses: vec![ip("10.0.0.1"); 9], ..base.clone() }, "addresses"),
        (StackConfig { mtu: 1_279, ..base.clone() }, "mtu"),
        (StackConfig { queue: 1, ..base.clone() }, "queue"),
        (StackConfig { tcp_buffer: 100, ..base.clone() }, "tcp_buffer"),
        (StackConfig { connections: 0, ..base.clone() }, "connections"),
    ] {
        let error = Stack::new(bad, SERVICES).unwrap_err();
        assert!(matches!(error, StackError::Setting { name: found, .. } if found == name), "{error}");
    }
    let multicast = Stack::new(config(&["224.0.0.1"]), &[]).unwrap_err();
    assert_eq!(multicast, StackError::BadAddress(ip("224.0.0.1")));
    let zero = ServicePort { port: 0, service: Service::Echo };
    assert!(Stack::new(base, &[zero]).is_err());
    let mut client = ClientStack::new(config(&["10.0.0.2"])).unwrap();
    assert!(matches!(client.connect(at("[fd00::1]:7")), Err(StackError::Unreachable(_))));
    assert!(matches!(client.connect(at("10.0.0.1:0")), Err(StackError::Unreachable(_))));
    assert!(matches!(client.ping(Duration::ZERO, ip("0.0.0.0"), 8), Err(StackError::Unreachable(_))));
}

proptest! {
    #[test]
    fn arbitrary_packets_do_not_panic(packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..20)) {
        let few = |addresses: &[&str]| StackConfig { connections: 1, ..config(addresses) };
        let mut world = World::with(few(&["10.0.0.2", "fd00::2"]), few(&["10.0.0.1", "fd00::1"]));
        for (index, packet) in packets.iter().enumerate() {
            world.server.push(packet);
            world.client.push(packet);
            let now = world.now + Duration::from_millis(index as u64);
            world.server.poll(now);
            world.client.poll(now);
        }
    }

    #[test]
    fn mangled_real_packets_do_not_panic(
        changes in proptest::collection::vec((0..80_usize, any::<u8>()), 1..3),
        only in proptest::option::of(0..12_usize),
        verify in any::<bool>(),
        tcp_buffer in prop_oneof![2_048..300_000_usize, Just(65_535), Just(65_536), Just(262_144)],
    ) {
        let base = |addresses: &[&str]| {
            StackConfig { verify_checksums: verify, tcp_buffer, connections: 2, ..config(addresses) }
        };
        let mut world = World::with(base(&["10.0.0.2", "fd00::2"]), base(&["10.0.0.1", "fd00::1"]));
        let mut count = 0;
        let mut mangle = |packet: &[u8]| {
            let mut packet = packet.to_vec();
            count += 1;
            if only.is_none_or(|only| only + 1 == count) {
                for (at_byte, value) in &changes {
                    if let Some(byte) = packet.get_mut(*at_byte) {
                        *byte = *value;
                    }
                }
            }
            packet
        };
        for remote in ["10.0.0.1:7", "[fd00::1]:1009"] {
            let connection = world.client.connect(at(remote)).unwrap();
            world.client.ping(world.now, at(remote).ip(), 20).unwrap();
            for _ in 0..6 {
                let World { client, server, now, .. } = &mut world;
                client.poll(*now);
                while client
                    .pop_with(|packet| {
                        server.push(packet);
                        server.push(&mangle(packet));
                    })
                    .is_some()
                {}
                server.poll(*now);
                while server
                    .pop_with(|packet| {
                        client.push(&mangle(packet));
                        client.push(packet);
                    })
                    .is_some()
                {}
                client.poll(*now);
                client.send(connection, &[7; 5_000]);
                client.recv_with(connection, |_| ());
                *now += Duration::from_millis(50);
            }
            world.client.close(connection);
        }
    }
}
