//! Kernel settings a tunnel needs.
//!
//! Owns four. The reverse path filter, which when strict drops what comes from the server, because the route
//! back to it leads into the tunnel. Forwarding, without which a gateway's clients reach the gateway alone. IPv6
//! on the interface, without the link-local address the kernel would make up (nobody at the far end knows it).
//! And that an IPv4 address of the interface which goes takes no other along.
//! Source: the kernel's `Documentation/networking/ip-sysctl.rst`.
//!
//! Forwarding is switched on for each interface, not with `ip_forward`: so it is seen when somebody else
//! switches that on meanwhile, and `accept_redirects` is not touched. Interfaces that appear later inherit it
//! from `default`. IPv6 has such a switch from Linux 6.17 on (`force_forwarding`); before, `all.forwarding`
//! makes the host a router, which forgets what it learnt from router advertisements and hears no more of them
//! unless `accept_ra` is 2, so that is set first.
//!
//! Tunnels that are up at the same time may need the same setting: each notes what it was before any of them
//! changed it ([`Tree`]), and the last one puts it back ([`restore`]).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const NET: &str = "/proc/sys/net";
const CONF6: &str = "/proc/sys/net/ipv6/conf";

/// The value of a switch that is on.
const ON: &str = "1";
/// The interface settings of which new interfaces get a copy.
const DEFAULT: &str = "default";

/// A setting to be changed, and what it was.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Setting {
    path: PathBuf,
    before: String,
    after: String,
    #[serde(default)]
    kind: Kind,
    /// A switch for all interfaces. If it is on at the end, somebody else wants what we set.
    #[serde(default)]
    unless_on: Option<PathBuf>,
}

/// How a setting changes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
enum Kind {
    /// We set it.
    #[default]
    Plain,
    /// We set it, and interfaces that appear later inherit it.
    Inherited,
    /// The kernel sets it when an earlier one in the order of undoing is put back.
    Consequence,
}

impl Setting {
    fn new(path: PathBuf, before: String, after: &str) -> Self {
        Self { path, before, after: after.to_owned(), kind: Kind::Plain, unless_on: None }
    }

    pub(super) fn set(&self) -> io::Result<()> {
        if self.kind == Kind::Consequence || read(&self.path).as_ref() == Some(&self.after) {
            return Ok(());
        }
        match fs::write(&self.path, &self.after) {
            // The interface has just gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    /// Sets it back, unless someone else has changed it since.
    fn restore(&self) -> io::Result<()> {
        match fs::read_to_string(&self.path) {
            Ok(now) if now.trim() == self.after && self.before != self.after => {
                fs::write(&self.path, &self.before)
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// How sysctl(8) would set it; `None` if it keeps its value while the tunnel is up.
    pub(super) fn change(&self) -> Option<String> {
        let changes = self.kind != Kind::Consequence && self.before != self.after;
        let name = self.path.strip_prefix("/proc/sys").unwrap_or(&self.path);
        changes.then(|| format!("{}={}", name.display(), self.after))
    }
}

/// Puts settings back in the opposite order, but for those `held` by other tunnels that are up. Carries on past
/// failures and reports the first.
pub(super) fn restore(settings: &[Setting], held: &[Setting]) -> io::Result<()> {
    let mut first = Ok(());
    let knows = |list: &[Setting], path: &Path| list.iter().any(|setting| setting.path == path);
    for setting in settings.iter().rev().filter(|setting| !knows(held, &setting.path)) {
        if setting.unless_on.as_ref().and_then(|path| read(path)).is_some_and(|value| value == ON) {
            continue;
        }
        first = first.and(setting.restore());
        if setting.kind != Kind::Inherited {
            continue;
        }
        for path in siblings(&setting.path).filter(|path| !knows(settings, path)) {
            first = first.and(Setting { path, kind: Kind::Plain, ..setting.clone() }.restore());
        }
    }
    first
}

/// The settings under `/proc/sys/net`, as they were before tunnels that are up changed them.
pub(super) struct Tree {
    root: PathBuf,
    changed: Vec<Setting>,
}

impl Tree {
    /// The kernel's, where other tunnels have `changed` some.
    pub(super) fn new(changed: Vec<Setting>) -> Self {
        Self { root: PathBuf::from(NET), changed }
    }

    /// `all.rp_filter = 2` (loose) if any interface is filtered strictly (RFC 3704 2.4): what counts for an
    /// interface is the larger of its own value and that of `all`.
    pub(super) fn loose_reverse_path(&self) -> Option<Setting> {
        let conf = self.root.join("ipv4/conf");
        let number = |path: PathBuf| self.original(&path)?.parse::<u8>().ok();
        let all = conf.join("all/rp_filter");
        let before = number(all.clone())?;
        let strict = names(&conf)
            .into_iter()
            .filter_map(|name| number(conf.join(name).join("rp_filter")))
            .any(|own| own.max(before) == 1);
        strict.then(|| Setting::new(all, before.to_string(), "2"))
    }

    /// What lets packets pass between `interface` and the others, in IPv4 and IPv6. Where the host forwards already
    /// there is nothing to change but `interface` itself, which is done here: it goes with the interface.
    pub(super) fn forwarding(&self, interface: &str, v4: bool, v6: bool) -> io::Result<Vec<Setting>> {
        let mut settings = Vec::new();
        for (wanted, family, switch) in [(v4, "ipv4", "forwarding"), (v6, "ipv6", "force_forwarding")] {
            let conf = self.root.join(family).join("conf");
            let all = conf.join("all/forwarding");
            let own = conf.join(interface).join(switch);
            match self.original(&all) {
                Some(value) if wanted && value != ON => {
                    if conf.join(DEFAULT).join(switch).exists() {
                        let each = self.for_each(&conf, switch, |_, _| ON.to_owned());
                        settings
                            .extend(each.map(|setting| Setting { unless_on: Some(all.clone()), ..setting }));
                    } else {
                        settings.extend(self.router(&conf, &all));
                    }
                }
                Some(_) if wanted => Setting::new(own, String::new(), ON).set()?,
                _ => {}
            }
        }
        Ok(settings)
    }

    /// The host becomes an IPv6 router that still listens to other routers.
    fn router(&self, conf: &Path, all: &Path) -> Vec<Setting> {
        if self.changed.iter().any(|setting| setting.path == all) {
            // It is one already; what it was before is what the other tunnel noted.
            return self.changed.iter().filter(|it| it.path.starts_with(conf)).cloned().collect();
        }
        let forwards = |name: &str| read(&conf.join(name).join("forwarding")).is_some_and(|it| it == ON);
        // Putting `all` back puts these at 0, whatever they were.
        let own = names(conf).into_iter().filter(|name| name != "all" && forwards(name));
        let own = own.map(|name| Setting {
            kind: Kind::Consequence,
            ..Setting::new(conf.join(name).join("forwarding"), ON.to_owned(), "0")
        });
        let listening = self.for_each(conf, "accept_ra", |name, value| {
            if value == "1" && !forwards(name) { "2".to_owned() } else { value.to_owned() }
        });
        let switch = Setting::new(all.to_owned(), "0".to_owned(), ON);
        own.chain(listening).chain(std::iter::once(switch)).collect()
    }

    /// The setting `name` of `default` and of each interface but the loopback, changed to what `after` says. Those
    /// that do not change are among them: they are known, not inherited.
    fn for_each<'a>(
        &'a self,
        conf: &'a Path,
        name: &'a str,
        after: impl Fn(&str, &str) -> String + 'a,
    ) -> impl Iterator<Item = Setting> + 'a {
        let interfaces = names(conf).into_iter().filter(|it| it != "all" && it != "lo" && it != DEFAULT);
        std::iter::once(DEFAULT.to_owned()).chain(interfaces).filter_map(move |interface| {
            let path = conf.join(&interface).join(name);
            let before = self.original(&path)?;
            let after = after(&interface, &before);
            let kind = if interface == DEFAULT { Kind::Inherited } else { Kind::Plain };
            Some(Setting { kind, ..Setting::new(path, before, &after) })
        })
    }

    /// What a setting was.
    fn original(&self, path: &Path) -> Option<String> {
        let now = read(path)?;
        let of = |path: &Path| self.changed.iter().find(|setting| setting.path == path);
        let changed = match of(path) {
            None => default_of(path).and_then(|default| of(&default)).filter(|it| it.kind == Kind::Inherited),
            own => own,
        };
        Some(changed.filter(|setting| setting.after == now).map_or(now, |setting| setting.before.clone()))
    }
}

/// The interfaces that have settings in `conf`, and `all` and `default`, in order.
fn names(conf: &Path) -> Vec<String> {
    let entries = fs::read_dir(conf).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

/// The same setting of the interfaces, for that of `default`.
fn siblings(default: &Path) -> impl Iterator<Item = PathBuf> {
    let conf = default.parent().and_then(Path::parent).map(Path::to_owned);
    let name = default.file_name().map(ToOwned::to_owned);
    let both = conf.zip(name).into_iter();
    both.flat_map(|(conf, name)| {
        let interfaces = names(&conf).into_iter().filter(|it| it != "all" && it != "lo" && it != DEFAULT);
        interfaces.map(move |interface| conf.join(interface).join(&name)).collect::<Vec<_>>()
    })
}

/// The same setting of `default`, for that of an interface.
fn default_of(path: &Path) -> Option<PathBuf> {
    let (name, interface) = (path.file_name()?, path.parent()?);
    let special = matches!(interface.file_name()?.to_str()?, "all" | "lo" | DEFAULT);
    (!special).then(|| interface.with_file_name(DEFAULT).join(name))
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// Keeps the interface's other addresses of a network when the first of them goes. Not undone: it goes with the
/// interface.
pub(super) fn promote_secondaries(interface: &str) {
    // A kernel without the setting drops them all; `change` adds them again.
    let _ = fs::write(Path::new(NET).join("ipv4/conf").join(interface).join("promote_secondaries"), "1");
}

/// Whether the kernel has IPv6 on the interface; below an MTU of 1,280 it has none.
pub(super) fn has_ipv6(interface: &str) -> bool {
    PathBuf::from(CONF6).join(interface).exists()
}

/// Takes back the link-local address that the kernel gives an interface when it begins to have IPv6. Turns IPv6
/// off there.
pub(super) fn begin_ipv6_anew(interface: &str) {
    let _ = fs::write(PathBuf::from(CONF6).join(interface).join("disable_ipv6"), "1");
}

/// Turns IPv6 on for the interface if the tunnel has an IPv6 address, else off. Not undone: it goes with
/// the interface. False if this kernel has no IPv6.
pub(super) fn prepare_ipv6(interface: &str, wanted: bool) -> io::Result<bool> {
    let folder = PathBuf::from(CONF6).join(interface);
    if !folder.exists() {
        return Ok(false);
    }
    // 1: no address of the kernel's own making.
    let _ = fs::write(folder.join("addr_gen_mode"), "1");
    fs::write(folder.join("disable_ipv6"), if wanted { "0" } else { "1" })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{Kind, Setting, Tree, restore};

    /// A folder that stands for `/proc/sys/net`, with `files` in it.
    fn tree(name: &str, files: &[(&str, &str)]) -> Tree {
        let root = std::env::temp_dir().join(format!("adit-sysctl-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (path, value) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{value}\n")).unwrap();
        }
        Tree { root, changed: Vec::new() }
    }

    /// Every setting of every interface, of both families.
    fn values(root: &Path) -> BTreeMap<PathBuf, String> {
        let folders = ["ipv4/conf", "ipv6/conf"].map(|family| root.join(family));
        let interfaces =
            folders.iter().flat_map(|conf| super::names(conf).into_iter().map(|name| conf.join(name)));
        let files = interfaces.flat_map(|folder| fs::read_dir(folder).unwrap());
        let paths = files.map(|entry| entry.unwrap().path());
        paths.filter_map(|path| super::read(&path).map(|value| (path, value))).collect()
    }

    fn set(settings: &[Setting]) {
        settings.iter().for_each(|setting| setting.set().unwrap());
    }

    const IPV4: &[(&str, &str)] = &[
        ("ipv4/conf/all/forwarding", "0"),
        ("ipv4/conf/default/forwarding", "0"),
        ("ipv4/conf/lo/forwarding", "0"),
        ("ipv4/conf/eth0/forwarding", "0"),
        ("ipv4/conf/eth1/forwarding", "1"),
        ("ipv4/conf/tun/forwarding", "0"),
    ];

    #[test]
    fn each_interface_forwards_for_the_time_and_later_ones_too() {
        let tree = tree("each", IPV4);
        let before = values(&tree.root);
        let settings = tree.forwarding("tun", true, true).unwrap();
        set(&settings);
        let conf = tree.root.join("ipv4/conf");
        let on = |name: &str| super::read(&conf.join(name).join("forwarding")).unwrap() == "1";
        assert!(["default", "eth0", "eth1", "tun"].iter().all(|name| on(name)));
        assert!(!on("all") && !on("lo"));
        // The journal goes through JSON.
        let stored = serde_json::to_vec(&settings).unwrap();
        let settings: Vec<Setting> = serde_json::from_slice(&stored).unwrap();
        fs::create_dir_all(conf.join("later")).unwrap();
        fs::write(conf.join("later/forwarding"), "1\n").unwrap();
        restore(&settings, &[]).unwrap();
        assert!(!on("later"), "it had inherited it");
        fs::remove_dir_all(conf.join("later")).unwrap();
        assert_eq!(values(&tree.root), before);
        fs::remove_dir_all(&tree.root).unwrap();
    }

    #[test]
    fn a_host_that_forwards_already_is_left_alone_and_so_is_one_that_has_begun_to() {
        let tree = tree("already", IPV4);
        let settings = tree.forwarding("tun", true, false).unwrap();
        set(&settings);
        // As the kernel does for `ip_forward = 1`.
        let all = tree.root.join("ipv4/conf/all/forwarding");
        fs::write(&all, "1").unwrap();
        let now = values(&tree.root);
        restore(&settings, &[]).unwrap();
        assert_eq!(values(&tree.root), now, "somebody else wants it");
        assert_eq!(tree.forwarding("tun", true, false).unwrap(), []);
        fs::remove_dir_all(&tree.root).unwrap();
    }

    const IPV6: &[(&str, &str)] = &[
        ("ipv6/conf/all/forwarding", "0"),
        ("ipv6/conf/default/forwarding", "0"),
        ("ipv6/conf/default/accept_ra", "1"),
        ("ipv6/conf/eth0/forwarding", "0"),
        ("ipv6/conf/eth0/accept_ra", "1"),
        ("ipv6/conf/eth1/forwarding", "1"),
        ("ipv6/conf/eth1/accept_ra", "1"),
        ("ipv6/conf/eth2/forwarding", "0"),
        ("ipv6/conf/eth2/accept_ra", "0"),
    ];

    #[test]
    fn before_linux_6_17_a_router_goes_on_listening_to_routers() {
        let tree = tree("router", IPV6);
        let before = values(&tree.root);
        let settings = tree.forwarding("tun", false, true).unwrap();
        let switch = settings.last().unwrap();
        assert!(
            switch.path.ends_with("all/forwarding"),
            "last, lest what was learnt is forgotten: {switch:?}"
        );
        set(&settings);
        let conf = tree.root.join("ipv6/conf");
        let accepts = |name: &str| super::read(&conf.join(name).join("accept_ra")).unwrap();
        assert_eq!(["default", "eth0", "eth1", "eth2"].map(accepts), ["2", "2", "1", "0"]);
        // What the kernel does when `all` changes.
        let all = |value: &str| {
            for name in ["default", "eth0", "eth1", "eth2"] {
                fs::write(conf.join(name).join("forwarding"), value).unwrap();
            }
        };
        all("1");
        restore(&settings[settings.len() - 1..], &[]).unwrap();
        all("0");
        restore(&settings[..settings.len() - 1], &[]).unwrap();
        assert_eq!(values(&tree.root), before);
        fs::remove_dir_all(&tree.root).unwrap();
    }

    #[test]
    fn of_two_tunnels_the_last_puts_back_what_the_first_found() {
        for files in [IPV4, IPV6] {
            for first_ends_first in [true, false] {
                let tree = tree("two", files);
                let before = values(&tree.root);
                let first = tree.forwarding("tun", true, true).unwrap();
                set(&first);
                let second_tree = Tree { root: tree.root.clone(), changed: first.clone() };
                let second = second_tree.forwarding("tun2", true, true).unwrap();
                set(&second);
                assert_eq!(first, second);
                let (one, other) = if first_ends_first { (&first, &second) } else { (&second, &first) };
                let now = values(&tree.root);
                restore(one, other).unwrap();
                assert_eq!(values(&tree.root), now, "the other needs it");
                restore(other, &[]).unwrap();
                assert_eq!(values(&tree.root), before);
                fs::remove_dir_all(&tree.root).unwrap();
            }
        }
    }

    #[test]
    fn journals_of_earlier_versions_are_read() {
        let old = r#"{"path":"/proc/sys/net/ipv4/conf/all/rp_filter","before":"1","after":"2"}"#;
        let setting: Setting = serde_json::from_str(old).unwrap();
        assert_eq!(setting.kind, Kind::Plain);
        assert_eq!(setting.change().unwrap(), "net/ipv4/conf/all/rp_filter=2");
    }

    /// The way for kernels without `force_forwarding`, on the kernel this runs on.
    #[test]
    #[allow(unsafe_code)]
    fn the_kernel_is_a_router_for_the_time_and_afterwards_as_before() {
        let work = || {
            // SAFETY: unshare takes no pointer; it moves this thread alone into a new network namespace.
            if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
                println!("left out: the IPv6 router of older kernels needs root and network namespaces");
                return;
            }
            let ip = |line: &str| {
                assert!(std::process::Command::new("ip").args(line.split(' ')).status().unwrap().success());
            };
            ip("link add eth0 type veth peer name eth1");
            let tree = Tree::new(Vec::new());
            let conf = tree.root.join("ipv6/conf");
            fs::write(conf.join("eth1/forwarding"), "1").unwrap();
            let before = values(&tree.root);
            let settings = tree.router(&conf, &conf.join("all/forwarding"));
            set(&settings);
            let all = ["all", "default", "eth0", "eth1"].map(|name| conf.join(name).join("forwarding"));
            assert!(all.iter().all(|path| super::read(path).unwrap() == "1"));
            assert_eq!(super::read(&conf.join("eth0/accept_ra")).unwrap(), "2");
            restore(&settings, &[]).unwrap();
            assert_eq!(values(&tree.root), before);
        };
        std::thread::spawn(work).join().unwrap();
    }
}
