//! The TUN device and the UDP socket beside it: packets themselves.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use adit_driver::net::{DEFAULT_MARK, NetConfig};
use adit_driver::tun::Tun;

use crate::configs::list;
use crate::namespace::Namespace;

#[test]
fn tun_carries_packets_both_ways_and_merges_what_it_can() {
    let Some(namespace) = Namespace::new("packets") else { return };
    namespace.run(async || {
        use adit_driver::Span;
        use adit_driver::tun::{Coalescer, ReadBuffer};
        let tun = Tun::create("adit%d").unwrap();
        let config = NetConfig {
            addresses: list("10.97.0.5/24"),
            routes: list("10.97.0.0/24"),
            ..NetConfig::new(tun.name().unwrap(), 1400)
        };
        let applied = config.apply(&namespace.paths()).await.unwrap();
        let socket = UdpSocket::bind((Ipv4Addr::new(10, 97, 0, 5), 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket.send_to(b"out", (Ipv4Addr::new(10, 97, 0, 9), 7777)).unwrap();
        let mut buffer = ReadBuffer::new();
        let mut packet = vec![0; 1500];
        let len = loop {
            tun.readable().await.unwrap();
            let Ok(mut segments) = tun.try_read(&mut buffer) else { continue };
            if let Some(len) = segments.next_into(&mut packet)
                && packet.get(9) == Some(&17)
            {
                break len;
            }
        };
        let parsed = etherparse::PacketHeaders::from_ip_slice(&packet[..len]).unwrap();
        assert_eq!(parsed.payload.slice(), b"out");
        let udp = parsed.transport.unwrap().udp().unwrap();
        let etherparse::NetHeaders::Ipv4(ip, _) = parsed.net.unwrap() else { panic!("not IPv4") };
        assert_eq!(udp.checksum, udp.calc_checksum_ipv4(&ip, b"out").unwrap(), "the checksum was completed");
        // Back: ten equal datagrams, a short one, which the kernel takes as one frame and delivers one by
        // one; then something that is no packet.
        let port = socket.local_addr().unwrap().port();
        let mut area = Vec::new();
        let mut spans = Vec::new();
        for n in 0..11_u8 {
            let builder = etherparse::PacketBuilder::ipv4([10, 97, 0, 9], [10, 97, 0, 5], 64).udp(7777, port);
            let payload = vec![n; if n == 10 { 5 } else { 500 }];
            let start = area.len();
            builder.write(&mut area, &payload).unwrap();
            area[start + 4..start + 6].copy_from_slice(&u16::from(n).to_be_bytes());
            area[start + 10..start + 12].copy_from_slice(&[0, 0]);
            let header = etherparse::Ipv4HeaderSlice::from_slice(&area[start..]).unwrap().to_header();
            let sum = header.calc_header_checksum();
            area[start + 10..start + 12].copy_from_slice(&sum.to_be_bytes());
            spans.push(Span::new(start..area.len()));
        }
        let start = area.len();
        area.extend_from_slice(&[0; 40]);
        spans.push(Span::new(start..area.len()));
        let written = tun.try_write(&mut Coalescer::with_capacity(16), &area, &spans).unwrap();
        assert_eq!((written.packets, written.dropped), (11, 1));
        let mut got = [0; 600];
        for n in 0..11_u8 {
            let len = socket.recv(&mut got).unwrap();
            assert_eq!((len, got[0]), (if n == 10 { 5 } else { 500 }, n));
        }
        applied.restore().await.unwrap();
    });
}

#[test]
fn a_deleted_device_is_an_error_and_not_silence() {
    let Some(namespace) = Namespace::new("deleted") else { return };
    namespace.run(async || {
        use adit_driver::tun::ReadBuffer;
        let tun = Tun::create("adit0").unwrap();
        namespace.ip("link del adit0");
        let mut buffer = ReadBuffer::new();
        let ended = async {
            loop {
                tun.readable().await.unwrap();
                match tun.try_read(&mut buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                        tokio::task::yield_now().await
                    }
                    result => break result.map(drop),
                }
            }
        };
        let result = tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap();
        assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::EBADFD));
    });
}

#[test]
fn outer_datagrams_longer_than_the_path_are_fragmented_even_in_bundles() {
    let Some(a) = Namespace::new("frag-a") else { return };
    let b = Namespace::new("frag-b").unwrap();
    let veth = format!("link add v0 type veth peer name v0 netns {}", b.name);
    a.ip(&veth);
    for (namespace, address) in [(&a, "198.51.100.1/24"), (&b, "198.51.100.2/24")] {
        namespace.ip(&format!("addr add {address} dev v0"));
        namespace.ip("link set v0 mtu 1300 up");
    }
    let receiver = b.run(async || UdpSocket::bind("198.51.100.2:4500").unwrap());
    receiver.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    a.run(async || {
        use adit_driver::udp::{UdpOptions, UdpPort};
        let mut options = UdpOptions::new("198.51.100.1:4500".parse().unwrap());
        options.mark = Some(DEFAULT_MARK);
        let port = UdpPort::bind(&options).unwrap();
        let segments = port.max_segments();
        let contents: Vec<u8> = (0..1464 * 20_u32).map(|n| (n / 1464) as u8).collect();
        let remote = "198.51.100.2:4500".parse().unwrap();
        assert_eq!(port.try_send(remote, None, &contents, 1464).unwrap(), contents.len());
        // And the port has not given up bundles for good.
        assert_eq!(port.max_segments(), segments);
    });
    let mut datagram = [0; 2000];
    for n in 0..20_u8 {
        assert_eq!(receiver.recv(&mut datagram).unwrap(), 1464);
        assert_eq!(datagram[0], n);
    }
}
