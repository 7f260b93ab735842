//! IKEv2 (RFC 7296), both roles, sans-I/O.
//!
//! Owns: wire formats (`wire`), message exchange (`exchange`), keys (`keys`), the choice of algorithms
//! (`proposal`), identities and certificates (`identity`, `certificate`), proofs (`auth`, `eap`) and the
//! session that puts them together ([`Session`]: `phase`, `task`, `respond`, `collision`), and the question what a server
//! takes ([`probe`]); with the cargo feature
//! `keylog` keys for a packet analyser. Leaves out: ESP
//! (`adit-esp`), profiles, sockets, clocks, the address pool of a responder.
//!
//! Implements RFC 7296, RFC 7383 (fragmentation), RFC 7427 and RFC 8420 (signatures), RFC 4754 (ECDSA), RFC 5282
//! (AEAD), RFC 8598 2 (INTERNAL_DNS_DOMAIN), RFC 4555 (MOBIKE; of the further addresses of a peer only a list is kept),
//! RFC 3948 2 as far as IKE goes. Not implemented: redirect, PPK,
//! IKE_INTERMEDIATE, EAP methods other than MSCHAPv2, transport mode, IPComp.
//!
//! A host drives a [`Session`] so: give it what arrived ([`Session::handle_message`]) or what is due
//! ([`Session::handle_timeout`]), then take everything from [`Session::poll_transmit`] and
//! [`Session::poll_event`], then sleep until [`Session::poll_timeout`].

#![forbid(unsafe_code)]

pub mod auth;
pub mod certificate;
mod collision;
pub mod config;
mod cookie;
pub mod describe;
mod discard;
pub mod eap;
mod event;
pub mod exchange;
mod failure;
pub mod identity;
#[cfg(feature = "keylog")]
pub mod keylog;
pub mod keys;
mod phase;
pub mod probe;
pub mod proposal;
mod respond;
mod session;
mod task;
pub mod time;
mod timers;
pub mod wire;

#[cfg(test)]
extern crate self as adit_ike;
#[cfg(test)]
mod test_support;

pub use cookie::CookieJar;
pub use discard::Discard;
pub use event::{
    Answer, AssignedConfig, ChainRequest, ChildEvent, ChildId, CloseReason, Command, Established, Event,
    ExchangeRecord, LeaseRequest, MessageRecord, NetworkChange, Observed, PasswordRequest, Path, Question,
    SignRequest, Token, Transmit,
};
pub use failure::{AuthFailure, Failure, Stage};
pub use phase::serve_auth::{Refused, RefusedCause};
pub use session::Session;
pub use timers::Wake;
