//! What the host sets up for a tunnel: the content of `NEPacketTunnelNetworkSettings` and `VpnService.Builder`.

use std::net::IpAddr;

use adit_esp::TrafficSelector;
use adit_ike::AssignedConfig;

/// Addresses, routes and name servers of the tunnel's interface.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NetworkSettings {
    /// Inner addresses of this host, with the prefix length of the inner network.
    pub addresses: Vec<(IpAddr, u8)>,
    /// Networks reached through the tunnel. Where they are everything of a family it is its default route alone,
    /// `0.0.0.0/0` or `::/0`. With the name servers that lie outside of the networks but within the selectors.
    pub routes: Vec<(IpAddr, u8)>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Those of them to which the selectors let nothing through.
    pub dns_outside: Vec<IpAddr>,
    /// Domains to resolve through the tunnel; empty: all.
    pub domains: Vec<String>,
    /// MTU of the interface in bytes.
    pub mtu: u16,
}

impl NetworkSettings {
    /// From what the responder assigned and the selectors of the first Child SA. With `use_subnets`, the
    /// networks it announced are routed instead of the selectors
    /// (UseConfigurationAttributeInternalIPSubnet), if it announced any.
    #[must_use]
    pub fn new(assigned: &AssignedConfig, remote: &[TrafficSelector], mtu: u16, use_subnets: bool) -> Self {
        let v4 = assigned.ipv4.map(|(address, prefix)| (IpAddr::V4(address), prefix));
        let v6 = assigned.ipv6.map(|(address, prefix)| (IpAddr::V6(address), prefix));
        let mut routes = if use_subnets && !assigned.subnets.is_empty() {
            assigned.subnets.clone()
        } else {
            remote.iter().flat_map(TrafficSelector::prefixes).collect()
        };
        // Without an inner address of a family nothing of it can be sent, so its routes would only swallow it.
        routes.retain(|(network, _)| if network.is_ipv4() { v4.is_some() } else { v6.is_some() });
        routes.dedup();
        for any in [TrafficSelector::any_v4(), TrafficSelector::any_v6()] {
            simplify(&mut routes, &any);
        }
        let mut dns_outside = Vec::new();
        for server in &assigned.dns {
            let inner = if server.is_ipv4() { v4.is_some() } else { v6.is_some() };
            let within =
                remote.iter().flat_map(TrafficSelector::prefixes).any(|network| holds(network, *server));
            if !within {
                dns_outside.push(*server);
            }
            // A private address means another machine in whatever network this host is: never ask that one in the clear.
            let into = inner && (within || is_private(*server));
            if into && !routes.iter().any(|network| holds(*network, *server)) {
                routes.push((*server, if server.is_ipv4() { 32 } else { 128 }));
            }
        }
        Self {
            addresses: v4.into_iter().chain(v6).collect(),
            routes,
            dns: assigned.dns.clone(),
            dns_outside,
            domains: assigned.domains.clone(),
            mtu,
        }
    }

    /// What the server's administrator should know, in sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let note = |server: &IpAddr| {
            let what = match self.routes.iter().any(|network| holds(*network, *server)) {
                true => "names are not resolved there",
                false => "it is asked outside of the tunnel",
            };
            format!(
                "the server assigned the resolver {server} but lets nothing through the tunnel to it: {what}; \
                 widen the server's traffic selectors, or assign another resolver"
            )
        };
        self.dns_outside.iter().map(note).collect()
    }
}

/// Puts the default route in the place of routes that together are everything of its family.
fn simplify(routes: &mut Vec<(IpAddr, u8)>, any: &TrafficSelector) {
    let Some((default, _)) = any.prefix() else { return };
    let family = |network: &(IpAddr, u8)| network.0.is_ipv4() == default.is_ipv4();
    let mut spans: Vec<_> =
        routes.iter().filter(|network| family(network)).map(|network| span(*network)).collect();
    spans.sort_unstable();
    // One past what is covered from the start on; `None`: everything.
    let mut next = Some(0u128);
    for (first, last) in spans {
        match next {
            Some(covered) if first <= covered => {
                next = if last < covered { next } else { last.checked_add(1) };
            }
            _ => break,
        }
    }
    let (_, end) = span((default, 0));
    if next.is_none_or(|covered| covered > end) {
        routes.retain(|network| !family(network));
        routes.push((default, 0));
    }
}

/// First and last address of a network, as numbers.
fn span((address, prefix): (IpAddr, u8)) -> (u128, u128) {
    let (bits, width) = match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32u32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let host = width.saturating_sub(prefix.into());
    let mask = 1u128.checked_shl(host).map_or(u128::MAX, |size| size - 1);
    (bits & !mask, bits | mask)
}

fn holds(network: (IpAddr, u8), address: IpAddr) -> bool {
    let (first, last) = span(network);
    let (address_bits, _) = span((address, if address.is_ipv4() { 32 } else { 128 }));
    network.0.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address_bits)
}

/// Of addresses that mean another machine in each network (RFC 1918, RFC 3927, RFC 4193, RFC 4291).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let settings = NetworkSettings::new(&assigned(), &any, 1280, false);
        assert_eq!(settings.routes, [("0.0.0.0".parse().unwrap(), 0)], "no IPv6 address, no IPv6 route");
        assert_eq!(settings.addresses, [("10.0.0.5".parse().unwrap(), 32)]);
    }

    #[test]
    fn announced_subnets_are_routed_when_asked() {
        let any = [TrafficSelector::any_v4()];
        let settings = NetworkSettings::new(&assigned(), &any, 1280, true);
        assert_eq!(settings.routes, [("10.98.0.0".parse().unwrap(), 16)]);
    }

    fn routes(settings: &NetworkSettings) -> Vec<String> {
        settings.routes.iter().map(|(network, len)| format!("{network}/{len}")).collect()
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
        let made = |subnets: &[&str]| routes(&NetworkSettings::new(&with(subnets, &[]), &any, 1280, true));
        assert_eq!(made(&["0.0.0.0/1", "128.0.0.0/1"]), ["0.0.0.0/0"]);
        assert_eq!(
            made(&["128.0.0.0/1", "10.0.0.0/8", "0.0.0.0/1", "::/1", "8000::/1"]),
            ["0.0.0.0/0", "::/0"]
        );
        assert_eq!(
            made(&["0.0.0.0/1", "128.0.0.0/2"]),
            ["0.0.0.0/1", "128.0.0.0/2"],
            "192.0.0.0/2 is missing"
        );
        assert_eq!(made(&["128.0.0.0/1", "::/0"]), ["128.0.0.0/1", "::/0"]);
    }

    #[test]
    fn the_servers_own_resolvers_are_asked_through_the_tunnel() {
        let any = [TrafficSelector::any_v4(), TrafficSelector::any_v6()];
        let assigned = with(&["10.98.0.0/16"], &["10.98.0.1", "10.99.0.1", "2001:db8::53"]);
        let settings = NetworkSettings::new(&assigned, &any, 1280, true);
        assert_eq!(routes(&settings), ["10.98.0.0/16", "10.99.0.1/32", "2001:db8::53/128"]);
        assert_eq!(settings.notes(), [""; 0]);
    }

    #[test]
    fn a_private_resolver_is_never_asked_in_the_clear_and_the_note_tells_what_becomes_of_others() {
        let few = [TrafficSelector::from_prefix("10.98.0.0".parse().unwrap(), 16).unwrap()];
        let settings = NetworkSettings::new(&with(&[], &["192.168.1.1", "192.0.2.53"]), &few, 1280, false);
        assert_eq!(routes(&settings), ["10.98.0.0/16", "192.168.1.1/32"]);
        let notes = settings.notes();
        assert!(notes[0].contains("192.168.1.1") && notes[0].contains("not resolved there"), "{notes:?}");
        assert!(notes[1].contains("192.0.2.53") && notes[1].contains("outside of the tunnel"), "{notes:?}");
    }
}
