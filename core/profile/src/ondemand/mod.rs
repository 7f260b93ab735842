//! VPN On Demand: what the rules of a profile or of an app make of a network.
//!
//! Owns the typed rules ([`Rules`], read from a payload or made by code), the description of a network
//! ([`Network`]), and [`decide`], which says what happens to the tunnel, which rule says so and why the earlier ones do
//! not. Leaves out watching networks, sending probes and starting tunnels: whoever does that asks again when the
//! network changes, when an application opens a connection, and when a fact that was missing ([`Need`]) is known.
//! Also left out: which app opens the connection (per-app VPN), and the tunnel's own server, which no system ever
//! reaches through the tunnel.
//!
//! # Order
//! 1. On demand is off unless `OnDemandEnabled` is 1, and when the user turned it off, unless
//!    `OnDemandUserOverrideDisabled` is 1.
//! 2. The rules are tried in order. The first one of which all match keys hold decides; a rule without match keys
//!    holds everywhere. Its `URLStringProbe` is asked for last, and only when everything else holds.
//! 3. For `EvaluateConnection` the first element of `ActionParameters` with a domain of the host decides.
//!
//! # Sources
//! Apple's device-management schema (release 26.4: the VPN and DNS settings payloads), its Configuration Profile
//! Reference (the last edition, of 2019), the NetworkExtension documentation of `NEOnDemandRule` and
//! `NEEvaluateConnectionRule`. Where all of these are silent, what Apple's published sources do (the `ppp` and
//! `configd` projects of 2013), "the sources" below.
//!
//! # What they leave open, and what is done here
//! * **No rule matches.** The reference calls the default "to allow" and does not guarantee it. Here:
//!   [`Outcome::NothingMatched`], the tunnel stays as it is. An empty `OnDemandRules` counts as none.
//! * **`Allow`** lets the `OnDemandMatchDomains…` lists of the payload decide (the reference); without lists nothing
//!   is ever triggered. The same lists decide where there are no rules at all, and nowhere else. `Never` wins over the
//!   other two, and `Always` is the same as `OnRetry` (the schema: since iOS 7). IKEv2 has no such lists.
//! * **Search domains.** The DNS settings payload, whose rules "are identical", says that `example.com` and
//!   `*.example.com` both match the domains below `example.com`, on label boundaries. Hence here they mean the same,
//!   and both match `example.com` itself. `NEOnDemandRule` speaks of equality: in [`Mode::PersonalVpn`] a name without
//!   a wildcard must be equal, one with a wildcard works as in a profile.
//! * **Names** are compared without regard to ASCII case (RFC 4343); a final dot and a leading dot count for nothing.
//!   A lone `*` matches every name (the sources); a `*` elsewhere than in front of a dot at the start matches nothing.
//!   International names are compared as they are written.
//! * **DNS servers.** For a profile one server that matches is enough, for `NEOnDemandRule` each must match: their
//!   documents say so. A network without DNS servers matches in neither. Addresses are compared by value, without
//!   their zones. One `*` may stand at the end and stands for whatever follows; in an IPv6 pattern of whole groups
//!   (`2001:db8:*`) the groups count, not their spelling.
//! * **SSIDs** are compared exactly, case included (the sources); an unknown SSID matches nothing.
//! * **An empty list** matches nothing; only a missing key matches everything.
//! * **`Domains`** are matched by suffix on label boundaries (`NEEvaluateConnectionRule`); a `*.` in front is taken
//!   and changes nothing (the sources). A host that is an IP address is in no domain but may be listed itself.
//! * **`NeverConnect` and `ConnectIfNeeded` for the same host:** the first element that lists it decides (the schema).
//! * **`ConnectIfNeeded`** connects when the required DNS servers are silent, when the name does not resolve (a
//!   redirect to another server counts as that), or when the required probe fails: any one is enough. An empty
//!   `RequiredDNSServers` is as none.
//! * **A tunnel that is up** is taken down by `Disconnect` only.
//!
//! # Cost
//! Linear in the entries of the rules for each of at most [`MAX_NETWORK_ENTRIES`] search domains and DNS servers; the
//! trace names at most [`MAX_TRACE`] rules, and each text in it is short however long the names are.

mod decision;
mod evaluate;
mod matching;
mod names;
mod network;
mod read;
mod rules;
mod words;

pub use decision::{
    Change, ConnectReason, Decision, EvaluatedBy, Held, HostTrace, HostVerdict, KeyTrace, MatchKey, Need,
    Off, Outcome, Part, RuleTrace, RuleVerdict,
};
pub use matching::MAX_NETWORK_ENTRIES;
pub use network::{Interface, Network, ProbeResult, RequiredDns, Tunnel};
pub use rules::{Action, ConnectionRule, DomainAction, DomainLists, Entries, Place, Rule, Rules};

pub(crate) use words::url_without_credentials;

use serde::{Deserialize, Serialize};

/// How many rules, and how many elements of `ActionParameters`, a trace names.
pub const MAX_TRACE: usize = 256;

/// Whose documentation the match keys follow, where they differ.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A configuration profile: one DNS server that matches is enough.
    #[default]
    Profile,
    /// `NEOnDemandRule` of the Personal VPN API: each DNS server must match, search domains must be equal.
    PersonalVpn,
}

/// What the rules make of a network. Reads nothing but its arguments; never fails.
#[must_use]
pub fn decide(rules: &Rules, network: &Network, mode: Mode) -> Decision {
    if !rules.enabled {
        return Decision::off(Off::NotEnabled, network);
    }
    if network.user_override && !rules.user_override_disabled {
        return Decision::off(Off::UserOverride, network);
    }
    if rules.rules.is_empty() {
        if rules.lists.is_empty() {
            return Decision::off(Off::NoRules, network);
        }
        let (verdict, hosts) = evaluate::lists(&rules.lists, network);
        let outcome = Outcome::Evaluate { by: EvaluatedBy::DomainLists, verdict };
        return Decision::new(outcome, None, hosts, network);
    }
    let prepared = matching::Prepared::new(network);
    let mut trace = Vec::new();
    let mut untraced = 0_usize;
    let mut decided: Option<(usize, Outcome, Vec<HostTrace>)> = None;
    for (index, rule) in rules.rules.iter().enumerate() {
        if decided.is_some() {
            // What comes after the deciding rule is only named.
            if trace.len() < MAX_TRACE {
                trace.push(RuleTrace::not_reached(index, rule));
            } else {
                untraced = untraced.saturating_add(1);
            }
            continue;
        }
        let (verdict, keys) = matching::rule(rule, &prepared, mode);
        if verdict == RuleVerdict::NotMatched && trace.len() >= MAX_TRACE {
            untraced = untraced.saturating_add(1);
            continue;
        }
        match verdict {
            RuleVerdict::NeedsProbe => {
                let url = rule.probe_url.clone().unwrap_or_default();
                decided = Some((index, Outcome::Needs { need: Need::Probe { url } }, Vec::new()));
            }
            RuleVerdict::Matched => {
                let (outcome, hosts) = act(rule, rules, network);
                decided = Some((index, outcome, hosts));
            }
            RuleVerdict::NotMatched | RuleVerdict::NotReached => {}
        }
        trace.push(RuleTrace::new(index, rule, verdict, keys));
    }
    let (rule, outcome, hosts) = match decided {
        Some((index, outcome, hosts)) => (Some(index), outcome, hosts),
        None => (None, Outcome::NothingMatched, Vec::new()),
    };
    Decision { trace, untraced, ..Decision::new(outcome, rule, hosts, network) }
}

/// What a rule that matches does.
fn act(rule: &Rule, rules: &Rules, network: &Network) -> (Outcome, Vec<HostTrace>) {
    match &rule.action {
        Action::Connect => (Outcome::Connect, Vec::new()),
        Action::Disconnect => (Outcome::Disconnect, Vec::new()),
        Action::Ignore => (Outcome::Ignore, Vec::new()),
        Action::EvaluateConnection(parameters) => {
            let (verdict, hosts) = evaluate::parameters(parameters, network);
            (Outcome::Evaluate { by: EvaluatedBy::ActionParameters, verdict }, hosts)
        }
        Action::Allow => {
            let (verdict, hosts) = evaluate::lists(&rules.lists, network);
            (Outcome::Evaluate { by: EvaluatedBy::DomainLists, verdict }, hosts)
        }
    }
}
