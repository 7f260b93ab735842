//! The manager's time: the system's, or one that an app's tests move.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adit_driver::clock::Clock;
use adit_ike::time::Instant;
use serde::Deserialize;

/// Which clock, in the options.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ClockForm {
    /// The system's, which counts sleep.
    #[default]
    System,
    /// One that stands still until it is moved; Unix time in seconds at its start.
    Manual(u64),
}

/// The clock.
pub(super) enum Time {
    System(Clock),
    /// Milliseconds since its start.
    Manual(AtomicU64),
}

impl Time {
    /// A clock, and Unix time in seconds at its epoch.
    pub(super) fn new(form: ClockForm) -> (Self, u64) {
        match form {
            ClockForm::Manual(unix) => (Self::Manual(AtomicU64::new(0)), unix),
            ClockForm::System => {
                let clock = Clock::new();
                let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |unix| unix.as_secs());
                (Self::System(clock), unix.saturating_sub(clock.now().as_secs()))
            }
        }
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_epoch(match self {
            Self::System(clock) => clock.now(),
            Self::Manual(passed) => Duration::from_millis(passed.load(Ordering::Relaxed)),
        })
    }

    /// Lets time pass; false for the system's clock.
    pub(super) fn advance(&self, milliseconds: u64) -> bool {
        let Self::Manual(passed) = self else { return false };
        let add = |before: u64| Some(before.saturating_add(milliseconds));
        passed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }
}
