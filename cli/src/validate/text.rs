//! Reports for people: the lines concerned, with carets.

use adit_profile::report::Safety;
use adit_profile::source::SourceText;
use adit_profile::{Diagnostic, Severity, Verdict};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Judged, Totals};
use crate::term;

/// One file's report.
pub(super) fn render(judged: &Judged) -> String {
    let Judged { name, content, secrets, report, .. } = judged;
    let source = SourceText::masked(content, secrets);
    let renderer = if term::colours() { Renderer::styled() } else { Renderer::plain() };
    let mut parts: Vec<String> =
        report.diagnostics.iter().map(|found| one(&renderer, name, source.as_ref(), found)).collect();
    if report.suppressed > 0 {
        parts.push(format!("{name}: {} more of the same are not shown", report.suppressed));
    }
    let counts = [
        (judged.count(Severity::Error), "error"),
        (judged.count(Severity::Warning), "warning"),
        (judged.count(Severity::Notice), "notice"),
    ];
    let mut words: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| plural(count, noun)).collect();
    if report.verdict() == Verdict::NotRead {
        words.insert(0, "not read".into());
    } else if judged.count(Severity::Error) == 0 {
        words.insert(0, "no errors".into());
    }
    let silenced = judged.known + report.ignored;
    if silenced > 0 {
        words.push(format!("{silenced} silenced"));
    }
    parts.push(format!("{name}: {}", words.join(", ")));
    parts.join("\n")
}

/// The last lines: how much was found in several files, and by which facts.
pub(super) fn totals(totals: &Totals) -> String {
    let by =
        format!("judged by release {} of Apple's device-management schema", adit_profile::schema::RELEASE);
    let by = term::paint(term::Style::Dim, &by);
    if totals.files + totals.no_profile + totals.unreadable < 2 {
        return by;
    }
    let mut text = format!(
        "{}: {}, {}, {}",
        plural(totals.files, "profile"),
        plural(totals.errors, "error"),
        plural(totals.warnings, "warning"),
        plural(totals.notices, "notice"),
    );
    for (count, what) in [
        (totals.silenced, "silenced"),
        (totals.no_profile, "files are no profiles"),
        (totals.unreadable, "not readable"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {count} {what}"));
        }
    }
    format!("{text}\n{by}")
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn one(renderer: &Renderer, name: &str, source: Option<&SourceText<'_>>, found: &Diagnostic) -> String {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Notice => Level::NOTE,
    };
    let code = found.code.to_string();
    let title = level.primary_title(found.message.as_str()).id(code.as_str());
    let label = found.path.as_str();
    let mut group = match source {
        Some(source) => {
            let mark = AnnotationKind::Primary.span(source.range(found.span));
            let mark = if label.is_empty() { mark } else { mark.label(label) };
            let related = found.related.iter().map(|other| {
                AnnotationKind::Context.span(source.range(other.span)).label(other.message.as_str())
            });
            let snippet = Snippet::source(source.text()).path(name).annotation(mark).annotations(related);
            Group::with_title(title).element(snippet)
        }
        // A binary file has no lines: the byte offset says where.
        None => Group::with_title(title)
            .element(Level::NOTE.message(format!("{name}: byte offset {} {label}", found.span.start))),
    };
    if let Some(help) = &found.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    for fix in found.fixes.iter().take(1) {
        let how = match fix.safety {
            Safety::Safe => " (--fix does it)",
            Safety::Unsafe => " (--fix --unsafe-fixes does it)",
            Safety::DisplayOnly => "",
        };
        group = group.element(Level::HELP.message(format!("{}{how}", fix.title)));
    }
    renderer.render(&[group]).to_string()
}
