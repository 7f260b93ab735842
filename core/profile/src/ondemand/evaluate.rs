//! What is decided for a host: `ActionParameters`, and the lists of before iOS 7.

use super::MAX_TRACE;
use super::decision::{ConnectReason, HostTrace, HostVerdict, Need, Part};
use super::names::lists_host;
use super::network::{Network, ProbeResult, RequiredDns};
use super::rules::{ConnectionRule, DomainAction, DomainLists, Entries};
use super::words::{any_of, because, needed, quoted, url};

/// The first element that lists the host decides.
pub(super) fn parameters(elements: &[ConnectionRule], network: &Network) -> (HostVerdict, Vec<HostTrace>) {
    let Some(host) = &network.host else { return (HostVerdict::NoHost, Vec::new()) };
    let mut trace = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let part = Part::ActionParameter { index, action: element.action };
        let span = element.place.as_ref().map(|place| place.span);
        let Some(domain) = entry_for(&element.domains, host) else {
            if trace.len() < MAX_TRACE {
                trace.push(HostTrace { part, domain: None, why: not_listed(&element.domains), span });
            }
            continue;
        };
        let verdict = match element.action {
            DomainAction::NeverConnect => HostVerdict::NeverConnect { domain: domain.to_owned() },
            DomainAction::ConnectIfNeeded => if_needed(element, domain, host, network),
        };
        let why = format!("listed as {}: {}", quoted(domain), outcome(&verdict));
        trace.push(HostTrace { part, domain: Some(domain.to_owned()), why, span });
        return (verdict, trace);
    }
    (HostVerdict::NoDomainMatched, trace)
}

/// `Never` first, then `Always` and `OnRetry`, which mean the same.
pub(super) fn lists(lists: &DomainLists, network: &Network) -> (HostVerdict, Vec<HostTrace>) {
    let Some(host) = &network.host else { return (HostVerdict::NoHost, Vec::new()) };
    let mut trace = Vec::new();
    let parts =
        [(Part::Never, &lists.never), (Part::Always, &lists.always), (Part::OnRetry, &lists.on_retry)];
    for (part, entries) in parts {
        if entries.values.is_empty() {
            continue;
        }
        let span = entries.span;
        let Some(domain) = entry_for(entries, host) else {
            trace.push(HostTrace { part, domain: None, why: not_listed(entries), span });
            continue;
        };
        let verdict = match (part, network.host_resolves) {
            (Part::Never, _) => HostVerdict::NeverConnect { domain: domain.to_owned() },
            (_, Some(true)) => HostVerdict::NotNeeded { domain: domain.to_owned() },
            (_, Some(false)) => {
                HostVerdict::Connect { domain: domain.to_owned(), reason: ConnectReason::NameNotResolved }
            }
            (_, None) => HostVerdict::Needs { need: Need::Resolution { host: host.clone() } },
        };
        let why = format!("listed as {}: {}", quoted(domain), outcome(&verdict));
        trace.push(HostTrace { part, domain: Some(domain.to_owned()), why, span });
        return (verdict, trace);
    }
    (HostVerdict::NoDomainMatched, trace)
}

fn entry_for<'r>(entries: &'r Entries, host: &str) -> Option<&'r str> {
    entries.values.iter().map(String::as_str).find(|entry| lists_host(entry, host))
}

/// One reason is enough to connect, even while other facts are not known; all must be known not to.
fn if_needed(element: &ConnectionRule, domain: &str, host: &str, network: &Network) -> HostVerdict {
    let connect = |reason| HostVerdict::Connect { domain: domain.to_owned(), reason };
    let asks_dns = !element.dns_servers.values.is_empty();
    let probe = element.probe_url.as_ref().map(|url| (url, network.probes.get(url)));
    if asks_dns && network.required_dns == Some(RequiredDns::Silent) {
        return connect(ConnectReason::DnsServersSilent);
    }
    if network.host_resolves == Some(false) {
        return connect(ConnectReason::NameNotResolved);
    }
    if let Some((_, Some(ProbeResult::Failed))) = probe {
        return connect(ConnectReason::ProbeFailed);
    }
    let need = match probe {
        _ if asks_dns && network.required_dns.is_none() => {
            Need::RequiredDns { servers: element.dns_servers.values.clone() }
        }
        _ if network.host_resolves.is_none() => Need::Resolution { host: host.to_owned() },
        Some((url, None)) => Need::Probe { url: url.clone() },
        _ => return HostVerdict::NotNeeded { domain: domain.to_owned() },
    };
    HostVerdict::Needs { need }
}

fn not_listed(entries: &Entries) -> String {
    if entries.values.is_empty() {
        return "the list is empty".to_owned();
    }
    format!("not listed: {}", any_of(entries.values.iter().map(String::as_str)))
}

fn outcome(verdict: &HostVerdict) -> String {
    match verdict {
        HostVerdict::Connect { reason, .. } => format!("the tunnel is needed, {}", because(*reason)),
        HostVerdict::NotNeeded { .. } => "reached without the tunnel".to_owned(),
        HostVerdict::NeverConnect { .. } => "never starts the tunnel".to_owned(),
        HostVerdict::Needs { need: Need::Probe { url: address } } => {
            format!("hangs on what {} answers", url(address))
        }
        HostVerdict::Needs { need } => format!("the tunnel is needed unless {}", needed(need)),
        HostVerdict::NoDomainMatched | HostVerdict::NoHost => String::new(),
    }
}
