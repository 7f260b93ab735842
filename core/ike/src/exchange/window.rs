//! Message IDs, retransmission and the stored reply of one IKE SA (RFC 7296 2.1 to 2.4, RFC 7383 2.6.1).
//!
//! A window of one in each direction: one request of ours waits for its answer, one request of the peer's is
//! worked on. This layer looks at the header and at fragment numbers only, never into payloads.
//!
//! A repeated request is answered with the stored reply if it is octet for octet the one that was answered;
//! its SHA-256 is what is remembered. Those octets were authentic when they were answered, so nothing needs
//! to be decrypted again, and a forger can only make us repeat what we sent before. The same Message ID with
//! other octets is dropped, with one exception: fragment 1 of a set of another size, because a peer may cut
//! an unanswered request into smaller pieces; the caller authenticates that one and then calls
//! [`Window::stored_reply`].
//!
//! A peer counts as gone after repeated tries only (RFC 7296 2.4), and a try counts only while somebody listened for its
//! answer: after a sleep of the host all tries of the outstanding request begin anew ([`Window::renew_request`]).

use std::time::Duration;

use adit_crypto::{CryptoProvider, HashId};

use super::retransmit::RetransmitPolicy;
use crate::time::Instant;
use crate::wire::{GENERIC_HEADER_LEN, Header, PayloadType, Role};

/// The last Message ID a request may have. The one behind it would wrap, so the SA has to be replaced before
/// (RFC 7296 2.2).
pub const LAST_MESSAGE_ID: u32 = u32::MAX - 1;

/// From here on an IKE SA should be rekeyed: [`Window::is_nearly_exhausted`].
const NEARLY_EXHAUSTED: u32 = LAST_MESSAGE_ID - 0xffff;

/// A deadline that is missed by so much tells of a host that slept or stood still, and heard nothing meanwhile.
const MISSED: Duration = Duration::from_secs(10);

/// Message ID handling of one IKE SA.
#[derive(Debug)]
pub struct Window {
    role: Role,
    policy: RetransmitPolicy,
    /// Message ID of our next request.
    next_request: u32,
    outstanding: Option<Outstanding>,
    /// Message ID of the peer's next request.
    expected: u32,
    peer_request: PeerRequest,
    reply: Option<StoredReply>,
}

/// Our request that has no answer yet.
#[derive(Debug)]
struct Outstanding {
    message_id: u32,
    datagrams: Vec<Vec<u8>>,
    transmissions: u32,
    first_sent: Instant,
    deadline: Instant,
}

/// The peer's request with the expected Message ID.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum PeerRequest {
    Awaited,
    InProgress,
}

/// The reply to the peer's last request.
#[derive(Debug)]
struct StoredReply {
    message_id: u32,
    request: Fingerprint,
    datagrams: Vec<Vec<u8>>,
}

/// Tells one request from another: the digest of its datagram, or of fragment 1 of several.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a datagram. `None` if the provider has no SHA-256.
    #[must_use]
    pub fn of(provider: &CryptoProvider, datagram: &[u8]) -> Option<Self> {
        provider.hash(HashId::SHA2_256)?.digest(&[datagram]).try_into().ok().map(Self)
    }
}

/// What to do with an incoming message, as far as its header tells. Nothing is authentic yet.
#[derive(Debug, Eq, PartialEq)]
pub enum Incoming<'a> {
    /// A request with the expected Message ID: open it, then [`Window::begin_request`] once it is complete.
    NewRequest,
    /// The request answered last, octet for octet: send these again, and do nothing else.
    Retransmitted(&'a [Vec<u8>]),
    /// Fragment 1 of the request answered last, cut differently: if it proves authentic, send
    /// [`Window::stored_reply`] again.
    Refragmented,
    /// A response to our outstanding request: open it, then [`Window::finish_request`] once it is complete.
    Response,
    /// To be dropped, without a change of state.
    Unexpected(Unexpected),
}

/// Why a message is dropped on its header alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unexpected {
    /// A request from before the window.
    #[error("stale request: message ID {received}, expected {expected}")]
    StaleRequest {
        /// The next Message ID of the peer's requests.
        expected: u32,
        /// The one received.
        received: u32,
    },
    /// A request beyond the window, which has a size of one.
    #[error("request beyond the window: message ID {received}, expected {expected}")]
    FutureRequest {
        /// The next Message ID of the peer's requests.
        expected: u32,
        /// The one received.
        received: u32,
    },
    /// The Message ID of the request answered last, with other octets.
    #[error("message ID {message_id} was used for another request")]
    ReusedMessageId {
        /// The Message ID.
        message_id: u32,
    },
    /// A fragment behind the first of the request answered last (RFC 7383 2.6.1).
    #[error("later fragment of a request already answered")]
    AnsweredFragment,
    /// The request being worked on, again.
    #[error("request is being answered already")]
    InProgress,
    /// The peer's requests reached the end of the Message IDs.
    #[error("message IDs are used up")]
    Exhausted,
    /// A response to no outstanding request: its Message ID or its exchange type is another.
    #[error("unsolicited response: message ID {received}")]
    UnsolicitedResponse {
        /// Message ID received.
        received: u32,
    },
    /// The Initiator flag says that we sent it ourselves.
    #[error("initiator flag names the wrong end")]
    WrongInitiatorFlag,
}

/// What a passed deadline asks for.
#[derive(Debug, Eq, PartialEq)]
pub enum OnTimeout<'a> {
    /// No deadline has passed.
    Nothing,
    /// Send these again.
    Retransmit(&'a [Vec<u8>]),
    /// The peer did not answer for so long. The request is forgotten; the IKE SA is dead (RFC 7296 2.4).
    GiveUp {
        /// Time since the request was first sent.
        after: Duration,
    },
}

/// A request cannot be sent now.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// Another request is outstanding; the window is one.
    #[error("a request is outstanding")]
    Busy,
    /// Message IDs are used up; the IKE SA has to be closed.
    #[error("message IDs are used up")]
    Exhausted,
}

impl Window {
    /// The window of a new IKE SA in which we have the given role. Message IDs start at 0 on both sides.
    #[must_use]
    pub const fn new(role: Role, policy: RetransmitPolicy) -> Self {
        Self {
            role,
            policy,
            next_request: 0,
            outstanding: None,
            expected: 0,
            peer_request: PeerRequest::Awaited,
            reply: None,
        }
    }

    /// Our role in this IKE SA.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Message ID of the request to be sent next.
    ///
    /// # Errors
    /// [`WindowError`] if none can be sent.
    pub const fn next_request_id(&self) -> Result<u32, WindowError> {
        if self.outstanding.is_some() {
            Err(WindowError::Busy)
        } else if self.next_request > LAST_MESSAGE_ID {
            Err(WindowError::Exhausted)
        } else {
            Ok(self.next_request)
        }
    }

    /// Remembers the datagrams of a request, made with [`Self::next_request_id`] and sent at `now`.
    ///
    /// # Errors
    /// [`WindowError`]; nothing is remembered then.
    pub fn start_request(&mut self, now: Instant, datagrams: Vec<Vec<u8>>) -> Result<(), WindowError> {
        let message_id = self.next_request_id()?;
        self.next_request = message_id.saturating_add(1);
        self.outstanding = Some(Outstanding {
            message_id,
            datagrams,
            transmissions: 1,
            first_sent: now,
            deadline: now + self.policy.interval(1),
        });
        Ok(())
    }

    /// Replaces the outstanding request by another with the same Message ID, and starts its retransmission
    /// anew: IKE_SA_INIT again with a cookie or another group (RFC 7296 2.6.1). False if none is outstanding.
    pub fn restart_request(&mut self, now: Instant, datagrams: Vec<Vec<u8>>) -> bool {
        let Some(outstanding) = self.outstanding.as_mut() else { return false };
        outstanding.datagrams = datagrams;
        outstanding.transmissions = 1;
        outstanding.deadline = now + self.policy.interval(1);
        true
    }

    /// Replaces the datagrams of the outstanding request without touching its deadline: the same message in
    /// smaller fragments (RFC 7383 2.5.2). False if none is outstanding.
    pub fn recut_request(&mut self, datagrams: Vec<Vec<u8>>) -> bool {
        let Some(outstanding) = self.outstanding.as_mut() else { return false };
        outstanding.datagrams = datagrams;
        true
    }

    /// Begins the tries of the outstanding request anew, with the same octets: the host slept, and silence meanwhile says
    /// nothing of the peer. What was due is due at once. False if none is outstanding.
    pub fn renew_request(&mut self, now: Instant) -> bool {
        let Some(outstanding) = self.outstanding.as_mut() else { return false };
        outstanding.transmissions = 0;
        outstanding.first_sent = now;
        outstanding.deadline = outstanding.deadline.min(now + self.policy.interval(1));
        true
    }

    /// Ends the outstanding request: its response is authentic and complete. False if it is not outstanding.
    pub fn finish_request(&mut self, message_id: u32) -> bool {
        self.outstanding.take_if(|outstanding| outstanding.message_id == message_id).is_some()
    }

    /// Message ID of the outstanding request.
    #[must_use]
    pub fn outstanding(&self) -> Option<u32> {
        self.outstanding.as_ref().map(|outstanding| outstanding.message_id)
    }

    /// How often the outstanding request was sent; 0 if there is none, or if its tries begin anew.
    #[must_use]
    pub fn transmissions(&self) -> u32 {
        self.outstanding.as_ref().map_or(0, |outstanding| outstanding.transmissions)
    }

    /// The datagrams of the outstanding request, to be sent at once from a new address. Changes no deadline.
    #[must_use]
    pub fn outstanding_datagrams(&self) -> &[Vec<u8>] {
        self.outstanding.as_ref().map_or(&[], |outstanding| &outstanding.datagrams)
    }

    /// When to call [`Self::on_timeout`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.outstanding.as_ref().map(|outstanding| outstanding.deadline)
    }

    /// Says what is due at `now`. One transmission however late it is called; the next deadline counts from
    /// `now`, so a device that slept does not send a burst. Called late by ten seconds or more it gives nothing up: the
    /// tries begin anew.
    pub fn on_timeout(&mut self, now: Instant) -> OnTimeout<'_> {
        if self.next_deadline().is_some_and(|deadline| now >= deadline + MISSED) {
            self.renew_request(now);
        }
        let policy = self.policy;
        match self.outstanding.take() {
            Some(outstanding) if outstanding.deadline > now => {
                self.outstanding = Some(outstanding);
                OnTimeout::Nothing
            }
            Some(outstanding) if outstanding.transmissions >= policy.transmissions.max(1) => {
                OnTimeout::GiveUp { after: now.saturating_since(outstanding.first_sent) }
            }
            Some(mut outstanding) => {
                outstanding.transmissions = outstanding.transmissions.saturating_add(1);
                outstanding.deadline = now + policy.interval(outstanding.transmissions);
                OnTimeout::Retransmit(&self.outstanding.insert(outstanding).datagrams)
            }
            None => OnTimeout::Nothing,
        }
    }

    /// Judges a message by its header. `fingerprint` is that of `datagram`.
    #[must_use]
    pub fn classify(&self, header: &Header, datagram: &[u8], fingerprint: Fingerprint) -> Incoming<'_> {
        if header.flags.sender() == self.role {
            return Incoming::Unexpected(Unexpected::WrongInitiatorFlag);
        }
        let received = header.message_id;
        if header.flags.response {
            return if self.outstanding() == Some(received) {
                Incoming::Response
            } else {
                Incoming::Unexpected(Unexpected::UnsolicitedResponse { received })
            };
        }
        if let Some(reply) = self.reply.as_ref().filter(|reply| reply.message_id == received) {
            return reply.classify(header, datagram, fingerprint);
        }
        let expected = self.expected;
        Incoming::Unexpected(match received {
            _ if received < expected => Unexpected::StaleRequest { expected, received },
            _ if received > expected => Unexpected::FutureRequest { expected, received },
            _ if received > LAST_MESSAGE_ID => Unexpected::Exhausted,
            _ if self.peer_request == PeerRequest::InProgress => Unexpected::InProgress,
            _ => return Incoming::NewRequest,
        })
    }

    /// Starts work on the peer's request: it is authentic and complete. Until [`Self::store_reply`], further
    /// copies are dropped. False if it is not the expected one, or is worked on already.
    pub fn begin_request(&mut self, message_id: u32) -> bool {
        let begins = message_id == self.expected
            && message_id <= LAST_MESSAGE_ID
            && self.peer_request == PeerRequest::Awaited;
        if begins {
            self.peer_request = PeerRequest::InProgress;
        }
        begins
    }

    /// Stores the reply to the peer's request `message_id`; the next request is expected then. `request` is
    /// the fingerprint of its datagram or of its fragment 1. False if that is not the request worked on.
    pub fn store_reply(&mut self, message_id: u32, request: Fingerprint, datagrams: Vec<Vec<u8>>) -> bool {
        if message_id != self.expected || self.peer_request != PeerRequest::InProgress {
            return false;
        }
        self.reply = Some(StoredReply { message_id, request, datagrams });
        self.expected = message_id.saturating_add(1);
        self.peer_request = PeerRequest::Awaited;
        true
    }

    /// The stored reply to the peer's last request; empty if there is none.
    #[must_use]
    pub fn stored_reply(&self) -> &[Vec<u8>] {
        self.reply.as_ref().map_or(&[], |reply| &reply.datagrams)
    }

    /// Message ID of the peer's next (or current) request.
    #[must_use]
    pub const fn expected(&self) -> u32 {
        self.expected
    }

    /// True if a request of the peer's is worked on.
    #[must_use]
    pub fn is_answering(&self) -> bool {
        self.peer_request == PeerRequest::InProgress
    }

    /// Continues as if so many requests had gone both ways.
    #[cfg(test)]
    pub(super) const fn set_ids(&mut self, next_request: u32, expected: u32) {
        self.next_request = next_request;
        self.expected = expected;
    }

    /// True once Message IDs of either side come near their end: rekey the IKE SA (RFC 7296 2.2).
    #[must_use]
    pub const fn is_nearly_exhausted(&self) -> bool {
        self.next_request >= NEARLY_EXHAUSTED || self.expected >= NEARLY_EXHAUSTED
    }
}

impl StoredReply {
    fn classify(&self, header: &Header, datagram: &[u8], fingerprint: Fingerprint) -> Incoming<'_> {
        if fingerprint == self.request {
            return Incoming::Retransmitted(&self.datagrams);
        }
        match fragment_number(header, datagram) {
            Some(1) => Incoming::Refragmented,
            Some(_) => Incoming::Unexpected(Unexpected::AnsweredFragment),
            None => Incoming::Unexpected(Unexpected::ReusedMessageId { message_id: self.message_id }),
        }
    }
}

/// Fragment Number of a message whose first payload is SKF.
fn fragment_number(header: &Header, datagram: &[u8]) -> Option<u16> {
    if header.next_payload != PayloadType::SKF {
        return None;
    }
    let (_, rest) = datagram.split_at_checked(Header::LEN + GENERIC_HEADER_LEN)?;
    rest.first_chunk().map(|number| u16::from_be_bytes(*number))
}
