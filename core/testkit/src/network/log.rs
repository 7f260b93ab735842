//! What happened to datagrams, for failure messages and counters.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::Direction;

/// What became of a datagram.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Fate {
    /// Put on its way.
    Sent,
    /// A second copy was put on its way.
    Duplicated,
    /// Reached its node.
    Delivered,
    /// Lost at random.
    Lost,
    /// Dropped because the test asked for it.
    DroppedOnRequest,
    /// Larger than the path's MTU.
    TooBig,
    /// More on the way than the path's queue holds.
    QueueFull,
    /// The sender does not hold the source address (any more).
    NoSource,
    /// Nobody holds the destination address.
    NoRoute,
    /// The NAT has no mapping that lets it in.
    NatFiltered,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// When.
    pub at: Duration,
    /// Between which nodes, where both are known.
    pub direction: Option<Direction>,
    /// Source as the receiver sees it.
    pub from: SocketAddr,
    /// Destination as the sender wrote it, or after the NAT for a delivery.
    pub to: SocketAddr,
    /// UDP payload in bytes.
    pub len: usize,
    /// The first bytes of the payload.
    pub head: [u8; 8],
    /// What became of it.
    pub fate: Fate,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, from, to, len, fate, .. } = self;
        write!(f, "{:>11.6}s {from} -> {to} {len:>5} bytes ", at.as_secs_f64())?;
        for byte in self.head.iter().take(*len) {
            write!(f, "{byte:02x}")?;
        }
        write!(f, " {fate:?}")
    }
}

/// How many datagrams met each fate.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts([u64; 10]);

impl Counts {
    /// Datagrams with this fate.
    #[must_use]
    pub const fn of(&self, fate: Fate) -> u64 {
        self.0[fate as usize]
    }

    /// Datagrams that did not arrive, for whatever reason.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        [
            Fate::Lost,
            Fate::DroppedOnRequest,
            Fate::TooBig,
            Fate::QueueFull,
            Fate::NoSource,
            Fate::NoRoute,
            Fate::NatFiltered,
        ]
        .iter()
        .map(|fate| self.of(*fate))
        .sum()
    }
}

/// The last records, and counters over all.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub records: VecDeque<Record>,
    pub counts: Counts,
}

/// Records kept.
const KEPT: usize = 256;

impl Log {
    pub fn push(&mut self, record: Record) {
        self.counts.0[record.fate as usize] += 1;
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }
}
