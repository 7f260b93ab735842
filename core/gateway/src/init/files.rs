//! The configuration text, and the list of files to write.

use std::fmt::Write;

use adit_crypto::Secret;
use zeroize::Zeroizing;

use super::InitOutput;

/// A file to write.
#[derive(Clone, Debug)]
pub struct InitFile {
    /// Its name, without a directory.
    pub name: String,
    /// Its content.
    pub bytes: Secret,
    /// Its permissions on Unix, such as `0o600`.
    pub mode: u32,
}

const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca.key";
const SERVER_CERTIFICATE: &str = "server.pem";
const SERVER_KEY: &str = "server.key";
const CONFIG: &str = "gateway.toml";
const PUBLIC: u32 = 0o644;
const PRIVATE: u32 = 0o600;

pub(super) fn files(output: &InitOutput) -> Vec<InitFile> {
    let file = |name: &str, bytes: Secret, mode| InitFile { name: name.to_owned(), bytes, mode };
    let profile = format!("{}.mobileconfig", output.settings.host.replace(':', "-"));
    vec![
        file(CA_CERTIFICATE, Secret::new(output.ca.certificate_pem().into_bytes()), PUBLIC),
        file(CA_KEY, output.ca.private_key_pem(), PRIVATE),
        file(SERVER_CERTIFICATE, Secret::new(output.server.certificate_pem().into_bytes()), PUBLIC),
        file(SERVER_KEY, output.server.private_key_pem(), PRIVATE),
        file(CONFIG, config(output, false), PRIVATE),
        file(&profile, output.profile.clone(), PRIVATE),
    ]
}

pub(super) fn config(output: &InitOutput, inline: bool) -> Secret {
    let settings = &output.settings;
    let mut out = Zeroizing::new(String::with_capacity(16 * 1_024));
    out.push_str("# An Adit gateway. `adit gateway reference` explains each key.\n\n[listen]\n");
    if !settings.listen.is_empty() {
        let _ = writeln!(out, "addresses = {}", list(&settings.listen));
    }
    let _ = writeln!(out, "port = {}\nnat-port = {}", settings.port, settings.nat_port);
    let _ = writeln!(out, "\n[server]\nidentity = {}", quoted(&settings.host));
    if inline {
        // PEM has no quotes, so literal strings hold it as it is.
        let key = output.server.private_key_pem();
        let key = std::str::from_utf8(key.expose()).unwrap_or_default();
        let _ = writeln!(out, "certificates = '''\n{}'''", output.server.certificate_pem());
        out.push_str("private-key = '''\n");
        out.push_str(key);
        out.push_str("'''\n");
    } else {
        let _ = writeln!(out, "certificates = {}", quoted(SERVER_CERTIFICATE));
        let _ = writeln!(out, "private-key = {}", quoted(SERVER_KEY));
    }
    let _ = writeln!(out, "\n[[clients.user]]\nname = {}", quoted(&settings.user));
    let password = std::str::from_utf8(output.password.expose()).unwrap_or_default();
    out.push_str("password = \"");
    out.push_str(password);
    out.push_str("\"\n");
    let _ = writeln!(out, "\n[network]\nmtu = {}\npools = {}", settings.mtu, list(&settings.pools));
    if !settings.dns.is_empty() {
        let _ = writeln!(out, "dns = {}", list(&settings.dns));
    }
    Secret::new(out.as_bytes().to_vec())
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(&item.to_string())).collect();
    format!("[{}]", items.join(", "))
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
