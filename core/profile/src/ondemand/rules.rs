//! On-demand rules as typed values, whether from a profile or made by code.

use serde::{Deserialize, Serialize};

use crate::by_name::ByName;
use crate::gather::Gather as _;
use crate::report::Span;

use super::network::Interface;

/// The on-demand rules of one VPN, with the switches around them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// `OnDemandEnabled`; for a per-app VPN `OnDemandMatchAppEnabled` where it is given.
    pub enabled: bool,
    /// `OnDemandUserOverrideDisabled`: the user cannot turn it off.
    pub user_override_disabled: bool,
    /// `OnDemandRules`, in order.
    pub rules: Vec<Rule>,
    /// The lists of before iOS 7.
    pub lists: DomainLists,
}

impl Rules {
    /// Rules made by code, with on demand switched on.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { enabled: true, rules: rules.into_iter().gather(), ..Self::default() }
    }

    /// The URLs that may have to be probed, in order, each once.
    #[must_use]
    pub fn probe_urls(&self) -> Vec<&str> {
        let mut seen = ByName::new();
        let mut urls = Vec::new();
        for rule in &self.rules {
            let inner: &[ConnectionRule] = match &rule.action {
                Action::EvaluateConnection(parameters) => parameters,
                _ => &[],
            };
            let of_parameters = inner.iter().filter_map(|parameter| parameter.probe_url.as_deref());
            for url in rule.probe_url.as_deref().into_iter().chain(of_parameters) {
                if seen.insert(url.into(), urls.len()).is_none() {
                    urls.push(url);
                }
            }
        }
        urls
    }
}

/// Where a rule stands in a profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The bytes of its dictionary.
    pub span: Span,
    /// Its key path, such as `PayloadContent[0].IKEv2.OnDemandRules[1]`.
    pub path: String,
}

/// A list of a rule, and where it stands in a profile. Serialised as the bare list.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Entries {
    /// The entries.
    pub values: Vec<String>,
    /// The bytes of the array; `None` when made by code.
    pub span: Option<Span>,
}

impl From<Vec<String>> for Entries {
    fn from(values: Vec<String>) -> Self {
        Self { values, span: None }
    }
}

impl From<Entries> for Vec<String> {
    fn from(entries: Entries) -> Self {
        entries.values
    }
}

impl<S: Into<String>> FromIterator<S> for Entries {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Self {
        Self { values: values.into_iter().map(Into::into).gather(), span: None }
    }
}

/// One rule: what must hold of the network, and what is done then. A key that is `None` holds everywhere.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What is done when all of the rest holds.
    pub action: Action,
    /// `InterfaceTypeMatch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<Interface>,
    /// `SSIDMatch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssids: Option<Entries>,
    /// `DNSDomainMatch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_domains: Option<Entries>,
    /// `DNSServerAddressMatch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_servers: Option<Entries>,
    /// `URLStringProbe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_url: Option<String>,
    /// Where it stands; `None` when made by code.
    #[serde(skip)]
    pub place: Option<Place>,
}

impl Rule {
    /// A rule without match keys.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self {
            action,
            interface: None,
            ssids: None,
            search_domains: None,
            dns_servers: None,
            probe_url: None,
            place: None,
        }
    }

    /// Holds on this kind of interface only.
    #[must_use]
    pub fn on_interface(mut self, interface: Interface) -> Self {
        self.interface = Some(interface);
        self
    }

    /// Holds on Wi-Fi networks of these names only.
    #[must_use]
    pub fn on_ssids<S: Into<String>>(mut self, ssids: impl IntoIterator<Item = S>) -> Self {
        self.ssids = Some(ssids.into_iter().collect());
        self
    }

    /// Holds on networks with one of these search domains only.
    #[must_use]
    pub fn on_search_domains<S: Into<String>>(mut self, domains: impl IntoIterator<Item = S>) -> Self {
        self.search_domains = Some(domains.into_iter().collect());
        self
    }

    /// Holds on networks with these DNS servers only.
    #[must_use]
    pub fn on_dns_servers<S: Into<String>>(mut self, servers: impl IntoIterator<Item = S>) -> Self {
        self.dns_servers = Some(servers.into_iter().collect());
        self
    }

    /// Holds where this URL answers only.
    #[must_use]
    pub fn if_answers(mut self, url: impl Into<String>) -> Self {
        self.probe_url = Some(url.into());
        self
    }

    /// Whether it holds on every network.
    #[must_use]
    pub fn holds_everywhere(&self) -> bool {
        self.interface.is_none()
            && self.ssids.is_none()
            && self.search_domains.is_none()
            && self.dns_servers.is_none()
            && self.probe_url.is_none()
    }
}

/// What a rule does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Action {
    /// The lists of before iOS 7 decide. Deprecated; profiles only.
    Allow,
    /// The next connection starts the tunnel.
    Connect,
    /// The tunnel is taken down and not started.
    Disconnect,
    /// Each connection is looked at by itself.
    EvaluateConnection(Vec<ConnectionRule>),
    /// The tunnel is left as it is and not started.
    Ignore,
}

impl Action {
    /// The words of a profile, in the order of the schema.
    pub const WORDS: [&'static str; 5] = ["Allow", "Connect", "Disconnect", "EvaluateConnection", "Ignore"];

    /// The word of a profile.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Connect => "Connect",
            Self::Disconnect => "Disconnect",
            Self::EvaluateConnection(_) => "EvaluateConnection",
            Self::Ignore => "Ignore",
        }
    }
}

/// An element of `ActionParameters`: what is done for the hosts of some domains.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionRule {
    /// `Domains`.
    pub domains: Entries,
    /// `DomainAction`.
    pub action: DomainAction,
    /// `RequiredDNSServers`; counts with [`DomainAction::ConnectIfNeeded`] only, and not when empty.
    #[serde(default)]
    pub dns_servers: Entries,
    /// `RequiredURLStringProbe`; counts with [`DomainAction::ConnectIfNeeded`] only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_url: Option<String>,
    /// Where it stands; `None` when made by code.
    #[serde(skip)]
    pub place: Option<Place>,
}

impl ConnectionRule {
    /// For these domains, without further conditions.
    pub fn new<S: Into<String>>(domains: impl IntoIterator<Item = S>, action: DomainAction) -> Self {
        Self {
            domains: domains.into_iter().collect(),
            action,
            dns_servers: Entries::default(),
            probe_url: None,
            place: None,
        }
    }

    /// The names must be resolved by these servers.
    #[must_use]
    pub fn with_dns_servers<S: Into<String>>(mut self, servers: impl IntoIterator<Item = S>) -> Self {
        self.dns_servers = servers.into_iter().collect();
        self
    }

    /// This URL must answer.
    #[must_use]
    pub fn with_probe(mut self, url: impl Into<String>) -> Self {
        self.probe_url = Some(url.into());
        self
    }
}

/// What is done for the hosts of some domains.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum DomainAction {
    /// The tunnel is started when the host cannot be reached without it.
    ConnectIfNeeded,
    /// The tunnel is never started.
    NeverConnect,
}

impl DomainAction {
    /// The word of a profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ConnectIfNeeded => "ConnectIfNeeded",
            Self::NeverConnect => "NeverConnect",
        }
    }
}

/// The lists of before iOS 7. They count where there are no rules and where an [`Action::Allow`] decides.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DomainLists {
    /// `OnDemandMatchDomainsAlways`; the same as [`Self::on_retry`] since iOS 7.
    pub always: Entries,
    /// `OnDemandMatchDomainsNever`; wins over the others.
    pub never: Entries,
    /// `OnDemandMatchDomainsOnRetry`: the tunnel is started when the name does not resolve.
    pub on_retry: Entries,
}

impl DomainLists {
    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.always.values.is_empty() && self.never.values.is_empty() && self.on_retry.values.is_empty()
    }
}
