//! A client's events, for people and as JSON.
//!
//! The JSON is a public interface: one object a line, `event` names it. Fields are added, never renamed.

use adit_driver::client::{ClientError, ClientEvent};
use adit_ike::{CloseReason, Event as IkeEvent, Failure};
use adit_tunnel::{Event, Stats};
use serde_json::{Value, json};

use super::live::Line;
use crate::term::{self, Style, paint};

/// Prints events.
pub struct Printer {
    json: bool,
    verbose: bool,
    live: Option<Line>,
    #[cfg(feature = "keylog")]
    keys: Option<super::keylog::KeyLog>,
}

impl Printer {
    /// For people, or as JSON; with messages in readable form if `verbose`.
    pub fn new(json: bool, verbose: bool) -> Self {
        let live = (!json && Line::wanted()).then(Line::default);
        Self {
            json,
            verbose,
            live,
            #[cfg(feature = "keylog")]
            keys: None,
        }
    }

    /// True if counters are shown as they change.
    pub fn wants_stats(&self) -> bool {
        self.live.is_some()
    }

    /// Writes the session's keys, from now on.
    #[cfg(feature = "keylog")]
    pub fn log_keys(&mut self, keys: super::keylog::KeyLog) {
        self.keys = Some(keys);
    }

    /// Shows an event.
    pub fn show(&mut self, event: &ClientEvent) {
        #[cfg(feature = "keylog")]
        if let ClientEvent::Tunnel(Event::Ike(IkeEvent::KeyLog(line))) = event {
            if let Some(keys) = &mut self.keys {
                keys.write(line);
            }
            return;
        }
        if self.json {
            if let Some(value) = to_json(event) {
                term::line(&value.to_string());
            }
            return;
        }
        if let (ClientEvent::Stats(stats, _), Some(live)) = (event, &mut self.live) {
            live.show(stats);
            return;
        }
        if let Some(text) = to_text(event, self.verbose) {
            if let Some(live) = &mut self.live {
                live.clear();
            }
            term::line(&text);
        }
    }

    /// The run is over.
    pub fn finish(&mut self, error: Option<&ClientError>) {
        if let Some(live) = &mut self.live {
            live.clear();
        }
        if self.json {
            term::line(&end_json(error).to_string());
        } else if error.is_none() {
            term::line("stopped; the host is as it was");
        }
    }
}

fn prefixes(list: &[(std::net::IpAddr, u8)]) -> Vec<String> {
    list.iter().map(|(address, len)| format!("{address}/{len}")).collect()
}

fn to_text(event: &ClientEvent, verbose: bool) -> Option<String> {
    Some(match event {
        ClientEvent::Resolved(_) | ClientEvent::Stats(..) => return None,
        ClientEvent::Connecting(server) => format!("connecting to {server}"),
        ClientEvent::AttemptFailed(server, reason) => format!("{server}: {}", close_text(reason)),
        ClientEvent::HostReady { interface, notes } => {
            let mut text = paint(Style::Green, "ready");
            if let Some(interface) = interface {
                text.push_str(&format!(": interface {interface} is set up"));
            }
            for note in notes {
                text.push_str("\n  note: ");
                text.push_str(note);
            }
            text
        }
        ClientEvent::Lost { reason, retry_in } => format!(
            "{}: {}; trying again in {:.0} s",
            paint(Style::Yellow, "tunnel lost"),
            close_text(reason),
            retry_in.as_secs_f64()
        ),
        ClientEvent::Tunnel(event) => return tunnel_text(event, verbose),
    })
}

/// A tunnel's event for people; `None` if it needs no line.
pub fn tunnel_text(event: &Event, verbose: bool) -> Option<String> {
    Some(match event {
        Event::Up { settings, established } => {
            let mut lines = vec![
                format!("{} with {}", paint(Style::Green, "up"), established.peer),
                format!("  server proved itself by  {}", established.peer_authentication),
                format!("  IKE SA                   {}", established.suite),
                format!("  inner addresses          {}", prefixes(&settings.addresses).join(", ")),
                format!("  routes                   {}", prefixes(&settings.routes).join(", ")),
            ];
            if !settings.dns.is_empty() {
                let servers: Vec<String> = settings.dns.iter().map(ToString::to_string).collect();
                lines.push(format!("  name servers             {}", servers.join(", ")));
            }
            if !settings.domains.is_empty() {
                lines.push(format!("  domains                  {}", settings.domains.join(", ")));
            }
            lines.push(format!("  MTU                      {}", settings.mtu));
            if established.local_nat {
                lines.push("  a NAT stands in front of this host".into());
            }
            lines.join("\n")
        }
        Event::Child { suite, rekeyed, .. } => {
            format!("{} {suite}", if *rekeyed { "Child SA rekeyed:" } else { "Child SA:" })
        }
        Event::ChildLost => "the Child SA is gone".into(),
        Event::Closed(_) => return None,
        Event::Ike(event) => match event {
            IkeEvent::Exchange(record) if record.by_us => format!(
                "  {} {} ({:.1} ms)",
                paint(Style::Dim, &record.exchange.to_string()),
                record.purpose,
                record.took.as_secs_f64() * 1000.0
            ),
            IkeEvent::Exchange(record) => {
                format!(
                    "  {} {} (by the peer)",
                    paint(Style::Dim, &record.exchange.to_string()),
                    record.purpose
                )
            }
            IkeEvent::Message(message) if verbose => {
                let (mark, way) = if message.sent { (">>", "to") } else { ("<<", "from") };
                format!("{mark} {way} {}\n{}", message.path.remote, indent(&message.text))
            }
            IkeEvent::IkeRekeyed { suite, by_us } => {
                format!("IKE SA rekeyed {}: {suite}", if *by_us { "by us" } else { "by the peer" })
            }
            IkeEvent::Warning(text) => format!("{} {text}", paint(Style::Yellow, "warning:")),
            _ => return None,
        },
    })
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("   {line}")).collect::<Vec<_>>().join("\n")
}

/// Why a session ended, with what to do about it.
pub fn close_text(reason: &CloseReason) -> String {
    match reason {
        CloseReason::Requested => "closed on request".into(),
        CloseReason::DeletedByPeer => "the server deleted the tunnel".into(),
        CloseReason::Failed(failure) => {
            let advice = failure.advice();
            if advice.is_empty() { failure.to_string() } else { format!("{failure}. {advice}") }
        }
    }
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

/// The last line.
fn end_json(error: Option<&ClientError>) -> Value {
    match error {
        None => json!({"event": "closed", "reason": "requested"}),
        Some(error) => json!({"event": "error", "message": error.to_string(), "advice": error.advice()}),
    }
}

fn to_json(event: &ClientEvent) -> Option<Value> {
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

fn set(value: &mut Value, key: &str, field: Value) {
    if let Value::Object(map) = value {
        map.insert(key.to_owned(), field);
    }
}

#[cfg(test)]
mod tests;
