//! A VPN for chosen apps and domains: the keys of `com.apple.vpn.managed.applayer`.

use super::{Keys, spec};
use crate::build::Seed;

spec! {
    /// What the per-app payload adds. Apps are bound to it by a management server, through its UUID.
    #[derive(Default)]
    pub struct PerApp {
        required {}
        optional {
            /// `VPNUUID`: what apps and accounts point at; made from the seed when left out.
            uuid: Option<String>,
            /// `OnDemandMatchAppEnabled`: an app's traffic brings the tunnel up.
            match_app: Option<bool>,
            /// `CellularSliceUUID`: the 5G network slice that the tunnel uses (iOS 18).
            cellular_slice: Option<CellularSlice>,
            /// `SafariDomains`: hosts that Safari opens through the tunnel.
            safari_domains: Vec<String>,
            /// `MailDomains`.
            mail_domains: Vec<String>,
            /// `CalendarDomains`.
            calendar_domains: Vec<String>,
            /// `ContactsDomains`.
            contacts_domains: Vec<String>,
            /// `AssociatedDomains`: of apps, also in the site's association file (iOS 14, macOS 11).
            associated_domains: Vec<String>,
            /// `ExcludedDomains`: never through the tunnel (iOS 14, macOS 11).
            excluded_domains: Vec<String>,
            /// `SMBDomains`: file servers (iOS 13).
            smb_domains: Vec<String>,
            /// Apps of a Mac that use it, in a payload of their own; on phones a management server binds them.
            mac_apps: Vec<MacApp>,
        }
    }
}

spec! {
    /// One element of `AppLayerVPNMapping` (macOS).
    pub struct MacApp {
        required {
            /// `Identifier`: the app's bundle identifier.
            identifier: String,
            /// `DesignatedRequirement`: its code requirement, as `codesign -d -r -` shows it.
            requirement: String,
        }
        optional {
            /// `SigningIdentifier`; the bundle identifier when left out.
            signing_identifier: Option<String>,
            /// `Path`: where the app is, if several have the same identifier.
            path: Option<String>,
        }
    }
}

/// A slice of a 5G network.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellularSlice {
    /// By its data network name.
    Dnn(String),
    /// By the category of apps it is for.
    AppCategory(String),
}

impl PerApp {
    fn vpn_uuid(&self, seed: &Seed) -> String {
        self.uuid.clone().unwrap_or_else(|| seed.uuid("per-app"))
    }

    pub(super) fn write(&self, seed: &Seed, keys: &mut Keys) {
        keys.put("VPNUUID", self.vpn_uuid(seed));
        keys.boolean("OnDemandMatchAppEnabled", self.match_app);
        keys.text(
            "CellularSliceUUID",
            self.cellular_slice.as_ref().map(|slice| match slice {
                CellularSlice::Dnn(name) => format!("DNN:{name}"),
                CellularSlice::AppCategory(category) => format!("AppCategory:{category}"),
            }),
        );
        keys.list("SafariDomains", &self.safari_domains);
        keys.list("MailDomains", &self.mail_domains);
        keys.list("CalendarDomains", &self.calendar_domains);
        keys.list("ContactsDomains", &self.contacts_domains);
        keys.list("AssociatedDomains", &self.associated_domains);
        keys.list("ExcludedDomains", &self.excluded_domains);
        keys.list("SMBDomains", &self.smb_domains);
    }

    /// `AppLayerVPNMapping`, of the payload that binds a Mac's apps; empty without apps.
    pub(super) fn mapping(&self, seed: &Seed) -> Keys {
        let mut keys = Keys::default();
        let apps = self.mac_apps.iter().map(|app| {
            let mut keys = Keys::default();
            keys.put("Identifier", app.identifier.as_str());
            keys.put("VPNUUID", self.vpn_uuid(seed));
            keys.put(
                "SigningIdentifier",
                app.signing_identifier.as_ref().unwrap_or(&app.identifier).as_str(),
            );
            keys.put("DesignatedRequirement", app.requirement.as_str());
            keys.text("Path", app.path.as_ref());
            keys
        });
        keys.dicts("AppLayerVPNMapping", apps);
        keys
    }
}
