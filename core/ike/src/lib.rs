//! IKEv2 (RFC 7296), both roles, sans-I/O.

#![forbid(unsafe_code)]

pub mod describe;
pub mod exchange;
pub mod keys;
pub mod proposal;
pub mod time;
pub mod wire;

#[cfg(test)]
mod test_support;
