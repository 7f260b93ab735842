//! Always On: all traffic of a supervised iPhone or iPad, by IKEv2.

use super::write::Context;
use super::{Ikev2, Keys, SpecError, spec};
use crate::build::Value;
use crate::build::material::Inventory;
use crate::model::{Keyword, keywords};

spec! {
    /// The `AlwaysOn` dictionary. Either one tunnel for both interfaces, or one for each.
    #[derive(Default)]
    pub struct AlwaysOn {
        required {}
        optional {
            /// The tunnel for Wi-Fi and cellular.
            tunnel: Option<Ikev2>,
            /// The tunnel for Wi-Fi.
            wifi: Option<Ikev2>,
            /// The tunnel for cellular.
            cellular: Option<Ikev2>,
            /// `UIToggleEnabled`: the user may switch it off.
            user_toggle: Option<bool>,
            /// `ServiceExceptions`.
            services: Vec<ServiceException>,
            /// `ApplicationExceptions`.
            applications: Vec<ApplicationException>,
            /// `AllowCaptiveWebSheet`: the system's page for captive networks works outside the tunnel.
            captive_web_sheet: Option<bool>,
            /// `AllowAllCaptiveNetworkPlugins`: every app for captive networks works outside the tunnel.
            all_captive_plugins: Option<bool>,
            /// `AllowedCaptiveNetworkPlugins`: the bundle identifiers of those that do.
            captive_plugins: Vec<String>,
        }
    }
}

spec! {
    /// What happens to a service of the system.
    pub struct ServiceException {
        required {
            /// `ServiceName`.
            service: ServiceName,
            /// `Action`.
            action: ExceptionAction,
        }
        optional {}
    }
}

keywords! {
    /// `ServiceName`.
    pub enum ServiceName {
        /// Visual voice mail.
        VoiceMail = "VoiceMail",
        /// Printing.
        AirPrint = "AirPrint",
        /// The carrier's services; iOS 11.3.
        CellularServices = "CellularServices",
        /// Talk with nearby devices; iOS 17.4.
        DeviceCommunication = "DeviceCommunication",
    }
}

keywords! {
    /// `Action` of a service exception.
    pub enum ExceptionAction {
        /// Goes outside the tunnel.
        Allow = "Allow",
        /// Goes nowhere.
        Drop = "Drop",
    }
}

spec! {
    /// An app whose traffic goes outside the tunnel; iOS 13.6.
    pub struct ApplicationException {
        required {
            /// `BundleIdentifier`.
            app: String,
        }
        optional {
            /// `LimitToProtocols` UDP: only its UDP traffic.
            udp_only: Option<bool>,
        }
    }
}

impl AlwaysOn {
    pub(super) fn write(&self, field: &str, context: &Context<'_>) -> Result<Keys, SpecError> {
        let tunnels = [
            ("tunnel", &self.tunnel, ["Cellular", "WiFi"].as_slice()),
            ("cellular", &self.cellular, &["Cellular"]),
            ("wifi", &self.wifi, &["WiFi"]),
        ];
        let mut configurations = Vec::new();
        for (name, tunnel, interfaces) in tunnels {
            let Some(tunnel) = tunnel else { continue };
            let mut keys = Keys::default();
            keys.put("ProtocolType", "IKEv2");
            keys.list("Interfaces", interfaces);
            // The schema lists the two keys above alone; devices read those of the IKEv2 dictionary beside them.
            keys.extend(tunnel.write(&format!("{field}.{name}"), context)?);
            configurations.push(Value::from(keys));
        }
        let mut keys = Keys::default();
        keys.flag("UIToggleEnabled", self.user_toggle);
        keys.put("TunnelConfigurations", Value::Array(configurations));
        keys.dicts("ServiceExceptions", self.services.iter().map(ServiceException::write));
        keys.dicts("ApplicationExceptions", self.applications.iter().map(ApplicationException::write));
        keys.flag("AllowCaptiveWebSheet", self.captive_web_sheet);
        keys.flag("AllowAllCaptiveNetworkPlugins", self.all_captive_plugins);
        keys.dicts(
            "AllowedCaptiveNetworkPlugins",
            self.captive_plugins.iter().map(|plugin| {
                let mut keys = Keys::default();
                keys.put("BundleIdentifier", plugin.as_str());
                keys
            }),
        );
        Ok(keys)
    }

    pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
        let tunnels =
            [("tunnel", &mut self.tunnel), ("wifi", &mut self.wifi), ("cellular", &mut self.cellular)];
        for (name, tunnel) in tunnels {
            if let Some(tunnel) = tunnel {
                tunnel.inventory(&format!("{field}.{name}"), all);
            }
        }
    }
}

impl ServiceException {
    fn write(&self) -> Keys {
        let mut keys = Keys::default();
        keys.put("ServiceName", self.service.word());
        keys.put("Action", self.action.word());
        keys
    }
}

impl ApplicationException {
    fn write(&self) -> Keys {
        let mut keys = Keys::default();
        keys.put("BundleIdentifier", self.app.as_str());
        if self.udp_only == Some(true) {
            keys.list("LimitToProtocols", &["UDP"]);
        }
        keys
    }
}
