//! What a session takes it gives back: after 200 of them descriptors, threads, live objects and memory are where they were.
//! Alone in its process, because it counts.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::time::{Duration, Instant};

use adit_bindings::{SessionEvent, live_sessions};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::{is_closed, options, until, up};

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// The names of this process's threads.
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let mut names: Vec<String> =
        tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok()).collect();
    names.sort();
    names
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Waits until `now` gives `wanted`: the thread ends a moment after its last session.
fn settles<T: PartialEq + std::fmt::Debug>(wanted: &T, now: impl Fn() -> T) {
    let begun = Instant::now();
    while now() != *wanted {
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}, not {wanted:?}", now());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn one(gateway: &TestGateway, number: usize) {
    let (session, tun, _) = up(options(gateway));
    if number.is_multiple_of(20) {
        assert_eq!(threads().iter().filter(|name| name.trim() == "adit").count(), 1, "one thread for all");
        let another = up(options(gateway)).0;
        assert_eq!(threads().iter().filter(|name| name.trim() == "adit").count(), 1);
        assert_eq!(live_sessions().unwrap(), 2);
        // Freed without a stop.
        drop(another);
    }
    if number.is_multiple_of(2) {
        session.stop().unwrap();
        assert_eq!(until(&session, is_closed).last(), Some(&SessionEvent::Closed { error: None }));
    }
    drop((session, tun));
}

#[test]
fn two_hundred_sessions_leave_nothing_behind() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    // What is allocated once: the log, the allocator's arenas.
    for number in 0..20 {
        one(&gateway, number);
    }
    settles(&0, || live_sessions().unwrap());
    let no_thread = || threads().iter().all(|name| name.trim() != "adit");
    settles(&true, no_thread);
    let (fds, names, memory) = (descriptors(), threads(), resident_kib());
    for number in 0..200 {
        one(&gateway, number);
    }
    settles(&0, || live_sessions().unwrap());
    settles(&names, threads);
    settles(&fds, descriptors);
    assert_eq!(adit_bindings::c_abi::packets::published(), 0);
    let after = resident_kib();
    assert!(after * 100 <= memory * 105, "{memory} KiB before, {after} KiB after");
    println!("{memory} KiB before, {after} KiB after");
}
