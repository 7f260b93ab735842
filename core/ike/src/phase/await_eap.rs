//! Initiator: the server is authenticated, EAP goes on, then AUTH from the key it made (RFC 7296 2.16).

use adit_crypto::Secret;

use super::await_auth::{Handshake, Refusal};
use super::{Phase, Step, step};
use crate::eap::{EapFailure, Peer, Step as EapStep};
use crate::event::Path;
use crate::failure::{AuthFailure, Failure};
use crate::identity::Identity;
use crate::session::context::Context;
use crate::session::parts::Parts;
use crate::session::proof;
use crate::timers::Deadline;
use crate::wire::{Eap, ExchangeType, Header, NotifyType, Payload, Role};

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitEap {
    handshake: Handshake,
    server: Identity,
    server_authentication: String,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The method goes on.
    Method(Box<Peer>),
    /// Our AUTH is sent; the server's must be made with the same key.
    Final(Secret),
}

impl AwaitEap {
    /// Answers the first EAP request, which came with the server's AUTH.
    pub fn start(
        cx: &mut Context,
        handshake: Handshake,
        server: Identity,
        server_authentication: String,
        username: &str,
        password: Secret,
        packet: &[u8],
    ) -> Result<Step, Failure> {
        let peer = Peer::new(username, &password).map_err(refused)?;
        let phase = Self { handshake, server, server_authentication, state: State::Method(Box::new(peer)) };
        Box::new(phase).on_packet(cx, packet)
    }

    /// The IKE SA.
    pub fn sa(&self) -> &crate::session::ike_sa::IkeSa {
        &self.handshake.sa
    }

    /// A datagram came.
    pub fn on_message(
        mut self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Step {
        match self.handshake.receive(cx, path, header, datagram) {
            Ok(parts) => step(self.on_response(cx, &parts)),
            Err(Refusal::Noise(discard)) => Step::Stay(Phase::AwaitEap(self), discard),
            Err(Refusal::Fatal(failure)) => Step::fail(self.handshake.give_up(cx, failure)),
        }
    }

    fn on_response(mut self: Box<Self>, cx: &mut Context, parts: &Parts) -> Result<Step, Failure> {
        if let State::Final(msk) = &self.state {
            let msk = msk.clone();
            return self.on_final(cx, &msk, parts);
        }
        // A server that refuses the password may say so by a notify beside EAP-Failure, or instead of it.
        if let Some(eap) = &parts.eap {
            return self.on_packet(cx, &eap.0);
        }
        if parts.has(NotifyType::AUTHENTICATION_FAILED)
            && let State::Method(peer) = &self.state
        {
            return Err(refused(peer.rejection().cloned().unwrap_or(EapFailure::Refused)));
        }
        self.handshake.check_errors(parts)?;
        let failure = Failure::Protocol { exchange: ExchangeType::IKE_AUTH, detail: "no EAP payload".into() };
        Err(self.handshake.give_up(cx, failure))
    }

    fn on_packet(mut self: Box<Self>, cx: &mut Context, packet: &[u8]) -> Result<Step, Failure> {
        let State::Method(peer) = &mut self.state else {
            return Err(Failure::Protocol {
                exchange: ExchangeType::IKE_AUTH,
                detail: "EAP after its end".into(),
            });
        };
        let answer = match peer.handle(packet, &cx.provider) {
            EapStep::Reply(reply) => Payload::Eap(Eap(reply)),
            EapStep::Success { msk } => {
                let hs = &self.handshake;
                let auth =
                    proof::by_secret(&hs.sa, &hs.transcript, Role::Initiator, &hs.config.local_id, &msk);
                self.state = State::Final(msk);
                auth
            }
            // The server gave up already where it was it that refused.
            EapStep::Failure(failure @ (EapFailure::Rejected { .. } | EapFailure::Refused)) => {
                return Err(refused(failure));
            }
            EapStep::Failure(failure) => return Err(self.handshake.refuse(cx, AuthFailure::Eap(failure))),
        };
        self.handshake.sa.request(cx, ExchangeType::IKE_AUTH, &[answer])?;
        Ok(Step::Next(Phase::AwaitEap(self)))
    }

    fn on_final(mut self: Box<Self>, cx: &mut Context, msk: &Secret, parts: &Parts) -> Result<Step, Failure> {
        let hs = &mut self.handshake;
        let Some(auth) = &parts.auth else {
            hs.check_errors(parts)?;
            return Err(hs.refuse(cx, AuthFailure::NoProof));
        };
        if let Err(failure) =
            proof::check_secret(&hs.sa, &hs.transcript, Role::Responder, &self.server, msk, auth)
        {
            return Err(self.handshake.refuse(cx, failure));
        }
        self.handshake.finish(cx, self.server, self.server_authentication, parts)
    }

    /// Something is due.
    pub fn on_timeout(mut self: Box<Self>, cx: &mut Context) -> Step {
        match self.handshake.retransmit(cx) {
            Some(failure) => Step::fail(failure),
            None => Step::Next(Phase::AwaitEap(self)),
        }
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        self.handshake.deadline()
    }
}

fn refused(failure: EapFailure) -> Failure {
    Failure::Authentication(AuthFailure::Eap(failure))
}
