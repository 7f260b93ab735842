//! Closing on request: our Delete is sent, or waits for an open exchange; the answer is waited for briefly
//! (RFC 7296 1.4.1).

use std::time::Duration;

use super::{Phase, Step};
use crate::discard::Discard;
use crate::event::{CloseReason, Path};
use crate::phase::established::Established;
use crate::respond;
use crate::session::context::Context;
use crate::session::ike_sa::{IkeSa, Received};
use crate::time::Instant;
use crate::timers::{Deadline, Soonest, Wake};
use crate::wire::{Delete, ExchangeType, Header, Payload};

/// How long the peer may take. A host that ends a tunnel is often about to be ended itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// The phase.
#[derive(Debug)]
pub(crate) struct Closing {
    sa: IkeSa,
    deleting: bool,
    until: Instant,
}

impl Closing {
    /// Takes the session's IKE SA and deletes it, with all Child SAs.
    pub fn start(cx: &mut Context, established: Established) -> Step {
        let mut phase = Self { sa: established.sa, deleting: false, until: cx.now + PATIENCE };
        for child in established.children {
            child.remove(cx);
        }
        phase.delete_if_idle(cx);
        Step::Next(Phase::Closing(Box::new(phase)))
    }

    fn delete_if_idle(&mut self, cx: &mut Context) {
        if self.sa.is_idle() && !self.deleting {
            self.deleting = true;
            let delete = Payload::Delete(Delete::ike_sa());
            // If it cannot be sent the wait ends by itself.
            let _ = self.sa.request(cx, ExchangeType::INFORMATIONAL, &[delete]);
        }
    }

    /// The IKE SA.
    pub fn sa(&self) -> &crate::session::ike_sa::IkeSa {
        &self.sa
    }

    /// A datagram came.
    pub fn on_message(
        mut self: Box<Self>,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Step {
        if !self.sa.is_named_by(header) {
            return Step::Stay(Phase::Closing(self), Discard::UnknownSpi);
        }
        match self.sa.receive(cx, path, header, datagram) {
            Err(discard) => return Step::Stay(Phase::Closing(self), discard),
            Ok(Received::Response { .. }) if self.deleting => return Step::End(CloseReason::Requested),
            Ok(Received::Response { .. }) => self.delete_if_idle(cx),
            Ok(Received::Request { payloads }) => {
                if respond::on_closing(&mut self.sa, cx, header, &payloads.unwrap_or_default()) {
                    return Step::End(CloseReason::Requested);
                }
            }
        }
        Step::Next(Phase::Closing(self))
    }

    /// Something is due.
    pub fn on_timeout(mut self: Box<Self>, cx: &mut Context) -> Step {
        if self.until <= cx.now {
            // An exchange was in the way all the time: one Delete goes out all the same.
            self.sa.abandon_request();
            self.delete_if_idle(cx);
            return Step::End(CloseReason::Requested);
        }
        self.sa.retransmit(cx, Instant::EPOCH);
        Step::Next(Phase::Closing(self))
    }

    /// The soonest thing that is due.
    pub fn deadline(&self) -> Option<Deadline> {
        let mut soonest = Soonest::new();
        soonest.consider(self.sa.deadline(), Wake::Retransmit);
        soonest.consider(Some(self.until), Wake::Patience);
        soonest.get()
    }
}
