//! The packet path of the driver allocates nothing once it is warm.
#![allow(unsafe_code, clippy::unwrap_used, clippy::indexing_slicing)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};

use adit_driver::Span;
use adit_driver::clock::{Clock, Timer};
use adit_driver::tun::{Coalescer, ReadBuffer, Tun, mem_pair};
use adit_driver::udp::{RecvBatch, UdpOptions, UdpPort};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts what the calling thread allocates.
struct Counting;

// SAFETY: everything is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn tcp(n: u32) -> Vec<u8> {
    let mut packet = Vec::new();
    let builder = etherparse::PacketBuilder::ipv6([1; 16], [2; 16], 64).tcp(1, 2, n * 1000, 9).ack(7);
    builder.write(&mut packet, &[3; 1000]).unwrap();
    packet
}

#[test]
fn counter_counts() {
    let before = count();
    drop(std::hint::black_box(vec![1_u8; 100]));
    assert!(count() > before);
}

#[test]
fn datagrams_and_packets_move_without_allocation() {
    run(async {
        let bind =
            || UdpPort::bind(&UdpOptions::new(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0))).unwrap();
        let (from, to) = (bind(), bind());
        let (near, far) = mem_pair(1500, 256);
        let (near, far) = (Tun::memory(near), Tun::memory(far));
        let clock = Clock::new();
        let mut timer = Timer::new(clock).unwrap();
        let mut batch = RecvBatch::new(4);
        let mut buffer = ReadBuffer::new();
        let mut coalescer = Coalescer::with_capacity(64);
        let mut spans = Vec::with_capacity(64);
        let contents: Vec<u8> = (0..40).flat_map(tcp).collect();
        let segment = contents.len() / 40;
        let mut out = vec![0; 2000];
        let mut before = 0;
        for round in 0..50 {
            if round == 10 {
                before = count();
            }
            timer.set(Some(clock.now() + std::time::Duration::from_secs(100)));
            from.try_send(to.local_addr(), None, &contents, segment).unwrap();
            let mut packets = 0;
            while packets < 40 {
                tokio::select! {
                    ready = to.readable() => ready.unwrap(),
                    () = timer.expired() => {}
                }
                if to.try_recv(&mut batch).is_err() {
                    continue;
                }
                let (bundles, area) = batch.parts();
                for bundle in bundles {
                    spans.clear();
                    spans.extend(bundle.datagrams());
                    packets += spans.len();
                    assert_eq!(near.try_write(&mut coalescer, area, &spans).unwrap().dropped, 0);
                }
            }
            for _ in 0..40 {
                far.readable().await.unwrap();
                let mut segments = far.try_read(&mut buffer).unwrap();
                assert_eq!(segments.next_into(&mut out), Some(segment));
            }
        }
        assert_eq!(count() - before, 0, "allocations in 40 rounds of 40 packets");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn merging_for_a_linux_tun_allocates_nothing() {
    run(async {
        let Ok(tun) = Tun::create("aditalloc%d") else {
            println!("left out: creating a TUN needs root");
            return;
        };
        let area: Vec<u8> = (0..40).flat_map(tcp).collect();
        let len = area.len() / 40;
        let spans: Vec<Span> = (0..40).map(|n| Span::new(n * len..(n + 1) * len)).collect();
        let mut coalescer = Coalescer::with_capacity(40);
        tun.try_write(&mut coalescer, &area, &spans).unwrap();
        let before = count();
        for _ in 0..100 {
            // The interface is down: everything is worked out, and then refused by the kernel.
            let written = tun.try_write(&mut coalescer, &area, &spans).unwrap();
            assert_eq!(written.packets + written.dropped, 40);
        }
        assert_eq!(count() - before, 0);
    });
}
