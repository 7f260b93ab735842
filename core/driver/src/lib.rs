//! The engine's only crate that touches the outside: clock, sockets, TUN devices, host configuration.
//!
//! Owns what a platform must give a tunnel: time that counts suspend ([`clock`]), UDP sockets that move
//! datagrams in batches ([`udp`]), TUN devices that move packets in batches ([`tun`]), addresses, routes
//! and DNS of the host with an undo that survives SIGKILL ([`net`]), host names ([`resolve`]), the
//! system's trust anchors ([`trust`]) and secrets typed or kept in a file ([`terminal`]); the loop that joins
//! them to a protocol engine ([`pump`]), and a client that stays connected ([`client`]).
//!
//! Leaves out every protocol: IKE, ESP and profiles live in crates without I/O. Everything here runs on
//! tokio; no call allocates per packet. `unsafe` is confined to the modules under `sys`, which wrap single
//! system calls.

pub mod client;
pub mod clock;
pub mod net;
pub mod pump;
pub mod resolve;
mod span;
mod sys;
pub mod terminal;
pub mod trust;
pub mod tun;
pub mod udp;

pub use span::Span;
