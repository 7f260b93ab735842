//! What a call costs on the two ways of packets between an app and a tunnel: the C ABI with batches of 32, and a
//! descriptor. For the library in an app, `adit-bindings`.
//!
//! A tunnel to the gateway of the tests runs in this process, over loopback; behind the gateway a mirror sends each packet
//! back. 32 packets of 1,200 bytes go in together, 300 times a second, which is a pace of 9,600 packets: the queues stay
//! short, so that a call is measured and not a wait. Both ways take turns. The descriptor is one end of a pair of
//! datagram sockets, which costs a call for each packet as a TUN does.
//!
//! A call is measured twice: until it returns, and the time the caller's thread was running. They differ where the system runs
//! the threads it wakes before it lets the caller go on, the gateway's among them.
//!
//! Usage: `paths [ROUNDS]`, 10 rounds of a second each unless said otherwise. `cargo xtask bench --paths` runs it.

// The C ABI is what is measured.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixDatagram;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use adit_bindings::c_abi::packets::{adit_packet, adit_packets_in, adit_packets_register};
use adit_bindings::{Credentials, HostAbilities, Session, SessionEvent, SessionOptions, TunFraming};
use adit_test_gateway::{TestGateway, TestGatewayKind};

const BATCH: usize = 32;
const LENGTH: usize = 1_200;
const BATCHES_A_SECOND: u32 = 300;

/// Why a run failed.
type Error = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).map_or(Ok(10), |text| text.parse());
    match rounds.map_err(Error::from).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What one way costs.
#[derive(Default)]
struct Path {
    /// Nanoseconds until 32 packets were handed over, one entry a batch.
    calls: Vec<u64>,
    /// Nanoseconds of it in which the caller's thread was running.
    running: Vec<u64>,
    /// Nanoseconds that the tunnel's thread was running.
    thread: u64,
    sent: u64,
    received: u64,
    /// Calls of ours by the library, or reads.
    takes: u64,
}

/// What the callback counts.
#[derive(Default)]
struct Counters {
    packets: AtomicU64,
    calls: AtomicU64,
}

unsafe extern "C" fn take(context: *mut c_void, _: *const adit_packet, count: usize) -> usize {
    // SAFETY: the context is the counters, which live longer than the registration.
    let counters = unsafe { &*context.cast::<Counters>() };
    counters.packets.fetch_add(count as u64, Ordering::Relaxed);
    counters.calls.fetch_add(1, Ordering::Relaxed);
    count
}

fn run(rounds: u32) -> Result<(), Error> {
    let gateway = TestGateway::new(TestGatewayKind::Standard)?;
    let session = Session::new(SessionOptions {
        profile: gateway.profile()?,
        payload: None,
        credentials: Credentials::default(),
        host: HostAbilities::default(),
        overrides_json: Some(gateway.overrides()?),
        server_addresses: Vec::new(),
    })?;
    let from = connected(&session)?;
    let packets: Vec<Vec<u8>> = (0..BATCH).map(|number| packet(from, number)).collect();
    let (mut by_calls, mut by_descriptor) = (Path::default(), Path::default());
    for _ in 0..rounds.max(1) {
        with_calls(&session, &packets, &mut by_calls)?;
        with_descriptor(&session, &packets, &mut by_descriptor)?;
    }
    session.stop()?;
    println!("32 packets of 1,200 bytes at a time, {BATCHES_A_SECOND} times a second\n");
    println!(
        "| way | handing 32 over, median | the caller runs | a packet of it | tunnel's thread, a packet there and back | packets that come back at a time |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    by_calls.print("C ABI, one call of `adit_packets_in`");
    by_descriptor.print("descriptor, 32 writes");
    Ok(())
}

impl Path {
    fn print(self, name: &str) {
        let (until_back, running) = (median(self.calls), median(self.running));
        println!(
            "| {name} | {:.2} µs | {:.2} µs | {} ns | {:.2} µs | {:.1} |",
            until_back as f64 / 1e3,
            running as f64 / 1e3,
            running / BATCH as u64,
            self.thread as f64 / 1e3 / self.received.max(1) as f64,
            self.received as f64 / self.takes.max(1) as f64,
        );
        let lost = self.sent.saturating_sub(self.received);
        if lost > self.sent / 20 {
            println!("{lost} of {} packets were lost: the machine was too busy for numbers", self.sent);
        }
    }
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Waits until the tunnel is up; gives the inner IPv4 address.
fn connected(session: &Session) -> Result<[u8; 4], Error> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if let Some(SessionEvent::Up { settings, .. }) = session.wait_event(1_000)? {
            let address = settings.ipv4.first().and_then(|text| text.split('/').next()).unwrap_or_default();
            return Ok(address.parse::<std::net::Ipv4Addr>()?.octets());
        }
    }
    Err("the tunnel did not come up".into())
}

/// A round through the C ABI.
fn with_calls(session: &Arc<Session>, packets: &[Vec<u8>], path: &mut Path) -> Result<(), Error> {
    let handle = session.attach_packets()?;
    let counters = Counters::default();
    let context = std::ptr::from_ref(&counters).cast_mut().cast();
    // SAFETY: `take` only counts, atomically, and the counters live until it is registered no more, below.
    if unsafe { adit_packets_register(handle, Some(take), context) } != 0 {
        return Err("the function was not registered".into());
    }
    let batch: Vec<adit_packet> =
        packets.iter().map(|packet| adit_packet { data: packet.as_ptr(), len: packet.len() }).collect();
    let before = thread_time()?;
    let sent = paced(path, || {
        // SAFETY: the packets are ours, and stay.
        u64::try_from(unsafe { adit_packets_in(handle, batch.as_ptr(), batch.len()) }).unwrap_or_default()
    });
    settle(|| counters.packets.load(Ordering::Relaxed) >= sent);
    path.thread += thread_time()?.saturating_sub(before);
    // SAFETY: no function is no contract.
    unsafe { adit_packets_register(handle, None, std::ptr::null_mut()) };
    path.sent += sent;
    path.received += counters.packets.load(Ordering::Relaxed);
    path.takes += counters.calls.load(Ordering::Relaxed);
    Ok(())
}

/// A round through a descriptor.
fn with_descriptor(session: &Arc<Session>, packets: &[Vec<u8>], path: &mut Path) -> Result<(), Error> {
    let (ours, theirs) = UnixDatagram::pair()?;
    session.attach_tun(theirs.as_raw_fd(), TunFraming::RawIp)?;
    drop(theirs);
    let reader = ours.try_clone()?;
    reader.set_read_timeout(Some(Duration::from_millis(50)))?;
    let (received, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (count, end) = (Arc::clone(&received), Arc::clone(&done));
    let reading = std::thread::spawn(move || {
        let mut packet = [0; 2_048];
        while end.load(Ordering::Relaxed) == 0 {
            if reader.recv(&mut packet).is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let before = thread_time()?;
    let sent = paced(path, || packets.iter().filter(|packet| ours.send(packet).is_ok()).count() as u64);
    settle(|| received.load(Ordering::Relaxed) >= sent);
    path.thread += thread_time()?.saturating_sub(before);
    done.store(1, Ordering::Relaxed);
    let _ = reading.join();
    path.sent += sent;
    path.received += received.load(Ordering::Relaxed);
    path.takes += received.load(Ordering::Relaxed);
    Ok(())
}

/// Hands batches over for a second and notes how long each took. Gives how many packets were taken.
fn paced(path: &mut Path, mut hand_over: impl FnMut() -> u64) -> u64 {
    let pause = Duration::from_secs(1) / BATCHES_A_SECOND;
    let mut next = Instant::now();
    let mut sent = 0;
    for _ in 0..BATCHES_A_SECOND {
        let (ran, begun) = (caller_time(), Instant::now());
        sent += hand_over();
        path.calls.push(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
        path.running.push(caller_time().saturating_sub(ran));
        next += pause;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    sent
}

/// Waits for what is under way, half a second at most.
fn settle(done: impl Fn() -> bool) {
    for _ in 0..50 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Nanoseconds that the calling thread ran so far.
fn caller_time() -> u64 {
    /// `CLOCK_THREAD_CPUTIME_ID` of Linux.
    const OF_THIS_THREAD: i32 = 3;
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut [std::ffi::c_long; 2]) -> i32;
    }
    let mut time = [0; 2];
    // SAFETY: the pointer is to seconds and nanoseconds, of the size and order of a timespec, which the call fills in.
    unsafe { clock_gettime(OF_THIS_THREAD, &raw mut time) };
    let [seconds, nanoseconds] = time.map(|part| u64::try_from(part).unwrap_or_default());
    seconds * 1_000_000_000 + nanoseconds
}

/// Nanoseconds that the tunnel's thread ran so far.
fn thread_time() -> Result<u64, Error> {
    for task in std::fs::read_dir("/proc/self/task")? {
        let folder = task?.path();
        if std::fs::read_to_string(folder.join("comm"))?.trim() == "adit" {
            let times = std::fs::read_to_string(folder.join("schedstat"))?;
            return Ok(times.split(' ').next().unwrap_or_default().parse()?);
        }
    }
    Err("the tunnel has no thread".into())
}

/// A UDP packet over IPv4.
fn packet(from: [u8; 4], number: usize) -> Vec<u8> {
    let length = u16::try_from(LENGTH).unwrap_or_default();
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    packet.extend(from);
    packet.extend([10, 98, 0, 7]);
    let sum: u32 = packet
        .chunks_exact(2)
        .map(|pair| u32::from(u16::from_be_bytes(pair.try_into().unwrap_or_default())))
        .sum();
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap_or_default();
    for (place, byte) in packet.iter_mut().skip(10).zip(sum.to_be_bytes()) {
        *place = byte;
    }
    packet.extend([0x30, 0x39, 0, 7]);
    packet.extend((length - 20).to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(number.to_be_bytes());
    packet.resize(LENGTH, 0);
    packet
}
