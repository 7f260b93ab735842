//! `adit diff`: two profiles compared by what they mean.

use std::path::PathBuf;

use adit_profile::build::Value;
use adit_profile::convert::Json;
use adit_profile::diff::{Change, ChangeKind, Diff, Side, diff};
use adit_profile::json::DiffReport;
use clap::Args;

use crate::outcome::Failed;
use crate::template::TemplateArgs;
use crate::term::{Style, paint, printable};
use crate::{input, term};

/// What `--help` shows at its end.
pub const EXAMPLES: &str = "\
What does not count: the order of keys and payloads, comments, encodings, XML or binary, signatures, 0 and false, a
default written out or left out. Payloads are paired by type and UUID, identifier or name. Secrets are compared, and
shown as \"secret\" only. Changes of UUIDs and identifiers are marked \"identity\". docs/convert.md tells more.

Examples:
  adit diff old.mobileconfig new.mobileconfig
  adit diff signed.mobileconfig plain.mobileconfig && echo the same
  adit diff --ignore-identity before.mobileconfig after.mobileconfig
  adit diff --set SERVER=vpn.example.com profile.mobileconfig.j2 installed.mobileconfig
  adit diff --json a.mobileconfig b.mobileconfig | jq -r '.changes[].before_path'

Exit codes: 0 the same, 1 they differ, 2 one of them cannot be compared, or wrong usage.";

/// `adit diff`.
#[derive(Args, Debug)]
pub struct DiffArgs {
    /// The first profile; - is standard input.
    before: PathBuf,
    /// The second profile; - is standard input.
    after: PathBuf,
    /// Changes of UUIDs and identifiers alone make no difference.
    #[arg(long)]
    ignore_identity: bool,
    /// Both are templates, or one is.
    #[command(flatten)]
    template: TemplateArgs,
    /// Print one object: changes and notes.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &DiffArgs) -> Result<(), Failed> {
    let stdin = std::path::Path::new("-");
    if args.before == stdin && args.after == stdin {
        return Err(Failed::usage("only one of the two can be standard input"));
    }
    let names = (input::name(&args.before), input::name(&args.after));
    let files = [(names.0.as_str(), input::read(&args.before)?), (&names.1, input::read(&args.after)?)];
    let [first, second] = args.template.read_both(files)?;
    let found = diff(&first, &second).map_err(|(side, error)| {
        let name = if side == Side::Before { &names.0 } else { &names.1 };
        Failed::usage(format!("{name}: {error}"))
    })?;
    let same = if args.ignore_identity { found.is_same_but_identity() } else { found.is_same() };
    if args.json {
        term::json(&DiffReport {
            before: Some(&names.0),
            after: Some(&names.1),
            ..DiffReport::new(&found, args.ignore_identity)
        });
    } else {
        text(&found, args.ignore_identity);
    }
    if same { Ok(()) } else { Err(Failed::Said) }
}

fn text(found: &Diff, ignore_identity: bool) {
    let (identity, content): (Vec<&Change>, Vec<&Change>) =
        found.changes.iter().partition(|change| change.identity);
    for change in content.iter().chain(identity.iter().filter(|_| !ignore_identity)) {
        term::line(&line(change));
    }
    for note in &found.notes {
        term::line(&paint(Style::Dim, &format!("note: {note}")));
    }
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let verdict = match (content.len(), identity.len()) {
        (0, 0) => "the same".to_owned(),
        (0, only) => format!("the same but for {} of identity", count(only, "change")),
        (some, 0) => count(some, "change"),
        (some, others) => format!("{}, and {others} of identity", count(some, "change")),
    };
    term::line(&verdict);
}

fn line(change: &Change) -> String {
    let (sign, style) = match change.kind {
        ChangeKind::Added => ("+", Style::Green),
        ChangeKind::Removed => ("-", Style::Red),
        ChangeKind::Changed => ("~", Style::Yellow),
    };
    let path = match (&change.before_path, &change.after_path) {
        (Some(before), Some(after)) if before != after => format!("{before} (there {after})"),
        (Some(path), _) | (None, Some(path)) => path.clone(),
        (None, None) => String::new(),
    };
    let what = match (&change.before, &change.after) {
        _ if change.secret => "secret".to_owned(),
        (Some(before), Some(after)) => format!("{} -> {}", shown(before), shown(after)),
        (Some(value), None) | (None, Some(value)) => shown(value),
        (None, None) => "a value that cannot be shown".to_owned(),
    };
    let identity = if change.identity { " (identity)" } else { "" };
    paint(style, &format!("{sign} {path}: {what}{identity}"))
}

fn shown(value: &Value) -> String {
    printable(&serde_json::to_string(&Json(value)).unwrap_or_default())
}
