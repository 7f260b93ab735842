//! Deadlines: why a session wants to be woken, and the soonest of them.

use crate::time::Instant;

/// Why the host should call `handle_timeout`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wake {
    /// Output is waiting already.
    QueuedOutput,
    /// A request must be sent again, or given up.
    Retransmit,
    /// A half-open session, an unanswered question or an unprotected error has waited long enough.
    Patience,
    /// An SA is due for a rekey.
    Rekey,
    /// An SA ends.
    Expiry,
    /// The peer is asked for a sign of life.
    Liveness,
    /// A NAT mapping must be kept open.
    Keepalive,
    /// Nothing went through a tunnel for so long that it ends (`adit-tunnel`).
    Idle,
}

/// A point in time with its reason.
pub(crate) type Deadline = (Instant, Wake);

/// Finds the soonest of several deadlines.
pub(crate) struct Soonest(Option<Deadline>);

impl Soonest {
    pub const fn new() -> Self {
        Self(None)
    }

    /// Takes `at` if it is sooner than all before.
    pub fn consider(&mut self, at: Option<Instant>, wake: Wake) {
        if let Some(at) = at
            && self.0.is_none_or(|(soonest, _)| at < soonest)
        {
            self.0 = Some((at, wake));
        }
    }

    pub const fn get(self) -> Option<Deadline> {
        self.0
    }
}
