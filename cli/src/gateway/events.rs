//! A gateway's events, for people and as JSON.

use adit_gateway::peers::Event;
use serde_json::{Value, json};

use super::service::Service;
use crate::connect::{stats_json, tunnel_json, tunnel_text};
use crate::term::{self, Style, paint};

/// Prints events.
pub struct Printer {
    json: bool,
    verbose: bool,
}

impl Printer {
    /// For people, or as JSON; with messages in readable form if `verbose`.
    pub fn new(json: bool, verbose: bool) -> Self {
        Self { json, verbose }
    }

    /// The gateway listens.
    pub fn started(&self, service: &Service) {
        let listening: Vec<String> =
            service.listening.iter().map(|(address, _)| address.to_string()).collect();
        if self.json {
            let value = json!({
                "event": "listening",
                "addresses": listening,
                "interface": service.interface,
                "settings": service.settings,
                "notes": service.notes,
            });
            term::line(&value.to_string());
        } else {
            service.notes.iter().for_each(|note| term::warn(note));
            let behind = match &service.interface {
                Some(name) => format!("TUN {name}"),
                None => "a userspace TCP/IP stack".to_owned(),
            };
            term::line(&format!("listening on {}; behind it {behind}", listening.join(", ")));
            if !service.settings.is_empty() {
                term::line(&format!("set until the end: {}", in_short(&service.settings).join(", ")));
            }
        }
    }

    /// The gateway has stopped.
    pub fn stopped(&self) {
        term::line(if self.json { "{\"event\":\"stopped\"}" } else { "stopped; the host is as it was" });
    }

    /// Shows an event.
    pub fn show(&self, event: &Event) {
        if self.json {
            if let Some(value) = to_json(event) {
                term::line(&value.to_string());
            }
        } else if let Some(text) = to_text(event, self.verbose) {
            term::line(&text);
        }
    }
}

/// Settings of the kernel, those of several interfaces together: `net/ipv4/conf/{default,eth0}/forwarding=1`.
fn in_short(settings: &[String]) -> Vec<String> {
    let mut groups: Vec<(String, Vec<&str>, String)> = Vec::new();
    for setting in settings {
        let parts = setting.split_once("/conf/").and_then(|(family, rest)| {
            let (interface, name) = rest.split_once('/')?;
            Some((format!("{family}/conf/"), interface, format!("/{name}")))
        });
        let (before, interface, after) = parts.unwrap_or_else(|| (setting.clone(), "", String::new()));
        match groups.iter_mut().find(|group| group.0 == before && group.2 == after) {
            Some(group) => group.1.push(interface),
            None => groups.push((before, vec![interface], after)),
        }
    }
    let text = |(before, interfaces, after): (String, Vec<&str>, String)| match interfaces.as_slice() {
        [one] => format!("{before}{one}{after}"),
        many => format!("{before}{{{}}}{after}", many.join(",")),
    };
    groups.into_iter().map(text).collect()
}

fn to_text(event: &Event, verbose: bool) -> Option<String> {
    Some(match event {
        Event::ClientUp(client) => {
            let addresses: Vec<String> = client.addresses.iter().map(ToString::to_string).collect();
            format!(
                "{} {} ({}) from {}: {}, by {}, {}",
                paint(Style::Green, "up"),
                client.id,
                client.identity,
                client.path.remote,
                addresses.join(", "),
                client.authentication,
                client.ike_suite
            )
        }
        Event::ClientDown { client, reason, stats } => format!(
            "{} {} ({}): {reason}; received {} packets, sent {}",
            paint(Style::Yellow, "down"),
            client.id,
            client.identity,
            stats.received.packets,
            stats.sent.packets
        ),
        Event::HandshakeFailed { remote, reason, advice } => {
            format!("{} {remote}: {reason} {advice}", paint(Style::Red, "refused")).trim_end().to_owned()
        }
        Event::CookiesDemanded(true) => "many unfinished handshakes: cookies are demanded".into(),
        Event::CookiesDemanded(false) => "cookies are demanded no longer".into(),
        Event::Session { client, event } => {
            let text = tunnel_text(event, verbose)?;
            format!("{}: {}", client, text.trim_start())
        }
    })
}

fn to_json(event: &Event) -> Option<Value> {
    Some(match event {
        Event::ClientUp(client) => json!({
            "event": "client_up",
            "client": client.id.0,
            "identity": client.identity.to_string(),
            "authentication": client.authentication,
            "addresses": client.addresses,
            "remote": client.path.remote.to_string(),
            "ike_suite": client.ike_suite,
        }),
        Event::ClientDown { client, reason, stats } => json!({
            "event": "client_down",
            "client": client.id.0,
            "identity": client.identity.to_string(),
            "reason": reason.to_string(),
            "stats": stats_json(stats),
        }),
        Event::HandshakeFailed { remote, reason, advice } => json!({
            "event": "handshake_failed",
            "remote": remote.to_string(),
            "message": reason,
            "advice": advice,
        }),
        Event::CookiesDemanded(demanded) => json!({"event": "cookies", "demanded": demanded}),
        Event::Session { client, event } => {
            let (name, mut value) = tunnel_json(event)?;
            if let Value::Object(map) = &mut value {
                map.insert("event".into(), name.into());
                map.insert("client".into(), client.0.into());
            }
            value
        }
    })
}

#[cfg(test)]
mod tests {
    use super::in_short;

    #[test]
    fn settings_of_several_interfaces_are_one_word() {
        let settings = [
            "net/ipv4/conf/all/rp_filter=2",
            "net/ipv4/conf/default/forwarding=1",
            "net/ipv4/conf/eth0.7/forwarding=1",
            "net/ipv6/conf/eth0.7/force_forwarding=1",
        ];
        let short = in_short(&settings.map(str::to_owned));
        assert_eq!(
            short,
            [
                "net/ipv4/conf/all/rp_filter=2",
                "net/ipv4/conf/{default,eth0.7}/forwarding=1",
                "net/ipv6/conf/eth0.7/force_forwarding=1"
            ]
        );
    }
}
