//! Discards: noise that is dropped without a reply and leaves the session as it was.

use crate::wire::{ExchangeType, ParseError};

/// Why a message was dropped. Counted by the tunnel, never answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Discard {
    /// It is no IKEv2 message.
    #[error("not an IKEv2 message: {0}")]
    NotIke(ParseError),
    /// No SA of this session has these SPIs.
    #[error("unknown IKE SPIs")]
    UnknownSpi,
    /// The integrity check failed, or there is nothing that could be checked.
    #[error("integrity check failed")]
    BadIntegrity,
    /// The message ID is not the one expected next.
    #[error("message ID {received}, expected {expected}")]
    MessageId {
        /// The next one.
        expected: u32,
        /// The one that came.
        received: u32,
    },
    /// A response to nothing we asked, or one that came before.
    #[error("a response without a request")]
    Unsolicited,
    /// The peer sent a request again; the stored response went out again.
    #[error("a request sent again")]
    Retransmitted,
    /// A request with the message ID of an answered one but other octets.
    #[error("another request under a used message ID")]
    ChangedRequest,
    /// The exchange cannot happen in this phase.
    #[error("{0} is not possible now")]
    Exchange(ExchangeType),
    /// A fragment was stored, or was of no use.
    #[error("a fragment of a message that is not complete")]
    Fragment,
    /// An unprotected message that proves nothing (RFC 7296 2.21.1): remembered at most.
    #[error("an unprotected message")]
    Unprotected,
    /// The session is over.
    #[error("the session is over")]
    Closed,
    /// Too many requests of this kind in a short time.
    #[error("too many requests")]
    RateLimited,
}
