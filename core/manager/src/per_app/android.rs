//! A per-app VPN as the lists of `VpnService.Builder`.
//!
//! Source: `VpnService.Builder.addAllowedApplication` (API 21): either allowed or disallowed apps may be named, never
//! both, by package; an app that is not installed is an error there.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::limitation::{Consequence, Limitation};

use super::PerApp;

/// An app of a profile as an Android package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppPackage {
    /// The identifier that the profile has.
    pub identifier: String,
    /// The package.
    pub package: String,
}

/// What goes to the builder.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct AndroidApps {
    /// For `addAllowedApplication`, each once, in order.
    pub allowed: Vec<String>,
    /// Apps of the configuration that are not installed.
    pub missing: Vec<String>,
    /// What Android cannot do of it.
    pub cannot: Vec<Limitation>,
}

impl AndroidApps {
    /// Whether a tunnel may be set up. With an empty list the builder would take every app, which is the opposite of what
    /// is asked for.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.allowed.is_empty()
    }
}

/// The lists for Android. `packages` names apps whose package differs from the profile's identifier, such as those of
/// another platform; any other identifier is taken for the package. `installed` are the packages on this device.
#[must_use]
pub fn android_apps(per_app: &PerApp, packages: &[AppPackage], installed: &[String]) -> AndroidApps {
    let installed: BTreeSet<&str> = installed.iter().map(String::as_str).collect();
    let mut found = AndroidApps::default();
    for app in &per_app.apps {
        let mapped = packages.iter().find(|known| known.identifier == app.identifier);
        let package = mapped.map_or(app.identifier.as_str(), |known| known.package.as_str());
        if !installed.contains(package) {
            found.missing.push(app.identifier.clone());
        } else if !found.allowed.iter().any(|known| known == package) {
            found.allowed.push(package.to_owned());
        }
    }
    let no_routing = "Android tells apps apart, not the domains that they reach: name the app instead";
    for (subject, domains) in [
        ("SafariDomains", &per_app.safari_domains),
        ("MailDomains", &per_app.mail_domains),
        ("CalendarDomains", &per_app.calendar_domains),
        ("ContactsDomains", &per_app.contacts_domains),
        ("AssociatedDomains", &per_app.associated_domains),
        ("SMBDomains", &per_app.smb_domains),
    ] {
        if !domains.is_empty() {
            found.cannot.push(Limitation::new(subject, Consequence::TrafficOutside, no_routing));
        }
    }
    if !per_app.excluded_domains.is_empty() {
        found.cannot.push(Limitation::new("ExcludedDomains", Consequence::MoreInTunnel, no_routing));
    }
    if per_app.on_demand_match_app_enabled {
        found.cannot.push(Limitation::new(
            "OnDemandMatchAppEnabled",
            Consequence::NoEffect,
            "Android does not tell which app opens a connection; use always-on VPN",
        ));
    }
    if per_app.apps.iter().any(|app| !app.match_tools.is_empty()) {
        found.cannot.push(Limitation::new(
            "MatchTools",
            Consequence::NoEffect,
            "an Android app has no helper programs of its own",
        ));
    }
    if found.allowed.is_empty() {
        found.cannot.push(Limitation::new(
            "VPNUUID",
            Consequence::MoreInTunnel,
            "none of its apps is installed, and a tunnel without a list would take all apps: none is set up",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::per_app::AppRule;

    fn installed(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn apps_become_the_allow_list_and_missing_ones_are_told() {
        let per_app = PerApp {
            apps: ["com.example.a", "com.example.b", "com.example.a", "com.example.c"]
                .map(AppRule::new)
                .to_vec(),
            ..PerApp::default()
        };
        let mapping =
            [AppPackage { identifier: "com.example.b".into(), package: "org.example.b.android".into() }];
        let found = android_apps(&per_app, &mapping, &installed(&["com.example.a", "org.example.b.android"]));
        assert_eq!(found.allowed, ["com.example.a", "org.example.b.android"]);
        assert_eq!(found.missing, ["com.example.c"]);
        assert!(found.is_usable() && found.cannot.is_empty());
    }

    #[test]
    fn domains_cannot_be_told_apart_on_android() {
        let per_app = PerApp {
            apps: vec![AppRule::new("a")],
            safari_domains: vec!["example.com".into()],
            excluded_domains: vec!["example.org".into()],
            on_demand_match_app_enabled: true,
            ..PerApp::default()
        };
        let found = android_apps(&per_app, &[], &installed(&["a"]));
        let told: Vec<_> =
            found.cannot.iter().map(|found| (found.subject.as_str(), found.consequence)).collect();
        assert_eq!(
            told,
            [
                ("SafariDomains", Consequence::TrafficOutside),
                ("ExcludedDomains", Consequence::MoreInTunnel),
                ("OnDemandMatchAppEnabled", Consequence::NoEffect)
            ]
        );
    }

    #[test]
    fn without_an_app_nothing_is_set_up() {
        let per_app = PerApp { apps: vec![AppRule::new("a")], ..PerApp::default() };
        assert!(!android_apps(&per_app, &[], &[]).is_usable());
    }
}
