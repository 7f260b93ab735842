//! Requests that wait for an answer, and what an answer is for.

use adit_ike::time::Instant;
use adit_profile::ondemand::Need;

use crate::key::ConfigurationKey;
use crate::request::{Answer, AnswerError, Demand, Request, Token, TunnelId};

use super::System;

/// A request that was sent.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub deadline: Option<Instant>,
    pub purpose: Purpose,
    pub demand: Demand,
}

/// What an answer is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Purpose {
    /// The operation that runs.
    Operation,
    /// Housekeeping: whatever the answer, nothing follows.
    Nothing,
    /// The next step of a start.
    Prepare(ConfigurationKey),
    /// Whether a tunnel runs.
    Start(ConfigurationKey, TunnelId),
    /// Whether a tunnel is gone.
    Stop(ConfigurationKey, TunnelId),
    /// A fact that a rule needs.
    Fact(ConfigurationKey, Need),
    /// A tunnel's own question, with its number.
    Question(ConfigurationKey, TunnelId, u64),
}

impl Purpose {
    /// Whether it is about a connection, so that it ends with it.
    fn is_of_connection(&self, key: &ConfigurationKey) -> bool {
        match self {
            Self::Prepare(whose)
            | Self::Start(whose, _)
            | Self::Stop(whose, _)
            | Self::Question(whose, ..) => whose == key,
            Self::Operation | Self::Nothing | Self::Fact(..) => false,
        }
    }
}

impl System {
    /// Takes the answer to a request.
    ///
    /// # Errors
    /// [`AnswerError`]: nobody waits for it, or it is an answer to something else. Neither changes anything.
    pub fn answer(&mut self, now: Instant, token: Token, answer: Answer) -> Result<(), AnswerError> {
        let waiting = self.waiting.get(&token).ok_or(AnswerError::UnknownToken)?;
        if !waiting.demand.takes(&answer) {
            return Err(AnswerError::WrongKind);
        }
        self.observe(now);
        if let Some(waiting) = self.waiting.remove(&token) {
            self.take(now, waiting, answer);
        }
        Ok(())
    }

    /// Acts on an answer, or on the lack of one.
    pub(super) fn take(&mut self, now: Instant, waiting: Waiting, answer: Answer) {
        match waiting.purpose {
            Purpose::Nothing => {}
            Purpose::Operation => self.continue_operation(now, answer),
            Purpose::Prepare(key) => self.continue_start(now, &key, &waiting.demand, answer),
            Purpose::Start(key, tunnel) => self.tunnel_started(now, &key, tunnel, answer),
            Purpose::Stop(key, tunnel) => self.tunnel_stopped(now, &key, tunnel),
            Purpose::Fact(key, need) => self.fact_found(now, &key, &need, answer == Answer::Reachable(true)),
            Purpose::Question(key, tunnel, question) => {
                self.question_answered(&key, tunnel, question, &waiting.demand, answer);
            }
        }
    }

    /// Sends a request and remembers what for.
    pub(crate) fn ask(&mut self, purpose: Purpose, deadline: Option<Instant>, demand: Demand) {
        let token = self.new_token();
        // The copy that waits knows what kind it is, not the secrets in it.
        let kept = demand.without_secrets();
        self.waiting.insert(token, Waiting { deadline, purpose, demand: kept });
        self.send(Request { token, deadline, demand });
    }

    /// Forgets what a connection asked: late answers find no token.
    pub(crate) fn forget(&mut self, key: &ConfigurationKey) {
        let gone: Vec<Token> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.purpose.is_of_connection(key))
            .map(|(token, _)| *token)
            .collect();
        self.drop_requests(&gone);
    }

    /// Forgets what the rules of a configuration asked.
    pub(crate) fn forget_facts(&mut self, key: &ConfigurationKey) {
        let gone: Vec<Token> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| matches!(&waiting.purpose, Purpose::Fact(whose, _) if whose == key))
            .map(|(token, _)| *token)
            .collect();
        self.drop_requests(&gone);
    }

    /// Forgets requests, also those that the host has not seen yet.
    fn drop_requests(&mut self, tokens: &[Token]) {
        for token in tokens {
            self.waiting.remove(token);
        }
        self.outbox.retain(|request| !tokens.contains(&request.token));
    }

    /// Whether a need is being found out already.
    pub(crate) fn is_asking(&self, key: &ConfigurationKey, need: &Need) -> bool {
        let same = |waiting: &super::Waiting| matches!(&waiting.purpose, Purpose::Fact(whose, asked) if whose == key && asked == need);
        self.waiting.values().any(same)
    }
}

impl Demand {
    /// The same without what must not be kept.
    fn without_secrets(&self) -> Self {
        match self {
            Self::StoreSecret { key, secret } => Self::StoreSecret {
                key: key.clone(),
                secret: crate::secret::NewSecret::new(secret.slot, Vec::new()),
            },
            Self::StartTunnel(start) => {
                let mut start = start.clone();
                start.password = None;
                start.profile.bytes = adit_profile::Secret::new(Vec::new());
                Self::StartTunnel(start)
            }
            other => other.clone(),
        }
    }
}
