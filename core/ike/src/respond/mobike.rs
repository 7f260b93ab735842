//! The client's new address, and questions about the path that either side may put (RFC 4555 3.5, 3.7 to 3.9).

use crate::event::Path;
use crate::failure::Failure;
use crate::phase::established::Established;
use crate::session::context::Context;
use crate::session::init::{PeerSupport, nat_detection};
use crate::session::parts::Parts;
use crate::task::Task;
use crate::wire::{IkeSpi, Notify, NotifyType, Payload};

/// Longest COOKIE2 that is returned (RFC 4555 4.2.5).
const COOKIE_MAX: usize = 64;

/// Where a request stands.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// How it came.
    pub path: Path,
    /// The SPIs of its IKE SA.
    pub spis: (IkeSpi, IkeSpi),
    /// That IKE SA is one that fades out: the peer did not know of its successor.
    pub fading: bool,
}

/// Does what an INFORMATIONAL request says about the path, and gives what belongs into the answer.
pub(super) fn answer(
    est: &mut Established,
    cx: &mut Context,
    asked: Asked,
    parts: &Parts,
) -> Result<Vec<Payload>, Failure> {
    if !est.mobike {
        return Ok(Vec::new());
    }
    let mut answer = Vec::new();
    est.note_peer_addresses(parts);
    // Only the initiator decides which addresses are used (RFC 4555 3.1).
    let refusal = if parts.has(NotifyType::UPDATE_SA_ADDRESSES) && !est.common.initiator {
        update(est, cx, asked, parts).err()
    } else {
        None
    };
    match refusal {
        Some(refusal) => answer.push(Payload::Notify(Notify::status(refusal))),
        None if detects_nat(parts) => {
            let (spi_i, spi_r) = asked.spis;
            answer.extend(nat_detection(cx, asked.path, spi_i, spi_r)?);
        }
        None => {}
    }
    if let Some(cookie) = parts.notify(NotifyType::COOKIE2).filter(|cookie| cookie.data.len() <= COOKIE_MAX) {
        answer.push(Payload::Notify(Notify::new(NotifyType::COOKIE2, cookie.data.clone())));
    }
    Ok(answer)
}

fn detects_nat(parts: &Parts) -> bool {
    parts.has(NotifyType::NAT_DETECTION_SOURCE_IP) || parts.has(NotifyType::NAT_DETECTION_DESTINATION_IP)
}

/// The client is where this request came from.
fn update(est: &mut Established, cx: &mut Context, asked: Asked, parts: &Parts) -> Result<(), NotifyType> {
    if asked.fading && est.moves.told_by_successor {
        return Ok(());
    }
    let path = asked.path;
    if let Some(expected) = parts.notify(NotifyType::NO_NATS_ALLOWED)
        && expected.data != addresses(path)
    {
        return Err(NotifyType::UNEXPECTED_NAT_DETECTED);
    }
    let remote = path.remote.ip();
    // ESP has no way but the NAT traversal port.
    if !path.encapsulated || path.remote.port() == 0 || remote.is_unspecified() || remote.is_multicast() {
        return Err(NotifyType::UNACCEPTABLE_ADDRESSES);
    }
    est.moves.told_by_successor |= !asked.fading;
    if detects_nat(parts) {
        let (spi_i, spi_r) = asked.spis;
        est.follow_peer = PeerSupport::read(cx, parts, path, spi_i, spi_r).remote_nat;
    }
    if path == cx.path {
        return Ok(());
    }
    est.moves.note_left(cx.path, path);
    est.moves.count = est.moves.count.wrapping_add(1);
    cx.held.get_or_insert(cx.path);
    cx.path = path;
    if cx.held == Some(path) {
        // Back before ESP had left.
        cx.held = None;
    }
    est.resend(cx);
    est.queue(Task::CheckPath);
    Ok(())
}

/// What NO_NATS_ALLOWED holds when no NAT is in between: source and destination, then their ports (RFC 4555 4.2.6).
fn addresses(path: Path) -> Vec<u8> {
    let mut data = Vec::with_capacity(36);
    for end in [path.remote, path.local] {
        match end.ip() {
            std::net::IpAddr::V4(address) => data.extend(address.octets()),
            std::net::IpAddr::V6(address) => data.extend(address.octets()),
        }
    }
    for end in [path.remote, path.local] {
        data.extend(end.port().to_be_bytes());
    }
    data
}
