//! The peer creates or rekeys a Child SA (RFC 7296 1.3.1, 1.3.3, 2.8).

use super::{busy, refuse, refuse_with};
use crate::collision::{Answer, ExchangeNonces, Request, answer as how_to_answer};
use crate::event::ChildId;
use crate::failure::Failure;
use crate::phase::established::{Established, Outcome};
use crate::proposal::select_esp;
use crate::session::child::{Agreed, CHILDREN_MAX};
use crate::session::context::Context;
use crate::session::parts::Parts;
use crate::session::selectors::from_wire;
use crate::task::{Active, Task, derive_child, install_child, response};
use crate::wire::{Header, KeyExchange, Notify, NotifyType, Payload};
use adit_crypto::DhGroup;
use adit_esp::{Selectors, TrafficSelector};

/// Answers a CREATE_CHILD_SA for ESP.
pub(super) fn answer(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    parts: &Parts,
) -> Result<Outcome, Failure> {
    let old = match parts.notify(NotifyType::REKEY_SA) {
        Some(notify) => match find(est, notify) {
            Some(id) => Some(id),
            None => return not_found(est, cx, header, notify),
        },
        None => None,
    };
    let request = if old.is_some() { Request::RekeyChild } else { Request::CreateChild };
    // RFC 7296 2.25.1: it is being closed, or its successor is agreed and nothing else can be.
    let being_replaced = old.is_some_and(|id| {
        est.children.iter().any(|child| (child.id == id && child.replaced) || child.replaces == Some(id))
    });
    if how_to_answer(busy(est, old), request) != Answer::AsUsual
        || being_replaced
        || !est.limiter.take(cx.now)
    {
        return refuse(est, cx, header, NotifyType::TEMPORARY_FAILURE);
    }
    if est.children.len() >= CHILDREN_MAX {
        return refuse(est, cx, header, NotifyType::NO_ADDITIONAL_SAS);
    }
    match agree(est, cx, parts, old) {
        Ok((agreed, answer, nonces)) => {
            let Some(new) = install_child(est, cx, agreed) else {
                return refuse(est, cx, header, NotifyType::NO_PROPOSAL_CHOSEN);
            };
            est.sa.respond(cx, header, &answer)?;
            follow_up(est, cx, old, new, nonces);
            Ok(Outcome::Continue)
        }
        Err(notify) => refuse_with(est, cx, header, *notify),
    }
}

/// The Child SA a REKEY_SA means. It carries the SPI its sender receives on, which is the one we send to.
fn find(est: &Established, notify: &Notify) -> Option<ChildId> {
    let spi = notify.esp_spi()?;
    est.children.iter().find(|child| child.spi_out == spi).map(|child| child.id)
}

fn not_found(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    asked: &Notify,
) -> Result<Outcome, Failure> {
    // RFC 7296 2.25: names the SA that was asked for, as far as the request named one.
    let notify = match asked.esp_spi() {
        Some(spi) => Notify::about_esp(NotifyType::CHILD_SA_NOT_FOUND, spi),
        None => Notify::status(NotifyType::CHILD_SA_NOT_FOUND),
    };
    est.sa.respond(cx, header, &[Payload::Notify(notify)]).map(|()| Outcome::Continue)
}

type Agreement = (Agreed, Vec<Payload>, ExchangeNonces);

/// Chooses from the request. The error is the notify to answer with.
fn agree(
    est: &Established,
    cx: &Context,
    parts: &Parts,
    old: Option<ChildId>,
) -> Result<Agreement, Box<Notify>> {
    let refusal = |notify_type| Box::new(Notify::status(notify_type));
    let syntax = || refusal(NotifyType::INVALID_SYNTAX);
    let (Some(sa), Some(nonce), Some(ts_i), Some(ts_r)) = (&parts.sa, &parts.nonce, &parts.ts_i, &parts.ts_r)
    else {
        return Err(syntax());
    };
    let ke_group = parts.ke.as_ref().map(|ke| ke.group);
    let selected = select_esp(sa, &est.common.config.child.proposals, &cx.provider, ke_group, false)
        .map_err(|_| refusal(NotifyType::NO_PROPOSAL_CHOSEN))?;
    let suite = selected.suite;
    let spi_out = selected.proposal.esp_spi().filter(|spi| *spi > 255).ok_or_else(syntax)?;
    let (ke, shared) = match (suite.group, &parts.ke) {
        (DhGroup::NONE, _) => (None, None),
        (group, Some(ke)) if ke.group == group => {
            let method =
                cx.provider.key_exchange(group).ok_or_else(|| refusal(NotifyType::NO_PROPOSAL_CHOSEN))?;
            let open =
                method.generate(cx.provider.random).map_err(|_| refusal(NotifyType::TEMPORARY_FAILURE))?;
            let ours = KeyExchange { group, data: open.public_value().to_vec() };
            (Some(ours), Some(open.complete(&ke.data).map_err(|_| syntax())?))
        }
        (group, _) => {
            return Err(Box::new(Notify::new(NotifyType::INVALID_KE_PAYLOAD, group.0.to_be_bytes())));
        }
    };
    let allowed = match old.and_then(|id| est.children.iter().find(|child| child.id == id)) {
        // RFC 7296 2.9.2: a rekey stays within what the old one had.
        Some(child) => child.selectors.clone(),
        None => est.selectors.clone(),
    };
    let remote = TrafficSelector::narrow(&from_wire(ts_i), allowed.remote());
    let local = TrafficSelector::narrow(&from_wire(ts_r), allowed.local());
    let selectors = Selectors::new(local, remote).map_err(|_| refusal(NotifyType::TS_UNACCEPTABLE))?;
    let failed = |_| refusal(NotifyType::TEMPORARY_FAILURE);
    let spi_in = cx.esp_spi(|spi| est.children.iter().any(|child| child.spi_in == spi)).map_err(failed)?;
    let nonce_r = cx.nonce().map_err(failed)?;
    let keys = derive_child(est, cx, suite, shared.as_ref(), &nonce.0, &nonce_r)
        .ok_or_else(|| refusal(NotifyType::NO_PROPOSAL_CHOSEN))?;
    let answer = response(
        selected.answer(&spi_in.to_be_bytes()),
        nonce_r.clone(),
        ke,
        selectors.remote(),
        selectors.local(),
    );
    let agreed = Agreed { suite, spi_in, spi_out, keys, by_us: false, selectors, replaces: old };
    Ok((agreed, answer, ExchangeNonces { initiator: nonce.0.clone(), responder: nonce_r }))
}

/// A further Child SA is used at once. One that replaces another is used when the peer uses it or deletes
/// the old one: only then do we know that our response arrived (RFC 7296 2.8).
fn follow_up(
    est: &mut Established,
    cx: &mut Context,
    old: Option<ChildId>,
    new: ChildId,
    nonces: ExchangeNonces,
) {
    let Some(old) = old else {
        if let Some(child) = est.child(new) {
            child.seal_from_now(cx);
        }
        return;
    };
    if let Some(Active::Child(open)) = &mut est.active
        && open.old == Some(old)
    {
        // Both sides rekey: decided when our own response comes.
        open.crossing = Some((new, nonces));
        return;
    }
    est.tasks.retain(|task| *task != Task::RekeyChild(old));
    if let Some(child) = est.child(old) {
        child.replaced = true;
    }
}
