//! What the host sets up for a tunnel: the content of `NEPacketTunnelNetworkSettings` and `VpnService.Builder`.

use std::net::IpAddr;

use adit_esp::TrafficSelector;
use adit_ike::AssignedConfig;

use crate::prefix::is_of_some_network;
use crate::{Inclusion, IpPrefix};

/// Addresses, routes and name servers of the tunnel's interface.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NetworkSettings {
    /// Inner addresses of this host, with the prefix length of the inner network.
    pub addresses: Vec<IpPrefix>,
    /// Networks reached through the tunnel, by the rule of [`Inclusion`]; with the name servers within the selectors and those
    /// with a private address, each as a route of its own, so that no local network is more specific.
    pub routes: Vec<IpPrefix>,
    /// IPv4 is to go in and has no inner address ([`Inclusion::block_ipv4`]).
    pub block_ipv4: bool,
    /// The same for IPv6.
    pub block_ipv6: bool,
    /// Name servers that can be asked from an inner address, or outside of the tunnel.
    pub dns: Vec<IpAddr>,
    /// Those of them to which the selectors let nothing through.
    pub dns_outside: Vec<IpAddr>,
    /// Name servers without an inner address of their family: nobody can ask them through the tunnel, and outside of it they
    /// are nobody's business.
    pub dns_left_out: Vec<IpAddr>,
    /// Domains to resolve through the tunnel; empty: all.
    pub domains: Vec<String>,
    /// MTU of the interface in bytes.
    pub mtu: u16,
}

/// Which networks a configuration wants in the tunnel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RouteOptions {
    /// The networks the server announces instead of its traffic selectors (UseConfigurationAttributeInternalIPSubnet), if it
    /// announces any.
    pub use_subnets: bool,
    /// Everything, whatever the server lets through (IncludeAllNetworks).
    pub include_all_networks: bool,
}

impl NetworkSettings {
    /// From what the responder assigned and the selectors of the first Child SA. An assigned prefix length that no address
    /// has counts as that of the address alone; such a subnet is none.
    #[must_use]
    pub fn new(
        assigned: &AssignedConfig,
        remote: &[TrafficSelector],
        mtu: u16,
        options: RouteOptions,
    ) -> Self {
        let v4 = assigned.ipv4.map(|(address, len)| (IpAddr::V4(address), len));
        let v6 = assigned.ipv6.map(|(address, len)| (IpAddr::V6(address), len));
        let has = |ipv6: bool| if ipv6 { v6.is_some() } else { v4.is_some() };
        let selected: Vec<IpPrefix> = networks(remote.iter().flat_map(TrafficSelector::prefixes)).collect();
        let wanted = if options.use_subnets && !assigned.subnets.is_empty() {
            networks(assigned.subnets.iter().copied()).collect()
        } else {
            selected.clone()
        };
        let Inclusion { networks: mut routes, block_ipv4, block_ipv6 } =
            Inclusion::new(&wanted, options.include_all_networks, has(false), has(true));
        let (dns, dns_left_out): (Vec<IpAddr>, Vec<IpAddr>) =
            assigned.dns.iter().partition(|server| has(server.is_ipv6()));
        let mut dns_outside = Vec::new();
        for server in &dns {
            let within = selected.iter().any(|network| network.contains(*server));
            if !within {
                dns_outside.push(*server);
            }
            // An address that means another machine in whatever network this host is: never ask that one in the clear.
            let host = IpPrefix::host(*server);
            if (within || is_of_some_network(*server)) && !routes.contains(&host) {
                routes.push(host);
            }
        }
        let address = |(address, len)| IpPrefix::new(address, len).unwrap_or(IpPrefix::host(address));
        Self {
            addresses: v4.into_iter().chain(v6).map(address).collect(),
            routes,
            block_ipv4,
            block_ipv6,
            dns,
            dns_outside,
            dns_left_out,
            domains: assigned.domains.clone(),
            mtu,
        }
    }

    /// What the server's administrator should know, in sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let outside = |server: &IpAddr| {
            let what = match self.routes.iter().any(|network| network.contains(*server)) {
                true => "names are not resolved there",
                false => "it is asked outside of the tunnel",
            };
            format!(
                "the server lets nothing through the tunnel to the resolver {server}: {what}; \
                 widen the server's traffic selectors, or take another resolver"
            )
        };
        let left_out = |server: &IpAddr| {
            let family = if server.is_ipv6() { "IPv6" } else { "IPv4" };
            format!(
                "the server assigned no {family} address to ask the resolver {server} from: it is left out; have it assign \
                 one, or take another resolver"
            )
        };
        self.dns_outside.iter().map(outside).chain(self.dns_left_out.iter().map(left_out)).collect()
    }
}

fn networks(list: impl Iterator<Item = (IpAddr, u8)>) -> impl Iterator<Item = IpPrefix> {
    list.filter_map(|(address, len)| Some(IpPrefix::new(address, len).ok()?.network()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBNETS: RouteOptions = RouteOptions { use_subnets: true, include_all_networks: false };

    fn assigned() -> AssignedConfig {
        AssignedConfig {
            ipv4: Some(("10.0.0.5".parse().unwrap(), 32)),
            subnets: vec![("10.98.0.0".parse().unwrap(), 16)],
            ..AssignedConfig::default()
        }
    }

    #[test]
    fn routes_follow_the_selectors_of_assigned_families() {
        let any = [TrafficSelector::any_v4(), TrafficSelector::any_v6()];
        let settings = NetworkSettings::new(&assigned(), &any, 1280, RouteOptions::default());
        assert_eq!(routes(&settings), ["0.0.0.0/0"], "no IPv6 address, no IPv6 route");
        assert!(settings.block_ipv6 && !settings.block_ipv4);
        assert_eq!(settings.addresses, [IpPrefix::host("10.0.0.5".parse().unwrap())]);
    }

    #[test]
    fn announced_subnets_are_routed_when_asked() {
        let any = [TrafficSelector::any_v4()];
        let settings = NetworkSettings::new(&assigned(), &any, 1280, SUBNETS);
        assert_eq!(routes(&settings), ["10.98.0.0/16"]);
    }

    fn routes(settings: &NetworkSettings) -> Vec<String> {
        settings.routes.iter().map(ToString::to_string).collect()
    }

    fn networks(list: &[&str]) -> Vec<(IpAddr, u8)> {
        let one = |text: &&str| {
            let (address, len) = text.split_once('/').unwrap();
            (address.parse().unwrap(), len.parse().unwrap())
        };
        list.iter().map(one).collect()
    }

    fn with(subnets: &[&str], dns: &[&str]) -> AssignedConfig {
        AssignedConfig {
            ipv6: Some(("fd00::5".parse().unwrap(), 128)),
            subnets: networks(subnets),
            dns: dns.iter().map(|text| text.parse().unwrap()).collect(),
            ..assigned()
        }
    }

    #[test]
    fn routes_that_together_are_everything_are_the_default_route() {
        let any = [TrafficSelector::any_v4(), TrafficSelector::any_v6()];
        let made = |subnets: &[&str]| routes(&NetworkSettings::new(&with(subnets, &[]), &any, 1280, SUBNETS));
        assert_eq!(made(&["0.0.0.0/1", "128.0.0.0/1", "::/0"]), ["0.0.0.0/0", "::/0"]);
        assert_eq!(made(&["0.0.0.0/1", "128.0.0.0/2"]), ["0.0.0.0/1", "128.0.0.0/2"]);
    }

    #[test]
    fn the_servers_own_resolvers_are_asked_through_the_tunnel() {
        let any = [TrafficSelector::any_v4(), TrafficSelector::any_v6()];
        let assigned = with(&["10.98.0.0/16"], &["10.98.0.1", "10.99.0.1", "2001:db8::53"]);
        let settings = NetworkSettings::new(&assigned, &any, 1280, SUBNETS);
        assert_eq!(
            routes(&settings),
            ["10.98.0.0/16", "10.98.0.1/32", "10.99.0.1/32", "2001:db8::53/128"],
            "a route of its own for each: a local network is never more specific"
        );
        assert_eq!(settings.notes(), [""; 0]);
        let full = NetworkSettings::new(
            &with(&[], &["192.168.1.1", "192.168.1.1", "8.8.8.8"]),
            &any,
            1280,
            RouteOptions::default(),
        );
        assert_eq!(routes(&full), ["0.0.0.0/0", "::/0", "192.168.1.1/32", "8.8.8.8/32"]);
    }

    #[test]
    fn a_private_resolver_is_never_asked_in_the_clear_and_the_note_tells_what_becomes_of_others() {
        let few = [TrafficSelector::from_prefix("10.98.0.0".parse().unwrap(), 16).unwrap()];
        let settings = NetworkSettings::new(
            &with(&[], &["192.168.1.1", "192.0.2.53"]),
            &few,
            1280,
            RouteOptions::default(),
        );
        assert_eq!(routes(&settings), ["10.98.0.0/16", "192.168.1.1/32"]);
        let notes = settings.notes();
        assert!(notes[0].contains("192.168.1.1") && notes[0].contains("not resolved there"), "{notes:?}");
        assert!(notes[1].contains("192.0.2.53") && notes[1].contains("outside of the tunnel"), "{notes:?}");
    }

    #[test]
    fn a_note_of_a_resolver_knows_the_routes_that_are_really_set() {
        // Selectors 10.0.0.0/8 and ::/0: all of IPv4 goes in with all of IPv6, and the engine drops what is for 8.8.8.8.
        let selectors = [
            TrafficSelector::from_prefix("10.0.0.0".parse().unwrap(), 8).unwrap(),
            TrafficSelector::any_v6(),
        ];
        let wide = NetworkSettings::new(&with(&[], &["8.8.8.8"]), &selectors, 1280, RouteOptions::default());
        assert_eq!(routes(&wide), ["10.0.0.0/8", "::/0", "0.0.0.0/0"]);
        assert!(wide.notes()[0].contains("not resolved there"), "{:?}", wide.notes());
        let all = RouteOptions { include_all_networks: true, ..RouteOptions::default() };
        let forced = NetworkSettings::new(&with(&[], &["8.8.8.8"]), &selectors[..1], 1280, all);
        assert_eq!(routes(&forced), ["0.0.0.0/0", "10.0.0.0/8", "::/0"]);
        assert!(forced.notes()[0].contains("not resolved there"), "{:?}", forced.notes());
    }

    #[test]
    fn a_resolver_of_a_family_without_an_address_is_left_out_and_told_of() {
        let any = [TrafficSelector::any_v4(), TrafficSelector::any_v6()];
        let servers = ["2001:db8::53", "fd00::53", "10.0.0.53"].map(|text| text.parse().unwrap());
        let assigned = AssignedConfig { dns: servers.to_vec(), ..assigned() };
        let settings = NetworkSettings::new(&assigned, &any, 1280, RouteOptions::default());
        assert_eq!(settings.dns, servers[2..]);
        assert_eq!(settings.dns_left_out, servers[..2]);
        let notes = settings.notes();
        assert!(notes[0].contains("2001:db8::53") && notes[1].contains("fd00::53"), "{notes:?}");
        assert!(notes.iter().all(|note| note.contains("no IPv6 address")) && notes.len() == 2, "{notes:?}");
    }

    #[test]
    fn a_resolver_behind_a_carriers_translator_is_never_asked_in_the_clear() {
        let few = [TrafficSelector::from_prefix("10.98.0.0".parse().unwrap(), 16).unwrap()];
        let settings = NetworkSettings::new(&with(&[], &["100.64.0.1"]), &few, 1280, RouteOptions::default());
        assert_eq!(routes(&settings), ["10.98.0.0/16", "100.64.0.1/32"]);
    }
}
