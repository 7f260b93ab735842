//! Messages in words, for logs and errors.
//!
//! Shows names, lengths and algorithms. Never shows what must stay secret or only fills the screen: key
//! exchange values, nonces, AUTH, EAP packets, certificates, cookies and encrypted data appear as their
//! length. What comes from the peer is escaped and cut ([`Escaped`]), and a description has at most
//! [`MAX_LINES`] lines.

mod identity;
mod payload;
mod text;

use std::fmt::Write;

pub use identity::describe_identity;
pub use text::{Escaped, Hex};

use crate::wire::{Header, Message, Payload};

/// Most lines of a description.
pub const MAX_LINES: usize = 160;

/// Describes a message: one line for the header, one or more for each payload. Ends without a line break.
#[must_use]
pub fn describe(message: &Message) -> String {
    let mut out = Lines::new(describe_header(&message.header));
    payload::describe_all(&message.payloads, &mut out);
    out.finish()
}

/// Describes payloads, for example those found inside an Encrypted payload.
#[must_use]
pub fn describe_payloads(payloads: &[Payload]) -> String {
    let mut out = Lines { out: String::new(), lines: 0, left_out: 0 };
    payload::describe_all(payloads, &mut out);
    out.finish()
}

/// Describes a header on one line.
#[must_use]
pub fn describe_header(header: &Header) -> String {
    let kind = if header.flags.response { "response" } else { "request" };
    let mut line = format!(
        "{} {kind} {} from the original {}, SPIs {} {}",
        header.exchange,
        header.message_id,
        if header.flags.initiator { "initiator" } else { "responder" },
        header.initiator_spi,
        header.responder_spi,
    );
    if header.version.major != 2 || header.version.minor != 0 {
        // Writing to a String does not fail.
        let _ = write!(line, ", version {}", header.version);
    }
    if header.flags.version {
        line.push_str(", speaks a higher version");
    }
    line
}

/// Lines up to a bound.
struct Lines {
    out: String,
    lines: usize,
    left_out: usize,
}

impl Lines {
    const fn new(first: String) -> Self {
        Self { out: first, lines: 1, left_out: 0 }
    }

    /// Adds a line, `level` steps in.
    fn push(&mut self, level: usize, line: &str) {
        if self.lines >= MAX_LINES {
            self.left_out += 1;
            return;
        }
        if self.lines > 0 {
            self.out.push('\n');
        }
        self.lines += 1;
        for _ in 0..level {
            self.out.push_str("  ");
        }
        self.out.push_str(line);
    }

    fn finish(mut self) -> String {
        if self.left_out > 0 {
            let _ = write!(self.out, "\n  ... {} lines more", self.left_out);
        }
        self.out
    }
}

#[cfg(test)]
mod tests;
