//! strongSwan and our own client as clients of `adit gateway`: a shared secret, certificates, user and password, rekeys
//! from both sides, a NAT that forgets; a host behind the gateway; the gateway as a process, with root and without.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends at the first thing that does not work"
)]

mod authentication;
mod endings;
mod first_start;
mod forwarding;
mod support;
mod unprivileged;
