//! Initiator: the first IKE_AUTH is sent (RFC 7296 1.2, 2.15, 2.16).
//!
//! The answer must prove who the server is before anything else of it is used, and before EAP tells it a
//! user name.

use std::sync::Arc;

use super::await_eap::AwaitEap;
use super::await_signature::AwaitSignature;
use super::await_verdict::AwaitVerdict;
use super::established::{Established, Start};
use super::{Phase, Step, step};
use crate::config::{InitiatorConfig, LocalAuth, RemoteAuth};
use crate::discard::Discard;
use crate::event::{CloseReason, Established as EstablishedEvent, Event, ExchangeRecord, Observed, Path};
use crate::failure::{AuthFailure, Failure, Stage};
use crate::identity::Identity;
use crate::keys::{ChildKeySeed, ChildKeys};
use crate::proposal::{EspProposal, accept_esp, offer_esp};
use crate::session::child::{Agreed, Child};
use crate::session::common::Common;
use crate::session::configuration;
use crate::session::context::Context;
use crate::session::ike_sa::{IkeSa, Received, Retry};
use crate::session::init::PeerSupport;

use crate::session::parts::Parts;
use crate::session::proof::{self, Judge, Shown, Transcript, id_payload, read_identity};
use crate::session::selectors::to_wire;
use crate::task::narrowed;
use crate::time::Instant;
use crate::timers::{Deadline, Wake};
use crate::wire::{
    CertEncoding, ExchangeType, Header, Notify, NotifyType, Payload, Role, SecurityAssociation,
};
use adit_esp::Selectors;

/// What IKE_SA_INIT gave.
pub(crate) struct SaInitDone {
    pub sa: IkeSa,
    pub message_i: Vec<u8>,
    pub message_r: Vec<u8>,
    pub nonce_i: Vec<u8>,
    pub nonce_r: Vec<u8>,
    pub support: PeerSupport,
}

/// What every message of IKE_AUTH goes on with.
#[derive(Debug)]
pub(crate) struct Handshake {
    pub config: Arc<InitiatorConfig>,
    pub common: Arc<Common>,
    pub sa: IkeSa,
    pub transcript: Transcript,
    pub support: PeerSupport,
    /// The SPI of the first Child SA, on packets to us.
    pub spi_in: u32,
    /// The proposals sent for it.
    pub offer: SecurityAssociation,
    /// The selectors sent for it.
    pub selectors: Selectors,
}

/// A server that has proved itself.
#[derive(Debug)]
pub(crate) struct Server {
    pub id: Identity,
    /// How, in words.
    pub proved: String,
}

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitAuth {
    pub handshake: Handshake,
}

impl AwaitAuth {
    /// Sends the first IKE_AUTH, or asks the host to sign it first.
    pub fn start(
        cx: &mut Context,
        config: Arc<InitiatorConfig>,
        common: Arc<Common>,
        done: SaInitDone,
    ) -> Result<Step, Failure> {
        let child = &config.common.child;
        let selectors = Selectors::new(child.local.clone(), child.remote.clone()).map_err(|error| {
            Failure::Protocol { exchange: ExchangeType::IKE_AUTH, detail: error.to_string() }
        })?;
        let spi_in = cx.esp_spi(|_| false)?;
        let handshake = Handshake {
            spi_in,
            offer: offer_first_child(&child.proposals, spi_in),
            selectors,
            config,
            common,
            sa: done.sa,
            transcript: Transcript {
                message_i: done.message_i,
                message_r: done.message_r,
                nonce_i: done.nonce_i,
                nonce_r: done.nonce_r,
            },
            support: done.support,
        };
        if let LocalAuth::HostKey(key) = &handshake.config.local_auth {
            let key = Arc::clone(key);
            return AwaitSignature::start(cx, handshake, key);
        }
        let auth = handshake.own_auth(cx)?;
        Self::send(cx, handshake, auth)
    }

    /// Sends the first IKE_AUTH with this AUTH payload; without one it asks for EAP.
    pub fn send(cx: &mut Context, mut handshake: Handshake, auth: Option<Payload>) -> Result<Step, Failure> {
        let payloads = handshake.first_request(cx, auth);
        handshake.sa.request(cx, ExchangeType::IKE_AUTH, &payloads)?;
        Ok(Step::Next(Phase::AwaitAuth(Box::new(Self { handshake }))))
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
            Ok(parts) => step(self.on_response(cx, parts)),
            Err(Refusal::Noise(discard)) => Step::Stay(Phase::AwaitAuth(self), discard),
            Err(Refusal::Fatal(failure)) => Step::fail(self.handshake.give_up(cx, failure)),
        }
    }

    fn on_response(mut self: Box<Self>, cx: &mut Context, parts: Parts) -> Result<Step, Failure> {
        let hs = &mut self.handshake;
        let (Some(id), Some(auth)) = (&parts.id_r, &parts.auth) else {
            if matches!(hs.config.local_auth, LocalAuth::Eap { .. })
                && parts.has(NotifyType::AUTHENTICATION_FAILED)
            {
                let (local, remote) = (hs.config.local_id.to_string(), hs.config.remote_id.to_string());
                return Err(Failure::UnknownConnection { local, remote });
            }
            hs.check_errors(&parts)?;
            return Err(hs.refuse(cx, AuthFailure::NoProof));
        };
        let id = match read_identity(id) {
            Ok(id) => id,
            Err(error) => return Err(hs.give_up(cx, protocol(error.to_string()))),
        };
        if cx.observing {
            let x509 = parts.certs.iter().filter(|cert| cert.encoding == CertEncoding::X509_SIGNATURE);
            let certificates = x509.map(|cert| cert.data.clone()).collect();
            cx.event(Event::Observed(Observed::Server { identity: id.to_string(), certificates }));
        }
        if let Err(mismatch) = hs.config.remote_id.matches(&id) {
            return Err(hs.refuse(cx, AuthFailure::Identity(mismatch)));
        }
        let mut question = None;
        let proved = match &hs.config.remote_auth {
            RemoteAuth::SharedKey(secret) => {
                proof::check_secret(&hs.sa, &hs.transcript, Role::Responder, &id, secret, auth)
                    .map(|()| "pre-shared key".to_owned())
            }
            RemoteAuth::Certificate(policy) | RemoteAuth::HostJudged(policy) => {
                let shown = Shown {
                    role: Role::Responder,
                    id: &id,
                    certs: &parts.certs,
                    auth,
                    announced_hashes: hs.support.hashes.is_some(),
                };
                let judge = hs.judge();
                let now = hs.common.unix_now(cx.now);
                let proved = proof::check_certificate(cx, &hs.sa, &hs.transcript, policy, judge, now, &shown);
                if judge == Judge::Host && proved.is_ok() {
                    question = Some(proof::chain_request(policy, &shown));
                }
                proved
            }
        };
        let proved = match proved {
            Ok(proved) => proved,
            Err(failure) => return Err(hs.refuse(cx, failure)),
        };
        let server = Server { id, proved };
        match question {
            Some(request) => Ok(AwaitVerdict::start(cx, self.handshake, server, parts, request)),
            None => self.handshake.proceed(cx, server, &parts),
        }
    }

    /// The host wants the end.
    pub fn close(self: Box<Self>, cx: &mut Context) -> Step {
        self.handshake.close(cx)
    }

    /// Something is due.
    pub fn on_timeout(mut self: Box<Self>, cx: &mut Context) -> Step {
        match self.handshake.retransmit(cx) {
            Some(failure) => Step::fail(failure),
            None => Step::Next(Phase::AwaitAuth(self)),
        }
    }
}

/// Why a datagram does not go on.
pub(crate) enum Refusal {
    Noise(Discard),
    Fatal(Failure),
}

impl Handshake {
    /// Our AUTH payload where it needs nobody else; `None` for EAP.
    fn own_auth(&self, cx: &Context) -> Result<Option<Payload>, Failure> {
        let config = &self.config;
        let (sa, transcript, us) = (&self.sa, &self.transcript, Role::Initiator);
        Ok(match &config.local_auth {
            LocalAuth::SharedKey(secret) => {
                Some(proof::by_secret(sa, transcript, us, &config.local_id, secret))
            }
            LocalAuth::Certificate(certified) => {
                let hashes = self.support.hashes.as_deref();
                Some(proof::by_key(cx, sa, transcript, us, &config.local_id, certified, hashes)?)
            }
            LocalAuth::HostKey(_) | LocalAuth::Eap { .. } | LocalAuth::EapAsked { .. } => None,
        })
    }

    fn first_request(&self, cx: &mut Context, auth: Option<Payload>) -> Vec<Payload> {
        let config = &self.config;
        let mut payloads = vec![Payload::IdI(id_payload(&config.local_id))];
        match &config.local_auth {
            LocalAuth::Certificate(certified) => payloads.extend(proof::cert_payloads(&certified.chain)),
            LocalAuth::HostKey(key) => payloads.extend(proof::cert_payloads(key.chain())),
            LocalAuth::SharedKey(_) | LocalAuth::Eap { .. } | LocalAuth::EapAsked { .. } => {}
        }
        if config.initial_contact {
            payloads.push(Payload::Notify(Notify::status(NotifyType::INITIAL_CONTACT)));
        }
        if let RemoteAuth::Certificate(policy) | RemoteAuth::HostJudged(policy) = &config.remote_auth {
            payloads.push(proof::certificate_request(cx, policy));
        }
        payloads.push(Payload::IdR(id_payload(&config.remote_id)));
        // RFC 7296 2.16: leaving AUTH out asks for EAP.
        payloads.extend(auth);
        payloads.extend(configuration::request(config.request));
        payloads.push(Payload::Sa(self.offer.clone()));
        payloads.push(Payload::TsI(to_wire(self.selectors.local())));
        payloads.push(Payload::TsR(to_wire(self.selectors.remote())));
        if cx.observing || config.common.mobike {
            payloads.push(Payload::Notify(Notify::status(NotifyType::MOBIKE_SUPPORTED)));
        }
        payloads
    }

    /// Who judges the issuers of the server's certificate.
    fn judge(&self) -> Judge {
        match self.config.remote_auth {
            RemoteAuth::HostJudged(_) => Judge::Host,
            RemoteAuth::Certificate(_) | RemoteAuth::SharedKey(_) => Judge::Anchors,
        }
    }

    /// The server has proved itself in the first response: EAP begins, or that was the last of IKE_AUTH.
    pub fn proceed(mut self, cx: &mut Context, server: Server, parts: &Parts) -> Result<Step, Failure> {
        let LocalAuth::Eap { username, password } = &self.config.local_auth else {
            return self.finish(cx, server, parts);
        };
        let (username, password) = (username.clone(), password.clone());
        let Some(eap) = &parts.eap else {
            self.check_errors(parts)?;
            return Err(self.give_up(cx, protocol("the server did not start EAP".into())));
        };
        AwaitEap::start(cx, self, server, &username, &password, &eap.0)
    }

    /// Opens a datagram and takes the response apart. Requests of a server that is not authenticated are
    /// dropped unseen.
    pub fn receive(
        &mut self,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Result<Parts, Refusal> {
        if !self.sa.is_named_by(header) {
            return Err(Refusal::Noise(Discard::UnknownSpi));
        }
        if !header.flags.response || header.exchange != ExchangeType::IKE_AUTH {
            return Err(Refusal::Noise(Discard::Exchange(header.exchange)));
        }
        let received = self.sa.receive(cx, path, header, datagram).map_err(Refusal::Noise)?;
        let Received::Response { payloads, took } = received else {
            return Err(Refusal::Noise(Discard::Exchange(header.exchange)));
        };
        cx.event(Event::Exchange(ExchangeRecord {
            exchange: ExchangeType::IKE_AUTH,
            purpose: "authentication",
            message_id: header.message_id,
            by_us: true,
            took,
        }));
        let payloads = payloads.map_err(|error| Refusal::Fatal(protocol(error.to_string())))?;
        Parts::new(payloads).map_err(|bad| Refusal::Fatal(protocol(bad.to_string())))
    }

    /// The failure an error notify stands for, if there is one.
    pub fn check_errors(&self, parts: &Parts) -> Result<(), Failure> {
        let Some(error) = parts.error() else { return Ok(()) };
        Err(match error.notify_type {
            NotifyType::AUTHENTICATION_FAILED => Failure::RefusedByPeer {
                identity: self.config.local_id.to_string(),
                method: self.config.local_auth.describe(),
            },
            NotifyType::NO_PROPOSAL_CHOSEN => {
                Failure::NoProposalChosen { stage: Stage::Child, offered: self.config.common.describe_esp() }
            }
            NotifyType::TS_UNACCEPTABLE => Failure::TrafficSelectors { wanted: self.wanted_selectors() },
            NotifyType::INTERNAL_ADDRESS_FAILURE | NotifyType::FAILED_CP_REQUIRED => Failure::NoAddress,
            notify => Failure::PeerError { notify, exchange: ExchangeType::IKE_AUTH },
        })
    }

    fn wanted_selectors(&self) -> String {
        let list = |selectors: &[adit_esp::TrafficSelector]| {
            selectors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        format!("{} === {}", list(self.selectors.local()), list(self.selectors.remote()))
    }

    /// Tells the server that its proof was refused (RFC 7296 2.21.2), and gives the failure.
    pub fn refuse(&mut self, cx: &mut Context, failure: AuthFailure) -> Failure {
        let notify = Payload::Notify(Notify::status(NotifyType::AUTHENTICATION_FAILED));
        self.sa.abandon_request();
        // The failure that is reported matters more than one of telling it.
        let _ = self.sa.request(cx, ExchangeType::INFORMATIONAL, &[notify]);
        Failure::Authentication(failure)
    }

    /// Deletes the IKE SA, which may stand on the server's side (RFC 7296 2.21.2), and gives the failure.
    pub fn give_up(&mut self, cx: &mut Context, failure: Failure) -> Failure {
        self.delete(cx);
        failure
    }

    fn delete(&mut self, cx: &mut Context) {
        self.sa.abandon_request();
        let delete = Payload::Delete(crate::wire::Delete::ike_sa());
        // Why it ends matters more than a failure of telling it.
        let _ = self.sa.request(cx, ExchangeType::INFORMATIONAL, &[delete]);
    }

    /// The host wants the end. The server may hold the IKE SA already, and a Child SA with an address: it is told, as well as
    /// it can be without an answer to what is open.
    pub fn close(mut self, cx: &mut Context) -> Step {
        self.delete(cx);
        Step::End(CloseReason::Requested)
    }

    /// Sends the open request again if it is due; a failure if the server is silent.
    pub fn retransmit(&mut self, cx: &mut Context) -> Option<Failure> {
        match self.sa.retransmit(cx, Instant::EPOCH) {
            Retry::GaveUp { exchange, waited } => Some(Failure::PeerGone { exchange, waited }),
            Retry::Sent | Retry::NotDue => None,
        }
    }

    pub fn deadline(&self) -> Option<Deadline> {
        self.sa.deadline().map(|at| (at, Wake::Retransmit))
    }

    /// The last response of IKE_AUTH, its AUTH already checked: configuration and Child SA.
    pub fn finish(mut self, cx: &mut Context, server: Server, parts: &Parts) -> Result<Step, Failure> {
        if cx.observing {
            cx.event(Event::Observed(Observed::Mobike(parts.has(NotifyType::MOBIKE_SUPPORTED))));
        }
        let mobike = self.config.common.mobike && parts.has(NotifyType::MOBIKE_SUPPORTED);
        let result = self.agree(cx, parts);
        let (agreed, assigned) = match result {
            Ok(agreed) => agreed,
            Err(failure) => {
                // The IKE SA stands without a Child SA (RFC 7296 1.2): of no use to us.
                return Err(self.give_up(cx, failure));
            }
        };
        cx.event(Event::Established(Box::new(EstablishedEvent {
            suite: self.sa.suite,
            peer: server.id,
            peer_authentication: server.proved,
            assigned,
            local_nat: self.support.local_nat,
            remote_nat: self.support.remote_nat,
            fragmentation: self.support.fragmentation,
            mobike,
        })));
        let start = Start {
            common: Arc::clone(&self.common),
            sa: self.sa,
            selectors: self.selectors,
            local_nat: self.support.local_nat,
            follow_peer: false,
            mobike,
        };
        let mut established = Established::new(cx, start);
        established.note_peer_addresses(parts);
        if let Some(mut child) = Child::install(cx, &self.common.config.child, agreed) {
            child.seal_from_now(cx);
            established.children.push(child);
        }
        Ok(Step::Next(Phase::Established(Box::new(established))))
    }

    fn agree(
        &self,
        cx: &mut Context,
        parts: &Parts,
    ) -> Result<(Agreed, crate::event::AssignedConfig), Failure> {
        self.check_errors(parts)?;
        let assigned =
            parts.cp.as_ref().map(|reply| configuration::read_reply(cx, reply)).unwrap_or_default();
        let asked = self.config.request.ipv4 || self.config.request.ipv6;
        if asked && assigned.ipv4.is_none() && assigned.ipv6.is_none() {
            return Err(Failure::NoAddress);
        }
        let Some(sa) = &parts.sa else { return Err(protocol("no SA payload".into())) };
        if parts.has(NotifyType::USE_TRANSPORT_MODE) {
            return Err(protocol("transport mode was not asked for".into()));
        }
        let selected = accept_esp(sa, &self.offer).map_err(|mismatch| Failure::ProposalNotOffered {
            stage: Stage::Child,
            chosen: mismatch.to_string(),
            offered: self.config.common.describe_esp(),
        })?;
        let spi_out = selected.proposal.esp_spi().filter(|spi| *spi > 255);
        let spi_out = spi_out.ok_or_else(|| protocol("the proposal has no usable SPI".into()))?;
        let selectors = narrowed(parts, &self.selectors)
            .map_err(|_| Failure::TrafficSelectors { wanted: self.wanted_selectors() })?;
        let suite = selected.suite;
        let cipher = cx
            .provider
            .cipher(suite.cipher)
            .ok_or(adit_crypto::CryptoError::UnsupportedCipher(suite.cipher))?;
        let seed = ChildKeySeed {
            sk_d: self.sa.sk_d(),
            shared: None,
            nonce_i: &self.transcript.nonce_i,
            nonce_r: &self.transcript.nonce_r,
        };
        let keys =
            ChildKeys::derive(self.sa.prf(), cipher, seed).map_err(|error| protocol(error.to_string()))?;
        let agreed =
            Agreed { suite, spi_in: self.spi_in, spi_out, keys, by_us: true, selectors, replaces: None };
        Ok((agreed, assigned))
    }
}

/// The first Child SA takes its keys from IKE_SA_INIT: no group is offered (RFC 7296 1.2).
fn offer_first_child(proposals: &[EspProposal], spi_in: u32) -> SecurityAssociation {
    let proposals: Vec<_> = proposals.iter().map(EspProposal::without_key_exchange).collect();
    offer_esp(&proposals, spi_in)
}

fn protocol(detail: String) -> Failure {
    Failure::Protocol { exchange: ExchangeType::IKE_AUTH, detail }
}
