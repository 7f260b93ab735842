//! ESP in userspace: tunnel mode, IPv4 and IPv6 inside, in UDP (RFC 3948), sealed and opened in place.
//!
//! Owns: packet buffers ([`PacketBuf`], [`PacketPool`], [`SegmentBuf`]), the two directions of a security
//! association ([`OutboundSa`], [`InboundSa`]), sequence numbers and anti-replay, traffic selectors
//! ([`TrafficSelector`], which IKE uses too), the table of inbound SAs ([`Sad`]) and telling ESP from IKE
//! on port 4500 ([`demux`]).
//!
//! Leaves out: key exchange (`adit-ike`), when to rekey and how long an old SA lingers (`adit-tunnel`),
//! sockets and TUN (`adit-driver`). Transport mode, AH and raw IP protocol 50 are not built. Copying
//! congestion marks on decapsulation (RFC 6040) needs the outer header's traffic class, which UDP sockets
//! do not hand over portably: the inner packet keeps its own mark.
//!
//! Implements RFC 4303 (ESP, with extended sequence numbers), RFC 4106, RFC 7634, RFC 3602 through
//! `adit-crypto`'s ciphers, RFC 3948 2 (demultiplexing), and of RFC 4301 the selectors (4.4.1) and the
//! checks on inbound packets (5.2).
//!
//! A `Result` of this crate never carries packet contents or key material, and nothing here panics on
//! any input.

#![forbid(unsafe_code)]

mod buffer;
mod demux;
mod discard;
mod inbound;
mod inner;
mod outbound;
mod params;
mod pool;
mod replay;
mod sad;
mod segments;
mod selector;
mod selectors;
mod sequence;
mod trailer;

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;

pub use buffer::{HEADROOM, NoRoom, PacketBuf, TAILROOM};
pub use demux::{Demux, NAT_KEEPALIVE, NON_ESP_MARKER, demux};
pub use discard::{Discard, DiscardCounters};
pub use inbound::InboundSa;
pub use outbound::{OutboundSa, SealError};
pub use params::{DEFAULT_REPLAY_WINDOW, MAX_REPLAY_WINDOW, SaError, SaParams, Traffic};
pub use pool::PacketPool;
pub use replay::{ReplayWindow, WindowError};
pub use sad::{Sad, SadError};
pub use segments::SegmentBuf;
pub use selector::{PacketSide, Ports, SelectorError, TrafficSelector};
pub use selectors::{MAX_SELECTORS, Selectors};
