//! The two packet queues between smoltcp and the outside.

use std::collections::VecDeque;

use smoltcp::phy::{
    Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken as Rx, TxToken as Tx,
};
use smoltcp::time::Instant;

/// Packets in, packets out, and empty buffers to use again.
#[derive(Debug)]
pub(super) struct Queues {
    incoming: VecDeque<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
    free: Vec<Vec<u8>>,
    /// The buffer of the next outgoing packet. Apart from `free`, because an arriving packet and its answer
    /// are under way at the same time.
    spare: Vec<u8>,
    /// Bound of each queue.
    limit: usize,
    mtu: usize,
    verify_checksums: bool,
}

impl Queues {
    pub fn new(limit: usize, mtu: usize, verify_checksums: bool) -> Self {
        Self {
            incoming: VecDeque::new(),
            outgoing: VecDeque::new(),
            free: Vec::new(),
            spare: Vec::new(),
            limit,
            mtu,
            verify_checksums,
        }
    }

    /// Queues a packet for the stack. False if it is longer than the MTU or the queue is full.
    pub fn push(&mut self, packet: &[u8]) -> bool {
        if packet.len() > self.mtu || self.incoming.len() >= self.limit {
            return false;
        }
        let mut buffer = take(&mut self.free, self.mtu);
        buffer.extend_from_slice(packet);
        self.incoming.push_back(buffer);
        true
    }

    /// Hands the next outgoing packet to `take`.
    pub fn pop_with<R>(&mut self, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let packet = self.outgoing.pop_front()?;
        let result = take(&packet);
        give_back(&mut self.free, packet, self.limit);
        Some(result)
    }

    fn refill_spare(&mut self) {
        if self.spare.capacity() == 0 {
            self.spare = take(&mut self.free, self.mtu);
        }
    }

    pub fn outgoing(&self) -> usize {
        self.outgoing.len()
    }

    pub fn incoming(&self) -> usize {
        self.incoming.len()
    }
}

fn take(free: &mut Vec<Vec<u8>>, mtu: usize) -> Vec<u8> {
    free.pop().unwrap_or_else(|| Vec::with_capacity(mtu))
}

fn give_back(free: &mut Vec<Vec<u8>>, mut buffer: Vec<u8>, limit: usize) {
    if free.len() < limit {
        buffer.clear();
        free.push(buffer);
    }
}

impl Device for Queues {
    type RxToken<'a> = RxToken<'a>;
    type TxToken<'a> = TxToken<'a>;

    fn receive(&mut self, _: Instant) -> Option<(RxToken<'_>, TxToken<'_>)> {
        // A packet is taken only while its answer has a place.
        if self.outgoing.len() >= self.limit {
            return None;
        }
        let packet = self.incoming.pop_front()?;
        self.refill_spare();
        let rx = RxToken { packet, free: &mut self.free, limit: self.limit };
        Some((rx, TxToken { outgoing: &mut self.outgoing, spare: &mut self.spare }))
    }

    fn transmit(&mut self, _: Instant) -> Option<TxToken<'_>> {
        if self.outgoing.len() >= self.limit {
            return None;
        }
        self.refill_spare();
        Some(TxToken { outgoing: &mut self.outgoing, spare: &mut self.spare })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let checksum = if self.verify_checksums { Checksum::Both } else { Checksum::Tx };
        let mut checksums = ChecksumCapabilities::default();
        checksums.ipv4 = checksum;
        checksums.udp = checksum;
        checksums.tcp = checksum;
        checksums.icmpv4 = checksum;
        checksums.icmpv6 = checksum;
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities.checksum = checksums;
        capabilities
    }
}

/// An arrived packet.
#[derive(Debug)]
pub(super) struct RxToken<'a> {
    packet: Vec<u8>,
    free: &'a mut Vec<Vec<u8>>,
    limit: usize,
}

impl Rx for RxToken<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        let result = f(&self.packet);
        give_back(self.free, self.packet, self.limit);
        result
    }
}

/// A place in the outgoing queue.
#[derive(Debug)]
pub(super) struct TxToken<'a> {
    outgoing: &'a mut VecDeque<Vec<u8>>,
    /// An empty buffer; taken only if a packet is sent.
    spare: &'a mut Vec<u8>,
}

impl Tx for TxToken<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut buffer = std::mem::take(self.spare);
        buffer.resize(len, 0);
        let result = f(&mut buffer);
        self.outgoing.push_back(buffer);
        result
    }
}
