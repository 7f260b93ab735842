//! The ESP SAs of one peer: which opens, which seals, which lingers.
//!
//! An SA opens from the moment IKE agrees on it until a few seconds after its end; at most one seals each
//! packet: the pair used last that carries it.

use std::net::IpAddr;
use std::ops::Range;

use adit_esp::{
    Discard, DiscardCounters, InboundSa, OutboundSa, SaError, SaParams, Sad, SealError, SegmentBuf,
    Selectors, Traffic, TrafficSelector,
};
use adit_ike::ChildId;
use adit_ike::time::Instant;

/// Sequence numbers left at which a successor is asked for: at 10 Gbit/s there is a minute to make it.
const REKEY_AT: u64 = 1 << 26;

/// The SAs.
#[derive(Debug, Default)]
pub(crate) struct ChildSas {
    inbound: Sad,
    /// Which pair an inbound SPI belongs to, and when it stops if it is on its way out.
    pairs: Vec<Pair>,
    /// Sealing ones first, the one used last in front.
    outbound: Vec<Outbound>,
    /// The sealing ones carry different traffic, so that a packet has to be looked at.
    differ: bool,
    /// What SAs counted that are gone.
    past_sent: Traffic,
    past_received: Traffic,
}

#[derive(Debug)]
struct Pair {
    id: ChildId,
    spi: u32,
    until: Option<Instant>,
}

#[derive(Debug)]
struct Outbound {
    id: ChildId,
    sa: OutboundSa,
    sealing: bool,
    rekey_asked: bool,
}

/// An opened packet.
pub(crate) struct Opened {
    pub child: ChildId,
    pub range: Range<usize>,
    /// It has the highest sequence number so far: it shows where the peer is now.
    pub newest: bool,
    /// We do not seal with this pair yet.
    pub unconfirmed: bool,
}

impl ChildSas {
    /// Opens packets of a pair from now on.
    pub fn install(&mut self, id: ChildId, inbound: &SaParams, outbound: &SaParams) -> Result<(), SaError> {
        let (opening, sealing) = (InboundSa::new(inbound)?, OutboundSa::new(outbound)?);
        // The session chose an SPI that none of its Child SAs has; one that lingers here may have it.
        self.drop_inbound(|pair| pair.spi == inbound.spi);
        let _ = self.inbound.insert(opening);
        self.pairs.push(Pair { id, spi: inbound.spi, until: None });
        self.outbound.push(Outbound { id, sa: sealing, sealing: false, rekey_asked: false });
        Ok(())
    }

    /// Seals with this pair from now on.
    pub fn use_outbound(&mut self, id: ChildId) {
        if let Some(index) = self.outbound.iter().position(|pair| pair.id == id) {
            let mut pair = self.outbound.remove(index);
            pair.sealing = true;
            self.outbound.insert(0, pair);
            self.compare();
        }
    }

    /// Stops sealing with this pair, and opening at `until`. True if no pair is left that seals.
    pub fn remove(&mut self, id: ChildId, until: Instant) -> bool {
        if let Some(index) = self.outbound.iter().position(|pair| pair.id == id) {
            let pair = self.outbound.remove(index);
            add(&mut self.past_sent, pair.sa.traffic());
            self.compare();
        }
        for pair in self.pairs.iter_mut().filter(|pair| pair.id == id) {
            pair.until = Some(until);
        }
        !self.outbound.iter().any(|pair| pair.sealing)
    }

    /// Drops inbound SAs whose time is over.
    pub fn expire(&mut self, now: Instant) {
        self.drop_inbound(|pair| pair.until.is_some_and(|until| until <= now));
    }

    fn drop_inbound(&mut self, over: impl Fn(&Pair) -> bool) {
        let (inbound, past) = (&mut self.inbound, &mut self.past_received);
        self.pairs.retain(|pair| {
            let over = over(pair);
            if over && let Some(sa) = inbound.remove(pair.spi) {
                add(past, sa.traffic());
            }
            !over
        });
    }

    fn compare(&mut self) {
        let mut sealing =
            self.outbound.iter().take_while(|pair| pair.sealing).map(|pair| pair.sa.selectors());
        let first = sealing.next();
        self.differ = sealing.any(|other| Some(other) != first);
    }

    /// When [`Self::expire`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.pairs.iter().filter_map(|pair| pair.until).min()
    }

    /// Opens an ESP packet in place.
    #[inline]
    pub fn open(&mut self, datagram: &mut [u8]) -> Result<Opened, Discard> {
        let spi = datagram.first_chunk().map_or(0, |spi| u32::from_be_bytes(*spi));
        let before = self.inbound.get(spi).map_or(0, InboundSa::highest_sequence);
        let (spi, range) = self.inbound.open(datagram)?;
        let (child, lingers) = self
            .pairs
            .iter()
            .find(|pair| pair.spi == spi)
            .map_or((ChildId(0), true), |pair| (pair.id, pair.until.is_some()));
        // The last packet of an SA on its way out is older than those of its successor.
        let newest = !lingers && self.inbound.get(spi).is_some_and(|sa| sa.highest_sequence() > before);
        let unconfirmed = self.outbound.iter().any(|pair| pair.id == child && !pair.sealing);
        Ok(Opened { child, range, newest, unconfirmed })
    }

    /// Seals a packet to the end of `out` with the first pair that carries it. Gives the pair if it needs a
    /// successor.
    #[inline]
    pub fn seal<F: FnOnce(&mut [u8]) -> bool>(
        &mut self,
        head: &[u8],
        len: usize,
        fill: F,
        out: &mut SegmentBuf,
    ) -> Result<Option<ChildId>, Option<SealError>> {
        let index = if self.differ { self.choose(head) } else { 0 };
        let pair = self.outbound.get_mut(index).filter(|pair| pair.sealing).ok_or(None)?;
        pair.sa.seal_filled_into(len, out, fill).map_err(Some)?;
        if pair.sa.should_rekey(REKEY_AT) && !pair.rekey_asked {
            pair.rekey_asked = true;
            return Ok(Some(pair.id));
        }
        Ok(None)
    }

    /// The sealing pair for a packet that begins with `head`: one whose selectors permit it, or, since `head` may
    /// be no whole packet, one that has its addresses.
    fn choose(&self, head: &[u8]) -> usize {
        let sealing = || self.outbound.iter().take_while(|pair| pair.sealing).map(|pair| pair.sa.selectors());
        let fits = |selectors: &Selectors| {
            let (from, to) = addresses(head)?;
            let has =
                |side: &[TrafficSelector], address| side.iter().any(|one| one.contains_address(address));
            (has(selectors.local(), from) && has(selectors.remote(), to)).then_some(())
        };
        sealing()
            .position(|selectors| selectors.permit_outbound(head))
            .or_else(|| sealing().position(|selectors| fits(selectors).is_some()))
            .unwrap_or(0)
    }

    /// True if some pair seals.
    pub fn is_up(&self) -> bool {
        self.outbound.first().is_some_and(|pair| pair.sealing)
    }

    /// Packets and bytes sealed by all SAs, present and past.
    pub fn sent(&self) -> Traffic {
        let mut sum = self.past_sent;
        for pair in &self.outbound {
            add(&mut sum, pair.sa.traffic());
        }
        sum
    }

    /// Packets and bytes opened by all SAs, present and past.
    pub fn received(&self) -> Traffic {
        let mut sum = self.past_received;
        for sa in self.inbound.iter() {
            add(&mut sum, sa.traffic());
        }
        sum
    }

    /// Packets dropped.
    pub fn discards(&self) -> DiscardCounters {
        self.inbound.discards()
    }
}

/// Source and destination of an IP packet of which `head` holds the header.
fn addresses(head: &[u8]) -> Option<(IpAddr, IpAddr)> {
    let v4 = |at: usize| head.get(at..)?.first_chunk::<4>().map(|octets| IpAddr::from(*octets));
    let v6 = |at: usize| head.get(at..)?.first_chunk::<16>().map(|octets| IpAddr::from(*octets));
    match head.first()? >> 4 {
        4 => Some((v4(12)?, v4(16)?)),
        6 => Some((v6(8)?, v6(24)?)),
        _ => None,
    }
}

fn add(sum: &mut Traffic, more: Traffic) {
    sum.packets = sum.packets.saturating_add(more.packets);
    sum.bytes = sum.bytes.saturating_add(more.bytes);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use adit_crypto::{CipherSpec, Secret, default_provider};

    use super::*;

    const HOSTS: [&str; 2] = ["10.1.0.1", "10.2.0.1"];

    /// Parameters for traffic with one of [`HOSTS`]; the same keys both ways, so that a pair opens what it seals.
    fn params(spi: u32, host: usize) -> SaParams {
        let cipher = default_provider().cipher(CipherSpec::aes_gcm(128)).unwrap();
        let remote = TrafficSelector::from_prefix(HOSTS[host].parse().unwrap(), 32).unwrap();
        SaParams {
            spi,
            cipher,
            encr_key: Secret::new(vec![spi as u8; cipher.encr_key_len()]),
            integ_key: Secret::new(Vec::new()),
            esn: false,
            replay_window: 64,
            selectors: Selectors::new(vec![TrafficSelector::any_v4()], vec![remote]).unwrap(),
        }
    }

    fn install(sas: &mut ChildSas, id: u32, spi: u32, host: usize) {
        sas.install(ChildId(id), &params(spi, host), &params(spi, host)).unwrap();
        sas.use_outbound(ChildId(id));
    }

    fn packet(host: usize) -> Vec<u8> {
        let mut packet = vec![0; 60];
        packet[..4].copy_from_slice(&[0x45, 0, 0, 60]);
        packet[9] = 17;
        packet[12..16].copy_from_slice(&[10, 0, 0, 5]);
        packet[16..20].copy_from_slice(&HOSTS[host].parse::<std::net::Ipv4Addr>().unwrap().octets());
        packet
    }

    /// The SPI that `head` leads to, for the packet to `host`.
    fn spi(sas: &mut ChildSas, head: &[u8], host: usize) -> Result<u32, Option<SealError>> {
        let (inner, mut out) = (packet(host), SegmentBuf::new(1, 200));
        let fill = |room: &mut [u8]| {
            room.copy_from_slice(&inner);
            true
        };
        sas.seal(head, inner.len(), fill, &mut out)?;
        Ok(u32::from_be_bytes(*out.payload().first_chunk().unwrap()))
    }

    #[test]
    fn of_several_pairs_the_one_for_the_packets_addresses_seals() {
        let mut sas = ChildSas::default();
        install(&mut sas, 1, 1_001, 0);
        install(&mut sas, 2, 1_002, 1);
        assert!(sas.differ);
        for (host, expected) in [(0, 1_001), (1, 1_002)] {
            let whole = packet(host);
            assert_eq!(spi(&mut sas, &whole, host), Ok(expected));
            assert_eq!(spi(&mut sas, &whole[..20], host), Ok(expected), "only the header");
            assert_eq!(
                spi(&mut sas, &whole[..19], host).is_ok(),
                host == 1,
                "the pair used last, for want of more"
            );
        }
        assert_eq!(spi(&mut sas, &[], 1), Ok(1_002));
        assert!(!sas.remove(ChildId(2), Instant::EPOCH));
        assert_eq!((sas.differ, spi(&mut sas, &[], 0)), (false, Ok(1_001)));
        assert!(sas.remove(ChildId(1), Instant::EPOCH), "none is left");
        assert_eq!(spi(&mut sas, &packet(0), 0), Err(None));
    }

    #[test]
    fn of_two_alike_the_one_used_last_seals_unseen() {
        let mut sas = ChildSas::default();
        install(&mut sas, 1, 1_001, 0);
        install(&mut sas, 2, 1_002, 0);
        assert_eq!((sas.differ, spi(&mut sas, &[], 0)), (false, Ok(1_002)));
        sas.use_outbound(ChildId(1));
        assert_eq!(spi(&mut sas, &[], 0), Ok(1_001));
    }

    #[test]
    fn a_new_sa_takes_its_spi_from_one_that_lingers() {
        let mut sas = ChildSas::default();
        install(&mut sas, 1, 1_001, 0);
        let until = Instant::from_epoch(Duration::from_secs(5));
        sas.remove(ChildId(1), until);
        install(&mut sas, 2, 1_001, 0);
        assert_eq!(sas.deadline(), None, "nothing lingers any more");
        sas.expire(until);
        // The peer's packet, sealed with the new keys.
        let mut out = SegmentBuf::new(1, 200);
        let mut theirs = params(1_001, 0);
        theirs.selectors = Selectors::any();
        let mut inner = packet(0);
        inner.copy_within(12..16, 40);
        inner.copy_within(16..20, 12);
        inner.copy_within(40..44, 16);
        OutboundSa::new(&theirs).unwrap().seal_into(&inner, &mut out).unwrap();
        let opened = sas.open(&mut out.payload().to_vec()).unwrap();
        assert_eq!((opened.child, opened.newest), (ChildId(2), true));
    }
}
