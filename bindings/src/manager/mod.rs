//! The Personal VPN model of `adit-manager`, as an app holds it.
//!
//! Owns [`Manager`]: the clock (`clock`), a lock, and the JSON forms of what the model asks and tells (`forms`), and of what
//! a platform can do of a configuration (`platform`). The model itself and its rules are `adit-manager`'s. A tunnel is a
//! [`crate::Session`] that the app makes on the request `start_tunnel`; its events come back by [`Manager::tunnel_event`],
//! or by [`Manager::tunnel_report`] from another process (`report`).

mod clock;
mod forms;
mod platform;
mod report;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adit_ike::time::Instant;
use adit_manager::profile::import;
use adit_manager::routing::Platform;
use adit_manager::{
    AnswerError, Configuration, ManagerId, NewSecret, StartOptions, System, SystemOptions, Token, Tunnels,
    VpnError,
};
use adit_profile::ondemand::Network;
use adit_profile::{Document, Profile, SecretText};
use serde::Deserialize;
use serde_json::json;

use crate::AditError;
use clock::{ClockForm, Time};
use forms::KeyForm;
use platform::PlatformForm;
pub use platform::{per_app_lists, routing_plan};

/// What stands in the options.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    app: String,
    platform: PlatformForm,
    #[serde(default)]
    one_tunnel: bool,
    #[serde(default)]
    accepts_traffic_outside: bool,
    #[serde(default)]
    clock: ClockForm,
}

/// The Personal VPN of this device, as far as this app knows it (`NEVPNManager`).
///
/// After each call take everything from `next_request` and `next_notification`, and call `handle_timeout` when
/// `timeout_ms` is over.
#[derive(uniffi::Object)]
pub struct Manager {
    system: Mutex<System>,
    clock: Time,
    platform: Platform,
}

#[uniffi::export]
impl Manager {
    /// A model that knows nothing yet. Options: `app` (its identifier), `platform` (`"linux"`,
    /// `{"android":{"api_level":..,"lockdown":..}}`, `{"ios":{"major":..,"minor":..}}`, `{"macos":..}`), `one_tunnel` (the
    /// platform runs one at a time), `accepts_traffic_outside` (a start is not refused where the platform cannot keep all
    /// traffic in), `clock` (`"system"`, or for an app's tests `{"manual":Unix time}`: it stands until `advance_clock`).
    ///
    /// # Errors
    /// [`AditError::Usage`]: the options are wrong.
    #[uniffi::constructor]
    pub fn new(options_json: String) -> Result<Arc<Self>, AditError> {
        let options: Options = read("options", &options_json)?;
        let platform = Platform::from(options.platform);
        let (clock, unix_epoch) = Time::new(options.clock);
        let system = System::new(SystemOptions {
            app: options.app,
            platform,
            tunnels: if options.one_tunnel { Tunnels::One } else { Tunnels::Several },
            accepts_traffic_outside: options.accepts_traffic_outside,
            unix_epoch,
        });
        Ok(Arc::new(Self { system: Mutex::new(system), clock, platform }))
    }

    /// The one manager of this app's own configuration (`NEVPNManager.shared()`); its number for the other calls.
    ///
    /// # Errors
    /// Never.
    pub fn shared(&self) -> Result<u32, AditError> {
        Ok(self.system().shared().0)
    }

    /// Another manager of a configuration: `{"personal":app}` or `{"managed":payload UUID}`.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such key.
    pub fn open(&self, key_json: String) -> Result<u32, AditError> {
        let key: KeyForm = read("key", &key_json)?;
        Ok(self.system().manager(key.into()).0)
    }

    /// Tells of a configuration in the store that no manager here is for, by its key as in `open`: another app's, or a
    /// managed one. It is loaded when it matters, which is when another of its kind is enabled.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such key.
    pub fn declare(&self, key_json: String) -> Result<(), AditError> {
        let key: KeyForm = read("key", &key_json)?;
        self.system().declare(key.into());
        Ok(())
    }

    /// Tells that somebody else changed what is stored, by its key as in `open`: another process, a management server.
    /// Copies are stale from now on, until they are loaded again; the notification `configuration_changed` follows.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such key.
    pub fn store_changed(&self, key_json: String) -> Result<(), AditError> {
        let key: KeyForm = read("key", &key_json)?;
        self.system().store_changed(&key.into());
        Ok(())
    }

    /// The configurations that are known, as JSON: an array of `key`, `status` (as in `status`) and `default_route` (its
    /// tunnel has it).
    ///
    /// # Errors
    /// Never.
    pub fn connections(&self) -> Result<String, AditError> {
        let system = self.system();
        let holder = system.default_route();
        let connections = system.connections();
        let known = connections.iter().map(|(key, status)| {
            json!({
                "key": forms::key(key), "status": status.swift_name(), "default_route": holder == Some(key),
            })
        });
        Ok(known.collect::<serde_json::Value>().to_string())
    }

    /// Lets go of a manager; its configuration and its tunnel stay.
    ///
    /// # Errors
    /// Never.
    pub fn close_manager(&self, manager: u32) -> Result<(), AditError> {
        self.system().close(ManagerId(manager));
        Ok(())
    }

    /// The manager's copy of its configuration, as JSON (docs/manager-json.md); empty before it is loaded.
    ///
    /// # Errors
    /// [`AditError::Usage`]: there is no such manager.
    pub fn configuration(&self, manager: u32) -> Result<String, AditError> {
        let system = self.system();
        let configuration = system.configuration(ManagerId(manager)).ok_or_else(closed)?;
        configuration.to_json().map_err(|error| AditError::internal(error.to_string()))
    }

    /// What is stored of a configuration, named as in `open`, as far as it was loaded; the form of `configuration`.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such key.
    pub fn stored(&self, key_json: String) -> Result<Option<String>, AditError> {
        let key: KeyForm = read("key", &key_json)?;
        let system = self.system();
        let stored = system.stored(&key.into()).map(Configuration::to_json).transpose();
        stored.map_err(|error| AditError::internal(error.to_string()))
    }

    /// Changes the manager's copy; nothing is stored before a save. Secrets that were set and not saved yet stay.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no configuration, or no such manager.
    pub fn set_configuration(&self, manager: u32, configuration_json: String) -> Result<(), AditError> {
        let configuration = Configuration::from_json(&configuration_json);
        let mut configuration = configuration.map_err(|error| AditError::usage(error.to_string()))?;
        let mut system = self.system();
        let before = system.configuration(ManagerId(manager)).ok_or_else(closed)?;
        configuration.new_secrets.clone_from(&before.new_secrets);
        system.set_configuration(ManagerId(manager), configuration);
        Ok(())
    }

    /// Sets a secret of the manager's copy, which the next save stores: `password`, `shared-secret`, `identity-data`,
    /// `identity-data-password`, `post-quantum-preshared-key`, `http-proxy-password`, `https-proxy-password`.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such secret, or no such manager.
    pub fn set_secret(&self, manager: u32, slot: String, content: Vec<u8>) -> Result<(), AditError> {
        let slot = forms::slot(&slot)?;
        let mut system = self.system();
        let mut configuration = system.configuration(ManagerId(manager)).ok_or_else(closed)?.clone();
        configuration.new_secrets.retain(|secret| secret.slot != slot);
        configuration.new_secrets.push(NewSecret::new(slot, content));
        system.set_configuration(ManagerId(manager), configuration);
        Ok(())
    }

    /// Everything against the manager's copy, as JSON: an array of `property` (Apple's), `message` and `refused` (true: it
    /// is not saved; false: it is saved, and cannot be started or is not obeyed in full).
    ///
    /// # Errors
    /// [`AditError::Usage`]: there is no such manager.
    pub fn objections(&self, manager: u32) -> Result<String, AditError> {
        let system = self.system();
        let configuration = system.configuration(ManagerId(manager)).ok_or_else(closed)?;
        let found = configuration.objections().into_iter().map(
            |found| json!({"property": found.property, "message": found.message, "refused": found.refused}),
        );
        Ok(found.collect::<serde_json::Value>().to_string())
    }

    /// Makes the manager's copy from a VPN of a profile, secrets included; gives what could not be carried over, as JSON:
    /// an array of `path` and `reason`. `payload` is a PayloadUUID; none: the first VPN.
    ///
    /// # Errors
    /// [`AditError::Profile`]: the profile holds no such VPN; [`AditError::Usage`]: no such manager.
    pub fn import_profile(
        &self,
        manager: u32,
        profile: Vec<u8>,
        payload: Option<String>,
    ) -> Result<String, AditError> {
        let document = Document::read(&profile);
        let model = Profile::of(&document).filter(|_| !document.problems().has_errors());
        let advice = "validate() says what is wrong with it.";
        let model =
            model.ok_or_else(|| AditError::profile("the file cannot be read as a profile", advice))?;
        let found = match &payload {
            Some(uuid) => model.payload_with_uuid(uuid),
            None => model.vpn_payloads().next(),
        };
        let found = found.ok_or_else(|| AditError::profile("the profile holds no such VPN", advice))?;
        let imported =
            import(&model, found).map_err(|refusal| AditError::profile(refusal.to_string(), advice))?;
        if !self.system().set_configuration(ManagerId(manager), imported.configuration) {
            return Err(closed());
        }
        let notes = imported.notes.iter().map(|note| json!({"path": note.path, "reason": note.reason}));
        Ok(notes.collect::<serde_json::Value>().to_string())
    }

    /// `loadFromPreferences`; ends with the notification `completed`, which has the store's errors.
    ///
    /// # Errors
    /// [`AditError::Usage`], `configurationUnknown`: there is no such manager, or too many operations wait.
    pub fn load(&self, manager: u32) -> Result<(), AditError> {
        let now = self.now();
        self.system().load(now, ManagerId(manager)).map_err(|error| refused(&error))
    }

    /// `saveToPreferences`; ends with the notification `completed`, whose error tells what is wrong: `configurationStale`
    /// (never loaded, or changed since), `configurationInvalid` (see `objections`), `configurationReadWriteFailed` (no
    /// consent, or the store failed).
    ///
    /// # Errors
    /// As of `load`.
    pub fn save(&self, manager: u32) -> Result<(), AditError> {
        let now = self.now();
        self.system().save(now, ManagerId(manager)).map_err(|error| refused(&error))
    }

    /// `removeFromPreferences`; ends with the notification `completed`. The tunnel ends, and the secrets that were stored
    /// with the configuration are deleted.
    ///
    /// # Errors
    /// As of `load`.
    pub fn remove(&self, manager: u32) -> Result<(), AditError> {
        let now = self.now();
        self.system().remove(now, ManagerId(manager)).map_err(|error| refused(&error))
    }

    /// `startVPNTunnel(options:)`: begins to connect with what is stored, and returns at once; what goes wrong later is the
    /// last disconnect. `username` and `password` count for this start, in place of what is stored.
    ///
    /// # Errors
    /// [`AditError::Usage`]: `configurationInvalid` (nothing is stored or loaded, IKEv1, or the platform cannot keep what is
    /// promised), `configurationDisabled`, `connectionFailed` (the last tunnel is still being taken down, or a managed one
    /// has the only place), `configurationUnknown` (there is no such manager).
    pub fn start(
        &self,
        manager: u32,
        username: Option<String>,
        password: Option<String>,
    ) -> Result<(), AditError> {
        let now = self.now();
        let options = StartOptions { username, password: password.map(SecretText::new) };
        self.system().start(now, ManagerId(manager), options).map_err(|error| refused(&error))
    }

    /// `stopVPNTunnel`: begins to disconnect. On demand may start the tunnel again when the network changes or a connection is
    /// opened; `set_user_override` keeps it down.
    ///
    /// # Errors
    /// Never.
    pub fn stop(&self, manager: u32) -> Result<(), AditError> {
        let now = self.now();
        self.system().stop(now, ManagerId(manager));
        Ok(())
    }

    /// The user turns on demand off, which ends the tunnel too, or lets it go on. The switch is stored.
    ///
    /// # Errors
    /// [`AditError::Usage`]: `configurationReadWriteFailed` where a managed configuration does not permit it,
    /// `configurationInvalid` where nothing is stored, `configurationUnknown` (there is no such manager).
    pub fn set_user_override(&self, manager: u32, off: bool) -> Result<(), AditError> {
        let now = self.now();
        self.system().set_user_override(now, ManagerId(manager), off).map_err(|error| refused(&error))
    }

    /// The connection's status by its name in Swift: `invalid`, `disconnected`, `connecting`, `connected`, `reasserting`,
    /// `disconnecting`.
    ///
    /// # Errors
    /// Never.
    pub fn status(&self, manager: u32) -> Result<String, AditError> {
        Ok(self.system().status(ManagerId(manager)).swift_name().to_owned())
    }

    /// When it became connected, Unix time in seconds.
    ///
    /// # Errors
    /// Never.
    pub fn connected_date(&self, manager: u32) -> Result<Option<u64>, AditError> {
        Ok(self.system().connected_date(ManagerId(manager)))
    }

    /// Why the last tunnel ended, as JSON: `code` (the name of the `NEVPNConnectionError`) and `raw`, null for an end that
    /// somebody asked for, `message`, `advice`. Nothing before any did.
    ///
    /// # Errors
    /// Never.
    pub fn last_disconnect(&self, manager: u32) -> Result<Option<String>, AditError> {
        Ok(self.system().last_disconnect(ManagerId(manager)).map(|last| forms::disconnect(last).to_string()))
    }

    /// Tells of the physical network, in the form of `evaluate_on_demand`; none if there is none. On-demand rules are
    /// asked.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no network in that form.
    pub fn network_changed(&self, network_json: Option<String>) -> Result<(), AditError> {
        let network: Option<Network> =
            network_json.as_deref().map(|text| read("network", text)).transpose()?;
        let now = self.now();
        self.system().network_changed(now, network);
        Ok(())
    }

    /// The system is about to sleep.
    ///
    /// # Errors
    /// Never.
    pub fn sleep(&self) -> Result<(), AditError> {
        let now = self.now();
        self.system().sleep(now);
        Ok(())
    }

    /// The system is awake.
    ///
    /// # Errors
    /// Never.
    pub fn wake(&self) -> Result<(), AditError> {
        let now = self.now();
        self.system().wake(now);
        Ok(())
    }

    /// The next thing for the app to do, as JSON: `request` names it, `token` is to answer with, `deadline_ms` counts from
    /// now. `load`, `save`, `remove`, `consent`, `store_secret`, `delete_secrets`, `read_secret`, `resolve_name`,
    /// `probe_dns`, `probe_name`, `probe_url`, `start_tunnel`, `stop_tunnel`. docs/manager-json.md has the members of each,
    /// and the answers that it takes.
    ///
    /// # Errors
    /// Never.
    pub fn next_request(&self) -> Result<Option<String>, AditError> {
        let now = self.now();
        let request = self.system().poll_request();
        Ok(request.map(|request| {
            let left = request.deadline.map(|deadline| milliseconds(deadline.saturating_since(now)));
            forms::request(&request, left).to_string()
        }))
    }

    /// Answers a request, with JSON: `{"answer":"done"}`, `refused` and `failed` (`reason`), `stale`, `record` (`record`, a
    /// text or null), `reference` (`reference`, hexadecimal), `secret` (`content`, hexadecimal or null), `addresses`
    /// (`list`), `reachable` (`reachable`).
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such answer, or not to this request, which still waits.
    pub fn answer(&self, token: u64, answer_json: String) -> Result<(), AditError> {
        let answer = forms::answer(&answer_json)?;
        let now = self.now();
        match self.system().answer(now, Token(token), answer) {
            // Its time was over, which no app can know.
            Ok(()) | Err(AnswerError::UnknownToken) => Ok(()),
            Err(error @ AnswerError::WrongKind) => Err(AditError::usage(error.to_string())),
        }
    }

    /// The next notification, as JSON: `notification` names it. `completed` (`manager`, `operation`, `error`),
    /// `configuration_changed` (`key`), `status_changed` (`key`, `status`), `on_demand` (`key`, `summary`), `default_route`
    /// (`holder`).
    ///
    /// # Errors
    /// Never.
    pub fn next_notification(&self) -> Result<Option<String>, AditError> {
        let mut system = self.system();
        while let Some(event) = system.poll_event() {
            if let Some(form) = forms::notification(&event) {
                return Ok(Some(form.to_string()));
            }
        }
        Ok(None)
    }

    /// Milliseconds until `handle_timeout` is to be called; none if nothing is due.
    ///
    /// # Errors
    /// Never.
    pub fn timeout_ms(&self) -> Result<Option<u64>, AditError> {
        let now = self.now();
        Ok(self.system().poll_timeout().map(|at| milliseconds(at.saturating_since(now))))
    }

    /// Lets time pass on a clock that the options made `manual`; then call `handle_timeout`.
    ///
    /// # Errors
    /// [`AditError::Usage`]: it is the system's clock.
    pub fn advance_clock(&self, milliseconds: u64) -> Result<(), AditError> {
        match self.clock.advance(milliseconds) {
            true => Ok(()),
            false => Err(AditError::usage("the clock is the system's: make the manager with a manual one")),
        }
    }

    /// Does what is due.
    ///
    /// # Errors
    /// Never.
    pub fn handle_timeout(&self) -> Result<(), AditError> {
        let now = self.now();
        self.system().handle_timeout(now);
        Ok(())
    }
}

impl Manager {
    /// The model stays whole between its calls, so a panic of another holder does not matter.
    fn system(&self) -> MutexGuard<'_, System> {
        self.system.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn closed() -> AditError {
    AditError::usage("there is no such manager")
}

fn refused(error: &VpnError) -> AditError {
    AditError::Usage {
        message: error.message.clone(),
        advice: String::new(),
        code: error.code.swift_name().to_owned(),
    }
}

fn read<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, AditError> {
    serde_json::from_str(text).map_err(|error| AditError::usage(format!("{what}: {error}")))
}
