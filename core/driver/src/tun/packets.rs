//! A device without a descriptor: the host application calls, in batches, both ways.
//!
//! Owns [`packet_device`]: packets for the tunnel go into a bounded queue ([`Inbox`]) in one call for a batch, packets of the
//! tunnel go to an [`Egress`], straight from where they were opened. For Apple's `packetFlow` and for hosts without a TUN; the
//! C ABI of the bindings stands on it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::Written;
use super::inbox::Inbox;
use crate::Span;

/// Who takes the tunnel's packets.
pub trait Egress: Send + Sync {
    /// Takes the packets at `packets` of `area`; each is a whole IP packet. Called by the tunnel's loop, which waits: it
    /// must not block. Gives how many were taken; the rest counts as dropped.
    fn deliver(&self, area: &[u8], packets: &[Span]) -> usize;
}

/// A device that holds up to `slots` packets of up to `mtu` bytes for the tunnel, and the host's end of it.
#[must_use]
pub fn packet_device(mtu: usize, slots: usize) -> (PacketTun, PacketEnd) {
    let shared = Arc::new(Shared { inbox: Inbox::new(mtu, slots), egress: Mutex::new(None) });
    (PacketTun(Arc::clone(&shared)), PacketEnd(shared))
}

struct Shared {
    inbox: Inbox,
    egress: Mutex<Option<Arc<dyn Egress>>>,
}

/// The tunnel's side. Dropping it closes the device: packets are refused from then on, and those that wait are lost.
pub struct PacketTun(Arc<Shared>);

impl std::fmt::Debug for PacketTun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PacketTun")
    }
}

impl PacketTun {
    /// Waits until there is a packet; for ever once the host's end is gone: the tunnel goes on without packets until it gets
    /// another device.
    pub(super) async fn readable(&self) {
        self.0.inbox.readable().await;
    }

    pub(super) fn try_recv(&self, out: &mut [u8]) -> io::Result<usize> {
        self.0.inbox.try_take(out)
    }

    pub(super) fn try_write(&self, area: &[u8], packets: &[Span]) -> Written {
        let egress = self.0.egress.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let taken = egress.map_or(0, |egress| egress.deliver(area, packets)).min(packets.len());
        Written { packets: taken as u64, dropped: packets.len().saturating_sub(taken) as u64 }
    }
}

impl Drop for PacketTun {
    fn drop(&mut self) {
        self.0.inbox.close();
    }
}

/// The host's side. When it is dropped, what waits is still read, and nothing follows.
pub struct PacketEnd(Arc<Shared>);

impl std::fmt::Debug for PacketEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PacketEnd")
    }
}

impl PacketEnd {
    /// Who takes the tunnel's packets from now on; `None`: they are dropped and counted. When this returns, the one
    /// before is called no more, unless it is being called by another thread this very moment.
    pub fn set_egress(&self, egress: Option<Arc<dyn Egress>>) {
        *self.0.egress.lock().unwrap_or_else(PoisonError::into_inner) = egress;
    }

    /// Gives packets to the tunnel, in order. Those for which there is no room, or that are longer than the device's MTU,
    /// are dropped, as by any full queue. Gives how many were taken.
    ///
    /// # Errors
    /// `BrokenPipe` if the tunnel has closed the device.
    pub fn send<'a>(&self, packets: impl Iterator<Item = &'a [u8]>) -> io::Result<usize> {
        self.0.inbox.put_all(packets)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::sync::{Arc, Mutex};

    use super::{Egress, packet_device};
    use crate::Span;
    use crate::tun::{Coalescer, ReadBuffer, Tun, Written};

    #[derive(Default)]
    struct Two(Mutex<Vec<Vec<u8>>>);

    impl Egress for Two {
        fn deliver(&self, area: &[u8], packets: &[Span]) -> usize {
            let two = packets.iter().take(2);
            self.0.lock().unwrap().extend(two.map(|span| span.of(area).to_vec()));
            packets.len().min(2)
        }
    }

    #[test]
    fn batches_pass_both_ways_and_what_is_not_taken_is_counted() {
        let (tun, end) = packet_device(100, 3);
        let tun = Tun::packets(tun);
        let long = [1; 101];
        let batch: [&[u8]; 5] = [b"one", &long, b"two", b"three", b"four"];
        assert_eq!(end.send(batch.into_iter()).unwrap(), 3);
        let mut buffer = ReadBuffer::new();
        for expected in [b"one".as_slice(), b"two", b"three"] {
            let mut out = [0; 100];
            let len = tun.try_read(&mut buffer).unwrap().next_into(&mut out).unwrap();
            assert_eq!(&out[..len], expected);
        }
        assert_eq!(tun.try_read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);

        let spans = [Span::new(0..1), Span::new(1..3), Span::new(3..6)];
        let mut coalescer = Coalescer::default();
        assert_eq!(
            tun.try_write(&mut coalescer, b"abbccc", &spans).unwrap(),
            Written { packets: 0, dropped: 3 }
        );
        let egress = Arc::new(Two::default());
        end.set_egress(Some(Arc::clone(&egress) as Arc<dyn Egress>));
        assert_eq!(
            tun.try_write(&mut coalescer, b"abbccc", &spans).unwrap(),
            Written { packets: 2, dropped: 1 }
        );
        assert_eq!(*egress.0.lock().unwrap(), [b"a".to_vec(), b"bb".to_vec()]);
        drop(tun);
        assert_eq!(end.send([b"x".as_slice()].into_iter()).unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
