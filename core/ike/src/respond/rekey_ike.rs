//! The peer rekeys the IKE SA (RFC 7296 1.3.2, 2.18, 2.25.2).

use super::{busy, refuse, refuse_with};
use crate::collision::{Answer, ExchangeNonces, Request, answer as how_to_answer};
use crate::failure::Failure;
use crate::phase::established::{Established, Outcome};
use crate::proposal::select_ike;
use crate::session::context::Context;
use crate::session::ike_sa::{IkeSa, NewIkeSa};
use crate::session::parts::Parts;
use crate::task::{Active, take_over};
use crate::wire::{Header, IkeSpi, KeyExchange, Nonce, Notify, NotifyType, Payload, Role};

/// Answers a CREATE_CHILD_SA for an IKE SA.
pub(super) fn answer(
    est: &mut Established,
    cx: &mut Context,
    header: &Header,
    parts: &Parts,
) -> Result<Outcome, Failure> {
    let crossed = matches!(&est.active, Some(Active::RekeyIke(open)) if open.crossing.is_some());
    if how_to_answer(busy(est, None), Request::RekeyIke) != Answer::AsUsual
        || crossed
        || !est.limiter.take(cx.now)
    {
        return refuse(est, cx, header, NotifyType::TEMPORARY_FAILURE);
    }
    let (new, answer, nonces) = match agree(est, cx, parts) {
        Ok(agreed) => agreed,
        Err(notify) => return refuse_with(est, cx, header, *notify),
    };
    #[cfg(feature = "keylog")]
    crate::keylog::ike_sa(cx, &new);
    est.sa.respond(cx, header, &answer)?;
    if let Some(Active::RekeyIke(open)) = &mut est.active {
        // Both sides rekey: decided when our own response comes.
        open.crossing = Some((new, nonces));
    } else {
        take_over(est, cx, new)?;
    }
    Ok(Outcome::Continue)
}

type Agreement = (IkeSa, Vec<Payload>, ExchangeNonces);

/// Chooses from the request. The error is the notify to answer with.
fn agree(est: &Established, cx: &Context, parts: &Parts) -> Result<Agreement, Box<Notify>> {
    let refusal = |notify_type| Box::new(Notify::status(notify_type));
    let (Some(sa), Some(nonce), Some(ke)) = (&parts.sa, &parts.nonce, &parts.ke) else {
        return Err(refusal(NotifyType::INVALID_SYNTAX));
    };
    let selected = select_ike(sa, &est.common.config.ike_proposals, &cx.provider, Some(ke.group))
        .map_err(|_| refusal(NotifyType::NO_PROPOSAL_CHOSEN))?;
    let suite = selected.suite;
    let spi_i = selected
        .proposal
        .ike_spi()
        .filter(|spi| !spi.is_zero())
        .ok_or_else(|| refusal(NotifyType::INVALID_SYNTAX))?;
    if suite.group != ke.group {
        return Err(Box::new(Notify::new(NotifyType::INVALID_KE_PAYLOAD, suite.group.0.to_be_bytes())));
    }
    let method =
        cx.provider.key_exchange(suite.group).ok_or_else(|| refusal(NotifyType::NO_PROPOSAL_CHOSEN))?;
    let failed = |_| refusal(NotifyType::TEMPORARY_FAILURE);
    let open = method.generate(cx.provider.random).map_err(failed)?;
    let ours = KeyExchange { group: suite.group, data: open.public_value().to_vec() };
    let shared = open.complete(&ke.data).map_err(|_| refusal(NotifyType::INVALID_SYNTAX))?;
    let spi_r = IkeSpi(cx.ike_spi().map_err(failed)?);
    let nonce_r = cx.nonce().map_err(failed)?;
    let new = est
        .sa
        .successor(
            cx,
            &est.common,
            NewIkeSa {
                role: Role::Responder,
                suite,
                spi_i,
                spi_r,
                shared: &shared,
                nonce_i: &nonce.0,
                nonce_r: &nonce_r,
            },
        )
        .map_err(|_| refusal(NotifyType::TEMPORARY_FAILURE))?;
    let answer = vec![
        Payload::Sa(selected.answer(&spi_r.0)),
        Payload::Nonce(Nonce(nonce_r.clone())),
        Payload::Ke(ours),
    ];
    Ok((new, answer, ExchangeNonces { initiator: nonce.0.clone(), responder: nonce_r }))
}
