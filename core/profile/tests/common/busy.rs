//! How long a thread was busy: what else the machine does makes no bound on time fail.

#![allow(clippy::disallowed_methods, reason = "the time of hostile files is measured")]

use std::time::{Duration, Instant};

/// Since when.
pub struct Busy {
    on_processor: Option<Duration>,
    start: Instant,
}

impl Busy {
    pub fn start() -> Self {
        Self { on_processor: on_processor(), start: Instant::now() }
    }

    /// The time that this thread had a processor since then; where the system does not tell, the time that went by.
    pub fn elapsed(&self) -> Duration {
        match (self.on_processor, on_processor()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.start.elapsed(),
        }
    }
}

/// The first number of Linux's `schedstat` are the nanoseconds that the thread ran.
fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
