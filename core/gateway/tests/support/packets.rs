//! Inner packets that say who they are, and the account of them.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use adit_testkit::ledger::Ledger;

/// Stands in every inner packet.
pub const CANARY: &[u8] = b"inner packet that nobody outside reads";
/// Shortest inner packet: IPv6 and UDP header, direction, number, canary.
pub const SHORTEST: usize = 40 + 8 + 9 + CANARY.len();

pub type SharedBooks = Rc<RefCell<Books>>;

/// All inner packets of a simulation.
#[derive(Default)]
pub struct Books {
    /// From clients to the gateway's host.
    pub up: Ledger,
    /// From the gateway's host to clients.
    pub down: Ledger,
    /// What broke.
    pub broken: Option<String>,
}

impl Books {
    /// A new packet of `len` bytes towards the gateway (`up`) or a client; not booked yet.
    pub fn write(&self, up: bool, from: IpAddr, to: IpAddr, len: usize) -> Vec<u8> {
        let number = if up { &self.up } else { &self.down }.sent_count();
        inner(from, to, up, number, len)
    }

    /// Books the packet that [`Self::write`] gave last as sent.
    pub fn sent(&mut self, up: bool, packet: &[u8]) {
        if up { &mut self.up } else { &mut self.down }.sent(packet);
    }

    /// Books a packet as arrived.
    pub fn arrived(&mut self, up: bool, packet: &[u8]) {
        let result = match number(packet) {
            Some((direction, number)) if direction == up => {
                if up { &mut self.up } else { &mut self.down }.delivered(number, packet)
            }
            _ => Err("a packet came that nobody sent this way".to_owned()),
        };
        if let Err(error) = result {
            self.broken.get_or_insert(error);
        }
    }

    /// Packets sent and not arrived, both ways.
    pub fn missing(&self) -> u64 {
        self.up.missing() + self.down.missing()
    }
}

/// An IP packet with a UDP header, as much of both as anybody here reads.
pub fn inner(from: IpAddr, to: IpAddr, up: bool, number: u64, len: usize) -> Vec<u8> {
    let mut packet = Vec::with_capacity(len);
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            packet.extend([0x45, 0]);
            packet.extend((len as u16).to_be_bytes());
            packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
            packet.extend(from.octets());
            packet.extend(to.octets());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            packet.extend([0x60, 0, 0, 0]);
            packet.extend((len as u16 - 40).to_be_bytes());
            packet.extend([17, 64]);
            packet.extend(from.octets());
            packet.extend(to.octets());
        }
        _ => panic!("{from} and {to} are of two families"),
    }
    let udp = len - packet.len();
    packet.extend([0xc0, 0, 0, 7]);
    packet.extend((udp as u16).to_be_bytes());
    packet.extend([0, 0, u8::from(up)]);
    packet.extend(number.to_be_bytes());
    packet.extend(CANARY);
    packet.resize(len, 0x5a);
    packet
}

fn number(packet: &[u8]) -> Option<(bool, u64)> {
    let header = if packet.first()? >> 4 == 4 { 20 } else { 40 };
    let body = packet.get(header + 8..)?;
    Some((*body.first()? == 1, u64::from_be_bytes(*body.get(1..)?.first_chunk()?)))
}

/// Source and destination.
pub fn addresses(packet: &[u8]) -> (IpAddr, IpAddr) {
    let v4 = |at: usize| IpAddr::from(*packet[at..].first_chunk::<4>().unwrap());
    let v6 = |at: usize| IpAddr::from(*packet[at..].first_chunk::<16>().unwrap());
    if packet[0] >> 4 == 4 { (v4(12), v4(16)) } else { (v6(8), v6(24)) }
}

/// As much of a packet as an engine needs to see its addresses: a driver has no more before it cuts a large frame.
pub fn head(packet: &[u8]) -> &[u8] {
    &packet[..packet.len().min(48)]
}
