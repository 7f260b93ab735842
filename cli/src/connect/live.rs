//! Live counters on a terminal.

use std::io::{IsTerminal, Write, stdout};
use std::time::Duration;

use adit_driver::client::Control;
use adit_tunnel::Stats;
use tokio::sync::mpsc;

/// Asks for counters once a second, until nobody listens.
pub async fn ask_for_stats(control: mpsc::Sender<Control>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if control.send(Control::Stats).await.is_err() {
            return;
        }
    }
}

/// The line of counters, written over itself.
#[derive(Default)]
pub struct Line {
    shown: bool,
    last: Stats,
}

impl Line {
    /// True if standard output is a terminal.
    pub fn wanted() -> bool {
        stdout().is_terminal()
    }

    /// Shows `stats`, with the rates since the last call a second ago.
    pub fn show(&mut self, stats: &Stats) {
        let text = format!(
            "sent {} ({}/s), received {} ({}/s), dropped {}",
            amount(stats.sent.bytes),
            amount(stats.sent.bytes.saturating_sub(self.last.sent.bytes)),
            amount(stats.received.bytes),
            amount(stats.received.bytes.saturating_sub(self.last.received.bytes)),
            stats.esp_discards.total().saturating_add(stats.not_sent),
        );
        self.last = *stats;
        self.shown = true;
        let mut out = stdout();
        let _ = write!(out, "\r\x1b[K{text}");
        let _ = out.flush();
    }

    /// Takes the line away, before others are written.
    pub fn clear(&mut self) {
        if self.shown {
            self.shown = false;
            let mut out = stdout();
            let _ = write!(out, "\r\x1b[K");
            let _ = out.flush();
        }
    }
}

/// Bytes for people.
pub fn amount(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS.get(unit).unwrap_or(&"TiB"))
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_read_well() {
        assert_eq!(amount(0), "0 B");
        assert_eq!(amount(1023), "1023 B");
        assert_eq!(amount(1536), "1.5 KiB");
        assert_eq!(amount(256 << 20), "256.0 MiB");
    }
}
