//! A small IKEv2 responder for many clients: what the demo, the tests and developers' laptops run.
//!
//! Owns: the gateway itself, many clients behind one engine interface ([`Gateway`], [`peers`]), its configuration
//! ([`config`]), the addresses it hands out ([`pool`]), the userspace network behind a gateway without root
//! ([`stack`]) and the files a first start needs ([`init`]).
//! Leaves out: IKE itself (`adit-ike`), ESP (`adit-esp`), one client's tunnel (`adit-tunnel`), sockets, files and
//! clocks (`adit-driver`, the command line). Nothing here does I/O; time, randomness and files' contents come in as arguments.

#![forbid(unsafe_code)]

pub mod config;
pub mod init;
pub mod peers;
pub mod pool;
pub mod stack;

pub use peers::{Gateway, GatewaySettings};
