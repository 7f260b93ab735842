//! The inbound half of the security association database (RFC 4301 4.4.2).
//!
//! Owns [`Sad`]: finding the SA of an ESP packet by its SPI, and the counters of packets that have none.
//! Leaves out outbound SAs, which their owner holds, and how long an old SA is kept after a rekey: the
//! tunnel removes it when its grace period is over.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::params::LAST_RESERVED_SPI;
use crate::{Discard, DiscardCounters, InboundSa};

/// Why an SA was not added. It is given back to nobody: its keys are wiped.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SadError {
    /// There is an SA with this SPI.
    #[error("an inbound SA with SPI {0:08x} exists already")]
    Duplicate(u32),
}

/// Inbound SAs by SPI. Iterates in SPI order.
#[derive(Debug, Default)]
pub struct Sad {
    sas: BTreeMap<u32, Box<InboundSa>>,
    /// Of packets without an SA, and of SAs that are gone.
    discards: DiscardCounters,
}

impl Sad {
    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an SA. That its SPI is none of the reserved ones, [`InboundSa::new`] has seen to.
    ///
    /// # Errors
    /// [`SadError::Duplicate`]; the SA that was there stays.
    pub fn insert(&mut self, sa: InboundSa) -> Result<(), SadError> {
        let spi = sa.spi();
        if self.sas.contains_key(&spi) {
            return Err(SadError::Duplicate(spi));
        }
        self.sas.insert(spi, Box::new(sa));
        Ok(())
    }

    /// Takes an SA out. What it dropped stays in [`Self::discards`].
    pub fn remove(&mut self, spi: u32) -> Option<InboundSa> {
        let sa = self.sas.remove(&spi)?;
        self.discards.merge(sa.discards());
        Some(*sa)
    }

    /// The SA with this SPI.
    #[must_use]
    pub fn get(&self, spi: u32) -> Option<&InboundSa> {
        self.sas.get(&spi).map(Box::as_ref)
    }

    /// The SA with this SPI.
    #[inline]
    pub fn get_mut(&mut self, spi: u32) -> Option<&mut InboundSa> {
        self.sas.get_mut(&spi).map(Box::as_mut)
    }

    /// True if this SPI can be given to a new inbound SA: neither reserved nor in use.
    #[must_use]
    pub fn is_free(&self, spi: u32) -> bool {
        spi > LAST_RESERVED_SPI && !self.sas.contains_key(&spi)
    }

    /// Number of SAs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sas.len()
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sas.is_empty()
    }

    /// All SAs, by rising SPI.
    pub fn iter(&self) -> impl Iterator<Item = &InboundSa> + '_ {
        self.sas.values().map(Box::as_ref)
    }

    /// Finds the SA of the ESP packet in `datagram` and opens it, as [`InboundSa::open`] does. Gives the
    /// SPI and where the inner packet is.
    ///
    /// # Errors
    /// [`Discard`] with the cause, counted here if there is no SA to count it. Send no answer: an
    /// INVALID_SPI notify outside an SA tells the peer nothing it may act on (RFC 7296 2.21.4).
    #[inline]
    pub fn open(&mut self, datagram: &mut [u8]) -> Result<(u32, Range<usize>), Discard> {
        let cause = match datagram.first_chunk() {
            None => Discard::TooShort,
            Some(spi) => {
                let spi = u32::from_be_bytes(*spi);
                match self.get_mut(spi) {
                    Some(sa) => return sa.open(datagram).map(|range| (spi, range)),
                    None if spi <= LAST_RESERVED_SPI => Discard::ReservedSpi,
                    None => Discard::UnknownSpi,
                }
            }
        };
        self.discards.count(cause);
        Err(cause)
    }

    /// Packets dropped by all SAs, present and past, and those that had none.
    #[must_use]
    pub fn discards(&self) -> DiscardCounters {
        let mut sum = self.discards;
        for sa in self.sas.values() {
            sum.merge(sa.discards());
        }
        sum
    }
}
