//! What a decision says: the outcome, what becomes of the tunnel, and why.

use serde::Serialize;

use crate::report::Span;

use super::network::{Network, Tunnel};
use super::rules::{DomainAction, Rule};
use super::words;

/// What the rules make of a network. Serialises for programs; [`Self::summary`] and the texts of the traces are for
/// people, and may change.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Decision {
    /// What is decided.
    pub outcome: Outcome,
    /// What becomes of the tunnel, given its present state.
    pub change: Change,
    /// The place of the deciding rule in `OnDemandRules`, from 0; `None` when no rule decided.
    pub rule: Option<usize>,
    /// The decision in one or two sentences.
    pub summary: String,
    /// The rules in order: those that do not match, the one that decides, those not reached.
    pub trace: Vec<RuleTrace>,
    /// How many more rules there are than [`super::MAX_TRACE`], none of them the deciding one.
    pub untraced: usize,
    /// What was looked at for the host, in order; empty when nothing was.
    pub hosts: Vec<HostTrace>,
}

impl Decision {
    pub(super) fn new(
        outcome: Outcome,
        rule: Option<usize>,
        hosts: Vec<HostTrace>,
        network: &Network,
    ) -> Self {
        let change = change(&outcome, network.tunnel);
        let summary = words::summary(&outcome, rule, network);
        Self { outcome, change, rule, summary, trace: Vec::new(), untraced: 0, hosts }
    }

    pub(super) fn off(reason: Off, network: &Network) -> Self {
        Self::new(Outcome::Off { reason }, None, Vec::new(), network)
    }

    /// The fact without which nothing can be decided, if there is one.
    #[must_use]
    pub fn need(&self) -> Option<&Need> {
        match &self.outcome {
            Outcome::Needs { need } | Outcome::Evaluate { verdict: HostVerdict::Needs { need }, .. } => {
                Some(need)
            }
            _ => None,
        }
    }
}

/// What is decided.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// On demand does nothing.
    Off {
        /// Why.
        reason: Off,
    },
    /// The next connection starts the tunnel, whatever its host.
    Connect,
    /// The tunnel is taken down and is not started.
    Disconnect,
    /// The tunnel is left as it is and is not started.
    Ignore,
    /// Each connection is looked at by itself.
    Evaluate {
        /// What decides for a host.
        by: EvaluatedBy,
        /// What it says.
        verdict: HostVerdict,
    },
    /// No rule matches: the tunnel is left as it is.
    NothingMatched,
    /// Whether a rule matches hangs on a fact that is not known.
    Needs {
        /// The fact.
        need: Need,
    },
}

/// Why on demand does nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Off {
    /// `OnDemandEnabled` is not 1.
    NotEnabled,
    /// The user turned it off, and may.
    UserOverride,
    /// It is enabled, but there are neither rules nor lists.
    NoRules,
}

/// What decides for a host.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvaluatedBy {
    /// `ActionParameters` of the rule that matches.
    ActionParameters,
    /// The `OnDemandMatchDomains…` lists.
    DomainLists,
}

/// What is decided for a host.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum HostVerdict {
    /// The connection starts the tunnel.
    Connect {
        /// The entry that lists the host.
        domain: String,
        /// Why the tunnel is needed.
        reason: ConnectReason,
    },
    /// The host is listed and can be reached without the tunnel.
    NotNeeded {
        /// The entry that lists the host.
        domain: String,
    },
    /// The host is listed as one that never starts the tunnel.
    NeverConnect {
        /// The entry that lists the host.
        domain: String,
    },
    /// No entry lists the host.
    NoDomainMatched,
    /// No connection is being opened: nothing happens until one is.
    NoHost,
    /// It hangs on a fact that is not known.
    Needs {
        /// The fact.
        need: Need,
    },
}

/// Why a connection starts the tunnel.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectReason {
    /// The servers of `RequiredDNSServers` do not answer.
    DnsServersSilent,
    /// The name does not resolve.
    NameNotResolved,
    /// `RequiredURLStringProbe` failed.
    ProbeFailed,
}

/// A fact that must be found out before the decision can be made.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Need {
    /// What comes back from this URL: [`Network::probes`].
    Probe {
        /// The URL as the rules spell it; a report should not show what stands before its `@`.
        url: String,
    },
    /// Whether these DNS servers answer: [`Network::required_dns`].
    RequiredDns {
        /// Their addresses as the rules spell them.
        servers: Vec<String>,
    },
    /// Whether this name resolves: [`Network::host_resolves`].
    Resolution {
        /// The host.
        host: String,
    },
}

/// What becomes of the tunnel.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is started: by the next connection, or by the one that was asked about.
    Start,
    /// It is taken down.
    Stop,
    /// It stays as it is.
    None,
    /// Not known before [`Decision::need`] is.
    Unknown,
}

/// What one rule said.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RuleTrace {
    /// Its place in `OnDemandRules`, from 0.
    pub index: usize,
    /// Its action, as a profile spells it.
    pub action: &'static str,
    /// Whether it matches.
    pub verdict: RuleVerdict,
    /// Each match key it has; empty when it was not reached, and when it matches everywhere.
    pub keys: Vec<KeyTrace>,
    /// Its key path in the profile; empty for rules made by code.
    pub path: String,
    /// Its bytes in the profile.
    pub span: Option<Span>,
}

impl RuleTrace {
    pub(super) fn new(index: usize, rule: &Rule, verdict: RuleVerdict, keys: Vec<KeyTrace>) -> Self {
        let path = rule.place.as_ref().map_or_else(String::new, |place| place.path.clone());
        let span = rule.place.as_ref().map(|place| place.span);
        Self { index, action: rule.action.word(), verdict, keys, path, span }
    }

    pub(super) fn not_reached(index: usize, rule: &Rule) -> Self {
        Self::new(index, rule, RuleVerdict::NotReached, Vec::new())
    }
}

/// Whether a rule matches.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleVerdict {
    /// It does: it decides.
    Matched,
    /// It does not.
    NotMatched,
    /// It does if its probe succeeds.
    NeedsProbe,
    /// An earlier rule decides.
    NotReached,
}

/// What one match key of a rule said.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct KeyTrace {
    /// Which.
    pub key: MatchKey,
    /// Whether it holds.
    pub held: Held,
    /// Why, with what the network has and what the rule asks for.
    pub why: String,
    /// The bytes of its value in the profile.
    pub span: Option<Span>,
}

/// The match keys, as a profile spells them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum MatchKey {
    /// `InterfaceTypeMatch`, `interfaceTypeMatch`.
    InterfaceTypeMatch,
    /// `SSIDMatch`, `ssidMatch`.
    #[serde(rename = "SSIDMatch")]
    SsidMatch,
    /// `DNSDomainMatch`, `dnsSearchDomainMatch`.
    #[serde(rename = "DNSDomainMatch")]
    DnsDomainMatch,
    /// `DNSServerAddressMatch`, `dnsServerAddressMatch`.
    #[serde(rename = "DNSServerAddressMatch")]
    DnsServerAddressMatch,
    /// `URLStringProbe`, `probeURL`.
    #[serde(rename = "URLStringProbe")]
    UrlStringProbe,
}

impl MatchKey {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 5] = [
        Self::InterfaceTypeMatch,
        Self::SsidMatch,
        Self::DnsDomainMatch,
        Self::DnsServerAddressMatch,
        Self::UrlStringProbe,
    ];

    /// The key of a profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InterfaceTypeMatch => "InterfaceTypeMatch",
            Self::SsidMatch => "SSIDMatch",
            Self::DnsDomainMatch => "DNSDomainMatch",
            Self::DnsServerAddressMatch => "DNSServerAddressMatch",
            Self::UrlStringProbe => "URLStringProbe",
        }
    }
}

/// Whether a match key holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// A probe must tell.
    Unknown,
    /// Not asked: something else in the rule does not hold.
    NotAsked,
}

/// What was looked at for a host.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct HostTrace {
    /// Which part of the rules.
    pub part: Part,
    /// The entry that lists the host; `None`: none does.
    pub domain: Option<String>,
    /// What follows, in words.
    pub why: String,
    /// The bytes of it in the profile.
    pub span: Option<Span>,
}

/// A part of the rules that lists hosts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Part {
    /// An element of `ActionParameters`.
    ActionParameter {
        /// Its place, from 0.
        index: usize,
        /// What it does.
        action: DomainAction,
    },
    /// `OnDemandMatchDomainsNever`.
    Never,
    /// `OnDemandMatchDomainsAlways`.
    Always,
    /// `OnDemandMatchDomainsOnRetry`.
    OnRetry,
}

fn change(outcome: &Outcome, tunnel: Tunnel) -> Change {
    match (outcome, tunnel) {
        (Outcome::Connect | Outcome::Evaluate { verdict: HostVerdict::Connect { .. }, .. }, Tunnel::Down) => {
            Change::Start
        }
        (Outcome::Disconnect, Tunnel::Up) => Change::Stop,
        (Outcome::Needs { .. }, _) => Change::Unknown,
        // A tunnel that is up stays up, whatever the host needs.
        (Outcome::Evaluate { verdict: HostVerdict::Needs { .. }, .. }, Tunnel::Down) => Change::Unknown,
        _ => Change::None,
    }
}
