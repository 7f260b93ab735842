//! What was made is checked before anybody gets it.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use adit_profile::build::Spec;
use adit_profile::build::fields::{Field, fields};
use adit_profile::rules::Options;
use adit_profile::syntax::Date;
use adit_profile::{Diagnostic, Limits, Severity, check_with};

use super::arguments::MakeArgs;
use super::tree::flag_of;
use crate::outcome::Failed;
use crate::term;

/// What never refuses a profile: its secrets have to stand somewhere, and consoles write `ProviderType` twice.
const EXPECTED: [&str; 2] = ["secret.plaintext", "key.misplaced"];

/// Refuses a profile with errors or warnings, and says which.
pub fn judge(bytes: &[u8], spec: &Spec, args: &MakeArgs) -> Result<(), Failed> {
    let options = Options { targets: args.targets.clone(), at: now(), ..Options::default() };
    let report = check_with(bytes, &Limits::default(), &options);
    let allowed = |code: &str| EXPECTED.contains(&code) || args.allow.iter().any(|allowed| allowed == code);
    let bad: Vec<&Diagnostic> = report
        .diagnostics
        .iter()
        .filter(|found| found.severity >= Severity::Warning && !allowed(found.code.as_str()))
        .collect();
    if bad.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for found in &bad {
        let _ = writeln!(text, "{}[{}]: {}", found.severity, found.code, found.message);
        let flag = flag(&found.path, spec, args).map_or_else(String::new, |flag| format!(" (--{flag})"));
        let _ = writeln!(text, "  at {}{flag}", found.path);
        if let Some(help) = &found.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    let codes: std::collections::BTreeSet<&str> = bad.iter().map(|found| found.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    term::note(text.trim_end());
    Err(Failed::Task {
        why: "the profile would be wrong, so it was not written".to_owned(),
        advice: format!("change the input, or insist with --allow {}", codes.join(",")),
    })
}

/// The flag that writes a key path, if one does.
fn flag(path: &str, spec: &Spec, args: &MakeArgs) -> Option<String> {
    let inside = path.split_once("].").map_or(path, |(_, inside)| inside);
    // Without the places in arrays, and with them as the table writes them.
    let mut plain = String::new();
    let mut rest = inside;
    while let Some((before, behind)) = rest.split_once('[') {
        plain.push_str(before);
        plain.push_str("[]");
        rest = behind.split_once(']').map_or("", |(_, behind)| behind);
    }
    plain.push_str(rest);
    let writes = |field: &Field| {
        let key = field.writes.split_once(':').map_or(field.writes.as_str(), |(_, key)| key);
        key == plain || plain.strip_prefix(key).is_some_and(|rest| rest.starts_with(['[', '.']))
    };
    // Of several that write it, such as those of the tunnels of Always On, the one that was used.
    let used = args.given.iter().map(|(field, _)| field).find(|field| writes(field)).cloned();
    used.or_else(|| fields(spec.vpn.kind()).into_iter().find(writes)).map(|field| flag_of(&field))
}

/// The time of checking, for certificates that have expired.
fn now() -> Option<Date> {
    const FROM_1970_TO_2001: u64 = 978_307_200;
    let seconds =
        SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs().checked_sub(FROM_1970_TO_2001)?;
    Date::from_seconds_since_2001(f64::from(u32::try_from(seconds).ok()?))
}
