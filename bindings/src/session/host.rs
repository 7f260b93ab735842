//! The app as a tunnel's host.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use adit_driver::client::TunnelHost;
use adit_driver::tun::Tun;
use adit_ike::Established;
use adit_tunnel::NetworkSettings;

use super::asks::address;
use super::plan::SystemSettings;
use super::shared::Shared;
use crate::{Answer, ConnectionInfo, HostAbilities, Question, SessionEvent, TunnelSettings};

/// How long the app has to protect a socket or to resolve a name.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the run's events tell of the attempt, for the next `Up`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) server: SocketAddr,
    pub(super) began: Instant,
}

/// The host.
pub(super) struct AppHost {
    pub(super) shared: Arc<Shared>,
    pub(super) abilities: HostAbilities,
    pub(super) system: SystemSettings,
    pub(super) attempt: Rc<Cell<Option<Attempt>>>,
    /// The device of a tunnel that was lost.
    pub(super) kept: Option<Tun>,
}

impl TunnelHost for AppHost {
    async fn up(
        &mut self,
        settings: &NetworkSettings,
        established: &Established,
    ) -> io::Result<(Tun, Vec<String>)> {
        let attempt = self.attempt.get();
        let server = attempt.map(|attempt| attempt.server.ip().to_string()).unwrap_or_default();
        let took = attempt.map_or(Duration::ZERO, |attempt| attempt.began.elapsed());
        self.shared.set_stats(|stats| stats.connected = true);
        self.shared.queue.push(SessionEvent::Up {
            settings: tunnel_settings(server, settings, &self.system),
            connection: ConnectionInfo {
                server: established.peer.to_string(),
                server_authentication: established.peer_authentication.clone(),
                ike_suite: established.suite.to_string(),
                nat: established.local_nat,
                took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            },
        });
        loop {
            if let Some(device) = self.shared.take_device() {
                let tun = device.into_tun()?;
                // The old one closes after the new one stands.
                self.kept = None;
                return Ok((tun, Vec::new()));
            }
            if let Some(tun) = self.kept.take() {
                return Ok((tun, Vec::new()));
            }
            self.shared.device_came.notified().await;
        }
    }

    fn keep(&mut self, tun: Tun) {
        self.kept = Some(tun);
    }

    fn replacement(&mut self) -> Option<Tun> {
        let device = self.shared.take_device()?;
        match device.into_tun() {
            Ok(tun) => Some(tun),
            Err(error) => {
                let text = format!("the new descriptor cannot be used, the old one stays: {error}");
                self.shared.queue.push(SessionEvent::Warning { text });
                None
            }
        }
    }

    async fn down(&mut self) -> io::Result<()> {
        self.kept = None;
        drop(self.shared.take_device());
        Ok(())
    }

    async fn protect(&mut self, sockets: &[BorrowedFd<'_>]) -> Result<(), String> {
        if !self.abilities.protects_sockets {
            return Ok(());
        }
        for socket in sockets {
            let question = Question::ProtectSocket { fd: socket.as_raw_fd() };
            match self.shared.ask(question, PATIENCE).await {
                Some(Answer::Refused { reason }) => return Err(reason),
                Some(_) => {}
                None => return Err(format!("the app did not answer within {} s", PATIENCE.as_secs())),
            }
        }
        Ok(())
    }

    async fn resolve(&mut self, name: &str) -> Option<Result<Vec<IpAddr>, String>> {
        if !self.abilities.resolves_names {
            return None;
        }
        let question = Question::ResolveName { host: name.to_owned() };
        Some(match self.shared.ask(question, PATIENCE).await {
            Some(Answer::Addresses { list }) => Ok(list.iter().filter_map(|text| address(text)).collect()),
            Some(Answer::Refused { reason }) => Err(reason),
            _ => Err(format!("the app did not answer within {} s", PATIENCE.as_secs())),
        })
    }
}

/// What the system is to set up.
fn tunnel_settings(server: String, settings: &NetworkSettings, system: &SystemSettings) -> TunnelSettings {
    let of = |v4: bool, list: &[(IpAddr, u8)]| -> Vec<String> {
        let family = list.iter().filter(|(address, _)| address.is_ipv4() == v4);
        family.map(|(address, len)| format!("{address}/{len}")).collect()
    };
    let (ipv4, ipv6) = (of(true, &settings.addresses), of(false, &settings.addresses));
    let all = |v4: bool| {
        system.include_all_networks
            || settings.routes.iter().any(|(network, len)| *len == 0 && network.is_ipv4() == v4)
    };
    let mut routes: Vec<String> =
        settings.routes.iter().map(|(network, len)| format!("{network}/{len}")).collect();
    // Where one family goes in whole, the rest of the other does not stay outside: the engine drops what the server does not take.
    for (v4, addresses, default) in [(true, &ipv4, "0.0.0.0/0"), (false, &ipv6, "::/0")] {
        if !addresses.is_empty() && all(!v4) && !routes.iter().any(|route| route == default) {
            routes.push(default.to_owned());
        }
    }
    TunnelSettings {
        remote_address: server,
        block_ipv4: ipv4.is_empty() && all(false),
        block_ipv6: ipv6.is_empty() && all(true),
        ipv4,
        ipv6,
        included_routes: routes,
        excluded_routes: Vec::new(),
        dns: settings.dns.iter().map(ToString::to_string).collect(),
        match_domains: settings.domains.clone(),
        search_domains: settings.domains.clone(),
        mtu: settings.mtu,
        proxy: system.proxy.clone(),
        include_all_networks: system.include_all_networks,
        enforce_routes: system.enforce_routes,
        exclude_local_networks: system.exclude_local_networks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(addresses: &[&str], routes: &[&str]) -> NetworkSettings {
        let list = |texts: &[&str]| {
            let split = |text: &&str| {
                let (address, len) = text.split_once('/').unwrap();
                (address.parse().unwrap(), len.parse().unwrap())
            };
            texts.iter().map(split).collect()
        };
        NetworkSettings {
            addresses: list(addresses),
            routes: list(routes),
            dns: vec!["10.0.0.53".parse().unwrap()],
            dns_outside: Vec::new(),
            domains: vec!["corp.example".into()],
            mtu: 1280,
        }
    }

    #[test]
    fn where_one_family_goes_in_whole_the_rest_of_the_other_does_too() {
        let made = |routes: &[&str]| {
            let settings = settings(&["10.0.0.5/32", "fd00::5/128"], routes);
            tunnel_settings("192.0.2.1".into(), &settings, &SystemSettings::default()).included_routes
        };
        assert_eq!(made(&["0.0.0.0/0", "fd00::/64"]), ["0.0.0.0/0", "fd00::/64", "::/0"]);
        assert_eq!(made(&["10.0.0.0/8", "::/0"]), ["10.0.0.0/8", "::/0", "0.0.0.0/0"]);
        assert_eq!(made(&["10.0.0.0/8", "fd00::/64"]), ["10.0.0.0/8", "fd00::/64"]);
        assert_eq!(made(&["0.0.0.0/0", "::/0"]), ["0.0.0.0/0", "::/0"]);
    }

    #[test]
    fn a_family_without_an_address_is_blocked_only_when_everything_is_tunnelled() {
        let system = SystemSettings::default();
        let made = |addresses: &[&str], routes: &[&str], system: &SystemSettings| {
            tunnel_settings("192.0.2.1".into(), &settings(addresses, routes), system)
        };
        let full = made(&["10.0.0.5/32"], &["0.0.0.0/0"], &system);
        assert!(full.block_ipv6 && !full.block_ipv4, "{full:?}");
        let split = made(&["10.0.0.5/32"], &["10.0.0.0/8"], &system);
        assert!(!split.block_ipv6 && !split.block_ipv4);
        let both = made(&["10.0.0.5/32", "fd00::5/128"], &["0.0.0.0/0", "::/0"], &system);
        assert!(!both.block_ipv6 && !both.block_ipv4);
        assert_eq!((both.ipv4, both.ipv6), (vec!["10.0.0.5/32".into()], vec!["fd00::5/128".into()]));
        let forced = SystemSettings { include_all_networks: true, ..SystemSettings::default() };
        assert!(made(&["10.0.0.5/32"], &["10.0.0.0/8"], &forced).block_ipv6);
        let six = made(&["fd00::5/128"], &["::/0"], &system);
        assert!(six.block_ipv4 && !six.block_ipv6);
        assert_eq!(six.match_domains, ["corp.example"]);
    }
}
