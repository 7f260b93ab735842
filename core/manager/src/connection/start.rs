//! `startVPNTunnel` and `stopVPNTunnel`.

use std::net::IpAddr;
use std::time::Duration;

use adit_ike::time::Instant;
use adit_profile::{SecretText, Severity};

use crate::configuration::Configuration;
use crate::error::{EndReason, VpnError, VpnErrorCode};
use crate::key::{ConfigurationKey, ManagerId};
use crate::limitation::Consequence;
use crate::on_demand::Trigger;
use crate::profile::{TunnelProfile, tunnel_profile};
use crate::protocol::{AuthenticationMethod, ProtocolConfiguration};
use crate::request::{Answer, Demand, TunnelId, TunnelStart};
use crate::routing::{self, RoutingIntent, RoutingPlan, TunnelRoutes};
use crate::secret::{NewSecret, SecretSlot};
use crate::system::{Purpose, System};

use super::{Phase, Preparing, Status};

/// The options' key for a user name (`NEVPNConnectionStartOptionUsername`).
pub const START_OPTION_USERNAME: &str = "NEVPNConnectionStartOptionUsername";

/// The options' key for a password (`NEVPNConnectionStartOptionPassword`).
pub const START_OPTION_PASSWORD: &str = "NEVPNConnectionStartOptionPassword";

/// How long the server's name may take to resolve.
const RESOLVE_PATIENCE: Duration = Duration::from_secs(10);

/// How many addresses of a server are tried at most.
const MAX_ADDRESSES: usize = 32;

/// What a start may bring along, for this one time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StartOptions {
    /// In place of the stored user name.
    pub username: Option<String>,
    /// In place of the stored password. Wiped when the tunnel ends.
    pub password: Option<SecretText>,
}

impl System {
    /// `startVPNTunnel(options:)`: begins to connect with what is stored, and returns at once. Nothing happens when a tunnel
    /// is up or on its way.
    ///
    /// # Errors
    /// `configurationInvalid` when nothing usable is stored or loaded, or for IKEv1; `configurationDisabled` when it is
    /// not enabled; `connectionFailed` while it still disconnects, or when a managed VPN has the only place.
    pub fn start(&mut self, now: Instant, manager: ManagerId, options: StartOptions) -> Result<(), VpnError> {
        self.observe(now);
        let Some(key) = self.key(manager).cloned() else {
            return Err(VpnError::new(VpnErrorCode::ConfigurationUnknown, "this manager was closed"));
        };
        self.connect(now, &key, options, false)
    }

    /// `stopVPNTunnel()`: begins to disconnect, and returns at once. On demand may start the tunnel again when the network
    /// changes or a connection is opened; [`System::set_user_override`] keeps it down.
    pub fn stop(&mut self, now: Instant, manager: ManagerId) {
        self.observe(now);
        let Some(key) = self.key(manager).cloned() else { return };
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.on_demand.stopped_by_app = true;
            entry.on_demand.retry_at = None;
        }
        self.end(now, &key, EndReason::Requested);
    }

    /// Begins to connect, for an app or for on demand.
    pub(crate) fn connect(
        &mut self,
        now: Instant,
        key: &ConfigurationKey,
        options: StartOptions,
        by_on_demand: bool,
    ) -> Result<(), VpnError> {
        let invalid = |message: &str| Err(VpnError::new(VpnErrorCode::ConfigurationInvalid, message));
        let Some(entry) = self.entries.get(key) else { return invalid("there is no such configuration") };
        let Some(stored) = &entry.stored else {
            return invalid("no configuration is stored, or it was not loaded: load it, and save one");
        };
        let configuration = &stored.configuration;
        let protocol = startable(configuration)?;
        if !configuration.is_enabled {
            return Err(VpnError::new(
                VpnErrorCode::ConfigurationDisabled,
                "the configuration is not enabled: set isEnabled and save it",
            ));
        }
        if let Some(reason) = self.route_refusal(configuration) {
            return invalid(&reason);
        }
        match entry.connection.status {
            Status::Connecting | Status::Connected | Status::Reasserting => return Ok(()),
            Status::Disconnecting => {
                let message = "the last tunnel is still being taken down: try again when it is";
                return Err(VpnError::new(VpnErrorCode::ConnectionFailed, message));
            }
            Status::Invalid | Status::Disconnected => {}
        }
        let wants_default_route = !configuration.is_per_app();
        let wanted = wanted(protocol, options.password.is_some());
        self.make_room(now, key, wants_default_route)?;
        if let Some(entry) = self.entries.get_mut(key) {
            let connection = &mut entry.connection;
            connection.phase = Phase::Preparing(Preparing { wanted, ..Preparing::default() });
            connection.options = options;
            connection.by_on_demand = by_on_demand;
            connection.wants_default_route = wants_default_route;
            entry.on_demand.stopped_by_app = false;
            entry.on_demand.failed_for_good = false;
            entry.on_demand.retry_at = None;
        }
        self.set_status(now, key, Status::Connecting);
        self.next_of_start(now, key);
        Ok(())
    }

    /// What the platform is to set for a tunnel that comes up; `None` when nothing is stored.
    #[must_use]
    pub fn routing_plan(&self, key: &ConfigurationKey, tunnel: &TunnelRoutes) -> Option<RoutingPlan> {
        let protocol = self.stored(key)?.protocol_configuration.as_ref()?;
        Some(routing::plan(&RoutingIntent::of(protocol.base()), self.options.platform, tunnel))
    }

    /// Why the platform cannot keep what the configuration promises; `None` if it can, or the host accepts it.
    fn route_refusal(&self, configuration: &Configuration) -> Option<String> {
        if self.options.accepts_traffic_outside {
            return None;
        }
        let base = configuration.protocol_configuration.as_ref()?.base();
        let cannot = RoutingIntent::of(base).limitations(self.options.platform);
        let leak = cannot.into_iter().find(|found| found.consequence == Consequence::TrafficOutside)?;
        Some(format!("{} cannot be kept on this platform: {}", leak.subject, leak.reason))
    }

    /// The next step of a start: a secret, the server's addresses, the tunnel.
    fn next_of_start(&mut self, now: Instant, key: &ConfigurationKey) {
        if self.offline {
            return self.finish(now, key, &EndReason::NoNetwork);
        }
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Phase::Preparing(preparing) = &mut entry.connection.phase else { return };
        if let Some((slot, reference)) = preparing.wanted.pop() {
            let demand = Demand::ReadSecret { key: key.clone(), slot, reference };
            return self.ask(Purpose::Prepare(key.clone()), None, demand);
        }
        let configuration = entry.stored.as_ref().map(|stored| &stored.configuration);
        let server = configuration
            .and_then(|configuration| configuration.protocol_configuration.as_ref())
            .and_then(|protocol| protocol.base().server_address.clone())
            .unwrap_or_default();
        if preparing.addresses.is_empty() {
            match literal(&server) {
                Some(address) => preparing.addresses.push(address),
                None => {
                    let demand = Demand::ResolveName { host: server.trim().to_owned() };
                    return self.ask(Purpose::Prepare(key.clone()), Some(now + RESOLVE_PATIENCE), demand);
                }
            }
        }
        self.hand_over(now, key);
    }

    /// Goes on with a start.
    pub(crate) fn continue_start(
        &mut self,
        now: Instant,
        key: &ConfigurationKey,
        demand: &Demand,
        answer: Answer,
    ) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Phase::Preparing(preparing) = &mut entry.connection.phase else { return };
        let failed = match (demand, answer) {
            (Demand::ReadSecret { slot, .. }, Answer::Secret(Some(content))) => {
                preparing.secrets.push(NewSecret { slot: *slot, content });
                None
            }
            // The tunnel asks for a password that is not there.
            (Demand::ReadSecret { slot: SecretSlot::Password, .. }, _) => None,
            (Demand::ReadSecret { slot, .. }, Answer::Secret(None)) => {
                Some(EndReason::SecretMissing { what: in_words(*slot).to_owned() })
            }
            (Demand::ReadSecret { slot, .. }, Answer::Refused { reason } | Answer::Failed { reason }) => {
                Some(EndReason::SecretMissing { what: format!("{} ({reason})", in_words(*slot)) })
            }
            (Demand::ResolveName { .. }, Answer::Addresses(addresses)) if !addresses.is_empty() => {
                preparing.addresses = addresses.into_iter().take(MAX_ADDRESSES).collect();
                None
            }
            (Demand::ResolveName { .. }, Answer::Failed { reason }) => {
                Some(EndReason::NameNotResolved { cause: reason })
            }
            _ => Some(EndReason::NameNotResolved { cause: "it has no address".to_owned() }),
        };
        match failed {
            None => self.next_of_start(now, key),
            Some(reason) => self.finish(now, key, &reason),
        }
    }

    /// Makes the profile and hands it to the host.
    fn hand_over(&mut self, now: Instant, key: &ConfigurationKey) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Phase::Preparing(preparing) = &entry.connection.phase else { return };
        let Some(stored) = &entry.stored else { return };
        let profile = match checked_profile(&stored.configuration, &preparing.secrets, &key.to_string()) {
            Ok(profile) => profile,
            Err(reasons) => return self.finish(now, key, &EndReason::ConfigurationRefused { reasons }),
        };
        let tunnel = TunnelId(self.next_tunnel);
        self.next_tunnel = self.next_tunnel.saturating_add(1);
        let start = TunnelStart {
            tunnel,
            key: key.clone(),
            profile,
            addresses: preparing.addresses.clone(),
            username: entry.connection.options.username.clone(),
            password: entry.connection.password().cloned(),
            on_demand: entry.connection.by_on_demand,
        };
        entry.connection.phase = Phase::Running(tunnel);
        self.ask(Purpose::Start(key.clone(), tunnel), None, Demand::StartTunnel(Box::new(start)));
    }

    /// The host said whether the tunnel runs.
    pub(crate) fn tunnel_started(
        &mut self,
        now: Instant,
        key: &ConfigurationKey,
        tunnel: TunnelId,
        answer: Answer,
    ) {
        let ours = self.entries.get(key).is_some_and(|entry| entry.connection.phase.tunnel() == Some(tunnel));
        match answer {
            Answer::Refused { reason } if ours => {
                self.finish(now, key, &EndReason::NotPermitted { cause: reason });
            }
            Answer::Failed { reason } if ours => {
                self.finish(now, key, &EndReason::DeviceFailed { cause: reason });
            }
            _ => {}
        }
    }

    /// The user turns on demand off, or on again. Off ends the tunnel too.
    ///
    /// # Errors
    /// `configurationInvalid` when nothing is stored, `configurationReadWriteFailed` when a management server does not
    /// allow it (OnDemandUserOverrideDisabled).
    pub fn set_user_override(&mut self, now: Instant, manager: ManagerId, off: bool) -> Result<(), VpnError> {
        self.observe(now);
        let key = self.key(manager).cloned();
        let Some((key, entry)) = key.and_then(|key| self.entries.get_mut(&key).map(|entry| (key, entry)))
        else {
            return Err(VpnError::new(VpnErrorCode::ConfigurationUnknown, "this manager was closed"));
        };
        let Some(stored) = entry.stored.as_mut() else {
            return Err(VpnError::new(VpnErrorCode::ConfigurationInvalid, "no configuration is stored"));
        };
        if off && stored.configuration.managed.on_demand_user_override_disabled {
            return Err(VpnError::new(
                VpnErrorCode::ConfigurationReadWriteFailed,
                "whoever manages this VPN does not allow to turn on demand off (OnDemandUserOverrideDisabled)",
            ));
        }
        if stored.user_override != off {
            stored.user_override = off;
            self.store_user_override(now, &key, off);
        }
        if off {
            self.end(now, &key, EndReason::Requested);
        } else {
            self.trigger(now, &key, Trigger::UserSwitch);
        }
        Ok(())
    }
}

/// The protocol, if it can be started at all.
fn startable(configuration: &Configuration) -> Result<&ProtocolConfiguration, VpnError> {
    let refused: Vec<String> = configuration
        .objections()
        .into_iter()
        .filter(|found| found.refused)
        .map(|found| format!("{}: {}", found.property, found.message))
        .collect();
    let invalid = |message: String| Err(VpnError::new(VpnErrorCode::ConfigurationInvalid, message));
    match &configuration.protocol_configuration {
        Some(ProtocolConfiguration::Ipsec(_)) => invalid(
            "IKEv1 (IPSec) is stored and explained here, but not connected with: it has been replaced by IKEv2, which the \
             server should offer too"
                .to_owned(),
        ),
        Some(protocol) if refused.is_empty() => Ok(protocol),
        _ => invalid(refused.join("; ")),
    }
}

/// The secrets that a start needs, the last one first.
fn wanted(
    protocol: &ProtocolConfiguration,
    has_password: bool,
) -> Vec<(SecretSlot, crate::secret::SecretReference)> {
    let ipsec = protocol.ipsec();
    let needed = |slot: SecretSlot| match slot {
        SecretSlot::Password => ipsec.use_extended_authentication && !has_password,
        SecretSlot::SharedSecret => ipsec.authentication_method == AuthenticationMethod::SharedSecret,
        SecretSlot::IdentityData | SecretSlot::IdentityDataPassword => {
            ipsec.authentication_method == AuthenticationMethod::Certificate
                && ipsec.base.identity_reference.is_none()
        }
        SecretSlot::PostQuantumPresharedKey | SecretSlot::HttpProxyPassword => true,
        // A profile has no key for it.
        SecretSlot::HttpsProxyPassword => false,
    };
    SecretSlot::ALL
        .iter()
        .rev()
        .filter(|slot| needed(**slot))
        .filter_map(|slot| protocol.reference(*slot).map(|reference| (*slot, reference.clone())))
        .collect()
}

/// The profile of a start, or every reason why the rules refuse it.
fn checked_profile(
    configuration: &Configuration,
    secrets: &[NewSecret],
    seed: &str,
) -> Result<TunnelProfile, String> {
    let profile = tunnel_profile(configuration, secrets, seed).map_err(|error| error.to_string())?;
    match profile.settings() {
        Ok(_) => Ok(profile),
        Err(found) => {
            let errors = found.iter().filter(|found| found.severity == Severity::Error);
            Err(errors.map(|found| found.message.clone()).collect::<Vec<_>>().join("; "))
        }
    }
}

/// An address as it stands in `serverAddress`, also in brackets.
fn literal(server: &str) -> Option<String> {
    let server = server.trim();
    let bare = server.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(server);
    bare.parse::<IpAddr>().ok().map(|address| address.to_string())
}

fn in_words(slot: SecretSlot) -> &'static str {
    match slot {
        SecretSlot::Password => "the user's password",
        SecretSlot::SharedSecret => "the shared secret",
        SecretSlot::IdentityData => "the PKCS#12 file of this device",
        SecretSlot::IdentityDataPassword => "the passphrase of the PKCS#12 file",
        SecretSlot::PostQuantumPresharedKey => "the post-quantum pre-shared key",
        SecretSlot::HttpProxyPassword | SecretSlot::HttpsProxyPassword => "the proxy's password",
    }
}
