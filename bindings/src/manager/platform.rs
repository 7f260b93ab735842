//! What a platform can do of a configuration: routes, per-app lists, and what neither keeps.
//!
//! Owns the forms in JSON around `adit_manager::routing` and `adit_manager::per_app`, as methods of a manager, whose
//! platform and configuration they take, and as functions for whoever has neither: an extension or a service that was only
//! handed a profile. A network is `address/prefix`. What cannot be done is an array `cannot` of `subject` (Apple's property,
//! or a profile's key), `consequence` (`no-effect`, `more-in-tunnel`, `outside-while-down`, `traffic-outside`) and `reason`.

use std::collections::BTreeMap;

use adit_manager::per_app::{AppPackage, PerApp, android_apps, limitations};
use adit_manager::protocol::Protocol;
use adit_manager::routing::{self, Platform, RoutingIntent, RoutingPlan, TunnelRoutes};
use adit_manager::{Configuration, Limitation, ManagerId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Manager, closed, read};
use crate::AditError;

/// A platform in JSON: `"linux"`, `{"android":{"api_level":35,"lockdown":false}}`, `{"ios":{"major":26,"minor":0}}`,
/// `{"macos":..}`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PlatformForm {
    Ios { major: u16, minor: u16 },
    Macos { major: u16, minor: u16 },
    Android { api_level: u16, lockdown: bool },
    Linux,
}

impl From<PlatformForm> for Platform {
    fn from(form: PlatformForm) -> Self {
        match form {
            PlatformForm::Ios { major, minor } => Self::Ios { major, minor },
            PlatformForm::Macos { major, minor } => Self::Macos { major, minor },
            PlatformForm::Android { api_level, lockdown } => Self::Android { api_level, lockdown },
            PlatformForm::Linux => Self::Linux,
        }
    }
}

/// A question about routes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoutingQuestion {
    platform: PlatformForm,
    #[serde(default)]
    intent: IntentForm,
    #[serde(default)]
    tunnel: TunnelRoutes,
}

/// The routing switches. What is missing has Apple's default on the platform.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct IntentForm {
    include_all_networks: Option<bool>,
    enforce_routes: Option<bool>,
    exclude_local_networks: Option<bool>,
    exclude_cellular_services: Option<bool>,
    exclude_apns: Option<bool>,
    exclude_device_communication: Option<bool>,
    slice_uuid: Option<String>,
}

impl IntentForm {
    fn on(self, platform: PlatformForm) -> RoutingIntent {
        let defaults = match platform {
            PlatformForm::Macos { .. } => Protocol::for_desktop(),
            _ => Protocol::default(),
        };
        let defaults = RoutingIntent::of(&defaults);
        RoutingIntent {
            include_all_networks: self.include_all_networks.unwrap_or(defaults.include_all_networks),
            enforce_routes: self.enforce_routes.unwrap_or(defaults.enforce_routes),
            exclude_local_networks: self.exclude_local_networks.unwrap_or(defaults.exclude_local_networks),
            exclude_cellular_services: self
                .exclude_cellular_services
                .unwrap_or(defaults.exclude_cellular_services),
            exclude_apns: self.exclude_apns.unwrap_or(defaults.exclude_apns),
            exclude_device_communication: self
                .exclude_device_communication
                .unwrap_or(defaults.exclude_device_communication),
            slice_uuid: self.slice_uuid,
        }
    }
}

/// The apps of a device.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Device {
    /// Packages by the identifiers that the configuration has for them.
    packages: BTreeMap<String, String>,
    installed: Vec<String>,
}

/// A question about per-app lists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppsQuestion {
    platform: PlatformForm,
    per_app: PerApp,
    #[serde(default)]
    device: Device,
}

/// What a platform is to set for a tunnel that comes up, and what it cannot. The question: `platform` (as in the options of
/// `Manager`), `intent` (the routing switches of `NEVPNProtocol`, such as `include_all_networks`; Apple's defaults otherwise),
/// `tunnel` (`routes` that the server gave, `has_ipv4` and `has_ipv6` for the inner addresses, `local_networks` of the
/// physical interface, `excluded_routes` of the app's own). The plan: `included` and `excluded` networks, `block_ipv4` and
/// `block_ipv6` (taken in to be dropped), `block_while_connecting`, `apple` (the switches that the system knows; null
/// elsewhere), `cannot`.
///
/// # Errors
/// [`AditError::Usage`]: the question is wrong.
#[uniffi::export]
pub fn routing_plan(question_json: String) -> Result<String, AditError> {
    let RoutingQuestion { platform, intent, tunnel } = read("question", &question_json)?;
    plan_json(&routing::plan(&intent.on(platform), platform.into(), &tunnel))
}

/// The apps of a per-app VPN as a platform names them, and what it cannot do. The question: `platform`, `per_app` (the
/// member `managed.per_app` of a configuration) and, for Android, `device`: `installed` (packages), `packages` (an object:
/// the package of each identifier that is not one itself). The answer: `allowed` (for `addAllowedApplication`, in order;
/// empty on other platforms), `missing` (apps that are not installed), `usable` (false: set up no tunnel, as an empty list
/// would take every app), `cannot`.
///
/// # Errors
/// [`AditError::Usage`]: the question is wrong.
#[uniffi::export]
pub fn per_app_lists(question_json: String) -> Result<String, AditError> {
    let AppsQuestion { platform, per_app, device } = read("question", &question_json)?;
    Ok(apps(&per_app, platform.into(), device).to_string())
}

#[uniffi::export]
impl Manager {
    /// An app is about to open a connection to a host, where the platform tells (`NEEvaluateConnectionRule`): the on-demand
    /// rules that look at connections decide about it. What they need to know comes as requests `probe_dns`, `probe_name`
    /// and `probe_url`; what they made of it as the notification `on_demand`, and a start as `start_tunnel`.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no host.
    pub fn connection_opened(&self, host: String) -> Result<(), AditError> {
        if host.trim().is_empty() {
            return Err(AditError::usage("a connection goes to a host: there is no name"));
        }
        let now = self.now();
        self.system().connection_opened(now, host.trim());
        Ok(())
    }

    /// What this platform is to set for a tunnel of the stored configuration; `tunnel_json` is the member `tunnel` of the
    /// function `routing_plan`, which tells the form of the plan too.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such manager, nothing is stored or loaded, or the text is wrong.
    pub fn routing_plan(&self, manager: u32, tunnel_json: String) -> Result<String, AditError> {
        let tunnel: TunnelRoutes = read("tunnel", &tunnel_json)?;
        let system = self.system();
        let key = system.key(ManagerId(manager)).ok_or_else(closed)?;
        let plan = system.routing_plan(key, &tunnel);
        plan_json(&plan.ok_or_else(|| {
            AditError::usage("no configuration is stored, or it was not loaded: load it, and save one")
        })?)
    }

    /// The apps of the manager's copy as this platform names them; `device_json` is the member `device` of the function
    /// `per_app_lists`, which tells the form of the answer too. None if the configuration is for all apps.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such manager, or the text is wrong.
    pub fn per_app_lists(&self, manager: u32, device_json: String) -> Result<Option<String>, AditError> {
        let device: Device = read("device", &device_json)?;
        let system = self.system();
        let configuration = system.configuration(ManagerId(manager)).ok_or_else(closed)?;
        let per_app = configuration.managed.per_app.as_ref();
        Ok(per_app.map(|per_app| apps(per_app, self.platform, device).to_string()))
    }

    /// What this platform cannot do of the manager's copy, before anything is saved or started: an array of the form of
    /// `cannot`, of its routing switches and its per-app lists.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such manager.
    pub fn limitations(&self, manager: u32) -> Result<String, AditError> {
        let system = self.system();
        let configuration = system.configuration(ManagerId(manager)).ok_or_else(closed)?;
        Ok(json!(of_configuration(configuration, self.platform)).to_string())
    }
}

fn of_configuration(configuration: &Configuration, platform: Platform) -> Vec<Limitation> {
    let protocol = configuration.protocol_configuration.as_ref();
    let routes = protocol.map(|protocol| RoutingIntent::of(protocol.base()).limitations(platform));
    let apps = configuration.managed.per_app.as_ref().map(|per_app| limitations(per_app, platform));
    routes.into_iter().chain(apps).flatten().collect()
}

fn plan_json(plan: &RoutingPlan) -> Result<String, AditError> {
    serde_json::to_string(plan).map_err(|error| AditError::internal(error.to_string()))
}

/// The form of the lists of one platform.
fn apps(per_app: &PerApp, platform: Platform, device: Device) -> Value {
    #[derive(Serialize)]
    struct Lists {
        allowed: Vec<String>,
        missing: Vec<String>,
        usable: bool,
        cannot: Vec<Limitation>,
    }
    let lists = if let Platform::Android { .. } = platform {
        let packages = device.packages.into_iter();
        let packages: Vec<AppPackage> =
            packages.map(|(identifier, package)| AppPackage { identifier, package }).collect();
        let found = android_apps(per_app, &packages, &device.installed);
        let usable = found.is_usable();
        Lists { allowed: found.allowed, missing: found.missing, usable, cannot: found.cannot }
    } else {
        let cannot = limitations(per_app, platform);
        // What has no list of apps at all would take everything in.
        let usable = !cannot.iter().any(|found| found.subject == "VPNUUID");
        Lists { allowed: Vec::new(), missing: Vec::new(), usable, cannot }
    };
    json!(lists)
}
