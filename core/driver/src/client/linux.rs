//! A Linux host for a tunnel: a TUN with addresses, routes and DNS. Needs CAP_NET_ADMIN.

use std::io;

use adit_ike::Established;
use adit_tunnel::NetworkSettings;

use super::TunnelHost;
use crate::net::{Applied, DnsConfig, HostPaths, IpPrefix, NetConfig, NetError};
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
                let config = config(self.mark, tun.name().unwrap_or_default(), settings)?;
                applied.change(&config).await.map_err(other)?;
                *current = settings.clone();
            }
            let notes = applied.notes().to_vec();
            return self.kept.take().map(|tun| (tun, notes)).ok_or_else(|| io::ErrorKind::NotFound.into());
        }
        if let Some((_, applied)) = self.current.take() {
            applied.restore().await.map_err(other)?;
        }
        let tun = Tun::create(&self.name)?;
        let interface = tun.name().unwrap_or_default().to_owned();
        let applied = config(self.mark, &interface, settings)?.apply(&self.paths).await.map_err(other)?;
        let notes = applied.notes().to_vec();
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

fn config(mark: u32, interface: &str, settings: &NetworkSettings) -> io::Result<NetConfig> {
    let prefixes = |list: &[(std::net::IpAddr, u8)]| {
        list.iter()
            .map(|(address, len)| IpPrefix::new(*address, *len))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|bad| io::Error::new(io::ErrorKind::InvalidData, bad.to_string()))
    };
    let mut config = NetConfig::new(interface, settings.mtu.into());
    config.addresses = prefixes(&settings.addresses)?;
    config.routes = prefixes(&settings.routes)?;
    config.mark = mark;
    config.dns = (!settings.dns.is_empty()).then(|| DnsConfig {
        servers: settings.dns.clone(),
        search: settings.domains.clone(),
        match_domains: settings.domains.clone(),
    });
    Ok(config)
}

fn other(error: NetError) -> io::Error {
    io::Error::other(error)
}
