//! A client's events, for people and as JSON.
//!
//! The JSON is a public interface: one object a line, `event` names it. Fields are added, never renamed.

pub use adit_driver::client::json::{stats_json, tunnel_json};

use adit_driver::client::json::event_json;
use adit_driver::client::{ClientError, ClientEvent};
use adit_ike::{CloseReason, Event as IkeEvent};
use adit_tunnel::Event;
use serde_json::{Value, json};

use super::live::Line;
use crate::term::{self, Style, paint};

/// Prints events.
pub struct Printer {
    json: bool,
    verbose: bool,
    /// A tunnel is up: another path means another network, not the handshake's other port.
    up: bool,
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
            up: false,
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
            if let Some(value) = event_json(event) {
                term::line(&value.to_string());
            }
            return;
        }
        if let (ClientEvent::Stats(stats, _), Some(live)) = (event, &mut self.live) {
            live.show(stats);
            return;
        }
        if let Some(text) = self.text(event) {
            if let Some(live) = &mut self.live {
                live.clear();
            }
            term::line(&text);
        }
    }

    /// What people read of an event, after those before it.
    fn text(&mut self, event: &ClientEvent) -> Option<String> {
        match event {
            ClientEvent::Connecting(_) => self.up = false,
            ClientEvent::Tunnel(Event::Up { .. }) => self.up = true,
            _ => {}
        }
        to_text(event, self.verbose).or_else(|| self.moved(event))
    }

    /// The line for a tunnel that goes on by another path.
    fn moved(&self, event: &ClientEvent) -> Option<String> {
        match event {
            ClientEvent::Tunnel(Event::Ike(IkeEvent::PathChanged(path))) if self.up => Some(format!(
                "the network changed: the tunnel goes on from {} to {}",
                path.local.ip(),
                path.remote.ip()
            )),
            _ => None,
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

fn prefixes(list: &[adit_tunnel::IpPrefix]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn to_text(event: &ClientEvent, verbose: bool) -> Option<String> {
    Some(match event {
        ClientEvent::Resolved(_) | ClientEvent::Stats(..) | ClientEvent::Ask { .. } => return None,
        ClientEvent::Moving => "the network changed: connecting again".into(),
        ClientEvent::Offline => "this host has no network that leads to the server: waiting for one".into(),
        ClientEvent::Online => "this host has a network again".into(),
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
        Event::Idle { after } => format!(
            "nothing went through the tunnel for {} s: disconnecting, as the profile asks (DisconnectOnIdle)",
            after.as_secs()
        ),
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

/// The last line.
fn end_json(error: Option<&ClientError>) -> Value {
    match error {
        None => json!({"event": "closed", "reason": "requested"}),
        Some(error) => json!({"event": "error", "message": error.to_string(), "advice": error.advice()}),
    }
}

#[cfg(test)]
mod tests;
