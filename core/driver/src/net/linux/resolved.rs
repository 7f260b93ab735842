//! systemd-resolved, where it runs.
//!
//! Owns telling it about the tunnel's name servers with `resolvectl`, per interface (resolvectl(1)). It
//! forgets them when the interface goes, so a crash leaves nothing behind.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::net::DnsConfig;

/// True if programs on this host ask systemd-resolved: resolv.conf names its stub.
pub(super) fn is_used(resolv_conf: &Path, resolvectl: &Path) -> bool {
    let stub = |line: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some("nameserver") && matches!(words.next(), Some("127.0.0.53" | "127.0.0.54"))
    };
    resolvectl.is_file() && fs::read_to_string(resolv_conf).is_ok_and(|text| text.lines().any(stub))
}

/// Gives `interface` its servers and domains. Blocks for as long as resolved takes to answer.
pub(super) fn set(resolvectl: &Path, interface: &str, dns: &DnsConfig) -> io::Result<()> {
    for arguments in commands(interface, dns) {
        run(resolvectl, &arguments)?;
    }
    Ok(())
}

/// Takes everything back.
pub(super) fn revert(resolvectl: &Path, interface: &str) -> io::Result<()> {
    run(resolvectl, &["revert".to_owned(), interface.to_owned()])
}

fn commands(interface: &str, dns: &DnsConfig) -> [Vec<String>; 3] {
    let command = |verb: &str, rest: Vec<String>| {
        let mut all = vec![verb.to_owned(), interface.to_owned()];
        all.extend(rest);
        all
    };
    let servers = dns.servers.iter().map(ToString::to_string).collect();
    // A tilde marks a domain that routes questions without being searched; "~." is every name.
    let everything = dns.match_domains.is_empty();
    let mut domains = dns.search.clone();
    domains.extend(dns.match_domains.iter().map(|domain| format!("~{domain}")));
    if everything {
        domains.push("~.".to_owned());
    }
    let default = if everything { "yes" } else { "no" };
    [command("dns", servers), command("domain", domains), command("default-route", vec![default.to_owned()])]
}

fn run(resolvectl: &Path, arguments: &[String]) -> io::Result<()> {
    let output = Command::new(resolvectl).args(arguments).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("resolvectl {}: {}", arguments.join(" "), text.trim())))
}

#[cfg(test)]
mod tests {
    use super::commands;
    use crate::net::DnsConfig;

    #[test]
    fn all_names_or_only_the_matching_ones() {
        let mut dns = DnsConfig {
            servers: vec!["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()],
            search: vec!["corp.test".to_owned()],
            match_domains: Vec::new(),
        };
        let lines = |dns: &DnsConfig| commands("tun0", dns).map(|arguments| arguments.join(" "));
        assert_eq!(
            lines(&dns),
            ["dns tun0 10.0.0.1 fd00::1", "domain tun0 corp.test ~.", "default-route tun0 yes"]
        );
        dns.match_domains = vec!["lab.test".to_owned()];
        assert_eq!(
            lines(&dns),
            ["dns tun0 10.0.0.1 fd00::1", "domain tun0 corp.test ~lab.test", "default-route tun0 no"]
        );
    }
}
