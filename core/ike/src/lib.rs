//! IKEv2 (RFC 7296), both roles, sans-I/O.

#![forbid(unsafe_code)]

pub mod exchange;
pub mod keys;
pub mod proposal;
pub mod time;
pub mod wire;
