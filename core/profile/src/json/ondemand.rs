//! What on-demand rules make of a network (docs/ondemand.md).

use serde::Serialize;

use crate::gather::Gather as _;
use crate::model::Payload;
use crate::ondemand::{Decision, Mode, Network, Rules};
use crate::report::{Code, Diagnostic, Severity};

/// An answer.
#[derive(Debug, Serialize)]
pub struct OnDemandReport<'a> {
    /// 1.
    pub version: u32,
    /// The file's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The VPN.
    pub payload: PayloadForm<'a>,
    /// How entries are compared.
    pub mode: Mode,
    /// How many rules there are.
    pub rules: usize,
    /// The network that was asked about.
    pub network: &'a Network,
    /// What is decided.
    pub decision: &'a Decision,
    /// Warnings about the rules.
    pub warnings: Vec<ProblemForm<'a>>,
}

/// Why there is no answer.
#[derive(Debug, Serialize)]
pub struct OnDemandRefusal<'a> {
    /// 1.
    pub version: u32,
    /// The file's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// Always null.
    pub decision: Option<&'a Decision>,
    /// What keeps it from being decided.
    pub errors: Vec<ProblemForm<'a>>,
}

/// A VPN payload, as it is named.
#[derive(Debug, Serialize)]
pub struct PayloadForm<'a> {
    /// Its place in `PayloadContent`.
    pub index: usize,
    /// `PayloadUUID`.
    pub uuid: Option<&'a str>,
    /// What the user calls it.
    pub name: Option<&'a str>,
    /// `VPNType`.
    pub vpn_type: Option<&'a str>,
}

impl<'a> From<&Payload<'a>> for PayloadForm<'a> {
    fn from(payload: &Payload<'a>) -> Self {
        Self {
            index: payload.index,
            uuid: payload.string("PayloadUUID"),
            name: payload.name(),
            vpn_type: payload.string("VPNType"),
        }
    }
}

/// A diagnostic, shortened.
#[derive(Debug, Serialize)]
pub struct ProblemForm<'a> {
    /// The rule.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The key path.
    pub path: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// What to do about it.
    pub help: Option<&'a str>,
    /// The first byte it is about.
    pub byte_start: u32,
    /// One past the last.
    pub byte_end: u32,
}

impl<'a> From<&'a Diagnostic> for ProblemForm<'a> {
    fn from(found: &'a Diagnostic) -> Self {
        Self {
            code: found.code,
            severity: found.severity,
            path: &found.path,
            message: &found.message,
            help: found.help.as_deref(),
            byte_start: found.span.start,
            byte_end: found.span.end,
        }
    }
}

impl<'a> OnDemandReport<'a> {
    /// Of a decision about one VPN; `found` is what reading its rules said.
    #[must_use]
    pub fn new(
        file: Option<&'a str>,
        payload: &Payload<'a>,
        (rules, network, mode): (&Rules, &'a Network, Mode),
        decision: &'a Decision,
        found: &'a [Diagnostic],
    ) -> Self {
        let warnings = found.iter().filter(|found| found.severity == Severity::Warning);
        Self {
            version: 1,
            file,
            payload: payload.into(),
            mode,
            rules: rules.rules.len(),
            network,
            decision,
            warnings: warnings.map(ProblemForm::from).gather(),
        }
    }
}

impl<'a> OnDemandRefusal<'a> {
    /// Of the errors among `found`.
    #[must_use]
    pub fn new(file: Option<&'a str>, found: &'a [Diagnostic]) -> Self {
        let errors = found.iter().filter(|found| found.severity == Severity::Error);
        Self { version: 1, file, decision: None, errors: errors.map(ProblemForm::from).gather() }
    }
}
