//! A token bucket for answers to datagrams that prove nothing.

use std::time::Duration;

use adit_ike::time::Instant;

/// Allows a burst, then one answer per interval.
#[derive(Debug)]
pub(super) struct Limiter {
    interval: Duration,
    burst: u32,
    /// When the bucket is full again.
    full_at: Instant,
}

impl Limiter {
    pub const fn new(now: Instant, interval: Duration, burst: u32) -> Self {
        Self { interval, burst, full_at: now }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + self.interval;
        let allowed = full_at.saturating_since(now) <= self.interval.saturating_mul(self.burst);
        if allowed {
            self.full_at = full_at;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_per_interval() {
        let mut now = Instant::EPOCH;
        let mut limiter = Limiter::new(now, Duration::from_millis(100), 5);
        assert_eq!((0..50).filter(|_| limiter.take(now)).count(), 5);
        now = now + Duration::from_millis(200);
        assert_eq!((0..50).filter(|_| limiter.take(now)).count(), 2);
        now = now + Duration::from_secs(3600);
        assert_eq!((0..50).filter(|_| limiter.take(now)).count(), 5);
    }
}
