//! Keys for a packet analyser: lines of Wireshark's tables `ikev2_decryption_table` and `esp_sa`.
//!
//! Owns their format and Wireshark's names of algorithms. Only with the cargo feature `keylog`, and only if
//! [`crate::config::Config::key_log`] asks for it: whoever has these lines reads the traffic. An SA whose
//! algorithms Wireshark cannot decrypt (ChaCha20-Poly1305) has no line but a warning.

use std::fmt::{self, Write};
use std::net::IpAddr;

use adit_crypto::{CipherSpec, EncrId, IntegId, Secret};
use adit_esp::SaParams;
use zeroize::Zeroizing;

use crate::event::Event;
use crate::keys::IkeKeys;
use crate::session::context::Context;
use crate::session::ike_sa::IkeSa;

/// A table of Wireshark's, in its configuration folder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Table {
    /// `ikev2_decryption_table`: IKE SAs.
    Ikev2,
    /// `esp_sa`: ESP SAs, one line a direction.
    Esp,
}

impl Table {
    /// The name of the file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Ikev2 => "ikev2_decryption_table",
            Self::Esp => "esp_sa",
        }
    }
}

/// A line to append to a table. Wiped on drop; `Debug` shows the table only.
pub struct KeyLogLine {
    /// Which table.
    pub table: Table,
    /// The line, without its end.
    pub line: Zeroizing<String>,
}

impl fmt::Debug for KeyLogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLogLine").field("table", &self.table).finish_non_exhaustive()
    }
}

/// Makes the event for a new IKE SA.
pub(crate) fn ike_sa(cx: &mut Context, sa: &IkeSa) {
    if !cx.key_log {
        return;
    }
    match ike_line(sa.suite.cipher, sa.spi_i().0, sa.spi_r().0, sa.keys()) {
        Some(line) => cx.event(Event::KeyLog(KeyLogLine { table: Table::Ikev2, line })),
        None => cannot(cx, "IKE", sa.suite.cipher),
    }
}

/// Makes the events for a new Child SA.
pub(crate) fn child_sa(cx: &mut Context, inbound: &SaParams, outbound: &SaParams) {
    if !cx.key_log {
        return;
    }
    let (local, remote) = (cx.path.local.ip(), cx.path.remote.ip());
    for (from, to, params) in [(remote, local, inbound), (local, remote, outbound)] {
        match esp_line(from, to, params) {
            Some(line) => cx.event(Event::KeyLog(KeyLogLine { table: Table::Esp, line })),
            None => return cannot(cx, "ESP", params.cipher.spec()),
        }
    }
}

fn cannot(cx: &mut Context, protocol: &str, cipher: CipherSpec) {
    cx.event(Event::Warning(format!("no keys logged: Wireshark cannot decrypt {protocol} with {cipher}")));
}

fn ike_line(cipher: CipherSpec, spi_i: [u8; 8], spi_r: [u8; 8], keys: &IkeKeys) -> Option<Zeroizing<String>> {
    let encryption = match (cipher.encr, cipher.key_bits) {
        (EncrId::AES_CBC, 128) => "AES-CBC-128 [RFC3602]",
        (EncrId::AES_CBC, 192) => "AES-CBC-192 [RFC3602]",
        (EncrId::AES_CBC, 256) => "AES-CBC-256 [RFC3602]",
        (EncrId::AES_GCM_16, 128) => "AES-GCM-128 with 16 octet ICV [RFC5282]",
        (EncrId::AES_GCM_16, 192) => "AES-GCM-192 with 16 octet ICV [RFC5282]",
        (EncrId::AES_GCM_16, 256) => "AES-GCM-256 with 16 octet ICV [RFC5282]",
        _ => return None,
    };
    let integrity = match cipher.integ {
        IntegId::NONE => "NONE [RFC4306]",
        IntegId::HMAC_SHA1_96 => "HMAC_SHA1_96 [RFC2404]",
        IntegId::HMAC_SHA2_256_128 => "HMAC_SHA2_256_128 [RFC4868]",
        IntegId::HMAC_SHA2_384_192 => "HMAC_SHA2_384_192 [RFC4868]",
        IntegId::HMAC_SHA2_512_256 => "HMAC_SHA2_512_256 [RFC4868]",
        _ => return None,
    };
    let mut line = Line::new();
    line.hex(&spi_i);
    line.text(",");
    line.hex(&spi_r);
    for key in [&keys.ei, &keys.er] {
        line.text(",");
        line.hex(key.expose());
    }
    line.text(&format!(",\"{encryption}\""));
    for key in [&keys.ai, &keys.ar] {
        line.text(",");
        line.hex(key.expose());
    }
    line.text(&format!(",\"{integrity}\""));
    Some(line.0)
}

fn esp_line(from: IpAddr, to: IpAddr, params: &SaParams) -> Option<Zeroizing<String>> {
    let cipher = params.cipher.spec();
    let encryption = match cipher.encr {
        EncrId::AES_CBC => "AES-CBC [RFC3602]",
        EncrId::AES_GCM_16 => "AES-GCM with 16 octet ICV [RFC4106]",
        _ => return None,
    };
    let integrity = match cipher.integ {
        IntegId::NONE => "NULL",
        IntegId::HMAC_SHA1_96 => "HMAC-SHA-1-96 [RFC2404]",
        IntegId::HMAC_SHA2_256_128 => "HMAC-SHA-256-128 [RFC4868]",
        IntegId::HMAC_SHA2_384_192 => "HMAC-SHA-384-192 [RFC4868]",
        IntegId::HMAC_SHA2_512_256 => "HMAC-SHA-512-256 [RFC4868]",
        _ => return None,
    };
    let protocol = if to.is_ipv4() { "IPv4" } else { "IPv6" };
    let mut line = Line::new();
    line.text(&format!("\"{protocol}\",{},{},\"0x{:08x}\",\"{encryption}\",", at(from), at(to), params.spi));
    line.key(&params.encr_key);
    line.text(&format!(",\"{integrity}\","));
    line.key(&params.integ_key);
    Some(line.0)
}

/// An address, or any if a socket that is bound to none does not tell.
fn at(address: IpAddr) -> String {
    if address.is_unspecified() { "\"*\"".to_owned() } else { format!("\"{address}\"") }
}

/// Text with keys in it. It never grows: what a growing string leaves behind is not wiped.
struct Line(Zeroizing<String>);

/// Longer than any line: four keys of 64 octets, SPIs and names.
const LINE_MAX: usize = 1024;

impl Line {
    fn new() -> Self {
        Self(Zeroizing::new(String::with_capacity(LINE_MAX)))
    }

    fn text(&mut self, text: &str) {
        if self.0.len().saturating_add(text.len()) <= LINE_MAX {
            self.0.push_str(text);
        }
    }

    fn hex(&mut self, octets: &[u8]) {
        if self.0.len().saturating_add(octets.len().saturating_mul(2)) <= LINE_MAX {
            for octet in octets {
                // Writing to a string cannot fail.
                let _ = write!(self.0, "{octet:02x}");
            }
        }
    }

    fn key(&mut self, key: &Secret) {
        self.text(if key.is_empty() { "\"" } else { "\"0x" });
        self.hex(key.expose());
        self.text("\"");
    }
}
