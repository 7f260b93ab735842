//! What a tunnel tells its host.

use std::time::Duration;

use adit_ike::{CloseReason, Established};

use crate::NetworkSettings;

/// What the host must do or may want to know, in order.
#[derive(Debug)]
pub enum Event {
    /// The tunnel is up: apply these settings, then hand over packets.
    Up {
        /// Addresses, routes and name servers.
        settings: Box<NetworkSettings>,
        /// What was negotiated.
        established: Box<Established>,
    },
    /// A Child SA is agreed, in words. `rekeyed` if it takes the place of another.
    Child {
        /// Its algorithms.
        suite: String,
        /// The inbound and outbound SPI.
        spis: (u32, u32),
        /// It takes the place of another.
        rekeyed: bool,
    },
    /// No Child SA is left. A new one is being asked for, if we are the initiator.
    ChildLost,
    /// Nothing went through for as long as [`crate::TunnelConfig::idle`] says: the tunnel ends now, with a word to the peer.
    Idle {
        /// For how long nothing did, as configured.
        after: Duration,
    },
    /// Anything else of IKE: exchanges, messages, rekeys, warnings, questions.
    Ike(adit_ike::Event),
    /// The tunnel is over; nothing follows.
    Closed(CloseReason),
}
