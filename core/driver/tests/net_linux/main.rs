//! What a tunnel sets on a Linux host is gone afterwards, however it ends.
//!
//! Each test makes a network namespace of its own and compares `ip -j` dumps and files before and after.
//! Needs root; without it each test says what it leaves out.
#![cfg(target_os = "linux")]
// Helpers outside `#[test]` functions panic too: that is how a test fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod children;
mod configs;
mod device;
mod forwarding;
mod namespace;
mod recovery;
mod resolv_conf;
mod tunnel;
mod watch;
