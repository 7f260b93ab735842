//! Work of ours inside an established session: one exchange at a time (RFC 7296 2.3: a window of one).
//!
//! Owns the queue's items and what is open. Each kind of work has a file: how it starts and what its response
//! does.

mod child;
mod delete;
mod mobike;
mod rekey_ike;

use adit_crypto::{ActiveKeyExchange, DhGroup};
use adit_esp::Selectors;

use crate::collision::ExchangeNonces;
use crate::event::ChildId;
use crate::failure::Failure;
use crate::phase::established::{Established, Outcome};
use crate::session::context::Context;
use crate::session::ike_sa::IkeSa;
use crate::session::parts::Parts;
use crate::wire::{ExchangeType, IkeSpi, NotifyType, Payload, SecurityAssociation};

pub(crate) use child::{derive as derive_child, install as install_child, narrowed, response};
pub(crate) use rekey_ike::take_over;

/// Work that waits for its turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Task {
    /// Put a new Child SA in place of this one.
    RekeyChild(ChildId),
    /// Ask for a Child SA.
    CreateChild,
    /// Delete this Child SA.
    DeleteChild(ChildId),
    /// Delete an inbound SPI that we gave away and never used.
    DeleteSpi(u32),
    /// Put a new IKE SA in place of the one in use.
    RekeyIke,
    /// Ask for a sign of life.
    Liveness,
    /// Tell the server our new address.
    Update,
    /// Ask whether the client is where it says.
    CheckPath,
}

/// The exchange of ours that is open.
pub(crate) enum Active {
    /// CREATE_CHILD_SA for a Child SA.
    Child(Box<OpenChild>),
    /// CREATE_CHILD_SA for an IKE SA.
    RekeyIke(Box<OpenRekey>),
    /// Delete of a Child SA, or of an SPI without one.
    Delete {
        /// The Child SA, if we have it.
        id: Option<ChildId>,
    },
    /// An empty INFORMATIONAL, or one with NAT detection.
    Liveness,
    /// UPDATE_SA_ADDRESSES.
    Update(OpenMove),
    /// COOKIE2.
    CheckPath(OpenMove),
}

/// An open exchange about the path.
#[derive(Debug)]
pub(crate) struct OpenMove {
    /// [`crate::phase::network::Moves::count`] when it was sent.
    pub count: u32,
    /// COOKIE2, if there is one.
    pub cookie: Option<Vec<u8>>,
}

/// An open CREATE_CHILD_SA for a Child SA.
pub(crate) struct OpenChild {
    /// The Child SA to replace; `None` for a further one.
    pub old: Option<ChildId>,
    pub spi_in: u32,
    /// The proposals we sent.
    pub offer: SecurityAssociation,
    pub nonce: Vec<u8>,
    pub key_exchange: Option<Box<dyn ActiveKeyExchange>>,
    /// What we asked for.
    pub selectors: Selectors,
    /// INVALID_KE_PAYLOAD answers so far.
    pub groups_refused: u32,
    /// The peer rekeyed the same Child SA meanwhile: its new one, and that exchange's nonces.
    pub crossing: Option<(ChildId, ExchangeNonces)>,
}

/// An open CREATE_CHILD_SA for an IKE SA.
pub(crate) struct OpenRekey {
    pub spi: IkeSpi,
    /// The proposals we sent.
    pub offer: SecurityAssociation,
    pub nonce: Vec<u8>,
    pub key_exchange: Box<dyn ActiveKeyExchange>,
    /// INVALID_KE_PAYLOAD answers so far.
    pub groups_refused: u32,
    /// The peer rekeyed the IKE SA meanwhile: its new one, and that exchange's nonces.
    pub crossing: Option<(IkeSa, ExchangeNonces)>,
}

impl std::fmt::Debug for Active {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.purpose())
    }
}

impl Active {
    /// What the exchange is for, in a few words.
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::Child(open) if open.old.is_some() => "rekey Child SA",
            Self::Child(_) => "create Child SA",
            Self::RekeyIke(_) => "rekey IKE SA",
            Self::Delete { .. } => "delete Child SA",
            Self::Liveness => "liveness check",
            Self::Update(_) => "move to another address",
            Self::CheckPath(_) => "return routability check",
        }
    }

    /// True if this exchange replaces the Child SA `id`.
    pub fn rekeys(&self, id: ChildId) -> bool {
        matches!(self, Self::Child(open) if open.old == Some(id))
    }

    /// True if this exchange deletes the Child SA `id`.
    pub fn deletes(&self, id: ChildId) -> bool {
        matches!(self, Self::Delete { id: Some(deleted) } if *deleted == id)
    }
}

/// Starts `task`. A task whose object is gone is dropped.
pub(crate) fn start(est: &mut Established, cx: &mut Context, task: Task) -> Result<(), Failure> {
    match task {
        Task::RekeyChild(id) => child::start(est, cx, Some(id), None),
        Task::CreateChild => child::start(est, cx, None, None),
        Task::DeleteChild(id) => delete::start(est, cx, id),
        Task::DeleteSpi(spi) => delete::start_spi(est, cx, spi),
        Task::RekeyIke => rekey_ike::start(est, cx, None),
        Task::Liveness => mobike::start_liveness(est, cx),
        Task::Update => mobike::start_update(est, cx),
        Task::CheckPath => mobike::start_check(est, cx),
    }
}

/// Goes on with the response to `active`.
pub(crate) fn on_response(est: &mut Established, cx: &mut Context, active: Active, parts: Parts) -> Outcome {
    // RFC 7296 2.21.3: both sides take this for the end.
    if parts.has(NotifyType::INVALID_SYNTAX) {
        let exchange = match active {
            Active::Child(_) | Active::RekeyIke(_) => ExchangeType::CREATE_CHILD_SA,
            Active::Delete { .. } | Active::Liveness | Active::Update(_) | Active::CheckPath(_) => {
                ExchangeType::INFORMATIONAL
            }
        };
        return Failure::PeerError { notify: NotifyType::INVALID_SYNTAX, exchange }.into();
    }
    let result = match active {
        Active::Child(open) => child::on_response(est, cx, *open, &parts),
        Active::RekeyIke(open) => rekey_ike::on_response(est, cx, *open, &parts),
        Active::Delete { id } => {
            delete::on_response(est, cx, id);
            Ok(())
        }
        Active::Liveness => {
            mobike::on_liveness(est, &parts);
            Ok(())
        }
        Active::Update(open) => mobike::on_updated(est, cx, &open, &parts),
        Active::CheckPath(open) => mobike::on_checked(est, cx, &open, &parts),
    };
    match result {
        Ok(()) => Outcome::Continue,
        Err(failure) => failure.into(),
    }
}

/// The group an INVALID_KE_PAYLOAD asks for, if it is one we offered and have not been sent to too often
/// (RFC 7296 1.3: no loop, and never a group of the peer's own choosing).
pub(crate) fn other_group(
    parts: &Parts,
    tried: Option<DhGroup>,
    offered: &[DhGroup],
    refused: u32,
) -> Option<DhGroup> {
    let group = DhGroup(parts.notify(NotifyType::INVALID_KE_PAYLOAD)?.data_u16()?);
    (refused < 2 && Some(group) != tried && offered.contains(&group)).then_some(group)
}

/// The payloads of a CREATE_CHILD_SA in the order the RFC gives.
pub(crate) fn payloads(parts: impl IntoIterator<Item = Option<Payload>>) -> Vec<Payload> {
    parts.into_iter().flatten().collect()
}
