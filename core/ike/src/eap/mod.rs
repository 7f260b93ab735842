//! EAP inside IKE_AUTH (RFC 7296 2.16), both sides: the peer (our client) and the authenticator (our
//! gateway).
//!
//! Owns the packet format (RFC 3748 4), the Identity, Notification and Nak types (RFC 3748 5), and MSCHAPv2
//! (draft-kamath-pppext-eap-mschapv2, RFC 2759) with the MSK that IKE takes from it (RFC 3079).
//!
//! Leaves out when EAP may run at all: the caller gives the peer no packet before the server has proved
//! itself, because the answers hold the user's name and a hash that can be searched for the password. Also
//! leaves out retransmission (IKE is reliable) and changing an expired password, which ends with its reason.

mod authenticator;
mod failure;
mod mschapv2;
mod packet;
mod peer;

pub use authenticator::{Authenticator, ServerStep, UserName, UserSecret};
pub use failure::{EapFailure, RejectReason};
pub use mschapv2::MAX_NAME_LEN;
pub use packet::{Code, EapType, MAX_PACKET_LEN, Packet, PacketError};
pub use peer::{Peer, Step};

#[cfg(test)]
mod tests;
