//! When an unanswered request is sent again (RFC 7296 2.1, 2.4).

use std::time::Duration;

/// Retransmission with exponential back-off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetransmitPolicy {
    /// Time from the first transmission to the second.
    pub initial: Duration,
    /// Each further interval is this many tenths of the one before; below 10 counts as 10.
    pub factor_tenths: u32,
    /// No interval is longer.
    pub max_interval: Duration,
    /// How often a request is sent in all, the first time included; 0 counts as 1.
    pub transmissions: u32,
}

impl Default for RetransmitPolicy {
    /// 2 s, then 1.8 times as long, at most 30 s; six transmissions: a peer is gone after about 75 s.
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(2),
            factor_tenths: 18,
            max_interval: Duration::from_secs(30),
            transmissions: 6,
        }
    }
}

impl RetransmitPolicy {
    /// How long to wait for an answer after the `transmission`-th transmission, counted from 1.
    #[must_use]
    pub fn interval(&self, transmission: u32) -> Duration {
        let mut interval = self.initial.min(self.max_interval);
        for _ in 1..transmission {
            if interval >= self.max_interval {
                return self.max_interval;
            }
            interval = interval.saturating_mul(self.factor_tenths.max(10)) / 10;
            interval = interval.min(self.max_interval);
        }
        interval
    }

    /// Time from the first transmission until the request is given up.
    #[must_use]
    pub fn total(&self) -> Duration {
        (1..=self.transmissions.max(1))
            .map(|transmission| self.interval(transmission))
            .fold(Duration::ZERO, Duration::saturating_add)
    }
}
