//! The rules at work.

use std::time::Duration;

use adit_ike::time::Instant;
use adit_profile::Named;
use adit_profile::ondemand::{Change, Need, Network, ProbeResult, RequiredDns, Tunnel, decide};

use crate::connection::{StartOptions, Status};
use crate::error::EndReason;
use crate::event::Event;
use crate::key::ConfigurationKey;
use crate::request::Demand;
use crate::system::{Purpose, System};

/// How long a probe may take.
const PROBE_PATIENCE: Duration = Duration::from_secs(10);

/// The pause before on demand tries again after a failure; it doubles up to [`RETRY_MAX`].
const RETRY: Duration = Duration::from_secs(5);
const RETRY_MAX: Duration = Duration::from_secs(300);

/// What the rules of one configuration know.
#[derive(Debug, Default)]
pub(crate) struct OnDemandState {
    /// What came back from each probed URL, on this network.
    probes: Named<ProbeResult>,
    /// The host that an app wants to reach.
    host: Option<String>,
    host_resolves: Option<bool>,
    required_dns: Option<RequiredDns>,
    /// The sentence that was told last.
    summary: String,
    /// An app stopped the tunnel, and nothing has happened since.
    pub stopped_by_app: bool,
    /// The tunnel failed for good: not before something changes.
    pub failed_for_good: bool,
    /// Something changed while the tunnel was being taken down: the rules are to be looked at when it is.
    look_again: bool,
    /// When to try again after a failure.
    pub retry_at: Option<Instant>,
    /// Failures in a row.
    pub failures: u32,
}

/// Why the rules are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trigger {
    /// The user turned on demand on again.
    UserSwitch,
}

impl OnDemandState {
    /// Forgets what was found out about a host.
    fn forget_host(&mut self) {
        self.host = None;
        self.host_resolves = None;
        self.required_dns = None;
    }
}

impl System {
    /// The network changed; `None`: there is none. Of the record only what the network itself is counts here; what the
    /// host knows of probes may stand in it. All rules are looked at again.
    pub fn network_changed(&mut self, now: Instant, network: Option<Network>) {
        self.observe(now);
        self.offline = network.is_none();
        self.network = network;
        let keys: Vec<ConfigurationKey> = self.entries.keys().cloned().collect();
        for key in &keys {
            self.forget_facts(key);
            if let Some(entry) = self.entries.get_mut(key) {
                let state = &mut entry.on_demand;
                state.probes =
                    self.network.as_ref().map(|network| network.probes.clone()).unwrap_or_default();
                state.forget_host();
                state.stopped_by_app = false;
                state.failed_for_good = false;
                state.retry_at = None;
                state.failures = 0;
            }
        }
        self.evaluate_all(now);
    }

    /// An app is about to open a connection to a host, where the platform tells. The rules that look at connections
    /// decide about it.
    pub fn connection_opened(&mut self, now: Instant, host: &str) {
        self.observe(now);
        let keys: Vec<ConfigurationKey> = self.entries.keys().cloned().collect();
        for key in keys {
            let Some(entry) = self.entries.get_mut(&key) else { continue };
            entry.on_demand.stopped_by_app = false;
            if entry.on_demand.host.as_deref() != Some(host) {
                entry.on_demand.forget_host();
                entry.on_demand.host = Some(host.to_owned());
                self.forget_facts(&key);
            }
            self.evaluate(now, &key);
        }
    }

    /// Looks at the rules of one configuration, for a reason that outweighs an app's stop.
    pub(crate) fn trigger(&mut self, now: Instant, key: &ConfigurationKey, reason: Trigger) {
        match reason {
            Trigger::UserSwitch => {
                if let Some(entry) = self.entries.get_mut(key) {
                    entry.on_demand.stopped_by_app = false;
                }
            }
        }
        self.evaluate(now, key);
    }

    pub(crate) fn evaluate_all(&mut self, now: Instant) {
        let keys: Vec<ConfigurationKey> = self.entries.keys().cloned().collect();
        for key in keys {
            self.evaluate(now, &key);
        }
    }

    /// Looks at the rules of one configuration, and does what they say.
    pub(crate) fn evaluate(&mut self, now: Instant, key: &ConfigurationKey) {
        let (Some(entry), Some(network)) = (self.entries.get_mut(key), &self.network) else { return };
        let Some(stored) = &entry.stored else { return };
        let configuration = &stored.configuration;
        if !configuration.is_enabled || !configuration.is_on_demand_enabled {
            return;
        }
        let state = &mut entry.on_demand;
        if entry.connection.status == Status::Disconnecting {
            state.look_again = true;
            return;
        }
        let network = Network {
            probes: state.probes.clone(),
            host: state.host.clone(),
            host_resolves: state.host_resolves,
            required_dns: state.required_dns,
            tunnel: if entry.connection.status.is_active() { Tunnel::Up } else { Tunnel::Down },
            user_override: stored.user_override,
            ..network.clone()
        };
        let decision = decide(&configuration.on_demand(), &network, configuration.on_demand_mode());
        if state.summary != decision.summary {
            state.summary.clone_from(&decision.summary);
            self.tell(Event::OnDemand { key: key.clone(), summary: decision.summary.clone() });
        }
        if let Some(need) = decision.need().cloned() {
            if !self.is_asking(key, &need) {
                let demand = match &need {
                    Need::Probe { url } => Demand::ProbeUrl { url: url.clone() },
                    Need::RequiredDns { servers } => Demand::ProbeDns { servers: servers.clone() },
                    Need::Resolution { host } => Demand::ProbeName { host: host.clone() },
                };
                self.ask(Purpose::Fact(key.clone(), need), Some(now + PROBE_PATIENCE), demand);
            }
            return;
        }
        match decision.change {
            Change::Stop => {
                self.end(now, key, EndReason::ByConfiguration { why: "an on-demand rule ended the tunnel" });
            }
            Change::Start => self.start_on_demand(now, key),
            Change::None | Change::Unknown => {}
        }
    }

    fn start_on_demand(&mut self, now: Instant, key: &ConfigurationKey) {
        let Some(entry) = self.entries.get(key) else { return };
        let waits = entry.on_demand.retry_at.is_some_and(|at| at > now);
        let state = &entry.on_demand;
        if state.stopped_by_app || state.failed_for_good || waits || self.asleep_since.is_some() {
            return;
        }
        if let Err(error) = self.connect(now, key, StartOptions::default(), true) {
            self.tell(Event::OnDemand { key: key.clone(), summary: error.message });
        }
    }

    /// A fact came in: the rules are looked at again.
    pub(crate) fn fact_found(&mut self, now: Instant, key: &ConfigurationKey, need: &Need, good: bool) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let state = &mut entry.on_demand;
        match need {
            Need::Probe { url } => {
                let result = if good { ProbeResult::Ok } else { ProbeResult::Failed };
                state.probes.insert(url.clone(), result);
            }
            Need::RequiredDns { .. } => {
                state.required_dns = Some(if good { RequiredDns::Answer } else { RequiredDns::Silent });
            }
            Need::Resolution { .. } => state.host_resolves = Some(good),
        }
        self.evaluate(now, key);
    }

    /// A tunnel ended: on demand tries again later if it failed and that may help, and the connection that wanted it is over.
    pub(crate) fn tunnel_ended(&mut self, now: Instant, key: &ConfigurationKey, reason: &EndReason) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let failed = reason.connection_error().is_some();
        let armed = entry.stored.as_ref().is_some_and(|stored| {
            stored.configuration.is_enabled && stored.configuration.is_on_demand_enabled
        });
        let look_again = std::mem::take(&mut entry.on_demand.look_again);
        if !look_again {
            entry.on_demand.forget_host();
        }
        entry.on_demand.failed_for_good = failed && reason.is_permanent();
        if failed && armed && !reason.is_permanent() {
            let doublings = entry.on_demand.failures.min(10);
            let pause = RETRY.saturating_mul(1 << doublings).min(RETRY_MAX);
            entry.on_demand.failures = entry.on_demand.failures.saturating_add(1);
            entry.on_demand.retry_at = Some(now + pause);
        }
        if look_again {
            self.evaluate(now, key);
        }
    }

    /// Looks again where a pause is over.
    pub(crate) fn retry_on_demand(&mut self, now: Instant) {
        let due: Vec<ConfigurationKey> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.on_demand.retry_at.is_some_and(|at| at <= now))
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.on_demand.retry_at = None;
            }
            self.evaluate(now, &key);
        }
    }
}
