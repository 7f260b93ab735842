//! Reports for people: the lines concerned, with carets.

use adit_profile::source::SourceText;
use adit_profile::{Diagnostic, Severity, Verdict};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Judged;
use crate::term;

/// One file's report.
pub fn render(judged: &Judged) -> String {
    let Judged { name, content, secrets, report } = judged;
    let source = SourceText::masked(content, secrets);
    let renderer = if term::colours() { Renderer::styled() } else { Renderer::plain() };
    let mut parts: Vec<String> =
        report.diagnostics.iter().map(|found| one(&renderer, name, source.as_ref(), found)).collect();
    if report.suppressed > 0 {
        parts.push(format!("{name}: {} more of the same are not shown", report.suppressed));
    }
    let count = |severity| report.diagnostics.iter().filter(|found| found.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    parts.push(match report.verdict() {
        Verdict::Accepted if warnings == 0 => format!("{name}: no errors"),
        Verdict::Accepted => format!("{name}: no errors, {}", plural(warnings, "warning")),
        Verdict::Refused => format!("{name}: {}, {}", plural(errors, "error"), plural(warnings, "warning")),
        Verdict::NotRead => format!("{name}: not read"),
    });
    parts.join("\n")
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
    renderer.render(&[group]).to_string()
}
