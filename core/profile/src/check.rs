//! The whole judgement of a file: container, syntax, and the rules that hold on every system.

use crate::Document;
use crate::ikev2;
use crate::model::{Payload, Profile};
use crate::report::{Diagnostic, Problems, Report, codes};
use crate::syntax::{Limits, Value};

/// Judges a file with the default [`Limits`]: what `adit validate` says.
///
/// What this build cannot do with a sound profile is not said here but by [`ikev2::requirements`].
#[must_use]
pub fn check(bytes: &[u8]) -> Report {
    check_within(bytes, &Limits::default())
}

/// The same as [`check`] with other limits.
#[must_use]
pub fn check_within(bytes: &[u8], limits: &Limits) -> Report {
    let document = Document::read_within(bytes, limits);
    let mut problems = document.problems().clone();
    let mut rules = Problems::default();
    if let Some(profile) = Profile::read(&document, &mut rules) {
        for payload in profile.vpn_payloads() {
            vpn(payload, &mut rules);
        }
    }
    problems.append(rules);
    Report::new(document.format(), problems)
}

fn vpn(payload: &Payload<'_>, problems: &mut Problems) {
    const KEY: &str = "VPNType";
    if payload.is_ikev2() {
        // The typed keys are of no use here, only what is said about them.
        let _ = ikev2::judge(payload, problems);
        return;
    }
    let section = &payload.section;
    match section.node(KEY).map(|node| &node.value) {
        None => {
            let message = "the VPN payload has no VPNType";
            let help = "one of VPN, L2TP, IPSec, IKEv2, AlwaysOn, TransparentProxy";
            problems.push(section.diagnose(KEY, codes::VPN_TYPE_MISSING, message).help(help));
        }
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("IKEv2") => {
            let diagnostic = Diagnostic::error(
                codes::VALUE_CASE,
                section.span_of(KEY),
                "VPNType is written in the wrong case",
            );
            problems.push(diagnostic.help("write IKEv2").at(section.path_of(KEY)));
        }
        Some(_) => {
            section.text(KEY, problems);
        }
    }
}
