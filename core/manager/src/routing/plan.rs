//! What goes to the platform.

use adit_tunnel::{Inclusion, LINK_LOCAL, PRIVATE};
use serde::{Deserialize, Serialize};

use crate::limitation::Limitation;

use super::{IpPrefix, Platform, RoutingIntent, subtract};

/// What is known when a tunnel comes up.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TunnelRoutes {
    /// The networks that the server lets through the tunnel.
    pub routes: Vec<IpPrefix>,
    /// The server assigned an IPv4 address.
    pub has_ipv4: bool,
    /// The server assigned an IPv6 address.
    pub has_ipv6: bool,
    /// The networks of the physical interface, without its default route.
    pub local_networks: Vec<IpPrefix>,
    /// Networks that the app wants outside whatever the configuration says.
    pub excluded_routes: Vec<IpPrefix>,
}

/// What is set on a platform.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct RoutingPlan {
    /// Networks that go into the tunnel (`includedRoutes`, `addRoute`).
    pub included: Vec<IpPrefix>,
    /// Networks that stay outside (`excludedRoutes`, `excludeRoute`); empty where they were cut out of
    /// [`Self::included`].
    pub excluded: Vec<IpPrefix>,
    /// IPv4 goes into the tunnel to be dropped there: the server gave no address, and nothing may leave outside.
    pub block_ipv4: bool,
    /// The same for IPv6.
    pub block_ipv6: bool,
    /// While the tunnel is being made everything is to be dropped.
    pub block_while_connecting: bool,
    /// The switches for `NETunnelProviderProtocol`; `None` elsewhere.
    pub apple: Option<AppleFlags>,
    /// What the platform cannot do.
    pub cannot: Vec<Limitation>,
}

/// The switches that Apple's systems keep themselves. `None`: older than the switch, not to be touched.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct AppleFlags {
    /// `includeAllNetworks`, iOS 14.0, macOS 10.15.
    pub include_all_networks: Option<bool>,
    /// `enforceRoutes`, iOS 14.2, macOS 11.0.
    pub enforce_routes: Option<bool>,
    /// `excludeLocalNetworks`, iOS 14.2, macOS 10.15.
    pub exclude_local_networks: Option<bool>,
    /// `excludeCellularServices`, iOS 16.4, macOS 13.3.
    pub exclude_cellular_services: Option<bool>,
    /// `excludeAPNs`, iOS 16.4, macOS 13.3.
    pub exclude_apns: Option<bool>,
    /// `excludeDeviceCommunication`, iOS 17.4, macOS 14.4.
    pub exclude_device_communication: Option<bool>,
}

/// From API 33 `VpnService.Builder` has `excludeRoute`.
const EXCLUDE_ROUTE: u16 = 33;

/// What of a network that was told to be local is so: private ones and the link's own. Whoever runs an access point tells the
/// device which networks are local; let him name public ones, and he takes out of the tunnel what he wants (the LocalNet attack
/// of TunnelCrack).
fn local_part(network: IpPrefix) -> impl Iterator<Item = IpPrefix> {
    PRIVATE.iter().chain(&LINK_LOCAL).filter_map(move |range| match range.covers(&network) {
        true => Some(network),
        false => network.covers(range).then_some(*range),
    })
}

/// What a platform is to set for a tunnel.
#[must_use]
pub fn plan(intent: &RoutingIntent, platform: Platform, tunnel: &TunnelRoutes) -> RoutingPlan {
    let all = intent.include_all_networks;
    let networks = |list: &[IpPrefix]| list.iter().map(IpPrefix::network).collect::<Vec<_>>();
    let routes = networks(&tunnel.routes);
    let Inclusion { networks: mut included, block_ipv4, block_ipv6 } =
        Inclusion::new(&routes, all, tunnel.has_ipv4, tunnel.has_ipv6);
    included.extend(block_ipv4.then_some(IpPrefix::ALL_IPV4));
    included.extend(block_ipv6.then_some(IpPrefix::ALL_IPV6));
    included.sort_unstable();
    included.dedup();

    let apple = match platform {
        Platform::Ios { major, minor } => {
            Some(flags(intent, (major, minor), [(14, 0), (14, 2), (14, 2), (16, 4), (16, 4), (17, 4)]))
        }
        Platform::Macos { major, minor } => {
            Some(flags(intent, (major, minor), [(10, 15), (11, 0), (10, 15), (13, 3), (13, 3), (14, 4)]))
        }
        Platform::Android { .. } | Platform::Linux => None,
    };
    let mut excluded = networks(&tunnel.excluded_routes);
    // Apple's systems keep the local network outside themselves.
    if apple.is_none() && intent.local_stays_outside() {
        let local = networks(&tunnel.local_networks).into_iter().flat_map(local_part).chain(LINK_LOCAL);
        // A network that the server names is the tunnel's, whatever the local network is said to be.
        let named =
            |network: IpPrefix| routes.iter().any(|route| !route.is_default() && network.covers(route));
        excluded.extend(local.filter(|network| !named(*network)));
    }
    // What no route leads into the tunnel needs no exclusion.
    excluded.retain(|network| included.iter().any(|route| route.covers(network)));
    if !intent.enforce_routes && !all {
        // The more specific route wins, as in any routing table.
        let own: Vec<IpPrefix> = included.iter().copied().filter(|route| !route.is_default()).collect();
        excluded.retain(|network| !own.iter().any(|route| network.covers(route)));
    }
    excluded.sort_unstable();
    excluded.dedup();
    if matches!(platform, Platform::Android { api_level, .. } if api_level < EXCLUDE_ROUTE) {
        included = subtract(&included, &excluded);
        excluded.clear();
    }
    RoutingPlan {
        included,
        excluded,
        block_ipv4,
        block_ipv6,
        block_while_connecting: all,
        apple,
        cannot: intent.limitations(platform),
    }
}

fn flags(intent: &RoutingIntent, version: (u16, u16), since: [(u16, u16); 6]) -> AppleFlags {
    let [all, routes, local, cellular, apns, devices] = since;
    let set = |since, value| (version >= since).then_some(value);
    AppleFlags {
        include_all_networks: set(all, intent.include_all_networks),
        enforce_routes: set(routes, intent.enforce_routes),
        exclude_local_networks: set(local, intent.exclude_local_networks),
        exclude_cellular_services: set(cellular, intent.exclude_cellular_services),
        exclude_apns: set(apns, intent.exclude_apns),
        exclude_device_communication: set(devices, intent.exclude_device_communication),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limitation::Consequence;
    use crate::protocol::Protocol;

    const IOS: Platform = Platform::Ios { major: 26, minor: 0 };
    const ANDROID: Platform = Platform::Android { api_level: 35, lockdown: false };

    fn prefix(text: &str) -> IpPrefix {
        text.parse().unwrap()
    }

    fn texts(found: &[IpPrefix]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    fn tunnel(routes: &[&str]) -> TunnelRoutes {
        TunnelRoutes {
            routes: routes.iter().map(|text| prefix(text)).collect(),
            has_ipv4: true,
            has_ipv6: false,
            local_networks: vec![prefix("192.168.1.0/24")],
            excluded_routes: Vec::new(),
        }
    }

    fn intent(change: impl FnOnce(&mut Protocol)) -> RoutingIntent {
        let mut protocol = Protocol::default();
        change(&mut protocol);
        RoutingIntent::of(&protocol)
    }

    #[test]
    fn without_switches_the_servers_routes_count_and_the_local_network_stays() {
        let plan = plan(&intent(|_| {}), ANDROID, &tunnel(&["10.0.0.0/8"]));
        assert_eq!(texts(&plan.included), ["10.0.0.0/8"]);
        assert_eq!(plan.excluded, []);
        assert!(!plan.block_ipv6 && !plan.block_while_connecting && plan.cannot.is_empty());
    }

    #[test]
    fn a_default_route_of_one_family_blocks_the_other_that_has_no_address() {
        let plan = plan(&intent(|_| {}), ANDROID, &tunnel(&["0.0.0.0/0"]));
        assert_eq!(texts(&plan.included), ["0.0.0.0/0", "::/0"]);
        assert!(plan.block_ipv6 && !plan.block_ipv4);
        let excluded = texts(&plan.excluded);
        assert_eq!(excluded, ["169.254.0.0/16", "192.168.1.0/24", "224.0.0.0/24", "fe80::/10", "ff02::/16"]);
    }

    #[test]
    fn a_default_route_of_one_family_takes_in_the_rest_of_the_other_that_has_an_address() {
        for platform in [IOS, ANDROID, Platform::Linux] {
            let mut tunnel = tunnel(&["0.0.0.0/0", "fd00::/64"]);
            tunnel.has_ipv6 = true;
            let made = plan(&intent(|_| {}), platform, &tunnel);
            assert_eq!(texts(&made.included), ["0.0.0.0/0", "::/0", "fd00::/64"], "{platform:?}");
            assert!(!made.block_ipv4 && !made.block_ipv6);
            tunnel.routes = vec![prefix("10.0.0.0/8"), prefix("fd00::/64")];
            assert_eq!(
                texts(&plan(&intent(|_| {}), platform, &tunnel).included),
                ["10.0.0.0/8", "fd00::/64"]
            );
        }
    }

    #[test]
    fn exclude_local_networks_counts_with_include_all_networks_or_enforce_routes() {
        for (all, enforce) in [(true, false), (false, true)] {
            let intent = intent(|protocol| {
                protocol.include_all_networks = all;
                protocol.enforce_routes = enforce;
                protocol.exclude_local_networks = false;
            });
            let plan = plan(&intent, ANDROID, &tunnel(&["0.0.0.0/0"]));
            assert_eq!(plan.excluded, [], "{all} {enforce}");
        }
        let off = intent(|protocol| protocol.exclude_local_networks = false);
        assert!(plan(&off, ANDROID, &tunnel(&["0.0.0.0/0"])).excluded.contains(&prefix("192.168.1.0/24")));
    }

    #[test]
    fn a_local_network_takes_nothing_public_and_nothing_that_the_server_names_out_of_the_tunnel() {
        for (all, enforce) in [(false, false), (true, false), (false, true)] {
            let intent = intent(|protocol| {
                protocol.include_all_networks = all;
                protocol.enforce_routes = enforce;
                protocol.exclude_local_networks = true;
            });
            let mut tunnel = tunnel(&["0.0.0.0/0", "10.1.2.0/24"]);
            let told = ["128.0.0.0/1", "8.8.8.0/24", "10.0.0.0/8", "172.16.0.0/11", "192.168.1.0/24"];
            tunnel.local_networks = told.iter().map(|text| prefix(text)).collect();
            let excluded = plan(&intent, ANDROID, &tunnel).excluded;
            let outside = |text| excluded.iter().any(|network| network.covers(&prefix(text)));
            for inside in ["8.8.8.8", "200.1.1.1", "10.1.2.3", "172.15.0.1", "172.32.0.1"] {
                assert!(!outside(inside), "{inside}, {all}, {enforce}: {excluded:?}");
            }
            assert!(outside("192.168.1.7") && outside("172.16.0.1"), "{excluded:?}");
        }
    }

    #[test]
    fn what_stays_outside_of_local_networks_is_what_the_table_says() {
        let list =
            |text: &str| text.split(',').filter(|part| !part.is_empty()).map(prefix).collect::<Vec<_>>();
        let mut cases = 0;
        for line in
            include_str!("../../tests/local-networks.tsv").lines().filter(|line| !line.starts_with('#'))
        {
            let [told, routes, outside] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            for (all, enforce) in [(true, false), (false, true)] {
                let intent = intent(|protocol| {
                    protocol.include_all_networks = all;
                    protocol.enforce_routes = enforce;
                    protocol.exclude_local_networks = true;
                });
                let mut tunnel = tunnel(&["0.0.0.0/0", "::/0"]);
                tunnel.has_ipv6 = true;
                tunnel.routes.extend(list(routes));
                tunnel.local_networks = list(told);
                let mut excluded = plan(&intent, ANDROID, &tunnel).excluded;
                excluded.retain(|network| !LINK_LOCAL.contains(network));
                assert_eq!(excluded, list(outside), "{line}, {all}, {enforce}");
            }
            cases += 1;
        }
        assert!(cases >= 15, "{cases}");
    }

    #[test]
    fn below_api_33_exclusions_are_cut_out_of_the_routes() {
        let old = Platform::Android { api_level: 32, lockdown: false };
        let plan = plan(&intent(|_| {}), old, &tunnel(&["0.0.0.0/0"]));
        assert_eq!(plan.excluded, []);
        let inside = |text| plan.included.iter().any(|route| route.covers(&prefix(text)));
        assert!(inside("192.168.2.1") && inside("8.8.8.8") && inside("2001:db8::1"));
        assert!(!inside("192.168.1.7") && !inside("169.254.1.1") && !inside("fe80::1"));
    }

    #[test]
    fn apple_systems_get_switches_they_know_and_no_local_routes() {
        let intent = intent(|protocol| protocol.include_all_networks = true);
        let ios = plan(&intent, IOS, &tunnel(&["10.0.0.0/8"]));
        assert_eq!(texts(&ios.included), ["0.0.0.0/0", "10.0.0.0/8", "::/0"]);
        assert_eq!(ios.excluded, []);
        let flags = ios.apple.unwrap();
        assert_eq!(
            (flags.include_all_networks, flags.exclude_device_communication),
            (Some(true), Some(true))
        );
        let old = plan(&intent, Platform::Ios { major: 15, minor: 0 }, &tunnel(&["10.0.0.0/8"]));
        assert_eq!(old.apple.unwrap().exclude_apns, None);
        assert_eq!(old.cannot, [], "what is excluded by default needs no switch");
        let oldest = plan(&intent, Platform::Macos { major: 10, minor: 14 }, &tunnel(&[])).cannot;
        assert_eq!(oldest[0].consequence, Consequence::TrafficOutside);
    }

    #[test]
    fn what_a_platform_cannot_do_is_told_with_its_reason() {
        let strict = intent(|protocol| {
            protocol.include_all_networks = true;
            protocol.exclude_cellular_services = false;
            protocol.exclude_apns = false;
            protocol.exclude_device_communication = false;
            protocol.slice_uuid = Some("DNN:internet".into());
        });
        let told = |platform| -> Vec<(String, Consequence)> {
            strict.limitations(platform).into_iter().map(|found| (found.subject, found.consequence)).collect()
        };
        let outside = Consequence::TrafficOutside;
        assert_eq!(told(IOS), []);
        assert_eq!(
            told(Platform::Macos { major: 26, minor: 0 }),
            [("sliceUUID".into(), Consequence::NoEffect)]
        );
        assert_eq!(
            told(ANDROID),
            [
                ("includeAllNetworks".into(), Consequence::OutsideWhileDown),
                ("excludeCellularServices".into(), outside),
                ("excludeDeviceCommunication".into(), outside),
                ("sliceUUID".into(), Consequence::NoEffect),
            ]
        );
        assert_eq!(
            told(Platform::Linux),
            [("includeAllNetworks".into(), outside), ("sliceUUID".into(), Consequence::NoEffect)]
        );
        let ios_16_3 = told(Platform::Ios { major: 16, minor: 3 });
        assert_eq!(ios_16_3.iter().filter(|(_, consequence)| *consequence == outside).count(), 3);
        for platform in [IOS, ANDROID, Platform::Linux, Platform::Ios { major: 13, minor: 0 }] {
            assert!(strict.limitations(platform).iter().all(|found| found.reason.len() > 20));
        }
    }

    #[test]
    fn routes_of_the_app_stay_outside_everywhere() {
        for platform in [IOS, ANDROID, Platform::Linux] {
            let mut tunnel = tunnel(&["0.0.0.0/0"]);
            tunnel.excluded_routes = vec![prefix("203.0.113.0/24"), prefix("2001:db8::/32")];
            let plan = plan(&intent(|_| {}), platform, &tunnel);
            assert!(plan.excluded.contains(&prefix("203.0.113.0/24")), "{platform:?}");
            assert!(plan.excluded.contains(&prefix("2001:db8::/32")), "{platform:?}");
        }
    }
}
