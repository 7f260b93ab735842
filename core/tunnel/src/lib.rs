//! One peer's tunnel, sans-I/O.
//!
//! Owns: telling IKE from ESP, the ESP SAs that IKE agrees on and when each is used ([`Tunnel`]), what a host has
//! to set up for it ([`NetworkSettings`], by the rule of [`Inclusion`]), the configuration a profile leads to ([`TunnelConfig`]), and the
//! interface through which a driver moves packets for a tunnel or for a gateway of many ([`Engine`]).
//!
//! Leaves out: sockets, TUN devices and clocks (`adit-driver`), the address pool of a responder (`adit-gateway`).
//!
//! Implements RFC 3948 2 (demultiplexing) and, of RFC 7296 2.8, which of two Child SAs carries traffic.

#![forbid(unsafe_code)]

mod child_sas;
mod config;
mod engine;
mod event;
mod families;
pub mod plan;
mod prefix;
mod settings;
mod stats;
mod tunnel;

pub use config::TunnelConfig;
pub use engine::{Engine, Input, NotSent};
pub use event::Event;
pub use families::Inclusion;
pub use prefix::{IpPrefix, LINK_LOCAL, PRIVATE, PrefixError};
pub use settings::{NetworkSettings, RouteOptions};
pub use stats::Stats;
pub use tunnel::Tunnel;
