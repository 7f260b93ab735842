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
    pub(super) fn write(&self, seed: &Seed, keys: &mut Keys) {
        keys.put("VPNUUID", self.uuid.clone().unwrap_or_else(|| seed.uuid("per-app")));
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
}
