//! What a tunnel sets while it is up: addresses, routes, rules, the reverse path filter; and going over to other settings.

use std::fs;
use std::process::Command;
use std::task::Poll;

use adit_driver::net::{DEFAULT_MARK, NetConfig, NetError};
use adit_driver::tun::Tun;

use crate::configs::{full_tunnel, list, other_tunnels};
use crate::namespace::{Namespace, without};

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
