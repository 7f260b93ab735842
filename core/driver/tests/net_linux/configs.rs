//! The settings that tests apply.

use adit_driver::net::{DnsConfig, IpPrefix, NetConfig};

pub fn list(text: &str) -> Vec<IpPrefix> {
    text.split(' ').map(|prefix| prefix.parse().unwrap()).collect()
}

pub fn full_tunnel(interface: &str) -> NetConfig {
    NetConfig {
        addresses: list("10.97.0.5/24 fd97::5/64"),
        routes: list("0.0.0.0/0 ::/0"),
        dns: Some(DnsConfig {
            servers: vec!["10.98.0.1".parse().unwrap()],
            search: vec!["corp.test".to_owned()],
            match_domains: Vec::new(),
        }),
        ..NetConfig::new(interface, 1400)
    }
}

/// A gateway's settings: it forwards.
pub fn gateway(interface: &str) -> NetConfig {
    NetConfig {
        addresses: list("10.97.0.1/32 fd97::1/128"),
        routes: list("10.97.0.0/24 fd97::/120"),
        forward: true,
        ..NetConfig::new(interface, 1400)
    }
}

/// What a reconnection may bring: other addresses, fewer routes of one kind and more of another, other DNS.
pub fn other_tunnels(interface: &str) -> [NetConfig; 6] {
    let dns =
        |server: &str| Some(DnsConfig { servers: vec![server.parse().unwrap()], ..DnsConfig::default() });
    let full = full_tunnel(interface);
    [
        // Another address of the same network, and one whose length alone differs.
        NetConfig { addresses: list("10.97.0.6/24 fd97::5/128"), mtu: 1300, ..full.clone() },
        NetConfig { addresses: list("10.97.0.6/32 fd97::6/64"), dns: dns("10.98.0.2"), ..full.clone() },
        // No IPv6, and an MTU with which there can be none.
        NetConfig { addresses: list("10.96.0.1/32"), routes: list("0.0.0.0/0"), mtu: 1000, ..full.clone() },
        NetConfig { routes: list("10.98.0.0/16 8.0.0.0/8 ::/0"), dns: None, ..full.clone() },
        NetConfig { routes: list("0.0.0.0/0 8.8.0.0/16 fd98::/64"), dns: dns("10.98.0.3"), ..full.clone() },
        full,
    ]
}
