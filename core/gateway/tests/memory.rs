//! What a gateway holds: nothing of a flood, nothing more after many rekeys, nothing new for a packet.

#![allow(unsafe_code, reason = "a global allocator that counts can only be written with unsafe")]
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;

use adit_crypto::default_provider;
use adit_esp::SegmentBuf;
use adit_gateway::Gateway;
use adit_gateway::peers::Event;
use adit_ike::wire::{Header, Message, Notify, NotifyType, Payload};
use adit_ike::{Path, Transmit, Wake};
use adit_testkit::{Conditions, Prng, Seed};
use adit_tunnel::{Engine, Input, NotSent, Tunnel};
use support::{INNER_V4, OUTER, Rig, at, config, inner, psk_client, psk_gateway, seconds, tunnel};

struct Counting;

thread_local! {
    // Per thread, because the test harness allocates in others.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<i64> = const { Cell::new(0) };
}

fn count(allocations: u64, bytes: i64) {
    // Fails only while the thread ends.
    let _ = ALLOCATIONS.try_with(|sum| sum.set(sum.get() + allocations));
    let _ = LIVE.try_with(|sum| sum.set(sum.get() + bytes));
}

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as i64);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(0, -(layout.size() as i64));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(ptr, layout) }
    }
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(1, new_size as i64 - layout.size() as i64);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A gateway that somebody floods.
struct Flooded {
    gateway: Gateway,
    /// A valid first message, to be changed a little each time.
    request: Vec<u8>,
    now: Duration,
    octets_in: usize,
    octets_out: usize,
    failed: usize,
    under_load: Vec<bool>,
}

impl Flooded {
    fn new(more: &str) -> Self {
        let path = Path {
            local: "198.51.0.1:500".parse().unwrap(),
            remote: SocketAddr::new(OUTER.parse().unwrap(), 500),
            encapsulated: false,
        };
        let config_of_client = tunnel(psk_client("a@rig.test"));
        let mut client =
            Tunnel::connect(&config_of_client, default_provider(), at(Duration::ZERO), path).unwrap();
        Self {
            gateway: psk_gateway(config(more), default_provider()),
            request: client.poll_transmit().unwrap().payload,
            now: Duration::ZERO,
            octets_in: 0,
            octets_out: 0,
            failed: 0,
            under_load: Vec::new(),
        }
    }

    /// A first message with an SPI of its own.
    fn first(&self, number: u64) -> Vec<u8> {
        let mut request = self.request.clone();
        request[..8].copy_from_slice(&(number | 1 << 63).to_be_bytes());
        request
    }

    /// Sends `message` from an address of its own, and takes the answers.
    fn send(&mut self, number: u64, message: &[u8]) -> Vec<Transmit> {
        let host = std::net::Ipv4Addr::from_bits(0x0a00_0000 | (number as u32 & 0xff_ffff));
        let path = Path {
            local: SocketAddr::new(OUTER.parse().unwrap(), 500),
            remote: (host, 500).into(),
            encapsulated: false,
        };
        self.octets_in += message.len();
        let mut datagram = message.to_vec();
        self.gateway.handle_datagram(at(self.now), path, &mut datagram);
        self.take()
    }

    fn take(&mut self) -> Vec<Transmit> {
        let mut answers = Vec::new();
        while let Some(transmit) = self.gateway.poll_transmit() {
            self.octets_out += transmit.payload.len();
            answers.push(transmit);
        }
        while let Some(event) = self.gateway.poll_event() {
            match event {
                Event::HandshakeFailed { .. } => self.failed += 1,
                Event::CookiesDemanded(demanded) => self.under_load.push(demanded),
                _ => {}
            }
        }
        answers
    }

    /// Lets time pass, deadline by deadline.
    fn pass(&mut self, time: Duration) -> Vec<Transmit> {
        let end = self.now + time;
        let mut sent = Vec::new();
        while let Some((due, _)) = self.gateway.poll_timeout().filter(|(due, _)| *due <= at(end)) {
            self.now = due.since_epoch().max(self.now);
            self.gateway.handle_timeout(at(self.now));
            sent.extend(self.take());
        }
        self.now = end;
        sent
    }
}

/// The cookie that `answer` demands.
fn cookie(answer: &[u8]) -> Option<Vec<u8>> {
    Message::parse(answer).unwrap().payloads.into_iter().find_map(|payload| match payload {
        Payload::Notify(notify) if notify.notify_type == NotifyType::COOKIE => Some(notify.data),
        _ => None,
    })
}

/// `request` with a cookie in front.
fn with_cookie(request: &[u8], cookie: Vec<u8>) -> Vec<u8> {
    let mut message = Message::parse(request).unwrap();
    message.payloads.insert(0, Payload::Notify(Notify::new(NotifyType::COOKIE, cookie)));
    message.encode().unwrap()
}

#[test]
fn b03_a_flood_from_many_addresses_costs_no_key_exchange_and_no_memory() {
    let mut flooded = Flooded::new("");
    let start = LIVE.get();
    let mut levels = [0; 3];
    for number in 0..30_000_u64 {
        let request = flooded.first(number);
        let answers = flooded.send(number, &request);
        assert_eq!(answers.len(), 1);
        drop((request, answers));
        if number % 10_000 == 9_999 {
            levels[number as usize / 10_000] = LIVE.get();
        }
    }
    let stats = flooded.gateway.stats();
    assert_eq!((stats.handshakes, stats.half_open, stats.cookies_demanded), (32, 32, 30_000 - 32));
    assert_eq!(levels[0], levels[2], "memory grows with the flood");
    assert!(levels[2] - start < 1 << 20, "{} bytes for 32 unfinished handshakes", levels[2] - start);
    assert_eq!(flooded.under_load, [true]);

    // Nobody goes on: a while later all is as before.
    flooded.pass(seconds(31));
    let stats = flooded.gateway.stats();
    assert_eq!((stats.half_open, flooded.failed, flooded.gateway.is_idle()), (0, 32, true));
    assert_eq!(flooded.under_load, [true, false]);
    assert!(LIVE.get() - start < 64 << 10, "{} bytes are left of it", LIVE.get() - start);
}

#[test]
fn b03_a_flood_from_one_address_meets_the_same() {
    let mut flooded = Flooded::new("");
    for number in 0..5_000 {
        let request = flooded.first(number);
        flooded.send(1, &request);
    }
    assert_eq!(flooded.gateway.stats().handshakes, 32);
}

#[test]
fn b03_with_cookies_as_many_may_begin_as_are_allowed_and_no_more() {
    let mut flooded = Flooded::new("[ike]\ncookie-threshold = 2\nhalf-open-max = 10\n");
    for number in 0..50 {
        let request = flooded.first(number);
        let answers = flooded.send(number, &request);
        if let Some(cookie) = cookie(&answers[0].payload) {
            flooded.send(number, &with_cookie(&request, cookie));
        }
    }
    let stats = flooded.gateway.stats();
    assert_eq!((stats.half_open, stats.handshakes, stats.busy), (10, 10, 40));
    flooded.pass(seconds(31));
    let request = flooded.first(99);
    flooded.send(99, &request);
    assert_eq!(flooded.gateway.stats().half_open, 1, "the places are free again");
}

#[test]
fn b04_a_cookie_is_good_for_one_address_spi_and_nonce_only() {
    let mut flooded = Flooded::new("[ike]\ncookie-threshold = 0\n");
    let request = flooded.first(1);
    let demanded = cookie(&flooded.send(1, &request)[0].payload).unwrap();
    for (from, spi) in [(2, 1), (1, 2)] {
        let replayed = with_cookie(&flooded.first(spi), demanded.clone());
        let answer = flooded.send(from, &replayed);
        assert_ne!(cookie(&answer[0].payload).unwrap(), demanded);
    }
    flooded.pass(seconds(300));
    let late = with_cookie(&request, demanded.clone());
    assert!(cookie(&flooded.send(1, &late)[0].payload).is_some(), "two secrets later");
    assert_eq!(flooded.gateway.stats().handshakes, 0);
}

#[test]
fn b18_no_more_goes_out_than_came_in_and_nothing_by_itself() {
    for more in ["", "[ike]\ncookie-threshold = 0\n"] {
        let mut flooded = Flooded::new(more);
        for number in 0..200 {
            let request = flooded.first(number);
            // Twice: the second is answered with what was answered before.
            let first = flooded.send(number, &request);
            let again = flooded.send(number, &request);
            assert_eq!((first.len(), again.len()), (1, 1));
        }
        let (octets_in, octets_out) = (flooded.octets_in, flooded.octets_out);
        assert!(octets_out <= octets_in * 3 / 2, "{octets_out} octets for {octets_in}");
        assert!(flooded.pass(seconds(300)).is_empty(), "a responder repeats nothing by itself");
    }
}

#[test]
fn b16_b17_what_belongs_to_nobody_gets_no_answer_and_no_state() {
    let mut flooded = Flooded::new("");
    let mut prng = Prng::new(Seed::from_name("b17"));
    let request = flooded.first(1);
    for end in 0..request.len() {
        let mut cut = request[..end].to_vec();
        assert!(flooded.send(1, &cut).is_empty(), "the header's length tells");
        if end >= Header::LEN {
            cut[24..28].copy_from_slice(&(end as u32).to_be_bytes());
            let answers = flooded.send(1, &cut);
            assert!(answers.iter().all(|answer| answer.payload.len() <= end + 16));
        }
    }
    // SPIs that are not ours, of each exchange, and with a responder SPI of zero where there must be one.
    for exchange in [34_u8, 35, 36, 37, 43, 99] {
        for spi in [0_u64, 1 << 48, 0x1234_5678_9abc_def0] {
            let mut message = request.clone();
            message[8..16].copy_from_slice(&spi.to_be_bytes());
            message[18] = exchange;
            if (exchange, spi) != (34, 0) {
                assert!(flooded.send(1, &message).is_empty());
            }
        }
    }
    // Anything at all: no panic, and hardly ever an answer.
    for number in 0..5_000 {
        let mut mangled = request.clone();
        for _ in 0..1 + prng.below(4) {
            let at = prng.below(mangled.len() as u64) as usize;
            mangled[at] ^= 1 << prng.below(8);
        }
        flooded.send(number, &mangled);
    }
    let stats = flooded.gateway.stats();
    assert!(stats.half_open <= 32, "{stats:?}");
    assert_eq!((stats.clients, stats.connected), (0, 0));
    flooded.pass(seconds(31));
    assert!(flooded.gateway.is_idle());
}

#[test]
fn a_client_gets_in_while_others_flood() {
    let seed = Seed::from_name("among a flood");
    let gateway = psk_gateway(config("[ike]\ncookie-threshold = 4\n"), adit_crypto::testing::seeded(seed.0));
    let mut rig = Rig::new(seed, Conditions::default(), gateway, vec![psk_client("a@rig.test")]);
    let flooded = Flooded::new("");
    for number in 0..100_u64 {
        let path = Path {
            local: SocketAddr::new(OUTER.parse().unwrap(), 500),
            remote: (std::net::Ipv4Addr::from_bits(0x0a00_0000 | number as u32), 500).into(),
            encapsulated: false,
        };
        rig.simulation.gateway.gateway.handle_datagram(at(Duration::ZERO), path, &mut flooded.first(number));
    }
    // Answers for addresses that do not exist.
    while rig.simulation.gateway.gateway.poll_transmit().is_some() {}
    rig.connect(seconds(5));
    let stats = rig.simulation.gateway.gateway.stats();
    assert_eq!((stats.half_open, stats.handshakes, stats.cookies_demanded), (4, 5, 97));
    rig.round_trip(0, seconds(2));
}

#[test]
fn hours_of_rekeys_on_a_lossy_network_leave_memory_as_it_was() {
    let seed = Seed::from_name("hours");
    let text = "[ike]\nlifetime = 20\nliveness = 8\n[esp]\nlifetime = 8\n";
    let gateway = psk_gateway(config(text), adit_crypto::testing::seeded(seed.0));
    let mut client = psk_client("a@rig.test");
    client.common.ike_lifetime = seconds(17);
    client.common.child.lifetime = seconds(7);
    let mut rig = Rig::unchecked(seed, Conditions::rough(0.1), gateway, vec![client]);
    rig.simulation.clients[0].reconnect = Some(seconds(1));
    rig.simulation.clients[0].send_every(Some(seconds(20)));
    rig.simulation.run_for(seconds(600));
    let mut levels = Vec::new();
    for _ in 0..5 {
        rig.simulation.run_for(seconds(600));
        levels.push(LIVE.get());
    }
    let rekeys = rig.simulation.clients[0].rekeys;
    assert!(rekeys.0 > 100 && rekeys.1 > 300, "{rekeys:?}");
    let growth = levels[4] - levels[0];
    // The test's account of packets grows by some hundred entries; a leaked SA alone has a kilobyte.
    assert!(growth < 50 << 10, "{growth} bytes in 40 minutes and {rekeys:?} rekeys: {levels:?}");
}

#[test]
fn packets_allocate_nothing_once_all_is_warm() {
    let seed = Seed::from_name("no allocation");
    let gateway = psk_gateway(config(""), default_provider());
    let clients = vec![psk_client("a@rig.test"), psk_client("b@rig.test")];
    let mut rig = Rig::new(seed, Conditions::default(), gateway, clients);
    rig.connect(seconds(5));
    rig.round_trip(0, seconds(2));
    rig.round_trip(1, seconds(2));
    let now = at(rig.simulation.now());
    let addresses: Vec<_> = (0..2).map(|index| rig.simulation.clients[index].inner(true).unwrap()).collect();
    let star = &mut *rig.simulation;
    let gateway = &mut star.gateway.gateway;
    let mut out = SegmentBuf::new(64, 65_507);
    let mut up = SegmentBuf::new(64, 65_507);
    let host = INNER_V4.parse().unwrap();
    for round in 0..10 {
        let before = ALLOCATIONS.get();
        // Both ways for one client, then a packet for the other does not go with them.
        let down = inner(host, addresses[0], false, 7, 1_200);
        let cost_of_making = ALLOCATIONS.get() - before;
        for _ in 0..20 {
            gateway.encapsulate(now, &down, down.len(), |room| copy(&down, room), &mut out).unwrap();
        }
        let other = inner(host, addresses[1], false, 7, 1_200);
        let refused = gateway.encapsulate(now, &other, other.len(), |room| copy(&other, room), &mut out);
        assert_eq!(refused, Err(NotSent::Full), "packets for two clients in one send");
        out.clear();
        gateway.encapsulate(now, &other, other.len(), |room| copy(&other, room), &mut out).unwrap();
        out.clear();

        let packet = inner(addresses[0], host, true, 7, 1_200);
        let tunnel = star.clients[0].tunnel.as_mut().unwrap();
        let path = tunnel.path();
        for _ in 0..20 {
            tunnel.encapsulate(now, &packet, packet.len(), |room| copy(&packet, room), &mut up).unwrap();
        }
        let back = Path { local: path.remote, remote: path.local, encapsulated: true };
        let mut datagrams = up.payload().to_vec();
        for datagram in datagrams.chunks_mut(up.segment_len()) {
            let input = gateway.handle_datagram(now, back, datagram);
            assert!(matches!(&input, Input::Packet(range) if datagram[range.clone()] == packet));
            assert!(!matches!(gateway.poll_timeout(), Some((_, Wake::QueuedOutput))));
        }
        up.clear();
        let made_here = 3 * cost_of_making + 1;
        if round > 0 {
            assert_eq!(ALLOCATIONS.get() - before, made_here, "beyond the test's own buffers");
        }
    }
}

fn copy(packet: &[u8], room: &mut [u8]) -> bool {
    room.copy_from_slice(packet);
    true
}
