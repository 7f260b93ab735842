//! Initiator: the server is authenticated, EAP goes on, then AUTH from the key it made (RFC 7296 2.16).
//!
//! A user who was asked for the password is asked again where the server lets a refused login be tried again at once.

use std::time::Duration;

use adit_crypto::Secret;

use super::await_auth::{Handshake, Refusal, Server};
use super::{Phase, Step, step};
use crate::eap::{EapFailure, Peer, Step as EapStep};
use crate::event::{Answer, PasswordRequest, Path, Question, Token};
use crate::failure::{AuthFailure, Failure};
use crate::session::context::Context;
use crate::session::ike_sa::IkeSa;
use crate::session::parts::Parts;
use crate::session::proof;
use crate::session::question::Open;
use crate::time::Instant;
use crate::timers::{Deadline, Soonest, Wake};
use crate::wire::{Eap, ExchangeType, Header, NotifyType, Payload, Role};

/// How often the user may try again.
const RETRIES: u8 = 3;

/// How long the user may take for another try: servers forget who is silent for 30 s.
const PATIENCE: Duration = Duration::from_secs(25);

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitEap {
    handshake: Handshake,
    server: Server,
    peer: Peer,
    /// Logins that the server refused and lets the user try again.
    refusals: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The method goes on.
    Method,
    /// The server refused the login: the host is asked for another try.
    Asked(Open),
    /// Our AUTH is sent; the server's must be made with the same key.
    Final(Secret),
}

impl AwaitEap {
    /// Answers the first EAP request, which came with the server's AUTH.
    pub fn start(
        cx: &mut Context,
        handshake: Handshake,
        server: Server,
        username: &str,
        password: &Secret,
        packet: &[u8],
    ) -> Result<Step, Failure> {
        let mut peer = Peer::new(username, password).map_err(refused)?;
        if cx.asking {
            peer.allow_retries(RETRIES);
        }
        let phase = Self { handshake, server, peer, refusals: 0, state: State::Method };
        Box::new(phase).on_packet(cx, packet)
    }

    /// The IKE SA.
    pub fn sa(&self) -> &IkeSa {
        &self.handshake.sa
    }

    /// The host wants the end.
    pub fn close(self: Box<Self>, cx: &mut Context) -> Step {
        self.handshake.close(cx)
    }

    /// The host slept.
    pub fn woke(&mut self, now: Instant) {
        self.handshake.sa.renew(now);
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
        if parts.has(NotifyType::AUTHENTICATION_FAILED) {
            return Err(refused(self.peer.rejection().cloned().unwrap_or(EapFailure::Refused)));
        }
        self.handshake.check_errors(parts)?;
        let failure = Failure::Protocol { exchange: ExchangeType::IKE_AUTH, detail: "no EAP payload".into() };
        Err(self.handshake.give_up(cx, failure))
    }

    fn on_packet(mut self: Box<Self>, cx: &mut Context, packet: &[u8]) -> Result<Step, Failure> {
        let next = self.peer.handle(packet, &cx.provider);
        self.go_on(cx, next)
    }

    fn go_on(mut self: Box<Self>, cx: &mut Context, next: EapStep) -> Result<Step, Failure> {
        let answer = match next {
            EapStep::Reply(reply) => Payload::Eap(Eap(reply)),
            EapStep::Success { msk } => {
                let hs = &self.handshake;
                let auth =
                    proof::by_secret(&hs.sa, &hs.transcript, Role::Initiator, &hs.config.local_id, &msk);
                self.state = State::Final(msk);
                auth
            }
            EapStep::Refused(failure) => return Ok(self.ask_again(cx, &failure)),
            // The server gave up already where it was it that refused.
            EapStep::Failure(failure @ (EapFailure::Rejected { .. } | EapFailure::Refused)) => {
                return Err(refused(failure));
            }
            EapStep::Failure(failure) => return Err(self.handshake.refuse(cx, AuthFailure::Eap(failure))),
        };
        self.handshake.sa.request(cx, ExchangeType::IKE_AUTH, &[answer])?;
        Ok(Step::Next(Phase::AwaitEap(self)))
    }

    fn ask_again(mut self: Box<Self>, cx: &mut Context, failure: &EapFailure) -> Step {
        self.refusals = self.refusals.saturating_add(1);
        let request = PasswordRequest {
            username: Some(self.peer.username()),
            attempt: self.refusals,
            refusal: Some(failure.to_string()),
        };
        self.state = State::Asked(Open::ask(cx, PATIENCE, Question::Password(request)));
        Step::Next(Phase::AwaitEap(self))
    }

    /// The host answered.
    pub fn on_answer(mut self: Box<Self>, cx: &mut Context, token: Token, answer: Answer) -> Step {
        match (&self.state, answer) {
            (State::Asked(asked), Answer::Credentials(given)) if asked.is(token) => {
                let Some((username, password)) = given else {
                    let failure = self.peer.rejection().cloned().unwrap_or(EapFailure::Refused);
                    return Step::fail(self.give_in(cx, refused(failure)));
                };
                self.state = State::Method;
                let next = self.peer.try_again(&username, &password, &cx.provider);
                step(self.go_on(cx, next))
            }
            _ => Step::Next(Phase::AwaitEap(self)),
        }
    }

    /// Acknowledges the server's refusal, and gives the failure.
    fn give_in(&mut self, cx: &mut Context, failure: Failure) -> Failure {
        if let EapStep::Reply(reply) = self.peer.give_in() {
            // The failure that is reported matters more than one of telling it.
            let answer = Payload::Eap(Eap(reply));
            let _ = self.handshake.sa.request(cx, ExchangeType::IKE_AUTH, &[answer]);
        }
        failure
    }

    fn on_final(mut self: Box<Self>, cx: &mut Context, msk: &Secret, parts: &Parts) -> Result<Step, Failure> {
        let hs = &mut self.handshake;
        let Some(auth) = &parts.auth else {
            hs.check_errors(parts)?;
            return Err(hs.refuse(cx, AuthFailure::NoProof));
        };
        if let Err(failure) =
            proof::check_secret(&hs.sa, &hs.transcript, Role::Responder, &self.server.id, msk, auth)
        {
            return Err(self.handshake.refuse(cx, failure));
        }
        self.handshake.finish(cx, self.server, parts)
    }

    /// Something is due.
    pub fn on_timeout(mut self: Box<Self>, cx: &mut Context) -> Step {
        if let State::Asked(question) = &self.state
            && question.is_over(cx)
        {
            return Step::fail(self.give_in(cx, Failure::HostSilent));
        }
        match self.handshake.retransmit(cx) {
            Some(failure) => Step::fail(failure),
            None => Step::Next(Phase::AwaitEap(self)),
        }
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        let mut soonest = Soonest::new();
        if let State::Asked(question) = &self.state {
            soonest.consider(Some(question.until()), Wake::Patience);
        }
        soonest.consider(self.handshake.deadline().map(|(at, _)| at), Wake::Retransmit);
        soonest.get()
    }
}

fn refused(failure: EapFailure) -> Failure {
    Failure::Authentication(AuthFailure::Eap(failure))
}
