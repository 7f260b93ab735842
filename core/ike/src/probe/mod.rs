//! Asking a server what it takes: one IKE_SA_INIT with one proposal, and what the answer says (RFC 7296 1.2, 2.6, 2.7).
//!
//! Owns [`SaInitProbe`], which follows cookies and INVALID_KE_PAYLOAD as a session does and then stops: it derives no
//! keys, so additional key exchanges (RFC 9370) that the engine cannot run are offered and read from the answer. What a
//! server keeps of a probe is one half-open IKE SA, which it forgets by itself. Leaves out IKE_AUTH: that is a
//! [`crate::Session`] which observes ([`crate::Session::observe`]). Nothing here is authenticated: the answers are
//! those of whoever answers.

mod answer;

pub use answer::{Additional, SaInitAnswer, ServerSupport};

use std::time::Duration;

use adit_crypto::{ActiveKeyExchange, CryptoProvider, DhGroup};

use crate::discard::Discard;
use crate::event::{Path, Transmit};
use crate::exchange::{OnTimeout, RetransmitPolicy, Window};
use crate::failure::{Failure, Stage};
use crate::proposal::{IkeProposal, describe_ike, ike_groups, offer_ike};
use crate::session::context::Context;
use crate::session::init::{generate, request};
use crate::session::parts::Parts;
use crate::time::Instant;
use crate::wire::{
    ExchangeType, Header, IkeSpi, Message, Notify, NotifyType, Payload, Role, SecurityAssociation, Transform,
    TransformType,
};

/// Cookies that are answered before the server is taken for broken.
const COOKIES_MAX: u32 = 3;

/// Other groups that are followed.
const GROUPS_MAX: u32 = 2;

/// Additional key exchanges that RFC 9370 2.2.1 has transform types for.
const ADDITIONAL_MAX: usize = 7;

/// What to ask about.
#[derive(Clone, Debug)]
pub struct Question {
    /// The proposal; everything in it must be in the provider.
    pub proposal: IkeProposal,
    /// Key exchange methods of the additional key exchanges 1 to 7, in order; 0 is "none". More than seven are cut.
    pub additional: Vec<u16>,
    /// Asks whether the server knows pre-shared post-quantum keys (USE_PPK, RFC 8784 3).
    pub ppk: bool,
    /// How long to wait for an answer in all.
    pub patience: Duration,
}

/// One IKE_SA_INIT exchange, sans-I/O.
pub struct SaInitProbe {
    cx: Context,
    question: Question,
    spi_i: IkeSpi,
    nonce: Vec<u8>,
    key_exchange: Box<dyn ActiveKeyExchange>,
    cookie: Option<Vec<u8>>,
    window: Window,
    started: Instant,
    cookies: u32,
    groups: u32,
    result: Option<Result<SaInitAnswer, Failure>>,
}

impl std::fmt::Debug for SaInitProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaInitProbe")
            .field("spi_i", &self.spi_i)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

impl SaInitProbe {
    /// Queues the request for `path`.
    ///
    /// # Errors
    /// [`Failure::Crypto`] if the provider has no randomness or not the proposal's group.
    pub fn new(
        question: Question,
        provider: CryptoProvider,
        now: Instant,
        path: Path,
    ) -> Result<Self, Failure> {
        let cx = Context::new(provider, now, path, 0);
        let group = ike_groups(std::slice::from_ref(&question.proposal)).first().copied();
        let policy = RetransmitPolicy {
            initial: Duration::from_secs(1),
            factor_tenths: 18,
            max_interval: Duration::from_secs(5),
            transmissions: u32::MAX,
        };
        let mut probe = Self {
            spi_i: IkeSpi(cx.ike_spi()?),
            nonce: cx.nonce()?,
            key_exchange: generate(&cx, group.unwrap_or(DhGroup::NONE))?,
            cx,
            question,
            cookie: None,
            window: Window::new(Role::Initiator, policy),
            started: now,
            cookies: 0,
            groups: 0,
            result: None,
        };
        let message = probe.encode()?;
        // A new window has room.
        let _ = probe.window.start_request(now, vec![message.clone()]);
        probe.cx.send(&message);
        Ok(probe)
    }

    /// Takes an IKE message that came by `path`.
    ///
    /// # Errors
    /// [`Discard`] if it is no answer to this probe.
    pub fn handle_message(&mut self, now: Instant, path: Path, datagram: &[u8]) -> Result<(), Discard> {
        self.cx.advance(now);
        if self.result.is_some() {
            return Err(Discard::Closed);
        }
        let header = Header::parse(datagram).map_err(Discard::NotIke)?;
        // A server of version 1 answers with our SPI and its own flags.
        if header.initiator_spi != self.spi_i {
            return Err(Discard::UnknownSpi);
        }
        if header.check_version().is_err() {
            self.end(Err(Failure::WrongVersion { major: header.version.major }));
            return Ok(());
        }
        if header.flags.initiator || !header.flags.response {
            return Err(Discard::UnknownSpi);
        }
        if header.exchange != ExchangeType::IKE_SA_INIT || header.message_id != 0 {
            return Err(Discard::Exchange(header.exchange));
        }
        let message = Message::parse(datagram).map_err(Discard::NotIke)?;
        match Parts::new(message.payloads) {
            Ok(parts) => self.on_parts(path, &header, &parts),
            Err(bad) => self.end(Err(protocol(bad.to_string()))),
        }
        Ok(())
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.cx.advance(now);
        if self.result.is_some() {
            return;
        }
        if self.cx.now >= self.started + self.question.patience {
            let tries = self.window.transmissions();
            let waited = self.cx.now.saturating_since(self.started);
            self.end(Err(Failure::NoAnswer { tries, waited }));
            return;
        }
        if let OnTimeout::Retransmit(datagrams) = self.window.on_timeout(self.cx.now) {
            for datagram in datagrams {
                self.cx.send(datagram);
            }
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.cx.poll_transmit()
    }

    /// When to call [`Self::handle_timeout`] next; `None` once there is a result.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let end = self.started + self.question.patience;
        let next = self.window.next_deadline().map_or(end, |next| next.min(end));
        self.result.is_none().then_some(next)
    }

    /// What came of it, once it has: what the server chose and says of itself, or why it did not take the proposal.
    #[must_use]
    pub fn result(&self) -> Option<&Result<SaInitAnswer, Failure>> {
        self.result.as_ref()
    }

    fn end(&mut self, result: Result<SaInitAnswer, Failure>) {
        self.result = Some(result);
    }

    fn offer(&self) -> SecurityAssociation {
        let mut offer = offer_ike(std::slice::from_ref(&self.question.proposal), &[]);
        for proposal in &mut offer.proposals {
            for (method, kind) in self.question.additional.iter().take(ADDITIONAL_MAX).zip(6_u8..) {
                proposal.transforms.push(Transform::new(TransformType(kind), *method));
            }
        }
        offer
    }

    fn encode(&self) -> Result<Vec<u8>, Failure> {
        let (cookie, key_exchange) = (self.cookie.as_deref(), self.key_exchange.as_ref());
        let mut message = request(&self.cx, self.spi_i, cookie, self.offer(), key_exchange, &self.nonce)?;
        if self.question.additional.iter().any(|method| *method != 0) {
            // RFC 9370 2.2.1: additional key exchanges need IKE_INTERMEDIATE.
            message
                .payloads
                .push(Payload::Notify(Notify::status(NotifyType::INTERMEDIATE_EXCHANGE_SUPPORTED)));
        }
        if self.question.ppk {
            message.payloads.push(Payload::Notify(Notify::status(NotifyType::USE_PPK)));
        }
        message.encode().map_err(|error| protocol(error.to_string()))
    }

    fn on_parts(&mut self, path: Path, header: &Header, parts: &Parts) {
        if let Some(cookie) = parts.notify(NotifyType::COOKIE) {
            return self.on_cookie(&cookie.data);
        }
        if let Some(notify) = parts.notify(NotifyType::INVALID_KE_PAYLOAD) {
            return self.on_other_group(notify.data_u16().map(DhGroup));
        }
        if let Some(error) = parts.error() {
            let failure = match error.notify_type {
                NotifyType::NO_PROPOSAL_CHOSEN => {
                    Failure::NoProposalChosen { stage: Stage::Ike, offered: self.describe() }
                }
                notify => Failure::PeerError { notify, exchange: ExchangeType::IKE_SA_INIT },
            };
            return self.end(Err(failure));
        }
        let group = self.key_exchange.group();
        let answer = answer::read(&self.cx, parts, path, header, &self.offer(), group);
        self.end(answer.map_err(|refused| match refused {
            answer::Refused::Protocol(detail) => protocol(detail),
            answer::Refused::NotOffered(chosen) => {
                Failure::ProposalNotOffered { stage: Stage::Ike, chosen, offered: self.describe() }
            }
        }));
    }

    fn on_cookie(&mut self, cookie: &[u8]) {
        if cookie.is_empty() || cookie.len() > 64 {
            return self.end(Err(protocol(format!("a cookie of {} octets", cookie.len()))));
        }
        // A copy of an answer that was followed.
        if self.cookie.as_deref() == Some(cookie) {
            return;
        }
        if self.cookies >= COOKIES_MAX {
            return self.end(Err(Failure::CookieLoop));
        }
        self.cookies = self.cookies.saturating_add(1);
        self.cookie = Some(cookie.to_vec());
        self.resend();
    }

    fn on_other_group(&mut self, group: Option<DhGroup>) {
        let Some(group) = group else {
            return self.end(Err(protocol("INVALID_KE_PAYLOAD without a group".into())));
        };
        let offered = ike_groups(std::slice::from_ref(&self.question.proposal));
        if group == self.key_exchange.group() && self.groups > 0 {
            return;
        }
        let refused = Failure::KeyExchangeRefused { wanted: group, offered: offered.clone() };
        if group == self.key_exchange.group() || !offered.contains(&group) || self.groups >= GROUPS_MAX {
            return self.end(Err(refused));
        }
        self.groups = self.groups.saturating_add(1);
        match generate(&self.cx, group) {
            Ok(key_exchange) => {
                self.key_exchange = key_exchange;
                self.resend();
            }
            Err(failure) => self.end(Err(failure)),
        }
    }

    fn resend(&mut self) {
        match self.encode() {
            Ok(message) => {
                self.cx.send(&message);
                self.window.restart_request(self.cx.now, vec![message]);
            }
            Err(failure) => self.end(Err(failure)),
        }
    }

    fn describe(&self) -> String {
        let mut text = describe_ike(std::slice::from_ref(&self.question.proposal));
        for method in self.question.additional.iter().take(ADDITIONAL_MAX).filter(|method| **method != 0) {
            text.push_str(&format!("; then {}", DhGroup(*method)));
        }
        text
    }
}

fn protocol(detail: String) -> Failure {
    Failure::Protocol { exchange: ExchangeType::IKE_SA_INIT, detail }
}
