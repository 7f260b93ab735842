//! What the demo showed, for people and as JSON.

use adit_tunnel::Stats;
use serde_json::{Value, json};

use super::{Seen, traffic::Shown};
use crate::term::{Style, paint};

/// The most memory the demo may have used.
const RSS_MAX: u64 = 64 << 20;

/// The report. Its JSON fields are a public interface.
pub struct Report {
    profile: &'static str,
    ike_suite: String,
    esp_suite: String,
    handshake_ms: f64,
    inner_addresses: Vec<String>,
    ping_ms: f64,
    pings: usize,
    bytes: u64,
    sha256_match: bool,
    gbit_per_s: f64,
    packets_sent: u64,
    packets_received: u64,
    rekeys_child: u64,
    rekeys_ike: u64,
    peak_rss_bytes: u64,
}

impl Report {
    /// From what both sides saw.
    pub fn new(profile: &'static str, seen: &Seen, shown: &Shown, gateway: &Stats) -> Self {
        let mut pings: Vec<_> = shown.pings.clone();
        pings.sort_unstable();
        let median = pings.get(pings.len() / 2).copied().unwrap_or_default();
        let seconds = shown.took.as_secs_f64().max(1e-9);
        Self {
            profile,
            ike_suite: seen.ike_suite.clone(),
            esp_suite: seen.esp_suite.clone(),
            handshake_ms: seen.handshake.as_secs_f64() * 1000.0,
            inner_addresses: seen.addresses.iter().map(|inner| inner.address().to_string()).collect(),
            ping_ms: median.as_secs_f64() * 1000.0,
            pings: pings.len(),
            bytes: shown.bytes,
            sha256_match: shown.digest_match,
            gbit_per_s: shown.bytes as f64 * 8.0 / seconds / 1e9,
            packets_sent: seen.stats.sent.packets + gateway.sent.packets,
            packets_received: seen.stats.received.packets + gateway.received.packets,
            rekeys_child: seen.rekeys_child,
            rekeys_ike: seen.rekeys_ike,
            peak_rss_bytes: peak_rss(),
        }
    }

    fn lost(&self) -> u64 {
        self.packets_sent.saturating_sub(self.packets_received)
    }

    /// Everything was verified.
    pub fn ok(&self) -> bool {
        self.complaint().is_empty()
    }

    /// What was not as it must be; empty if all was.
    pub fn complaint(&self) -> String {
        let checks = [
            (self.profile == "accepted", "the sample profile was refused"),
            (self.pings > 0, "no ping was answered"),
            (self.sha256_match, "the data arrived changed"),
            (self.packets_received > 0 && self.lost() == 0, "packets were lost"),
            (self.packets_sent >= self.packets_received, "more packets arrived than were sent"),
            (self.rekeys_child > 0, "the Child SA was not rekeyed"),
            (self.rekeys_ike > 0, "the IKE SA was not rekeyed"),
            (self.peak_rss_bytes < RSS_MAX, "more than 64 MiB of memory were used"),
        ];
        checks.iter().filter(|(good, _)| !good).map(|(_, what)| *what).collect::<Vec<_>>().join("; ")
    }

    /// For people.
    pub fn text(&self) -> String {
        let verdict =
            if self.ok() { paint(Style::Green, "verified") } else { paint(Style::Red, "not verified") };
        format!(
            "\n{verdict}: {} MiB over TCP, SHA-256 {}\n  throughput   {:.2} Gbit/s\n  handshake    {:.1} ms\n  ping         \
             {:.3} ms (median of {})\n  packets      {} sent, {} received, {} lost\n  rekeys       {} Child SA, {} IKE SA\n  \
             peak memory  {:.1} MiB",
            self.bytes >> 20,
            if self.sha256_match { "as sent" } else { "CHANGED" },
            self.gbit_per_s,
            self.handshake_ms,
            self.ping_ms,
            self.pings,
            self.packets_sent,
            self.packets_received,
            self.lost(),
            self.rekeys_child,
            self.rekeys_ike,
            self.peak_rss_bytes as f64 / 1_048_576.0,
        )
    }

    /// For programs. What was not as it must be is the member "error", which is absent if all was.
    pub fn json(&self) -> Value {
        let mut value = json!({
            "ok": self.ok(),
            "profile": self.profile,
            "ike_suite": self.ike_suite,
            "esp_suite": self.esp_suite,
            "handshake_ms": self.handshake_ms,
            "inner_addresses": self.inner_addresses,
            "ping_ms": self.ping_ms,
            "bytes": self.bytes,
            "sha256_match": self.sha256_match,
            "gbit_per_s": self.gbit_per_s,
            "packets_sent": self.packets_sent,
            "packets_received": self.packets_received,
            "packets_lost": self.lost(),
            "rekeys_child": self.rekeys_child,
            "rekeys_ike": self.rekeys_ike,
            "peak_rss_bytes": self.peak_rss_bytes,
        });
        if let (false, Value::Object(members)) = (self.ok(), &mut value) {
            members.insert("error".into(), self.complaint().into());
        }
        value
    }
}

/// For programs, when the demo broke off because of `error`: the members of [`Report::json`], null where nothing was
/// measured, and the member "error".
pub fn unfinished(profile: Option<&'static str>, seen: &Seen, error: &str) -> Value {
    let up = !seen.addresses.is_empty();
    let addresses: Vec<_> = seen.addresses.iter().map(|inner| inner.address().to_string()).collect();
    json!({
        "ok": false,
        "error": error,
        "profile": profile,
        "ike_suite": up.then_some(&seen.ike_suite),
        "esp_suite": Some(&seen.esp_suite).filter(|suite| !suite.is_empty()),
        "handshake_ms": up.then_some(seen.handshake.as_secs_f64() * 1000.0),
        "inner_addresses": up.then_some(addresses),
        "ping_ms": null,
        "bytes": null,
        "sha256_match": null,
        "gbit_per_s": null,
        "packets_sent": null,
        "packets_received": null,
        "packets_lost": null,
        "rekeys_child": up.then_some(seen.rekeys_child),
        "rekeys_ike": up.then_some(seen.rekeys_ike),
        "peak_rss_bytes": peak_rss(),
    })
}

/// The most memory this process has held, in bytes, as Linux counts it.
fn peak_rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use adit_tunnel::IpPrefix;

    use super::*;

    fn shown(digest_match: bool) -> Shown {
        let pings = vec![Duration::from_millis(1)];
        Shown { pings, bytes: 1, digest_match, took: Duration::from_secs(1) }
    }

    fn members(value: &Value) -> Vec<String> {
        value.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
    }

    #[test]
    fn an_unfinished_report_has_the_members_of_a_finished_one() {
        let finished = Report::new("accepted", &Seen::default(), &shown(false), &Stats::default()).json();
        assert_eq!(finished["ok"], false);
        assert!(finished["error"].as_str().is_some_and(|text| text.contains("the data arrived changed")));
        let unfinished = unfinished(None, &Seen::default(), "no server");
        let (mut left, mut right) = (members(&finished), members(&unfinished));
        left.sort_unstable();
        right.sort_unstable();
        assert_eq!(left, right);
        for (name, value) in unfinished.as_object().into_iter().flatten() {
            assert_eq!(
                value.is_null(),
                !["ok", "error", "peak_rss_bytes"].contains(&name.as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn an_unfinished_report_keeps_what_was_measured() {
        let seen = Seen {
            ike_suite: "AES".into(),
            addresses: vec![IpPrefix::host(IpAddr::from([192, 0, 2, 7]))],
            handshake: Duration::from_millis(3),
            rekeys_child: 1,
            ..Seen::default()
        };
        let value = unfinished(Some("accepted"), &seen, "the TCP transfer stands still");
        assert_eq!(value["profile"], "accepted");
        assert_eq!(value["ike_suite"], "AES");
        assert_eq!(value["inner_addresses"], json!(["192.0.2.7"]));
        assert_eq!(value["handshake_ms"], 3.0);
        assert_eq!((&value["rekeys_child"], &value["rekeys_ike"]), (&json!(1), &json!(0)));
        assert!(value["esp_suite"].is_null() && value["bytes"].is_null());
    }
}
