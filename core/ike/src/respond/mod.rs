//! Answers to the peer's requests inside an established session.
//!
//! Owns the choice of the answer and sending it. Each kind of request has a file with functions of the
//! session's state; nothing here waits.

mod child;
mod delete;
mod mobike;
mod rekey_ike;

use std::time::Duration;

use crate::collision::Busy;
use crate::event::{ChildId, CloseReason, Event, ExchangeRecord};
use crate::failure::Failure;
use crate::phase::established::{Established, Outcome, error_payloads};
use crate::session::context::Context;
use crate::session::ike_sa::IkeSa;
use crate::session::parts::Parts;
use crate::task::Active;
use crate::wire::{ExchangeType, Header, Notify, NotifyType, ParseError, Payload, ProtocolId};

/// Answers an authentic request on the IKE SA in use.
pub(crate) fn request(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    payloads: Vec<Payload>,
) -> Outcome {
    let parts = match Parts::new(payloads) {
        Ok(parts) => parts,
        Err(bad) => return syntax_error(&mut est.sa, cx, header, bad.to_string()),
    };
    let (purpose, result) = match header.exchange {
        ExchangeType::INFORMATIONAL => informational(est, cx, header, &parts),
        ExchangeType::CREATE_CHILD_SA => match proposed(&parts) {
            Some(ProtocolId::IKE) => ("rekey IKE SA", rekey_ike::answer(est, cx, header, &parts)),
            Some(_) if parts.has(NotifyType::REKEY_SA) => {
                ("rekey Child SA", child::answer(est, cx, header, &parts))
            }
            Some(_) => ("create Child SA", child::answer(est, cx, header, &parts)),
            None => return syntax_error(&mut est.sa, cx, header, "no SA payload".into()),
        },
        // Authentication is over, and other exchanges were not agreed on.
        exchange => {
            return syntax_error(&mut est.sa, cx, header, format!("{exchange} on an established IKE SA"));
        }
    };
    record(cx, header, purpose);
    result.unwrap_or_else(Outcome::from)
}

/// Answers a request on the IKE SA at `index` of those that fade out. It may have been sent before the peer
/// knew of the rekey.
pub(crate) fn on_fading(
    est: &mut Established,
    cx: &mut Context,
    index: usize,
    header: &Header,
    payloads: Vec<Payload>,
) {
    let deleted = deletes_ike_sa(&payloads);
    let answer = match header.exchange {
        ExchangeType::INFORMATIONAL => match Parts::new(payloads) {
            // Child SAs moved to the successor, but they are the same, and the peer may have moved.
            Ok(parts) => {
                let mut answer = delete::children_named(est, cx, &parts);
                if let Some(asked) = est.fading.get(index).map(|fading| asked(&fading.sa, true)) {
                    answer.extend(mobike::answer(est, cx, asked, &parts).unwrap_or_default());
                }
                answer
            }
            Err(_) => error_payloads(NotifyType::INVALID_SYNTAX),
        },
        // RFC 7296 2.25.2: whatever it is, it must be asked for on the successor.
        _ => error_payloads(NotifyType::TEMPORARY_FAILURE),
    };
    if let Some(fading) = est.fading.get_mut(index) {
        // What cannot be sent is dropped with the SA soon.
        let _ = fading.sa.respond(cx, header, &answer);
    }
    if deleted {
        est.fading_deleted(cx, index);
    }
}

/// Answers a request on an IKE SA whose Delete of ours is under way. True if the peer deletes it too.
pub(crate) fn on_closing(sa: &mut IkeSa, cx: &mut Context, header: &Header, payloads: &[Payload]) -> bool {
    let answer = match header.exchange {
        ExchangeType::INFORMATIONAL => Vec::new(),
        _ => error_payloads(NotifyType::TEMPORARY_FAILURE),
    };
    sa.respond(cx, header, &answer).is_err() || deletes_ike_sa(payloads)
}

fn deletes_ike_sa(payloads: &[Payload]) -> bool {
    payloads
        .iter()
        .any(|payload| matches!(payload, Payload::Delete(delete) if delete.protocol == ProtocolId::IKE))
}

/// Answers an authentic request that cannot be read (RFC 7296 2.21.3, 2.5).
pub(crate) fn malformed(sa: &mut IkeSa, cx: &mut Context, header: &Header, error: &ParseError) -> Outcome {
    if let Some(payload_type) = error.unsupported_critical() {
        let notify = Notify::new(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, [payload_type.0]);
        return match sa.respond(cx, header, &[Payload::Notify(notify)]) {
            Ok(()) => Outcome::Continue,
            Err(failure) => failure.into(),
        };
    }
    syntax_error(sa, cx, header, error.to_string())
}

/// INVALID_SYNTAX, which ends the IKE SA on both sides.
fn syntax_error(sa: &mut IkeSa, cx: &mut Context, header: &Header, detail: String) -> Outcome {
    match syntax_reply(sa, cx, header) {
        Ok(()) => Failure::Protocol { exchange: header.exchange, detail }.into(),
        Err(failure) => failure.into(),
    }
}

fn syntax_reply(sa: &mut IkeSa, cx: &mut Context, header: &Header) -> Result<(), Failure> {
    sa.respond(cx, header, &error_payloads(NotifyType::INVALID_SYNTAX))
}

/// The protocol of the first proposal.
fn proposed(parts: &Parts) -> Option<ProtocolId> {
    Some(parts.sa.as_ref()?.proposals.first()?.protocol)
}

fn informational(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    parts: &Parts,
) -> (&'static str, Result<Outcome, Failure>) {
    if parts.deletes.iter().any(|delete| delete.protocol == ProtocolId::IKE) {
        return ("delete IKE SA", delete::ike(est, cx, header));
    }
    if parts.has(NotifyType::AUTHENTICATION_FAILED) {
        // The initiator refused our proof after it got our AUTH (RFC 7296 2.21.2).
        let reply = est.sa.respond(cx, header, &[]);
        let identity = est.common.local_id.to_string();
        let refused = Failure::RefusedByPeer { identity, method: est.common.method };
        return ("authentication failed", reply.map(|()| refused.into()));
    }
    if !parts.deletes.is_empty() {
        return ("delete Child SA", delete::children(est, cx, header, parts));
    }
    let purpose = if parts.notifies.is_empty() {
        "liveness check"
    } else if parts.has(NotifyType::UPDATE_SA_ADDRESSES) {
        "move to another address"
    } else if parts.has(NotifyType::COOKIE2) {
        "return routability check"
    } else {
        "notify"
    };
    let asked = asked(&est.sa, false);
    let answer = mobike::answer(est, cx, asked, parts);
    let sent = answer.and_then(|answer| est.sa.respond(cx, header, &answer));
    (purpose, sent.map(|()| Outcome::Continue))
}

/// Where the request being answered on `sa` stands.
fn asked(sa: &IkeSa, fading: bool) -> mobike::Asked {
    mobike::Asked { path: sa.reply_path(), spis: (sa.spi_i(), sa.spi_r()), fading }
}

/// What we are doing, as a request about the Child SA `about` sees it (`None`: about the IKE SA).
fn busy(est: &Established, about: Option<ChildId>) -> Busy {
    match (&est.active, about) {
        (Some(Active::RekeyIke(_)), _) => Busy::RekeyingIke,
        (Some(Active::Child(_)), None) => Busy::RekeyingChild,
        (Some(Active::Delete { .. }), None) => Busy::ClosingChild,
        (Some(active), Some(id)) if active.rekeys(id) => Busy::RekeyingChild,
        (Some(active), Some(id)) if active.deletes(id) => Busy::ClosingChild,
        _ => Busy::Idle,
    }
}

/// Sends `notify` as the whole answer. INVALID_SYNTAX ends the IKE SA on both sides (RFC 7296 2.21.3).
fn refuse_with(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    notify: Notify,
) -> Result<Outcome, Failure> {
    let fatal = notify.notify_type == NotifyType::INVALID_SYNTAX;
    est.sa.respond(cx, header, &[Payload::Notify(notify)])?;
    if fatal {
        let detail = "a request lacks a payload or has an unusable one".into();
        return Err(Failure::Protocol { exchange: header.exchange, detail });
    }
    Ok(Outcome::Continue)
}

/// Sends an error notify as the whole answer.
fn refuse(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    notify_type: NotifyType,
) -> Result<Outcome, Failure> {
    est.sa.respond(cx, header, &error_payloads(notify_type)).map(|()| Outcome::Continue)
}

fn record(cx: &mut Context, header: &Header, purpose: &'static str) {
    cx.event(Event::Exchange(ExchangeRecord {
        exchange: header.exchange,
        purpose,
        message_id: header.message_id,
        by_us: false,
        took: Duration::ZERO,
    }));
}

/// The session is over because the peer says so.
fn deleted_by_peer() -> Outcome {
    Outcome::Close(CloseReason::DeletedByPeer)
}
