//! The peer deletes Child SAs or the IKE SA (RFC 7296 1.4.1, 2.25).

use super::{busy, deleted_by_peer};
use crate::collision::{Answer, Request, answer};
use crate::failure::Failure;
use crate::phase::established::{Established, Outcome};
use crate::session::context::Context;
use crate::session::parts::Parts;
use crate::task::{Active, take_over};
use crate::wire::{Delete, Header, Payload, ProtocolId};

/// The peer deletes the IKE SA in use. If it rekeyed it meanwhile, its new one takes over: our own crossing
/// request can no longer be answered.
pub(super) fn ike(est: &mut Established, cx: &mut Context, header: &Header) -> Result<Outcome, Failure> {
    est.sa.respond(cx, header, &[])?;
    match est.active.take() {
        Some(Active::RekeyIke(open)) if open.crossing.is_some() => {
            let Some((peers, _)) = open.crossing else { return Ok(deleted_by_peer()) };
            take_over(est, cx, peers)?;
            Ok(Outcome::Continue)
        }
        _ => Ok(deleted_by_peer()),
    }
}

/// The peer deletes Child SAs.
pub(super) fn children(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    parts: &Parts,
) -> Result<Outcome, Failure> {
    let reply = children_named(est, cx, parts);
    est.sa.respond(cx, header, &reply)?;
    Ok(Outcome::Continue)
}

/// Removes the Child SAs that the Delete payloads name, and gives the answer. The peer names the SPIs it
/// receives on, we answer with ours.
pub(super) fn children_named(est: &mut Established, cx: &mut Context, parts: &Parts) -> Vec<Payload> {
    let mut ours = Vec::new();
    for delete in parts.deletes.iter().filter(|delete| delete.protocol == ProtocolId::ESP) {
        for spi in &delete.spis {
            // Unknown SPIs are passed over: they may be gone already.
            let Some((id, spi_in)) =
                est.children.iter().find(|child| child.spi_out == *spi).map(|child| (child.id, child.spi_in))
            else {
                continue;
            };
            if answer(busy(est, Some(id)), Request::DeleteChild) == Answer::AsUsual {
                ours.push(spi_in);
            }
            est.remove_child(cx, id);
        }
    }
    if !parts.deletes.is_empty() {
        est.recover_child();
    }
    if ours.is_empty() { Vec::new() } else { vec![Payload::Delete(Delete::esp(ours))] }
}
