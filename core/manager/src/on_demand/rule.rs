//! `NEOnDemandRule` and its four kinds, `NEEvaluateConnectionRule`.

use adit_profile::ondemand::{self, Entries, Interface};
use serde::{Deserialize, Serialize};

use crate::protocol::{Objection, is_probe_url};
use crate::raw::raw_enum;

raw_enum! {
    /// What a rule does.
    pub enum OnDemandRuleAction as "NEOnDemandRuleAction" {
        /// Starts the tunnel.
        Connect = 1 "connect",
        /// Ends it, and starts none.
        Disconnect = 2 "disconnect",
        /// Looks at each connection by itself.
        EvaluateConnection = 3 "evaluateConnection",
        /// Leaves it as it is.
        Ignore = 4 "ignore",
    }
}

raw_enum! {
    /// The interface a rule asks for.
    pub enum OnDemandRuleInterfaceType as "NEOnDemandRuleInterfaceType" {
        /// Any.
        Any = 0 "any",
        /// Wired Ethernet.
        Ethernet = 1 "ethernet",
        /// Wi-Fi.
        WiFi = 2 "wiFi",
        /// Mobile data.
        Cellular = 3 "cellular",
    }
}

raw_enum! {
    /// What is done for the hosts of some domains.
    pub enum EvaluateConnectionRuleAction as "NEEvaluateConnectionRuleAction" {
        /// The tunnel is started when the host cannot be reached without it.
        ConnectIfNeeded = 1 "connectIfNeeded",
        /// The tunnel is never started.
        NeverConnect = 2 "neverConnect",
    }
}

/// One rule: everything it asks for must hold. `None` holds everywhere.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OnDemandRule {
    /// Which of the four kinds it is.
    pub kind: OnDemandRuleKind,
    /// A search domain of the network must be one of these (`DNSDomainMatch`).
    #[serde(default)]
    pub dns_search_domain_match: Option<Vec<String>>,
    /// Every DNS server of the network must be one of these (`DNSServerAddressMatch`).
    #[serde(default)]
    pub dns_server_address_match: Option<Vec<String>>,
    /// The primary interface must be of this type.
    pub interface_type_match: OnDemandRuleInterfaceType,
    /// The Wi-Fi network must be one of these (`SSIDMatch`).
    #[serde(default)]
    pub ssid_match: Option<Vec<String>>,
    /// This URL must answer with status 200 (`URLStringProbe`).
    #[serde(default)]
    pub probe_url: Option<String>,
}

/// The four kinds of rule.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDemandRuleKind {
    /// `NEOnDemandRuleConnect`.
    Connect,
    /// `NEOnDemandRuleDisconnect`.
    Disconnect,
    /// `NEOnDemandRuleIgnore`.
    Ignore,
    /// `NEOnDemandRuleEvaluateConnection` with its `connectionRules`.
    EvaluateConnection(Vec<EvaluateConnectionRule>),
}

/// What is done for the hosts of some domains.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluateConnectionRule {
    /// The domains, by suffix.
    pub match_domains: Vec<String>,
    /// What is done.
    pub action: EvaluateConnectionRuleAction,
    /// With `connectIfNeeded`: the tunnel is started when these servers do not answer, or do not know the host
    /// (`RequiredDNSServers`).
    #[serde(default)]
    pub use_dns_servers: Option<Vec<String>>,
    /// With `connectIfNeeded`: the tunnel is started when this URL does not answer with status 200
    /// (`RequiredURLStringProbe`).
    #[serde(default)]
    pub probe_url: Option<String>,
}

impl OnDemandRule {
    /// A rule that holds everywhere.
    #[must_use]
    pub fn new(kind: OnDemandRuleKind) -> Self {
        Self {
            kind,
            dns_search_domain_match: None,
            dns_server_address_match: None,
            interface_type_match: OnDemandRuleInterfaceType::Any,
            ssid_match: None,
            probe_url: None,
        }
    }

    /// `NEOnDemandRuleConnect()`.
    #[must_use]
    pub fn connect() -> Self {
        Self::new(OnDemandRuleKind::Connect)
    }

    /// `NEOnDemandRuleDisconnect()`.
    #[must_use]
    pub fn disconnect() -> Self {
        Self::new(OnDemandRuleKind::Disconnect)
    }

    /// `NEOnDemandRuleIgnore()`.
    #[must_use]
    pub fn ignore() -> Self {
        Self::new(OnDemandRuleKind::Ignore)
    }

    /// `NEOnDemandRuleEvaluateConnection()` with its `connectionRules`.
    #[must_use]
    pub fn evaluate_connection(rules: Vec<EvaluateConnectionRule>) -> Self {
        Self::new(OnDemandRuleKind::EvaluateConnection(rules))
    }

    /// What it does; fixed by its kind.
    #[must_use]
    pub fn action(&self) -> OnDemandRuleAction {
        match self.kind {
            OnDemandRuleKind::Connect => OnDemandRuleAction::Connect,
            OnDemandRuleKind::Disconnect => OnDemandRuleAction::Disconnect,
            OnDemandRuleKind::Ignore => OnDemandRuleAction::Ignore,
            OnDemandRuleKind::EvaluateConnection(_) => OnDemandRuleAction::EvaluateConnection,
        }
    }

    /// `connectionRules`, of the kind that has them.
    #[must_use]
    pub fn connection_rules(&self) -> Option<&[EvaluateConnectionRule]> {
        match &self.kind {
            OnDemandRuleKind::EvaluateConnection(rules) => Some(rules),
            _ => None,
        }
    }

    /// What is wrong with it.
    pub(crate) fn objections(&self, found: &mut Vec<Objection>) {
        if self.probe_url.as_deref().is_some_and(|url| !is_probe_url(url)) {
            found.push(Objection::refused("probeURL", "a URL to be probed must be one of HTTP or HTTPS"));
        }
        let Some(rules) = self.connection_rules() else { return };
        if rules.is_empty() {
            found.push(Objection::refused(
                "connectionRules",
                "a rule that evaluates connections needs rules for them",
            ));
        }
        for rule in rules {
            if rule.match_domains.is_empty() {
                found.push(Objection::refused("matchDomains", "a connection rule needs domains"));
            }
            if rule.probe_url.as_deref().is_some_and(|url| !is_probe_url(url)) {
                found.push(Objection::refused("probeURL", "a URL to be probed must be one of HTTP or HTTPS"));
            }
        }
    }

    /// The rule as the on-demand engine takes it.
    #[must_use]
    pub fn to_engine(&self) -> ondemand::Rule {
        let entries = |list: &Option<Vec<String>>| list.clone().map(Entries::from);
        ondemand::Rule {
            action: match &self.kind {
                OnDemandRuleKind::Connect => ondemand::Action::Connect,
                OnDemandRuleKind::Disconnect => ondemand::Action::Disconnect,
                OnDemandRuleKind::Ignore => ondemand::Action::Ignore,
                OnDemandRuleKind::EvaluateConnection(rules) => ondemand::Action::EvaluateConnection(
                    rules.iter().map(EvaluateConnectionRule::to_engine).collect(),
                ),
            },
            interface: match self.interface_type_match {
                OnDemandRuleInterfaceType::Any => None,
                OnDemandRuleInterfaceType::Ethernet => Some(Interface::Ethernet),
                OnDemandRuleInterfaceType::WiFi => Some(Interface::WiFi),
                OnDemandRuleInterfaceType::Cellular => Some(Interface::Cellular),
            },
            ssids: entries(&self.ssid_match),
            search_domains: entries(&self.dns_search_domain_match),
            dns_servers: entries(&self.dns_server_address_match),
            probe_url: self.probe_url.clone(),
            place: None,
        }
    }
}

impl EvaluateConnectionRule {
    /// `init(matchDomains:andAction:)`.
    #[must_use]
    pub fn new(match_domains: Vec<String>, action: EvaluateConnectionRuleAction) -> Self {
        Self { match_domains, action, use_dns_servers: None, probe_url: None }
    }

    fn to_engine(&self) -> ondemand::ConnectionRule {
        ondemand::ConnectionRule {
            domains: self.match_domains.clone().into(),
            action: match self.action {
                EvaluateConnectionRuleAction::ConnectIfNeeded => ondemand::DomainAction::ConnectIfNeeded,
                EvaluateConnectionRuleAction::NeverConnect => ondemand::DomainAction::NeverConnect,
            },
            dns_servers: self.use_dns_servers.clone().unwrap_or_default().into(),
            probe_url: self.probe_url.clone(),
            place: None,
        }
    }
}
