//! What can be said to `adit ondemand`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use adit_profile::ondemand::{Interface, ProbeResult, RequiredDns, Tunnel};
use clap::{Args, ValueEnum};

use crate::choice::PayloadArgs;
use crate::template::TemplateArgs;

/// The examples of the help.
pub const EXAMPLES: &str = "\
Says what the on-demand rules of a VPN make of a network: connect, disconnect, ignore, or look at each connection; which
rule decides, and why the earlier ones do not match. Nothing is looked up and nothing is sent: all there is to know about
the network is what the options say. Where a fact is missing on which the decision hangs, it is named.

Examples:
  adit ondemand office.mobileconfig --interface wifi --ssid Office
  adit ondemand office.mobileconfig --interface cellular --tunnel up
  adit ondemand office.mobileconfig --interface ethernet --dns-domain corp.example.com --dns-server 10.0.0.53
  adit ondemand office.mobileconfig --interface wifi --ssid Cafe --host intranet.example.com --resolves no
  adit ondemand office.mobileconfig --interface wifi --probe https://probe.example.com/=fail --json | jq .decision

Exit codes: 0 answered (also when it names a missing fact), 1 errors in the profile keep it from being decided, 2 wrong
usage or a file that cannot be read.";

/// `adit ondemand`.
#[derive(Args, Debug)]
pub struct OnDemandArgs {
    /// The profile; - is standard input.
    pub profile: PathBuf,
    /// Which payload.
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// Hardware of the primary interface.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        required_unless_present = "ssid",
        help_heading = "The network"
    )]
    pub interface: Option<InterfaceKind>,
    /// Name of the Wi-Fi network; means --interface wifi.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, help_heading = "The network")]
    pub ssid: Option<String>,
    /// A search domain that the network gives out; may be repeated.
    #[arg(
        long = "dns-domain",
        value_name = "DOMAIN",
        value_parser = search_domain,
        help_heading = "The network"
    )]
    pub dns_domains: Vec<String>,
    /// A DNS server that the network gives out; may be repeated.
    #[arg(long = "dns-server", value_name = "IP", value_parser = dns_server, help_heading = "The network")]
    pub dns_servers: Vec<String>,
    /// What a URL answers: ok is status 200 without a redirect, fail is anything else; may be repeated.
    #[arg(long = "probe", value_name = "URL=ok|fail", help_heading = "The network")]
    pub probes: Vec<Probe>,
    /// The host an application connects to.
    #[arg(long, value_name = "NAME", value_parser = host, help_heading = "The connection")]
    pub host: Option<String>,
    /// Whether its name resolves; a redirect to another server counts as no.
    #[arg(long, value_enum, requires = "host", help_heading = "The connection")]
    pub resolves: Option<YesNo>,
    /// Whether the servers of RequiredDNSServers answer.
    #[arg(long, value_enum, requires = "host", help_heading = "The connection")]
    pub required_dns: Option<Answer>,
    /// State of the tunnel.
    #[arg(long, value_enum, default_value_t = State::Down, help_heading = "The device")]
    pub tunnel: State,
    /// The user turned Connect On Demand off.
    #[arg(long, help_heading = "The device")]
    pub user_override: bool,
    /// Compare as NEOnDemandRule of the Personal VPN API does: every DNS server must match, a search domain must be equal.
    #[arg(long)]
    pub api: bool,
    /// A profile that is a template.
    #[command(flatten)]
    pub template: TemplateArgs,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Kinds of interfaces.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum InterfaceKind {
    /// Wi-Fi.
    #[value(name = "wifi")]
    WiFi,
    /// Wired Ethernet.
    Ethernet,
    /// Mobile data.
    Cellular,
    /// Anything else.
    Other,
}

impl From<InterfaceKind> for Interface {
    fn from(kind: InterfaceKind) -> Self {
        match kind {
            InterfaceKind::WiFi => Self::WiFi,
            InterfaceKind::Ethernet => Self::Ethernet,
            InterfaceKind::Cellular => Self::Cellular,
            InterfaceKind::Other => Self::Other,
        }
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum YesNo {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Whether servers answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Answer {
    /// At least one does.
    Answer,
    /// None does.
    Silent,
}

impl From<Answer> for RequiredDns {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Answer => Self::Answer,
            Answer::Silent => Self::Silent,
        }
    }
}

/// States of the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum State {
    /// Up, or being brought up.
    Up,
    /// Down.
    Down,
}

impl From<State> for Tunnel {
    fn from(state: State) -> Self {
        match state {
            State::Up => Self::Up,
            State::Down => Self::Down,
        }
    }
}

/// What a URL answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Probe {
    /// The URL, as the rules spell it.
    pub url: String,
    /// The answer.
    pub result: ProbeResult,
}

impl FromStr for Probe {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The last equals sign: a URL may hold others.
        let (url, result) = text.rsplit_once('=').ok_or("write URL=ok or URL=fail")?;
        let result = match result {
            "ok" => ProbeResult::Ok,
            "fail" => ProbeResult::Failed,
            _ => return Err("write =ok or =fail after the URL"),
        };
        if url.is_empty() {
            return Err("the URL is missing");
        }
        Ok(Self { url: url.to_owned(), result })
    }
}

fn search_domain(text: &str) -> Result<String, &'static str> {
    if text.contains('*') {
        return Err("wildcards stand in rules; a network gives out plain names");
    }
    name(text).ok_or("not a domain name")
}

fn host(text: &str) -> Result<String, &'static str> {
    if text.parse::<IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    name(text).ok_or("give a host name alone, without scheme, port or path")
}

fn dns_server(text: &str) -> Result<String, &'static str> {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<IpAddr>().map_err(|_| "not an IP address")?;
    Ok(text.to_owned())
}

/// A name made of labels, none of them empty; international letters are taken.
fn name(text: &str) -> Option<String> {
    let inside = text.strip_suffix('.').unwrap_or(text);
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let label = |label: &str| !label.is_empty() && label.chars().all(allowed);
    (text.len() <= 1024 && inside.split('.').all(label)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_split_at_the_last_equals_sign() {
        let probe: Probe = "https://x.example/?a=b=fail".parse().unwrap();
        assert_eq!(probe, Probe { url: "https://x.example/?a=b".to_owned(), result: ProbeResult::Failed });
        for wrong in ["", "=ok", "https://x.example/", "https://x.example/=OK", "https://x.example/?a=b"] {
            assert!(wrong.parse::<Probe>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_names_only() {
        for good in [
            "example.com",
            "intranet",
            "example.com.",
            "bücher.example",
            "_a.example",
            "192.0.2.1",
            "2001:db8::1",
        ] {
            assert!(host(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            ".",
            "https://example.com",
            "example.com/x",
            "example.com:443",
            "a..b",
            "a b",
            "*.example.com",
        ] {
            assert!(host(wrong).is_err(), "{wrong}");
            assert!(search_domain(wrong).is_err(), "{wrong}");
        }
        assert!(dns_server("fe80::1%en0").is_ok());
        assert!(dns_server("17.*").is_err());
    }
}
