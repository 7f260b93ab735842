//! What tests need and products do not: a simulated network with one clock, seeded randomness, checks of
//! what goes over the wire.
//!
//! Owns [`network`] (delay, loss, duplication, reordering, MTU, NAT between addresses), [`simulation`] (the
//! clock that jumps to the next deadline, and endpoints plugged into the network), [`seed`] (one printed
//! seed makes a run repeatable), [`wire`] (invariants over datagrams) and [`ledger`] (no packet twice).
//! Leaves out every protocol: an endpoint is whatever implements [`simulation::Endpoint`].
//!
//! Nothing here may be a dependency of a product, only a dev-dependency: it panics to fail a test.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test support: a broken expectation has to fail the test"
)]

pub mod ledger;
pub mod network;
pub mod seed;
pub mod simulation;
pub mod wire;

pub use network::{Conditions, Datagram, Direction, Network, NodeId};
pub use seed::{Prng, Seed, SeededRandom, for_each_seed};
pub use simulation::{Endpoint, Nodes, Pair, Simulation, Star};
