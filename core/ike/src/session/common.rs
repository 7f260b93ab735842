//! What an established session keeps of its configuration, the same for both roles.

use crate::config::Config;
use crate::identity::Identity;
use crate::time::Instant;

/// Settings that outlive the handshake.
#[derive(Debug)]
pub(crate) struct Common {
    pub config: Config,
    /// We are the initiator of the session: a Child SA that the peer deletes is asked for again.
    pub initiator: bool,
    /// Who we said we are.
    pub local_id: Identity,
    /// How we proved it, in words.
    pub method: &'static str,
}

impl Common {
    /// Unix time, in seconds.
    pub fn unix_now(&self, now: Instant) -> u64 {
        self.config.unix_epoch.saturating_add(now.since_epoch().as_secs())
    }
}
