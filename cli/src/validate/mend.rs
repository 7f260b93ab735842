//! `adit validate --fix` and `--diff`: applies fixes, writes files in place, shows what changed.

use std::io::Write;
use std::path::Path;

use adit_profile::report::Safety;
use adit_profile::source::{self, SourceText};
use adit_profile::{Document, Limits, fix};
use similar::TextDiff;

use super::baseline::Baseline;
use super::reads_stdin;
use super::settings::Settings;
use crate::args::{Format, ValidateArgs};
use crate::input;
use crate::outcome::Failed;
use crate::term::{Style, paint};

/// Mends every file named; folders are not walked, since writing asks for care.
pub(super) fn run(args: &ValidateArgs, settings: &Settings) -> Result<(), Failed> {
    if args.format != Format::Text {
        return Err(Failed::usage(
            "--fix and --diff report as text: leave --format out, and validate afterwards",
        ));
    }
    let known = settings.baseline.as_deref().map(Baseline::read).transpose()?;
    if settings.options.template {
        return Err(Failed::usage(
            "--fix mends profiles, not templates: mend the template by hand, or render it first",
        ));
    }
    if let Some(folder) = args.files.iter().find(|file| file.is_dir()) {
        let name = folder.display();
        return Err(Failed::usage(format!(
            "--fix takes files, {name} is a folder: name the files to be changed"
        )));
    }
    if args.files.len() > 1 && reads_stdin(&args.files) {
        return Err(Failed::usage("--fix takes standard input alone"));
    }
    let mut failing = 0;
    for path in &args.files {
        failing += one(path, args, settings, known.as_ref())?;
    }
    if failing > 0 { Err(Failed::Said) } else { Ok(()) }
}

/// Mends one file; how many findings that count are left.
fn one(
    path: &Path,
    args: &ValidateArgs,
    settings: &Settings,
    known: Option<&Baseline>,
) -> Result<usize, Failed> {
    let name = input::name(path);
    let bytes = input::read(path)?;
    let document = Document::read_within(&bytes, &Limits::default());
    let signed = matches!(document.format(), source::Format::Cms { .. });
    if signed && !args.unsigned_output {
        return Err(Failed::usage(format!(
            "{name} is signed, and any change breaks its signature: --unsigned-output writes it mended and without one"
        )));
    }
    let content = document.content(&bytes);
    let safety = if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
    let mended = fix::mend(content, &Limits::default(), &settings.options, safety);
    let to_stdout = path == Path::new("-");
    let say = |text: &str| if to_stdout { eprint!("{text}") } else { print!("{text}") };
    for applied in &mended.applied {
        say(&format!("{name}: {}: {} ({})\n", applied.path, applied.title, applied.code));
    }
    say(&diff(&name, content, &mended.content));
    // Nothing to mend is no reason to throw a signature away.
    let changed = mended.content != content;
    if to_stdout && !args.diff {
        std::io::stdout().write_all(&mended.content).map_err(Failed::task)?;
    } else if changed && !args.diff {
        replace(path, &mended.content)
            .map_err(|error| Failed::usage(format!("cannot write {name}: {error}")))?;
    }
    let mut left = adit_profile::check_with(&mended.content, &Limits::default(), &settings.options);
    if let Some(known) = known {
        known.take(&name, &mut left);
    }
    let counts = |severity| settings.fail_on.is_some_and(|least| severity >= least);
    let failing = left.diagnostics.iter().filter(|found| counts(found.severity)).count();
    let verb = if args.diff { "would be applied" } else { "applied" };
    let count = mended.applied.len();
    let fixes = if count == 1 { "1 fix".to_owned() } else { format!("{count} fixes") };
    let signature = match (signed, changed || to_stdout, args.diff) {
        (false, ..) | (.., true) => "",
        (true, true, _) => "; it is no longer signed",
        (true, false, _) => "; it stays as it was, and signed",
    };
    say(&format!("{name}: {fixes} {verb}, {} findings left{signature}\n", left.diagnostics.len()));
    Ok(failing)
}

/// Writes beside the file and moves it into place, so that no reader and no crash sees half of it.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    // A link stays one: what it points to is written.
    let path = std::fs::canonicalize(path)?;
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".adit-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = std::fs::write(&beside, content)
        .and_then(|()| std::fs::set_permissions(&beside, std::fs::metadata(&path)?.permissions()))
        .and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// What changed, line by line, secrets masked; a binary file has no lines to show.
fn diff(name: &str, before: &[u8], after: &[u8]) -> String {
    if before == after {
        return String::new();
    }
    let (old, new) = (Document::read(before).secret_spans(), Document::read(after).secret_spans());
    let (Some(before), Some(after)) = (SourceText::masked(before, &old), SourceText::masked(after, &new))
    else {
        return format!("{name}: a binary file, written anew\n");
    };
    let diff = TextDiff::from_lines(before.text(), after.text());
    let text = diff.unified_diff().header(name, name).to_string();
    let paint_line = |line: &str| match line.as_bytes().first() {
        Some(b'+') => paint(Style::Green, line),
        Some(b'-') => paint(Style::Red, line),
        _ => line.to_owned(),
    };
    text.lines().map(|line| paint_line(line) + "\n").collect()
}
