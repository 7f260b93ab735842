//! What the host sets up for a tunnel: the content of `NEPacketTunnelNetworkSettings` and `VpnService.Builder`.

use std::net::IpAddr;

use adit_esp::TrafficSelector;
use adit_ike::AssignedConfig;

/// Addresses, routes and name servers of the tunnel's interface.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NetworkSettings {
    /// Inner addresses of this host, with the prefix length of the inner network.
    pub addresses: Vec<(IpAddr, u8)>,
    /// Networks reached through the tunnel. A default route is `0.0.0.0/0` or `::/0`.
    pub routes: Vec<(IpAddr, u8)>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
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
        Self {
            addresses: v4.into_iter().chain(v6).collect(),
            routes,
            dns: assigned.dns.clone(),
            domains: assigned.domains.clone(),
            mtu,
        }
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
}
