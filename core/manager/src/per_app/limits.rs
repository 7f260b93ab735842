//! What Apple's systems and Linux cannot do of a per-app VPN that an app sets up itself.
//!
//! Source: `NETunnelProviderManager.h` (`forPerAppVPN`, macOS 10.15.4; on iOS a management server names the apps).

use crate::limitation::{Consequence, Limitation};
use crate::routing::Platform;

use super::{PerApp, android_apps};

/// From this macOS on an app may set up a per-app VPN of its own; `excludedDomains` and `associatedDomains` came with
/// 11.0.
const FOR_PER_APP_VPN: (u16, u16) = (10, 15);

/// What a platform cannot do of a per-app VPN, with its reason. For Android [`android_apps`] tells besides what depends
/// on the apps that are installed.
#[must_use]
pub fn limitations(per_app: &PerApp, platform: Platform) -> Vec<Limitation> {
    match platform {
        Platform::Ios { .. } => vec![Limitation::new(
            "VPNUUID",
            Consequence::MoreInTunnel,
            "on iOS only a management server names the apps, when it installs them; without it the tunnel would take all \
             apps: install the profile by management",
        )],
        Platform::Macos { major, minor } => macos(per_app, (major, minor)),
        Platform::Android { .. } => {
            let every: Vec<String> = per_app.apps.iter().map(|app| app.identifier.clone()).collect();
            android_apps(per_app, &[], &every).cannot
        }
        Platform::Linux => vec![Limitation::new(
            "VPNUUID",
            Consequence::MoreInTunnel,
            "Linux has no list of apps for a tunnel; run the programs in a network namespace of their own instead",
        )],
    }
}

fn macos(per_app: &PerApp, version: (u16, u16)) -> Vec<Limitation> {
    if version < FOR_PER_APP_VPN {
        return vec![Limitation::new(
            "VPNUUID",
            Consequence::MoreInTunnel,
            "an app can set up a per-app VPN since macOS 10.15.4 only: update the system",
        )];
    }
    let mut found = Vec::new();
    if per_app.apps.iter().any(|app| app.match_designated_requirement.is_none()) {
        found.push(Limitation::new(
            "DesignatedRequirement",
            Consequence::TrafficOutside,
            "a Mac knows an app by its designated requirement; one of the apps has none and stays outside",
        ));
    }
    if version < (11, 0) {
        for (subject, domains, consequence) in [
            ("ExcludedDomains", &per_app.excluded_domains, Consequence::MoreInTunnel),
            ("AssociatedDomains", &per_app.associated_domains, Consequence::TrafficOutside),
        ] {
            if !domains.is_empty() {
                found.push(Limitation::new(
                    subject,
                    consequence,
                    "macOS has it since 11.0: update the system",
                ));
            }
        }
    }
    if !per_app.smb_domains.is_empty() {
        let reason = "macOS has no such list: file servers are reached past the tunnel unless an app of the list does it";
        found.push(Limitation::new("SMBDomains", Consequence::TrafficOutside, reason));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::per_app::AppRule;

    fn told(per_app: &PerApp, platform: Platform) -> Vec<String> {
        limitations(per_app, platform).into_iter().map(|found| found.subject).collect()
    }

    #[test]
    fn on_ios_and_linux_an_app_cannot_name_apps() {
        let per_app = PerApp { apps: vec![AppRule::new("a")], ..PerApp::default() };
        for platform in [Platform::Ios { major: 26, minor: 0 }, Platform::Linux] {
            assert_eq!(told(&per_app, platform), ["VPNUUID"]);
        }
        assert_eq!(told(&per_app, Platform::Android { api_level: 35, lockdown: true }), Vec::<String>::new());
    }

    #[test]
    fn a_mac_needs_designated_requirements() {
        let mut per_app = PerApp {
            apps: vec![AppRule::new("a")],
            smb_domains: vec!["files.example".into()],
            excluded_domains: vec!["public.example".into()],
            ..PerApp::default()
        };
        let mac = |major, minor| Platform::Macos { major, minor };
        assert_eq!(told(&per_app, mac(10, 14)), ["VPNUUID"]);
        assert_eq!(told(&per_app, mac(10, 15)), ["DesignatedRequirement", "ExcludedDomains", "SMBDomains"]);
        per_app.apps[0].match_designated_requirement = Some("anchor apple".into());
        assert_eq!(told(&per_app, mac(26, 0)), ["SMBDomains"]);
    }
}
