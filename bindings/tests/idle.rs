//! A real idle tunnel: how often its thread is woken. Alone in its process, because it counts; for a few seconds only, so that
//! the others need not wait: what wakes more rarely is counted for a minute by `interop/tests/connect/idle.rs`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::time::Duration;

use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::{options, up, with};

/// How often the tunnels' thread gave up the processor of its own accord: once for each time it was woken.
fn switches() -> u64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let ours = tasks
        .map(|task| task.path())
        .find(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "adit"));
    let status = fs::read_to_string(ours.unwrap().join("status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn an_idle_tunnel_with_nothing_switched_on_leaves_the_thread_asleep() {
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let mut options = options(&gateway);
    let profile = String::from_utf8(options.profile).unwrap();
    let rare = "<key>NATKeepAliveInterval</key><integer>3600</integer><key>RemoteAddress</key>";
    assert!(profile.contains("<key>RemoteAddress</key>") && !profile.contains("NATKeepAliveInterval"));
    options.profile = profile.replace("<key>RemoteAddress</key>", rare).into_bytes();
    options.overrides_json = with(&gateway, "\"liveness\":0");
    let (session, _tun, _) = up(options);
    // The end of the handshake.
    std::thread::sleep(Duration::from_secs(2));
    let before = switches();
    std::thread::sleep(Duration::from_secs(8));
    let woken = switches() - before;
    // One sign of life of the server's at most.
    assert!(woken <= 1, "{woken} wake-ups in 8 s");
    println!("{woken} wake-ups in 8 s");
    session.stop().unwrap();
}
