//! Responder: the client is authenticated; the host says which addresses it gets, then IKE_AUTH is answered.

use std::sync::Arc;
use std::time::Duration;

use adit_esp::{Selectors, TrafficSelector};

use super::established::{Established, Start};
use super::serve_auth::Service;
use super::{Phase, Step, step};
use crate::discard::Discard;
use crate::event::{Answer, AssignedConfig, Established as EstablishedEvent, Event, Path, Question, Token};
use crate::failure::{Failure, Stage};
use crate::identity::Identity;
use crate::keys::{ChildKeySeed, ChildKeys};
use crate::proposal::{EspProposal, select_esp};
use crate::session::child::{Agreed, Child};
use crate::session::configuration;
use crate::session::context::Context;
use crate::session::parts::Parts;
use crate::session::question::Open;
use crate::session::selectors::{from_wire, to_wire};
use crate::timers::{Deadline, Wake};
use crate::wire::{Delete, ExchangeType, Header, Notify, NotifyType, Payload};

/// How long the host may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who the client is and what answers its proof.
#[derive(Debug)]
pub(crate) struct Client {
    pub identity: Identity,
    pub proved: String,
    /// Our CERT and AUTH payloads, or AUTH alone.
    pub answer: Vec<Payload>,
    /// IDr and CERT went out already.
    pub eap: bool,
}

/// The phase.
#[derive(Debug)]
pub(crate) struct AwaitLease {
    service: Service,
    header: Header,
    client: Client,
    /// The IKE_AUTH with SA, TS and CP.
    first: Parts,
    question: Open,
}

impl AwaitLease {
    /// Asks the host.
    pub fn start(
        cx: &mut Context,
        mut service: Service,
        header: &Header,
        client: Client,
        first: Parts,
    ) -> Result<Step, Failure> {
        let initial_contact = first.has(NotifyType::INITIAL_CONTACT);
        let request = first
            .cp
            .as_ref()
            .and_then(|cp| configuration::read_request(cp, client.identity.clone(), initial_contact));
        let Some(request) = request else {
            // Every client of ours lives on addresses of ours.
            return Err(refuse(
                cx,
                &mut service,
                header,
                client,
                NotifyType::FAILED_CP_REQUIRED,
                Failure::NoAddress,
            ));
        };
        let question = Open::ask(cx, PATIENCE, Question::Lease(request));
        let phase = Self { service, header: *header, client, first, question };
        Ok(Step::Next(Phase::AwaitLease(Box::new(phase))))
    }

    /// The IKE SA.
    pub fn sa(&self) -> &crate::session::ike_sa::IkeSa {
        &self.service.sa
    }

    /// A datagram came. The only request there is, is being worked on.
    pub fn on_message(
        mut self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Step {
        match self.service.receive(cx, path, header, datagram) {
            Err(discard) => Step::Stay(Phase::AwaitLease(self), discard),
            Ok(_) => Step::Stay(Phase::AwaitLease(self), Discard::Exchange(header.exchange)),
        }
    }

    /// The host answered.
    pub fn on_answer(self: Box<Self>, cx: &mut Context, token: Token, answer: Answer) -> Step {
        if !self.question.is(token) {
            return Step::Next(Phase::AwaitLease(self));
        }
        match answer {
            Answer::Lease(assigned) => step(self.finish(cx, assigned)),
            Answer::NoLease => Step::fail(self.no_address(cx, Failure::NoAddress)),
            Answer::Signature(_) | Answer::Chain(_) | Answer::Credentials(_) => {
                Step::Next(Phase::AwaitLease(self))
            }
        }
    }

    /// Something is due.
    pub fn on_timeout(self: Box<Self>, cx: &mut Context) -> Step {
        if self.question.is_over(cx) {
            return Step::fail(self.no_address(cx, Failure::HostSilent));
        }
        Step::Next(Phase::AwaitLease(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        Some((self.question.until(), Wake::Patience))
    }

    fn no_address(self, cx: &mut Context, failure: Failure) -> Failure {
        let Self { mut service, header, client, .. } = self;
        refuse(cx, &mut service, &header, client, NotifyType::INTERNAL_ADDRESS_FAILURE, failure)
    }

    fn finish(self: Box<Self>, cx: &mut Context, assigned: AssignedConfig) -> Result<Step, Failure> {
        let Self { mut service, header, mut client, first, .. } = *self;
        let assigned = match &first.cp {
            Some(request) => configuration::asked_for(request, assigned),
            None => AssignedConfig::default(),
        };
        if assigned.ipv4.is_none() && assigned.ipv6.is_none() {
            let notify_type = NotifyType::INTERNAL_ADDRESS_FAILURE;
            return Err(refuse(cx, &mut service, &header, client, notify_type, Failure::NoAddress));
        }
        let (agreed, selectors, sa, ts_i, ts_r) = match agree(cx, &service, &first, &assigned) {
            Ok(agreed) => agreed,
            Err((notify_type, failure)) => {
                return Err(refuse(cx, &mut service, &header, client, notify_type, failure));
            }
        };
        let mut payloads = client.proof(&service);
        payloads.extend(first.cp.as_ref().map(|request| configuration::reply(request, &assigned)));
        payloads.extend([sa, ts_i, ts_r]);
        let mobike = service.common.config.mobike && first.has(NotifyType::MOBIKE_SUPPORTED);
        if mobike {
            payloads.push(Payload::Notify(Notify::status(NotifyType::MOBIKE_SUPPORTED)));
        }
        service.sa.respond(cx, &header, &payloads)?;
        let (peer, peer_authentication) = (client.identity, client.proved);
        cx.event(Event::Established(Box::new(EstablishedEvent {
            suite: service.sa.suite,
            peer,
            peer_authentication,
            assigned: AssignedConfig::default(),
            local_nat: service.support.local_nat,
            remote_nat: service.support.remote_nat,
            fragmentation: service.support.fragmentation,
            mobike,
        })));
        let start = Start {
            common: Arc::clone(&service.common),
            sa: service.sa,
            selectors,
            local_nat: false,
            follow_peer: service.support.remote_nat,
            mobike,
        };
        let mut established = Established::new(cx, start);
        if let Some(mut child) = Child::install(cx, &service.common.config.child, agreed) {
            child.seal_from_now(cx);
            established.children.push(child);
        }
        Ok(Step::Next(Phase::Established(Box::new(established))))
    }
}

impl Client {
    /// What answers its proof.
    fn proof(&mut self, service: &Service) -> Vec<Payload> {
        let id = (!self.eap).then(|| service.id_payload());
        id.into_iter().chain(std::mem::take(&mut self.answer)).collect()
    }
}

/// Proves who we are all the same, because only a Child SA cannot be had (RFC 7296 1.2); but without one the IKE
/// SA is of no use, so it is deleted at once.
fn refuse(
    cx: &mut Context,
    service: &mut Service,
    header: &Header,
    mut client: Client,
    notify_type: NotifyType,
    failure: Failure,
) -> Failure {
    let mut payloads = client.proof(service);
    payloads.push(Payload::Notify(Notify::status(notify_type)));
    let delete = Payload::Delete(Delete::ike_sa());
    let sent = service
        .sa
        .respond(cx, header, &payloads)
        .and_then(|()| service.sa.request(cx, ExchangeType::INFORMATIONAL, &[delete]));
    sent.map_or_else(|error| error, |()| failure)
}

type Agreement = (Agreed, Selectors, Payload, Payload, Payload);

/// Chooses the Child SA. The error is the notify to send and the failure to report.
fn agree(
    cx: &Context,
    service: &Service,
    first: &Parts,
    assigned: &AssignedConfig,
) -> Result<Agreement, (NotifyType, Failure)> {
    let protocol = |detail: &str| {
        let failure = Failure::Protocol { exchange: ExchangeType::IKE_AUTH, detail: detail.to_owned() };
        (NotifyType::INVALID_SYNTAX, failure)
    };
    let (Some(sa), Some(ts_i), Some(ts_r)) = (&first.sa, &first.ts_i, &first.ts_r) else {
        return Err(protocol("SA, TSi or TSr payload missing"));
    };
    let child = &service.common.config.child;
    // The first Child SA takes its keys from IKE_SA_INIT (RFC 7296 1.2).
    let proposals: Vec<_> = child.proposals.iter().map(EspProposal::without_key_exchange).collect();
    let selected = select_esp(sa, &proposals, &cx.provider, None, true).map_err(|mismatch| {
        let failure = Failure::NoProposalInCommon {
            stage: Stage::Child,
            offered: mismatch.received.join(" | "),
            wanted: service.common.config.describe_esp(),
        };
        (NotifyType::NO_PROPOSAL_CHOSEN, failure)
    })?;
    let spi_out = selected.proposal.esp_spi().filter(|spi| *spi > 255);
    let spi_out = spi_out.ok_or_else(|| protocol("the proposal has no usable SPI"))?;
    let addresses: Vec<TrafficSelector> = [
        assigned.ipv4.map(|(address, _)| TrafficSelector::host(address.into())),
        assigned.ipv6.map(|(address, _)| TrafficSelector::host(address.into())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let unacceptable = |_| {
        let wanted = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        (NotifyType::TS_UNACCEPTABLE, Failure::TrafficSelectors { wanted })
    };
    // What the client may ever have; what it gets now is what it asked for of that.
    let allowed = Selectors::new(child.local.clone(), addresses.clone()).map_err(unacceptable)?;
    let remote = TrafficSelector::narrow(&from_wire(ts_i), &addresses);
    let local = TrafficSelector::narrow(&from_wire(ts_r), &child.local);
    let selectors = Selectors::new(local, remote).map_err(unacceptable)?;
    let crypto = |error: adit_crypto::CryptoError| (NotifyType::TEMPORARY_FAILURE, Failure::Crypto(error));
    let suite = selected.suite;
    let cipher = cx
        .provider
        .cipher(suite.cipher)
        .ok_or_else(|| crypto(adit_crypto::CryptoError::UnsupportedCipher(suite.cipher)))?;
    let spi_in = cx.esp_spi(|_| false).map_err(crypto)?;
    let transcript = &service.transcript;
    let seed = ChildKeySeed {
        sk_d: service.sa.sk_d(),
        shared: None,
        nonce_i: &transcript.nonce_i,
        nonce_r: &transcript.nonce_r,
    };
    let keys =
        ChildKeys::derive(service.sa.prf(), cipher, seed).map_err(|error| protocol(&error.to_string()))?;
    let answer = selected.answer(&spi_in.to_be_bytes());
    let (ts_i, ts_r) = (to_wire(selectors.remote()), to_wire(selectors.local()));
    let agreed = Agreed { suite, spi_in, spi_out, keys, by_us: false, selectors, replaces: None };
    Ok((agreed, allowed, Payload::Sa(answer), Payload::TsI(ts_i), Payload::TsR(ts_r)))
}
