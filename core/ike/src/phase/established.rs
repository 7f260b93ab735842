//! Established: the peer is authenticated, Child SAs carry traffic.
//!
//! Owns the IKE SA in use, those that fade out beside it, the Child SAs, the queue of tasks and their timers.
//! Work of ours is in `task`, answers to the peer's requests are in `respond`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use adit_esp::Selectors;

use super::network::Moves;
use crate::discard::Discard;
use crate::event::{ChildId, CloseReason, Event, ExchangeRecord, Path};
use crate::failure::{Failure, Stage};
use crate::session::child::{Child, fraction, hard, soft};
use crate::session::common::Common;
use crate::session::context::Context;
use crate::session::ike_sa::{IkeSa, Received, Retry};
use crate::session::limiter::Limiter;
use crate::session::parts::Parts;
use crate::task::{Active, Task};
use crate::time::Instant;
use crate::timers::{Deadline, Soonest, Wake};
use crate::wire::{ExchangeType, Header, Notify, NotifyType, Payload};
use crate::{respond, task};

/// IKE SAs that fade out beside the one in use: after a rekey the old one, after a collision the redundant
/// one too, and the same again if the peer rekeys at once.
const FADING_MAX: usize = 6;

/// How long an IKE SA that the peer should delete is kept for it, at least: it may go on sending what it did not
/// hear our answer to.
const FADING_TIME: Duration = Duration::from_secs(60);

/// How long a deleted IKE SA is kept, to repeat our answer to the Delete.
const DELETED_TIME: Duration = Duration::from_secs(10);

/// How often in a row the peer may refuse us a first Child SA before a new session is the better way.
const CREATE_TRIES: u32 = 3;

/// How long an open rekey of the IKE SA may hold up the end that the host asked for.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// The phase.
#[derive(Debug)]
pub(crate) struct Established {
    pub common: Arc<Common>,
    pub sa: IkeSa,
    pub fading: Vec<Fading>,
    pub children: Vec<Child>,
    pub tasks: VecDeque<Task>,
    /// Our open exchange on `sa`.
    pub active: Option<Active>,
    /// What a Child SA may carry at most, from our side; for new ones.
    pub selectors: Selectors,
    pub limiter: Limiter,
    pub ike_rekey_at: Instant,
    pub ike_expires: Instant,
    /// The last protected message or fresh ESP packet from the peer.
    pub last_inbound: Instant,
    /// When to try a Child SA again that the peer took from us.
    pub create_at: Option<Instant>,
    /// How often the peer has refused that in a row.
    pub create_refused: u32,
    /// The host wants the end, which waits until then at most for the IKE SA that is being made: nobody could
    /// delete it otherwise.
    pub close_at: Option<Instant>,
    /// We are behind a NAT: keepalives are due.
    pub local_nat: bool,
    /// The peer is behind a NAT and we are the responder: its address may change (RFC 7296 2.23).
    pub follow_peer: bool,
    /// Both sides know MOBIKE.
    pub mobike: bool,
    /// Who moved where.
    pub moves: Moves,
}

/// An IKE SA that is replaced or redundant.
#[derive(Debug)]
pub(crate) struct Fading {
    pub sa: IkeSa,
    /// Dropped then at the latest.
    pub until: Instant,
    /// Our Delete is under way: its answer ends this SA.
    pub deleting: bool,
    /// We moved, and the peer, which may not know the successor yet, is to be told on this SA too.
    pub telling: bool,
}

/// Whether the session goes on.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It does.
    Continue,
    /// It does not.
    Close(CloseReason),
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Close(CloseReason::Failed(failure))
    }
}

/// What [`Established`] starts from.
pub(crate) struct Start {
    pub common: Arc<Common>,
    pub sa: IkeSa,
    pub selectors: Selectors,
    pub local_nat: bool,
    pub follow_peer: bool,
    pub mobike: bool,
}

impl Established {
    pub fn new(cx: &Context, start: Start) -> Self {
        let lifetime = start.common.config.ike_lifetime;
        Self {
            common: start.common,
            sa: start.sa,
            fading: Vec::new(),
            children: Vec::new(),
            tasks: VecDeque::new(),
            active: None,
            selectors: start.selectors,
            limiter: Limiter::new(cx.now),
            ike_rekey_at: cx.now + soft(&cx.provider, lifetime),
            ike_expires: cx.now + hard(lifetime),
            last_inbound: cx.now,
            create_at: None,
            create_refused: 0,
            close_at: None,
            local_nat: start.local_nat,
            follow_peer: start.follow_peer,
            mobike: start.mobike,
            moves: Moves::new(cx),
        }
    }

    /// A datagram for one of our IKE SAs.
    pub fn on_message(
        &mut self,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &mut [u8],
    ) -> Result<Outcome, Discard> {
        if self.sa.is_named_by(header) {
            let received = self.sa.receive(cx, path, header, datagram)?;
            self.heard(cx, path);
            let outcome = match received {
                Received::Request { payloads, .. } => match payloads {
                    Ok(payloads) => respond::request(self, cx, header, payloads),
                    Err(refusal) => respond::malformed(&mut self.sa, cx, header, &refusal),
                },
                Received::Response { payloads, took, .. } => {
                    let parts = payloads
                        .map_err(|refusal| refusal.to_string())
                        .and_then(|payloads| Parts::new(payloads).map_err(|bad| bad.to_string()));
                    match parts {
                        Ok(parts) => self.on_response(cx, header, took, parts),
                        Err(detail) => Failure::Protocol { exchange: header.exchange, detail }.into(),
                    }
                }
            };
            if outcome == Outcome::Continue {
                return Ok(self.pump(cx));
            }
            return Ok(outcome);
        }
        let index =
            self.fading.iter().position(|fading| fading.sa.is_named_by(header)).ok_or(Discard::UnknownSpi)?;
        let fading = self.fading.get_mut(index).ok_or(Discard::UnknownSpi)?;
        let received = fading.sa.receive(cx, path, header, datagram)?;
        match received {
            Received::Request { payloads, .. } => {
                respond::on_fading(self, cx, index, header, payloads.unwrap_or_default());
            }
            Received::Response { .. } if fading.deleting => self.drop_fading(index),
            // To a request from before the rekey, which nobody waits for any more.
            Received::Response { .. } => self.tell_on_fading(cx),
        }
        self.heard(cx, path);
        Ok(self.pump(cx))
    }

    /// The host slept.
    pub fn woke(&mut self, now: Instant) {
        self.sa.renew(now);
        for fading in &mut self.fading {
            fading.sa.renew(now);
        }
    }

    fn on_response(&mut self, cx: &mut Context, header: &Header, took: Duration, parts: Parts) -> Outcome {
        let Some(active) = self.active.take() else { return Outcome::Continue };
        cx.event(Event::Exchange(ExchangeRecord {
            exchange: header.exchange,
            purpose: active.purpose(),
            message_id: header.message_id,
            by_us: true,
            took,
        }));
        task::on_response(self, cx, active, parts)
    }

    /// A protected message came.
    fn heard(&mut self, cx: &mut Context, path: Path) {
        self.last_inbound = cx.now;
        // RFC 4555 3.8: with MOBIKE an IKE message moves nothing unless it says so.
        if !self.mobike {
            self.follow(cx, path);
        }
    }

    /// Goes on by `path` if the peer is one whose address may change (RFC 7296 2.23): we are the responder and
    /// it is behind a NAT. `path` comes from an authentic packet that is not a replay.
    pub fn follow(&mut self, cx: &mut Context, path: Path) {
        // ESP needs the NAT traversal port: nobody moves back from there. Nor to where the peer said that it has left: a
        // packet from there was on its way when the peer said so.
        if self.follow_peer
            && path != cx.path
            && (path.encapsulated || !cx.path.encapsulated)
            && !self.moves.left.contains(&path)
        {
            cx.path = path;
            cx.held = None;
            self.moves.count = self.moves.count.wrapping_add(1);
            cx.event(Event::PathChanged(path));
        }
    }

    /// Queues `task` unless the same waits already.
    pub fn queue(&mut self, task: Task) {
        if self.tasks.contains(&task) {
            return;
        }
        match task {
            // Whatever else there is to say, it is not heard before.
            Task::Update | Task::CheckPath => self.tasks.push_front(task),
            task => self.tasks.push_back(task),
        }
    }

    /// Starts the next task if no exchange of ours is open.
    pub fn pump(&mut self, cx: &mut Context) -> Outcome {
        if self.close_at.is_some() || self.moves.offline {
            return Outcome::Continue;
        }
        while self.active.is_none() && self.sa.is_idle() {
            let Some(next) = self.tasks.pop_front() else { break };
            match task::start(self, cx, next) {
                Ok(()) => {}
                Err(failure) => return failure.into(),
            }
        }
        Outcome::Continue
    }

    pub fn child(&mut self, id: ChildId) -> Option<&mut Child> {
        self.children.iter_mut().find(|child| child.id == id)
    }

    /// Removes a Child SA. What was made to replace it seals from now on: it is the only way left.
    pub fn remove_child(&mut self, cx: &mut Context, id: ChildId) {
        let Some(index) = self.children.iter().position(|child| child.id == id) else { return };
        // In order: the newest goes on last, so that it is the one that seals.
        for child in self.children.iter_mut().filter(|child| child.replaces == Some(id) && !child.replaced) {
            child.seal_from_now(cx);
        }
        self.children.remove(index).remove(cx);
    }

    /// Asks for a Child SA if we are the side that does and none is left or being made.
    pub fn recover_child(&mut self) {
        let making = matches!(self.active, Some(Active::Child(_))) || self.create_at.is_some();
        if self.common.initiator && self.is_childless() && !making {
            self.queue(Task::CreateChild);
        }
    }

    /// The peer refused us the Child SA we need: asks again after `pause`, but not for ever.
    pub fn create_again(&mut self, cx: &Context, pause: Duration) -> Result<(), Failure> {
        self.create_refused = self.create_refused.saturating_add(1);
        if self.create_refused >= CREATE_TRIES {
            return Err(Failure::LifetimeOver(Stage::Child));
        }
        self.create_at = Some(cx.now + pause);
        Ok(())
    }

    /// The host wants the end. True if nothing stands against it now.
    pub fn close(&mut self, cx: &Context) -> bool {
        if matches!(self.active, Some(Active::RekeyIke(_))) && self.close_at.is_none() {
            self.close_at = Some(cx.now + CLOSE_PATIENCE);
        }
        self.may_close(cx)
    }

    /// True if the host wants the end and need not wait for it any longer.
    pub fn wants_close(&self, cx: &Context) -> bool {
        self.close_at.is_some() && self.may_close(cx)
    }

    fn may_close(&self, cx: &Context) -> bool {
        !matches!(self.active, Some(Active::RekeyIke(_))) || self.close_at.is_some_and(|at| at <= cx.now)
    }

    /// True if no Child SA is left that goes on.
    pub fn is_childless(&self) -> bool {
        self.children.iter().all(|child| child.replaced)
    }

    /// Puts `sa` aside until the peer deletes it, or until its Delete of ours is answered.
    pub fn fade(&mut self, cx: &mut Context, mut sa: IkeSa, delete: bool) -> Result<(), Failure> {
        if delete || !self.may_move() {
            // Nobody waits for its answer any more. A client that may have to tell on this SA where it is goes on: the
            // peer takes no request before the one that is open.
            sa.abandon_request();
        }
        if delete {
            sa.request(cx, ExchangeType::INFORMATIONAL, &[Payload::Delete(crate::wire::Delete::ike_sa())])?;
        }
        if self.fading.len() >= FADING_MAX {
            self.drop_fading(0);
        }
        let time = FADING_TIME.max(self.common.config.retransmit.total());
        let telling = !delete && self.tasks.contains(&Task::Update);
        self.fading.push(Fading { sa, until: cx.now + time, deleting: delete, telling });
        self.tell_on_fading(cx);
        Ok(())
    }

    /// The peer has deleted a fading SA.
    pub fn fading_deleted(&mut self, cx: &Context, index: usize) {
        if let Some(fading) = self.fading.get_mut(index) {
            fading.until = fading.until.min(cx.now + DELETED_TIME);
        }
    }

    fn drop_fading(&mut self, index: usize) {
        if index < self.fading.len() {
            self.fading.remove(index);
        }
    }

    /// A new IKE SA takes the place of the one in use, which is returned. Child SAs come along
    /// (RFC 7296 2.18).
    pub fn replace_ike_sa(&mut self, cx: &mut Context, new: IkeSa, by_us: bool) -> IkeSa {
        let lifetime = self.common.config.ike_lifetime;
        self.ike_rekey_at = cx.now + soft(&cx.provider, lifetime);
        self.ike_expires = cx.now + hard(lifetime);
        // A liveness check may be open on the old SA: its answer would mean nothing any more. What tells of a new
        // address must be told on the new one.
        match self.active.take() {
            Some(Active::Update(_)) => self.queue(Task::Update),
            Some(Active::CheckPath(_)) => self.queue(Task::CheckPath),
            _ => {}
        }
        self.moves.told_by_successor = false;
        self.tasks.retain(|task| *task != Task::RekeyIke);
        cx.event(Event::IkeRekeyed { suite: new.suite, by_us });
        std::mem::replace(&mut self.sa, new)
    }

    /// Something is due.
    pub fn on_timeout(&mut self, cx: &mut Context) -> Outcome {
        if self.moves.offline {
            return self.on_offline_timeout(cx);
        }
        match self.sa.retransmit(cx, self.last_inbound) {
            Retry::NotDue | Retry::Sent => {}
            Retry::GaveUp { exchange, waited } => return Failure::PeerGone { exchange, waited }.into(),
        }
        let mut index = 0;
        while let Some(fading) = self.fading.get_mut(index) {
            let gave_up = matches!(fading.sa.retransmit(cx, Instant::EPOCH), Retry::GaveUp { .. });
            if gave_up || fading.until <= cx.now {
                self.drop_fading(index);
            } else {
                index = index.saturating_add(1);
            }
        }
        if self.ike_expires <= cx.now {
            return Failure::LifetimeOver(Stage::Ike).into();
        }
        if self.ike_rekey_at <= cx.now || self.sa.is_nearly_exhausted() {
            self.ike_rekey_at = self.ike_expires;
            self.queue(Task::RekeyIke);
        }
        self.on_child_timers(cx);
        if self.create_at.is_some_and(|at| at <= cx.now) {
            self.create_at = None;
            if self.is_childless() {
                self.queue(Task::CreateChild);
            }
        }
        if self.moves.update_at.is_some_and(|at| at <= cx.now) {
            self.moves.update_at = None;
            self.queue(Task::Update);
        }
        if self.liveness_at().is_some_and(|at| at <= cx.now) {
            self.queue(Task::Liveness);
        }
        if self.keepalive_at(cx).is_some_and(|at| at <= cx.now) {
            cx.send_keepalive();
        }
        self.pump(cx)
    }

    fn on_child_timers(&mut self, cx: &mut Context) {
        let mut due = Vec::new();
        for child in &mut self.children {
            if child.expires <= cx.now {
                due.push(Task::DeleteChild(child.id));
                child.expires = cx.now + Duration::from_secs(60);
                child.rekey_at = child.expires;
            } else if child.rekey_at <= cx.now && !child.replaced {
                due.push(Task::RekeyChild(child.id));
                child.rekey_at = child.expires;
            }
        }
        for task in due {
            self.queue(task);
        }
    }

    /// When to ask for a sign of life. Not while a request of ours is open: that asks already.
    fn liveness_at(&self) -> Option<Instant> {
        let interval = self.common.config.liveness?;
        (self.sa.is_idle() && self.active.is_none()).then(|| self.last_inbound + interval)
    }

    fn keepalive_at(&self, cx: &Context) -> Option<Instant> {
        let interval = self.common.config.nat_keepalive?;
        self.local_nat.then(|| cx.last_sent + interval)
    }

    /// The soonest thing that is due.
    pub fn deadline(&self, cx: &Context) -> Option<Deadline> {
        let mut soonest = Soonest::new();
        if self.moves.offline {
            soonest.consider(Some(self.ike_expires), Wake::Expiry);
            soonest.consider(self.close_at, Wake::Patience);
            return soonest.get();
        }
        soonest.consider(self.sa.deadline(), Wake::Retransmit);
        for fading in &self.fading {
            soonest.consider(fading.sa.deadline(), Wake::Retransmit);
            soonest.consider(Some(fading.until), Wake::Expiry);
        }
        soonest.consider(Some(self.ike_expires), Wake::Expiry);
        soonest.consider(Some(self.ike_rekey_at), Wake::Rekey);
        for child in &self.children {
            soonest.consider(Some(child.expires), Wake::Expiry);
            if !child.replaced {
                soonest.consider(Some(child.rekey_at), Wake::Rekey);
            }
        }
        soonest.consider(self.create_at, Wake::Rekey);
        soonest.consider(self.moves.update_at, Wake::Retransmit);
        soonest.consider(self.close_at, Wake::Patience);
        soonest.consider(self.liveness_at(), Wake::Liveness);
        soonest.consider(self.keepalive_at(cx), Wake::Keepalive);
        soonest.get()
    }

    /// Tries the rekey of a Child SA again after a while, by chance so that two sides do not meet again.
    pub fn retry_child_rekey(&mut self, cx: &mut Context, id: ChildId) {
        let pause = retry_pause(cx, self.common.config.child.lifetime);
        let now = cx.now;
        if let Some(child) = self.child(id)
            && !child.replaced
        {
            child.rekey_at = (now + pause).min(child.expires);
        }
    }

    /// Tries the rekey of the IKE SA again after a while.
    pub fn retry_ike_rekey(&mut self, cx: &mut Context) {
        self.ike_rekey_at = (cx.now + retry_pause(cx, self.common.config.ike_lifetime)).min(self.ike_expires);
    }

    /// Sends the last word on this SA, without waiting for an answer: the session ends now.
    pub fn farewell(&mut self, cx: &mut Context) {
        self.sa.abandon_request();
        let delete = Payload::Delete(crate::wire::Delete::ike_sa());
        // Nothing is left to do if even this cannot be sent.
        let _ = self.sa.request(cx, ExchangeType::INFORMATIONAL, &[delete]);
    }
}

fn retry_pause(cx: &Context, lifetime: Duration) -> Duration {
    let base = (lifetime / 10).clamp(Duration::from_millis(500), Duration::from_secs(10));
    base.saturating_add(base.mul_f64(fraction(&cx.provider)))
}

/// An error notify as the only payload of a response.
pub(crate) fn error_payloads(notify_type: NotifyType) -> Vec<Payload> {
    vec![Payload::Notify(Notify::status(notify_type))]
}
