//! A network namespace of its own for each test, and what a tunnel could have changed in it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use adit_driver::net::{DEFAULT_MARK, HostPaths};

/// A network namespace with a "physical" interface `eth` and a default route, and a folder for files.
pub struct Namespace {
    pub name: String,
    pub folder: PathBuf,
}

impl Namespace {
    /// `None` without root, after saying so.
    pub fn new(test: &str) -> Option<Self> {
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

    pub fn ip(&self, arguments: &str) -> String {
        let mut command = Command::new("ip");
        let output = command.args(["-n", &self.name]).args(arguments.split(' ')).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ip {arguments}: {text}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Everything a tunnel could have changed.
    pub fn state(&self) -> Vec<String> {
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
    pub fn expect(&self, before: &[String], when: &str) {
        wait_until_gone(self, "adit");
        for (now, before) in self.state().iter().zip(before) {
            let differ: Vec<_> =
                now.lines().zip(before.lines()).filter(|(now, before)| now != before).collect();
            assert!(now == before, "{when}: {differ:#?} of {} and {} bytes", now.len(), before.len());
        }
    }

    /// Every kernel setting of the interfaces, but for those of tunnels, with which they go.
    pub fn settings(&self) -> String {
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
    pub fn is_on(&self, name: &str) -> bool {
        self.read(&format!("/proc/sys/net/{name}")).trim() == "1"
    }

    /// Reads a file of /proc as seen in the namespace.
    pub fn read(&self, path: &str) -> String {
        let output = Command::new("ip").args(["netns", "exec", &self.name, "cat", path]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn write(&self, path: &str, value: &str) {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, "sh", "-c", &format!("echo {value} > {path}")]);
        assert!(command.status().unwrap().success());
    }

    /// A host that forwards nothing: a new namespace has IPv4 as the machine has it.
    pub fn forwarding_off(&self) {
        self.write("/proc/sys/net/ipv4/ip_forward", "0");
        self.write("/proc/sys/net/ipv4/conf/default/forwarding", "0");
    }

    pub fn paths(&self) -> HostPaths {
        HostPaths {
            state_dir: self.folder.join("state"),
            resolv_conf: self.folder.join("resolv.conf"),
            resolvectl: self.folder.join("resolvectl"),
        }
    }

    /// Where a packet to `to` leaves, for one with or without the tunnel's mark.
    pub fn leaves_by(&self, to: &str, mark: bool) -> String {
        let mark = if mark { format!(" mark {DEFAULT_MARK}") } else { String::new() };
        let text = self.ip(&format!("-j route get {to}{mark}"));
        let routes: serde_json::Value = serde_json::from_str(&text).unwrap();
        routes[0]["dev"].as_str().unwrap().to_owned()
    }

    /// Runs `work` on a thread that has entered the namespace, inside a runtime.
    pub fn run<T: Send>(&self, work: impl AsyncFnOnce() -> T + Send) -> T {
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
pub fn without(json: &str, keys: &[&str]) -> String {
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

/// The kernel takes an interface down a moment after its owner.
pub fn wait_until_gone(namespace: &Namespace, interface: &str) {
    let start = Instant::now();
    while namespace.ip("link").contains(interface) {
        assert!(start.elapsed() < Duration::from_secs(10), "{interface} stays");
        std::thread::sleep(Duration::from_millis(20));
    }
}
