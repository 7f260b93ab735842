//! Killed, cancelled or without power: what is left behind is put back.

use std::fs;
use std::process::Stdio;
use std::task::Poll;
use std::time::Duration;

use adit_driver::net::{NetConfig, recover};
use adit_driver::tun::Tun;

use crate::children::{IS_KILLED, in_namespace, start, start_child};
use crate::configs::full_tunnel;
use crate::namespace::{Namespace, wait_until_gone};

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
    namespace.forwarding_off();
    let before = namespace.state();
    for delay in (2..50).step_by(3) {
        let mut command = in_namespace(&namespace, &[], IS_KILLED);
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
        let mut command = in_namespace(&namespace, &[], IS_KILLED);
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
    namespace.forwarding_off();
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
