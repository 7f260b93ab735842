//! Reads packet captures, as far as tests need: pcap and pcapng, Ethernet, Linux cooked or raw IP, UDP over
//! IPv4 or IPv6, without reassembly of IP fragments.

use std::path::Path;

/// A UDP datagram of a capture.
pub(crate) struct Datagram {
    pub source_port: u16,
    pub destination_port: u16,
    pub payload: Vec<u8>,
}

impl Datagram {
    /// The IKE message in it, without a non-ESP marker; `None` for ESP, keepalives and other ports.
    pub(crate) fn ike(&self) -> Option<&[u8]> {
        let on = |port| self.source_port == port || self.destination_port == port;
        if on(4500) {
            self.payload.strip_prefix(&[0; 4])
        } else if on(500) {
            Some(&self.payload)
        } else {
            None
        }
    }
}

/// The IKE messages of a capture file, in order.
pub(crate) fn ike_messages(path: &Path) -> Vec<Vec<u8>> {
    read(path).iter().filter_map(|datagram| datagram.ike().map(<[u8]>::to_vec)).collect()
}

/// The UDP datagrams of a capture file, in order.
pub(crate) fn read(path: &Path) -> Vec<Datagram> {
    let file = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let packets = if file.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) { pcapng(&file) } else { pcap(&file) };
    assert!(!packets.is_empty(), "{}: no packets", path.display());
    packets.iter().filter_map(|(link, packet)| udp(network(*link, packet)?)).collect()
}

fn word(octets: &[u8], at: usize, big: bool) -> usize {
    let field: [u8; 4] = octets[at..at + 4].try_into().unwrap();
    (if big { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) }) as usize
}

fn pcap(file: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let big = match file[..4] {
        [0xa1, 0xb2, 0xc3 | 0x3c, 0xd4 | 0x4d] => true,
        [0xd4 | 0x4d, 0xc3 | 0x3c, 0xb2, 0xa1] => false,
        _ => panic!("no capture file"),
    };
    // The upper bits say whether frames end with a check sequence.
    let link = word(file, 20, big) & 0x0fff_ffff;
    let (mut at, mut packets) = (24, Vec::new());
    while at + 16 <= file.len() {
        let captured = word(file, at + 8, big);
        packets.push((link, file[at + 16..at + 16 + captured].to_vec()));
        at += 16 + captured;
    }
    packets
}

fn pcapng(file: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let big = file[8] == 0x1a;
    let (mut at, mut links, mut packets) = (0, Vec::new(), Vec::new());
    while at + 12 <= file.len() {
        let (kind, length) = (word(file, at, big), word(file, at + 4, big));
        let body = &file[at + 8..at + length - 4];
        match kind {
            1 => links.push(word(body, 0, big) & 0xffff),
            6 => {
                let (interface, captured) = (word(body, 0, big), word(body, 12, big));
                let link = if big { links[interface] >> 16 } else { links[interface] };
                packets.push((link, body[20..20 + captured].to_vec()));
            }
            _ => {}
        }
        at += length;
    }
    packets
}

/// The IP packet behind a link-layer header.
fn network(link: usize, packet: &[u8]) -> Option<&[u8]> {
    match link {
        1 => match packet.get(12..14)? {
            [0x81, 0x00] => packet.get(18..),
            [0x08, 0x00] | [0x86, 0xdd] => packet.get(14..),
            _ => None,
        },
        12 | 101 => Some(packet),
        113 => packet.get(16..),
        0 => packet.get(4..),
        other => panic!("link type {other}"),
    }
}

fn udp(packet: &[u8]) -> Option<Datagram> {
    let transport = match packet.first()? >> 4 {
        4 if packet.get(9) == Some(&17) => {
            let header = usize::from(packet[0] & 0x0f) * 4;
            let total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
            packet.get(header..total.min(packet.len()))?
        }
        6 if packet.get(6) == Some(&17) => packet.get(40..)?,
        _ => return None,
    };
    let port = |at: usize| transport.get(at..at + 2).map(|p| u16::from_be_bytes([p[0], p[1]]));
    let length = usize::from(port(4)?);
    Some(Datagram {
        source_port: port(0)?,
        destination_port: port(2)?,
        payload: transport.get(8..length.min(transport.len()))?.to_vec(),
    })
}
