//! Initiator: IKE_SA_INIT is answered; the host signs AUTH with the key that it keeps, then IKE_AUTH is sent.
//!
//! Nothing of ours is open meanwhile, so the server only waits; how long it does is its half-open timeout, 30 s with
//! most.

use std::sync::Arc;
use std::time::Duration;

use super::await_auth::{AwaitAuth, Handshake};
use super::{Phase, Step, step};
use crate::config::HostKey;
use crate::discard::Discard;
use crate::event::{Answer, Question, SignRequest, Token};
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::ike_sa::IkeSa;
use crate::session::proof::{self, ToSign};
use crate::session::question::Open;
use crate::timers::{Deadline, Wake};
use crate::wire::{Header, Role};

/// How long the host may take: a person may have to put a finger on a sensor.
const PATIENCE: Duration = Duration::from_secs(25);

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitSignature {
    handshake: Handshake,
    key: Arc<HostKey>,
    to_sign: ToSign,
    question: Open,
}

impl AwaitSignature {
    /// Asks the host.
    pub fn start(cx: &mut Context, handshake: Handshake, key: Arc<HostKey>) -> Result<Step, Failure> {
        let (id, hashes) = (&handshake.config.local_id, handshake.support.hashes.as_deref());
        let to_sign =
            proof::to_sign(&handshake.sa, &handshake.transcript, Role::Initiator, id, &key, hashes)?;
        let request = SignRequest {
            key: key.reference().to_owned(),
            scheme: to_sign.choice.for_host(),
            message: to_sign.octets.clone(),
        };
        let question = Open::ask(cx, PATIENCE, Question::Sign(request));
        let phase = Self { handshake, key, to_sign, question };
        Ok(Step::Next(Phase::AwaitSignature(Box::new(phase))))
    }

    /// The IKE SA.
    pub fn sa(&self) -> &IkeSa {
        &self.handshake.sa
    }

    /// A datagram came: nothing that could mean anything yet.
    pub fn on_message(self: Box<Self>, header: &Header) -> Step {
        let discard = match self.handshake.sa.is_named_by(header) {
            true => Discard::Exchange(header.exchange),
            false => Discard::UnknownSpi,
        };
        Step::Stay(Phase::AwaitSignature(self), discard)
    }

    /// The host answered.
    pub fn on_answer(self: Box<Self>, cx: &mut Context, token: Token, answer: Answer) -> Step {
        match answer {
            Answer::Signature(answer) if self.question.is(token) => step(self.on_signature(cx, answer)),
            _ => Step::Next(Phase::AwaitSignature(self)),
        }
    }

    fn on_signature(
        self: Box<Self>,
        cx: &mut Context,
        answer: Result<Vec<u8>, String>,
    ) -> Result<Step, Failure> {
        let Self { handshake, key, to_sign, .. } = *self;
        let signature =
            answer.map_err(|reason| Failure::SigningRefused { key: key.reference().to_owned(), reason })?;
        let auth = to_sign.sealed(cx, &key, &signature)?;
        AwaitAuth::send(cx, handshake, Some(auth))
    }

    /// Something is due.
    pub fn on_timeout(self: Box<Self>, cx: &mut Context) -> Step {
        if self.question.is_over(cx) {
            return Step::fail(Failure::HostSilent);
        }
        Step::Next(Phase::AwaitSignature(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        Some((self.question.until(), Wake::Patience))
    }
}
