//! Initiator: IKE_SA_INIT is sent (RFC 7296 1.2, 2.6, 2.7).
//!
//! Nothing that arrives here is protected, so one bad answer proves nothing: an error is remembered, a valid
//! answer that comes soon after it wins (2.21.1). Cookies and other groups are followed a few times only.

use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{ActiveKeyExchange, CryptoError, DhGroup};

use super::await_auth::{AwaitAuth, SaInitDone};
use super::{Phase, Step, step};
use crate::config::InitiatorConfig;
use crate::describe::describe;
use crate::discard::Discard;
use crate::event::{Event, ExchangeRecord, MessageRecord, Path};
use crate::exchange::{OnTimeout, Window};
use crate::failure::{Failure, Stage};
use crate::keys::skeyseed_initial;
use crate::proposal::{accept_ike, offer_ike};
use crate::session::common::Common;
use crate::session::context::Context;
use crate::session::ike_sa::{Establish, IkeSa};
use crate::session::init::{PeerSupport, check_nonce, generate, request};
use crate::session::parts::Parts;
use crate::time::Instant;
use crate::timers::{Deadline, Soonest, Wake};
use crate::wire::{ExchangeType, Header, IkeSpi, Message, Nonce, NotifyType, Role, SecurityAssociation};

/// Cookies we answer before we take the server for broken.
const COOKIES_MAX: u32 = 3;

/// Other groups we follow.
const GROUPS_MAX: u32 = 2;

/// Copies of an answer that was followed already, before they count as an error: the network makes some, and so
/// does each retransmission of ours.
const COPIES_MAX: u32 = 8;

/// How long a valid answer may still come after an unprotected error: one retransmission by default.
const ERROR_PATIENCE: Duration = Duration::from_secs(3);

/// The phase.
pub(crate) struct AwaitSaInit {
    config: Arc<InitiatorConfig>,
    common: Arc<Common>,
    spi_i: IkeSpi,
    nonce: Vec<u8>,
    key_exchange: Box<dyn ActiveKeyExchange>,
    cookie: Option<Vec<u8>>,
    /// What was sent last: AUTH covers it.
    message: Vec<u8>,
    window: Window,
    started: Instant,
    cookies: u32,
    groups: u32,
    copies: u32,
    /// What an unprotected message said, and until when it may be proved wrong.
    error: Option<(Failure, Instant)>,
}

impl std::fmt::Debug for AwaitSaInit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwaitSaInit").field("spi_i", &self.spi_i).finish_non_exhaustive()
    }
}

impl AwaitSaInit {
    /// Sends the first message.
    pub fn start(cx: &mut Context, config: Arc<InitiatorConfig>) -> Result<Self, Failure> {
        let common = Arc::new(Common {
            config: config.common.clone(),
            initiator: true,
            local_id: config.local_id.clone(),
            method: config.local_auth.describe(),
        });
        let group = config.common.ike_groups().first().copied().unwrap_or(DhGroup::NONE);
        let mut phase = Self {
            spi_i: IkeSpi(cx.ike_spi()?),
            nonce: cx.nonce()?,
            key_exchange: generate(cx, group)?,
            window: Window::new(Role::Initiator, config.common.retransmit),
            common,
            config,
            cookie: None,
            message: Vec::new(),
            started: cx.now,
            cookies: 0,
            groups: 0,
            copies: 0,
            error: None,
        };
        phase.message = phase.encode(cx)?;
        // A new window has room.
        let _ = phase.window.start_request(cx.now, vec![phase.message.clone()]);
        cx.send(&phase.message);
        Ok(phase)
    }

    fn encode(&self, cx: &mut Context) -> Result<Vec<u8>, Failure> {
        let (cookie, key_exchange) = (self.cookie.as_deref(), self.key_exchange.as_ref());
        let message = request(cx, self.spi_i, cookie, self.offer(), key_exchange, &self.nonce)?;
        self.log(cx, true, cx.path, &message);
        message.encode().map_err(|error| protocol(error.to_string()))
    }

    fn offer(&self) -> SecurityAssociation {
        offer_ike(&self.config.common.ike_proposals, &[])
    }

    fn log(&self, cx: &mut Context, sent: bool, path: Path, message: &Message) {
        if self.common.config.log_messages {
            cx.event(Event::Message(MessageRecord { sent, path, text: describe(message) }));
        }
    }

    /// Sends the message again, changed.
    fn resend(mut self: Box<Self>, cx: &mut Context) -> Step {
        match self.encode(cx) {
            Ok(message) => {
                cx.send(&message);
                self.window.restart_request(cx.now, vec![message.clone()]);
                self.message = message;
                Step::Next(Phase::AwaitSaInit(self))
            }
            Err(failure) => Step::fail(failure),
        }
    }

    /// An answer came, perhaps.
    pub fn on_message(
        self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Step {
        if header.initiator_spi != self.spi_i || header.flags.initiator || !header.flags.response {
            return Step::Stay(Phase::AwaitSaInit(self), Discard::UnknownSpi);
        }
        if header.check_version().is_err() {
            return self.remember(cx, Failure::WrongVersion { major: header.version.major });
        }
        if header.exchange != ExchangeType::IKE_SA_INIT || header.message_id != 0 {
            return Step::Stay(Phase::AwaitSaInit(self), Discard::Exchange(header.exchange));
        }
        let message = match Message::parse(datagram) {
            Ok(message) => message,
            Err(error) => return Step::Stay(Phase::AwaitSaInit(self), Discard::NotIke(error)),
        };
        self.log(cx, false, path, &message);
        let parts = match Parts::new(message.payloads) {
            Ok(parts) => parts,
            Err(bad) => return self.remember(cx, protocol(bad.to_string())),
        };
        if let Some(cookie) = parts.notify(NotifyType::COOKIE) {
            return self.on_cookie(cx, &cookie.data);
        }
        if let Some(notify) = parts.notify(NotifyType::INVALID_KE_PAYLOAD) {
            return self.on_other_group(cx, notify.data_u16().map(DhGroup));
        }
        if let Some(error) = parts.error() {
            let failure = match error.notify_type {
                NotifyType::NO_PROPOSAL_CHOSEN => Failure::NoProposalChosen {
                    stage: Stage::Ike,
                    offered: self.config.common.describe_ike(),
                },
                notify => Failure::PeerError { notify, exchange: ExchangeType::IKE_SA_INIT },
            };
            return self.remember(cx, failure);
        }
        self.on_answer(cx, path, header, datagram, &parts)
    }

    fn on_cookie(mut self: Box<Self>, cx: &mut Context, cookie: &[u8]) -> Step {
        if cookie.is_empty() || cookie.len() > 64 {
            return self.remember(cx, protocol(format!("a cookie of {} octets", cookie.len())));
        }
        if self.cookie.as_deref() == Some(cookie) {
            return self.copy(cx, Failure::CookieLoop);
        }
        if self.cookies >= COOKIES_MAX {
            return self.remember(cx, Failure::CookieLoop);
        }
        self.cookies = self.cookies.saturating_add(1);
        self.cookie = Some(cookie.to_vec());
        self.resend(cx)
    }

    fn on_other_group(mut self: Box<Self>, cx: &mut Context, group: Option<DhGroup>) -> Step {
        let Some(group) = group else {
            return self.remember(cx, protocol("INVALID_KE_PAYLOAD without a group".into()));
        };
        let offered = self.config.common.ike_groups();
        let refused = Failure::KeyExchangeRefused { wanted: group, offered: offered.clone() };
        if group == self.key_exchange.group() && self.groups > 0 {
            return self.copy(cx, refused);
        }
        if group == self.key_exchange.group() || !offered.contains(&group) || self.groups >= GROUPS_MAX {
            return self.remember(cx, refused);
        }
        self.groups = self.groups.saturating_add(1);
        match generate(cx, group) {
            Ok(key_exchange) => {
                self.key_exchange = key_exchange;
                self.resend(cx)
            }
            Err(failure) => Step::fail(failure),
        }
    }

    /// Passes over a copy of an answer that was followed already, `failure` if there are too many of them.
    fn copy(mut self: Box<Self>, cx: &mut Context, failure: Failure) -> Step {
        self.copies = self.copies.saturating_add(1);
        if self.copies > COPIES_MAX {
            return self.remember(cx, failure);
        }
        Step::Stay(Phase::AwaitSaInit(self), Discard::Unprotected)
    }

    /// Keeps the first error until a valid answer had its time.
    fn remember(mut self: Box<Self>, cx: &mut Context, failure: Failure) -> Step {
        if self.error.is_none() {
            self.error = Some((failure, cx.now + ERROR_PATIENCE));
        }
        Step::Stay(Phase::AwaitSaInit(self), Discard::Unprotected)
    }

    fn on_answer(
        mut self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
        parts: &Parts,
    ) -> Step {
        let (Some(sa), Some(ke), Some(nonce)) = (&parts.sa, &parts.ke, &parts.nonce) else {
            return self.remember(cx, protocol("SA, KE or Nonce payload missing".into()));
        };
        if header.responder_spi.is_zero() {
            return self.remember(cx, protocol("the responder's SPI is zero".into()));
        }
        let suite = match accept_ike(sa, &self.offer()) {
            Ok(selected) => selected.suite,
            Err(mismatch) => {
                let failure = Failure::ProposalNotOffered {
                    stage: Stage::Ike,
                    chosen: mismatch.to_string(),
                    offered: self.config.common.describe_ike(),
                };
                return self.remember(cx, failure);
            }
        };
        if ke.group != suite.group || ke.group != self.key_exchange.group() {
            return self.remember(cx, protocol("the KE payload does not fit the proposal".into()));
        }
        if nonce.0 == self.nonce {
            return self.remember(cx, protocol("the peer returned our nonce".into()));
        }
        let shared = match self.key_exchange.complete(&ke.data) {
            Ok(shared) => shared,
            Err(error) => return self.remember(cx, Failure::Crypto(error)),
        };
        if let Err(failure) = check_nonce(cx, suite.prf, nonce) {
            return self.remember(cx, failure);
        }
        let support = PeerSupport::read(cx, parts, path, self.spi_i, header.responder_spi);
        if !support.nat_traversal {
            return self.remember(cx, Failure::NoUdpEncapsulation);
        }
        self.window.finish_request(0);
        cx.event(Event::Exchange(ExchangeRecord {
            exchange: ExchangeType::IKE_SA_INIT,
            purpose: "key exchange",
            message_id: 0,
            by_us: true,
            took: cx.now.saturating_since(self.started),
        }));
        step(self.go_on(cx, header, datagram, suite, &shared, nonce, support))
    }

    #[expect(clippy::too_many_arguments, reason = "one call, of what the answer gave")]
    fn go_on(
        self: Box<Self>,
        cx: &mut Context,
        header: &Header,
        datagram: &[u8],
        suite: crate::proposal::IkeSuite,
        shared: &adit_crypto::Secret,
        nonce: &Nonce,
        support: PeerSupport,
    ) -> Result<Step, Failure> {
        let prf = cx.provider.prf(suite.prf).ok_or(CryptoError::BadKey("no such PRF"))?;
        let skeyseed = skeyseed_initial(prf, &self.nonce, &nonce.0, shared);
        let sa = IkeSa::new(
            cx,
            &self.common,
            Establish {
                suite,
                role: Role::Initiator,
                spi_i: self.spi_i,
                spi_r: header.responder_spi,
                nonce_i: &self.nonce,
                nonce_r: &nonce.0,
                skeyseed: &skeyseed,
                window: self.window,
                fragment_size: support.fragmentation.then_some(self.common.config.fragment_size),
            },
        )?;
        #[cfg(feature = "keylog")]
        crate::keylog::ike_sa(cx, &sa);
        // RFC 7296 2.23: the exchange goes on on the NAT traversal port.
        let ports = self.config.natt_ports;
        cx.path.local.set_port(ports.local);
        cx.path.remote.set_port(ports.remote);
        cx.path.encapsulated = true;
        cx.event(Event::PathChanged(cx.path));
        let done = SaInitDone {
            sa,
            message_i: self.message,
            message_r: datagram.to_vec(),
            nonce_i: self.nonce,
            nonce_r: nonce.0.clone(),
            support,
        };
        AwaitAuth::start(cx, self.config, self.common, done)
    }

    /// The host slept: the tries begin anew, and so does the time that a valid answer gets after an error.
    pub fn woke(&mut self, now: Instant) {
        self.window.renew_request(now);
        if let Some((_, until)) = &mut self.error {
            *until = now + ERROR_PATIENCE;
        }
    }

    /// Something is due.
    pub fn on_timeout(mut self: Box<Self>, cx: &mut Context) -> Step {
        if let Some((_, until)) = &self.error
            && *until <= cx.now
            && let Some((failure, _)) = self.error.take()
        {
            return Step::fail(failure);
        }
        let tries = self.window.transmissions();
        match self.window.on_timeout(cx.now) {
            OnTimeout::Nothing => {}
            OnTimeout::Retransmit(datagrams) => {
                for datagram in datagrams {
                    cx.send(datagram);
                }
            }
            OnTimeout::GiveUp { .. } => {
                let waited = cx.now.saturating_since(self.started);
                return Step::fail(
                    self.error.map_or(Failure::NoAnswer { tries, waited }, |(failure, _)| failure),
                );
            }
        }
        Step::Next(Phase::AwaitSaInit(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        let mut soonest = Soonest::new();
        soonest.consider(self.window.next_deadline(), Wake::Retransmit);
        soonest.consider(self.error.as_ref().map(|(_, until)| *until), Wake::Patience);
        soonest.get()
    }
}

fn protocol(detail: String) -> Failure {
    Failure::Protocol { exchange: ExchangeType::IKE_SA_INIT, detail }
}
