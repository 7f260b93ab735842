//! Exchanges: getting messages of one IKE SA across, authentic, once and in order.
//!
//! Owns: Message IDs, retransmission, stored replies ([`Window`]); the Encrypted payload and its fragments
//! ([`Sealer`], [`Opener`], [`Reassembly`]); and the three together for an SA that has keys ([`Channel`]).
//! Leaves out: what the messages say.
//!
//! RFC 7296 2.1 to 2.4, 3.14; RFC 5282; RFC 7383.

mod channel;
mod protect;
mod reassembly;
mod retransmit;
mod window;

pub use channel::{Channel, Dropped, Received, SendError};
pub use protect::{FragmentNumber, OpenError, Opened, Opener, SealError, Sealer};
pub use reassembly::{FragmentRefusal, MAX_FRAGMENTS, Progress, Reassembly};
pub use retransmit::RetransmitPolicy;
pub use window::{Fingerprint, Incoming, LAST_MESSAGE_ID, OnTimeout, Unexpected, Window, WindowError};

#[cfg(test)]
mod tests;
