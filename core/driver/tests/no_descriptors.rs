//! A process that has no descriptor left: its tunnels go on. Alone in its process, because the limit holds for all of it.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, clippy::unwrap_used)]

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use adit_driver::udp::{RecvBatch, UdpOptions, UdpPort};

/// Lets the process have so many descriptors.
fn limit(descriptors: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: descriptors, rlim_max: descriptors };
    // SAFETY: the pointer is to a live rlimit that the system reads.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
}

#[test]
fn room_is_waited_for_without_a_descriptor_to_watch_it_with() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let bind =
            || UdpPort::bind(&UdpOptions::new(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0))).unwrap();
        let (a, b) = (bind(), bind());
        limit(64);
        let mut taken = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            taken.push(file);
        }
        let patience = Duration::from_secs(5);
        tokio::time::timeout(patience, a.writable()).await.expect("a moment").expect("no error");
        assert_eq!(a.try_send(b.local_addr(), None, b"x", 1).unwrap(), 1);
        tokio::time::timeout(patience, b.readable()).await.unwrap().unwrap();
        assert_eq!(b.try_recv(&mut RecvBatch::new(1)).unwrap(), 1);
        // With descriptors again it is watched again.
        taken.clear();
        tokio::time::timeout(patience, a.writable()).await.unwrap().unwrap();
        assert_eq!(a.try_send(b.local_addr(), None, b"y", 1).unwrap(), 1);
    });
}
