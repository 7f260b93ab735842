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
use adit_manager::routing::{self, Platform, TunnelRoutes};
use adit_tunnel::{IpPrefix, NetworkSettings};

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
    /// The server's addresses that the app knew at the start, until the first attempt takes them.
    pub(super) known: Vec<IpAddr>,
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
        let connection = ConnectionInfo {
            server: established.peer.to_string(),
            server_authentication: established.peer_authentication.clone(),
            ike_suite: established.suite.to_string(),
            nat: established.local_nat,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        let (settings, system) = (settings.clone(), self.system.clone());
        self.shared.stands(Box::new(move |local| SessionEvent::Up {
            settings: tunnel_settings(server.clone(), &settings, &system, local.to_vec()),
            connection: connection.clone(),
        }));
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
        let known = std::mem::take(&mut self.known);
        if !known.is_empty() {
            return Some(Ok(known));
        }
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

/// As which platform routes are planned: Apple's systems keep local networks outside themselves, by the switches of the
/// app's configuration; elsewhere they are told as routes. What a version cannot do is the app's to find out.
const PLATFORM: Platform = if cfg!(target_vendor = "apple") {
    Platform::Ios { major: u16::MAX, minor: 0 }
} else {
    Platform::Android { api_level: u16::MAX, lockdown: false }
};

/// What the system is to set up. `local` are the networks of the physical interface, as far as the app told of them.
fn tunnel_settings(
    server: String,
    settings: &NetworkSettings,
    system: &SystemSettings,
    local: Vec<IpPrefix>,
) -> TunnelSettings {
    let texts = |list: &[IpPrefix]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let of = |ipv6: bool| -> Vec<IpPrefix> {
        settings.addresses.iter().copied().filter(|address| address.is_ipv6() == ipv6).collect()
    };
    let (ipv4, ipv6) = (of(false), of(true));
    let routes = TunnelRoutes {
        routes: settings.routes.clone(),
        has_ipv4: !ipv4.is_empty(),
        has_ipv6: !ipv6.is_empty(),
        local_networks: local,
        excluded_routes: Vec::new(),
    };
    let mut excluded = routing::plan(&system.routing, PLATFORM, &routes).excluded;
    // A family that is blocked has nothing outside.
    excluded.retain(|network| if network.is_ipv6() { routes.has_ipv6 } else { routes.has_ipv4 });
    // Of resolvers of its own, if they are asked, the profile says which domains are theirs; the server's speak of the server's.
    let profile = &system.dns;
    let own = settings.dns.iter().any(|server| profile.servers.contains(server));
    let assigned = if own { &[] } else { settings.domains.as_slice() };
    let domains = |own: &[String]| -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for domain in own.iter().chain(assigned) {
            if !all.contains(domain) {
                all.push(domain.clone());
            }
        }
        all
    };
    TunnelSettings {
        remote_address: server,
        ipv4: texts(&ipv4),
        ipv6: texts(&ipv6),
        block_ipv4: settings.block_ipv4,
        block_ipv6: settings.block_ipv6,
        included_routes: texts(&settings.routes),
        excluded_routes: texts(&excluded),
        dns: settings.dns.iter().map(ToString::to_string).collect(),
        match_domains: domains(if own { &profile.match_domains } else { &[] }),
        search_domains: domains(&profile.search_domains),
        mtu: settings.mtu,
        proxy: system.proxy.clone(),
        include_all_networks: system.routing.include_all_networks,
        enforce_routes: system.routing.enforce_routes,
        exclude_local_networks: system.routing.local_stays_outside(),
        encrypted_dns: profile.encrypted.clone(),
    }
}

#[cfg(test)]
mod tests {
    use adit_esp::TrafficSelector;
    use adit_ike::AssignedConfig;
    use adit_manager::routing::RoutingIntent;
    use adit_tunnel::RouteOptions;

    use super::*;

    fn list(texts: &[&str]) -> Vec<IpPrefix> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Settings as a tunnel makes them of what a server assigns and lets through.
    fn made(addresses: &[&str], routes: &[&str], system: &SystemSettings, local: &[&str]) -> TunnelSettings {
        let mut assigned =
            AssignedConfig { domains: vec!["corp.example".into()], ..AssignedConfig::default() };
        for prefix in list(addresses) {
            match prefix.address() {
                IpAddr::V4(address) => assigned.ipv4 = Some((address, prefix.len())),
                IpAddr::V6(address) => assigned.ipv6 = Some((address, prefix.len())),
            }
        }
        let selectors: Vec<_> = list(routes)
            .iter()
            .map(|route| TrafficSelector::from_prefix(route.address(), route.len()).unwrap())
            .collect();
        let include_all_networks = system.routing.include_all_networks;
        let options = RouteOptions { include_all_networks, ..RouteOptions::default() };
        let settings = NetworkSettings::new(&assigned, &selectors, 1280, options);
        tunnel_settings("192.0.2.1".into(), &settings, system, list(local))
    }

    fn system(
        include_all_networks: bool,
        enforce_routes: bool,
        exclude_local_networks: bool,
    ) -> SystemSettings {
        let routing = RoutingIntent {
            include_all_networks,
            enforce_routes,
            exclude_local_networks,
            ..RoutingIntent::default()
        };
        SystemSettings { routing, ..SystemSettings::default() }
    }

    const BOTH: [&str; 2] = ["10.0.0.5/32", "fd00::5/128"];
    const ANY: [&str; 2] = ["0.0.0.0/0", "::/0"];

    #[test]
    fn where_one_family_goes_in_whole_the_rest_of_the_other_does_too() {
        let made = |routes: &[&str]| made(&BOTH, routes, &SystemSettings::default(), &[]).included_routes;
        assert_eq!(made(&["0.0.0.0/0", "fd00::/64"]), ["0.0.0.0/0", "fd00::/64", "::/0"]);
        assert_eq!(made(&["10.0.0.0/8", "::/0"]), ["10.0.0.0/8", "::/0", "0.0.0.0/0"]);
        assert_eq!(made(&["10.0.0.0/8", "fd00::/64"]), ["10.0.0.0/8", "fd00::/64"]);
        assert_eq!(made(&ANY), ANY);
    }

    #[test]
    fn a_family_without_an_address_is_blocked_only_when_everything_is_tunnelled() {
        let plain = SystemSettings::default();
        let full = made(&["10.0.0.5/32"], &["0.0.0.0/0"], &plain, &[]);
        assert!(full.block_ipv6 && !full.block_ipv4, "{full:?}");
        let split = made(&["10.0.0.5/32"], &["10.0.0.0/8"], &plain, &[]);
        assert!(!split.block_ipv6 && !split.block_ipv4);
        let both = made(&BOTH, &ANY, &plain, &[]);
        assert!(!both.block_ipv6 && !both.block_ipv4);
        assert_eq!((both.ipv4, both.ipv6), (vec!["10.0.0.5/32".into()], vec!["fd00::5/128".into()]));
        assert!(made(&["10.0.0.5/32"], &["10.0.0.0/8"], &system(true, false, false), &[]).block_ipv6);
        let six = made(&["fd00::5/128"], &["::/0"], &plain, &[]);
        assert!(six.block_ipv4 && !six.block_ipv6);
        assert_eq!(six.match_domains, ["corp.example"]);
    }

    #[test]
    #[cfg(not(target_vendor = "apple"))]
    fn what_stays_outside_of_a_tunnel_is_what_the_routing_plan_says() {
        let local = ["192.168.1.0/24", "8.8.8.0/24"];
        let links = ["169.254.0.0/16", "192.168.1.0/24", "224.0.0.0/24", "fe80::/10", "ff02::/16"];
        // Without a switch, and with one that leaves local networks out: never a public one.
        for switches in [system(false, false, false), system(true, false, true), system(false, true, true)] {
            let found = made(&BOTH, &ANY, &switches, &local);
            assert_eq!(found.excluded_routes, links);
            assert!(found.exclude_local_networks, "for a builder that knows the networks itself");
        }
        for switches in [system(true, false, false), system(false, true, false)] {
            let found = made(&BOTH, &ANY, &switches, &local);
            assert!(found.excluded_routes.is_empty() && !found.exclude_local_networks, "{found:?}");
        }
        let four = made(&["10.0.0.5/32"], &["0.0.0.0/0"], &system(false, false, true), &local);
        assert_eq!(four.excluded_routes, links[..3], "IPv6 is blocked, and nothing of it is outside");
        let few = made(&BOTH, &["10.0.0.0/8"], &system(false, false, true), &local);
        assert_eq!(few.excluded_routes, [""; 0], "what does not go in needs no exclusion");
        assert!(few.exclude_local_networks);
    }

    #[test]
    #[cfg(not(target_vendor = "apple"))]
    fn what_stays_outside_is_what_the_shared_table_says() {
        let parts = |text: &'static str| text.split(',').filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let mut cases = 0;
        let table = include_str!("../../../core/manager/tests/local-networks.tsv");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [told, routes, outside] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let routes: Vec<&str> = ANY.into_iter().chain(parts(routes)).collect();
            let wanted: Vec<&str> = parts(outside);
            for switches in [system(false, true, true), system(true, false, true)] {
                let mut found = made(&BOTH, &routes, &switches, &parts(told)).excluded_routes;
                let links = ["169.254.0.0/16", "224.0.0.0/24", "fe80::/10", "ff02::/16"];
                found.retain(|network| !links.contains(&network.as_str()));
                assert_eq!(found, wanted, "{line}");
            }
            cases += 1;
        }
        assert!(cases >= 15, "{cases}");
    }
}
