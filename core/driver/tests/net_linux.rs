//! What a tunnel sets on a Linux host is gone afterwards, however it ends.
//!
//! Each test makes a network namespace of its own and compares `ip -j` dumps and files before and after.
//! Needs root; without it each test says what it leaves out.
#![cfg(target_os = "linux")]
// Helpers outside `#[test]` functions panic too: that is how a test fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::task::Poll;
use std::time::{Duration, Instant};

use adit_driver::net::{DEFAULT_MARK, DnsConfig, HostPaths, IpPrefix, NetConfig, NetError, recover};
use adit_driver::tun::Tun;

/// A network namespace with a "physical" interface `eth` and a default route, and a folder for files.
struct Namespace {
    name: String,
    folder: PathBuf,
}

impl Namespace {
    /// `None` without root, after saying so.
    fn new(test: &str) -> Option<Self> {
        let name = format!("adit-{test}-{}", std::process::id());
        let made = Command::new("ip").args(["netns", "add", &name]).output();
        if !made.is_ok_and(|output| output.status.success()) {
            println!("LEFT OUT: driver {test}: needs root, iproute2 and network namespaces");
            return None;
        }
        let folder = std::env::temp_dir().join(&name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("resolv.conf"), "nameserver 192.0.2.53\noptions edns0\n").unwrap();
        let namespace = Self { name, folder };
        namespace.ip("link set lo up");
        namespace.ip("link add eth type veth peer name far");
        // No addresses of the kernel's own making: they are "tentative" for a second, then no longer.
        namespace.write("/proc/sys/net/ipv6/conf/eth/addr_gen_mode", "1");
        namespace.write("/proc/sys/net/ipv6/conf/far/addr_gen_mode", "1");
        namespace.ip("link set far up");
        namespace.ip("link set eth up");
        namespace.ip("addr add 192.0.2.10/24 dev eth");
        namespace.ip("addr add 2001:db8:1::10/64 dev eth nodad");
        namespace.ip("route add default via 192.0.2.1");
        namespace.ip("route add 10.20.0.0/16 via 192.0.2.2");
        namespace.ip("route add 10.30.0.0/24 via 192.0.2.3");
        namespace.ip("-6 route add default via 2001:db8:1::1");
        Some(namespace)
    }

    fn ip(&self, arguments: &str) -> String {
        let mut command = Command::new("ip");
        let output = command.args(["-n", &self.name]).args(arguments.split(' ')).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ip {arguments}: {text}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Everything a tunnel could have changed.
    fn state(&self) -> Vec<String> {
        let mut state: Vec<String> =
            ["-j addr", "-j route show table all", "-j -6 route show table all", "-j rule", "-j -6 rule"]
                .iter()
                // The life times of addresses run on.
                .map(|arguments| without(&self.ip(arguments), &["valid_life_time", "preferred_life_time"]))
                .collect();
        state.push(self.read("/proc/sys/net/ipv4/conf/all/rp_filter"));
        state.push(format!("{:?}", fs::read(self.folder.join("resolv.conf"))));
        state.push(format!("{:?}", fs::read_link(self.folder.join("resolv.conf"))));
        state.push(self.settings());
        state
    }

    /// Expects everything to be as it was `before` there was a tunnel. An interface goes with the last copy of its
    /// descriptor, and a program that another test is just starting has one for a moment.
    fn expect(&self, before: &[String], when: &str) {
        wait_until_gone(self, "adit");
        for (now, before) in self.state().iter().zip(before) {
            let differ: Vec<_> =
                now.lines().zip(before.lines()).filter(|(now, before)| now != before).collect();
            assert!(now == before, "{when}: {differ:#?} of {} and {} bytes", now.len(), before.len());
        }
    }

    /// Every kernel setting of the interfaces, but for those of tunnels, with which they go.
    fn settings(&self) -> String {
        let script =
            "grep -rs '' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf";
        let mut command = Command::new("ip");
        let output = command.args(["netns", "exec", &self.name, "sh", "-c", script]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<&str> = text.lines().filter(|line| !line.contains("/conf/adit")).collect();
        lines.sort_unstable();
        assert!(lines.len() > 100, "{text}");
        lines.join("\n")
    }

    /// True if `name` of IPv4 or IPv6 is on.
    fn is_on(&self, name: &str) -> bool {
        self.read(&format!("/proc/sys/net/{name}")).trim() == "1"
    }

    /// Reads a file of /proc as seen in the namespace.
    fn read(&self, path: &str) -> String {
        let output = Command::new("ip").args(["netns", "exec", &self.name, "cat", path]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn write(&self, path: &str, value: &str) {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, "sh", "-c", &format!("echo {value} > {path}")]);
        assert!(command.status().unwrap().success());
    }

    fn paths(&self) -> HostPaths {
        HostPaths {
            state_dir: self.folder.join("state"),
            resolv_conf: self.folder.join("resolv.conf"),
            resolvectl: self.folder.join("resolvectl"),
        }
    }

    /// Where a packet to `to` leaves, for one with or without the tunnel's mark.
    fn leaves_by(&self, to: &str, mark: bool) -> String {
        let mark = if mark { format!(" mark {DEFAULT_MARK}") } else { String::new() };
        let text = self.ip(&format!("-j route get {to}{mark}"));
        let routes: serde_json::Value = serde_json::from_str(&text).unwrap();
        routes[0]["dev"].as_str().unwrap().to_owned()
    }

    /// Runs `work` on a thread that has entered the namespace, inside a runtime.
    fn run<T: Send>(&self, work: impl AsyncFnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                enter(&self.name);
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(work())
            });
            inside.join().unwrap()
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Moves this thread into a namespace.
#[allow(unsafe_code)]
fn enter(name: &str) {
    use std::os::fd::AsRawFd;
    let file = fs::File::open(format!("/var/run/netns/{name}")).unwrap();
    // SAFETY: setns takes an open descriptor and no pointer.
    assert_eq!(unsafe { libc::setns(file.as_raw_fd(), libc::CLONE_NEWNET) }, 0);
}

/// JSON without some of its keys.
fn without(json: &str, keys: &[&str]) -> String {
    fn strip(value: &mut serde_json::Value, keys: &[&str]) {
        match value {
            serde_json::Value::Object(map) => {
                map.retain(|key, _| !keys.contains(&key.as_str()));
                map.values_mut().for_each(|value| strip(value, keys));
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(|value| strip(value, keys)),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(json).unwrap();
    strip(&mut value, keys);
    serde_json::to_string(&value).unwrap()
}

fn list(text: &str) -> Vec<IpPrefix> {
    text.split(' ').map(|prefix| prefix.parse().unwrap()).collect()
}

fn full_tunnel(interface: &str) -> NetConfig {
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

#[test]
fn full_tunnel_takes_all_but_its_own_packets_and_leaves_no_trace() {
    let Some(namespace) = Namespace::new("full") else { return };
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit%d").unwrap();
        let name = tun.name().unwrap().to_owned();
        let created = namespace.state();
        let applied = full_tunnel(&name).apply(&namespace.paths()).await.unwrap();
        assert_eq!(applied.notes(), [] as [String; 0]);
        for (to, by) in [("8.8.8.8", &*name), ("10.20.1.1", "eth"), ("2001:4860::8", &name)] {
            assert_eq!(namespace.leaves_by(to, false), by, "{to}");
            assert_eq!(namespace.leaves_by(to, true), "eth", "{to}");
        }
        assert_eq!(namespace.leaves_by("192.0.2.77", false), "eth", "the local network stays reachable");
        // Our addresses are the source of what goes through the tunnel.
        assert!(namespace.ip("route get 8.8.8.8").contains("src 10.97.0.5"));
        assert!(namespace.ip("-6 route get 2001:4860::8").contains("src fd97::5"));
        assert!(namespace.ip(&format!("link show {name}")).contains("mtu 1400"));
        assert!(!namespace.ip(&format!("addr show {name}")).contains("fe80"), "no address of its own making");
        assert!(namespace.ip(&format!("-d link show {name}")).contains("gso_max_segs 44"));
        let main = |state: &str| state.contains("\"dev\":\"adit") && !state.contains("\"table\"");
        assert!(!main(&namespace.ip("-j route show")), "the main table is not edited");
        let resolv = fs::read_to_string(namespace.folder.join("resolv.conf")).unwrap();
        assert!(resolv.contains("nameserver 10.98.0.1\nsearch corp.test\n"), "{resolv}");
        applied.restore().await.unwrap();
        let mut after = namespace.state();
        // Once an interface has been up it keeps the MTU and a queue.
        after[0] = without(&after[0], &["mtu", "qdisc"]);
        let created = [vec![without(&created[0], &["mtu", "qdisc"])], created[1..].to_vec()].concat();
        assert_eq!(after, created);
    });
    namespace.expect(&before, "afterwards");
    assert_eq!(fs::read_dir(namespace.folder.join("state")).unwrap().count(), 0);
}

#[test]
fn without_a_default_route_marked_packets_still_stay_out() {
    let Some(namespace) = Namespace::new("lost") else { return };
    namespace.run(async || {
        let tun = Tun::create("adit%d").unwrap();
        let applied = full_tunnel(tun.name().unwrap()).apply(&namespace.paths()).await.unwrap();
        namespace.ip("route del default");
        let mark = DEFAULT_MARK.to_string();
        let output = Command::new("ip")
            .args(["-n", &namespace.name, "route", "get", "8.8.8.8", "mark", &mark])
            .output()
            .unwrap();
        assert!(!output.status.success(), "no route rather than a loop through the tunnel");
        applied.restore().await.unwrap();
    });
}

#[test]
fn split_tunnel_follows_the_longest_prefix_over_both_tables() {
    let Some(namespace) = Namespace::new("split") else { return };
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit%d").unwrap();
        let name = tun.name().unwrap().to_owned();
        let config = NetConfig {
            addresses: list("10.97.0.5/32"),
            // Inside 10.0.0.0/8: the host has 10.20.0.0/16 and 10.30.0.0/24. The last one holds the
            // "server" (the mark keeps its packets out).
            routes: list("10.0.0.0/8 10.20.5.0/24 10.30.0.0/16 203.0.113.0/24 ::/0"),
            ..NetConfig::new(&name, 1400)
        };
        let applied = config.apply(&namespace.paths()).await.unwrap();
        assert_eq!(applied.routes().len(), 4);
        assert_eq!(applied.notes().len(), 1, "IPv6 without an address is noted: {:?}", applied.notes());
        for (to, by) in [
            ("10.1.1.1", &*name),
            ("10.20.1.1", "eth"),
            ("10.20.5.1", &name),
            ("10.30.0.1", "eth"),
            ("10.30.9.1", &name),
            ("203.0.113.9", &name),
            ("8.8.8.8", "eth"),
        ] {
            assert_eq!(namespace.leaves_by(to, false), by, "{to}");
        }
        assert_eq!(namespace.leaves_by("203.0.113.9", true), "eth");
        drop(applied);
    });
    namespace.expect(&before, "dropping restores too");
}

#[test]
fn strict_reverse_path_filter_is_loosened_for_the_time() {
    let Some(namespace) = Namespace::new("filter") else { return };
    namespace.write("/proc/sys/net/ipv4/conf/eth/rp_filter", "1");
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit%d").unwrap();
        let applied = full_tunnel(tun.name().unwrap()).apply(&namespace.paths()).await.unwrap();
        assert_eq!(namespace.read("/proc/sys/net/ipv4/conf/all/rp_filter").trim(), "2");
        applied.restore().await.unwrap();
    });
    namespace.expect(&before, "afterwards");
}

/// A gateway's settings: it forwards.
fn gateway(interface: &str) -> NetConfig {
    NetConfig {
        addresses: list("10.97.0.1/32 fd97::1/128"),
        routes: list("10.97.0.0/24 fd97::/120"),
        forward: true,
        ..NetConfig::new(interface, 1400)
    }
}

/// A host that forwards nothing: a new namespace has IPv4 as the machine has it.
fn forwarding_off(namespace: &Namespace) {
    namespace.write("/proc/sys/net/ipv4/ip_forward", "0");
    namespace.write("/proc/sys/net/ipv4/conf/default/forwarding", "0");
}

#[test]
fn a_gateway_forwards_on_every_interface_for_the_time() {
    let Some(namespace) = Namespace::new("forward") else { return };
    forwarding_off(&namespace);
    // Somebody's choice for one interface, which stays.
    namespace.write("/proc/sys/net/ipv4/conf/far/forwarding", "1");
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let applied = gateway("adit0").apply(&namespace.paths()).await.unwrap();
        assert_eq!(applied.notes(), [] as [String; 0]);
        assert!(namespace.is_on("ipv4/conf/eth/forwarding") && namespace.is_on("ipv4/conf/adit0/forwarding"));
        assert!(!namespace.is_on("ipv4/ip_forward"), "that would be for everybody");
        let per_interface = Path::new("/proc/sys/net/ipv6/conf/eth/force_forwarding").exists();
        assert!(per_interface || namespace.is_on("ipv6/conf/all/forwarding"));
        assert!(!per_interface || namespace.is_on("ipv6/conf/eth/force_forwarding"));
        let settings = applied.settings();
        assert!(settings.iter().any(|name| name == "net/ipv4/conf/eth/forwarding=1"), "{settings:?}");
        assert!(!settings.iter().any(|name| name.contains("far/forwarding=")), "{settings:?}");
        // One that appears meanwhile forwards too, and no longer than the others.
        namespace.ip("link add late type veth peer name later");
        assert!(namespace.is_on("ipv4/conf/late/forwarding"));
        applied.restore().await.unwrap();
        assert!(!namespace.is_on("ipv4/conf/late/forwarding"));
        namespace.ip("link del late");
        drop(tun);
    });
    namespace.expect(&before, "afterwards");
}

#[test]
fn a_gateway_without_an_address_of_its_own_routes_to_its_clients() {
    let Some(namespace) = Namespace::new("no-address") else { return };
    forwarding_off(&namespace);
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let config = NetConfig { addresses: Vec::new(), ..gateway("adit0") };
        let applied = config.apply(&namespace.paths()).await.unwrap();
        assert_eq!(applied.notes(), [] as [String; 0]);
        assert_eq!(namespace.leaves_by("10.97.0.9", false), "adit0");
        assert_eq!(namespace.leaves_by("fd97::9", false), "adit0");
        applied.restore().await.unwrap();
        drop(tun);
    });
    namespace.expect(&before, "afterwards");
}

#[test]
fn forwarding_that_is_on_already_or_that_somebody_else_switches_on_stays() {
    let Some(namespace) = Namespace::new("forwards") else { return };
    forwarding_off(&namespace);
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let applied = gateway("adit0").apply(&namespace.paths()).await.unwrap();
        namespace.write("/proc/sys/net/ipv4/ip_forward", "1");
        applied.restore().await.unwrap();
        assert!(namespace.is_on("ipv4/ip_forward") && namespace.is_on("ipv4/conf/eth/forwarding"));
        namespace.write("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        let before = namespace.settings();
        let applied = gateway("adit0").apply(&namespace.paths()).await.unwrap();
        assert_eq!(applied.settings(), [] as [String; 0]);
        assert_eq!(namespace.settings(), before);
        applied.restore().await.unwrap();
        assert_eq!(namespace.settings(), before);
        drop(tun);
    });
}

#[test]
fn two_tunnels_share_kernel_settings_and_the_last_puts_them_back() {
    let Some(namespace) = Namespace::new("share") else { return };
    forwarding_off(&namespace);
    namespace.write("/proc/sys/net/ipv4/conf/eth/rp_filter", "1");
    let before = namespace.state();
    let rp_filter = || namespace.read("/proc/sys/net/ipv4/conf/all/rp_filter").trim().to_owned();
    for first_ends_first in [true, false] {
        namespace.run(async || {
            let tuns = [Tun::create("adit0").unwrap(), Tun::create("adit1").unwrap()];
            let paths = namespace.paths();
            let first = gateway("adit0").apply(&paths).await.unwrap();
            let second = NetConfig { addresses: list("10.96.0.1/32 fd96::1/128"), ..gateway("adit1") };
            let second = second.apply(&paths).await.unwrap();
            let (one, other) = if first_ends_first { (first, second) } else { (second, first) };
            one.restore().await.unwrap();
            assert_eq!((rp_filter().as_str(), namespace.is_on("ipv4/conf/eth/forwarding")), ("2", true));
            other.restore().await.unwrap();
            drop(tuns);
        });
        namespace.expect(&before, "afterwards");
    }
}

#[test]
fn forwarding_of_a_gateway_that_was_killed_is_put_back_at_the_next_start() {
    let Some(namespace) = Namespace::new("forward-kill") else { return };
    forwarding_off(&namespace);
    let before = namespace.state();
    let mut child =
        start(in_namespace(&namespace, &[], "child_that_is_killed").env("ADIT_TEST_FORWARD", "1"));
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&namespace, "adit0");
    assert!(namespace.is_on("ipv4/conf/eth/forwarding"), "there is something to put back");
    let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
    assert_eq!((recovered.interfaces, recovered.left), (vec!["adit0".to_owned()], vec![]));
    namespace.expect(&before, "afterwards");
}

#[test]
fn failure_half_way_leaves_nothing() {
    let Some(namespace) = Namespace::new("half") else { return };
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit%d").unwrap();
        let mut paths = namespace.paths();
        paths.resolv_conf = namespace.folder.join("no/such/folder/resolv.conf");
        let error = full_tunnel(tun.name().unwrap()).apply(&paths).await.unwrap_err();
        assert!(error.to_string().contains("resolv.conf"), "{error}");
        let missing = NetConfig::new("nonesuch", 1400).apply(&namespace.paths()).await.unwrap_err();
        assert!(missing.to_string().contains("nonesuch"), "{missing}");
    });
    namespace.expect(&before, "afterwards");
}

#[test]
fn resolved_is_told_and_resolv_conf_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let Some(namespace) = Namespace::new("resolved") else { return };
    let paths = namespace.paths();
    fs::write(&paths.resolv_conf, "nameserver 127.0.0.53\n").unwrap();
    let log = namespace.folder.join("log");
    fs::write(&paths.resolvectl, format!("#!/bin/sh\necho \"$@\" >> {}\n", log.display())).unwrap();
    fs::set_permissions(&paths.resolvectl, fs::Permissions::from_mode(0o755)).unwrap();
    let before = namespace.state();
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let applied = full_tunnel("adit0").apply(&paths).await.unwrap();
        assert_eq!(fs::read_to_string(&paths.resolv_conf).unwrap(), "nameserver 127.0.0.53\n");
        applied.restore().await.unwrap();
        // One that fails: the file is replaced after all, and a note says so.
        fs::write(&paths.resolvectl, "#!/bin/sh\necho no bus >&2\nexit 1\n").unwrap();
        let applied = full_tunnel("adit0").apply(&paths).await.unwrap();
        assert!(applied.notes()[0].contains("no bus"), "{:?}", applied.notes());
        assert!(fs::read_to_string(&paths.resolv_conf).unwrap().contains("10.98.0.1"));
        applied.restore().await.unwrap();
        drop(tun);
    });
    namespace.expect(&before, "afterwards");
    let told = fs::read_to_string(log).unwrap();
    assert_eq!(
        told,
        "dns adit0 10.98.0.1\ndomain adit0 corp.test ~.\ndefault-route adit0 yes\nrevert adit0\n"
    );
}

#[test]
fn two_tunnels_at_a_time_end_in_any_order() {
    let Some(namespace) = Namespace::new("two") else { return };
    let before = namespace.state();
    namespace.run(async || {
        let (first, second) = (Tun::create("adit%d").unwrap(), Tun::create("adit%d").unwrap());
        let (a, b) = (first.name().unwrap(), second.name().unwrap());
        let paths = namespace.paths();
        let full = full_tunnel(a).apply(&paths).await.unwrap();
        let busy = full_tunnel(a).apply(&paths).await.unwrap_err();
        assert!(matches!(busy, NetError::Busy(_)), "{busy}");
        let split = NetConfig { routes: list("10.64.0.0/10"), ..full_tunnel(b) };
        let split = split.apply(&paths).await.unwrap();
        assert!(split.notes()[0].contains(a), "DNS belongs to the first: {:?}", split.notes());
        assert_eq!(namespace.leaves_by("10.64.0.1", false), b);
        assert_eq!(namespace.leaves_by("8.8.8.8", false), a);
        full.restore().await.unwrap();
        assert_eq!(namespace.leaves_by("10.64.0.1", false), b);
        assert_eq!(namespace.leaves_by("8.8.8.8", false), "eth");
        split.restore().await.unwrap();
    });
    namespace.expect(&before, "afterwards");
}

/// What a reconnection may bring: other addresses, fewer routes of one kind and more of another, other DNS.
fn other_tunnels(interface: &str) -> [NetConfig; 6] {
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

#[test]
fn going_over_to_other_settings_ends_where_setting_them_at_once_does() {
    let Some(namespace) = Namespace::new("change") else { return };
    let before = namespace.state();
    namespace.run(async || {
        for strict in [false, true] {
            if strict {
                namespace.write("/proc/sys/net/ipv4/conf/eth/rp_filter", "1");
            }
            let paths = namespace.paths();
            let tun = Tun::create("adit0").unwrap();
            let created = namespace.state();
            let mut applied = full_tunnel("adit0").apply(&paths).await.unwrap();
            for (round, config) in other_tunnels("adit0").iter().enumerate() {
                applied.change(config).await.unwrap();
                let changed = namespace.state();
                assert_eq!(applied.addresses(), config.addresses);
                assert_eq!(applied.routes().len(), config.routes.len());
                // The same, set on an interface that had nothing before.
                applied.restore().await.unwrap();
                let fresh = config.apply(&paths).await.unwrap();
                assert_eq!(sorted(&changed), sorted(&namespace.state()), "round {round}");
                assert_eq!(fresh.notes(), [] as [String; 0]);
                applied = fresh;
            }
            // Through all of them, then back.
            for config in other_tunnels("adit0") {
                applied.change(&config).await.unwrap();
            }
            applied.restore().await.unwrap();
            let same = |state: Vec<String>| {
                [vec![without(&state[0], &["mtu", "qdisc"])], state[1..].to_vec()].concat()
            };
            assert_eq!(same(namespace.state()), same(created));
            let elsewhere = full_tunnel("eth");
            let mut applied = full_tunnel("adit0").apply(&paths).await.unwrap();
            assert!(matches!(applied.change(&elsewhere).await, Err(NetError::Config(_))));
            applied.restore().await.unwrap();
            drop(tun);
            namespace.write("/proc/sys/net/ipv4/conf/eth/rp_filter", "0");
        }
    });
    namespace.expect(&before, "afterwards");
    assert_eq!(fs::read_dir(namespace.folder.join("state")).unwrap().count(), 0);
}

/// A state in which the order of addresses and routes does not count, nor what a link keeps of its past.
fn sorted(state: &[String]) -> Vec<String> {
    fn sort(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Array(list) => {
                list.iter_mut().for_each(sort);
                list.sort_by_key(ToString::to_string);
            }
            serde_json::Value::Object(map) => map.values_mut().for_each(sort),
            _ => {}
        }
    }
    let mut state = state.to_vec();
    for text in state.iter_mut().take(5) {
        let mut value = serde_json::from_str(&without(text, &["qdisc", "txqlen", "secondary"])).unwrap();
        sort(&mut value);
        *text = value.to_string();
    }
    state
}

#[test]
fn while_settings_change_nothing_that_both_carry_finds_another_way() {
    let Some(namespace) = Namespace::new("gap") else { return };
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let paths = namespace.paths();
        let mut applied = full_tunnel("adit0").apply(&paths).await.unwrap();
        let mut steps = 0;
        for config in
            other_tunnels("adit0").into_iter().filter(|config| config.routes.contains(&list("0.0.0.0/0")[0]))
        {
            // Between any two answers of the kernel a packet may be sent.
            let mut change = Box::pin(applied.change(&config));
            loop {
                let once = |cx: &mut std::task::Context<'_>| Poll::Ready(change.as_mut().poll(cx));
                let polled = std::future::poll_fn(once).await;
                assert_eq!(namespace.leaves_by("9.9.9.9", false), "adit0");
                steps += 1;
                match polled {
                    Poll::Ready(result) => break result.unwrap(),
                    Poll::Pending => tokio::task::yield_now().await,
                }
            }
        }
        assert!(steps > 30, "there is a step for each change at least: {steps}");
        applied.restore().await.unwrap();
        drop(tun);
    });
}

/// Started by the tests below as a process of its own: applies and waits to be killed.
#[test]
fn child_that_is_killed() {
    let Some(folder) = std::env::var_os("ADIT_TEST_CHILD") else { return };
    let paths = HostPaths {
        state_dir: Path::new(&folder).join("state"),
        resolv_conf: Path::new(&folder).join("resolv.conf"),
        resolvectl: Path::new(&folder).join("resolvectl"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let tun = Tun::create("adit0").unwrap();
        let forward = std::env::var_os("ADIT_TEST_FORWARD").is_some();
        let config = NetConfig { forward, ..full_tunnel(tun.name().unwrap()) };
        let mut applied = config.apply(&paths).await.unwrap();
        println!("applied");
        std::io::stdout().flush().unwrap();
        if std::env::var_os("ADIT_TEST_CHANGES").is_some() {
            for config in other_tunnels("adit0").iter().cycle() {
                applied.change(config).await.unwrap();
            }
        }
        std::thread::sleep(Duration::from_secs(60));
        applied.restore().await.unwrap();
    });
}

/// Started as a process of its own: recovers.
#[test]
fn child_that_recovers() {
    let Some(folder) = std::env::var_os("ADIT_TEST_CHILD") else { return };
    let paths = HostPaths {
        state_dir: Path::new(&folder).join("state"),
        resolv_conf: Path::new(&folder).join("resolv.conf"),
        resolvectl: Path::new(&folder).join("resolvectl"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let recovered = runtime.block_on(recover(&paths)).unwrap();
    assert_eq!((recovered.interfaces.len(), recovered.left.len()), (1, 0), "{recovered:?}");
}

/// This program, to run one test in the namespace.
fn in_namespace(namespace: &Namespace, before: &[&str], test: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &namespace.name]);
    command.args(before).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("ADIT_TEST_CHILD", &namespace.folder);
    command
}

fn start_child(namespace: &Namespace) -> Child {
    start(&mut in_namespace(namespace, &[], "child_that_is_killed"))
}

fn start(command: &mut Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let applied = output.lines().map_while(Result::ok).any(|line| line.contains("applied"));
    assert!(applied, "the child sets up");
    child
}

#[test]
fn after_sigkill_the_next_start_restores_everything() {
    let Some(namespace) = Namespace::new("kill") else { return };
    let before = namespace.state();
    for link in [false, true] {
        if link {
            let path = namespace.folder.join("resolv.conf");
            fs::rename(&path, namespace.folder.join("stub.conf")).unwrap();
            std::os::unix::fs::symlink("stub.conf", &path).unwrap();
        }
        let before = if link { namespace.state() } else { before.clone() };
        let mut child = start_child(&namespace);
        assert_ne!(namespace.state()[3], before[3]);
        let live = namespace.run(async || recover(&namespace.paths()).await.unwrap());
        assert_eq!(live.interfaces, [] as [String; 0], "what a live process has set is not touched");
        assert_ne!(namespace.state()[3], before[3]);
        // SIGKILL to the very process: `ip netns exec` has become it.
        child.kill().unwrap();
        child.wait().unwrap();
        let left_behind = namespace.state();
        assert_ne!(left_behind[3], before[3], "rules outlive the process");
        assert_ne!(left_behind[5..], before[5..], "so does resolv.conf");
        // From another namespace nothing is done.
        let elsewhere = Namespace::new("elsewhere").unwrap();
        let outside = elsewhere.run(async || recover(&namespace.paths()).await.unwrap());
        assert_eq!((outside.interfaces.len(), outside.left.len()), (0, 1), "{outside:?}");
        let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
        assert_eq!(recovered.interfaces, ["adit0"]);
        assert_eq!(recovered.left, [] as [String; 0]);
        wait_until_gone(&namespace, "adit0");
        namespace.expect(&before, "afterwards");
        let again = namespace.run(async || recover(&namespace.paths()).await.unwrap());
        assert!(again.interfaces.is_empty() && again.left.is_empty());
    }
}

#[test]
fn killed_at_any_moment_everything_is_restored() {
    let Some(namespace) = Namespace::new("moment") else { return };
    forwarding_off(&namespace);
    let before = namespace.state();
    for delay in (2..50).step_by(3) {
        let mut command = in_namespace(&namespace, &[], "child_that_is_killed");
        command.env("ADIT_TEST_FORWARD", "1");
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        wait_until_gone(&namespace, "adit0");
        let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
        assert_eq!(recovered.left, [] as [String; 0], "after {delay} ms");
        namespace.expect(&before, &format!("after {delay} ms"));
    }
}

#[test]
fn killed_at_any_moment_of_a_change_everything_is_restored() {
    let Some(namespace) = Namespace::new("moments") else { return };
    let before = namespace.state();
    for delay in (1..40).step_by(3) {
        let mut command = in_namespace(&namespace, &[], "child_that_is_killed");
        let mut child = start(command.env("ADIT_TEST_CHANGES", "1"));
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        wait_until_gone(&namespace, "adit0");
        let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
        assert_eq!(recovered.left, [] as [String; 0], "after {delay} ms");
        assert_eq!(namespace.state(), before, "after {delay} ms");
    }
}

#[test]
fn cancelled_half_way_everything_is_restored() {
    let Some(namespace) = Namespace::new("cancel") else { return };
    forwarding_off(&namespace);
    let before = namespace.state();
    namespace.run(async || {
        let mut cancelled = 0;
        loop {
            let tun = Tun::create("adit%d").unwrap();
            let config = NetConfig { forward: true, ..full_tunnel(tun.name().unwrap()) };
            let paths = namespace.paths();
            let mut apply = Box::pin(config.apply(&paths));
            // Poll a few times, let the kernel answer in between, then give up.
            let mut done = false;
            for _ in 0..cancelled {
                let once = |cx: &mut std::task::Context<'_>| Poll::Ready(apply.as_mut().poll(cx).is_ready());
                done |= std::future::poll_fn(once).await;
                if done {
                    break;
                }
                tokio::task::yield_now().await;
            }
            if done {
                break;
            }
            cancelled += 1;
        }
        assert!(cancelled > 10, "there is a step for each rule at least: {cancelled}");
    });
    namespace.expect(&before, "afterwards");
    assert_eq!(fs::read_dir(namespace.folder.join("state")).unwrap().count(), 0);
}

#[test]
fn applying_again_after_sigkill_needs_no_recovery_first() {
    let Some(namespace) = Namespace::new("again") else { return };
    let before = namespace.state();
    let mut child = start_child(&namespace);
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&namespace, "adit0");
    namespace.run(async || {
        let tun = Tun::create("adit0").unwrap();
        let applied = full_tunnel("adit0").apply(&namespace.paths()).await.unwrap();
        assert_eq!(applied.notes(), [] as [String; 0]);
        applied.restore().await.unwrap();
        drop(tun);
    });
    namespace.expect(&before, "afterwards");
}

#[test]
fn after_power_failure_resolv_conf_comes_back_and_the_new_kernel_is_left_alone() {
    let Some(namespace) = Namespace::new("power") else { return };
    let before = namespace.state();
    let mut child = start_child(&namespace);
    child.kill().unwrap();
    child.wait().unwrap();
    // As if written under another boot. The rules stand for such that someone else has made since.
    let state = namespace.folder.join("state");
    let journal = fs::read_dir(state).unwrap().map(|entry| entry.unwrap().path());
    let journal = journal.into_iter().find(|path| path.extension().unwrap() == "json").unwrap();
    let text = fs::read_to_string(&journal).unwrap();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    assert!(text.contains(boot.trim()));
    fs::write(&journal, text.replace(boot.trim(), "another")).unwrap();
    let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
    assert_eq!(recovered.interfaces, ["adit0"]);
    assert_eq!(namespace.state()[5..], before[5..]);
    assert_ne!(namespace.state()[3], before[3]);
}

#[test]
fn resolv_conf_that_is_a_mount_point_is_written_in_place() {
    let Some(namespace) = Namespace::new("mount") else { return };
    // As `ip netns exec` does with /etc/netns: a file mounted over another, for this process only.
    let folder = namespace.folder.display();
    fs::write(namespace.folder.join("mounted"), "nameserver 192.0.2.99\n").unwrap();
    let script = format!("mount --bind {folder}/mounted {folder}/resolv.conf && exec \"$@\"");
    let wrapper = ["unshare", "--mount", "sh", "-c", &script, "sh"];
    let before = (namespace.state(), fs::read(namespace.folder.join("mounted")).unwrap());
    let mut child = start(&mut in_namespace(&namespace, &wrapper, "child_that_is_killed"));
    let mounted = fs::read_to_string(namespace.folder.join("mounted")).unwrap();
    assert!(mounted.contains("10.98.0.1"), "{mounted}");
    assert_eq!(namespace.state()[6], before.0[6], "the file underneath is not touched");
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&namespace, "adit0");
    let recovering = in_namespace(&namespace, &wrapper, "child_that_recovers").output().unwrap();
    assert!(recovering.status.success(), "{}", String::from_utf8_lossy(&recovering.stderr));
    assert_eq!((namespace.state(), fs::read(namespace.folder.join("mounted")).unwrap()), before);
}

#[test]
fn damaged_journal_is_reported_and_keeps_no_other_from_being_undone() {
    let Some(namespace) = Namespace::new("damaged") else { return };
    let before = namespace.state();
    let mut child = start_child(&namespace);
    child.kill().unwrap();
    child.wait().unwrap();
    fs::write(namespace.folder.join("state/aaa@1.json"), "{ not a journal").unwrap();
    let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
    assert_eq!(recovered.interfaces, ["adit0"]);
    assert!(recovered.left[0].contains("aaa@1.json"), "{:?}", recovered.left);
    wait_until_gone(&namespace, "adit0");
    namespace.expect(&before, "afterwards");
}

/// The kernel takes an interface down a moment after its owner.
fn wait_until_gone(namespace: &Namespace, interface: &str) {
    let start = Instant::now();
    while namespace.ip("link").contains(interface) {
        assert!(start.elapsed() < Duration::from_secs(10), "{interface} stays");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn tun_carries_packets_both_ways_and_merges_what_it_can() {
    let Some(namespace) = Namespace::new("packets") else { return };
    namespace.run(async || {
        use adit_driver::Span;
        use adit_driver::tun::{Coalescer, ReadBuffer};
        let tun = Tun::create("adit%d").unwrap();
        let config = NetConfig {
            addresses: list("10.97.0.5/24"),
            routes: list("10.97.0.0/24"),
            ..NetConfig::new(tun.name().unwrap(), 1400)
        };
        let applied = config.apply(&namespace.paths()).await.unwrap();
        let socket = UdpSocket::bind((Ipv4Addr::new(10, 97, 0, 5), 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket.send_to(b"out", (Ipv4Addr::new(10, 97, 0, 9), 7777)).unwrap();
        let mut buffer = ReadBuffer::new();
        let mut packet = vec![0; 1500];
        let len = loop {
            tun.readable().await.unwrap();
            let Ok(mut segments) = tun.try_read(&mut buffer) else { continue };
            if let Some(len) = segments.next_into(&mut packet)
                && packet.get(9) == Some(&17)
            {
                break len;
            }
        };
        let parsed = etherparse::PacketHeaders::from_ip_slice(&packet[..len]).unwrap();
        assert_eq!(parsed.payload.slice(), b"out");
        let udp = parsed.transport.unwrap().udp().unwrap();
        let etherparse::NetHeaders::Ipv4(ip, _) = parsed.net.unwrap() else { panic!("not IPv4") };
        assert_eq!(udp.checksum, udp.calc_checksum_ipv4(&ip, b"out").unwrap(), "the checksum was completed");
        // Back: ten equal datagrams, a short one, which the kernel takes as one frame and delivers one by
        // one; then something that is no packet.
        let port = socket.local_addr().unwrap().port();
        let mut area = Vec::new();
        let mut spans = Vec::new();
        for n in 0..11_u8 {
            let builder = etherparse::PacketBuilder::ipv4([10, 97, 0, 9], [10, 97, 0, 5], 64).udp(7777, port);
            let payload = vec![n; if n == 10 { 5 } else { 500 }];
            let start = area.len();
            builder.write(&mut area, &payload).unwrap();
            area[start + 4..start + 6].copy_from_slice(&u16::from(n).to_be_bytes());
            area[start + 10..start + 12].copy_from_slice(&[0, 0]);
            let header = etherparse::Ipv4HeaderSlice::from_slice(&area[start..]).unwrap().to_header();
            let sum = header.calc_header_checksum();
            area[start + 10..start + 12].copy_from_slice(&sum.to_be_bytes());
            spans.push(Span::new(start..area.len()));
        }
        let start = area.len();
        area.extend_from_slice(&[0; 40]);
        spans.push(Span::new(start..area.len()));
        let written = tun.try_write(&mut Coalescer::with_capacity(16), &area, &spans).unwrap();
        assert_eq!((written.packets, written.dropped), (11, 1));
        let mut got = [0; 600];
        for n in 0..11_u8 {
            let len = socket.recv(&mut got).unwrap();
            assert_eq!((len, got[0]), (if n == 10 { 5 } else { 500 }, n));
        }
        applied.restore().await.unwrap();
    });
}

#[test]
fn a_deleted_device_is_an_error_and_not_silence() {
    let Some(namespace) = Namespace::new("deleted") else { return };
    namespace.run(async || {
        use adit_driver::tun::ReadBuffer;
        let tun = Tun::create("adit0").unwrap();
        namespace.ip("link del adit0");
        let mut buffer = ReadBuffer::new();
        let ended = async {
            loop {
                tun.readable().await.unwrap();
                match tun.try_read(&mut buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                        tokio::task::yield_now().await
                    }
                    result => break result.map(drop),
                }
            }
        };
        let result = tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap();
        assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::EBADFD));
    });
}

#[test]
fn outer_datagrams_longer_than_the_path_are_fragmented_even_in_bundles() {
    let Some(a) = Namespace::new("frag-a") else { return };
    let b = Namespace::new("frag-b").unwrap();
    let veth = format!("link add v0 type veth peer name v0 netns {}", b.name);
    a.ip(&veth);
    for (namespace, address) in [(&a, "198.51.100.1/24"), (&b, "198.51.100.2/24")] {
        namespace.ip(&format!("addr add {address} dev v0"));
        namespace.ip("link set v0 mtu 1300 up");
    }
    let receiver = b.run(async || UdpSocket::bind("198.51.100.2:4500").unwrap());
    receiver.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    a.run(async || {
        use adit_driver::udp::{UdpOptions, UdpPort};
        let mut options = UdpOptions::new("198.51.100.1:4500".parse().unwrap());
        options.mark = Some(DEFAULT_MARK);
        let port = UdpPort::bind(&options).unwrap();
        let segments = port.max_segments();
        let contents: Vec<u8> = (0..1464 * 20_u32).map(|n| (n / 1464) as u8).collect();
        let remote = "198.51.100.2:4500".parse().unwrap();
        assert_eq!(port.try_send(remote, None, &contents, 1464).unwrap(), contents.len());
        // And the port has not given up bundles for good.
        assert_eq!(port.max_segments(), segments);
    });
    let mut datagram = [0; 2000];
    for n in 0..20_u8 {
        assert_eq!(receiver.recv(&mut datagram).unwrap(), 1464);
        assert_eq!(datagram[0], n);
    }
}
