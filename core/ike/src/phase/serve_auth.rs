//! Responder: IKE_SA_INIT is answered, the first IKE_AUTH is awaited (RFC 7296 1.2, 2.15, 2.16).
//!
//! The client holds no credential yet: anything but IKE_AUTH is dropped unopened, one failed proof ends the
//! session, and a client that stays silent is forgotten.

use std::sync::Arc;

use adit_crypto::CryptoError;

use super::await_lease::{AwaitLease, Client};
use super::serve_eap::ServeEap;
use super::{Phase, Step, step};
use crate::config::{CertifiedKey, ResponderConfig};
use crate::describe::describe;
use crate::discard::Discard;
use crate::event::{Event, ExchangeRecord, MessageRecord, Path};
use crate::exchange::{Fingerprint, Incoming, Window};
use crate::failure::{AuthFailure, Failure, Stage};
use crate::identity::Identity;
use crate::keys::skeyseed_initial;
use crate::proposal::select_ike;
use crate::session::common::Common;
use crate::session::context::Context;
use crate::session::ike_sa::{Establish, IkeSa, Received};
use crate::session::init::{PeerSupport, check_nonce, notifies};
use crate::session::parts::Parts;
use crate::session::proof::{self, Judge, Shown, Transcript, id_payload, read_identity};
use crate::time::Instant;
use crate::timers::{Deadline, Wake};
use crate::wire::{
    AuthMethod, ExchangeType, Flags, Header, IkeSpi, KeyExchange, Message, Nonce, Notify, NotifyType,
    Payload, Role,
};

/// What every message of the handshake goes on with.
#[derive(Debug)]
pub(crate) struct Service {
    pub config: Arc<ResponderConfig>,
    pub common: Arc<Common>,
    pub sa: IkeSa,
    pub transcript: Transcript,
    pub support: PeerSupport,
    /// The session is forgotten then.
    pub until: Instant,
}

/// The phase.
#[derive(Debug)]
pub(crate) struct ServeAuth {
    pub service: Service,
}

/// Why an IKE_SA_INIT request makes no session, and what to send back, if anything. Nothing is kept, so it is
/// never sent again.
#[derive(Debug)]
pub struct Refused {
    /// The datagram to answer with, without a non-ESP marker.
    pub reply: Option<Vec<u8>>,
    /// Why.
    pub cause: RefusedCause,
}

/// Why an IKE_SA_INIT request makes no session.
#[derive(Clone, Debug, PartialEq)]
pub enum RefusedCause {
    /// It is noise.
    Discard(Discard),
    /// It was understood and cannot be served.
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { reply: None, cause: RefusedCause::Failure(failure) }
    }
}

impl From<CryptoError> for Refused {
    fn from(error: CryptoError) -> Self {
        Failure::Crypto(error).into()
    }
}

impl ServeAuth {
    /// Answers an IKE_SA_INIT request. Its header is checked already.
    pub fn start(
        cx: &mut Context,
        config: Arc<ResponderConfig>,
        header: &Header,
        datagram: &[u8],
    ) -> Result<Self, Refused> {
        let parts = read_request(header, datagram)?;
        let (Some(sa), Some(ke), Some(nonce)) = (&parts.sa, &parts.ke, &parts.nonce) else {
            return Err(with_notify(header, Notify::status(NotifyType::INVALID_SYNTAX), missing()));
        };
        let proposals = &config.common.ike_proposals;
        let selected = select_ike(sa, proposals, &cx.provider, Some(ke.group)).map_err(|mismatch| {
            let failure = Failure::NoProposalInCommon {
                stage: Stage::Ike,
                offered: mismatch.received.join(" | "),
                wanted: config.common.describe_ike(),
            };
            with_notify(header, Notify::status(NotifyType::NO_PROPOSAL_CHOSEN), failure)
        })?;
        let suite = selected.suite;
        if ke.group != suite.group {
            let failure = Failure::KeyExchangeRefused { wanted: suite.group, offered: vec![ke.group] };
            let notify = Notify::new(NotifyType::INVALID_KE_PAYLOAD, suite.group.0.to_be_bytes());
            return Err(with_notify(header, notify, failure));
        }
        if let Err(failure) = check_nonce(cx, suite.prf, nonce) {
            return Err(with_notify(header, Notify::status(NotifyType::INVALID_SYNTAX), failure));
        }
        let method = cx.provider.key_exchange(suite.group).ok_or(CryptoError::BadKey("no such group"))?;
        let key_exchange = method.generate(cx.provider.random)?;
        let shared = key_exchange.complete(&ke.data).map_err(|error| {
            with_notify(header, Notify::status(NotifyType::INVALID_SYNTAX), Failure::Crypto(error))
        })?;
        let (spi_i, spi_r) = (header.initiator_spi, IkeSpi(cx.ike_spi()?));
        let nonce_r = cx.nonce()?;
        let support = PeerSupport::read(cx, &parts, cx.path, spi_i, IkeSpi::ZERO);

        let mut payloads = vec![
            Payload::Sa(selected.answer(&[])),
            Payload::Ke(KeyExchange { group: suite.group, data: key_exchange.public_value().to_vec() }),
            Payload::Nonce(Nonce(nonce_r.clone())),
        ];
        payloads.extend(notifies(cx, cx.path, spi_i, spi_r)?);
        if let Some(clients) = &config.clients {
            payloads.push(proof::certificate_request(cx, clients));
        }
        let flags = Flags::response(Role::Responder);
        let message =
            Message { header: Header::new(spi_i, spi_r, ExchangeType::IKE_SA_INIT, flags, 0), payloads };
        let reply = message.encode().map_err(|error| protocol(error.to_string()))?;
        let common = Arc::new(Common {
            config: config.common.clone(),
            initiator: false,
            local_id: config.id.clone(),
            method: "credentials of the gateway",
        });
        if common.config.log_messages {
            let path = cx.path;
            if let Ok(request) = Message::parse(datagram) {
                cx.event(Event::Message(MessageRecord { sent: false, path, text: describe(&request) }));
            }
            cx.event(Event::Message(MessageRecord { sent: true, path, text: describe(&message) }));
        }
        let prf = cx.provider.prf(suite.prf).ok_or(CryptoError::BadKey("no such PRF"))?;
        let skeyseed = skeyseed_initial(prf, &nonce.0, &nonce_r, &shared);
        let sa = IkeSa::new(
            cx,
            &common,
            Establish {
                suite,
                role: Role::Responder,
                spi_i,
                spi_r,
                nonce_i: &nonce.0,
                nonce_r: &nonce_r,
                skeyseed: &skeyseed,
                window: answered(cx, &common, header, datagram, &reply)?,
                fragment_size: support.fragmentation.then_some(common.config.fragment_size),
            },
        )?;
        #[cfg(feature = "keylog")]
        crate::keylog::ike_sa(cx, &sa);
        cx.send(&reply);
        let transcript =
            Transcript { message_i: datagram.to_vec(), message_r: reply, nonce_i: nonce.0.clone(), nonce_r };
        let until = cx.now + config.half_open_timeout;
        Ok(Self { service: Service { config, common, sa, transcript, support, until } })
    }

    /// A datagram came.
    pub fn on_message(
        mut self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Step {
        match self.service.receive(cx, path, header, datagram) {
            Ok(Ok(parts)) => step(self.on_request(cx, header, parts)),
            Ok(Err(failure)) => Step::fail(failure),
            Err(discard) => Step::Stay(Phase::ServeAuth(self), discard),
        }
    }

    fn on_request(self: Box<Self>, cx: &mut Context, header: &Header, parts: Parts) -> Result<Step, Failure> {
        let mut service = self.service;
        let Some(id) = &parts.id_i else {
            return Err(service.syntax_error(cx, header, "no IDi payload"));
        };
        if parts.sa.is_none() || parts.ts_i.is_none() || parts.ts_r.is_none() {
            return Err(service.syntax_error(cx, header, "SA, TSi or TSr payload missing"));
        }
        let Ok(id) = read_identity(id) else {
            return Err(service.syntax_error(cx, header, "the IDi payload is no identity"));
        };
        if parts.auth.is_none() {
            return ServeEap::start(cx, service, header, id, parts);
        }
        match service.judge(cx, &id, &parts) {
            Ok((proved, answer)) => {
                let client = Client { identity: id, proved, answer, eap: false };
                AwaitLease::start(cx, service, header, client, parts)
            }
            Err(failure) => Err(service.refuse(cx, header, failure)),
        }
    }

    /// Something is due.
    pub fn on_timeout(self: Box<Self>, cx: &mut Context) -> Step {
        if self.service.until <= cx.now {
            return Step::fail(self.service.timed_out());
        }
        Step::Next(Phase::ServeAuth(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        Some((self.service.until, Wake::Patience))
    }
}

impl Service {
    /// Opens a datagram. Only IKE_AUTH requests are opened at all, so that a peer without credentials reaches
    /// nothing else (B01, B02).
    pub fn receive(
        &mut self,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Result<Result<Parts, Failure>, Discard> {
        if !self.sa.is_named_by(header) {
            return Err(Discard::UnknownSpi);
        }
        let again = header.exchange == ExchangeType::IKE_SA_INIT && header.message_id == 0;
        if header.flags.response || (header.exchange != ExchangeType::IKE_AUTH && !again) {
            return Err(Discard::Exchange(header.exchange));
        }
        let Received::Request { payloads } = self.sa.receive(cx, path, header, datagram)? else {
            return Err(Discard::Unsolicited);
        };
        // The client moved to the NAT traversal port, or its NAT gave it another.
        cx.path = path;
        cx.event(Event::Exchange(ExchangeRecord {
            exchange: header.exchange,
            purpose: "authentication",
            message_id: header.message_id,
            by_us: false,
            took: std::time::Duration::ZERO,
        }));
        Ok(match payloads {
            Ok(payloads) => {
                Parts::new(payloads).map_err(|bad| self.syntax_error(cx, header, &bad.to_string()))
            }
            Err(error) => {
                let notify = match error.unsupported_critical() {
                    Some(payload_type) => {
                        Notify::new(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, [payload_type.0])
                    }
                    None => Notify::status(NotifyType::INVALID_SYNTAX),
                };
                Err(self.end(cx, header, notify, protocol(error.to_string())))
            }
        })
    }

    /// Judges the client's proof; gives how it proved itself and our own AUTH, with what goes before it.
    fn judge(
        &self,
        cx: &Context,
        id: &Identity,
        parts: &Parts,
    ) -> Result<(String, Vec<Payload>), AuthFailure> {
        let Some(auth) = &parts.auth else { return Err(AuthFailure::NoProof) };
        let config = &self.config;
        if auth.method == AuthMethod::SHARED_KEY {
            let listed = config.shared_keys.iter().find(|(known, _)| known.matches(id).is_ok());
            let secret = listed
                .map(|(_, secret)| secret)
                .or(config.default_shared_key.as_ref())
                .ok_or_else(|| AuthFailure::UnknownPeer(id.clone()))?;
            proof::check_secret(&self.sa, &self.transcript, Role::Initiator, id, secret, auth)?;
            let ours = proof::by_secret(&self.sa, &self.transcript, Role::Responder, &config.id, secret);
            return Ok(("pre-shared key".into(), vec![ours]));
        }
        let (Some(policy), Some(certified)) = (&config.clients, &config.certificate) else {
            return Err(AuthFailure::UnknownPeer(id.clone()));
        };
        let shown = Shown {
            role: Role::Initiator,
            id,
            certs: &parts.certs,
            auth,
            announced_hashes: self.support.hashes.is_some(),
        };
        let now = self.common.unix_now(cx.now);
        let proved =
            proof::check_certificate(cx, &self.sa, &self.transcript, policy, Judge::Anchors, now, &shown)?;
        let ours = self.certified_auth(cx, certified).map_err(|failure| match failure {
            Failure::Authentication(failure) => failure,
            _ => AuthFailure::NoCertificate,
        })?;
        Ok((proved, ours))
    }

    /// Our CERT and AUTH payloads.
    pub fn certified_auth(&self, cx: &Context, certified: &CertifiedKey) -> Result<Vec<Payload>, Failure> {
        let auth = proof::by_key(
            cx,
            &self.sa,
            &self.transcript,
            Role::Responder,
            &self.config.id,
            certified,
            self.support.hashes.as_deref(),
        )?;
        Ok(proof::cert_payloads(&certified.chain).chain([auth]).collect())
    }

    /// Our IDr payload.
    pub fn id_payload(&self) -> Payload {
        Payload::IdR(id_payload(&self.config.id))
    }

    /// AUTHENTICATION_FAILED, the same for every reason.
    pub fn refuse(&mut self, cx: &mut Context, header: &Header, failure: AuthFailure) -> Failure {
        let notify = Notify::status(NotifyType::AUTHENTICATION_FAILED);
        self.end(cx, header, notify, Failure::Authentication(failure))
    }

    /// INVALID_SYNTAX.
    pub fn syntax_error(&mut self, cx: &mut Context, header: &Header, detail: &str) -> Failure {
        self.end(cx, header, Notify::status(NotifyType::INVALID_SYNTAX), protocol(detail.to_owned()))
    }

    /// Answers with `notify` alone and gives `failure`.
    pub fn end(&mut self, cx: &mut Context, header: &Header, notify: Notify, failure: Failure) -> Failure {
        match self.sa.respond(cx, header, &[Payload::Notify(notify)]) {
            Ok(()) => failure,
            Err(failure) => failure,
        }
    }

    /// The client stayed silent.
    pub fn timed_out(&self) -> Failure {
        Failure::PeerGone { exchange: ExchangeType::IKE_AUTH, waited: self.config.half_open_timeout }
    }
}

fn read_request(header: &Header, datagram: &[u8]) -> Result<Parts, Refused> {
    let message = Message::parse(datagram).map_err(|error| match error.unsupported_critical() {
        Some(payload_type) => with_notify(
            header,
            Notify::new(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, [payload_type.0]),
            protocol(error.to_string()),
        ),
        None => Refused { reply: None, cause: RefusedCause::Discard(Discard::NotIke(error)) },
    })?;
    Parts::new(message.payloads).map_err(|bad| {
        with_notify(header, Notify::status(NotifyType::INVALID_SYNTAX), protocol(bad.to_string()))
    })
}

/// An unprotected answer that carries one notify. The responder's SPI stays zero: there is no session.
pub(crate) fn notify_reply(header: &Header, notify: Notify) -> Option<Vec<u8>> {
    let reply = Header::new(
        header.initiator_spi,
        IkeSpi::ZERO,
        ExchangeType::IKE_SA_INIT,
        Flags::response(Role::Responder),
        0,
    );
    Message { header: reply, payloads: vec![Payload::Notify(notify)] }.encode().ok()
}

fn with_notify(header: &Header, notify: Notify, failure: Failure) -> Refused {
    Refused { reply: notify_reply(header, notify), cause: RefusedCause::Failure(failure) }
}

/// A window behind IKE_SA_INIT, with the reply stored for the case that the request comes again.
fn answered(
    cx: &Context,
    common: &Common,
    header: &Header,
    request: &[u8],
    reply: &[u8],
) -> Result<Window, Refused> {
    let mut window = Window::new(Role::Responder, common.config.retransmit);
    let fingerprint = Fingerprint::of(&cx.provider, request).ok_or(CryptoError::BadKey("no SHA-256"))?;
    if window.classify(header, request, fingerprint) != Incoming::NewRequest
        || !window.begin_request(0)
        || !window.store_reply(0, fingerprint, vec![reply.to_vec()])
    {
        let discard = Discard::MessageId { expected: 0, received: header.message_id };
        return Err(Refused { reply: None, cause: RefusedCause::Discard(discard) });
    }
    Ok(window)
}

fn missing() -> Failure {
    Failure::Protocol {
        exchange: ExchangeType::IKE_SA_INIT,
        detail: "SA, KE or Nonce payload missing".into(),
    }
}

fn protocol(detail: String) -> Failure {
    Failure::Protocol { exchange: ExchangeType::IKE_AUTH, detail }
}
