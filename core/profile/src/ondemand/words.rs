//! Decisions in words. Every name in them is shortened and freed of control characters, and a URL shows no credentials.

use crate::gather::Gather as _;
use crate::syntax::shorten;

use super::decision::{ConnectReason, EvaluatedBy, HostVerdict, Need, Off, Outcome};
use super::network::{Network, Tunnel};

/// How many entries of a list a text names.
const NAMED: usize = 4;

/// A name between quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", plain(name))
}

/// A name as it may stand in a text: short, and without characters that hide or turn around what follows.
fn plain(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    shorten(name).replace(turns, "\u{fffd}")
}

/// A URL as it may stand in a text: [`url_without_credentials`], and short.
pub(super) fn url(url: &str) -> String {
    plain(&url_without_credentials(url))
}

/// A URL without what stands before its `@`, which may be a password.
pub(crate) fn url_without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let separator = if url.contains("://") { "://" } else { "" };
    format!("{scheme}{separator}{host}{path}")
}

/// `"a"`, `"a" or "b"`, `"a", "b" or 7 more`.
pub(super) fn any_of<'t>(names: impl ExactSizeIterator<Item = &'t str>) -> String {
    list(names, "or")
}

/// `"a"`, `"a" and "b"`, `"a", "b" and 7 more`.
pub(super) fn all_of<'t>(names: impl ExactSizeIterator<Item = &'t str>) -> String {
    list(names, "and")
}

fn list<'t>(names: impl ExactSizeIterator<Item = &'t str>, last: &str) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut named: Vec<String> = names.take(NAMED).map(quoted).gather();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    match named.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((end, start)) => format!("{} {last} {end}", start.join(", ")),
    }
}

/// A decision in one or two sentences.
pub(super) fn summary(outcome: &Outcome, rule: Option<usize>, network: &Network) -> String {
    let up = network.tunnel == Tunnel::Up;
    let stays = if up { "the tunnel stays up" } else { "the tunnel stays down" };
    let who = rule.map_or_else(
        || "no rule decides".to_owned(),
        |index| format!("rule {} decides", index.saturating_add(1)),
    );
    match outcome {
        Outcome::Off { reason } => {
            let why = match reason {
                Off::NotEnabled => "On demand is off: OnDemandEnabled is not 1",
                Off::UserOverride => "On demand is off: the user turned it off, and the profile lets them",
                Off::NoRules => "On demand is on, but there are neither rules nor lists: nothing triggers it",
            };
            format!("{why}; {stays}.")
        }
        Outcome::Connect if up => format!("Connect: {who}, the tunnel is up and stays up."),
        Outcome::Connect => format!("Connect: {who}, the next connection starts the tunnel."),
        Outcome::Disconnect if up => {
            format!("Disconnect: {who}, the tunnel is taken down and not started while the rule matches.")
        }
        Outcome::Disconnect => {
            format!("Disconnect: {who}, the tunnel is not started while the rule matches.")
        }
        Outcome::Ignore => format!("Ignore: {who}, {stays}, and on demand does not start it."),
        Outcome::NothingMatched => format!(
            "No rule matches: {stays}. Apple calls its own behaviour here not guaranteed: end the rules with one \
             without match keys."
        ),
        Outcome::Needs { need } => format!("Not decided: {who}, if {}.", needed(need)),
        Outcome::Evaluate { by, verdict } => {
            let by = match (by, rule) {
                (EvaluatedBy::ActionParameters, _) => {
                    format!("Evaluate: {who} by looking at each connection")
                }
                (EvaluatedBy::DomainLists, Some(_)) => {
                    format!("Evaluate: {who} that the OnDemandMatchDomains lists tell")
                }
                (EvaluatedBy::DomainLists, None) => {
                    "Evaluate: there are no rules, so the OnDemandMatchDomains lists decide".to_owned()
                }
            };
            format!("{by}; {}.", host(verdict, network))
        }
    }
}

fn host(verdict: &HostVerdict, network: &Network) -> String {
    let name = quoted(network.host.as_deref().unwrap_or_default());
    let up = network.tunnel == Tunnel::Up;
    let stays = if up { "the tunnel stays up" } else { "the tunnel stays down" };
    match verdict {
        HostVerdict::NoHost => format!("without a connection {stays}"),
        HostVerdict::Connect { domain, reason } => {
            let then = if up { "the tunnel is up already" } else { "the tunnel is started" };
            format!("{name} is listed as {}, {}: {then}", quoted(domain), because(*reason))
        }
        HostVerdict::NotNeeded { domain } => {
            format!("{name} is listed as {} and is reached without the tunnel: {stays}", quoted(domain))
        }
        HostVerdict::NeverConnect { domain } => {
            format!("{name} is listed as {}, which never starts the tunnel: {stays}", quoted(domain))
        }
        HostVerdict::NoDomainMatched => format!("no domain lists {name}: {stays}"),
        HostVerdict::Needs { .. } if up => format!("whatever {name} needs, {stays}"),
        HostVerdict::Needs { need } => {
            format!("not decided: the tunnel is started unless {}", needed(need))
        }
    }
}

/// Why a connection starts the tunnel.
pub(super) fn because(reason: ConnectReason) -> &'static str {
    match reason {
        ConnectReason::DnsServersSilent => "the required DNS servers do not answer",
        ConnectReason::NameNotResolved => "the name does not resolve",
        ConnectReason::ProbeFailed => "the required probe failed",
    }
}

/// A missing fact as a clause.
pub(super) fn needed(need: &Need) -> String {
    match need {
        Need::Probe { url: address } => {
            format!("{} answers with status 200, which is not known", url(address))
        }
        Need::RequiredDns { servers } => format!(
            "a required DNS server ({}) answers, which is not known",
            any_of(servers.iter().map(String::as_str))
        ),
        Need::Resolution { host } => format!("{} resolves, which is not known", quoted(host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_short_whatever_their_length() {
        let names = ["a", "b", "c", "d", "e", "f"];
        assert_eq!(any_of([].into_iter()), "nothing");
        assert_eq!(any_of(["a"].into_iter()), "\"a\"");
        assert_eq!(all_of(["a", "b"].into_iter()), "\"a\" and \"b\"");
        assert_eq!(any_of(names.into_iter()), "\"a\", \"b\", \"c\", \"d\" or 2 more");
        let long = "x".repeat(1000);
        assert!(quoted(&long).len() < 80);
        assert_eq!(quoted("a\u{1b}[31m\u{202e}b"), "\"a\u{fffd}[31m\u{fffd}b\"");
    }

    #[test]
    fn a_url_shows_no_credentials() {
        assert_eq!(url("https://probe.example.com/a@b"), "https://probe.example.com/a@b");
        assert_eq!(url("https://user:secret@probe.example.com/x"), "https://probe.example.com/x");
        assert_eq!(url("user:se@cret@probe.example.com"), "probe.example.com");
        assert_eq!(url(""), "");
    }
}
