//! Initiator: the server has proved itself with a certificate of which all but its issuers was found good; the host
//! says whether it trusts them, then IKE_AUTH goes on.
//!
//! No request of ours is open. One of the server's is dropped, as before it is believed, and it sends it again.

use std::time::Duration;

use super::await_auth::{Handshake, Refusal, Server};
use super::{Phase, Step, step};
use crate::certificate::Certificate;
use crate::discard::Discard;
use crate::event::{Answer, ChainRequest, Path, Question, Token};
use crate::failure::{AuthFailure, Failure};
use crate::session::context::Context;
use crate::session::ike_sa::IkeSa;
use crate::session::parts::Parts;
use crate::session::question::Open;
use crate::timers::{Deadline, Wake};
use crate::wire::Header;

/// How long the host may take: it may ask the network about revocation, or a person.
const PATIENCE: Duration = Duration::from_secs(25);

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitVerdict {
    handshake: Handshake,
    server: Server,
    /// The response that brought the chain.
    parts: Parts,
    /// Subject of the server's certificate.
    subject: String,
    question: Open,
}

impl AwaitVerdict {
    /// Asks the host.
    pub fn start(
        cx: &mut Context,
        handshake: Handshake,
        server: Server,
        parts: Parts,
        request: ChainRequest,
    ) -> Step {
        let own = request.certificates.first().and_then(|der| Certificate::parse(der).ok());
        let subject = own.map(|own| own.subject()).unwrap_or_default();
        let question = Open::ask(cx, PATIENCE, Question::JudgeChain(request));
        let phase = Self { handshake, server, parts, subject, question };
        Step::Next(Phase::AwaitVerdict(Box::new(phase)))
    }

    /// The IKE SA.
    pub fn sa(&self) -> &IkeSa {
        &self.handshake.sa
    }

    /// A datagram came: a copy of a response, or a request of a server that is not believed yet.
    pub fn on_message(
        mut self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Step {
        let discard = match self.handshake.receive(cx, path, header, datagram) {
            Err(Refusal::Noise(discard)) => discard,
            Err(Refusal::Fatal(_)) | Ok(_) => Discard::Exchange(header.exchange),
        };
        Step::Stay(Phase::AwaitVerdict(self), discard)
    }

    /// The host answered.
    pub fn on_answer(mut self: Box<Self>, cx: &mut Context, token: Token, answer: Answer) -> Step {
        match answer {
            Answer::Chain(verdict) if self.question.is(token) => match verdict {
                Ok(()) => step(self.handshake.proceed(cx, self.server, &self.parts)),
                Err(reason) => {
                    let failure = AuthFailure::ChainRefused { subject: self.subject, reason };
                    Step::fail(self.handshake.refuse(cx, failure))
                }
            },
            _ => Step::Next(Phase::AwaitVerdict(self)),
        }
    }

    /// The host wants the end.
    pub fn close(self: Box<Self>, cx: &mut Context) -> Step {
        self.handshake.close(cx)
    }

    /// Something is due.
    pub fn on_timeout(mut self: Box<Self>, cx: &mut Context) -> Step {
        if self.question.is_over(cx) {
            return Step::fail(self.handshake.give_up(cx, Failure::HostSilent));
        }
        Step::Next(Phase::AwaitVerdict(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        Some((self.question.until(), Wake::Patience))
    }
}
