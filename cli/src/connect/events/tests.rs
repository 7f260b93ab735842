//! The events' JSON is what `docs/connect-json.md` says: every event and every member of it, and none more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use adit_driver::pump::Losses;
use adit_ike::identity::Identity;
use adit_ike::proposal::IkeSuite;
use adit_ike::wire::ExchangeType;
use adit_ike::{AssignedConfig, Established, ExchangeRecord, Failure, MessageRecord, Path};
use adit_tunnel::{NetworkSettings, RouteOptions};

use super::*;

type Members = BTreeMap<String, BTreeSet<String>>;

/// What the page says: events and their members.
fn documented() -> Members {
    let page = include_str!("../../../../docs/connect-json.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.map(|row| {
        let columns: Vec<&str> = row.split('|').collect();
        let [name, _, members, ..] = columns.as_slice() else { panic!("a row has three columns: {row}") };
        let members = members.split(';').flat_map(|part| {
            // Behind a colon stands what the members mean.
            let names = part.split(':').next().unwrap_or_default();
            let mut names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
            if part.contains("an end") {
                names.extend(["reason", "message", "advice", "permanent"]);
            }
            names.into_iter().map(str::to_owned).collect::<Vec<_>>()
        });
        (name.trim().trim_end_matches('`').to_owned(), members.collect())
    });
    rows.collect()
}

fn suite() -> IkeSuite {
    use adit_crypto::{CipherSpec, DhGroup, PrfId};
    IkeSuite { cipher: CipherSpec::aes_gcm(256), prf: PrfId::HMAC_SHA2_256, group: DhGroup::ECP_256 }
}

/// One of each kind, and each kind of end where there is one.
fn every_event() -> Vec<ClientEvent> {
    let server = "192.0.2.1:500".parse().unwrap();
    let path = Path { local: "192.0.2.2:4500".parse().unwrap(), remote: server, encapsulated: true };
    let failed = || CloseReason::Failed(Failure::NoAnswer { tries: 5, waited: Duration::from_secs(30) });
    let ends = || [CloseReason::Requested, CloseReason::DeletedByPeer, failed()];
    let settings = NetworkSettings::new(&AssignedConfig::default(), &[], 1280, RouteOptions::default());
    let established = Established {
        suite: suite(),
        peer: Identity::from_text("vpn.example.com").unwrap(),
        peer_authentication: "pre-shared key".into(),
        assigned: AssignedConfig::default(),
        local_nat: false,
        remote_nat: true,
        fragmentation: true,
        mobike: true,
    };
    let record = ExchangeRecord {
        exchange: ExchangeType::IKE_AUTH,
        purpose: "authentication",
        message_id: 1,
        by_us: true,
        took: Duration::from_millis(3),
    };
    let message = MessageRecord { sent: true, path, text: "IKE_SA_INIT".into() };
    let ike = [
        IkeEvent::Exchange(record),
        IkeEvent::Message(message),
        IkeEvent::IkeRekeyed { suite: suite(), by_us: true },
        IkeEvent::PathChanged(path),
        IkeEvent::Warning("odd".into()),
    ];
    let mut tunnel = vec![
        Event::Up { settings: Box::new(settings), established: Box::new(established) },
        Event::Child { suite: "AES-GCM-16-256".into(), spis: (1, 2), rekeyed: false },
        Event::ChildLost,
        Event::Idle { after: Duration::from_secs(600) },
        Event::Closed(CloseReason::Requested),
    ];
    tunnel.extend(ike.map(Event::Ike));
    let mut events = vec![
        ClientEvent::Resolved(vec![server]),
        ClientEvent::Connecting(server),
        ClientEvent::HostReady { interface: Some("adit0".into()), notes: vec!["a note".into()] },
        ClientEvent::Moving,
        ClientEvent::Offline,
        ClientEvent::Online,
        ClientEvent::Stats(Box::default(), Losses::default()),
    ];
    events.extend(ends().map(|reason| ClientEvent::AttemptFailed(server, reason)));
    events.extend(ends().map(|reason| ClientEvent::Lost { reason, retry_in: Duration::from_secs(1) }));
    events.extend(tunnel.into_iter().map(ClientEvent::Tunnel));
    events
}

/// The name of an event in JSON. Without a wildcard: a new event has to be placed here, in [`every_event`] and on
/// the page.
fn name(event: &ClientEvent) -> Option<&'static str> {
    Some(match event {
        ClientEvent::Resolved(_) => "resolved",
        ClientEvent::Connecting(_) => "connecting",
        ClientEvent::AttemptFailed(..) => "attempt_failed",
        ClientEvent::HostReady { .. } => "ready",
        ClientEvent::Lost { .. } => "lost",
        ClientEvent::Moving => "moving",
        ClientEvent::Offline => "offline",
        ClientEvent::Online => "online",
        // Nothing is asked of this host.
        ClientEvent::Ask { .. } => return None,
        ClientEvent::Stats(..) => "stats",
        ClientEvent::Tunnel(event) => match event {
            Event::Up { .. } => "up",
            Event::Child { .. } => "child",
            Event::ChildLost => "child_lost",
            Event::Idle { .. } => "idle",
            // What follows it says why.
            Event::Closed(_) => return None,
            Event::Ike(event) => match event {
                IkeEvent::Exchange(_) => "exchange",
                IkeEvent::Message(_) => "message",
                IkeEvent::IkeRekeyed { .. } => "ike_rekeyed",
                IkeEvent::PathChanged(_) => "path",
                IkeEvent::Warning(_) => "warning",
                // The tunnel's own, which it turns into events of its own; and keys, which are never printed.
                IkeEvent::Ask { .. }
                | IkeEvent::Established(_)
                | IkeEvent::Child(_)
                | IkeEvent::Closed(_)
                | IkeEvent::Observed(_) => return None,
                #[cfg(feature = "keylog")]
                IkeEvent::KeyLog(_) => return None,
            },
        },
    })
}

#[test]
fn the_page_names_every_event_and_member_and_none_more() {
    let mut emitted = Members::new();
    let mut add = |value: &Value| {
        let members = value.as_object().unwrap();
        let event = members["event"].as_str().unwrap().to_owned();
        let names = members.keys().filter(|name| *name != "event").cloned();
        emitted.entry(event).or_default().extend(names);
    };
    for event in every_event() {
        let value = event_json(&event);
        assert_eq!(value.as_ref().map(|value| value["event"].as_str().unwrap()), name(&event), "{event:?}");
        if let Some(value) = value {
            add(&value);
        }
    }
    add(&end_json(None));
    add(&end_json(Some(&ClientError::Deleted)));
    assert_eq!(emitted, documented());
}

#[test]
fn another_path_of_a_tunnel_that_is_up_is_told_and_the_handshakes_other_port_is_not() {
    let mut printer = Printer::new(false, false);
    let events = every_event();
    let find = |wanted: &str| events.iter().find(|event| name(event) == Some(wanted)).unwrap();
    let (connecting, up, path) = (find("connecting"), find("up"), find("path"));
    for _ in 0..2 {
        printer.text(connecting);
        assert_eq!(printer.text(path), None, "on its way up");
        printer.text(up);
        let told = printer.text(path).unwrap();
        assert_eq!(told, "the network changed: the tunnel goes on from 192.0.2.2 to 192.0.2.1");
    }
}
