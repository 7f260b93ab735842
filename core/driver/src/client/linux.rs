//! A Linux host for a tunnel: a TUN with addresses, routes and DNS. Needs CAP_NET_ADMIN.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use adit_ike::Established;
use adit_tunnel::{IpPrefix, NetworkSettings};

use super::TunnelHost;
use crate::net::{Applied, DnsConfig, HostPaths, NetConfig, NetError};
use crate::tun::Tun;

/// The host.
#[derive(Debug)]
pub struct LinuxHost {
    name: String,
    paths: HostPaths,
    mark: u32,
    current: Option<(NetworkSettings, Applied)>,
    /// The device of a tunnel that was lost.
    kept: Option<Tun>,
}

impl LinuxHost {
    /// A host whose interface is called `name` (one `%d` stands for the first free number). Packets of the
    /// tunnel's own sockets carry `mark`.
    #[must_use]
    pub fn new(name: &str, mark: u32, paths: HostPaths) -> Self {
        Self { name: name.to_owned(), paths, mark, current: None, kept: None }
    }
}

impl TunnelHost for LinuxHost {
    async fn up(&mut self, settings: &NetworkSettings, _: &Established) -> io::Result<(Tun, Vec<String>)> {
        // The interface stays, so that nothing finds another way out meanwhile; it closes only with this host.
        if let (Some((current, applied)), Some(tun)) = (&mut self.current, &self.kept) {
            if current != settings {
                let config = config(self.mark, tun.name().unwrap_or_default(), settings);
                applied.change(&config).await.map_err(other)?;
                *current = settings.clone();
            }
            let notes = applied.notes().iter().cloned().chain(notes(settings)).collect();
            return self.kept.take().map(|tun| (tun, notes)).ok_or_else(|| io::ErrorKind::NotFound.into());
        }
        if let Some((_, applied)) = self.current.take() {
            applied.restore().await.map_err(other)?;
        }
        let tun = Tun::create(&self.name)?;
        let interface = tun.name().unwrap_or_default().to_owned();
        let applied = config(self.mark, &interface, settings).apply(&self.paths).await.map_err(other)?;
        let notes = applied.notes().iter().cloned().chain(notes(settings)).collect();
        self.current = Some((settings.clone(), applied));
        Ok((tun, notes))
    }

    fn keep(&mut self, tun: Tun) {
        self.kept = Some(tun);
    }

    async fn down(&mut self) -> io::Result<()> {
        self.kept = None;
        match self.current.take() {
            Some((_, applied)) => applied.restore().await.map_err(other),
            None => Ok(()),
        }
    }
}

fn config(mark: u32, interface: &str, settings: &NetworkSettings) -> NetConfig {
    let mut config = NetConfig::new(interface, settings.mtu.into());
    config.addresses.clone_from(&settings.addresses);
    config.routes.clone_from(&settings.routes);
    config.mark = mark;
    let silent = silent_resolver(settings);
    config.routes.extend(silent.map(IpPrefix::host));
    let servers: Vec<IpAddr> = settings.dns.iter().copied().chain(silent).collect();
    config.dns = (!servers.is_empty()).then(|| DnsConfig {
        servers,
        search: settings.domains.clone(),
        // One that stands for no resolver answers for all names.
        match_domains: if silent.is_some() { Vec::new() } else { settings.domains.clone() },
    });
    config
}

/// In place of resolvers that were all left out, where everything goes in: an address of no network (RFC 5737, RFC 3849), asked
/// through the tunnel. The host's own resolver may be the local network's, which is not to learn the names.
fn silent_resolver(settings: &NetworkSettings) -> Option<IpAddr> {
    let default = settings.routes.iter().find(|route| route.is_default())?;
    let none_is_left = settings.dns.is_empty() && !settings.dns_left_out.is_empty();
    none_is_left.then(|| match default.is_ipv6() {
        false => Ipv4Addr::new(192, 0, 2, 53).into(),
        true => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x53).into(),
    })
}

/// What the user should know of this host's part.
fn notes(settings: &NetworkSettings) -> impl Iterator<Item = String> {
    let silent = silent_resolver(settings).map(|_| {
        "no resolver is left that the tunnel reaches: no names are resolved while it is up, so that the local network does not \
         learn them"
            .to_owned()
    });
    open_families(settings).chain(silent)
}

/// What this host lets leave in clear.
fn open_families(settings: &NetworkSettings) -> impl Iterator<Item = String> {
    let families = [("IPv4", settings.block_ipv4), ("IPv6", settings.block_ipv6)];
    families.into_iter().filter(|(_, open)| *open).map(|(family, _)| {
        format!(
            "the server assigned no {family} address: {family} leaves this host outside of the tunnel; have it assign one, \
             or switch {family} off"
        )
    })
}

fn other(error: NetError) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_that_should_go_in_and_cannot_is_told_of() {
        let notes = |block_ipv4, block_ipv6| -> Vec<String> {
            open_families(&NetworkSettings { block_ipv4, block_ipv6, ..NetworkSettings::default() }).collect()
        };
        assert!(notes(false, false).is_empty());
        let told = notes(false, true);
        assert!(
            told.len() == 1 && told[0].contains("no IPv6 address") && told[0].contains("outside"),
            "{told:?}"
        );
        assert!(notes(true, false)[0].contains("no IPv4 address"));
    }

    #[test]
    fn without_a_resolver_that_is_left_a_full_tunnel_asks_nobody_and_a_split_one_the_hosts() {
        let made = |routes: &[&str], dns: &[&str], left_out: &[&str]| {
            let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
            let settings = NetworkSettings {
                routes: routes.iter().map(|text| text.parse().unwrap()).collect(),
                dns: list(dns),
                dns_left_out: list(left_out),
                domains: vec!["corp.example".to_owned()],
                ..NetworkSettings::default()
            };
            let NetConfig { routes, dns, .. } = config(1, "adit0", &settings);
            let texts = dns.map(|dns| {
                // Those of no resolver are all names.
                assert_eq!(dns.match_domains.is_empty(), settings.dns.is_empty(), "{dns:?}");
                dns.servers.iter().map(ToString::to_string).collect::<Vec<_>>()
            });
            (texts, routes.last().map(ToString::to_string).unwrap(), notes(&settings).count())
        };
        let silent = |server: &str, route: &str| (Some(vec![server.to_owned()]), route.to_owned(), 1);
        assert_eq!(made(&["0.0.0.0/0"], &[], &["2001:db8::1"]), silent("192.0.2.53", "192.0.2.53/32"));
        assert_eq!(made(&["::/0"], &[], &["10.0.0.53"]), silent("2001:db8::53", "2001:db8::53/128"));
        let usual = |servers: Option<&str>, route: &str| {
            (servers.map(|server| vec![server.to_owned()]), route.to_owned(), 0)
        };
        assert_eq!(made(&["10.0.0.0/8"], &[], &["2001:db8::1"]), usual(None, "10.0.0.0/8"));
        assert_eq!(made(&["0.0.0.0/0"], &[], &[]), usual(None, "0.0.0.0/0"));
        let one = made(&["0.0.0.0/0"], &["10.0.0.53"], &["2001:db8::1"]);
        assert_eq!(one, usual(Some("10.0.0.53"), "0.0.0.0/0"));
    }
}
