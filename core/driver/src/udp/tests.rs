//! Ports over loopback.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{RecvBatch, UdpOptions, UdpPort};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn port(address: impl Into<IpAddr>) -> UdpPort {
    UdpPort::bind(&UdpOptions::new(SocketAddr::new(address.into(), 0))).unwrap()
}

/// Everything that arrives until `bytes` are there: sender, local address, datagrams.
async fn receive(port: &UdpPort, bytes: usize) -> Vec<(SocketAddr, Option<IpAddr>, Vec<u8>)> {
    let mut batch = RecvBatch::new(4);
    let mut got = Vec::new();
    let mut total = 0;
    while total < bytes {
        let wait = tokio::time::timeout(std::time::Duration::from_secs(5), port.readable());
        wait.await.expect("datagrams arrive").unwrap();
        if port.try_recv(&mut batch).is_err() {
            continue;
        }
        for bundle in batch.bundles() {
            for span in bundle.datagrams() {
                let datagram = span.of(batch.area()).to_vec();
                total += datagram.len();
                got.push((bundle.remote, bundle.local, datagram));
            }
        }
    }
    got
}

#[test]
fn bundle_arrives_as_the_datagrams_it_was_made_of() {
    run(async {
        for address in [V4, V6] {
            let (a, b) = (port(address), port(address));
            // More than one system call can carry, with a short end.
            let contents: Vec<u8> = (0..150_000_u32).map(|n| (n / 1400) as u8).collect();
            let mut sent = 0;
            while sent < contents.len() {
                match a.try_send(b.local_addr(), None, &contents[sent..], 1400) {
                    Ok(n) => {
                        assert!(n > 0);
                        sent += n;
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                        a.writable().await.unwrap();
                    }
                }
            }
            let got = receive(&b, contents.len()).await;
            assert_eq!(got.len(), contents.len().div_ceil(1400));
            for ((remote, local, datagram), expected) in got.iter().zip(contents.chunks(1400)) {
                assert_eq!((*remote, *local), (a.local_addr(), Some(address)));
                assert_eq!(datagram, expected);
            }
        }
    });
}

#[test]
fn wildcard_port_answers_from_the_address_it_was_asked_on() {
    run(async {
        let server = port(Ipv4Addr::UNSPECIFIED);
        let client = port(V4);
        let asked: IpAddr = "127.0.0.77".parse().unwrap();
        let at = SocketAddr::new(asked, server.local_addr().port());
        client.send(at, None, b"question").await.unwrap();
        let (remote, local, _) = receive(&server, 8).await.remove(0);
        assert_eq!(local, Some(asked));
        server.send(remote, local, b"answer").await.unwrap();
        let (from, _, datagram) = receive(&client, 6).await.remove(0);
        assert_eq!((from, datagram.as_slice()), (at, b"answer".as_slice()));
    });
}

#[test]
fn empty_datagram_is_ignored_and_nothing_waiting_would_block() {
    run(async {
        let (a, b) = (port(V4), port(V4));
        let mut batch = RecvBatch::new(1);
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"", b.local_addr()).unwrap();
        a.send(b.local_addr(), None, b"x").await.unwrap();
        assert_eq!(receive(&b, 1).await.len(), 1);
        let error = b.try_recv(&mut batch).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        assert!(batch.bundles().is_empty());
    });
}

#[test]
fn longest_datagram_passes_and_a_longer_one_is_refused() {
    run(async {
        let (a, b) = (port(V4), port(V4));
        let longest = vec![7; 65_507];
        a.send(b.local_addr(), None, &longest).await.unwrap();
        assert_eq!(receive(&b, longest.len()).await[0].2, longest);
        let error = a.send(b.local_addr(), None, &[7; 65_508]).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    });
}

#[test]
fn address_in_use_is_named() {
    run(async {
        let a = port(V4);
        let error = UdpPort::bind(&UdpOptions::new(a.local_addr())).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&a.local_addr().to_string()), "{error}");
    });
}

#[test]
fn ipv6_port_leaves_the_ipv4_port_free() {
    run(async {
        let v6 = port(Ipv6Addr::UNSPECIFIED);
        let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), v6.local_addr().port());
        UdpPort::bind(&UdpOptions::new(v4)).unwrap();
    });
}

#[test]
fn outside_a_runtime_is_an_error_not_a_panic() {
    assert!(UdpPort::bind(&UdpOptions::new(SocketAddr::new(V4, 0))).is_err());
}

/// Open descriptors of the socket that is bound to this address.
#[cfg(target_os = "linux")]
fn descriptors(port: &UdpPort) -> usize {
    use std::os::fd::AsRawFd as _;
    let link = |name: &str| std::fs::read_link(format!("/proc/self/fd/{name}")).ok();
    let ours = link(&port.descriptor().as_raw_fd().to_string()).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.filter(|entry| link(&entry.file_name().to_string_lossy()).as_ref() == Some(&ours)).count()
}

#[cfg(target_os = "linux")]
#[test]
fn room_is_watched_with_one_descriptor_until_something_was_sent() {
    run(async {
        let (a, b) = (port(V4), port(V4));
        assert_eq!(descriptors(&a), 2);
        for _ in 0..3 {
            // A wait that is given up, as by whoever waits for datagrams too, is gone on with.
            for _ in 0..10 {
                tokio::select! {
                    biased;
                    ready = a.writable() => ready.unwrap(),
                    () = std::future::ready(()) => {}
                }
            }
            for _ in 0..10 {
                tokio::time::timeout(std::time::Duration::from_secs(5), a.writable()).await.unwrap().unwrap();
                assert_eq!(descriptors(&a), 3);
            }
            assert_eq!(a.try_send(b.local_addr(), None, b"x", 1).unwrap(), 1);
            assert_eq!(descriptors(&a), 2, "given back");
            assert_eq!(a.try_send(b.local_addr(), None, b"y", 1).unwrap(), 1);
            assert_eq!(receive(&b, 2).await.len(), 2);
        }
    });
}

/// Before the system has said that there is room again a send is not even tried.
#[cfg(target_os = "linux")]
#[test]
fn a_send_while_room_is_waited_for_would_block_until_there_is_news_of_it() {
    run(async {
        let (a, b) = (port(V4), port(V4));
        let mut waiting = std::pin::pin!(a.writable());
        let waker = std::task::Waker::noop();
        assert!(waiting.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        let error = a.try_send(b.local_addr(), None, b"early", 5).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        waiting.await.unwrap();
        assert_eq!(a.try_send(b.local_addr(), None, b"in time", 7).unwrap(), 7);
        assert_eq!(receive(&b, 7).await.len(), 1);
    });
}
