//! Which inner addresses a client gets.
//!
//! Owns the answer to a session's question: addresses from the pool, with name servers, domains and networks
//! from the configuration. Leaves out when addresses are freed (`super::Gateway` says so) and the pool's order
//! (`crate::pool`).

use std::net::IpAddr;

use adit_ike::{AssignedConfig, LeaseRequest};

use crate::config::Config;
use crate::pool::{AddressPool, Family, PoolError};

/// Prefix lengths of an address without a network of its own.
const HOST_V4: u8 = 32;
const HOST_V6: u8 = 128;

/// The pool and what goes with its addresses.
#[derive(Debug)]
pub(super) struct Leases {
    pool: AddressPool,
    dns: Vec<IpAddr>,
    domains: Vec<String>,
    subnets: Vec<(IpAddr, u8)>,
}

impl Leases {
    /// The configuration's pools, without the addresses the gateway listens on: a packet to one of those must
    /// never go into a tunnel.
    pub fn new(config: &Config) -> Result<Self, PoolError> {
        let reserved: Vec<IpAddr> = config.addresses.iter().chain(&config.listen).copied().collect();
        Ok(Self {
            pool: AddressPool::new(&config.pools, &reserved)?,
            dns: config.dns.clone(),
            domains: config.domains.clone(),
            subnets: config.subnets.iter().map(|subnet| (subnet.address(), subnet.len())).collect(),
        })
    }

    /// Addresses of the families asked for. One family is enough if the pool has nothing of the other.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn grant(&mut self, request: &LeaseRequest) -> Result<AssignedConfig, String> {
        // Kind and data, so that a user of EAP and a host of the same name are two.
        let identity = request.identity.payload_body();
        let mut refusals = Vec::new();
        let mut take = |family, hint: Option<IpAddr>| match self.pool.lease(family, &identity, hint) {
            Ok(address) => Some(address),
            Err(error) => {
                refusals.push(error.to_string());
                None
            }
        };
        let v4 = request.ipv4.and_then(|hint| take(Family::V4, hint.map(IpAddr::V4)));
        let v6 = request.ipv6.and_then(|hint| take(Family::V6, hint.map(IpAddr::V6)));
        if v4.is_none() && v6.is_none() {
            return Err(refusals.join("; "));
        }
        let mut assigned = AssignedConfig {
            dns: self.dns.clone(),
            domains: self.domains.clone(),
            subnets: self.subnets.clone(),
            ..AssignedConfig::default()
        };
        if let Some(IpAddr::V4(address)) = v4 {
            assigned.ipv4 = Some((address, HOST_V4));
        }
        if let Some(IpAddr::V6(address)) = v6 {
            assigned.ipv6 = Some((address, HOST_V6));
        }
        Ok(assigned)
    }

    /// Takes an address back.
    pub fn release(&mut self, address: IpAddr) {
        self.pool.release(address);
    }
}

#[cfg(test)]
mod tests {
    use adit_ike::identity::Identity;

    use super::*;

    fn leases(network: &str) -> Leases {
        let text = format!(
            "[listen]\naddresses = [\"10.99.0.3\"]\n[server]\nidentity = \"vpn.example.com\"\n\
             [[clients.psk]]\nsecret = \"correct horse\"\n[network]\n{network}"
        );
        Leases::new(&Config::parse("gateway.toml", &text).unwrap()).unwrap()
    }

    fn request(name: &str, v4: bool, v6: bool) -> LeaseRequest {
        LeaseRequest {
            identity: Identity::from_text(name).unwrap(),
            ipv4: v4.then_some(None),
            ipv6: v6.then_some(None),
            initial_contact: false,
        }
    }

    #[test]
    fn addresses_come_with_the_configured_network() {
        let mut leases = leases(
            "pools = [\"10.99.0.0/29\", \"fd00::/64\"]\ndns = [\"10.99.0.1\"]\ndomains = [\"corp.example.com\"]\n\
             subnets = [\"10.0.0.0/8\"]",
        );
        let assigned = leases.grant(&request("a@example.com", true, true)).unwrap();
        assert_eq!(assigned.ipv4, Some(("10.99.0.2".parse().unwrap(), 32)));
        assert_eq!(assigned.ipv6, Some(("fd00::2".parse().unwrap(), 128)));
        assert_eq!(assigned.dns, ["10.99.0.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(assigned.domains, ["corp.example.com"]);
        assert_eq!(assigned.subnets, [("10.0.0.0".parse().unwrap(), 8)]);
        let only_v4 = leases.grant(&request("b@example.com", true, false)).unwrap();
        assert_eq!(only_v4.ipv4, Some(("10.99.0.4".parse().unwrap(), 32)), "10.99.0.3 is an outer address");
        assert_eq!(only_v4.ipv6, None);
    }

    #[test]
    fn one_family_is_enough_and_none_says_why() {
        let mut leases = leases("pools = [\"10.99.0.8/30\"]");
        let both = leases.grant(&request("a@example.com", true, true)).unwrap();
        assert!(both.ipv4.is_some() && both.ipv6.is_none());
        let why = leases.grant(&request("b@example.com", true, true)).unwrap_err();
        assert!(why.contains("exhausted") && why.contains("no IPv6 address pool"), "{why}");
        let (address, _) = both.ipv4.unwrap();
        leases.release(address.into());
        assert_eq!(leases.pool.leased(Family::V4), 0);
        assert!(leases.grant(&request("b@example.com", true, false)).is_ok());
    }
}
