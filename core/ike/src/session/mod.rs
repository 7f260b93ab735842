//! A session: one peer, one IKE SA after the other, and their Child SAs. Sans-I/O.
//!
//! Owns [`Session`], the face of this crate towards a host, and the values its phases share. The host gives it
//! datagrams, time and answers, and takes datagrams, events and deadlines; see the crate's head.

pub(crate) mod child;
pub(crate) mod common;
pub(crate) mod configuration;
pub(crate) mod context;
pub(crate) mod ike_sa;
pub(crate) mod init;
pub(crate) mod limiter;
pub(crate) mod parts;
pub(crate) mod proof;
pub(crate) mod question;
pub(crate) mod selectors;

use std::sync::Arc;

use adit_crypto::CryptoProvider;

use crate::config::{InitiatorConfig, LocalAuth, ResponderConfig};
use crate::discard::Discard;
use crate::event::{Answer, ChildId, CloseReason, Command, Event, NetworkChange, Path, Token, Transmit};
use crate::failure::Failure;
use crate::phase::await_credentials::AwaitCredentials;
use crate::phase::await_sa_init::AwaitSaInit;
use crate::phase::closing::Closing;
use crate::phase::established::Outcome;
use crate::phase::serve_auth::{Refused, RefusedCause, ServeAuth};
use crate::phase::{Phase, Step};
use crate::task::Task;
use crate::time::Instant;
use crate::timers::Wake;
use crate::wire::{ExchangeType, Flags, Header, IkeSpi, Message, Notify, NotifyType, Payload, Role, Version};
use context::Context;

/// One peer.
#[derive(Debug)]
pub struct Session {
    cx: Context,
    phase: Phase,
}

impl Session {
    /// Starts as initiator: the first message is queued for `path`, or the question for user name and password
    /// that comes before it ([`LocalAuth::EapAsked`]).
    ///
    /// # Errors
    /// [`Failure::Crypto`] if the provider has no randomness or not the first group of the proposals.
    pub fn connect(
        config: Arc<InitiatorConfig>,
        provider: CryptoProvider,
        now: Instant,
        path: Path,
    ) -> Result<Self, Failure> {
        let mut cx = Context::new(provider, now, path, config.common.spi_tag);
        #[cfg(feature = "keylog")]
        {
            cx.key_log = config.common.key_log;
        }
        let phase = if let LocalAuth::EapAsked { username, .. } = &config.local_auth {
            let username = username.clone();
            Phase::AwaitCredentials(Box::new(AwaitCredentials::start(&mut cx, config, username)))
        } else {
            Phase::AwaitSaInit(Box::new(AwaitSaInit::start(&mut cx, config)?))
        };
        Ok(Self { cx, phase })
    }

    /// Starts as responder with an IKE_SA_INIT request, without a non-ESP marker: the answer is queued. The
    /// caller has checked the cookie, if it asked for one, and that this is no repetition of a request that has
    /// a session already. `spi_tag` is [`crate::config::Config::spi_tag`] of this session.
    ///
    /// # Errors
    /// [`Refused`], with the datagram to send back, if any. Nothing of the request is kept.
    pub fn respond(
        config: Arc<ResponderConfig>,
        provider: CryptoProvider,
        now: Instant,
        path: Path,
        spi_tag: u16,
        datagram: &[u8],
    ) -> Result<Self, Refused> {
        let discard = |discard| Refused { reply: None, cause: RefusedCause::Discard(discard) };
        let header = Header::parse(datagram).map_err(|error| discard(Discard::NotIke(error)))?;
        if let Err(error) = header.check_version() {
            // RFC 7296 2.5. A response is never answered, or two peers could go on for ever.
            let newer = header.version.major > Version::V2.major && !header.flags.response;
            let reply = newer.then(|| invalid_version(&header)).flatten();
            return Err(Refused { reply, cause: RefusedCause::Discard(Discard::NotIke(error)) });
        }
        let opens_session = header.exchange == ExchangeType::IKE_SA_INIT
            && !header.flags.response
            && header.flags.initiator
            && header.message_id == 0
            && !header.initiator_spi.is_zero()
            && header.responder_spi.is_zero();
        if !opens_session {
            return Err(discard(Discard::UnknownSpi));
        }
        let mut cx = Context::new(provider, now, path, spi_tag);
        #[cfg(feature = "keylog")]
        {
            cx.key_log = config.common.key_log;
        }
        let phase = Phase::ServeAuth(Box::new(ServeAuth::start(&mut cx, config, &header, datagram)?));
        Ok(Self { cx, phase })
    }

    /// From now on [`Event::Observed`] tells what the server shows, and IKE_AUTH asks whether it knows MOBIKE. For a
    /// session that is only made to see what a server does: MOBIKE is announced, not used. Called before the answer to
    /// the first message.
    pub fn observe(&mut self) {
        self.cx.observing = true;
    }

    /// Takes an IKE message without non-ESP marker that came by `path`.
    ///
    /// # Errors
    /// [`Discard`] if it was noise: nothing changed.
    pub fn handle_message(&mut self, now: Instant, path: Path, datagram: &mut [u8]) -> Result<(), Discard> {
        self.cx.advance(now);
        let header = Header::parse(datagram).map_err(Discard::NotIke)?;
        // An initiator that has nothing else remembers the version of the answer.
        if !matches!(self.phase, Phase::AwaitSaInit(_)) {
            header.check_version().map_err(Discard::NotIke)?;
        }
        let cx = &mut self.cx;
        let step = match std::mem::replace(&mut self.phase, Phase::Closed) {
            phase @ Phase::AwaitCredentials(_) => Step::Stay(phase, Discard::UnknownSpi),
            Phase::AwaitSaInit(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::AwaitSignature(phase) => phase.on_message(&header),
            Phase::AwaitVerdict(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::AwaitAuth(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::AwaitEap(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::ServeAuth(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::ServeEap(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::AwaitLease(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::Closing(phase) => phase.on_message(cx, path, &header, datagram),
            Phase::Established(mut phase) => match phase.on_message(cx, path, &header, datagram) {
                Ok(outcome) => established(cx, phase, outcome),
                Err(discard) => Step::Stay(Phase::Established(phase), discard),
            },
            Phase::Closed => Step::Stay(Phase::Closed, Discard::Closed),
        };
        self.apply(step)
    }

    /// Does what is due at `now`. The next deadline is later then, or output is waiting.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.cx.advance(now);
        let cx = &mut self.cx;
        let step = match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::AwaitCredentials(phase) => phase.on_timeout(cx),
            Phase::AwaitSaInit(phase) => phase.on_timeout(cx),
            Phase::AwaitSignature(phase) => phase.on_timeout(cx),
            Phase::AwaitVerdict(phase) => phase.on_timeout(cx),
            Phase::AwaitAuth(phase) => phase.on_timeout(cx),
            Phase::AwaitEap(phase) => phase.on_timeout(cx),
            Phase::ServeAuth(phase) => phase.on_timeout(cx),
            Phase::ServeEap(phase) => phase.on_timeout(cx),
            Phase::AwaitLease(phase) => phase.on_timeout(cx),
            Phase::Closing(phase) => phase.on_timeout(cx),
            Phase::Established(mut phase) => {
                let outcome = phase.on_timeout(cx);
                established(cx, phase, outcome)
            }
            Phase::Closed => Step::Next(Phase::Closed),
        };
        // A deadline is never noise.
        let _ = self.apply(step);
    }

    /// Takes the host's answer to [`Event::Ask`]. An answer nobody waits for is ignored.
    pub fn answer(&mut self, now: Instant, token: Token, answer: Answer) {
        self.cx.advance(now);
        let step = match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::AwaitLease(phase) => phase.on_answer(&mut self.cx, token, answer),
            Phase::AwaitCredentials(phase) => phase.on_answer(&mut self.cx, token, answer),
            Phase::AwaitSignature(phase) => phase.on_answer(&mut self.cx, token, answer),
            Phase::AwaitVerdict(phase) => phase.on_answer(&mut self.cx, token, answer),
            Phase::AwaitEap(phase) => phase.on_answer(&mut self.cx, token, answer),
            phase => Step::Next(phase),
        };
        let _ = self.apply(step);
    }

    /// The host's network changed: from now on the peer is reached by `path`; `None` if there is no network. The host has
    /// a socket at `path.local` already, or makes one when the first datagram for it comes; `path.remote` is an address
    /// of the peer, which may be another of its own ([`Self::peer_addresses`]).
    ///
    /// The same path again is no change: call this whenever something changed.
    pub fn network_changed(&mut self, now: Instant, path: Option<Path>) -> NetworkChange {
        self.cx.advance(now);
        let cx = &mut self.cx;
        let same =
            |path: Path| (path.local.ip(), path.remote.ip()) == (cx.path.local.ip(), cx.path.remote.ip());
        match (std::mem::replace(&mut self.phase, Phase::Closed), path) {
            (Phase::Established(mut phase), path) => {
                let change = phase.network_changed(cx, path);
                let outcome = phase.pump(cx);
                let step = established(cx, phase, outcome);
                let _ = self.apply(step);
                change
            }
            // Nothing is sent yet.
            (phase @ Phase::AwaitCredentials(_), Some(path)) => {
                cx.path = path;
                self.phase = phase;
                NetworkChange::Unchanged
            }
            (phase, path) => {
                self.phase = phase;
                match path {
                    None => NetworkChange::Waiting,
                    Some(path) if same(path) => NetworkChange::Unchanged,
                    Some(_) => NetworkChange::MustReconnect,
                }
            }
        }
    }

    /// The host slept until now, or for another reason neither sent nor received: the tries of an open request of ours
    /// begin anew, the same message again, so that its silence is not taken for the peer's (RFC 7296 2.1, 2.4). What was
    /// due meanwhile is due now. Lifetimes went on, and so did what the peer and the user were given to answer.
    ///
    /// A session that is not told finds out by itself when a retransmission is late by ten seconds or more.
    pub fn woke(&mut self, now: Instant) {
        self.cx.advance(now);
        let now = self.cx.now;
        match &mut self.phase {
            Phase::AwaitSaInit(phase) => phase.woke(now),
            Phase::AwaitAuth(phase) => phase.handshake.sa.renew(now),
            Phase::AwaitEap(phase) => phase.woke(now),
            Phase::Established(phase) => phase.woke(now),
            // Nothing of ours is open, or nobody waits for its answer.
            Phase::AwaitCredentials(_)
            | Phase::AwaitSignature(_)
            | Phase::AwaitVerdict(_)
            | Phase::ServeAuth(_)
            | Phase::ServeEap(_)
            | Phase::AwaitLease(_)
            | Phase::Closing(_)
            | Phase::Closed => {}
        }
    }

    /// Further addresses of the server that it told us (RFC 4555 3.4), at most 16; empty for a responder.
    #[must_use]
    pub fn peer_addresses(&self) -> &[std::net::IpAddr] {
        match &self.phase {
            Phase::Established(phase) => &phase.moves.addresses,
            _ => &[],
        }
    }

    /// Takes a wish of the host. Before the session is established only [`Command::Close`] has an effect.
    pub fn request(&mut self, now: Instant, command: Command) {
        self.cx.advance(now);
        let cx = &mut self.cx;
        let step = match (std::mem::replace(&mut self.phase, Phase::Closed), command) {
            (Phase::Established(mut phase), Command::Close) => {
                if phase.close(cx) {
                    Closing::start(cx, *phase)
                } else {
                    Step::Next(Phase::Established(phase))
                }
            }
            (Phase::Established(mut phase), command) => {
                match command {
                    Command::RekeyChild => {
                        let ids: Vec<ChildId> = phase
                            .children
                            .iter()
                            .filter(|child| !child.replaced)
                            .map(|child| child.id)
                            .collect();
                        for id in ids {
                            phase.queue(Task::RekeyChild(id));
                        }
                    }
                    Command::RekeyIke => phase.queue(Task::RekeyIke),
                    Command::CheckLiveness => phase.queue(Task::Liveness),
                    Command::Close => {}
                }
                let outcome = phase.pump(cx);
                established(cx, phase, outcome)
            }
            (phase @ (Phase::Closing(_) | Phase::Closed), _) => Step::Next(phase),
            (Phase::AwaitAuth(phase), Command::Close) => phase.close(cx),
            (Phase::AwaitVerdict(phase), Command::Close) => phase.close(cx),
            (Phase::AwaitEap(phase), Command::Close) => phase.close(cx),
            (_, Command::Close) => Step::End(CloseReason::Requested),
            (phase, _) => Step::Next(phase),
        };
        let _ = self.apply(step);
    }

    /// A fresh, authentic ESP packet of the Child SA `child` came by `path`: the peer lives, may have moved, and
    /// uses this pair.
    pub fn note_received(&mut self, now: Instant, path: Path, child: ChildId) {
        self.cx.advance(now);
        if let Phase::Established(phase) = &mut self.phase {
            phase.last_inbound = self.cx.now;
            if path != self.cx.path {
                phase.follow(&mut self.cx, path);
            }
            if let Some(child) = phase.children.iter_mut().find(|known| known.id == child)
                && !child.sealing
                && !child.replaced
            {
                child.seal_from_now(&mut self.cx);
            }
        }
    }

    /// An ESP packet was sent: the NAT mapping is fresh.
    pub fn note_sent(&mut self, now: Instant) {
        self.cx.last_sent = self.cx.last_sent.max(now);
    }

    /// Replaces a Child SA whose sequence numbers run out.
    pub fn rekey_child(&mut self, now: Instant, child: ChildId) {
        self.cx.advance(now);
        if let Phase::Established(phase) = &mut self.phase {
            phase.queue(Task::RekeyChild(child));
            // A failure to start shows at the next deadline.
            let _ = phase.pump(&mut self.cx);
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.cx.poll_transmit()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.cx.poll_event()
    }

    /// When to call [`Self::handle_timeout`] next, and why; the last `now` while output is queued.
    pub fn poll_timeout(&self) -> Option<(Instant, Wake)> {
        if self.cx.has_output() {
            return Some((self.cx.now, Wake::QueuedOutput));
        }
        match &self.phase {
            Phase::AwaitCredentials(phase) => phase.deadline(),
            Phase::AwaitSaInit(phase) => phase.deadline(),
            Phase::AwaitSignature(phase) => phase.deadline(),
            Phase::AwaitVerdict(phase) => phase.deadline(),
            Phase::AwaitAuth(phase) => phase.handshake.deadline(),
            Phase::AwaitEap(phase) => phase.deadline(),
            Phase::ServeAuth(phase) => phase.deadline(),
            Phase::ServeEap(phase) => phase.deadline(),
            Phase::AwaitLease(phase) => phase.deadline(),
            Phase::Closing(phase) => phase.deadline(),
            Phase::Established(phase) => phase.deadline(&self.cx),
            Phase::Closed => None,
        }
    }

    /// Where the peer's ESP packets go now. IKE may be ahead of it while a client that moved is checked.
    #[must_use]
    pub fn path(&self) -> Path {
        self.cx.held.unwrap_or(self.cx.path)
    }

    /// True once [`Event::Closed`] was queued.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// True while the peer is not authenticated.
    #[must_use]
    pub fn is_half_open(&self) -> bool {
        matches!(self.phase, Phase::ServeAuth(_) | Phase::ServeEap(_) | Phase::AwaitLease(_))
    }

    /// The SPIs of the initiator and the responder, once both are known: of the IKE SA in use.
    #[must_use]
    pub fn spis(&self) -> Option<(IkeSpi, IkeSpi)> {
        let sa = match &self.phase {
            Phase::AwaitSignature(phase) => phase.sa(),
            Phase::AwaitAuth(phase) => &phase.handshake.sa,
            Phase::AwaitVerdict(phase) => phase.sa(),
            Phase::AwaitEap(phase) => phase.sa(),
            Phase::ServeAuth(phase) => &phase.service.sa,
            Phase::ServeEap(phase) => phase.sa(),
            Phase::AwaitLease(phase) => phase.sa(),
            Phase::Established(phase) => &phase.sa,
            Phase::Closing(phase) => phase.sa(),
            Phase::AwaitCredentials(_) | Phase::AwaitSaInit(_) | Phase::Closed => return None,
        };
        Some((sa.spi_i(), sa.spi_r()))
    }

    fn apply(&mut self, step: Step) -> Result<(), Discard> {
        match step {
            Step::Next(phase) => {
                self.phase = phase;
                Ok(())
            }
            Step::Stay(phase, discard) => {
                self.phase = phase;
                Err(discard)
            }
            Step::End(reason) => {
                self.phase = Phase::Closed;
                self.cx.event(Event::Closed(reason));
                Ok(())
            }
        }
    }
}

/// INVALID_MAJOR_VERSION, unprotected. The version we speak stands in its header (RFC 7296 2.5).
fn invalid_version(header: &Header) -> Option<Vec<u8>> {
    let reply = Header::new(
        header.initiator_spi,
        header.responder_spi,
        header.exchange,
        Flags::response(Role::Responder),
        header.message_id,
    );
    let notify = Notify::status(NotifyType::INVALID_MAJOR_VERSION);
    Message { header: reply, payloads: vec![Payload::Notify(notify)] }.encode().ok()
}

fn established(
    cx: &mut Context,
    mut phase: Box<crate::phase::established::Established>,
    outcome: Outcome,
) -> Step {
    match outcome {
        Outcome::Continue if phase.wants_close(cx) => Closing::start(cx, *phase),
        Outcome::Continue => Step::Next(Phase::Established(phase)),
        Outcome::Close(reason) => {
            if matches!(reason, CloseReason::Failed(_)) {
                phase.farewell(cx);
            }
            for child in std::mem::take(&mut phase.children) {
                child.remove(cx);
            }
            Step::End(reason)
        }
    }
}
