//! The whole of it: configurations, managers, connections, and what waits for the host.
//!
//! Owns [`System`], its queues and tokens, and what time does. What it does is beside what it is about: operations in
//! [`crate::preferences`], tunnels in [`crate::connection`], rules in [`crate::on_demand`].

mod entry;
mod inbox;
mod time;

pub(crate) use entry::{Copy, Entry, Stored};
pub(crate) use inbox::{Purpose, Waiting};

use std::collections::{BTreeMap, VecDeque};

use adit_ike::time::Instant;
use adit_profile::ondemand::Network;

use crate::configuration::Configuration;
use crate::connection::Status;
use crate::error::Disconnect;
use crate::event::Event;
use crate::key::{ConfigurationKey, ManagerId};
use crate::preferences::{Queued, Running};
use crate::request::{Request, Token};
use crate::routing::Platform;

/// What the system is told once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SystemOptions {
    /// The app whose Personal VPN the shared manager is.
    pub app: String,
    /// The platform, which decides what can be kept of the routing switches.
    pub platform: Platform,
    /// How many tunnels the platform runs at a time.
    pub tunnels: Tunnels,
    /// Traffic outside of a tunnel that was to take all of it is acceptable where the platform cannot prevent it. Else
    /// such a start is refused.
    pub accepts_traffic_outside: bool,
    /// Unix time in seconds at the epoch of the instants, for dates.
    pub unix_epoch: u64,
}

/// How many tunnels a platform runs at a time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Tunnels {
    /// One (Android): a second start takes the first one's place.
    One,
    /// Several (Apple's systems, Linux).
    Several,
}

/// The Personal VPN of one device, as far as this process knows it.
///
/// Give it what happens; after each call take everything from [`Self::poll_request`] and [`Self::poll_event`], and call
/// [`Self::handle_timeout`] at [`Self::poll_timeout`].
#[derive(Debug)]
pub struct System {
    pub(crate) options: SystemOptions,
    pub(crate) entries: BTreeMap<ConfigurationKey, Entry>,
    pub(crate) managers: BTreeMap<ManagerId, Copy>,
    pub(crate) operations: VecDeque<Queued>,
    pub(crate) running: Option<Running>,
    pub(crate) network: Option<Network>,
    /// The host said that there is no network; before it says anything, that is not known.
    pub(crate) offline: bool,
    pub(crate) asleep_since: Option<Instant>,
    pub(crate) default_route: Option<ConfigurationKey>,
    pub(crate) last_now: Instant,
    pub(crate) next_tunnel: u32,
    pub(crate) waiting: BTreeMap<Token, Waiting>,
    outbox: VecDeque<Request>,
    events: VecDeque<Event>,
    next_token: u64,
    next_manager: u32,
}

impl System {
    /// A system that knows nothing yet.
    #[must_use]
    pub fn new(options: SystemOptions) -> Self {
        Self {
            options,
            entries: BTreeMap::new(),
            managers: BTreeMap::new(),
            operations: VecDeque::new(),
            running: None,
            network: None,
            offline: false,
            asleep_since: None,
            default_route: None,
            last_now: Instant::EPOCH,
            next_tunnel: 0,
            waiting: BTreeMap::new(),
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            next_token: 0,
            next_manager: 0,
        }
    }

    /// The one manager of this app's own configuration (`NEVPNManager.shared()`): the same one each time.
    pub fn shared(&mut self) -> ManagerId {
        let key = ConfigurationKey::Personal { app: self.options.app.clone() };
        let shared = self.managers.iter().find(|(_, copy)| copy.shared).map(|(id, _)| *id);
        shared.unwrap_or_else(|| self.open(key, true))
    }

    /// Another manager of a configuration: of another process, of the settings screen, or of a managed one. Its copy is
    /// its own, so that it can become stale.
    pub fn manager(&mut self, key: ConfigurationKey) -> ManagerId {
        self.open(key, false)
    }

    fn open(&mut self, key: ConfigurationKey, shared: bool) -> ManagerId {
        self.entries.entry(key.clone()).or_default();
        let id = ManagerId(self.next_manager);
        self.next_manager = self.next_manager.saturating_add(1);
        self.managers.insert(id, Copy { key, shared, ..Copy::default() });
        id
    }

    /// Lets go of a manager. Its configuration and its tunnel stay.
    pub fn close(&mut self, manager: ManagerId) {
        self.managers.remove(&manager);
    }

    /// Tells of a configuration in the store that no manager here is for: another app's, or a managed one. It is loaded
    /// when it matters, which is when another of its kind is enabled.
    pub fn declare(&mut self, key: ConfigurationKey) {
        self.entries.entry(key).or_default();
    }

    /// Which configuration a manager is for; `None` for one that was closed.
    #[must_use]
    pub fn key(&self, manager: ManagerId) -> Option<&ConfigurationKey> {
        self.managers.get(&manager).map(|copy| &copy.key)
    }

    /// The manager's copy of its configuration: empty before it is loaded.
    #[must_use]
    pub fn configuration(&self, manager: ManagerId) -> Option<&Configuration> {
        self.managers.get(&manager).map(|copy| &copy.configuration)
    }

    /// Changes the manager's copy. Nothing is stored before a save. False for a manager that was closed.
    pub fn set_configuration(&mut self, manager: ManagerId, configuration: Configuration) -> bool {
        let Some(copy) = self.managers.get_mut(&manager) else { return false };
        copy.configuration = configuration;
        true
    }

    /// What is stored, as far as it was loaded.
    #[must_use]
    pub fn stored(&self, key: &ConfigurationKey) -> Option<&Configuration> {
        self.entries.get(key)?.stored.as_ref().map(|stored| &stored.configuration)
    }

    /// The configurations that are known, with their status.
    #[must_use]
    pub fn connections(&self) -> Vec<(ConfigurationKey, Status)> {
        self.entries.iter().map(|(key, entry)| (key.clone(), entry.connection.status)).collect()
    }

    /// The status of a manager's connection; invalid for one that was closed.
    #[must_use]
    pub fn status(&self, manager: ManagerId) -> Status {
        self.entry_of(manager).map_or(Status::Invalid, |entry| entry.connection.status)
    }

    /// When the connection became connected, Unix time in seconds; `None` while it is anything else.
    #[must_use]
    pub fn connected_date(&self, manager: ManagerId) -> Option<u64> {
        let since = self.entry_of(manager)?.connection.connected_at?;
        Some(self.options.unix_epoch.saturating_add(since.since_epoch().as_secs()))
    }

    /// Why the last tunnel of this configuration ended (`fetchLastDisconnectError`); `None` before any did.
    #[must_use]
    pub fn last_disconnect(&self, manager: ManagerId) -> Option<&Disconnect> {
        self.entry_of(manager)?.connection.last_disconnect.as_ref()
    }

    /// Which configuration's tunnel has the default route.
    #[must_use]
    pub fn default_route(&self) -> Option<&ConfigurationKey> {
        self.default_route.as_ref()
    }

    /// The next thing for the host to do.
    pub fn poll_request(&mut self) -> Option<Request> {
        self.outbox.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn entry_of(&self, manager: ManagerId) -> Option<&Entry> {
        self.entries.get(&self.managers.get(&manager)?.key)
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }

    pub(crate) fn has_output(&self) -> bool {
        !self.outbox.is_empty() || !self.events.is_empty()
    }

    fn send(&mut self, request: Request) {
        self.outbox.push_back(request);
    }

    fn new_token(&mut self) -> Token {
        let token = Token(self.next_token);
        self.next_token = self.next_token.saturating_add(1);
        token
    }
}
