//! `NEVPNConnection`: one configuration's tunnel, from its start to its end.
//!
//! Owns the status and its legal changes (`status`), the start with its steps (`start`), what a running tunnel reports and
//! asks (`tunnel`), sleep (`power`), and who has the default route ([`crate::precedence`]). Leaves out the
//! tunnel itself: the host runs it and reports.
//!
//! A start without errors returns at once; what goes wrong later is the reason of a disconnect. A tunnel that fails is
//! not started again here: `adit-driver` does that while the tunnel lives, on demand afterwards.

mod power;
mod start;
mod status;
mod tunnel;

pub use start::{START_OPTION_PASSWORD, START_OPTION_USERNAME, StartOptions};
pub use status::Status;

use std::time::Duration;

use adit_ike::time::Instant;
use adit_profile::SecretText;

use crate::error::{Disconnect, EndReason};
use crate::event::Event;
use crate::key::ConfigurationKey;
use crate::request::{Demand, TunnelId};
use crate::secret::{NewSecret, SecretReference, SecretSlot};
use crate::system::{Purpose, System};

/// How long the host may take to end a tunnel; after that it counts as gone.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// What is known of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub status: Status,
    pub connected_at: Option<Instant>,
    pub last_disconnect: Option<Disconnect>,
    pub phase: Phase,
    /// The user's name and password of this start.
    pub options: StartOptions,
    /// On demand started it.
    pub by_on_demand: bool,
    /// The tunnel takes, or is expected to take, the default route.
    pub wants_default_route: bool,
    /// When the device woke last, and how long it had slept.
    pub woke: Option<(Instant, Duration)>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            status: Status::Invalid,
            connected_at: None,
            last_disconnect: None,
            phase: Phase::Idle,
            options: StartOptions::default(),
            by_on_demand: false,
            wants_default_route: false,
            woke: None,
        }
    }
}

/// How far a tunnel is.
#[derive(Debug)]
pub(crate) enum Phase {
    /// There is none.
    Idle,
    /// What it needs is being gathered.
    Preparing(Preparing),
    /// The host was asked to run it, and does as far as is known.
    Running(TunnelId),
    /// The host was asked to end it, for this reason.
    Stopping(TunnelId, EndReason),
}

impl Phase {
    /// The tunnel that the host runs.
    pub(crate) fn tunnel(&self) -> Option<TunnelId> {
        match self {
            Self::Running(tunnel) | Self::Stopping(tunnel, _) => Some(*tunnel),
            Self::Idle | Self::Preparing(_) => None,
        }
    }
}

/// A start that gathers what it needs.
#[derive(Debug, Default)]
pub(crate) struct Preparing {
    pub wanted: Vec<(SecretSlot, SecretReference)>,
    pub secrets: Vec<NewSecret>,
    pub addresses: Vec<String>,
}

impl Connection {
    /// The password that a start or the store gave.
    pub(crate) fn password(&self) -> Option<&SecretText> {
        self.options.password.as_ref()
    }
}

impl System {
    /// Changes a status and tells of it.
    pub(crate) fn set_status(&mut self, now: Instant, key: &ConfigurationKey, status: Status) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let connection = &mut entry.connection;
        if connection.status == status {
            return;
        }
        debug_assert!(connection.status.may_become(status), "{:?} to {status:?}", connection.status);
        connection.status = status;
        connection.connected_at = (status == Status::Connected).then_some(now);
        self.tell(Event::StatusChanged { key: key.clone(), status });
        self.settle_default_route();
    }

    /// Ends a tunnel for a reason; nothing happens when there is none or it ends already.
    pub(crate) fn end(&mut self, now: Instant, key: &ConfigurationKey, reason: EndReason) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        match std::mem::replace(&mut entry.connection.phase, Phase::Idle) {
            Phase::Idle => {}
            Phase::Preparing(_) => self.finish(now, key, &reason),
            Phase::Stopping(tunnel, first) => entry.connection.phase = Phase::Stopping(tunnel, first),
            Phase::Running(tunnel) => {
                entry.connection.phase = Phase::Stopping(tunnel, reason);
                self.forget(key);
                self.set_status(now, key, Status::Disconnecting);
                let deadline = Some(now + STOP_PATIENCE);
                self.ask(Purpose::Stop(key.clone(), tunnel), deadline, Demand::StopTunnel { tunnel });
            }
        }
    }

    /// There is no tunnel any more.
    pub(crate) fn finish(&mut self, now: Instant, key: &ConfigurationKey, reason: &EndReason) {
        self.forget(key);
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.connection.phase = Phase::Idle;
        entry.connection.options = StartOptions::default();
        entry.connection.woke = None;
        entry.connection.last_disconnect = Some(Disconnect::from(reason));
        let gone = entry.known && entry.stored.is_none();
        self.set_status(now, key, Status::Disconnected);
        if gone {
            self.set_status(now, key, Status::Invalid);
        } else {
            self.tunnel_ended(now, key, reason);
        }
    }
}
