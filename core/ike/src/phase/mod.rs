//! The phases of a session, as values: each holds only what exists then.
//!
//! Owns [`Phase`] and [`Step`]. A step takes the phase and gives the next one, or gives it back when a message
//! was noise: before the peer is authenticated anyone may send anything.

pub(crate) mod await_auth;
pub(crate) mod await_credentials;
pub(crate) mod await_eap;
pub(crate) mod await_lease;
pub(crate) mod await_sa_init;
pub(crate) mod await_signature;
pub(crate) mod await_verdict;
pub(crate) mod closing;
pub(crate) mod established;
pub(crate) mod network;
pub(crate) mod serve_auth;
pub(crate) mod serve_eap;

use crate::discard::Discard;
use crate::event::CloseReason;
use crate::failure::Failure;

/// Where a session stands.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Initiator: the host is asked for user name and password.
    AwaitCredentials(Box<await_credentials::AwaitCredentials>),
    /// Initiator: IKE_SA_INIT is sent.
    AwaitSaInit(Box<await_sa_init::AwaitSaInit>),
    /// Initiator: the host is asked to sign.
    AwaitSignature(Box<await_signature::AwaitSignature>),
    /// Initiator: the first IKE_AUTH is sent.
    AwaitAuth(Box<await_auth::AwaitAuth>),
    /// Initiator: the host is asked whether it trusts the server's certificate.
    AwaitVerdict(Box<await_verdict::AwaitVerdict>),
    /// Initiator: the server is authenticated, EAP goes on.
    AwaitEap(Box<await_eap::AwaitEap>),
    /// Responder: IKE_SA_INIT is answered.
    ServeAuth(Box<serve_auth::ServeAuth>),
    /// Responder: EAP goes on.
    ServeEap(Box<serve_eap::ServeEap>),
    /// Responder: the client is authenticated, the host is asked for its addresses.
    AwaitLease(Box<await_lease::AwaitLease>),
    /// Both: traffic flows.
    Established(Box<established::Established>),
    /// Both: our Delete is sent.
    Closing(Box<closing::Closing>),
    /// Over.
    Closed,
}

/// What a message or a deadline did to a phase.
pub(crate) enum Step {
    /// It goes on with another.
    Next(Phase),
    /// Noise: it stays as it was.
    Stay(Phase, Discard),
    /// It is over.
    End(CloseReason),
}

impl Step {
    /// The session failed.
    pub fn fail(failure: impl Into<Failure>) -> Self {
        Self::End(CloseReason::Failed(failure.into()))
    }
}

/// Turns the error of a fallible step into its end.
pub(crate) fn step(result: Result<Step, Failure>) -> Step {
    result.unwrap_or_else(Step::fail)
}
