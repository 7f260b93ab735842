//! Many clients behind one engine interface.
//!
//! Owns [`Gateway`]: which datagram is whose, who may begin a handshake, who gets which inner address, where an
//! inner packet goes, and the events an operator reads. Leaves out IKE and ESP of one client (`adit-tunnel`),
//! sockets, and forwarding between clients or to other networks: that is the host's routing.
//!
//! Implements of RFC 7296: 2.4 (INITIAL_CONTACT), 2.5 (versions), 2.6 (cookies and a bound on half-open SAs),
//! 2.21.4 by never answering unknown SPIs; of RFC 3948 2 the demultiplexing.
//!
//! A host drives it like any [`adit_tunnel::Engine`] and takes [`Gateway::poll_event`] until it is empty.

mod admission;
mod event;
mod gateway;
mod incoming;
mod last_words;
mod leases;
mod lifecycle;
mod limiter;
mod responder;
mod settings;
mod stats;
mod table;

pub use event::{ClientId, ClientInfo, DownReason, Event};
pub use gateway::Gateway;
pub use responder::{GatewayError, responder_config};
pub use settings::GatewaySettings;
pub use stats::GatewayStats;
