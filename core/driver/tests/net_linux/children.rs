//! Processes of their own, which may be killed: this program, started again to run one test in a namespace.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use adit_driver::net::{HostPaths, NetConfig, recover};
use adit_driver::tun::Tun;

use crate::configs::{full_tunnel, other_tunnels};
use crate::namespace::Namespace;

/// The names of the tests that are such processes.
pub const IS_KILLED: &str = "children::child_that_is_killed";
/// The other one.
pub const RECOVERS: &str = "children::child_that_recovers";

/// Started by other tests as a process of its own: applies and waits to be killed.
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
pub fn in_namespace(namespace: &Namespace, before: &[&str], test: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &namespace.name]);
    command.args(before).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("ADIT_TEST_CHILD", &namespace.folder);
    command
}

pub fn start_child(namespace: &Namespace) -> Child {
    start(&mut in_namespace(namespace, &[], IS_KILLED))
}

pub fn start(command: &mut Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let applied = output.lines().map_while(Result::ok).any(|line| line.contains("applied"));
    assert!(applied, "the child sets up");
    child
}
