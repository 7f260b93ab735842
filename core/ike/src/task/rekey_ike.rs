//! Rekeying the IKE SA (RFC 7296 1.3.2, 2.18).

use adit_crypto::DhGroup;

use super::{Active, OpenRekey, other_group, payloads};
use crate::collision::{ExchangeNonces, Winner, decide};
use crate::event::Event;
use crate::failure::Failure;
use crate::phase::established::Established;
use crate::proposal::{accept_ike, offer_ike};
use crate::session::context::Context;
use crate::session::ike_sa::{IkeSa, NewIkeSa};
use crate::session::parts::{Parts, need};
use crate::wire::{ExchangeType, KeyExchange, Nonce, NotifyType, Payload, PayloadType, Role};

/// Asks for a new IKE SA. `group` is the one the peer asked for by INVALID_KE_PAYLOAD.
pub(super) fn start(
    est: &mut Established,
    cx: &mut Context,
    group: Option<(DhGroup, u32)>,
) -> Result<(), Failure> {
    let spi = crate::wire::IkeSpi(cx.ike_spi()?);
    let nonce = cx.nonce()?;
    // The group in use is the likeliest to be taken again.
    let (group, groups_refused) = group.unwrap_or((est.sa.suite.group, 0));
    let method = cx.provider.key_exchange(group).ok_or(adit_crypto::CryptoError::BadKey("no such group"))?;
    let key_exchange = method.generate(cx.provider.random)?;
    let offer = offer_ike(&est.common.config.ike_proposals, &spi.0);
    let request = payloads([
        Some(Payload::Sa(offer.clone())),
        Some(Payload::Nonce(Nonce(nonce.clone()))),
        Some(Payload::Ke(KeyExchange { group, data: key_exchange.public_value().to_vec() })),
    ]);
    est.sa.request(cx, ExchangeType::CREATE_CHILD_SA, &request)?;
    est.active = Some(Active::RekeyIke(Box::new(OpenRekey {
        spi,
        offer,
        nonce,
        key_exchange,
        groups_refused,
        crossing: None,
    })));
    Ok(())
}

/// The peer answered.
pub(super) fn on_response(
    est: &mut Established,
    cx: &mut Context,
    mut open: OpenRekey,
    parts: &Parts,
) -> Result<(), Failure> {
    let crossing = open.crossing.take();
    if let Some(error) = parts.error() {
        let error = error.notify_type;
        if let Some((peers, _)) = crossing {
            // The peer's own rekey stands.
            return take_over(est, cx, peers);
        }
        if error == NotifyType::INVALID_KE_PAYLOAD {
            let offered = est.common.config.ike_groups();
            let tried = Some(open.key_exchange.group());
            if let Some(group) = other_group(parts, tried, &offered, open.groups_refused) {
                return start(est, cx, Some((group, open.groups_refused.saturating_add(1))));
            }
        }
        if error != NotifyType::TEMPORARY_FAILURE {
            cx.event(Event::Warning(format!("the peer refused to rekey the IKE SA: {error}")));
        }
        est.retry_ike_rekey(cx);
        return Ok(());
    }
    let own_nonce = open.nonce.clone();
    let (new, nonce_r) = match agree(est, cx, open, parts) {
        Ok(agreed) => agreed,
        // The peer now has an IKE SA that we do not; there is no key to delete it with.
        Err(detail) => {
            return Err(Failure::Protocol { exchange: ExchangeType::CREATE_CHILD_SA, detail });
        }
    };
    #[cfg(feature = "keylog")]
    crate::keylog::ike_sa(cx, &new);
    let ours = ExchangeNonces { initiator: own_nonce, responder: nonce_r };
    match crossing {
        Some((peers, nonces)) if decide(&ours, &nonces) == Winner::Peers => {
            // Ours is redundant and ours to delete; the peer deletes the old one.
            est.fade(cx, new, true)?;
            take_over(est, cx, peers)
        }
        crossing => {
            let old = est.replace_ike_sa(cx, new, true);
            est.fade(cx, old, true)?;
            match crossing {
                Some((redundant, _)) => est.fade(cx, redundant, false),
                None => Ok(()),
            }
        }
    }
}

/// The IKE SA of the peer's exchange takes over; the peer deletes the old one.
pub(crate) fn take_over(est: &mut Established, cx: &mut Context, peers: IkeSa) -> Result<(), Failure> {
    let old = est.replace_ike_sa(cx, peers, false);
    est.fade(cx, old, false)
}

fn agree(
    est: &Established,
    cx: &Context,
    open: OpenRekey,
    parts: &Parts,
) -> Result<(IkeSa, Vec<u8>), String> {
    let sa = need(parts.sa.as_ref(), PayloadType::SA).map_err(|bad| bad.to_string())?;
    let nonce = need(parts.nonce.as_ref(), PayloadType::NONCE).map_err(|bad| bad.to_string())?;
    let ke = need(parts.ke.as_ref(), PayloadType::KE).map_err(|bad| bad.to_string())?;
    let selected = accept_ike(sa, &open.offer).map_err(|bad| bad.to_string())?;
    let suite = selected.suite;
    let spi_r = selected.proposal.ike_spi().filter(|spi| !spi.is_zero()).ok_or("the proposal has no SPI")?;
    if suite.group != ke.group || suite.group != open.key_exchange.group() {
        return Err("the key exchange does not fit the proposal".into());
    }
    let shared = open.key_exchange.complete(&ke.data).map_err(|error| error.to_string())?;
    let new = est
        .sa
        .successor(
            cx,
            &est.common,
            NewIkeSa {
                role: Role::Initiator,
                suite,
                spi_i: open.spi,
                spi_r,
                shared: &shared,
                nonce_i: &open.nonce,
                nonce_r: &nonce.0,
            },
        )
        .map_err(|failure| failure.to_string())?;
    Ok((new, nonce.0.clone()))
}
