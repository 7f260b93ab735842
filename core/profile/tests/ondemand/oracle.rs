//! What should be decided, worked out a second time in another way: names as reversed lists of labels, IPv4 addresses
//! as numbers with masks, the first rule by filtering them all. Knows the outcome only, not the words.

use adit_profile::ondemand::{
    Action, ConnectReason, ConnectionRule, DomainAction, EvaluatedBy, HostVerdict, Interface, Mode, Need,
    Network, Off, Outcome, ProbeResult, RequiredDns, Rule, Rules,
};

/// Three values: yes, no, and "ask this URL".
enum Answer {
    Yes,
    No,
    Ask(String),
}

pub fn outcome(rules: &Rules, network: &Network, mode: Mode) -> (Outcome, Option<usize>) {
    if !rules.enabled {
        return (Outcome::Off { reason: Off::NotEnabled }, None);
    }
    if network.user_override && !rules.user_override_disabled {
        return (Outcome::Off { reason: Off::UserOverride }, None);
    }
    let lists_empty = [&rules.lists.always, &rules.lists.never, &rules.lists.on_retry]
        .iter()
        .all(|list| list.values.is_empty());
    if rules.rules.is_empty() {
        return if lists_empty {
            (Outcome::Off { reason: Off::NoRules }, None)
        } else {
            (Outcome::Evaluate { by: EvaluatedBy::DomainLists, verdict: lists(rules, network) }, None)
        };
    }
    let answers: Vec<(usize, Answer)> = rules
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (index, holds(rule, network, mode)))
        .filter(|(_, answer)| !matches!(answer, Answer::No))
        .collect();
    match answers.into_iter().next() {
        None => (Outcome::NothingMatched, None),
        Some((index, Answer::Ask(url))) => (Outcome::Needs { need: Need::Probe { url } }, Some(index)),
        Some((index, _)) => {
            let outcome = match &rules.rules[index].action {
                Action::Connect => Outcome::Connect,
                Action::Disconnect => Outcome::Disconnect,
                Action::Ignore => Outcome::Ignore,
                Action::Allow => {
                    Outcome::Evaluate { by: EvaluatedBy::DomainLists, verdict: lists(rules, network) }
                }
                Action::EvaluateConnection(elements) => Outcome::Evaluate {
                    by: EvaluatedBy::ActionParameters,
                    verdict: parameters(elements, network),
                },
            };
            (outcome, Some(index))
        }
    }
}

fn holds(rule: &Rule, network: &Network, mode: Mode) -> Answer {
    let interface = rule.interface.is_none_or(|wanted| wanted == network.interface);
    let ssid = match (&rule.ssids, &network.ssid) {
        (None, _) => true,
        (Some(wanted), Some(actual)) => {
            network.interface == Interface::WiFi
                && wanted.values.iter().filter(|one| *one == actual).count() > 0
        }
        (Some(_), None) => false,
    };
    let mut domain = rule.search_domains.is_none();
    for entry in rule.search_domains.iter().flat_map(|entries| &entries.values) {
        for actual in &network.search_domains {
            let exact = mode == Mode::PersonalVpn && !entry.starts_with('*');
            domain |= if exact {
                labels(entry) == labels(actual) && !labels(entry).is_empty()
            } else {
                below(actual, entry)
            };
        }
    }
    let server = match &rule.dns_servers {
        None => true,
        Some(entries) => {
            let matched: Vec<bool> = network
                .dns_servers
                .iter()
                .map(|server| {
                    entries.values.iter().map(|entry| in_pattern(server, entry)).fold(false, |a, b| a | b)
                })
                .collect();
            let hits = matched.iter().filter(|hit| **hit).count();
            match mode {
                Mode::Profile => hits > 0,
                Mode::PersonalVpn => hits > 0 && hits == matched.len(),
            }
        }
    };
    if ![interface, ssid, domain, server].contains(&false) {
        match &rule.probe_url {
            None => Answer::Yes,
            Some(url) => match network.probes.get(url) {
                Some(ProbeResult::Ok) => Answer::Yes,
                Some(ProbeResult::Failed) => Answer::No,
                None => Answer::Ask(url.clone()),
            },
        }
    } else {
        Answer::No
    }
}

/// The labels of a name, last first, in lower case.
fn labels(name: &str) -> Vec<String> {
    name.split('.').filter(|label| !label.is_empty()).rev().map(str::to_lowercase).collect()
}

/// Whether a name is an entry's domain or below it. Knows sane entries only: a name, `*.name`, `*`.
fn below(name: &str, entry: &str) -> bool {
    if entry == "*" {
        return true;
    }
    let domain: Vec<String> = labels(entry).into_iter().filter(|label| label != "*").collect();
    !domain.is_empty() && labels(name).iter().take(domain.len()).eq(domain.iter())
}

/// IPv4 only: whole octets and one star.
fn in_pattern(server: &str, pattern: &str) -> bool {
    let octets =
        |text: &str| -> Vec<u32> { text.split('.').filter_map(|octet| octet.parse().ok()).collect() };
    let number =
        |octets: &[u32]| (0..4).fold(0, |all, place| all << 8 | octets.get(place).copied().unwrap_or(0));
    let known = octets(pattern);
    let mask = if known.is_empty() { 0 } else { u32::MAX << (32 - 8 * known.len() as u32) };
    number(&octets(server)) & mask == number(&known) & mask
}

fn parameters(elements: &[ConnectionRule], network: &Network) -> HostVerdict {
    let Some(host) = &network.host else { return HostVerdict::NoHost };
    let pairs = elements
        .iter()
        .flat_map(|element| element.domains.values.iter().map(move |domain| (element, domain)));
    let Some((element, domain)) = pairs.into_iter().find(|(_, domain)| below(host, domain)) else {
        return HostVerdict::NoDomainMatched;
    };
    let domain = domain.clone();
    if element.action == DomainAction::NeverConnect {
        return HostVerdict::NeverConnect { domain };
    }
    // Three facts, each good, bad, unknown, or not asked for.
    let dns = if element.dns_servers.values.is_empty() {
        Some(true)
    } else {
        network.required_dns.map(|answer| answer == RequiredDns::Answer)
    };
    let probe = match &element.probe_url {
        None => Some(true),
        Some(url) => network.probes.get(url).map(|result| *result == ProbeResult::Ok),
    };
    let facts = [
        (
            dns,
            ConnectReason::DnsServersSilent,
            Need::RequiredDns { servers: element.dns_servers.values.clone() },
        ),
        (network.host_resolves, ConnectReason::NameNotResolved, Need::Resolution { host: host.clone() }),
        (
            probe,
            ConnectReason::ProbeFailed,
            Need::Probe { url: element.probe_url.clone().unwrap_or_default() },
        ),
    ];
    if let Some((_, reason, _)) = facts.iter().find(|(fact, ..)| *fact == Some(false)) {
        return HostVerdict::Connect { domain, reason: *reason };
    }
    match facts.into_iter().find(|(fact, ..)| fact.is_none()) {
        Some((_, _, need)) => HostVerdict::Needs { need },
        None => HostVerdict::NotNeeded { domain },
    }
}

fn lists(rules: &Rules, network: &Network) -> HostVerdict {
    let Some(host) = &network.host else { return HostVerdict::NoHost };
    let lists = &rules.lists;
    if let Some(domain) = lists.never.values.iter().find(|domain| below(host, domain)) {
        return HostVerdict::NeverConnect { domain: domain.clone() };
    }
    let both = lists.always.values.iter().chain(&lists.on_retry.values);
    match both.into_iter().find(|domain| below(host, domain)) {
        None => HostVerdict::NoDomainMatched,
        Some(domain) => match network.host_resolves {
            None => HostVerdict::Needs { need: Need::Resolution { host: host.clone() } },
            Some(true) => HostVerdict::NotNeeded { domain: domain.clone() },
            Some(false) => {
                HostVerdict::Connect { domain: domain.clone(), reason: ConnectReason::NameNotResolved }
            }
        },
    }
}
