//! What a direction between two nodes does to datagrams.

use std::time::Duration;

/// Faults and delays of one direction. The default is a perfect network with a little delay.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// Time on the way.
    pub delay: Duration,
    /// Added to it at random, from zero to this. Reorders datagrams sent closer together than this.
    pub jitter: Duration,
    /// Probability that a datagram is lost, 0 to 1.
    pub loss: f64,
    /// Probability that a second copy arrives, with a delay of its own.
    pub duplicate: f64,
    /// Probability that a datagram is held back by `reorder_by`.
    pub reorder: f64,
    /// How long such a datagram is held back.
    pub reorder_by: Duration,
    /// Greatest IP packet in bytes (UDP payload plus 28 bytes over IPv4, 48 over IPv6); larger ones vanish,
    /// as on paths that drop fragments. `None`: no limit.
    pub mtu: Option<usize>,
    /// Bytes a second that the path carries, IP and UDP headers included. `None`: no limit.
    pub rate: Option<u64>,
    /// Datagrams on the way at the same time; more are dropped at the end of the queue.
    pub queue: usize,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            loss: 0.0,
            duplicate: 0.0,
            reorder: 0.0,
            reorder_by: Duration::from_millis(25),
            mtu: None,
            rate: None,
            queue: 65_536,
        }
    }
}

impl Conditions {
    /// A perfect path with this delay.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }

    /// A bad path: `loss` (0 to 0.3 is what the engine is tested for), with jitter of twice the delay, a
    /// tenth duplicated and a tenth reordered.
    #[must_use]
    pub fn rough(loss: f64) -> Self {
        Self { loss, jitter: Duration::from_millis(20), duplicate: 0.1, reorder: 0.1, ..Self::default() }
    }
}
