//! On-demand rules out of a payload.

use crate::gather::Gather as _;
use crate::model::{Payload, Section, VPN_APPLAYER, keywords, template};
use crate::report::{Code, Diagnostic, Problems, Severity, codes};
use crate::rules::plan;
use crate::syntax::{Node, Value};

use super::network::Interface;
use super::rules::{Action, ConnectionRule, DomainAction, DomainLists, Entries, Place, Rule, Rules};

keywords! {
    /// `Action`.
    pub enum ActionWord {
        /// [`Action::Allow`].
        Allow = "Allow",
        /// [`Action::Connect`].
        Connect = "Connect",
        /// [`Action::Disconnect`].
        Disconnect = "Disconnect",
        /// [`Action::EvaluateConnection`].
        EvaluateConnection = "EvaluateConnection",
        /// [`Action::Ignore`].
        Ignore = "Ignore",
    }
}

keywords! {
    /// `DomainAction`.
    pub enum DomainActionWord {
        /// [`DomainAction::ConnectIfNeeded`].
        ConnectIfNeeded = "ConnectIfNeeded",
        /// [`DomainAction::NeverConnect`].
        NeverConnect = "NeverConnect",
    }
}

keywords! {
    /// `InterfaceTypeMatch`.
    pub enum InterfaceWord {
        /// [`Interface::Ethernet`].
        Ethernet = "Ethernet",
        /// [`Interface::WiFi`].
        WiFi = "WiFi",
        /// [`Interface::Cellular`].
        Cellular = "Cellular",
    }
}

// The codes of the rules (`rules::ondemand`) that say the same of a file as a whole.
const ACTION_CODE: Code = Code::new("ondemand.action");
const INTERFACE_CODE: Code = Code::new("ondemand.interface");
const NEEDS_PARAMETERS: Code = Code::new("ondemand.evaluate-needs-params");
const PARAMETERS_SHAPE: Code = Code::new("ondemand.params-shape");
const DOMAINS_MISSING: Code = Code::new("ondemand.domains-missing");
const DOMAIN_ACTION: Code = Code::new("ondemand.domain-action");

/// The keys of a rule.
const RULE_KEYS: [&str; 7] = [
    "Action",
    "ActionParameters",
    "DNSDomainMatch",
    "DNSServerAddressMatch",
    "InterfaceTypeMatch",
    "SSIDMatch",
    "URLStringProbe",
];

/// The keys of an element of `ActionParameters`.
const PARAMETER_KEYS: [&str; 4] = ["DomainAction", "Domains", "RequiredDNSServers", "RequiredURLStringProbe"];

impl Rules {
    /// The rules of a VPN payload. `None` when one of the problems it adds is an error: a rule that cannot be read may
    /// be the one that decides.
    ///
    /// The lists of before iOS 7 are read where they are defined, for `VPN` and `IPSec`. A per-app payload is enabled by
    /// `OnDemandMatchAppEnabled` where it has that key (iOS 7 and later).
    #[must_use]
    pub fn of_payload(payload: &Payload<'_>, problems: &mut Problems) -> Option<Self> {
        let mut found = Problems::default();
        let rules = read(payload, &mut found);
        let failed = found.has_errors();
        problems.append(found);
        rules.filter(|_| !failed)
    }
}

fn read(payload: &Payload<'_>, problems: &mut Problems) -> Option<Rules> {
    let section = settings(payload, problems)?;
    let enabled = match_app_enabled(payload, problems)
        .unwrap_or_else(|| section.flag("OnDemandEnabled", problems).is_some_and(|flag| flag.value));
    let user_override_disabled =
        section.flag("OnDemandUserOverrideDisabled", problems).is_some_and(|flag| flag.value);
    let rules = elements(&section, "OnDemandRules", problems)
        .iter()
        .filter_map(|element| rule(element, problems))
        .gather();
    let lists = match payload.string("VPNType") {
        Some("VPN" | "IPSec") => lists(&section, problems),
        _ => DomainLists::default(),
    };
    Some(Rules { enabled, user_override_disabled, rules, lists })
}

/// The dictionary with the on-demand keys: that of the payload's `VPNType`.
fn settings<'d>(payload: &Payload<'d>, problems: &mut Problems) -> Option<Section<'d>> {
    const KEY: &str = "VPNType";
    let section = &payload.section;
    if !payload.is_vpn() {
        let message = "the payload is not a VPN, so it has no VPN on-demand rules";
        let diagnostic = section.diagnose("PayloadType", plan::CHOICE.code, message);
        problems.push(diagnostic.help("choose a payload of type com.apple.vpn.managed"));
        return None;
    }
    let Some(kind) = section.text(KEY, problems) else {
        told(section, KEY, codes::VPN_TYPE_MISSING, "the VPN payload has no VPNType", problems);
        return None;
    };
    match kind.value {
        "VPN" | "IPSec" | "IKEv2" | "TransparentProxy" => {
            let inner = section.section(kind.value, problems);
            if inner.is_none() {
                let message = format!("VPNType is {0}, but there is no {0} dictionary", kind.value);
                told(section, kind.value, codes::VPN_SECTION_MISSING, &message, problems);
            }
            inner
        }
        "L2TP" | "AlwaysOn" => {
            let message = format!("a VPN of VPNType {} has no on-demand rules", kind.value);
            let diagnostic = section.diagnose(KEY, plan::UNSUPPORTED.code, message);
            problems.push(diagnostic.help(if kind.value == "L2TP" {
                "L2TP is started by hand; IKEv2, IPSec, VPN and TransparentProxy have on-demand rules"
            } else {
                "an Always On tunnel is up whenever there is a network"
            }));
            None
        }
        _ => {
            let diagnostic = section.diagnose(KEY, codes::VALUE_NOT_ALLOWED, "no such VPNType");
            problems.push(diagnostic.help("one of VPN, L2TP, IPSec, IKEv2, AlwaysOn, TransparentProxy"));
            None
        }
    }
}

/// `OnDemandMatchAppEnabled` of a per-app payload: a boolean, which decides instead of `OnDemandEnabled`.
fn match_app_enabled(payload: &Payload<'_>, problems: &mut Problems) -> Option<bool> {
    const KEY: &str = "OnDemandMatchAppEnabled";
    if payload.kind() != Some(VPN_APPLAYER) {
        return None;
    }
    match payload.section.node(KEY).map(|node| &node.value)? {
        Value::Boolean(enabled) => Some(*enabled),
        _ => payload.section.flag(KEY, problems).map(|flag| flag.value),
    }
}

fn rule(section: &Section<'_>, problems: &mut Problems) -> Option<Rule> {
    const ACTION: &str = "Action";
    section.unknown_keys(&RULE_KEYS, problems);
    let Some(word) = section.keyword::<ActionWord>(ACTION, ACTION_CODE, problems) else {
        missing(section, ACTION, "the rule has no Action", ACTION_CODE, problems);
        return None;
    };
    let action = match word.value {
        ActionWord::Allow => Action::Allow,
        ActionWord::Connect => Action::Connect,
        ActionWord::Disconnect => Action::Disconnect,
        ActionWord::Ignore => Action::Ignore,
        ActionWord::EvaluateConnection => Action::EvaluateConnection(parameters(section, problems)?),
    };
    Some(Rule {
        action,
        interface: interface(section, problems),
        ssids: strings(section, "SSIDMatch", problems),
        search_domains: strings(section, "DNSDomainMatch", problems),
        dns_servers: strings(section, "DNSServerAddressMatch", problems),
        probe_url: string(section, "URLStringProbe", problems),
        place: Some(place(section)),
    })
}

fn interface(section: &Section<'_>, problems: &mut Problems) -> Option<Interface> {
    const KEY: &str = "InterfaceTypeMatch";
    let word = section.keyword::<InterfaceWord>(KEY, INTERFACE_CODE, problems);
    if word.is_none() && section.has(KEY) {
        unusable(section, KEY, problems);
    }
    word.map(|word| match word.value {
        InterfaceWord::Ethernet => Interface::Ethernet,
        InterfaceWord::WiFi => Interface::WiFi,
        InterfaceWord::Cellular => Interface::Cellular,
    })
}

fn parameters(section: &Section<'_>, problems: &mut Problems) -> Option<Vec<ConnectionRule>> {
    const KEY: &str = "ActionParameters";
    if section.node(KEY).is_some_and(|node| node.as_dict().is_some()) {
        let message = "ActionParameters is a dictionary, it must be an array of dictionaries";
        let diagnostic = section.diagnose(KEY, PARAMETERS_SHAPE, message);
        problems.push(diagnostic.help("put the dictionary into an <array>"));
        return None;
    }
    let elements = elements(section, KEY, problems);
    if elements.is_empty() {
        // Where all of them are wrong that is told already.
        if section.node(KEY).and_then(Node::as_array).is_none_or(<[Node]>::is_empty) {
            let message = "EvaluateConnection needs ActionParameters";
            missing(section, KEY, message, NEEDS_PARAMETERS, problems);
        }
        return None;
    }
    Some(elements.iter().filter_map(|element| parameter(element, problems)).gather())
}

fn parameter(section: &Section<'_>, problems: &mut Problems) -> Option<ConnectionRule> {
    const ACTION: &str = "DomainAction";
    const DOMAINS: &str = "Domains";
    section.unknown_keys(&PARAMETER_KEYS, problems);
    let domains = strings(section, DOMAINS, problems);
    if domains.is_none() {
        let message = "the element of ActionParameters has no Domains";
        missing(section, DOMAINS, message, DOMAINS_MISSING, problems);
    }
    let word = section.keyword::<DomainActionWord>(ACTION, DOMAIN_ACTION, problems);
    if word.is_none() {
        let message = "the element of ActionParameters has no DomainAction";
        missing(section, ACTION, message, DOMAINS_MISSING, problems);
    }
    Some(ConnectionRule {
        domains: domains?,
        action: match word?.value {
            DomainActionWord::ConnectIfNeeded => DomainAction::ConnectIfNeeded,
            DomainActionWord::NeverConnect => DomainAction::NeverConnect,
        },
        dns_servers: strings(section, "RequiredDNSServers", problems).unwrap_or_default(),
        probe_url: string(section, "RequiredURLStringProbe", problems),
        place: Some(place(section)),
    })
}

fn lists(section: &Section<'_>, problems: &mut Problems) -> DomainLists {
    let mut list = |key: &str| strings(section, key, problems).unwrap_or_default();
    DomainLists {
        always: list("OnDemandMatchDomainsAlways"),
        never: list("OnDemandMatchDomainsNever"),
        on_retry: list("OnDemandMatchDomainsOnRetry"),
    }
}

fn place(section: &Section<'_>) -> Place {
    Place { span: section.span(), path: section.path().to_string() }
}

/// The dictionaries of an array; anything else in it is an error.
fn elements<'d>(section: &Section<'d>, key: &str, problems: &mut Problems) -> Vec<Section<'d>> {
    let Some(items) = section.array(key, problems) else {
        if section.has(key) {
            unusable(section, key, problems);
        }
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, node) in items.value.iter().enumerate() {
        let path = section.path_of(key).index(index);
        match &node.value {
            Value::Dict(dict) => found.push(Section::new(dict, node.span, node.span, path)),
            other => wrong_element(node, path.into(), "a dictionary", other.describe(), problems),
        }
    }
    found
}

/// The strings of an array; anything else in it is an error.
fn strings(section: &Section<'_>, key: &str, problems: &mut Problems) -> Option<Entries> {
    let Some(items) = section.array(key, problems) else {
        if section.has(key) {
            unusable(section, key, problems);
        }
        return None;
    };
    let mut values = Vec::with_capacity(items.value.len());
    for (index, node) in items.value.iter().enumerate() {
        match &node.value {
            Value::String(text) => {
                if template::is_placeholder(text, template::Strictness::Plain) {
                    let path = String::from(section.path_of(key).index(index));
                    let message = format!("{key} still holds the placeholder of a template");
                    let diagnostic = Diagnostic::warning(codes::TEMPLATE_VARIABLE, node.span, message);
                    problems.push(diagnostic.help("it is compared as it is written here").at(path));
                }
                values.push(text.to_string());
            }
            other => {
                let path = String::from(section.path_of(key).index(index));
                wrong_element(node, path, "a string", other.describe(), problems);
            }
        }
    }
    Some(Entries { values, span: Some(items.span) })
}

fn string(section: &Section<'_>, key: &str, problems: &mut Problems) -> Option<String> {
    let text = section.text(key, problems);
    if text.is_none() && section.has(key) {
        unusable(section, key, problems);
    }
    text.map(|text| text.value.to_owned())
}

fn wrong_element(node: &Node, path: String, wanted: &str, found: &str, problems: &mut Problems) {
    let message = format!("each element must be {wanted}, this one is {found}");
    let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, node.span, message);
    problems.push(diagnostic.help(format!("change it to {wanted}, or remove it")).at(path));
}

/// A key that is needed and not there, or not usable.
fn missing(section: &Section<'_>, key: &str, message: &str, code: Code, problems: &mut Problems) {
    if section.has(key) && section.node(key).is_none_or(|node| node.as_array() != Some(&[])) {
        unusable(section, key, problems);
    } else {
        told(section, key, code, message, problems);
    }
}

/// A value that is there and that nobody can use: a placeholder, a null, a value that could not be read.
fn unusable(section: &Section<'_>, key: &str, problems: &mut Problems) {
    let message = format!("{key} has a value that cannot be used here");
    told(section, key, codes::VALUE_NOT_ALLOWED, &message, problems);
}

/// Adds an error about a key unless there is one already.
fn told(section: &Section<'_>, key: &str, code: Code, message: &str, problems: &mut Problems) {
    let path = String::from(section.path_of(key));
    let known = |found: &Diagnostic| found.severity == Severity::Error && found.path == path;
    if problems.as_slice().iter().any(known) {
        return;
    }
    if problems.is_full() {
        problems.count_one();
        return;
    }
    problems.push(section.diagnose(key, code, message));
}
