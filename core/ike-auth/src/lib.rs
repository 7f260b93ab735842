//! Authentication half of `adit-ike`, developed apart; see `adit-ike`.

#![forbid(unsafe_code)]

pub mod auth;
pub mod certificate;
pub mod eap;
pub mod identity;
