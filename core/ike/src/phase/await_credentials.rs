//! Initiator: nothing is sent yet; the host is asked for the EAP user name and password.
//!
//! Asked before the server hears of us: typing takes longer than servers keep a half-open IKE SA, and without
//! LocalIdentifier the user name is IDi. What comes is told to a server only once it has proved itself.

use std::sync::Arc;
use std::time::Duration;

use adit_crypto::Secret;

use super::await_sa_init::AwaitSaInit;
use super::{Phase, Step, step};
use crate::config::InitiatorConfig;
use crate::event::{Answer, PasswordRequest, Question, Token};
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::question::Open;
use crate::timers::{Deadline, Wake};

/// How long the user may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitCredentials {
    config: Arc<InitiatorConfig>,
    question: Open,
}

impl AwaitCredentials {
    /// Asks the host.
    pub fn start(cx: &mut Context, config: Arc<InitiatorConfig>, username: Option<String>) -> Self {
        let request = PasswordRequest { username, attempt: 0, refusal: None };
        Self { config, question: Open::ask(cx, PATIENCE, Question::Password(request)) }
    }

    /// The host answered.
    pub fn on_answer(self: Box<Self>, cx: &mut Context, token: Token, answer: Answer) -> Step {
        match answer {
            Answer::Credentials(given) if self.question.is(token) => step(go_on(cx, &self.config, given)),
            _ => Step::Next(Phase::AwaitCredentials(self)),
        }
    }

    /// Something is due.
    pub fn on_timeout(self: Box<Self>, cx: &mut Context) -> Step {
        if self.question.is_over(cx) {
            return Step::fail(Failure::HostSilent);
        }
        Step::Next(Phase::AwaitCredentials(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        Some((self.question.until(), Wake::Patience))
    }
}

/// Sends the first message of a session with these credentials.
fn go_on(
    cx: &mut Context,
    config: &InitiatorConfig,
    given: Option<(String, Secret)>,
) -> Result<Step, Failure> {
    let (username, password) = given.ok_or(Failure::CredentialsRefused)?;
    if username.is_empty() {
        return Err(Failure::CredentialsUnusable { what: "it is empty".into() });
    }
    let config = config.with_credentials(username, password);
    let config = config.map_err(|error| Failure::CredentialsUnusable { what: error.to_string() })?;
    cx.asking = true;
    let phase = AwaitSaInit::start(cx, Arc::new(config))?;
    Ok(Step::Next(Phase::AwaitSaInit(Box::new(phase))))
}
