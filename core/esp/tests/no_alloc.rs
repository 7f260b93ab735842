//! The packet path allocates nothing: sealing, opening, segment buffers, a warm pool.

#![allow(unsafe_code, reason = "a global allocator that counts can only be written with unsafe")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use adit_crypto::{Secret, default_provider};
use adit_esp::{
    Discard, InboundSa, OutboundSa, PacketBuf, PacketPool, Ports, SaParams, Sad, SealError, SegmentBuf,
    Selectors, TrafficSelector, demux,
};

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

fn inner(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    bytes[0] = 0x45;
    bytes[2..4].copy_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
    bytes[9] = 17;
    bytes[12..16].copy_from_slice(&[10, 0, 0, 1]);
    bytes[16..20].copy_from_slice(&[192, 0, 2, 1]);
    bytes
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(vec![0u8; 100]))) >= 1);
    assert_eq!(allocations(|| ()), 0);
}

#[test]
fn sealing_and_opening_allocate_nothing() {
    let any = TrafficSelector::any_v4();
    let narrow = vec![any.with_protocol(6, Ports::single(443)), any.with_protocol(17, Ports::ANY)];
    for cipher in default_provider().ciphers {
        for (esn, selectors) in
            [(false, Selectors::any()), (true, Selectors::new(narrow.clone(), narrow.clone()).unwrap())]
        {
            let params = SaParams {
                spi: 4096,
                cipher: *cipher,
                encr_key: Secret::new(vec![1; cipher.encr_key_len()]),
                integ_key: Secret::new(vec![2; cipher.integ_key_len()]),
                esn,
                replay_window: 4096,
                selectors,
            };
            let mut out = OutboundSa::new(&params).unwrap();
            let mut sad = Sad::new();
            sad.insert(InboundSa::new(&params).unwrap()).unwrap();
            let full = inner(1400);
            let mut packets: Vec<_> = (0..32).map(|_| PacketBuf::with_capacity(1500)).collect();
            let mut segments = SegmentBuf::new(64, 65_507);
            let mut copy = vec![0; 65_507];
            let mut delivered = 0;
            let count = allocations(|| {
                for _ in 0..8 {
                    for packet in &mut packets {
                        packet.clear();
                        packet.extend_from_slice(&full).unwrap();
                        out.seal(packet).unwrap();
                        assert!(matches!(demux(packet.payload()), adit_esp::Demux::Esp { spi: 4096 }));
                        let (_, range) = sad.open(packet.payload_mut()).unwrap();
                        delivered += range.len();
                    }
                    for packet in &mut packets {
                        packet.clear();
                        packet.extend_from_slice(&full).unwrap();
                    }
                    assert_eq!(out.seal_batch(&mut packets, |_, _| ()), 32);
                    // Refusals are as cheap.
                    assert_eq!(out.seal(&mut packets[0]).unwrap_err(), SealError::MalformedInner);
                    let len = packets[1].len();
                    let twice = &mut copy[..len];
                    twice.copy_from_slice(packets[1].payload());
                    assert!(sad.open(twice).is_ok());
                    twice.copy_from_slice(packets[1].payload());
                    assert_eq!(sad.open(twice), Err(Discard::Replayed));
                    twice.copy_from_slice(packets[2].payload());
                    twice[len - 1] ^= 1;
                    assert_eq!(sad.open(twice), Err(Discard::BadIntegrity));

                    segments.clear();
                    while out.seal_into(&full, &mut segments).is_ok() {}
                    assert!(segments.count() >= 40);
                    let received = &mut copy[..segments.payload().len()];
                    received.copy_from_slice(segments.payload());
                    for segment in received.chunks_mut(segments.segment_len()) {
                        delivered += sad.open(segment).unwrap().1.len();
                    }
                }
            });
            assert_eq!(count, 0, "{} allocated", cipher.spec());
            assert!(delivered >= 8 * 72 * 1400);
        }
    }
}

#[test]
fn a_warm_pool_allocates_nothing() {
    let mut pool = PacketPool::new(1500, 64);
    pool.warm(64);
    let mut taken = Vec::with_capacity(64);
    let count = allocations(|| {
        for _ in 0..10 {
            while let Some(buf) = pool.take() {
                taken.push(buf);
            }
            assert_eq!(taken.len(), 64);
            for buf in taken.drain(..) {
                pool.put(buf);
            }
        }
    });
    assert_eq!(count, 0);
}
