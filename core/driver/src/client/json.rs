//! A client's events as JSON.
//!
//! Owns the forms: one object an event, `event` names it. They are a public interface (`adit connect --json`, the `Detail`
//! events of the bindings): members are added, never renamed.

use adit_ike::{CloseReason, Event as IkeEvent, Failure};
use adit_tunnel::{Event, Stats};
use serde_json::{Value, json};

use super::ClientEvent;

/// An event; `None` for one that another tells in its place, or that holds keys.
#[must_use]
pub fn event_json(event: &ClientEvent) -> Option<Value> {
    let (name, mut value) = match event {
        ClientEvent::Resolved(addresses) => {
            let list: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
            ("resolved", json!({"addresses": list}))
        }
        ClientEvent::Connecting(server) => ("connecting", json!({"server": server.to_string()})),
        ClientEvent::AttemptFailed(server, reason) => {
            let mut value = close_json(reason);
            set(&mut value, "server", server.to_string().into());
            ("attempt_failed", value)
        }
        ClientEvent::HostReady { interface, notes } => {
            ("ready", json!({"interface": interface, "notes": notes}))
        }
        ClientEvent::Lost { reason, retry_in } => {
            let mut value = close_json(reason);
            set(&mut value, "retry_in_seconds", retry_in.as_secs_f64().into());
            ("lost", value)
        }
        // Nothing is asked of this host that is not answered inside.
        ClientEvent::Ask { .. } => return None,
        ClientEvent::Moving => ("moving", json!({})),
        ClientEvent::Offline => ("offline", json!({})),
        ClientEvent::Online => ("online", json!({})),
        ClientEvent::Stats(stats, losses) => {
            let mut value = stats_json(stats);
            set(&mut value, "datagrams_unsent", losses.unsent.into());
            set(&mut value, "packets_undelivered", losses.undelivered.into());
            ("stats", value)
        }
        ClientEvent::Tunnel(event) => tunnel_json(event)?,
    };
    set(&mut value, "event", name.into());
    Some(value)
}

/// A tunnel's event as JSON: its name and its fields.
#[must_use]
pub fn tunnel_json(event: &Event) -> Option<(&'static str, Value)> {
    Some(match event {
        Event::Up { settings, established } => (
            "up",
            json!({
                "peer": established.peer.to_string(),
                "peer_authentication": established.peer_authentication,
                "ike_suite": established.suite.to_string(),
                "addresses": prefixes(&settings.addresses),
                "routes": prefixes(&settings.routes),
                "dns": settings.dns,
                "domains": settings.domains,
                "mtu": settings.mtu,
                "local_nat": established.local_nat,
                "remote_nat": established.remote_nat,
                "fragmentation": established.fragmentation,
                "mobike": established.mobike,
            }),
        ),
        Event::Child { suite, spis, rekeyed } => (
            "child",
            json!({
                "esp_suite": suite,
                "spi_in": format!("{:08x}", spis.0),
                "spi_out": format!("{:08x}", spis.1),
                "rekeyed": rekeyed,
            }),
        ),
        Event::ChildLost => ("child_lost", json!({})),
        Event::Idle { after } => ("idle", json!({"seconds": after.as_secs()})),
        Event::Closed(_) => return None,
        Event::Ike(event) => match event {
            IkeEvent::Exchange(record) => (
                "exchange",
                json!({
                    "exchange": record.exchange.to_string(),
                    "purpose": record.purpose,
                    "message_id": record.message_id,
                    "by_us": record.by_us,
                    "milliseconds": record.took.as_secs_f64() * 1000.0,
                }),
            ),
            IkeEvent::Message(message) => (
                "message",
                json!({"sent": message.sent, "remote": message.path.remote.to_string(), "text": message.text}),
            ),
            IkeEvent::IkeRekeyed { suite, by_us } => {
                ("ike_rekeyed", json!({"ike_suite": suite.to_string(), "by_us": by_us}))
            }
            IkeEvent::PathChanged(path) => {
                ("path", json!({"local": path.local.to_string(), "remote": path.remote.to_string()}))
            }
            IkeEvent::Warning(text) => ("warning", json!({"message": text})),
            _ => return None,
        },
    })
}

fn close_json(reason: &CloseReason) -> Value {
    match reason {
        CloseReason::Requested => json!({"reason": "requested"}),
        CloseReason::DeletedByPeer => json!({"reason": "deleted_by_peer"}),
        CloseReason::Failed(failure) => failure_json(failure),
    }
}

fn failure_json(failure: &Failure) -> Value {
    json!({
        "reason": "failed",
        "message": failure.to_string(),
        "advice": failure.advice(),
        "permanent": failure.is_permanent(),
    })
}

/// Counters as JSON.
#[must_use]
pub fn stats_json(stats: &Stats) -> Value {
    let discards: serde_json::Map<String, Value> = stats
        .esp_discards
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(cause, count)| (cause.name().to_owned(), count.into()))
        .collect();
    json!({
        "packets_sent": stats.sent.packets,
        "bytes_sent": stats.sent.bytes,
        "packets_received": stats.received.packets,
        "bytes_received": stats.received.bytes,
        "packets_not_sent": stats.not_sent,
        "esp_discards": discards,
        "ike_discards": stats.ike_discards,
    })
}

fn prefixes(list: &[adit_tunnel::IpPrefix]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn set(value: &mut Value, key: &str, field: Value) {
    if let Value::Object(map) = value {
        map.insert(key.to_owned(), field);
    }
}
