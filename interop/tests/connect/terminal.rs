//! `adit connect` for a person at a terminal.

use adit_interop::adit::Adit;
use adit_interop::net::{Between, PRIVATE_V4, SERVER_V4};
use adit_interop::pki::KeyKind;
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, EAP_PASSWORD, EAP_USER, StrongSwan};
use adit_interop::{traffic, wait_for};

use crate::support::{UP, rig, server_identity};

#[test]
fn the_password_is_asked_for_without_echo_and_counters_are_live() {
    let Some(rig) = rig("terminal", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Ecdsa(256));
    let _server = StrongSwan::start(rig.server(), &strongswan::eap_gateway(&server, &authority)).unwrap();
    let profile = Profile::eap(SERVER_V4, EAP_USER, None).root(&authority).write(&rig, "eap").unwrap();
    let before = rig.client().network_state().unwrap();
    let mut adit = Adit::connect_on_terminal(rig.client(), &profile, &["-v"]).unwrap();
    let shown = |adit: &mut Adit, text: &str| {
        let found = wait_for(&format!("{text:?} on the terminal"), UP, || {
            (adit.process().stdout().contains(text) || adit.process().exited().is_some()).then_some(())
        });
        let all = adit.process().stdout();
        assert!(found.is_ok() && all.contains(text), "{text:?} is not shown:\n{all}");
    };
    shown(&mut adit, &format!("Password for {EAP_USER}: "));
    adit.process().type_in(&format!("{EAP_PASSWORD}\n")).unwrap();
    shown(&mut adit, "ready");
    shown(&mut adit, "sent 0 B");
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
    // Five echo requests of 84 bytes, and their replies.
    shown(&mut adit, "sent 420 B");
    shown(&mut adit, "received 420 B");
    // Ctrl-C, typed.
    adit.process().type_in("\u{3}").unwrap();
    assert_eq!(adit.wait_exit(UP).unwrap().code(), Some(0));
    let all = adit.process().stdout();
    // What was negotiated and set, and with -v every message, decoded.
    for text in [
        " with vpn.rig.test",
        "IKE SA  ",
        "inner addresses",
        "routes",
        "name servers",
        "MTU",
        ">> to 10.99.0.1:500",
    ] {
        assert!(all.contains(text), "{text:?} is not shown:\n{all}");
    }
    for payload in ["IDi", "TSr", "EAP", "CERTREQ"] {
        assert!(all.contains(payload), "{payload} is not decoded:\n{all}");
    }
    assert!(all.contains("stopped; the host is as it was"), "{all}");
    assert!(all.contains("\r\u{1b}[K"), "the line of counters is written over itself: {all:?}");
    assert!(!all.contains(EAP_PASSWORD) && !adit.stderr().contains(EAP_PASSWORD), "{all}");
    assert_eq!(rig.client().network_state().unwrap(), before);
}
