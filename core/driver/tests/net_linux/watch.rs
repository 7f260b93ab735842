//! Word of changes to the host's networks: one for each, and none while nothing changes.

use std::time::Duration;

use adit_driver::net::NetworkWatch;
use tokio::time::timeout;

use crate::namespace::Namespace;

/// Longer than changes take to become whole.
const LONG: Duration = Duration::from_secs(4);

#[test]
fn a_link_that_goes_down_and_up_is_told_of_without_ipv6() {
    let Some(namespace) = Namespace::new("watch-ipv4") else { return };
    for interface in ["all", "default", "eth", "far", "lo"] {
        namespace.write(&format!("/proc/sys/net/ipv6/conf/{interface}/disable_ipv6"), "1");
    }
    namespace.run(async || {
        let mut watch = NetworkWatch::new().unwrap();
        assert!(timeout(Duration::from_secs(1), watch.changed()).await.is_err(), "nothing has changed");
        for change in ["link set eth down", "link set eth up"] {
            namespace.ip(change);
            assert!(timeout(LONG, watch.changed()).await.is_ok(), "{change}");
            assert!(timeout(Duration::from_secs(1), watch.changed()).await.is_err(), "{change} once");
        }
    });
}

#[test]
fn each_change_is_told_once_and_nothing_else_is() {
    let Some(namespace) = Namespace::new("watch") else { return };
    namespace.run(async || {
        let mut watch = NetworkWatch::new().unwrap();
        let told = async |watch: &mut NetworkWatch| timeout(LONG, watch.changed()).await.is_ok();
        assert!(!told(&mut watch).await, "nothing has changed");
        let changes: [&[&str]; 5] = [
            // An address instead of another, in pieces.
            &[
                "addr del 192.0.2.10/24 dev eth",
                "addr add 192.0.2.11/24 dev eth",
                "route add default via 192.0.2.1",
            ],
            &["addr add 2001:db8:1::11/64 dev eth nodad"],
            &["route replace default via 192.0.2.9"],
            &["-6 route del default via 2001:db8:1::1"],
            &["link set eth down"],
        ];
        for change in changes {
            for command in change {
                namespace.ip(command);
            }
            assert!(told(&mut watch).await, "{change:?}");
            assert!(timeout(Duration::from_secs(1), watch.changed()).await.is_err(), "{change:?} once");
        }
        // More than any queue of the kernel's holds, and what never becomes quiet: it is told all the same.
        let many: String =
            (0..4_000).map(|n| format!("route replace 10.{}.{}.0/24 dev lo\n", n / 250, n % 250)).collect();
        let batch = namespace.folder.join("many");
        std::fs::write(&batch, many).unwrap();
        namespace.ip(&format!("-batch {}", batch.display()));
        assert!(told(&mut watch).await, "an overrun is a change");
        assert!(timeout(Duration::from_secs(1), watch.changed()).await.is_err(), "and then it is over");
    });
}
