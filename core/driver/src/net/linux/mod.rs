//! Applying a [`NetConfig`] on Linux and taking it back.
//!
//! Owns the order of things: the journal first, then the change; undoing in the opposite order, carrying on
//! past what fails so that as much as possible is restored. Going over to other settings is in `change`.
//! Sources: rtnetlink(7), ip-rule(8).

mod change;
mod journal;
mod netlink;
mod resolv;
mod resolved;
mod rights;
mod rules;
mod sysctl;
mod watch;

use std::io;
use std::path::{Path, PathBuf};

use journal::{Journal, Slot};
use netlink::Netlink;
use resolv::Backup;
pub use rights::may_configure;
use sysctl::{Setting, Tree};
pub use watch::NetworkWatch;

use super::{DnsConfig, IpPrefix, NetConfig};
use crate::sys;

/// Prefixes through one tunnel at most: each costs two rules, and the kernel tries rules one by one.
const MAX_ROUTES: usize = 256;
/// Addresses of one tunnel at most.
const MAX_ADDRESSES: usize = 64;
/// Routing tables from here on, one for each interface number.
const TABLES: u32 = 0x4144_0000;

/// Where things lie on this host. Tests put them elsewhere.
#[derive(Clone, Debug)]
pub struct HostPaths {
    /// Where journals are kept: `/var/lib/adit`. On disk, because the backup of resolv.conf must outlive a
    /// power failure.
    pub state_dir: PathBuf,
    /// `/etc/resolv.conf`.
    pub resolv_conf: PathBuf,
    /// `/usr/bin/resolvectl`; used when resolv.conf names systemd-resolved's stub.
    pub resolvectl: PathBuf,
}

impl Default for HostPaths {
    fn default() -> Self {
        Self {
            state_dir: PathBuf::from("/var/lib/adit"),
            resolv_conf: PathBuf::from("/etc/resolv.conf"),
            resolvectl: PathBuf::from("/usr/bin/resolvectl"),
        }
    }
}

/// The host could not be set up, or not be put back.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The configuration cannot work on any host.
    #[error("network settings: {0}")]
    Config(String),
    /// The system refused a change. What had been changed before was taken back.
    #[error("cannot {doing}: {cause}{}", hint(.cause))]
    System {
        /// What was attempted.
        doing: String,
        /// The system's explanation.
        cause: io::Error,
    },
    /// Another running process has set up an interface of this name.
    #[error("interface {0} is in use by another adit that is still running: stop it first")]
    Busy(String),
}

fn hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::PermissionDenied => " (needs root, or CAP_NET_ADMIN)",
        _ => "",
    }
}

fn failed(doing: impl Into<String>) -> impl FnOnce(io::Error) -> NetError {
    let doing = doing.into();
    move |cause| NetError::System { doing, cause }
}

/// Settings in force. Call [`Self::restore`] at the end; dropping does the same but hides what went wrong
/// and blocks the thread for the few milliseconds it takes.
#[derive(Debug)]
pub struct Applied {
    /// `None` once restored.
    inner: Option<Inner>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Inner {
    slot: Slot,
    journal: Journal,
    paths: HostPaths,
}

impl NetConfig {
    /// Sets all of this on the host, in the network namespace of the calling thread. Call inside a tokio
    /// runtime with I/O. If an earlier process left this interface's journal behind, that is undone first.
    ///
    /// # Errors
    /// [`NetError`]; then nothing stays changed.
    pub async fn apply(&self, paths: &HostPaths) -> Result<Applied, NetError> {
        self.check()?;
        let interface = &self.interface;
        let index = sys::socket::interface_index(interface)
            .map_err(failed(format!("find the interface {interface}")))?;
        let slot = Slot::open(&paths.state_dir, interface)
            .map_err(failed(format!("open the journal in {}", paths.state_dir.display())))?
            .ok_or_else(|| NetError::Busy(interface.clone()))?;
        if let Some(old) = slot.read().map_err(failed(format!("read {}", slot.path().display())))? {
            undo(&slot, old, paths).await?;
        }
        let mut notes = Vec::new();
        let (addresses, routes) = self.usable(index, &mut notes)?;
        let journal = Journal {
            boot: journal::boot().map_err(failed("read the boot id"))?,
            namespace: journal::namespace().map_err(failed("read the network namespace"))?,
            interface: interface.clone(),
            index,
            mark: self.mark,
            table: TABLES | (index & 0xffff),
            rules: rules::plan(&routes, index),
            addresses,
            routes,
            settings: Vec::new(),
            resolved: false,
            resolv: None,
        };
        // From here on dropping `applied`, as when the caller is cancelled, takes back what was done.
        let inner = Inner { slot, journal, paths: paths.clone() };
        let mut applied = Applied { inner: Some(inner), notes };
        let result = match &mut applied.inner {
            Some(inner) => inner.set_up(self, &mut applied.notes).await,
            None => Ok(()),
        };
        match result {
            Ok(()) => Ok(applied),
            Err(error) => {
                if let Err(second) = applied.restore().await {
                    tracing::warn!(error = %second, "not all network settings could be taken back");
                }
                Err(error)
            }
        }
    }

    fn check(&self) -> Result<(), NetError> {
        let v6 = self.addresses.iter().any(IpPrefix::is_ipv6);
        let least = if v6 { 1280 } else { 68 };
        let problem = if self.interface.is_empty() || self.interface.contains('/') {
            format!("{:?} is not an interface name", self.interface)
        } else if !(least..=65_535).contains(&self.mtu) {
            format!("an MTU of {} is outside {least} to 65535", self.mtu)
        } else if self.routes.len() > MAX_ROUTES {
            format!("{} routes are more than {MAX_ROUTES}", self.routes.len())
        } else if self.addresses.len() > MAX_ADDRESSES {
            format!("{} addresses are more than {MAX_ADDRESSES}", self.addresses.len())
        } else if self.mark == 0 {
            "the mark must not be 0, which every packet carries".to_owned()
        } else {
            return Ok(());
        };
        Err(NetError::Config(problem))
    }

    /// The addresses this host can take and the routes that can work with them.
    fn usable(
        &self,
        index: u32,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<IpPrefix>, Vec<IpPrefix>), NetError> {
        let mut addresses = self.addresses.clone();
        // Packets that are passed on need no address of ours.
        let passed_on = if self.forward { self.routes.as_slice() } else { &[] };
        let wanted = addresses.iter().chain(passed_on).any(IpPrefix::is_ipv6);
        let has_v6 = sysctl::prepare_ipv6(&self.interface, wanted)
            .map_err(failed(format!("prepare IPv6 on {} (interface {index})", self.interface)))?;
        if wanted && !has_v6 {
            notes.push("this host has no IPv6: the tunnel's IPv6 addresses are not set".to_owned());
            addresses.retain(|address| !address.is_ipv6());
        }
        let possible = |route: &IpPrefix| self.forward && (has_v6 || !route.is_ipv6());
        let mut routes: Vec<IpPrefix> = self.routes.iter().map(IpPrefix::network).collect();
        routes.sort_unstable();
        routes.dedup();
        routes.retain(|route| {
            let carried =
                possible(route) || addresses.iter().any(|address| address.is_ipv6() == route.is_ipv6());
            if !carried {
                let family = if route.is_ipv6() { "IPv6" } else { "IPv4" };
                notes.push(format!("no route for {route}: the tunnel has no {family} address"));
            }
            carried
        });
        Ok((addresses, routes))
    }
}

impl Applied {
    /// What was asked for and could not be had, in words for the user.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The addresses set on the interface.
    #[must_use]
    pub fn addresses(&self) -> &[IpPrefix] {
        self.inner.as_ref().map_or(&[], |inner| &inner.journal.addresses)
    }

    /// The prefixes routed through the tunnel.
    #[must_use]
    pub fn routes(&self) -> &[IpPrefix] {
        self.inner.as_ref().map_or(&[], |inner| &inner.journal.routes)
    }

    /// Kernel settings that differ from what they were, as `sysctl -w` takes them.
    #[must_use]
    pub fn settings(&self) -> Vec<String> {
        let settings = self.inner.iter().flat_map(|inner| &inner.journal.settings);
        settings.filter_map(Setting::change).collect()
    }

    /// Takes everything back. The interface itself stays, down and without addresses.
    ///
    /// # Errors
    /// The first thing that failed; the others were taken back. The journal stays for [`recover`].
    pub async fn restore(mut self) -> Result<(), NetError> {
        match self.inner.take() {
            Some(inner) => inner.undo().await,
            None => Ok(()),
        }
    }
}

impl Drop for Applied {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else { return };
        // A thread of its own, because the one that drops may be inside a runtime, where blocking on
        // another panics. It inherits the network namespace.
        let work = move || -> Result<(), NetError> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(failed("start a runtime"))?;
            runtime.block_on(inner.undo())
        };
        let result = std::thread::Builder::new().spawn(work).map(std::thread::JoinHandle::join);
        if let Ok(Ok(Err(error))) = result {
            tracing::warn!(%error, "not all network settings could be taken back");
        }
    }
}

impl Inner {
    async fn set_up(&mut self, config: &NetConfig, notes: &mut Vec<String>) -> Result<(), NetError> {
        let netlink = Netlink::open().map_err(failed("talk to the kernel's routing"))?;
        self.note_down()?;
        let Journal { interface, index, mark, table, .. } = &self.journal;
        let (index, mark, table) = (*index, *mark, *table);
        sysctl::promote_secondaries(interface);
        for address in &self.journal.addresses {
            let doing = failed(format!("add address {address} to {interface}"));
            netlink.add_address(index, *address).await.map_err(doing)?;
        }
        let doing = failed(format!("bring {interface} up with an MTU of {}", config.mtu));
        netlink.set_link(index, config.mtu).await.map_err(doing)?;
        // A matter of speed only; kernels before 4.16 cannot.
        let _ = netlink.limit_segments(index, segments(config.mtu)).await;
        for route in &self.journal.routes {
            let doing = failed(format!("route {route} through {interface}"));
            netlink.add_route(index, table, *route).await.map_err(doing)?;
        }
        for rule in &self.journal.rules {
            let doing = failed(format!("add the routing rule {}", rule.priority));
            netlink.add_rule(rule, mark, table).await.map_err(doing)?;
        }
        self.change_settings(config, notes)?;
        if let Some(dns) = config.dns.as_ref().filter(|dns| !dns.servers.is_empty()) {
            self.set_dns(clean(dns, notes), notes)?;
        }
        Ok(())
    }

    fn change_settings(&mut self, config: &NetConfig, notes: &mut Vec<String>) -> Result<(), NetError> {
        let folder = self.slot.path().display().to_string();
        let _alone = self.slot.lock_folder().map_err(failed(format!("lock the folder of {folder}")))?;
        let tree = Tree::new(held_by_others(&self.slot));
        if self.journal.routes.iter().any(|route| !route.is_ipv6())
            && let Some(setting) = tree.loose_reverse_path()
        {
            self.journal.settings.push(setting.clone());
            self.note_down()?;
            setting.set().map_err(failed("loosen the reverse path filter"))?;
        }
        if !config.forward {
            return Ok(());
        }
        let has = |v6| self.journal.routes.iter().any(|route| route.is_ipv6() == v6);
        let forwarding = tree.forwarding(&self.journal.interface, has(false), has(true));
        let forwarding = forwarding.and_then(|settings| {
            self.journal.settings.extend(settings.iter().cloned());
            self.slot.write(&self.journal)?;
            settings.iter().try_for_each(Setting::set)
        });
        // A container may see the settings and not be allowed to change them. The host itself is reached.
        if let Err(error) = forwarding {
            notes.push(format!(
                "forwarding cannot be switched on ({error}): only this host is reached through {}",
                self.journal.interface
            ));
        }
        Ok(())
    }

    fn set_dns(&mut self, dns: DnsConfig, notes: &mut Vec<String>) -> Result<(), NetError> {
        let HostPaths { resolv_conf, resolvectl, .. } = &self.paths;
        if resolved::is_used(resolv_conf, resolvectl) {
            self.journal.resolved = true;
            self.slot.write(&self.journal).map_err(failed("write the journal"))?;
            match resolved::set(resolvectl, &self.journal.interface, &dns) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    notes.push(format!(
                        "systemd-resolved refused the tunnel's DNS ({error}): writing resolv.conf"
                    ));
                    let _ = resolved::revert(resolvectl, &self.journal.interface);
                }
            }
        }
        if !dns.match_domains.is_empty() {
            notes.push(format!(
                "without systemd-resolved all names, not only those in {}, go to the tunnel's DNS",
                dns.match_domains.join(", ")
            ));
        }
        // Two tunnels at one file: whichever ends first would bring back a file the other still needs.
        let other = self
            .slot
            .others()
            .into_iter()
            .find(|other| other.resolv.as_ref().is_some_and(|backup| backup.is_in_place(resolv_conf)));
        if let Some(other) = other {
            notes.push(format!("DNS stays as the tunnel on {} has set it", other.interface));
            return Ok(());
        }
        let text = resolv::text(&self.journal.interface, &dns.servers, &dns.search);
        let doing = || format!("replace {}", resolv_conf.display());
        let backup = match self.journal.resolv.as_ref().filter(|backup| backup.is_in_place(resolv_conf)) {
            Some(ours) if ours.wrote(&text) => return Ok(()),
            Some(ours) => ours.rewritten(text),
            None => Backup::take(resolv_conf, text).map_err(failed(doing()))?,
        };
        self.journal.resolv = Some(backup.clone());
        self.note_down()?;
        backup.replace().map_err(failed(doing()))
    }

    fn note_down(&self) -> Result<(), NetError> {
        self.slot
            .write(&self.journal)
            .map_err(failed(format!("write the journal {}", self.slot.path().display())))
    }

    async fn undo(self) -> Result<(), NetError> {
        undo(&self.slot, self.journal, &self.paths).await?;
        self.slot.remove().map_err(failed(format!("remove {}", self.slot.path().display())))
    }
}

/// Segments of a super-packet so that, sealed, they still fit into one send: 64 KiB of UDP payload, of which
/// ESP adds at most 80 bytes to each, and at most 64 (the kernel's UDP_MAX_SEGMENTS). A super-packet that
/// needs a second send for its last few segments costs the receiver a second frame: a seventh of the
/// throughput.
fn segments(mtu: u32) -> u32 {
    (65_507 / mtu.saturating_add(80)).clamp(1, 64)
}

/// Undoes what a journal notes, as far as it was done; carries on past failures and reports the first.
async fn undo(slot: &Slot, mut journal: Journal, paths: &HostPaths) -> Result<(), NetError> {
    let mut first = Ok(());
    let mut keep = |result: Result<(), NetError>| {
        if first.is_ok() {
            first = result;
        }
    };
    if let Some(backup) = &journal.resolv {
        let result = backup.restore().map(|ours| {
            if !ours {
                tracing::debug!(path = %paths.resolv_conf.display(), "no longer ours; left as it is");
            }
        });
        keep(result.map_err(failed(format!("restore {}", paths.resolv_conf.display()))));
    }
    // After another boot, or in another network namespace, the kernel's part is not there.
    if !journal.is_of_here() {
        return first;
    }
    keep(restore_settings(slot, &mut journal).map_err(failed("restore a kernel setting")));
    let interface_lives =
        sys::socket::interface_index(&journal.interface).is_ok_and(|index| index == journal.index);
    if journal.resolved && interface_lives {
        // Gone with the interface otherwise.
        let _ = resolved::revert(&paths.resolvectl, &journal.interface);
    }
    let netlink = match Netlink::open() {
        Ok(netlink) => netlink,
        Err(cause) => {
            keep(Err(failed("talk to the kernel's routing")(cause)));
            return first;
        }
    };
    for rule in journal.rules.iter().rev() {
        let result = netlink.delete_rule(rule, journal.mark, journal.table).await;
        keep(result.map_err(failed(format!("delete the routing rule {}", rule.priority))));
    }
    if interface_lives {
        for route in journal.routes.iter().rev() {
            let result = netlink.delete_route(journal.index, journal.table, *route).await;
            keep(result.map_err(failed(format!("delete the route for {route}"))));
        }
        for address in journal.addresses.iter().rev() {
            let result = netlink.delete_address(journal.index, *address).await;
            keep(result.map_err(failed(format!("delete the address {address}"))));
        }
        let result = netlink.set_link_down(journal.index).await;
        keep(result.map_err(failed(format!("take {} down", journal.interface))));
    }
    first
}

/// Puts back the kernel settings that no other tunnel needs. The others are theirs to put back.
fn restore_settings(slot: &Slot, journal: &mut Journal) -> io::Result<()> {
    if journal.settings.is_empty() {
        return Ok(());
    }
    let _alone = slot.lock_folder()?;
    sysctl::restore(&journal.settings, &held_by_others(slot))?;
    // While locked: who comes next must not take us for one who will put them back.
    journal.settings.clear();
    slot.write(journal)
}

/// Kernel settings that other tunnels of this network namespace have noted.
fn held_by_others(slot: &Slot) -> Vec<Setting> {
    slot.others().into_iter().filter(Journal::is_of_here).flat_map(|other| other.settings).collect()
}

/// Leaves out domains that are none: a server's answer must not add lines to resolv.conf or options to
/// resolvectl.
fn clean(dns: &DnsConfig, notes: &mut Vec<String>) -> DnsConfig {
    let mut keep = |domains: &[String]| {
        let (good, bad): (Vec<String>, Vec<String>) = domains
            .iter()
            .map(|domain| domain.trim_matches('.').to_owned())
            .partition(|domain| is_domain(domain));
        notes.extend(bad.iter().map(|domain| format!("{domain:?} is not a domain name and is left out")));
        good
    };
    DnsConfig {
        servers: dns.servers.clone(),
        search: keep(&dns.search),
        match_domains: keep(&dns.match_domains),
    }
}

fn is_domain(domain: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !domain.is_empty() && domain.len() <= 253 && !domain.starts_with('-') && domain.chars().all(allowed)
}

/// What [`recover`] found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recovered {
    /// Interfaces whose settings were taken back.
    pub interfaces: Vec<String>,
    /// Journals left where they are, with the reason: they belong to another network namespace, or could
    /// not be read or undone.
    pub left: Vec<String>,
}

/// Takes back what processes that ended without [`Applied::restore`] left behind. Call at start, before
/// [`NetConfig::apply`], inside a tokio runtime. What a living process has set is not touched.
///
/// # Errors
/// If the state folder cannot be read. A journal that cannot be undone is reported in
/// [`Recovered::left`] and does not keep the others from being undone.
pub async fn recover(paths: &HostPaths) -> Result<Recovered, NetError> {
    let folder: &Path = &paths.state_dir;
    let slots =
        Slot::abandoned(folder).map_err(failed(format!("look for journals in {}", folder.display())))?;
    let mut recovered = Recovered::default();
    for slot in slots {
        let name = slot.path().display().to_string();
        let journal = match slot.read() {
            Ok(Some(journal)) => journal,
            Ok(None) => continue,
            Err(error) => {
                recovered.left.push(format!("{name}: {error}"));
                continue;
            }
        };
        let same_boot = journal::boot().is_ok_and(|boot| boot == journal.boot);
        let elsewhere = journal::namespace().is_ok_and(|namespace| namespace != journal.namespace);
        if same_boot && elsewhere {
            recovered.left.push(format!("{name}: made in another network namespace"));
            continue;
        }
        let interface = journal.interface.clone();
        let result = match undo(&slot, journal, paths).await {
            Ok(()) => slot.remove().map_err(failed(format!("remove {name}"))),
            error => error,
        };
        match result {
            Ok(()) => recovered.interfaces.push(interface),
            Err(error) => recovered.left.push(format!("{name}: {error}")),
        }
    }
    Ok(recovered)
}

#[cfg(test)]
mod tests {
    use super::{DnsConfig, NetConfig, NetError, clean};

    #[test]
    fn domains_that_would_add_lines_or_options_are_left_out() {
        let dns = DnsConfig {
            search: ["corp.test.", "a\nnameserver 6.6.6.6", "-x", "", "a b", "ok_1-2.test"]
                .map(str::to_owned)
                .to_vec(),
            ..DnsConfig::default()
        };
        let mut notes = Vec::new();
        assert_eq!(clean(&dns, &mut notes).search, ["corp.test", "ok_1-2.test"]);
        assert_eq!(notes.len(), 4);
    }

    #[test]
    fn impossible_settings_are_refused_before_anything_is_touched() {
        let good = NetConfig::new("tun0", 1400);
        assert!(good.check().is_ok());
        let mut bad = [good.clone(), good.clone(), good.clone(), good.clone(), good];
        bad[0].mtu = 60;
        bad[1].mtu = 1279;
        bad[1].addresses = vec!["fd00::1/64".parse().unwrap()];
        bad[2].mark = 0;
        bad[3].interface = "../x".to_owned();
        bad[4].routes = vec!["10.0.0.0/8".parse().unwrap(); 257];
        for config in bad {
            assert!(matches!(config.check(), Err(NetError::Config(_))), "{config:?}");
        }
    }
}
