//! An idle `adit connect` wakes for what its profile has switched on, and for nothing else: the times it gave up the processor
//! of its own accord are counted for a minute.

use std::time::Duration;

use adit_interop::net::{Between, PRIVATE_V4, SERVER_V4};
use adit_interop::profile::Profile;
use adit_interop::{strongswan, traffic};

use crate::support::{Tunnel, rig};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn an_idle_minute_wakes_connect_for_what_the_profile_has_switched_on_and_for_nothing_else() {
    let (Some(direct), Some(natted)) = (rig("idle-direct", Between::Cable), rig("idle-nat", Between::Nat))
    else {
        return;
    };
    // No liveness check, and without a NAT no keepalive.
    let profile = Profile::psk(SERVER_V4).key("DeadPeerDetectionRate", "None");
    let profile = profile.write(&direct, "silent").unwrap();
    let mut silent = Tunnel::new(&direct, &strongswan::psk_gateway(), &profile, &[]);
    // A keepalive each 20 s, and a liveness check each 25 s of silence.
    let profile = Profile::psk(SERVER_V4).key("NATKeepAliveInterval", 20);
    let profile = profile.write(&natted, "busy").unwrap();
    let mut busy = Tunnel::new(&natted, &strongswan::psk_gateway(), &profile, &["--liveness", "25"]);
    for tunnel in [&silent, &busy] {
        traffic::expect_echo(tunnel.rig.client(), PRIVATE_V4).unwrap();
    }
    // The kernel has a few packets of its own for a new interface (RFC 4861 6.3.7, RFC 3810 6.1).
    std::thread::sleep(Duration::from_secs(15));
    let mut switches = || [&mut silent, &mut busy].map(|tunnel| tunnel.client.process().switches().unwrap());
    let before = switches();
    std::thread::sleep(MINUTE);
    let after = switches();
    let [of_silent, of_busy] = [after[0] - before[0], after[1] - before[1]];
    println!(
        "MEASURED: adit connect, idle for 60 s: woken {of_silent} times with all switched off, {of_busy} times with a \
              keepalive each 20 s and a liveness check each 25 s"
    );
    assert!(of_silent <= 1, "woken {of_silent} times, and nothing was switched on");
    // Three keepalives at most; three requests at most, each with its answer; one that tells the server how it is seen, after
    // the first (RFC 4555 3.8). One more for what the kernel may do.
    assert!((3..=11).contains(&of_busy), "woken {of_busy} times");
    for mut tunnel in [silent, busy] {
        traffic::expect_echo(tunnel.rig.client(), PRIVATE_V4).unwrap();
        assert_eq!((tunnel.client.count("up"), tunnel.client.count("lost")), (1, 0));
        assert_eq!(tunnel.client.interrupt().unwrap(), 0);
    }
}
