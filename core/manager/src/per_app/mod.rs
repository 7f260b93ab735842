//! Per-app VPN: which apps and domains a configuration is for, and what a platform makes of it.
//!
//! Owns the model of `com.apple.vpn.managed.applayer` and of the mapping that names apps by `VPNUUID`
//! (`com.apple.vpn.managed.appmapping`, the counterpart of `NEAppRule`), the lists for Android
//! (`android`) and what the other platforms cannot do (`limits`). On iOS the apps are named by the management server when it
//! installs them, so a profile for iOS has none.

mod android;
mod limits;
mod read;

pub use android::{AndroidApps, AppPackage, android_apps};
pub use limits::limitations;

use serde::{Deserialize, Serialize};

/// What a per-app VPN is for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PerApp {
    /// `VPNUUID`, by which apps are mapped to it.
    pub vpn_uuid: String,
    /// `OnDemandMatchAppEnabled`: it starts when one of its apps opens a connection.
    pub on_demand_match_app_enabled: bool,
    /// The apps, with what is known of each.
    pub apps: Vec<AppRule>,
    /// `SafariDomains`: pages of these domains in the system's browser.
    pub safari_domains: Vec<String>,
    /// `MailDomains`: mail accounts of these domains.
    pub mail_domains: Vec<String>,
    /// `CalendarDomains`: calendars of these domains.
    pub calendar_domains: Vec<String>,
    /// `ContactsDomains`: address books of these domains.
    pub contacts_domains: Vec<String>,
    /// `AssociatedDomains`: associated-domain requests for these.
    pub associated_domains: Vec<String>,
    /// `ExcludedDomains`: never through the tunnel.
    pub excluded_domains: Vec<String>,
    /// `SMBDomains`: file servers of these domains.
    pub smb_domains: Vec<String>,
}

/// An app (`NEAppRule`).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppRule {
    /// `Identifier`: the bundle identifier.
    pub identifier: String,
    /// `SigningIdentifier` (`matchSigningIdentifier`).
    pub match_signing_identifier: String,
    /// `DesignatedRequirement` (`matchDesignatedRequirement`), macOS.
    pub match_designated_requirement: Option<String>,
    /// `Path` (`matchPath`).
    pub match_path: Option<String>,
    /// `MatchTools` (`matchTools`): helpers that the app starts, macOS.
    pub match_tools: Vec<AppRule>,
}

impl AppRule {
    /// An app by its identifier (`init(signingIdentifier:)`).
    #[must_use]
    pub fn new(identifier: impl Into<String>) -> Self {
        let identifier = identifier.into();
        Self { match_signing_identifier: identifier.clone(), identifier, ..Self::default() }
    }
}
