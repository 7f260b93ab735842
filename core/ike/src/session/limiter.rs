//! A token bucket, so that a peer cannot make us rekey in a tight loop.

use std::time::Duration;

use crate::time::Instant;

/// Allows bursts of `CAPACITY` and one more per `REFILL`.
#[derive(Debug)]
pub(crate) struct Limiter {
    /// When the bucket would be full, had nothing been taken.
    full_at: Instant,
}

const CAPACITY: u32 = 16;
const REFILL: Duration = Duration::from_millis(500);

impl Limiter {
    pub fn new(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + REFILL;
        let allowed = full_at.saturating_since(now) <= REFILL * CAPACITY;
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
    fn a_burst_is_allowed_then_one_per_refill() {
        let mut now = Instant::EPOCH;
        let mut limiter = Limiter::new(now);
        assert_eq!((0..100).filter(|_| limiter.take(now)).count(), 16);
        now = now + REFILL;
        assert!(limiter.take(now));
        assert!(!limiter.take(now));
        now = now + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| limiter.take(now)).count(), 16);
    }
}
