//! Where on-demand rules stand: the lists of a profile, each with its rules.

use crate::gather::Gather as _;
use crate::model::{Payload, Section, Spanned};
use crate::report::Span;
use crate::rules::Vpn;
use crate::rules::words::Word;

/// The payload of encrypted DNS settings.
const DNS_SETTINGS: &str = "com.apple.dnsSettings.managed";

/// The actions of a VPN's rules.
const VPN_ACTIONS: &[&str] = &["Connect", "Disconnect", "EvaluateConnection", "Ignore", "Allow"];

/// The actions of the rules of DNS settings.
const DNS_ACTIONS: &[&str] = &["Connect", "Disconnect", "EvaluateConnection"];

/// The dictionary that on-demand rules belong to, whether it has some or not.
#[derive(Clone, Debug)]
pub struct OnDemand<'a> {
    /// Whose rules they are.
    pub home: Home,
    /// The payload.
    pub payload: &'a Payload<'a>,
    /// The dictionary that holds `OnDemandRules`: the settings of the VPN, or the payload of DNS settings.
    pub section: Section<'a>,
    /// The rules that are dictionaries, in order.
    pub rules: Vec<OnDemandRule<'a>>,
    /// Whether every element of the list is a dictionary, so that nothing is missing from `rules`.
    pub complete: bool,
}

/// Whose on-demand rules they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Home {
    /// A VPN of this type: VPN, IPSec, IKEv2 or TransparentProxy.
    Vpn {
        /// `VPNType`.
        kind: &'static str,
        /// For chosen apps only.
        per_app: bool,
    },
    /// `com.apple.dnsSettings.managed`.
    DnsSettings,
}

/// Whether on demand is switched on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
    /// Its value cannot be read.
    Unclear,
}

/// One on-demand rule.
#[derive(Clone, Debug)]
pub struct OnDemandRule<'a> {
    /// Its place in the list, from 0.
    pub index: usize,
    /// Its dictionary.
    pub section: Section<'a>,
    /// `Action` when it is a string.
    pub action: Option<Spanned<&'a str>>,
    /// The elements of `ActionParameters` that are dictionaries; where a dictionary stands in the array's place, that one.
    pub parameters: Vec<Section<'a>>,
}

impl Home {
    /// The actions it takes.
    #[must_use]
    pub fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Vpn { .. } => VPN_ACTIONS,
            Self::DnsSettings => DNS_ACTIONS,
        }
    }
}

impl<'a> OnDemand<'a> {
    /// All of them, in the order of the payloads.
    pub(in crate::rules) fn all(payloads: &'a [Payload<'a>], vpns: &[Vpn<'a>]) -> Vec<Self> {
        let of_vpns = vpns.iter().filter_map(|vpn| {
            let kind =
                vpn.kind.filter(|kind| matches!(*kind, "VPN" | "IPSec" | "IKEv2" | "TransparentProxy"))?;
            let home = Home::Vpn { kind, per_app: vpn.per_app };
            Some(Self::read(home, vpn.payload, vpn.settings.clone()?))
        });
        let of_dns = payloads
            .iter()
            .filter(|payload| payload.kind() == Some(DNS_SETTINGS))
            .map(|payload| Self::read(Home::DnsSettings, payload, payload.section.clone()));
        of_vpns.chain(of_dns).gather()
    }

    fn read(home: Home, payload: &'a Payload<'a>, section: Section<'a>) -> Self {
        let elements = if section.has("OnDemandRules") { section.list("OnDemandRules") } else { Vec::new() };
        let rules: Vec<OnDemandRule<'a>> = elements
            .iter()
            .filter_map(|element| Some(OnDemandRule::read(element.index, element.section()?)))
            .gather();
        let complete = rules.len() == elements.len();
        Self { home, payload, section, rules, complete }
    }

    /// Whether it is the rules of a VPN.
    #[must_use]
    pub fn is_vpn(&self) -> bool {
        self.home != Home::DnsSettings
    }

    /// Whether there is anything under `OnDemandRules` that may be a rule: also one that cannot be read.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.section.node("OnDemandRules").is_some_and(|node| node.as_array() != Some(&[]))
    }

    /// The key that switches it on and where it stands: `OnDemandMatchAppEnabled` in a per-app payload that has it, else
    /// `OnDemandEnabled`. DNS settings are always on.
    #[must_use]
    pub fn switch(&self) -> Switch {
        if self.home == Home::DnsSettings {
            return Switch::On;
        }
        let (section, key) = self.switched_by();
        match section.switch(key) {
            Some(flag) if flag.value => Switch::On,
            Some(_) => Switch::Off,
            None if section.has(key) => Switch::Unclear,
            None => Switch::Off,
        }
    }

    /// The dictionary and the key that [`Self::switch`] reads.
    #[must_use]
    pub fn switched_by(&self) -> (&Section<'a>, &'static str) {
        const BY_APP: &str = "OnDemandMatchAppEnabled";
        match self.home {
            Home::Vpn { per_app: true, .. } if self.payload.section.has(BY_APP) => {
                (&self.payload.section, BY_APP)
            }
            _ => (&self.section, "OnDemandEnabled"),
        }
    }
}

impl<'a> OnDemandRule<'a> {
    fn read(index: usize, section: Section<'a>) -> Self {
        const KEY: &str = "ActionParameters";
        let parameters = match section.sub(KEY) {
            Some(alone) => vec![alone],
            None if section.has(KEY) => section.sections(KEY),
            None => Vec::new(),
        };
        Self { index, action: section.str("Action"), section, parameters }
    }

    /// What messages call it: "rule 2".
    #[must_use]
    pub fn name(&self) -> String {
        format!("rule {}", self.index.saturating_add(1))
    }

    /// The action that is meant, if it is one that `home` takes; the case of the letters is passed over.
    #[must_use]
    pub fn meant(&self, home: Home) -> Option<&'static str> {
        Word::of(self.action?.value, home.actions()).meant()
    }

    /// Whether `ActionParameters` are looked at: with EvaluateConnection, and where the action cannot be told.
    #[must_use]
    pub fn evaluates(&self, home: Home) -> bool {
        self.meant(home).is_none_or(|action| action == "EvaluateConnection")
    }

    /// What a finding about the rule as a whole points at.
    #[must_use]
    pub fn head(&self) -> Span {
        self.section.head()
    }
}
