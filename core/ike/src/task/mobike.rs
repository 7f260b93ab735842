//! Our requests about the path: telling the server of our new address, checking that a client is reached by its new
//! one, and finding out about a NAT that gave us another (RFC 4555 3.5, 3.7, 3.8).

use std::time::Duration;

use subtle::ConstantTimeEq;

use super::{Active, OpenMove, Task};
use crate::event::Event;
use crate::failure::Failure;
use crate::phase::established::Established;
use crate::session::context::Context;
use crate::session::init::{PeerSupport, nat_detection};
use crate::session::parts::Parts;
use crate::wire::{ExchangeType, Notify, NotifyType, Payload};

/// Octets of our COOKIE2 (RFC 4555 4.2.5: 8 to 64).
const COOKIE_LEN: usize = 16;

/// How often a server is told of a move that it refuses.
const UPDATE_TRIES: u32 = 3;

/// The pause before it is told again.
const UPDATE_PAUSE: Duration = Duration::from_secs(2);

/// Tells the server to send to where this message comes from.
pub(super) fn start_update(est: &mut Established, cx: &mut Context) -> Result<(), Failure> {
    let mut request = vec![Payload::Notify(Notify::status(NotifyType::UPDATE_SA_ADDRESSES))];
    request.extend(nat_detection(cx, cx.path, est.sa.spi_i(), est.sa.spi_r())?);
    // Another address of the server has to show that it is the server's; ours is the server's to check.
    let cookie = (cx.path.remote.ip() != est.moves.proved).then(|| cookie2(cx)).transpose()?;
    request.extend(
        cookie.iter().map(|cookie| Payload::Notify(Notify::new(NotifyType::COOKIE2, cookie.clone()))),
    );
    est.sa.request(cx, ExchangeType::INFORMATIONAL, &request)?;
    est.active = Some(Active::Update(OpenMove { count: est.moves.count, cookie }));
    Ok(())
}

/// The server answered.
pub(super) fn on_updated(
    est: &mut Established,
    cx: &mut Context,
    open: &OpenMove,
    parts: &Parts,
) -> Result<(), Failure> {
    check_cookie(open, parts)?;
    est.note_peer_addresses(parts);
    if open.count != est.moves.count {
        // RFC 4555 3.5: it may have gone to several addresses, and another follows.
        est.queue(Task::Update);
        return Ok(());
    }
    if let Some(error) = parts.error() {
        let (times, since) = est.moves.refused.unwrap_or((0, cx.now));
        let times = times.saturating_add(1);
        if times >= UPDATE_TRIES {
            let waited = cx.now.saturating_since(since);
            return Err(Failure::PeerGone { exchange: ExchangeType::INFORMATIONAL, waited });
        }
        let why = error.notify_type;
        cx.event(Event::Warning(format!("the server refuses our new address ({why}); it is asked again")));
        est.moves.refused = Some((times, since));
        est.moves.update_at = Some(cx.now + UPDATE_PAUSE);
        return Ok(());
    }
    est.moves.refused = None;
    est.moves.proved = cx.path.remote.ip();
    let support = PeerSupport::read(cx, parts, cx.path, est.sa.spi_i(), est.sa.spi_r());
    if support.nat_traversal {
        est.local_nat = support.local_nat;
    }
    est.moves.seen_as = seen_as(est, parts);
    Ok(())
}

/// Asks for a sign of life, and by the way of a client behind a NAT, how the server sees us (RFC 4555 3.8).
pub(super) fn start_liveness(est: &mut Established, cx: &mut Context) -> Result<(), Failure> {
    let mut request = Vec::new();
    if est.may_move() && est.local_nat {
        request.extend(nat_detection(cx, cx.path, est.sa.spi_i(), est.sa.spi_r())?);
    }
    est.sa.request(cx, ExchangeType::INFORMATIONAL, &request)?;
    est.active = Some(Active::Liveness);
    Ok(())
}

/// The peer lives; perhaps it sees us elsewhere than before.
pub(super) fn on_liveness(est: &mut Established, parts: &Parts) {
    if !est.may_move() {
        return;
    }
    let Some(now) = seen_as(est, parts) else { return };
    let before = est.moves.seen_as.replace(now.clone());
    // The SPIs are in the hash, so the first answer under them tells nothing: the server is told where we are, which does
    // no harm where it knows already.
    if before != Some(now) {
        est.moves.count = est.moves.count.wrapping_add(1);
        est.queue(Task::Update);
    }
}

fn seen_as(est: &Established, parts: &Parts) -> Option<(crate::wire::IkeSpi, Vec<u8>)> {
    let hash = &parts.notify(NotifyType::NAT_DETECTION_DESTINATION_IP)?.data;
    (hash.len() == 20).then(|| (est.sa.spi_i(), hash.clone()))
}

/// Asks a client that says it moved for an answer from there.
pub(super) fn start_check(est: &mut Established, cx: &mut Context) -> Result<(), Failure> {
    if cx.held.is_none() {
        return Ok(());
    }
    let cookie = cookie2(cx)?;
    let request = [Payload::Notify(Notify::new(NotifyType::COOKIE2, cookie.clone()))];
    est.sa.request(cx, ExchangeType::INFORMATIONAL, &request)?;
    est.active = Some(Active::CheckPath(OpenMove { count: est.moves.count, cookie: Some(cookie) }));
    Ok(())
}

/// The client answered: ESP follows it, unless it has moved again meanwhile.
pub(super) fn on_checked(
    est: &mut Established,
    cx: &mut Context,
    open: &OpenMove,
    parts: &Parts,
) -> Result<(), Failure> {
    check_cookie(open, parts)?;
    if cx.held.is_none() {
        return Ok(());
    }
    if open.count != est.moves.count {
        est.queue(Task::CheckPath);
        return Ok(());
    }
    cx.held = None;
    cx.event(Event::PathChanged(cx.path));
    Ok(())
}

fn cookie2(cx: &Context) -> Result<Vec<u8>, Failure> {
    let mut cookie = vec![0; COOKIE_LEN];
    cx.provider.random.fill(&mut cookie)?;
    Ok(cookie)
}

/// RFC 4555 3.7: an answer without the cookie, or with another, was not made from the question. The IKE SA ends.
fn check_cookie(open: &OpenMove, parts: &Parts) -> Result<(), Failure> {
    let Some(sent) = &open.cookie else { return Ok(()) };
    match parts.notify(NotifyType::COOKIE2) {
        Some(notify) if bool::from(notify.data.ct_eq(sent)) => Ok(()),
        found => {
            let what = if found.is_some() { "another COOKIE2 than was sent" } else { "no COOKIE2" };
            let detail = format!("an answer about the path has {what}");
            Err(Failure::Protocol { exchange: ExchangeType::INFORMATIONAL, detail })
        }
    }
}
