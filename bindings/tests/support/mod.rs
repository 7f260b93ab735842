//! What the tests of sessions share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

pub mod relay;

use std::sync::Arc;
use std::time::{Duration, Instant};

use adit_bindings::{Credentials, HostAbilities, Session, SessionEvent, SessionOptions};
use adit_test_gateway::TestGateway;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Options for a gateway's profile.
pub fn options(gateway: &TestGateway) -> SessionOptions {
    SessionOptions {
        profile: gateway.profile().unwrap(),
        payload: None,
        credentials: Credentials::default(),
        host: HostAbilities::default(),
        overrides_json: Some(gateway.overrides().unwrap()),
        server_addresses: Vec::new(),
    }
}

/// The overrides with more members.
pub fn with(gateway: &TestGateway, more: &str) -> Option<String> {
    let ports = gateway.overrides().unwrap();
    Some(format!("{},{more}}}", ports.trim_end_matches('}')))
}

/// Takes events until `wanted` says yes to one; gives all of them.
pub fn until(session: &Session, mut wanted: impl FnMut(&SessionEvent) -> bool) -> Vec<SessionEvent> {
    let begun = Instant::now();
    let mut seen = Vec::new();
    while begun.elapsed() < PATIENCE {
        if let Some(event) = session.wait_event(100).unwrap() {
            let found = wanted(&event);
            seen.push(event);
            if found {
                return seen;
            }
        }
    }
    panic!("it did not come; there were {seen:#?}\n{}", session.log_tail().unwrap());
}

/// The first event of a list that `pick` takes.
pub fn first<T>(events: &[SessionEvent], pick: impl Fn(&SessionEvent) -> Option<T>) -> T {
    events.iter().find_map(pick).unwrap_or_else(|| panic!("not among {events:#?}"))
}

pub fn is_up(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Up { .. })
}

pub fn is_closed(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Closed { .. })
}

/// The inner IPv4 address that `Up` gave.
pub fn inner_v4(events: &[SessionEvent]) -> [u8; 4] {
    let text = first(events, |event| match event {
        SessionEvent::Up { settings, .. } => settings.ipv4.first().cloned(),
        _ => None,
    });
    let (address, _) = text.split_once('/').unwrap();
    address.parse::<std::net::Ipv4Addr>().unwrap().octets()
}

/// A UDP packet over IPv4 with a number and so many bytes in all.
pub fn packet(from: [u8; 4], to: [u8; 4], number: u32, len: usize) -> Vec<u8> {
    let mut packet = vec![0; len];
    packet[0] = 0x45;
    packet[2..4].copy_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
    packet[8] = 64;
    packet[9] = 17;
    packet[12..16].copy_from_slice(&from);
    packet[16..20].copy_from_slice(&to);
    let sum: u32 = packet[..20].chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = !((sum & 0xffff) + (sum >> 16)) as u16;
    packet[10..12].copy_from_slice(&folded.to_be_bytes());
    packet[20..24].copy_from_slice(&[0x30, 0x39, 0, 7]);
    packet[24..26].copy_from_slice(&u16::try_from(len - 20).unwrap().to_be_bytes());
    packet[28..32].copy_from_slice(&number.to_be_bytes());
    packet
}

/// What the mirror makes of a packet.
pub fn mirrored(packet: &[u8]) -> Vec<u8> {
    let mut packet = packet.to_vec();
    packet[12..20].rotate_left(4);
    packet
}

/// A session that is up, with one end of a pair of datagram sockets as its TUN.
pub fn up(options: SessionOptions) -> (Arc<Session>, std::os::unix::net::UnixDatagram, Vec<SessionEvent>) {
    use std::os::fd::AsRawFd;
    let session = Session::new(options).unwrap();
    let (ours, theirs) = std::os::unix::net::UnixDatagram::pair().unwrap();
    ours.set_read_timeout(Some(PATIENCE)).unwrap();
    let seen = until(&session, is_up);
    session.attach_tun(theirs.as_raw_fd(), adit_bindings::TunFraming::RawIp).unwrap();
    (session, ours, seen)
}
