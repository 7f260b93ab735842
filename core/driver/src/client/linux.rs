//! A Linux host for a tunnel: a TUN with addresses, routes and DNS. Needs CAP_NET_ADMIN.

use std::io;

use adit_ike::Established;
use adit_tunnel::NetworkSettings;

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
            let notes = applied.notes().iter().cloned().chain(open_families(settings)).collect();
            return self.kept.take().map(|tun| (tun, notes)).ok_or_else(|| io::ErrorKind::NotFound.into());
        }
        if let Some((_, applied)) = self.current.take() {
            applied.restore().await.map_err(other)?;
        }
        let tun = Tun::create(&self.name)?;
        let interface = tun.name().unwrap_or_default().to_owned();
        let applied = config(self.mark, &interface, settings).apply(&self.paths).await.map_err(other)?;
        let notes = applied.notes().iter().cloned().chain(open_families(settings)).collect();
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
    config.dns = (!settings.dns.is_empty()).then(|| DnsConfig {
        servers: settings.dns.clone(),
        search: settings.domains.clone(),
        match_domains: settings.domains.clone(),
    });
    config
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
}
