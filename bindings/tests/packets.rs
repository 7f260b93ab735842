//! Packets in batches through the C ABI: order, batches that stay together, no wake-up lost, a device replaced while others
//! send.

#![allow(unsafe_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use adit_bindings::Session;
use adit_bindings::c_abi::ADIT_USAGE;
use adit_bindings::c_abi::packets::{ADIT_BATCH_MAX, adit_packet, adit_packets_in, adit_packets_register};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::{PATIENCE, inner_v4, is_up, mirrored, options, packet, until};

const FAR: [u8; 4] = [10, 98, 0, 7];

/// What came out of the tunnel.
#[derive(Default)]
struct Taken {
    packets: Mutex<VecDeque<Vec<u8>>>,
    came: Condvar,
    calls: AtomicU64,
    most: AtomicU64,
}

unsafe extern "C" fn take(context: *mut c_void, packets: *const adit_packet, count: usize) -> usize {
    // SAFETY: the context is a `Taken` that is never freed.
    let taken = unsafe { &*context.cast::<Taken>() };
    // SAFETY: so many packets by the header's word.
    let packets = unsafe { std::slice::from_raw_parts(packets, count) };
    taken.calls.fetch_add(1, Ordering::Relaxed);
    taken.most.fetch_max(count as u64, Ordering::Relaxed);
    // SAFETY: as above.
    let copies = packets.iter().map(|one| unsafe { std::slice::from_raw_parts(one.data, one.len) }.to_vec());
    taken.packets.lock().unwrap().extend(copies);
    taken.came.notify_one();
    count
}

impl Taken {
    /// A new one that receives what comes out of this device.
    fn of(handle: u64) -> &'static Self {
        let taken: &'static Self = Box::leak(Box::default());
        let context = std::ptr::from_ref(taken).cast_mut().cast();
        // SAFETY: `take` may be called from any thread, with what is never freed.
        assert_eq!(unsafe { adit_packets_register(handle, Some(take), context) }, 0);
        taken
    }

    /// The next packet.
    fn next(&self, patience: Duration) -> Option<Vec<u8>> {
        let packets = self.packets.lock().unwrap();
        let (mut packets, _) =
            self.came.wait_timeout_while(packets, patience, |packets| packets.is_empty()).unwrap();
        packets.pop_front()
    }
}

/// Gives packets in one call.
fn give(handle: u64, packets: &[Vec<u8>]) -> i64 {
    let batch: Vec<adit_packet> =
        packets.iter().map(|packet| adit_packet { data: packet.as_ptr(), len: packet.len() }).collect();
    // SAFETY: the packets live until it returns.
    unsafe { adit_packets_in(handle, batch.as_ptr(), batch.len()) }
}

/// A session that is up, its device, and its inner address. The first packet has come back.
fn up() -> (Arc<TestGateway>, Arc<Session>, u64, &'static Taken, [u8; 4]) {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    let handle = session.attach_packets().unwrap();
    let taken = Taken::of(handle);
    let inner = inner_v4(&until(&session, is_up));
    passes(handle, taken, inner);
    (gateway, session, handle, taken, inner)
}

/// Waits until packets pass through a device: the tunnel takes it a moment after it was attached.
fn passes(handle: u64, taken: &Taken, inner: [u8; 4]) {
    let begun = Instant::now();
    let first = packet(inner, FAR, u32::MAX, 60);
    while begun.elapsed() < PATIENCE {
        assert_eq!(give(handle, std::slice::from_ref(&first)), 1);
        if taken.next(Duration::from_millis(300)).is_some() {
            // Others may be under way, if the first was slow.
            while taken.next(Duration::from_millis(200)).is_some() {}
            return;
        }
    }
    panic!("nothing came back");
}

#[test]
fn packets_come_back_in_order_and_a_batch_stays_together() {
    let (_gateway, session, handle, taken, inner) = up();
    // All lengths in one batch: each longer one begins another send.
    let mixed: Vec<Vec<u8>> =
        [1280, 1280, 60, 700, 1280, 61, 61, 61, 1000, 40].map(|len| packet(inner, FAR, 7, len)).into();
    assert_eq!(give(handle, &mixed), 10);
    for sent in &mixed {
        assert_eq!(taken.next(PATIENCE).unwrap(), mirrored(sent));
    }
    let before = taken.calls.load(Ordering::Relaxed);
    let rounds = 50;
    for round in 0..rounds {
        let batch: Vec<Vec<u8>> =
            (0..32).map(|number| packet(inner, FAR, round * 32 + number, 1200)).collect();
        assert_eq!(give(handle, &batch), 32);
        for sent in &batch {
            assert_eq!(taken.next(PATIENCE).unwrap(), mirrored(sent), "in order");
        }
    }
    let calls = taken.calls.load(Ordering::Relaxed) - before;
    assert!(taken.most.load(Ordering::Relaxed) <= ADIT_BATCH_MAX as u64);
    println!("{} packets in {calls} calls", rounds * 32);
    // Where the kernel keeps the datagrams of a send together, what goes in by one call comes out by one or two.
    if cfg!(target_os = "linux") {
        assert!(calls <= u64::from(rounds) * 4, "{calls} calls for {rounds} batches of 32");
    }
    session.stop().unwrap();
}

/// Each packet is sent when the one before has come back: the tunnel sleeps in between, and one wake-up too few stops it all.
#[test]
fn no_wake_up_is_lost_between_single_packets() {
    let (_gateway, session, handle, taken, inner) = up();
    for number in 0..3_000 {
        let sent = packet(inner, FAR, number, 100);
        assert_eq!(give(handle, std::slice::from_ref(&sent)), 1);
        let came = taken.next(Duration::from_secs(10));
        assert_eq!(came.unwrap_or_else(|| panic!("packet {number} did not come")), mirrored(&sent));
    }
    session.stop().unwrap();
}

#[test]
fn a_device_is_replaced_while_threads_send_to_it() {
    let (_gateway, session, mut handle, _, inner) = up();
    let current = Arc::new(AtomicU64::new(handle));
    let over = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..3)
        .map(|thread| {
            let (current, over) = (Arc::clone(&current), Arc::clone(&over));
            let batch: Vec<Vec<u8>> =
                (0..8).map(|number| packet(inner, FAR, thread * 8 + number, 500)).collect();
            std::thread::spawn(move || {
                let mut taken = 0;
                while !over.load(Ordering::Relaxed) {
                    match give(current.load(Ordering::Relaxed), &batch) {
                        refused if refused < 0 => assert_eq!(refused, i64::from(ADIT_USAGE)),
                        some => taken += some,
                    }
                    std::thread::sleep(Duration::from_micros(200));
                }
                taken
            })
        })
        .collect();
    for _ in 0..30 {
        let next = session.attach_packets().unwrap();
        let taken = Taken::of(next);
        current.store(next, Ordering::Relaxed);
        assert!(taken.next(PATIENCE).is_some(), "packets come out of the new device");
        // SAFETY: there is no packet.
        let refused = unsafe { adit_packets_in(handle, std::ptr::null(), 0) };
        assert_eq!(refused, i64::from(ADIT_USAGE), "the old handle is no more");
        handle = next;
    }
    over.store(true, Ordering::Relaxed);
    for sender in senders {
        assert!(sender.join().unwrap() > 0);
    }
    session.stop().unwrap();
}
