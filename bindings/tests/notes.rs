//! What a server's administrator should know of the settings that the server gave reaches the app.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;

use adit_bindings::{Session, SessionEvent, SessionOptions, TunFraming};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use support::{first, is_up, options, until};

#[test]
fn a_resolver_that_nobody_can_ask_is_a_warning_once_the_device_stands() {
    let gateway = TestGateway::configured(TestGatewayKind::Standard, |config| {
        let network =
            "[network]\ndns = [\"192.0.2.53\", \"10.98.0.53\"]\ntraffic-selectors = [\"10.98.0.0/16\"]\n";
        config.replace("[network]\n", network)
    })
    .unwrap();
    let session = Session::new(options(&gateway)).unwrap();
    let seen = until(&session, is_up);
    let settings = first(&seen, |event| match event {
        SessionEvent::Up { settings, .. } => Some(settings.clone()),
        _ => None,
    });
    assert_eq!(settings.included_routes, ["10.98.0.0/16", "10.98.0.53/32"]);
    assert_eq!(settings.dns, ["192.0.2.53", "10.98.0.53"]);
    let (_ours, theirs) = UnixDatagram::pair().unwrap();
    session.attach_tun(theirs.as_raw_fd(), TunFraming::RawIp).unwrap();
    let warned = |event: &SessionEvent| match event {
        SessionEvent::Warning { text } => {
            assert!(text.contains("resolver 192.0.2.53") && text.contains("outside of the tunnel"), "{text}");
            true
        }
        _ => false,
    };
    until(&session, warned);
    session.stop().unwrap();
}

#[test]
fn a_resolver_of_the_profile_that_nobody_can_ask_leaves_the_servers_in_place() {
    let gateway = TestGateway::configured(TestGatewayKind::Standard, |config| {
        let network =
            "[network]\ndns = [\"10.98.0.53\"]\ndomains = [\"lab.example\"]\npools = [\"10.99.0.0/24\"]";
        let lines = config.lines().filter(|line| !line.starts_with("pools"));
        lines.map(|line| if line == "[network]" { network } else { line }).collect::<Vec<_>>().join("\n")
    })
    .unwrap();
    let profile = String::from_utf8(gateway.profile().unwrap()).unwrap();
    let dns = "<key>DNS</key><dict><key>ServerAddresses</key><array><string>2001:db8::53</string></array>\
               <key>SupplementalMatchDomains</key><array><string>corp.example</string></array></dict>";
    let profile = profile.replace("<key>IKEv2</key>", &format!("{dns}<key>IKEv2</key>")).into_bytes();
    let session = Session::new(SessionOptions { profile, ..options(&gateway) }).unwrap();
    let settings = first(&until(&session, is_up), |event| match event {
        SessionEvent::Up { settings, .. } => Some(settings.clone()),
        _ => None,
    });
    assert_eq!((settings.ipv6.len(), settings.dns), (0, vec!["10.98.0.53".to_owned()]));
    assert_eq!(settings.match_domains, ["lab.example"], "the profile's are those of its own resolvers");
    session.stop().unwrap();
}
