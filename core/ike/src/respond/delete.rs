//! The peer deletes Child SAs or the IKE SA (RFC 7296 1.4.1, 2.25).

use super::{busy, deleted_by_peer};
use crate::collision::{Answer, Request, answer};
use crate::event::ChildId;
use crate::failure::Failure;
use crate::phase::established::{Established, Outcome};
use crate::session::context::Context;
use crate::session::parts::Parts;
use crate::task::{Active, Task, take_over};
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

/// The peer deletes Child SAs. It names the SPIs it receives on, we answer with ours.
pub(super) fn children(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    parts: &Parts,
) -> Result<Outcome, Failure> {
    let mut ours = Vec::new();
    let mut lost_last = false;
    for delete in parts.deletes.iter().filter(|delete| delete.protocol == ProtocolId::ESP) {
        for spi in &delete.spis {
            // Unknown SPIs are passed over: they may be gone already.
            let Some((id, spi_in, replaced)) = est
                .children
                .iter()
                .find(|child| child.spi_out == *spi)
                .map(|child| (child.id, child.spi_in, child.replaced))
            else {
                continue;
            };
            if answer(busy(est, Some(id)), Request::DeleteChild) == Answer::AsUsual {
                ours.push(spi_in);
            }
            remove(est, cx, id);
            lost_last |= !replaced;
        }
    }
    let reply = if ours.is_empty() { Vec::new() } else { vec![Payload::Delete(Delete::esp(ours))] };
    est.sa.respond(cx, header, &reply)?;
    let rekeying = matches!(est.active, Some(Active::Child(_)));
    if lost_last && est.common.initiator && est.is_childless() && !rekeying {
        est.queue(Task::CreateChild);
    }
    Ok(Outcome::Continue)
}

fn remove(est: &mut Established, cx: &mut Context, id: ChildId) {
    if let Some(child) = est.take_child(id) {
        child.remove(cx);
    }
    // Whoever asked for the successor, it is the only way left.
    for child in est.children.iter_mut().filter(|child| child.replaces == Some(id) && !child.replaced) {
        child.seal_from_now(cx);
    }
}
