//! `adit explain --server`: whether a profile and a swanctl.conf would agree.

use std::path::Path;

use adit_profile::Profile;
use adit_profile::compare::{Client, Comparison, Difference, Verdict, Weight, compare};
use adit_profile::json::ComparisonReport;

use super::{ExplainArgs, wrapped};
use crate::outcome::Failed;
use crate::term::{self, Style, paint};

/// Runs the comparison.
pub fn run(args: &ExplainArgs, name: &str, profile: &Profile<'_>, server: &Path) -> Result<(), Failed> {
    let payload = args.payload.vpn(name, profile)?;
    let platform = args.target.first().map(|target| target.platform);
    let client = Client::of(payload, platform).ok_or_else(|| {
        let title = crate::choice::title(payload);
        Failed::usage(format!("{title} is no IKEv2 VPN: only those can be compared with swanctl.conf"))
    })?;
    let file = crate::input::name(server);
    let bytes = crate::input::read(server)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Failed::usage(format!("{file} is no text in UTF-8")))?;
    let comparison = compare(&client, text, args.connection.as_deref())
        .map_err(|error| Failed::usage(format!("{file}: {error}")))?;
    if args.json {
        term::json(&ComparisonReport::new(Some(name), payload.index, Some(&file), &comparison));
    } else {
        term::line(report(name, &file, &comparison).trim_end());
    }
    if comparison.agree { Ok(()) } else { Err(Failed::Said) }
}

fn report(name: &str, server: &str, comparison: &Comparison) -> String {
    let mut out = match comparison.agree {
        true => format!("{name} and {server} {}\n", paint(Style::Green, "agree")),
        false => format!("{name} and {server} {}\n", paint(Style::Red, "do not agree")),
    };
    for verdict in &comparison.connections {
        out.push('\n');
        one(&mut out, verdict);
    }
    if comparison.connections.len() > 1 {
        out.push_str("\nWhich connection strongSwan takes also depends on addresses; --connection NAME compares with one.\n");
    }
    out
}

fn one(out: &mut String, verdict: &Verdict) {
    let result = match (verdict.agree, verdict.connects) {
        (true, _) => paint(Style::Green, "agrees"),
        (false, true) => paint(Style::Yellow, "comes up, but cannot be rekeyed"),
        (false, false) => paint(Style::Red, "does not agree"),
    };
    out.push_str(&format!("Connection {} (line {}): {result}\n", verdict.connection, verdict.line));
    let chosen = |title: &str, chosen: &Option<adit_profile::compare::Chosen>| {
        chosen.as_ref().map(|one| {
            format!(
                "{title}: {} (proposal {} of the profile, `{}` of the server)",
                one.text, one.number, one.server
            )
        })
    };
    let mut lines: Vec<String> = [
        chosen("IKE SA", &verdict.ike),
        chosen("Child SA", &verdict.child),
        chosen("its rekey", &verdict.rekey),
    ]
    .into_iter()
    .flatten()
    .collect();
    lines.extend(verdict.authentication.iter().cloned());
    lines.iter().for_each(|line| out.push_str(&wrapped(line)));
    verdict.differences.iter().for_each(|found| difference(out, found));
    if !verdict.unknown.is_empty() {
        out.push_str(&format!("  {}:\n", paint(Style::Dim, "neither file says")));
        verdict.unknown.iter().for_each(|line| out.push_str(&format!("    {line}\n")));
    }
}

fn difference(out: &mut String, found: &Difference) {
    let (style, word) = match found.weight {
        Weight::Fails => (Style::Red, "fails"),
        Weight::RekeyFails => (Style::Yellow, "rekey fails"),
        Weight::Note => (Style::Dim, "note"),
    };
    let line = found.server_line.map_or_else(String::new, |line| format!(" (line {line})"));
    out.push_str(&format!("  {}: {}{line}\n", paint(style, word), found.message));
    if let (Some(key), Some(fix)) = (&found.profile_key, &found.profile_fix) {
        out.push_str(&format!("    in the profile: {key}: {fix}\n"));
    }
    if let Some(fix) = &found.server_fix {
        out.push_str(&format!("    in swanctl.conf: {fix}\n"));
    }
}
