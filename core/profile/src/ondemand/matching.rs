//! The match keys of a rule against a network.

use super::Mode;
use super::decision::{Held, KeyTrace, MatchKey, RuleVerdict};
use super::names::{Server, lists_search_domain};
use super::network::{Interface, Network, ProbeResult};
use super::rules::{Entries, Rule};
use super::words::{all_of, any_of, quoted, url};
use crate::gather::Gather as _;

/// How many search domains, and how many DNS servers, of a network are looked at: whoever runs the network chooses
/// them, and no system uses more.
pub const MAX_NETWORK_ENTRIES: usize = 128;

/// A network with its addresses read once.
pub(super) struct Prepared<'n> {
    network: &'n Network,
    search_domains: &'n [String],
    servers: Vec<Server>,
}

impl<'n> Prepared<'n> {
    pub fn new(network: &'n Network) -> Self {
        let domains = &network.search_domains;
        let search_domains = domains.get(..MAX_NETWORK_ENTRIES).unwrap_or(domains);
        let servers = network.dns_servers.iter().take(MAX_NETWORK_ENTRIES);
        Self { network, search_domains, servers: servers.map(|server| Server::new(server)).gather() }
    }
}

/// Whether a rule matches, and what each of its keys says. The probe is asked for last, and only when all else holds.
pub(super) fn rule(rule: &Rule, on: &Prepared<'_>, mode: Mode) -> (RuleVerdict, Vec<KeyTrace>) {
    let mut keys = Vec::new();
    let mut all = true;
    let mut note = |key: MatchKey, entries: Option<&Entries>, (held, why): (bool, String)| {
        all &= held;
        let held = if held { Held::Yes } else { Held::No };
        keys.push(KeyTrace { key, held, why, span: entries.and_then(|entries| entries.span) });
    };
    if let Some(wanted) = rule.interface {
        note(MatchKey::InterfaceTypeMatch, None, interface(wanted, on.network.interface));
    }
    if let Some(ssids) = &rule.ssids {
        note(MatchKey::SsidMatch, Some(ssids), ssid(ssids, on.network));
    }
    if let Some(domains) = &rule.search_domains {
        note(MatchKey::DnsDomainMatch, Some(domains), search_domains(domains, on.search_domains, mode));
    }
    if let Some(servers) = &rule.dns_servers {
        note(MatchKey::DnsServerAddressMatch, Some(servers), dns_servers(servers, &on.servers, mode));
    }
    let mut verdict = if all { RuleVerdict::Matched } else { RuleVerdict::NotMatched };
    if let Some(address) = &rule.probe_url {
        let (held, why) = match on.network.probes.get(address) {
            _ if !all => (Held::NotAsked, "not asked, since the rest of the rule does not hold".to_owned()),
            Some(ProbeResult::Ok) => (Held::Yes, format!("{} answers with status 200", url(address))),
            Some(ProbeResult::Failed) => {
                (Held::No, format!("{} does not answer with status 200, or redirects", url(address)))
            }
            None => (Held::Unknown, format!("whether {} answers is not known", url(address))),
        };
        verdict = match held {
            Held::Yes => RuleVerdict::Matched,
            Held::Unknown => RuleVerdict::NeedsProbe,
            Held::No | Held::NotAsked => RuleVerdict::NotMatched,
        };
        keys.push(KeyTrace { key: MatchKey::UrlStringProbe, held, why, span: None });
    }
    (verdict, keys)
}

const EMPTY: &str = "the rule's list is empty, which matches nothing";

fn names(entries: &Entries) -> impl ExactSizeIterator<Item = &str> {
    entries.values.iter().map(String::as_str)
}

fn interface(wanted: Interface, actual: Interface) -> (bool, String) {
    if wanted == actual {
        (true, format!("the interface is {}", actual.name()))
    } else {
        (false, format!("the interface is {}, the rule asks for {}", actual.name(), wanted.name()))
    }
}

fn ssid(wanted: &Entries, network: &Network) -> (bool, String) {
    if wanted.values.is_empty() {
        return (false, EMPTY.to_owned());
    }
    let asks = || format!("the rule asks for {}", any_of(names(wanted)));
    if network.interface != Interface::WiFi {
        return (
            false,
            format!("the interface is {}, which has no SSID; {}", network.interface.name(), asks()),
        );
    }
    let Some(actual) = &network.ssid else {
        return (false, format!("the SSID is not known; {}", asks()));
    };
    if wanted.values.contains(actual) {
        return (true, format!("the SSID is {}", quoted(actual)));
    }
    let case = wanted.values.iter().any(|entry| entry.eq_ignore_ascii_case(actual));
    let hint = if case { ", and case counts" } else { "" };
    (false, format!("the SSID is {}, {}{hint}", quoted(actual), asks()))
}

fn search_domains(wanted: &Entries, actual: &[String], mode: Mode) -> (bool, String) {
    if wanted.values.is_empty() {
        return (false, EMPTY.to_owned());
    }
    let asks = || format!("the rule asks for {}", any_of(names(wanted)));
    if actual.is_empty() {
        return (false, format!("the network has no search domain; {}", asks()));
    }
    let equal = mode == Mode::PersonalVpn;
    let found = actual.iter().find_map(|domain| {
        let entry = wanted.values.iter().find(|entry| lists_search_domain(entry, domain, equal))?;
        Some((domain, entry))
    });
    match found {
        Some((domain, entry)) => {
            (true, format!("the search domain {} is matched by {}", quoted(domain), quoted(entry)))
        }
        None => {
            let has = all_of(actual.iter().map(String::as_str));
            (false, format!("the network's search domains are {has}, {}", asks()))
        }
    }
}

fn dns_servers(wanted: &Entries, actual: &[Server], mode: Mode) -> (bool, String) {
    if wanted.values.is_empty() {
        return (false, EMPTY.to_owned());
    }
    let asks = || format!("the rule asks for {}", any_of(names(wanted)));
    if actual.is_empty() {
        return (false, format!("the network has no DNS server; {}", asks()));
    }
    let listed = |server: &Server| wanted.values.iter().find(|entry| server.is_listed_as(entry));
    match mode {
        Mode::Profile => match actual.iter().find_map(|server| Some((server, listed(server)?))) {
            Some((server, entry)) => {
                (true, format!("the DNS server {} is matched by {}", quoted(&server.text), quoted(entry)))
            }
            None => {
                let has = all_of(actual.iter().map(|server| server.text.as_str()));
                (false, format!("the network's DNS servers are {has}, {}", asks()))
            }
        },
        Mode::PersonalVpn => match actual.iter().find(|server| listed(server).is_none()) {
            Some(server) => {
                let text = quoted(&server.text);
                (false, format!("each DNS server must match, and {text} does not; {}", asks()))
            }
            None => {
                let has = all_of(actual.iter().map(|server| server.text.as_str()));
                (true, format!("each DNS server is matched: {has}"))
            }
        },
    }
}
