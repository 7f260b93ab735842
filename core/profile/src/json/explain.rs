//! What a profile does (`adit explain --json`), and whether a server would agree (`adit explain --server --json`).

use serde::Serialize;

use crate::compare::{Comparison, Verdict};
use crate::explain::Explanation;
use crate::schema::{RELEASE, Target};

/// An explanation of a file.
#[derive(Debug, Serialize)]
pub struct ExplainReport<'a> {
    /// 1.
    pub version: u32,
    /// The file's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The release of Apple's schema.
    pub schema_release: &'static str,
    /// The systems that defaults are told for.
    pub targets: &'a [Target],
    /// Each VPN.
    pub vpns: Vec<Explanation>,
    /// Why there is none, where a caller says so here and not by an exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'static str>,
    /// Whether that is because the file is no profile.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_read: bool,
}

impl<'a> ExplainReport<'a> {
    /// Of VPNs that were explained for some systems.
    #[must_use]
    pub fn new(file: Option<&'a str>, targets: &'a [Target], vpns: Vec<Explanation>) -> Self {
        Self { version: 1, file, schema_release: RELEASE, targets, vpns, problem: None, not_read: false }
    }
}

/// A comparison of a VPN with a server.
#[derive(Debug, Serialize)]
pub struct ComparisonReport<'a> {
    /// 1.
    pub version: u32,
    /// The file's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The place of the VPN in `PayloadContent`.
    pub payload: usize,
    /// The name of the server's file, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<&'a str>,
    /// Whether one connection agrees.
    pub agree: bool,
    /// Each connection, the one that fits best first.
    pub connections: &'a [Verdict],
}

impl<'a> ComparisonReport<'a> {
    /// Of a comparison of one VPN.
    #[must_use]
    pub fn new(
        file: Option<&'a str>,
        payload: usize,
        server: Option<&'a str>,
        found: &'a Comparison,
    ) -> Self {
        Self { version: 1, file, payload, server, agree: found.agree, connections: &found.connections }
    }
}
