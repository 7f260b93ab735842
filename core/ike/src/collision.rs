//! Rekey collisions: both sides start to rekey the same SA at the same time (RFC 7296 2.8.1, 2.8.2, 2.25).
//!
//! Owns the two decisions a collision needs, as functions of plain values so that every row of the tables
//! can be tested: which of two new SAs is redundant, and what to answer to a request that crosses ours.
//! Leaves out who sends what afterwards (`session`).

/// The nonces of one completed CREATE_CHILD_SA exchange.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ExchangeNonces {
    /// Of the side that started the exchange.
    pub initiator: Vec<u8>,
    /// Of the side that answered.
    pub responder: Vec<u8>,
}

impl ExchangeNonces {
    fn lowest(&self) -> &[u8] {
        self.initiator.as_slice().min(self.responder.as_slice())
    }
}

/// Which of the two SAs made by crossing rekeys goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Winner {
    /// The SA of the exchange we started: we delete the SA that was rekeyed, the peer deletes its new one.
    Ours,
    /// The SA of the exchange the peer started: we delete the new one we asked for.
    Peers,
}

/// Decides a collision. The SA made with the lowest of the four nonces is redundant and is closed by the
/// side that created it (RFC 7296 2.8.1). Nonces are compared octet by octet, a prefix being the lower.
pub(crate) fn decide(ours: &ExchangeNonces, peers: &ExchangeNonces) -> Winner {
    if ours.lowest() < peers.lowest() { Winner::Peers } else { Winner::Ours }
}

/// What we are doing when a request of the peer arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Busy {
    /// No exchange of ours is open that matters to the request.
    Idle,
    /// We are rekeying the IKE SA.
    RekeyingIke,
    /// We are creating a Child SA, or rekeying one (any one, as an IKE rekey sees it; the same one, as a
    /// request about that Child SA sees it).
    RekeyingChild,
    /// We are closing a Child SA (with the same reading).
    ClosingChild,
}

/// What the peer asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    /// A new IKE SA in place of this one.
    RekeyIke,
    /// A new Child SA in place of an existing one.
    RekeyChild,
    /// A further Child SA.
    CreateChild,
    /// The end of a Child SA.
    DeleteChild,
}

/// How to answer a request of the peer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// As if nothing else were going on.
    AsUsual,
    /// TEMPORARY_FAILURE.
    TemporaryFailure,
    /// An empty response: the Delete of ours that is under way already says it.
    WithoutDelete,
}

/// Decides how to answer while something of ours is open (RFC 7296 2.25.1, 2.25.2). An IKE SA that is being
/// closed answers TEMPORARY_FAILURE to all but Deletes (`respond::on_fading`).
pub(crate) fn answer(busy: Busy, request: Request) -> Answer {
    match (busy, request) {
        (Busy::ClosingChild, Request::DeleteChild) => Answer::WithoutDelete,
        (Busy::RekeyingChild | Busy::ClosingChild, Request::RekeyIke)
        | (Busy::RekeyingIke, Request::RekeyChild | Request::CreateChild)
        | (Busy::ClosingChild, Request::RekeyChild) => Answer::TemporaryFailure,
        _ => Answer::AsUsual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonces(initiator: &[u8], responder: &[u8]) -> ExchangeNonces {
        ExchangeNonces { initiator: initiator.to_vec(), responder: responder.to_vec() }
    }

    #[test]
    fn d04_each_of_the_four_nonces_can_be_the_lowest() {
        let table = [
            (nonces(&[0, 9], &[5, 5]), nonces(&[6, 6], &[7, 7]), Winner::Peers),
            (nonces(&[5, 5], &[0, 9]), nonces(&[6, 6], &[7, 7]), Winner::Peers),
            (nonces(&[5, 5], &[6, 6]), nonces(&[0, 9], &[7, 7]), Winner::Ours),
            (nonces(&[5, 5], &[6, 6]), nonces(&[7, 7], &[0, 9]), Winner::Ours),
            (nonces(&[1], &[2]), nonces(&[1, 0], &[2]), Winner::Peers),
        ];
        for (ours, peers, expected) in table {
            assert_eq!(decide(&ours, &peers), expected, "{ours:?} against {peers:?}");
            let seen_by_peer = match expected {
                Winner::Ours => Winner::Peers,
                Winner::Peers => Winner::Ours,
            };
            assert_eq!(decide(&peers, &ours), seen_by_peer, "both sides must agree");
        }
    }

    #[test]
    fn d06_answers_follow_rfc_7296_2_25() {
        use Answer::{AsUsual, TemporaryFailure, WithoutDelete};
        let table = [
            (Busy::Idle, [AsUsual, AsUsual, AsUsual, AsUsual]),
            (Busy::RekeyingIke, [AsUsual, TemporaryFailure, TemporaryFailure, AsUsual]),
            (Busy::RekeyingChild, [TemporaryFailure, AsUsual, AsUsual, AsUsual]),
            (Busy::ClosingChild, [TemporaryFailure, TemporaryFailure, AsUsual, WithoutDelete]),
        ];
        let requests = [Request::RekeyIke, Request::RekeyChild, Request::CreateChild, Request::DeleteChild];
        for (busy, answers) in table {
            for (request, expected) in requests.into_iter().zip(answers) {
                assert_eq!(answer(busy, request), expected, "{busy:?} meets {request:?}");
            }
        }
    }
}
