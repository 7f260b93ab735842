//! Two hosts in network namespaces: a client and a server with a private network behind it, joined by a cable or
//! by a router that translates addresses (NAT).
//!
//! ```text
//! direct   client 10.99.0.2, fd99::2 ─────────────── server 10.99.0.1, fd99::1   (private: 10.98.0.1, fd98::1)
//! NAT      client 192.168.77.2 ── router 10.99.0.2 ─ server 10.99.0.1            (private: 10.98.0.1, fd98::1)
//! behind   server 10.96.0.1, fd96::1 ─────────────── another host 10.96.0.2, fd96::2  (if asked for)
//! ```
//!
//! Namespaces are named `adit-PID-N-ROLE`. A file lock held by the process that made them tells whether they are
//! in use, so what a killed run left is found and removed without touching another run.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::process::{self, Signal};
use crate::{Error, Result, wait_for};

/// The server's address on the outer network.
pub const SERVER_V4: &str = "10.99.0.1";
/// The server's address on the outer network.
pub const SERVER_V6: &str = "fd99::1";
/// The client's address on the outer network without NAT, the router's with NAT.
pub const CLIENT_V4: &str = "10.99.0.2";
/// The client's address on the outer network.
pub const CLIENT_V6: &str = "fd99::2";
/// The client's address behind the NAT router.
pub const CLIENT_BEHIND_NAT: &str = "192.168.77.2";
/// The host in the private network behind the server.
pub const PRIVATE_V4: &str = "10.98.0.1";
/// The host in the private network behind the server.
pub const PRIVATE_V6: &str = "fd98::1";
/// The host that [`Rig::behind`] makes.
pub const BEHIND_V4: &str = "10.96.0.2";
/// The host that [`Rig::behind`] makes.
pub const BEHIND_V6: &str = "fd96::2";
/// The networks in which the server reaches the host that [`Rig::behind`] makes.
pub const BEHIND_NETWORKS: &str = "10.96.0.0/24,fd96::/64";
/// The server's name, in the client's hosts file for both of its addresses.
pub const SERVER_NAME: &str = "vpn.rig.test";
/// What the client's resolv.conf holds before a tunnel changes it.
pub const CLIENT_RESOLV_CONF: &str = "nameserver 192.0.2.53\n";

/// Locks of the runs of this machine, and the sockets whose paths must be short.
const RUN_FOLDER: &str = "/run/adit-interop";
/// Per-namespace files that `ip netns exec` puts over those of /etc.
const ETC_NETNS: &str = "/etc/netns";
const PREFIX: &str = "adit-";
/// The number of the user nobody and of the group of that name.
const NOBODY: u32 = 65_534;

/// How client and server are joined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Between {
    /// One cable: no NAT.
    Cable,
    /// A router that masquerades the client.
    Nat,
}

/// A client, a server and what is between them. Dropping it removes all of it.
pub struct Rig {
    name: String,
    client: Host,
    server: Host,
    router: Option<Host>,
    folder: PathBuf,
    _lock: File,
}

/// A network namespace.
pub struct Host {
    namespace: String,
    folder: PathBuf,
    socket: PathBuf,
    undisturbed: bool,
}

/// Why no rig can be made here, or `None` when one can: a rig needs root and the right to make namespaces.
pub fn unavailable() -> Option<String> {
    let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root {
        return Some("needs root for network namespaces".to_owned());
    }
    if !Path::new("/dev/net/tun").exists() {
        return Some("needs /dev/net/tun".to_owned());
    }
    if process::output(Command::new("unshare").args(["--net", "true"])).is_err() {
        return Some("has no right to make network namespaces".to_owned());
    }
    None
}

impl Rig {
    /// Makes the namespaces and joins them. `test` names the folder with the logs.
    ///
    /// # Errors
    /// A namespace, an interface or a NAT rule cannot be made.
    pub fn new(test: &str, between: Between) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        fs::create_dir_all(RUN_FOLDER)?;
        remove_stale();
        let name = format!("{PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let lock = take_lock(&name)?;
        let folder = test_folder(test)?;
        // From here on dropping the rig undoes what has been made, however far it got.
        let host = |role: &str| Host::new(&name, role, &folder);
        let router = (between == Between::Nat).then(|| host("router"));
        let rig = Self { client: host("client"), server: host("server"), router, folder, name, _lock: lock };
        rig.join()?;
        Ok(rig)
    }

    /// From now on programs that packets pass through run ahead of all ordinary ones, if the system lets them
    /// (SCHED_RR, sched(7)). A queue between two of them holds half a second of the steady ping: on a machine busy
    /// with other things it would overflow while its reader waits for a processor, and that is no loss of ours.
    #[must_use]
    pub fn undisturbed(mut self) -> Self {
        let allowed = process::output(Command::new("chrt").args(["--rr", "1", "true"])).is_ok();
        let hosts = [Some(&mut self.client), Some(&mut self.server), self.router.as_mut()];
        for host in hosts.into_iter().flatten() {
            host.undisturbed = allowed;
        }
        self
    }

    /// The host a client runs on.
    pub fn client(&self) -> &Host {
        &self.client
    }

    /// The host a server runs on.
    pub fn server(&self) -> &Host {
        &self.server
    }

    /// Where this rig's files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the NAT router forget its translations and use source ports from `first` on, as a home router does
    /// after a restart: to the server the client's address stays and its ports change.
    ///
    /// # Errors
    /// There is no NAT router, or its rules cannot be set.
    pub fn rebind(&self, first: u16) -> Result<()> {
        let router = self.router.as_ref().ok_or_else(|| Error::new("there is no NAT in this rig"))?;
        let last = first.saturating_add(999);
        // A translation lives as long as its interface has the address: taking it away ends them all.
        router.ip(&["link", "set", "wan", "down"])?;
        router.masquerade(&format!(" to :{first}-{last}"))?;
        router.ip(&["link", "set", "wan", "up"])?;
        Ok(())
    }

    /// Makes a host in a network of its own behind the server, which is its way to everywhere. The server forwards
    /// nothing of its own accord.
    ///
    /// # Errors
    /// The namespace or the cable cannot be made.
    pub fn behind(&self) -> Result<Host> {
        let host = Host::new(&self.name, "behind", &self.folder);
        host.create()?;
        cable(&host, "eth0", &self.server, "lan0")?;
        host.address("eth0", &format!("{BEHIND_V4}/24"))?;
        host.address("eth0", &format!("{BEHIND_V6}/64"))?;
        self.server.address("lan0", "10.96.0.1/24")?;
        self.server.address("lan0", "fd96::1/64")?;
        host.ip(&["route", "add", "default", "via", "10.96.0.1"])?;
        host.ip(&["-6", "route", "add", "default", "via", "fd96::1"])?;
        // A new namespace has IPv4 as the machine has it.
        let off = "echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding";
        self.server.run("sh", &["-c", off])?;
        host.settled()?;
        self.server.settled()?;
        Ok(host)
    }

    fn join(&self) -> Result<()> {
        let hosts = [Some(&self.client), Some(&self.server), self.router.as_ref()];
        for host in hosts.into_iter().flatten() {
            host.create()?;
        }
        let server_address = format!("{SERVER_V4}/24");
        match &self.router {
            None => {
                cable(&self.client, "eth0", &self.server, "eth0")?;
                self.client.address("eth0", &format!("{CLIENT_V4}/24"))?;
                self.client.address("eth0", &format!("{CLIENT_V6}/64"))?;
                self.server.address("eth0", &format!("{SERVER_V6}/64"))?;
            }
            Some(router) => {
                cable(&self.client, "eth0", router, "lan")?;
                cable(router, "wan", &self.server, "eth0")?;
                self.client.address("eth0", &format!("{CLIENT_BEHIND_NAT}/24"))?;
                router.address("lan", "192.168.77.1/24")?;
                router.address("wan", &format!("{CLIENT_V4}/24"))?;
                router.run("sh", &["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])?;
                router.masquerade("")?;
                self.client.ip(&["route", "add", "default", "via", "192.168.77.1"])?;
            }
        }
        self.server.address("eth0", &server_address)?;
        self.server.address("lo", &format!("{PRIVATE_V4}/32"))?;
        self.server.address("lo", &format!("{PRIVATE_V6}/128"))?;
        hosts.into_iter().flatten().try_for_each(Host::settled)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        remove(&self.name);
        if std::thread::panicking() {
            println!("the logs of this rig are in {}", self.folder.display());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Host {
    fn new(rig: &str, role: &str, folder: &Path) -> Self {
        Self {
            namespace: format!("{rig}-{role}"),
            folder: folder.join(role),
            socket: Path::new(RUN_FOLDER).join(format!("{rig}-{role}.vici")),
            undisturbed: false,
        }
    }

    /// Waits until each cable's end has its link-local address. The kernel gives it a while after the link is up, and it is
    /// tentative for a moment even without duplicate address detection: a state compared with a later one must have it.
    fn settled(&self) -> Result<()> {
        wait_for("link-local addresses", Duration::from_secs(10), || {
            let cables = self.ip(&["-o", "link", "show", "type", "veth"]).ok()?.lines().count();
            let addresses = self.ip(&["-o", "-6", "addr", "show", "scope", "link"]).ok()?;
            let usable = addresses.lines().filter(|line| !line.contains("tentative")).count();
            (usable >= cables).then_some(())
        })
    }

    /// Makes the namespace and the files that programs in it see.
    fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let etc = Path::new(ETC_NETNS).join(&self.namespace);
        fs::create_dir_all(&etc)?;
        fs::write(etc.join("resolv.conf"), CLIENT_RESOLV_CONF)?;
        let hosts = format!("127.0.0.1 localhost\n{SERVER_V4} {SERVER_NAME}\n{SERVER_V6} {SERVER_NAME}\n");
        fs::write(etc.join("hosts"), hosts)?;
        ip(&["netns", "add", &self.namespace])?;
        // Duplicate address detection would let link-local addresses change their state for two seconds.
        let no_dad = "for i in all default; do echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad; done";
        self.run("sh", &["-c", no_dad])?;
        self.ip(&["link", "set", "lo", "up"])?;
        Ok(())
    }

    /// As [`Self::command`], and if the rig is undisturbed ahead of all ordinary programs.
    pub fn steady_command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        if !self.undisturbed {
            return self.command(program);
        }
        let mut command = self.command("chrt");
        command.args(["--rr", "1"]).arg(program);
        command
    }

    /// A command that runs `program` in this namespace. The process it starts is the program itself.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command
    }

    /// Runs a program here and answers its standard output.
    ///
    /// # Errors
    /// It fails.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        process::output(self.command(program).args(args))
    }

    /// Runs `ip` on this namespace.
    ///
    /// # Errors
    /// It fails.
    pub fn ip(&self, args: &[&str]) -> Result<String> {
        let mut all = vec!["-n", self.namespace.as_str()];
        all.extend(args);
        ip(&all)
    }

    /// Where this host's files go.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies a file to where the user nobody may read and run it; it is nobody's, and gone with the rig.
    ///
    /// # Errors
    /// It cannot be copied.
    pub fn copy_for_nobody(&self, path: &Path) -> Result<PathBuf> {
        let folder = nobody_folder(&self.namespace);
        fs::create_dir_all(&folder)?;
        let copy = folder.join(path.file_name().unwrap_or_default());
        fs::copy(path, &copy)?;
        chown(&copy, Some(NOBODY), Some(NOBODY))?;
        Ok(copy)
    }

    /// A path for a control socket, short enough for one.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Addresses, routes (every table), rules and resolv.conf, for comparing before and after.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn network_state(&self) -> Result<String> {
        let mut state = String::new();
        for args in [
            &["-o", "addr", "show"][..],
            &["-4", "route", "show", "table", "all"],
            &["-6", "route", "show", "table", "all"],
            &["-4", "rule", "show"],
            &["-6", "rule", "show"],
        ] {
            state.push_str(&format!("# ip {}\n{}", args.join(" "), self.ip(args)?));
        }
        let resolv = fs::read_to_string(Path::new(ETC_NETNS).join(&self.namespace).join("resolv.conf"))?;
        state.push_str(&format!("# resolv.conf\n{resolv}"));
        Ok(state)
    }

    /// Every kernel setting of the interfaces and of forwarding, for comparing before and after.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn kernel_settings(&self) -> Result<String> {
        // Some cannot be read by anybody (stable_secret while there is none).
        let read = "grep -rs '' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf | sort";
        let text = self.run("sh", &["-c", read])?;
        if text.lines().count() < 100 { Err(Error::new(format!("few settings:\n{text}"))) } else { Ok(text) }
    }

    fn address(&self, interface: &str, address: &str) -> Result<()> {
        // `nodad`: an IPv6 address is usable at once, without the second of duplicate address detection.
        let nodad: &[&str] = if address.contains(':') { &["nodad"] } else { &[] };
        self.ip(&[&["addr", "add", address, "dev", interface], nodad].concat())?;
        self.ip(&["link", "set", interface, "up"])?;
        Ok(())
    }

    fn masquerade(&self, to: &str) -> Result<()> {
        let rules = format!(
            "table ip rig\ndelete table ip rig\ntable ip rig {{ chain post {{ type nat hook postrouting priority 100; \
             oifname \"wan\" meta l4proto udp masquerade{to}\n oifname \"wan\" masquerade\n }}\n}}\n"
        );
        let file = self.folder.join("nat.nft");
        fs::write(&file, rules)?;
        self.run("nft", &["-f", &file.display().to_string()])?;
        Ok(())
    }
}

/// Joins two hosts with a cable whose ends have these names. Their links come up with their first address.
fn cable(a: &Host, a_end: &str, b: &Host, b_end: &str) -> Result<()> {
    let (a, b) = (&a.namespace, &b.namespace);
    ip(&["link", "add", a_end, "netns", a, "type", "veth", "peer", "name", b_end, "netns", b]).map(drop)
}

fn ip(args: &[&str]) -> Result<String> {
    process::output(Command::new("ip").args(args))
}

fn lock_path(name: &str) -> PathBuf {
    Path::new(RUN_FOLDER).join(format!("{name}.lock"))
}

/// Where the user nobody finds copies. Not in /run, where nothing may be run.
fn nobody_folder(namespace: &str) -> PathBuf {
    std::env::temp_dir().join(format!("adit-interop-{namespace}"))
}

/// A new folder for the test's files; those that ended runs of the same test left are removed.
fn test_folder(test: &str) -> Result<PathBuf> {
    let all = crate::work_folder();
    fs::create_dir_all(&all)?;
    for entry in fs::read_dir(&all)?.flatten() {
        let name = entry.file_name();
        let id =
            name.to_str().and_then(|name| name.strip_prefix(test)?.strip_prefix('-')?.parse::<u32>().ok());
        if id.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let folder = all.join(format!("{test}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Takes the lock of a new rig. It gets its name only when it is held: nobody can see it free.
fn take_lock(name: &str) -> Result<File> {
    let unnamed = Path::new(RUN_FOLDER).join(format!("{name}.new"));
    let file = File::create(&unnamed)?;
    file.lock()?;
    fs::rename(unnamed, lock_path(name))?;
    Ok(file)
}

/// Removes every rig on this machine whose process is gone.
fn remove_stale() {
    let Ok(entries) = fs::read_dir(RUN_FOLDER) else { return };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().and_then(|name| name.strip_suffix(".lock")) else { continue };
        // The kernel lets go of the lock with the process, so who gets it knows that the owner is gone.
        if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            remove(name);
        }
    }
}

/// Removes the rig `name`: what runs in its namespaces, the namespaces, their files, the lock.
fn remove(name: &str) {
    for role in ["client", "server", "router", "behind"] {
        let namespace = format!("{name}-{role}");
        if let Ok(ids) = ip(&["netns", "pids", &namespace]) {
            for id in ids.split_whitespace().filter_map(|id| id.parse().ok()) {
                process::send(id, Signal::Kill);
            }
            let _ = ip(&["netns", "del", &namespace]);
        }
        let _ = fs::remove_dir_all(Path::new(ETC_NETNS).join(&namespace));
        let _ = fs::remove_file(Path::new(RUN_FOLDER).join(format!("{namespace}.vici")));
        let _ = fs::remove_dir_all(nobody_folder(&namespace));
    }
    let _ = fs::remove_file(lock_path(name));
}
