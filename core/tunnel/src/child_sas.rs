//! The ESP SAs of one peer: which opens, which seals, which lingers.
//!
//! An SA opens from the moment IKE agrees on it until a few seconds after its end; at most one seals each
//! packet: the pair used last that carries it.

use std::ops::Range;

use adit_esp::{
    Discard, DiscardCounters, InboundSa, OutboundSa, SaError, SaParams, Sad, SealError, SegmentBuf, Traffic,
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
        // The SPI is fresh: the session chose it among those it has.
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
        }
    }

    /// Stops sealing with this pair, and opening at `until`. True if no pair is left that seals.
    pub fn remove(&mut self, id: ChildId, until: Instant) -> bool {
        if let Some(index) = self.outbound.iter().position(|pair| pair.id == id) {
            let pair = self.outbound.remove(index);
            add(&mut self.past_sent, pair.sa.traffic());
        }
        for pair in self.pairs.iter_mut().filter(|pair| pair.id == id) {
            pair.until = Some(until);
        }
        !self.outbound.iter().any(|pair| pair.sealing)
    }

    /// Drops inbound SAs whose time is over.
    pub fn expire(&mut self, now: Instant) {
        let (inbound, past) = (&mut self.inbound, &mut self.past_received);
        self.pairs.retain(|pair| {
            let stays = pair.until.is_none_or(|until| until > now);
            if !stays && let Some(sa) = inbound.remove(pair.spi) {
                add(past, sa.traffic());
            }
            stays
        });
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
        let newest = self.inbound.get(spi).is_some_and(|sa| sa.highest_sequence() > before);
        let child = self.pairs.iter().find(|pair| pair.spi == spi).map_or(ChildId(0), |pair| pair.id);
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
        let several = self.outbound.get(1).is_some_and(|second| second.sealing);
        let pair = self
            .outbound
            .iter_mut()
            .take_while(|pair| pair.sealing)
            .find(|pair| !several || pair.sa.selectors().permit_outbound(head))
            .ok_or(None)?;
        pair.sa.seal_filled_into(len, out, fill).map_err(Some)?;
        if pair.sa.should_rekey(REKEY_AT) && !pair.rekey_asked {
            pair.rekey_asked = true;
            return Ok(Some(pair.id));
        }
        Ok(None)
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

fn add(sum: &mut Traffic, more: Traffic) {
    sum.packets = sum.packets.saturating_add(more.packets);
    sum.bytes = sum.bytes.saturating_add(more.bytes);
}
