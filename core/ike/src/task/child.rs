//! Creating and rekeying a Child SA (RFC 7296 1.3.1, 1.3.3, 2.8).

use std::time::Duration;

use adit_crypto::{DhGroup, Secret};
use adit_esp::Selectors;

use super::{Active, OpenChild, Task, other_group, payloads};
use crate::collision::{ExchangeNonces, Winner, decide};
use crate::event::{ChildId, Event};
use crate::failure::Failure;
use crate::keys::{ChildKeySeed, ChildKeys};
use crate::phase::established::Established;
use crate::proposal::{EspSuite, accept_esp, offer_esp};
use crate::session::child::{Agreed, Child};
use crate::session::context::Context;
use crate::session::parts::{Parts, need};
use crate::session::selectors::{from_wire, to_wire};
use crate::wire::{
    ExchangeType, KeyExchange, Nonce, Notify, NotifyType, Payload, PayloadType, SecurityAssociation,
};

/// Until a Child SA is asked for again that the peer refused.
const CREATE_PAUSE: Duration = Duration::from_secs(10);

/// Until a Child SA is rekeyed that the peer has not used yet.
const CONFIRM_PAUSE: Duration = Duration::from_secs(1);

/// The same if it was only busy (RFC 7296 2.25).
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// Asks for a Child SA in place of `old`, or for a further one. `group` is the one the peer asked for by
/// INVALID_KE_PAYLOAD.
pub(super) fn start(
    est: &mut Established,
    cx: &mut Context,
    old: Option<ChildId>,
    group: Option<(DhGroup, u32)>,
) -> Result<(), Failure> {
    let (rekey, selectors) = match old {
        Some(id) => match est.child(id) {
            // The peer may not have our response yet, so that it knows no such Child SA.
            Some(child) if !child.sealing => {
                child.rekey_at = (cx.now + CONFIRM_PAUSE).min(child.expires);
                return Ok(());
            }
            // RFC 7296 2.9.2: a rekey asks for what the old one had.
            Some(child) if !child.replaced => (
                Some(Payload::Notify(Notify::about_esp(NotifyType::REKEY_SA, child.spi_in))),
                child.selectors.clone(),
            ),
            _ => return Ok(()),
        },
        None => (None, est.selectors.clone()),
    };
    let spi_in = cx.esp_spi(|spi| est.children.iter().any(|child| child.spi_in == spi))?;
    let nonce = cx.nonce()?;
    let (group, groups_refused) = match group {
        Some((group, refused)) => (Some(group), refused),
        None => (est.common.config.esp_groups().first().copied(), 0),
    };
    let key_exchange = match group.and_then(|group| cx.provider.key_exchange(group)) {
        Some(method) => Some(method.generate(cx.provider.random)?),
        None => None,
    };
    let ke = key_exchange
        .as_ref()
        .map(|open| Payload::Ke(KeyExchange { group: open.group(), data: open.public_value().to_vec() }));
    let offer = offer_esp(&est.common.config.child.proposals, spi_in);
    let request = payloads([
        rekey,
        Some(Payload::Sa(offer.clone())),
        Some(Payload::Nonce(Nonce(nonce.clone()))),
        ke,
        Some(Payload::TsI(to_wire(selectors.local()))),
        Some(Payload::TsR(to_wire(selectors.remote()))),
    ]);
    est.sa.request(cx, ExchangeType::CREATE_CHILD_SA, &request)?;
    est.active = Some(Active::Child(Box::new(OpenChild {
        old,
        spi_in,
        offer,
        nonce,
        key_exchange,
        selectors,
        groups_refused,
        crossing: None,
    })));
    Ok(())
}

/// The peer answered.
pub(super) fn on_response(
    est: &mut Established,
    cx: &mut Context,
    open: OpenChild,
    parts: &Parts,
) -> Result<(), Failure> {
    if let Some(error) = parts.error() {
        return on_error(est, cx, &open, parts, error.notify_type);
    }
    let (old, spi_in) = (open.old, open.spi_in);
    let crossing = open.crossing.clone();
    let own_nonce = open.nonce.clone();
    match agree(est, cx, open, parts) {
        Ok((agreed, nonce_r)) => {
            let ours = ExchangeNonces { initiator: own_nonce, responder: nonce_r };
            settle(est, cx, agreed, crossing, &ours);
        }
        Err(detail) => {
            // The peer has installed what we do not take: it must go (D07).
            cx.event(Event::Warning(format!("the new Child SA is refused: {detail}")));
            est.queue(Task::DeleteSpi(spi_in));
            match (old, crossing) {
                (Some(id), None) => est.retry_child_rekey(cx, id),
                (Some(id), Some((successor, _))) => hand_over(est, id, successor),
                (None, _) => est.create_again(cx, CREATE_PAUSE)?,
            }
            est.recover_child();
        }
    }
    Ok(())
}

fn on_error(
    est: &mut Established,
    cx: &mut Context,
    open: &OpenChild,
    parts: &Parts,
    error: NotifyType,
) -> Result<(), Failure> {
    if let (Some(id), Some((successor, _))) = (open.old, &open.crossing) {
        // The peer's own rekey of the same Child SA stands: nothing is left to do.
        hand_over(est, id, *successor);
        est.recover_child();
        return Ok(());
    }
    if error == NotifyType::INVALID_KE_PAYLOAD {
        let tried = open.key_exchange.as_ref().map(|key_exchange| key_exchange.group());
        let offered = est.common.config.esp_groups();
        if let Some(group) = other_group(parts, tried, &offered, open.groups_refused) {
            return start(est, cx, open.old, Some((group, open.groups_refused.saturating_add(1))));
        }
    }
    match (open.old, error) {
        (Some(id), NotifyType::CHILD_SA_NOT_FOUND) => {
            // RFC 7296 2.25: the peer has it no longer. A Delete may have crossed; else we ask for a new one.
            est.remove_child(cx, id);
        }
        (Some(id), NotifyType::TEMPORARY_FAILURE) => est.retry_child_rekey(cx, id),
        (Some(id), _) => {
            cx.event(Event::Warning(format!("the peer refused to rekey the Child SA: {error}")));
            est.retry_child_rekey(cx, id);
        }
        (None, NotifyType::TEMPORARY_FAILURE) => {
            // It is busy, which passes: not counted.
            est.create_at = Some(cx.now + BUSY_PAUSE);
        }
        (None, _) => {
            cx.event(Event::Warning(format!("the peer refused a new Child SA: {error}")));
            est.create_again(cx, CREATE_PAUSE)?;
        }
    }
    // The peer may have deleted the one we wanted to replace.
    est.recover_child();
    Ok(())
}

/// Checks the response and derives the keys. The error is in words: it only goes to a log.
fn agree(
    est: &Established,
    cx: &Context,
    open: OpenChild,
    parts: &Parts,
) -> Result<(Agreed, Vec<u8>), String> {
    let sa = need(parts.sa.as_ref(), PayloadType::SA).map_err(|bad| bad.to_string())?;
    let nonce = need(parts.nonce.as_ref(), PayloadType::NONCE).map_err(|bad| bad.to_string())?;
    if parts.has(NotifyType::USE_TRANSPORT_MODE) {
        return Err("transport mode was not asked for".into());
    }
    let selected = accept_esp(sa, &open.offer).map_err(|bad| bad.to_string())?;
    let (suite, spi_out) = (selected.suite, selected.proposal.esp_spi().filter(|spi| *spi > 255));
    let spi_out = spi_out.ok_or("the proposal has no usable SPI")?;
    let selectors = narrowed(parts, &open.selectors)?;
    let shared = match (open.key_exchange, &parts.ke, suite.group) {
        (None, None, DhGroup::NONE) => None,
        (Some(open), Some(ke), group) if ke.group == group && open.group() == group => {
            Some(open.complete(&ke.data).map_err(|error| error.to_string())?)
        }
        _ => return Err("the key exchange does not fit the proposal (PFS)".into()),
    };
    let keys =
        derive(est, cx, suite, shared.as_ref(), &open.nonce, &nonce.0).ok_or("key derivation failed")?;
    let agreed =
        Agreed { suite, spi_in: open.spi_in, spi_out, keys, by_us: true, selectors, replaces: open.old };
    Ok((agreed, nonce.0.clone()))
}

/// The selectors of a response, which must lie within what we asked for (RFC 7296 2.9).
pub(crate) fn narrowed(parts: &Parts, asked: &Selectors) -> Result<Selectors, String> {
    let local = from_wire(need(parts.ts_i.as_ref(), PayloadType::TSI).map_err(|bad| bad.to_string())?);
    let remote = from_wire(need(parts.ts_r.as_ref(), PayloadType::TSR).map_err(|bad| bad.to_string())?);
    let within = |narrow: &[adit_esp::TrafficSelector], wide: &[adit_esp::TrafficSelector]| {
        narrow.iter().all(|inner| wide.iter().any(|outer| inner.is_subset_of(outer)))
    };
    if !within(&local, asked.local()) || !within(&remote, asked.remote()) {
        return Err("the peer widened the traffic selectors".into());
    }
    Selectors::new(local, remote).map_err(|error| error.to_string())
}

/// The keys of a Child SA made by CREATE_CHILD_SA on the IKE SA in use.
pub(crate) fn derive(
    est: &Established,
    cx: &Context,
    suite: EspSuite,
    shared: Option<&Secret>,
    nonce_i: &[u8],
    nonce_r: &[u8],
) -> Option<ChildKeys> {
    let cipher = cx.provider.cipher(suite.cipher)?;
    let seed = ChildKeySeed { sk_d: est.sa.sk_d(), shared, nonce_i, nonce_r };
    ChildKeys::derive(est.sa.prf(), cipher, seed).ok()
}

/// Adds a Child SA. `None` if the provider lacks its cipher, which the proposals exclude.
pub(crate) fn install(est: &mut Established, cx: &mut Context, agreed: Agreed) -> Option<ChildId> {
    let child = Child::install(cx, &est.common.config.child, agreed)?;
    let id = child.id;
    est.children.push(child);
    Some(id)
}

/// Our exchange succeeded: puts the new Child SA to use, unless the peer's crossing one wins.
fn settle(
    est: &mut Established,
    cx: &mut Context,
    agreed: Agreed,
    crossing: Option<(ChildId, ExchangeNonces)>,
    ours: &ExchangeNonces,
) {
    let old = agreed.replaces;
    let Some(new) = install(est, cx, agreed) else { return };
    est.create_refused = 0;
    match (old, crossing) {
        (Some(old), Some((successor, peers))) if decide(ours, &peers) == Winner::Peers => {
            // Ours is redundant and ours to delete; the peer deletes the old one.
            mark_replaced(est, new);
            est.queue(Task::DeleteChild(new));
            hand_over(est, old, successor);
        }
        (old, crossing) => {
            if let Some(child) = est.child(new) {
                child.seal_from_now(cx);
            }
            if let Some((redundant, _)) = crossing {
                // The peer deletes it.
                mark_replaced(est, redundant);
            }
            if let Some(old) = old {
                mark_replaced(est, old);
                est.queue(Task::DeleteChild(old));
            }
        }
    }
}

/// The peer's new Child SA follows `old`, which the peer deletes.
fn hand_over(est: &mut Established, old: ChildId, successor: ChildId) {
    if est.children.iter().any(|child| child.id == successor) {
        mark_replaced(est, old);
    }
}

fn mark_replaced(est: &mut Established, id: ChildId) {
    if let Some(child) = est.child(id) {
        child.replaced = true;
    }
}

/// The payloads of a response that agree to a Child SA.
pub(crate) fn response(
    sa: SecurityAssociation,
    nonce: Vec<u8>,
    ke: Option<KeyExchange>,
    peers_side: &[adit_esp::TrafficSelector],
    our_side: &[adit_esp::TrafficSelector],
) -> Vec<Payload> {
    payloads([
        Some(Payload::Sa(sa)),
        Some(Payload::Nonce(Nonce(nonce))),
        ke.map(Payload::Ke),
        Some(Payload::TsI(to_wire(peers_side))),
        Some(Payload::TsR(to_wire(our_side))),
    ])
}
