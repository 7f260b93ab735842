//! Choosing algorithms (RFC 7296 2.7, 3.3; RFC 5282 8).
//!
//! Owns: configured proposals, what they look like on the wire, the responder's choice, the initiator's check
//! of the answer, and the explanation when there is nothing in common. Leaves out: the codec of the SA payload
//! (`wire`), which algorithms a profile asks for.

mod accept;
mod configured;
mod mismatch;
mod names;
mod select;
mod suite;

pub use accept::{accept_esp, accept_ike};
pub use configured::{EspProposal, IkeProposal, esp_groups, ike_groups, offer_esp, offer_ike};
pub use mismatch::{Mismatch, MismatchReason};
pub use names::{describe_esp, describe_ike, describe_proposal, describe_transform};
pub use select::{Selected, select_esp, select_ike};
pub use suite::{EspSuite, IkeSuite};

#[cfg(test)]
mod tests;
