//! A gateway's forwarding: on for the time, and put back.

use std::path::Path;

use adit_driver::net::{NetConfig, recover};
use adit_driver::tun::Tun;

use crate::children::{IS_KILLED, in_namespace, start};
use crate::configs::{gateway, list};
use crate::namespace::{Namespace, wait_until_gone};

#[test]
fn a_gateway_forwards_on_every_interface_for_the_time() {
    let Some(namespace) = Namespace::new("forward") else { return };
    namespace.forwarding_off();
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
    namespace.forwarding_off();
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
    namespace.forwarding_off();
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
    namespace.forwarding_off();
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
    namespace.forwarding_off();
    let before = namespace.state();
    let mut child = start(in_namespace(&namespace, &[], IS_KILLED).env("ADIT_TEST_FORWARD", "1"));
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&namespace, "adit0");
    assert!(namespace.is_on("ipv4/conf/eth/forwarding"), "there is something to put back");
    let recovered = namespace.run(async || recover(&namespace.paths()).await.unwrap());
    assert_eq!((recovered.interfaces, recovered.left), (vec!["adit0".to_owned()], vec![]));
    namespace.expect(&before, "afterwards");
}
