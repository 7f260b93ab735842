//! Responder: EAP goes on, then AUTH from the key it made (RFC 7296 2.16).

use std::collections::BTreeMap;
use std::time::Duration;

use adit_crypto::Secret;

use super::await_lease::{AwaitLease, Client};
use super::serve_auth::Service;
use super::{Phase, Step, step};
use crate::eap::{Authenticator, ServerStep, UserName, UserSecret};
use crate::event::Path;
use crate::failure::{AuthFailure, Failure};
use crate::identity::{IdKind, Identity};
use crate::session::context::Context;
use crate::session::parts::Parts;
use crate::session::proof;
use crate::timers::{Deadline, Wake};
use crate::wire::{Eap, Header, Payload, Role};

/// How long a client that was turned away may take to acknowledge it. Many give up at once instead.
const ACKNOWLEDGE: Duration = Duration::from_secs(3);

/// The phase.
#[derive(Debug)]
pub(crate) struct ServeEap {
    service: Service,
    /// IDi, which AUTH covers; who the client is, EAP says.
    id: Identity,
    /// The first IKE_AUTH: its SA, TS and CP count in the end.
    first: Parts,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The method goes on.
    Method(Box<Authenticator>),
    /// EAP-Success is sent; the client's AUTH must be made with this key.
    Final { msk: Secret, user: UserName },
}

impl ServeEap {
    /// Answers an IKE_AUTH without AUTH: proves who we are, then asks who the client is.
    pub fn start(
        cx: &mut Context,
        mut service: Service,
        header: &Header,
        id: Identity,
        first: Parts,
    ) -> Result<Step, Failure> {
        let config = service.config.clone();
        let Some(certified) = config.certificate.as_ref().filter(|_| !config.users.is_empty()) else {
            return Err(service.refuse(cx, header, AuthFailure::UnknownPeer(id)));
        };
        let mut answer = vec![service.id_payload()];
        match service.certified_auth(cx, certified) {
            Ok(payloads) => answer.extend(payloads),
            Err(Failure::Authentication(failure)) => return Err(service.refuse(cx, header, failure)),
            Err(failure) => return Err(failure),
        }
        let mut authenticator = Authenticator::new(&config.id.to_string())
            .map_err(|failure| Failure::Authentication(AuthFailure::Eap(failure)))?;
        let request = authenticator.start(&cx.provider)?;
        answer.push(Payload::Eap(Eap(request)));
        service.sa.respond(cx, header, &answer)?;
        let state = State::Method(Box::new(authenticator));
        Ok(Step::Next(Phase::ServeEap(Box::new(Self { service, id, first, state }))))
    }

    /// The IKE SA.
    pub fn sa(&self) -> &crate::session::ike_sa::IkeSa {
        &self.service.sa
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
            Ok(Ok(parts)) => step(self.on_request(cx, header, &parts)),
            Ok(Err(failure)) => Step::fail(failure),
            Err(discard) => Step::Stay(Phase::ServeEap(self), discard),
        }
    }

    fn on_request(
        mut self: Box<Self>,
        cx: &mut Context,
        header: &Header,
        parts: &Parts,
    ) -> Result<Step, Failure> {
        if let State::Final { msk, user } = &self.state {
            let (msk, user) = (msk.clone(), user.clone());
            return self.on_final(cx, header, &msk, user, parts);
        }
        let Some(eap) = &parts.eap else {
            return Err(self.service.syntax_error(cx, header, "no EAP payload"));
        };
        self.on_packet(cx, header, &eap.0)
    }

    fn on_packet(
        mut self: Box<Self>,
        cx: &mut Context,
        header: &Header,
        packet: &[u8],
    ) -> Result<Step, Failure> {
        let State::Method(authenticator) = &mut self.state else {
            return Err(self.service.syntax_error(cx, header, "EAP after its end"));
        };
        let mut next = authenticator.handle(packet, &cx.provider);
        if let Some(user) = authenticator.needs_user() {
            let secret = password(&self.service.config.users, user);
            next = authenticator.provide_user(secret.as_ref(), &cx.provider);
        }
        let rejected = authenticator.rejection().is_some();
        match next {
            ServerStep::Reply(reply) => {
                self.service.sa.respond(cx, header, &[Payload::Eap(Eap(reply))])?;
                if rejected {
                    self.service.until = self.service.until.min(cx.now + ACKNOWLEDGE);
                }
            }
            ServerStep::Success { packet: reply, msk, user } => {
                self.service.sa.respond(cx, header, &[Payload::Eap(Eap(reply))])?;
                self.state = State::Final { msk, user };
            }
            ServerStep::Failure { packet: reply, failure } => {
                self.service.sa.respond(cx, header, &[Payload::Eap(Eap(reply))])?;
                return Err(Failure::Authentication(AuthFailure::Eap(failure)));
            }
            ServerStep::NeedUser => {
                return Err(self.service.syntax_error(cx, header, "EAP asks for its user twice"));
            }
        }
        Ok(Step::Next(Phase::ServeEap(self)))
    }

    fn on_final(
        self: Box<Self>,
        cx: &mut Context,
        header: &Header,
        msk: &Secret,
        user: UserName,
        parts: &Parts,
    ) -> Result<Step, Failure> {
        let Self { mut service, id, first, .. } = *self;
        let Some(auth) = &parts.auth else {
            return Err(service.refuse(cx, header, AuthFailure::NoProof));
        };
        if let Err(failure) =
            proof::check_secret(&service.sa, &service.transcript, Role::Initiator, &id, msk, auth)
        {
            return Err(service.refuse(cx, header, failure));
        }
        let ours =
            proof::by_secret(&service.sa, &service.transcript, Role::Responder, &service.config.id, msk);
        // The policy follows the identity that was proved, not IDi (C14).
        let identity = Identity::new(IdKind::KEY_ID, user.as_bytes().to_vec()).unwrap_or(id);
        let client = Client { identity, proved: "EAP-MSCHAPv2".into(), answer: vec![ours], eap: true };
        AwaitLease::start(cx, service, header, client, first)
    }

    /// Something is due.
    pub fn on_timeout(self: Box<Self>, cx: &mut Context) -> Step {
        if self.service.until <= cx.now {
            let rejection = match &self.state {
                State::Method(authenticator) => authenticator.rejection(),
                State::Final { .. } => None,
            };
            return Step::fail(match rejection {
                Some(rejection) => Failure::Authentication(AuthFailure::Eap(rejection)),
                None => self.service.timed_out(),
            });
        }
        Step::Next(Phase::ServeEap(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        Some((self.service.until, Wake::Patience))
    }
}

/// The password of a user: under the name as sent, else without its Windows domain.
fn password(users: &BTreeMap<String, Secret>, user: &UserName) -> Option<UserSecret> {
    [user.as_bytes(), user.account()]
        .into_iter()
        .find_map(|name| users.get(std::str::from_utf8(name).ok()?))
        .map(|password| UserSecret::Password(password.clone()))
}
