//! What passed through a tunnel, and what did not.

use adit_esp::{DiscardCounters, Traffic};

/// Counters of a tunnel since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stats {
    /// Inner packets and bytes sealed.
    pub sent: Traffic,
    /// Inner packets and bytes opened and delivered.
    pub received: Traffic,
    /// Inner packets not sealed: no Child SA, outside the selectors, too big.
    pub not_sent: u64,
    /// ESP packets dropped, by cause.
    pub esp_discards: DiscardCounters,
    /// IKE messages dropped.
    pub ike_discards: u64,
}
