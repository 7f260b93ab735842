//! `adit validate`: what is wrong with profiles, where, why, and how to mend it.
//!
//! Owns the run over many files ([`files`]), what is judged and what counts ([`settings`], [`baseline`]), mending
//! ([`mend`]) and the report formats, one file each. The judgement itself is adit-profile's.

mod baseline;
mod files;
mod json;
mod junit;
mod mend;
mod sarif;
mod settings;
mod short;
mod text;

use std::path::{Path, PathBuf};

use adit_profile::json::Sarif;
use adit_profile::rules::Options;
use adit_profile::template::Values;
use adit_profile::{Document, Report, Severity, Span, check_document};
use zeroize::Zeroizing;

use crate::args::{Format, ValidateArgs};
use crate::outcome::Failed;
use crate::template;
use crate::term;
use baseline::Baseline;
use settings::Settings;

/// A file and what is to be said of it.
struct Judged {
    /// As it was named, or found below a folder that was named.
    name: String,
    document: Document,
    /// What the report's spans count in: the file, or the profile inside a signed one.
    content: Zeroizing<Vec<u8>>,
    /// Where secrets stand in it, so that no excerpt shows them.
    secrets: Vec<Span>,
    report: Report,
    /// How many findings the baseline knew.
    known: usize,
}

impl Judged {
    fn new(name: String, file: &[u8], settings: &Settings, baseline: Option<&Baseline>) -> Self {
        let rendered = template::filled(&name, file, &settings.values);
        let file = rendered.as_ref().map_or(file, |text| text.as_bytes());
        let document = template::read(file, settings.options.template.then_some(Values::AsPlaceholders));
        let content = Zeroizing::new(document.content(file).to_vec());
        let mut report = check_document(&document, file, &settings.options);
        let known = baseline.map_or(0, |baseline| baseline.take(&name, &mut report));
        Self { name, content, secrets: document.secret_spans(), report, known, document }
    }

    /// For the forms of JSON.
    fn form(&self) -> adit_profile::json::Judged<'_> {
        adit_profile::json::Judged {
            document: &self.document,
            content: &self.content,
            secrets: &self.secrets,
            report: &self.report,
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.report.diagnostics.iter().filter(|found| found.severity == severity).count()
    }
}

/// What came of one file.
enum Outcome {
    Judged(Box<Judged>),
    /// Below a folder, and no profile.
    NoProfile,
    /// It cannot be read from disk.
    Unreadable {
        name: String,
        error: String,
    },
}

/// How much was found.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    files: usize,
    errors: usize,
    warnings: usize,
    notices: usize,
    /// Findings at or above `--fail-on`.
    failing: usize,
    /// Findings that the baseline knew, or that a comment silenced.
    silenced: usize,
    no_profile: usize,
    unreadable: usize,
}

/// Runs the command.
pub fn run(args: &ValidateArgs) -> Result<(), Failed> {
    let settings = Settings::of(args)?;
    if args.files.iter().filter(|file| *file == Path::new("-")).count() > 1 {
        return Err(Failed::usage("standard input can be read once: give - once"));
    }
    if args.fix || args.diff {
        return mend::run(args, &settings);
    }
    let known =
        settings.baseline.as_deref().filter(|_| !args.write_baseline).map(Baseline::read).transpose()?;
    let mut collected = Collected::new(args.format, &settings);
    let mut new_baseline = settings.baseline.as_deref().map(Baseline::new).unwrap_or_default();
    files::each(
        &args.files,
        |name, bytes| Judged::new(name, bytes, &settings, known.as_ref()),
        |outcome| {
            if let (true, Outcome::Judged(judged)) = (args.write_baseline, &outcome) {
                new_baseline.add(judged);
            }
            collected.add(outcome);
        },
    );
    if args.write_baseline {
        let path = settings.baseline.as_deref().ok_or_else(|| {
            Failed::usage(
                "--write-baseline needs to know the file: --baseline FILE, or `baseline` in adit.toml",
            )
        })?;
        new_baseline.write(path)?;
        term::line(&format!("wrote {} findings to {}", new_baseline.len(), path.display()));
        return Ok(());
    }
    collected.finish()
}

/// Gathers outcomes in the order of the files and prints them as the format asks.
struct Collected<'s> {
    format: Format,
    settings: &'s Settings,
    totals: Totals,
    json: Vec<serde_json::Value>,
    sarif: Sarif,
    junit: String,
}

impl<'s> Collected<'s> {
    fn new(format: Format, settings: &'s Settings) -> Self {
        let sarif = Sarif::default();
        Self { format, settings, totals: Totals::default(), json: Vec::new(), sarif, junit: String::new() }
    }

    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::NoProfile => self.totals.no_profile += 1,
            Outcome::Unreadable { name, error } => {
                self.totals.unreadable += 1;
                match self.format {
                    Format::Json => self.json.push(json::unreadable(&name, &error)),
                    Format::Sarif => self.sarif.unreadable(&sarif::uri(&name), &error),
                    Format::Junit => self.junit.push_str(&junit::unreadable(&name, &error)),
                    Format::Text | Format::Short => {}
                }
                term::error(&format!("cannot read {name}: {error}"), "");
            }
            Outcome::Judged(judged) => self.add_judged(&judged),
        }
    }

    fn add_judged(&mut self, judged: &Judged) {
        let totals = &mut self.totals;
        totals.files += 1;
        totals.errors += judged.count(Severity::Error);
        totals.warnings += judged.count(Severity::Warning);
        totals.notices += judged.count(Severity::Notice);
        totals.silenced += judged.known + judged.report.ignored;
        let fails = |severity: Severity| self.settings.fail_on.is_some_and(|least| severity >= least);
        totals.failing += judged.report.diagnostics.iter().filter(|found| fails(found.severity)).count();
        match self.format {
            Format::Text => term::line(&text::render(judged)),
            Format::Short => {
                let lines = short::render(judged);
                if !lines.is_empty() {
                    term::line(&lines);
                }
            }
            Format::Json => self.json.push(json::file(judged)),
            Format::Sarif => self.sarif.file(&sarif::uri(&judged.name), judged.form()),
            Format::Junit => self.junit.push_str(&junit::file(judged, self.settings.fail_on)),
        }
    }

    fn finish(self) -> Result<(), Failed> {
        match self.format {
            Format::Text => term::line(&text::totals(&self.totals)),
            Format::Short => {}
            Format::Json => term::json(&json::whole(self.json, &self.totals, self.settings)),
            Format::Sarif => term::json(&self.sarif.finish(env!("CARGO_PKG_VERSION"))),
            Format::Junit => term::line(&junit::whole(&self.junit, &self.totals)),
        }
        // A run that judges nothing succeeds, so a mistake in a path would never be noticed.
        if self.totals.files == 0 && self.totals.unreadable == 0 {
            let others = match self.totals.no_profile {
                0 => "there is no file".to_owned(),
                1 => "the one file there is none".to_owned(),
                many => format!("none of the {many} files there is one"),
            };
            term::warn(&format!("no profile was judged: {others}"));
        }
        if self.totals.unreadable > 0 {
            Err(Failed::SaidUnreadable)
        } else if self.totals.failing > 0 {
            Err(Failed::Said)
        } else {
            Ok(())
        }
    }
}

/// Whether standard input is one of the files.
fn reads_stdin(files: &[PathBuf]) -> bool {
    files.iter().any(|file| file == Path::new("-"))
}

/// The rules' options for a caller outside this command.
pub fn default_options() -> Options {
    settings::now_options()
}
