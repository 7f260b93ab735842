//! The tunnel's packet calls allocate nothing once warm.

#![allow(unsafe_code, reason = "a global allocator that counts can only be written with unsafe")]
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use adit_esp::SegmentBuf;
use adit_tunnel::{Engine, Input, NotSent};
use support::{CLIENT, HOST, Pair, packet, path, reverse, seal_into};

struct Counting;

thread_local! {
    // Per thread, because the test harness allocates in others.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // Fails only while the thread ends.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(ptr, layout) }
    }
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(vec![0_u8; 100]))) >= 1);
    assert_eq!(allocations(|| ()), 0);
}

#[test]
fn packets_both_ways_allocate_nothing_also_over_minutes() {
    let mut pair = Pair::up();
    let (up, down) = (packet(CLIENT, HOST, 1_200), packet(HOST, CLIENT, 1_200));
    let mut out = SegmentBuf::new(64, 65_507);
    let mut datagrams = vec![0; 65_507];
    for round in 0..300_u32 {
        // Seconds pass, so that packets are reported to the session as signs of life too.
        let now = pair.now + Duration::from_millis(200) * round;
        let Pair { client, server: Some(server), .. } = &mut pair else { panic!() };
        let cost = allocations(|| {
            exchange(client, server, now, reverse(path(4500)), &up, &mut out, &mut datagrams);
            exchange(server, client, now, path(4500), &down, &mut out, &mut datagrams);
        });
        assert!(round == 0 || cost == 0, "{cost} allocations in round {round}");
    }
    assert_eq!(pair.client.stats().sent.packets, 300 * 30);
    assert_eq!(pair.client.stats().received.packets, 300 * 30);
}

#[test]
fn refused_packets_and_noise_allocate_nothing_either() {
    let mut pair = Pair::up();
    let now = pair.now;
    let (big, outside, fine) =
        (packet(CLIENT, HOST, 1_281), packet("10.0.0.6", HOST, 100), packet(CLIENT, HOST, 100));
    let mut out = SegmentBuf::new(1, 2_048);
    let mut junk = [0xa5_u8; 200];
    let cost = allocations(|| {
        assert_eq!(seal_into(&mut pair.client, now, &big, &mut out), Err(NotSent::TooBig));
        assert_eq!(seal_into(&mut pair.client, now, &outside, &mut out), Err(NotSent::Refused));
        assert!(seal_into(&mut pair.client, now, &fine, &mut out).is_ok());
        assert_eq!(seal_into(&mut pair.client, now, &fine, &mut out), Err(NotSent::Full));
        assert_eq!(pair.client.handle_datagram(now, path(4500), &mut junk), Input::Discarded);
        assert_eq!(pair.client.handle_datagram(now, path(4500), &mut [0xff]), Input::Handled);
    });
    assert_eq!(cost, 0);
}

fn exchange(
    from: &mut adit_tunnel::Tunnel,
    to: &mut adit_tunnel::Tunnel,
    now: adit_ike::time::Instant,
    path: adit_ike::Path,
    inner: &[u8],
    out: &mut SegmentBuf,
    datagrams: &mut [u8],
) {
    out.clear();
    for _ in 0..30 {
        seal_into(from, now, inner, out).unwrap();
    }
    let bytes = &mut datagrams[..out.payload().len()];
    bytes.copy_from_slice(out.payload());
    for datagram in bytes.chunks_mut(out.segment_len()) {
        let input = to.handle_datagram(now, path, datagram);
        assert!(matches!(&input, Input::Packet(range) if datagram[range.clone()] == *inner));
    }
    while from.poll_event().is_some() || to.poll_event().is_some() {}
}
