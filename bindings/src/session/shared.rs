//! What a session's callers and its task share.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adit_driver::client::Control;
use adit_driver::tun::{Framing, PacketTun, Tun};
use adit_manager::EndReason;
use adit_tunnel::IpPrefix;
use tokio::sync::{Notify, mpsc, oneshot};

use super::asks::{Asks, Waiting};
use super::queue::EventQueue;
use crate::log::Hidden;
use crate::{Answer, Question, SessionEvent, SessionStats};

/// A device that the app brought, not yet in use.
pub(super) enum Device {
    Descriptor(OwnedFd, Framing),
    Packets(PacketTun),
}

impl Device {
    /// As the driver wants it. Call inside the runtime.
    pub(super) fn into_tun(self) -> std::io::Result<Tun> {
        match self {
            Self::Descriptor(fd, framing) => Tun::from_owned(fd, framing),
            Self::Packets(device) => Ok(Tun::packets(device)),
        }
    }
}

/// `Up`, of the networks that this device is in.
type MakeUp = dyn Fn(&[IpPrefix]) -> SessionEvent + Send;

/// Where this device is, and what a tunnel that stands told for it.
#[derive(Default)]
struct Place {
    /// The networks that the app says this device is in.
    local_networks: Vec<IpPrefix>,
    up: Option<(Box<MakeUp>, SessionEvent)>,
}

/// The shared part.
pub(super) struct Shared {
    pub(super) queue: EventQueue,
    pub(super) control: mpsc::Sender<Control>,
    asks: Mutex<Asks>,
    device: Mutex<Option<Device>>,
    /// A device was put in.
    pub(super) device_came: Notify,
    /// The app wants the end.
    pub(super) stop_asked: Notify,
    /// What the user entered last, and whether the server took it.
    login: Mutex<Option<(adit_ike::Answer, bool)>>,
    /// Why it ended, for the manager.
    end: Mutex<Option<EndReason>>,
    /// What the log masks while this lives.
    hidden: Mutex<Vec<Hidden>>,
    place: Mutex<Place>,
    stats: Mutex<SessionStats>,
    /// Who waits for fresh counters.
    asked_stats: Mutex<Vec<std::sync::mpsc::SyncSender<SessionStats>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No holder leaves its value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(control: mpsc::Sender<Control>) -> Self {
        Self {
            queue: EventQueue::default(),
            control,
            asks: Mutex::default(),
            device: Mutex::default(),
            device_came: Notify::new(),
            stop_asked: Notify::new(),
            login: Mutex::default(),
            end: Mutex::default(),
            hidden: Mutex::default(),
            place: Mutex::default(),
            stats: Mutex::default(),
            asked_stats: Mutex::default(),
        }
    }

    pub(super) fn asks(&self) -> MutexGuard<'_, Asks> {
        lock(&self.asks)
    }

    /// Masks this text in the log as long as the session lives.
    pub(super) fn hide(&self, secret: &str) {
        lock(&self.hidden).push(Hidden::new(secret));
    }

    /// Notes why it ended.
    pub(super) fn set_end(&self, reason: EndReason) {
        *lock(&self.end) = Some(reason);
    }

    /// Why it ended; on request, if nothing else was noted.
    pub(super) fn end(&self) -> EndReason {
        lock(&self.end).clone().unwrap_or(EndReason::Requested)
    }

    /// Remembers what the user entered.
    pub(super) fn note_login(&self, answer: &adit_ike::Answer) {
        if let adit_ike::Answer::Credentials(Some(_)) = answer {
            *lock(&self.login) = Some((answer.clone(), false));
        }
    }

    /// The server took it.
    pub(super) fn login_was_good(&self) {
        if let Some((_, good)) = &mut *lock(&self.login) {
            *good = true;
        }
    }

    /// What the server took before. Given once for each tunnel: should it be refused now, the user is asked.
    pub(super) fn login(&self) -> Option<adit_ike::Answer> {
        let mut login = lock(&self.login);
        let (answer, good) = login.as_mut()?;
        std::mem::replace(good, false).then(|| answer.clone())
    }

    /// Puts a device in; one that was not used yet is closed.
    pub(super) fn bring(&self, device: Device) {
        let before = lock(&self.device).replace(device);
        drop(before);
        self.device_came.notify_one();
    }

    pub(super) fn take_device(&self) -> Option<Device> {
        lock(&self.device).take()
    }

    /// Asks the app, and waits for its answer; `None` if none came in time.
    pub(super) async fn ask(&self, question: Question, patience: Duration) -> Option<Answer> {
        let (to, answer) = oneshot::channel();
        let token = self.asks().open(&question, Waiting::Here(to));
        let deadline_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.queue.push(SessionEvent::Ask { token, deadline_ms, question });
        // Also when the wait is given up: the run ended.
        let forget = Forget { shared: self, token };
        let answer = tokio::time::timeout(patience, answer).await.ok()?.ok();
        drop(forget);
        answer
    }

    /// The tunnel stands: tells `Up` now, and again whenever it is another in the networks that this device is in then.
    pub(super) fn stands(&self, up: Box<MakeUp>) {
        let mut place = lock(&self.place);
        let told = up(&place.local_networks);
        self.queue.push(told.clone());
        place.up = Some((up, told));
    }

    /// No tunnel stands any more.
    pub(super) fn falls(&self) {
        lock(&self.place).up = None;
    }

    /// Notes the networks that this device is in. In none, nothing need be told before it is in another.
    pub(super) fn set_local_networks(&self, networks: Option<Vec<IpPrefix>>) {
        let place = &mut *lock(&self.place);
        let nowhere = networks.is_none();
        place.local_networks = networks.unwrap_or_default();
        if let Some((up, told)) = place.up.as_mut().filter(|_| !nowhere) {
            let now = up(&place.local_networks);
            if now != *told {
                self.queue.push(now.clone());
                *told = now;
            }
        }
    }

    /// The counters as last known.
    pub(super) fn stats(&self) -> SessionStats {
        *lock(&self.stats)
    }

    /// Changes the counters, and gives them to who waits for them.
    pub(super) fn set_stats(&self, change: impl FnOnce(&mut SessionStats)) {
        let mut stats = lock(&self.stats);
        change(&mut stats);
        let fresh = *stats;
        drop(stats);
        for waiting in lock(&self.asked_stats).drain(..) {
            // It may have waited long enough.
            let _ = waiting.try_send(fresh);
        }
    }

    /// Wants fresh counters.
    pub(super) fn want_stats(&self) -> std::sync::mpsc::Receiver<SessionStats> {
        let (to, fresh) = std::sync::mpsc::sync_channel(1);
        lock(&self.asked_stats).push(to);
        fresh
    }
}

struct Forget<'a> {
    shared: &'a Shared,
    token: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.shared.asks().forget(self.token);
    }
}
