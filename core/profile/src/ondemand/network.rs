//! The network a decision is made for, as far as it is known.

use serde::{Deserialize, Serialize};

use crate::Named;
use crate::build::tree::{self, FromTree};
use crate::build::{Misfit, Value};
use crate::model::{Keyword, keywords};

keywords! {
    /// The hardware of the primary network interface; the words are those of `InterfaceTypeMatch`.
    #[derive(Default)]
    pub enum Interface {
        /// Wired Ethernet.
        Ethernet = "Ethernet",
        /// Wi-Fi.
        WiFi = "WiFi",
        /// Mobile data.
        Cellular = "Cellular",
        /// Anything else; no rule of a profile asks for it.
        #[default]
        Other = "Other",
    }
}

impl Interface {
    /// The types a rule of a profile can ask for.
    pub const MATCHABLE: [Self; 3] = [Self::Ethernet, Self::WiFi, Self::Cellular];

    /// The word of a profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        Keyword::word(self)
    }

    /// What it is called in a sentence.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "Ethernet",
            Self::WiFi => "Wi-Fi",
            Self::Cellular => "cellular",
            Self::Other => "of another kind",
        }
    }
}

keywords! {
    /// What came back from a probe.
    pub enum ProbeResult {
        /// HTTP status 200, without a redirect.
        Ok = "ok",
        /// Anything else: another status, a redirect, no answer, no such host.
        Failed = "failed",
    }
}

keywords! {
    /// Whether the servers of `RequiredDNSServers` can be used.
    pub enum RequiredDns {
        /// At least one answers.
        Answer = "answer",
        /// None answers.
        Silent = "silent",
    }
}

keywords! {
    /// The state of the tunnel.
    #[derive(Default)]
    pub enum Tunnel {
        /// Neither up nor on its way.
        #[default]
        Down = "down",
        /// Up, or being brought up.
        Up = "up",
    }
}

/// A network and a connection that is about to be opened on it.
///
/// `None` means that nobody knows; [`super::decide`] then asks for the fact if the decision hangs on it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// The primary interface.
    pub interface: Interface,
    /// The SSID; `None` where it is not known or there is none. Counts on Wi-Fi only.
    pub ssid: Option<String>,
    /// The search domains that the network gives out.
    pub search_domains: Vec<String>,
    /// The addresses of the DNS servers that the network gives out.
    pub dns_servers: Vec<String>,
    /// What came back from each probed URL, spelled as in the rules.
    pub probes: Named<ProbeResult>,
    /// The host an application wants to reach; `None`: no connection is being opened.
    pub host: Option<String>,
    /// Whether that name resolves: with the servers of `RequiredDNSServers` where the rule has them, else with the
    /// network's. A redirect to another server counts as not resolving.
    pub host_resolves: Option<bool>,
    /// Whether the servers of `RequiredDNSServers` answer.
    pub required_dns: Option<RequiredDns>,
    /// The tunnel.
    pub tunnel: Tunnel,
    /// The user turned Connect On Demand off.
    pub user_override: bool,
}

impl Network {
    /// Reads a network from a tree, such as JSON gives. What is left out is not known.
    ///
    /// # Errors
    /// [`Misfit`], with the name of the fact.
    pub fn of(tree: &Value) -> Result<Self, Misfit> {
        const NAMES: &[&str] = &[
            "interface",
            "ssid",
            "search_domains",
            "dns_servers",
            "probes",
            "host",
            "host_resolves",
            "required_dns",
            "tunnel",
            "user_override",
        ];
        let mut network = Self::default();
        let facts: &mut [&mut dyn FromTree] = &mut [
            &mut network.interface,
            &mut network.ssid,
            &mut network.search_domains,
            &mut network.dns_servers,
            &mut network.probes,
            &mut network.host,
            &mut network.host_resolves,
            &mut network.required_dns,
            &mut network.tunnel,
            &mut network.user_override,
        ];
        tree::fill(tree, NAMES, 0, facts)?;
        Ok(network)
    }
}
