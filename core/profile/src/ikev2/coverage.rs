//! Which keys this build does not act on yet.
//!
//! One table, made to become shorter: when a feature lands, its row goes. Keys that must not be ignored are not here:
//! `super::refusals` refuses them.

use crate::model::{Payload, Section};
use crate::report::{Diagnostic, Problems};
use crate::rules::plan;
use crate::syntax::Value;

/// A key that is read and then not acted on.
#[derive(Clone, Copy, Debug)]
pub struct NotObeyed {
    /// The dictionary inside the payload; empty for the payload itself.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// When it asks for something.
    pub when: When,
    /// What is missing, and what happens instead.
    pub reason: &'static str,
    /// An app acts on it, or its system does, though the command line does not ([`super::Which::for_app`]).
    pub by_apps: bool,
}

/// When a key asks for something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// Whenever it is there.
    Present,
    /// A flag that is 1.
    Set,
    /// A flag that is there and 0: the feature is wanted explicitly.
    Clear,
}

/// The keys not obeyed yet.
pub const NOT_OBEYED_YET: &[NotObeyed] = &[
    row(
        "IKEv2",
        "DisableRedirect",
        When::Clear,
        "redirection is not built: a server's REDIRECT is not followed",
    ),
    row("IKEv2", "EnableFallback", When::Set, "there is no second tunnel over cellular"),
    row(
        "IKEv2",
        "EnableCertificateRevocationCheck",
        When::Set,
        "certificates are not checked for revocation",
    ),
    cli("IKEv2", "OnDemandEnabled", When::Set, "the tunnel is started and stopped by hand, not by its rules"),
    cli("IKEv2", "OnDemandUserOverrideDisabled", When::Set, "the user can always stop the tunnel"),
    cli("IKEv2", "EnforceRoutes", When::Set, "other routes may still take precedence over the tunnel's"),
    cli("IKEv2", "ExcludeLocalNetworks", When::Set, "local networks are reached as the routing table says"),
    row("IKEv2", "TLSMinimumVersion", When::Present, "it speaks of EAP-TLS, which is not built"),
    row("IKEv2", "TLSMaximumVersion", When::Present, "it speaks of EAP-TLS, which is not built"),
    row("IKEv2", "ProviderType", When::Present, "it has no meaning for IKEv2"),
    row("IKEv2", "ProviderBundleIdentifier", When::Present, "it has no meaning for IKEv2"),
    row("IKEv2", "ProviderDesignatedRequirement", When::Present, "it has no meaning for IKEv2"),
    cli("Proxies", "HTTPEnable", When::Set, "proxies are not set"),
    cli("Proxies", "HTTPSEnable", When::Set, "proxies are not set"),
    cli("Proxies", "ProxyAutoConfigEnable", When::Set, "proxies are not set"),
    cli("DNS", "ServerAddresses", When::Present, "DNS is set as the server says"),
    cli("DNS", "SupplementalMatchDomains", When::Present, "DNS is set as the server says"),
    cli("DNS", "DNSProtocol", When::Present, "encrypted DNS is not set up"),
    cli("", "VPNUUID", When::Present, "the tunnel is not limited to apps: it serves the whole device"),
];

const fn row(section: &'static str, key: &'static str, when: When, reason: &'static str) -> NotObeyed {
    NotObeyed { section, key, when, reason, by_apps: false }
}

/// The same of a key that apps act on.
const fn cli(section: &'static str, key: &'static str, when: When, reason: &'static str) -> NotObeyed {
    NotObeyed { by_apps: true, ..row(section, key, when, reason) }
}

/// Warns about every key of the payload that is in the table and asks for something; for an app, without what apps do.
pub(super) fn warn(payload: &Payload<'_>, for_app: bool, problems: &mut Problems) {
    for row in NOT_OBEYED_YET.iter().filter(|row| !(for_app && row.by_apps)) {
        let section = if row.section.is_empty() {
            Some(payload.section.clone())
        } else {
            payload.section.sub(row.section)
        };
        if let Some(section) = section
            && asks(&section, row)
        {
            let message = format!("{} is not obeyed by this build: {}", row.key, row.reason);
            let diagnostic = Diagnostic::warning(plan::NOT_OBEYED.code, section.span_of(row.key), message);
            problems.push(diagnostic.help("the tunnel works without it").at(section.path_of(row.key)));
        }
    }
}

fn asks(section: &Section<'_>, row: &NotObeyed) -> bool {
    let Some(node) = section.node(row.key) else { return false };
    match (row.when, &node.value) {
        (When::Present, _) => true,
        (When::Set, value) => matches!(value, Value::Integer(1) | Value::Boolean(true)),
        (When::Clear, value) => matches!(value, Value::Integer(0) | Value::Boolean(false)),
    }
}
