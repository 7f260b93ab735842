//! What becomes of a profile on each system it is meant for: whether it installs, whether it connects, what is ignored.
//!
//! Owns the summary of the rules' findings by target; what a rule finds, and how much that matters, is the rules'. An
//! error means that a system refuses the profile or that the connection cannot work: which of the two, is told here by
//! the rule's code.

use serde::Serialize;

use crate::Document;
use crate::check::check_document;
use crate::gather::Gather as _;
use crate::model::Profile;
use crate::report::{Diagnostic, Report, Severity};
use crate::rules::{self, Level, Options};
use crate::schema::Target;

/// The verdict for one system.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TargetVerdict {
    /// The system.
    pub target: Target,
    /// It takes the profile.
    pub installs: bool,
    /// The VPN can come up; `None` when there is none in it.
    pub connects: Option<bool>,
    /// The key paths that it ignores, in the order of the file.
    pub ignored: Vec<String>,
    /// What concerns it of all that was found for the targets together, by its places there.
    pub concerns: Vec<usize>,
}

/// Families whose errors are about the connection: the profile installs, and the tunnel does not come up, or not as meant.
const OF_THE_CONNECTION: [&str; 5] = ["dns", "ikev2", "ppk", "proxy", "sa"];

/// The same for single codes of other families.
const ALSO_OF_THE_CONNECTION: [&str; 14] = [
    "cert.p12-no-key",
    "ipsec.cert-missing",
    "ipsec.psk-missing",
    "ondemand.dns-server-syntax",
    "ondemand.domains-missing",
    "ondemand.probe-url",
    "ref.cert-missing",
    "ref.cert-not-identity",
    "ref.vpnuuid-missing",
    "ref.wrong-key-kind",
    "vpn.auth-needs-cert",
    "vpn.remote-syntax",
    "vpn.subtype-legacy-plugin",
    "vpn.subtype-missing",
];

/// Codes of those families by which a system refuses the payload all the same.
const NOT_OF_THE_CONNECTION: [&str; 11] = [
    "ikev2.auth-missing",
    "ikev2.cert-missing",
    "ikev2.certtype-ed25519",
    "ikev2.certtype-needs-issuer",
    "ikev2.dpd-value",
    "ikev2.mtu-range",
    "ikev2.nat-interval",
    "ikev2.remote-id-missing",
    "sa.dh-type",
    "sa.lifetime-range",
    "sa.strict-cipher",
];

/// The verdict for each of the targets in the options, in their order; of each alone, whatever the others are. `all` is the
/// report for all of them.
#[must_use]
pub fn per_target(document: &Document, file: &[u8], options: &Options, all: &Report) -> Vec<TargetVerdict> {
    let has_vpn = Profile::of(document).is_some_and(|profile| profile.vpn_payloads().next().is_some());
    let one = |target: &Target| {
        let options = Options { targets: vec![*target], ..options.clone() };
        of_report(*target, has_vpn, &check_document(document, file, &options), all)
    };
    options.targets.iter().map(one).gather()
}

fn of_report(target: Target, has_vpn: bool, report: &Report, all: &Report) -> TargetVerdict {
    let found = &report.diagnostics;
    let errors = || found.iter().filter(|one| one.severity == Severity::Error);
    let installs = report.format.is_read() && errors().all(is_of_the_connection);
    let mut ignored: Vec<String> = Vec::new();
    for one in found.iter().filter(|one| is_ignored(one)) {
        if !ignored.contains(&one.path) {
            ignored.push(one.path.clone());
        }
    }
    let connects = has_vpn.then(|| installs && errors().next().is_none());
    let mut concerns = Vec::new();
    for (place, one) in all.diagnostics.iter().enumerate() {
        // Both lists are in the order of the file. One finding for several targets has other words than for one.
        let from = found.partition_point(|found| found.span < one.span);
        let mut here = found.iter().skip(from).take_while(|found| found.span == one.span);
        if here.any(|found| found.code == one.code && found.path == one.path) {
            concerns.push(place);
        }
    }
    TargetVerdict { target, installs, connects, ignored, concerns }
}

fn is_of_the_connection(found: &Diagnostic) -> bool {
    let code = found.code.as_str();
    let family = OF_THE_CONNECTION.contains(&found.code.family()) && !NOT_OF_THE_CONNECTION.contains(&code);
    family || ALSO_OF_THE_CONNECTION.contains(&code)
}

/// A key that the system does not know or does not have, or of which a rule by target says that it minds without refusing.
fn is_ignored(found: &Diagnostic) -> bool {
    if found.severity != Severity::Warning || found.path.is_empty() {
        return false;
    }
    let code = found.code.as_str();
    match code {
        "key.unknown" | "key.misplaced" | "key.not-on-platform" | "key.too-new" => true,
        _ => found.code.family() != "sa" && rules::find(code).is_some_and(|rule| rule.level == Level::Target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_named_exists() {
        for code in ALSO_OF_THE_CONNECTION.iter().chain(&NOT_OF_THE_CONNECTION) {
            assert!(rules::find(code).is_some(), "{code}");
        }
        for family in OF_THE_CONNECTION {
            assert!(rules::all().any(|rule| rule.code.family() == family), "{family}");
        }
    }
}
