//! When the connection comes up by itself: `OnDemandEnabled`, `OnDemandRules`.

use super::{Keys, keys::Absent, spec};
use crate::build::Value;
use crate::gather::Gather as _;
use crate::model::{Keyword, keywords};

spec! {
    /// The on-demand keys of the connection's dictionary.
    #[derive(Default)]
    pub struct OnDemand {
        required {}
        optional {
            /// `OnDemandEnabled`; 1 when left out and there are rules.
            enabled: Option<bool>,
            /// `OnDemandUserOverrideDisabled`: the user cannot switch it off.
            no_user_override: Option<bool>,
            /// `OnDemandRules`: the first rule that matches the network counts.
            rules: Vec<Rule>,
        }
    }
}

spec! {
    /// One rule: what to do on networks that match all of its conditions. Without a condition it matches every one.
    pub struct Rule {
        required {
            /// `Action`.
            action: Action,
        }
        optional {
            /// `InterfaceTypeMatch`.
            interface: Option<Interface>,
            /// `SSIDMatch`: names of Wi-Fi networks.
            ssid: Vec<String>,
            /// `DNSDomainMatch`: search domains; `*.` in front matches every host below.
            dns_domain: Vec<String>,
            /// `DNSServerAddressMatch`: addresses of name servers, with one `*`, such as `17.*`.
            dns_server: Vec<String>,
            /// `URLStringProbe`: a URL that has to answer 200, without redirection.
            url_probe: Option<String>,
            /// `ActionParameters`: what decides for each connection, with the action `evaluate-connection`.
            connections: Vec<EvaluationParameters>,
        }
    }
}

keywords! {
    /// What a rule does.
    pub enum Action {
        /// Bring the tunnel up.
        Connect = "connect",
        /// Take the tunnel down.
        Disconnect = "disconnect",
        /// Leave it as it is.
        Ignore = "ignore",
        /// Decide by the host that is asked for.
        EvaluateConnection = "evaluate-connection",
        /// Leave it as it is; the old word for `ignore`.
        Allow = "allow",
    }
}

keywords! {
    /// `InterfaceTypeMatch`.
    pub enum Interface {
        /// A cable; Macs only.
        Ethernet = "Ethernet",
        /// Wi-Fi.
        WiFi = "WiFi",
        /// Cellular; not on Macs.
        Cellular = "Cellular",
    }
}

spec! {
    /// One element of `ActionParameters`.
    pub struct EvaluationParameters {
        required {
            /// `Domains`: hosts and domains it is about.
            domains: Vec<String>,
            /// `DomainAction`.
            action: DomainAction,
        }
        optional {
            /// `RequiredDNSServers`: connect when one of these does not answer.
            dns_servers: Vec<String>,
            /// `RequiredURLStringProbe`: connect when this URL does not answer 200.
            url_probe: Option<String>,
        }
    }
}

keywords! {
    /// `DomainAction`.
    pub enum DomainAction {
        /// Bring the tunnel up if the host cannot be reached without.
        ConnectIfNeeded = "connect-if-needed",
        /// Never bring the tunnel up for it.
        NeverConnect = "never-connect",
    }
}

impl Action {
    /// The word of the profile.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Self::Connect => "Connect",
            Self::Disconnect => "Disconnect",
            Self::Ignore => "Ignore",
            Self::EvaluateConnection => "EvaluateConnection",
            Self::Allow => "Allow",
        }
    }
}

impl DomainAction {
    /// The word of the profile.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Self::ConnectIfNeeded => "ConnectIfNeeded",
            Self::NeverConnect => "NeverConnect",
        }
    }
}

impl Absent for OnDemand {
    fn is_absent(&self) -> bool {
        *self == Self::default()
    }
}

impl OnDemand {
    pub(super) fn write(&self, keys: &mut Keys) {
        keys.flag("OnDemandEnabled", self.enabled.or((!self.rules.is_empty()).then_some(true)));
        keys.flag("OnDemandUserOverrideDisabled", self.no_user_override);
        keys.dicts("OnDemandRules", self.rules.iter().map(Rule::write));
    }
}

impl Rule {
    fn write(&self) -> Keys {
        let mut keys = Keys::default();
        keys.put("Action", self.action.written());
        keys.text("InterfaceTypeMatch", self.interface.map(Keyword::word));
        keys.list("SSIDMatch", &self.ssid);
        keys.list("DNSDomainMatch", &self.dns_domain);
        keys.list("DNSServerAddressMatch", &self.dns_server);
        keys.text("URLStringProbe", self.url_probe.as_ref());
        keys.dicts("ActionParameters", self.connections.iter().map(EvaluationParameters::write));
        keys
    }
}

impl EvaluationParameters {
    fn write(&self) -> Keys {
        let mut keys = Keys::default();
        let domains = self.domains.iter().map(|domain| domain.as_str().into());
        keys.put("Domains", Value::Array(domains.gather()));
        keys.put("DomainAction", self.action.written());
        keys.list("RequiredDNSServers", &self.dns_servers);
        keys.text("RequiredURLStringProbe", self.url_probe.as_ref());
        keys
    }
}
